/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/load/request.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/bench/load/must.h"

#define MARK_LEN 32u
static const char mark[] = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
#define SIGN_LEN 64u
static const char sign_mark[] = "################################"
				"################################";

static struct {
	char text[REQUEST_MAX];
	size_t len;
	size_t mark_at; /* len: there is none */
	size_t sign_at; /* 0: nothing is signed */
	size_t body_at;
	const char *key, *time;
	uint64_t counter;
} model;

static void read_mark(void)
{
	char *at = strstr(model.text, mark);
	char digits[17];
	uint64_t seed;

	model.mark_at = at == NULL ? model.len : (size_t)(at - model.text);
	if (at != NULL) {
		must(getrandom(&seed, sizeof(seed), 0) == sizeof(seed), "seed");
		(void)snprintf(digits, sizeof(digits), "%016llx",
		    (unsigned long long)seed);
		memcpy(at, digits, 16);
	}
}

static void read_signing(void)
{
	const char *at = strstr(model.text, sign_mark);
	const char *body = strstr(model.text, "\r\n\r\n");

	if (at == NULL) {
		return;
	}
	model.key = getenv("LOAD_KEY");
	model.time = getenv("LOAD_TIME");
	must(model.key != NULL && model.time != NULL && body != NULL,
	    "LOAD_KEY and LOAD_TIME");
	model.sign_at = (size_t)(at - model.text);
	model.body_at = (size_t)(body + 4 - model.text);
}

void request_read(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t len;

	must(fd >= 0, path);
	len = read(fd, model.text, sizeof(model.text) - 1);
	must(len > 0, path);
	(void)close(fd);
	model.len = (size_t)len;
	read_mark();
	read_signing();
}

/* The body with the time behind it, in front of nothing else. */
static void sign(char *request)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;
	unsigned char text[REQUEST_MAX];
	size_t len = model.len - model.body_at;
	size_t time_len = strlen(model.time);
	char hex[SIGN_LEN + 1];

	must(len + time_len <= sizeof(text), "LOAD_TIME");
	memcpy(text, request + model.body_at, len);
	memcpy(text + len, model.time, time_len);
	must(HMAC(EVP_sha256(), model.key, (int)strlen(model.key), text,
		 len + time_len, mac, &mac_len) != NULL,
	    "HMAC");
	for (unsigned i = 0; i < SIGN_LEN / 2; i++) {
		(void)snprintf(hex + 2 * (size_t)i, 3, "%02x", mac[i]);
	}
	memcpy(request + model.sign_at, hex, SIGN_LEN);
}

size_t request_next(char request[static REQUEST_MAX])
{
	char digits[MARK_LEN + 1];

	memcpy(request, model.text, model.len);
	if (model.mark_at < model.len) {
		(void)snprintf(digits, sizeof(digits), "%032llx",
		    (unsigned long long)model.counter++);
		memcpy(request + model.mark_at + 16, digits + 16, 16);
	}
	if (model.sign_at > 0) {
		sign(request);
	}
	return model.len;
}
