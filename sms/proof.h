/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/proof.h - pieces of which the gateways' signature schemes are made.
 *
 * Promise:   every secret is tried, none left out; digests are compared in
 *            constant time and by their full length.
 * Knows not: which gateway signs what.
 */
#ifndef TL_SMS_PROOF_H
#define TL_SMS_PROOF_H

#include "crypto/digest.h"
#include "sms/adapter.h"

#define PROOF_WINDOW_S 300

/* The configured URL as it is signed: without query and fragment. */
struct bytes proof_url(const char *url);

/* Exactly len bytes of padded base64. */
bool proof_read_b64(struct bytes text, uint8_t *out, size_t len);
/* Exactly len bytes of hexadecimal digits of either case. */
bool proof_read_hex(struct bytes text, uint8_t *out, size_t len);

/* *held |= given is the HMAC over the pieces under a secret of gateway.
 * TL_ENOMEM. */
TL_MUST_CHECK enum tl_err proof_hmac(const struct sms_gateway *gateway,
    enum digest_kind kind, const struct bytes *pieces, size_t n,
    const uint8_t *given, bool *held);

/* Whether given is secret. Digests are compared, which have one length, so
 * time tells nothing about the secret's. */
bool proof_is_secret(struct bytes secret, struct bytes given);

/* Whether hex is the SHA-256 of bytes, in hexadecimal digits. */
bool proof_is_sha256(struct bytes hex, struct bytes bytes);

/* TL_EPROOF if text is no Unix time in seconds. */
TL_MUST_CHECK enum tl_err proof_read_time(
    struct bytes text, int64_t *ret_s, const char **ret_why);
/* TL_ESTALE if then_s is more than past_s before now or PROOF_WINDOW_S after
 * it. */
TL_MUST_CHECK enum tl_err proof_window(const struct sms_request *request,
    int64_t then_s, int64_t past_s, const char **ret_why);

#endif
