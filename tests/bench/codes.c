/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/bench/codes.c - what receipt codes cost. As JSON.
 *
 *   codes hit SECONDS    CPU of the kdf's steps for a ready code: remember
 *                        it, draw the next one, its first and last hashes
 *   codes enter SECONDS  codes entered a second, and the same Argon2id by
 *                        libsodium alone
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "crypto/code_slow.h"
#include "crypto/hash.h"
#include "crypto/start.h"
#include "server/intake/code_memory.h"
#include "server/intake/code_pool.h"

#define PASSES       2u
#define MEMORY_BYTES ((size_t)64u * 1024u * 1024u)

static double cpu_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void make_one(struct code_pool *pool, const uint8_t pepper[static 32])
{
	char digits[CODE_DIGITS_SLOW + 1];
	uint8_t seed[CODE_SEED_BYTES];
	struct code code;

	code_draw(digits);
	code_seed(pepper, digits, seed);
	code_finish(pepper, digits, seed, &code); /* the slow step left out */
	code_pool_put(pool, &code);
}

static void hit(double seconds)
{
	struct code_pool *pool = code_pool_new(64);
	struct code_memory *memory = code_memory_new(4096, 3600u * 1000u);
	const uint8_t pepper[32] = { 1 };
	uint8_t key[CODE_MEMORY_KEY_BYTES];
	uint64_t n = 0;
	struct code code;
	double begin_s;

	if (pool == NULL || memory == NULL) {
		exit(1);
	}
	make_one(pool, pepper);
	begin_s = cpu_s();
	while (cpu_s() - begin_s < seconds) {
		bool kept;

		n++;
		hash_keyed(key, sizeof(key), pepper, &n, sizeof(n));
		if (code_memory_find(memory, key, &code, &kept) ||
		    !code_pool_take(pool, &code)) {
			exit(1);
		}
		code_memory_add(memory, key, &code, 0);
		make_one(pool, pepper);
	}
	(void)printf(
	    "{\"hit_us\":%.3f}\n", (cpu_s() - begin_s) / (double)n * 1e6);
	code_pool_free(pool);
	code_memory_free(memory);
}

static double slow_s(double seconds)
{
	uint8_t seed[CODE_SEED_BYTES] = { 0 };
	uint8_t slow[CODE_SLOW_BYTES];
	double begin_s = cpu_s();
	unsigned n = 0;

	while (cpu_s() - begin_s < seconds) {
		if (code_slow(seed, slow) != TL_OK) {
			exit(1);
		}
		n++;
	}
	return (cpu_s() - begin_s) / n;
}

static double sodium_s(double seconds)
{
	uint8_t salt[crypto_pwhash_argon2id_SALTBYTES] = { 0 };
	uint8_t out[32];
	double begin_s = cpu_s();
	unsigned n = 0;

	while (cpu_s() - begin_s < seconds) {
		if (crypto_pwhash_argon2id(out, sizeof(out), "password", 8,
			salt, PASSES, MEMORY_BYTES,
			crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
			exit(1);
		}
		n++;
	}
	return (cpu_s() - begin_s) / n;
}

int main(int argc, char **argv)
{
	double seconds = argc == 3 ? strtod(argv[2], NULL) : 0;

	if (seconds <= 0 || crypto_start() != TL_OK) {
		return 2;
	}
	if (strcmp(argv[1], "hit") == 0) {
		hit(seconds);
	} else {
		(void)printf("{\"enter_s\":%.6f,\"sodium_s\":%.6f}\n",
		    slow_s(seconds), sodium_s(seconds));
	}
	return 0;
}
