/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The highest number of each team's list: a row of meta for each. */
#include <stdio.h>

#include "queue/spool_file.h"

#define NAME_BYTES (sizeof("list ") + 2 * (size_t)SPOOL_LIST_ID_BYTES)

static void name_of(
    const uint8_t id[static SPOOL_LIST_ID_BYTES], char name[static NAME_BYTES])
{
	size_t at = (size_t)snprintf(name, NAME_BYTES, "list ");

	for (size_t i = 0; i < SPOOL_LIST_ID_BYTES; i++) {
		at +=
		    (size_t)snprintf(name + at, NAME_BYTES - at, "%02x", id[i]);
	}
}

enum tl_err spool_see_list(struct spool *spool,
    const uint8_t id[static SPOOL_LIST_ID_BYTES], uint32_t number,
    uint32_t *ret_highest)
{
	struct spool_db *db = &spool->db;
	enum tl_err err = spool_group_open(spool, 0);
	char name[NAME_BYTES];
	int64_t highest;

	if (err != TL_OK) {
		return err;
	}
	name_of(id, name);
	highest = spool_db_get_meta(db, name);
	if (highest < number) {
		/* a worker that was taken over must not fill the disk */
		if (highest == 0 &&
		    spool_db_number(db,
			"SELECT count(*) FROM meta WHERE name LIKE 'list %'") >=
			SPOOL_LISTS_MAX) {
			return TL_EFULL;
		}
		highest = number;
		spool_db_set_meta(db, name, highest);
	}
	err = spool_group_end(spool);
	if (err == TL_OK) {
		*ret_highest = (uint32_t)highest;
	}
	return err;
}
