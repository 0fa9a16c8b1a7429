/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The Kannel adapter with credentials that hold: any request is kept. The
 * input is lines: "get" or "post", query, content type, X-Kannel-UDH,
 * X-Kannel-From, and then the body.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/sms_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define LINES 5u

/* The front line as a string of its own; *rest is what follows. */
static char *take_line(struct bytes *rest)
{
	const uint8_t *end =
	    rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);
	size_t len = end == NULL ? rest->len : (size_t)(end - rest->at);
	size_t skip = end == NULL ? len : len + 1;
	char *line = malloc(len + 1);

	if (line == NULL) {
		abort();
	}
	if (len > 0) {
		memcpy(line, rest->at, len);
	}
	line[len] = '\0';
	*rest = bytes_of(rest->at + skip, rest->len - skip);
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes rest = bytes_of(data, len);
	struct sms_fake fake;
	char *line[LINES];

	for (size_t i = 0; i < LINES; i++) {
		line[i] = take_line(&rest);
	}
	sms_fake_init(&fake, "kannel");
	if (strcmp(line[0], "get") == 0) {
		sms_fake_get(&fake, line[1], NULL);
	} else {
		sms_fake_post(&fake, line[1], line[2], rest, NULL);
	}
	if (line[3][0] != '\0') {
		sms_fake_header(&fake, "x-kannel-udh", line[3]);
	}
	if (line[4][0] != '\0') {
		sms_fake_header(&fake, "x-kannel-from", line[4]);
	}
	sms_check_genuine(&fake, false);
	for (size_t i = 0; i < LINES; i++) {
		free(line[i]);
	}
	return 0;
}
