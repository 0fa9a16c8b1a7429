/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/custom_reading.h - how the requests of a custom gateway are read, out of
 * its options custom_fields and custom_reading.
 *
 * Promise:   a word that is not known is a fault, never passed over.
 * Knows not: proof and answer: sms/custom.c.
 * Runs in:   as sms/custom.h.
 * Disk:      none.
 */
#ifndef TL_SMS_CUSTOM_READING_H
#define TL_SMS_CUSTOM_READING_H

#include "sms/custom.h"

/* The first, then the other. Both return NULL, or a literal that says what is
 * wrong. Fields that are not named have our own names. */
const char *custom_reading_fields(const char *words, struct sms_custom *custom);
const char *custom_reading(const char *words, struct sms_custom *custom);

#endif
