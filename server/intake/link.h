/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/link.h - a worker's questions to another process: the spool,
 * the kdf.
 *
 * Promise:   every question gets exactly one answer, or one silence when its
 *            deadline passes. When the other process goes away, what it has
 *            not answered is asked again of the next one. For the spool that
 *            is safe because a record has one id for life.
 * Knows not: what questions and answers say; who asks.
 * Runs in:   a worker. It connects to nothing: the parent hands sockets over.
 *
 * Question and answer begin with the same number of four bytes, which this
 * module puts in front and takes off.
 */
#ifndef TL_INTAKE_LINK_H
#define TL_INTAKE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/frame.h"

struct event_base;
struct link;

/* type is that of the answering frame and body what stands behind its
 * number. answered false: silence. Borrowed for the call. */
struct link_answer {
	bool answered;
	uint16_t type;
	struct bytes body;
};
typedef void (*link_answer_fn)(const struct link_answer *answer, void *arg);

/* The other process is gone; waiting questions wait for the next one. */
typedef void (*link_lost_fn)(size_t waiting, void *arg);

/* A frame that is no answer: true if it was meant for this function. */
typedef bool (*link_note_fn)(uint16_t type, struct bytes body, void *arg);

struct link_opts {
	struct event_base *base;
	enum frame_from theirs;
	size_t waiting_max_bytes; /* beyond it a question is refused at once */
	link_lost_fn on_lost;     /* may be NULL */
	link_note_fn on_note;     /* may be NULL */
	void *arg;
};

/* NULL: out of memory. End it with link_free(). */
struct link *link_new(const struct link_opts *opts);

/* Speak over fd, which becomes the link's. Returns how many questions were
 * asked again. */
size_t link_attach(struct link *link, int fd);

/* There is somebody at the other end. */
bool link_is_up(const struct link *link);

/* Questions without an answer. */
size_t link_waiting(const struct link *link);

/*
 * Ask: body is copied. on_answer is called once, never inside this call, and
 * at deadline_ms (clock_mono_ms()) at the latest. TL_EBUSY, TL_ENOMEM: it is
 * not called.
 */
TL_MUST_CHECK enum tl_err link_ask(struct link *link, enum frame_type type,
    struct bytes body, uint64_t deadline_ms, link_answer_fn on_answer,
    void *arg);

/* Say something that has no answer, if somebody is there; body goes out as it
 * is, without a number. */
void link_tell(struct link *link, enum frame_type type, struct bytes body);

/* Give silence to what is past its deadline. */
void link_tick(struct link *link, uint64_t now_ms);

/* Close and free; what waits gets silence. NULL is fine. */
void link_free(struct link *link);

#endif
