/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The rule file: any bytes are rules or are refused with a line, and what was
 * taken runs and gives a priority.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct report_answer answers[] = {
		{ "now", { (const uint8_t *)"2", 1 } },
		{ "ind", { (const uint8_t *)"15", 2 } },
	};
	struct rules *rules = NULL;
	struct text_fault fault;
	struct rules_in in;
	struct rules_out out;

	if (rules_new(bytes_of(data, len), &rules, &fault) != TL_OK) {
		assert(rules == NULL && fault.what != NULL);
		return 0;
	}
	rules_in_init(&in);
	in.channel = "sms";
	in.answers = answers;
	in.n_answers = 2;
	in.groups = 0x5555;
	in.measures[MEASURE_length] = 30;
	rules_run(rules, &in, &out);
	assert(out.priority >= PRIORITY_NOW && out.priority <= PRIORITY_LOW);
	for (size_t i = 0; i < out.n_rules; i++) {
		assert(strlen(out.rules[i].name) > 0);
		assert(out.rules[i].priority == 0 ||
		    out.rules[i].priority >= out.priority ||
		    out.priority == PRIORITY_LOW);
	}
	rules_free(rules);
	return 0;
}
