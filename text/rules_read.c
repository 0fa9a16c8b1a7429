/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The rule file's lines and conditions: a descent over "or", "and", "not" and
 * brackets that writes down the steps in the order in which they are run.
 */
#include <string.h>

#include "text/keywords.h"
#include "text/rules_parts.h"

#define MEASURE_NAME(name) [MEASURE_##name] = #name,
static const char *const measure_names[MEASURES_END] = { MEASURES(
    MEASURE_NAME) };
#undef MEASURE_NAME

/* Names of the form's questions, so that a slip of the pen is told. */
static const char *const answer_names[] = { "now", "who", "where_country",
	"where_province", "where_near", "count", "minor", "ind", "work", "how",
	"how_app", "perp", "share", "share_knows", "contact", "lang",
	"lang_voice", "official", "official_note", "channel" };

/* ---- reading: words of a line ---------------------------------------------
 */

struct reader {
	struct rules *rules;
	struct bytes rest; /* of the line */
	const char *wrong; /* the first mistake */
	unsigned depth;
};

static void blame(struct reader *reader, const char *wrong)
{
	if (reader->wrong == NULL) {
		reader->wrong = wrong;
	}
}

static bool is_word_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static void skip_spaces(struct reader *reader)
{
	while (reader->rest.len > 0 &&
	    (reader->rest.at[0] == ' ' || reader->rest.at[0] == '\t')) {
		reader->rest.at++;
		reader->rest.len--;
	}
}

static bool take_byte(struct reader *reader, char c)
{
	skip_spaces(reader);
	if (reader->rest.len == 0 || reader->rest.at[0] != (uint8_t)c) {
		return false;
	}
	reader->rest.at++;
	reader->rest.len--;
	return true;
}

/* The word ahead, without taking it; empty if none is there. */
static struct bytes peek_word(struct reader *reader)
{
	size_t n = 0;

	skip_spaces(reader);
	while (n < reader->rest.len && is_word_byte(reader->rest.at[n])) {
		n++;
	}
	return bytes_of(reader->rest.at, n);
}

static bool take_word(struct reader *reader, const char *word)
{
	struct bytes ahead = peek_word(reader);

	if (!bytes_equal(ahead, bytes_str(word))) {
		return false;
	}
	reader->rest.at += ahead.len;
	reader->rest.len -= ahead.len;
	return true;
}

static struct bytes next_word(struct reader *reader)
{
	struct bytes word = peek_word(reader);

	reader->rest.at += word.len;
	reader->rest.len -= word.len;
	return word;
}

static void add_step(struct reader *reader, struct step step)
{
	struct rules *rules = reader->rules;

	if (rules->n_steps == STEPS_MAX) {
		blame(reader, "the conditions are too many");
		return;
	}
	rules->steps[rules->n_steps++] = step;
}

static size_t find_name(const char *const *names, size_t n, struct bytes name)
{
	size_t i = 0;

	while (i < n && !bytes_equal(name, bytes_str(names[i]))) {
		i++;
	}
	return i;
}

static size_t find_rule(const struct rules *rules, struct bytes name)
{
	size_t i = 0;

	while (i < rules->n_rules &&
	    !bytes_equal(name, bytes_str(rules->rules[i].name))) {
		i++;
	}
	return i;
}

static void read_number(struct reader *reader, struct step *step)
{
	struct bytes word = next_word(reader);

	if (word.len == 0 || word.len > 9) {
		blame(reader, "a number is missing or too long");
		return;
	}
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] < '0' || word.at[i] > '9') {
			blame(reader, "a number has digits only");
			return;
		}
		step->number = step->number * 10 + (word.at[i] - '0');
	}
}

static void read_measure(struct reader *reader, size_t which)
{
	struct step step = { .kind = STEP_MEASURE,
		.compare = AT_LEAST,
		.which = (unsigned)which };

	if (take_byte(reader, '>')) {
		step.compare = AT_LEAST;
	} else if (take_byte(reader, '<')) {
		step.compare = AT_MOST;
	} else if (take_byte(reader, '=')) {
		step.compare = EQUAL;
		read_number(reader, &step);
		add_step(reader, step);
		return;
	} else {
		step.number = 1;
		add_step(reader, step);
		return;
	}
	if (!take_byte(reader, '=')) {
		blame(reader, "numbers are compared with >=, <= or =");
	}
	read_number(reader, &step);
	add_step(reader, step);
}

static void read_answer(struct reader *reader, struct bytes name)
{
	struct step step = { .kind = STEP_ANSWER, .name = name };

	if (find_name(answer_names,
		sizeof(answer_names) / sizeof(answer_names[0]),
		name) == sizeof(answer_names) / sizeof(answer_names[0])) {
		blame(reader, "no question of the form has this name");
	}
	skip_spaces(reader);
	step.values.at = reader->rest.at;
	if (!take_byte(reader, '*')) {
		do {
			if (next_word(reader).len == 0) {
				blame(reader, "a value is missing");
			}
		} while (reader->rest.len > 0 && reader->rest.at[0] == ',' &&
		    take_byte(reader, ','));
	}
	step.values.len = (size_t)(reader->rest.at - step.values.at);
	add_step(reader, step);
}

static void read_fact(struct reader *reader)
{
	struct bytes word = next_word(reader);
	size_t measure = find_name(measure_names, MEASURES_END, word);
	size_t rule = find_rule(reader->rules, word);

	if (word.len > 2 && memcmp(word.at, "K.", 2) == 0) {
		enum keyword_group group =
		    keyword_group_find(bytes_of(word.at + 2, word.len - 2));

		if (group == GROUPS) {
			blame(reader, "there is no such group of words");
		}
		add_step(reader,
		    (struct step){ .kind = STEP_GROUP, .which = group });
	} else if (measure < MEASURES_END) {
		read_measure(reader, measure);
	} else if (word.len > 0 && take_byte(reader, '=')) {
		read_answer(reader, word);
	} else if (rule + 1 < reader->rules->n_rules) {
		add_step(reader,
		    (struct step){
			.kind = STEP_RULE, .which = (unsigned)rule });
	} else {
		blame(reader,
		    "neither an answer (name=value), a group (K.NAME), a "
		    "measure, nor a rule further up");
	}
}

static void read_or(struct reader *reader);

static void read_not(struct reader *reader)
{
	bool negated = false;

	while (take_word(reader, "not")) {
		negated = !negated;
	}
	if (!take_byte(reader, '(')) {
		read_fact(reader);
	} else if (++reader->depth > RULES_DEPTH_MAX) {
		blame(reader, "brackets in too many brackets");
		reader->rest.len = 0;
	} else {
		read_or(reader);
		reader->depth--;
		if (!take_byte(reader, ')')) {
			blame(reader, "a bracket is not closed");
		}
	}
	if (negated) {
		add_step(reader, (struct step){ .kind = STEP_NOT });
	}
}

static void read_and(struct reader *reader)
{
	read_not(reader);
	while (reader->wrong == NULL && take_word(reader, "and")) {
		read_not(reader);
		add_step(reader, (struct step){ .kind = STEP_AND });
	}
}

static void read_or(struct reader *reader)
{
	read_and(reader);
	while (reader->wrong == NULL && take_word(reader, "or")) {
		read_and(reader);
		add_step(reader, (struct step){ .kind = STEP_OR });
	}
}

/* ---- reading: lines -------------------------------------------------------
 */

/* The file's copy may be cut into strings: every line end becomes NUL. */
static char *in_copy(const struct rules *rules, const uint8_t *at)
{
	return rules->file + (at - (const uint8_t *)rules->file);
}

static void read_heading(struct reader *reader)
{
	struct rules *rules = reader->rules;
	struct bytes name = next_word(reader);
	char *end = in_copy(rules, reader->rest.at);

	if (name.len == 0 || !take_byte(reader, ']')) {
		blame(reader, "a rule begins with its name: [R1] sentence");
		return;
	}
	skip_spaces(reader);
	if (reader->rest.len == 0) {
		blame(reader, "the sentence for the officer is missing");
	}
	if (find_rule(rules, name) < rules->n_rules) {
		blame(reader, "there is a rule of this name already");
	}
	if (rules->n_rules == RULES_MAX) {
		blame(reader, "the rules are too many");
		return;
	}
	rules->rules[rules->n_rules].name = in_copy(rules, name.at);
	rules->rules[rules->n_rules].text = in_copy(rules, reader->rest.at);
	rules->n_rules++;
	*end = '\0';
}

/* "flag some words when ...": the words. */
static const char *read_flag(struct reader *reader)
{
	static const char when[] = " when ";
	const uint8_t *end;
	const uint8_t *from;

	skip_spaces(reader);
	from = reader->rest.at;
	end = memmem(from, reader->rest.len, when, sizeof(when) - 1);
	if (end == NULL || end == from) {
		blame(reader, "a flag has words, then \"when\"");
		return "";
	}
	reader->rest.len -= (size_t)(end + 1 - from);
	reader->rest.at = end + 1;
	*in_copy(reader->rules, end) = '\0';
	return in_copy(reader->rules, from);
}

static void read_effect(struct reader *reader)
{
	struct rules *rules = reader->rules;
	struct effect effect = { .first = rules->n_steps };

	if (take_word(reader, "P1")) {
		effect.priority = PRIORITY_NOW;
	} else if (take_word(reader, "P2")) {
		effect.priority = PRIORITY_TODAY;
	} else if (take_word(reader, "P3")) {
		effect.priority = PRIORITY_SOON;
	} else if (take_word(reader, "quarantine")) {
		effect.kind = EFFECT_QUARANTINE;
	} else if (take_word(reader, "flag")) {
		effect.kind = EFFECT_FLAG;
		effect.flag = read_flag(reader);
	} else {
		blame(reader,
		    "a line is: P1, P2, P3, quarantine or flag WORDS, then "
		    "\"when\" and a condition");
	}
	if (!take_word(reader, "when")) {
		blame(reader, "\"when\" is missing");
	}
	if (rules->n_rules == 0 || rules->n_effects == EFFECTS_MAX) {
		blame(reader,
		    rules->n_rules == 0 ? "no rule has begun yet"
					: "the lines are too many");
		return;
	}
	effect.rule = (unsigned)rules->n_rules - 1;
	if (reader->wrong == NULL) {
		read_or(reader);
		skip_spaces(reader);
	}
	if (reader->wrong == NULL && reader->rest.len > 0) {
		blame(reader, "the condition is over, the line is not");
	}
	effect.n = rules->n_steps - effect.first;
	rules->effects[rules->n_effects++] = effect;
}

static void read_line(struct reader *reader)
{
	skip_spaces(reader);
	if (reader->rest.len == 0 || reader->rest.at[0] == '#') {
		return;
	}
	if (take_byte(reader, '[')) {
		read_heading(reader);
	} else if (take_word(reader, "version")) {
		skip_spaces(reader);
		reader->rules->version =
		    in_copy(reader->rules, reader->rest.at);
		if (reader->rest.len == 0 || reader->rest.len > 40) {
			blame(reader, "the version has 1 to 40 characters");
		}
	} else {
		read_effect(reader);
	}
}

enum tl_err rules_read(
    struct rules *rules, size_t len, struct text_fault *ret_fault)
{
	struct bytes rest = bytes_of(rules->file, len), line;

	ret_fault->line = 0;
	while (text_line(&rest, &line)) {
		struct reader reader = { .rules = rules, .rest = line };

		ret_fault->line++;
		rules->file[line.at + line.len - (uint8_t *)rules->file] = '\0';
		read_line(&reader);
		if (reader.wrong != NULL) {
			ret_fault->what = reader.wrong;
			return TL_EFORMAT;
		}
	}
	if (rules->version == NULL || rules->n_rules == 0) {
		ret_fault->what = rules->n_rules == 0
		    ? "there is no rule"
		    : "the line \"version ...\" is missing";
		return TL_EFORMAT;
	}
	return TL_OK;
}
