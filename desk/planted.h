/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/planted.h - is this opened report one of our own test texts?
 *
 * Runs in:   tipline, the desk. Disk: reads desk.canary_file.
 */
#ifndef TL_DESK_PLANTED_H
#define TL_DESK_PLANTED_H

#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "config/config.h"

/* What desk.canary_file holds, in secret memory: the caller ends it with
 * secret_free(); NULL if none is set. TL_EPERM, said. */
TL_MUST_CHECK enum tl_err planted_load(
    const struct config_desk *desk, char **ret_secret);

/* The form's doors in test texts, where a gateway's have its name; no gateway
 * can have such a one. */
#define PLANTED_WEB   "web test"
#define PLANTED_ONION "onion test"

/* The door for which the report has a test text, and nothing else, if it came
 * by the form; or NULL. */
const char *planted_form(const char *secret, const json_t *report);

/* Whether the report came by a gateway or the form with a text of
 * sms/canary.h, and with no answer, file or media beside it. Without a secret
 * (NULL) nothing is. */
bool planted_is(const char *secret, const json_t *report);

/* The same for the document's bytes. */
bool planted_doc_is(const char *secret, struct bytes doc);

#endif
