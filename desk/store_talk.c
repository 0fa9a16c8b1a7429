/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/store_talk.h"

#include <string.h>

#include "base/rd.h"

enum {
	DO_SUPERVISOR = 1,
	DO_TARGET = 2,
	DO_REASON = 4,
	DO_ONCE = 8,
	DO_FLAGS = 15
};

static struct bytes rest_of(struct rd *rd)
{
	size_t len = rd->left;

	return bytes_of(rd_bytes(rd, len), len);
}

/* ---- records ------------------------------------------------------------ */

static bool is_kind(uint8_t kind)
{
	return kind >= LEDGER_TIP && kind <= LEDGER_KIND_MAX;
}

enum tl_err store_read_want(const struct frame *frame, struct store_want *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_want want = { .req = rd_u32(&rd) };

	want.number = rd_u64(&rd);
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret = want;
	return TL_OK;
}

void store_put_want(struct buf *out, const struct store_want *want)
{
	buf_put_u32(out, want->req);
	buf_put_u64(out, want->number);
}

enum tl_err store_read_record(
    const struct frame *frame, struct store_record *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_record record = { .req = rd_u32(&rd) };
	uint8_t kind, reason;

	record.number = rd_u64(&rd);
	kind = rd_u8(&rd);
	reason = rd_u8(&rd);
	rd_copy(&rd, record.id, sizeof(record.id));
	record.sealed = rest_of(&rd);
	if (!rd_ok(&rd) || !is_kind(kind) || reason > LEDGER_REASON_MAX) {
		return TL_EFORMAT;
	}
	record.kind = (enum ledger_kind)kind;
	record.reason = (enum ledger_reason)reason;
	*ret = record;
	return TL_OK;
}

void store_put_record(struct buf *out, const struct store_record *record)
{
	buf_put_u32(out, record->req);
	buf_put_u64(out, record->number);
	buf_put_u8(out, (uint8_t)record->kind);
	buf_put_u8(out, (uint8_t)record->reason);
	buf_put(out, record->id, sizeof(record->id));
	buf_put(out, record->sealed.at, record->sealed.len);
}

enum tl_err store_read_item(
    const struct frame *frame, size_t at, struct store_item *ret)
{
	struct store_item item = { 0 };
	uint8_t kind, reason;
	struct rd rd;

	if (frame->body_len % STORE_ITEM_BYTES != 0) {
		return TL_EFORMAT;
	}
	if (at >= frame->body_len / STORE_ITEM_BYTES) {
		return TL_ENOENT;
	}
	rd = rd_of(frame->body + at * STORE_ITEM_BYTES, STORE_ITEM_BYTES);
	item.number = rd_u64(&rd);
	kind = rd_u8(&rd);
	reason = rd_u8(&rd);
	rd_copy(&rd, item.id, sizeof(item.id));
	item.len = rd_u32(&rd);
	if (!is_kind(kind) || reason > LEDGER_REASON_MAX) {
		return TL_EFORMAT;
	}
	item.kind = (enum ledger_kind)kind;
	item.reason = (enum ledger_reason)reason;
	*ret = item;
	return TL_OK;
}

void store_put_item(struct buf *out, const struct store_item *item)
{
	buf_put_u64(out, item->number);
	buf_put_u8(out, (uint8_t)item->kind);
	buf_put_u8(out, (uint8_t)item->reason);
	buf_put(out, item->id, sizeof(item->id));
	buf_put_u32(out, item->len);
}

enum tl_err store_read_keep(const struct frame *frame, struct store_keep *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_keep keep = { .req = rd_u32(&rd) };
	uint8_t kind = rd_u8(&rd);

	rd_copy(&rd, keep.id, sizeof(keep.id));
	keep.bytes = rest_of(&rd);
	if (!rd_ok(&rd) || !is_kind(kind)) {
		return TL_EFORMAT;
	}
	keep.kind = (enum ledger_kind)kind;
	*ret = keep;
	return TL_OK;
}

void store_put_keep(struct buf *out, const struct store_keep *keep)
{
	buf_put_u32(out, keep->req);
	buf_put_u8(out, (uint8_t)keep->kind);
	buf_put(out, keep->id, sizeof(keep->id));
	buf_put(out, keep->bytes.at, keep->bytes.len);
}

enum tl_err store_read_mail(const struct frame *frame, struct store_mail *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_mail mail = { .req = rd_u32(&rd) };

	rd_copy(&rd, mail.id, sizeof(mail.id));
	rd_copy(&rd, mail.mailbox, sizeof(mail.mailbox));
	mail.bytes = rest_of(&rd);
	if (!rd_ok(&rd)) {
		return TL_EFORMAT;
	}
	*ret = mail;
	return TL_OK;
}

void store_put_mail(struct buf *out, const struct store_mail *mail)
{
	buf_put_u32(out, mail->req);
	buf_put(out, mail->id, sizeof(mail->id));
	buf_put(out, mail->mailbox, sizeof(mail->mailbox));
	buf_put(out, mail->bytes.at, mail->bytes.len);
}

enum tl_err store_read_status(
    const struct frame *frame, struct store_status *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_status status = { .mail = { .req = rd_u32(&rd) } };

	rd_copy(&rd, status.id, sizeof(status.id));
	status.version = rd_u64(&rd);
	rd_copy(&rd, status.of, sizeof(status.of));
	status.of_version = rd_u64(&rd);
	rd_copy(&rd, status.mail.id, sizeof(status.mail.id));
	rd_copy(&rd, status.mail.mailbox, sizeof(status.mail.mailbox));
	status.mail.bytes = rest_of(&rd);
	if (!rd_ok(&rd)) {
		return TL_EFORMAT;
	}
	*ret = status;
	return TL_OK;
}

void store_put_status(struct buf *out, const struct store_status *status)
{
	buf_put_u32(out, status->mail.req);
	buf_put(out, status->id, sizeof(status->id));
	buf_put_u64(out, status->version);
	buf_put(out, status->of, sizeof(status->of));
	buf_put_u64(out, status->of_version);
	buf_put(out, status->mail.id, sizeof(status->mail.id));
	buf_put(out, status->mail.mailbox, sizeof(status->mail.mailbox));
	buf_put(out, status->mail.bytes.at, status->mail.bytes.len);
}

/* ---- changes ------------------------------------------------------------ */

/* "" or a name; false: neither. */
static bool name_of(struct bytes bytes, char ret[static CASE_OWNER_BYTES])
{
	if (bytes.len >= CASE_OWNER_BYTES) {
		return false;
	}
	memset(ret, 0, CASE_OWNER_BYTES);
	if (bytes.len > 0) {
		memcpy(ret, bytes.at, bytes.len);
	}
	return bytes.len == 0 ||
	    (strlen(ret) == bytes.len && case_is_owner(ret));
}

static bool read_name(struct rd *rd, char ret[static CASE_OWNER_BYTES])
{
	size_t len = rd_u8(rd);
	struct bytes name = bytes_of(rd_bytes(rd, len), len);

	return rd_ok(rd) && name_of(name, ret);
}

static void put_name(struct buf *out, const char *name)
{
	buf_put_u8(out, (uint8_t)strlen(name));
	buf_put_str(out, name);
}

enum tl_err store_read_do(const struct frame *frame, struct store_do *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_do change = { .req = rd_u32(&rd) };
	uint8_t event, flags;

	rd_copy(&rd, change.id, sizeof(change.id));
	event = rd_u8(&rd);
	change.version = rd_u64(&rd);
	change.priority = rd_u8(&rd);
	flags = rd_u8(&rd);
	change.passed = rd_u32(&rd);
	if ((flags & DO_TARGET) != 0) {
		rd_copy(&rd, change.target, sizeof(change.target));
	}
	if ((flags & DO_ONCE) != 0) {
		rd_copy(&rd, change.event_id, sizeof(change.event_id));
	}
	if (!read_name(&rd, change.who) || !read_name(&rd, change.second)) {
		return TL_EFORMAT;
	}
	change.sealed = rest_of(&rd);
	if (!rd_ok(&rd) || event < CASE_DO_RECEIVE || event > CASE_EVENT_MAX ||
	    flags > DO_FLAGS || change.priority > CASE_PRIORITIES ||
	    change.sealed.len > CASE_SEALED_BYTES ||
	    (change.passed & ~(CASE_PASSED_ALL | CASE_PASSED_ALONE)) != 0) {
		return TL_EFORMAT;
	}
	change.event = (enum case_event)event;
	change.supervisor = (flags & DO_SUPERVISOR) != 0;
	change.has_target = (flags & DO_TARGET) != 0;
	change.has_reason = (flags & DO_REASON) != 0;
	change.has_event_id = (flags & DO_ONCE) != 0;
	*ret = change;
	return TL_OK;
}

void store_put_do(struct buf *out, const struct store_do *change)
{
	buf_put_u32(out, change->req);
	buf_put(out, change->id, sizeof(change->id));
	buf_put_u8(out, (uint8_t)change->event);
	buf_put_u64(out, change->version);
	buf_put_u8(out, (uint8_t)change->priority);
	buf_put_u8(out,
	    (uint8_t)((change->supervisor ? DO_SUPERVISOR : 0) |
		(change->has_target ? DO_TARGET : 0) |
		(change->has_reason ? DO_REASON : 0) |
		(change->has_event_id ? DO_ONCE : 0)));
	buf_put_u32(out, change->passed);
	if (change->has_target) {
		buf_put(out, change->target, sizeof(change->target));
	}
	if (change->has_event_id) {
		buf_put(out, change->event_id, sizeof(change->event_id));
	}
	put_name(out, change->who);
	put_name(out, change->second);
	buf_put(out, change->sealed.at, change->sealed.len);
}

enum tl_err store_read_logout(const struct frame *frame, uint32_t *ret_req,
    char ret_who[static CASE_OWNER_BYTES])
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint32_t req = rd_u32(&rd);
	struct bytes name = rest_of(&rd);

	if (!rd_ok(&rd) || name.len == 0 || !name_of(name, ret_who)) {
		return TL_EFORMAT;
	}
	*ret_req = req;
	return TL_OK;
}

void store_put_logout(struct buf *out, uint32_t req, const char *who)
{
	buf_put_u32(out, req);
	buf_put_str(out, who);
}

/* What a case is, as an event record with nothing sealed in it. */
static void put_now(struct buf *out, const struct case_now *now)
{
	const struct case_record record = { .event = CASE_DO_RECEIVE,
		.now = *now };

	case_event_put(out, &record);
}

enum tl_err store_read_done(const struct frame *frame, struct store_done *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_done done = { .req = rd_u32(&rd) };
	struct case_record record;
	uint8_t result = rd_u8(&rd);
	uint8_t why = rd_u8(&rd);
	struct bytes rest = rest_of(&rd);

	if (!rd_ok(&rd) || result > STORE_RESULT_MAX || why > CASE_NO_MAX) {
		return TL_EFORMAT;
	}
	if (rest.len > 0) {
		if (case_event_get(rest, &record) != TL_OK) {
			return TL_EFORMAT;
		}
		done.has_now = true;
		done.now = record.now;
	}
	done.result = (enum store_result)result;
	done.why = (enum case_no)why;
	*ret = done;
	return TL_OK;
}

void store_put_done(struct buf *out, const struct store_done *done)
{
	buf_put_u32(out, done->req);
	buf_put_u8(out, (uint8_t)done->result);
	buf_put_u8(out, (uint8_t)done->why);
	if (done->has_now) {
		put_now(out, &done->now);
	}
}

/* ---- cases -------------------------------------------------------------- */

enum tl_err store_read_entries(const struct frame *frame, uint32_t *ret_req,
    uint8_t ret_id[static CASE_ID_BYTES])
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint32_t req = rd_u32(&rd);

	rd_copy(&rd, ret_id, CASE_ID_BYTES);
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret_req = req;
	return TL_OK;
}

void store_put_entries(
    struct buf *out, uint32_t req, const uint8_t id[static CASE_ID_BYTES])
{
	buf_put_u32(out, req);
	buf_put(out, id, CASE_ID_BYTES);
}

enum tl_err store_read_catch_up(const struct frame *frame, uint32_t *ret_req)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint32_t req = rd_u32(&rd);

	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret_req = req;
	return TL_OK;
}

void store_put_catch_up(struct buf *out, uint32_t req)
{
	buf_put_u32(out, req);
}

enum tl_err store_read_entry(const struct frame *frame, struct store_entry *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_entry entry = { .req = rd_u32(&rd) };

	uint8_t is_again;

	entry.number = rd_u64(&rd);
	is_again = rd_u8(&rd);
	entry.is_again = is_again == 1;
	if (!rd_ok(&rd) || is_again > 1 ||
	    case_event_get(rest_of(&rd), &entry.record) != TL_OK) {
		return TL_EFORMAT;
	}
	*ret = entry;
	return TL_OK;
}

void store_put_entry(struct buf *out, const struct store_entry *entry)
{
	buf_put_u32(out, entry->req);
	buf_put_u64(out, entry->number);
	buf_put_u8(out, entry->is_again ? 1 : 0);
	case_event_put(out, &entry->record);
}

enum tl_err store_read_case(const struct frame *frame, struct store_case *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_case told = { .is_event = false };
	uint8_t what = rd_u8(&rd);

	told.touched_ms = rd_u64(&rd);
	told.called_ms = rd_u64(&rd);
	told.unseen_ms = rd_u64(&rd);
	told.decide_ms = rd_u64(&rd);
	if (!rd_ok(&rd) || what > 2 ||
	    case_event_get(rest_of(&rd), &told.record) != TL_OK) {
		return TL_EFORMAT;
	}
	told.is_event = what == 1;
	told.is_altered = what == 2;
	*ret = told;
	return TL_OK;
}

void store_put_case(struct buf *out, const struct store_case *told)
{
	buf_put_u8(out, told->is_altered ? 2 : told->is_event ? 1 : 0);
	buf_put_u64(out, told->touched_ms);
	buf_put_u64(out, told->called_ms);
	buf_put_u64(out, told->unseen_ms);
	buf_put_u64(out, told->decide_ms);
	case_event_put(out, &told->record);
}

enum tl_err store_read_state(const struct frame *frame, struct store_state *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct store_state state = { .redis = false };
	uint8_t redis = rd_u8(&rd);
	uint8_t room;

	state.why = rd_u8(&rd);
	state.redis_ms = rd_u64(&rd);
	state.records = rd_u64(&rd);
	rd_copy(&rd, state.head, sizeof(state.head));
	room = rd_u8(&rd);
	if (!rd_done(&rd) || redis > 1 || room > STORE_ROOM_MAX) {
		return TL_EFORMAT;
	}
	state.redis = redis == 1;
	state.room = room;
	*ret = state;
	return TL_OK;
}

void store_put_state(struct buf *out, const struct store_state *state)
{
	buf_put_u8(out, state->redis ? 1 : 0);
	buf_put_u8(out, (uint8_t)state->why);
	buf_put_u64(out, state->redis_ms);
	buf_put_u64(out, state->records);
	buf_put(out, state->head, sizeof(state->head));
	buf_put_u8(out, state->room);
}
