/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/coding.h"

#include <stdio.h>
#include <string.h>

#define BIT(value) (UINT32_C(1) << (value))

const json_t *coding_newest(const json_t *entries)
{
	const json_t *newest = NULL;
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *kind =
		    json_string_value(json_object_get(entry, "kind"));
		const json_t *codes = json_object_get(entry, "codes");

		if (kind != NULL && strcmp(kind, "coding") == 0 &&
		    json_is_object(codes)) {
			newest = codes;
		}
	}
	return newest;
}

enum coding_word coding_says(const json_t *codes, struct bytes chip)
{
	static const char *const words[] = {
		[CODING_UNKNOWN] = "unknown",
		[CODING_SEEN] = "seen",
		[CODING_NOT] = "not",
	};
	char name[32];
	const char *word;
	char *dot;

	if (chip.len >= sizeof(name)) {
		return CODING_NOTHING;
	}
	memcpy(name, chip.at, chip.len);
	name[chip.len] = '\0';
	dot = strchr(name, '.');
	if (dot == NULL) {
		return CODING_NOTHING;
	}
	*dot = '\0';
	word = json_string_value(
	    json_object_get(json_object_get(codes, name), dot + 1));
	for (unsigned i = CODING_UNKNOWN; word != NULL && i <= CODING_NOT;
	     i++) {
		if (strcmp(word, words[i]) == 0) {
			return (enum coding_word)i;
		}
	}
	return CODING_NOTHING;
}

static enum coding_word says_of_ilo(const json_t *codes, unsigned number)
{
	char chip[16];

	(void)snprintf(chip, sizeof(chip), "ilo.%u", number);
	return coding_says(codes, bytes_str(chip));
}

void coding_apply(const json_t *codes, struct facts *facts)
{
	uint32_t answered = facts_ilo(facts);

	for (unsigned i = 1; i <= IND_LAST; i++) {
		unsigned ilo = facts_ilo_of(i);
		enum coding_word word = says_of_ilo(codes, ilo);

		if (word == CODING_NOT || word == CODING_UNKNOWN) {
			facts->ind &= ~BIT(i);
		} else if (word == CODING_SEEN && (answered & BIT(ilo)) == 0) {
			facts->ind |= BIT(i); /* one of them is enough */
			answered |= BIT(ilo);
		}
	}
}
