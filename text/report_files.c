/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/report_files.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/enc.h"
#include "text/report_parts.h"

/* More pieces than any limit of ours lets through. */
#define PIECES_MAX 65536u

static bool take_hex(const json_t *value, uint8_t *bytes, size_t len)
{
	size_t got = 0;

	return json_is_string(value) && json_string_length(value) == 2 * len &&
	    dec_hex(json_string_value(value), 2 * len, bytes, len, &got) ==
	    TL_OK;
}

/* A number from 1 on. */
static bool take_number(const json_t *value, unsigned *ret_number)
{
	json_int_t number = json_integer_value(value);

	if (number < 1 || number > INT_MAX) {
		return false;
	}
	*ret_number = (unsigned)number;
	return true;
}

static const char *word_of(const json_t *object, const char *key)
{
	const char *word = json_string_value(json_object_get(object, key));

	return word == NULL ? "" : word;
}

static struct bytes text_of(const json_t *object, const char *key)
{
	const json_t *text = json_object_get(object, key);

	return bytes_of(json_string_value(text), json_string_length(text));
}

/* The ids of all pieces, appended to out. */
static bool take_ids(const json_t *ids, struct buf *out)
{
	size_t n = json_array_size(ids);

	for (size_t i = 0; i < n; i++) {
		uint8_t id[REPORT_ID_BYTES];

		if (!take_hex(json_array_get(ids, i), id, sizeof(id))) {
			return false;
		}
		buf_put(out, id, sizeof(id));
	}
	return buf_err(out) == TL_OK;
}

static bool take_file(
    const json_t *json, struct report_attachment *file, struct buf *ids)
{
	json_int_t bytes = json_integer_value(json_object_get(json, "bytes"));

	if (!take_number(json_object_get(json, "file"), &file->file) ||
	    !take_hex(json_object_get(json, "sha256"), file->sha256,
		sizeof(file->sha256)) ||
	    bytes < 0 || !take_ids(json_object_get(json, "ids"), ids)) {
		return false;
	}
	file->field = word_of(json, "field");
	file->name = text_of(json, "name");
	file->type = word_of(json, "type");
	file->state = word_of(json, "state");
	file->cleaned = json_is_true(json_object_get(json, "cleaned"));
	file->bytes = (uint64_t)bytes;
	file->pieces = (unsigned)(ids->len / REPORT_ID_BYTES);
	file->ids = bytes_of(ids->data, ids->len);
	return true;
}

enum tl_err report_files(struct bytes doc, report_file_fn each, void *arg)
{
	json_t *json = report_load(doc);
	const json_t *files = json_object_get(json, "attachments");
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < json_array_size(files); i++) {
		struct report_attachment file = { 0 };
		struct buf ids;

		buf_init(&ids, (size_t)PIECES_MAX * REPORT_ID_BYTES);
		if (take_file(json_array_get(files, i), &file, &ids)) {
			err = each(&file, arg);
		} else if (buf_err(&ids) == TL_ENOMEM) {
			err = TL_ENOMEM;
		}
		buf_free(&ids);
	}
	json_decref(json);
	return err;
}

bool report_is_piece(struct bytes doc, struct report_piece *ret_piece)
{
	json_t *json = report_load(doc);
	struct report_piece piece = { 0 };
	bool is_piece = strcmp(word_of(json, "kind"), REPORT_PIECE) == 0 &&
	    take_hex(
		json_object_get(json, "tip"), piece.tip, sizeof(piece.tip)) &&
	    take_number(json_object_get(json, "file"), &piece.file) &&
	    take_number(json_object_get(json, "piece"), &piece.piece);

	if (is_piece) {
		*ret_piece = piece;
	}
	json_decref(json);
	return is_piece;
}
