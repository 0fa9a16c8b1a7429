/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/partners: a directory that is read has partners with ids of their own,
 * and one that is not is told why.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/start.h"
#include "desk/partners.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct partners_fault fault = { "" };
	struct partners partners = { 0 };
	enum tl_err err;

	if (crypto_start() != TL_OK) {
		abort();
	}
	err = partners_parse(bytes_of(data, len), &partners, &fault);
	assert((err == TL_OK) == (fault.text[0] == '\0'));
	for (size_t i = 0; i < partners.n; i++) {
		const struct partner *partner = &partners.items[i];

		assert(partners_find(&partners, partner->id) == partner);
		assert(partner->kind < PARTNER_KINDS_END);
		assert(partner->name[0] != '\0');
	}
	partners_free(&partners);
	return 0;
}
