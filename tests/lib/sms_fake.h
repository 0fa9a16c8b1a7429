/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/sms_fake.h - a gateway that sends what a test wants, with a proof
 * that holds.
 */
#ifndef TL_TESTS_LIB_SMS_FAKE_H
#define TL_TESTS_LIB_SMS_FAKE_H

#include "sms/custom.h"
#include "sms/gateway.h"

#define SMS_FAKE_NOW_S       INT64_C(1795300000)
#define SMS_FAKE_HEADERS_MAX 12u

struct sms_signer; /* tests/lib/sms_sign.h */

struct sms_fake {
	const struct sms_signer *signer;
	struct sms_gateway gateway;
	struct sms_custom custom; /* of type custom: as by default */
	struct sms_request request;
	struct sms_header headers[SMS_FAKE_HEADERS_MAX];
	char proof[4][2048];
	char body[8192]; /* where the proof is part of it */
	/* what the last sms_fake_take() gave */
	struct sms_batch *batch;
	enum sms_verdict verdict;
	const char *why;
	const struct sms_message *message; /* the first one, or NULL */
};

/* A gateway of that type at https://tips.example.org/sms/g1, region KH,
 * national senders, with a secret of its own. */
void sms_fake_init(struct sms_fake *fake, const char *type);
/* Other options of a gateway of type custom. */
void sms_fake_custom(struct sms_fake *fake, const struct custom_words *words);
void sms_fake_free(struct sms_fake *fake);

/* A POST of that content type and body, or a GET, with the proof that the
 * type wants, made with secret (NULL: the gateway's own). Borrows all. */
void sms_fake_post(struct sms_fake *fake, const char *query,
    const char *content_type, struct bytes body, const char *secret);
void sms_fake_get(struct sms_fake *fake, const char *query, const char *secret);
/* POST of a form. */
void sms_fake_form(struct sms_fake *fake, const char *body);

/* Add a header. Borrows both. */
void sms_fake_header(
    struct sms_fake *fake, const char *name, const char *value);

/* sms_take(), which must not fail. */
enum sms_verdict sms_fake_take(struct sms_fake *fake);

#endif
