/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the web process asks for, a row a frame. */
#include <string.h>

#include "crypto/envelope.h"
#include "crypto/mail.h"
#include "desk/store_inside.h"

/* ---- answers ------------------------------------------------------------ */

static void answer_done(struct store *store, const struct store_done *done)
{
	store_put_done(&store->out, done);
	store_send(store, FRAME_STORE_DONE);
}

static enum store_result result_of(const struct store *store, enum tl_err err)
{
	if (ledger_failed(store->ledger) != TL_OK) {
		return STORE_NO_LEDGER;
	}
	if (store_is_full(store, err)) {
		return STORE_FULL;
	}
	switch ((int)err) {
	case TL_OK:
		return STORE_ANSWERED;
	case TL_ENOENT:
		return STORE_NO_CASE;
	case TL_EBUSY:
		return STORE_BUSY;
	case TL_ENOMEM:
		return STORE_NO_MEMORY;
	case TL_ETOOBIG:
	case TL_EPERM:
		return STORE_WRONG;
	default:
		return STORE_NO_REDIS;
	}
}

/* A ledger that cannot be written is the end, after this answer. */
static enum tl_err end_of(struct store *store, enum tl_err err)
{
	if (store_is_full(store, err)) {
		store_no_room(store);
	} else {
		store_lost(store, err);
	}
	return ledger_failed(store->ledger);
}

static enum tl_err answer_outcome(struct store *store, uint32_t req,
    enum tl_err err, const struct cases_outcome *outcome)
{
	struct store_done done = { .req = req,
		.result = result_of(store, err) };

	if (err == TL_OK) {
		done.why = outcome->no;
		done.has_now = outcome->now.version > 0;
		done.now = outcome->now;
	}
	answer_done(store, &done);
	return end_of(store, err);
}

static enum tl_err answer_err(
    struct store *store, uint32_t req, enum tl_err err)
{
	const struct store_done done = { .req = req,
		.result = result_of(store, err) };

	answer_done(store, &done);
	return end_of(store, err);
}

static enum tl_err away(struct store *store, uint32_t req)
{
	const struct store_done done = { .req = req, .result = STORE_NO_REDIS };

	answer_done(store, &done);
	return TL_OK;
}

/* Is there less room than this takes? Then it was answered: what is begun and
 * cannot be written down would be known to Redis alone. */
static bool is_full(struct store *store, uint32_t req, enum store_room at_least)
{
	const struct store_done done = { .req = req, .result = STORE_FULL };

	if (store_room(store) <= at_least) {
		return false;
	}
	answer_done(store, &done);
	return true;
}

/* ---- records ------------------------------------------------------------ */

struct wanted {
	struct store *store;
	uint32_t req;
};

static enum tl_err give_record(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	const struct wanted *wanted = arg;
	struct store *store = wanted->store;
	struct store_record told = { .req = wanted->req,
		.number = number,
		.kind = record->kind,
		.reason = record->reason };

	memcpy(told.id, record->id, sizeof(told.id));
	if (record->sealed.len <= ENVELOPE_MAX_BYTES) {
		told.sealed = record->sealed;
	}
	store_put_record(&store->out, &told);
	store_send(store, FRAME_STORE_RECORD);
	return TL_ECLOSED; /* this one alone */
}

static enum tl_err answer_want(struct store *store, const struct frame *frame)
{
	struct store_want want;
	struct wanted wanted = { .store = store };
	enum tl_err err = store_read_want(frame, &want);

	if (err != TL_OK) {
		return err;
	}
	if (want.number >= ledger_count(store->ledger)) {
		return TL_EFORMAT;
	}
	wanted.req = want.req;
	err = ledger_each(store->ledger, want.number, give_record, &wanted);
	return err == TL_ECLOSED ? store->err : err;
}

static enum tl_err answer_entries(
    struct store *store, const struct frame *frame)
{
	uint8_t id[CASE_ID_BYTES];
	uint32_t req;
	enum tl_err err = store_read_entries(frame, &req, id);

	if (err == TL_OK) {
		err = store_tell_records(store); /* the newest are learnt */
	}
	if (err == TL_OK) {
		err = store_cases_entries(store, req, id);
	}
	return err == TL_OK ? answer_err(store, req, TL_OK) : err;
}

/* What was said last may be a STOP. */
static enum tl_err answer_catch_up(
    struct store *store, const struct frame *frame)
{
	struct store_done done = { .result = STORE_BUSY };
	bool is_all = false, has_cases = false;
	enum tl_err err = store_read_catch_up(frame, &done.req);

	if (err == TL_OK && store->cases != NULL) {
		err = store_catch_up(store, &is_all, &has_cases);
	}
	if (err == TL_OK) {
		err = store_tell_records(store);
	}
	if (err != TL_OK) {
		return err;
	}
	if (store->cases == NULL) {
		return away(store, done.req);
	}
	done.result = is_all ? STORE_ANSWERED : STORE_BUSY;
	done.why = has_cases ? CASE_YES : CASE_NO_CHANGED;
	answer_done(store, &done);
	return store->err;
}

/* A tip comes from Redis alone, also what an officer has written down. */
static enum tl_err answer_call(
    struct store *store, const struct store_keep *keep)
{
	const struct store_done alone = { .req = keep->req,
		.result = STORE_ALONE };
	bool confirmed = false;
	enum tl_err err, told;

	if (store->cases == NULL) {
		return away(store, keep->req);
	}
	if (is_full(store, keep->req, STORE_ROOM)) {
		return TL_OK; /* it would wait in Redis, and nobody see it */
	}
	err = store_call(store, keep, &confirmed);
	told = store_tell_records(store);
	if (told == TL_OK && err == TL_OK && !confirmed) {
		answer_done(store, &alone);
		return TL_OK;
	}
	return told == TL_OK ? answer_err(store, keep->req, err) : told;
}

/* Of what the web process makes itself. */
static enum tl_err answer_keep(struct store *store, const struct frame *frame)
{
	struct ledger_record record = { .reason = LEDGER_FINE };
	struct store_keep keep;
	enum tl_err err = store_read_keep(frame, &keep);

	if (err != TL_OK) {
		return err;
	}
	if (keep.kind == LEDGER_TIP) {
		return answer_call(store, &keep);
	}
	if (keep.kind <= LEDGER_MAIL) {
		return TL_EFORMAT;
	}
	if (is_full(store, keep.req, STORE_ROOM_LOW)) {
		return TL_OK;
	}
	record.kind = keep.kind;
	record.sealed = keep.bytes;
	memcpy(record.id, keep.id, sizeof(record.id));
	err = ledger_append(store->ledger, &record);
	return answer_err(store, keep.req, err);
}

/* In the ledger first: what was sent can be seen there. A deletion is sent
 * once, or it would take with it what was written later. */
static enum tl_err send_mail(struct store *store, const struct store_mail *mail)
{
	bool is_deletion = mail->bytes.len == MAIL_DELETION_BYTES;
	const struct outbox_mail out = {
		.id = mail->id, .mailbox = mail->mailbox, .bytes = mail->bytes
	};
	struct ledger_record record = { .kind = LEDGER_MAIL,
		.sealed = mail->bytes };
	const char *why = "";
	bool confirmed = false;
	enum tl_err err = TL_OK;
	size_t n = 0;

	if (is_deletion && ledger_has_mail(store->ledger, mail->id)) {
		return TL_OK;
	}
	memcpy(record.id, mail->id, sizeof(record.id));
	if (store->outbox == NULL) {
		err = outbox_open(&store->redis, &store->outbox, &why);
	}
	if (err == TL_OK) {
		err = ledger_append(store->ledger, &record);
	}
	if (err == TL_OK) {
		err = outbox_add(store->outbox, &out, &confirmed);
	}
	return err == TL_OK && is_deletion
	    ? outbox_remove(store->outbox, mail->mailbox, &n)
	    : err;
}

static enum tl_err answer_mail(struct store *store, const struct frame *frame)
{
	struct store_mail mail;
	enum tl_err err = store_read_mail(frame, &mail);

	if (err != TL_OK) {
		return err;
	}
	if (store->cases == NULL) {
		return away(store, mail.req);
	}
	return is_full(store, mail.req, STORE_ROOM_LOW)
	    ? TL_OK
	    : answer_err(store, mail.req, send_mail(store, &mail));
}

/* Nobody has changed it since. */
static enum tl_err is_as_seen(
    struct store *store, const uint8_t *id, uint64_t version)
{
	struct case_now now;
	enum tl_err err = cases_get(store->cases, id, &now);

	return err == TL_OK && now.version != version ? TL_EBUSY : err;
}

/*
 * In the ledger behind the queue: what is there was sent. A desk that dies
 * between the two sends it again under the same id, by which spools know it;
 * one that comes later finds it in Redis, or does the same.
 */
static enum tl_err send_status(
    struct store *store, const struct store_mail *mail)
{
	const struct outbox_mail out = {
		.id = mail->id, .mailbox = mail->mailbox, .bytes = mail->bytes
	};
	struct ledger_record record = { .kind = LEDGER_MAIL,
		.sealed = mail->bytes };
	const char *why = "";
	bool confirmed = false;
	bool has = false;
	enum tl_err err = TL_OK;

	memcpy(record.id, mail->id, sizeof(record.id));
	if (store->outbox == NULL) {
		err = outbox_open(&store->redis, &store->outbox, &why);
	}
	if (err == TL_OK) {
		err = outbox_has(store->outbox, &out, &has);
	}
	if (err != TL_OK || has) {
		return err;
	}
	err = outbox_add(store->outbox, &out, &confirmed);
	return err == TL_OK ? ledger_append(store->ledger, &record) : err;
}

static enum tl_err answer_status(struct store *store, const struct frame *frame)
{
	static const uint8_t none[CASE_ID_BYTES];
	struct store_status status;
	enum tl_err err = store_read_status(frame, &status);

	if (err != TL_OK) {
		return err;
	}
	if (ledger_has_mail(store->ledger, status.mail.id)) {
		return answer_err(store, status.mail.req, TL_OK);
	}
	if (store->cases == NULL) {
		return away(store, status.mail.req);
	}
	if (is_full(store, status.mail.req, STORE_ROOM_LOW)) {
		return TL_OK;
	}
	err = is_as_seen(store, status.id, status.version);
	if (err == TL_OK && memcmp(status.of, none, sizeof(none)) != 0) {
		err = is_as_seen(store, status.of, status.of_version);
	}
	if (err == TL_OK) {
		err = send_status(store, &status.mail);
	}
	return answer_err(store, status.mail.req, err);
}

/* ---- changes ------------------------------------------------------------ */

static enum tl_err answer_do(struct store *store, const struct frame *frame)
{
	static const char reason[] = "sealed";
	struct cases_outcome outcome = { .no = CASE_YES };
	struct case_change change = { 0 };
	struct store_do todo;
	enum tl_err err = store_read_do(frame, &todo);

	if (err != TL_OK) {
		return err;
	}
	if (store->cases == NULL) {
		return away(store, todo.req);
	}
	if (todo.has_event_id &&
	    ledger_has_event(store->ledger, todo.event_id)) {
		return answer_err(store, todo.req, TL_OK);
	}
	if (is_full(store, todo.req, STORE_ROOM_LOW)) {
		return TL_OK;
	}
	change = (struct case_change){
		.event = todo.event,
		.version = todo.version,
		.priority = todo.priority,
		.who = todo.who[0] != '\0' ? todo.who : NULL,
		.second = todo.second[0] != '\0' ? todo.second : NULL,
		.supervisor = todo.supervisor,
		.passed = todo.passed,
		.target = todo.has_target ? todo.target : NULL,
	};
	if (todo.has_event_id) {
		change.event_id = todo.event_id;
	}
	if (todo.has_reason) {
		change.note = bytes_str(reason);
	}
	store->sealed = todo.sealed;
	err = cases_change(store->cases, todo.id, &change, &outcome);
	store->sealed = bytes_of(NULL, 0);
	return answer_outcome(store, todo.req, err, &outcome);
}

static enum tl_err answer_renew(struct store *store, const struct frame *frame)
{
	struct cases_outcome outcome = { .no = CASE_YES };
	struct store_do todo;
	enum tl_err err = store_read_do(frame, &todo);

	if (err != TL_OK || todo.who[0] == '\0') {
		return TL_EFORMAT;
	}
	if (store->cases == NULL) {
		return away(store, todo.req);
	}
	err = cases_renew(store->cases, todo.id, todo.who, &outcome);
	return answer_outcome(store, todo.req, err, &outcome);
}

static enum tl_err answer_logout(struct store *store, const struct frame *frame)
{
	char who[CASE_OWNER_BYTES];
	size_t n = 0;
	uint32_t req;
	enum tl_err err = store_read_logout(frame, &req, who);

	if (err != TL_OK) {
		return err;
	}
	if (store->cases == NULL) {
		return away(store, req);
	}
	if (is_full(store, req, STORE_ROOM_LOW)) {
		return TL_OK;
	}
	return answer_err(
	    store, req, cases_release_unread(store->cases, who, &n));
}

static const struct {
	enum frame_type type;
	enum tl_err (*answer)(struct store *store, const struct frame *frame);
} answers[] = {
	{ FRAME_STORE_WANT, answer_want },
	{ FRAME_STORE_ENTRIES, answer_entries },
	{ FRAME_STORE_CATCH_UP, answer_catch_up },
	{ FRAME_STORE_DO, answer_do },
	{ FRAME_STORE_RENEW, answer_renew },
	{ FRAME_STORE_LOGOUT, answer_logout },
	{ FRAME_STORE_KEEP, answer_keep },
	{ FRAME_STORE_MAIL, answer_mail },
	{ FRAME_STORE_STATUS, answer_status },
};

enum tl_err store_answer(struct store *store, const struct frame *frame)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].type == frame->type) {
			return answers[i].answer(store, frame);
		}
	}
	return TL_EFORMAT;
}
