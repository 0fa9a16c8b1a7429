/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/say.h - collects the mistakes of one configuration file.
 *
 * Promise:   every mistake reaches the caller's function with the name of the
 *            file, line and column in front, up to CONFIG_SAID_MAX; then one
 *            last sentence says that there are more.
 * Knows not: what is wrong.
 * Runs in:   every program that reads a configuration.
 * Disk:      none.
 */
#ifndef TL_CONFIG_SAY_H
#define TL_CONFIG_SAY_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

#define CONFIG_SAID_MAX 200u

/* Both count from 1; line 0 is "no line of its own". */
struct config_place {
	unsigned line;
	unsigned column;
};

struct config_said {
	const char *name; /* of the file */
	config_say_fn say;
	void *arg;
	size_t n; /* mistakes so far */
};

__attribute__((format(printf, 3, 4))) void config_complain(
    struct config_said *said, struct config_place place, const char *format,
    ...);

/* Say how many mistakes were not shown. To be called once, at the end. */
void config_complain_rest(const struct config_said *said);

#endif
