/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/zone.h"

#include <string.h>

#define DAY_MIN 1440

/* Of one country: where clocks differ, the first and the last of them. Codes
 * of ITU-T E.164; times of the tz database. */
static const struct zone {
	const char *code, *region;
	unsigned country; /* of the form's where_country; 0: none of them */
	int first_min, last_min;
} zones[] = {
	{ "+855", "KH", 1, 420, 420 },
	{ "+66", "TH", 2, 420, 420 },
	{ "+86", "CN", 3, 480, 480 },
	{ "+60", "MY", 4, 480, 480 },
	{ "+84", "VN", 5, 420, 420 },
	{ "+95", "MM", 6, 390, 390 },
	{ "+856", "LA", 7, 420, 420 },
	{ "+62", "ID", 0, 420, 540 },
	{ "+63", "PH", 0, 480, 480 },
	{ "+65", "SG", 0, 480, 480 },
	{ "+81", "JP", 0, 540, 540 },
	{ "+82", "KR", 0, 540, 540 },
	{ "+852", "HK", 0, 480, 480 },
	{ "+853", "MO", 0, 480, 480 },
	{ "+880", "BD", 0, 360, 360 },
	{ "+886", "TW", 0, 480, 480 },
	{ "+91", "IN", 0, 330, 330 },
	{ "+92", "PK", 0, 300, 300 },
	{ "+94", "LK", 0, 330, 330 },
	{ "+971", "AE", 0, 240, 240 },
	{ "+977", "NP", 0, 345, 345 },
};
#define ZONES (sizeof(zones) / sizeof(zones[0]))

static bool read_time(const char *at, unsigned *ret_min)
{
	unsigned digits[5];

	for (size_t i = 0; i < 5; i++) {
		if (i == 2 ? at[i] != ':' : at[i] < '0' || at[i] > '9') {
			return false;
		}
		digits[i] = (unsigned)(at[i] - '0');
	}
	*ret_min =
	    (digits[0] * 10 + digits[1]) * 60 + digits[3] * 10 + digits[4];
	return digits[3] < 6 && *ret_min <= DAY_MIN;
}

bool zone_hours_read(const char *text, unsigned *ret_from, unsigned *ret_to)
{
	unsigned from, to;

	if (strlen(text) != 11 || text[5] != '-' || !read_time(text, &from) ||
	    !read_time(text + 6, &to) || from == DAY_MIN) {
		return false;
	}
	*ret_from = from;
	*ret_to = to;
	return true;
}

static const struct zone *zone_of_number(const char *number)
{
	for (size_t i = 0; i < ZONES; i++) {
		if (strncmp(number, zones[i].code, strlen(zones[i].code)) ==
		    0) {
			return &zones[i];
		}
	}
	return NULL;
}

static const struct zone *zone_of_country(unsigned country)
{
	for (size_t i = 0; i < ZONES; i++) {
		if (country != 0 && zones[i].country == country) {
			return &zones[i];
		}
	}
	return NULL;
}

static size_t add(const struct zone *zone, int64_t now_s, size_t n,
    unsigned ret_minutes[static ZONE_MAX])
{
	int64_t utc_min = now_s / 60 % DAY_MIN;

	if (zone == NULL) {
		return n;
	}
	ret_minutes[n++] = (unsigned)((utc_min + zone->first_min) % DAY_MIN);
	if (zone->last_min != zone->first_min) {
		ret_minutes[n++] =
		    (unsigned)((utc_min + zone->last_min) % DAY_MIN);
	}
	return n;
}

size_t zone_minutes(const char *number, unsigned country, int64_t now_s,
    unsigned ret_minutes[static ZONE_MAX])
{
	const struct zone *from = zone_of_number(number);
	const struct zone *at = zone_of_country(country);
	size_t n = 0;

	/* at sea, or in another country: no table knows the hour there */
	if (from != NULL && now_s >= 0 && (country == 0 || at != NULL)) {
		n = add(from, now_s, n, ret_minutes);
		n = add(at == from ? NULL : at, now_s, n, ret_minutes);
	}
	return n;
}

const char *zone_code(const char *region, unsigned *ret_country)
{
	for (size_t i = 0; i < ZONES; i++) {
		if (strcmp(zones[i].region, region) == 0) {
			*ret_country = zones[i].country;
			return zones[i].code;
		}
	}
	return NULL;
}
