/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/send.h - a text to a number, as each provider's API wants it, and what
 * the answer means.
 *
 * Promise:   requests are made and answers are read here, nothing is sent. What
 *            may have been sent is never said to have failed: a text that goes
 *            out twice can hurt.
 * Knows not: whether a text may go at all, safe hours; sockets; the clock.
 * Runs in:   the desk's sender.
 * Disk:      none.
 *
 * Sources: each provider's document, named in its row.
 */
#ifndef TL_SMS_SEND_H
#define TL_SMS_SEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "sms/provider.h"

#define SEND_TEXT_MAX_BYTES 1600u
#define SEND_ID_MAX_BYTES   64u
/* A network may hold a text back; after this time it shall drop it, since what
 * was safe then may not be safe now. */
#define SEND_VALID_S 300u

/* Our account there. Borrowed. */
struct send_account {
	const char *type;    /* of the gateway */
	const char *account; /* as configured; NULL: none */
	const char *api_url; /* scheme and host; NULL or empty: the usual */
	const char *user;    /* NULL or empty: the account */
	const char *password;
	const char *from; /* our number, or name, there */
};

/* A request to make: end it with send_call_free(), which wipes. */
struct send_call {
	enum provider_method method;
	struct buf url; /* may hold a password: it goes into no log */
	struct buf body;
	const char *type;        /* of the body; NULL: no body */
	bool basic;              /* user and password go along as Basic */
	const char *header;      /* NULL, or another header's name */
	struct buf header_value; /* and value */
};

enum send_said {
	SEND_TAKEN,   /* the provider will send it */
	SEND_LATER,   /* it was not sent: try again after a while */
	SEND_REFUSED, /* nor will it be: account, credit, sender */
	SEND_NEVER,   /* the number wants none, or is none */
	SEND_UNKNOWN, /* may have been sent: a person decides */
};

/* Can texts go out by a gateway of this type? */
bool send_knows(const char *type);

/* Is what comes in by such a gateway signed, so that nobody can make a text go
 * to a number of their choice by writing to us in its name? */
bool send_is_signed(const char *type);

/* NULL if the account can be used, else a literal that says what is missing. */
const char *send_fault(const struct send_account *account);

/*
 * Make the call that sends text (UTF-8) to the number to (E.164 with its plus).
 * TL_EINVAL: no such number or text; TL_ETOOBIG; TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err send_call_make(const struct send_account *account,
    struct bytes to, struct bytes text, struct send_call *ret_call);

/* What the answer means; the provider's id of the text is appended to id, if it
 * gives one. */
enum send_said send_said(const struct send_account *account, int status,
    struct bytes body, struct buf *id);

/* A zeroed one is fine. */
void send_call_free(struct send_call *call);

#endif
