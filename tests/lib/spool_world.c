/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/spool_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/tempdir.h"
#include "tests/lib/weak_hash.h"

/* No cmocka here: fuzz targets are linked with this folder too. */
static void must(bool holds)
{
	if (!holds) {
		abort();
	}
}

enum tl_err world_open(struct spool_world *w)
{
	return spool_open(&w->opts, &w->spool);
}

void world_reopen(struct spool_world *w)
{
	spool_close(w->spool);
	w->spool = NULL;
	must(world_open(w) == TL_OK);
}

int world_set_up(void **state)
{
	struct spool_world *w = calloc(1, sizeof(*w));

	must(w != NULL);
	(void)snprintf(w->top, sizeof(w->top), "/tmp/spool-test-XXXXXX");
	must(mkdtemp(w->top) != NULL);
	(void)snprintf(w->dir, sizeof(w->dir), "%s/spool", w->top);
	w->opts = (struct spool_opts){ .dir = w->dir, .hash = weak_hash };
	must(world_open(w) == TL_OK);
	*state = w;
	return 0;
}

int world_tear_down(void **state)
{
	struct spool_world *w = *state;

	spool_close(w->spool);
	tempdir_remove_tree(w->top);
	free(w);
	return 0;
}

void world_path(const struct spool_world *w, const char *name, char path[160])
{
	(void)snprintf(path, 160, "%s/%s", w->dir, name);
}

long long world_file_bytes(const struct spool_world *w, const char *name)
{
	char path[160];
	struct stat st;

	world_path(w, name, path);
	return stat(path, &st) == 0 ? (long long)st.st_size : -1;
}

/* The record number n: its id and its bytes say the number. */
void world_record(uint32_t n, uint8_t id[static SPOOL_ID_BYTES],
    uint8_t body[static WORLD_BODY_BYTES])
{
	uint8_t seed[SPOOL_HASH_BYTES];

	weak_hash(seed, &n, sizeof(n));
	memcpy(id, seed, SPOOL_ID_BYTES);
	memset(body, (int)(n & 0xff), WORLD_BODY_BYTES);
	memcpy(body, &n, sizeof(n));
}

enum tl_err world_put(struct spool_world *w, uint32_t n, bool urgent,
    const char *dedup, bool *ret_known)
{
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES] = { 0 };
	const struct spool_record record = {
		.id = id,
		.dedup = (const uint8_t *)dedup,
		.urgent = urgent,
		.sealed = bytes_of(body, sizeof(body)),
	};

	world_record(n, id, body);
	return spool_put(w->spool, &record, 1, WORLD_DAY, ret_known);
}

/* Put records first .. first + n - 1, commit. */
void world_keep(struct spool_world *w, uint32_t first, uint32_t n, bool urgent)
{
	bool known;

	for (uint32_t i = 0; i < n; i++) {
		must(world_put(w, first + i, urgent, NULL, &known) == TL_OK);
		must(!known);
		if (i % 64 == 63) {
			must(spool_commit(w->spool) == TL_OK);
		}
	}
	must(spool_commit(w->spool) == TL_OK);
}

enum tl_err world_forget(struct spool_world *w, uint32_t n)
{
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];

	world_record(n, id, body);
	return spool_forget(w->spool, id);
}

bool world_has(struct spool_world *w, uint32_t n)
{
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];
	uint8_t want[SPOOL_HASH_BYTES];
	uint8_t hash[SPOOL_HASH_BYTES];
	enum tl_err err;

	world_record(n, id, body);
	weak_hash(want, body, sizeof(body));
	err = spool_get_hash(w->spool, id, hash);
	if (err == TL_ENOENT) {
		return false;
	}
	must(err == TL_OK);
	must(memcmp(hash, want, sizeof(hash)) == 0);
	return true;
}

void world_see(const struct spool_lent *lent, void *arg)
{
	struct spool_seen *seen = arg;
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];
	uint32_t n;

	must(lent->sealed.len == WORLD_BODY_BYTES);
	memcpy(&n, lent->sealed.at, sizeof(n));
	world_record(n, id, body);
	must(memcmp(lent->id, id, sizeof(id)) == 0);
	must(memcmp(lent->sealed.at, body, sizeof(body)) == 0);
	seen->urgent[seen->n] = lent->rank == RANK_URGENT;
	seen->numbers[seen->n++] = n;
}

size_t world_take(struct spool_world *w, size_t most, struct spool_seen *seen)
{
	size_t n = 0;

	seen->n = 0;
	must(spool_take(w->spool, RANK_PIECE, most, SIZE_MAX, world_see, seen,
		 &n) == TL_OK);
	must(n == seen->n);
	return n;
}
