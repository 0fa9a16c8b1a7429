/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/flood.h - does one sender write more than a person does?
 *
 * Promise:   forgets within ten minutes of the last message; holds keyed
 *            hashes and no number; its memory is fixed. Too few are called a
 *            flood rather than too many: the parts of one long text count
 *            once, a message delivered again does not, each worker counts
 *            what it sees itself, and a full table forgets the oldest.
 * Knows not: the web form's senders: the intake does not look at addresses.
 * Runs in:   workers.
 */
#ifndef TL_INTAKE_FLOOD_H
#define TL_INTAKE_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#define FLOOD_MESSAGES_MAX 30u /* of one sender in one window are no flood */
#define FLOOD_WINDOW_S     600
#define FLOOD_SENDERS      1024u

struct flood;

/* NULL: out of memory. The caller's: flood_free(). */
struct flood *flood_new(void);
void flood_free(struct flood *flood);

/*
 * A message of sender came at now_s; both are keyed hashes. True: it is more
 * than FLOOD_MESSAGES_MAX of them within FLOOD_WINDOW_S of the first.
 */
bool flood_count(
    struct flood *flood, uint64_t sender, uint64_t message, int64_t now_s);

#endif
