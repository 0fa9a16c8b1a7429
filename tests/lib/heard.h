/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/heard.h - a configuration in a string is read, and what was said
 * of it is heard. What does not hold aborts.
 */
#ifndef TL_TESTS_LIB_HEARD_H
#define TL_TESTS_LIB_HEARD_H

#include "config/config.h"

/* All that was said since heard_parse() began, a line each. */
struct heard {
	char text[65536];
	size_t len;
	size_t n;
};

extern struct heard heard;

/* A config_say_fn; arg is a struct heard. */
void heard_add(void *arg, const char *sentence);

/* As config_parse() of the file f in /etc/tipline. */
TL_MUST_CHECK enum tl_err heard_parse(
    struct bytes text, struct config **ret_config);

/* Nothing is said of it. End it with config_free(). */
struct config *heard_right(const char *text);

/* It is refused for this mistake alone; for n, each of which holds one of
 * wanted. */
void heard_wrong(const char *text, const char *wanted);
void heard_wrong_n(const char *text, size_t n, const char *const *wanted);

#endif
