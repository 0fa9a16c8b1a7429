/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/form_state: a stranger carries it. What was changed, is over
 * or was never ours opens nothing.
 */
#include "server/intake/form_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_S INT64_C(1800000000)

static const uint8_t key[32] = { 1, 2, 3 };

static struct form_state some_state(void)
{
	struct form_state state;

	form_state_begin(FORM_STATE_BOX, &state);
	state.about_me = true;
	memset(state.form, 7, sizeof(state.form));
	memset(state.mailbox, 9, sizeof(state.mailbox));
	return state;
}

static enum tl_err open_at(
    int64_t now_s, const char *text, struct form_state *ret_state)
{
	return form_state_open(key, now_s, bytes_str(text), ret_state);
}

static void what_was_sealed_comes_back(void **unused)
{
	const struct form_state in = some_state();
	struct form_state out = { 0 };
	char text[FORM_STATE_TEXT_BYTES], other[FORM_STATE_TEXT_BYTES];

	(void)unused;
	form_state_seal(key, NOW_S, &in, text);
	assert_int_equal(open_at(NOW_S, text, &out), TL_OK);
	assert_int_equal(out.kind, in.kind);
	assert_true(out.about_me);
	assert_memory_equal(out.form, in.form, sizeof(in.form));
	assert_memory_equal(out.mailbox, in.mailbox, sizeof(in.mailbox));
	assert_memory_equal(out.nonce, in.nonce, sizeof(in.nonce));
	/* two of them tell nothing of each other */
	form_state_seal(key, NOW_S, &in, other);
	assert_int_equal(strlen(text), strlen(other));
	assert_string_not_equal(text, other);
}

static void it_opens_for_one_period_at_least_and_two_at_most(void **unused)
{
	const struct form_state in = some_state();
	int64_t begin = NOW_S - NOW_S % FORM_STATE_PERIOD_S;
	char text[FORM_STATE_TEXT_BYTES];
	struct form_state out;

	(void)unused;
	form_state_seal(key, begin, &in, text);
	assert_int_equal(
	    open_at(begin + 2 * FORM_STATE_PERIOD_S - 1, text, &out), TL_OK);
	assert_int_equal(
	    open_at(begin + 2 * FORM_STATE_PERIOD_S, text, &out), TL_EPROOF);
	assert_int_equal(open_at(begin - 1, text, &out), TL_EPROOF);
	form_state_seal(key, begin + FORM_STATE_PERIOD_S - 1, &in, text);
	assert_int_equal(
	    open_at(begin + 2 * FORM_STATE_PERIOD_S - 1, text, &out), TL_OK);
	assert_int_equal(
	    open_at(begin + 2 * FORM_STATE_PERIOD_S, text, &out), TL_EPROOF);
}

static void every_changed_character_and_every_cut_is_refused(void **unused)
{
	const struct form_state in = some_state();
	char text[FORM_STATE_TEXT_BYTES];
	struct form_state out = { .about_me = true };
	size_t len;

	(void)unused;
	form_state_seal(key, NOW_S, &in, text);
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		char was = text[i];
		uint8_t *cut = malloc(i + 1);

		assert_non_null(cut);
		memcpy(cut, text, i);
		assert_int_equal(
		    form_state_open(key, NOW_S, bytes_of(cut, i), &out),
		    TL_EFORMAT);
		free(cut);
		for (const char *c = "AZaz09-_=+ \x7f\xff"; *c != '\0'; c++) {
			text[i] = *c;
			if (*c != was) {
				assert_int_not_equal(
				    open_at(NOW_S, text, &out), TL_OK);
			}
		}
		text[i] = was;
	}
	assert_int_equal(out.kind, 0);
	assert_int_equal(open_at(NOW_S, text, &out), TL_OK);
}

static void another_key_and_a_giant_are_refused(void **unused)
{
	static const uint8_t other[32] = { 1, 2, 4 };
	const struct form_state in = some_state();
	static char giant[1 << 16];
	char text[FORM_STATE_TEXT_BYTES];
	struct form_state out;

	(void)unused;
	form_state_seal(key, NOW_S, &in, text);
	assert_int_equal(
	    form_state_open(other, NOW_S, bytes_str(text), &out), TL_EPROOF);
	memset(giant, 'A', sizeof(giant));
	assert_int_equal(
	    form_state_open(key, NOW_S, bytes_of(giant, sizeof(giant)), &out),
	    TL_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_comes_back),
		cmocka_unit_test(
		    it_opens_for_one_period_at_least_and_two_at_most),
		cmocka_unit_test(
		    every_changed_character_and_every_cut_is_refused),
		cmocka_unit_test(another_key_and_a_giant_are_refused),
	};

	return cmocka_run_group_tests_name(
	    "server/intake/form_state", tests, NULL, NULL);
}
