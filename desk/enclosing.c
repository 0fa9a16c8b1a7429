/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/enclosing.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/envelope.h"
#include "crypto/random.h"

void enclosing_begin(struct enclosing *e, const struct enclosure *enclosure,
    const char *ref, struct sealer *sealer)
{
	*e = (struct enclosing){ .sealer = sealer };
	e->part.of = *enclosure;
	memcpy(e->part.ref, ref, strnlen(ref, sizeof(e->part.ref) - 1));
	buf_init(&e->plain, ENCLOSURE_PART_BYTES);
	buf_init(&e->sealed,
	    enclosure_parts(enclosure) * (size_t)ENVELOPE_MAX_BYTES);
}

static enum tl_err seal_part(struct enclosing *e)
{
	uint8_t id[SEAL_ID_BYTES];
	struct seal_content content = { .raw = bytes_of(
					    e->plain.data, e->plain.len) };
	json_t *head;
	char *text = NULL;
	enum tl_err err = TL_ENOMEM;

	e->part.part++;
	head = enclosure_head(&e->part);
	if (head != NULL) {
		text = json_dumps(head, JSON_COMPACT | JSON_SORT_KEYS);
	}
	if (text != NULL) {
		content.report = bytes_str(text);
		random_bytes(id, sizeof(id));
		err = sealer_seal(e->sealer, id, &content, &e->sealed);
	}
	free(text);
	json_decref(head);
	buf_reset(&e->plain);
	return err;
}

enum tl_err enclosing_add(struct enclosing *e, struct bytes bytes)
{
	if (bytes.len > e->part.of.bytes - e->bytes) {
		return TL_ETOOBIG;
	}
	e->bytes += bytes.len;
	while (bytes.len > 0) {
		size_t room = ENCLOSURE_PART_BYTES - e->plain.len;
		size_t len = bytes.len < room ? bytes.len : room;
		enum tl_err err;

		buf_put(&e->plain, bytes.at, len);
		bytes = bytes_of(bytes.at + len, bytes.len - len);
		err = buf_err(&e->plain);
		if (err == TL_OK && len == room) {
			err = seal_part(e);
		}
		if (err != TL_OK) {
			return err;
		}
	}
	return TL_OK;
}

enum tl_err enclosing_end(struct enclosing *e)
{
	if (e->bytes != e->part.of.bytes) {
		return TL_EFORMAT;
	}
	return e->plain.len > 0 ? seal_part(e) : TL_OK;
}

void enclosing_free(struct enclosing *e)
{
	sealer_free(e->sealer);
	buf_free(&e->plain);
	buf_free(&e->sealed);
	*e = (struct enclosing){ .sealer = NULL };
}
