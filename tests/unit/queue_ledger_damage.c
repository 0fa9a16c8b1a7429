/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger: what is damaged is seen, and a disk that is full or was cut
 * off costs no whole record.
 */
#include "queue/ledger.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/chain.h"

static size_t slurp(const char *path, uint8_t *to, size_t cap)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	assert_non_null(file);
	n = fread(to, 1, cap, file);
	assert_int_equal(fclose(file), 0);
	return n;
}

static void spit(const char *path, const uint8_t *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* A crash at any byte: what was whole stays, what was not is cut, and the
 * ledger goes on from there. */
static void a_cut_at_every_byte_costs_the_last_frame_only(void **state)
{
	struct chain *w = *state;
	static uint8_t bytes[4096];
	size_t frame_ends[CHAIN_RECORDS + 1] = { 56 };
	char path[128];
	size_t len;

	chain_fill(w);
	chain_file(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	for (size_t i = 0; i < CHAIN_RECORDS; i++) {
		frame_ends[i + 1] =
		    frame_ends[i] + 32 + strlen(&chain_sealed[i]) + 32;
	}
	assert_int_equal(frame_ends[CHAIN_RECORDS], len);
	for (size_t cut = 56; cut <= len; cut++) {
		struct ledger *ledger;
		uint64_t whole = 0;
		uint64_t seen = 0;

		while (whole < CHAIN_RECORDS && frame_ends[whole + 1] <= cut) {
			whole++;
		}
		spit(path, bytes, cut);
		ledger = chain_open(w);
		assert_int_equal(ledger_count(ledger), whole);
		for (uint8_t i = (uint8_t)whole; i < CHAIN_RECORDS; i++) {
			chain_append(ledger, i, &chain_sealed[i]);
		}
		assert_int_equal(
		    ledger_each(ledger, 0, chain_check, &seen), TL_OK);
		assert_int_equal(seen, CHAIN_RECORDS);
		ledger_close(ledger);
	}
}

static void a_file_shorter_than_its_head_is_damage(void **state)
{
	struct chain *w = *state;
	static uint8_t bytes[4096];
	char path[128];

	chain_fill(w);
	chain_file(w, "ledger-000001", path);
	(void)slurp(path, bytes, sizeof(bytes));
	for (size_t cut = 0; cut < 56; cut++) {
		struct ledger *ledger = NULL;
		struct ledger_fault fault = { 0 };

		spit(path, bytes, cut);
		assert_int_equal(
		    ledger_open(&w->opts, &ledger, &fault), TL_EFORMAT);
		assert_null(ledger);
		assert_int_equal(fault.file, 1);
		assert_non_null(fault.what);
	}
}

static void every_flipped_bit_is_seen_and_nothing_is_changed(void **state)
{
	struct chain *w = *state;
	static uint8_t bytes[4096];
	static uint8_t after[4096];
	char path[128];
	size_t len;

	chain_fill(w);
	chain_file(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	for (size_t bit = 0; bit < len * 8; bit++) {
		struct ledger *ledger = NULL;
		struct ledger_fault fault = { 0 };

		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		spit(path, bytes, len);
		assert_int_equal(
		    ledger_open(&w->opts, &ledger, &fault), TL_EFORMAT);
		assert_int_equal(slurp(path, after, sizeof(after)), len);
		assert_memory_equal(after, bytes, len);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* Frames moved, doubled or taken out: each is right, the chain is not. */
static void a_frame_taken_out_or_doubled_is_seen(void **state)
{
	struct chain *w = *state;
	static uint8_t bytes[4096];
	static uint8_t bent[4096];
	const size_t frame = 32 + strlen("sealed bytes of a tip") + 32;
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };
	char path[128];
	size_t len;

	chain_fill(w);
	chain_file(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	memcpy(bent, bytes, 56);
	memcpy(bent + 56, bytes + 56 + frame, len - 56 - frame);
	spit(path, bent, len - frame);
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_EFORMAT);
	assert_int_equal(fault.at, 56);
	memcpy(bent, bytes, 56 + frame);
	memcpy(bent + 56 + frame, bytes + 56, len - 56);
	spit(path, bent, len + frame);
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_EFORMAT);
	assert_int_equal(fault.at, 56 + frame);
}

static void a_missing_or_cut_file_in_the_middle_is_damage(void **state)
{
	struct chain *w = *state;
	static uint8_t bytes[4096];
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };
	char path[128];
	char third[128];
	size_t len;

	w->opts.file_max_bytes = 250;
	chain_fill(w);
	chain_file(w, "ledger-000002", path);
	chain_file(w, "ledger-000003", third);
	len = slurp(path, bytes, sizeof(bytes));
	assert_int_equal(truncate(path, (off_t)len - 1), 0);
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_EFORMAT);
	assert_int_equal(fault.file, 2);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_EFORMAT);
	assert_int_equal(fault.file, 2);
	assert_int_equal(rename(third, path), 0);
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_EFORMAT);
	assert_int_equal(fault.file, 2);
	assert_null(ledger);
}

static void looking_makes_and_cuts_nothing(void **state)
{
	struct chain *w = *state;
	static uint8_t bytes[4096];
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };
	char path[128];
	size_t len;

	w->opts.read_only = true;
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_ENOENT);
	assert_int_equal(access(w->folder, F_OK), -1);
	w->opts.read_only = false;
	chain_fill(w);
	chain_file(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	assert_int_equal(truncate(path, (off_t)len - 1), 0);
	w->opts.read_only = true;
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_OK);
	assert_int_equal(ledger_count(ledger), CHAIN_RECORDS - 1);
	ledger_close(ledger);
	assert_int_equal(slurp(path, bytes, sizeof(bytes)), len - 1);
}

static void a_full_disk_ends_the_writing_and_loses_nothing(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	struct ledger_record rec = chain_tip(8, "does not fit any more");
	struct ledger_record known = chain_tip(0, "sealed bytes of a tip");
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit old;
	struct rlimit low;
	uint64_t seen = 0;
	char path[128];
	struct stat st;

	chain_fill(w);
	chain_file(w, "ledger-000001", path);
	assert_int_equal(stat(path, &st), 0);
	ledger = chain_open(w);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	/* a write beyond the limit is an error then, not the end */
	assert_int_equal(sigaction(SIGXFSZ, &ignore, NULL), 0);
	low = old;
	low.rlim_cur = (rlim_t)st.st_size + 10; /* a part of it fits */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	assert_int_equal(ledger_append(ledger, &rec), TL_EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	/* room again, but nothing may be written behind half a frame */
	assert_int_equal(ledger_append(ledger, &rec), TL_EIO);
	assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash), LEDGER_NEW);
	assert_int_equal(
	    ledger_lookup(ledger, known.id, known.hash), LEDGER_SAME);
	ledger_close(ledger);
	ledger = chain_open(w);
	assert_int_equal(ledger_each(ledger, 0, chain_check, &seen), TL_OK);
	assert_int_equal(seen, CHAIN_RECORDS);
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	ledger_close(ledger);
}

static enum tl_err stop_at_once(
    uint64_t number, const struct ledger_record *rec, void *arg)
{
	(void)number;
	(void)rec;
	(void)arg;
	return TL_ECLOSED;
}

static void a_walk_ends_when_it_is_told_to_or_the_file_changes(void **state)
{
	struct chain *w = *state;
	static uint8_t bytes[4096];
	struct ledger *ledger;
	uint64_t seen = 0;
	char path[128];
	size_t len;

	chain_fill(w);
	ledger = chain_open(w);
	assert_int_equal(
	    ledger_each(ledger, 0, stop_at_once, NULL), TL_ECLOSED);
	chain_file(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	assert_int_equal(truncate(path, (off_t)len - 1), 0);
	assert_int_equal(
	    ledger_each(ledger, 0, chain_check, &seen), TL_EFORMAT);
	bytes[100] ^= 1;
	spit(path, bytes, len);
	assert_int_equal(
	    ledger_each(ledger, 0, chain_check, &seen), TL_EFORMAT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ledger_each(ledger, 0, chain_check, &seen), TL_EIO);
	ledger_close(ledger);
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, chain_set_up, chain_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_cut_at_every_byte_costs_the_last_frame_only),
		IN_FOLDER(a_file_shorter_than_its_head_is_damage),
		IN_FOLDER(every_flipped_bit_is_seen_and_nothing_is_changed),
		IN_FOLDER(a_frame_taken_out_or_doubled_is_seen),
		IN_FOLDER(a_missing_or_cut_file_in_the_middle_is_damage),
		IN_FOLDER(looking_makes_and_cuts_nothing),
		IN_FOLDER(a_full_disk_ends_the_writing_and_loses_nothing),
		IN_FOLDER(a_walk_ends_when_it_is_told_to_or_the_file_changes),
	};

	return cmocka_run_group_tests_name(
	    "queue/ledger damage", tests, NULL, NULL);
}
