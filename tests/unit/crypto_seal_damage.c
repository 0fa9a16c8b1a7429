/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/open, crypto/envelope: nothing that was touched is opened, and the
 * reason is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/envelope.h"
#include "crypto/open.h"
#include "tests/lib/sealing.h"

/* Refused with this fault, and the output is as it was. */
static void assert_refused(
    const uint8_t *bytes, size_t len, enum envelope_fault fault)
{
	struct opened opened = { .report_len = 99 };

	assert_string_equal(
	    envelope_fault_name(envelope_open_with(sealing.teams[0],
		sealing.verify_key, 1, bytes_of(bytes, len), &opened)),
	    envelope_fault_name(fault));
	assert_null(opened.report);
	assert_int_equal(opened.report_len, 99);
}

/* What a flipped bit of an envelope to two teams, of which the first opens, is
 * found to be; byte is the flipped one. */
static enum envelope_fault fault_of(size_t at, unsigned byte)
{
	static const struct {
		size_t end;
		enum envelope_fault fault;
	} parts[] = {
		{ 7, ENVELOPE_MAGIC }, { 8, ENVELOPE_VERSION_NO },
		{ 9, ENVELOPE_SUITE_NO },
		{ 11, ENVELOPE_LENGTH }, /* or there is no such number */
		{ 12, ENVELOPE_RESERVED },
		{ 36, ENVELOPE_BODY }, /* ids are bound to the first chunk */
		{ 36 + 8, ENVELOPE_STRANGER }, { 36 + 88, ENVELOPE_WRAP },
		{ SIZE_MAX, ENVELOPE_BODY }, /* so is the other slot */
	};
	size_t i = 0;

	if (at == 9 && (byte < 1 || byte > 8)) {
		return ENVELOPE_COUNT;
	}
	if (at == 10 && (byte < 12 || byte > 20)) {
		return ENVELOPE_CLASS;
	}
	while (at >= parts[i].end) {
		i++;
	}
	return parts[i].fault;
}

static void every_flipped_bit_before_the_body_is_refused(void **state)
{
	const size_t front = 36 + 2 * 88 + 24;
	struct buf out;

	(void)state;
	sealing_text("flip me", &out);
	for (size_t bit = 0; bit < front * 8; bit++) {
		uint8_t *byte = &out.data[bit / 8];

		*byte ^= (uint8_t)(1u << (bit % 8));
		assert_refused(out.data, out.len, fault_of(bit / 8, *byte));
		*byte ^= (uint8_t)(1u << (bit % 8));
	}
	buf_free(&out);
}

static void a_flipped_bit_in_the_body_is_refused(void **state)
{
	struct buf out;
	uint8_t *big = calloc(1, 200000);

	(void)state;
	assert_non_null(big);
	sealing_text("flip me", &out);
	for (size_t at = 36 + 2 * 88 + 24; at < out.len - 64; at++) {
		out.data[at] ^= (uint8_t)(1u << (at % 8));
		assert_refused(out.data, out.len, ENVELOPE_BODY);
		out.data[at] ^= (uint8_t)(1u << (at % 8));
	}
	buf_free(&out);
	/* in each of four chunks, tags and edges included */
	sealing_seal(sealing.sealer, sealing_id, big, 200000, &out);
	for (size_t at = 36 + 2 * 88 + 24; at < out.len - 64; at += 6553) {
		out.data[at] ^= 1;
		assert_refused(out.data, out.len, ENVELOPE_BODY);
		out.data[at] ^= 1;
	}
	buf_free(&out);
	free(big);
}

static void every_cut_and_anything_appended_is_refused(void **state)
{
	struct buf out;

	(void)state;
	sealing_text("cut me", &out);
	for (size_t len = 0; len < out.len; len++) {
		uint8_t *cut = sealing_copy(out.data, len);

		assert_refused(
		    cut, len, len < 36 ? ENVELOPE_SHORT : ENVELOPE_LENGTH);
		free(cut);
	}
	buf_put_u8(&out, 0);
	assert_refused(out.data, out.len, ENVELOPE_LENGTH);
	buf_put_zeros(&out, 4096);
	assert_refused(out.data, out.len, ENVELOPE_LENGTH);
	buf_free(&out);
}

static void a_giant_class_is_refused_before_anything_is_made(void **state)
{
	struct envelope peeked = { .plain_len = 99 };
	struct buf out;

	(void)state;
	sealing_text("small", &out);
	for (unsigned size_class = 0; size_class < 256; size_class++) {
		out.data[10] = (uint8_t)size_class;
		assert_int_equal(
		    envelope_peek(bytes_of(out.data, out.len), &peeked),
		    size_class == 12 ? TL_OK : TL_EFORMAT);
	}
	buf_free(&out);
}

/* Take [from, to) of the second envelope into a copy of the first. */
static void assert_splice_refused(const struct buf *one, const struct buf *two,
    size_t from, size_t to, enum envelope_fault fault)
{
	uint8_t *mixed = sealing_copy(one->data, one->len);

	memcpy(mixed + from, two->data + from, to - from);
	assert_refused(mixed, one->len, fault);
	free(mixed);
}

static void no_part_of_another_envelope_fits(void **state)
{
	const size_t body = 36 + 2 * 88 + 24;
	struct buf one;
	struct buf two;

	(void)state;
	sealing_seal(sealing.sealer, sealing_id, "one", 3, &one);
	sealing_seal(sealing.sealer, sealing_other_id, "two", 3, &two);
	assert_splice_refused(&one, &two, 12, 28, ENVELOPE_BODY); /* tip id */
	assert_splice_refused(
	    &one, &two, 36, 36 + 88, ENVELOPE_BODY); /* a slot */
	assert_splice_refused(&one, &two, 36 + 88, 36 + 2 * 88, ENVELOPE_BODY);
	assert_splice_refused(
	    &one, &two, 36, 36 + 2 * 88, ENVELOPE_BODY); /* both */
	assert_splice_refused(
	    &one, &two, 36, body, ENVELOPE_BODY); /* with the stream's */
	assert_splice_refused(&one, &two, body - 24, body, ENVELOPE_BODY);
	assert_splice_refused(
	    &one, &two, body, one.len - 64, ENVELOPE_BODY); /* body */
	assert_splice_refused(
	    &one, &two, 12, body, ENVELOPE_BODY); /* all but the body */
	buf_free(&one);
	buf_free(&two);
}

static void recipients_cannot_be_taken_away_or_change_places(void **state)
{
	const size_t slots = 36;
	struct buf out;
	uint8_t *less;
	uint8_t slot[88];

	(void)state;
	sealing_text("for both", &out);
	/* the second slot cut out, the count right again */
	less = sealing_copy(out.data, out.len);
	less[9] = 1;
	memmove(
	    less + slots + 88, less + slots + 2 * 88, out.len - slots - 2 * 88);
	assert_refused(less, out.len - 88, ENVELOPE_BODY);
	free(less);

	memcpy(slot, out.data + slots, 88);
	memcpy(out.data + slots, out.data + slots + 88, 88);
	memcpy(out.data + slots + 88, slot, 88);
	assert_refused(out.data, out.len, ENVELOPE_BODY);
	/* the same recipient twice */
	memcpy(out.data + slots, out.data + slots + 88, 88);
	assert_refused(out.data, out.len, ENVELOPE_TWICE);
	buf_free(&out);
}

static void chunks_cannot_change_places_or_be_left_out(void **state)
{
	const size_t body = 36 + 2 * 88 + 24;
	const size_t chunk = 65536 + 17;
	uint8_t *report = calloc(1, 200000);
	uint8_t *moved;
	struct buf out;

	(void)state;
	assert_non_null(report);
	sealing_seal(
	    sealing.sealer, sealing_id, report, 200000, &out); /* four chunks */
	for (size_t i = 0; i < 3; i++) {
		uint8_t *a = out.data + body + i * chunk;

		moved = sealing_copy(out.data, out.len);
		memcpy(moved + body + i * chunk, a + chunk, chunk);
		memcpy(moved + body + (i + 1) * chunk, a, chunk);
		assert_refused(moved, out.len, ENVELOPE_BODY);
		free(moved);
	}
	/* half of it, with the class of half of it */
	moved = sealing_copy(out.data, out.len);
	moved[10] = 17;
	memcpy(moved + body + 2 * chunk, out.data + out.len - 64, 64);
	assert_refused(moved, body + 2 * chunk + 64, ENVELOPE_BODY);
	free(moved);
	buf_free(&out);
	free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_before_the_body_is_refused),
		cmocka_unit_test(a_flipped_bit_in_the_body_is_refused),
		cmocka_unit_test(every_cut_and_anything_appended_is_refused),
		cmocka_unit_test(
		    a_giant_class_is_refused_before_anything_is_made),
		cmocka_unit_test(no_part_of_another_envelope_fits),
		cmocka_unit_test(
		    recipients_cannot_be_taken_away_or_change_places),
		cmocka_unit_test(chunks_cannot_change_places_or_be_left_out),
	};

	return cmocka_run_group_tests_name(
	    "crypto/seal damage", tests, sealing_set_up, sealing_tear_down);
}
