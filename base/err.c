/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/err.h"

#include <stddef.h>

static const char *const texts[] = {
	[-TL_OK] = "ok",
	[-TL_EAGAIN] = "not complete yet",
	[-TL_EFORMAT] = "wrong format",
	[-TL_ETOOBIG] = "over the limit",
	[-TL_EFULL] = "no room left",
	[-TL_EEXIST] = "known already",
	[-TL_ENOENT] = "not there",
	[-TL_EIO] = "input or output failed",
	[-TL_ENOMEM] = "out of memory",
	[-TL_EINVAL] = "wrong argument",
	[-TL_EPERM] = "wrong owner, rights or file mode",
	[-TL_EPROOF] = "the proof does not hold",
	[-TL_ESTALE] = "too old or from the future",
	[-TL_ECLOSED] = "the other side has gone",
	[-TL_EBUSY] = "in use",
};

const char *err_text(enum tl_err err)
{
	size_t i = (size_t) - (int)err;

	if (err > 0 || i >= sizeof(texts) / sizeof(texts[0])) {
		return "unknown error";
	}
	return texts[i];
}
