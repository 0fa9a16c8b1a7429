/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/urgency.h"

#include <string.h>

#define VALUES_MAX     6u
#define CONDITIONS_MAX 3u

/* An answer of that name has one of the values. */
struct condition {
	const char *name;
	const char *values[VALUES_MAX];
};

/* Hits if one of any holds and, where with is filled, one of with too. Rows
 * of one rule stand together: the most urgent that hits speaks for it. */
struct rule {
	const char *name;
	int priority;
	const char *sentence;
	struct condition any[CONDITIONS_MAX];
	struct condition with[CONDITIONS_MAX];
};

/* Answer numbers: now 1 yes, 2 in 1-2 days; minor 1 yes; ind 1 lock, 2 hit,
 * 3 sex, 15 move, 16 ran. */
static const struct rule rules[] = {
	{
	    .name = "R1",
	    .priority = URGENCY_P1,
	    .sentence = "Says danger now",
	    .any = { { "now", { "1" } } },
	},
	{
	    .name = "R2",
	    .priority = URGENCY_P1,
	    .sentence = "Danger in 1-2 days",
	    .any = { { "now", { "2" } }, { "ind", { "15" } } },
	    .with = { { "minor", { "1" } },
		{ "ind", { "1", "2", "3", "16" } } },
	},
	{
	    .name = "R2",
	    .priority = URGENCY_P2,
	    .sentence = "Danger in 1-2 days",
	    .any = { { "now", { "2" } }, { "ind", { "15" } } },
	},
};

#define RULES_COUNT (sizeof(rules) / sizeof(rules[0]))

struct answers {
	const struct report_answer *at;
	size_t n;
};

static bool condition_holds(
    const struct condition *condition, struct answers answers)
{
	for (size_t a = 0; a < answers.n; a++) {
		if (strcmp(answers.at[a].name, condition->name) != 0) {
			continue;
		}
		for (size_t v = 0;
		     v < VALUES_MAX && condition->values[v] != NULL; v++) {
			if (bytes_equal(answers.at[a].value,
				bytes_str(condition->values[v]))) {
				return true;
			}
		}
	}
	return false;
}

static bool one_holds(const struct condition *list, struct answers answers)
{
	for (size_t i = 0; i < CONDITIONS_MAX && list[i].name != NULL; i++) {
		if (condition_holds(&list[i], answers)) {
			return true;
		}
	}
	return false;
}

static bool rule_hits(const struct rule *rule, struct answers answers)
{
	return one_holds(rule->any, answers) &&
	    (rule->with[0].name == NULL || one_holds(rule->with, answers));
}

static bool is_listed(const struct urgency *urgency, const char *name)
{
	return urgency->n_rules > 0 &&
	    strcmp(urgency->rules[urgency->n_rules - 1], name) == 0;
}

void urgency_judge(const struct report_answer *answers, size_t n_answers,
    struct urgency *ret_urgency)
{
	struct answers given = { answers, n_answers };
	struct urgency urgency = { .priority = URGENCY_P3 };

	for (size_t i = 0; i < RULES_COUNT; i++) {
		if (!rule_hits(&rules[i], given)) {
			continue;
		}
		if (rules[i].priority < urgency.priority) {
			urgency.priority = rules[i].priority;
		}
		if (!is_listed(&urgency, rules[i].name) &&
		    urgency.n_rules < REPORT_RULES_MAX) {
			urgency.rules[urgency.n_rules++] = rules[i].name;
		}
	}
	*ret_urgency = urgency;
}

const char *urgency_sentence(const char *rule)
{
	for (size_t i = 0; i < RULES_COUNT; i++) {
		if (strcmp(rules[i].name, rule) == 0) {
			return rules[i].sentence;
		}
	}
	return "";
}
