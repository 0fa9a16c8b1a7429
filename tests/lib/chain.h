/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/chain.h - a ledger in a folder of its own, and numbered records
 * that follow from their number. What does not hold aborts.
 */
#ifndef TL_TESTS_LIB_CHAIN_H
#define TL_TESTS_LIB_CHAIN_H

#include "queue/ledger.h"

#define CHAIN_RECORDS 5

struct chain {
	char top[64];
	char folder[96];
	struct ledger_opts opts;
};

/* What record n holds: the text without its first n bytes. */
extern const char chain_sealed[];

/* For cmocka: there is no ledger yet. */
int chain_set_up(void **state);
int chain_tear_down(void **state);

void chain_file(const struct chain *w, const char *name, char path[128]);
/* End it with ledger_close(). */
struct ledger *chain_open(const struct chain *w);

/* A tip whose id is all n; text must outlive it. */
struct ledger_record chain_tip(uint8_t n, const char *text);
void chain_append(struct ledger *ledger, uint8_t n, const char *text);
/* Open, append the records 0 .. CHAIN_RECORDS - 1, close. */
void chain_fill(const struct chain *w);
/* For ledger_each(): the record is that of its number. arg counts, a uint64_t.
 */
enum tl_err chain_check(
    uint64_t number, const struct ledger_record *rec, void *arg);

#endif
