/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/join: whatever parts come, each is in one message, and their order
 * changes nothing.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "sms/join.h"
#include "text/utf8.h"

#define PARTS_MAX  64u
#define TEXT_BYTES (1024u * 1024u)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* minutes (1), who (1), total and number (1), form and length (1), bytes */
static size_t read_parts(struct rd *rd, struct join_part *parts)
{
	size_t n = 0;

	while (n < PARTS_MAX && rd->left > 4) {
		struct join_part part = { .tag = n };
		uint8_t minutes = rd_u8(rd);
		uint8_t who = rd_u8(rd);
		uint8_t numbers = rd_u8(rd);
		uint8_t form = rd_u8(rd);
		size_t length = form >> 2;

		part.received_s = (int64_t)minutes * minutes * 60;
		part.gateway = bytes_str((who & 1) != 0 ? "g1" : "g2");
		part.from = bytes_str((who & 2) != 0 ? "855" : "856");
		part.concat.ref = (who >> 2) & 3;
		part.concat.wide = (who & 0x80) != 0;
		part.concat.total = numbers >> 4;
		part.concat.seq = numbers & 15;
		part.form = (enum join_form)(form & 3);
		length = length > rd->left ? rd->left : length;
		part.bytes = bytes_of(rd_bytes(rd, length), length);
		if (join_wants(&part.concat)) {
			parts[n++] = part;
		}
	}
	return n;
}

static struct join *join_all(
    const struct join_part *parts, size_t n, bool backwards)
{
	struct join *join = join_new();
	enum tl_err err;

	assert(join != NULL);
	for (size_t i = 0; i < n; i++) {
		err = join_add(join, &parts[backwards ? n - 1 - i : i]);
		assert(err == TL_OK);
	}
	err = join_settle(join, 3600);
	assert(err == TL_OK);
	(void)err;
	return join;
}

static void check_message(
    const struct join *a, const struct join *b, size_t i, bool *seen)
{
	const struct join_message *message = join_at(a, i);
	struct buf texts[2], data[2];
	bool lossy[2];

	assert(message->n_parts == join_at(b, i)->n_parts);
	assert(message->seen == join_at(b, i)->seen && message->seen != 0);
	for (size_t k = 0; k < message->n_parts; k++) {
		uint64_t tag = join_tag(a, i, k);

		assert(tag < PARTS_MAX && !seen[tag]);
		assert(tag == join_tag(b, i, k));
		seen[tag] = true;
	}
	for (int k = 0; k < 2; k++) {
		enum tl_err err;

		buf_init(&texts[k], TEXT_BYTES);
		buf_init(&data[k], TEXT_BYTES);
		err = join_read(
		    k == 0 ? a : b, i, &texts[k], &data[k], &lossy[k]);
		assert(err == TL_OK);
		(void)err;
		assert(utf8_valid(bytes_of(texts[k].data, texts[k].len)));
	}
	assert(lossy[0] == lossy[1] && texts[0].len == texts[1].len &&
	    data[0].len == data[1].len);
	assert(texts[0].len == 0 ||
	    memcmp(texts[0].data, texts[1].data, texts[0].len) == 0);
	for (int k = 0; k < 2; k++) {
		buf_free(&texts[k]);
		buf_free(&data[k]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct join_part parts[PARTS_MAX];
	bool seen[PARTS_MAX] = { false };
	struct rd rd = rd_of(data, len);
	size_t n = read_parts(&rd, parts);
	struct join *a = join_all(parts, n, false);
	struct join *b = join_all(parts, n, true);
	size_t found = 0;

	assert(join_count(a) == join_count(b));
	for (size_t i = 0; i < join_count(a); i++) {
		check_message(a, b, i, seen);
		found += join_at(a, i)->n_parts;
	}
	assert(found == n);
	join_free(a);
	join_free(b);
	return 0;
}
