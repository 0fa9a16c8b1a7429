/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/tip_form.h - the fields of step A out of a request's body.
 *
 * Promise:   every byte of the known fields comes out as it was sent,
 *            whichever of the two form encodings the browser used; unknown
 *            fields and files are dropped.
 * Knows not: what the answers mean.
 * Runs in:   workers. Values are plaintext: wiped by tip_form_free().
 */
#ifndef TL_INTAKE_TIP_FORM_H
#define TL_INTAKE_TIP_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define FORM_IDEM_BYTES    16u
#define FORM_CONTENT_BYTES 32u

/* name on the wire, whether it is kept in the report as an answer */
/* clang-format off */
#define FORM_FIELDS(X) \
	X(STORY,    "story",          false) \
	X(NOW,      "now",            true) \
	X(COUNTRY,  "where_country",  true) \
	X(PROVINCE, "where_province", true) \
	X(NEAR,     "where_near",     true) \
	X(IDEM,     "k",              false) \
	X(HONEY,    "website",        false)
/* clang-format on */

#define FORM_ENUM(name, wire, answer) FORM_##name,
enum tip_field {
	FORM_FIELDS(FORM_ENUM) FORM_FIELDS_END,
};
#undef FORM_ENUM

struct tip_form {
	struct bytes fields[FORM_FIELDS_END]; /* into decoded */
	struct buf decoded;
	bool has_idem; /* the hidden key came and is one */
	uint8_t idem[FORM_IDEM_BYTES];
};

/*
 * Read body, sent as content_type. Gives *ret_form: end it with
 * tip_form_free(). TL_EINVAL: neither urlencoded nor multipart (415).
 * TL_EFORMAT: broken, or a field twice (400). TL_ETOOBIG, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err tip_form_read(
    struct bytes content_type, struct bytes body, struct tip_form *ret_form);

/* Wipe and free. A zeroed struct is fine. */
void tip_form_free(struct tip_form *form);

/* A hash of all that the reporter filled in, without the key: the same form
 * sent again has the same one. */
void tip_form_content(const struct tip_form *form,
    uint8_t ret_content[static FORM_CONTENT_BYTES]);

/* Wire name of a field, and whether it is an answer of the report. */
const char *tip_form_field_name(enum tip_field field);
bool tip_form_field_is_answer(enum tip_field field);

/* Characters (not bytes) of UTF-8; broken bytes count one each. */
size_t tip_form_count_chars(struct bytes text);

#endif
