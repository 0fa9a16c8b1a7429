/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/facts, desk/partners, desk/gate: what the reporter said decides who is
 * told, and a directory with a slip in it is not used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/read_file.h"
#include "crypto/partner_key.h"
#include "crypto/start.h"
#include "desk/gate.h"
#include "desk/written.h"
#include "tests/lib/tempdir.h"

#define TODAY    20000 /* 2024-10-04 */
#define VERIFIED "2024-09-20"

static char key_line[PARTNER_LINE_CHARS + 1];

static int set_up(void **state)
{
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	char path[512];
	char *dir = tempdir_make();
	struct buf line;

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	(void)snprintf(path, sizeof(path), "%s/k", dir);
	assert_int_equal(partner_key_new(path, bytes_str("a passphrase"),
			     pwhash_least, public_key),
	    TL_OK);
	tempdir_remove(dir);
	buf_init(&line, 256);
	partner_public_put(&line, public_key);
	memcpy(key_line, line.data, PARTNER_LINE_CHARS);
	buf_free(&line);
	return 0;
}

/* ---- facts ---------------------------------------------------------------
 */

static struct facts facts_of(const char *answers)
{
	struct facts facts = { 0 };
	json_t *json = json_loads(answers, 0, NULL);

	assert_non_null(json);
	facts_take(&facts, json);
	json_decref(json);
	return facts;
}

static void answers_become_numbers(void **state)
{
	struct facts facts =
	    facts_of("{\"now\":\"1\",\"minor\":[\"3\",\"1\"],\"ind\":[\"1\","
		     "\"16\",\"99\"],\"work\":\"7\",\"where_province\":\"18\","
		     "\"official_note\":\"the chief\",\"share\":\"2\"}");

	(void)state;
	assert_int_equal(facts.now, 1);
	assert_int_equal(facts.minor, 1); /* the last one counts */
	assert_int_equal(facts.ind, (1u << IND_LOCK) | (1u << IND_RANSOM));
	assert_int_equal(facts.work, 1u << WORK_SCAM);
	assert_int_equal(facts.province, 18);
	assert_int_equal(facts.share, SHARE_HELPERS_ONLY);
	assert_true(facts.official_note);
}

static void what_is_odd_or_missing_is_not_answered(void **state)
{
	static const char *const odd[] = { "{}", "{\"share\":\"5\"}",
		"{\"share\":\"0\"}", "{\"share\":1}", "{\"share\":\"\"}",
		"{\"share\":\"1x\"}", "{\"share\":\"001\"}", "{\"share\":[]}",
		"{\"share\":{\"1\":\"1\"}}", "{\"share\":null}",
		"[\"share\"]" };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(facts_of(odd[i]).share, SHARE_NO_ANSWER);
	}
}

static void later_answers_count_and_silence_takes_nothing_back(void **state)
{
	struct facts facts = facts_of("{\"share\":\"1\",\"ind\":[\"1\"]}");
	json_t *later = json_loads("{\"share\":\"4\"}", 0, NULL);

	(void)state;
	facts_take(&facts, later);
	facts_take(&facts, NULL);
	json_decref(later);
	assert_int_equal(facts.share, SHARE_NOBODY_YET);
	assert_int_equal(facts.ind, 1u << IND_LOCK);
}

static void each_answer_points_to_its_indicator(void **state)
{
	static const uint8_t want[] = { 0, 3, 5, 5, 6, 6, 7, 8, 9, 2, 4, 10, 11,
		1, 1, 3, 6 };

	(void)state;
	for (unsigned i = 1; i <= IND_LAST; i++) {
		struct facts facts = { .ind = 1u << i };

		assert_int_equal(facts_ilo(&facts), 1u << want[i]);
	}
	assert_true(facts_both_axes(
	    &(struct facts){ .ind = (1u << IND_DEBT) | (1u << IND_HIT) }));
	assert_true(facts_both_axes(&(struct facts){ .ind = 1u << IND_LOCK }));
	assert_false(facts_both_axes(&(struct facts){ .ind = 1u << IND_DEBT }));
	assert_true(facts_both_axes(
	    &(struct facts){ .ind = 1u << IND_PAY, .how = 1u << 7 }));
}

/* ---- the directory --------------------------------------------------------
 */

static char text[4096];

/* A directory of one partner, with more behind what it must have. */
static const char *directory(const char *kind, const char *more)
{
	(void)snprintf(text, sizeof(text),
	    "{\"partners\":[{\"id\":\"p-1\",\"name\":\"ទីមួយ\",\"kind\":\"%s\","
	    "\"key\":\"%s\",\"verified_on\":\"" VERIFIED "\"%s}]}",
	    kind, key_line, more);
	return text;
}

static enum tl_err parse(const char *json, struct partners *ret)
{
	struct partners_fault fault = { "" };
	enum tl_err err = partners_parse(bytes_str(json), ret, &fault);

	assert_true((err == TL_OK) == (fault.text[0] == '\0'));
	return err;
}

static void a_directory_is_read(void **state)
{
	struct partners partners = { 0 };
	const struct partner *partner;

	(void)state;
	assert_int_equal(
	    parse(directory("ngo",
		      ",\"passes_on_to\":[\"police\"],\"provinces\":[\"18\"],"
		      "\"persons\":[{\"name\":\"Dara\",\"phone\":\"012\"}],"
		      "\"services\":[\"shelter\"],\"languages\":[\"km\"],"
		      "\"hours\":\"day\",\"country\":\"KH\",\"conflict\":\"\""),
		&partners),
	    TL_OK);
	assert_int_equal(partners.n, 1);
	partner = partners_find(&partners, "p-1");
	assert_non_null(partner);
	assert_string_equal(partner->name, "ទីមួយ");
	assert_int_equal(partner->kind, PARTNER_NGO);
	assert_int_equal(partner->onward, 1u << PARTNER_POLICE);
	assert_int_equal(partner->provinces, 1u << 18);
	assert_int_equal(partner->verified_day, TODAY - 14);
	assert_null(partners_find(&partners, "p-2"));
	partners_free(&partners);
}

/* docs/OPERATIONS.md, "Partners and referrals": what operators begin with. */
static void the_example_of_the_manual_is_read(void **state)
{
	static const char from[] = "```json\n{\"partners\"";
	struct partners partners = { 0 };
	const char *begin;
	char *end;
	struct buf manual;

	(void)state;
	buf_init(&manual, 1024u * 1024u);
	assert_int_equal(read_file("docs/OPERATIONS.md", &manual), TL_OK);
	buf_put(&manual, "", 1);
	begin = strstr((const char *)manual.data, from);
	assert_non_null(begin);
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, "```");
	assert_non_null(end);
	*end = '\0';
	assert_int_equal(parse(begin, &partners), TL_OK);
	assert_int_equal(partners.n, 2);
	assert_int_equal(partners_find(&partners, "haven")->kind, PARTNER_NGO);
	assert_int_equal(
	    partners_find(&partners, "unit-18")->provinces, 1u << 18);
	partners_free(&partners);
	buf_free(&manual);
}

static void a_directory_with_a_slip_is_refused(void **state)
{
	static const char *const more[] = { ",\"x\":1", ",\"id\":\"p-1\"",
		",\"provinces\":[\"26\"]", ",\"provinces\":[\"1\"]",
		",\"provinces\":\"18\"", ",\"passes_on_to\":[\"army\"]",
		",\"persons\":[{\"phone\":\"1\"}]", ",\"persons\":[\"Dara\"]",
		",\"services\":[\"\"]", ",\"hours\":9" };
	static const char *const whole[] = { "", "{}", "[]", "null",
		"{\"partners\":{}}", "{\"partners\":[1]}",
		"{\"partners\":[],\"x\":1}", "{\"partners\":[{}]}" };
	struct partners partners = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		assert_int_equal(
		    parse(directory("ngo", more[i]), &partners), TL_EFORMAT);
	}
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		assert_int_equal(parse(whole[i], &partners), TL_EFORMAT);
	}
	assert_int_equal(parse(directory("army", ""), &partners), TL_EFORMAT);
	assert_int_equal(parse("{\"partners\":[]}", &partners), TL_OK);
	partners_free(&partners);
}

static void two_partners_of_one_id_and_a_day_that_never_was(void **state)
{
	struct partners partners = { 0 };
	char *entry, *twice;
	char *odd_day;

	(void)state;
	(void)directory("ngo", "");
	odd_day = strstr(text, VERIFIED);
	memcpy(odd_day, "2024-02-30", 10);
	assert_int_equal(parse(text, &partners), TL_EFORMAT);
	(void)directory("ngo", "");
	entry = strdup(strchr(text, '['));
	assert_non_null(entry);
	entry[strlen(entry) - 2] = '\0'; /* its "]}" */
	assert_true(
	    asprintf(&twice, "{\"partners\":%s,%s]}", entry, entry + 1) > 0);
	assert_int_equal(parse(twice, &partners), TL_EFORMAT);
	free(twice);
	free(entry);
}

/* ---- the gate -------------------------------------------------------------
 */

static const struct partner police = { .kind = PARTNER_POLICE,
	.verified_day = TODAY };
static const struct partner ngo = { .kind = PARTNER_NGO,
	.verified_day = TODAY };
static const struct partner ngo_to_police = { .kind = PARTNER_NGO,
	.onward = 1u << PARTNER_POLICE,
	.verified_day = TODAY };

/* All has been done that can be done, but consent. */
static struct gate_case done(const struct facts *facts)
{
	return (struct gate_case){ .facts = facts,
		.priority = 2,
		.content_confirmed = true,
		.second_agrees = true,
		.supervisor_agrees = true,
		.today = TODAY };
}

static enum gate_word ask(
    const struct gate_case *gate, const struct partner *partner)
{
	struct gate_answer answer;

	gate_ask(gate, partner, &answer);
	for (int i = 0; i < GATE_CHECKS_END; i++) {
		assert_non_null(answer.texts[i]);
	}
	return answer.all;
}

/* Invariant: each answer to "who may we tell", each partner, with and without
 * "asked and agreed". */
static void the_reporter_decides_who_is_told(void **state)
{
	static const struct {
		unsigned share;
		bool agreed, police, ngo, ngo_to_police;
	} rows[] = {
		{ SHARE_NO_ANSWER, false, false, false, false },
		{ SHARE_NO_ANSWER, true, true, true, true },
		{ SHARE_POLICE_AND_HELPERS, false, true, true, true },
		{ SHARE_POLICE_AND_HELPERS, true, true, true, true },
		{ SHARE_HELPERS_ONLY, false, false, true, false },
		{ SHARE_HELPERS_ONLY, true, false, true, false },
		{ SHARE_ASK_FIRST, false, false, false, false },
		{ SHARE_ASK_FIRST, true, true, true, true },
		{ SHARE_NOBODY_YET, false, false, false, false },
		{ SHARE_NOBODY_YET, true, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts facts = { .share = rows[i].share };
		struct gate_case gate = done(&facts);

		gate.asked = rows[i].agreed ? GATE_AGREED : GATE_NOT_ASKED;
		assert_int_equal(
		    ask(&gate, &police) == GATE_PASSED, rows[i].police);
		assert_int_equal(ask(&gate, &ngo) == GATE_PASSED, rows[i].ngo);
		assert_int_equal(ask(&gate, &ngo_to_police) == GATE_PASSED,
		    rows[i].ngo_to_police);
		/* an exception opens each of them, with a reason only */
		gate.exception = GATE_UNDER_18;
		assert_int_equal(
		    ask(&gate, &police) == GATE_PASSED, rows[i].police);
		gate.exception_reason = true;
		assert_int_equal(ask(&gate, &police), GATE_PASSED);
		assert_int_equal(ask(&gate, &ngo_to_police), GATE_PASSED);
	}
}

/* Whatever was answered before, and however few the partner is. */
static void who_was_asked_and_has_refused_is_not_told_of(void **state)
{
	static const struct partner *const all[] = { &police, &ngo,
		&ngo_to_police };

	(void)state;
	for (unsigned share = 0; share <= SHARE_NOBODY_YET; share++) {
		struct facts facts = { .share = share };

		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			struct gate_case gate = done(&facts);
			struct gate_answer answer;

			gate.asked = GATE_REFUSED;
			gate_ask(&gate, all[i], &answer);
			assert_int_equal(answer.all, GATE_BLOCKED);
			assert_true(answer.needs_exception);
			assert_non_null(
			    strstr(answer.texts[GATE_CONSENT], "refused"));
			assert_false(gate_has_consent(&gate, all[i]));
			gate.exception = GATE_COURT_ORDER;
			assert_int_equal(ask(&gate, all[i]), GATE_BLOCKED);
			gate.exception_reason = true;
			assert_int_equal(ask(&gate, all[i]), GATE_PASSED);
			assert_true(gate_has_consent(&gate, all[i]));
		}
	}
}

/* An older desk, a destroyed epoch, somebody who writes to Redis. */
static void what_cannot_be_read_may_be_a_refusal(void **state)
{
	static const struct {
		const char *entries;
		enum gate_asked asked;
		bool unread, officials, passes;
	} rows[] = {
		{ "[]", GATE_NOT_ASKED, false, false, true },
		{ "[{\"kind\":\"note\",\"version\":3}]", GATE_NOT_ASKED, false,
		    false, true },
		{ "[{\"kind\":\"consent\",\"agreed\":true,\"version\":3},"
		  "{\"kind\":\"consent\",\"agreed\":false,\"version\":2}]",
		    GATE_AGREED, false, false, true },
		{ "[{\"sealed\":true,\"version\":2}]", GATE_NOT_ASKED, true,
		    true, false },
		{ "[{\"kind\":\"consent\",\"agreed\":true,\"version\":2},"
		  "{\"forged\":true,\"version\":3}]",
		    GATE_AGREED, true, true, false },
		{ "[{\"sealed\":true,\"version\":5},"
		  "{\"kind\":\"consent\",\"agreed\":true,\"version\":4}]",
		    GATE_AGREED, true, true, false },
		/* asked again since */
		{ "[{\"sealed\":true,\"version\":2},"
		  "{\"kind\":\"consent\",\"agreed\":true,\"version\":3}]",
		    GATE_AGREED, false, true, true },
	};
	struct facts facts = { .share = SHARE_POLICE_AND_HELPERS };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *entries = json_loads(rows[i].entries, 0, NULL);
		struct gate_case gate = done(&facts);

		assert_non_null(entries);
		written_take(entries, &gate);
		json_decref(entries);
		assert_int_equal(gate.asked, rows[i].asked);
		assert_int_equal(gate.unread, rows[i].unread);
		assert_int_equal(gate.officials_involved, rows[i].officials);
		assert_int_equal(gate_has_consent(&gate, &ngo), rows[i].passes);
		gate.supervisor_agrees = true;
		assert_int_equal(ask(&gate, &ngo),
		    rows[i].passes ? GATE_PASSED : GATE_BLOCKED);
		gate.exception = GATE_UNDER_18;
		gate.exception_reason = true;
		assert_int_equal(ask(&gate, &ngo), GATE_PASSED);
	}
}

static void what_was_taken_back_goes_nowhere(void **state)
{
	struct facts facts = { .share = SHARE_POLICE_AND_HELPERS };
	struct gate_case gate = done(&facts);

	(void)state;
	gate.withdrawn = true;
	gate.asked = GATE_AGREED; /* before */
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
	gate.exception_reason = true;
	gate.exception = GATE_COURT_ORDER;
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
	gate.exception = GATE_UNDER_18;
	assert_int_equal(ask(&gate, &ngo), GATE_PASSED);
	gate.exception = GATE_IMMINENT_DANGER;
	assert_int_equal(ask(&gate, &ngo), GATE_PASSED);
	gate.exception_reason = false;
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
}

static void no_unit_of_the_area_hears_of_officials(void **state)
{
	struct facts facts = {
		.share = SHARE_POLICE_AND_HELPERS, .official = 2, .province = 18
	};
	struct partner local = police, other = police;
	struct gate_case gate = done(&facts);

	(void)state;
	local.provinces = 1u << 18;
	other.provinces = 1u << 12;
	assert_int_equal(ask(&gate, &local), GATE_BLOCKED);
	assert_int_equal(ask(&gate, &other), GATE_PASSED);
	assert_int_equal(ask(&gate, &police), GATE_PASSED);
	gate.supervisor_agrees = false;
	assert_int_equal(ask(&gate, &other), GATE_BLOCKED);
	/* where the place is not known, any local unit may be the one */
	facts.province = 0;
	gate.supervisor_agrees = true;
	assert_int_equal(ask(&gate, &other), GATE_BLOCKED);
	/* nothing said of officials, and it stands in what leaves */
	facts.official = 3;
	facts.province = 18;
	assert_int_equal(ask(&gate, &local), GATE_PASSED);
	gate.includes_official = true;
	assert_int_equal(ask(&gate, &local), GATE_BLOCKED);
	assert_int_equal(ask(&gate, &other), GATE_PASSED);
}

static void a_person_who_is_named_needs_a_supervisor(void **state)
{
	struct facts facts = { .share = SHARE_POLICE_AND_HELPERS };
	struct gate_case gate = done(&facts);

	(void)state;
	gate.person_named = true;
	gate.supervisor_agrees = false;
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
	gate.supervisor_agrees = true;
	assert_int_equal(ask(&gate, &ngo), GATE_PASSED);
}

static void a_contact_of_old_receives_nothing(void **state)
{
	struct facts facts = { .share = SHARE_POLICE_AND_HELPERS };
	struct gate_case gate = done(&facts);

	(void)state;
	gate.today = TODAY + PARTNERS_FRESH_DAYS - 1;
	assert_int_equal(ask(&gate, &ngo), GATE_PASSED);
	gate.today = TODAY + PARTNERS_FRESH_DAYS;
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
	gate.today = TODAY - 2;
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
}

static void four_eyes_look_at_what_goes_to_police(void **state)
{
	struct facts facts = { .share = SHARE_POLICE_AND_HELPERS };
	struct gate_case gate = done(&facts);
	struct gate_answer answer;

	(void)state;
	gate.second_agrees = false;
	assert_int_equal(ask(&gate, &police), GATE_BLOCKED);
	gate_ask(&gate, &police, &answer);
	assert_true(gate_may_ask(&answer));
	facts.share = SHARE_HELPERS_ONLY;
	gate_ask(&gate, &police, &answer);
	assert_true(answer.needs_second);
	assert_false(gate_may_ask(&answer));
	facts.share = SHARE_POLICE_AND_HELPERS;
	assert_int_equal(ask(&gate, &ngo), GATE_PASSED);
	gate.priority = 1;
	assert_int_equal(ask(&gate, &police), GATE_LATER);
	gate.priority = 2;
	gate.exception = GATE_COURT_ORDER;
	gate.exception_reason = true;
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
	gate.content_confirmed = false;
	gate.second_agrees = true;
	assert_int_equal(ask(&gate, &ngo), GATE_BLOCKED);
}

static void names_are_complete_and_found_again(void **state)
{
	(void)state;
	for (int i = GATE_UNDER_18; i < GATE_EXCEPTIONS_END; i++) {
		assert_int_equal(gate_exception_of(gate_exception_name(
				     (enum gate_exception)i)),
		    i);
	}
	assert_int_equal(gate_exception_of("NONE"), GATE_EXCEPTIONS_END);
	for (int i = 0; i < GATE_CHECKS_END; i++) {
		assert_string_not_equal(
		    gate_check_name((enum gate_check)i), "?");
	}
	for (int i = 0; i < PARTNER_KINDS_END; i++) {
		assert_string_not_equal(
		    partner_kind_name((enum partner_kind)i), "?");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_become_numbers),
		cmocka_unit_test(what_is_odd_or_missing_is_not_answered),
		cmocka_unit_test(
		    later_answers_count_and_silence_takes_nothing_back),
		cmocka_unit_test(each_answer_points_to_its_indicator),
		cmocka_unit_test(a_directory_is_read),
		cmocka_unit_test(the_example_of_the_manual_is_read),
		cmocka_unit_test(a_directory_with_a_slip_is_refused),
		cmocka_unit_test(
		    two_partners_of_one_id_and_a_day_that_never_was),
		cmocka_unit_test(the_reporter_decides_who_is_told),
		cmocka_unit_test(who_was_asked_and_has_refused_is_not_told_of),
		cmocka_unit_test(what_cannot_be_read_may_be_a_refusal),
		cmocka_unit_test(what_was_taken_back_goes_nowhere),
		cmocka_unit_test(no_unit_of_the_area_hears_of_officials),
		cmocka_unit_test(a_person_who_is_named_needs_a_supervisor),
		cmocka_unit_test(a_contact_of_old_receives_nothing),
		cmocka_unit_test(four_eyes_look_at_what_goes_to_police),
		cmocka_unit_test(names_are_complete_and_found_again),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
