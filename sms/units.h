/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/units.h - how many short messages a text takes: 3GPP TS 23.038, and
 * 23.040 section 9.2.3.24 for several parts.
 *
 * Promise:   never fewer than a network will make of it: one sign outside of
 *            the GSM alphabet turns all of it to UCS-2, and no pair of
 *            surrogates, and no escape, is cut in two.
 * Runs in:   the desk, workers of the intake. Pure.
 * Disk:      none.
 */
#ifndef TL_SMS_UNITS_H
#define TL_SMS_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct sms_units {
	bool ucs2;      /* else the GSM alphabet */
	size_t units;   /* UTF-16 units, or septets */
	unsigned parts; /* 0: an empty text */
	size_t signs;   /* code points */
	/* It ends where a part does, of one or of several: not one unit more
	 * had room there. */
	bool ends_full;
};

/* False: text is no UTF-8. */
bool sms_units(struct bytes text, struct sms_units *ret_units);

#endif
