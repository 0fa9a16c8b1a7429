/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/rules.h"

#include <stdlib.h>
#include <string.h>

#include "text/keywords.h"
#include "text/rules_parts.h"

#define FILE_MAX_BYTES ((size_t)64u * 1024u)

static bool has_controls(struct bytes file)
{
	for (size_t i = 0; i < file.len; i++) {
		if (file.at[i] < 0x20 && file.at[i] != '\n' &&
		    file.at[i] != '\r' && file.at[i] != '\t') {
			return true;
		}
	}
	return false;
}

enum tl_err rules_new(
    struct bytes file, struct rules **ret_rules, struct text_fault *ret_fault)
{
	struct rules *rules = NULL;
	enum tl_err err = TL_EFORMAT;

	*ret_fault = (struct text_fault){ 0 };
	if (file.len > FILE_MAX_BYTES || has_controls(file)) {
		ret_fault->what = "this is no text file of at most 64 KiB";
		return TL_EFORMAT;
	}
	rules = calloc(1, sizeof(*rules));
	if (rules == NULL) {
		return TL_ENOMEM;
	}
	rules->file = calloc(1, file.len + 1);
	if (rules->file == NULL) {
		free(rules);
		return TL_ENOMEM;
	}
	rules->file_bytes = file.len + 1;
	if (file.len > 0) {
		memcpy(rules->file, file.at, file.len);
	}
	err = rules_read(rules, file.len, ret_fault);
	if (err != TL_OK) {
		rules_free(rules);
		return err;
	}
	*ret_rules = rules;
	return TL_OK;
}

void rules_free(struct rules *rules)
{
	if (rules != NULL) {
		free(rules->file);
		free(rules);
	}
}

const char *rules_version(const struct rules *rules)
{
	return rules->version;
}

size_t rules_bytes(const struct rules *rules)
{
	return sizeof(*rules) + rules->file_bytes;
}

size_t rules_count(const struct rules *rules)
{
	return rules->n_rules;
}

struct report_rule rules_at(const struct rules *rules, size_t i)
{
	struct report_rule rule = { .name = rules->rules[i].name,
		.text = rules->rules[i].text };

	for (size_t e = 0; e < rules->n_effects; e++) {
		const struct effect *effect = &rules->effects[e];

		if (effect->rule == i && effect->kind == EFFECT_PRIORITY &&
		    (rule.priority == 0 || effect->priority < rule.priority)) {
			rule.priority = effect->priority;
		}
	}
	return rule;
}

/* ---- running --------------------------------------------------------------
 */

/* Three values: what is not known is neither true nor false. */
enum truth { FALSE, UNKNOWN, TRUE };

struct run {
	const struct rules *rules;
	struct rules_in in; /* with the measures of the run itself */
	bool hit[RULES_MAX];
};

void rules_in_init(struct rules_in *in)
{
	*in = (struct rules_in){ .channel = "" };
	for (size_t i = 0; i < MEASURES_END; i++) {
		in->measures[i] = MEASURE_ABSENT;
	}
}

static bool is_listed(struct bytes values, struct bytes value)
{
	size_t from = 0;

	if (values.len == 1 && values.at[0] == '*') {
		return true;
	}
	for (size_t i = 0; i <= values.len; i++) {
		if (i == values.len || values.at[i] == ',') {
			if (bytes_equal(
				bytes_of(values.at + from, i - from), value)) {
				return true;
			}
			from = i + 1;
		}
	}
	return false;
}

static enum truth ask_answer(const struct run *run, const struct step *step)
{
	enum truth truth = UNKNOWN;

	if (bytes_equal(step->name, bytes_str("channel"))) {
		return is_listed(step->values, bytes_str(run->in.channel))
		    ? TRUE
		    : FALSE;
	}
	for (size_t i = 0; i < run->in.n_answers; i++) {
		const struct report_answer *answer = &run->in.answers[i];

		if (answer->value.len == 0 ||
		    !bytes_equal(step->name, bytes_str(answer->name))) {
			continue;
		}
		if (is_listed(step->values, answer->value)) {
			return TRUE;
		}
		truth = FALSE;
	}
	return truth;
}

static enum truth ask_measure(const struct run *run, const struct step *step)
{
	int64_t value = run->in.measures[step->which];
	bool holds = false;

	if (value < 0) {
		return UNKNOWN;
	}
	switch ((enum compare)step->compare) {
	case AT_LEAST:
		holds = value >= step->number;
		break;
	case AT_MOST:
		holds = value <= step->number;
		break;
	case EQUAL:
		holds = value == step->number;
		break;
	}
	return holds ? TRUE : FALSE;
}

static enum truth ask(const struct run *run, const struct step *step)
{
	switch ((enum step_kind)step->kind) {
	case STEP_ANSWER:
		return ask_answer(run, step);
	case STEP_GROUP:
		return (run->in.groups & GROUP_BIT(step->which)) != 0 ? TRUE
								      : FALSE;
	case STEP_RULE:
		return run->hit[step->which] ? TRUE : FALSE;
	case STEP_MEASURE:
		return ask_measure(run, step);
	case STEP_AND:
	case STEP_OR:
	case STEP_NOT:
		break;
	}
	return UNKNOWN;
}

static bool holds(const struct run *run, const struct effect *effect)
{
	/* each level of brackets holds at most three values */
	enum truth stack[4 * (RULES_DEPTH_MAX + 2)];
	size_t n = 0;

	for (size_t i = 0; i < effect->n; i++) {
		const struct step *step = &run->rules->steps[effect->first + i];
		enum truth *top = n > 0 ? &stack[n - 1] : NULL;

		if (step->kind == STEP_NOT) {
			*top = *top == TRUE ? FALSE
			    : *top == FALSE ? TRUE
					    : UNKNOWN;
		} else if (step->kind == STEP_AND) {
			top[-1] = top[-1] < top[0] ? top[-1] : top[0];
			n--;
		} else if (step->kind == STEP_OR) {
			top[-1] = top[-1] > top[0] ? top[-1] : top[0];
			n--;
		} else {
			stack[n++] = ask(run, step);
		}
	}
	return n == 1 && stack[0] == TRUE;
}

/* The rule is listed once, with the highest priority that it gives. */
static void list_rule(
    struct run *run, const struct effect *effect, struct rules_out *out)
{
	const char *name = run->rules->rules[effect->rule].name;
	struct report_rule *last =
	    out->n_rules > 0 ? &out->rules[out->n_rules - 1] : NULL;

	if (last == NULL || last->name != name) {
		if (out->n_rules == REPORT_RULES_MAX) {
			return;
		}
		last = &out->rules[out->n_rules++];
		*last = (struct report_rule){
			.name = name,
			.text = run->rules->rules[effect->rule].text,
		};
	}
	if (effect->kind == EFFECT_PRIORITY &&
	    (last->priority == 0 || effect->priority < last->priority)) {
		run->in.measures[MEASURE_rules] += last->priority == 0 ? 1 : 0;
		last->priority = effect->priority;
	}
}

static void apply(struct run *run, const struct effect *effect,
    struct rules_out *out, bool *quarantine)
{
	if (effect->kind == EFFECT_QUARANTINE &&
	    out->priority < PRIORITY_SOON) {
		return;
	}
	run->hit[effect->rule] = true;
	list_rule(run, effect, out);
	switch ((enum effect_kind)effect->kind) {
	case EFFECT_PRIORITY:
		if (effect->priority < out->priority) {
			out->priority = effect->priority;
			run->in.measures[MEASURE_priority] = out->priority;
		}
		break;
	case EFFECT_FLAG:
		if (out->n_flags < REPORT_FLAGS_MAX) {
			out->flags[out->n_flags++] = effect->flag;
		}
		break;
	case EFFECT_QUARANTINE:
		*quarantine = true;
		break;
	}
}

void rules_run(const struct rules *rules, const struct rules_in *in,
    struct rules_out *ret_out)
{
	struct run run = { .rules = rules, .in = *in };
	struct rules_out out = { .priority = PRIORITY_SOON };
	bool quarantine = false;

	run.in.measures[MEASURE_rules] = 0;
	run.in.measures[MEASURE_priority] = PRIORITY_SOON;
	for (size_t i = 0; i < rules->n_effects; i++) {
		if (holds(&run, &rules->effects[i])) {
			apply(&run, &rules->effects[i], &out, &quarantine);
		}
	}
	if (quarantine && out.priority == PRIORITY_SOON) {
		out.priority = PRIORITY_LOW;
		if (out.n_flags < REPORT_FLAGS_MAX) {
			out.flags[out.n_flags++] = "quarantine";
		}
	}
	*ret_out = out;
}
