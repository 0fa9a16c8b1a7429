/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Any bytes as a configuration: no crash, each mistake is one line, and what
 * was right, printed, is read again to the same.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "config/config.h"
#include "config/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void hear(void *arg, const char *sentence)
{
	size_t at = 0;
	const char *wrong = NULL;

	(void)config_line_good(bytes_str(sentence), &at, &wrong);
	/* a long sentence may be cut inside of its last letter */
	assert(wrong == NULL || at + 4 > strlen(sentence));
	(*(size_t *)arg)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct config *config = NULL;
	struct config *again = NULL;
	struct buf first;
	struct buf second;
	size_t said = 0;
	enum tl_err err = config_parse(bytes_of(data, len), "f.conf",
	    "/folder/of it", hear, &said, &config);

	assert((err == TL_EINVAL) == (said > 0));
	assert((err == TL_OK) == (config != NULL));
	if (err != TL_OK) {
		return 0;
	}
	buf_init(&first, CONFIG_FILE_BYTES_MAX);
	buf_init(&second, CONFIG_FILE_BYTES_MAX);
	config_print(config, &first);
	assert(buf_err(&first) == TL_OK);
	err = config_parse(bytes_of(first.data, first.len), "f.conf",
	    "/elsewhere", hear, &said, &again);
	assert(err == TL_OK && said == 0);
	config_print(again, &second);
	assert(buf_err(&second) == TL_OK);
	assert(first.len == second.len &&
	    memcmp(first.data, second.data, first.len) == 0);
	assert(config->programs == again->programs);
	buf_free(&first);
	buf_free(&second);
	config_free(config);
	config_free(again);
	return 0;
}
