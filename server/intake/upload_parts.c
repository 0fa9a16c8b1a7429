/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The parts of an upload: texts are gathered into a body of their own, files
 * begin and end.
 */
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "server/intake/upload_inside.h"

static const struct upload_field fields[] = {
	{ UPLOAD_VOICE, MEDIA_SOUND },
	{ UPLOAD_PHOTO, MEDIA_PICTURE },
	{ UPLOAD_FILE, MEDIA_ANY },
};

static const struct upload_field *find_field(struct bytes name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (bytes_equal(name, bytes_str(fields[i].name))) {
			return &fields[i];
		}
	}
	return NULL;
}

static void begin_file(struct upload *upload)
{
	const struct config_intake *intake = &upload->worker->config->intake;
	struct upload_files *files = upload->files;
	struct upload_file_opts opts = {
		.number = (unsigned)files->n + 1,
		.field = find_field(multipart_name(&upload->parser)),
		.name = multipart_filename(&upload->parser),
		.max_bytes = intake->file_max_bytes,
		.keeps_metadata = upload->keeps_as_is,
	};

	if (!upload->has_files) {
		upload->has_files = true;
		upload->files_ms = clock_mono_ms();
	}
	if (upload->left_bytes < opts.max_bytes) {
		opts.max_bytes = upload->left_bytes;
	}
	files->is_cut = files->is_cut ||
	    (opts.field != NULL && files->n == UPLOAD_FILES_MAX);
	if (opts.field != NULL && files->n < UPLOAD_FILES_MAX &&
	    upload_file_begin(&files->file[files->n], &opts) == TL_OK) {
		upload->coming = &files->file[files->n++];
	}
}

void upload_put_delimiter(
    const struct upload *upload, const char *behind, struct buf *out)
{
	buf_put_str(out, "--");
	buf_put(out, upload->boundary.at, upload->boundary.len);
	buf_put_str(out, behind);
}

static void begin_text(struct upload *upload)
{
	struct bytes name = multipart_name(&upload->parser);

	upload->part_at = upload->text.len;
	upload_put_delimiter(upload,
	    "\r\nContent-Disposition: form-data; name=\"", &upload->text);
	buf_put(&upload->text, name.at, name.len);
	buf_put_str(&upload->text, "\"\r\n\r\n");
	upload->value_at = upload->text.len;
	upload->in_text = true;
}

/* Two of the fields say something about the files behind them, and behind the
 * story nothing that is wrong may cost it. */
static void end_text(struct upload *upload)
{
	struct bytes name = multipart_name(&upload->parser);
	struct bytes value = bytes_of(upload->text.data + upload->value_at,
	    upload->text.len - upload->value_at);
	size_t len;

	if (bytes_equal(name, bytes_str(tip_form_field_name(FORM_STORY)))) {
		upload->has_words = upload->has_words || value.len > 0;
	} else if (bytes_equal(name, bytes_str(UPLOAD_AS_IS))) {
		upload->keeps_as_is = bytes_equal(value, bytes_str("1"));
	} else if (bytes_equal(
		       name, bytes_str(tip_form_field_name(FORM_IDEM))) &&
	    value.len == 2 * sizeof(upload->idem)) {
		/* what is none leaves the random one that is there */
		uint8_t idem[FORM_IDEM_BYTES];

		if (dec_hex((const char *)value.at, value.len, idem,
			sizeof(idem), &len) == TL_OK) {
			memcpy(upload->idem, idem, sizeof(idem));
			upload->has_idem = true;
		}
	}
	buf_put_str(&upload->text, "\r\n");
	upload->in_text = false;
}

static void on_event(
    struct upload *upload, enum multipart_event event, struct bytes piece)
{
	switch (event) {
	case MULTIPART_PART:
		if (multipart_filename(&upload->parser).at != NULL) {
			begin_file(upload);
		} else {
			begin_text(upload);
		}
		break;
	case MULTIPART_DATA:
		if (upload->in_text) {
			buf_put(&upload->text, piece.at, piece.len);
		} else if (upload->coming != NULL) {
			upload_file_take(upload->coming, piece);
		}
		break;
	case MULTIPART_END:
		if (upload->in_text) {
			end_text(upload);
		} else if (upload->coming != NULL) {
			upload_file_end(upload->coming, true);
		}
		break;
	case MULTIPART_BAD:
		upload->is_bad = true;
		break;
	case MULTIPART_MORE:
		break;
	}
}

void upload_parse(struct upload *upload)
{
	struct bytes piece = { 0 };
	size_t used = 0;
	enum multipart_event event =
	    multipart_feed(&upload->parser, upload->rest.data + upload->rest_at,
		upload->rest.len - upload->rest_at, &used, &piece);

	on_event(upload, event, piece);
	upload->rest_at += used;
	if (upload->is_bad || upload->rest_at == upload->rest.len) {
		buf_reset(&upload->rest);
		upload->rest_at = 0;
	}
}
