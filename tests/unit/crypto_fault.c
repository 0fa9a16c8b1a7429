/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/envelope_fault: what is changed in an envelope is told by its own
 * name, and each name has its words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/start.h"

static struct team_key *teams[2];
static struct buf sealed;

static int set_up(void **state)
{
	uint8_t keys[2][32], secret[32], sign[KEY_SIGN_BYTES], verify[32];
	uint8_t id[SEAL_ID_BYTES] = { 1 };
	const struct seal_content content = { .report = bytes_str("help") };
	struct sealer *sealer = NULL;

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	for (size_t i = 0; i < 2; i++) {
		random_bytes(secret, sizeof(secret));
		assert_int_equal(teamkey_of(secret, &teams[i]), TL_OK);
		memcpy(keys[i], teamkey_public(teams[i]), 32);
	}
	keyfile_new_pair(sign, verify);
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])keys, 2, sign, &sealer), TL_OK);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	assert_int_equal(sealer_seal(sealer, id, &content, &sealed), TL_OK);
	sealer_free(sealer);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&sealed);
	teamkey_free(teams[0]);
	teamkey_free(teams[1]);
	return 0;
}

static enum envelope_fault open_it(size_t len)
{
	struct opened opened = { 0 };
	enum envelope_fault fault = envelope_open_with(
	    teams[0], NULL, 0, bytes_of(sealed.data, len), &opened);

	opened_free(&opened);
	return fault;
}

static void each_change_has_its_own_name(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
		const char *name;
	} changes[] = {
		{ 0, 'T', "magic" }, { 7, 2, "version" }, { 8, 2, "suite" },
		{ 9, 0, "count" }, { 9, 9, "count" }, { 9, 1, "length" },
		{ 10, 11, "class" }, { 10, 21, "class" }, { 10, 13, "length" },
		{ 11, 1, "reserved" },
		{ 12, 0, "body" }, /* the id is bound to the first chunk */
	};

	(void)state;
	assert_int_equal(open_it(sealed.len), ENVELOPE_FINE);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint8_t kept = sealed.data[changes[i].at];

		sealed.data[changes[i].at] = changes[i].byte;
		assert_string_equal(
		    envelope_fault_name(open_it(sealed.len)), changes[i].name);
		sealed.data[changes[i].at] = kept;
	}
	assert_int_equal(open_it(35), ENVELOPE_SHORT);
	assert_int_equal(open_it(sealed.len - 1), ENVELOPE_LENGTH);
}

static void slots_wraps_and_chunks_are_told_apart(void **state)
{
	uint8_t *slot = sealed.data + ENVELOPE_HEAD_BYTES;
	uint8_t kept[8];

	(void)state;
	memcpy(kept, slot, 8);
	memcpy(slot, slot + ENVELOPE_SLOT_BYTES, 8);
	assert_int_equal(open_it(sealed.len), ENVELOPE_TWICE);
	memcpy(slot, kept, 8);
	slot[0] ^= 1;
	assert_int_equal(open_it(sealed.len), ENVELOPE_STRANGER);
	slot[0] ^= 1;
	slot[8] ^= 1;
	assert_int_equal(open_it(sealed.len), ENVELOPE_WRAP);
	slot[8] ^= 1;
	/* the other team's wrap: bound to the body all the same */
	slot[ENVELOPE_SLOT_BYTES + 8] ^= 1;
	assert_int_equal(open_it(sealed.len), ENVELOPE_BODY);
	slot[ENVELOPE_SLOT_BYTES + 8] ^= 1;
	assert_int_equal(open_it(sealed.len), ENVELOPE_FINE);
}

static void each_fault_has_words_and_an_error(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ENVELOPE_FAULTS; i++) {
		enum envelope_fault fault = (enum envelope_fault)i;

		assert_non_null(envelope_fault_name(fault));
		assert_non_null(envelope_fault_text(fault));
		assert_int_equal(
		    envelope_fault_err(fault) == TL_OK, fault == ENVELOPE_FINE);
		for (unsigned j = 0; j < i; j++) {
			assert_string_not_equal(envelope_fault_name(fault),
			    envelope_fault_name((enum envelope_fault)j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_has_its_own_name),
		cmocka_unit_test(slots_wraps_and_chunks_are_told_apart),
		cmocka_unit_test(each_fault_has_words_and_an_error),
	};

	return cmocka_run_group_tests_name(
	    "crypto/fault", tests, set_up, tear_down);
}
