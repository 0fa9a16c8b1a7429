/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Codes that are entered: server/intake/code_entry, and the kdf by its frames.
 * Workers take turns, nobody waits without bound, and both lengths take the
 * same way.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/code_slow.h"
#include "crypto/start.h"
#include "server/intake/code_entry.h"
#include "server/intake/deriver.h"
#include "tests/lib/kdf_home.h"

#define SHORT    "31415926535897932385"
#define QUIET_MS 150

/* ---- the queue ----------------------------------------------------------- */

static void add(struct code_asker *asker, uint32_t request)
{
	assert_int_equal(code_entry_add(asker, request, (const uint8_t *)SHORT,
			     CODE_DIGITS_SLOW),
	    TL_OK);
}

static void workers_take_turns(void **state)
{
	static const uint32_t expected[] = { 10, 20, 30, 11, 21, 12, 13 };
	struct code_entries *entries = code_entries_new();
	struct code_asker *a = code_asker_new(entries, &(int){ 1 });
	struct code_asker *b = code_asker_new(entries, &(int){ 2 });
	struct code_asker *c = code_asker_new(entries, &(int){ 3 });
	uint32_t request;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		add(a, 10 + i);
	}
	add(b, 20);
	add(b, 21);
	add(c, 30);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(code_entry_begin(entries));
		assert_false(code_entry_begin(entries)); /* one at a time */
		assert_string_equal(code_entry_working(entries), SHORT);
		assert_non_null(code_entry_done(entries, &request));
		assert_int_equal(request, expected[i]);
	}
	assert_false(code_entry_begin(entries));
	assert_null(code_entry_working(entries));
	code_asker_free(a);
	code_asker_free(b);
	code_asker_free(c);
	code_entries_free(entries);
}

static void one_too_many_is_refused_and_the_others_stay(void **state)
{
	struct code_entries *entries = code_entries_new();
	struct code_asker *a = code_asker_new(entries, entries);
	struct code_asker *b = code_asker_new(entries, entries);
	uint32_t request;

	(void)state;
	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < CODE_ENTRY_WAITING; i++) {
			add(a, i);
		}
		assert_int_equal(code_entry_add(a, 99, (const uint8_t *)SHORT,
				     CODE_DIGITS_SLOW),
		    TL_EBUSY);
		add(b, 50); /* full is each for itself */
		for (uint32_t i = 0; i <= CODE_ENTRY_WAITING; i++) {
			assert_true(code_entry_begin(entries));
			assert_non_null(code_entry_done(entries, &request));
			assert_true(
			    request < CODE_ENTRY_WAITING || request == 50);
		}
		assert_false(code_entry_begin(entries));
	}
	code_asker_free(a);
	code_asker_free(b);
	code_entries_free(entries);
}

static void who_has_gone_gets_nothing(void **state)
{
	struct code_entries *entries = code_entries_new();
	struct code_asker *a = code_asker_new(entries, entries);
	uint32_t request;

	(void)state;
	add(a, 1);
	add(a, 2);
	assert_true(code_entry_begin(entries));
	code_asker_free(a);
	assert_false(code_entry_begin(entries)); /* still under work */
	assert_null(code_entry_done(entries, &request));
	assert_false(code_entry_begin(entries));
	code_entries_free(entries);
}

/* ---- the kdf ------------------------------------------------------------- */

static struct kdf_home home;
static int workers[2], opener;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	kdf_home_start(&home, 1);
	for (size_t i = 0; i < 2; i++) {
		workers[i] = kdf_home_join(&home, FRAME_KDF_FD);
	}
	opener = kdf_home_join(&home, FRAME_OPENER_FD);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(kdf_home_end(&home), 0);
	(void)close(workers[0]);
	(void)close(workers[1]);
	(void)close(opener);
	return 0;
}

static void enter(int fd, uint8_t request, const char *digits)
{
	uint8_t body[4 + CODE_DIGITS_MAX] = { 0, 0, 0, request };
	size_t n = strlen(digits);

	memcpy(body + 4, digits, n);
	kdf_home_say(fd, FRAME_CODE_ENTER, body, 4 + n);
}

/* What the slow step gets; any bytes are as good an answer. */
static void answer_opener(uint8_t seed[static CODE_SEED_BYTES])
{
	struct kdf_frame want;

	kdf_home_hear(opener, &want);
	assert_int_equal(want.type, FRAME_SLOW_WANT);
	assert_int_equal(want.len, CODE_SEED_BYTES);
	memcpy(seed, want.body, CODE_SEED_BYTES);
	kdf_home_say(opener, FRAME_SLOW, want.body, CODE_SLOW_BYTES);
}

static void hear_entered(int fd, uint8_t request, const struct code *expected)
{
	struct kdf_frame got;

	kdf_home_hear(fd, &got);
	assert_int_equal(got.type, FRAME_CODE_ENTERED);
	assert_int_equal(got.len, 52);
	assert_int_equal(got.body[3], request);
	assert_memory_equal(got.body + 4, expected->mailbox, 16);
	assert_memory_equal(got.body + 20, expected->reply_key, 32);
}

static void a_code_of_20_digits_opens_its_mailbox(void **state)
{
	uint8_t seed[CODE_SEED_BYTES], expected_seed[CODE_SEED_BYTES];
	struct code expected;

	(void)state;
	enter(workers[0], 7, SHORT);
	answer_opener(seed);
	code_seed(home.pepper, SHORT, expected_seed);
	assert_memory_equal(seed, expected_seed, sizeof(seed));
	code_finish(home.pepper, SHORT, seed, &expected);
	hear_entered(workers[0], 7, &expected);
}

/* It takes the slow step like the others, for nothing: no time tells which
 * length it had. */
static void a_code_of_25_digits_opens_its_mailbox_as_slowly(void **state)
{
	static const uint8_t form[48] = { 1 };
	uint8_t seed[CODE_SEED_BYTES];
	struct code expected;

	(void)state;
	code_derive(home.pepper, form, form + 16, &expected);
	enter(workers[1], 8, expected.digits);
	assert_false(kdf_home_speaks(workers[1], QUIET_MS));
	answer_opener(seed);
	hear_entered(workers[1], 8, &expected);
}

/* One slow step each, of as many bytes, and an answer of one length: for a
 * code that was given out, one that never was, and those of either length. */
static void a_code_that_was_given_costs_what_any_other_costs(void **state)
{
	static const uint8_t want[4 + 48] = { 0 };
	char digits[4][CODE_DIGITS_MAX + 1] = { SHORT, "27041395806172440000",
		"", "3141592653589793238462643" };
	uint8_t seed[CODE_SEED_BYTES];
	struct kdf_frame got;

	(void)state;
	kdf_home_say(workers[0], FRAME_CODE_WANT, want, sizeof(want));
	kdf_home_hear(workers[0], &got);
	assert_int_equal(got.type, FRAME_CODE);
	assert_int_equal(got.len, 53 + CODE_DIGITS_FAST);
	memcpy(digits[2], got.body + 53, CODE_DIGITS_FAST);
	for (uint8_t i = 0; i < 8; i++) {
		uint8_t expected[CODE_SEED_BYTES];

		enter(workers[0], i, digits[i % 4]);
		answer_opener(seed); /* were there two, the next is another's */
		code_seed(home.pepper, digits[i % 4], expected);
		assert_memory_equal(seed, expected, sizeof(seed));
		kdf_home_hear(workers[0], &got);
		assert_int_equal(got.type, FRAME_CODE_ENTERED);
		assert_int_equal(got.len, 52);
		assert_int_equal(got.body[3], i);
	}
}

static void the_ninth_that_waits_is_told_busy(void **state)
{
	uint8_t seed[CODE_SEED_BYTES];
	struct kdf_frame got;
	struct code expected;

	(void)state;
	for (uint8_t i = 0; i < CODE_ENTRY_WAITING + 2; i++) {
		enter(workers[0], i, SHORT);
		/* the first is under work before the others come */
		assert_true(kdf_home_speaks(opener, KDF_PATIENCE_MS));
	}
	kdf_home_hear(workers[0], &got); /* one is under work, eight wait */
	assert_int_equal(got.type, FRAME_CODE_BUSY);
	assert_int_equal(got.len, 4);
	assert_int_equal(got.body[3], CODE_ENTRY_WAITING + 1);
	enter(workers[1], 77, SHORT); /* its turn is the second */
	kdf_home_is_read(workers[1]);
	for (uint8_t i = 0; i < CODE_ENTRY_WAITING + 2; i++) {
		answer_opener(seed);
		code_finish(home.pepper, SHORT, seed, &expected);
		if (i == 1) {
			hear_entered(workers[1], 77, &expected);
		} else {
			hear_entered(workers[0], i == 0 ? 0 : (uint8_t)(i - 1),
			    &expected);
		}
	}
}

static void the_next_opener_gets_what_the_last_left_undone(void **state)
{
	uint8_t seed[CODE_SEED_BYTES];
	struct kdf_frame want;
	struct code expected;

	(void)state;
	enter(workers[0], 1, SHORT);
	kdf_home_hear(opener, &want);
	(void)close(opener);
	enter(workers[0], 2, SHORT);
	kdf_home_is_read(workers[0]);
	opener = kdf_home_join(&home, FRAME_OPENER_FD);
	for (uint8_t i = 1; i <= 2; i++) {
		answer_opener(seed);
		code_finish(home.pepper, SHORT, seed, &expected);
		hear_entered(workers[0], i, &expected);
	}
	assert_false(kdf_home_speaks(opener, QUIET_MS));
}

static void entering_keeps_nobody_from_sending_a_form(void **state)
{
	static const uint8_t want[52] = { 0 };
	struct kdf_frame got;

	(void)state;
	enter(workers[0], 1, SHORT);
	assert_true(
	    kdf_home_speaks(opener, KDF_PATIENCE_MS)); /* and is not answered */
	kdf_home_say(workers[0], FRAME_CODE_WANT, want, sizeof(want));
	kdf_home_hear(workers[0], &got);
	assert_int_equal(got.type, FRAME_CODE);
}

static void what_is_no_code_is_not_looked_at(void **state)
{
	static const uint8_t body[29] = { 0 };

	(void)state;
	for (size_t len = 0; len <= sizeof(body); len++) {
		if (len != 24 && len != 29) {
			kdf_home_say(workers[0], FRAME_CODE_ENTER, body, len);
		}
	}
	assert_false(kdf_home_speaks(opener, QUIET_MS));
	assert_false(kdf_home_speaks(workers[0], 0));
}

/* The deriver itself, with the real step. */
static void the_deriver_does_the_slow_step(void **state)
{
	uint8_t seed[CODE_SEED_BYTES] = { 1, 2, 3 };
	uint8_t expected[CODE_SLOW_BYTES];
	struct kdf_home deriver = { 0 };
	struct kdf_frame got;
	int ends[2], kdf;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	deriver.pid = fork();
	assert_true(deriver.pid >= 0);
	if (deriver.pid == 0) {
		(void)close(ends[0]);
		_exit(deriver_run(true, ends[1]));
	}
	(void)close(ends[1]);
	deriver.parent = ends[0];
	kdf_home_hear(deriver.parent, &got);
	assert_int_equal(got.type, FRAME_READY);
	/* a busy machine makes it ready too, and late with its work only */
	assert_int_equal(sched_getscheduler(deriver.pid), SCHED_OTHER);
	kdf = kdf_home_join(&deriver, FRAME_KDF_FD);
	assert_int_equal(code_slow(seed, expected), TL_OK);
	for (int i = 0; i < 2; i++) {
		kdf_home_say(kdf, FRAME_SLOW_WANT, seed, sizeof(seed));
		kdf_home_hear(kdf, &got);
		assert_int_equal(got.type, FRAME_SLOW);
		assert_int_equal(got.len, CODE_SLOW_BYTES);
		assert_memory_equal(got.body, expected, CODE_SLOW_BYTES);
	}
	assert_int_equal(sched_getscheduler(deriver.pid), SCHED_IDLE);
	(void)close(kdf);
	(void)close(deriver.parent);
	assert_int_equal(waitpid(deriver.pid, NULL, 0), deriver.pid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_take_turns),
		cmocka_unit_test(one_too_many_is_refused_and_the_others_stay),
		cmocka_unit_test(who_has_gone_gets_nothing),
		TEST(a_code_of_20_digits_opens_its_mailbox),
		TEST(a_code_of_25_digits_opens_its_mailbox_as_slowly),
		TEST(a_code_that_was_given_costs_what_any_other_costs),
		TEST(the_ninth_that_waits_is_told_busy),
		TEST(the_next_opener_gets_what_the_last_left_undone),
		TEST(entering_keeps_nobody_from_sending_a_form),
		TEST(what_is_no_code_is_not_looked_at),
		cmocka_unit_test(the_deriver_does_the_slow_step),
	};

	if (crypto_start() != TL_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name(
	    "intake/code_entry", tests, NULL, NULL);
}
