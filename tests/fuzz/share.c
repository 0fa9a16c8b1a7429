/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/share: lines of shares. What is read prints the same again, and
 * whatever is put together has its fault. With the first byte's low bit set
 * each line gets the check that fits, since no fuzzer finds a hash.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/enc.h"
#include "crypto/hash.h"
#include "crypto/share.h"
#include "crypto/start.h"

#define LINES_MAX 6u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool read_line(struct bytes line, bool mend, struct share *share)
{
	struct buf text, printed;
	uint8_t hash[HASH_BYTES];
	bool read;

	buf_init(&text, 2 * SHARE_LINE_BYTES);
	buf_init(&printed, 2 * SHARE_LINE_BYTES);
	buf_put(&text, line.at, line.len);
	if (mend) {
		hash_bytes(hash, line.at, line.len);
		enc_hex(&text, hash, 4);
	}
	read = buf_err(&text) == TL_OK &&
	    share_parse(bytes_of(text.data, text.len), share) == TL_OK;
	if (read) {
		share_print(&printed, share);
		assert(printed.len == text.len + 1);
		assert(memcmp(printed.data, text.data, text.len) == 0);
	}
	buf_free(&text);
	buf_free(&printed);
	return read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct share shares[LINES_MAX];
	uint8_t secret[SHARE_SECRET_BYTES];
	size_t n = 0, which = 0, at = 1;
	bool found = false;
	enum share_fault fault;

	if (crypto_start() != TL_OK) {
		abort();
	}
	if (len < 1 || len > LINES_MAX * SHARE_LINE_BYTES) {
		return 0;
	}
	while (at < len && n < LINES_MAX) {
		const uint8_t *end = memchr(data + at, '\n', len - at);
		size_t to = end == NULL ? len : (size_t)(end - data);

		n += read_line(bytes_of(data + at, to - at),
		    (data[0] & 1u) != 0, &shares[n]);
		at = to + 1;
	}
	fault = share_combine(shares, n, secret, &which, &found);
	assert(fault < SHARE_FAULTS && share_fault_text(fault) != NULL);
	assert(fault != SHARE_FINE || found);
	assert(n == 0 || fault == SHARE_FINE || which <= n);
	return 0;
}
