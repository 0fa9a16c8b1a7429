/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/upload: a body of any kind, read in pieces of any size, of
 * which the spool keeps any, that ends in any way. What upload.h promises,
 * tests/lib/upload/upload_world looks at; beside that, what comes of a body
 * does not depend on where it was cut while it was read.
 *
 * Input: how it ends, piece length, which pieces are lost, two limits; then
 * the body, whose boundary is "b".
 */
#include <assert.h>
#include <string.h>

#include "tests/lib/upload/upload_world.h"

#define HEAD_BYTES 5u
#define READ_MAX   16384u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void assert_same(
    const struct upload_came *a, const struct upload_came *b)
{
	assert(a->handled == b->handled && a->refused == b->refused);
	assert(a->text.len == b->text.len && a->n == b->n);
	assert(a->text.len == 0 ||
	    memcmp(a->text.data, b->text.data, a->text.len) == 0);
	assert(a->is_cut == b->is_cut);
	for (size_t i = 0; i < a->n; i++) {
		assert(strcmp(a->file[i].state, b->file[i].state) == 0);
		assert(a->file[i].bytes == b->file[i].bytes);
		assert(a->file[i].cleaned == b->file[i].cleaned);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct upload_way way = { .type = bytes_str(
				      "multipart/form-data; boundary=b") };
	struct upload_came at_once, in_pieces;

	if (len < HEAD_BYTES) {
		return 0;
	}
	way.how = (enum net_end)(data[0] % 3u);
	way.lost = data[2];
	way.file_max_bytes = 1u + 16u * data[3];
	way.files_max_bytes = 1u + 32u * data[4];
	way.body = bytes_of(data + HEAD_BYTES, len - HEAD_BYTES);
	way.piece_len = READ_MAX;
	upload_world_run(&way, &at_once);
	way.piece_len = 1u + data[1];
	upload_world_run(&way, &in_pieces);
	assert_same(&at_once, &in_pieces);
	upload_came_free(&at_once);
	upload_came_free(&in_pieces);
	return 0;
}
