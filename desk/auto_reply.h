/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/auto_reply.h - may the machine itself answer this message with one
 * neutral text now?
 *
 * Promise:   silence is no. It says yes only where the operator has asked for
 *            it, all that is there was read, and nothing that the number ever
 *            said, nor any officer, stands against it; within five minutes or
 *            never.
 * Knows not: tips, keys, gateways, the clock.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_AUTO_REPLY_H
#define TL_DESK_AUTO_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "desk/contact.h"

/* Later than that after the message came, nothing goes. */
#define AUTO_REPLY_LATE_S 300
/* Who writes "0" behind it does so soon: so long the number has to be silent.
 */
#define AUTO_REPLY_CALM_S 10

enum auto_mode {
	AUTO_NONE,       /* nothing is ever sent by the machine */
	AUTO_ONCE,       /* one text for each conversation */
	AUTO_ON_REQUEST, /* if "1" alone was written */
};

/* The mode that is called so; AUTO_NONE if it is none. */
enum auto_mode auto_mode_of(const char *name);

/* Times in seconds since 1970; 0: never, or not known. */
struct auto_case {
	enum auto_mode mode;
	int64_t now_s;
	bool is_time_sure; /* this host and Redis say the same */
	/* ---- of the message */
	int64_t received_s, sent_s;
	bool is_signed;  /* by the gateway to the intake, and by that to us */
	bool is_text;    /* a person's short message: no call, no test */
	bool is_to_us;   /* to the number that the reply would come from */
	bool is_seen;    /* the same one is there already */
	bool is_sure;    /* auto_number_is_sure() of its sender */
	bool is_request; /* it says 1, and nothing else */
	bool is_quoted;  /* the reply would say what it says */
	/* ---- of the conversation */
	bool is_ordered; /* the machine has answered it, or may have */
	bool is_case;    /* it has a case, */
	bool is_closed;  /* which is closed, or somebody's by now */
	bool said_zero;  /* "0" is in it */
	/* ---- of the number, over all conversations and officers */
	bool all_read;  /* all that came was read, and every case is known */
	bool is_hidden; /* something of it cannot be read here */
	bool is_known_otherwise; /* somebody gave this number in a form, or an
	                          * officer wrote of the way to it */
	int64_t newest_s;        /* its newest message */
	int64_t other_s;         /* its newest in another conversation */
	int64_t zero_s;          /* its newest "0" in another conversation */
	int64_t machine_s;       /* the newest text of the machine to it */
	int64_t officer_s;       /* the newest of an officer */
	bool never_contact;      /* NO CONTACT by any other way than "0" */
	/* stop, watched, hours, template, parts: as of an officer's text */
	struct contact_case contact;
	unsigned machine_parts; /* that the machine has sent today */
	unsigned quiet_from_min, quiet_to_min; /* the same twice: none */
};

enum auto_word {
	AUTO_SEND,
	AUTO_WAIT,  /* ask again in a moment */
	AUTO_NEVER, /* this message is not answered */
};

/* *ret_why: the first thing that stands against it, a literal; NULL for
 * AUTO_SEND. */
enum auto_word auto_reply_ask(
    const struct auto_case *auto_case, const char **ret_why);

/* Is number (E.164 with its plus) as long as numbers of its country are? A
 * national number that was read as another country's is not. */
bool auto_number_is_sure(const char *number);

/* Does the reply share eight bytes in a row with the message? */
bool auto_reply_quotes(struct bytes reply, struct bytes message);

#endif
