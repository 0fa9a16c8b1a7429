/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/tip_form.h - the fields of the reporter's forms out of a
 * request's body.
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
#include "server/net/urlencoded.h"

#define FORM_IDEM_BYTES    16u
#define FORM_CONTENT_BYTES 32u
#define FORM_VALUES_MAX    URLENCODED_PAIRS_MAX

/* What becomes of a field. */
enum form_kind {
	FORM_TEXT,   /* the text of the report */
	FORM_ANSWER, /* an answer of the report */
	FORM_MANY,   /* the same, as often as it was chosen */
	FORM_DETAIL, /* an answer, if contact is wanted at all */
	FORM_SIGN,   /* judged and dropped */
	FORM_HIDDEN, /* of the page itself: no part of the content */
};

/* name on the wire, what becomes of it, characters at most (0: not judged).
 * A value that no page offers is kept as typed: it may have 100. */
/* clang-format off */
#define FORM_FIELDS(X) \
	X(STORY,    "story",            TEXT,   10000) \
	X(NOW,      "now",              ANSWER, 100) \
	X(COUNTRY,  "where_country",    ANSWER, 100) \
	X(PROVINCE, "where_province",   ANSWER, 100) \
	X(NEAR,     "where_near",       ANSWER, 500) \
	X(IDEM,     "k",                HIDDEN, 0) \
	X(HONEY,    "website",          SIGN,   0) \
	X(STATE,    "s",                HIDDEN, 0) \
	X(STEP,     "g",                HIDDEN, 0) \
	X(GO,       "go",               HIDDEN, 0) \
	X(CODE,     "code",             HIDDEN, 0) \
	X(DO,       "do",               SIGN,   0) \
	X(TICKET,   "w",                HIDDEN, 0) \
	X(PROOF,    "p",                HIDDEN, 0) \
	X(WHO,      "who",              ANSWER, 100) \
	X(COUNT,    "count",            ANSWER, 100) \
	X(MINOR,    "minor",            ANSWER, 100) \
	X(IND,      "ind",              MANY,   100) \
	X(WORK,     "work",             MANY,   100) \
	X(HOW,      "how",              MANY,   100) \
	X(APP,      "how_app",          ANSWER, 100) \
	X(PERP,     "perp",             ANSWER, 2000) \
	X(SHARE,    "share",            ANSWER, 100) \
	X(KNOWS,    "share_knows",      ANSWER, 100) \
	X(CONTACT,  "contact",          ANSWER, 100) \
	X(NUMBER,   "contact_number",   DETAIL, 100) \
	X(WHEN,     "contact_when",     DETAIL, 200) \
	X(MESSAGE,  "contact_message",  DETAIL, 100) \
	X(SAY,      "contact_say",      DETAIL, 100) \
	X(COVER,    "contact_cover",    DETAIL, 200) \
	X(SAFEWORD, "contact_safeword", DETAIL, 100) \
	X(WATCHED,  "contact_watched",  DETAIL, 100) \
	X(LANG,     "lang",             ANSWER, 100) \
	X(VOICE,    "lang_voice",       ANSWER, 100) \
	X(OFFICIAL, "official",         ANSWER, 100) \
	X(NOTE,     "official_note",    ANSWER, 1000)
/* clang-format on */

#define FORM_ENUM(name, wire, kind, chars) FORM_##name,
enum tip_field {
	FORM_FIELDS(FORM_ENUM) FORM_FIELDS_END,
};
#undef FORM_ENUM

struct form_value {
	enum tip_field field;
	struct bytes value; /* into decoded */
};

struct tip_form {
	struct bytes fields[FORM_FIELDS_END];      /* the first of each */
	struct form_value values[FORM_VALUES_MAX]; /* all that are not empty */
	size_t n_values;
	struct buf decoded;
	bool has_idem; /* the hidden key came and is one */
	uint8_t idem[FORM_IDEM_BYTES];
};

/*
 * Read body, sent as content_type. Gives *ret_form: end it with
 * tip_form_free(). TL_EINVAL: neither urlencoded nor multipart (415).
 * TL_EFORMAT: broken, or a field twice that is not chosen often (400).
 * TL_ETOOBIG, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err tip_form_read(
    struct bytes content_type, struct bytes body, struct tip_form *ret_form);

/* Wipe and free. A zeroed struct is fine. */
void tip_form_free(struct tip_form *form);

/* A hash of all that the reporter filled in, without the hidden fields: the
 * same form sent again has the same one. */
void tip_form_content(const struct tip_form *form,
    uint8_t ret_content[static FORM_CONTENT_BYTES]);

/* Wire name of a field. */
const char *tip_form_field_name(enum tip_field field);

/* A value of this field becomes an answer of the report. How one may be
 * reached is none where no contact is wanted. */
bool tip_form_is_answer(const struct tip_form *form, enum tip_field field);

/* The field has more characters than it may have. */
bool tip_form_is_long(const struct tip_form *form, enum tip_field field);

/* Nothing but white space. */
bool tip_form_is_blank(const struct tip_form *form, enum tip_field field);

/* Characters (not bytes) of UTF-8; broken bytes count one each. */
size_t tip_form_count_chars(struct bytes text);

#endif
