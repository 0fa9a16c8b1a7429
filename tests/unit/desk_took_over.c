/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips, desk/web_more: what lies in quarantine under the id of a tip, and
 * came before it, takes nothing from it: neither its case nor the alarm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "crypto/seal.h"
#include "tests/lib/desk_rig.h"
#include "tests/lib/desk_rig_inside.h"

#define TIP "/api/tips/01010101010101010101010101010101"

static struct desk_rig rig;

static int set_up(void **state)
{
	(void)state;
	desk_rig_start(&rig);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_rig_stop(&rig);
	return 0;
}

static const struct report real = { .received_s = 1795348000,
	.channel = "web",
	.lang = "en",
	.text = { (const uint8_t *)"they hold us", 12 },
	.priority = 1 };

static struct tip *slot(void)
{
	uint8_t id[TIP_ID_BYTES];

	memset(id, 1, sizeof(id));
	return tips_find(rig.web->tips, id);
}

static struct tip *quarantined(struct bytes bytes)
{
	uint8_t id[TIP_ID_BYTES];
	struct buf out;

	memset(id, 1, sizeof(id));
	desk_rig_keep(&rig, LEDGER_QUARANTINE, id, bytes);
	buf_init(&out, 512);
	desk_rig_put_index(&rig, rig.n_records - 1, &out);
	desk_rig_say(&rig, DESK_STORE, out.data, out.len);
	buf_free(&out);
	desk_rig_settle(&rig);
	return slot();
}

/* What somebody makes who knows the team's public key, of that priority. */
static struct tip *made_up(int priority)
{
	struct report report = real;
	struct seal_content content = { 0 };
	struct sealer *sealer = NULL;
	uint8_t keys[1][32], verify[32], sign[64];
	struct buf doc, sealed;
	struct tip *tip;

	assert_int_equal(crypto_sign_keypair(verify, sign), 0);
	memset(report.id, 1, sizeof(report.id));
	report.text = bytes_str("made up");
	report.priority = priority;
	memcpy(keys[0], rig.team_key, sizeof(keys[0]));
	buf_init(&doc, 65536);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	content.report = bytes_of(doc.data, doc.len);
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])keys, 1, sign, &sealer), TL_OK);
	assert_int_equal(
	    sealer_seal(sealer, report.id, &content, &sealed), TL_OK);
	sealer_free(sealer);
	tip = quarantined(bytes_of(sealed.data, sealed.len));
	buf_free(&sealed);
	buf_free(&doc);
	return tip;
}

static void seconds(void)
{
	for (int i = 0; i < 3; i++) {
		desk_rig_second(&rig);
	}
}

static void start_again(void)
{
	web_free(rig.web);
	rig.web = NULL;
	desk_rig_again(&rig);
}

static void assert_is_there(const struct tip *other)
{
	const struct tip *tip = slot();

	assert_int_equal(tip->kind, LEDGER_TIP);
	assert_false(tip->is_twin);
	assert_true(tip->is_signed);
	assert_int_equal(tip->state, TIP_OPEN);
	assert_int_equal(tip->now.state, CASE_NEW);
	assert_int_equal(tip->now.priority, 1);
	assert_true(other != tip && other->is_twin);
	assert_int_equal(other->now.version, 0);
	assert_int_equal(rig.web->ringing[0].p1, 1);
	assert_memory_equal(rig.web->ringing[0].ids[0], tip->id, TIP_ID_BYTES);
}

static void damage_in_front_of_a_tip_takes_nothing_from_it(void **state)
{
	struct tip *other;

	(void)state;
	other = quarantined(bytes_str("no envelope"));
	desk_rig_login(&rig, 0);
	assert_non_null(desk_rig_tip(&rig, 1, &real));
	seconds();
	assert_is_there(other);
	assert_int_equal(
	    desk_rig_ask(&rig, "POST", TIP "/do", "{\"event\":\"CLAIM\"}"),
	    200);
	/* and so it is where both are there from the start */
	start_again();
	assert_int_equal(slot()->kind, LEDGER_TIP);
	assert_int_equal(slot()->now.state, CASE_CLAIMED);
	assert_true(tips_at(rig.web->tips, 0)->is_twin);
}

static void a_case_of_what_was_made_up_hears_of_the_real_words(void **state)
{
	struct tip *other;
	size_t events;

	(void)state;
	desk_rig_login(&rig, 0);
	other = made_up(4);
	seconds();
	assert_int_equal(other->now.state, CASE_NEW);
	assert_int_equal(other->now.priority, 4);
	assert_non_null(desk_rig_tip(&rig, 1, &real));
	seconds();
	assert_is_there(other);
	events = desk_rig_events(&rig, 1);
	/* once, also by a desk that begins */
	seconds();
	start_again();
	desk_rig_login(&rig, 0);
	seconds();
	assert_is_there(tips_at(rig.web->tips, 0));
	assert_int_equal(desk_rig_events(&rig, 1), events);
}

static void close_it(void)
{
	const char *const asked[] = { "{\"event\":\"CLAIM\"}",
		"{\"event\":\"OPEN\"}",
		"{\"event\":\"CLOSE\",\"disposition\":\"INFO_GIVEN\"}" };

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    desk_rig_ask(&rig, "POST", TIP "/do", asked[i]), 200);
	}
	seconds();
}

static void what_was_made_up_and_closed_is_opened_again(void **state)
{
	struct tip *other;

	(void)state;
	desk_rig_login(&rig, 0);
	other = made_up(4);
	seconds();
	close_it();
	assert_int_equal(other->now.state, CASE_CLOSED);
	assert_non_null(desk_rig_tip(&rig, 1, &real));
	seconds();
	assert_is_there(other);
}

/* A part of a long text by SMS, of two. */
static struct tip *sms_part(uint8_t n, unsigned seq, const char *text)
{
	static const uint8_t thread[2][REPORT_THREAD_BYTES] = { { 7 }, { 8 } };
	const struct report report = { .received_s = 1795348000 + seq,
		.channel = "sms",
		.gateway = "g",
		.to = bytes_str("1"),
		.lang = "en",
		.trust = "signed",
		.text = bytes_str(text),
		.thread = thread[0],
		.thread_before = thread[1],
		.has_concat = true,
		.concat = { .ref = 9, .total = 2, .seq = seq },
		.priority = 3 };

	return desk_rig_tip(&rig, n, &report);
}

/* The same event, whether it was told as a part or is shown as the whole. */
static void a_long_message_tells_a_case_of_itself_once(void **state)
{
	size_t events;

	(void)state;
	desk_rig_login(&rig, 0);
	(void)made_up(4);
	seconds();
	assert_non_null(sms_part(1, 1, "the blue house is "));
	seconds();
	assert_true(slot()->is_told);
	assert_non_null(sms_part(2, 2, "behind the mill"));
	seconds();
	close_it();
	assert_int_equal(slot()->now.state, CASE_CLOSED);
	events = desk_rig_events(&rig, 1);
	start_again();
	desk_rig_login(&rig, 0);
	seconds();
	assert_int_equal(slot()->state, TIP_OPEN);
	assert_int_equal(slot()->mores->way, TIP_PIECED);
	assert_int_equal(slot()->now.state, CASE_CLOSED);
	assert_int_equal(desk_rig_events(&rig, 1), events);
}

static void add(
    struct tips *tips, uint64_t number, enum ledger_kind kind, uint8_t id)
{
	const struct store_item item = {
		.number = number, .kind = kind, .id = { id }, .len = 4000
	};

	assert_int_equal(tips_add(tips, &item), TL_OK);
}

/* What is known of its case is of what was made up. */
static void it_is_opened_as_if_it_had_no_case(void **state)
{
	const struct case_now closed = {
		.version = 4, .state = CASE_CLOSED, .priority = 4
	};
	const struct case_now low = {
		.version = 2, .state = CASE_NEW, .priority = 3
	};
	struct tips *tips = tips_new((size_t)8 * 1024 * 1024);
	struct tip *tip;

	(void)state;
	assert_non_null(tips);
	add(tips, 0, LEDGER_QUARANTINE, 1);
	add(tips, 1, LEDGER_TIP, 2);
	add(tips, 2, LEDGER_TIP, 1);
	tip = tips_at(tips, 2);
	assert_true(tip->took_over);
	assert_ptr_equal(tips_set_case(tips, tip->id, &closed), tip);
	assert_non_null(tips_set_case(tips, tips_at(tips, 1)->id, &low));
	assert_ptr_equal(tips_next(tips), tip);
	tips_try_again(tips);
	tip->is_told = true; /* by now it is its own */
	assert_ptr_equal(tips_next(tips), tips_at(tips, 1));
	tips_free(tips);
}

static void a_real_tip_under_another_id_is_signed_by_nobody(void **state)
{
	struct tip *tip, *other;
	const struct buf *sealed;

	(void)state;
	tip = desk_rig_tip(&rig, 2, &real);
	sealed = &rig.records[rig.n_records - 1].sealed;
	desk_rig_login(&rig, 0);
	other = quarantined(bytes_of(sealed->data, sealed->len));
	seconds();
	assert_true(tip->is_signed);
	assert_int_equal(other->state, TIP_OPEN);
	assert_false(other->is_signed);
	assert_int_equal(other->now.priority, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(damage_in_front_of_a_tip_takes_nothing_from_it),
		TEST(a_case_of_what_was_made_up_hears_of_the_real_words),
		TEST(what_was_made_up_and_closed_is_opened_again),
		TEST(a_long_message_tells_a_case_of_itself_once),
		TEST(it_is_opened_as_if_it_had_no_case),
		TEST(a_real_tip_under_another_id_is_signed_by_nobody),
	};

	return cmocka_run_group_tests_name("desk/took over", tests, NULL, NULL);
}
