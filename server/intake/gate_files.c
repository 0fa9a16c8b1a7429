/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/gate_files.h"

#include "base/clock.h"
#include "text/rules.h"

#define STEP_BYTES ((size_t)16u * 1024u)
#define NAME_BYTES 256u

/* Whatever somebody sends with a message; not to be opened unseen. */
static const struct upload_field any_file = {
	.name = "file",
	.takes = ~0u,
};

struct sealing {
	struct gate *gate;
	const struct tip_once *once; /* of the message */
	struct gate_files *files;
	const char *channel;
	gate_record_fn add;
	void *arg;
};

/* An id that follows from the message: which file, which piece; 0 and 0 is the
 * report's own. */
static void name_it(const struct sealing *sealing, unsigned file,
    unsigned piece, uint8_t ret_id[static REPORT_ID_BYTES])
{
	static const char prefix[] = "tipline gateway file v1"; /* with NUL */
	struct buf what;

	buf_init(&what, NAME_BYTES);
	buf_put(&what, prefix, sizeof(prefix));
	buf_put(&what, sealing->once->dedup, TIP_DEDUP_BYTES);
	buf_put_u32(&what, file);
	buf_put_u32(&what, piece);
	tip_dedup(sealing->gate->worker->dedup_key,
	    bytes_of(what.data, what.len), ret_id);
	buf_free(&what);
}

static enum tl_err seal_piece(
    const struct sealing *sealing, struct upload_file *file, struct bytes raw)
{
	struct report_piece piece = {
		.file = file->number,
		.piece = file->made + 1,
	};
	struct report report = {
		.received_s = clock_wall_s(),
		.channel = sealing->channel,
		.gateway = sealing->gate->gateway.name,
		.lang = "",
		.kind = REPORT_PIECE,
		.trust = sms_trust(&sealing->gate->gateway),
		.priority = PRIORITY_SOON,
		.piece = &piece,
	};
	struct tip_once once = { .has_nonce = false };
	struct buf record;
	enum tl_err err;

	memcpy(piece.tip, sealing->files->tip, sizeof(piece.tip));
	name_it(sealing, piece.file, piece.piece, report.id);
	tip_dedup(sealing->gate->worker->dedup_key,
	    bytes_of(report.id, sizeof(report.id)), once.dedup);
	buf_init(&record, TIP_PIECE_RECORD_BYTES);
	err = tip_seal_piece(
	    sealing->gate->worker->sealer, &report, raw, &once, &record);
	if (err == TL_OK) {
		err = sealing->add(
		    bytes_of(record.data, record.len), sealing->arg);
	}
	if (err == TL_OK) {
		upload_file_kept(file, report.id);
	}
	buf_free(&record);
	return err;
}

static enum tl_err seal_ready(
    const struct sealing *sealing, struct upload_file *file)
{
	struct bytes raw = { 0 };
	enum tl_err err = TL_OK;

	while (err == TL_OK && upload_file_piece(file, &raw)) {
		err = seal_piece(sealing, file, raw);
	}
	return err;
}

static enum tl_err seal_file(
    const struct sealing *sealing, const struct sms_file *from, size_t i)
{
	struct upload_file *file = &sealing->files->file[i];
	const struct upload_file_opts opts = {
		.number = (unsigned)i + 1,
		.field = &any_file,
		.name = from->name,
		.max_bytes = from->data.len,
		.keeps_metadata = true, /* where a picture was taken can save */
	};
	enum tl_err err = upload_file_begin(file, &opts);

	sealing->files->n = i + 1;
	for (size_t at = 0; err == TL_OK && at < from->data.len;
	     at += STEP_BYTES) {
		size_t left = from->data.len - at;

		upload_file_take(file,
		    bytes_of(from->data.at + at,
			left < STEP_BYTES ? left : STEP_BYTES));
		err = seal_ready(sealing, file);
	}
	if (err == TL_OK) {
		upload_file_end(file, true);
		err = seal_ready(sealing, file);
	}
	if (err == TL_OK) {
		upload_file_close(file);
		sealing->files->told[i] = upload_file_told(file);
	}
	return err;
}

enum tl_err gate_files_seal(struct gate *gate,
    const struct sms_message *message, const struct tip_once *once,
    gate_record_fn add, void *arg, struct gate_files *files)
{
	const struct sealing sealing = {
		.gate = gate,
		.once = once,
		.files = files,
		.channel = message->channel,
		.add = add,
		.arg = arg,
	};
	enum tl_err err = TL_OK;

	files->n = 0;
	name_it(&sealing, 0, 0, files->tip);
	for (size_t i = 0; err == TL_OK && i < message->n_files; i++) {
		err = seal_file(&sealing, &message->files[i], i);
	}
	return err;
}

void gate_files_free(struct gate_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		upload_file_free(&files->file[i]);
	}
	files->n = 0;
}
