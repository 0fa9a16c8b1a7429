/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/provider_row.h - what a row of sms/provider.c is made of. Only files of
 * sms/ include it.
 */
#ifndef TL_SMS_PROVIDER_ROW_H
#define TL_SMS_PROVIDER_ROW_H

#include "sms/provider.h"

struct provider {
	const char *type;    /* of the gateway */
	const char *api_url; /* where the API is, unless configured */
	const char *source;  /* the provider's document */
	bool (*is_message)(struct bytes id);
	bool (*is_account)(struct bytes id); /* NULL: none in the URLs */
	/* Fills method, url, body and type. */
	void (*redact)(const struct provider_account *account, struct bytes id,
	    struct provider_call *call);
	void (*remove)(const struct provider_account *account, struct bytes id,
	    struct provider_call *call);     /* NULL: cannot */
	bool (*is_early)(struct bytes body); /* "not final yet", in words */
	bool has_log;                        /* Twilio's list of messages */
};

extern const struct provider provider_twilio;
extern const struct provider provider_somleng;
extern const struct provider provider_vonage_sms;
extern const struct provider provider_vonage_messages;

/* The account's scheme and host, without a slash at the end. */
struct bytes provider_base(const struct provider_account *account);

#endif
