/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A ledger file of any bytes: it is read, or it is refused; a file that was
 * read whole is written the same again.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "queue/ledger_file.h"
#include "tests/lib/weak_hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* So weak that a fuzzer gets through all checks. */
static void zero_hash(uint8_t out[static 32], const void *msg, size_t len)
{
	(void)msg;
	(void)len;
	memset(out, 0, 32);
}

static void walk(ledger_hash_fn hash, int fd, const uint8_t *data, size_t len)
{
	uint8_t chain[LEDGER_HASH_BYTES] = { 0 };
	struct ledger_walk walk;
	struct ledger_record rec;
	struct buf again;
	enum tl_err err;

	buf_init(&again, len + 1);
	ledger_walk_begin(&walk, hash, fd, len);
	err = ledger_walk_head(&walk, 1);
	if (err == TL_OK) {
		ledger_file_head(&again, hash, 1, chain);
		while ((err = ledger_walk_next(&walk, &rec)) == TL_OK) {
			ledger_file_frame(&again, hash, &rec, chain);
		}
		assert(buf_err(&again) == TL_OK && again.len == walk.at);
		assert(memcmp(again.data, data, again.len) == 0);
	}
	assert(err == TL_ENOENT || err == TL_EAGAIN || err == TL_EFORMAT);
	assert(err != TL_EFORMAT || walk.what != NULL);
	ledger_walk_end(&walk);
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int fd = memfd_create("ledger", MFD_CLOEXEC);

	assert(fd >= 0);
	assert(write(fd, data, len) == (ssize_t)len);
	walk(weak_hash, fd, data, len);
	walk(zero_hash, fd, data, len);
	(void)close(fd);
	return 0;
}
