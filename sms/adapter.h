/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter.h - what an adapter is: one row, two pure functions.
 *
 * What differs between gateways is data; what is common is in sms/gateway.c.
 * Only files of sms/ and tests include this.
 */
#ifndef TL_SMS_ADAPTER_H
#define TL_SMS_ADAPTER_H

#include "sms/batch.h"
#include "sms/form_message.h"
#include "sms/gateway.h"
#include "sms/json.h"

enum sms_methods {
	SMS_POST = 1 << 0,
	SMS_GET = 1 << 1,
};

/* Who puts the parts of a long text together. */
enum sms_join {
	SMS_JOIN_GATEWAY, /* it, or nobody: what comes has no part numbers */
	SMS_JOIN_DESK,    /* each part comes by itself, with its numbers */
};

struct sms_adapter {
	const char *name;   /* type in the configuration */
	const char *source; /* the provider's document */
	unsigned methods;   /* of enum sms_methods */
	size_t body_max_bytes;
	/* NULL: nothing is signed, see sms/open_proof.h. */
	const char *trust;
	/* How it writes senders, where the configuration says raw. */
	enum sms_numbers numbers;
	enum sms_join join;
	/* Code points of the longest text that it hands on; 0: not known. */
	size_t text_max_signs;
	/* Values of sig_method, the first being what is meant by "default";
	 * ended by NULL. NULL: there is no choice. */
	const char *const *sig_methods;
	/* NULL, or a literal that says what is wrong with this secret. */
	const char *(*secret_fault)(struct bytes secret);
	/*
	 * Check the proof over the raw bytes. TL_EPROOF or TL_ESTALE with
	 * *ret_why set; TL_EFORMAT: it cannot be read. TL_ENOMEM. Tries every
	 * secret and address, whether or not an earlier one held.
	 */
	enum tl_err (*verify)(const struct sms_gateway *gateway,
	    const struct sms_request *request, const char **ret_why);
	/*
	 * One of the next three reads a request that is genuine: its body as
	 * JSON, its body or query as a form, or all of it. TL_OK: the batch has
	 * its messages, or none if there is nothing to keep. TL_EFORMAT: cannot
	 * be read, is kept whole; a message begun in the batch lends its
	 * external_id. TL_EPROOF: for another account. *ret_why is set unless
	 * messages came.
	 */
	sms_json_fn read_json;
	form_fn read_form;
	enum tl_err (*parse)(const struct sms_gateway *gateway,
	    const struct sms_request *request, struct sms_batch *batch,
	    const char **ret_why);
	struct sms_answer kept, not_kept, no_proof;
	/* Instead of no_proof, where user:password is wanted; status 0: none */
	struct sms_answer no_basic;
};

extern const struct sms_adapter sms_twilio;
extern const struct sms_adapter sms_somleng;
extern const struct sms_adapter sms_kannel;
extern const struct sms_adapter sms_generic;

extern const struct sms_adapter sms_telnyx;
extern const struct sms_adapter sms_vonage_sms;
extern const struct sms_adapter sms_plivo;
extern const struct sms_adapter sms_infobip;
extern const struct sms_adapter sms_sinch;
extern const struct sms_adapter sms_messagebird;
extern const struct sms_adapter sms_bird;
extern const struct sms_adapter sms_vonage_messages;
extern const struct sms_adapter sms_android;
extern const struct sms_adapter sms_jasmin;
extern const struct sms_adapter sms_africastalking;
extern const struct sms_adapter sms_clickatell;
extern const struct sms_adapter sms_bandwidth;
extern const struct sms_adapter sms_8x8;
extern const struct sms_adapter sms_macrokiosk;
extern const struct sms_adapter sms_nuntium;
extern const struct sms_adapter sms_httpsms;
extern const struct sms_adapter sms_telegram;
extern const struct sms_adapter sms_custom;

/* All rows. */
extern const struct sms_adapter *const sms_adapters[];
extern const size_t sms_adapters_count;

/* The value of a header that is there once; NULL if missing or repeated. */
const struct bytes *sms_header_find(
    const struct sms_request *request, const char *name);

/* Once a batch is read: senders, valid text, trust and remarks of all its
 * messages. */
void sms_settle(const struct sms_gateway *gateway, struct sms_batch *batch);

/* sig_method as a number in the adapter's list. */
size_t sms_sig_method(const struct sms_gateway *gateway);

#endif
