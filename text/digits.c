/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/digits.h"

#include "text/utf8.h"

/* What a sign is here. A shout is the punctuation of a cry: beside 0 and 9 it
 * separates, of a 1 it makes something else. Brackets and quotes do the same
 * where there is nothing but digits; in front of words they make an item of a
 * list ("9) rice") or a measure ("9' x 4'"). */
enum {
	END,
	SEPARATOR,
	SHOUT,
	BRACKET,
	LETTER_LATIN,
	LETTER_OTHER,
	DIGIT,
};

struct sign {
	int kind;
	uint32_t digit;
};

static bool is_space(uint32_t point)
{
	return point == ' ' || (point >= '\t' && point <= '\r') ||
	    point == 0xa0 || point == 0x3000 ||
	    (point >= 0x2000 && point <= 0x200d) || point == 0xfeff ||
	    point == 0x2060 || point == 0xad;
}

static bool is_separator(uint32_t point)
{
	return point == ',' || point == '.' || point == '#' || point == '*' ||
	    point == 0xff0c || point == 0xff0e || point == 0xff03 ||
	    point == 0xff0a;
}

static struct sign sign_of(uint32_t point)
{
	static const uint32_t zeros[] = { '0', 0x17e0, 0x0e50, 0x0ed0, 0x1040,
		0x1090, 0x09e6, 0x0966, 0x0660, 0x06f0, 0xff10 };

	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		if (point - zeros[i] < 10) {
			return (struct sign){ .kind = DIGIT,
				.digit = point - zeros[i] };
		}
	}
	if (is_space(point) || is_separator(point)) {
		return (struct sign){ .kind = SEPARATOR };
	}
	if (point == '!' || point == '?' || point == 0xff01 ||
	    point == 0xff1f) {
		return (struct sign){ .kind = SHOUT };
	}
	if (point == '(' || point == ')' || point == '"' || point == '\'') {
		return (struct sign){ .kind = BRACKET };
	}
	return (
	    struct sign){ .kind = point < 0x300 ? LETTER_LATIN : LETTER_OTHER };
}

static struct sign next(struct bytes *text)
{
	uint32_t point = UTF8_REPLACEMENT;
	size_t bad = 1;
	size_t len;

	if (text->len == 0) {
		return (struct sign){ .kind = END };
	}
	len = utf8_read(*text, &point, &bad);
	len = len > 0 ? len : bad;
	*text = bytes_of(text->at + len, text->len - len);
	return sign_of(point);
}

static void say(struct digits *digits, uint32_t digit)
{
	digits->zero = digits->zero || digit == 0;
	digits->one = digits->one || digit == 1;
	digits->nine = digits->nine || digit == 9;
}

/* Nothing but 0, 1, 9 and separators. Who presses 9 or 0 again and again means
 * it no less; a longer number of different digits is a number. */
static bool read_alone(struct bytes text, struct digits *ret)
{
	struct digits found = { 0 };
	bool any = false, shouts = false;
	uint32_t number = 10; /* what the digits of a number are; 10: none */

	for (struct sign sign = next(&text); sign.kind != END;
	     sign = next(&text)) {
		if (sign.kind == SEPARATOR || sign.kind == SHOUT ||
		    sign.kind == BRACKET) {
			shouts = shouts || sign.kind != SEPARATOR;
			number = 10;
			continue;
		}
		if (sign.kind != DIGIT ||
		    (sign.digit != 0 && sign.digit != 1 && sign.digit != 9) ||
		    (number != 10 && (sign.digit != number || number == 1))) {
			return false;
		}
		say(&found, sign.digit);
		number = sign.digit;
		any = true;
	}
	found.one = found.one && !shouts;
	*ret = found;
	return any;
}

/* A lone 0 or 9, then something that does not make it a number. */
static void read_front(struct bytes text, struct digits *ret)
{
	struct sign first = next(&text), sign;
	bool spaced = false;

	while (first.kind == SEPARATOR || first.kind == SHOUT) {
		first = next(&text);
	}
	if (first.kind != DIGIT || (first.digit != 0 && first.digit != 9)) {
		return;
	}
	for (sign = next(&text); sign.kind == SEPARATOR || sign.kind == SHOUT;
	     sign = next(&text)) {
		spaced = true;
	}
	/* "9pm", "0.5", "9 000": no */
	if (sign.kind == LETTER_OTHER ||
	    ((sign.kind == LETTER_LATIN || sign.kind == BRACKET) && spaced)) {
		say(ret, first.digit);
	}
}

struct digits digits_read(struct bytes text)
{
	struct digits digits = { 0 };

	if (!read_alone(text, &digits)) {
		read_front(text, &digits);
	}
	digits.one = digits.one && !digits.zero;
	return digits;
}
