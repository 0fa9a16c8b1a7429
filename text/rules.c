/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/rules.h"

#include <stdlib.h>
#include <string.h>

#include "text/keywords.h"

#define RULES_MAX      96u
#define EFFECTS_MAX    256u
#define STEPS_MAX      2048u
#define DEPTH_MAX      32u /* of brackets, and of values waiting */
#define FILE_MAX_BYTES ((size_t)64u * 1024u)

/* ---- a condition, as steps over a stack of values -------------------------
 */

enum step_kind {
	STEP_ANSWER,
	STEP_GROUP,
	STEP_RULE,
	STEP_MEASURE,
	STEP_AND,
	STEP_OR,
	STEP_NOT
};
enum compare { AT_LEAST, AT_MOST, EQUAL };

struct step {
	uint8_t kind;    /* enum step_kind */
	uint8_t compare; /* enum compare */
	unsigned which;  /* group, rule or measure */
	int64_t number;
	struct bytes name, values; /* of an answer; into the file's copy */
};

enum effect_kind { EFFECT_PRIORITY, EFFECT_FLAG, EFFECT_QUARANTINE };

struct effect {
	uint8_t kind; /* enum effect_kind */
	int priority;
	const char *flag;
	unsigned rule;
	size_t first, n; /* steps */
};

struct rules {
	char *file; /* a copy whose words are ended in place */
	size_t file_bytes;
	const char *version;
	struct {
		const char *name, *text;
	} rules[RULES_MAX];
	size_t n_rules;
	struct effect effects[EFFECTS_MAX];
	size_t n_effects;
	struct step steps[STEPS_MAX];
	size_t n_steps;
};

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
	} else if (++reader->depth > DEPTH_MAX) {
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

static enum tl_err read_file(
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
	err = read_file(rules, file.len, ret_fault);
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
	enum truth stack[4 * (DEPTH_MAX + 2)];
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
