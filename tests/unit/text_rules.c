/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/rules: each row of the rule table by itself, hit by what it is about
 * and missed by what is near it, also the rows whose facts come from a desk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/data.h"
#include "text/keywords.h"
#include "text/rules.h"

#define ANSWERS_MAX 8u
#define FACTS_MAX   128u

static struct rules *rules;

static int open_rules(void **state)
{
	struct text_fault fault;

	(void)state;
	return rules_new(bytes_of(data_rules, data_rules_len), &rules,
		   &fault) == TL_OK
	    ? 0
	    : -1;
}

static int close_rules(void **state)
{
	(void)state;
	rules_free(rules);
	return 0;
}

/* ---- rows -----------------------------------------------------------------
 */

/* "now=1 K.HELD length:30 channel=sms": answers, groups, measures. */
struct facts {
	char text[FACTS_MAX];
	struct report_answer answers[ANSWERS_MAX];
	struct rules_in in;
};

static enum measure measure_of(const char *name)
{
#define NAME(measure) #measure,
	static const char *const names[MEASURES_END] = { MEASURES(NAME) };
#undef NAME
	unsigned i = 0;

	while (i < MEASURES_END && strcmp(names[i], name) != 0) {
		i++;
	}
	assert_true(i < MEASURES_END);
	return (enum measure)i;
}

static void read_fact(struct facts *facts, char *word)
{
	char *equal = strchr(word, '='), *colon = strchr(word, ':');

	if (strncmp(word, "K.", 2) == 0) {
		enum keyword_group group =
		    keyword_group_find(bytes_str(word + 2));

		assert_true(group < GROUPS);
		facts->in.groups |= GROUP_BIT(group);
		facts->in.measures[MEASURE_groups]++;
		facts->in.measures[MEASURE_other_groups] += group != GROUP_HELP;
	} else if (colon != NULL) {
		*colon = '\0';
		facts->in.measures[measure_of(word)] =
		    strtol(colon + 1, NULL, 10);
	} else {
		assert_non_null(equal);
		*equal = '\0';
		if (strcmp(word, "channel") == 0) {
			facts->in.channel = equal + 1;
			return;
		}
		assert_true(facts->in.n_answers < ANSWERS_MAX);
		facts->answers[facts->in.n_answers++] = (struct report_answer){
			.name = word,
			.value = bytes_str(equal + 1),
		};
	}
}

static void read_facts(const char *text, struct facts *facts)
{
	char *at = facts->text;

	rules_in_init(&facts->in);
	facts->in.channel = "web";
	facts->in.answers = facts->answers;
	facts->in.measures[MEASURE_groups] = 0;
	facts->in.measures[MEASURE_other_groups] = 0;
	assert_true(strlen(text) < FACTS_MAX);
	(void)snprintf(facts->text, FACTS_MAX, "%s", text);
	while (*at != '\0') {
		char *end = at + strcspn(at, " ");
		char *next = *end == '\0' ? end : end + 1;

		*end = '\0';
		read_fact(facts, at);
		at = next;
	}
}

static const struct report_rule *find_rule(
    const struct rules_out *out, const char *name)
{
	for (size_t i = 0; i < out->n_rules; i++) {
		if (strcmp(out->rules[i].name, name) == 0) {
			return &out->rules[i];
		}
	}
	return NULL;
}

/* What a rule gives: a priority, or FLAG; or NOT: it does not hold. */
enum { NOT = -1, FLAG = 0 };

struct row {
	const char *rule, *facts;
	int gives;
	int priority; /* of the tip */
};

static const struct row rows[] = {
	{ "R1", "now=1", 1, 1 },
	{ "R1", "now=2", NOT, 2 },
	{ "R1", "now=3", NOT, 3 },
	{ "R1", "now=", NOT, 3 },
	{ "R2", "now=2", 2, 2 },
	{ "R2", "ind=15", 2, 2 },
	{ "R2", "now=2 minor=1", 1, 1 },
	{ "R2", "ind=15 ind=1", 1, 1 },
	{ "R2", "now=2 ind=2", 1, 1 },
	{ "R2", "now=2 ind=3", 1, 1 },
	{ "R2", "now=2 ind=16", 1, 1 },
	{ "R2", "now=2 ind=4", 2, 2 },
	{ "R2", "now=2 minor=2", 2, 2 },
	{ "R2", "now=1", NOT, 1 },
	{ "R2", "ind=5", NOT, 3 },
	{ "R3", "minor=1 ind=1", 1, 1 },
	{ "R3", "minor=1 ind=2", 1, 1 },
	{ "R3", "minor=1 ind=3", 1, 1 },
	{ "R3", "minor=1 ind=15", 1, 1 },
	{ "R3", "minor=1 work=8", 1, 1 },
	{ "R3", "minor=1 work=9", 1, 1 },
	{ "R3", "minor=1 ind=4", NOT, 2 },
	{ "R3", "minor=1 work=7", NOT, 2 },
	{ "R3", "minor=2 ind=3", NOT, 2 },
	{ "R4", "minor=1", 2, 2 },
	{ "R4", "minor=2", 2, 2 },
	{ "R4", "minor=3", NOT, 3 },
	{ "R4", "minor=", NOT, 3 },
	{ "R5", "ind=1 ind=2", 1, 1 },
	{ "R5", "ind=1 ind=3", 1, 1 },
	{ "R5", "ind=1 ind=4", 1, 1 },
	{ "R5", "ind=1 ind=11", 1, 1 },
	{ "R5", "ind=1 ind=16", 1, 1 },
	{ "R5", "ind=1 ind=6", NOT, 2 },
	{ "R5", "ind=2 ind=4", NOT, 2 },
	{ "R6", "ind=2", 2, 2 },
	{ "R6", "ind=3", 2, 2 },
	{ "R6", "ind=16", 2, 2 },
	{ "R6", "ind=4", NOT, 3 },
	{ "R7", "ind=1", 2, 2 },
	{ "R7", "ind=6 ind=10", 2, 2 },
	{ "R7", "ind=6 ind=7", 2, 2 },
	{ "R7", "ind=7 ind=10", NOT, 3 },
	{ "R7", "ind=6", NOT, 3 },
	{ "R8", "ilo:4", 2, 2 },
	{ "R8", "ilo:3", NOT, 3 },
	{ "R9", "count=4", 2, 2 },
	{ "R9", "count=3", NOT, 3 },
	{ "R10", "who=1 ind=9", 2, 2 },
	{ "R10", "who=1", NOT, 3 },
	{ "R10", "who=2 ind=9", NOT, 3 },
	{ "R11", "channel=sms place:0", FLAG, 3 },
	{ "R11", "channel=voice place:0", FLAG, 3 },
	{ "R11", "channel=whatsapp place:0 now=1", FLAG, 1 },
	{ "R11", "channel=sms place:1", NOT, 3 },
	{ "R11", "channel=web place:0", NOT, 3 },
	{ "R12", "ilo:1", 3, 3 },
	{ "R12", "ilo:3", 3, 3 },
	{ "R12", "ilo:0", NOT, 3 },
	{ "R12", "ilo:4", NOT, 2 },
	{ "R12", "ilo:1 ind=2", NOT, 2 },
	{ "R13", "who=5", 3, 3 },
	{ "R13", "who=5 minor=2", 3, 2 },
	{ "R13", "who=4", NOT, 3 },
	{ "R13", "who=5 now=1", NOT, 1 },
	{ "R13", "who=5 now=2", NOT, 2 },
	{ "R13", "who=5 minor=1 ind=3", NOT, 1 },
	{ "R14", "", 3, 3 },
	{ "R14", "channel=sms place:0 zero:1", 3, 3 },
	{ "R14", "K.DOC", NOT, 3 },
	{ "R14", "now=1", NOT, 1 },
	{ "R14", "links_only:1", NOT, 4 },
	{ "K-SOS", "K.HELP length:40", 2, 2 },
	{ "K-SOS", "nine:1", 2, 2 },
	{ "K-SOS", "K.HELP K.DEBT length:40", 1, 1 },
	{ "K-SOS", "K.HELP K.SCAM length:40", 1, 1 },
	{ "K-SOS", "nine:1 K.DEBT length:400", 1, 1 },
	{ "K-SOS", "nine:1 K.HELP length:400", 1, 1 },
	{ "K-SOS", "K.HELP length:41", NOT, 3 },
	{ "K-SOS", "K.HELP K.DEBT length:41", NOT, 3 },
	{ "K-SOS", "K.DEBT length:10 nine:0", NOT, 3 },
	{ "K-SAVE", "K.SAVE length:300", 2, 2 },
	{ "K-SAVE", "K.SAVE K.VIOLENCE length:300", 1, 1 },
	{ "K-SAVE", "K.SAVE K.WEAPON length:300", 1, 1 },
	{ "K-SAVE", "K.SAVE K.SOLD length:300", 1, 1 },
	{ "K-SAVE", "K.SAVE K.SEX length:300", 1, 1 },
	{ "K-SAVE", "K.SAVE K.CHILD length:300", 1, 1 },
	{ "K-SAVE", "K.SAVE K.RANSOM length:300", 1, 1 },
	{ "K-SAVE", "K.SAVE K.DOC length:300", 2, 2 },
	{ "K-SAVE", "K.HELP length:300", NOT, 3 },
	{ "K-SAVE", "K.SOON", NOT, 3 },
	{ "K-SOON", "K.SOON K.SOLD", 1, 1 },
	{ "K-SOON", "K.SOON K.VIOLENCE", 1, 1 },
	{ "K-SOON", "K.SOON K.WEAPON", 1, 1 },
	{ "K-SOON", "K.SOON K.RANSOM", 1, 1 },
	{ "K-SOON", "K.SOON K.HELD", NOT, 2 },
	{ "K-SOON", "K.SOON K.DEBT", NOT, 3 },
	{ "K-HURT", "K.VIOLENCE", 2, 2 },
	{ "K-HURT", "K.WEAPON", 2, 2 },
	{ "K-HURT", "K.SEX", NOT, 3 },
	{ "K-HELD", "K.HELD", 2, 2 },
	{ "K-HELD", "K.DOC", NOT, 3 },
	{ "K-COMBO", "K.HELD K.VIOLENCE", 1, 1 },
	{ "K-COMBO", "K.HELD K.WEAPON", 1, 1 },
	{ "K-COMBO", "K.HELD K.HELP length:300", 1, 1 },
	{ "K-COMBO", "K.HELD K.DIE", 1, 1 },
	{ "K-COMBO", "K.HELD K.RANSOM", 1, 1 },
	{ "K-COMBO", "K.HELD K.DEBT", NOT, 2 },
	{ "K-COMBO", "K.VIOLENCE K.HELP length:300", NOT, 2 },
	{ "K-DIE", "K.DIE", 1, 1 },
	{ "K-DIE", "K.WEAPON", NOT, 2 },
	{ "K-CHILD", "K.CHILD K.SEX", 1, 1 },
	{ "K-CHILD", "K.CHILD K.VIOLENCE", 1, 1 },
	{ "K-CHILD", "K.CHILD K.WEAPON", 1, 1 },
	{ "K-CHILD", "K.CHILD K.HELD", 1, 1 },
	{ "K-CHILD", "K.CHILD K.SOLD", 1, 1 },
	{ "K-CHILD", "K.CHILD", NOT, 3 },
	{ "K-CHILD", "K.CHILD K.DEBT", NOT, 3 },
	{ "K-CHILD", "K.SEX K.SOLD", NOT, 2 },
	{ "K-SOLD", "K.SOLD", 2, 2 },
	{ "K-SOLD", "K.BROKER", NOT, 3 },
	{ "K-DOC", "K.DOC", 3, 3 },
	{ "K-DOC", "K.DEBT", NOT, 3 },
	{ "K-DEBT", "K.DEBT", 3, 3 },
	{ "K-DEBT", "K.PAY", NOT, 3 },
	{ "K-PAY", "K.PAY", 3, 3 },
	{ "K-PAY", "K.DOC", NOT, 3 },
	{ "K-RANSOM", "K.RANSOM", 2, 2 },
	{ "K-RANSOM", "K.DEBT", NOT, 3 },
	{ "K-TWO", "K.DOC K.DEBT", 2, 2 },
	{ "K-TWO", "K.DOC K.PAY", 2, 2 },
	{ "K-TWO", "K.DEBT K.PAY", 2, 2 },
	{ "K-TWO", "K.DEBT K.RANSOM", NOT, 2 },
	{ "K-ZERO", "zero:1", FLAG, 3 },
	{ "K-ZERO", "zero:1 K.HELP length:9", FLAG, 2 },
	{ "K-ZERO", "zero:0", NOT, 3 },
	{ "LANG", "unspoken_language:1", FLAG, 3 },
	{ "LANG", "unspoken_language:1 now=1", FLAG, 1 },
	{ "LANG", "unspoken_language:0", NOT, 3 },
	{ "LANG", "", NOT, 3 },
	{ "REP", "same_place_30d:3", 2, 2 },
	{ "REP", "same_place_30d:3 now=1", 2, 1 },
	{ "REP", "same_place_30d:2", NOT, 3 },
	{ "REP", "", NOT, 3 },
	{ "QUAR", "flood:1", FLAG, 4 },
	{ "QUAR", "honeypot:1", FLAG, 4 },
	{ "QUAR", "links_only:1", FLAG, 4 },
	{ "QUAR", "flood:1 K.DEBT", FLAG, 4 },
	{ "QUAR", "flood:0 honeypot:0 links_only:0", NOT, 3 },
	{ "QUAR", "flood:1 K.HELD", NOT, 2 },
	{ "QUAR", "honeypot:1 now=1", NOT, 1 },
	{ "QUAR", "links_only:1 same_place_30d:3", NOT, 2 },
	{ "AGE", "unopened_min:480", 2, 2 },
	{ "AGE", "unopened_min:479", NOT, 3 },
	{ "AGE", "minor=1 unopened_min:60", FLAG, 2 },
	{ "AGE", "minor=1 unopened_min:59", NOT, 2 },
	{ "AGE", "now=1 unopened_min:60", FLAG, 1 },
	{ "AGE", "now=1 unopened_min:480", 2, 1 },
	{ "AGE", "honeypot:1 unopened_min:9999", NOT, 4 },
	{ "AGE", "", NOT, 3 },
};

static void check_row(const struct row *row)
{
	const struct report_rule *rule;
	struct facts facts = { 0 };
	struct rules_out out;
	int gives;

	read_facts(row->facts, &facts);
	rules_run(rules, &facts.in, &out);
	rule = find_rule(&out, row->rule);
	gives = rule == NULL ? NOT : rule->priority;
	if (gives != row->gives || out.priority != row->priority) {
		fail_msg("%s with \"%s\": gives %d, not %d; the tip is P%d, "
			 "not P%d",
		    row->rule, row->facts, gives, row->gives, out.priority,
		    row->priority);
	}
}

static void every_rule_is_hit_and_nearly_missed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(&rows[i]);
	}
	for (size_t r = 0; r < rules_count(rules); r++) {
		const char *name = rules_at(rules, r).name;
		bool hit = false, missed = false;

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			bool mine = strcmp(rows[i].rule, name) == 0;

			hit = hit || (mine && rows[i].gives != NOT);
			missed = missed || (mine && rows[i].gives == NOT);
		}
		if (!hit || !missed) {
			fail_msg("no rows that hit and miss %s", name);
		}
	}
}

static void flags_are_told_in_words(void **state)
{
	static const struct {
		const char *facts, *flag;
	} told[] = {
		{ "channel=sms place:0", "place missing" },
		{ "zero:1", "no contact" },
		{ "unspoken_language:1", "interpreter" },
		{ "minor=1 unopened_min:60", "tell the supervisor" },
		{ "flood:1", "quarantine" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct facts facts = { 0 };
		struct rules_out out;

		read_facts(told[i].facts, &facts);
		rules_run(rules, &facts.in, &out);
		assert_int_equal(out.n_flags, 1);
		assert_string_equal(out.flags[0], told[i].flag);
	}
}

/* Whatever else is said, nothing lowers what one fact has raised. */
static void more_facts_never_lower_a_priority(void **state)
{
	size_t n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			char both[2 * FACTS_MAX];
			struct facts facts = { 0 };
			struct rules_out out;

			if (rows[i].priority > 2 ||
			    strlen(rows[i].facts) + strlen(rows[k].facts) + 2 >
				FACTS_MAX ||
			    strchr(rows[k].facts, ':') != NULL ||
			    strstr(rows[k].facts, "channel") != NULL) {
				continue;
			}
			(void)snprintf(both, sizeof(both), "%s%s%s",
			    rows[i].facts, rows[k].facts[0] != '\0' ? " " : "",
			    rows[k].facts);
			read_facts(both, &facts);
			rules_run(rules, &facts.in, &out);
			if (out.priority > rows[i].priority) {
				fail_msg("%s: P%d", both, out.priority);
			}
		}
	}
}

#define HEAD "version 1\n[R1] one\n"

/* The deepest brackets there may be, and values waiting in each. */
static void deep_conditions_run(void **state)
{
	struct rules *deep = NULL;
	struct text_fault fault;
	struct facts facts = { 0 };
	struct rules_out out;
	struct buf file;

	(void)state;
	buf_init(&file, 1u << 16);
	buf_put_str(&file, HEAD "P1 when ");
	for (int i = 0; i < 32; i++) {
		buf_put_str(&file, "now=2 or now=2 and not not (");
	}
	buf_put_str(&file, "now=1");
	for (int i = 0; i < 32; i++) {
		buf_put_str(&file, ")");
	}
	assert_int_equal(
	    rules_new(bytes_of(file.data, file.len), &deep, &fault), TL_OK);
	read_facts("now=2", &facts);
	rules_run(deep, &facts.in, &out);
	assert_int_equal(out.priority, 1);
	facts = (struct facts){ 0 };
	read_facts("now=1", &facts);
	rules_run(deep, &facts.in, &out);
	assert_int_equal(out.priority, 3);
	rules_free(deep);
	buf_free(&file);
}

/* What is not known is neither true nor false. */
static void the_unknown_is_neither(void **state)
{
	static const struct {
		const char *condition, *facts;
		bool holds;
	} tries[] = {
		{ "not now=1", "", false },
		{ "not now=1", "now=2", true },
		{ "not now=1", "now=1", false },
		{ "not not now=1", "now=1", true },
		{ "now=1 or flood", "flood:1", true },
		{ "now=1 and flood", "flood:1", false },
		{ "not (now=1 and flood)", "flood:0", true },
		{ "not (now=1 or flood)", "flood:0", false },
		{ "now=*", "now=7", true },
		{ "now=*", "who=7", false },
		{ "ilo<=2", "ilo:2", true },
		{ "ilo<=2", "ilo:3", false },
		{ "ilo=2", "ilo:2", true },
		{ "ilo=2", "ilo:1", false },
		{ "now=1 or who=2 and ind=3", "now=1", true },
		{ "now=1 or who=2 and ind=3", "who=2", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct rules *made = NULL;
		struct text_fault fault;
		struct facts facts = { 0 };
		struct rules_out out;
		char file[256];

		(void)snprintf(file, sizeof(file), HEAD "P1 when %s\n",
		    tries[i].condition);
		assert_int_equal(
		    rules_new(bytes_str(file), &made, &fault), TL_OK);
		assert_int_equal(rules_at(made, 0).priority, 1);
		read_facts(tries[i].facts, &facts);
		rules_run(made, &facts.in, &out);
		if ((out.priority == 1) != tries[i].holds) {
			fail_msg(
			    "%s with %s", tries[i].condition, tries[i].facts);
		}
		rules_free(made);
	}
}

/* More rules and flags than a report has room for: the priority counts. */
static void more_than_a_report_holds_is_cut(void **state)
{
	struct rules *made = NULL;
	struct text_fault fault;
	struct facts facts = { 0 };
	struct rules_out out;
	struct buf file;

	(void)state;
	buf_init(&file, 1u << 16);
	buf_put_str(&file, "version 1\n");
	for (unsigned i = 0; i < 60; i++) {
		char line[96];

		(void)snprintf(line, sizeof(line),
		    "[A%u] x\nP%c when now=1\nflag f%u when now=1\n", i,
		    i == 59 ? '1' : '2', i);
		buf_put_str(&file, line);
	}
	buf_put_str(&file, "[Q] x\nquarantine when now=1\n");
	assert_int_equal(
	    rules_new(bytes_of(file.data, file.len), &made, &fault), TL_OK);
	read_facts("now=1", &facts);
	rules_run(made, &facts.in, &out);
	assert_int_equal(out.priority, 1);
	assert_int_equal(out.n_rules, REPORT_RULES_MAX);
	assert_int_equal(out.n_flags, REPORT_FLAGS_MAX);
	assert_true(rules_bytes(made) > file.len);
	rules_free(made);
	buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_is_hit_and_nearly_missed),
		cmocka_unit_test(flags_are_told_in_words),
		cmocka_unit_test(more_facts_never_lower_a_priority),
		cmocka_unit_test(deep_conditions_run),
		cmocka_unit_test(the_unknown_is_neither),
		cmocka_unit_test(more_than_a_report_holds_is_cut),
	};

	return cmocka_run_group_tests_name(
	    "text/rules", tests, open_rules, close_rules);
}
