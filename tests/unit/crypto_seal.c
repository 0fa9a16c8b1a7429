/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/seal, crypto/open, crypto/envelope: what is sealed is opened byte
 * for byte by its recipients alone, and nothing that was touched is opened.
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
#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"

#define TEAMS 8u

static const uint8_t id_a[16] = "tip of the test";
static const uint8_t id_b[16] = "another of them";
static struct team_key *teams[TEAMS];
static uint8_t team_public[TEAMS][32];
static struct team_key *stranger;
static uint8_t sign_key[64];
static uint8_t verify_key[1][32];
static struct sealer *sealer;       /* to teams 0 and 1 */
static struct sealer *other_sealer; /* the same teams, another intake */

static int set_up(void **state)
{
	uint8_t secret[32];
	uint8_t other_sign[64];
	uint8_t other_verify[32];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	for (size_t i = 0; i < TEAMS; i++) {
		random_bytes(secret, sizeof(secret));
		assert_int_equal(teamkey_of(secret, &teams[i]), TL_OK);
		memcpy(team_public[i], teamkey_public(teams[i]), 32);
	}
	random_bytes(secret, sizeof(secret));
	assert_int_equal(teamkey_of(secret, &stranger), TL_OK);
	keyfile_new_pair(sign_key, verify_key[0]);
	keyfile_new_pair(other_sign, other_verify);
	assert_int_equal(sealer_new(team_public, 2, sign_key, &sealer), TL_OK);
	assert_int_equal(
	    sealer_new(team_public, 2, other_sign, &other_sealer), TL_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEAMS; i++) {
		teamkey_free(teams[i]);
	}
	teamkey_free(stranger);
	sealer_free(sealer);
	sealer_free(other_sealer);
	return 0;
}

/* An exact heap copy, so that ASan sees one byte too many. */
static uint8_t *copy_of(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	return copy;
}

static void seal_with(struct sealer *with, const uint8_t *id, const void *text,
    size_t len, struct buf *out)
{
	const struct seal_content content = { .report = bytes_of(text, len) };

	buf_init(out, ENVELOPE_MAX_BYTES);
	assert_int_equal(sealer_seal(with, id, &content, out), TL_OK);
}

static void seal_text(const char *text, struct buf *out)
{
	seal_with(sealer, id_a, text, strlen(text), out);
}

static enum tl_err open_with(const struct team_key *team, const uint8_t *bytes,
    size_t len, struct opened *ret)
{
	return envelope_open(team, verify_key, 1, bytes_of(bytes, len), ret);
}

/* Refused with this fault, and the output is as it was. */
static void assert_refused(
    const uint8_t *bytes, size_t len, enum envelope_fault fault)
{
	struct opened opened = { .report_len = 99 };

	assert_string_equal(envelope_fault_name(envelope_open_with(teams[0],
				verify_key, 1, bytes_of(bytes, len), &opened)),
	    envelope_fault_name(fault));
	assert_null(opened.report);
	assert_int_equal(opened.report_len, 99);
}

static void a_sealed_report_is_opened_byte_for_byte(void **state)
{
	const char *text = "ជួយផង \0 byte" /* with a NUL inside */;
	const size_t len = sizeof("ជួយផង \0 byte") - 1;
	struct opened opened = { 0 };
	struct buf out;

	(void)state;
	seal_with(sealer, id_a, text, len, &out);
	for (size_t i = 0; i < 2; i++) {
		uint8_t *copy = copy_of(out.data, out.len);

		assert_int_equal(
		    open_with(teams[i], copy, out.len, &opened), TL_OK);
		free(copy);
		assert_int_equal(opened.report_len, len);
		assert_memory_equal(opened.report, text, len);
		assert_memory_equal(opened.id, id_a, 16);
		assert_true(opened.signed_by_us);
		opened_free(&opened);
	}
	buf_free(&out);
}

static void the_sealer_keeps_nothing_of_a_report(void **state)
{
	static const char canary[] = "canary-canary-canary";
	/* fills the arena to the last byte of the last chunk; then look into
	 * the memory of the sealer itself, which is a little longer */
	const size_t len = 4 * ENVELOPE_CHUNK_BYTES - 8;
	const size_t sealer_bytes = ENVELOPE_CHUNK_BYTES;
	uint8_t *report = calloc(1, len);
	struct buf out;

	(void)state;
	assert_non_null(report);
	for (size_t at = 0; at + sizeof(canary) <= len; at += sizeof(canary)) {
		memcpy(report + at, canary, sizeof(canary));
	}
	seal_with(sealer, id_a, report, len, &out);
	assert_null(memmem(sealer, sealer_bytes, "canary", 6));
	assert_null(memmem(out.data, out.len, "canary", 6));
	buf_free(&out);
	free(report);
}

static void every_length_comes_back_and_shows_only_its_class(void **state)
{
	static const size_t lens[] = { 0, 1, 299, 4087, 4088, 4089, 8184, 8185,
		65527, 65528, 65529, 131064, 131065, 1048567, 1048568 };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		size_t len = lens[i];
		uint8_t *report = malloc(len > 0 ? len : 1);
		const struct seal_content content = { .report.len = len };
		struct opened opened = { 0 };
		size_t class_bytes = 4096;
		struct buf out;

		assert_non_null(report);
		random_bytes(report, len);
		seal_with(sealer, id_b, report, len, &out);
		while (class_bytes < len + 8) {
			class_bytes *= 2;
		}
		assert_int_equal(out.len,
		    36 + 2 * 88 + 24 + class_bytes +
			17 * ((class_bytes + 65535) / 65536) + 64);
		assert_true(out.len <= seal_bytes_max(&content));
		assert_int_equal(
		    open_with(teams[1], out.data, out.len, &opened), TL_OK);
		assert_int_equal(opened.report_len, len);
		assert_memory_equal(opened.report, report, len);
		opened_free(&opened);
		buf_free(&out);
		free(report);
	}
}

static void raw_bytes_come_back_beside_the_report(void **state)
{
	static const struct {
		size_t report_len, raw_len;
		unsigned size_class, want;
	} cases[] = {
		{ 0, 0, 0, 12 },
		{ 0, 4088, 0, 12 },
		{ 88, 4000, 0, 12 },
		{ 88, 4001, 0, 13 },
		{ 70000, 60000, 0, 17 },
		{ 500, 65028, 16, 16 },
		{ 500, 65029, 16, 17 },
		{ 500, 1, 16, 16 },
		{ 5, 0, 20, 20 },
		{ 524284, 524284, 0, 20 },
	};
	uint8_t *bytes = malloc(1 << 20);

	(void)state;
	assert_non_null(bytes);
	random_bytes(bytes, 1 << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct seal_content content = {
			.report = bytes_of(bytes, cases[i].report_len),
			.raw = bytes_of(bytes + 99, cases[i].raw_len),
			.size_class = cases[i].size_class,
		};
		struct opened opened = { 0 };
		struct buf out;

		buf_init(&out, seal_bytes_max(&content));
		assert_int_equal(
		    sealer_seal(sealer, id_b, &content, &out), TL_OK);
		assert_int_equal(out.data[10], cases[i].want);
		assert_int_equal(
		    open_with(teams[0], out.data, out.len, &opened), TL_OK);
		assert_int_equal(opened.report_len, content.report.len);
		assert_memory_equal(
		    opened.report, content.report.at, content.report.len);
		assert_int_equal(opened.raw_len, content.raw.len);
		assert_memory_equal(
		    opened.raw, content.raw.at, content.raw.len);
		opened_free(&opened);
		buf_free(&out);
	}
	free(bytes);
}

static void a_content_over_the_limit_is_not_sealed(void **state)
{
	uint8_t *report = calloc(1, ENVELOPE_CONTENT_MAX_BYTES + 1);
	struct seal_content content = {
		.report = bytes_of(report, ENVELOPE_CONTENT_MAX_BYTES + 1),
	};
	struct buf out;

	(void)state;
	assert_non_null(report);
	buf_init(&out, 2 * ENVELOPE_MAX_BYTES);
	buf_put_str(&out, "front");
	assert_int_equal(sealer_seal(sealer, id_a, &content, &out), TL_ETOOBIG);
	assert_int_equal(seal_bytes_max(&content), 0);
	content.report.len--;
	assert_int_equal(seal_bytes_max(&content), ENVELOPE_MAX_BYTES);
	content.raw = bytes_of(report, 1);
	assert_int_equal(sealer_seal(sealer, id_a, &content, &out), TL_ETOOBIG);
	content.raw.len = SIZE_MAX; /* together they would be one byte less */
	assert_int_equal(sealer_seal(sealer, id_a, &content, &out), TL_ETOOBIG);
	content = (struct seal_content){ .size_class = 21 };
	assert_int_equal(sealer_seal(sealer, id_a, &content, &out), TL_ETOOBIG);
	assert_int_equal(out.len, 5);
	assert_int_equal(buf_err(&out), TL_OK);
	buf_free(&out);
	free(report);
}

static void an_envelope_is_appended_or_the_buffer_stays(void **state)
{
	const struct seal_content content = { .report = bytes_str("text") };
	struct opened opened = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, ENVELOPE_MAX_BYTES);
	buf_put_str(&out, "front");
	assert_int_equal(sealer_seal(sealer, id_a, &content, &out), TL_OK);
	assert_memory_equal(out.data, "front", 5);
	assert_int_equal(
	    open_with(teams[0], out.data + 5, out.len - 5, &opened), TL_OK);
	opened_free(&opened);
	buf_free(&out);

	buf_init(&out, 4000);
	buf_put_str(&out, "front");
	assert_int_equal(sealer_seal(sealer, id_a, &content, &out), TL_ETOOBIG);
	assert_int_equal(out.len, 5);
	buf_free(&out);
}

static void two_seals_of_one_report_have_nothing_in_common(void **state)
{
	struct buf one;
	struct buf two;
	size_t same = 0;

	(void)state;
	seal_text("the same words", &one);
	seal_text("the same words", &two);
	assert_int_equal(one.len, two.len);
	/* head and key ids are alike; 8 equal bytes behind them are chance */
	for (size_t i = 36 + 2 * 88; i + 8 <= one.len; i++) {
		same += memcmp(one.data + i, two.data + i, 8) == 0;
	}
	assert_int_equal(same, 0);
	buf_free(&one);
	buf_free(&two);
}

static void only_its_recipients_open_it(void **state)
{
	struct opened opened = { .report_len = 99 };
	struct buf out;

	(void)state;
	seal_text("for two teams", &out);
	for (size_t i = 2; i < TEAMS; i++) {
		assert_int_equal(
		    open_with(teams[i], out.data, out.len, &opened), TL_ENOENT);
	}
	assert_int_equal(
	    open_with(stranger, out.data, out.len, &opened), TL_ENOENT);
	assert_int_equal(opened.report_len, 99);
	buf_free(&out);
}

static void a_stranger_with_a_recipients_key_id_opens_nothing(void **state)
{
	struct opened opened = { 0 };
	struct buf out;

	(void)state;
	seal_text("for two teams", &out);
	envelope_key_id(out.data + 36, teamkey_public(stranger));
	assert_int_equal(
	    open_with(stranger, out.data, out.len, &opened), TL_EPROOF);
	buf_free(&out);
}

static void up_to_eight_teams_open_one_envelope(void **state)
{
	(void)state;
	for (size_t n = 1; n <= TEAMS; n++) {
		struct sealer *many = NULL;
		struct buf out;

		assert_int_equal(
		    sealer_new(team_public, n, sign_key, &many), TL_OK);
		seal_with(many, id_a, "many", 4, &out);
		for (size_t i = 0; i < TEAMS; i++) {
			struct opened opened = { 0 };

			assert_int_equal(
			    open_with(teams[i], out.data, out.len, &opened),
			    i < n ? TL_OK : TL_ENOENT);
			opened_free(&opened);
		}
		buf_free(&out);
		sealer_free(many);
	}
}

static void a_sealer_wants_one_to_eight_different_real_keys(void **state)
{
	uint8_t keys[9][32];
	struct sealer *none = NULL;

	(void)state;
	memcpy(keys, team_public, sizeof(team_public));
	memcpy(keys[8], teamkey_public(stranger), 32);
	assert_int_equal(sealer_new(keys, 0, sign_key, &none), TL_EINVAL);
	assert_int_equal(sealer_new(keys, 9, sign_key, &none), TL_EINVAL);
	memcpy(keys[1], keys[0], 32);
	assert_int_equal(sealer_new(keys, 2, sign_key, &none), TL_EINVAL);
	memset(keys[0], 0, 32); /* a point of low order */
	assert_int_equal(sealer_new(keys, 1, sign_key, &none), TL_EINVAL);
	keys[0][0] = 1;
	assert_int_equal(sealer_new(keys, 1, sign_key, &none), TL_EINVAL);
	assert_null(none);
	sealer_free(NULL);
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
	seal_text("flip me", &out);
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
	seal_text("flip me", &out);
	for (size_t at = 36 + 2 * 88 + 24; at < out.len - 64; at++) {
		out.data[at] ^= (uint8_t)(1u << (at % 8));
		assert_refused(out.data, out.len, ENVELOPE_BODY);
		out.data[at] ^= (uint8_t)(1u << (at % 8));
	}
	buf_free(&out);
	/* in each of four chunks, tags and edges included */
	seal_with(sealer, id_a, big, 200000, &out);
	for (size_t at = 36 + 2 * 88 + 24; at < out.len - 64; at += 6553) {
		out.data[at] ^= 1;
		assert_refused(out.data, out.len, ENVELOPE_BODY);
		out.data[at] ^= 1;
	}
	buf_free(&out);
	free(big);
}

static void a_flipped_signature_is_shown_as_not_ours(void **state)
{
	struct buf out;

	(void)state;
	seal_text("flip me", &out);
	for (size_t bit = 0; bit < 64 * 8; bit++) {
		uint8_t *byte = out.data + out.len - 64 + bit / 8;
		struct opened opened = { 0 };

		*byte ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    open_with(teams[0], out.data, out.len, &opened), TL_OK);
		assert_false(opened.signed_by_us);
		opened_free(&opened);
		*byte ^= (uint8_t)(1u << (bit % 8));
	}
	buf_free(&out);
}

static void every_cut_and_anything_appended_is_refused(void **state)
{
	struct buf out;

	(void)state;
	seal_text("cut me", &out);
	for (size_t len = 0; len < out.len; len++) {
		uint8_t *cut = copy_of(out.data, len);

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
	seal_text("small", &out);
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
	uint8_t *mixed = copy_of(one->data, one->len);

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
	seal_with(sealer, id_a, "one", 3, &one);
	seal_with(sealer, id_b, "two", 3, &two);
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
	seal_text("for both", &out);
	/* the second slot cut out, the count right again */
	less = copy_of(out.data, out.len);
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
	seal_with(sealer, id_a, report, 200000, &out); /* four chunks */
	for (size_t i = 0; i < 3; i++) {
		uint8_t *a = out.data + body + i * chunk;

		moved = copy_of(out.data, out.len);
		memcpy(moved + body + i * chunk, a + chunk, chunk);
		memcpy(moved + body + (i + 1) * chunk, a, chunk);
		assert_refused(moved, out.len, ENVELOPE_BODY);
		free(moved);
	}
	/* half of it, with the class of half of it */
	moved = copy_of(out.data, out.len);
	moved[10] = 17;
	memcpy(moved + body + 2 * chunk, out.data + out.len - 64, 64);
	assert_refused(moved, body + 2 * chunk + 64, ENVELOPE_BODY);
	free(moved);
	buf_free(&out);
	free(report);
}

static void an_unknown_intake_is_a_fact_and_no_error(void **state)
{
	struct opened opened = { 0 };
	uint8_t their_id[8];
	struct buf out;

	(void)state;
	seal_with(other_sealer, id_a, "injected?", 9, &out);
	memcpy(their_id, out.data + 28, 8);
	assert_int_equal(
	    open_with(teams[0], out.data, out.len, &opened), TL_OK);
	assert_false(opened.signed_by_us);
	assert_memory_equal(opened.intake_key_id, their_id, 8);
	opened_free(&opened);
	/* no intake known at all */
	assert_int_equal(envelope_open(teams[0], NULL, 0,
			     bytes_of(out.data, out.len), &opened),
	    TL_OK);
	assert_false(opened.signed_by_us);
	opened_free(&opened);
	buf_free(&out);
}

static void a_signature_of_another_tip_is_not_ours(void **state)
{
	struct opened opened = { 0 };
	struct buf one;
	struct buf two;

	(void)state;
	seal_with(sealer, id_a, "one", 3, &one);
	seal_with(sealer, id_a, "one", 3, &two);
	memcpy(one.data + one.len - 64, two.data + two.len - 64, 64);
	assert_int_equal(
	    open_with(teams[0], one.data, one.len, &opened), TL_OK);
	assert_false(opened.signed_by_us);
	opened_free(&opened);
	buf_free(&one);
	buf_free(&two);
}

static void one_of_several_intakes_is_recognised(void **state)
{
	uint8_t intakes[3][32];
	struct opened opened = { 0 };
	struct buf out;

	(void)state;
	random_bytes(intakes, sizeof(intakes));
	memcpy(intakes[2], verify_key[0], 32);
	seal_text("ours", &out);
	assert_int_equal(envelope_open(teams[0], (const uint8_t(*)[32])intakes,
			     3, bytes_of(out.data, out.len), &opened),
	    TL_OK);
	assert_true(opened.signed_by_us);
	opened_free(&opened);
	buf_free(&out);
}

static void a_peek_tells_what_stands_in_clear(void **state)
{
	struct envelope e = { 0 };
	uint8_t key_id[8];
	struct buf out;
	size_t len = 0;

	(void)state;
	seal_text("peek", &out);
	assert_int_equal(envelope_peek(bytes_of(out.data, out.len), &e), TL_OK);
	assert_memory_equal(e.id, id_a, 16);
	envelope_key_id(key_id, verify_key[0]);
	assert_memory_equal(e.intake_key_id, key_id, 8);
	assert_int_equal(e.n_recipients, 2);
	assert_int_equal(e.plain_len, 4096);
	assert_int_equal(e.bound.len, 36 + 2 * 88 + 24);
	assert_int_equal(e.head_and_body.len, out.len - 64);
	assert_int_equal(e.body.len, 4096 + 17);
	/* and how long it is, whatever stands behind it; a piece is enough */
	assert_int_equal(envelope_len(bytes_of(out.data, 300), &len), TL_OK);
	assert_int_equal(len, out.len);
	out.data[0] ^= 1;
	assert_int_equal(
	    envelope_len(bytes_of(out.data, out.len), &len), TL_EFORMAT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_report_is_opened_byte_for_byte),
		cmocka_unit_test(the_sealer_keeps_nothing_of_a_report),
		cmocka_unit_test(
		    every_length_comes_back_and_shows_only_its_class),
		cmocka_unit_test(raw_bytes_come_back_beside_the_report),
		cmocka_unit_test(a_content_over_the_limit_is_not_sealed),
		cmocka_unit_test(an_envelope_is_appended_or_the_buffer_stays),
		cmocka_unit_test(
		    two_seals_of_one_report_have_nothing_in_common),
		cmocka_unit_test(only_its_recipients_open_it),
		cmocka_unit_test(
		    a_stranger_with_a_recipients_key_id_opens_nothing),
		cmocka_unit_test(up_to_eight_teams_open_one_envelope),
		cmocka_unit_test(
		    a_sealer_wants_one_to_eight_different_real_keys),
		cmocka_unit_test(every_flipped_bit_before_the_body_is_refused),
		cmocka_unit_test(a_flipped_bit_in_the_body_is_refused),
		cmocka_unit_test(a_flipped_signature_is_shown_as_not_ours),
		cmocka_unit_test(every_cut_and_anything_appended_is_refused),
		cmocka_unit_test(
		    a_giant_class_is_refused_before_anything_is_made),
		cmocka_unit_test(no_part_of_another_envelope_fits),
		cmocka_unit_test(
		    recipients_cannot_be_taken_away_or_change_places),
		cmocka_unit_test(chunks_cannot_change_places_or_be_left_out),
		cmocka_unit_test(an_unknown_intake_is_a_fact_and_no_error),
		cmocka_unit_test(a_signature_of_another_tip_is_not_ours),
		cmocka_unit_test(one_of_several_intakes_is_recognised),
		cmocka_unit_test(a_peek_tells_what_stands_in_clear),
	};

	return cmocka_run_group_tests_name(
	    "crypto/seal", tests, set_up, tear_down);
}
