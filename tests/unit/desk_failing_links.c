/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Urgent words under the code of a duplicate reach the tip that it duplicates,
 * at whichever question the store fails meanwhile, and once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/desk_rig.h"

#define FIRST  "01010101010101010101010101010101"
#define SECOND "/api/tips/02020202020202020202020202020202/do"
#define CLAIM  "{\"event\":\"CLAIM\"}"
#define OPEN   "{\"event\":\"OPEN\"}"
#define LINK   "{\"event\":\"LINK\",\"target\":\"" FIRST "\",\"reason\":\"same\"}"

static struct desk_rig rig;

static void come(uint8_t n, const char *text, int priority)
{
	const struct report report = { .received_s = 1795348000 + n,
		.channel = "web",
		.lang = "en",
		.text = bytes_str(text),
		.has_reply_key = true,
		.reply_key = { n },
		.mailbox = { n },
		.priority = priority };

	(void)desk_rig_tip(&rig, n, &report);
}

static void say_more(uint8_t n, uint8_t mailbox, const char *text)
{
	const struct report report = { .received_s = 1795348100,
		.channel = "web",
		.lang = "en",
		.kind = REPORT_MORE,
		.text = bytes_str(text),
		.has_mailbox = true,
		.mailbox = { mailbox },
		.priority = 1 };

	(void)desk_rig_tip(&rig, n, &report);
}

static const struct tip *tip_of(uint8_t n)
{
	uint8_t id[TIP_ID_BYTES];
	const struct tip *tip;

	memset(id, n, sizeof(id));
	tip = tips_find(rig.web->tips, id);
	assert_non_null(tip);
	return tip;
}

static void do_seconds(void)
{
	for (int i = 0; rig.web != NULL && i < 3; i++) {
		desk_rig_second(&rig);
	}
}

static void start_with_a_duplicate(void)
{
	desk_rig_start(&rig);
	desk_rig_login(&rig, 0);
	come(1, "they hold us", 3);
	come(2, "they hold us there", 3);
	do_seconds();
	assert_int_equal(desk_rig_ask(&rig, "POST", SECOND, CLAIM), 200);
	assert_int_equal(desk_rig_ask(&rig, "POST", SECOND, OPEN), 200);
	assert_int_equal(desk_rig_ask(&rig, "POST", SECOND, LINK), 200);
	assert_int_equal(tip_of(2)->now.state, CASE_DUPLICATE);
	assert_int_equal(tip_of(1)->now.priority, 3);
}

/* False: it was not asked as often as that. */
static bool try_one(unsigned n, enum desk_bad how)
{
	bool was_asked;
	size_t had;

	start_with_a_duplicate();
	had = desk_rig_events(&rig, 1);
	desk_rig_fail(&rig, DESK_STORE, n, how, STORE_NO_REDIS);
	say_more(3, 2, "it is tonight");
	do_seconds();
	was_asked = desk_rig_heal(&rig);
	if (rig.web == NULL) {
		desk_rig_again(&rig);
		desk_rig_login(&rig, 0);
	}
	do_seconds();
	do_seconds();
	if (was_asked && tip_of(3)->state != TIP_FAULT) {
		assert_int_equal(tip_of(1)->now.priority, 1);
		assert_int_equal(desk_rig_events(&rig, 1), had + 1);
	}
	desk_rig_stop(&rig);
	return was_asked;
}

static void its_target_hears_it_whatever_fails(void **state)
{
	bool was_asked = true;

	(void)state;
	for (unsigned n = 1; was_asked; n++) {
		for (int how = DESK_BAD_CLOSED; was_asked && how < DESK_BADS;
		     how++) {
			was_asked = try_one(n, (enum desk_bad)how);
		}
		assert_true(n < 40);
	}
}

static void a_target_hears_it_once_over_restarts(void **state)
{
	size_t had;

	(void)state;
	start_with_a_duplicate();
	say_more(3, 2, "it is tonight");
	do_seconds();
	had = desk_rig_events(&rig, 1);
	assert_int_equal(tip_of(1)->now.priority, 1);
	for (int i = 0; i < 2; i++) {
		desk_rig_fail(
		    &rig, DESK_STORE, 1, DESK_BAD_CLOSED, STORE_NO_REDIS);
		(void)desk_rig_ask(&rig, "POST", SECOND, CLAIM);
		assert_null(rig.web);
		assert_true(desk_rig_heal(&rig));
		desk_rig_again(&rig);
		desk_rig_login(&rig, 0);
		do_seconds();
		assert_true(tip_of(3)->is_told);
		assert_int_equal(desk_rig_events(&rig, 1), had);
	}
	desk_rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_target_hears_it_whatever_fails),
		cmocka_unit_test(a_target_hears_it_once_over_restarts),
	};

	return cmocka_run_group_tests_name(
	    "desk/failing links", tests, NULL, NULL);
}
