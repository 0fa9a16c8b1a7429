/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/htcds.h - what a referral says in the words of the Human Trafficking
 * Case Data Standard 2.0 (IOM, CC BY 4.0), by data/htcds.tsv.
 *
 * Promise:   what is not known is left out. No name, sex, age or number of a
 *            paper; no trafficking status, which a person decides; nothing of
 *            officials; no word that somebody wrote but by its bit of include.
 *            What is said of the person is of the person alone: a language or a
 *            number of somebody else who wrote is not.
 * Knows not: whether it may go.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_HTCDS_H
#define TL_DESK_HTCDS_H

#include <jansson.h>

#include "desk/referral.h"

/* Set the fields of HTCDS in object. False: memory is out, or a text is no
 * UTF-8. */
bool htcds_put(json_t *object, const struct referral *referral);

#endif
