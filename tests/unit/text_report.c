/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report: text comes out byte for byte, and nothing a reporter wrote
 * can act on the officer's terminal.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three of them */
#include <cmocka.h>

#include "tests/lib/assert_bytes.h"
#include "tests/lib/lit.h"
#include "text/report.h"

#define DOC_MAX_BYTES (1024u * 1024u)
#define BAD           "\xef\xbf\xbd"

static const struct report_answer answers[] = {
	{ "now", B("1") },
	{ "ind", B("2") },
	{ "ind", B("15") },
	{ "where_near", B("caf\xe9") },
};
static const struct report_media media[] = {
	{ B("image/jpeg"), B("https://x/1") },
};

static const struct report_context ours = { .signed_by_us = true };
static const struct report_context not_ours = { .signed_by_us = false };

static struct report full(void)
{
	struct report report = {
		.id = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255 },
		.received_s = 1795300000,
		.sent_s = 1795299998,
		.channel = "sms",
		.gateway = "smart",
		.lang = "km",
		.text = B("ជួយ\0\xe2\x80\x8b" BAD "\r\n 1+1=2 \"\\"),
		.answers = answers,
		.n_answers = 4,
		.sender_raw = B("012345678"),
		.sender_e164 = B("+85512345678"),
		.to = B("8888"),
		.external_id = B("m-1"),
		.data = B("\x00\xff"),
		.udh = B("\x05\x00"),
		.kind = "",
		.has_concat = true,
		.concat = { 7, 3, 1, true },
		.units = 2,
		.button = B("Yes"),
		.trust = "signed",
		.has_reply_key = true,
		.reply_key = { 0xaa, 0xbb },
		.mailbox = { 0xcc },
		.priority = 1,
		.rules = { { "R1", "Says danger now", 1 } },
		.n_rules = 1,
		.rules_version = "7",
		.words = { { "HELP", "km", "", 0, 9, B("ជួយ") } },
		.n_words = 1,
		.lang_guess = "km",
		.flags = { "lossy" },
		.n_flags = 1,
		.media = media,
		.n_media = 1,
	};

	return report;
}

static const char full_doc[] =
    "{\"v\":1,\"id\":\"000102030405060708090a0b0c0d0eff\","
    "\"received\":\"2026-11-21T22:26:40Z\",\"channel\":\"sms\","
    "\"gateway\":\"smart\",\"lang\":\"km\","
    "\"text\":\"ជួយ\\u0000\xe2\x80\x8b" BAD "\\r\\n 1+1=2 \\\"\\\\\","
    "\"answers\":{\"now\":\"1\",\"ind\":[\"2\",\"15\"],"
    "\"where_near\":\"caf" BAD "\",\"where_near_b64\":\"Y2Fm6Q==\"},"
    "\"sender\":{\"raw\":\"012345678\",\"e164\":\"+85512345678\"},"
    "\"to\":\"8888\",\"external_id\":\"m-1\","
    "\"sent\":\"2026-11-21T22:26:38Z\",\"data_b64\":\"AP8=\","
    "\"udh_b64\":\"BQA=\","
    "\"concat\":{\"ref\":7,\"total\":3,\"seq\":1,\"wide\":true},"
    "\"units\":2,\"button\":\"Yes\","
    "\"media\":[{\"type\":\"image/jpeg\",\"url\":\"https://x/1\"}],"
    "\"trust\":\"signed\","
    "\"reply\":{\"mailbox\":\"cc000000000000000000000000000000\","
    "\"key\":\"aabb000000000000000000000000000000000000000000000000000000"
    "000000\"},"
    "\"priority\":1,"
    "\"rules\":[{\"rule\":\"R1\",\"text\":\"Says danger now\","
    "\"priority\":1}],\"rules_version\":\"7\","
    "\"words\":[{\"group\":\"HELP\",\"lang\":\"km\",\"word\":\"ជួយ\",\"at\":0,"
    "\"len\":9}],\"lang_guess\":\"km\","
    "\"flags\":[\"lossy\"]}";

static void the_document_is_as_the_format_says(void **state)
{
	const struct report report = full();
	struct buf doc;

	(void)state;
	buf_init(&doc, DOC_MAX_BYTES);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	assert_bytes(bytes_of(doc.data, doc.len), full_doc);
	buf_free(&doc);
}

static void the_smallest_document_is_small(void **state)
{
	const struct report report = { .channel = "web", .priority = 3 };
	struct buf doc;

	(void)state;
	buf_init(&doc, DOC_MAX_BYTES);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	assert_bytes(bytes_of(doc.data, doc.len),
	    "{\"v\":1,\"id\":\"00000000000000000000000000000000\","
	    "\"received\":\"1970-01-01T00:00:00Z\",\"channel\":\"web\","
	    "\"text\":\"\",\"answers\":{},\"sender\":{},\"priority\":3,"
	    "\"rules\":[]}");
	buf_free(&doc);
}

/* Text that goes through the document and the officer's JSON. */
static void check_text(struct bytes text, struct bytes wanted)
{
	struct report report = { .channel = "web", .priority = 3 };
	struct buf doc, line;
	json_t *json;
	const json_t *member;

	report.text = text;
	buf_init(&doc, DOC_MAX_BYTES);
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	assert_int_equal(
	    report_print_json(bytes_of(doc.data, doc.len), &ours, &line),
	    TL_OK);
	assert_null(memchr(line.data, '\n', line.len));
	json =
	    json_loadb((const char *)line.data, line.len, JSON_ALLOW_NUL, NULL);
	member = json_object_get(json, "text");
	assert_true(bytes_equal(
	    bytes_of(json_string_value(member), json_string_length(member)),
	    wanted));
	assert_int_equal(json_object_get(json, "text_b64") == NULL,
	    bytes_equal(text, wanted));
	json_decref(json);
	buf_free(&doc);
	buf_free(&line);
}

static void more_to_a_tip_says_which_and_what_is_wished(void **state)
{
	struct report report = {
		.received_s = 1795300000,
		.channel = "web",
		.kind = REPORT_MORE,
		.has_form = true,
		.has_mailbox = true,
		.wishes = { "no-contact", "withdraw" },
		.n_wishes = 2,
		.priority = 3,
	};
	struct report_reply reply;
	struct buf out;

	(void)state;
	memset(report.form, 0x5a, sizeof(report.form));
	memset(report.mailbox, 0xa5, sizeof(report.mailbox));
	buf_init(&out, DOC_MAX_BYTES);
	assert_int_equal(report_write(&report, &out), TL_OK);
	buf_put_u8(&out, 0);
	assert_non_null(strstr((const char *)out.data,
	    "\"form\":\"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\","
	    "\"mailbox\":\"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\","
	    "\"wish\":[\"no-contact\",\"withdraw\"],\"kind\":\"more\""));
	assert_null(strstr((const char *)out.data, "\"reply\""));
	report_reply(bytes_of(out.data, out.len - 1), &reply);
	assert_false(reply.is_further);
	buf_free(&out);
}

static void text_comes_out_byte_for_byte(void **state)
{
	static const struct bytes rows[] = {
		B(""),
		B("\0"),
		B("\0\0a"),
		B("\xe2\x80\x8b\xe2\x80\x8c\xef\xbb\xbf"),
		B(BAD),
		B("a\r\nb\nc\rd\t "),
		B("  leading and trailing  "),
		B("\x1b[31m\x7f\xc2\x9b"),
		B("\xe2\x80\xae"
		  "abc\xe2\x81\xa6\xe2\x80\xa8"),
		B("\xf3\xa0\x80\x81\xf0\x9f\x98\x80"),
		B("e\xcc\x81 \xc3\xa9"), /* not normalised */
		B("\xef\xbf\xbe\xef\xbf\xbf"),
		B("\"\\/\\u0041"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_text(rows[i], rows[i]);
	}
	check_text(B("a\xff"), B("a" BAD));
	check_text(B("\xed\xa0\x80"), B(BAD BAD BAD));
}

static void the_original_of_repaired_text_stands_beside_it(void **state)
{
	struct report report = { .channel = "web", .priority = 3 };
	struct buf doc;

	(void)state;
	report.text = B("a\xff");
	buf_init(&doc, DOC_MAX_BYTES);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	buf_put_u8(&doc, 0);
	assert_non_null(strstr((const char *)doc.data,
	    "\"text\":\"a" BAD "\",\"text_b64\":\"Yf8=\""));
	buf_free(&doc);
}

static void a_wrong_time_or_no_room_is_an_error(void **state)
{
	struct report report = full();
	struct buf doc;

	(void)state;
	buf_init(&doc, DOC_MAX_BYTES);
	report.received_s = -1;
	assert_int_equal(report_write(&report, &doc), TL_EINVAL);
	report.received_s = INT64_C(253402300800);
	assert_int_equal(report_write(&report, &doc), TL_EINVAL);
	assert_int_equal(doc.len, 0);
	buf_free(&doc);
	report.received_s = 0;
	buf_init(&doc, 100);
	assert_int_equal(report_write(&report, &doc), TL_ETOOBIG);
	buf_free(&doc);
}

static void a_gateways_impossible_time_does_not_cost_the_tip(void **state)
{
	static const int64_t times[] = { -1, INT64_C(253402300800), INT64_MAX,
		INT64_MIN };
	struct report report = full();

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct buf doc;

		buf_init(&doc, DOC_MAX_BYTES);
		report.sent_s = times[i];
		assert_int_equal(report_write(&report, &doc), TL_OK);
		buf_put_u8(&doc, 0);
		assert_null(strstr((const char *)doc.data, "\"sent\""));
		buf_free(&doc);
	}
}

static void the_stated_room_is_enough_for_the_worst_text(void **state)
{
	static uint8_t worst[20000];
	static const uint8_t fills[] = { 0x00, 0x1f, '"', 0xff, 'a' };
	struct report report = full();

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(fills); i++) {
		struct buf doc;

		memset(worst, fills[i / 2], sizeof(worst));
		/* one byte that is no UTF-8: all of it stands there twice */
		worst[0] = i % 2 != 0 ? 0xff : worst[0];
		report.text = bytes_of(worst, sizeof(worst));
		buf_init(&doc, report_bytes_max(sizeof(worst)));
		assert_int_equal(report_write(&report, &doc), TL_OK);
		buf_free(&doc);
	}
}

static void the_line_for_scripts_has_every_name(void **state)
{
	static const char *const keys[] = { "id", "received", "channel",
		"gateway", "lang", "text", "answers", "sender", "to",
		"external_id", "trust", "priority", "rules" };
	const struct report report = { .channel = "web", .priority = 2 };
	struct buf doc, line;
	json_t *json;

	(void)state;
	buf_init(&doc, DOC_MAX_BYTES);
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	assert_int_equal(
	    report_print_json(bytes_of(doc.data, doc.len), &not_ours, &line),
	    TL_OK);
	json = json_loadb((const char *)line.data, line.len, 0, NULL);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_non_null(json_object_get(json, keys[i]));
	}
	assert_string_equal(
	    json_string_value(json_object_get(json, "priority")), "P2");
	assert_string_equal(json_string_value(json_object_get(
				json_object_get(json, "sender"), "e164")),
	    "");
	assert_true(json_is_false(json_object_get(json, "signed_by_us")));
	json_decref(json);
	buf_free(&doc);
	buf_free(&line);
}

static void the_line_shows_bytes_as_hex_and_no_reply_key(void **state)
{
	struct buf line;

	(void)state;
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(report_print_json(B(full_doc), &ours, &line), TL_OK);
	buf_put_u8(&line, 0);
	assert_non_null(strstr((char *)line.data, "\"data_hex\":\"00ff\""));
	assert_non_null(strstr((char *)line.data, "\"udh_hex\":\"0500\""));
	assert_non_null(strstr((char *)line.data, "\"signed_by_us\":true"));
	assert_non_null(strstr((char *)line.data, "\"ind\":[\"2\",\"15\"]"));
	assert_null(strstr((char *)line.data, "aabb00"));
	assert_null(strstr((char *)line.data, "reply"));
	buf_free(&line);
}

static const uint8_t further[][REPORT_MAILBOX_BYTES] = { { 0xdd }, { 0xcc },
	{ 0xdd } };

static void the_line_names_each_mailbox_of_a_tip_once(void **state)
{
	const struct report_context context = {
		.signed_by_us = true, .further = further, .n_further = 3
	};
	struct buf line;

	(void)state;
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(
	    report_print_json(B(full_doc), &context, &line), TL_OK);
	buf_put_u8(&line, 0);
	assert_non_null(strstr((char *)line.data,
	    "\"mailboxes\":[\"cc000000000000000000000000000000\","
	    "\"dd000000000000000000000000000000\"]"));
	buf_free(&line);
}

static void a_further_reply_key_is_told_from_a_tip(void **state)
{
	struct report report = full();
	struct report_reply reply;
	struct buf doc;

	(void)state;
	buf_init(&doc, DOC_MAX_BYTES);
	report.has_form = true;
	memset(report.form, 0x5a, sizeof(report.form));
	assert_int_equal(report_write(&report, &doc), TL_OK);
	report_reply(bytes_of(doc.data, doc.len), &reply);
	assert_false(reply.is_further);
	assert_true(reply.has_form && reply.has_mailbox);
	assert_memory_equal(reply.form, report.form, sizeof(reply.form));
	assert_memory_equal(
	    reply.mailbox, report.mailbox, sizeof(reply.mailbox));
	buf_reset(&doc);
	report.kind = REPORT_REPLY_KEY;
	assert_int_equal(report_write(&report, &doc), TL_OK);
	report_reply(bytes_of(doc.data, doc.len), &reply);
	assert_true(reply.is_further && reply.has_form && reply.has_mailbox);
	buf_free(&doc);
}

static void what_a_document_says_wrongly_of_codes_is_not_said(void **state)
{
	static const struct bytes rows[] = { B(""), B("nonsense"), B("[]"),
		B("{\"id\":\"00\"}"),
		B("{\"id\":\"00\",\"form\":7,\"kind\":[],\"reply\":[]}"),
		B("{\"id\":\"00\",\"form\":\"00\",\"kind\":\"reply-keys\","
		  "\"reply\":{\"mailbox\":\"00\"}}"),
		B("{\"id\":\"00\",\"form\":"
		  "\"0g000000000000000000000000000000\",\"reply\":{\"mailbox\":"
		  "\"0000000000000000000000000000000000\"}}") };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report_reply reply = { .is_further = true };

		report_reply(rows[i], &reply);
		assert_false(
		    reply.is_further || reply.has_form || reply.has_mailbox);
	}
}

static void members_of_a_later_version_are_shown(void **state)
{
	struct buf line;

	(void)state;
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(
	    report_print_json(B("{\"v\":2,\"id\":\"00\",\"new\":{\"a\":[1]},"
				"\"priority\":\"odd\",\"data_b64\":\"%\","
				"\"sender\":5,\"signed_by_us\":true}"),
		&not_ours, &line),
	    TL_OK);
	buf_put_u8(&line, 0);
	assert_non_null(strstr((char *)line.data, "\"new\":{\"a\":[1]}"));
	assert_non_null(strstr((char *)line.data, "\"priority\":\"odd\""));
	assert_non_null(strstr((char *)line.data, "\"data_b64\":\"%\""));
	/* a document cannot say of itself that it was signed */
	assert_non_null(strstr((char *)line.data, "\"signed_by_us\":false"));
	buf_free(&line);
}

static void zawgyi_is_shown_in_unicode_beside_the_text(void **state)
{
	static const char doc[] = "{\"v\":1,\"id\":\"00\",\"text\":\"ကယ္ပါ\"}";
	struct buf line;

	(void)state;
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(report_print_json(B(doc), &ours, &line), TL_OK);
	buf_put_u8(&line, 0);
	assert_non_null(strstr((char *)line.data, "\"text\":\"ကယ္ပါ\""));
	assert_non_null(strstr((char *)line.data, "\"text_unicode\":\"ကယ်ပါ\""));
	buf_reset(&line);
	assert_int_equal(report_print_plain(B(doc), &ours, &line), TL_OK);
	buf_put_u8(&line, 0);
	assert_non_null(
	    strstr((char *)line.data, "\n  | ကယ္ပါ\n  in Unicode\n  | ကယ်ပါ\n"));
	assert_null(strstr((char *)line.data, "text_unicode"));
	buf_free(&line);
}

static void what_is_no_report_is_refused(void **state)
{
	static const struct bytes rows[] = { B(""), B("{"), B("[]"), B("{}"),
		B("{\"id\":5}"), B("\"id\""), B("{\"id\":\"\xff\"}"),
		B("{\"id\":\"a\"} x") };
	struct buf out;

	(void)state;
	buf_init(&out, DOC_MAX_BYTES);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    report_print_json(rows[i], &ours, &out), TL_EFORMAT);
		assert_int_equal(
		    report_print_plain(rows[i], &ours, &out), TL_EFORMAT);
	}
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void people_read_lines(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, DOC_MAX_BYTES);
	assert_int_equal(report_print_plain(B(full_doc), &ours, &out), TL_OK);
	buf_put_u8(&out, 0);
	assert_string_equal((char *)out.data,
	    "P1  2026-11-21T22:26:40Z  sms smart  km\n"
	    "  id 000102030405060708090a0b0c0d0eff\n"
	    "  why Says danger now (R1)\n"
	    "  word ជួយ (HELP km)\n"
	    "  from +85512345678  from as received 012345678\n"
	    "  now: 1 = yes, now\n"
	    "  ind: 2 = They are hit, hurt or shocked.\n"
	    "  ind: 15 = They will soon be moved or sold.\n"
	    "  where_near: caf" BAD "\n"
	    "  where_near_b64: Y2Fm6Q==\n"
	    "  | ជួយ<U+0000>\xe2\x80\x8b" BAD "\n"
	    "  |  1+1=2 \"\\\n"
	    "  to: 8888\n"
	    "  external_id: m-1\n"
	    "  trust: signed\n"
	    "  v: 1\n"
	    "  sent: 2026-11-21T22:26:38Z\n"
	    "  data_hex: 00ff\n"
	    "  udh_hex: 0500\n"
	    "  concat: {\"ref\":7,\"total\":3,\"seq\":1,\"wide\":true}\n"
	    "  units: 2\n"
	    "  button: Yes\n"
	    "  media: [{\"type\":\"image/jpeg\",\"url\":\"https://x/1\"}]\n"
	    "  rules_version: 7\n"
	    "  lang_guess: km\n"
	    "  flags: [\"lossy\"]\n");
	buf_free(&out);
}

/* Every string of the document, member names included, tries to act. */
static void nothing_acts_on_the_terminal(void **state)
{
	static const struct bytes doc =
	    B("{\"id\":\"\\u001b[2J\",\"received\":\"\\u009b31m\","
	      "\"channel\":\"a\\rb\",\"gateway\":\"\\u202e\",\"lang\":\"\\b\","
	      "\"text\":\"\\u001b]0;x\\u0007\\n\\rP1  forged\\u2028x\\u0085"
	      "\\u007f\\t\\u061c\\u2066\\udb40\\udc41\","
	      "\"answers\":{\"\\u001bn\":\"\\nP1\",\"m\":[\"\\u009b\"]},"
	      "\"sender\":{\"raw\":\"\\n  | x\"},\"priority\":\"\\u001b\","
	      "\"rules\":[{\"rule\":\"\\n\",\"text\":\"\\u200f\"}],"
	      "\"\\u001b[k\":\"\\u001b\"}");
	struct buf plain, line;

	(void)state;
	buf_init(&plain, DOC_MAX_BYTES);
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(report_print_plain(doc, &not_ours, &plain), TL_OK);
	assert_int_equal(report_print_json(doc, &not_ours, &line), TL_OK);
	for (int k = 0; k < 2; k++) {
		const struct buf *out = k == 0 ? &plain : &line;

		for (size_t i = 0; i < out->len; i++) {
			assert_true(out->data[i] >= 0x20 ||
			    (k == 0 && out->data[i] == '\n'));
			assert_int_not_equal(out->data[i], 0x7f);
			/* C1, direction marks, separators, tags */
			assert_false(
			    out->data[i] == 0xc2 && out->data[i + 1] < 0xa0);
			assert_false(out->data[i] == 0xe2);
			assert_false(out->data[i] == 0xd8);
			assert_false(out->data[i] == 0xf3);
		}
	}
	/* every line of ours begins as we begin lines */
	for (size_t i = 0; i + 2 < plain.len; i++) {
		if (plain.data[i] == '\n') {
			assert_int_equal(plain.data[i + 1], ' ');
			assert_int_equal(plain.data[i + 2], ' ');
		}
	}
	buf_put_u8(&plain, 0);
	assert_non_null(strstr((char *)plain.data, "NOT SIGNED"));
	assert_non_null(
	    strstr((char *)plain.data, "  | <U+000D>P1  forged<U+2028>"));
	buf_free(&plain);
	buf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_is_as_the_format_says),
		cmocka_unit_test(the_smallest_document_is_small),
		cmocka_unit_test(more_to_a_tip_says_which_and_what_is_wished),
		cmocka_unit_test(text_comes_out_byte_for_byte),
		cmocka_unit_test(
		    the_original_of_repaired_text_stands_beside_it),
		cmocka_unit_test(a_wrong_time_or_no_room_is_an_error),
		cmocka_unit_test(
		    a_gateways_impossible_time_does_not_cost_the_tip),
		cmocka_unit_test(the_stated_room_is_enough_for_the_worst_text),
		cmocka_unit_test(the_line_for_scripts_has_every_name),
		cmocka_unit_test(the_line_shows_bytes_as_hex_and_no_reply_key),
		cmocka_unit_test(the_line_names_each_mailbox_of_a_tip_once),
		cmocka_unit_test(a_further_reply_key_is_told_from_a_tip),
		cmocka_unit_test(
		    what_a_document_says_wrongly_of_codes_is_not_said),
		cmocka_unit_test(members_of_a_later_version_are_shown),
		cmocka_unit_test(zawgyi_is_shown_in_unicode_beside_the_text),
		cmocka_unit_test(what_is_no_report_is_refused),
		cmocka_unit_test(people_read_lines),
		cmocka_unit_test(nothing_acts_on_the_terminal),
	};

	return cmocka_run_group_tests_name("text/report", tests, NULL, NULL);
}
