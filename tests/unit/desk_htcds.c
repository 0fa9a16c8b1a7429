/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/htcds, desk/coding: the answers in the words of the standard, with the
 * officer's coding over them; what is not known is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/coding.h"
#include "desk/referral.h"

/* The referral of these answers, as JSON with apostrophes for quotes. */
static json_t *quoted(const char *text)
{
	char copy[2000];
	json_t *json;

	assert_true(strlen(text) < sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	for (char *c = copy; *c != '\0'; c++) {
		*c = *c == '\'' ? '"' : *c;
	}
	json = json_loads(copy, 0, NULL);
	assert_non_null(json);
	return json;
}

static json_t *refer(const char *answered, const char *coded, unsigned include)
{
	json_t *answers = quoted(answered);
	json_t *codes = coded == NULL ? NULL : quoted(coded);
	json_t *doc = json_object(), *json;
	struct facts facts = { 0 };
	struct referral referral = { .ref = "R-00c0ffee",
		.now_s = 1795300000,
		.doc = doc,
		.answers = answers,
		.facts = &facts,
		.codes = codes,
		.priority = 1,
		.summary = "Eleven people, third floor.",
		.include = include };
	struct buf out;

	facts_take(&facts, answers);
	buf_init(&out, REFERRAL_MAX_BYTES);
	assert_int_equal(referral_write(&referral, &out), TL_OK);
	json = json_loadb((const char *)out.data, out.len, 0, NULL);
	assert_non_null(json);
	buf_free(&out);
	json_decref(doc);
	json_decref(answers);
	json_decref(codes);
	return json;
}

/* Is a member this, with apostrophes for quotes? NULL: it is not there. */
static void expect(const json_t *json, const char *key, const char *want)
{
	const json_t *is = json_object_get(json, key);
	char *text;

	if (want == NULL) {
		assert_null(is);
		return;
	}
	assert_non_null(is);
	text = json_dumps(is, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	for (char *c = text; *c != '\0'; c++) {
		*c = *c == '"' ? '\'' : *c;
	}
	assert_string_equal(text, want);
	free(text);
}

struct row {
	const char *answers, *key, *want;
};

static void each_answer_becomes_its_value(void **state)
{
	static const char control[] = "vic_MethodsOfControl";
	static const char purpose[] = "vic_TypeOfExploitation";
	static const char industry[] = "vic_ForcedLabourIndustry";
	static const char method[] = "vic_MethodOfRecruitment";
	static const char relation[] = "vic_RelationshipToTrafficker";
	static const struct row rows[] = {
		{ "{'ind':'6'}", control, "['WithholdsDocuments']" },
		{ "{'ind':['1','2','15']}", control,
		    "['Other','PhysicalAbuse']" },
		{ "{'ind':'4'}", control,
		    "['PhysicalThreats','ThreatensChildrenFamily']" },
		{ "{'ind':'14'}", control, NULL },
		{ "{'ind':'99'}", control, NULL },
		{ "{'work':'9'}", purpose, "['SexualExploitation']" },
		{ "{'work':'9'}", industry, NULL },
		{ "{'work':'9'}", "vic_TypeOfSexExploitation", NULL },
		{ "{'work':'7'}", purpose, "['ForcedLabour','Other']" },
		{ "{'work':'7'}", industry, "'J_InformationAndCommunication'" },
		{ "{'work':['11','3']}", industry, "'F_Construction'" },
		{ "{'work':['11','3']}", purpose, "['ForcedLabour']" },
		{ "{'work':'8'}", purpose, "['ForcedMarriage']" },
		{ "{'work':'5'}", purpose, "['ForcedLabour']" },
		{ "{'work':'5','minor':'2'}", purpose, "['ForcedLabour']" },
		{ "{'work':'5','minor':'1'}", purpose,
		    "['ForcedLabour','ChildLabour']" },
		{ "{'how':'1'}", method, "['ThroughFamilyOrFamilyEvents']" },
		{ "{'how':'1'}", relation, "'Familial'" },
		{ "{'how':['2','1']}", relation, "'Familial'" },
		{ "{'how':'6'}", relation, NULL },
		{ "{'how':'9'}", method, NULL },
		{ "{}", "con_Consent", "'FALSE'" },
		{ "{}", "cas_IncomingReferralDate", "'2026-11-21'" },
		{ "{}", "cas_IncomingReferralDetails",
		    "'Eleven people, third floor.'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *json = refer(rows[i].answers, NULL, 0);

		expect(json, rows[i].key, rows[i].want);
		json_decref(json);
	}
}

static void what_is_not_known_has_no_key(void **state)
{
	const char *key;
	json_t *value,
	    *json =
		refer("{'minor':'1','who':'1'}", NULL, REFERRAL_INCLUDE_ALL);

	(void)state;
	json_object_foreach(json, key, value)
	{
		assert_int_not_equal(strncmp(key, "vic_", 4), 0);
		assert_int_not_equal(strncmp(key, "prs_", 4), 0);
		assert_int_not_equal(strncmp(key, "per_", 4), 0);
		assert_int_not_equal(strncmp(key, "hte", 3), 0);
	}
	json_decref(json);
}

static void nothing_of_officials_or_offenders_becomes_a_field(void **state)
{
	static const char all[] =
	    "{'ind':['1','2'],'work':'7','how':'5','how_app':'CANARY app',"
	    "'official':'1','official_note':'CANARY','perp':'CANARY',"
	    "'where_near':'CANARY','contact_number':'CANARY 012345678',"
	    "'contact':'2','who':'1'}";
	json_t *json = refer(all, NULL, 0);
	char *text = json_dumps(json, 0);

	(void)state;
	assert_null(strstr(text, "CANARY"));
	assert_null(strstr(text, "12345678"));
	expect(json, "vic_RecruitmentWebsitesAndApps", "['Other']");
	free(text);
	json_decref(json);
}

static void the_place_is_an_event_as_far_as_it_is_known(void **state)
{
	static const struct row rows[] = {
		{ "{'where_country':'1','where_province':'08'}", "hte",
		    "[{'hte_Country':'KH','hte_State':'KH-8',"
		    "'hte_Type':'Exploitation'}]" },
		{ "{'where_province':'18','where_near':'blue gate'}", "hte",
		    "[{'hte_Country':'KH','hte_State':'KH-18',"
		    "'hte_Type':'Exploitation'}]" },
		{ "{'where_country':'6','where_province':'18'}", "hte",
		    "[{'hte_Country':'MM','hte_Type':'Exploitation'}]" },
		{ "{'where_country':'8'}", "hte", NULL },
		{ "{'where_country':'9','where_near':'blue gate'}", "hte",
		    NULL },
		{ "{'where_country':'6'}", "hte_Country", NULL },
	};
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json = refer(rows[i].answers, NULL,
		    REFERRAL_INCLUDE_ALL & ~(unsigned)REFERRAL_NEAR);
		expect(json, rows[i].key, rows[i].want);
		json_decref(json);
	}
	json = refer("{'where_country':'9','where_near':'blue gate'}", NULL,
	    REFERRAL_NEAR);
	expect(json, "hte",
	    "[{'hte_City':'blue gate','hte_Type':'Exploitation'}]");
	json_decref(json);
}

static void every_province_has_the_code_of_the_standard(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 25; i++) {
		char answers[64], want[100];
		json_t *json;

		(void)snprintf(
		    answers, sizeof(answers), "{'where_province':'%02u'}", i);
		(void)snprintf(want, sizeof(want),
		    "[{'hte_Country':'KH','hte_State':'KH-%u',"
		    "'hte_Type':'Exploitation'}]",
		    i);
		json = refer(answers, NULL, 0);
		expect(json, "hte", want);
		json_decref(json);
	}
}

/* A row is one person: what belongs to somebody else who wrote stays away. */
static void language_and_number_are_the_persons_own(void **state)
{
	static const struct row rows[] = {
		{ "{'who':'1','lang':'zh-Hans'}", "prs_PrimaryLanguage",
		    "'zho'" },
		{ "{'who':'1','lang':'my'}", "prs_PrimaryLanguage", "'mya'" },
		{ "{'who':'1','lang':'other'}", "prs_PrimaryLanguage", NULL },
		{ "{'who':'2','lang':'km'}", "prs_PrimaryLanguage", NULL },
		{ "{'lang':'km'}", "prs_PrimaryLanguage", NULL },
		{ "{'who':'1','contact':'2','contact_number':'+855 12 345 "
		  "678'}",
		    "prs_MobilePhone", "'+85512345678'" },
		{ "{'who':'1','contact':'3','where_country':'1',"
		  "'contact_number':'012 345 678'}",
		    "prs_MobilePhone", "'+85512345678'" },
		{ "{'who':'1','contact':'3','contact_number':'012 345 678'}",
		    "prs_MobilePhone", NULL },
		{ "{'who':'1','contact':'4','contact_number':'@sokha12'}",
		    "prs_MobilePhone", NULL },
		{ "{'who':'1','contact':'1','contact_number':'+85512345678'}",
		    "prs_MobilePhone", NULL },
		{ "{'who':'4','contact':'2','contact_number':'+85512345678'}",
		    "prs_MobilePhone", NULL },
	};
	json_t *json;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json = refer(rows[i].answers, NULL, REFERRAL_CONTACT);
		expect(json, rows[i].key, rows[i].want);
		json_decref(json);
	}
	json = refer(rows[5].answers, NULL,
	    REFERRAL_INCLUDE_ALL & ~(unsigned)REFERRAL_CONTACT);
	expect(json, "prs_MobilePhone", NULL);
	json_decref(json);
}

static void an_app_is_found_in_what_was_written(void **state)
{
	static const struct row rows[] = {
		{ "Facebook", NULL, "['Facebook']" },
		{ "FACEBOOK Messenger", NULL, "['FacebookMessenger']" },
		{ "facebook, then messenger", NULL,
		    "['FacebookMessenger','Facebook']" },
		{ "Ｔｅｌｅｇｒａｍ", NULL, "['Telegram']" },
		{ "តាមហ្វេសប៊ុក", NULL, "['Facebook']" },
		{ "តាមTelegramហើយ", NULL, "['Telegram']" },
		{ "X", NULL, "['Twitter']" },
		{ "xyz", NULL, "['Other']" },
		{ "online", NULL, "['Other']" },
		{ "LINE / WeChat", NULL, "['Line','WeChat']" },
		{ "\x01", NULL, "['Other']" },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *doc = json_object(), *json;
		json_t *answers =
		    json_pack("{s:s}", "how_app", rows[i].answers);
		struct facts facts = { 0 };
		struct referral referral = { .ref = "R-00c0ffee",
			.now_s = 1795300000,
			.doc = doc,
			.answers = answers,
			.facts = &facts };
		struct buf out;

		buf_init(&out, REFERRAL_MAX_BYTES);
		assert_int_equal(referral_write(&referral, &out), TL_OK);
		json = json_loadb((const char *)out.data, out.len, 0, NULL);
		expect(json, "vic_RecruitmentWebsitesAndApps", rows[i].want);
		buf_free(&out);
		json_decref(json);
		json_decref(answers);
		json_decref(doc);
	}
}

/* ---- the officer's coding -------------------------------------------------
 */

static void what_an_officer_does_not_see_is_not_exported(void **state)
{
	static const char answers[] =
	    "{'ind':['1','4','6'],'work':['1','8'],'how':['1'],"
	    "'how_app':'Line'}";
	json_t *json = refer(answers,
	    "{'ilo':{'3':'not','6':'unknown','7':'seen'},"
	    "'purpose':{'labour':'not'},'act':{'recruitment':'not'}}",
	    0);

	(void)state;
	expect(json, "vic_MethodsOfControl", "['WithholdsDocuments']");
	expect(json, "vic_TypeOfExploitation", "['ForcedMarriage']");
	expect(json, "vic_ForcedLabourIndustry", NULL);
	expect(json, "vic_MethodOfRecruitment", NULL);
	expect(json, "vic_RelationshipToTrafficker", NULL);
	expect(json, "vic_RecruitmentWebsitesAndApps", NULL);
	expect(json, "x_ilo", "[7]");
	expect(json, "x_ilo_both_axes", "false");
	expect(json, "x_ctl_RestrictsMovement", "0");
	json_decref(json);
}

static void what_an_officer_sees_is_exported_though_nobody_answered(
    void **state)
{
	json_t *json = refer("{'work':'1'}",
	    "{'ilo':{'3':'seen','9':'seen','5':'seen','1':'seen'},"
	    "'purpose':{'labour':'seen','sexual':'seen','organs':'not'},"
	    "'means':{'deception':'seen'}}",
	    0);

	(void)state;
	expect(json, "vic_MethodsOfControl", "['Other','DebtBondage']");
	expect(json, "vic_TypeOfExploitation",
	    "['ForcedLabour','SexualExploitation']");
	expect(json, "vic_ForcedLabourIndustry",
	    "'A_AgricultureForestryAndFishing'");
	expect(json, "x_ilo", "[1,3,5,9]");
	expect(json, "x_ilo_both_axes", "true");
	expect(json, "x_ctl_RestrictsMovement", "1");
	expect(json, "x_ctl_ImminentMove", "0");
	json_decref(json);
}

/* A chip is coarser than the answer behind it. */
static void of_a_chip_that_is_seen_the_answer_tells_more(void **state)
{
	json_t *json =
	    refer("{'ind':['3','15']}", "{'ilo':{'5':'seen','3':'seen'}}", 0);

	(void)state;
	expect(json, "vic_MethodsOfControl", "['SexualAbuse','Other']");
	expect(json, "x_ctl_ImminentMove", "1");
	expect(json, "x_ctl_RestrictsMovement", "0");
	json_decref(json);
}

static void the_newest_coding_counts_and_odd_ones_say_nothing(void **state)
{
	json_t *entries =
	    quoted("[{'kind':'coding','codes':{'ilo':{'3':'seen'}}},"
		   "{'kind':'coding','codes':{'ilo':{'4':'not','5':7,"
		   "'6':'perhaps'}}},{'kind':'coding','codes':'seen'},"
		   "{'kind':'coding','withdrawn':true},"
		   "{'kind':'note','codes':{'ilo':{'4':'seen'}}},7]");
	const json_t *codes = coding_newest(entries);
	json_t *none = json_array();

	(void)state;
	assert_int_equal(coding_says(codes, bytes_str("ilo.4")), CODING_NOT);
	assert_int_equal(
	    coding_says(codes, bytes_str("ilo.3")), CODING_NOTHING);
	assert_int_equal(
	    coding_says(codes, bytes_str("ilo.5")), CODING_NOTHING);
	assert_int_equal(
	    coding_says(codes, bytes_str("ilo.6")), CODING_NOTHING);
	assert_int_equal(coding_says(codes, bytes_str("-")), CODING_NOTHING);
	assert_int_equal(
	    coding_says(codes, bytes_str("a.chip.that.is.too.long.to.be.one")),
	    CODING_NOTHING);
	assert_int_equal(coding_says(NULL, bytes_str("ilo.3")), CODING_NOTHING);
	assert_null(coding_newest(none));
	assert_null(coding_newest(NULL));
	json_decref(none);
	json_decref(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_becomes_its_value),
		cmocka_unit_test(what_is_not_known_has_no_key),
		cmocka_unit_test(
		    nothing_of_officials_or_offenders_becomes_a_field),
		cmocka_unit_test(the_place_is_an_event_as_far_as_it_is_known),
		cmocka_unit_test(every_province_has_the_code_of_the_standard),
		cmocka_unit_test(language_and_number_are_the_persons_own),
		cmocka_unit_test(an_app_is_found_in_what_was_written),
		cmocka_unit_test(what_an_officer_does_not_see_is_not_exported),
		cmocka_unit_test(
		    what_an_officer_sees_is_exported_though_nobody_answered),
		cmocka_unit_test(of_a_chip_that_is_seen_the_answer_tells_more),
		cmocka_unit_test(
		    the_newest_coding_counts_and_odd_ones_say_nothing),
	};

	return cmocka_run_group_tests_name("desk/htcds", tests, NULL, NULL);
}
