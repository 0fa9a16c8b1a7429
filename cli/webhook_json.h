/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/webhook_json.h - a request for sms/, and its verdict as JSON with the
 * member names of the test vectors.
 *
 * Runs in:   the tipline command.
 */
#ifndef TL_CLI_WEBHOOK_JSON_H
#define TL_CLI_WEBHOOK_JSON_H

#include <jansson.h>

#include "sms/gateway.h"

/* What sms_take() gave. */
struct webhook_taken {
	struct sms_batch *batch; /* sms_batch_free() ends it */
	enum sms_verdict verdict;
	const char *why;
};

/* What follows the host of an address, without its query. Borrows. */
struct bytes webhook_url_path(const char *url);

/*
 * Whether the intake would hand a request for path to this gateway, whose
 * addresses are those that it was given: with the segment that is its secret,
 * or without. *ret_segment is that of path; it borrows.
 */
bool webhook_path(const struct sms_gateway *gateway, struct bytes path,
    struct bytes *ret_segment);

/* "accept" or "reject". */
const char *webhook_result(enum sms_verdict verdict);

/*
 * One message is an object; several are {"count", "messages"}, none is
 * {"count": 0}. NULL if memory is out. Members that are empty are left out,
 * the text of a text excepted. Bytes that are not UTF-8 become U+FFFD.
 */
json_t *webhook_message(const struct sms_batch *batch);

/* Remarks on all messages together, as words. */
json_t *webhook_flags(const struct sms_batch *batch);

/* {"status", "type", "body", "challenge", "drop"}; status is null where the
 * connection is closed without a byte. */
json_t *webhook_answer(const struct sms_answer *answer);

/* The answer that goes out after this verdict, if storing works. */
const struct sms_answer *webhook_answer_of(
    const struct sms_gateway *gateway, enum sms_verdict verdict);

#endif
