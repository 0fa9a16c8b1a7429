/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/referral_print.h"

#include <stdio.h>

#include "base/buf.h"
#include "cli/htcds_case.h"
#include "cli/htcds_words.h"

#define WORDS_MAX_BYTES (64u * 1024u * 1024u)

static bool has_none(const char *field)
{
	(void)field;
	return false;
}

enum tl_err referral_print(json_t *referral, bool unchecked)
{
	struct htcds_case it;
	struct buf words;
	enum tl_err err = htcds_case_read(referral, unchecked, &it);

	if (err != TL_OK) {
		return err;
	}
	buf_init(&words, WORDS_MAX_BYTES);
	htcds_words(&it, has_none, &words);
	buf_put_str(&words, "\n");
	err = buf_err(&words);
	if (err == TL_OK &&
	    fwrite(words.data, 1, words.len, stdout) != words.len) {
		err = TL_EIO;
	}
	buf_free(&words);
	htcds_case_free(&it);
	return err;
}
