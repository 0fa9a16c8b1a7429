/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/send_row.h - what a row of sms/send.c is made of. Only sms/send*.c
 * include it.
 */
#ifndef TL_SMS_SEND_ROW_H
#define TL_SMS_SEND_ROW_H

#include "sms/send.h"

/* What goes out. */
struct send_what {
	const struct send_account *account;
	struct bytes to;     /* with its plus */
	struct bytes digits; /* without */
	struct bytes text;
};

struct send_row {
	const char *type;
	const char *api_url; /* NULL: has to be configured */
	const char *source;  /* the provider's document */
	bool wants_account, wants_from;
	bool is_signed; /* what comes from it is: its adapter's trust */
	void (*make)(const struct send_what *what, struct send_call *call);
	enum send_said (*said)(int status, struct bytes body, struct buf *id);
};

extern const struct send_row send_twilio, send_somleng, send_vonage, send_plivo,
    send_infobip, send_africastalking, send_kannel, send_jasmin;

/* Append the account's scheme and host, without a slash at the end. */
void send_put_base(const struct send_what *what, struct buf *url);
const char *send_user(const struct send_account *account);
/* Append text percent-encoded, all but letters, digits and "-._~". */
void send_put_encoded(struct buf *out, struct bytes text);
/* name=value of a form or query, behind "&" if something stands there. */
void send_put_field(struct buf *out, const char *name, struct bytes value);

/* What every provider means by a status that its row does not know. */
enum send_said send_status_said(int status);

#endif
