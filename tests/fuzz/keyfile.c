/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/keyfile, crypto/identity: what is read prints the same again. The
 * first byte chooses the kind; with its high bit set the check line is put
 * behind the text, since no fuzzer finds a hash.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/identity.h"
#include "crypto/keyfile.h"
#include "crypto/keytext.h"
#include "crypto/start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void read_key(struct bytes text, enum key_kind kind)
{
	uint8_t key[KEY_MAX_BYTES];
	struct buf printed;

	if (keyfile_parse(text, kind, key) != TL_OK) {
		return;
	}
	buf_init(&printed, KEYFILE_MAX_BYTES);
	keyfile_print(&printed, kind, key);
	assert(bytes_equal(bytes_of(printed.data, printed.len), text));
	buf_free(&printed);
}

static void read_identity(struct bytes text)
{
	struct identity_file file;

	if (identity_parse(text, &file) == TL_OK) {
		assert(pwhash_cost_ok(file.wrap.cost));
		assert(file.bound < text.len);
		assert(text.at[file.bound - 1] == '\n');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text;
	unsigned kind;

	if (crypto_start() != TL_OK) {
		abort();
	}
	if (len < 1 || len > KEYFILE_MAX_BYTES) {
		return 0;
	}
	kind = data[0] & 0x7Fu;
	buf_init(&text, 2 * KEYFILE_MAX_BYTES);
	buf_put(&text, data + 1, len - 1);
	if ((data[0] & 0x80u) != 0) {
		keytext_put_check(&text);
	}
	assert(buf_err(&text) == TL_OK);
	if (kind % (KEY_KINDS + 1) < KEY_KINDS) {
		read_key(bytes_of(text.data, text.len),
		    (enum key_kind)(kind % (KEY_KINDS + 1)));
	} else {
		read_identity(bytes_of(text.data, text.len));
	}
	buf_free(&text);
	return 0;
}
