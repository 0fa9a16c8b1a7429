/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/further.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct further_key {
	uint8_t form[REPORT_FORM_BYTES];
	uint8_t mailbox[REPORT_MAILBOX_BYTES];
	bool given;
};

enum tl_err further_add(
    struct further *further, const struct report_reply *reply)
{
	struct further_key *key;

	if (further->n == further->room) {
		size_t room = further->room == 0 ? 16 : 2 * further->room;
		struct further_key *keys =
		    reallocarray(further->keys, room, sizeof(*further->keys));

		if (keys == NULL) {
			return TL_ENOMEM;
		}
		further->keys = keys;
		further->room = room;
	}
	key = &further->keys[further->n++];
	memcpy(key->form, reply->form, sizeof(key->form));
	memcpy(key->mailbox, reply->mailbox, sizeof(key->mailbox));
	key->given = false;
	return TL_OK;
}

static int by_form(const void *a, const void *b)
{
	const struct further_key *one = a, *other = b;

	return memcmp(one->form, other->form, sizeof(one->form));
}

enum tl_err further_sort(struct further *further)
{
	if (further->n == 0) {
		return TL_OK;
	}
	further->mailboxes = calloc(further->n, sizeof(*further->mailboxes));
	if (further->mailboxes == NULL) {
		return TL_ENOMEM;
	}
	qsort(further->keys, further->n, sizeof(*further->keys), by_form);
	for (size_t i = 0; i < further->n; i++) {
		memcpy(further->mailboxes[i], further->keys[i].mailbox,
		    REPORT_MAILBOX_BYTES);
	}
	return TL_OK;
}

void further_give(struct further *further, const struct report_reply *reply,
    struct report_context *context)
{
	size_t first = 0, end = further->n;

	if (!reply->has_form) {
		return;
	}
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (memcmp(further->keys[middle].form, reply->form,
			REPORT_FORM_BYTES) < 0) {
			first = middle + 1;
		} else {
			end = middle;
		}
	}
	while (end < further->n &&
	    memcmp(further->keys[end].form, reply->form, REPORT_FORM_BYTES) ==
		0) {
		further->keys[end++].given = true;
	}
	if (end > first) {
		context->further = (const uint8_t(*)[REPORT_MAILBOX_BYTES])(
		    further->mailboxes + first);
		context->n_further = end - first;
	}
}

size_t further_left(const struct further *further)
{
	size_t n = 0;

	for (size_t i = 0; i < further->n; i++) {
		n += !further->keys[i].given;
	}
	return n;
}

void further_free(struct further *further)
{
	free(further->keys);
	free(further->mailboxes);
	*further = (struct further){ 0 };
}
