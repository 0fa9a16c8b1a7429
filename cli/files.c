/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/log.h"
#include "crypto/filehash.h"
#include "sms/when.h"
#include "text/json_memory.h"
#include "text/report_files.h"

#define NAME_BYTES 64u
#define DAY_S      86400

struct files_piece {
	uint8_t id[LEDGER_ID_BYTES];
	uint64_t number; /* of its record */
	int64_t received_s;
	bool has_bytes;
	bool is_signed;
	bool claimed;
};

enum tl_err files_open(struct files *files)
{
	files->folder_fd = -1;
	if (files->folder == NULL) {
		return TL_OK;
	}
	(void)mkdir(files->folder, 0700);
	files->folder_fd =
	    open(files->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (files->folder_fd < 0) {
		say_error(
		    "cannot save to %s: %s", files->folder, strerror(errno));
		return TL_EIO;
	}
	return TL_OK;
}

/* ---- pieces -------------------------------------------------------------- */

static int64_t received_s(struct bytes doc)
{
	json_t *json = json_memory_text(doc, JSON_ALLOW_NUL);
	const char *text = json_string_value(json_object_get(json, "received"));
	int64_t at_s = 0;

	if (text == NULL || when_rfc3339(bytes_str(text), &at_s) != TL_OK) {
		at_s = 0;
	}
	json_decref(json);
	return at_s;
}

enum tl_err files_learn(struct files *files, uint64_t number,
    const struct desk_tip *opened, bool *ret_is)
{
	struct report_piece piece;
	struct files_piece *pieces = files->pieces;
	bool is = report_is_piece(opened->tip.report, &piece);

	if (is && files->n == files->room) {
		size_t room = files->room == 0 ? 64 : 2 * files->room;

		pieces = reallocarray(pieces, room, sizeof(*pieces));
		if (pieces == NULL) {
			return TL_ENOMEM;
		}
		files->pieces = pieces;
		files->room = room;
	}
	if (is) {
		pieces += files->n++;
		*pieces = (struct files_piece){
			.number = number,
			.received_s = received_s(opened->tip.report),
			.has_bytes = opened->tip.raw.len > 0,
			.is_signed = opened->signed_by_us,
		};
		memcpy(pieces->id, opened->tip.id, sizeof(pieces->id));
	}
	*ret_is = is;
	return TL_OK;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct files_piece *)a)->id,
	    ((const struct files_piece *)b)->id, LEDGER_ID_BYTES);
}

/* Who can write to Redis can make a piece under the id of another: of one id
 * what our intake has signed comes first, and find() takes the first. */
static int by_id_and_signature(const void *a, const void *b)
{
	const struct files_piece *x = a, *y = b;
	int order = by_id(a, b);

	return order != 0 ? order : (int)y->is_signed - (int)x->is_signed;
}

void files_sort(struct files *files)
{
	if (files->n > 1) {
		qsort(files->pieces, files->n, sizeof(*files->pieces),
		    by_id_and_signature);
	}
}

static struct files_piece *find(const struct files *files, const uint8_t *id)
{
	struct files_piece key = { .number = 0 };
	struct files_piece *piece = NULL;

	memcpy(key.id, id, sizeof(key.id));
	if (files->n > 0) {
		piece =
		    bsearch(&key, files->pieces, files->n, sizeof(key), by_id);
	}
	while (piece != NULL && piece > files->pieces &&
	    by_id(piece - 1, &key) == 0) {
		piece--;
	}
	return piece;
}

static enum tl_err claim(const struct report_attachment *file, void *arg)
{
	const struct files *files = arg;

	for (size_t at = 0; at < file->ids.len; at += REPORT_ID_BYTES) {
		struct files_piece *piece = find(files, file->ids.at + at);

		if (piece != NULL) {
			piece->claimed = true;
		}
	}
	return TL_OK;
}

enum tl_err files_claim(struct files *files, struct bytes doc)
{
	return files->n == 0 ? TL_OK : report_files(doc, claim, files);
}

bool files_left(
    const struct files *files, size_t *at, int64_t now_s, uint64_t *ret_number)
{
	while (*at < files->n) {
		const struct files_piece *piece = &files->pieces[(*at)++];

		if (piece->has_bytes && !piece->claimed &&
		    piece->received_s + DAY_S < now_s) {
			*ret_number = piece->number;
			return true;
		}
	}
	return false;
}

/* ---- for people ---------------------------------------------------------- */

struct printing {
	const struct files *files;
	struct buf *out;
};

static unsigned missing(
    const struct files *files, const struct report_attachment *file)
{
	unsigned n = 0;

	for (size_t at = 0; at < file->ids.len; at += REPORT_ID_BYTES) {
		n += find(files, file->ids.at + at) == NULL;
	}
	return n;
}

static enum tl_err print_file(const struct report_attachment *file, void *arg)
{
	struct printing *printing = arg;
	struct buf *out = printing->out;
	unsigned away = missing(printing->files, file);

	buf_put_str(out, "  file ");
	buf_put_dec(out, file->file);
	buf_put_str(out, ": ");
	buf_put_str(out, file->type[0] != '\0' ? file->type : "unknown kind");
	buf_put_str(out, ", ");
	buf_put_dec(out, file->bytes);
	buf_put_str(out, " bytes, ");
	buf_put_str(out, file->state);
	if (away > 0 && printing->files->all) {
		buf_put_str(out, ", pieces that have not come yet: ");
		buf_put_dec(out, away);
	}
	buf_put_str(out, "\n");
	return TL_OK;
}

void files_print(const struct files *files, struct bytes doc, struct buf *out)
{
	struct printing printing = { files, out };

	if (report_files(doc, print_file, &printing) != TL_OK) {
		buf_put_str(out, "  files: out of memory\n");
	}
}

/* ---- saving -------------------------------------------------------------- */

/* The end of a name, by what the intake found in the first bytes. */
static const char *ending_of(const char *type)
{
	static const struct {
		const char *type, *ending;
	} endings[] = {
		{ "audio/amr", "amr" },
		{ "audio/3gpp", "3gp" },
		{ "audio/mp4", "m4a" },
		{ "audio/ogg", "ogg" },
		{ "audio/mpeg", "mp3" },
		{ "audio/wav", "wav" },
		{ "image/jpeg", "jpg" },
		{ "image/png", "png" },
		{ "image/gif", "gif" },
		{ "image/webp", "webp" },
		{ "image/heic", "heic" },
		{ "video/quicktime", "mov" },
		{ "application/pdf", "pdf" },
		{ "application/zip", "zip" },
	};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (strcmp(endings[i].type, type) == 0) {
			return endings[i].ending;
		}
	}
	return "bin";
}

struct saving {
	struct files *files;
	const uint8_t *id;
	bool is_signed;
	int fd;
	struct filehash *hash;
	enum tl_err err;
};

static bool write_all(int fd, struct bytes bytes)
{
	while (bytes.len > 0) {
		ssize_t put = write(fd, bytes.at, bytes.len);

		if (put < 0) {
			return false;
		}
		bytes = bytes_of(bytes.at + put, bytes.len - (size_t)put);
	}
	return true;
}

/* The one record of a piece. TL_ECLOSED ends the walk behind it. */
static enum tl_err write_record(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct saving *saving = arg;
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault = ENVELOPE_FINE;
	enum tl_err err = desk_keys_open(
	    saving->files->keys, record->sealed, &fault, &opened);

	(void)number;
	if (err == TL_OK && fault != ENVELOPE_FINE) {
		err = TL_EPROOF;
	}
	if (err == TL_OK) {
		filehash_add(saving->hash, opened.tip.raw);
		err = write_all(saving->fd, opened.tip.raw) ? TL_OK : TL_EIO;
	}
	desk_tip_free(&opened);
	saving->err = err;
	return TL_ECLOSED;
}

static enum tl_err write_pieces(
    struct saving *saving, const struct report_attachment *file)
{
	uint8_t hash[FILEHASH_BYTES];
	enum tl_err err = TL_OK;

	for (size_t at = 0; err == TL_OK && at < file->ids.len;
	     at += REPORT_ID_BYTES) {
		const struct files_piece *piece =
		    find(saving->files, file->ids.at + at);

		if (piece == NULL) {
			return TL_ENOENT;
		}
		saving->err = TL_EIO;
		err = ledger_each(
		    saving->files->ledger, piece->number, write_record, saving);
		err = err == TL_ECLOSED ? saving->err : TL_EIO;
	}
	filehash_end(saving->hash, hash);
	if (err == TL_OK && memcmp(hash, file->sha256, sizeof(hash)) != 0) {
		err = TL_EPROOF;
	}
	return err;
}

/* TIP-FILE.ENDING: nothing of the name that came with it. Whoever made up a
 * tip chose its id, too: its files must not stand where a real tip's would. */
static void name_of(char name[static NAME_BYTES], const struct saving *saving,
    const struct report_attachment *file)
{
	struct buf hex;

	buf_init(&hex, 2 * LEDGER_ID_BYTES);
	enc_hex(&hex, saving->id, LEDGER_ID_BYTES);
	(void)snprintf(name, NAME_BYTES, "%s%.*s-%u.%s",
	    saving->is_signed ? "" : "unsigned-", (int)hex.len,
	    (const char *)hex.data, file->file, ending_of(file->type));
	buf_free(&hex);
}

static enum tl_err save_file(const struct report_attachment *file, void *arg)
{
	struct saving *saving = arg;
	struct files *files = saving->files;
	char name[NAME_BYTES];
	enum tl_err err;

	if (file->ids.len == 0) {
		return TL_OK;
	}
	name_of(name, saving, file);
	saving->fd = openat(files->folder_fd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (saving->fd < 0 && errno == EEXIST) {
		return TL_OK; /* by an earlier call */
	}
	if (saving->fd < 0) {
		say_error("cannot write %s/%s: %s", files->folder, name,
		    strerror(errno));
		return TL_EIO;
	}
	err = filehash_new(&saving->hash);
	if (err == TL_OK) {
		err = write_pieces(saving, file);
	}
	if (close(saving->fd) != 0 && err == TL_OK) {
		err = TL_EIO;
	}
	filehash_free(saving->hash);
	if (err == TL_OK) {
		return TL_OK;
	}
	(void)unlinkat(files->folder_fd, name, 0);
	files->wrong++;
	say_error("%s is not saved: %s", name,
	    err == TL_ENOENT       ? "some of its pieces have not come yet"
		: err == TL_EPROOF ? "it is not what its tip says"
				   : err_text(err));
	return err == TL_ENOENT || err == TL_EPROOF ? TL_OK : err;
}

enum tl_err files_save(struct files *files,
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes doc, bool is_signed)
{
	struct saving saving = {
		.files = files,
		.id = id,
		.is_signed = is_signed,
		.fd = -1,
	};

	return files->folder == NULL ? TL_OK
				     : report_files(doc, save_file, &saving);
}

void files_free(struct files *files)
{
	if (files->folder != NULL && files->folder_fd >= 0) {
		(void)close(files->folder_fd);
	}
	free(files->pieces);
	files->pieces = NULL;
}
