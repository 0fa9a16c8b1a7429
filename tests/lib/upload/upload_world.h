/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/upload/upload_world.h - server/intake/upload with everything round
 * it played: the engine that reads, the spool that keeps, the handler. Nothing
 * is sealed, so that what is kept can be looked at.
 *
 * Each call ends the program if upload breaks a promise of its header: two
 * answers, a piece asked for while one is with the spool, a piece too long,
 * bytes kept that are not told.
 */
#ifndef TL_TESTS_UPLOAD_WORLD_H
#define TL_TESTS_UPLOAD_WORLD_H

#include "base/buf.h"
#include "server/intake/upload.h"

/* A body on its way. */
struct upload_way {
	struct bytes type; /* the value of Content-Type */
	struct bytes body;
	size_t piece_len; /* read in pieces of so many bytes, 1 to 16384 */
	enum net_end how;
	uint32_t lost; /* bit i: the i-th piece is not kept, from the 32nd on
	                * the last bit */
	uint64_t file_max_bytes, files_max_bytes;
};

/* What came of it. */
struct upload_came {
	bool handled; /* the handler has got text and files */
	int refused;  /* the status of an answer without the handler, or 0 */
	struct buf text;
	size_t n;
	bool is_cut;
	struct {
		const char *state;
		uint64_t bytes;
		bool cleaned;
		struct buf kept;
	} file[UPLOAD_FILES_MAX];
};

/* End it with upload_came_free(). */
void upload_world_run(
    const struct upload_way *way, struct upload_came *ret_came);
void upload_came_free(struct upload_came *came);

#endif
