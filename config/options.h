/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/options.h - one row for each option there is.
 *
 * Promise:   parser, range check, `tipline check`, sample file and man page
 *            read these rows; nothing else in the tree knows a key.
 * Knows not: files, the values of a loaded configuration.
 * Runs in:   every program that reads a configuration.
 * Disk:      none.
 */
#ifndef TL_CONFIG_OPTIONS_H
#define TL_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Room for the rows of all sections; a test compares. */
#define CONFIG_OPTIONS_MAX 160u

/* A path when it is whole, from / on. */
#define CONFIG_PATH_BYTES_MAX 1023u
/* A gateway's or desk's name. */
#define CONFIG_NAME_BYTES_MAX 32u

/* What a value may look like, and the type of its field. */
enum config_type {
	OPT_STRING = 1, /* char *: one line of UTF-8 */
	OPT_NAME,       /* char *: a-z, 0-9 and - */
	OPT_PHONE,      /* char *: a number as people read it */
	OPT_REGION,     /* char *: two capital letters */
	OPT_LANGUAGE,   /* char *: a tag of config_languages */
	OPT_LANGUAGES,  /* struct config_list of such tags */
	OPT_WORDS,      /* struct config_list of the row's words */
	OPT_ORIGIN,     /* char *: https://host[:port] */
	OPT_URL,        /* char *: https URL without query */
	OPT_URL_MAP,    /* struct config_map: language=URL */
	OPT_PHONE_MAP,  /* struct config_map: one of the row's words=number */
	OPT_PATH,       /* char * */
	OPT_PATHS,      /* struct config_list */
	OPT_ADDRESSES,  /* struct config_list of address:port */
	OPT_PLACE,      /* char *: path of a socket, or address:port */
	OPT_PLACES,     /* struct config_list of them */
	OPT_ROUTES,     /* struct config_list of address:port=place */
	OPT_INTEGER,    /* unsigned */
	OPT_SIZE,       /* uint64_t, bytes */
	OPT_DURATION,   /* uint64_t, milliseconds */
	OPT_WORD,       /* const char *: one of the row's words */
	OPT_TYPES_END
};

/* What stands at the end of a path. */
enum config_file {
	FILE_NONE = 0,
	FILE_PUBLIC, /* all may read, only we may write */
	FILE_SECRET, /* nobody else may read */
	FILE_KEY,    /* secret, and written by `tipline keygen` */
	FILE_FOLDER, /* ours alone */
	FILE_SHARED, /* a folder: all may read, only root or we may write */
	FILE_SOCKET
};

enum config_takes { OPT_AT_RELOAD = 1, OPT_AT_RESTART };

struct config_option {
	const char *key; /* "section.key" */
	enum config_type type;
	enum config_file file;
	const char *unit; /* what min and max and the field count */
	/* numbers: the value; strings: bytes; lists and maps: items */
	uint64_t min;
	uint64_t max;
	const char *def;          /* as in the file; "" is "not set" */
	const char *example;      /* for the sample, where def says little */
	const char *const *words; /* OPT_WORD, _WORDS, _PHONE_MAP: ends with
	                           * NULL */
	unsigned programs;        /* enum config_program: who reads it */
	unsigned needs;           /* who cannot work without it */
	bool suggest; /* set in the sample, though nothing needs it */
	enum config_takes takes;
	size_t field; /* in struct config, or in struct config_gateway */
	const char *text;
};

struct config_table {
	const struct config_option *rows;
	size_t n;
};

struct config_section {
	const char *name;
	const struct config_table *options;
	bool named;        /* [name NAME], any number of them */
	unsigned programs; /* whoever has this section in the file wants to
	                      run these */
	const char *text;
};

extern const struct config_section config_sections[];
extern const size_t config_n_sections;

/* The tags of the languages there are pages for; ends with NULL. */
extern const char *const config_languages[];
/* What [gateway] type may be; the names of the rows of sms/. */
extern const char *const config_gateway_types[];

/* Right for a desk, a gateway and its path: a-z, 0-9, -; no - in front. */
bool config_is_name(struct bytes name);

/* The rows of all sections, one section after the other, from 0 on. */
size_t config_n_options(void);
const struct config_option *config_option_at(size_t i);

/* "key" of "section.key". */
const char *config_option_name(const struct config_option *row);

bool config_option_in(
    const struct config_option *row, const struct config_section *section);

/* NULL if there is none. */
const struct config_section *config_section_find(struct bytes name);
const struct config_option *config_option_find(
    const struct config_section *section, struct bytes name);

/* The row of a key of ours, "spool.path"; it must exist. */
const struct config_option *config_option_of(const char *key);

struct config;
/* The field of a row of one path or string outside [gateway NAME]. */
char *const *config_string(
    const struct config *config, const struct config_option *row);

size_t config_option_index(const struct config_option *row);

#endif
