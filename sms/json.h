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

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "sms/batch.h"

#define SMS_JSON_DEPTH_MAX 16u

/* An object, given: json_decref() ends it. TL_EFORMAT: not JSON, not an
 * object, or deeper than SMS_JSON_DEPTH_MAX. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err sms_json_load(struct bytes text, json_t **ret_object);

/* The string called key, borrowed from object; empty if it is missing or
 * null. False: it is there and no string. */
TL_MUST_CHECK bool sms_json_text(
    const json_t *object, const char *key, struct bytes *ret_text);

/* Like sms_json_load(), but an array is right as well. */
TL_MUST_CHECK enum tl_err sms_json_load_any(
    struct bytes text, json_t **ret_json);

/* Append text as it would be if nothing in it were cut in two: U+FFFD for each
 * escape of half a surrogate pair, and for bytes that are no UTF-8. */
void sms_json_mend(struct bytes text, struct buf *out);

/* The value at "data.to.0.number": members, and numbers of arrays. NULL if
 * there is none. */
const json_t *sms_json_at(const json_t *json, const char *path);

/* Like sms_json_text() for a path. */
TL_MUST_CHECK bool sms_json_at_text(
    const json_t *json, const char *path, struct bytes *ret_text);

/* Whether the string at path is text. */
bool sms_json_at_is(const json_t *json, const char *path, const char *text);

/* Paths of what every message has; NULL: it has none. subject is the line that
 * stands over the text of an MMS, and comes as the first of it. */
struct sms_json_names {
	const char *id, *from, *to, *text, *time, *subject;
};

/* Copy those into message; a time that cannot be read is left out. False if
 * one of them is no string. The id comes first, then the sender, so that a
 * message that cannot be read has them. */
TL_MUST_CHECK bool sms_json_message(const json_t *json,
    const struct sms_json_names *names, struct sms_batch *batch,
    struct sms_message *message);

/* A number of parts, 0 to 255: an integer or a string of digits. */
unsigned sms_json_count(const json_t *value);

/* An array of objects with an address and a type, or of addresses. */
void sms_json_media(const json_t *array, const char *url, const char *type,
    struct sms_batch *batch, struct sms_message *message);

/* What object has in base64 at data, as a file called as it says at name.
 * False: it cannot be read, or there are SMS_FILES_MAX already. */
TL_MUST_CHECK bool sms_json_file(const json_t *object, const char *name,
    const char *data, struct sms_batch *batch, struct sms_message *message);

/* An array of objects with a name and bytes in base64: files that came with the
 * message. False: one of them cannot be read, or there are more than
 * SMS_FILES_MAX. */
TL_MUST_CHECK bool sms_json_files(const json_t *array, const char *name,
    const char *data, struct sms_batch *batch, struct sms_message *message);

/* Reads one JSON value; see sms_adapter.parse. */
typedef enum tl_err (*sms_json_fn)(
    const json_t *json, struct sms_batch *batch, const char **ret_why);
/* Load text, array or object, and hand it to read. TL_EFORMAT and its
 * sentence as sms_adapter.parse. */
TL_MUST_CHECK enum tl_err sms_json_parse(struct bytes text, sms_json_fn read,
    struct sms_batch *batch, const char **ret_why);

#endif
