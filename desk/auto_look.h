/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/auto_look.h - what a desk knows of a message and of who sent it, as
 * desk/auto_reply.h wants to be told.
 *
 * Promise:   what any message of the number says that is open here counts,
 *            whichever tip it belongs to, and whoever signed it if it is a
 *            stop; what came since the conversation began and cannot be opened
 *            counts against it. What is older and cannot is not known: the
 *            stops in what was sealed to a destroyed key are gone.
 * Knows not: whether a text may go.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_AUTO_LOOK_H
#define TL_DESK_AUTO_LOOK_H

#include <jansson.h>

#include "desk/auto_reply.h"
#include "desk/reach.h"
#include "desk/web.h"

/* What is written on cases of the number. */
struct auto_facts {
	uint64_t version;        /* of the conversation's own, as it was read */
	bool is_hidden;          /* something cannot be read */
	bool is_known_otherwise; /* of the way to the reporter */
	bool is_ordered;         /* the machine has answered it */
	int64_t machine_s, officer_s; /* newest texts of both */
};

/* Does any gateway want this desk to answer? */
bool auto_is_wanted(const struct config *config);

/* Could any message be answered at now_s: is the time sure, and all read? */
bool auto_is_ready(const struct web *web, int64_t now_s);

/* Is it a message that might be answered at now_s, as far as that can be told
 * without reading it? */
bool auto_is_candidate(const struct web *web, struct tip *tip, int64_t now_s);

/* Add the entries of a case; is_own: of the conversation, not of another one of
 * the number. */
void auto_facts_take(
    struct auto_facts *facts, const json_t *entries, bool is_own);

/* Message is open. *ret_text: what would be sent, of the program. Wipe
 * ret_reach. */
void auto_look(struct web *web, struct tip *message,
    const struct auto_facts *facts, struct auto_case *ret_case,
    struct reach *ret_reach, struct bytes *ret_text);

#endif
