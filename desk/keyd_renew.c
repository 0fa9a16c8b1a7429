/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ring's file is looked at again: who was taken out of it, or has another
 * passphrase, role or second factor, is out of keyd, and the others go on. */
#include <string.h>

#include "base/log.h"
#include "desk/keyd_inside.h"

#define LOOK_EVERY_MS 1000u

/* Before the ring is read: what is put there meanwhile is read once more. One
 * that is not there is another, too. */
static bool is_other(const struct keyd *keyd, struct stat *ret)
{
	const struct stat *was = &keyd->file;

	return stat(keyd->ring_path, ret) != 0 || ret->st_ino != was->st_ino ||
	    ret->st_size != was->st_size ||
	    ret->st_mtim.tv_sec != was->st_mtim.tv_sec ||
	    ret->st_mtim.tv_nsec != was->st_mtim.tv_nsec ||
	    ret->st_ctim.tv_sec != was->st_ctim.tv_sec ||
	    ret->st_ctim.tv_nsec != was->st_ctim.tv_nsec;
}

enum tl_err keyd_load_ring(struct keyd *keyd)
{
	(void)is_other(keyd, &keyd->file);
	return ring_load(keyd->ring_path, &keyd->ring);
}

static void end_sessions_of(struct keyd *keyd, size_t officer)
{
	for (size_t i = 0; i < KEYD_SESSIONS_MAX; i++) {
		struct session *session = &keyd->sessions[i];

		if (session->is_there && session->officer == officer) {
			keyd_end_session(keyd, session);
		}
	}
}

/* Those who are not what they were; the desk hears of each. */
static unsigned send_away(
    struct keyd *keyd, const struct ring *fresh, struct buf *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < ring_n_officers(keyd->ring); i++) {
		const char *name = ring_officer_name(keyd->ring, i);

		if (!ring_officer_same(keyd->ring, fresh, name)) {
			end_sessions_of(keyd, i);
			frame_put(out, FRAME_KEYD_LEFT, name, strlen(name));
			n++;
		}
	}
	return n;
}

/* Places of officers are those of the fresh ring from here on. */
static void move_in(struct keyd *keyd, const struct ring *fresh)
{
	struct second_factor factors[RING_OFFICERS_MAX] = { { 0 } };

	for (size_t i = 0; i < KEYD_SESSIONS_MAX; i++) {
		struct session *session = &keyd->sessions[i];

		if (session->is_there) {
			session->officer = ring_officer_find(fresh,
			    ring_officer_name(keyd->ring, session->officer));
		}
	}
	for (size_t i = 0; i < ring_n_officers(fresh); i++) {
		size_t was =
		    ring_officer_find(keyd->ring, ring_officer_name(fresh, i));

		if (was < ring_n_officers(keyd->ring)) {
			factors[i] = keyd->factors[was];
		}
	}
	memcpy(keyd->factors, factors, sizeof(factors));
}

static void end_all(struct keyd *keyd, struct buf *out)
{
	for (size_t i = 0; i < ring_n_officers(keyd->ring); i++) {
		const char *name = ring_officer_name(keyd->ring, i);

		end_sessions_of(keyd, i);
		frame_put(out, FRAME_KEYD_LEFT, name, strlen(name));
	}
}

/* Who stays logged in has one key for both: theirs would be another officer
 * otherwise. If there is no memory for it, all log in again. */
static void unlock_too(struct keyd *keyd, struct ring *fresh, struct buf *out)
{
	const uint8_t *key = ring_secret(keyd->ring);

	if (key != NULL && ring_unlock_with(fresh, key) != TL_OK) {
		end_all(keyd, out);
	}
}

static void tell_state(const struct keyd *keyd, struct buf *out)
{
	const uint8_t body = (uint8_t)keyd->state;

	frame_put(out, FRAME_KEYD_RING, &body, sizeof(body));
}

static void set_state(struct keyd *keyd, enum keyd_ring state, struct buf *out)
{
	if (state != keyd->state) {
		keyd->state = state;
		tell_state(keyd, out);
	}
}

/*
 * It may be on its way here, or somebody's slip: the shift goes on with the
 * ring of before, and consoles are told. But whoever was taken out of it is
 * still in that one, so it does not serve for longer than one can be logged
 * in, as it would not serve at a start either.
 */
static void go_on_without(
    struct keyd *keyd, enum tl_err err, uint64_t now_ms, struct buf *out)
{
	if (keyd->state == KEYD_RING_FINE) {
		log_event(LOG_KEYD_RING_BAD, (long long)err, 0);
		keyd->bad_ms = now_ms;
		set_state(keyd, KEYD_RING_OLD, out);
	}
	if (keyd->state == KEYD_RING_OLD &&
	    now_ms - keyd->bad_ms >= KEYD_SHIFT_MS) {
		log_event(LOG_KEYD_RING_SHUT,
		    (long long)(KEYD_SHIFT_MS / 3600000), 0);
		end_all(keyd, out);
		set_state(keyd, KEYD_RING_SHUT, out);
	}
}

static void go_on_with(struct keyd *keyd, struct buf *out)
{
	if (keyd->state != KEYD_RING_FINE) {
		log_event(LOG_KEYD_RING_FINE, 0, 0);
	}
	set_state(keyd, KEYD_RING_FINE, out);
}

enum tl_err keyd_look(struct keyd *keyd, uint64_t now_ms, struct buf *out)
{
	struct ring *fresh = NULL;
	struct stat file = { 0 };
	enum tl_err err;
	unsigned n;

	if (now_ms < keyd->look_ms) {
		return TL_OK;
	}
	keyd->look_ms = now_ms + LOOK_EVERY_MS;
	if (!is_other(keyd, &file)) {
		go_on_with(keyd, out);
		return buf_err(out);
	}
	err = ring_load(keyd->ring_path, &fresh);
	if (err != TL_OK) {
		go_on_without(keyd, err, now_ms, out);
		return buf_err(out);
	}
	if (keyd->state == KEYD_RING_FINE) {
		tell_state(keyd, out); /* it may have more epochs */
	}
	go_on_with(keyd, out);
	keyd->file = file;
	n = send_away(keyd, fresh, out);
	unlock_too(keyd, fresh, out);
	move_in(keyd, fresh);
	ring_free(keyd->ring);
	keyd->ring = fresh;
	log_event(LOG_KEYD_RING, (long long)ring_n_officers(fresh), n);
	return buf_err(out);
}

uint64_t keyd_look_ms(const struct keyd *keyd, uint64_t now_ms)
{
	return keyd->look_ms > now_ms ? keyd->look_ms - now_ms : 0;
}
