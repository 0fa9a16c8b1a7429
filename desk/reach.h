/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/reach.h - the number at which a reporter can be texted, and what their
 * answers and messages say about that.
 *
 * Promise:   what any message of the number, or any answer, says against it
 *            counts, also from another tip; a number is used only if it is
 *            sure; of a tip that no intake of ours has signed, nothing.
 * Knows not: whether a text may go: desk/contact.h judges.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_REACH_H
#define TL_DESK_REACH_H

#include <jansson.h>

#include "desk/contact.h"
#include "desk/facts.h"
#include "desk/sender_talk.h"
#include "desk/web.h"

struct reach {
	char number[SENDER_NUMBER_MAX_BYTES + 1]; /* "": none that is sure */
	char given[SENDER_NUMBER_MAX_BYTES + 1]; /* another, for calls; or "" */
	unsigned country; /* that was answered; see zone_minutes() */
	uint8_t gateway;  /* by which texts go; see has_gateway */
	bool has_gateway;
	bool declined; /* by any way but the receipt code */
	/* somebody said NO CONTACT, or 0: not for that it was taken back alone
	 */
	bool no_contact;
};

/*
 * Fill ret_reach, and of ret_contact what it says of the reporter and the
 * number. entries: of the tip's case; what an officer wrote of the safe way
 * counts instead of what was answered, but a stop is never taken back. Wipe
 * ret_reach.
 */
void reach_of(const struct web *web, const struct tip *tip,
    const json_t *entries, struct reach *ret_reach,
    struct contact_case *ret_contact);

/* Does a message say 1 and nothing else? The last part of a long one may be
 * just that, and asks for nothing. */
bool reach_is_request(const json_t *report);

/* Put what an officer wrote of the safe way in the place of what was answered
 * of it, in answers and in facts, which are of the same. False: memory is
 * out, and what they say is not the newest. */
bool reach_correct(const json_t *entries, json_t *answers, struct facts *facts);

/* Did an officer write NO CONTACT among these entries? */
bool reach_says_no_contact(const json_t *entries);

/* One of them cannot be read, or is forged: it may be the one that says so. */
bool reach_has_unread(const json_t *entries);

/*
 * Is nobody to write, by whichever way? The reporter wants none, or has taken
 * it back, an officer heard so, STOP came, or the word that somebody watches;
 * or one of the entries cannot be read, which may be the one that says so; or
 * memory was out to read all of it, which *ret_lost says. A supervisor can go
 * past what was read, into the mailbox alone.
 */
bool reach_is_stopped(const struct web *web, const struct tip *tip,
    const json_t *entries, bool *ret_lost);

/* Did the word come that means "I am watched"? Quickly told where the case has
 * none. *ret_lost: memory was out, and it may have. */
bool reach_is_watched(const struct web *web, const struct tip *tip,
    const json_t *entries, bool *ret_lost);

#define REACH_KIN_MAX 64u
/*
 * The other cases of whom this number reaches: tips that it wrote or that give
 * it as the way back, and copies of this one. How many; beyond REACH_KIN_MAX,
 * REACH_KIN_MAX + 1. *ret_lost: memory was out, and there may be more.
 */
size_t reach_kin(const struct web *web, const struct tip *tip,
    const struct reach *reach, struct tip *ret_kin[static REACH_KIN_MAX],
    bool *ret_lost);

#endif
