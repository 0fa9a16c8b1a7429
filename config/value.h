/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/value.h - one value: read into its field, written back, freed.
 *
 * Promise:   what is written reads back to the same; a field changes only
 *            when its whole value was right.
 * Knows not: sections, other options, the disk.
 * Runs in:   every program that reads a configuration.
 * Disk:      none; paths are joined and tidied as text.
 *
 * A value is the rest of its line. It may stand in double quotes, in which
 * \" and \\ are " and \. Items of lists are split at blanks; each may stand
 * in quotes of its own.
 */
#ifndef TL_CONFIG_VALUE_H
#define TL_CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "config/options.h"
#include "config/say.h"

/* All of it borrowed. */
struct config_value {
	const struct config_option *row;
	struct bytes text; /* without blanks around it */
	const char *folder;
	struct config_said *said;
	const uint8_t *line_at; /* text lies in this line */
	unsigned line;
};

/* A piece of a value after its quotes were taken off. */
struct config_word {
	char *text; /* owned */
	size_t at;  /* where it began in the value */
};

/*
 * Read the value into its field, which is a live one and is freed first.
 * TL_EINVAL after complaining, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err config_value_read(
    const struct config_value *value, void *field);

/* Append the value as it may stand in a file. */
void config_value_write(
    const struct config_option *row, const void *field, struct buf *out);

/* Free what the field owns and zero it. A zeroed field is fine. */
void config_value_free(const struct config_option *row, void *field);

/* Is there nothing in it: "", no items? Numbers are never empty. */
bool config_value_empty(const struct config_option *row, const void *field);

/* A few words on how the value is written, for people. A literal. */
const char *config_value_kind(const struct config_option *row);

/* Append "from 0 to 256" or what else limits the value; maybe nothing. */
void config_value_range(const struct config_option *row, struct buf *out);

#define CONFIG_RANGE_BYTES 512u
/* The same as a string, for a mistake. */
void config_value_range_text(
    const struct config_option *row, char out[static CONFIG_RANGE_BYTES]);

/* The place of a byte of the value. */
struct config_place config_value_place(
    const struct config_value *value, size_t at);

/* ---- between the value files only ---- */

/*
 * Take the next word from *at on: the rest if whole, else up to a blank.
 * Gives ret_word->text (free). TL_ENOENT at the end, TL_EINVAL, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err config_word_take(const struct config_value *value,
    bool whole, size_t *at, struct config_word *ret_word);
void config_word_write(const char *text, bool whole, struct buf *out);

/* Is the word right for the row's type? May replace its text. */
TL_MUST_CHECK enum tl_err config_word_judge(
    const struct config_value *value, struct config_word *word);
TL_MUST_CHECK enum tl_err config_word_url(const struct config_value *value,
    const struct config_word *word, size_t skip);
TL_MUST_CHECK enum tl_err config_word_phone(const struct config_value *value,
    const struct config_word *word, size_t skip);

TL_MUST_CHECK enum tl_err config_number_read(
    const struct config_value *value, uint64_t *ret_number);
void config_number_write(
    const struct config_option *row, uint64_t number, struct buf *out);

TL_MUST_CHECK enum tl_err config_list_read(
    const struct config_value *value, struct config_list *ret_list);
TL_MUST_CHECK enum tl_err config_map_read(
    const struct config_value *value, struct config_map *ret_map);
void config_pair_write(const struct config_pair *pair, struct buf *out);
void config_list_free(struct config_list *list);
void config_map_free(struct config_map *map);

#endif
