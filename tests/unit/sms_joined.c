/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/joined: reports that are parts, shown as one report.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include "crypto/start.h"
#include "sms/joined.h"

#define T0 INT64_C(1795300000)

struct rig {
	struct joined *joined;
	struct triage *triage;
	json_t *shown; /* of the record that was looked for last */
};

static void begin(struct rig *rig)
{
	const struct triage_files files = { 0 };
	struct triage_fault fault;

	*rig = (struct rig){ .joined = joined_new() };
	assert_non_null(rig->joined);
	assert_int_equal(triage_new(&files, &rig->triage, &fault), TL_OK);
}

static void end(struct rig *rig)
{
	joined_free(rig->joined);
	triage_free(rig->triage);
	json_decref(rig->shown);
}

/* A part as the intake writes it. */
static void add(struct rig *rig, uint64_t tag, unsigned seq, unsigned total,
    struct bytes text, struct bytes data, const char *encoding)
{
	struct report report = {
		.received_s = T0 + (int64_t)tag,
		.channel = "sms",
		.gateway = "g1",
		.text = text,
		.sender_raw = bytes_str("+85512345678"),
		.to = bytes_str("8888"),
		.external_id = bytes_str("x"),
		.data = data,
		.encoding = encoding,
		.has_concat = total > 0,
		.concat = { .ref = 7, .total = total, .seq = seq },
		.trust = "signed",
		.flags = { "lossy" },
		.n_flags = data.len > 0 ? 1 : 0,
	};
	struct buf doc;

	report.id[15] = (uint8_t)tag;
	buf_init(&doc, 65536);
	assert_int_equal(triage_judge(rig->triage, &report), TL_OK);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	assert_int_equal(
	    joined_add(rig->joined, bytes_of(doc.data, doc.len), tag), TL_OK);
	buf_free(&doc);
}

static void settle(struct rig *rig, uint64_t first_tag)
{
	assert_int_equal(
	    joined_settle(rig->joined, T0 + 9999, first_tag, rig->triage),
	    TL_OK);
}

/* The document in the place of tag; NULL: nothing is shown there. */
static const json_t *look(struct rig *rig, uint64_t tag)
{
	struct bytes doc;

	json_decref(rig->shown);
	rig->shown = NULL;
	assert_true(joined_find(rig->joined, tag, &doc));
	if (doc.len > 0) {
		rig->shown = json_loadb(
		    (const char *)doc.at, doc.len, JSON_ALLOW_NUL, NULL);
		assert_non_null(rig->shown);
	}
	return rig->shown;
}

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static void parts_are_one_report_with_all_their_ids(void **state)
{
	static const uint8_t halves[] = { 0x17, 0x87, 0xd8, 0x3c, 0xdd, 0x98 };
	const json_t *json;
	struct rig rig;
	json_t *flag;
	size_t i;

	(void)state;
	begin(&rig);
	add(&rig, 4, 2, 2, bytes_str("\ufffd"), bytes_of(halves + 4, 2),
	    "utf-16be");
	add(&rig, 3, 1, 2, bytes_str("\u1787\ufffd"), bytes_of(halves, 4),
	    "utf-16be");
	settle(&rig, 0);
	assert_null(look(&rig, 4));
	json = look(&rig, 3);
	assert_string_equal(text_of(json, "text"), "\u1787\U0001F198");
	assert_string_equal(
	    text_of(json, "id"), "00000000000000000000000000000003");
	assert_null(json_object_get(json, "concat"));
	assert_null(json_object_get(json, "data_b64"));
	/* nothing is lost in the whole */
	json_array_foreach(json_object_get(json, "flags"), i, flag)
	{
		assert_string_not_equal(json_string_value(flag), "lossy");
	}
	json = json_object_get(json, "parts");
	assert_string_equal(text_of(json, "state"), "complete");
	assert_int_equal(json_array_size(json_object_get(json, "ids")), 2);
	assert_int_equal(json_array_size(json_object_get(json, "missing")), 0);
	end(&rig);
}

static void a_word_cut_between_two_parts_counts(void **state)
{
	json_int_t alone;
	const json_t *json;
	struct rig rig;

	(void)state;
	begin(&rig);
	add(&rig, 1, 1, 2, bytes_str("they have a gun and will ki"),
	    bytes_of(NULL, 0), NULL);
	settle(&rig, 0);
	alone = json_integer_value(json_object_get(look(&rig, 1), "priority"));
	end(&rig);
	begin(&rig);
	add(&rig, 1, 1, 2, bytes_str("they have a gun and will ki"),
	    bytes_of(NULL, 0), NULL);
	add(&rig, 2, 2, 2, bytes_str("ll me, help me"), bytes_of(NULL, 0),
	    NULL);
	settle(&rig, 0);
	json = look(&rig, 1);
	assert_int_equal(
	    json_integer_value(json_object_get(json, "priority")), 1);
	assert_true(alone >= 1);
	assert_true(json_array_size(json_object_get(json, "words")) > 1);
	end(&rig);
}

static void the_message_is_as_urgent_as_its_most_urgent_part(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig);
	/* a lone 9 in front is a rule of the part alone */
	add(&rig, 1, 2, 2, bytes_str("9 help"), bytes_of(NULL, 0), NULL);
	add(&rig, 2, 1, 2, bytes_str("hello 123456"), bytes_of(NULL, 0), NULL);
	settle(&rig, 0);
	assert_true(json_integer_value(
			json_object_get(look(&rig, 1), "priority")) <= 2);
	end(&rig);
}

static void what_is_missing_is_said(void **state)
{
	const json_t *parts;
	struct rig rig;

	(void)state;
	begin(&rig);
	add(&rig, 1, 1, 3, bytes_str("a"), bytes_of(NULL, 0), NULL);
	add(&rig, 2, 3, 3, bytes_str("c"), bytes_of(NULL, 0), NULL);
	add(&rig, 3, 3, 3, bytes_str("c"), bytes_of(NULL, 0), NULL);
	settle(&rig, 0);
	assert_string_equal(text_of(look(&rig, 1), "text"), "a [2/3?] c");
	parts = json_object_get(rig.shown, "parts");
	assert_string_equal(text_of(parts, "state"), "incomplete");
	assert_int_equal(json_integer_value(json_array_get(
			     json_object_get(parts, "missing"), 0)),
	    2);
	assert_int_equal(
	    json_integer_value(json_object_get(parts, "doubles")), 1);
	assert_int_equal(json_array_size(json_object_get(parts, "ids")), 3);
	end(&rig);
}

static void a_new_part_brings_the_older_ones_along(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig);
	add(&rig, 9, 2, 2, bytes_str("b"), bytes_of(NULL, 0), NULL);
	/* the older one was added later: it was looked for */
	add(&rig, 1, 1, 2, bytes_str("a"), bytes_of(NULL, 0), NULL);
	settle(&rig, 5);
	assert_string_equal(text_of(look(&rig, 9), "text"), "ab");
	assert_null(look(&rig, 1));
	end(&rig);
}

static void what_is_no_part_is_left_alone(void **state)
{
	static const char *const docs[] = { "", "{", "[]", "{}",
		"{\"concat\":{\"ref\":1,\"total\":2,\"seq\":3}}",
		"{\"concat\":{\"ref\":1,\"total\":-2,\"seq\":1}}",
		"{\"concat\":{\"ref\":1,\"total\":2,\"seq\":1},"
		"\"received\":\"never\"}",
		"{\"concat\":{\"ref\":1,\"total\":2,\"seq\":1},\"gateway\":1,"
		"\"received\":\"2026-11-21T22:26:40Z\"}" };
	struct rig rig;
	struct bytes doc;

	(void)state;
	begin(&rig);
	add(&rig, 1, 0, 0, bytes_str("a"), bytes_of(NULL, 0), NULL);
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		assert_int_equal(
		    joined_add(rig.joined, bytes_str(docs[i]), 2 + i), TL_OK);
	}
	assert_int_equal(joined_count(rig.joined), 0);
	settle(&rig, 0);
	assert_false(joined_find(rig.joined, 1, &doc));
	end(&rig);
}

/* ---- what is too much for one document ------------------------------------
 */

#define PIECE_BYTES ((size_t)256u * 1024u)
#define TOO_MANY    20u

/* A piece of a request that was kept whole: nothing but `fill`. */
static void add_piece(struct rig *rig, uint64_t tag, unsigned seq,
    unsigned total, const char *fill)
{
	struct report report = {
		.received_s = T0,
		.channel = "sms",
		.gateway = "g1",
		.kind = "undecodable",
		.trust = "signed",
		.has_concat = true,
		.concat = { .ref = 9,
		    .wide = true,
		    .total = total,
		    .seq = seq },
	};
	uint8_t *data = malloc(PIECE_BYTES);
	size_t len = strlen(fill);
	struct buf doc;

	assert_non_null(data);
	for (size_t i = 0; i < PIECE_BYTES; i++) {
		data[i] = (uint8_t)fill[i % len];
	}
	report.data = bytes_of(data, PIECE_BYTES);
	report.id[15] = (uint8_t)tag;
	buf_init(&doc, report_room(&report));
	assert_int_equal(report_write(&report, &doc), TL_OK);
	assert_int_equal(
	    joined_add(rig->joined, bytes_of(doc.data, doc.len), tag), TL_OK);
	buf_free(&doc);
	free(data);
}

static void a_request_of_four_mebibytes_is_one_document(void **state)
{
	struct rig rig;
	const json_t *json;

	(void)state;
	begin(&rig);
	for (unsigned i = 0; i < 16; i++) {
		add_piece(&rig, 1 + i, 1 + i, 16, "they lock the door\n");
	}
	settle(&rig, 0);
	json = look(&rig, 1);
	assert_int_equal(json_string_length(json_object_get(json, "text")),
	    16 * PIECE_BYTES);
	assert_true(json_string_length(json_object_get(json, "data_b64")) >
	    16 * PIECE_BYTES);
	for (uint64_t tag = 2; tag <= 16; tag++) {
		assert_null(look(&rig, tag));
	}
	end(&rig);
}

/* Also where its number was cut in two. */
static void who_sent_a_whole_request_is_not_in_its_words(void **state)
{
	static const char *const pieces[] = { "{\"from\":\"+855123",
		"45678\",\"text\":7,\"tel\":\"012345678\"}" };
	struct rig rig;
	const json_t *json;

	(void)state;
	begin(&rig);
	for (unsigned i = 0; i < 2; i++) {
		struct report report = { .received_s = T0,
			.channel = "sms",
			.gateway = "g1",
			.kind = "undecodable",
			.trust = "signed",
			.sender_raw = bytes_str("+85512345678"),
			.sender_e164 = bytes_str("+85512345678"),
			.data = bytes_str(pieces[i]),
			.has_concat = true,
			.concat = { .ref = 9,
			    .wide = true,
			    .total = 2,
			    .seq = i + 1 } };
		struct buf doc;

		report.id[15] = (uint8_t)i;
		buf_init(&doc, report_room(&report));
		assert_int_equal(report_write(&report, &doc), TL_OK);
		assert_int_equal(
		    joined_add(rig.joined, bytes_of(doc.data, doc.len), 1 + i),
		    TL_OK);
		buf_free(&doc);
	}
	settle(&rig, 0);
	json = look(&rig, 1);
	assert_string_equal(text_of(json, "text"),
	    "{\"from\":\"************\",\"text\":7,\"tel\":\"0********\"}");
	assert_string_equal(
	    text_of(json_object_get(json, "sender"), "e164"), "+85512345678");
	assert_null(look(&rig, 2));
	end(&rig);
}

static void what_is_too_much_is_left_in_its_parts(void **state)
{
	struct bytes doc;
	struct rig rig;

	(void)state;
	begin(&rig);
	/* each byte is two in JSON, some are six, and all stand in base64 too
	 */
	for (unsigned i = 0; i < TOO_MANY; i++) {
		add_piece(
		    &rig, 3 + i, 1 + i, TOO_MANY, "\n\n\n\n\n\n\n\n\n\n\x01");
	}
	for (unsigned i = 0; i < 2; i++) {
		add(&rig, 1 + i * 90, 1 + i, 2, bytes_str(i == 0 ? "a" : "b"),
		    bytes_of(NULL, 0), NULL);
	}
	settle(&rig, 0);
	for (unsigned i = 0; i < TOO_MANY; i++) {
		assert_false(joined_find(rig.joined, 3 + i, &doc));
	}
	assert_string_equal(text_of(look(&rig, 1), "text"), "ab");
	assert_null(look(&rig, 91));
	end(&rig);
}

static int setup(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_one_report_with_all_their_ids),
		cmocka_unit_test(a_word_cut_between_two_parts_counts),
		cmocka_unit_test(
		    the_message_is_as_urgent_as_its_most_urgent_part),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(a_new_part_brings_the_older_ones_along),
		cmocka_unit_test(what_is_no_part_is_left_alone),
		cmocka_unit_test(a_request_of_four_mebibytes_is_one_document),
		cmocka_unit_test(who_sent_a_whole_request_is_not_in_its_words),
		cmocka_unit_test(what_is_too_much_is_left_in_its_parts),
	};

	return cmocka_run_group_tests_name("sms/joined", tests, setup, NULL);
}
