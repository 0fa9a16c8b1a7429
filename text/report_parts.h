/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report_parts.h - a report document as jansson has it, for the files
 * that read and show it.
 */
#ifndef TL_TEXT_REPORT_PARTS_H
#define TL_TEXT_REPORT_PARTS_H

#include <jansson.h>

#include "text/report.h"

/* The caller's: json_decref(). NULL: no report, or no memory. */
json_t *report_load(struct bytes doc);

/* The same; TL_EFORMAT: it is no report. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err report_take(struct bytes doc, json_t **ret);

/* What the reporter wrote, as a person reads it: where a gateway brought it in
 * base64, what that says. Borrowed; NULL: there is none. */
const json_t *report_words(const json_t *report);

/* The bytes of a member in hexadecimal, if it is exactly len of them. */
bool report_hex(
    const json_t *object, const char *key, uint8_t *bytes, size_t len);

/* As report_likeness(). */
bool report_likeness_of(
    const json_t *json, uint8_t ret_likeness[static LIKENESS_BYTES]);

void report_reply_of(const json_t *json, struct report_reply *ret_reply);

#endif
