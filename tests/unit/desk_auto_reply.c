/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/auto_reply, desk/auto_check: the machine answers nobody whom that could
 * endanger, and nobody late; a gateway that cannot be trusted with it is
 * refused. The clock is what the case says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/auto_check.h"
#include "desk/auto_reply.h"
#include "desk/zone.h"

#define NOW  1795336200 /* 2026-11-22 08:30 in UTC */
#define HOUR 3600
#define DAY  86400

/* Nothing stands against it. */
static const struct auto_case fine = {
	.mode = AUTO_ONCE,
	.now_s = NOW,
	.is_time_sure = true,
	.received_s = NOW - 20,
	.newest_s = NOW - 20,
	.is_signed = true,
	.is_text = true,
	.is_to_us = true,
	.is_sure = true,
	.is_case = true,
	.all_read = true,
	.quiet_from_min = 20 * 60,
	.quiet_to_min = 7 * 60,
	.contact = { .wrote_by_text = true,
	    .from_min = 7 * 60,
	    .to_min = 20 * 60,
	    .now_min = { 15 * 60 + 30 },
	    .n_now = 1,
	    .is_template = true,
	    .parts = 1,
	    .parts_day_max = 200 },
};

static void expect(
    const struct auto_case *c, enum auto_word word, const char *why)
{
	const char *said = "";
	enum auto_word answer = auto_reply_ask(c, &said);

	if (why == NULL) {
		assert_null(said);
	} else {
		assert_non_null(said);
		assert_string_equal(said, why);
	}
	assert_int_equal(answer, word);
}

static void sends(const struct auto_case *c)
{
	expect(c, AUTO_SEND, NULL);
}

static void never(const struct auto_case *c, const char *why)
{
	expect(c, AUTO_NEVER, why);
}

static void nothing_goes_unless_the_operator_asks_for_it(void **state)
{
	struct auto_case c = fine;

	(void)state;
	sends(&c);
	c.mode = AUTO_NONE;
	never(&c, "off");
	c.is_request = true;
	never(&c, "off");
	c.mode = (enum auto_mode)9;
	never(&c, "off");
	assert_int_equal(auto_mode_of("none"), AUTO_NONE);
	assert_int_equal(auto_mode_of(""), AUTO_NONE);
	assert_int_equal(auto_mode_of("neutral-once"), AUTO_ONCE);
	assert_int_equal(auto_mode_of("on-request"), AUTO_ON_REQUEST);
}

static void on_request_is_a_1_and_nothing_else(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.mode = AUTO_ON_REQUEST;
	never(&c, "not-asked-for");
	c.contact.said_reply = true; /* yesterday, in another conversation */
	never(&c, "not-asked-for");
	c.is_request = true;
	sends(&c);
}

static void what_anybody_could_have_sent_is_not_answered(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.is_signed = false;
	never(&c, "unsigned");
	c = fine;
	c.is_text = false;
	never(&c, "no-text");
	c = fine;
	c.is_to_us = false;
	never(&c, "not-to-us");
	c = fine;
	c.is_sure = false;
	never(&c, "number");
	c = fine;
	c.is_seen = true; /* caught on its way, and sent again */
	never(&c, "seen-before");
	c.is_request = true;
	never(&c, "seen-before");
	c = fine;
	c.contact.n_now = 0; /* at sea: the hour there is not known */
	never(&c, "hours");
}

static void in_quiet_hours_it_is_dropped_to_the_minute(void **state)
{
	static const struct {
		unsigned now_min, from_min, to_min;
		bool is_quiet;
	} rows[] = {
		{ 19 * 60 + 59, 20 * 60, 7 * 60, false },
		{ 20 * 60, 20 * 60, 7 * 60, true },
		{ 23 * 60 + 59, 20 * 60, 7 * 60, true },
		{ 0, 20 * 60, 7 * 60, true },
		{ 6 * 60 + 59, 20 * 60, 7 * 60, true },
		{ 7 * 60, 20 * 60, 7 * 60, false },
		{ 12 * 60, 12 * 60, 13 * 60, true },
		{ 13 * 60, 12 * 60, 13 * 60, false },
		{ 11 * 60 + 59, 12 * 60, 13 * 60, false },
		{ 0, 0, 24 * 60, true },
		{ 24 * 60 - 1, 0, 24 * 60, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct auto_case c = fine;

		c.contact.from_min = c.contact.to_min = 0; /* always */
		c.contact.now_min[0] = rows[i].now_min;
		c.quiet_from_min = rows[i].from_min;
		c.quiet_to_min = rows[i].to_min;
		expect(&c, rows[i].is_quiet ? AUTO_NEVER : AUTO_SEND,
		    rows[i].is_quiet ? "quiet-hours" : NULL);
		c.is_request = true; /* who asks is not asked at night */
		expect(&c, rows[i].is_quiet ? AUTO_NEVER : AUTO_SEND,
		    rows[i].is_quiet ? "quiet-hours" : NULL);
	}
}

static void the_hour_is_that_of_the_number(void **state)
{
	static const struct {
		const char *number;
		int64_t at_s; /* seconds of the day in UTC */
		bool is_quiet;
	} rows[] = {
		{ "+85512345678", 13 * HOUR - 60, false }, /* 19:59 */
		{ "+85512345678", 13 * HOUR, true },
		{ "+8613812345678", 13 * HOUR - 60, true }, /* 20:59 */
		{ "+9779812345678", 13 * HOUR, false },     /* 18:45 */
		{ "+85512345678", 0, false },               /* 07:00 */
		{ "+959123456789", 0, true },               /* 06:30 */
		/* three hours in one country: by none of them */
		{ "+6281234567890", 11 * HOUR - 60, false }, /* 17:59, 19:59 */
		{ "+6281234567890", 11 * HOUR, true },
	};
	int64_t midnight_s = NOW - NOW % DAY;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct auto_case c = fine;

		c.now_s = midnight_s + rows[i].at_s;
		c.received_s = c.newest_s = c.now_s - 20;
		c.contact.from_min = c.contact.to_min = 0;
		c.contact.n_now =
		    zone_minutes(rows[i].number, 0, c.now_s, c.contact.now_min);
		expect(&c, rows[i].is_quiet ? AUTO_NEVER : AUTO_SEND,
		    rows[i].is_quiet ? "quiet-hours" : NULL);
	}
}

static void what_is_late_is_dropped(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.received_s = c.newest_s = NOW - 299;
	sends(&c);
	c.received_s = c.newest_s = NOW - 300;
	never(&c, "late");
	c.newest_s = NOW - 20; /* others do not make it new */
	never(&c, "late");
	c = fine;
	c.received_s = 0;
	never(&c, "late");
	c.received_s = NOW + 61; /* a clock is wrong, and who knows which */
	never(&c, "late");
	c = fine;
	c.sent_s = NOW - 299;
	sends(&c);
	c.sent_s = NOW - 300; /* the network held it back */
	never(&c, "late");
}

static void zero_and_stop_beat_every_mode(void **state)
{
	static const enum auto_mode modes[] = { AUTO_ONCE, AUTO_ON_REQUEST };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct auto_case c = fine;

		c.mode = modes[i % 2];
		c.is_request = i / 2 == 1 || c.mode == AUTO_ON_REQUEST;
		sends(&c);
		c.said_zero = true;
		never(&c, "no-contact");
		c.said_zero = false;
		c.contact.stop = true;
		never(&c, "stop");
		c.contact.stop = false;
		c.never_contact = true;
		never(&c, "no-contact");
		c.never_contact = false;
		c.contact.watched = true;
		never(&c, "watched");
	}
}

static void a_new_1_counts_after_a_0_in_a_later_conversation_alone(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.zero_s = c.other_s = NOW - 40 * DAY;
	never(&c, "no-contact"); /* words are no leave */
	c.is_request = true;
	sends(&c);
	c.mode = AUTO_ON_REQUEST;
	sends(&c);
	c.zero_s = c.other_s = c.received_s - 1800;
	sends(&c);
	c.zero_s = c.other_s = c.received_s - 1799; /* it goes on */
	never(&c, "no-contact");
	c.zero_s = c.other_s = c.received_s + 5; /* after the 1 */
	never(&c, "no-contact");
	c.zero_s = c.other_s = NOW - 40 * DAY;
	c.never_contact = true; /* an officer wrote it down, or a form */
	never(&c, "no-contact");
}

static void one_for_each_conversation_and_day(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.is_ordered = true;
	never(&c, "ordered");
	c.is_request = true;
	never(&c, "ordered");
	c = fine;
	c.machine_s = NOW - DAY + 1;
	c.other_s = NOW - DAY;
	never(&c, "again");
	c.is_request = true; /* a new 1 */
	sends(&c);
	c.is_request = false;
	c.machine_s = NOW - DAY;
	sends(&c);
	c = fine;
	c.other_s = c.received_s - 1799; /* at another of our numbers */
	never(&c, "two-at-once");
	c.other_s = c.received_s + 1;
	never(&c, "two-at-once");
	c.is_request = true;
	never(&c, "two-at-once");
}

static void where_people_speak_the_machine_is_silent(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.officer_s = NOW - DAY + 1;
	c.is_request = true; /* an answer to an officer's "1 yes, 0 no" */
	never(&c, "officer");
	c = fine;
	c.is_closed = true;
	never(&c, "closed");
	c = fine;
	c.is_known_otherwise = true;
	never(&c, "known-otherwise");
	c = fine;
	c.is_hidden = true;
	never(&c, "hidden");
	c = fine;
	c.other_s = NOW - 91 * DAY; /* somebody else's by now */
	never(&c, "old-number");
	c.is_request = true;
	sends(&c);
}

static void what_is_not_read_yet_is_waited_for(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.all_read = false;
	expect(&c, AUTO_WAIT, "unread");
	c = fine;
	c.contact.not_heard = true; /* memory is out: not for ever */
	expect(&c, AUTO_WAIT, "unread");
	c = fine;
	c.is_time_sure = false; /* who has Redis could make it day */
	expect(&c, AUTO_WAIT, "time");
	c = fine;
	c.is_case = false;
	expect(&c, AUTO_WAIT, "no-case");
	c.is_closed = true; /* there is none */
	expect(&c, AUTO_WAIT, "no-case");
	c = fine;
	c.newest_s = NOW - 9; /* a 0 may be on its way */
	expect(&c, AUTO_WAIT, "not-calm");
	c.newest_s = NOW - 10;
	sends(&c);
	c.newest_s = NOW + 50;
	expect(&c, AUTO_WAIT, "not-calm");
	/* and no longer than five minutes */
	c.all_read = false;
	c.received_s = NOW - 300;
	never(&c, "late");
}

static void only_a_reviewed_text_of_one_part_goes_and_not_too_many(void **state)
{
	struct auto_case c = fine;

	(void)state;
	c.contact.is_template = false;
	never(&c, "own-words");
	c.contact.own_words_ok = true; /* officers may */
	never(&c, "own-words");
	c = fine;
	c.contact.parts = 2;
	never(&c, "long");
	c.contact.parts = 0;
	never(&c, "empty");
	c = fine;
	c.contact.parts_today = 199;
	sends(&c);
	c.contact.parts_today = 200;
	never(&c, "many");
	c.contact.parts_today = c.machine_parts = 99;
	sends(&c);
	c.contact.parts_today = c.machine_parts =
	    100; /* the rest is officers' */
	never(&c, "share");
	c.contact.parts_day_max = 1;
	c.contact.parts_today = c.machine_parts = 0;
	never(&c, "share");
	c = fine;
	c.contact.now_min[0] = 21 * 60; /* desk.sms_hours hold too, */
	c.quiet_from_min = 3 * 60;
	c.quiet_to_min = 4 * 60;
	c.contact.has_reason = true; /* and nobody overrides them */
	never(&c, "hours");
	c = fine;
	c.is_quoted = true;
	never(&c, "quoted");
}

static void numbers_are_sure_by_their_length_alone(void **state)
{
	static const struct {
		const char *number;
		bool is_sure;
	} rows[] = {
		{ "+85512345678", true }, { "+855123456789", true },
		{ "+66812345678", true }, { "+8613812345678", true },
		{ "", false }, { "8888", false }, { "85512345678", false },
		{ "+8888", false },
		{ "+8552024", false },        /* PROMO2024 read as Cambodian */
		{ "+85566812345678", false }, /* a Thai one without its plus */
		{ "+6685512345678", false },  /* a Cambodian one likewise */
		{ "+6812345678", false },     /* Wallis */
		{ "+855012345678", false }, { "+85512345678x", false },
		{ "+855 12345678", false },
		{ "+4915112345678", false }, /* no table knows its length */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    auto_number_is_sure(rows[i].number), rows[i].is_sure);
	}
}

static void no_eight_bytes_of_a_message_are_said_back(void **state)
{
	struct bytes reply = bytes_str("Your message came. Thank you.");

	(void)state;
	assert_false(auto_reply_quotes(reply, bytes_str("help me")));
	assert_false(auto_reply_quotes(reply, bytes_str("Your me")));
	assert_true(auto_reply_quotes(reply, bytes_str("Your mes")));
	assert_true(auto_reply_quotes(reply, bytes_str("so: ank you.")));
	assert_true(auto_reply_quotes(reply, reply));
	assert_false(auto_reply_quotes(reply, bytes_of(NULL, 0)));
	assert_false(auto_reply_quotes(bytes_str("short"), reply));
}

/* ---- what may be switched on --------------------------------------------- */

static char heard[1024];

static void hear(void *arg, const char *sentence)
{
	(void)arg;
	assert_true(strlen(sentence) < sizeof(heard));
	memcpy(heard, sentence, strlen(sentence) + 1);
}

/* config_free() would free them: it is not called. */
static char *text_of(const char *literal)
{
	return (char *)(uintptr_t)literal;
}

static struct config_gateway gateway_of(const char *type, const char *mode)
{
	return (struct config_gateway){ .name = text_of("phones"),
		.type = type,
		.account = text_of("AC1"),
		.api_url = text_of("https://api.example.org"),
		.api_user = text_of(""),
		.api_secret_file = text_of("secrets/api"),
		.number = text_of("+85510000000"),
		.send = "yes",
		.auto_reply = mode,
		.auto_reply_lang = text_of("km"),
		.auto_reply_quiet = text_of("20:00-07:00") };
}

static enum tl_err check(struct config_gateway gateway, const char *title)
{
	struct config config = { .gateways = &gateway, .n_gateways = 1 };

	heard[0] = '\0';
	config.site.title = text_of(title);
	return auto_check(&config, hear, hear);
}

static void says(struct config_gateway gateway, const char *what)
{
	assert_int_equal(check(gateway, "Notes"), TL_EINVAL);
	assert_non_null(strstr(heard, "[gateway phones] auto_reply = "));
	assert_non_null(strstr(heard, what));
}

static void what_would_be_unsafe_cannot_be_switched_on(void **state)
{
	static const char *const unsigned_types[] = { "infobip",
		"africastalking", "kannel", "jasmin" };
	static const char *const signed_types[] = { "twilio", "somleng",
		"vonage-sms", "plivo" };
	struct config_gateway gateway = gateway_of("twilio", "none");

	(void)state;
	gateway.send = "no";
	assert_int_equal(check(gateway, "Notes"), TL_OK);
	assert_string_equal(heard, "");
	for (size_t i = 0; i < 4; i++) {
		says(gateway_of(unsigned_types[i], "on-request"),
		    "signs nothing");
		assert_int_equal(
		    check(gateway_of(signed_types[i], "neutral-once"), "Notes"),
		    TL_OK);
		assert_non_null(strstr(heard, "whoever holds the telephone"));
	}
	says(gateway_of("telnyx", "on-request"), "no text can be sent");
	gateway = gateway_of("twilio", "on-request");
	gateway.send = "no";
	says(gateway, "needs send = yes");
	gateway = gateway_of("twilio", "on-request");
	gateway.api_secret_file = text_of("");
	says(gateway, "api_secret_file");
	gateway = gateway_of("twilio", "on-request");
	gateway.auto_reply_lang = text_of("");
	says(gateway, "no such language");
	gateway = gateway_of("twilio", "on-request");
	gateway.auto_reply_quiet = text_of("00:00-00:00");
	says(gateway, "not empty");
	gateway.auto_reply_quiet = text_of("20:00-7:000");
	says(gateway, "HH:MM-HH:MM");
	gateway = gateway_of("twilio", "on-request");
	gateway.auto_reply_lang = text_of("en");
	assert_int_equal(check(gateway, "thank you"), TL_EINVAL);
	assert_non_null(strstr(heard, "site.title"));
}

static void a_text_is_70_units_at_most(void **state)
{
	static const char *const langs[] = { "km", "th", "vi", "zh-Hans", "my",
		"lo", "ms", "id", "fil", "bn", "ne", "en" };
	char text[320];

	(void)state;
	for (size_t i = 0; i < sizeof(langs) / sizeof(langs[0]); i++) {
		assert_null(auto_text_fault(auto_text(langs[i]), "Notes"));
	}
	memset(text, 'x', sizeof(text));
	assert_null(auto_text_fault(bytes_of(text, 70), ""));
	assert_non_null(auto_text_fault(bytes_of(text, 71), ""));
	for (size_t i = 0; i < 72; i++) {
		memcpy(text + 3 * i, "\xe1\x9e\x80", 3);
	}
	assert_null(auto_text_fault(bytes_of(text, 210), ""));
	assert_non_null(auto_text_fault(bytes_of(text, 213), ""));
	for (size_t i = 0; i < 36; i++) { /* each is two units */
		memcpy(text + 4 * i, "\xf0\x9f\x86\x98", 4);
	}
	assert_null(auto_text_fault(bytes_of(text, 140), ""));
	assert_non_null(auto_text_fault(bytes_of(text, 144), ""));
	assert_non_null(auto_text_fault(bytes_of("\xff", 1), ""));
	assert_non_null(auto_text_fault(auto_text("xx"), ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_goes_unless_the_operator_asks_for_it),
		cmocka_unit_test(on_request_is_a_1_and_nothing_else),
		cmocka_unit_test(what_anybody_could_have_sent_is_not_answered),
		cmocka_unit_test(in_quiet_hours_it_is_dropped_to_the_minute),
		cmocka_unit_test(the_hour_is_that_of_the_number),
		cmocka_unit_test(what_is_late_is_dropped),
		cmocka_unit_test(zero_and_stop_beat_every_mode),
		cmocka_unit_test(
		    a_new_1_counts_after_a_0_in_a_later_conversation_alone),
		cmocka_unit_test(one_for_each_conversation_and_day),
		cmocka_unit_test(where_people_speak_the_machine_is_silent),
		cmocka_unit_test(what_is_not_read_yet_is_waited_for),
		cmocka_unit_test(
		    only_a_reviewed_text_of_one_part_goes_and_not_too_many),
		cmocka_unit_test(numbers_are_sure_by_their_length_alone),
		cmocka_unit_test(no_eight_bytes_of_a_message_are_said_back),
		cmocka_unit_test(what_would_be_unsafe_cannot_be_switched_on),
		cmocka_unit_test(a_text_is_70_units_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
