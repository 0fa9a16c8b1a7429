/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the desk does by itself while keyd or the store fails at one question
 * alone: no tip stays closed, without a case, or without its word on the
 * reporter's page, once they are well again, and nothing of it is done twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/desk_rig.h"

#define TIP   "/api/tips/01010101010101010101010101010101"
#define CLAIM "{\"event\":\"CLAIM\"}"
#define OPEN  "{\"event\":\"OPEN\"}"
#define NOTE  "{\"kind\":\"note\",\"text\":\"a note\"}"

static struct desk_rig rig;

static struct tip *come(uint8_t n, const char *text)
{
	const struct report report = { .received_s = 1795348000,
		.channel = "web",
		.lang = "en",
		.text = bytes_str(text),
		.has_reply_key = true,
		.reply_key = { n },
		.mailbox = { n },
		.priority = 2 };

	return desk_rig_tip(&rig, n, &report);
}

/* As far as the desk is there. */
static void live(void)
{
	const char *const asked[][2] = { { TIP "/do", CLAIM },
		{ TIP "/do", OPEN }, { TIP "/entries", NOTE } };

	(void)come(1, "they hold us");
	for (size_t i = 0; rig.web != NULL && i < 3; i++) {
		desk_rig_second(&rig);
		if (rig.web != NULL) {
			(void)desk_rig_ask(
			    &rig, "POST", asked[i][0], asked[i][1]);
		}
	}
	if (rig.web != NULL) {
		desk_rig_second(&rig);
	}
}

/* Then all are well; an officer comes, and does what is not done yet. */
static void recover(void)
{
	if (rig.web == NULL) {
		desk_rig_again(&rig);
		desk_rig_login(&rig, 0);
	}
	for (int i = 0; i < 3; i++) {
		desk_rig_second(&rig);
	}
	(void)desk_rig_ask(&rig, "POST", TIP "/do", CLAIM);
	(void)desk_rig_ask(&rig, "POST", TIP "/do", OPEN);
	for (int i = 0; i < 3; i++) {
		desk_rig_second(&rig);
	}
}

static void wait_a_minute(void)
{
	clock_set(clock_wall_s() + 60, clock_mono_ms() + 60000);
	for (int i = 0; i < 3; i++) {
		desk_rig_second(&rig);
	}
	clock_unset();
}

/* What the store gave of the tip was as if it lay damaged in the ledger. */
static bool is_damaged(enum desk_bad how)
{
	return rig.asked_for == FRAME_STORE_WANT && rig.n_records > 0 &&
	    (how == DESK_BAD_SHORT || how == DESK_BAD_LONG);
}

/* False: they were not asked as often as that. */
static bool try_one(enum desk_peer peer, unsigned n, enum desk_bad how,
    enum store_result result)
{
	uint8_t id[TIP_ID_BYTES];
	const struct tip *tip;
	bool was_asked;

	memset(id, 1, sizeof(id));
	desk_rig_start(&rig);
	desk_rig_login(&rig, 0);
	desk_rig_fail(&rig, peer, n, how, result);
	live();
	was_asked = desk_rig_heal(&rig);
	if (was_asked) {
		recover();
		tip = tips_find(rig.web->tips, id);
		assert_non_null(tip);
		if (is_damaged(how)) {
			assert_int_equal(tip->state, TIP_FAULT);
			wait_a_minute();
			assert_int_equal(tip->state, TIP_OPEN);
			desk_rig_stop(&rig);
			return true;
		}
		assert_int_equal(tip->state, TIP_OPEN);
		assert_true(tip->is_signed);
		assert_int_equal(tip->now.state, CASE_TRIAGE);
		assert_true(tip->is_sent);
		assert_int_equal(rig.taken.statuses, 1);
		assert_false(tip->wants_links);
		assert_false(tip->wants_status);
		assert_int_equal(rig.web->opening, 0);
		assert_int_equal(rig.web->opening_bytes, 0);
		assert_int_equal(rig.web->scoring, 0);
		assert_false(rig.web->saying || rig.web->looking ||
		    rig.web->counting || rig.web->telling > 0);
	}
	desk_rig_stop(&rig);
	return was_asked;
}

static void try_all(enum desk_peer peer)
{
	bool was_asked = true;

	for (unsigned n = 1; was_asked; n++) {
		for (int how = DESK_BAD_CLOSED; was_asked && how < DESK_BADS;
		     how++) {
			was_asked = try_one(
			    peer, n, (enum desk_bad)how, STORE_NO_REDIS);
		}
		assert_true(n < 40);
	}
}

static void keyd_fails_and_no_tip_is_left_behind(void **state)
{
	(void)state;
	try_all(DESK_KEYD);
}

static void the_store_fails_and_no_tip_is_left_behind(void **state)
{
	(void)state;
	try_all(DESK_STORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyd_fails_and_no_tip_is_left_behind),
		cmocka_unit_test(the_store_fails_and_no_tip_is_left_behind),
	};

	return cmocka_run_group_tests_name(
	    "desk/failing tips", tests, NULL, NULL);
}
