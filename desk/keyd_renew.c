/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ring's file is looked at again: who was taken out of it, or has another
 * passphrase, role or second factor, is out of keyd, and the others go on. */
#include <string.h>

#include "base/log.h"
#include "desk/keyd_inside.h"

#define LOOK_EVERY_MS 1000u

/* Before the ring is read: what is put there meanwhile is read once more. */
static bool is_other(const struct keyd *keyd, struct stat *ret)
{
	const struct stat *was = &keyd->file;

	return stat(keyd->ring_path, ret) == 0 &&
	    (ret->st_ino != was->st_ino || ret->st_size != was->st_size ||
		ret->st_mtim.tv_sec != was->st_mtim.tv_sec ||
		ret->st_mtim.tv_nsec != was->st_mtim.tv_nsec ||
		ret->st_ctim.tv_sec != was->st_ctim.tv_sec ||
		ret->st_ctim.tv_nsec != was->st_ctim.tv_nsec);
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

/* Who stays logged in has one key for both: theirs would be another officer
 * otherwise. If there is no memory for it, all log in again. */
static void unlock_too(struct keyd *keyd, struct ring *fresh, struct buf *out)
{
	const uint8_t *key = ring_secret(keyd->ring);

	if (key == NULL || ring_unlock_with(fresh, key) == TL_OK) {
		return;
	}
	for (size_t i = 0; i < ring_n_officers(keyd->ring); i++) {
		const char *name = ring_officer_name(keyd->ring, i);

		end_sessions_of(keyd, i);
		frame_put(out, FRAME_KEYD_LEFT, name, strlen(name));
	}
}

enum tl_err keyd_look(struct keyd *keyd, uint64_t now_ms, struct buf *out)
{
	struct ring *fresh = NULL;
	struct stat file;
	enum tl_err err;
	unsigned n;

	if (now_ms < keyd->look_ms) {
		return TL_OK;
	}
	keyd->look_ms = now_ms + LOOK_EVERY_MS;
	if (!is_other(keyd, &file)) {
		return TL_OK;
	}
	err = ring_load(keyd->ring_path, &fresh);
	if (err != TL_OK) { /* it may be on its way here: again, then */
		if (!keyd->is_bad) {
			log_event(LOG_KEYD_RING_BAD, (long long)err, 0);
		}
		keyd->is_bad = true;
		return TL_OK;
	}
	keyd->is_bad = false;
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
