/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/withdrawn: what a reporter took back is gone but for what is named, and
 * a child, danger and doubt stand against it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/withdrawn.h"

static json_t *json_of(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static void is_json(json_t *json, const char *expected)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

/* ---- what is left -------------------------------------------------------- */

static void of_a_report_no_word_is_left(void **state)
{
	json_t *report = json_of(
	    "{\"v\":1,\"id\":\"00\",\"received\":\"2026\",\"channel\":\"web\","
	    "\"lang\":\"km\",\"text\":\"secret\",\"answers\":{\"contact\":"
	    "\"3\","
	    "\"contact_number\":\"secret\",\"contact_watched\":\"mango\","
	    "\"where_province\":[\"3\",\"12\"],\"perp\":\"secret\"},"
	    "\"sender\":{\"raw\":\"secret\"},\"form\":\"01\","
	    "\"reply\":{\"key\":\"02\"},\"priority\":3,\"rules\":[\"secret\"],"
	    "\"words\":[\"secret\"],\"flags\":[\"secret\",\"stop\"],"
	    "\"attachments\":[{\"name\":\"secret\"}],\"external_id\":"
	    "\"secret\","
	    "\"thread\":\"secret\",\"gateway\":\"secret\",\"anything\":"
	    "\"secret\"}");

	(void)state;
	is_json(withdrawn_report(report),
	    "{\"answers\":{},\"channel\":\"web\",\"flags\":[\"stop\"],"
	    "\"form\":\"01\",\"id\":\"00\",\"lang\":\"km\",\"priority\":3,"
	    "\"province\":\"12\",\"received\":\"2026\",\"reply\":{\"key\":"
	    "\"02\"},\"text\":\"\",\"v\":1,\"watched\":\"mango\","
	    "\"withdrawn\":true}");
	json_decref(report);
}

static void a_wish_stays_and_that_nobody_is_to_call(void **state)
{
	json_t *report =
	    json_of("{\"v\":1,\"kind\":\"more\",\"mailbox\":\"03\",\"wish\":["
		    "\"withdraw\"],\"text\":\"secret\",\"answers\":{"
		    "\"contact\":\"1\"}}");
	json_t *left = withdrawn_report(report);

	(void)state;
	assert_null(withdrawn_watched(left));
	assert_null(withdrawn_province(left));
	is_json(left,
	    "{\"answers\":{\"contact\":\"1\"},\"flags\":[],\"kind\":\"more\","
	    "\"mailbox\":\"03\",\"text\":\"\",\"v\":1,\"wish\":[\"withdraw\"],"
	    "\"withdrawn\":true}");
	json_decref(report);
}

static void a_wish_is_no_words(void **state)
{
	static const struct {
		const char *report;
		bool has;
	} cases[] = {
		{ "{\"wish\":[\"withdraw\"],\"text\":\"\",\"answers\":{}}",
		    false },
		{ "{}", false },
		{ "{\"text\":\"x\"}", true },
		{ "{\"answers\":{\"now\":\"1\"}}", true },
		{ "{\"attachments\":[{}]}", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *report = json_of(cases[i].report);

		assert_int_equal(withdrawn_has_words(report), cases[i].has);
		json_decref(report);
	}
}

#define ENTRIES \
	"[{\"version\":1,\"event\":\"RECEIVE\",\"state\":\"RECEIVED\"}," \
	"{\"version\":2,\"event\":\"NOTE\",\"state\":\"TRIAGE\",\"kind\":" \
	"\"note\",\"who\":\"sok\",\"text\":\"secret\"}," \
	"{\"version\":3,\"event\":\"SUBMIT\",\"state\":\"REF_APPROVAL\"," \
	"\"kind\":\"referral\",\"ref\":\"R-1\",\"partner\":\"p\"," \
	"\"partner_name\":\"P\",\"text\":\"secret\",\"request\":{\"summary\":" \
	"\"secret\"},\"partner_key\":\"secret\",\"hash\":\"secret\"}," \
	"{\"version\":4,\"event\":\"APPROVE\",\"state\":\"REFERRED\"," \
	"\"kind\":\"referral-sent\",\"ref\":\"R-1\",\"who\":\"dara\"," \
	"\"at_ms\":7}," \
	"{\"version\":5,\"event\":\"NOTE\",\"state\":\"REFERRED\",\"kind\":" \
	"\"referral-file\",\"ref\":\"R-1\",\"file\":{\"name\":\"R-1-1\"," \
	"\"bytes\":9,\"sha256\":\"secret\"}}," \
	"{\"version\":6,\"event\":\"NOTE\",\"state\":\"REFERRED\",\"kind\":" \
	"\"contact\",\"safe\":{\"no_contact\":true,\"watched_word\":\"w\"," \
	"\"hours\":\"secret\"}}," \
	"{\"version\":7,\"event\":\"WITHDRAW\",\"state\":\"WITHDRAWN\"," \
	"\"kind\":\"change\",\"reason\":\"secret\",\"left\":{\"ref\":\"R-1\"," \
	"\"files\":[{\"name\":\"R-1-1\",\"who\":\"secret\"}]}}"

static void of_entries_up_to_then_no_word_is_left(void **state)
{
	json_t *submitted = json_of(
	    "[{\"kind\":\"referral\",\"ref\":\"R-1\"}]"); /* never sent */
	json_t *entries = json_of(ENTRIES
	    ",{\"version\":8,\"event\":\"REOPEN\",\"state\":\"NEW\"},"
	    "{\"version\":9,\"event\":\"NOTE\",\"state\":\"TRIAGE\",\"kind\":"
	    "\"note\",\"text\":\"new\"}]");
	char *text;

	(void)state;
	is_json(withdrawn_left(submitted), "[]");
	json_decref(submitted);
	is_json(withdrawn_left(entries),
	    "[{\"at_ms\":7,\"files\":[{\"bytes\":9,\"name\":\"R-1-1\"}],"
	    "\"partner\":\"p\",\"partner_name\":\"P\",\"ref\":\"R-1\","
	    "\"who\":\"dara\"}]");
	withdrawn_entries(entries, true);
	text = json_dumps(entries, 0);
	assert_null(strstr(text, "secret"));
	assert_non_null(strstr(text, "watched_word"));
	free(text);
	is_json(json_incref(json_array_get(entries, 1)),
	    "{\"event\":\"NOTE\",\"kind\":\"note\",\"state\":\"TRIAGE\","
	    "\"version\":2,\"who\":\"sok\",\"withdrawn\":true}");
	is_json(json_incref(json_array_get(entries, 8)),
	    "{\"event\":\"NOTE\",\"kind\":\"note\",\"state\":\"TRIAGE\","
	    "\"text\":\"new\",\"version\":9}");
	is_json(withdrawn_left(entries),
	    "[{\"at_ms\":7,\"files\":[{\"bytes\":9,\"name\":\"R-1-1\"}],"
	    "\"partner\":\"p\",\"partner_name\":\"P\",\"ref\":\"R-1\","
	    "\"who\":\"dara\"}]");
	json_decref(entries);
}

/* A ledger may lack the event, and have others in another order. */
static void where_it_is_not_known_when_all_is_sealed(void **state)
{
	json_t *late = json_of(
	    "[{\"version\":9,\"state\":\"NEW\",\"text\":\"new\"},"
	    "{\"version\":7,\"state\":\"WITHDRAWN\",\"text\":\"secret\"},"
	    "{\"version\":3,\"state\":\"WITHDRAWN\",\"text\":\"secret\"},"
	    "{\"version\":4,\"state\":\"NEW\",\"text\":\"secret\"}]");
	json_t *lacking =
	    json_of("[{\"version\":9,\"state\":\"NEW\",\"text\":\"secret\"}]");
	json_t *other =
	    json_of("[{\"version\":9,\"state\":\"NEW\",\"text\":\"words\"}]");

	(void)state;
	withdrawn_entries(late, true);
	is_json(late,
	    "[{\"state\":\"NEW\",\"text\":\"new\",\"version\":9},"
	    "{\"state\":\"WITHDRAWN\",\"version\":7,\"withdrawn\":true},"
	    "{\"state\":\"WITHDRAWN\",\"version\":3,\"withdrawn\":true},"
	    "{\"state\":\"NEW\",\"version\":4,\"withdrawn\":true}]");
	withdrawn_entries(lacking, true);
	is_json(
	    lacking, "[{\"state\":\"NEW\",\"version\":9,\"withdrawn\":true}]");
	withdrawn_entries(other, false);
	is_json(
	    other, "[{\"state\":\"NEW\",\"text\":\"words\",\"version\":9}]");
	withdrawn_entries(NULL, true);
}

/* ---- whether it may be --------------------------------------------------- */

static void in_doubt_it_may_not(void **state)
{
	static const char child[] = "[{\"kind\":\"referral\",\"request\":{"
				    "\"exception\":\"UNDER_18\"}}]";
	static const char danger[] = "[{\"kind\":\"referral\",\"request\":{"
				     "\"exception\":\"IMMINENT_DANGER\"}}]";
	static const char court[] = "[{\"kind\":\"referral\",\"request\":{"
				    "\"exception\":\"COURT_ORDER\"}}]";
	static const struct {
		bool asked, copies, reason;
		unsigned priority;
		unsigned minor, now;
		const char *entries;
		enum withdrawn_no no;
	} cases[] = {
		{ true, false, false, 3, 3, 0, "[]", WITHDRAWN_YES },
		{ true, false, false, 4, 3, 3, "[]", WITHDRAWN_YES },
		{ true, false, false, 3, 3, 9, court, WITHDRAWN_YES },
		{ false, false, true, 3, 3, 3, "[]", WITHDRAWN_NOT_ASKED },
		{ true, false, true, 3, 1, 3, "[]", WITHDRAWN_CHILD },
		{ true, false, true, 3, 2, 3, "[]", WITHDRAWN_CHILD },
		{ true, false, true, 4, 3, 3, child, WITHDRAWN_CHILD },
		{ true, false, true, 4, 3, 3, danger, WITHDRAWN_DANGER },
		{ true, false, true, 4, 3, 1, "[]", WITHDRAWN_DANGER },
		{ true, false, true, 4, 3, 2, "[]", WITHDRAWN_DANGER },
		{ true, false, true, 2, 3, 3, "[]", WITHDRAWN_URGENT },
		{ true, false, true, 1, 3, 3, "[]", WITHDRAWN_URGENT },
		{ true, false, true, 0, 3, 3, "[]", WITHDRAWN_URGENT },
		{ true, false, false, 3, 0, 3, "[]", WITHDRAWN_AGE },
		{ true, false, false, 3, 9, 3, "[]", WITHDRAWN_AGE },
		{ true, false, true, 3, 0, 3, "[]", WITHDRAWN_YES },
		{ true, true, true, 3, 3, 3, "[]", WITHDRAWN_COPIES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct facts facts = { .minor = cases[i].minor,
			.now = cases[i].now };
		json_t *entries = json_of(cases[i].entries);
		const struct withdrawn_case it = {
			.is_asked = cases[i].asked,
			.has_copies = cases[i].copies,
			.has_reason = cases[i].reason,
			.priority = cases[i].priority,
			.facts = &facts,
			.entries = entries,
		};

		assert_int_equal(withdrawn_judge(&it), cases[i].no);
		json_decref(entries);
	}
	for (int no = 0; no <= WITHDRAWN_NO_MAX; no++) {
		assert_non_null(withdrawn_word((enum withdrawn_no)no));
		assert_non_null(withdrawn_text((enum withdrawn_no)no));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_report_no_word_is_left),
		cmocka_unit_test(a_wish_stays_and_that_nobody_is_to_call),
		cmocka_unit_test(a_wish_is_no_words),
		cmocka_unit_test(of_entries_up_to_then_no_word_is_left),
		cmocka_unit_test(where_it_is_not_known_when_all_is_sealed),
		cmocka_unit_test(in_doubt_it_may_not),
	};

	return crypto_start() != TL_OK
	    ? 1
	    : cmocka_run_group_tests_name("desk/withdrawn", tests, NULL, NULL);
}
