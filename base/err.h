/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/err.h - the one error type.
 *
 * Every function that can fail returns enum tl_err and is TL_MUST_CHECK.
 * Outputs are written on TL_OK only. Modules return errors; programs log
 * them, once.
 */
#ifndef TL_BASE_ERR_H
#define TL_BASE_ERR_H

#define TL_MUST_CHECK __attribute__((warn_unused_result))

enum tl_err {
	TL_OK = 0,
	TL_EAGAIN = -1,   /* not yet: more bytes or a later call are needed */
	TL_EFORMAT = -2,  /* the bytes are not what the format prescribes */
	TL_ETOOBIG = -3,  /* over a limit that was set beforehand */
	TL_EFULL = -4,    /* no room: disk, quota or table */
	TL_EEXIST = -5,   /* known already: a repeat */
	TL_ENOENT = -6,   /* there is no such thing */
	TL_EIO = -7,      /* disk or socket failed */
	TL_ENOMEM = -8,   /* memory is out */
	TL_EINVAL = -9,   /* an argument or a setting is wrong */
	TL_EPERM = -10,   /* rights or file modes are wrong */
	TL_EPROOF = -11,  /* a signature, tag or password does not hold */
	TL_ESTALE = -12,  /* proof holds, but it is too old or too new */
	TL_ECLOSED = -13, /* the other side has gone */
	TL_EBUSY = -14,   /* somebody else has it, or too much is waiting */
};

/* A few plain words for err; never NULL, valid for ever. */
const char *err_text(enum tl_err err);

#endif
