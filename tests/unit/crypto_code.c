/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/code: a code that was shown works, however it is typed; one wrong
 * digit is never somebody else's code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/code.h"
#include "crypto/code_slow.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/start.h"

static uint8_t pepper[32];
static uint8_t idem[16];
static uint8_t content[32];
static struct code code;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	random_bytes(pepper, sizeof(pepper));
	random_bytes(idem, sizeof(idem));
	random_bytes(content, sizeof(content));
	code_derive(pepper, idem, content, &code);
	return 0;
}

static void check_digits_are_those_of_damm(void **state)
{
	static const struct {
		const char *digits;
		char check;
	} rows[] = {
		{ "572", '4' },
		{ "314159265358979", '5' },
		{ "3141592653589795", '0' },
		{ "270413958061724", '4' },
		{ "2704139580617244", '0' },
		{ "0000000000000000", '0' },
		{ "", '0' },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    code_check_digit(rows[i].digits, strlen(rows[i].digits)),
		    rows[i].check);
	}
}

static void the_same_submission_has_the_same_code(void **state)
{
	struct code again;

	(void)state;
	code_derive(pepper, idem, content, &again);
	assert_memory_equal(&again, &code, sizeof(code));
}

static void another_pepper_key_or_content_has_another_code(void **state)
{
	uint8_t *const inputs[] = { pepper, idem, content };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct code other;

		inputs[i][3] ^= 1;
		code_derive(pepper, idem, content, &other);
		assert_string_not_equal(other.digits, code.digits);
		assert_memory_not_equal(other.mailbox, code.mailbox, 16);
		assert_memory_not_equal(other.reply_key, code.reply_key, 32);
		inputs[i][3] ^= 1;
	}
}

/* Pinned: codes of people out there depend on it. See docs/FORMAT.md. */
static void the_derivation_never_changes(void **state)
{
	uint8_t fixed_pepper[32];
	struct code fixed;

	(void)state;
	for (size_t i = 0; i < sizeof(fixed_pepper); i++) {
		fixed_pepper[i] = (uint8_t)i;
	}
	code_derive(fixed_pepper, (const uint8_t *)"idempotency key!",
	    (const uint8_t *)"thirty-two bytes of content hash", &fixed);
	assert_string_equal(fixed.digits, "8123509567812233735682367");
	assert_memory_equal(fixed.mailbox,
	    "\x4a\xbd\xb1\x94\x29\xe9\xc8\x79\xbd\x25\xae\x0d\x73\x85\x91\x44",
	    16);
	assert_memory_equal(fixed.reply_key,
	    "\x51\x11\x95\xaa\x87\xf8\x46\xa0\x29\x34\xbd\x4c\x50\xdc\x9d\xa1"
	    "\x47\x36\xcd\x9c\x76\x0d\x64\xc4\xb1\x21\xf4\x8a\x9b\xb9\x7f\xeb",
	    32);
}

static void a_typed_code_leads_to_the_same_mailbox(void **state)
{
	char digits[CODE_DIGITS_MAX + 1];
	struct code found;

	(void)state;
	assert_int_equal(code_parse(bytes_str(code.digits), digits), TL_OK);
	code_of_digits(pepper, digits, &found);
	assert_memory_equal(&found, &code, sizeof(code));
}

static void every_code_has_four_different_digits(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		unsigned seen = 0;
		struct code one;

		memcpy(idem, &i, sizeof(i));
		code_derive(pepper, idem, content, &one);
		assert_int_equal(strlen(one.digits), CODE_DIGITS_FAST);
		assert_int_equal(
		    code_check_digit(one.digits, CODE_DIGITS_FAST), '0');
		for (size_t k = 0; k < CODE_DIGITS_FAST - 1; k++) {
			seen |= 1u << (one.digits[k] - '0');
		}
		assert_true(__builtin_popcount(seen) >= 4);
	}
}

static void blocks_that_make_no_fair_code_are_passed_over(void **state)
{
	uint8_t block[CODE_BLOCK_BYTES];
	char digits[CODE_DIGITS_MAX + 1];

	(void)state;
	memset(block, 0, sizeof(block));
	assert_false(code_digits_of_block(block, digits));
	for (size_t i = 0; i < sizeof(block); i++) {
		block[i] = (uint8_t)(i % 3);
	}
	assert_false(code_digits_of_block(block, digits));
	block[0] = 249; /* a nine, the fourth digit */
	assert_true(code_digits_of_block(block, digits));
	assert_string_equal(digits, "9120120120120120120120122");
	block[0] = 250; /* would be a zero too likely: left out */
	assert_false(code_digits_of_block(block, digits));
	/* 23 fair bytes are one too few */
	memset(block, 255, sizeof(block));
	for (size_t i = 0; i < 23; i++) {
		block[2 * i] = (uint8_t)i;
	}
	assert_false(code_digits_of_block(block, digits));
	block[63] = 23;
	assert_true(code_digits_of_block(block, digits));
	assert_memory_equal(digits, "012345678901234567890123", 24);
}

static void every_wrong_digit_is_refused(void **state)
{
	char typed[CODE_DIGITS_MAX + 1];
	char out[CODE_DIGITS_MAX + 1] = "untouched";

	(void)state;
	for (size_t i = 0; i < CODE_DIGITS_FAST; i++) {
		for (char c = '0'; c <= '9'; c++) {
			memcpy(typed, code.digits, sizeof(typed));
			if (typed[i] == c) {
				continue;
			}
			typed[i] = c;
			assert_int_equal(
			    code_parse(bytes_str(typed), out), TL_EPROOF);
			assert_string_equal(out, "untouched");
		}
	}
}

static void every_swap_of_neighbours_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i + 1 < CODE_DIGITS_FAST; i++) {
		char typed[CODE_DIGITS_MAX + 1];
		char out[CODE_DIGITS_MAX + 1];

		memcpy(typed, code.digits, sizeof(typed));
		if (typed[i] == typed[i + 1]) {
			continue;
		}
		typed[i] = code.digits[i + 1];
		typed[i + 1] = code.digits[i];
		assert_int_equal(code_parse(bytes_str(typed), out), TL_EPROOF);
	}
}

static void too_few_and_too_many_digits_are_refused(void **state)
{
	char typed[CODE_DIGITS_MAX + 2];
	char out[CODE_DIGITS_MAX + 1];

	(void)state;
	for (size_t len = 0; len < CODE_DIGITS_FAST; len++) {
		if (len == CODE_DIGITS_SLOW) {
			continue;
		}
		assert_int_equal(
		    code_parse(bytes_of(code.digits, len), out), TL_EFORMAT);
	}
	(void)snprintf(typed, sizeof(typed), "%s0", code.digits);
	assert_int_equal(code_parse(bytes_str(typed), out), TL_EFORMAT);
}

static void a_drawn_code_is_read_again_and_its_slips_are_not(void **state)
{
	char drawn[CODE_DIGITS_SLOW + 1];
	char out[CODE_DIGITS_MAX + 1];

	(void)state;
	code_draw(drawn);
	assert_int_equal(code_parse(bytes_str(drawn), out), TL_OK);
	assert_string_equal(out, drawn);
	for (size_t i = CODE_DIGITS_SLOW; i < sizeof(out); i++) {
		assert_int_equal(out[i], '\0');
	}
	for (size_t i = 0; i < CODE_DIGITS_SLOW; i++) {
		char right = drawn[i];

		for (char c = '0'; c <= '9'; c++) {
			drawn[i] = c;
			assert_int_equal(code_parse(bytes_str(drawn), out),
			    c == right ? TL_OK : TL_EPROOF);
		}
		drawn[i] = right;
	}
}

static void no_two_drawn_codes_are_alike_and_all_digits_come(void **state)
{
	enum { N = 2000 };
	static char drawn[N][CODE_DIGITS_SLOW + 1];
	unsigned seen[CODE_DIGITS_SLOW] = { 0 };

	(void)state;
	for (size_t i = 0; i < N; i++) {
		code_draw(drawn[i]);
		assert_int_equal(strlen(drawn[i]), CODE_DIGITS_SLOW);
		assert_true(code_is_varied(drawn[i], CODE_DIGITS_SLOW - 1));
		assert_int_equal(
		    code_check_digit(drawn[i], CODE_DIGITS_SLOW), '0');
		for (size_t k = 0; k < CODE_DIGITS_SLOW; k++) {
			seen[k] |= 1u << (drawn[i][k] - '0');
		}
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(drawn[i], drawn[k]);
		}
	}
	for (size_t k = 0; k < CODE_DIGITS_SLOW; k++) {
		assert_int_equal(seen[k], 0x3FF);
	}
}

static void three_different_digits_are_too_few(void **state)
{
	(void)state;
	assert_false(code_is_varied("0000000000000000000", 19));
	assert_false(code_is_varied("1212121212121212123", 19));
	assert_true(code_is_varied("1212121212121212034", 19));
	assert_true(code_is_varied("0123", 4));
}

static void every_bit_of_the_slow_steps_counts(void **state)
{
	static const char digits[] = "31415926535897932385";
	uint8_t seed[CODE_SEED_BYTES], other[CODE_SEED_BYTES];
	uint8_t slow[CODE_SLOW_BYTES] = { 1 };
	struct code one, two;

	(void)state;
	code_seed(pepper, digits, seed);
	pepper[31] ^= 1;
	code_seed(pepper, digits, other);
	assert_memory_not_equal(seed, other, sizeof(seed));
	code_finish(pepper, digits, slow, &one);
	pepper[31] ^= 1;
	code_finish(pepper, digits, slow, &two);
	assert_memory_not_equal(one.mailbox, two.mailbox, 16);
	assert_memory_not_equal(one.reply_key, two.reply_key, 32);
	assert_string_equal(one.digits, digits);
	slow[31] ^= 1;
	code_finish(pepper, digits, slow, &one);
	assert_memory_not_equal(one.mailbox, two.mailbox, 16);
	assert_memory_not_equal(one.reply_key, two.reply_key, 32);
	/* a code of 25 digits has a first step of its own */
	code_seed(pepper, code.digits, other);
	assert_memory_not_equal(seed, other, sizeof(seed));
}

/* Append one code point of up to three bytes. */
static void put_point(struct buf *out, uint32_t point)
{
	if (point < 0x80) {
		buf_put_u8(out, (uint8_t)point);
	} else if (point < 0x800) {
		buf_put_u8(out, (uint8_t)(0xC0 | point >> 6));
		buf_put_u8(out, (uint8_t)(0x80 | (point & 0x3F)));
	} else {
		buf_put_u8(out, (uint8_t)(0xE0 | point >> 12));
		buf_put_u8(out, (uint8_t)(0x80 | (point >> 6 & 0x3F)));
		buf_put_u8(out, (uint8_t)(0x80 | (point & 0x3F)));
	}
}

static enum tl_err parse_in_script(uint32_t zero, uint32_t mark, char *out)
{
	struct buf typed;
	enum tl_err err;

	buf_init(&typed, 512);
	for (size_t i = 0; i < CODE_DIGITS_FAST; i++) {
		put_point(&typed, zero + (uint32_t)(code.digits[i] - '0'));
		if (mark != 0 && i % 5 == 4) {
			put_point(&typed, mark);
		}
	}
	assert_int_equal(buf_err(&typed), TL_OK);
	err = code_parse(bytes_of(typed.data, typed.len), out);
	buf_free(&typed);
	return err;
}

static void digits_of_every_script_are_read(void **state)
{
	FILE *file = fopen("tests/vectors/digits.tsv", "r");
	char line[256];
	unsigned scripts = 0;

	(void)state;
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file)); /* the heading */
	while (fgets(line, sizeof(line), file) != NULL) {
		char out[CODE_DIGITS_MAX + 1];
		char *end = NULL;
		unsigned long zero = strtoul(line + 2, &end, 16);

		assert_int_equal(*end, '\t');
		assert_int_equal(
		    parse_in_script((uint32_t)zero, 0, out), TL_OK);
		assert_string_equal(out, code.digits);
		assert_int_equal(
		    parse_in_script((uint32_t)zero, 0x3000, out), TL_OK);
		scripts++;
	}
	(void)fclose(file);
	assert_int_equal(scripts, 8);
}

static void spaces_dashes_dots_and_invisible_marks_do_not_count(void **state)
{
	static const uint32_t marks[] = { ' ', '\t', '\n', '\r', '-', '.', 0xA0,
		0xAD, 0xB7, 0x2003, 0x200B, 0x200C, 0x200D, 0x200E, 0x2010,
		0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2028, 0x202F, 0x2060,
		0x2212, 0x3000, 0xFEFF, 0xFF0D, 0xFF0E };

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		char out[CODE_DIGITS_MAX + 1];

		assert_int_equal(parse_in_script('0', marks[i], out), TL_OK);
		assert_string_equal(out, code.digits);
	}
}

static void anything_else_is_refused(void **state)
{
	static const uint32_t others[] = { 'a', 'O', 'l', ',', '/', '+', '_', 1,
		0x7F, 0xB2, 0x660, 0x17D4, 0x2016, 0x2460, 0xFF1A, 0xFFFD };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char out[CODE_DIGITS_MAX + 1];

		assert_int_equal(
		    parse_in_script('0', others[i], out), TL_EFORMAT);
	}
}

static void a_myanmar_letter_wa_is_a_zero(void **state)
{
	char out[CODE_DIGITS_MAX + 1];
	struct buf typed;

	(void)state;
	buf_init(&typed, 512);
	for (size_t i = 0; i < CODE_DIGITS_FAST; i++) {
		uint32_t digit = (uint32_t)(code.digits[i] - '0');

		put_point(&typed, digit == 0 ? 0x101D : 0x1040 + digit);
	}
	assert_int_equal(
	    code_parse(bytes_of(typed.data, typed.len), out), TL_OK);
	assert_string_equal(out, code.digits);
	buf_free(&typed);
	/* whether that code has a zero is chance; this one has three */
	assert_int_equal(code_parse(bytes_str("ဝဝဝ1 23456 78912 "
					      "34567 8901 21"),
			     out),
	    TL_OK);
	assert_string_equal(out, "0001234567891234567890121");
}

static void broken_utf8_is_refused(void **state)
{
	static const char *const broken[] = { "\x80", "\xC0\xA0", "\xC1\xBF",
		"\xC2", "\xC2\x20", "\xE0\x80\xA0", "\xE2\x80", "\xE2\x28\x8B",
		"\xE2\x80\x20", "\xED\xA0\x80", "\xF0\x9F\x98\x80", "\xFF" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char typed[64];
		char out[CODE_DIGITS_MAX + 1];

		(void)snprintf(
		    typed, sizeof(typed), "%s%s", code.digits, broken[i]);
		assert_int_equal(code_parse(bytes_str(typed), out), TL_EFORMAT);
		(void)snprintf(
		    typed, sizeof(typed), "%s%s", broken[i], code.digits);
		assert_int_equal(code_parse(bytes_str(typed), out), TL_EFORMAT);
	}
}

static void a_giant_entry_is_not_looked_at(void **state)
{
	char typed[CODE_TYPED_MAX_BYTES + 2];
	char out[CODE_DIGITS_MAX + 1];

	(void)state;
	memset(typed, ' ', sizeof(typed));
	memcpy(typed, code.digits, CODE_DIGITS_FAST);
	assert_int_equal(
	    code_parse(bytes_of(typed, CODE_TYPED_MAX_BYTES), out), TL_OK);
	assert_int_equal(
	    code_parse(bytes_of(typed, CODE_TYPED_MAX_BYTES + 1), out),
	    TL_ETOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_digits_are_those_of_damm),
		cmocka_unit_test(the_same_submission_has_the_same_code),
		cmocka_unit_test(
		    another_pepper_key_or_content_has_another_code),
		cmocka_unit_test(the_derivation_never_changes),
		cmocka_unit_test(a_typed_code_leads_to_the_same_mailbox),
		cmocka_unit_test(every_code_has_four_different_digits),
		cmocka_unit_test(blocks_that_make_no_fair_code_are_passed_over),
		cmocka_unit_test(every_wrong_digit_is_refused),
		cmocka_unit_test(every_swap_of_neighbours_is_refused),
		cmocka_unit_test(too_few_and_too_many_digits_are_refused),
		cmocka_unit_test(
		    a_drawn_code_is_read_again_and_its_slips_are_not),
		cmocka_unit_test(
		    no_two_drawn_codes_are_alike_and_all_digits_come),
		cmocka_unit_test(three_different_digits_are_too_few),
		cmocka_unit_test(every_bit_of_the_slow_steps_counts),
		cmocka_unit_test(digits_of_every_script_are_read),
		cmocka_unit_test(
		    spaces_dashes_dots_and_invisible_marks_do_not_count),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_myanmar_letter_wa_is_a_zero),
		cmocka_unit_test(broken_utf8_is_refused),
		cmocka_unit_test(a_giant_entry_is_not_looked_at),
	};

	return cmocka_run_group_tests_name("crypto/code", tests, set_up, NULL);
}
