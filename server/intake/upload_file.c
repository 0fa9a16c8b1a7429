/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/upload_file.h"

#include <limits.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/filehash.h"
#include "server/intake/tip.h"
#include "server/net/multipart.h"

/* A piece, and what may have been read behind it. */
#define STAGED_MAX_BYTES ((size_t)TIP_PIECE_BYTES + 17u * 1024u)
/* More pieces than any limit of the configuration lets through. */
#define IDS_MAX_BYTES ((size_t)65536u * REPORT_ID_BYTES)

enum tl_err upload_file_begin(
    struct upload_file *file, const struct upload_file_opts *opts)
{
	enum tl_err err;

	*file = (struct upload_file){
		.number = opts->number,
		.field = opts->field,
		.state = "",
		.keeps_metadata = opts->keeps_metadata,
		.left_bytes = opts->max_bytes,
	};
	buf_init(&file->name, MULTIPART_FILENAME_MAX);
	buf_init(&file->ids, IDS_MAX_BYTES);
	buf_init(&file->staged, STAGED_MAX_BYTES);
	buf_put(&file->name, opts->name.at, opts->name.len);
	err = buf_err(&file->name);
	if (err == TL_OK) {
		err = filehash_new(&file->hash);
	}
	if (err != TL_OK) {
		upload_file_free(file);
	}
	return err;
}

static bool is_refused(const struct upload_file *file)
{
	return file->state[0] != '\0';
}

/* Bytes that stay: up to the limit. */
static void keep(struct upload_file *file, struct bytes bytes)
{
	if (bytes.len > file->left_bytes) {
		bytes.len = (size_t)file->left_bytes;
		file->state = "too-large";
	}
	file->left_bytes -= bytes.len;
	buf_put(&file->staged, bytes.at, bytes.len);
	if (buf_err(&file->staged) != TL_OK) {
		upload_file_give_up(file);
	}
}

static void clean(struct upload_file *file, struct bytes bytes)
{
	while (!is_refused(file)) {
		struct bytes piece = { 0 };
		size_t used = 0;
		enum media_strip_event event = media_strip_feed(
		    &file->strip, bytes.at, bytes.len, &used, &piece);

		bytes = bytes_of(bytes.at + used, bytes.len - used);
		if (event == MEDIA_STRIP_MORE) {
			return;
		}
		if (event == MEDIA_STRIP_BAD) {
			file->state = "broken";
			return;
		}
		keep(file, piece);
	}
}

static void sort(struct upload_file *file, struct bytes bytes)
{
	if (file->cleaned) {
		clean(file, bytes);
	} else {
		keep(file, bytes);
	}
}

/* A picture that may tell where it was taken, against what the page says. */
static bool is_unclean(const struct upload_file *file)
{
	return (media_groups(file->kind) & MEDIA_PICTURE) != 0 &&
	    !media_strip_knows(file->kind) && !file->keeps_metadata;
}

/* The first bytes are there, or all of a shorter file. */
static void look(struct upload_file *file)
{
	struct bytes first = bytes_of(file->first, file->first_len);

	file->has_begun = true;
	file->kind = media_kind_of(first);
	if ((media_groups(file->kind) & file->field->takes) == 0 ||
	    is_unclean(file)) {
		file->state = "wrong-kind";
		return;
	}
	if (media_strip_knows(file->kind) && !file->keeps_metadata) {
		file->cleaned = true;
		media_strip_init(&file->strip, file->kind);
	}
	sort(file, first);
}

void upload_file_take(struct upload_file *file, struct bytes bytes)
{
	size_t used = sizeof(file->first) - file->first_len;

	used = bytes.len < used ? bytes.len : used;
	if (used > 0) {
		memcpy(file->first + file->first_len, bytes.at, used);
		file->first_len += used;
		bytes = bytes_of(bytes.at + used, bytes.len - used);
	}
	if (!file->has_begun && file->first_len == sizeof(file->first)) {
		look(file);
	}
	if (file->has_begun && bytes.len > 0 && !is_refused(file)) {
		sort(file, bytes);
	}
}

void upload_file_end(struct upload_file *file, bool whole)
{
	if (!file->has_begun && file->first_len > 0) {
		look(file);
	}
	if (!is_refused(file)) {
		file->state = whole ? "complete" : "incomplete";
	}
	file->is_at_end = true;
}

void upload_file_give_up(struct upload_file *file)
{
	buf_free(&file->staged);
	file->state = "incomplete";
	file->made = UINT_MAX; /* no padding either */
}

unsigned upload_file_padded(unsigned n)
{
	unsigned e = 0;
	unsigned s = 0;
	unsigned mask;

	while (n >> (e + 1) != 0) {
		e++;
	}
	while (e >> s != 0) {
		s++;
	}
	mask = e > s ? (1u << (e - s)) - 1 : 0;
	return (n + mask) & ~mask;
}

bool upload_file_piece(const struct upload_file *file, struct bytes *ret_raw)
{
	size_t len = file->staged.len;

	if (len >= TIP_PIECE_BYTES) {
		len = TIP_PIECE_BYTES;
	} else if (!file->is_at_end ||
	    (len == 0 && file->made >= upload_file_padded(file->pieces))) {
		return false;
	}
	*ret_raw = bytes_of(file->staged.data, len);
	return true;
}

void upload_file_kept(
    struct upload_file *file, const uint8_t id[static REPORT_ID_BYTES])
{
	struct bytes raw = { 0 };

	if (upload_file_piece(file, &raw) && raw.len > 0) {
		buf_put(&file->ids, id, REPORT_ID_BYTES);
		filehash_add(file->hash, raw);
		file->bytes += raw.len;
		file->pieces++;
		buf_drop(&file->staged, raw.len);
	}
	file->made++;
}

bool upload_file_is_none(const struct upload_file *file)
{
	return file->name.len == 0 && file->first_len == 0;
}

struct report_attachment upload_file_told(const struct upload_file *file)
{
	struct report_attachment told = {
		.file = file->number,
		.field = file->field->name,
		.name = bytes_of(file->name.data, file->name.len),
		.type = media_type(file->kind),
		.bytes = file->bytes,
		.pieces = file->pieces,
		.state = file->state,
		.cleaned = file->cleaned,
		.ids = bytes_of(file->ids.data, file->ids.len),
	};

	memcpy(told.sha256, file->sha256, sizeof(told.sha256));
	return told;
}

void upload_file_close(struct upload_file *file)
{
	if (file->hash != NULL) {
		filehash_end(file->hash, file->sha256);
		filehash_free(file->hash);
		file->hash = NULL;
	}
	buf_free(&file->staged);
	wipe(file->first, sizeof(file->first));
	wipe(&file->strip, sizeof(file->strip));
}

void upload_file_free(struct upload_file *file)
{
	upload_file_close(file);
	buf_free(&file->name);
	buf_free(&file->ids);
	wipe(file, sizeof(*file));
}
