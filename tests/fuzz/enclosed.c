/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/enclosed, text/enclosure: lines of a referral, of a head, of bytes, of a
 * head, of bytes... What comes out is the file of the list, under a name that
 * can be one on a disk; and what is read is written the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/enclosed.h"
#include "crypto/start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct bytes next_line(struct bytes *rest)
{
	const uint8_t *end =
	    rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
	size_t len = end == NULL ? rest->len : (size_t)(end - rest->at);
	struct bytes line = bytes_of(rest->at, len);
	size_t used = end == NULL ? len : len + 1;

	*rest = bytes_of(rest->at + used, rest->len - used);
	return line;
}

/* As tipline-open reads it. */
static json_t *load(struct bytes text)
{
	return text.len == 0
	    ? NULL
	    : json_loadb((const char *)text.at, text.len, JSON_ALLOW_NUL, NULL);
}

static void check_name(const char *name)
{
	assert(strncmp(name, "R-", 2) == 0);
	assert(strspn(name, "R-0123456789abcdefTZ") == strlen(name));
}

static void check_round_trip(const struct enclosure *it)
{
	json_t *item = enclosure_item(it);
	struct enclosure again;

	assert(item != NULL); /* jansson has read its texts: they are UTF-8 */
	assert(enclosure_read_item(item, &again) == TL_OK);
	assert(enclosure_is(it, &again) && it->cleaned == again.cleaned);
	check_name(it->name);
	json_decref(item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes rest = bytes_of(data, len);
	struct enclosed enclosed = { .n = 0 };
	json_t *referral = load(next_line(&rest));
	size_t missing = 0;

	if (crypto_start() != TL_OK) {
		abort();
	}
	if (enclosed_begin(&enclosed, referral) == TL_OK) {
		for (size_t i = 0; i < enclosed.n; i++) {
			check_round_trip(&enclosed.listed[i]);
		}
	}
	json_decref(referral);
	while (rest.len > 0) {
		const struct enclosure *whole = NULL;
		const char *why = NULL;
		json_t *head = load(next_line(&rest));
		struct bytes raw = next_line(&rest);
		enum tl_err err =
		    enclosed_add(&enclosed, head, raw, &whole, &why);

		assert(err == TL_OK || whole == NULL);
		assert(err == TL_OK || err == TL_ENOENT || why != NULL);
		if (whole != NULL) {
			assert(enclosed.bytes.len == whole->bytes);
			check_round_trip(whole);
		}
		json_decref(head);
	}
	if (enclosed_end(&enclosed, &missing) != TL_OK) {
		assert(enclosed.last.part > 0);
	}
	assert(missing <= enclosed.n);
	enclosed_free(&enclosed);
	return 0;
}
