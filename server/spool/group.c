/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/spool/group.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/frame.h"
#include "crypto/verify.h"
#include "server/net/peer.h"
#include "server/spool/put.h"

/* The bodies of REFUSED, KEPT and FORGOTTEN. */
enum refused {
	REFUSED_FULL = 1,
	REFUSED_BUSY = 2,
	REFUSED_ERROR = 3,
	REFUSED_NONCE = 4
};
enum kept { KEPT_NEW = 0, KEPT_KNOWN = 1 };
enum forgotten { FORGOTTEN_NOW = 0, FORGOTTEN_GONE = 1, FORGOTTEN_NOT = 2 };

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

/* req stands first in a PUT, id first in a RECEIPT. */
static void answer(const struct job *job)
{
	if (job->peer == NULL) {
		return;
	}
	if (job->type == FRAME_RECEIPT) {
		answer_receipt(job->peer, job->body,
		    job->err == TL_OK ? job->forgotten : FORGOTTEN_NOT);
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
    uint16_t type, struct bytes body, size_t *ret_records)
{
	struct put put;
	struct receipt receipt;
	enum tl_err err;

	if (type == FRAME_PUT) {
		err = put_read(body, &put);
		if (err == TL_OK) {
			*ret_records = put.n;
		}
		return err;
	}
	err = receipt_read(body, &receipt);
	if (err == TL_OK) {
		*ret_records = 1;
	}
	return err;
}

static bool has_room(
    const struct group *group, const struct group_share *share, size_t bytes)
{
	return group->n + share->frames < group->opts.waiting_frames &&
	    group->bytes + share->bytes + bytes <= group->opts.waiting_bytes;
}

enum tl_err group_add(struct group *group, struct group_share *share,
    struct peer *peer, uint16_t type, struct bytes body)
{
	struct job *job = NULL;
	size_t records = 0;
	enum tl_err err = read_body(type, body, &records);

	if (err != TL_OK) {
		return err;
	}
	if (has_room(group, share, body.len)) {
		job = malloc(sizeof(*job) + body.len);
	}
	if (job == NULL && type == FRAME_PUT) {
		answer_put(peer, FRAME_REFUSED, body.at, REFUSED_BUSY);
		return TL_OK;
	}
	if (job == NULL) {
		/* It comes again when its record does. */
		answer_receipt(peer, body.at, FORGOTTEN_NOT);
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

static enum tl_err work_put(struct group *group, struct job *job, int64_t day)
{
	struct put put;
	enum tl_err err = put_read(bytes_of(job->body, job->len), &put);

	if (err != TL_OK) {
		return err;
	}
	return spool_put(
	    group->opts.spool, put.records, put.n, day, &job->known);
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

/* Put and forget what the first n frames want, and commit. */
static enum tl_err work(
    struct group *group, size_t n, int64_t day, bool receipts_only)
{
	struct job *job = STAILQ_FIRST(&group->jobs);
	enum tl_err err;

	for (size_t i = 0; i < n; i++, job = STAILQ_NEXT(job, link)) {
		if (job->type == FRAME_RECEIPT) {
			job->err = work_receipt(group, job);
		} else if (!receipts_only) {
			job->err = work_put(group, job, day);
		}
	}
	err = spool_commit(group->opts.spool);
	job = STAILQ_FIRST(&group->jobs);
	for (size_t i = 0; i < n; i++, job = STAILQ_NEXT(job, link)) {
		if (err != TL_OK &&
		    (job->type == FRAME_RECEIPT || !receipts_only)) {
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
		answer(job);
		drop_first(group);
	}
}

enum tl_err group_run(struct group *group, int64_t day)
{
	size_t n = pick(group);
	enum tl_err err = work(group, n, day, false);

	if (err == TL_EFULL) {
		/* The spool has given its reserve back: for the receipts. */
		enum tl_err again = work(group, n, day, true);

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
