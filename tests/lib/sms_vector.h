/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/sms_vector.h - a vector of tests/vectors/sms.json or gateways.json
 * as a gateway and its request. Their settings are in the file's description:
 * region KH, senders without plus are national for these gateways.
 */
#ifndef TL_TESTS_LIB_SMS_VECTOR_H
#define TL_TESTS_LIB_SMS_VECTOR_H

#include <jansson.h>
#include <stdbool.h>

#include "sms/custom.h"
#include "sms/gateway.h"

#define SMS_VECTOR_HEADERS_MAX    16u
#define SMS_VECTOR_BODY_MAX_BYTES 65536u

/* Points into itself and into json. */
struct sms_vector {
	const json_t *json;
	struct sms_gateway gateway;
	struct sms_request request;
	struct sms_header headers[SMS_VECTOR_HEADERS_MAX];
	struct sms_custom custom;
	char names[SMS_VECTOR_HEADERS_MAX][64];
	char url[1024];
	uint8_t body[SMS_VECTOR_BODY_MAX_BYTES];
};

/* False if there is no adapter for it; ends by an assertion if it cannot be
 * read. */
bool sms_vector_load(struct sms_vector *v, const json_t *json);

/* The text of that name, or "". */
const char *sms_vector_member(const json_t *json, const char *key);

#endif
