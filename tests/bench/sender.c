/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What reading a text costs by the length of its sender's number. The library
 * that knows numbers takes seconds for 10,000 digits, so it is never given
 * them: a request is read whole, as a worker does before it seals.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/start.h"
#include "sms/gateway.h"
#include "sms/phone.h"

#define ROUNDS 50
#define MAX_US 1000.0

static double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void take(struct bytes from)
{
	static const char text[] = "ជួយខ្ញុំផង";
	const struct sms_header headers[] = {
		{ "authorization", bytes_str("Basic dTE6cHcx") },
		{ "content-type", bytes_str("text/plain; charset=\"UTF-8\"") },
		{ "x-kannel-from", from },
		{ "x-kannel-to", bytes_str("8888") },
	};
	const struct sms_gateway gateway = {
		.adapter = sms_adapter_find("kannel"),
		.name = "g1",
		.url = "https://tips.example.org/sms/g1",
		.secrets = { bytes_str("u1:pw1") },
		.n_secrets = 1,
		.region = "KH",
		.numbers = SMS_NATIONAL,
	};
	const struct sms_request request = {
		.query = bytes_str("id=7&charset=UTF-8&coding=0"),
		.headers = headers,
		.n_headers = sizeof(headers) / sizeof(headers[0]),
		.body = bytes_str(text),
		.now_s = 1795300000,
	};
	struct sms_batch *batch = NULL;
	enum sms_verdict verdict;
	const char *why;

	if (sms_take(&gateway, &request, &batch, &verdict, &why) != TL_OK ||
	    verdict != SMS_TIP ||
	    sms_batch_at(batch, 0)->from_raw.len != from.len) {
		exit(1);
	}
	sms_batch_free(batch);
}

/* The best of some rounds. */
static void show(const char *name, size_t digits)
{
	char *from = malloc(digits + 1);
	double best = 1e12;

	if (from == NULL) {
		exit(1);
	}
	memset(from, '1', digits + 1);
	memcpy(from, "+855", digits < 4 ? digits : 4);
	for (int round = 0; round < ROUNDS; round++) {
		double us = now_us();

		take(bytes_of(from, digits));
		us = now_us() - us;
		best = us < best ? us : best;
	}
	(void)printf("text from %-12s of %7zu bytes (at most %4.0f us) "
		     "%8.1f us %s\n",
	    name, digits, MAX_US, best, best <= MAX_US ? "met" : "NOT MET");
	free(from);
}

int main(void)
{
	if (crypto_start() != TL_OK || phone_start() != TL_OK) {
		return 1;
	}
	show("a phone,", 12);
	show("a sender", 32);
	show("a sender", 10000);
	show("a sender", (size_t)1024 * 1024);
	return 0;
}
