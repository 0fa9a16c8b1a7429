/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/sender.h"

#include <string.h>
#include <strings.h>

#include "base/wipe.h"
#include "text/utf8.h"

#define SHORT_CODE_MAX_DIGITS 6u

static const struct {
	const char *scheme;
	bool whatsapp;
} schemes[] = {
	{ "whatsapp:", true },
	{ "tel:", false },
	{ "sms://", false }, /* before its own beginning */
	{ "sms:", false },
};

/* First digit of each script that people of the region type. */
static const uint32_t zeros[] = {
	0x17e0, /* Khmer */
	0x0e50, /* Thai */
	0x0ed0, /* Lao */
	0x1040, /* Myanmar */
	0x1090, /* Myanmar Shan */
	0x09e6, /* Bengali */
	0x0966, /* Devanagari */
	0xff10, /* fullwidth */
};

static struct bytes skip_scheme(struct bytes raw, bool *ret_whatsapp)
{
	*ret_whatsapp = false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i].scheme);

		if (raw.len >= len &&
		    strncasecmp((const char *)raw.at, schemes[i].scheme, len) ==
			0) {
			*ret_whatsapp = schemes[i].whatsapp;
			return bytes_of(raw.at + len, raw.len - len);
		}
	}
	return raw;
}

/* The ASCII form of a digit of any script, a plus, or what may stand between
 * digits; 0 for everything else. */
static char fold_point(uint32_t point)
{
	if (point < 0x80) {
		return point != 0 && strchr("+0123456789 -.()/", (int)point)
		    ? (char)point
		    : '\0';
	}
	if (point == 0xff0b) { /* fullwidth plus */
		return '+';
	}
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		if (point >= zeros[i] && point <= zeros[i] + 9) {
			return (char)('0' + (point - zeros[i]));
		}
	}
	return '\0';
}

struct folded {
	/* one for a plus that the gateway leaves out */
	char text[1 + PHONE_NUMBER_MAX_BYTES];
	size_t len;
	size_t digits;
	bool plus; /* begins with one */
};

/* False if anything in it is not part of a number, letters included. */
static bool fold(struct bytes bare, struct folded *ret_folded)
{
	struct folded folded = { .len = 0 };

	while (bare.len > 0) {
		uint32_t point;
		size_t bad;
		size_t len = utf8_read(bare, &point, &bad);
		char c = len == 0 ? '\0' : fold_point(point);

		if (c == '\0' || (c == '+' && folded.digits > 0) ||
		    (c == '+' && folded.plus)) {
			return false;
		}
		folded.plus = folded.plus || c == '+';
		folded.digits += c >= '0' && c <= '9' ? 1 : 0;
		folded.text[folded.len++] = c;
		bare = bytes_of(bare.at + len, bare.len - len);
	}
	*ret_folded = folded;
	return true;
}

static enum tl_err to_e164(struct folded *folded, enum sms_numbers numbers,
    const char region[3], char e164[static PHONE_E164_BYTES])
{
	if (folded->plus) {
		return phone_e164(folded->text, folded->len, "ZZ", e164);
	}
	if (numbers == SMS_INTERNATIONAL &&
	    folded->len < PHONE_NUMBER_MAX_BYTES) {
		memmove(folded->text + 1, folded->text, folded->len);
		folded->text[0] = '+';
		return phone_e164(folded->text, folded->len + 1, "ZZ", e164);
	}
	if (numbers == SMS_NATIONAL) {
		return phone_e164(folded->text, folded->len, region, e164);
	}
	return TL_EFORMAT;
}

void sender_read(struct bytes raw, enum sms_numbers numbers,
    const char region[3], struct sender *ret_sender)
{
	struct sender sender = { .bare = raw };
	struct folded folded = { .len = 0 };
	char e164[PHONE_E164_BYTES] = "";

	sender.bare = skip_scheme(raw, &sender.whatsapp);
	sender.too_long = raw.len > PHONE_NUMBER_MAX_BYTES;
	if (!sender.too_long && fold(sender.bare, &folded) &&
	    folded.digits > SHORT_CODE_MAX_DIGITS &&
	    to_e164(&folded, numbers, region, e164) == TL_OK) {
		memcpy(sender.e164, e164, sizeof(e164));
	}
	wipe(&folded, sizeof(folded));
	wipe(e164, sizeof(e164));
	*ret_sender = sender;
}
