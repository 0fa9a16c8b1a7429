/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/spool/group.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/frame.h"
#include "base/rd.h"
#include "crypto/mail.h"
#include "crypto/verify.h"
#include "queue/spool_mail.h"
#include "server/net/peer.h"
#include "server/spool/put.h"

#define REQ_BYTES  4u
#define LIST_BYTES (SPOOL_LIST_ID_BYTES + 4u)

_Static_assert(MAIL_REPLY_BYTES == SPOOL_MAIL_BYTES_MAX &&
	MAIL_REPLY_BYTES == FRAME_MAIL_BYTES,
    "replies have one length");

/* The bodies of REFUSED, KEPT, FORGOTTEN and MAIL_KEPT. */
enum refused {
	REFUSED_FULL = 1,
	REFUSED_BUSY = 2,
	REFUSED_ERROR = 3,
	REFUSED_NONCE = 4
};
enum kept { KEPT_NEW = 0, KEPT_KNOWN = 1 };
enum forgotten { FORGOTTEN_NOW = 0, FORGOTTEN_GONE = 1, FORGOTTEN_NOT = 2 };
enum mail_kept { MAIL_KEPT_NOW, MAIL_KEPT_KNOWN, MAIL_KEPT_BAD, MAIL_KEPT_NOT };

struct job {
	STAILQ_ENTRY(job) link;
	struct group_share
	    *share; /* NULL: nobody waits for the answer any more */
	struct peer *peer;
	uint16_t type;
	size_t records;
	/* what group_run() made of it */
	enum tl_err err;
	bool known;               /* PUT */
	enum forgotten forgotten; /* RECEIPT */
	enum mail_kept mail_kept; /* MAIL */
	uint32_t highest;         /* LIST */
	size_t len;
	uint8_t body[];
};
STAILQ_HEAD(jobs, job);

struct group {
	struct group_opts opts;
	struct jobs jobs;
	size_t n;
	size_t records;
	size_t bytes;
	uint64_t bad_receipts;
	uint64_t bad_mail, no_room_mail;
	struct put put; /* the one that is being read */
};

enum tl_err group_new(const struct group_opts *opts, struct group **ret_group)
{
	struct group *group = calloc(1, sizeof(*group));

	if (group == NULL) {
		return TL_ENOMEM;
	}
	group->opts = *opts;
	STAILQ_INIT(&group->jobs);
	*ret_group = group;
	return TL_OK;
}

static void drop_first(struct group *group)
{
	struct job *job = STAILQ_FIRST(&group->jobs);

	STAILQ_REMOVE_HEAD(&group->jobs, link);
	group->n--;
	group->records -= job->records;
	group->bytes -= job->len;
	if (job->share != NULL) {
		job->share->frames--;
		job->share->bytes -= job->len;
	}
	free(job);
}

void group_free(struct group *group)
{
	if (group == NULL) {
		return;
	}
	while (!STAILQ_EMPTY(&group->jobs)) {
		drop_first(group);
	}
	free(group);
}

size_t group_waiting(const struct group *group)
{
	return group->n;
}

bool group_is_full(const struct group *group)
{
	return group->records >= group->opts.records ||
	    group->bytes >= group->opts.bytes;
}

uint64_t group_bad_receipts(const struct group *group)
{
	return group->bad_receipts;
}

uint64_t group_bad_mail(const struct group *group)
{
	return group->bad_mail;
}

uint64_t group_no_room_mail(const struct group *group)
{
	return group->no_room_mail;
}

void group_drop_client(struct group *group, const struct group_share *share)
{
	struct job *job;

	STAILQ_FOREACH (job, &group->jobs, link) {
		if (job->share == share) {
			job->share = NULL;
			job->peer = NULL;
		}
	}
}

/* ---- answers ------------------------------------------------------------- */

static void answer_put(
    struct peer *peer, enum frame_type type, const uint8_t *req, int how)
{
	uint8_t body[5];

	memcpy(body, req, 4);
	body[4] = (uint8_t)how;
	peer_send(peer, type, bytes_of(body, sizeof(body)));
}

static void answer_receipt(
    struct peer *peer, const uint8_t *id, enum forgotten how)
{
	uint8_t body[SPOOL_ID_BYTES + 1];

	memcpy(body, id, SPOOL_ID_BYTES);
	body[SPOOL_ID_BYTES] = (uint8_t)how;
	peer_send(peer, FRAME_FORGOTTEN, bytes_of(body, sizeof(body)));
}

static void answer_mail(struct peer *peer, enum mail_kept how)
{
	const uint8_t body = (uint8_t)how;

	peer_send(peer, FRAME_MAIL_KEPT, bytes_of(&body, sizeof(body)));
}

/* An intake that was started again with an older list is told. Of too many
 * teams nothing is said. */
static void answer_list(
    struct peer *peer, const uint8_t *id, uint32_t highest, enum tl_err err)
{
	uint8_t body[LIST_BYTES];

	if (err == TL_OK) {
		memcpy(body, id, SPOOL_LIST_ID_BYTES);
		for (size_t i = 0; i < 4; i++) {
			body[SPOOL_LIST_ID_BYTES + i] =
			    (uint8_t)(highest >> (24 - 8 * i));
		}
		peer_send(peer, FRAME_LIST_SEEN, bytes_of(body, sizeof(body)));
	}
}

/* req stands first in a PUT and a MAIL_DROP, id first in a RECEIPT and a
 * LIST. */
static void answer(const struct job *job)
{
	if (job->peer == NULL) {
		return;
	}
	if (job->type == FRAME_LIST) {
		answer_list(job->peer, job->body, job->highest, job->err);
		return;
	}
	if (job->type == FRAME_RECEIPT) {
		answer_receipt(job->peer, job->body,
		    job->err == TL_OK ? job->forgotten : FORGOTTEN_NOT);
	} else if (job->type == FRAME_MAIL) {
		answer_mail(job->peer,
		    job->err == TL_OK ? job->mail_kept : MAIL_KEPT_NOT);
	} else if (job->type == FRAME_MAIL_DROP && job->err == TL_OK) {
		peer_send(job->peer, FRAME_MAIL_DROPPED,
		    bytes_of(job->body, REQ_BYTES));
	} else if (job->err == TL_OK) {
		answer_put(job->peer, FRAME_KEPT, job->body,
		    job->known ? KEPT_KNOWN : KEPT_NEW);
	} else {
		answer_put(job->peer, FRAME_REFUSED, job->body,
		    job->err == TL_EFULL        ? REFUSED_FULL
			: job->err == TL_EPROOF ? REFUSED_NONCE
						: REFUSED_ERROR);
	}
}

/* ---- in ------------------------------------------------------------------ */

static enum tl_err read_body(
    struct group *group, uint16_t type, struct bytes body, size_t *ret_records)
{
	struct receipt receipt;
	enum tl_err err;

	if (type == FRAME_PUT) {
		err = put_read(body, &group->put);
	} else if (type == FRAME_RECEIPT) {
		err = receipt_read(body, &receipt);
	} else if (type == FRAME_MAIL) {
		/* what else is wrong with it may have come from Redis */
		err = body.len == MAIL_REPLY_BYTES ||
			body.len == MAIL_DELETION_BYTES
		    ? TL_OK
		    : TL_EFORMAT;
	} else if (type == FRAME_LIST) {
		err = body.len == LIST_BYTES ? TL_OK : TL_EFORMAT;
	} else {
		err = body.len == REQ_BYTES + SPOOL_MAILBOX_BYTES ? TL_OK
								  : TL_EFORMAT;
	}
	if (err == TL_OK) {
		*ret_records = type == FRAME_PUT ? group->put.n : 1;
	}
	return err;
}

static bool has_room(
    const struct group *group, const struct group_share *share, size_t bytes)
{
	return group->n + share->frames < group->opts.waiting_frames &&
	    group->bytes + share->bytes + bytes <= group->opts.waiting_bytes;
}

static void answer_busy(struct peer *peer, uint16_t type, const uint8_t *body)
{
	if (type == FRAME_RECEIPT) {
		/* It comes again when its record does. */
		answer_receipt(peer, body, FORGOTTEN_NOT);
	} else if (type == FRAME_MAIL) {
		answer_mail(peer, MAIL_KEPT_NOT);
	} else if (type != FRAME_LIST) {
		answer_put(peer, FRAME_REFUSED, body, REFUSED_BUSY);
	}
}

enum tl_err group_add(struct group *group, struct group_share *share,
    struct peer *peer, uint16_t type, struct bytes body)
{
	struct job *job = NULL;
	size_t records = 0;
	enum tl_err err = read_body(group, type, body, &records);

	if (err != TL_OK) {
		return err;
	}
	if (has_room(group, share, body.len)) {
		job = malloc(sizeof(*job) + body.len);
	}
	if (job == NULL) {
		answer_busy(peer, type, body.at);
		return TL_OK;
	}
	*job = (struct job){ .share = share, .peer = peer };
	job->type = type;
	job->records = records;
	job->len = body.len;
	memcpy(job->body, body.at, body.len);
	STAILQ_INSERT_TAIL(&group->jobs, job, link);
	group->n++;
	group->records += records;
	group->bytes += body.len;
	share->frames++;
	share->bytes += body.len;
	return TL_OK;
}

/* ---- work ---------------------------------------------------------------- */

/* A receipt counts for the bytes that we have: their hash, not the one it
 * claims, is what the signature is held against. */
static bool is_genuine(const struct group *group, const struct receipt *receipt,
    const uint8_t *hash)
{
	if (memcmp(receipt->hash, hash, SPOOL_HASH_BYTES) != 0) {
		return false;
	}
	for (size_t i = 0; i < group->opts.n_receipt_keys; i++) {
		if (receipt_verify(group->opts.receipt_keys[i], receipt->id,
			hash, receipt->signature) == TL_OK) {
			return true;
		}
	}
	return false;
}

static enum tl_err work_receipt(struct group *group, struct job *job)
{
	struct receipt receipt;
	uint8_t hash[SPOOL_HASH_BYTES];
	enum tl_err err = receipt_read(bytes_of(job->body, job->len), &receipt);

	if (err != TL_OK) {
		return err;
	}
	err = spool_get_hash(group->opts.spool, receipt.id, hash);
	job->forgotten = FORGOTTEN_GONE;
	if (err == TL_OK && !is_genuine(group, &receipt, hash)) {
		job->forgotten = FORGOTTEN_NOT;
	} else if (err == TL_OK) {
		job->forgotten = FORGOTTEN_NOW;
		err = spool_forget(group->opts.spool, receipt.id);
	}
	return err == TL_ENOENT ? TL_OK : err;
}

/* A desk has signed it, and no bit of it was changed since. */
static bool is_from_desk(const struct group *group, struct bytes mail)
{
	for (size_t i = 0; i < group->opts.n_receipt_keys; i++) {
		if (mail_verify(mail, group->opts.receipt_keys[i]) == TL_OK) {
			return true;
		}
	}
	return false;
}

/*
 * The day by which mail is judged. Where the clock stands behind the count
 * either may be wrong, and where neither is known any may be right: nothing is
 * over that may not be. What would last too long, by the clock of a desk that
 * is ahead, lasts as long as mail may.
 */
static int64_t judge_by(const struct spool_today *today, int64_t *last_day)
{
	if (today->is_known &&
	    *last_day > today->counted + SPOOL_MAIL_DAYS_MAX) {
		*last_day = today->counted + SPOOL_MAIL_DAYS_MAX;
	}
	if (!today->is_known ||
	    (*last_day >= today->ends && *last_day < today->counted)) {
		return *last_day;
	}
	return today->counted;
}

/* All of the stream comes again after each connection: what is known is not
 * worth a look at its signature. */
static enum tl_err work_mail(
    struct group *group, struct job *job, const struct spool_today *today)
{
	struct bytes body = bytes_of(job->body, job->len);
	struct mail_head head;
	struct spool_mail mail;
	int64_t day;
	enum tl_err err;

	job->mail_kept = MAIL_KEPT_BAD;
	if (mail_read(body, &head) != TL_OK) {
		return TL_OK;
	}
	mail = (struct spool_mail){
		.id = head.id,
		.mailbox = head.mailbox,
		.last_day = head.last_day,
		.body = head.kind == MAIL_DELETION ? bytes_of(NULL, 0) : body,
		.is_status = head.kind == MAIL_STATUS,
	};
	day = judge_by(today, &mail.last_day);
	err = spool_mail_check(group->opts.spool, &mail, day);
	if (err == TL_OK) {
		if (!is_from_desk(group, body)) {
			return TL_OK;
		}
		err = spool_mail_put(group->opts.spool, &mail, day);
	}
	job->mail_kept = err == TL_OK ? MAIL_KEPT_NOW
	    : err == TL_EFULL         ? MAIL_KEPT_NOT
				      : MAIL_KEPT_KNOWN;
	return err == TL_EEXIST || err == TL_ESTALE || err == TL_EFULL ? TL_OK
								       : err;
}

/* One commit for all of a group: a worker that was taken over could have the
 * disk synced for each. */
static enum tl_err work_list(struct group *group, struct job *job)
{
	struct rd rd = rd_of(job->body, job->len);
	const uint8_t *id = rd_bytes(&rd, SPOOL_LIST_ID_BYTES);
	uint32_t number = rd_u32(&rd);

	return spool_see_list(group->opts.spool, id, number, &job->highest);
}

static enum tl_err work_put(
    struct group *group, struct job *job, const struct spool_today *today)
{
	struct put *put = &group->put;
	enum tl_err err = put_read(bytes_of(job->body, job->len), put);

	if (err != TL_OK) {
		return err;
	}
	return spool_put(group->opts.spool, put->records, put->n,
	    today->counted, &job->known);
}

/* How many frames the next group has: at least one. */
static size_t pick(const struct group *group)
{
	const struct job *job;
	size_t n = 0;
	size_t records = 0;
	size_t bytes = 0;

	STAILQ_FOREACH (job, &group->jobs, link) {
		if (n > 0 &&
		    (records + job->records > group->opts.records ||
			bytes + job->len > group->opts.bytes)) {
			break;
		}
		records += job->records;
		bytes += job->len;
		n++;
	}
	return n;
}

static enum tl_err work_one(
    struct group *group, struct job *job, const struct spool_today *today)
{
	switch (job->type) {
	case FRAME_RECEIPT:
		return work_receipt(group, job);
	case FRAME_MAIL:
		return work_mail(group, job, today);
	case FRAME_LIST:
		return work_list(group, job);
	case FRAME_MAIL_DROP:
		return spool_mail_delete(
		    group->opts.spool, job->body + REQ_BYTES);
	default:
		return work_put(group, job, today);
	}
}

static bool frees_room(const struct job *job)
{
	return job->type == FRAME_RECEIPT || job->type == FRAME_MAIL_DROP;
}

/* Do what the first n frames want, or those of them that free room, and
 * commit. */
static enum tl_err work(struct group *group, size_t n,
    const struct spool_today *today, bool freeing_only)
{
	struct job *job = STAILQ_FIRST(&group->jobs);
	enum tl_err err;

	for (size_t i = 0; i < n; i++, job = STAILQ_NEXT(job, link)) {
		if (frees_room(job) || !freeing_only) {
			job->err = work_one(group, job, today);
		}
	}
	err = spool_commit(group->opts.spool);
	job = STAILQ_FIRST(&group->jobs);
	for (size_t i = 0; i < n; i++, job = STAILQ_NEXT(job, link)) {
		if (err != TL_OK && (frees_room(job) || !freeing_only)) {
			job->err = err;
		}
	}
	return err;
}

static void answer_first(struct group *group, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct job *job = STAILQ_FIRST(&group->jobs);

		if (job->type == FRAME_RECEIPT && job->err == TL_OK &&
		    job->forgotten == FORGOTTEN_NOT) {
			group->bad_receipts++;
		}
		if (job->type == FRAME_MAIL && job->err == TL_OK) {
			group->bad_mail += job->mail_kept == MAIL_KEPT_BAD;
			group->no_room_mail += job->mail_kept == MAIL_KEPT_NOT;
		}
		answer(job);
		drop_first(group);
	}
}

enum tl_err group_run(struct group *group, const struct spool_today *today)
{
	size_t n = pick(group);
	enum tl_err err = work(group, n, today, false);

	if (err == TL_EFULL) {
		/* The spool has given its reserve back: for the receipts. */
		enum tl_err again = work(group, n, today, true);

		err = again == TL_OK ? err : again;
	}
	answer_first(group, n);
	return err;
}

void group_refuse_all(struct group *group)
{
	struct job *job;

	STAILQ_FOREACH (job, &group->jobs, link) {
		job->err = TL_EIO;
	}
	answer_first(group, group->n);
}
