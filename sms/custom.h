/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/custom.h - a gateway whose contract stands in the configuration.
 *
 * Promise:   nothing is guessed at run time. A body that could become a text
 *            on somebody's phone needs a second word in the configuration.
 * Knows not: the configuration's file.
 * Runs in:   the workers of the intake, `tipline webhook`.
 * Disk:      none.
 */
#ifndef TL_SMS_CUSTOM_H
#define TL_SMS_CUSTOM_H

#include "sms/decode.h"
#include "sms/gateway.h"

#define CUSTOM_NAME_BYTES  64u
#define CUSTOM_BODY_BYTES  256u
#define CUSTOM_CODINGS_MAX 8u

/* The options of [gateway NAME]; NULL and "" are the default. */
struct custom_words {
	/* "from=msisdn to=shortcode text=msg id=msgid time=ts udh= coding=" */
	const char *fields;
	/* "body=form|json|text|multipart text=plain|percent|hex|base64
	 * charset=... coding.8=utf-16be time=none|epoch|epoch-ms|date|FORM
	 * zone=+07:00 probe.type=dlr" */
	const char *reading;
	/* "secret", "field:NAME", "hmac-hex:HEADER", "hmac-base64:HEADER" */
	const char *proof;
	/* "status=200 type=text/plain failure=503|close" */
	const char *answer;
	const char *answer_body;
	const char *answer_body_is_safe; /* "yes" or "no" */
};

enum custom_field {
	CUSTOM_FROM,
	CUSTOM_TO,
	CUSTOM_TEXT,
	CUSTOM_ID,
	CUSTOM_TIME,
	CUSTOM_UDH,
	CUSTOM_CODING,
	CUSTOM_FIELDS,
};

enum custom_proof { PROOF_OPEN, PROOF_FIELD, PROOF_HMAC_HEX, PROOF_HMAC_B64 };

/* Read by the adapter alone. */
struct sms_custom {
	char fields[CUSTOM_FIELDS][CUSTOM_NAME_BYTES]; /* "": there is none */
	enum { BODY_FORM, BODY_JSON, BODY_TEXT, BODY_MULTIPART } body;
	enum { TEXT_PLAIN, TEXT_PERCENT, TEXT_HEX, TEXT_B64 } text;
	enum sms_encoding charset;
	struct {
		char value[8];
		enum sms_encoding charset;
	} codings[CUSTOM_CODINGS_MAX];
	size_t n_codings;
	enum {
		TIME_NONE,
		TIME_EPOCH,
		TIME_EPOCH_MS,
		TIME_DATE,
		TIME_FORM
	} time;
	char time_form[CUSTOM_NAME_BYTES]; /* sms/when_form.h */
	bool has_zone;
	int64_t zone_s; /* where the form does not say it */
	/* a request with this field and value is a probe or a delivery
	 * report, and no message */
	char probe_name[CUSTOM_NAME_BYTES], probe_value[CUSTOM_NAME_BYTES];
	enum custom_proof proof;
	char proof_name[CUSTOM_NAME_BYTES]; /* a header's in lower case */
	char type[CUSTOM_NAME_BYTES], answer_body[CUSTOM_BODY_BYTES + 1];
	struct sms_answer kept, not_kept;
};

/*
 * Read the options. NULL, or a literal that says what is wrong. *ret_custom
 * must stay where it is.
 */
const char *custom_read(
    const struct custom_words *words, struct sms_custom *ret_custom);

/* How sure the messages are the gateway's own; NULL: see sms/open_proof.h. */
const char *custom_trust(const struct sms_custom *custom);

/* Whether the proof is over the body, so that a GET would prove nothing: its
 * message stands in the query. */
bool custom_signs_body(const struct sms_custom *custom);

#endif
