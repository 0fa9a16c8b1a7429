/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/when.h"

#include <string.h>
#include <time.h>

#define DIGITS_MAX 15u

enum tl_err when_digits(struct bytes text, int64_t *ret_value)
{
	int64_t value = 0;

	if (text.len == 0 || text.len > DIGITS_MAX) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9') {
			return TL_EFORMAT;
		}
		value = value * 10 + (text.at[i] - '0');
	}
	*ret_value = value;
	return TL_OK;
}

/* len digits at from; -1 if they are not there. */
static int field(struct bytes text, size_t from, size_t len)
{
	int64_t value;

	if (from + len > text.len ||
	    when_digits(bytes_of(text.at + from, len), &value) != TL_OK) {
		return -1;
	}
	return (int)value;
}

/* "Z" or "+hh:mm" as seconds. */
static enum tl_err read_offset(struct bytes text, int64_t *ret_s)
{
	int hours, minutes;

	if (text.len == 1 && (text.at[0] == 'Z' || text.at[0] == 'z')) {
		*ret_s = 0;
		return TL_OK;
	}
	if (text.len != 6 || (text.at[0] != '+' && text.at[0] != '-') ||
	    text.at[3] != ':') {
		return TL_EFORMAT;
	}
	hours = field(text, 1, 2);
	minutes = field(text, 4, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
		return TL_EFORMAT;
	}
	*ret_s = (hours * 60 + minutes) * 60 * (text.at[0] == '-' ? -1 : 1);
	return TL_OK;
}

enum tl_err when_offset(struct bytes text, int64_t *ret_s)
{
	char strict[6];

	if (text.len != 5) {
		return read_offset(text, ret_s);
	}
	memcpy(strict, text.at, 3);
	strict[3] = ':';
	memcpy(strict + 4, text.at + 3, 2);
	return read_offset(bytes_of(strict, sizeof(strict)), ret_s);
}

/* "YYYY-MM-DDThh:mm:ss", each field in its range. */
static enum tl_err read_fields(struct bytes text, struct tm *ret_tm)
{
	static const char marks[] = "    -  -  T  :  :";
	static const struct {
		size_t from, len;
		int min, max;
	} rows[] = {
		{ 0, 4, 1970, 9999 },
		{ 5, 2, 1, 12 },
		{ 8, 2, 1, 31 },
		{ 11, 2, 0, 23 },
		{ 14, 2, 0, 59 },
		{ 17, 2, 0, 60 },
	};
	int value[6];

	for (size_t i = 0; i < sizeof(marks) - 1; i++) {
		if (marks[i] != ' ' && text.at[i] != marks[i] &&
		    !(marks[i] == 'T' && text.at[i] == 't')) {
			return TL_EFORMAT;
		}
	}
	for (size_t i = 0; i < 6; i++) {
		value[i] = field(text, rows[i].from, rows[i].len);
		if (value[i] < rows[i].min || value[i] > rows[i].max) {
			return TL_EFORMAT;
		}
	}
	*ret_tm = (struct tm){
		.tm_year = value[0] - 1900,
		.tm_mon = value[1] - 1,
		.tm_mday = value[2],
		.tm_hour = value[3],
		.tm_min = value[4],
		.tm_sec = value[5],
	};
	return TL_OK;
}

enum tl_err when_rfc3339(struct bytes text, int64_t *ret_s)
{
	size_t at = sizeof("YYYY-MM-DDThh:mm:ss") - 1;
	struct tm tm;
	int64_t offset_s;
	enum tl_err err;

	if (text.len <= at) {
		return TL_EFORMAT;
	}
	err = read_fields(text, &tm);
	if (err != TL_OK) {
		return err;
	}
	if (text.at[at] == '.') {
		size_t first = ++at;

		while (
		    at < text.len && text.at[at] >= '0' && text.at[at] <= '9') {
			at++;
		}
		if (at == first) {
			return TL_EFORMAT;
		}
	}
	err = read_offset(bytes_of(text.at + at, text.len - at), &offset_s);
	if (err == TL_OK) {
		*ret_s = (int64_t)timegm(&tm) - offset_s;
	}
	return err;
}

enum tl_err when_any(struct bytes text, int64_t *ret_s)
{
	/* 2026-11-21T22:26:38, 9 digits of a second, +00:00 */
	char strict[36];
	size_t date = sizeof("YYYY-MM-DD") - 1;
	size_t time, len;

	if (text.len < date + 8 || text.len + 3 > sizeof(strict)) {
		return TL_EFORMAT;
	}
	memcpy(strict, text.at, date);
	strict[date] = 'T';
	time = date;
	if (text.at[time] == 'T' || text.at[time] == 't' ||
	    text.at[time] == ' ') {
		time++;
	}
	len = date + 1;
	memcpy(strict + len, text.at + time, text.len - time);
	len += text.len - time;
	if (len > 5 && (strict[len - 5] == '+' || strict[len - 5] == '-') &&
	    len - 5 > date) {
		memmove(strict + len - 1, strict + len - 2, 2);
		strict[len - 2] = ':';
		len++;
	} else if (memchr(strict + date, '+', len - date) == NULL &&
	    memchr(strict + date, '-', len - date) == NULL &&
	    strict[len - 1] != 'Z' && strict[len - 1] != 'z') {
		strict[len++] = 'Z';
	}
	return when_rfc3339(bytes_of(strict, len), ret_s);
}

/* As RFC 3339, which knows what a date is. */
enum tl_err when_rfc2822(struct bytes text, int64_t *ret_s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char form[] = "Sat, 21 Nov 2026 22:26:38 +0000";
	char strict[sizeof("2026-11-21T22:26:38+00:00")];
	const char *at = (const char *)text.at;
	unsigned month = 0;

	if (text.len != sizeof(form) - 1) {
		return TL_EFORMAT;
	}
	for (size_t i = 3; i < text.len; i++) {
		if ((form[i] == ' ' || form[i] == ',') && at[i] != form[i]) {
			return TL_EFORMAT;
		}
	}
	while (month < 12 && memcmp(months + month * 3, at + 8, 3) != 0) {
		month++;
	}
	if (month == 12) {
		return TL_EFORMAT;
	}
	memcpy(strict, at + 12, 4);
	strict[4] = '-';
	strict[5] = (char)('0' + (month + 1) / 10);
	strict[6] = (char)('0' + (month + 1) % 10);
	strict[7] = '-';
	memcpy(strict + 8, at + 5, 2);
	strict[10] = 'T';
	memcpy(strict + 11, at + 17, 8);
	memcpy(strict + 19, at + 26, 3);
	strict[22] = ':';
	memcpy(strict + 23, at + 29, 2);
	return when_rfc3339(bytes_of(strict, sizeof(strict) - 1), ret_s);
}
