/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/deriver.h"

#include <event2/event.h>
#include <sched.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "base/rd.h"
#include "base/sandbox.h"
#include "base/wipe.h"
#include "crypto/code_slow.h"
#include "server/net/peer.h"

/* 64 MiB cannot be had: tried again after this. */
#define NO_MEMORY_REST_MS 1000u
/* Where the idle class is refused, as under the filter of the unit: rest this
 * many times as long as the work took. */
#define REST_TIMES 4u

struct deriver {
	struct event_base *base;
	struct peer *kdf;
	struct event *rested;
	bool has_idle_class;
	bool fills;
	bool resting;
	bool wanted; /* seed is to be worked on */
	uint8_t seed[CODE_SEED_BYTES];
};

static void rest(struct deriver *deriver, uint64_t rest_ms)
{
	const struct timeval wait = {
		.tv_sec = (time_t)(rest_ms / 1000),
		.tv_usec = (suseconds_t)(rest_ms % 1000 * 1000),
	};

	deriver->resting = event_add(deriver->rested, &wait) == 0;
}

static void work(struct deriver *deriver)
{
	uint64_t begin_ms = clock_mono_ms();
	uint8_t slow[CODE_SLOW_BYTES];

	if (!deriver->wanted || deriver->resting || deriver->kdf == NULL) {
		return;
	}
	if (code_slow(deriver->seed, slow) != TL_OK) {
		log_event(LOG_NO_MEMORY, 0, 0);
		rest(deriver, NO_MEMORY_REST_MS);
		return;
	}
	deriver->wanted = false;
	wipe(deriver->seed, sizeof(deriver->seed));
	peer_send(deriver->kdf, FRAME_SLOW, bytes_of(slow, sizeof(slow)));
	wipe(slow, sizeof(slow));
	if (deriver->fills && !deriver->has_idle_class) {
		rest(deriver, REST_TIMES * (clock_mono_ms() - begin_ms));
	}
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	struct deriver *deriver = arg;

	(void)fd;
	(void)what;
	deriver->resting = false;
	work(deriver);
}

static void on_kdf_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct deriver *deriver = arg;
	struct rd rd = rd_of(frame->body, frame->body_len);
	const uint8_t *seed = rd_bytes(&rd, CODE_SEED_BYTES);

	(void)peer;
	(void)fd;
	if (frame->type == FRAME_SLOW_WANT && rd_done(&rd)) {
		memcpy(deriver->seed, seed, CODE_SEED_BYTES);
		deriver->wanted = true;
		work(deriver);
	}
}

static void on_kdf_gone(struct peer *peer, void *arg)
{
	struct deriver *deriver = arg;

	peer_free(peer);
	deriver->kdf = NULL;
	deriver->wanted = false;
	wipe(deriver->seed, sizeof(deriver->seed));
}

/* Not before it is ready: on a machine that has no moment left it would never
 * be, and the parent waits for it. */
static void become_idle(struct deriver *deriver)
{
	const struct sched_param none = { 0 };

	deriver->has_idle_class =
	    deriver->fills && sched_setscheduler(0, SCHED_IDLE, &none) == 0;
}

static void on_parent_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct deriver *deriver = arg;

	(void)peer;
	if (frame->type == FRAME_KDF_FD && fd >= 0) {
		become_idle(deriver);
		peer_free(deriver->kdf);
		deriver->wanted = false;
		deriver->kdf = peer_new(deriver->base, fd, FRAME_FROM_KDF,
		    on_kdf_frame, on_kdf_gone, deriver);
	}
}

static void on_parent_gone(struct peer *peer, void *arg)
{
	struct deriver *deriver = arg;

	(void)peer;
	(void)event_base_loopbreak(deriver->base);
}

int deriver_run(bool fills, int parent_fd)
{
	struct deriver deriver = { .fills = fills };
	struct peer *parent = NULL;
	int status = EXIT_STATUS_FAILED;

	deriver.base = event_base_new();
	if (deriver.base == NULL) {
		return status;
	}
	deriver.rested = event_new(deriver.base, -1, 0, on_rested, &deriver);
	parent = peer_new(deriver.base, parent_fd, FRAME_FROM_PARENT,
	    on_parent_frame, on_parent_gone, &deriver);
	if (deriver.rested == NULL || parent == NULL ||
	    sandbox_enter(SANDBOX_DERIVER, NULL) != TL_OK) {
		goto out;
	}
	peer_send(parent, FRAME_READY, bytes_of(NULL, 0));
	(void)event_base_dispatch(deriver.base);
	status = EXIT_STATUS_OK;
out:
	peer_free(deriver.kdf);
	peer_free(parent);
	if (deriver.rested != NULL) {
		event_free(deriver.rested);
	}
	event_base_free(deriver.base);
	wipe(&deriver, sizeof(deriver));
	return status;
}
