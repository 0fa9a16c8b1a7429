/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/spool_world.h - a spool in a folder of its own, and numbered
 * records whose id and bytes follow from their number.
 */
#ifndef TL_TESTS_LIB_SPOOL_WORLD_H
#define TL_TESTS_LIB_SPOOL_WORLD_H

#include "queue/spool.h"

#define WORLD_DAY        20000
#define WORLD_BODY_BYTES 4400u

struct spool_world {
	char top[64];
	char dir[96];
	struct spool_opts opts;
	struct spool *spool;
};

/* What was lent, in order. */
struct spool_seen {
	uint32_t numbers[4096];
	bool urgent[4096];
	size_t n;
};

/* For cmocka: an open spool without records, with marks of 0. */
int world_set_up(void **state);
int world_tear_down(void **state);

TL_MUST_CHECK enum tl_err world_open(struct spool_world *w);
/* Close without an orderly end, open again. */
void world_reopen(struct spool_world *w);

void world_path(const struct spool_world *w, const char *name, char path[160]);
/* -1: there is no such file in the folder. */
long long world_file_bytes(const struct spool_world *w, const char *name);

void world_record(uint32_t n, uint8_t id[static SPOOL_ID_BYTES],
    uint8_t body[static WORLD_BODY_BYTES]);
/* Put record n into the open group. dedup is SPOOL_DEDUP_BYTES or NULL. */
TL_MUST_CHECK enum tl_err world_put(struct spool_world *w, uint32_t n,
    bool urgent, const char *dedup, bool *ret_known);
/* Put records first .. first + n - 1, none known, and commit. */
void world_keep(struct spool_world *w, uint32_t first, uint32_t n, bool urgent);
TL_MUST_CHECK enum tl_err world_forget(struct spool_world *w, uint32_t n);
/* The record is there with the hash it should have. */
bool world_has(struct spool_world *w, uint32_t n);
/* A spool_lend_fn; arg is a struct spool_seen. */
void world_see(const struct spool_lent *lent, void *arg);
/* Take up to most, and hold each against its number. */
size_t world_take(struct spool_world *w, size_t most, struct spool_seen *seen);

#endif
