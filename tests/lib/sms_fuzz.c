/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_fuzz.h"

#include <string.h>

#include "sms/adapter.h"
#include "tests/lib/sms_check.h"

#define NAMES_BYTES 64u

static enum tl_err no_question(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	(void)gateway;
	(void)request;
	(void)ret_why;
	return TL_OK;
}

/* The next line of *rest, without its end. */
static struct bytes cut_line(struct bytes *rest)
{
	const uint8_t *end =
	    rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);
	size_t len = end == NULL ? rest->len : (size_t)(end - rest->at);
	struct bytes line = bytes_of(rest->at, len);

	len += end == NULL ? 0 : 1;
	*rest = bytes_of(rest->at + len, rest->len - len);
	return line;
}

static void read_headers(
    struct sms_fake *fake, char names[][NAMES_BYTES], struct bytes *rest)
{
	struct bytes line = cut_line(rest);

	fake->request.headers = fake->headers;
	while (line.len > 0) {
		const uint8_t *colon = memchr(line.at, ':', line.len);
		size_t n = fake->request.n_headers;
		size_t len =
		    colon == NULL ? line.len : (size_t)(colon - line.at);

		if (n < SMS_FAKE_HEADERS_MAX && colon != NULL &&
		    len < NAMES_BYTES && len + 2 <= line.len &&
		    memchr(line.at, 0, len) == NULL) {
			memcpy(names[n], line.at, len);
			names[n][len] = '\0';
			fake->headers[n].name = names[n];
			fake->headers[n].value =
			    bytes_of(line.at + len + 2, line.len - len - 2);
			fake->request.n_headers++;
		}
		line = cut_line(rest);
	}
}

static void fuzz(struct sms_fake *fake, const uint8_t *data, size_t len)
{
	char names[SMS_FAKE_HEADERS_MAX][NAMES_BYTES];
	struct bytes rest = bytes_of(data, len);
	struct bytes line = cut_line(&rest);
	struct sms_adapter trusting;

	if (line.len >= 4 && memcmp(line.at, "GET ", 4) == 0) {
		fake->request.is_get = sms_allows_get(&fake->gateway);
		fake->request.query = bytes_of(line.at + 4, line.len - 4);
	} else if (line.len >= 5) {
		fake->request.query = bytes_of(line.at + 5, line.len - 5);
	}
	read_headers(fake, names, &rest);
	fake->request.body = fake->request.is_get ? bytes_of(NULL, 0) : rest;
	if (sms_fake_take(fake) == SMS_TIP) {
		sms_check_genuine(fake, false);
	}
	trusting = *fake->gateway.adapter;
	trusting.verify = no_question;
	fake->gateway.adapter = &trusting;
	sms_check_genuine(fake, true);
	sms_fake_free(fake);
}

void sms_fuzz(const char *type, const uint8_t *data, size_t len)
{
	struct sms_fake fake;

	sms_fake_init(&fake, type);
	fuzz(&fake, data, len);
}

void sms_fuzz_custom(
    const struct custom_words *words, const uint8_t *data, size_t len)
{
	struct sms_fake fake;

	sms_fake_init(&fake, "custom");
	sms_fake_custom(&fake, words);
	fuzz(&fake, data, len);
}
