/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/enrol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <liboath/oath.h>
#include <qrencode.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/wipe.h"

#define ADDRESS_MAX_BYTES 256u
/* Light around the picture, without which nothing reads it. */
#define QUIET 2

/* Dark at that place of the picture? */
static bool is_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	    (code->data[y * code->width + x] & 1u) != 0;
}

/* Two rows of the picture in one line of text. It is drawn in light, since
 * most terminals are dark; both ways are read. */
static void print_picture(const QRcode *code)
{
	static const char *const signs[] = {
		[0] = "\xe2\x96\x88", /* full block: both light */
		[1] = "\xe2\x96\x84", /* lower half */
		[2] = "\xe2\x96\x80", /* upper half */
		[3] = " ",
	};

	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		for (int x = -QUIET; x < code->width + QUIET; x++) {
			unsigned dark = (is_dark(code, x, y) ? 1u : 0u) +
			    (is_dark(code, x, y + 1) ? 2u : 0u);

			(void)fputs(signs[dark], stdout);
		}
		(void)putchar('\n');
	}
}

static enum tl_err put_address(
    struct buf *out, const char *name, struct bytes secret)
{
	char *text = NULL;
	size_t len = 0;

	if (oath_base32_encode(
		(const char *)secret.at, secret.len, &text, &len) != OATH_OK) {
		return TL_ENOMEM;
	}
	buf_put_str(out, "otpauth://totp/desk:");
	buf_put_str(out, name);
	buf_put_str(out, "?secret=");
	buf_put(out, text, len);
	buf_put_str(out, "&issuer=desk&algorithm=SHA1&digits=6&period=30");
	buf_put_u8(out, '\0');
	wipe(text, len);
	free(text);
	return buf_err(out);
}

static enum tl_err show_picture(const char *name, const char *address)
{
	QRcode *code = QRcode_encodeString8bit(address, 0, QR_ECLEVEL_L);

	if (code == NULL) {
		return TL_ENOMEM;
	}
	(void)printf(
	    "\nThe second factor of %s, for an app that makes codes. It"
	    " is shown once:\n\n",
	    name);
	print_picture(code);
	(void)printf("\n%s\n\n", address);
	(void)printf("Let %s read it with the telephone now, then clear this"
		     " screen. A code is good\nfor one log-in. Lost: `tipline"
		     " officer totp %s` makes another.\n",
	    name, name);
	QRcode_free(code);
	return TL_OK;
}

enum tl_err enrol_show(const char *name, struct bytes secret, bool plain)
{
	struct buf address;
	enum tl_err err;

	buf_init(&address, ADDRESS_MAX_BYTES);
	err = put_address(&address, name, secret);
	if (err == TL_OK && plain) {
		(void)printf("%s\n", (const char *)address.data);
	} else if (err == TL_OK) {
		err = show_picture(name, (const char *)address.data);
	}
	buf_free(&address);
	if (err != TL_OK) {
		say_error("%s", err_text(err));
	}
	return err;
}
