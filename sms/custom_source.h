/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/custom_source.h - a request of a custom gateway as something that has
 * fields, be it a form of either kind, JSON, or a query beside a text.
 */
#ifndef TL_SMS_CUSTOM_SOURCE_H
#define TL_SMS_CUSTOM_SOURCE_H

#include "sms/adapter.h"
#include "sms/custom.h"

struct custom_source {
	const struct sms_custom *custom;
	struct form *form; /* of the body, or of the query */
	json_t *json;
	char number[32]; /* a field that is an integer in JSON */
	bool is_odd; /* a field of JSON is there and no text: read nothing */
};

/* Borrows custom. TL_EFORMAT: no JSON, no multipart. TL_ENOMEM. End it with
 * custom_source_free() in every case. */
TL_MUST_CHECK enum tl_err custom_source_open(const struct sms_custom *custom,
    const struct sms_request *request, struct custom_source *ret_source);
/* The same of JSON that cannot be read where a gateway has cut an emoji in two,
 * to find the proof in it and nothing else. TL_EFORMAT too where it is no JSON;
 * *ret_source is then as it was. */
TL_MUST_CHECK enum tl_err custom_source_open_mended(
    const struct sms_custom *custom, const struct sms_request *request,
    struct custom_source *ret_source);
void custom_source_free(struct custom_source *source);

/* The field called name (in JSON: at that path), borrowed until the next call.
 * at is NULL if it is not there. */
struct bytes custom_value(struct custom_source *source, const char *name);
struct bytes custom_field_of(
    struct custom_source *source, enum custom_field field);

/* The gateway's time to message, if it says one that can be read. */
void custom_time(struct custom_source *source, struct sms_message *message);

/* What the text is written in: as the coding field says, where there is one. */
enum sms_encoding custom_charset(struct custom_source *source);

/* The bytes that a text field spells, of it or of batch; false: none. */
bool custom_unwrap(const struct sms_custom *custom, struct bytes field,
    struct sms_batch *batch, struct bytes *ret);

/* Files that come with the fields, to message. False: more than it holds. */
bool custom_files(const struct custom_source *source, struct sms_batch *batch,
    struct sms_message *message);

#endif
