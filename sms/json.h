/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/json.h - JSON bodies of gateways that have proved themselves.
 *
 * U+0000 in a string is a character; of members that come twice the last
 * counts; unknown members are ignored. What jansson refuses (a lone
 * surrogate escape, bytes that are not UTF-8) is TL_EFORMAT: the request is
 * then kept whole.
 */
#ifndef TL_SMS_JSON_H
#define TL_SMS_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

#define SMS_JSON_DEPTH_MAX 16u

/* An object, given: json_decref() ends it. TL_EFORMAT: not JSON, not an
 * object, or deeper than SMS_JSON_DEPTH_MAX. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err sms_json_load(struct bytes text, json_t **ret_object);

/* The string called key, borrowed from object; empty if it is missing or
 * null. False: it is there and no string. */
TL_MUST_CHECK bool sms_json_text(
    const json_t *object, const char *key, struct bytes *ret_text);

#endif
