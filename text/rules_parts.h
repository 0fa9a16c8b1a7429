/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/rules_parts.h - the inside of the rules: conditions as steps over a
 * stack of values.
 */
#ifndef TL_TEXT_RULES_PARTS_H
#define TL_TEXT_RULES_PARTS_H

#include "text/rules.h"

#define RULES_MAX       96u
#define EFFECTS_MAX     256u
#define STEPS_MAX       2048u
#define RULES_DEPTH_MAX 32u /* of brackets */

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

/* Read the lines of rules->file, len bytes, and cut them into strings. */
TL_MUST_CHECK enum tl_err rules_read(
    struct rules *rules, size_t len, struct text_fault *ret_fault);

#endif
