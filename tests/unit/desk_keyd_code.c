/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_work for the desk: nobody logs in without a code, a code is good
 * once, and an administrator has nothing opened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <liboath/oath.h>

#include <cmocka.h>

#include "base/frame.h"
#include "crypto/envelope.h"
#include "crypto/ring.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"
#include "desk/totp.h"
#include "tests/lib/keyd_rig.h"

#define IDLE_MS UINT64_C(60000)
#define STEP_MS UINT64_C(30000)

static struct keyd_rig rig;
static uint8_t epoch[32];
static struct ring_account accounts[3];

/* Started now; a minute later its first codes are right. */
static int set_up(void **state)
{
	struct ring *ring;

	(void)state;
	assert_int_equal(totp_start(), TL_OK);
	keyd_rig_start(&rig);
	rig.now_s = 1795305600;
	ring = keyd_rig_people();
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    ring_officer_account(ring, i, &accounts[i]), TL_OK);
	}
	assert_int_equal(ring_add(ring, 1000, 2000, epoch), TL_OK);
	assert_int_equal(ring_save(ring, rig.ring, false), TL_OK);
	ring_free(ring);
	keyd_rig_run(&rig, IDLE_MS, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keyd_rig_stop(&rig);
	return 0;
}

static void pass_ms(uint64_t ms)
{
	rig.now_ms += ms;
	rig.now_s += (int64_t)(ms / 1000);
}

/* The code that the telephone of this one shows, so many steps from now. */
static void show(size_t who, int steps, char code[static 7])
{
	assert_int_equal(oath_totp_generate((const char *)accounts[who].totp,
			     RING_TOTP_BYTES, (time_t)(rig.now_s + steps * 30),
			     30, 0, 6, code),
	    OATH_OK);
}

static struct keyd_unlocked_as log_in(size_t who, const char *code)
{
	return keyd_rig_unlock(
	    &rig, keyd_people[who].name, keyd_people[who].passphrase, code);
}

static void nobody_logs_in_without_the_right_code(void **state)
{
	struct keyd_unlocked_as as;
	const uint8_t none[16] = { 0 };
	char code[7], other[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(1, 0, code);
	show(0, 0, other);
	as = log_in(1, "");
	assert_int_equal(as.result, KEYD_WRONG);
	as = log_in(1, other);
	assert_int_equal(as.result, KEYD_WRONG);
	assert_memory_equal(as.token, none, sizeof(none));
	as = keyd_rig_unlock(&rig, "dara", "first", code);
	assert_int_equal(as.result, KEYD_WRONG);
	as = keyd_rig_unlock(&rig, "nobody", "second", code);
	assert_int_equal(as.result, KEYD_WRONG);
	as = log_in(1, code);
	assert_int_equal(as.result, KEYD_UNLOCKED);
	assert_int_equal(as.role, KEYD_OFFICER);
	assert_int_equal(
	    keyd_rig_open_small(&rig, as.token, epoch), ENVELOPE_FINE);
}

static void a_wrong_code_leaves_the_keys_locked(void **state)
{
	struct keyd_unlocked_as as;
	uint8_t guess[16] = { 0 };

	(void)state;
	pass_ms(2 * STEP_MS);
	as = log_in(0, "000000");
	assert_int_equal(as.result, KEYD_WRONG);
	assert_int_equal(
	    keyd_rig_open_small(&rig, guess, epoch), KEYD_NO_SESSION);
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), KEYD_NEVER_MS);
}

static void a_code_is_good_for_one_log_in(void **state)
{
	char code[7], next[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(0, 0, code);
	show(0, 1, next);
	assert_int_equal(log_in(0, code).result, KEYD_UNLOCKED);
	assert_int_equal(log_in(0, code).result, KEYD_WRONG);
	assert_int_equal(log_in(0, next).result, KEYD_UNLOCKED);
	/* nor the earlier one, now that the later was used */
	assert_int_equal(log_in(0, code).result, KEYD_WRONG);
	pass_ms(STEP_MS);
	assert_int_equal(log_in(0, next).result, KEYD_WRONG);
	/* another's codes are another's */
	show(1, 0, code);
	assert_int_equal(log_in(1, code).result, KEYD_UNLOCKED);
}

static void a_code_of_before_the_start_is_refused(void **state)
{
	char code[7];

	(void)state;
	show(0, -1, code);
	assert_int_equal(log_in(0, code).result, KEYD_WRONG);
	show(0, 0, code);
	assert_int_equal(log_in(0, code).result, KEYD_WRONG);
	pass_ms(STEP_MS);
	assert_int_equal(log_in(0, code).result, KEYD_WRONG);
	show(0, 0, code);
	assert_int_equal(log_in(0, code).result, KEYD_UNLOCKED);
}

static void codes_cannot_be_tried_through(void **state)
{
	char code[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(log_in(1, "00000x").result, KEYD_WRONG);
	}
	/* not even the right one, for a while */
	show(1, 0, code);
	assert_int_equal(log_in(1, code).result, KEYD_WRONG);
	/* who has another passphrase is not slowed */
	show(0, 0, code);
	assert_int_equal(log_in(0, code).result, KEYD_UNLOCKED);
	pass_ms(4 * STEP_MS);
	show(1, 0, code);
	assert_int_equal(log_in(1, code).result, KEYD_UNLOCKED);
	/* a wrong passphrase counts nothing, or anybody could slow anybody */
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(
		    keyd_rig_unlock(&rig, "sok", "wrong", "000000").result,
		    KEYD_WRONG);
	}
	show(0, 0, code);
	assert_int_equal(log_in(0, code).result, KEYD_UNLOCKED);
}

static void an_administrator_has_nothing_opened(void **state)
{
	struct keyd_unlocked_as admin, officer;
	struct frame frame;
	uint8_t body[KEYD_TOKEN_BYTES + 32] = { 0 };
	char code[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(2, 0, code);
	admin = log_in(2, code);
	assert_int_equal(admin.result, KEYD_UNLOCKED);
	assert_int_equal(admin.role, KEYD_ADMINISTRATOR);
	assert_int_equal(
	    keyd_rig_open_small(&rig, admin.token, epoch), KEYD_NO_RIGHT);
	show(0, 0, code);
	officer = log_in(0, code);
	assert_int_equal(officer.role, KEYD_SUPERVISOR);
	/* nor while somebody else's key is there */
	assert_int_equal(
	    keyd_rig_open_small(&rig, admin.token, epoch), KEYD_NO_RIGHT);
	memcpy(body, admin.token, KEYD_TOKEN_BYTES);
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_MAIL, body, sizeof(body));
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(frame.body[0], KEYD_NO_RIGHT);
}

static void nobody_is_logged_in_for_longer_than_a_shift(void **state)
{
	struct keyd_unlocked_as as;
	char code[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(0, 0, code);
	as = log_in(0, code);
	for (uint64_t ms = 0; ms + 30000 < KEYD_SHIFT_MS; ms += 30000) {
		pass_ms(30000);
		assert_int_equal(
		    keyd_rig_open_small(&rig, as.token, epoch), ENVELOPE_FINE);
	}
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), 30000);
	pass_ms(30000);
	assert_int_equal(
	    keyd_rig_open_small(&rig, as.token, epoch), KEYD_NO_SESSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    nobody_logs_in_without_the_right_code, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_wrong_code_leaves_the_keys_locked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_code_is_good_for_one_log_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_code_of_before_the_start_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    codes_cannot_be_tried_through, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_administrator_has_nothing_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    nobody_is_logged_in_for_longer_than_a_shift, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name(
	    "desk/keyd with codes", tests, NULL, NULL);
}
