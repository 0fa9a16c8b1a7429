/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/start.h"

#include <sodium.h>

enum tl_err crypto_start(void)
{
	return sodium_init() < 0 ? TL_EIO : TL_OK;
}
