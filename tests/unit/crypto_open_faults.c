/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/open and crypto/seal where something else than the envelope is at
 * fault: the ring was changed, an epoch destroyed, memory is out.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/pwhash.h"
#include "crypto/random.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "tests/lib/rings.h"

#define PASSPHRASE "of the test"
#define EPOCHS     2u

/* 0: never; n: the n-th call from now on fails, and those after it. */
static unsigned fails_at;

void *sodium_malloc(size_t size);

/* In the place of the library's, which it calls. */
void *sodium_malloc(size_t size)
{
	void *(*real)(size_t) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "sodium_malloc");

	memcpy(&real, &symbol, sizeof(real));
	if (fails_at == 1) {
		return NULL;
	}
	fails_at -= fails_at > 0;
	return real(size);
}

static uint8_t publics[EPOCHS][32];
static uint8_t sign_key[64], verify_key[1][32];
static struct buf sealed; /* to both epochs */

static struct ring *make_ring(void)
{
	struct ring *ring = NULL;

	assert_int_equal(
	    ring_new("sok", bytes_str(PASSPHRASE), pwhash_least, &ring), TL_OK);
	for (size_t i = 0; i < EPOCHS; i++) {
		assert_int_equal(ring_add(ring, 5000 + (int64_t)i,
				     5001 + (int64_t)i, publics[i]),
		    TL_OK);
	}
	return ring;
}

static struct ring *ring;

static int set_up(void **state)
{
	const struct seal_content help = { .report = bytes_str("help") };
	const uint8_t id[16] = { 1 };
	struct sealer *sealer = NULL;

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	ring = make_ring();
	keyfile_new_pair(sign_key, verify_key[0]);
	assert_int_equal(sealer_new((const uint8_t(*)[32])publics, EPOCHS,
			     sign_key, &sealer),
	    TL_OK);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	assert_int_equal(sealer_seal(sealer, id, &help, &sealed), TL_OK);
	sealer_free(sealer);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&sealed);
	ring_free(ring);
	return 0;
}

/* As the file has it: unlocked, and no epoch's key taken out yet. */
static struct ring *fresh(void)
{
	struct ring *read = rings_again(ring);

	assert_int_equal(
	    ring_unlock(read, bytes_str("sok"), bytes_str(PASSPHRASE)), TL_OK);
	return read;
}

static void assert_fault(struct ring *with, const char *name)
{
	struct opened opened = { .report_len = 99 };
	enum envelope_fault fault = envelope_open_ring(
	    with, NULL, 0, bytes_of(sealed.data, sealed.len), &opened);

	assert_string_equal(envelope_fault_name(fault), name);
	if (fault != ENVELOPE_FINE) {
		assert_null(opened.report);
		assert_int_equal(opened.report_len, 99);
	}
	if (fault == ENVELOPE_FINE) {
		opened_free(&opened);
	}
}

static void a_ring_that_was_changed_is_named(void **state)
{
	struct ring *changed = fresh();
	const struct ring_epoch *epoch = ring_epoch(changed, 0);
	struct ring_epoch *open_epoch;

	(void)state;
	memcpy(&open_epoch, &epoch, sizeof(epoch)); /* not const any more */
	open_epoch->wrapped[40] ^= 1;
	assert_fault(changed, "ring");
	assert_int_equal(envelope_fault_err(ENVELOPE_RING), TL_EPROOF);
	ring_free(changed);
}

static void a_destroyed_epoch_is_named_when_no_other_is_there(void **state)
{
	struct ring *less = fresh();

	(void)state;
	assert_fault(less, "fine");
	assert_int_equal(ring_destroy(less, 0, 9000), TL_OK);
	assert_fault(less, "fine"); /* by the other slot */
	assert_int_equal(ring_destroy(less, 1, 9000), TL_OK);
	assert_fault(less, "destroyed");
	ring_free(less);
}

static void a_ring_refuses_what_is_no_envelope_as_a_key_does(void **state)
{
	struct ring *stranger = make_ring();

	(void)state;
	assert_fault(stranger, "stranger");
	ring_free(stranger);
	sealed.data[0] ^= 1;
	assert_fault(ring, "magic");
	sealed.data[0] ^= 1;
	sealed.data[44] ^= 1;
	assert_fault(ring, "wrap");
	sealed.data[44] ^= 1;
	assert_fault(ring, "fine");
}

static void memory_that_is_out_is_told_at_every_allocation(void **state)
{
	struct ring *locked_in = NULL;
	unsigned n = 0;

	(void)state;
	do {
		struct opened opened = { .report_len = 99 };

		locked_in = fresh();
		fails_at = ++n;
		if (envelope_open_ring(locked_in, NULL, 0,
			bytes_of(sealed.data, sealed.len),
			&opened) == ENVELOPE_FINE) {
			opened_free(&opened);
			ring_free(locked_in);
			break;
		}
		assert_null(opened.report);
		assert_fault(locked_in, "memory");
		fails_at = 0;
		assert_fault(locked_in, "fine");
		ring_free(locked_in);
	} while (n < 10);
	fails_at = 0;
	assert_in_range(n, 3, 9);
	assert_int_equal(envelope_fault_err(ENVELOPE_NO_MEMORY), TL_ENOMEM);
}

static void a_sealer_without_memory_is_none(void **state)
{
	struct sealer *sealer = NULL;

	(void)state;
	fails_at = 1;
	assert_int_equal(sealer_new((const uint8_t(*)[32])publics, EPOCHS,
			     sign_key, &sealer),
	    TL_ENOMEM);
	fails_at = 0;
	assert_null(sealer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_that_was_changed_is_named),
		cmocka_unit_test(
		    a_destroyed_epoch_is_named_when_no_other_is_there),
		cmocka_unit_test(
		    a_ring_refuses_what_is_no_envelope_as_a_key_does),
		cmocka_unit_test(
		    memory_that_is_out_is_told_at_every_allocation),
		cmocka_unit_test(a_sealer_without_memory_is_none),
	};

	return cmocka_run_group_tests_name(
	    "crypto/open_faults", tests, set_up, tear_down);
}
