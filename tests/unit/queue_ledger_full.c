/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger, queue/reader on a full disk: nothing counts as kept, no link of
 * the chain is broken, and both go on when there is room.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/chain.h"
#include "tests/lib/reading.h"

/* So much may still be written to files, before there is no room. */
static size_t room_bytes = SIZE_MAX;

/* Ours is found before libc's. */
ssize_t write(int fd, const void *bytes, size_t len)
{
	if (room_bytes == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (len > room_bytes) {
		len = room_bytes;
	}
	if (room_bytes != SIZE_MAX) {
		room_bytes -= len;
	}
	return syscall(SYS_write, fd, bytes, len);
}

static enum tl_err append(struct ledger *ledger, uint8_t n)
{
	const struct ledger_record rec = chain_tip(n, chain_sealed + n);

	return ledger_append(ledger, &rec);
}

static void count_all(struct ledger *ledger, uint64_t wanted)
{
	uint64_t n = 0;

	assert_int_equal(ledger_each(ledger, 0, chain_check, &n), TL_OK);
	assert_int_equal(n, wanted);
}

/* However far it got; also while a new file is begun. */
static void a_full_disk_breaks_no_link_and_the_ledger_goes_on(void **state)
{
	size_t fulls = 0;

	for (size_t room = 0; room < 400; room += 3) {
		struct ledger *ledger;
		struct chain *w;
		enum tl_err err = TL_OK;
		uint8_t n = 0;

		(void)chain_tear_down(state);
		(void)chain_set_up(state);
		w = *state;
		w->opts.file_max_bytes = 200; /* for a record or two */
		ledger = chain_open(w);
		room_bytes = room;
		while (err == TL_OK && n < CHAIN_RECORDS) {
			err = append(ledger, n);
			n = (uint8_t)(n + (err == TL_OK ? 1 : 0));
		}
		fulls += err == TL_EFULL ? 1 : 0;
		assert_true(err == TL_OK || err == TL_EFULL);
		assert_int_equal(ledger_is_full(ledger), err == TL_EFULL);
		assert_int_equal(ledger_failed(ledger), TL_OK);
		room_bytes = 0;
		assert_int_equal(append(ledger, n), TL_EFULL);
		room_bytes = SIZE_MAX;
		count_all(ledger, n);
		while (n < CHAIN_RECORDS) {
			assert_int_equal(append(ledger, n++), TL_OK);
		}
		assert_false(ledger_is_full(ledger));
		ledger_close(ledger);
		ledger = chain_open(w); /* every link is looked at */
		count_all(ledger, CHAIN_RECORDS);
		ledger_close(ledger);
	}
	assert_true(fulls > 50);
}

static void free_room_is_that_of_its_disk(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger = chain_open(w);
	uint64_t free_bytes = ledger_free_bytes(ledger);

	assert_true(free_bytes > 0 && free_bytes < UINT64_MAX);
	ledger_close(ledger);
}

static void an_entry_without_room_waits_and_is_kept_once_later(void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;
	enum reader_kept kept;

	reading_add(rig, 1, "sealed");
	reading_add(rig, 2, "sealed too");
	for (int i = 0; i < 9; i++) {
		assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
		assert_int_equal(entry.id[0], 1);
		assert_int_equal(entry.deliveries, 1); /* no poison */
		room_bytes = 20;
		assert_int_equal(reading_keep(rig, &entry, &kept), TL_OK);
		room_bytes = SIZE_MAX;
		assert_int_equal(kept, READER_FULL);
		reader_again(rig->reader);
	}
	assert_int_equal(rig->signed_n, 0);
	assert_int_equal(reading_receipts(rig), 0);
	assert_int_equal(reading_pending(rig), 2);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	reading_no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 2);
	assert_int_equal(reading_receipts(rig), 2);
	assert_int_equal(reading_pending(rig), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_full_disk_breaks_no_link_and_the_ledger_goes_on,
		    chain_set_up, chain_tear_down),
		cmocka_unit_test_setup_teardown(free_room_is_that_of_its_disk,
		    chain_set_up, chain_tear_down),
		cmocka_unit_test_setup_teardown(
		    an_entry_without_room_waits_and_is_kept_once_later,
		    reading_set_up, reading_tear_down),
	};

	return cmocka_run_group_tests_name(
	    "queue/ledger_full", tests, NULL, NULL);
}
