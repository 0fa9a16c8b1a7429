/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/htcds_case, cli/htcds_words, cli/htcds_export: what a referral says comes
 * out where the standard has a place for it, and in words where it has none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/htcds_export.h"
#include "cli/htcds_words.h"
#include "desk/referral.h"

/* A referral with these members too, as JSON with apostrophes for quotes. */
static json_t *referral(const char *more)
{
	json_t *json = json_pack(
	    "{s:s, s:s}", "x_profile", REFERRAL_PROFILE, "x_ref", "R-00c0ffee");
	char *copy = strdup(more);
	json_t *rest;

	assert_non_null(copy);
	for (char *c = copy; *c != '\0'; c++) {
		*c = *c == '\'' ? '"' : *c;
	}
	rest = json_loads(copy, JSON_ALLOW_NUL, NULL);
	assert_non_null(rest);
	assert_int_equal(json_object_update(json, rest), 0);
	json_decref(rest);
	free(copy);
	return json;
}

static char *quoted(const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	for (char *c = text; *c != '\0'; c++) {
		*c = *c == '"' ? '\'' : *c;
	}
	return text;
}

#define WAY "'x_safe_contact':{'method':'text'}"

static const struct {
	const char *members, *fields, *other;
} values[] = {
	{ "{}", "{}", "{}" },
	{ "{'con_Consent':'FALSE'}", "{'con_Consent':'FALSE'}", "{}" },
	{ "{'con_Consent':true}", "{'con_Consent':'TRUE'}", "{}" },
	{ "{'con_Consent':1}", "{}", "{'con_Consent':1}" },
	{ "{'con_Consent':''}", "{}", "{}" },
	{ "{'con_Consent':null}", "{}", "{}" },
	{ "{'vic_MethodsOfControl':['Other','x','Other']}",
	    "{'vic_MethodsOfControl':['Other']}",
	    "{'vic_MethodsOfControl':['x']}" },
	{ "{'vic_MethodsOfControl':'DebtBondage '}",
	    "{'vic_MethodsOfControl':['DebtBondage']}", "{}" },
	{ "{'vic_MethodsOfControl':[]}", "{}", "{}" },
	{ "{'vic_ForcedLabourIndustry':['x','P_Education',"
	  "'F_Construction']}",
	    "{'vic_ForcedLabourIndustry':'P_Education'}",
	    "{'vic_ForcedLabourIndustry':['x','F_Construction']}" },
	{ "{'prs_Birthdate':'2026-02-30'}", "{}",
	    "{'prs_Birthdate':'2026-02-30'}" },
	{ "{'prs_FirstName':'a\\u0007b'}", "{'prs_FirstName':'a<U+0007>b'}",
	    "{}" },
	{ "{'prs_FirstName':{'a':1}}", "{}", "{'prs_FirstName':{'a':1}}" },
	{ "{'prs_Citizenship':'KH'}", "{'prs_Citizenship':['KH']}", "{}" },
	{ "{'vic_Vulnerabilities':'x','id':1}", "{}",
	    "{'vic_Vulnerabilities':'x','id':1}" },
	/* a number only with a safe way to use it */
	{ "{'prs_MobilePhone':'+85512345678'}", "{}",
	    "{'prs_MobilePhone':'+85512345678'}" },
	{ "{'x_safe_contact':'NO CONTACT','prs_Email':'a@b'}", "{}",
	    "{'prs_Email':'a@b'}" },
	{ "{" WAY ",'prs_MobilePhone':'+85512345678'}",
	    "{'prs_MobilePhone':'+85512345678'}", "{}" },
	{ "{" WAY ",'prs_MobilePhone':'012'}", "{}",
	    "{'prs_MobilePhone':'012'}" },
	{ "{'hte':[{'hte_Country':'KH','hte_Type':'Exploitation'}]}",
	    "{'hte':[{'hte_Country':'KH','hte_Type':'Exploitation'}]}", "{}" },
	{ "{'hte':[{'hte_Country':'kh','hte_City':'x'},7]}",
	    "{'hte':[{'hte_City':'x'}]}",
	    "{'hte':[{'hte_Country':'kh','hte_City':'x'},7]}" },
	{ "{'hte':{'hte_City':'x'}}", "{}", "{'hte':{'hte_City':'x'}}" },
	{ "{'hte_City':'x','x_other':{'a':1}}", "{}",
	    "{'hte_City':'x','x_other':{'a':1}}" },
};

static void a_value_is_as_the_standard_has_it_or_is_left_as_it_came(
    void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		json_t *json = referral(values[i].members);
		struct htcds_case it;
		char *text;

		assert_int_equal(htcds_case_read(json, false, &it), TL_OK);
		text = quoted(it.fields);
		assert_string_equal(text, values[i].fields);
		free(text);
		text = quoted(it.other);
		assert_string_equal(text, values[i].other);
		free(text);
		htcds_case_free(&it);
		json_decref(json);
	}
}

static bool has_none(const char *field)
{
	(void)field;
	return false;
}

static char *words_of(const char *members)
{
	json_t *json = referral(members);
	struct htcds_case it;
	struct buf out;
	char *text;

	assert_int_equal(htcds_case_read(json, false, &it), TL_OK);
	buf_init(&out, 1u << 20);
	htcds_words(&it, has_none, &out);
	assert_int_equal(buf_err(&out), TL_OK);
	text = strndup((const char *)out.data, out.len);
	assert_non_null(text);
	buf_free(&out);
	htcds_case_free(&it);
	json_decref(json);
	return text;
}

#define NO_CONTACT \
	"NO CONTACT / កុំទាក់ទង. Do not call, do not write, do not visit the" \
	" reporter: it can put them in danger. Ask the team that sent this.\n" \
	"Reference: R-00c0ffee"

static void what_is_said_of_contact_is_in_front_and_nothing_is_lost(
    void **state)
{
	static const struct {
		const char *members, *words;
	} rows[] = {
		{ "{}", NO_CONTACT },
		{ "{'x_safe_contact':'NO CONTACT'}", NO_CONTACT },
		{ "{'x_safe_contact':'no way'}",
		    NO_CONTACT "\nx_safe_contact:\n  | no way" },
		{ "{'x_summary':'a\\nNO CONTACT is over','x_minor':'yes'}",
		    NO_CONTACT "\nUnder 18: yes\nWhat is known:\n  | a\n"
			       "  | NO CONTACT is over" },
		{ "{'x_minor':'no\\nSAFE','x_lang':''}",
		    NO_CONTACT "\nUnder 18: no<U+000A>SAFE" },
		{ "{'x_ctl_Ransom':1,'x_ctl_ImminentMove':0}",
		    NO_CONTACT "\nRANSOM is asked for." },
		{ "{'x_ctl_Ransom':'yes','x_ctl_ImminentMove':false}",
		    NO_CONTACT "\nx_ctl_Ransom:\n  | yes" },
		{ "{'x_place':{'country':'at sea'}}",
		    NO_CONTACT "\nPlace: at sea" },
		{ "{'x_place':{'country':['KH']}}",
		    NO_CONTACT "\nx_place:\n  | {\"country\":[\"KH\"]}" },
		{ "{'hte':[{'hte_City':'a','hte_Country':'KH'}]}",
		    NO_CONTACT "\nPlace: a, KH" },
		{ "{'hte':[{'hte_City':'a','hte_Street':'b'}]}",
		    NO_CONTACT
		    "\nPlace: a\nhte:\n"
		    "  | {\"hte_City\":\"a\",\"hte_Street\":\"b\"}" },
		{ "{'prs_PrimaryLanguage':'khm','id':7,'x_new':['a',1]}",
		    NO_CONTACT "\nprs_PrimaryLanguage:\n  | khm\nid:\n  | 7\n"
			       "x_new:\n  | a\n  | 1" },
		{ "{'x_summary':'s','cas_IncomingReferralDetails':'s'}",
		    NO_CONTACT "\nWhat is known:\n  | s" },
		{ "{'x_summary':'s','cas_IncomingReferralDetails':'t'}",
		    NO_CONTACT "\nWhat is known:\n  | s\n"
			       "cas_IncomingReferralDetails:\n  | t" },
		{ "{'x_reporter_relation':'self','x_safe_contact':{"
		  "'method':'app','message':'yes','say':'yes','odd':1}}",
		    "SAFE CONTACT ONLY. In an app, and in no other way\n"
		    "A message may be left.\nYou may say who you are.\n"
		    "When it is safe was not said.\n"
		    "Ask again at every contact whether it is safe.\n"
		    "Reference: R-00c0ffee\nWho reported: self\n"
		    "x_safe_contact:\n  | {\"message\":\"yes\",\"method\":"
		    "\"app\",\"odd\":1,\"say\":\"yes\"}" },
		{ "{" WAY "}",
		    "SAFE CONTACT ONLY. By text message, and in no other way\n"
		    "That is who reported, not the person who needs help.\n"
		    "Leave no message.\nDo not say who you are.\n"
		    "When it is safe was not said.\n"
		    "Ask again at every contact whether it is safe.\n"
		    "Reference: R-00c0ffee" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *words = words_of(rows[i].members);

		assert_string_equal(words, rows[i].words);
		free(words);
	}
}

static void what_cannot_be_written_says_why(void **state)
{
	static const struct {
		enum htcds_profile profile;
		const char *first, *second;
		enum tl_err err;
	} rows[] = {
		{ HTCDS_EXCEL, "{}", "{'x_ref':'R-2'}", TL_OK },
		{ HTCDS_JSON, "{}", "{'x_ref':'R-2'}", TL_OK },
		{ HTCDS_XFORM, "{}", "{'x_ref':'R-2'}", TL_EEXIST },
		{ HTCDS_EXCEL, "{}", "{}", TL_EEXIST },
		{ HTCDS_EXCEL, "{}", "{'x_ref':''}", TL_EFORMAT },
		{ HTCDS_EXCEL, "{}", "{'x_ref':7}", TL_EFORMAT },
		{ HTCDS_EXCEL, "{}", "{'x_ref':'R\\u0000'}", TL_EFORMAT },
		{ HTCDS_EXCEL, "{}", "{'x_ref':'2','x_profile':'x'}",
		    TL_EFORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct htcds_export export = { .profile = rows[i].profile };
		json_t *first = referral(rows[i].first);
		json_t *second = referral(rows[i].second);
		const char *why = NULL;

		htcds_export_begin(&export);
		assert_int_equal(
		    htcds_export_add(&export, first, false, &why), TL_OK);
		assert_int_equal(htcds_export_add(&export, second, false, &why),
		    rows[i].err);
		assert_non_null(why);
		assert_int_equal(export.n, rows[i].err == TL_OK ? 2 : 1);
		htcds_export_free(&export);
		json_decref(first);
		json_decref(second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_value_is_as_the_standard_has_it_or_is_left_as_it_came),
		cmocka_unit_test(
		    what_is_said_of_contact_is_in_front_and_nothing_is_lost),
		cmocka_unit_test(what_cannot_be_written_says_why),
	};

	return cmocka_run_group_tests_name("cli/htcds", tests, NULL, NULL);
}
