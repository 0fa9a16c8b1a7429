/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/auto_check.h - what the machine may text by itself, and whether a
 * gateway is set up so that it may.
 *
 * Promise:   no automatic reply is switched on by a gateway that cannot send,
 *            or whose messages anybody can forge, nor with a text that is
 *            longer than one part in any alphabet or names somebody.
 * Knows not: messages.
 * Runs in:   the desk, at its start; tipline check. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_AUTO_CHECK_H
#define TL_DESK_AUTO_CHECK_H

#include "base/bytes.h"
#include "base/err.h"
#include "config/config.h"

/* Of the phrase book; the order of such a text says which it was. */
#define AUTO_TEMPLATE "thanks"

/* That sentence; empty: there is none in this language. */
struct bytes auto_text(const char *lang);

/* What is wrong with such a text, as a literal, or NULL. title: what the site
 * is called. */
const char *auto_text_fault(struct bytes text, const char *title);

/* Say what is wrong: TL_EINVAL. With warn (NULL: not) goes what it means that
 * it is on, a sentence for each gateway. */
TL_MUST_CHECK enum tl_err auto_check(
    const struct config *config, config_say_fn say, config_say_fn warn);

#endif
