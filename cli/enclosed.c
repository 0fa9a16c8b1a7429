/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/enclosed.h"

#include <string.h>

#include "crypto/filehash.h"

enum tl_err enclosed_begin(struct enclosed *enclosed, const json_t *referral)
{
	const json_t *list = json_object_get(referral, "x_evidence");
	const char *ref = json_string_value(json_object_get(referral, "x_ref"));
	size_t n = json_array_size(list);

	if (enclosed->has_referral) {
		return TL_EEXIST;
	}
	if (n > ENCLOSURE_FILES_MAX) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < n; i++) {
		if (enclosure_read_item(json_array_get(list, i),
			&enclosed->listed[i]) != TL_OK) {
			return TL_EFORMAT;
		}
	}
	if (ref != NULL && strlen(ref) < sizeof(enclosed->ref)) {
		memcpy(enclosed->ref, ref, strlen(ref) + 1);
	}
	enclosed->n = n;
	enclosed->has_referral = true;
	return TL_OK;
}

/* Where it stands in the list; n: nowhere. */
static size_t place_of(
    const struct enclosed *enclosed, const struct enclosure *enclosure)
{
	size_t i = 0;

	while (
	    i < enclosed->n && !enclosure_is(&enclosed->listed[i], enclosure)) {
		i++;
	}
	return i;
}

/* NULL: this part may come now. */
static const char *judge(
    const struct enclosed *enclosed, const struct enclosure_part *part)
{
	const struct enclosure_part *last = &enclosed->last;
	size_t at = place_of(enclosed, &part->of);

	if (!enclosed->has_referral) {
		return "this file belongs to a referral: name that one first";
	}
	if (at == enclosed->n || strcmp(part->ref, enclosed->ref) != 0) {
		return "a file does not belong to this referral: it is not in "
		       "its list";
	}
	if (enclosed->has_come[at]) {
		return "a file came twice";
	}
	if (part->part != last->part + 1 ||
	    (last->part > 0 && !enclosure_is(&part->of, &last->of))) {
		return "a part of a file is missing, or not in its place";
	}
	return NULL;
}

/* TL_EPROOF: it is not the one of the list. */
static enum tl_err check_hash(const struct enclosed *enclosed)
{
	uint8_t is[FILEHASH_BYTES];
	struct filehash *hash = NULL;
	enum tl_err err = filehash_new(&hash);

	if (err == TL_OK) {
		filehash_add(
		    hash, bytes_of(enclosed->bytes.data, enclosed->bytes.len));
		filehash_end(hash, is);
		err = enclosed->bytes.len == enclosed->last.of.bytes &&
			memcmp(is, enclosed->last.of.sha256, sizeof(is)) == 0
		    ? TL_OK
		    : TL_EPROOF;
	}
	filehash_free(hash);
	return err;
}

enum tl_err enclosed_add(struct enclosed *enclosed, const json_t *report,
    struct bytes raw, const struct enclosure **ret_whole, const char **ret_why)
{
	struct enclosure_part part;
	enum tl_err err = enclosure_read_head(report, &part);

	if (err == TL_ENOENT) {
		return err;
	}
	*ret_why = "a file with it is not as the format has it";
	if (err == TL_OK) {
		*ret_why = judge(enclosed, &part);
		err = *ret_why == NULL ? TL_OK : TL_EFORMAT;
	}
	if (err != TL_OK) {
		return err;
	}
	if (part.part == 1) {
		buf_free(&enclosed->bytes);
		buf_init(&enclosed->bytes, part.of.bytes);
	}
	buf_put(&enclosed->bytes, raw.at, raw.len);
	enclosed->last = part;
	*ret_whole = NULL;
	err = buf_err(&enclosed->bytes);
	if (err == TL_OK && part.part < enclosure_parts(&part.of)) {
		return TL_OK;
	}
	if (err == TL_OK) {
		err = check_hash(enclosed);
	}
	if (err == TL_ENOMEM) {
		*ret_why = "there is not enough memory for a file with it";
		return err;
	}
	if (err != TL_OK) {
		*ret_why = "a file with it is not the one of the referral's "
			   "list: its hash is another";
		return TL_EPROOF;
	}
	enclosed->last.part = 0; /* the next is of another one */
	enclosed->has_come[place_of(enclosed, &part.of)] = true;
	*ret_whole = &enclosed->listed[place_of(enclosed, &part.of)];
	return TL_OK;
}

enum tl_err enclosed_end(const struct enclosed *enclosed, size_t *ret_missing)
{
	*ret_missing = 0;
	for (size_t i = 0; i < enclosed->n; i++) {
		*ret_missing += enclosed->has_come[i] ? 0 : 1;
	}
	return enclosed->last.part == 0 ? TL_OK : TL_EFORMAT;
}

void enclosed_free(struct enclosed *enclosed)
{
	buf_free(&enclosed->bytes);
	*enclosed = (struct enclosed){ .n = 0 };
}
