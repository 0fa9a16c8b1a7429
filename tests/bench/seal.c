/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/bench/seal.c - what sealing and opening cost beside the library alone.
 * As JSON.
 *
 *   seal BYTES RECIPIENTS ROUNDS
 *
 * CPU of one whole operation, the median of the rounds, which take turns: ours
 * (over 1 MiB: all pieces of a file), crypto_box_seal of the same bytes to
 * each recipient, and one signature. Opening is by one recipient, the intake's
 * signature verified.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"

#define RECIPIENTS_MAX 8u
#define ROUNDS_MAX     101u
#define ROUND_US       20000.0
#define PIECE_BYTES    65000u
#define PIECE_CLASS    16u
#define WHOLE_MAX      ((size_t)1u << 20)

static struct team_key *team;
static struct sealer *sealer;
static uint8_t publics[RECIPIENTS_MAX][32];
static uint8_t secret[32];
static uint8_t sign_key[64], verify_key[1][32];
static size_t n_recipients, n_bytes, piece_bytes;
static uint8_t *plain, *boxed, *opened_box;
static struct buf sealed;

static double cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void need(int ok)
{
	if (!ok) {
		abort();
	}
}

static void seal_ours(void)
{
	static const uint8_t id[16] = "measured";

	sealed.len = 0;
	for (size_t at = 0; at < n_bytes; at += piece_bytes) {
		size_t len =
		    n_bytes - at < piece_bytes ? n_bytes - at : piece_bytes;
		const struct seal_content content = {
			.report = bytes_of(plain + at, len),
			.size_class = piece_bytes < n_bytes ? PIECE_CLASS : 0,
		};

		need(sealer_seal(sealer, id, &content, &sealed) == TL_OK);
	}
}

static void seal_sodium(void)
{
	for (size_t i = 0; i < n_recipients; i++) {
		need(crypto_box_seal(boxed, plain, n_bytes, publics[i]) == 0);
	}
}

static void sign_sodium(void)
{
	uint8_t signature[64];

	need(crypto_sign_detached(signature, NULL, plain, 52, sign_key) == 0);
}

static void open_ours(void)
{
	size_t pieces = (n_bytes + piece_bytes - 1) / piece_bytes;
	size_t len = sealed.len / pieces;

	for (size_t at = 0; at < sealed.len; at += len) {
		struct opened opened = { 0 };

		need(envelope_open_with(team, (const uint8_t(*)[32])verify_key,
			 1, bytes_of(sealed.data + at, len),
			 &opened) == ENVELOPE_FINE &&
		    opened.signed_by_us);
		opened_free(&opened);
	}
}

static void open_sodium(void)
{
	need(crypto_box_seal_open(opened_box, boxed,
		 n_bytes + crypto_box_SEALBYTES, publics[n_recipients - 1],
		 secret) == 0);
}

static void verify_sodium(void)
{
	static uint8_t signature[64];

	if (signature[0] == 0) {
		need(crypto_sign_detached(
			 signature, NULL, plain, 52, sign_key) == 0);
	}
	need(crypto_sign_verify_detached(signature, plain, 52, verify_key[0]) ==
	    0);
}

static const struct {
	const char *name;
	void (*run)(void);
} measured[] = {
	{ "seal_us", seal_ours },
	{ "box_us", seal_sodium },
	{ "sign_us", sign_sodium },
	{ "open_us", open_ours },
	{ "unbox_us", open_sodium },
	{ "verify_us", verify_sodium },
};
#define N_MEASURED (sizeof(measured) / sizeof(measured[0]))

static double times[N_MEASURED][ROUNDS_MAX];

static double measure(void (*run)(void))
{
	double begin_us = cpu_us();
	unsigned n = 0;

	do {
		run();
		n++;
	} while (cpu_us() - begin_us < ROUND_US);
	return (cpu_us() - begin_us) / n;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void make_keys(void)
{
	keyfile_new_pair(sign_key, verify_key[0]);
	for (size_t i = 0; i < n_recipients; i++) {
		randombytes_buf(secret, sizeof(secret));
		(void)crypto_scalarmult_base(publics[i], secret);
	}
	need(teamkey_of(secret, &team) == TL_OK);
	need(sealer_new((const uint8_t(*)[32])publics, n_recipients, sign_key,
		 &sealer) == TL_OK);
}

int main(int argc, char **argv)
{
	size_t rounds = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

	if (rounds < 1 || rounds > ROUNDS_MAX || crypto_start() != TL_OK) {
		return 2;
	}
	n_bytes = strtoul(argv[1], NULL, 10);
	n_recipients = strtoul(argv[2], NULL, 10);
	piece_bytes = n_bytes < WHOLE_MAX ? n_bytes : PIECE_BYTES;
	need(n_bytes > 0 && n_recipients > 0 && n_recipients <= RECIPIENTS_MAX);
	plain = calloc(1, n_bytes < 52 ? 52 : n_bytes);
	boxed = calloc(1, n_bytes + crypto_box_SEALBYTES);
	opened_box = calloc(1, n_bytes);
	need(plain != NULL && boxed != NULL && opened_box != NULL);
	buf_init(&sealed, 2 * n_bytes + 65536);
	make_keys();
	for (size_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < N_MEASURED; i++) {
			times[i][round] = measure(measured[i].run);
		}
	}
	for (size_t i = 0; i < N_MEASURED; i++) {
		qsort(times[i], rounds, sizeof(double), by_size);
		(void)printf("%s\"%s\":%.2f", i == 0 ? "{" : ",",
		    measured[i].name, times[i][rounds / 2]);
	}
	(void)printf("}\n");
	return 0;
}
