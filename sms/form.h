/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/form.h - the lenient form decoder for gateways (queries and bodies).
 *
 * Promise:   nothing is trimmed, and nothing but a flood of fields is refused:
 *            split at & only, empty pieces skipped, split at the first =, + is
 *            a space, %XY a byte, a broken % stays as it is. Names are bytes
 *            with case. multipart/form-data is read as strictly as of browsers.
 * Knows not: which fields a gateway has, UTF-8. The strict decoder for
 *            browsers is another one.
 */
#ifndef TL_SMS_FORM_H
#define TL_SMS_FORM_H

#include "base/bytes.h"
#include "base/err.h"

struct form_pair {
	struct bytes name, value;
	struct bytes filename; /* at == NULL: a field, and no file */
};

struct form; /* owns the decoded bytes and wipes them */

/* More than any gateway sends: a stranger must not make us sort more. */
#define FORM_PAIRS_MAX 1024u

/* Gives *ret_form: end it with form_free(). Borrows encoded for the call.
 * TL_EFORMAT: more than FORM_PAIRS_MAX. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err form_decode(
    struct bytes encoded, struct form **ret_form);
/* The same for multipart/form-data. TL_EFORMAT: not that, or not as browsers
 * write it, or cut. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err form_decode_multipart(
    struct bytes content_type, struct bytes body, struct form **ret_form);
void form_free(struct form *form); /* NULL is fine */

size_t form_count(const struct form *form);
/* In the order of arrival. */
const struct form_pair *form_at(const struct form *form, size_t i);

/* The value of the last pair of that name, or NULL. */
const struct bytes *form_last(const struct form *form, const char *name);
/* The same, or empty bytes. */
struct bytes form_value(const struct form *form, const char *name);

/* Sort by name, then by value, as bytes. */
void form_sort(struct form *form);

/* Decode one piece: %XY, and + as a space if plus. to has room for
 * piece.len bytes; returns how many were written. */
size_t form_unescape(struct bytes piece, bool plus, uint8_t *to);

#endif
