/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/batch.h - the messages of one request and the bytes they point to.
 *
 * Promise:   every byte copied in is wiped when the batch ends.
 * Knows not: gateways.
 */
#ifndef TL_SMS_BATCH_H
#define TL_SMS_BATCH_H

#include "sms/gateway.h"

/* Of one request: what a worker seals in a twentieth of a second. More in one
 * request are kept unread. */
#define SMS_BATCH_MAX 512u

/* Give an empty batch, or NULL if memory is out. */
struct sms_batch *sms_batch_new(void);

/* Add a zeroed message; valid until the next is added. NULL: the batch is
 * full or memory is out, and sms_batch_err() says which. */
struct sms_message *sms_batch_add(struct sms_batch *batch);

/* The i-th message, to be changed. */
struct sms_message *sms_batch_edit(struct sms_batch *batch, size_t i);

/* Copy bytes into the batch; empty bytes stay empty. On failure they come
 * out empty and the error sticks. */
struct bytes sms_batch_keep(struct sms_batch *batch, struct bytes bytes);

/* Those of the n lines that are not empty, in one text with line feeds between
 * them, kept like the above. */
struct bytes sms_batch_lines(
    struct sms_batch *batch, const struct bytes *lines, size_t n);

/* Not all of message can be read: all of request as its bytes. Where it is from
 * stays, and its text, marked SMS_FLAG_LOSSY; without one it is
 * SMS_UNDECODABLE. */
void sms_batch_whole(struct sms_batch *batch, struct sms_message *message,
    const struct sms_request *request);

/* Make room for len bytes (at least 1) that the caller fills; NULL on
 * failure, which sticks. */
uint8_t *sms_batch_room(struct sms_batch *batch, size_t len);

/* What makes the request one of its kind, see sms_batch_nonce(). */
void sms_batch_set_nonce(struct sms_batch *batch, struct bytes nonce);

/* Take over a failure of a writer (TL_OK is fine); the first one sticks. */
void sms_batch_fail(struct sms_batch *batch, enum tl_err err);

/* TL_OK, or the first failure: TL_ENOMEM, TL_ETOOBIG. */
TL_MUST_CHECK enum tl_err sms_batch_err(const struct sms_batch *batch);

/* Wipe and drop all messages; bytes kept so far stay valid. What was
 * TL_ETOOBIG is forgotten. */
void sms_batch_clear(struct sms_batch *batch);

#endif
