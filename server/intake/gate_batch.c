/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/gate_batch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "server/intake/flood.h"
#include "server/intake/gate_files.h"
#include "server/intake/link.h"
#include "server/intake/tip.h"
#include "sms/as_report.h"
#include "sms/thread.h"
#include "text/triage.h"

/* PUT carries at most this many records. */
#define RECORDS_MAX 128u
#define PUT_BYTES   (FRAME_BATCH_BYTES - 4)
/* Before the engine's 1.5 s, which is before the shortest patience of a
 * provider. */
#define ANSWER_MS 1300u
/* No gateway with nonces has larger bodies. */
#define NONCE_BODY_MAX_BYTES (512u * 1024u)
#define REFUSED_NONCE        4u
#define DEDUP_MAX_BYTES      (SMS_TEXT_MAX_BYTES * 8u)

static const char flood_prefix[] = "tipline flood v1"; /* with its NUL */

/* A batch on its way: one PUT or several, until the spool has spoken to each.
 */
struct way {
	size_t n_asked;
	size_t n_messages;
	bool known;  /* all of it so far */
	bool forged; /* the nonce was used up by another */
	bool lost;   /* some of it may not be durable */
	uint64_t deadline_ms;
	gate_batch_fn on_end; /* NULL: nobody waits any more */
	void *arg;
	/* the PUT that is being filled */
	struct buf records;
	unsigned n_records;
};

/* ---- a message becomes a record ------------------------------------------ */

/* Keys of the nonce alone, and of the nonce with the request it came with. */
static enum tl_err nonce_keys(const struct gate *gate,
    const struct sms_request *request, struct bytes nonce,
    struct tip_once *once)
{
	struct buf what;
	enum tl_err err;

	if (nonce.len == 0) {
		return TL_OK;
	}
	buf_init(&what, DEDUP_MAX_BYTES + NONCE_BODY_MAX_BYTES);
	buf_put_str(&what, gate->gateway.name);
	buf_put(&what, "\0nonce", 7);
	buf_put_u32(&what, (uint32_t)nonce.len);
	buf_put(&what, nonce.at, nonce.len);
	err = buf_err(&what);
	if (err == TL_OK) {
		tip_dedup(gate->worker->dedup_key,
		    bytes_of(what.data, what.len), once->nonce);
	}
	buf_put_u32(&what, (uint32_t)request->query.len);
	buf_put(&what, request->query.at, request->query.len);
	buf_put(&what, request->body.at, request->body.len);
	if (err == TL_OK) {
		err = buf_err(&what);
	}
	if (err == TL_OK) {
		tip_dedup(gate->worker->dedup_key,
		    bytes_of(what.data, what.len),
		    once->nonce + TIP_DEDUP_BYTES);
		once->has_nonce = true;
	}
	buf_free(&what);
	return err;
}

/* Flag a message of a sender who floods us; the rules decide what it means. */
static void mark_flood(const struct gate *gate,
    const struct sms_message *message, const struct tip_once *once,
    int64_t now_s, struct report *report)
{
	uint8_t own[HASH_SHORT_KEY_BYTES];

	if (message->from_raw.len == 0 ||
	    (message->has_concat && message->concat.seq > 1) ||
	    report->n_flags == REPORT_FLAGS_MAX) {
		return;
	}
	tip_dedup(gate->worker->dedup_key,
	    bytes_of(flood_prefix, sizeof(flood_prefix)), own);
	if (flood_count(gate->worker->flood,
		hash_short(own, message->from_raw.at, message->from_raw.len),
		hash_short(own, once->dedup, sizeof(once->dedup)), now_s)) {
		report->flags[report->n_flags++] = "flood";
	}
	wipe(own, sizeof(own));
}

/* A text that came as base64 says what it says in plain: the more urgent of
 * the two judgements holds. */
static enum tl_err judge(const struct gate *gate,
    const struct sms_message *message, struct report *report)
{
	struct report plain = *report;
	enum tl_err err = triage_judge(gate->worker->triage, report);

	if (err != TL_OK || message->decoded.len == 0) {
		return err;
	}
	plain.text = message->decoded;
	err = triage_judge(gate->worker->triage, &plain);
	if (err == TL_OK && plain.priority < report->priority) {
		plain.text = report->text;
		for (size_t i = 0; i < plain.n_words; i++) {
			plain.words[i].in = "text_decoded";
		}
		*report = plain;
	}
	return err;
}

/* ---- the way to the spool ------------------------------------------------ */

static enum gate_end end_of(const struct way *way)
{
	if (way->forged) {
		return GATE_FORGED;
	}
	if (way->lost) {
		return GATE_LOST;
	}
	return way->known ? GATE_KNOWN : GATE_KEPT;
}

static void on_spool_word(const struct link_answer *word, void *arg)
{
	struct way *way = arg;
	struct rd rd = rd_of(word->body.at, word->body.len);
	uint8_t said = rd_u8(&rd);

	if (word->answered && word->type == FRAME_KEPT && rd_done(&rd)) {
		way->known = way->known && said != 0;
	} else if (word->answered && word->type == FRAME_REFUSED &&
	    said == REFUSED_NONCE) {
		way->forged = true;
	} else {
		way->lost = true;
	}
	way->n_asked--;
	if (way->n_asked > 0) {
		return;
	}
	if (way->on_end != NULL) {
		way->on_end(end_of(way), way->n_messages, way->arg);
	}
	free(way);
}

/* Send what is in the open PUT. */
static enum tl_err send_records(struct gate *gate, struct way *way)
{
	enum tl_err err;

	if (way->n_records == 0) {
		return TL_OK;
	}
	way->records.data[0] = (uint8_t)way->n_records;
	err = link_ask(gate->worker->spool, FRAME_PUT,
	    bytes_of(way->records.data, way->records.len), way->deadline_ms,
	    on_spool_word, way);
	if (err == TL_OK) {
		way->n_asked++;
	}
	buf_reset(&way->records);
	way->n_records = 0;
	return err;
}

static enum tl_err add_record(
    struct gate *gate, struct way *way, struct bytes record)
{
	enum tl_err err = TL_OK;

	if (way->n_records == RECORDS_MAX ||
	    way->records.len + record.len > PUT_BYTES) {
		err = send_records(gate, way);
	}
	if (err != TL_OK) {
		return err;
	}
	if (way->n_records == 0) {
		tip_begin(&way->records, 0);
	}
	buf_put(&way->records, record.at, record.len);
	way->n_records++;
	return buf_err(&way->records);
}

/* The report of message, with its files. */
static enum tl_err write_report(struct gate *gate,
    const struct sms_message *message, int64_t now_s,
    const struct tip_once *once, const struct gate_files *files,
    struct buf *out)
{
	struct report_media media[SMS_MEDIA_MAX];
	struct thread thread;
	struct report report;
	enum tl_err err;

	sms_as_report(
	    gate->gateway.name, message, clock_wall_s(), media, &report);
	if (thread_of(gate->worker->dedup_key, &gate->gateway, message, now_s,
		&thread)) {
		report.thread = thread.now;
		report.thread_before = thread.before;
	}
	mark_flood(gate, message, once, now_s, &report);
	err = judge(gate, message, &report);
	if (err == TL_OK) {
		err = tip_add_likeness(gate->worker->dedup_key, &report);
	}
	if (err != TL_OK || files->n == 0) {
		return err != TL_OK
		    ? err
		    : tip_seal(gate->worker->sealer, &report, TIP_SMS,
			  gate->worker->marks_urgent, once, out);
	}
	memcpy(report.id, files->tip, sizeof(report.id));
	report.attachments = files->told;
	report.n_attachments = files->n;
	return tip_seal_as(gate->worker->sealer, &report, TIP_SMS,
	    gate->worker->marks_urgent, once, out);
}

struct adding {
	struct gate *gate;
	struct way *way;
};

static enum tl_err add_piece(struct bytes record, void *arg)
{
	struct adding *adding = arg;

	return add_record(adding->gate, adding->way, record);
}

/* The pieces of its files first, the message last. */
static enum tl_err add_message(struct gate *gate, struct way *way,
    const struct sms_message *message, int64_t now_s, struct tip_once *once)
{
	struct adding adding = { gate, way };
	struct gate_files files = { .n = 0 };
	struct buf what, record;
	enum tl_err err;

	buf_init(&what, DEDUP_MAX_BYTES);
	buf_init(&record, PUT_BYTES - 1);
	sms_dedup_input(&gate->gateway, message, now_s, &what);
	err = buf_err(&what);
	if (err == TL_OK) {
		tip_dedup(gate->worker->dedup_key,
		    bytes_of(what.data, what.len), once->dedup);
		err = gate_files_seal(
		    gate, message, once, add_piece, &adding, &files);
	}
	if (err == TL_OK) {
		err = write_report(gate, message, now_s, once, &files, &record);
	}
	if (err == TL_OK) {
		err = add_record(gate, way, bytes_of(record.data, record.len));
	}
	gate_files_free(&files);
	buf_free(&what);
	buf_free(&record);
	return err;
}

static enum tl_err send_all(struct gate *gate,
    const struct sms_request *request, const struct sms_batch *batch,
    struct way *way)
{
	struct tip_once once = { .has_nonce = false };
	enum tl_err err =
	    nonce_keys(gate, request, sms_batch_nonce(batch), &once);

	for (size_t i = 0; err == TL_OK && i < way->n_messages; i++) {
		err = add_message(
		    gate, way, sms_batch_at(batch, i), request->now_s, &once);
		once.has_nonce = false; /* the first record has it */
	}
	return err == TL_OK ? send_records(gate, way) : err;
}

enum tl_err gate_batch_put(struct gate *gate, const struct sms_request *request,
    const struct sms_batch *batch, gate_batch_fn on_end, void *arg)
{
	struct way *way = calloc(1, sizeof(*way));
	enum tl_err err;

	if (way == NULL) {
		return TL_ENOMEM;
	}
	way->n_messages = sms_batch_count(batch);
	way->known = true;
	way->deadline_ms = clock_mono_ms() + ANSWER_MS;
	way->on_end = on_end;
	way->arg = arg;
	buf_init(&way->records, PUT_BYTES);
	err = send_all(gate, request, batch, way);
	buf_free(&way->records);
	if (err != TL_OK) {
		way->on_end = NULL;
	}
	if (way->n_asked == 0) {
		free(way);
	}
	return err;
}
