/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/units.h"

#include <stdint.h>

#include "text/gsm7.h"
#include "text/utf8.h"

/* One part; each of several, which have 6 bytes less. */
#define GSM7_ONE  160u
#define GSM7_EACH 153u
#define UCS2_ONE  70u
#define UCS2_EACH 67u

static unsigned units_of(uint32_t point, bool ucs2)
{
	if (ucs2) {
		return point > 0xffff ? 2 : 1;
	}
	return gsm7_septets(point);
}

/* Parts, when no sign is cut in two. False: a sign is not in the alphabet. */
static bool count(struct bytes text, bool ucs2, struct sms_units *ret)
{
	const size_t one = ucs2 ? UCS2_ONE : GSM7_ONE;
	const size_t each = ucs2 ? UCS2_EACH : GSM7_EACH;
	struct sms_units units = { .ucs2 = ucs2 };
	size_t in_part = 0;
	unsigned parts = 1;

	while (text.len > 0) {
		uint32_t point = 0;
		size_t bad = 0;
		size_t len = utf8_read(text, &point, &bad);
		unsigned takes = units_of(point, ucs2);

		if (takes == 0) {
			return false;
		}
		if (in_part + takes > each) {
			parts++;
			in_part = 0;
		}
		in_part += takes;
		units.units += takes;
		units.signs++;
		text = bytes_of(text.at + len, text.len - len);
	}
	units.parts = units.units == 0 ? 0 : units.units <= one ? 1 : parts;
	units.ends_full = units.units == one || in_part == each;
	*ret = units;
	return true;
}

bool sms_units(struct bytes text, struct sms_units *ret_units)
{
	return utf8_valid(text) &&
	    (count(text, false, ret_units) || count(text, true, ret_units));
}
