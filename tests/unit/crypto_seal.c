/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/seal, crypto/open, crypto/envelope: what is sealed is opened byte
 * for byte by its recipients alone, who see whether an intake signed it.
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
#include "crypto/teamkey.h"
#include "tests/lib/sealing.h"

static struct team_key *stranger;
static struct sealer *other_sealer; /* the same teams, another intake */

static int set_up(void **state)
{
	uint8_t secret[32];
	uint8_t other_sign[64];
	uint8_t other_verify[32];

	(void)sealing_set_up(state);
	random_bytes(secret, sizeof(secret));
	assert_int_equal(teamkey_of(secret, &stranger), TL_OK);
	keyfile_new_pair(other_sign, other_verify);
	assert_int_equal(
	    sealer_new(sealing.team_public, 2, other_sign, &other_sealer),
	    TL_OK);
	return 0;
}

static int tear_down(void **state)
{
	teamkey_free(stranger);
	sealer_free(other_sealer);
	return sealing_tear_down(state);
}

static enum tl_err open_with(const struct team_key *team, const uint8_t *bytes,
    size_t len, struct opened *ret)
{
	return envelope_open(
	    team, sealing.verify_key, 1, bytes_of(bytes, len), ret);
}

static void a_sealed_report_is_opened_byte_for_byte(void **state)
{
	const char *text = "ជួយផង \0 byte" /* with a NUL inside */;
	const size_t len = sizeof("ជួយផង \0 byte") - 1;
	struct opened opened = { 0 };
	struct buf out;

	(void)state;
	sealing_seal(sealing.sealer, sealing_id, text, len, &out);
	for (size_t i = 0; i < 2; i++) {
		uint8_t *copy = sealing_copy(out.data, out.len);

		assert_int_equal(
		    open_with(sealing.teams[i], copy, out.len, &opened), TL_OK);
		free(copy);
		assert_int_equal(opened.report_len, len);
		assert_memory_equal(opened.report, text, len);
		assert_memory_equal(opened.id, sealing_id, 16);
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
	sealing_seal(sealing.sealer, sealing_id, report, len, &out);
	assert_null(memmem(sealing.sealer, sealer_bytes, "canary", 6));
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
		sealing_seal(
		    sealing.sealer, sealing_other_id, report, len, &out);
		while (class_bytes < len + 8) {
			class_bytes *= 2;
		}
		assert_int_equal(out.len,
		    36 + 2 * 88 + 24 + class_bytes +
			17 * ((class_bytes + 65535) / 65536) + 64);
		assert_true(out.len <= seal_bytes_max(&content));
		assert_int_equal(
		    open_with(sealing.teams[1], out.data, out.len, &opened),
		    TL_OK);
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
		assert_int_equal(sealer_seal(sealing.sealer, sealing_other_id,
				     &content, &out),
		    TL_OK);
		assert_int_equal(out.data[10], cases[i].want);
		assert_int_equal(
		    open_with(sealing.teams[0], out.data, out.len, &opened),
		    TL_OK);
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
	assert_int_equal(
	    sealer_seal(sealing.sealer, sealing_id, &content, &out),
	    TL_ETOOBIG);
	assert_int_equal(seal_bytes_max(&content), 0);
	content.report.len--;
	assert_int_equal(seal_bytes_max(&content), ENVELOPE_MAX_BYTES);
	content.raw = bytes_of(report, 1);
	assert_int_equal(
	    sealer_seal(sealing.sealer, sealing_id, &content, &out),
	    TL_ETOOBIG);
	content.raw.len = SIZE_MAX; /* together they would be one byte less */
	assert_int_equal(
	    sealer_seal(sealing.sealer, sealing_id, &content, &out),
	    TL_ETOOBIG);
	content = (struct seal_content){ .size_class = 21 };
	assert_int_equal(
	    sealer_seal(sealing.sealer, sealing_id, &content, &out),
	    TL_ETOOBIG);
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
	assert_int_equal(
	    sealer_seal(sealing.sealer, sealing_id, &content, &out), TL_OK);
	assert_memory_equal(out.data, "front", 5);
	assert_int_equal(
	    open_with(sealing.teams[0], out.data + 5, out.len - 5, &opened),
	    TL_OK);
	opened_free(&opened);
	buf_free(&out);

	buf_init(&out, 4000);
	buf_put_str(&out, "front");
	assert_int_equal(
	    sealer_seal(sealing.sealer, sealing_id, &content, &out),
	    TL_ETOOBIG);
	assert_int_equal(out.len, 5);
	buf_free(&out);
}

static void two_seals_of_one_report_have_nothing_in_common(void **state)
{
	struct buf one;
	struct buf two;
	size_t same = 0;

	(void)state;
	sealing_text("the same words", &one);
	sealing_text("the same words", &two);
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
	sealing_text("for two teams", &out);
	for (size_t i = 2; i < SEALING_TEAMS; i++) {
		assert_int_equal(
		    open_with(sealing.teams[i], out.data, out.len, &opened),
		    TL_ENOENT);
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
	sealing_text("for two teams", &out);
	envelope_key_id(out.data + 36, teamkey_public(stranger));
	assert_int_equal(
	    open_with(stranger, out.data, out.len, &opened), TL_EPROOF);
	buf_free(&out);
}

static void up_to_eight_teams_open_one_envelope(void **state)
{
	(void)state;
	for (size_t n = 1; n <= SEALING_TEAMS; n++) {
		struct sealer *many = NULL;
		struct buf out;

		assert_int_equal(
		    sealer_new(sealing.team_public, n, sealing.sign_key, &many),
		    TL_OK);
		sealing_seal(many, sealing_id, "many", 4, &out);
		for (size_t i = 0; i < SEALING_TEAMS; i++) {
			struct opened opened = { 0 };

			assert_int_equal(open_with(sealing.teams[i], out.data,
					     out.len, &opened),
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
	memcpy(keys, sealing.team_public, sizeof(sealing.team_public));
	memcpy(keys[8], teamkey_public(stranger), 32);
	assert_int_equal(
	    sealer_new(keys, 0, sealing.sign_key, &none), TL_EINVAL);
	assert_int_equal(
	    sealer_new(keys, 9, sealing.sign_key, &none), TL_EINVAL);
	memcpy(keys[1], keys[0], 32);
	assert_int_equal(
	    sealer_new(keys, 2, sealing.sign_key, &none), TL_EINVAL);
	memset(keys[0], 0, 32); /* a point of low order */
	assert_int_equal(
	    sealer_new(keys, 1, sealing.sign_key, &none), TL_EINVAL);
	keys[0][0] = 1;
	assert_int_equal(
	    sealer_new(keys, 1, sealing.sign_key, &none), TL_EINVAL);
	assert_null(none);
	sealer_free(NULL);
}

static void a_flipped_signature_is_shown_as_not_ours(void **state)
{
	struct buf out;

	(void)state;
	sealing_text("flip me", &out);
	for (size_t bit = 0; bit < 64 * 8; bit++) {
		uint8_t *byte = out.data + out.len - 64 + bit / 8;
		struct opened opened = { 0 };

		*byte ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    open_with(sealing.teams[0], out.data, out.len, &opened),
		    TL_OK);
		assert_false(opened.signed_by_us);
		opened_free(&opened);
		*byte ^= (uint8_t)(1u << (bit % 8));
	}
	buf_free(&out);
}

static void an_unknown_intake_is_a_fact_and_no_error(void **state)
{
	struct opened opened = { 0 };
	uint8_t their_id[8];
	struct buf out;

	(void)state;
	sealing_seal(other_sealer, sealing_id, "injected?", 9, &out);
	memcpy(their_id, out.data + 28, 8);
	assert_int_equal(
	    open_with(sealing.teams[0], out.data, out.len, &opened), TL_OK);
	assert_false(opened.signed_by_us);
	assert_memory_equal(opened.intake_key_id, their_id, 8);
	opened_free(&opened);
	/* no intake known at all */
	assert_int_equal(envelope_open(sealing.teams[0], NULL, 0,
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
	sealing_seal(sealing.sealer, sealing_id, "one", 3, &one);
	sealing_seal(sealing.sealer, sealing_id, "one", 3, &two);
	memcpy(one.data + one.len - 64, two.data + two.len - 64, 64);
	assert_int_equal(
	    open_with(sealing.teams[0], one.data, one.len, &opened), TL_OK);
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
	memcpy(intakes[2], sealing.verify_key[0], 32);
	sealing_text("ours", &out);
	assert_int_equal(
	    envelope_open(sealing.teams[0], (const uint8_t(*)[32])intakes, 3,
		bytes_of(out.data, out.len), &opened),
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
	sealing_text("peek", &out);
	assert_int_equal(envelope_peek(bytes_of(out.data, out.len), &e), TL_OK);
	assert_memory_equal(e.id, sealing_id, 16);
	envelope_key_id(key_id, sealing.verify_key[0]);
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
		cmocka_unit_test(a_flipped_signature_is_shown_as_not_ours),
		cmocka_unit_test(an_unknown_intake_is_a_fact_and_no_error),
		cmocka_unit_test(a_signature_of_another_tip_is_not_ours),
		cmocka_unit_test(one_of_several_intakes_is_recognised),
		cmocka_unit_test(a_peek_tells_what_stands_in_clear),
	};

	return cmocka_run_group_tests_name(
	    "crypto/seal", tests, set_up, tear_down);
}
