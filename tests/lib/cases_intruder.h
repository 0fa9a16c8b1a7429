/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/cases_intruder.h - who has the desk's password of the rig's Redis,
 * and no desk's key. What Redis refuses aborts.
 */
#ifndef TL_TESTS_LIB_CASES_INTRUDER_H
#define TL_TESTS_LIB_CASES_INTRUDER_H

#include "base/bytes.h"
#include "tests/lib/cases_rig.h"

struct redisContext;

/* End it with redisFree(). */
struct redisContext *intruder_open(const struct rig *rig);

/* One command, its words parted by blanks. */
void intruder_do(struct redisContext *redis, const char *command);

/* One command of words that may hold anything. */
void intruder_say(
    struct redisContext *redis, const struct bytes *words, size_t n);

/* Under which key the case of rig_id(n) stands. */
void intruder_key(uint32_t n, char key[static 64]);

/* Add an event. */
void intruder_add(struct redisContext *redis, struct bytes record);

#endif
