/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/kdf.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "base/rd.h"
#include "base/sandbox.h"
#include "base/wipe.h"
#include "crypto/code_slow.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/secret.h"
#include "server/intake/code_entry.h"
#include "server/intake/code_memory.h"
#include "server/intake/code_pool.h"
#include "server/net/peer.h"

#define IDEM_BYTES       16u
#define CONTENT_BYTES    32u
#define PEPPER_BYTES     32u
#define ANSWER_MAX_BYTES 78u
/* A reporter who sends a form again does so soon. */
#define REMEMBERED        4096u
#define REMEMBERED_FOR_MS ((uint64_t)3600u * 1000u)

/* In secret memory. */
struct secrets {
	uint8_t pepper[PEPPER_BYTES];
	/* of the code that the filler works on */
	char filling[CODE_DIGITS_SLOW + 1];
};

struct kdf {
	struct event_base *base;
	struct secrets *secrets;
	struct code_pool *pool;
	struct code_memory *memory;
	struct code_entries *entries;
	struct event *expiry;
	struct peer *filler, *opener;
};

struct worker_end {
	struct kdf *kdf;
	struct peer *peer;
	struct code_asker *asker;
};

/* ---- the pool ------------------------------------------------------------ */

/* One code at a time; nothing while the pool is full. */
static void fill(struct kdf *kdf)
{
	struct secrets *secrets = kdf->secrets;
	uint8_t seed[CODE_SEED_BYTES];

	if (kdf->filler == NULL || secrets->filling[0] != '\0' ||
	    code_pool_is_full(kdf->pool)) {
		return;
	}
	code_draw(secrets->filling);
	code_seed(secrets->pepper, secrets->filling, seed);
	peer_send(kdf->filler, FRAME_SLOW_WANT, bytes_of(seed, sizeof(seed)));
	wipe(seed, sizeof(seed));
}

static void on_filler_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct kdf *kdf = arg;
	struct secrets *secrets = kdf->secrets;
	struct rd rd = rd_of(frame->body, frame->body_len);
	const uint8_t *slow = rd_bytes(&rd, CODE_SLOW_BYTES);
	struct code code;

	(void)peer;
	(void)fd;
	if (frame->type != FRAME_SLOW || !rd_done(&rd) ||
	    secrets->filling[0] == '\0') {
		return;
	}
	code_finish(secrets->pepper, secrets->filling, slow, &code);
	wipe(secrets->filling, sizeof(secrets->filling));
	code_pool_put(kdf->pool, &code);
	wipe(&code, sizeof(code));
	fill(kdf);
}

static void drop_filler(struct kdf *kdf)
{
	peer_free(kdf->filler);
	kdf->filler = NULL;
	wipe(kdf->secrets->filling, sizeof(kdf->secrets->filling));
}

static void on_filler_gone(struct peer *peer, void *arg)
{
	(void)peer;
	drop_filler(arg);
}

/* ---- which form has which code ------------------------------------------- */

static void memory_key(const struct kdf *kdf, const uint8_t *idem,
    const uint8_t *content, uint8_t key[static CODE_MEMORY_KEY_BYTES])
{
	static const char prefix[] = "tipline given v1";
	uint8_t message[sizeof(prefix) + IDEM_BYTES + CONTENT_BYTES];

	memcpy(message, prefix, sizeof(prefix));
	memcpy(message + sizeof(prefix), idem, IDEM_BYTES);
	memcpy(message + sizeof(prefix) + IDEM_BYTES, content, CONTENT_BYTES);
	hash_keyed(key, CODE_MEMORY_KEY_BYTES, kdf->secrets->pepper, message,
	    sizeof(message));
	wipe(message, sizeof(message));
}

/* Sleeps until the oldest entry is over; not at all while there is none. */
static void expire(struct kdf *kdf)
{
	uint64_t now_ms = clock_mono_ms();
	uint64_t next_ms = code_memory_expire(kdf->memory, now_ms);
	struct timeval wait = { 0 };

	if (next_ms > now_ms && !event_pending(kdf->expiry, EV_TIMEOUT, NULL)) {
		wait.tv_sec = (time_t)((next_ms - now_ms) / 1000 + 1);
		(void)event_add(kdf->expiry, &wait);
	}
}

static void on_expiry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	expire(arg);
}

/* The code that this form was given before, else a ready one, else one that
 * is derived here and now. */
static void code_of_form(struct kdf *kdf, const uint8_t *idem,
    const uint8_t *content, struct code *ret, bool *ret_kept)
{
	uint8_t key[CODE_MEMORY_KEY_BYTES];

	memory_key(kdf, idem, content, key);
	*ret_kept = false;
	if (!code_memory_find(kdf->memory, key, ret, ret_kept)) {
		if (!code_pool_take(kdf->pool, ret)) {
			code_derive(kdf->secrets->pepper, idem, content, ret);
		}
		code_memory_add(kdf->memory, key, ret, clock_mono_ms());
		expire(kdf);
	}
	wipe(key, sizeof(key));
}

/* ---- codes that are entered ---------------------------------------------- */

/* A code of either length takes the slow step. */
static void send_entry(struct kdf *kdf)
{
	const char *digits = code_entry_working(kdf->entries);
	uint8_t seed[CODE_SEED_BYTES];

	if (digits != NULL && kdf->opener != NULL) {
		code_seed(kdf->secrets->pepper, digits, seed);
		peer_send(
		    kdf->opener, FRAME_SLOW_WANT, bytes_of(seed, sizeof(seed)));
		wipe(seed, sizeof(seed));
	}
}

static void begin_entry(struct kdf *kdf)
{
	if (kdf->opener != NULL && code_entry_begin(kdf->entries)) {
		send_entry(kdf);
	}
}

static void answer_entry(struct kdf *kdf, const struct code *code)
{
	uint32_t request;
	struct worker_end *worker = code_entry_done(kdf->entries, &request);
	struct buf out;

	if (worker == NULL) {
		return;
	}
	buf_init(&out, ANSWER_MAX_BYTES);
	buf_put_u32(&out, request);
	buf_put(&out, code->mailbox, sizeof(code->mailbox));
	buf_put(&out, code->reply_key, sizeof(code->reply_key));
	if (buf_err(&out) == TL_OK) {
		peer_send(worker->peer, FRAME_CODE_ENTERED,
		    bytes_of(out.data, out.len));
	}
	buf_free(&out);
}

static void on_opener_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct kdf *kdf = arg;
	const uint8_t *pepper = kdf->secrets->pepper;
	const char *digits = code_entry_working(kdf->entries);
	struct rd rd = rd_of(frame->body, frame->body_len);
	const uint8_t *slow = rd_bytes(&rd, CODE_SLOW_BYTES);
	struct code code;

	(void)peer;
	(void)fd;
	if (frame->type != FRAME_SLOW || !rd_done(&rd) || digits == NULL) {
		return;
	}
	if (digits[CODE_DIGITS_SLOW] == '\0') {
		code_finish(pepper, digits, slow, &code);
	} else {
		code_of_digits(pepper, digits, &code);
	}
	answer_entry(kdf, &code);
	wipe(&code, sizeof(code));
	begin_entry(kdf);
}

static void on_opener_gone(struct peer *peer, void *arg)
{
	struct kdf *kdf = arg;

	peer_free(peer);
	kdf->opener = NULL;
}

static void take_entry(struct worker_end *worker, struct rd *rd)
{
	uint32_t request = rd_u32(rd);
	size_t n = rd->left;
	const uint8_t *digits = rd_bytes(rd, n);
	struct buf out;

	if (!rd_done(rd) || (n != CODE_DIGITS_SLOW && n != CODE_DIGITS_FAST)) {
		return;
	}
	if (code_entry_add(worker->asker, request, digits, n) == TL_OK) {
		begin_entry(worker->kdf);
		return;
	}
	buf_init(&out, ANSWER_MAX_BYTES);
	buf_put_u32(&out, request);
	if (buf_err(&out) == TL_OK) {
		peer_send(
		    worker->peer, FRAME_CODE_BUSY, bytes_of(out.data, out.len));
	}
	buf_free(&out);
}

/* ---- workers ------------------------------------------------------------- */

static void answer_want(struct kdf *kdf, struct peer *peer, struct rd *rd)
{
	uint32_t request = rd_u32(rd);
	const uint8_t *idem = rd_bytes(rd, IDEM_BYTES);
	const uint8_t *content = rd_bytes(rd, CONTENT_BYTES);
	struct code code;
	struct buf out;
	bool kept;

	if (!rd_done(rd)) {
		return;
	}
	code_of_form(kdf, idem, content, &code, &kept);
	buf_init(&out, ANSWER_MAX_BYTES);
	buf_put_u32(&out, request);
	buf_put_u8(&out, kept ? 1 : 0);
	buf_put(&out, code.mailbox, sizeof(code.mailbox));
	buf_put(&out, code.reply_key, sizeof(code.reply_key));
	buf_put_str(&out, code.digits);
	if (buf_err(&out) == TL_OK) {
		peer_send(peer, FRAME_CODE, bytes_of(out.data, out.len));
	}
	buf_free(&out);
	wipe(&code, sizeof(code));
	fill(kdf);
}

static void note_kept(struct kdf *kdf, struct rd *rd)
{
	const uint8_t *idem = rd_bytes(rd, IDEM_BYTES);
	const uint8_t *content = rd_bytes(rd, CONTENT_BYTES);
	const uint8_t *mailbox = rd_bytes(rd, CODE_MAILBOX_BYTES);
	uint8_t key[CODE_MEMORY_KEY_BYTES];

	if (rd_done(rd)) {
		memory_key(kdf, idem, content, key);
		code_memory_kept(kdf->memory, key, mailbox);
		wipe(key, sizeof(key));
	}
}

static void on_worker_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct worker_end *worker = arg;
	struct rd rd = rd_of(frame->body, frame->body_len);

	(void)fd;
	if (frame->type == FRAME_CODE_WANT) {
		answer_want(worker->kdf, peer, &rd);
	} else if (frame->type == FRAME_CODE_KEPT) {
		note_kept(worker->kdf, &rd);
	} else if (frame->type == FRAME_CODE_ENTER) {
		take_entry(worker, &rd);
	}
	wipe_stack(); /* the hash functions leave their blocks there */
}

static void on_worker_gone(struct peer *peer, void *arg)
{
	struct worker_end *worker = arg;

	code_asker_free(worker->asker);
	free(worker);
	peer_free(peer);
}

/* Lives until on_worker_gone(). Out of memory it hears that nobody is there,
 * and asks the parent's next kdf. */
static void add_worker(struct kdf *kdf, int fd)
{
	struct worker_end *worker = calloc(1, sizeof(*worker));

	if (worker == NULL) {
		(void)close(fd);
		return;
	}
	worker->kdf = kdf;
	worker->asker = code_asker_new(kdf->entries, worker);
	worker->peer = worker->asker == NULL
	    ? NULL
	    : peer_new(kdf->base, fd, FRAME_FROM_WORKER, on_worker_frame,
		  on_worker_gone, worker);
	if (worker->asker == NULL) {
		(void)close(fd);
	} else if (worker->peer == NULL) {
		code_asker_free(worker->asker);
	}
	if (worker->peer == NULL) {
		free(worker);
	}
}

/* ---- the parent ---------------------------------------------------------- */

static void on_parent_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct kdf *kdf = arg;

	(void)peer;
	if (frame->type == FRAME_KDF_FD && fd >= 0) {
		add_worker(kdf, fd);
	} else if (frame->type == FRAME_OPENER_FD && fd >= 0) {
		peer_free(kdf->opener);
		kdf->opener = peer_new(kdf->base, fd, FRAME_FROM_DERIVER,
		    on_opener_frame, on_opener_gone, kdf);
		send_entry(kdf); /* what the last one did not answer */
		begin_entry(kdf);
	} else if (frame->type == FRAME_FILLER_FD && fd >= 0) {
		drop_filler(kdf);
		kdf->filler = peer_new(kdf->base, fd, FRAME_FROM_DERIVER,
		    on_filler_frame, on_filler_gone, kdf);
		fill(kdf);
	}
}

static void on_parent_gone(struct peer *peer, void *arg)
{
	struct kdf *kdf = arg;

	(void)peer;
	(void)event_base_loopbreak(kdf->base);
}

/* ---- life ---------------------------------------------------------------- */

static enum tl_err load_pepper(
    const struct config_intake *config, uint8_t pepper[static PEPPER_BYTES])
{
	if (keyfile_load(config->pepper, KEY_PEPPER, pepper) != TL_OK) {
		say_error("cannot use %s as the pepper of the receipt codes: "
			  "it must be a file made by `tipline keygen`, "
			  "mode 0600, readable by this user",
		    config->pepper);
		return TL_EPERM;
	}
	return TL_OK;
}

enum tl_err kdf_check(const struct config *config)
{
	uint8_t *pepper;
	enum tl_err err = TL_ENOMEM;

	if (!program_has(config->intake.pepper)) {
		return TL_OK;
	}
	pepper = secret_alloc(PEPPER_BYTES);
	if (pepper != NULL) {
		err = load_pepper(&config->intake, pepper);
	}
	secret_free(pepper);
	return err;
}

static enum tl_err make_secrets(
    const struct config_intake *config, struct kdf *kdf)
{
	kdf->secrets = secret_alloc(sizeof(*kdf->secrets));
	kdf->pool = code_pool_new(config->code_pool);
	kdf->memory = code_memory_new(REMEMBERED, REMEMBERED_FOR_MS);
	kdf->entries = code_entries_new();
	if (kdf->secrets == NULL || kdf->pool == NULL || kdf->memory == NULL ||
	    kdf->entries == NULL) {
		say_error("out of memory");
		return TL_ENOMEM;
	}
	return load_pepper(config, kdf->secrets->pepper);
}

static void kdf_close(struct kdf *kdf)
{
	peer_free(kdf->filler);
	peer_free(kdf->opener);
	if (kdf->expiry != NULL) {
		event_free(kdf->expiry);
	}
	code_entries_free(kdf->entries);
	code_memory_free(kdf->memory);
	code_pool_free(kdf->pool);
	secret_free(kdf->secrets);
}

int kdf_run(const struct config *config, int parent_fd)
{
	struct kdf kdf = { 0 };
	struct peer *parent = NULL;
	int status = EXIT_STATUS_NO_START;

	if (make_secrets(&config->intake, &kdf) != TL_OK) {
		goto out;
	}
	status = EXIT_STATUS_FAILED;
	kdf.base = event_base_new();
	if (kdf.base == NULL) {
		goto out;
	}
	kdf.expiry = event_new(kdf.base, -1, 0, on_expiry, &kdf);
	parent = peer_new(kdf.base, parent_fd, FRAME_FROM_PARENT,
	    on_parent_frame, on_parent_gone, &kdf);
	if (kdf.expiry == NULL || parent == NULL ||
	    sandbox_enter(SANDBOX_KDF, NULL) != TL_OK) {
		goto out;
	}
	peer_send(parent, FRAME_READY, bytes_of(NULL, 0));
	(void)event_base_dispatch(kdf.base);
	status = EXIT_STATUS_OK;
out:
	peer_free(parent);
	kdf_close(&kdf);
	if (kdf.base != NULL) {
		event_base_free(kdf.base);
	}
	return status;
}
