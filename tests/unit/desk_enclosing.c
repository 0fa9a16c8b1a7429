/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/enclosing: a file that is sealed piece by piece comes out of its parts
 * byte for byte, and never longer or shorter than was agreed to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/enclosed.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/open.h"
#include "desk/enclosing.h"
#include "tests/lib/sealing.h"

#define REF "R-00c0ffee"

static uint8_t bytes[2 * ENCLOSURE_PART_BYTES + 77];

static struct enclosure of_len(size_t len)
{
	struct enclosure it = { .kind = "audio/amr", .bytes = len };

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	}
	enclosure_name(REF, 1795300000, 1, it.name);
	digest_sha256(it.sha256, bytes_of(bytes, len));
	return it;
}

static struct sealer *new_sealer(void)
{
	struct sealer *sealer = NULL;

	assert_int_equal(
	    sealer_new(sealing.team_public, 2, sealing.sign_key, &sealer),
	    TL_OK);
	return sealer;
}

/* In pieces as they come from a tip. */
static enum tl_err seal(struct enclosing *e, size_t len, size_t piece)
{
	enum tl_err err = TL_OK;

	for (size_t at = 0; err == TL_OK && at < len; at += piece) {
		size_t left = len - at;

		err = enclosing_add(
		    e, bytes_of(bytes + at, left < piece ? left : piece));
	}
	return err;
}

/* As the partner does it; how many envelopes there were. */
static size_t open_all(const struct enclosure *it, struct bytes sealed)
{
	json_t *referral = json_pack(
	    "{s:s, s:[o]}", "x_ref", REF, "x_evidence", enclosure_item(it));
	struct enclosed enclosed = { .n = 0 };
	const struct enclosure *whole = NULL;
	size_t n = 0;

	assert_int_equal(enclosed_begin(&enclosed, referral), TL_OK);
	while (sealed.len > 0) {
		struct opened opened = { 0 };
		const char *why = NULL;
		json_t *head;
		size_t len = 0;

		assert_int_equal(envelope_len(sealed, &len), TL_OK);
		assert_true(len <= sealed.len);
		assert_int_equal(
		    envelope_open(sealing.teams[0], sealing.verify_key, 1,
			bytes_of(sealed.at, len), &opened),
		    TL_OK);
		assert_true(opened.signed_by_us);
		head = json_loadb(
		    (const char *)opened.report, opened.report_len, 0, NULL);
		assert_int_equal(
		    enclosed_add(&enclosed, head,
			bytes_of(opened.raw, opened.raw_len), &whole, &why),
		    TL_OK);
		json_decref(head);
		opened_free(&opened);
		sealed = bytes_of(sealed.at + len, sealed.len - len);
		n++;
	}
	assert_non_null(whole);
	assert_int_equal(enclosed.bytes.len, it->bytes);
	assert_memory_equal(enclosed.bytes.data, bytes, it->bytes);
	enclosed_free(&enclosed);
	json_decref(referral);
	return n;
}

static void parts_make_the_file_again(void **state)
{
	static const struct {
		size_t len, piece, parts;
	} rows[] = {
		{ 1, 65000, 1 },
		{ ENCLOSURE_PART_BYTES - 1, 65000, 1 },
		{ ENCLOSURE_PART_BYTES, 65000, 1 },
		{ ENCLOSURE_PART_BYTES + 1, 65000, 2 },
		{ sizeof(bytes), 65000, 3 },
		{ sizeof(bytes), sizeof(bytes), 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct enclosure it = of_len(rows[i].len);
		struct enclosing e;

		enclosing_begin(&e, &it, REF, new_sealer());
		assert_int_equal(seal(&e, rows[i].len, rows[i].piece), TL_OK);
		assert_true(e.plain.len < ENCLOSURE_PART_BYTES);
		assert_int_equal(enclosing_end(&e), TL_OK);
		assert_int_equal(e.plain.len, 0);
		assert_int_equal(
		    open_all(&it, bytes_of(e.sealed.data, e.sealed.len)),
		    rows[i].parts);
		assert_int_equal(enclosure_parts(&it), rows[i].parts);
		enclosing_free(&e);
	}
}

static void nothing_is_longer_or_shorter_than_it_says(void **state)
{
	const struct enclosure it = of_len(100);
	struct enclosing e;

	(void)state;
	enclosing_begin(&e, &it, REF, new_sealer());
	assert_int_equal(enclosing_add(&e, bytes_of(bytes, 101)), TL_ETOOBIG);
	assert_int_equal(enclosing_add(&e, bytes_of(bytes, 99)), TL_OK);
	assert_int_equal(enclosing_end(&e), TL_EFORMAT);
	assert_int_equal(e.sealed.len, 0);
	assert_int_equal(enclosing_add(&e, bytes_of(bytes, 2)), TL_ETOOBIG);
	enclosing_free(&e);
	enclosing_free(&e); /* a zeroed one */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_make_the_file_again),
		cmocka_unit_test(nothing_is_longer_or_shorter_than_it_says),
	};

	return cmocka_run_group_tests_name(
	    "desk/enclosing", tests, sealing_set_up, sealing_tear_down);
}
