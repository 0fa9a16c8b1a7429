/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The store of the rig: records and cases in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/desk_rig_inside.h"

/* ---- the store ----------------------------------------------------------- */

static const struct case_now *case_of(
    const struct desk_rig *rig, const uint8_t *id)
{
	const struct case_now *now = NULL;

	for (size_t i = 0; i < rig->n_events; i++) {
		if (memcmp(rig->events[i].record.id, id, CASE_ID_BYTES) == 0) {
			now = &rig->events[i].record.now;
		}
	}
	return now;
}

static bool is_event(const struct desk_rig *rig, const uint8_t *event_id)
{
	for (size_t i = 0; i < rig->n_events; i++) {
		if (memcmp(rig->events[i].record.event_id, event_id,
			CASE_ID_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

static void keep_event(struct desk_rig *rig, const struct store_do *todo,
    const struct case_now *now)
{
	struct case_record *record = &rig->events[rig->n_events].record;
	struct buf *sealed = &rig->events[rig->n_events].sealed;

	assert_true(rig->n_events < DESK_RIG_EVENTS);
	*record = (struct case_record){
		.event = todo->event, .at_ms = DESK_RIG_NOON_MS, .now = *now
	};
	memcpy(record->id, todo->id, sizeof(record->id));
	if (todo->has_event_id) {
		memcpy(record->event_id, todo->event_id, CASE_ID_BYTES);
	} else {
		memset(record->event_id, 0xee, CASE_ID_BYTES);
		record->event_id[0] = (uint8_t)rig->n_events;
	}
	buf_init(sealed, CASE_SEALED_BYTES);
	buf_put(sealed, todo->sealed.at, todo->sealed.len);
	record->sealed = bytes_of(sealed->data, sealed->len);
	rig->n_events++;
}

static struct store_done change(
    struct desk_rig *rig, const struct store_do *todo)
{
	static const struct case_now none = { 0 };
	const struct case_now *now = case_of(rig, todo->id);
	const struct case_change wanted = { .event = todo->event,
		.priority = todo->priority,
		.who = todo->who[0] != '\0' ? todo->who : NULL,
		.second = todo->second[0] != '\0' ? todo->second : NULL,
		.supervisor = todo->supervisor,
		.passed = todo->passed,
		.target = todo->has_target ? todo->target : NULL,
		.note =
		    todo->has_reason ? bytes_str("why") : bytes_of(NULL, 0) };
	struct store_done done = { .req = todo->req, .result = STORE_ANSWERED };

	if (todo->has_event_id && is_event(rig, todo->event_id)) {
		return done;
	}
	if (now == NULL && todo->event != CASE_DO_RECEIVE) {
		done.result = STORE_NO_CASE;
		return done;
	}
	now = now == NULL ? &none : now;
	done.has_now = true;
	done.now = *now;
	done.why = todo->version != 0 && todo->version != now->version
	    ? CASE_NO_CHANGED
	    : case_judge(now, todo->id, &wanted, DESK_RIG_NOON_MS, &done.now);
	if (done.why == CASE_YES) {
		keep_event(rig, todo, &done.now);
	}
	return done;
}

void desk_rig_put_done(struct buf *out, const struct store_done *done)
{
	struct buf body;

	buf_init(&body, FRAME_RECORD_BYTES);
	store_put_done(&body, done);
	desk_rig_put_frame(out, FRAME_STORE_DONE, &body);
	buf_free(&body);
}

/* The store tells of each event. */
void desk_rig_put_case(
    const struct desk_rig *rig, size_t event, bool is_event, struct buf *out)
{
	const struct store_case told = { .is_event = is_event,
		.record = rig->events[event].record };
	struct buf body;

	buf_init(&body, FRAME_EVENT_BYTES);
	store_put_case(&body, &told);
	desk_rig_put_frame(out, FRAME_STORE_CASE, &body);
	buf_free(&body);
}

static void put_record(
    const struct desk_rig *rig, const struct store_want *want, struct buf *out)
{
	struct store_record record = { .req = want->req,
		.number = want->number };
	struct buf body;

	assert_true(want->number > 0 && want->number <= rig->n_records);
	record.kind = rig->records[want->number - 1].kind;
	memcpy(record.id, rig->records[want->number - 1].id, 16);
	record.sealed = bytes_of(rig->records[want->number - 1].sealed.data,
	    rig->records[want->number - 1].sealed.len);
	buf_init(&body, FRAME_RECORD_BYTES);
	store_put_record(&body, &record);
	desk_rig_put_frame(out, FRAME_STORE_RECORD, &body);
	buf_free(&body);
}

static void put_entries(const struct desk_rig *rig, uint32_t req,
    const uint8_t *id, struct buf *out)
{
	const struct store_done done = { .req = req };
	struct buf body;

	buf_init(&body, FRAME_EVENT_BYTES);
	for (size_t i = 0; i < rig->n_events; i++) {
		const struct store_entry entry = { .req = req,
			.number = 1000 + i,
			.record = rig->events[i].record };

		if (memcmp(entry.record.id, id, CASE_ID_BYTES) == 0) {
			buf_reset(&body);
			store_put_entry(&body, &entry);
			desk_rig_put_frame(out, FRAME_STORE_ENTRY, &body);
		}
	}
	buf_free(&body);
	desk_rig_put_done(out, &done);
}

void desk_rig_keep(struct desk_rig *rig, enum ledger_kind kind,
    const uint8_t *id, struct bytes sealed)
{
	size_t at = rig->n_records++;

	assert_true(at < DESK_RIG_RECORDS);
	rig->records[at].kind = kind;
	memcpy(rig->records[at].id, id, sizeof(rig->records[at].id));
	buf_init(&rig->records[at].sealed, FRAME_RECORD_BYTES);
	buf_put(&rig->records[at].sealed, sealed.at, sealed.len);
}

void desk_rig_put_index(const struct desk_rig *rig, size_t at, struct buf *out)
{
	struct store_item item = { .number = at + 1,
		.kind = rig->records[at].kind,
		.len = (uint32_t)rig->records[at].sealed.len };
	struct buf body;

	memcpy(item.id, rig->records[at].id, sizeof(item.id));
	buf_init(&body, STORE_ITEM_BYTES);
	store_put_item(&body, &item);
	desk_rig_put_frame(out, FRAME_STORE_INDEX, &body);
	buf_free(&body);
}

/* Whether it is the first with this id. */
static bool is_new_mail(struct desk_rig *rig, const uint8_t *id)
{
	unsigned n = rig->taken.mails + rig->taken.statuses;

	for (unsigned i = 0; i < n; i++) {
		if (memcmp(rig->mailed[i], id, 16) == 0) {
			return false;
		}
	}
	assert_true(n < DESK_RIG_EVENTS);
	memcpy(rig->mailed[n], id, 16);
	return true;
}

void desk_rig_answer_store(
    struct desk_rig *rig, const struct frame *frame, struct buf *out)
{
	struct store_done done = { .result = STORE_ANSWERED };
	uint8_t id[CASE_ID_BYTES];
	char who[CASE_OWNER_BYTES];
	struct store_status status;
	struct store_want want;
	struct store_mail mail;
	struct store_keep keep;
	struct store_do todo;
	enum tl_err err = TL_OK;

	switch (frame->type) {
	case FRAME_STORE_WANT:
		assert_int_equal(store_read_want(frame, &want), TL_OK);
		put_record(rig, &want, out);
		return;
	case FRAME_STORE_ENTRIES:
		assert_int_equal(
		    store_read_entries(frame, &done.req, id), TL_OK);
		put_entries(rig, done.req, id, out);
		return;
	case FRAME_STORE_DO:
		err = store_read_do(frame, &todo);
		assert_int_equal(err, TL_OK);
		done = change(rig, &todo);
		if (done.has_now && done.why == CASE_YES) {
			desk_rig_put_case(rig, rig->n_events - 1, true, out);
		}
		break;
	case FRAME_STORE_RENEW:
		err = store_read_do(frame, &todo);
		assert_int_equal(err, TL_OK);
		done.req = todo.req;
		done.has_now = case_of(rig, todo.id) != NULL;
		done.now = *case_of(rig, todo.id);
		break;
	case FRAME_STORE_LOGOUT:
		err = store_read_logout(frame, &done.req, who);
		break;
	case FRAME_STORE_KEEP:
		err = store_read_keep(frame, &keep);
		done.req = keep.req;
		desk_rig_keep(rig, keep.kind, keep.id, keep.bytes);
		desk_rig_put_index(rig, rig->n_records - 1, out);
		rig->taken.kept++;
		break;
	case FRAME_STORE_MAIL:
		err = store_read_mail(frame, &mail);
		done.req = mail.req;
		rig->taken.mails += is_new_mail(rig, mail.id);
		break;
	case FRAME_STORE_STATUS:
		err = store_read_status(frame, &status);
		done.req = status.mail.req;
		rig->taken.statuses += is_new_mail(rig, status.mail.id);
		break;
	case FRAME_STORE_CATCH_UP:
		err = store_read_catch_up(frame, &done.req);
		break;
	default:
		fail();
	}
	assert_int_equal(err, TL_OK);
	desk_rig_put_done(out, &done);
}
