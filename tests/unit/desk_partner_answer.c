/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/partner_answer: what a partner has signed is read as it was said, and
 * nothing else is read at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/partner_key.h"
#include "crypto/start.h"
#include "desk/partner_answer.h"
#include "tests/lib/tempdir.h"

static struct partner_key *key;
static uint8_t public_key[PARTNER_PUBLIC_BYTES];
static struct buf line;

static int set_up(void **state)
{
	char path[512];
	char *dir = tempdir_make();

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	(void)snprintf(path, sizeof(path), "%s/k", dir);
	assert_int_equal(partner_key_new(path, bytes_str("a passphrase"),
			     pwhash_least, public_key),
	    TL_OK);
	assert_int_equal(
	    partner_key_unlock(path, bytes_str("a passphrase"), &key), TL_OK);
	tempdir_remove(dir);
	buf_init(&line, 2 * PARTNER_MAX_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&line);
	partner_key_free(key);
	return 0;
}

/* As tipline-open does it. */
static enum tl_err write_it(const struct partner_answer *answer)
{
	uint8_t sig[PARTNER_SIGNATURE_BYTES];
	struct buf words;
	enum tl_err err;

	buf_init(&words, PARTNER_MAX_BYTES);
	err = partner_answer_words(answer, &words);
	if (err == TL_OK) {
		assert_int_equal(
		    partner_sign(key, bytes_of(words.data, words.len), sig),
		    TL_OK);
		err = partner_answer_line(
		    bytes_of(words.data, words.len), sig, &line);
	}
	buf_free(&words);
	return err;
}

static struct bytes say(enum partner_word word, const char *reason)
{
	struct partner_answer answer = {
		.ref = "R-00c0ffee", .word = word, .at_s = 1795300000
	};

	(void)snprintf(answer.reason, sizeof(answer.reason), "%s", reason);
	buf_reset(&line);
	assert_int_equal(write_it(&answer), TL_OK);
	return bytes_of(line.data, line.len);
}

static void each_word_is_read_as_it_was_said(void **state)
{
	struct partner_answer read;

	(void)state;
	for (int i = 0; i < PARTNER_WORDS_END; i++) {
		enum partner_word word = (enum partner_word)i;

		assert_int_equal(partner_answer_read(say(word, "បាទ \"yes\""),
				     public_key, &read),
		    TL_OK);
		assert_string_equal(read.ref, "R-00c0ffee");
		assert_string_equal(read.reason, "បាទ \"yes\"");
		assert_int_equal(read.word, word);
		assert_int_equal(read.at_s, 1795300000);
		assert_int_equal(
		    partner_answer_word_of(partner_answer_word_name(word)),
		    word);
	}
	assert_int_equal(partner_answer_word_of("yes"), PARTNER_WORDS_END);
}

static void blanks_around_it_are_fine(void **state)
{
	struct partner_answer read;
	struct buf padded;

	(void)state;
	(void)say(PARTNER_WORD_DONE, "");
	buf_init(&padded, 2 * PARTNER_MAX_BYTES);
	buf_put_str(&padded, " \r\n\t");
	buf_put(&padded, line.data, line.len);
	buf_put_str(&padded, "\n\n ");
	assert_int_equal(partner_answer_read(bytes_of(padded.data, padded.len),
			     public_key, &read),
	    TL_OK);
	buf_free(&padded);
}

static void every_cut_and_every_flipped_bit_is_refused(void **state)
{
	struct bytes said = say(PARTNER_WORD_ACCEPTED, "r");
	struct partner_answer read;

	(void)state;
	for (size_t i = 0; i < said.len; i++) {
		assert_int_not_equal(partner_answer_read(bytes_of(said.at, i),
					 public_key, &read),
		    TL_OK);
		for (unsigned bit = 0; bit < 8; bit++) {
			line.data[i] ^= (uint8_t)(1u << bit);
			assert_int_not_equal(
			    partner_answer_read(said, public_key, &read),
			    TL_OK);
			line.data[i] ^= (uint8_t)(1u << bit);
		}
	}
}

static void another_partner_has_not_said_it(void **state)
{
	uint8_t other[PARTNER_PUBLIC_BYTES];
	struct partner_answer read;

	(void)state;
	memcpy(other, public_key, sizeof(other));
	memcpy(other + PARTNER_SEAL_BYTES, public_key, PARTNER_SEAL_BYTES);
	assert_int_equal(
	    partner_answer_read(say(PARTNER_WORD_ACCEPTED, ""), other, &read),
	    TL_EPROOF);
}

static void what_is_too_long_or_no_text_is_refused(void **state)
{
	struct partner_answer odd = { .word = PARTNER_WORD_DONE };
	struct partner_answer read;
	struct buf giant;

	(void)state;
	buf_reset(&line);
	assert_int_equal(write_it(&odd), TL_EINVAL);
	memcpy(odd.ref, "R-1", 4);
	memcpy(odd.reason, "\xff", 2);
	assert_int_equal(write_it(&odd), TL_EINVAL);
	buf_init(&giant, 2 * PARTNER_MAX_BYTES);
	buf_put_str(&giant, PARTNER_FIRST);
	while (giant.len <= PARTNER_MAX_BYTES) {
		buf_put_str(&giant, "AAAA");
	}
	assert_int_equal(partner_answer_read(bytes_of(giant.data, giant.len),
			     public_key, &read),
	    TL_ETOOBIG);
	buf_free(&giant);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_is_read_as_it_was_said),
		cmocka_unit_test(blanks_around_it_are_fine),
		cmocka_unit_test(every_cut_and_every_flipped_bit_is_refused),
		cmocka_unit_test(another_partner_has_not_said_it),
		cmocka_unit_test(what_is_too_long_or_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
