/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/smpp: an SMSC that is broken, or means harm. What it may not reach is
 * the words of a PDU that somebody wrote: these come out, whatever stands
 * beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "sms/smpp.h"
#include "text/utf8.h"

#define DELIVER 0x05
#define PAYLOAD 0x0424

static const struct smpp_bind bind = { .region = "KH", .alphabet = ENC_GSM7 };

struct pdu {
	uint8_t bytes[SMPP_PDU_MAX_BYTES + 16];
	size_t len;
};

static void put(struct pdu *pdu, const void *bytes, size_t len)
{
	assert_true(pdu->len + len <= sizeof(pdu->bytes));
	memcpy(pdu->bytes + pdu->len, bytes, len);
	pdu->len += len;
	for (unsigned i = 0; i < 4; i++) {
		pdu->bytes[i] = (uint8_t)(pdu->len >> (24 - 8 * i));
	}
}

/* A deliver_sm with this text and no TLV yet. */
static void begin(
    struct pdu *pdu, uint8_t esm_class, uint8_t coding, const char *text)
{
	static const uint8_t head[] = { 0, 0, 0, 0, 0, 0, 0, DELIVER, 0, 0, 0,
		0, 0, 0, 0, 7 };
	const uint8_t rest[] = { esm_class, 0, 0, 0, 0, 0, 0, coding, 0,
		(uint8_t)strlen(text) };

	pdu->len = 0;
	put(pdu, head, sizeof(head));
	put(pdu,
	    "\0\x01\x01"
	    "85512345678\0\x00\x03"
	    "8888",
	    22);
	put(pdu, rest, sizeof(rest));
	put(pdu, text, strlen(text));
}

static void put_tlv(
    struct pdu *pdu, unsigned tag, const void *value, size_t len)
{
	const uint8_t head[] = { (uint8_t)(tag >> 8), (uint8_t)tag,
		(uint8_t)(len >> 8), (uint8_t)len };

	put(pdu, head, sizeof(head));
	put(pdu, value, len);
}

static struct smpp_taken take(const struct pdu *pdu)
{
	struct smpp_taken taken = { .batch = NULL };
	/* at the end of its own memory, where a read too far is seen */
	uint8_t *copy = malloc(pdu->len);

	assert_non_null(copy);
	memcpy(copy, pdu->bytes, pdu->len);
	assert_int_equal(
	    smpp_take(&bind, bytes_of(copy, pdu->len), &taken), TL_OK);
	free(copy);
	return taken;
}

static bool has(struct bytes in, const char *words)
{
	return in.len >= strlen(words) &&
	    memmem(in.at, in.len, words, strlen(words)) != NULL;
}

/* It is a message, and these words are in it: as text, or as bytes. */
static void expect_words(const struct pdu *pdu, const char *words)
{
	struct smpp_taken taken = take(pdu);
	const struct sms_message *message;

	assert_int_equal(taken.kind, SMPP_TIP);
	assert_int_equal(taken.answer.status, 0);
	assert_non_null(taken.batch);
	assert_int_equal(sms_batch_count(taken.batch), 1);
	message = sms_batch_at(taken.batch, 0);
	assert_true(utf8_valid(message->text));
	assert_true(has(message->text, words) || has(message->data, words));
	sms_batch_free(taken.batch);
}

static void an_empty_payload_hides_no_text(void **state)
{
	struct pdu *pdu = *state;

	begin(pdu, 0, 3, "they lock us in");
	put_tlv(pdu, PAYLOAD, "", 0);
	expect_words(pdu, "they lock us in");
}

static void an_empty_payload_hides_no_other(void **state)
{
	struct pdu *pdu = *state;

	begin(pdu, 0, 3, "");
	put_tlv(pdu, PAYLOAD, "they lock us in", 15);
	put_tlv(pdu, PAYLOAD, "", 0);
	expect_words(pdu, "they lock us in");
}

static void a_payload_behind_too_many_others_is_kept(void **state)
{
	struct pdu *pdu = *state;

	begin(pdu, 0, 3, "");
	for (unsigned i = 0; i < 70; i++) {
		put_tlv(pdu, 0x1400 + i, "x", 1);
	}
	put_tlv(pdu, PAYLOAD, "they lock us in", 15);
	expect_words(pdu, "they lock us in");
}

/* One that could not be taken would come again and again. */
static void the_longest_payload_is_taken_in_any_coding(void **state)
{
	struct pdu *pdu = *state;
	uint8_t *value = malloc(65535);

	assert_non_null(value);
	for (unsigned coding = 0; coding < 256; coding++) {
		for (unsigned byte = 0; byte < 256; byte += 51) {
			struct smpp_taken taken;

			memset(value, (int)byte, 65535);
			begin(pdu, 0, (uint8_t)coding, "");
			put_tlv(pdu, PAYLOAD, value, 65535);
			taken = take(pdu);
			assert_int_equal(taken.kind, SMPP_TIP);
			assert_int_equal(taken.answer.status, 0);
			assert_true(
			    utf8_valid(sms_batch_at(taken.batch, 0)->text));
			sms_batch_free(taken.batch);
		}
	}
	free(value);
}

/* Lies about parts cost the numbers, and no word. */
static void a_header_that_lies_costs_no_word(void **state)
{
	/* total, number */
	static const uint8_t lies[][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 },
		{ 2, 3 }, { 255, 0 }, { 1, 255 }, { 255, 255 }, { 255, 1 } };
	struct pdu *pdu = *state;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		char text[64] = { 5, 0, 3, 9 };
		size_t at;

		/* the same ones in TLVs, where zeros may stand */
		begin(pdu, 0, 3, "they lock us in");
		put_tlv(pdu, 0x020C, "\0\x09", 2);
		put_tlv(pdu, 0x020E, &lies[i][0], 1);
		put_tlv(pdu, 0x020F, &lies[i][1], 1);
		expect_words(pdu, "they lock us in");
		begin(pdu, 0x40, 3, "......they lock us in");
		text[4] = (char)lies[i][0];
		text[5] = (char)lies[i][1];
		at = pdu->len - strlen("......they lock us in");
		memcpy(pdu->bytes + at, text, 6);
		expect_words(pdu, "they lock us in");
	}
}

static void a_header_longer_than_the_text_costs_no_word(void **state)
{
	struct pdu *pdu = *state;

	for (unsigned len = 0; len < 256; len++) {
		begin(pdu, 0x40, 3, "?they lock us in");
		pdu->bytes[pdu->len - 16] = (uint8_t)len;
		if (len >= 16) {
			expect_words(pdu, "they lock us in");
		} else {
			struct smpp_taken taken = take(pdu);

			assert_int_equal(taken.kind, SMPP_TIP);
			sms_batch_free(taken.batch);
		}
	}
}

static void every_class_and_coding_is_a_message_or_a_receipt(void **state)
{
	struct pdu *pdu = *state;

	for (unsigned class = 0; class < 256; class ++) {
		for (unsigned coding = 0; coding < 256; coding++) {
			unsigned type = class >> 2 & 0x0F;
			struct smpp_taken taken;

			begin(pdu, (uint8_t) class, (uint8_t)coding,
			    "\x01z text");
			taken = take(pdu);
			assert_int_equal(taken.answer.status, 0);
			assert_int_equal(taken.kind,
			    type == 1 || type == 8 ? SMPP_RECEIPT : SMPP_TIP);
			sms_batch_free(taken.batch);
		}
	}
}

/* Of what we never sent there is nothing to be done, and nothing to say. */
static void an_answer_to_nothing_is_not_answered(void **state)
{
	static const uint32_t ids[] = { 0x80000000, 0x80000001, 0x80000002,
		0x80000004, 0x80000005, 0x80000006, 0x80000009, 0x80000015,
		0x80000103, 0xFFFFFFFF, 0x00000102 };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct pdu pdu = { .len = 0 };
		struct smpp_taken taken;

		put(&pdu, (uint8_t[16]){ 0 }, 16);
		for (unsigned b = 0; b < 4; b++) {
			pdu.bytes[4 + b] = (uint8_t)(ids[i] >> (24 - 8 * b));
		}
		put(&pdu, "anything", 8);
		taken = take(&pdu);
		assert_int_equal(taken.kind, SMPP_IGNORED);
		assert_int_equal(taken.answer.id, 0);
		assert_false(taken.answer.close);
		assert_null(taken.batch);
	}
}

static int new_pdu(void **state)
{
	*state = calloc(1, sizeof(struct pdu));
	return *state == NULL ? -1 : 0;
}

static int free_pdu(void **state)
{
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_payload_hides_no_text),
		cmocka_unit_test(an_empty_payload_hides_no_other),
		cmocka_unit_test(a_payload_behind_too_many_others_is_kept),
		cmocka_unit_test(the_longest_payload_is_taken_in_any_coding),
		cmocka_unit_test(a_header_that_lies_costs_no_word),
		cmocka_unit_test(a_header_longer_than_the_text_costs_no_word),
		cmocka_unit_test(
		    every_class_and_coding_is_a_message_or_a_receipt),
		cmocka_unit_test(an_answer_to_nothing_is_not_answered),
	};

	return cmocka_run_group_tests_name(
	    "sms/smpp, a hostile SMSC", tests, new_pdu, free_pdu);
}
