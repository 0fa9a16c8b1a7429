/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/range.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static const char unit[] = "bytes=";

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* The digits in front, taken away; what is beyond all files stays beyond.
 * False: there are none. */
static bool take_number(struct bytes *rest, size_t *ret)
{
	size_t number = 0, n = 0;

	for (; n < rest->len && is_digit(rest->at[n]); n++) {
		number = number > SIZE_MAX / 10 - 10
		    ? SIZE_MAX / 10
		    : number * 10 + (size_t)(rest->at[n] - '0');
	}
	*rest = bytes_of(rest->at + n, rest->len - n);
	*ret = number;
	return n > 0;
}

enum range range_read(
    struct bytes value, size_t len, size_t *ret_at, size_t *ret_len)
{
	size_t front = sizeof(unit) - 1, first = 0, last = 0;
	bool has_first, has_last;
	struct bytes rest;

	if (value.len <= front ||
	    strncasecmp((const char *)value.at, unit, front) != 0) {
		return RANGE_WHOLE;
	}
	rest = bytes_of(value.at + front, value.len - front);
	has_first = take_number(&rest, &first);
	if (rest.len == 0 || rest.at[0] != '-') {
		return RANGE_WHOLE;
	}
	rest = bytes_of(rest.at + 1, rest.len - 1);
	has_last = take_number(&rest, &last);
	if (rest.len > 0 || (!has_first && !has_last) ||
	    (has_first && has_last && last < first)) {
		return RANGE_WHOLE; /* several, or none at all */
	}
	if (!has_first) { /* the last ones */
		first = last < len ? len - last : 0;
		has_last = false;
		len = last > 0 ? len : 0;
	}
	if (first >= len) {
		return RANGE_BEYOND;
	}
	*ret_at = first;
	*ret_len = (has_last && last < len ? last + 1 : len) - first;
	return RANGE_PART;
}
