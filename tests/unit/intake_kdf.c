/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/kdf, by its frames: who asks is answered at once, with the
 * same code for the same form; the pool fills itself and then rests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/code_slow.h"
#include "crypto/start.h"
#include "tests/lib/kdf_home.h"

/* What memory may move by. A sanitizer keeps freed memory back on purpose, up
 * to 256 MiB. */
#ifdef __SANITIZE_ADDRESS__
#define SLACK_KIB (256u * 1024u)
#else
#define SLACK_KIB 256u
#endif
#define POOL      3u
#define QUIET_MS  150
#define FORM_LEN  48u /* idem and content */
#define FIXED_LEN 53u /* of CODE, before the digits */
#define WAKES     "voluntary_ctxt_switches:"

static struct kdf_home home;
static int worker, filler;

struct answer {
	uint32_t request;
	bool kept;
	struct code code;
};

static int set_up_pool(unsigned pool)
{
	assert_int_equal(crypto_start(), TL_OK);
	kdf_home_start(&home, pool);
	worker = kdf_home_join(&home, FRAME_KDF_FD);
	filler = kdf_home_join(&home, FRAME_FILLER_FD);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return set_up_pool(POOL);
}

static int set_up_large(void **state)
{
	(void)state;
	return set_up_pool(500);
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(kdf_home_end(&home), 0);
	(void)close(worker);
	(void)close(filler);
	return 0;
}

/* The slow step without its slowness: any bytes are as good. */
static void answer_filler(int fd)
{
	struct kdf_frame want;

	kdf_home_hear(fd, &want);
	assert_int_equal(want.type, FRAME_SLOW_WANT);
	assert_int_equal(want.len, CODE_SEED_BYTES);
	kdf_home_say(fd, FRAME_SLOW, want.body, CODE_SLOW_BYTES);
}

static void fill_pool(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		answer_filler(filler);
	}
	assert_false(kdf_home_speaks(filler, QUIET_MS));
}

static void form_of(unsigned n, uint8_t form[static FORM_LEN])
{
	memset(form, 0x5a, FORM_LEN);
	memcpy(form + 20, &n, sizeof(n));
}

static struct answer ask_form(int fd, const uint8_t form[static FORM_LEN])
{
	uint8_t body[4 + FORM_LEN] = { 0, 0, 0, 7 };
	struct answer answer = { 0 };
	struct kdf_frame got;

	memcpy(body + 4, form, FORM_LEN);
	kdf_home_say(fd, FRAME_CODE_WANT, body, sizeof(body));
	kdf_home_hear(fd, &got);
	assert_int_equal(got.type, FRAME_CODE);
	assert_true(got.len == FIXED_LEN + CODE_DIGITS_SLOW ||
	    got.len == FIXED_LEN + CODE_DIGITS_FAST);
	assert_memory_equal(got.body, body, 4);
	answer.kept = got.body[4] != 0;
	memcpy(answer.code.mailbox, got.body + 5, 16);
	memcpy(answer.code.reply_key, got.body + 21, 32);
	memcpy(answer.code.digits, got.body + FIXED_LEN, got.len - FIXED_LEN);
	assert_int_equal(
	    code_check_digit(answer.code.digits, strlen(answer.code.digits)),
	    '0');
	return answer;
}

static struct answer ask(unsigned n)
{
	uint8_t form[FORM_LEN];

	form_of(n, form);
	return ask_form(worker, form);
}

static void say_kept(unsigned n, const struct code *code)
{
	uint8_t body[FORM_LEN + CODE_MAILBOX_BYTES];

	form_of(n, body);
	memcpy(body + FORM_LEN, code->mailbox, CODE_MAILBOX_BYTES);
	kdf_home_say(worker, FRAME_CODE_KEPT, body, sizeof(body));
}

/* A number of /proc/PID/status. */
static unsigned long status_of(const char *name)
{
	char path[64], line[256];
	unsigned long n = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)home.pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0) {
			n = strtoul(line + strlen(name), NULL, 10);
		}
	}
	(void)fclose(file);
	return n;
}

static void a_pool_that_is_empty_gives_the_code_of_the_form(void **state)
{
	uint8_t form[FORM_LEN];
	struct code expected;
	struct answer answer = ask(1);

	(void)state;
	form_of(1, form);
	code_derive(home.pepper, form, form + 16, &expected);
	assert_string_equal(answer.code.digits, expected.digits);
	assert_memory_equal(&answer.code, &expected, sizeof(expected));
	assert_false(answer.kept);
}

static void ready_codes_are_handed_out_and_made_again(void **state)
{
	struct answer given[POOL + 2];

	(void)state;
	fill_pool(POOL);
	for (unsigned n = 0; n < POOL + 2; n++) {
		given[n] = ask(n);
		assert_int_equal(strlen(given[n].code.digits),
		    n < POOL ? CODE_DIGITS_SLOW : CODE_DIGITS_FAST);
		for (unsigned i = 0; i < n; i++) {
			assert_memory_not_equal(
			    given[n].code.mailbox, given[i].code.mailbox, 16);
			assert_memory_not_equal(given[n].code.reply_key,
			    given[i].code.reply_key, 32);
		}
	}
	fill_pool(POOL);
	assert_int_equal(strlen(ask(100).code.digits), CODE_DIGITS_SLOW);
}

/* What the deriver gets and gives belongs to the digits that come out. */
static void a_ready_code_is_that_of_its_digits(void **state)
{
	uint8_t seed[CODE_SEED_BYTES];
	struct kdf_frame want;
	struct answer answer;
	struct code expected;

	(void)state;
	kdf_home_hear(filler, &want);
	kdf_home_say(filler, FRAME_SLOW, want.body + 5, CODE_SLOW_BYTES);
	assert_true(kdf_home_speaks(filler, KDF_PATIENCE_MS));
	answer = ask(1);
	code_seed(home.pepper, answer.code.digits, seed);
	assert_memory_equal(seed, want.body, sizeof(seed));
	code_finish(home.pepper, answer.code.digits, seed + 5, &expected);
	assert_memory_equal(&answer.code, &expected, sizeof(expected));
}

static void the_same_form_has_the_same_code_at_every_worker(void **state)
{
	int other = kdf_home_join(&home, FRAME_KDF_FD);
	struct answer first, again;
	uint8_t form[FORM_LEN];

	(void)state;
	fill_pool(POOL);
	first = ask(1);
	again = ask(1);
	assert_memory_equal(&again, &first, sizeof(first));
	form_of(1, form);
	again = ask_form(other, form);
	assert_memory_equal(&again, &first, sizeof(first));
	(void)close(other);
	for (size_t i = 0; i < FORM_LEN; i += 5) {
		form_of(1, form);
		form[i] ^= 1;
		again = ask_form(worker, form);
		assert_string_not_equal(again.code.digits, first.code.digits);
	}
}

/* Given while the pool was empty, asked again when it is not. */
static void a_form_with_a_long_code_keeps_it(void **state)
{
	struct answer first = ask(1), again;

	(void)state;
	fill_pool(POOL);
	again = ask(1);
	assert_int_equal(strlen(first.code.digits), CODE_DIGITS_FAST);
	assert_memory_equal(&again, &first, sizeof(first));
}

static void a_code_is_kept_once_its_record_is(void **state)
{
	struct answer first = ask(1), other = ask(2);

	(void)state;
	say_kept(1, &other.code);
	assert_false(ask(1).kept);
	say_kept(1, &first.code);
	assert_true(ask(1).kept);
	assert_false(ask(2).kept);
}

static void a_form_that_was_pushed_out_gets_another_code(void **state)
{
	struct answer first, again;

	(void)state;
	fill_pool(POOL);
	first = ask(0);
	say_kept(0, &first.code);
	for (unsigned n = 1; n <= 4096; n++) {
		(void)ask(n);
	}
	again = ask(0);
	assert_false(again.kept);
	assert_string_not_equal(again.code.digits, first.code.digits);
}

static void forms_without_end_take_no_memory(void **state)
{
	unsigned long kib;

	(void)state;
	for (unsigned n = 0; n < 5000; n++) {
		(void)ask(n);
	}
	kib = status_of("VmRSS:");
	for (unsigned n = 5000; n < 15000; n++) {
		(void)ask(n);
	}
	assert_true(kib > 0);
	assert_true(status_of("VmRSS:") <= kib + SLACK_KIB);
}

static void a_deriver_that_is_gone_is_done_without(void **state)
{
	struct kdf_frame want;

	(void)state;
	kdf_home_hear(filler, &want);
	(void)close(filler);
	assert_int_equal(strlen(ask(1).code.digits), CODE_DIGITS_FAST);
	filler = kdf_home_join(&home, FRAME_FILLER_FD);
	fill_pool(POOL);
	assert_int_equal(strlen(ask(2).code.digits), CODE_DIGITS_SLOW);
}

static void a_deriver_that_says_what_nobody_asked_is_not_heard(void **state)
{
	uint8_t slow[CODE_SLOW_BYTES] = { 0 };

	(void)state;
	fill_pool(POOL);
	kdf_home_say(filler, FRAME_SLOW, slow, sizeof(slow));
	for (unsigned n = 0; n < POOL; n++) {
		assert_int_equal(strlen(ask(n).code.digits), CODE_DIGITS_SLOW);
	}
	assert_int_equal(strlen(ask(POOL).code.digits), CODE_DIGITS_FAST);
}

static void what_is_no_question_has_no_answer(void **state)
{
	static const uint8_t body[64] = { 0 };

	(void)state;
	for (size_t len = 0; len < 52; len += 7) {
		kdf_home_say(worker, FRAME_CODE_WANT, body, len);
		kdf_home_say(worker, FRAME_CODE_KEPT, body, len);
	}
	assert_false(kdf_home_speaks(worker, QUIET_MS));
	(void)ask(1);
}

static void another_sender_is_cut_off(void **state)
{
	static const uint8_t body[78] = { 0 };
	char end;

	(void)state;
	kdf_home_say(worker, FRAME_CODE, body, sizeof(body));
	assert_true(kdf_home_speaks(worker, KDF_PATIENCE_MS));
	assert_true(read(worker, &end, 1) <= 0);
	(void)close(worker);
	worker = kdf_home_join(&home, FRAME_KDF_FD);
	(void)ask(1);
}

static unsigned long cpu_ticks(void)
{
	char path[64], line[1024];
	unsigned long user, kernel;
	FILE *file;
	char *at;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)home.pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	(void)fclose(file);
	at = strrchr(line, ')');
	assert_non_null(at);
	for (int i = 0; i < 12; i++) {
		at = strchr(at + 1, ' ');
		assert_non_null(at);
	}
	user = strtoul(at, &at, 10);
	kernel = strtoul(at, &at, 10);
	return user + kernel;
}

static void a_full_pool_costs_nothing(void **state)
{
	unsigned long ticks = 0, woken = 0;
	bool rests = false;

	(void)state;
	fill_pool(POOL);
	(void)ask(1);
	answer_filler(filler);
	/* what it has still to do takes as long as this machine makes it */
	for (int i = 0; i < 10 && !rests; i++) {
		ticks = cpu_ticks();
		woken = status_of(WAKES);
		(void)usleep(1500000);
		rests = cpu_ticks() == ticks && status_of(WAKES) == woken;
	}
	assert_true(rests);
}

static void nobody_waits_for_the_slow_step(void **state)
{
	(void)state;
	/* and is not answered: who waited for it would wait for ever */
	assert_true(kdf_home_speaks(filler, KDF_PATIENCE_MS));
	for (unsigned n = 0; n < 200; n++) {
		(void)ask(n);
	}
}

static void a_large_pool_is_filled_whole(void **state)
{
	(void)state;
	fill_pool(500);
	for (unsigned n = 0; n < 500; n++) {
		assert_int_equal(strlen(ask(n).code.digits), CODE_DIGITS_SLOW);
	}
	assert_int_equal(strlen(ask(500).code.digits), CODE_DIGITS_FAST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pool_that_is_empty_gives_the_code_of_the_form),
		TEST(ready_codes_are_handed_out_and_made_again),
		TEST(a_ready_code_is_that_of_its_digits),
		TEST(the_same_form_has_the_same_code_at_every_worker),
		TEST(a_form_with_a_long_code_keeps_it),
		TEST(a_code_is_kept_once_its_record_is),
		TEST(a_form_that_was_pushed_out_gets_another_code),
		TEST(forms_without_end_take_no_memory),
		TEST(a_deriver_that_is_gone_is_done_without),
		TEST(a_deriver_that_says_what_nobody_asked_is_not_heard),
		TEST(what_is_no_question_has_no_answer),
		TEST(another_sender_is_cut_off),
		TEST(a_full_pool_costs_nothing),
		TEST(nobody_waits_for_the_slow_step),
		cmocka_unit_test_setup_teardown(
		    a_large_pool_is_filled_whole, set_up_large, tear_down),
	};

	return cmocka_run_group_tests_name("intake/kdf", tests, NULL, NULL);
}
