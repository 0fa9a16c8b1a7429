/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sms/smpp: PDUs of an SMSC, good ones and broken ones. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "base/enc.h"
#include "sms/smpp.h"

static const struct smpp_bind bind = { .region = "KH", .alphabet = ENC_GSM7 };

static void assert_same(struct bytes is, const char *wanted)
{
	assert_int_equal(is.len, strlen(wanted));
	assert_memory_equal(
	    is.at != NULL ? is.at : (const uint8_t *)"", wanted, is.len);
}

struct pdu {
	uint8_t bytes[2048];
	size_t len;
};

static void set_length(struct pdu *pdu)
{
	pdu->bytes[0] = pdu->bytes[1] = 0;
	pdu->bytes[2] = (uint8_t)(pdu->len >> 8);
	pdu->bytes[3] = (uint8_t)pdu->len;
}

static void put(struct pdu *pdu, const void *bytes, size_t len)
{
	memcpy(pdu->bytes + pdu->len, bytes, len);
	pdu->len += len;
	set_length(pdu);
}

/* Head, addresses, esm_class, coding and text of a deliver_sm. */
static struct pdu deliver(uint8_t esm_class, uint8_t coding, struct bytes text)
{
	static const uint8_t head[] = { 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0,
		0, 0, 7 };
	struct pdu pdu = { .len = 0 };
	const uint8_t rest[] = { esm_class, 0, 0, 0, 0, 0, 0, coding, 0,
		(uint8_t)text.len };

	put(&pdu, head, sizeof(head));
	put(&pdu,
	    "\0\x01\x01"
	    "85512345678\0\x00\x03"
	    "8888",
	    22);
	put(&pdu, rest, sizeof(rest));
	put(&pdu, text.at, text.len);
	return pdu;
}

static struct smpp_taken take(const struct pdu *pdu)
{
	struct smpp_taken taken = { .batch = NULL };
	/* at the end of its own memory, where a read too far is seen */
	uint8_t *copy = malloc(pdu->len > 0 ? pdu->len : 1);

	assert_non_null(copy);
	memcpy(copy, pdu->bytes, pdu->len);
	assert_int_equal(
	    smpp_take(&bind, bytes_of(copy, pdu->len), &taken), TL_OK);
	free(copy);
	return taken;
}

/* ---- vectors ------------------------------------------------------------ */

static const char *member(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text == NULL ? "" : text;
}

static void check_answer(const json_t *wanted, const struct smpp_answer *is)
{
	const json_t *allowed = json_object_get(wanted, "status");
	bool found = false;

	assert_int_equal(
	    json_is_true(json_object_get(wanted, "close")), is->close);
	if (is->close) {
		return;
	}
	assert_string_equal(smpp_answer_name(is), member(wanted, "pdu"));
	for (size_t i = 0; i < json_array_size(allowed); i++) {
		found = found ||
		    json_integer_value(json_array_get(allowed, i)) ==
			is->status;
	}
	assert_true(found);
}

static void check_message(const json_t *wanted, const struct sms_message *is)
{
	const json_t *concat = json_object_get(wanted, "concat");
	struct buf hex;

	assert_same(is->from_raw, member(wanted, "from_raw"));
	assert_same(is->from, member(wanted, "from"));
	assert_same(is->to, member(wanted, "to"));
	assert_same(is->text, member(wanted, "text"));
	assert_string_equal(sms_kind_name(is->kind), member(wanted, "kind"));
	buf_init(&hex, 1024);
	enc_hex(&hex, is->data.at, is->data.len);
	assert_same(bytes_of(hex.data, hex.len), member(wanted, "data_hex"));
	buf_free(&hex);
	assert_int_equal(is->has_concat, concat != NULL);
	if (concat != NULL) {
		assert_int_equal(is->concat.ref,
		    json_integer_value(json_object_get(concat, "ref")));
		assert_int_equal(is->concat.total,
		    json_integer_value(json_object_get(concat, "total")));
		assert_int_equal(is->concat.seq,
		    json_integer_value(json_object_get(concat, "seq")));
	}
}

static void every_vector_of_smpp_comes_out_as_it_says(void **state)
{
	json_t *vectors = json_load_file("tests/vectors/sms.json", 0, NULL);
	json_t *json;
	size_t i, n = 0;

	(void)state;
	json_array_foreach(vectors, i, json)
	{
		const json_t *message = json_object_get(json, "message");
		const char *hex = member(json, "body_hex");
		struct smpp_taken taken;
		struct pdu pdu = { .len = 0 };
		bool control;

		if (strcmp(member(json, "method"), "PDU") != 0) {
			continue;
		}
		assert_int_equal(dec_hex(hex, strlen(hex), pdu.bytes,
				     sizeof(pdu.bytes), &pdu.len),
		    TL_OK);
		taken = take(&pdu);
		control = strcmp(member(message, "kind"), "control") == 0;
		assert_int_equal(taken.kind == SMPP_REFUSED,
		    strcmp(member(json, "expect"), "reject") == 0);
		assert_int_equal(taken.kind == SMPP_CONTROL, control);
		check_answer(json_object_get(json, "answer"), &taken.answer);
		if (message != NULL && !control) {
			check_message(message, sms_batch_at(taken.batch, 0));
		}
		sms_batch_free(taken.batch);
		n++;
	}
	assert_int_equal(n, 13);
	json_decref(vectors);
}

/* ---- what vectors do not have ------------------------------------------- */

static void a_receipt_is_answered_and_no_tip(void **state)
{
	struct pdu pdu = deliver(0x04, 0, bytes_str("id:1 stat:DELIVRD"));
	struct smpp_taken taken = take(&pdu);

	(void)state;
	assert_int_equal(taken.kind, SMPP_RECEIPT);
	assert_null(taken.batch);
	assert_int_equal(taken.answer.status, 0);
	/* acknowledged by hand: a person may have written it */
	pdu = deliver(0x10, 0, bytes_str("help"));
	taken = take(&pdu);
	assert_int_equal(taken.kind, SMPP_TIP);
	sms_batch_free(taken.batch);
}

static void every_coding_is_decoded_or_kept(void **state)
{
	static const struct {
		uint8_t coding;
		const char *in;
		size_t len;
		const char *text;
		enum sms_kind kind;
	} rows[] = {
		{ 0x00, "\x00\x1b\x65 A", 5, "@\xe2\x82\xac A", SMS_TEXT },
		{ 0x03, "caf\xe9", 4, "caf\xc3\xa9", SMS_TEXT },
		{ 0x08, "\x0e\x0a\xd8\x3c\xdd\x98", 6,
		    "\xe0\xb8\x8a\xf0\x9f\x86\x98", SMS_TEXT },
		{ 0xF1, "\x02", 1, "$", SMS_TEXT },
		{ 0x04, "\x01\x02", 2, "", SMS_BINARY },
		{ 0xF5, "\x01\x02", 2, "", SMS_BINARY },
		{ 0x05, "\x01\x02", 2, "", SMS_UNDECODABLE },
		{ 0x01, "a\xff", 2, "a\xef\xbf\xbd", SMS_TEXT },
		{ 0x00, "", 0, "", SMS_TEXT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdu pdu = deliver(0, rows[i].coding,
		    bytes_of((const uint8_t *)rows[i].in, rows[i].len));
		struct smpp_taken taken = take(&pdu);
		const struct sms_message *message =
		    sms_batch_at(taken.batch, 0);

		assert_int_equal(message->kind, rows[i].kind);
		assert_same(message->text, rows[i].text);
		assert_true(message->text.len > 0 || message->data.len > 0 ||
		    rows[i].len == 0);
		sms_batch_free(taken.batch);
	}
}

static void part_numbers_in_tlvs_count_only_when_all_are_there(void **state)
{
	static const uint8_t ref[] = { 2, 0x0c, 0, 2, 0x12, 0x34 };
	static const uint8_t total[] = { 2, 0x0e, 0, 1, 2 };
	static const uint8_t number[] = { 2, 0x0f, 0, 1, 3 };
	struct pdu pdu = deliver(0, 0, bytes_str("x"));
	struct smpp_taken taken;

	(void)state;
	put(&pdu, ref, sizeof(ref));
	taken = take(&pdu);
	assert_false(sms_batch_at(taken.batch, 0)->has_concat);
	assert_true(
	    (sms_batch_at(taken.batch, 0)->flags & SMS_FLAG_NO_CONCAT) != 0);
	sms_batch_free(taken.batch);
	put(&pdu, total, sizeof(total));
	put(&pdu, number, sizeof(number)); /* 3 of 2 */
	taken = take(&pdu);
	assert_false(sms_batch_at(taken.batch, 0)->has_concat);
	sms_batch_free(taken.batch);
	put(&pdu, "\x02\x0f\0\x01\x02", 5); /* the last one counts */
	taken = take(&pdu);
	assert_true(sms_batch_at(taken.batch, 0)->has_concat);
	assert_int_equal(sms_batch_at(taken.batch, 0)->concat.seq, 2);
	sms_batch_free(taken.batch);
}

static void more_tlvs_than_any_has_are_kept_raw(void **state)
{
	struct pdu pdu = deliver(0, 0, bytes_str("x"));
	struct smpp_taken taken;

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		put(&pdu, "\x14\0\0\0", 4);
	}
	taken = take(&pdu);
	assert_int_equal(sms_batch_at(taken.batch, 0)->kind, SMS_TEXT);
	sms_batch_free(taken.batch);
	put(&pdu, "\x14\0\0\0", 4);
	taken = take(&pdu);
	assert_int_equal(taken.kind, SMPP_TIP);
	assert_int_equal(sms_batch_at(taken.batch, 0)->kind, SMS_UNDECODABLE);
	sms_batch_free(taken.batch);
}

static void every_cut_is_refused_and_what_was_read_is_kept(void **state)
{
	struct pdu whole = deliver(0, 8, bytes_str("\x17\x87\x17\xbd"));

	(void)state;
	put(&whole, "\x02\x0c\0\x02\x12\x34", 6);
	for (size_t len = 0; len < whole.len; len++) {
		struct pdu pdu = whole;
		struct smpp_taken taken;

		pdu.len = len;
		taken = take(&pdu); /* command_length says more */
		assert_true(taken.answer.close && taken.batch == NULL);
		if (len < SMPP_HEAD_BYTES || len == whole.len - 6) {
			continue; /* the TLV is no loss to the rest */
		}
		set_length(&pdu);
		taken = take(&pdu);
		assert_int_equal(taken.kind, SMPP_REFUSED);
		assert_true(taken.answer.status != 0 && !taken.answer.close);
		/* from the sender on there is somebody to be kept */
		assert_int_equal(taken.batch != NULL, len >= 31);
		if (taken.batch != NULL) {
			assert_int_equal(sms_batch_at(taken.batch, 0)->kind,
			    SMS_UNDECODABLE);
			assert_int_equal(
			    sms_batch_at(taken.batch, 0)->data.len, len);
		}
		sms_batch_free(taken.batch);
	}
}

static void every_flipped_bit_gives_a_message_or_an_answer(void **state)
{
	struct pdu whole = deliver(0x40, 8,
	    bytes_of((const uint8_t *)"\x05\0\x03\x01\x02\x01\x17\x87", 8));

	(void)state;
	for (size_t bit = 0; bit < whole.len * 8; bit++) {
		struct pdu pdu = whole;
		struct smpp_taken taken;

		pdu.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		taken = take(&pdu);
		assert_true(taken.batch != NULL || taken.kind != SMPP_TIP);
		assert_true(taken.answer.close || taken.answer.id != 0 ||
		    taken.kind == SMPP_IGNORED);
		sms_batch_free(taken.batch);
	}
}

static void lengths_that_no_pdu_has_end_the_link_unread(void **state)
{
	static const struct {
		uint32_t len;
		size_t bytes;
	} rows[] = {
		{ 0, 0 },
		{ 15, 0 },
		{ 16, 16 },
		{ 66560, 66560 },
		{ 66561, 0 },
		{ 0x7FFFFFFF, 0 },
		{ 0xFFFFFFFF, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t head[SMPP_HEAD_BYTES] = { (uint8_t)(rows[i].len >> 24),
			(uint8_t)(rows[i].len >> 16),
			(uint8_t)(rows[i].len >> 8), (uint8_t)rows[i].len };

		assert_int_equal(smpp_pdu_bytes(head), rows[i].bytes);
	}
}

static void answers_have_the_bytes_of_the_specification(void **state)
{
	struct pdu pdu = deliver(0, 0, bytes_str("x"));
	struct smpp_taken taken = take(&pdu);
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	smpp_put_answer(&out, &taken.answer);
	assert_int_equal(out.len, 17);
	assert_memory_equal(
	    out.data, "\0\0\0\x11\x80\0\0\x05\0\0\0\0\0\0\0\x07\0", 17);
	sms_batch_free(taken.batch);
	pdu = (struct pdu){ .len = 0 };
	put(&pdu, "\0\0\0\0\0\0\0\x0b\0\0\0\0\0\0\0\x09", 16); /* outbind */
	taken = take(&pdu);
	buf_reset(&out);
	smpp_put_answer(&out, &taken.answer);
	assert_memory_equal(
	    out.data, "\0\0\0\x10\x80\0\0\0\0\0\0\x03\0\0\0\x09", 16);
	assert_int_equal(taken.kind, SMPP_REFUSED);
	pdu.bytes[4] = 0x80; /* a response, which we never asked for */
	taken = take(&pdu);
	assert_int_equal(taken.kind, SMPP_IGNORED);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_of_smpp_comes_out_as_it_says),
		cmocka_unit_test(a_receipt_is_answered_and_no_tip),
		cmocka_unit_test(every_coding_is_decoded_or_kept),
		cmocka_unit_test(
		    part_numbers_in_tlvs_count_only_when_all_are_there),
		cmocka_unit_test(more_tlvs_than_any_has_are_kept_raw),
		cmocka_unit_test(
		    every_cut_is_refused_and_what_was_read_is_kept),
		cmocka_unit_test(
		    every_flipped_bit_gives_a_message_or_an_answer),
		cmocka_unit_test(lengths_that_no_pdu_has_end_the_link_unread),
		cmocka_unit_test(answers_have_the_bytes_of_the_specification),
	};

	return cmocka_run_group_tests_name("sms_smpp", tests, NULL, NULL);
}
