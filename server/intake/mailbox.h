/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/mailbox.h - what the desk wrote to the reporter who has a
 * receipt code: entered, asked of the spool, opened.
 *
 * Promise:   a wrong code, a code whose mail is over or deleted, and one that
 *            nobody has written to yet give the same view, as soon: without
 *            replies. Nobody can tell them apart here either.
 * Knows not: pages, connections; what a status sentence says.
 * Runs in:   workers.
 * Disk:      none.
 */
#ifndef TL_INTAKE_MAILBOX_H
#define TL_INTAKE_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/code.h"
#include "crypto/mail.h"

#define MAILBOX_REPLIES_MAX 16u

struct link;

enum mailbox_state {
	MAILBOX_SHOWN, /* whatever there is */
	MAILBOX_BUSY,  /* too many codes are being entered: try again */
	MAILBOX_AWAY,  /* kdf or spool did not answer in time */
};

/* Borrowed for the call of mailbox_view_fn, and wiped behind it. */
struct mailbox_view {
	enum mailbox_state state;
	/* of the code, for what is asked next; not when busy or away */
	uint8_t mailbox[CODE_MAILBOX_BYTES];
	uint8_t key[CODE_REPLY_KEY_BYTES];
	/* 1 to MAIL_STATUS_LAST: the newest that the desk has set; 0: none */
	unsigned status;
	/* the same in the desk's words; empty: in the page's */
	struct bytes sentence;
	size_t n;
	/* newest first; text is UTF-8, and empty where there is but a status */
	struct mail_reply replies[MAILBOX_REPLIES_MAX];
};

typedef void (*mailbox_view_fn)(const struct mailbox_view *view, void *arg);

/* done false: the spool has not said that they are gone; ask again. */
typedef void (*mailbox_done_fn)(bool done, void *arg);

/* Who is asked, and until when; copied. */
struct mailbox_way {
	struct link *kdf, *spool;
	uint64_t deadline_ms; /* clock_mono_ms() */
};

/*
 * A person has entered a code: len is 20 or 25 digits with the right check
 * digit, as code_parse() gives them. on_view is called once, never inside
 * this call. TL_EBUSY, TL_ENOMEM: it is not called.
 */
TL_MUST_CHECK enum tl_err mailbox_enter(const struct mailbox_way *way,
    const char *digits, size_t len, mailbox_view_fn on_view, void *arg);

/* The same for who has entered the code already: without the slow step. */
TL_MUST_CHECK enum tl_err mailbox_look(const struct mailbox_way *way,
    const uint8_t mailbox[static CODE_MAILBOX_BYTES],
    const uint8_t key[static CODE_REPLY_KEY_BYTES], mailbox_view_fn on_view,
    void *arg);

/*
 * All replies that the mailbox has are to go from this host, for good. The
 * desk learns of it by a record of its own, and tells other hosts. on_done as
 * on_view.
 */
TL_MUST_CHECK enum tl_err mailbox_delete(const struct mailbox_way *way,
    const uint8_t mailbox[static CODE_MAILBOX_BYTES], mailbox_done_fn on_done,
    void *arg);

#endif
