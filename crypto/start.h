/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/start.h - make the cryptographic library ready.
 *
 * Runs in:   every program, once, before anything else of crypto/.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_START_H
#define TL_CRYPTO_START_H

#include "base/err.h"

/*
 * Choose the implementations for this processor and open the system's random
 * source; waits until that is seeded. Calling again is harmless. TL_EIO if
 * there is no random source: the program must end.
 */
TL_MUST_CHECK enum tl_err crypto_start(void);

#endif
