/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/case_keys.h - the keys by which desks believe each other's changes of
 * cases.
 *
 * Promise:   what this desk signs, this desk and the others that have its
 *            public half believe; nobody else is believed.
 * Runs in:   the desk's store, tipline.
 * Disk:      case_keys_load() reads the key files.
 */
#ifndef TL_DESK_CASE_KEYS_H
#define TL_DESK_CASE_KEYS_H

#include "config/config.h"
#include "queue/cases.h"

/* Of other desks, and this one's own. */
#define CASE_KEYS_MAX 33u

struct case_keys {
	uint8_t *sign; /* secret memory */
	uint8_t verify[CASE_KEYS_MAX][32];
	size_t n_verify;
};

/*
 * Read desk.signing_key, whose public half is one of those to believe, and
 * desk.case_keys. What is wrong was said. TL_EINVAL: not set, or too many;
 * errors as keyfile_load(), TL_ENOMEM. End it with case_keys_free().
 */
TL_MUST_CHECK enum tl_err case_keys_load(
    const struct config_desk *desk, struct case_keys *keys);
/* A zeroed one is fine. */
void case_keys_free(struct case_keys *keys);

/* For cases_opts; keys is borrowed. */
struct cases_trust case_keys_trust(struct case_keys *keys);

/* Has one of these desks made the record, with what is sealed in it? */
bool case_keys_hold(
    const struct case_keys *keys, const struct case_record *record);

#endif
