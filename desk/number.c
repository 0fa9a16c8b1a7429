/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/number.h"

#include <string.h>

#include "base/buf.h"
#include "desk/zone.h"
#include "text/fold.h"

#define DIGITS_MIN 7u
#define DIGITS_MAX 15u

/* The digits in any alphabet, as ASCII. TL_EINVAL: there is something else. */
static enum tl_err digits_of(struct bytes typed, struct buf *out)
{
	struct fold fold = { 0 };
	struct buf folded;
	enum tl_err err = fold_text(typed, &fold);

	buf_init(&folded, 256);
	if (err == TL_OK) {
		fold_put(&fold, &folded);
		err = buf_err(&folded);
	}
	for (size_t i = 0; err == TL_OK && i < folded.len; i++) {
		uint8_t c = folded.data[i];

		if (c >= '0' && c <= '9') {
			buf_put_u8(out, c);
		} else {
			err = c == ' ' ? TL_OK : TL_EINVAL;
		}
	}
	buf_free(&folded);
	fold_free(&fold);
	return err == TL_OK ? buf_err(out) : err;
}

static bool has_plus(struct bytes typed)
{
	size_t i = 0;

	while (i < typed.len && (typed.at[i] == ' ' || typed.at[i] == '(')) {
		i++;
	}
	return i < typed.len && typed.at[i] == '+';
}

/* The country code that the digits lack, "+" where they have it; NULL: not
 * sure. *ret_skip: digits in front that are not of the number. */
static const char *front_of(bool plus, const struct buf *digits,
    const char *region, unsigned country, size_t *ret_skip)
{
	unsigned of = 0;
	const char *code;

	*ret_skip = 0;
	if (plus) {
		return "+";
	}
	if (digits->len < 2 || digits->data[0] != '0' ||
	    digits->data[1] == '0') {
		return NULL;
	}
	code = zone_code(region, &of);
	*ret_skip = 1;
	return country == 0 || country == of ? code : NULL;
}

bool number_read(struct bytes typed, const char *region, unsigned country,
    char ret_number[static SENDER_NUMBER_MAX_BYTES + 1], bool *lost)
{
	enum tl_err err = typed.len > 0 && typed.len <= 64 ? TL_OK : TL_EINVAL;
	struct buf digits, number;
	const char *front = NULL;
	size_t skip = 0;
	bool sure;

	buf_init(&digits, 64);
	buf_init(&number, SENDER_NUMBER_MAX_BYTES);
	if (err == TL_OK) {
		err = digits_of(typed, &digits);
	}
	if (err == TL_OK) {
		front =
		    front_of(has_plus(typed), &digits, region, country, &skip);
	}
	if (front != NULL) {
		buf_put_str(&number, front);
		buf_put(&number, digits.data + skip, digits.len - skip);
		err = buf_err(&number);
	}
	sure = front != NULL && err == TL_OK && number.len > DIGITS_MIN &&
	    number.len <= 1 + DIGITS_MAX && number.data[1] != '0';
	if (sure) {
		memcpy(ret_number, number.data, number.len);
		ret_number[number.len] = '\0';
	}
	*lost = *lost || err == TL_ENOMEM;
	buf_free(&number);
	buf_free(&digits);
	return sure;
}
