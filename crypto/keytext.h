/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/keytext.h - what all key files have in common: reading one under the
 * rules for its mode, creating or replacing one durably, first line, numbers,
 * base64 lines and the check line. For the files of keys in this folder only.
 *
 * Knows not: the kinds of keys.
 * Runs in:   wherever key files are read.
 * Disk:      reads or creates the one file that it is given.
 */
#ifndef TL_CRYPTO_KEYTEXT_H
#define TL_CRYPTO_KEYTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* How each key file begins; the kind and a line end follow. */
#define KEYTEXT_FIRST "tipline key 1 "

/*
 * Read the file into text, which has room for cap bytes; TL_EFORMAT if it has
 * as many or more. Other errors as keyfile_load().
 */
TL_MUST_CHECK enum tl_err keytext_read(
    const char *path, bool secret, uint8_t *text, size_t cap, size_t *ret_len);

/* Create the file with these bytes; made by root in the folder of another, it
 * is that one's. Errors as keyfile_save(). */
TL_MUST_CHECK enum tl_err keytext_create(
    const char *path, bool secret, struct bytes text);

/*
 * Put these bytes in the place of the file, if there is one: at any moment
 * the old or the new one is there whole, with the same owner and group. What
 * the old one held is written over with zeros, as far as the disk lets us; by
 * root not if that file has another name. Errors as keytext_create(); TL_EPERM
 * also if the old one is another's and this is not root.
 */
TL_MUST_CHECK enum tl_err keytext_replace(
    const char *path, bool secret, struct bytes text);

/*
 * Take the next line from *text; *ret_line is it without its end. TL_EFORMAT
 * if there is no line end.
 */
TL_MUST_CHECK enum tl_err keytext_line(
    struct bytes *text, struct bytes *ret_line);

/* A line that is base64 of exactly len bytes. */
TL_MUST_CHECK enum tl_err keytext_bytes(
    struct bytes line, uint8_t *bytes, size_t len);

/*
 * The text without its last line, if that is the check line of what stands
 * before it; TL_EFORMAT if not, or if anything follows.
 */
TL_MUST_CHECK enum tl_err keytext_checked(
    struct bytes text, struct bytes *ret_text);

/* Take this word from the front of the line; TL_EFORMAT if it is another. */
TL_MUST_CHECK enum tl_err keytext_word(struct bytes *line, const char *word);

/* Take a decimal number of at most max from the front of the line: no sign,
 * no leading zero. */
TL_MUST_CHECK enum tl_err keytext_number(
    struct bytes *line, uint64_t max, uint64_t *ret);

void keytext_put_first(struct buf *out, const char *kind);
void keytext_put_bytes(struct buf *out, const uint8_t *bytes, size_t len);
/* The check line of everything in out, which holds one file only. */
void keytext_put_check(struct buf *out);

#endif
