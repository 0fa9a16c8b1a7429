/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/totp.h"

#include <liboath/oath.h>

#include "base/wipe.h"
#include "crypto/secret.h"

enum tl_err totp_start(void)
{
	return oath_init() == OATH_OK ? TL_OK : TL_EIO;
}

uint64_t totp_step_at(int64_t now_s)
{
	return now_s < 2 * TOTP_STEP_S ? 1 : (uint64_t)now_s / TOTP_STEP_S;
}

enum tl_err totp_check(const uint8_t secret[static TOTP_SECRET_BYTES],
    struct bytes code, int64_t now_s, uint64_t last_step, uint64_t *ret_step)
{
	uint64_t now = totp_step_at(now_s);
	char right[TOTP_DIGITS + 1] = "";
	enum tl_err err = TL_EPROOF;

	if (code.len != TOTP_DIGITS) {
		return TL_EPROOF;
	}
	/* all of them, whichever fits */
	for (uint64_t step = now - TOTP_WINDOW; step <= now + TOTP_WINDOW;
	     step++) {
		if (oath_totp_generate((const char *)secret, TOTP_SECRET_BYTES,
			(time_t)(step * TOTP_STEP_S), TOTP_STEP_S, 0,
			TOTP_DIGITS, right) != OATH_OK) {
			err = TL_EIO;
			break;
		}
		if (secret_equal(right, code.at, TOTP_DIGITS) &&
		    step > last_step) {
			*ret_step = step;
			err = TL_OK;
		}
	}
	wipe(right, sizeof(right));
	return err;
}
