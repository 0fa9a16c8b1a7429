/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/partners.h - the directory of those to whom cases can be handed: a file
 * of the operator's, since contacts change and none is compiled in. Format:
 * docs/FORMAT.md, "Partners".
 *
 * Promise:   a directory that loads is whole: names unique, keys usable,
 *            dates real, no member that is not known. What is wrong is said
 *            with the partner's id and the member.
 * Knows not: tips, who may be told what: desk/gate.h.
 * Runs in:   the desk, `tipline check`. Pure but for partners_load().
 * Disk:      reads the file it is given.
 */
#ifndef TL_DESK_PARTNERS_H
#define TL_DESK_PARTNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/partner.h"

#define PARTNERS_MAX       512u
#define PARTNERS_MAX_BYTES (1024u * 1024u)
/* A contact that was not verified for so long cannot receive. */
#define PARTNERS_FRESH_DAYS 90
#define PARTNERS_PROVINCES  25u

/* clang-format off */
#define PARTNER_KINDS(X) \
	X(POLICE, "police") X(NGO, "ngo") X(AFTERCARE, "aftercare") \
	X(EMBASSY, "embassy") X(CHILDLINE, "childline") \
	X(FOREIGN_LINE, "foreign-line") X(INTERPRETER, "interpreter")
/* clang-format on */
#define PARTNER_ENUM(name, text) PARTNER_##name,
enum partner_kind { PARTNER_KINDS(PARTNER_ENUM) PARTNER_KINDS_END };
#undef PARTNER_ENUM

const char *partner_kind_name(enum partner_kind kind);

struct partner {
	const char *id;   /* a-z, 0-9, '-'; at most 32 */
	const char *name; /* as people know it */
	enum partner_kind kind;
	uint32_t onward;      /* 1 << enum partner_kind: to whom it passes on */
	uint32_t provinces;   /* 1 << number; 0: everywhere */
	int32_t verified_day; /* days since 1970 */
	uint8_t key[PARTNER_PUBLIC_BYTES];
	const json_t *json; /* its entry, for what is only shown */
};                          /* borrows from the directory */

struct partners {
	struct partner *items; /* in the file's order */
	size_t n;
	json_t *json;
};

/* What is wrong and where: words of ours, and the id of the partner, if it has
 * one. */
struct partners_fault {
	char text[200];
};

/*
 * Read the directory from JSON text. Gives *ret: end it with partners_free().
 * TL_EFORMAT, and *ret_fault says why; TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err partners_parse(
    struct bytes text, struct partners *ret, struct partners_fault *ret_fault);

/* The same from a file. TL_ENOENT, TL_EIO, TL_ETOOBIG. */
TL_MUST_CHECK enum tl_err partners_load(
    const char *path, struct partners *ret, struct partners_fault *ret_fault);

/* NULL: there is none of this id. */
const struct partner *partners_find(
    const struct partners *partners, const char *id);

/* The names of its persons, one by one, until fn says true: that comes back. */
bool partner_any_person(const struct partner *partner,
    bool (*fn)(const char *name, void *arg), void *arg);

/* A zeroed one is fine. */
void partners_free(struct partners *partners);

#endif
