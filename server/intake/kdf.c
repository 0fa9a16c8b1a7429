/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/kdf.h"

#include <event2/event.h>

#include "base/log.h"
#include "base/program.h"
#include "base/rd.h"
#include "base/sandbox.h"
#include "base/wipe.h"
#include "crypto/code.h"
#include "crypto/keyfile.h"
#include "crypto/secret.h"
#include "server/net/peer.h"

#define IDEM_BYTES    16u
#define CONTENT_BYTES 32u
#define PEPPER_BYTES  32u
#define ANSWER_BYTES  77u

struct kdf {
	struct event_base *base;
	uint8_t *pepper; /* secret memory */
};

static void on_worker_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	const struct kdf *kdf = arg;
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint32_t request = rd_u32(&rd);
	const uint8_t *idem = rd_bytes(&rd, IDEM_BYTES);
	const uint8_t *content = rd_bytes(&rd, CONTENT_BYTES);
	struct code code;
	struct buf out;

	(void)fd;
	if (frame->type != FRAME_CODE_WANT || !rd_done(&rd)) {
		return;
	}
	code_derive(kdf->pepper, idem, content, &code);
	buf_init(&out, ANSWER_BYTES);
	buf_put_u32(&out, request);
	buf_put(&out, code.digits, CODE_DIGITS_FAST);
	buf_put(&out, code.mailbox, sizeof(code.mailbox));
	buf_put(&out, code.reply_key, sizeof(code.reply_key));
	if (buf_err(&out) == TL_OK) {
		peer_send(peer, FRAME_CODE, bytes_of(out.data, out.len));
	}
	buf_free(&out);
	wipe(&code, sizeof(code));
}

static void on_worker_gone(struct peer *peer, void *arg)
{
	(void)arg;
	peer_free(peer);
}

/* Lives until on_worker_gone(): nobody else needs to know it. */
static void add_worker(struct kdf *kdf, int fd)
{
	(void)peer_new(kdf->base, fd, FRAME_FROM_WORKER, on_worker_frame,
	    on_worker_gone, kdf);
}

static void on_parent_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	(void)peer;
	if (frame->type == FRAME_KDF_FD && fd >= 0) {
		add_worker(arg, fd);
	}
}

static void on_parent_gone(struct peer *peer, void *arg)
{
	struct kdf *kdf = arg;

	(void)peer;
	(void)event_base_loopbreak(kdf->base);
}

int kdf_run(const struct config *config, int parent_fd)
{
	struct kdf kdf = { 0 };
	struct peer *parent = NULL;
	int status = EXIT_STATUS_NO_START;

	kdf.pepper = secret_alloc(PEPPER_BYTES);
	if (kdf.pepper == NULL ||
	    keyfile_load(config->intake.pepper, KEY_PEPPER, kdf.pepper) !=
		TL_OK) {
		say_error("cannot use %s as the pepper of the receipt codes: "
			  "it must be a file made by `tipline keygen`, "
			  "mode 0600, readable by this user",
		    config->intake.pepper);
		goto out;
	}
	status = EXIT_STATUS_FAILED;
	kdf.base = event_base_new();
	if (kdf.base == NULL) {
		goto out;
	}
	parent = peer_new(kdf.base, parent_fd, FRAME_FROM_PARENT,
	    on_parent_frame, on_parent_gone, &kdf);
	if (parent == NULL || sandbox_basics() != TL_OK) {
		goto out;
	}
	peer_send(parent, FRAME_READY, bytes_of(NULL, 0));
	(void)event_base_dispatch(kdf.base);
	status = EXIT_STATUS_OK;
out:
	peer_free(parent);
	secret_free(kdf.pepper);
	return status;
}
