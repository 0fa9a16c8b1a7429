/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger: once it said yes, the record is there, whole, for ever, or
 * the ledger says that it is not.
 */
#include "queue/ledger.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/weak_hash.h"

#define RECORDS 5

/* of number n: the text without its first n bytes */
static const char sealed[] = "sealed bytes of a tip";

struct world {
	char top[64];
	char folder[96];
	struct ledger_opts opts;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	(void)snprintf(w->top, sizeof(w->top), "/tmp/ledger-test-XXXXXX");
	assert_non_null(mkdtemp(w->top));
	(void)snprintf(w->folder, sizeof(w->folder), "%s/ledger", w->top);
	w->opts =
	    (struct ledger_opts){ .folder = w->folder, .hash = weak_hash };
	*state = w;
	return 0;
}

static void file_of(const struct world *w, const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s/%s", w->folder, name);
}

static int tear_down(void **state)
{
	static const char *const names[] = { "lock", "ledger.new",
		"ledger-000001", "ledger-000002", "ledger-000003",
		"ledger-000004", "ledger-000005", "ledger-000006" };
	struct world *w = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file_of(w, names[i], path);
		(void)unlink(path);
	}
	(void)rmdir(w->folder);
	assert_int_equal(rmdir(w->top), 0);
	free(w);
	return 0;
}

static struct ledger *must_open(const struct world *w)
{
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };

	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_OK);
	return ledger;
}

static struct ledger_record tip(uint8_t n, const char *text)
{
	struct ledger_record rec = { .kind = LEDGER_TIP,
		.sealed = bytes_str(text) };

	memset(rec.id, n, sizeof(rec.id));
	weak_hash(rec.hash, rec.sealed.at, rec.sealed.len);
	return rec;
}

static void append(struct ledger *ledger, uint8_t n, const char *text)
{
	struct ledger_record rec = tip(n, text);

	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
}

static void fill(const struct world *w)
{
	struct ledger *ledger = must_open(w);

	for (uint8_t i = 0; i < RECORDS; i++) {
		append(ledger, i, &sealed[i]);
	}
	ledger_close(ledger);
}

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

static enum tl_err check_one(
    uint64_t number, const struct ledger_record *rec, void *arg)
{
	struct ledger_record want = tip((uint8_t)number, &sealed[number]);
	uint64_t *seen = arg;

	assert_int_equal(rec->kind, LEDGER_TIP);
	assert_memory_equal(rec->id, want.id, sizeof(want.id));
	assert_memory_equal(rec->hash, want.hash, sizeof(want.hash));
	assert_true(bytes_equal(rec->sealed, want.sealed));
	(*seen)++;
	return TL_OK;
}

static void what_was_appended_is_read_back_in_order(void **state)
{
	struct world *w = *state;
	struct ledger *ledger;
	uint64_t seen = 0;

	fill(w);
	ledger = must_open(w);
	assert_int_equal(ledger_count(ledger), RECORDS);
	assert_int_equal(ledger_each(ledger, 0, check_one, &seen), TL_OK);
	assert_int_equal(seen, RECORDS);
	seen = 0;
	assert_int_equal(ledger_each(ledger, 3, check_one, &seen), TL_OK);
	assert_int_equal(seen, RECORDS - 3);
	assert_int_equal(ledger_each(ledger, RECORDS, check_one, &seen), TL_OK);
	assert_int_equal(seen, RECORDS - 3);
	ledger_close(ledger);
}

static void a_record_is_known_by_its_id_and_its_bytes(void **state)
{
	struct world *w = *state;
	struct ledger *ledger;
	struct ledger_record same = tip(2, &sealed[2]);
	struct ledger_record other = tip(2, "forged");
	struct ledger_record new = tip(77, "new");

	fill(w);
	ledger = must_open(w);
	assert_int_equal(
	    ledger_lookup(ledger, same.id, same.hash), LEDGER_SAME);
	assert_int_equal(
	    ledger_lookup(ledger, other.id, other.hash), LEDGER_OTHER);
	assert_int_equal(ledger_lookup(ledger, new.id, new.hash), LEDGER_NEW);
	ledger_close(ledger);
}

/* Else whoever may write to Redis could keep a tip from being seen. */
static void an_id_in_quarantine_does_not_stand_in_the_tips_way(void **state)
{
	struct world *w = *state;
	struct ledger *ledger = must_open(w);
	struct ledger_record bad = tip(9, "injected");
	struct ledger_record good = tip(9, "genuine");

	bad.kind = LEDGER_QUARANTINE;
	bad.reason = LEDGER_NOT_OURS;
	assert_int_equal(ledger_append(ledger, &bad), TL_OK);
	assert_int_equal(ledger_lookup(ledger, bad.id, bad.hash), LEDGER_SAME);
	assert_int_equal(ledger_lookup(ledger, good.id, good.hash), LEDGER_NEW);
	assert_int_equal(ledger_append(ledger, &good), TL_OK);
	assert_int_equal(
	    ledger_lookup(ledger, good.id, good.hash), LEDGER_SAME);
	assert_int_equal(ledger_lookup(ledger, bad.id, bad.hash), LEDGER_SAME);
	ledger_close(ledger);
}

static void what_was_made_here_is_kept_and_is_nobodys_repeat(void **state)
{
	struct world *w = *state;
	struct ledger *ledger = must_open(w);
	struct ledger_record rec = tip(3, "sealed event");
	struct ledger_counts counts;

	append(ledger, 1, "a tip");
	rec.kind = LEDGER_EVENT;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash), LEDGER_NEW);
	rec = tip(1, "the tip sealed again");
	rec.kind = LEDGER_RESEALED;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash), LEDGER_OTHER);
	rec = tip(4, "what an officer did");
	rec.kind = LEDGER_AUDIT;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash), LEDGER_NEW);
	ledger_close(ledger);
	ledger = must_open(w);
	ledger_counts(ledger, &counts);
	assert_int_equal(counts.records[LEDGER_TIP], 1);
	assert_int_equal(counts.records[LEDGER_AUDIT], 1);
	assert_int_equal(counts.records[LEDGER_EVENT], 1);
	assert_int_equal(counts.records[LEDGER_RESEALED], 1);
	assert_int_equal(counts.records[LEDGER_QUARANTINE], 0);
	assert_int_equal(counts.files, 1);
	ledger_close(ledger);
}

static void quarantine_is_bounded_and_tips_are_kept_beside_it(void **state)
{
	struct world *w = *state;
	struct ledger_record bad = tip(9, "0123456789");
	struct ledger_counts counts;
	struct ledger *ledger;

	w->opts.quarantine_max_bytes = 25;
	bad.kind = LEDGER_QUARANTINE;
	bad.reason = LEDGER_NOT_OURS;
	ledger = must_open(w);
	assert_int_equal(ledger_append(ledger, &bad), TL_OK);
	assert_int_equal(ledger_append(ledger, &bad), TL_OK);
	assert_int_equal(ledger_append(ledger, &bad), TL_EAGAIN);
	ledger_close(ledger);
	/* also after a start */
	ledger = must_open(w);
	assert_int_equal(ledger_append(ledger, &bad), TL_EAGAIN);
	append(ledger, 1, "a tip");
	ledger_counts(ledger, &counts);
	assert_int_equal(counts.quarantine_bytes, 20);
	assert_int_equal(counts.quarantine_max_bytes, 25);
	assert_int_equal(ledger_count(ledger), 3);
	ledger_close(ledger);
}

static void the_head_of_then_is_told_and_a_missing_end_is_seen(void **state)
{
	uint8_t heads[RECORDS + 1][LEDGER_HASH_BYTES];
	uint8_t head[LEDGER_HASH_BYTES];
	struct world *w = *state;
	struct ledger *ledger;

	w->opts.file_max_bytes = 200; /* two records a file */
	ledger = must_open(w);
	ledger_head(ledger, heads[0]);
	for (uint8_t i = 0; i < RECORDS; i++) {
		append(ledger, i, &sealed[i]);
		ledger_head(ledger, heads[i + 1]);
	}
	ledger_close(ledger);
	ledger = must_open(w);
	for (uint64_t n = 0; n <= RECORDS; n++) {
		assert_int_equal(ledger_head_then(ledger, n, head), TL_OK);
		assert_memory_equal(head, heads[n], sizeof(head));
	}
	assert_int_equal(
	    ledger_head_then(ledger, RECORDS + 1, head), TL_ENOENT);
	ledger_close(ledger);
}

static void each_kind_has_words(void **state)
{
	(void)state;
	for (int i = 0; i <= LEDGER_KIND_MAX + 1; i++) {
		assert_true(strlen(ledger_kind_text((enum ledger_kind)i)) > 3);
	}
}

static void a_thousand_ids_are_found_again(void **state)
{
	struct world *w = *state;
	struct ledger *ledger = must_open(w);

	for (unsigned i = 0; i < 1000; i++) {
		struct ledger_record rec = tip(0, "x");

		memcpy(rec.id, &i, sizeof(i));
		assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	}
	ledger_close(ledger);
	ledger = must_open(w);
	for (unsigned i = 0; i < 1001; i++) {
		struct ledger_record rec = tip(0, "x");

		memcpy(rec.id, &i, sizeof(i));
		assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash),
		    i < 1000 ? LEDGER_SAME : LEDGER_NEW);
	}
	ledger_close(ledger);
}

/* A crash at any byte: what was whole stays, what was not is cut, and the
 * ledger goes on from there. */
static void a_cut_at_every_byte_costs_the_last_frame_only(void **state)
{
	struct world *w = *state;
	static uint8_t bytes[4096];
	size_t frame_ends[RECORDS + 1] = { 56 };
	char path[128];
	size_t len;

	fill(w);
	file_of(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	for (size_t i = 0; i < RECORDS; i++) {
		frame_ends[i + 1] =
		    frame_ends[i] + 32 + strlen(&sealed[i]) + 32;
	}
	assert_int_equal(frame_ends[RECORDS], len);
	for (size_t cut = 56; cut <= len; cut++) {
		struct ledger *ledger;
		uint64_t whole = 0;
		uint64_t seen = 0;

		while (whole < RECORDS && frame_ends[whole + 1] <= cut) {
			whole++;
		}
		spit(path, bytes, cut);
		ledger = must_open(w);
		assert_int_equal(ledger_count(ledger), whole);
		for (uint8_t i = (uint8_t)whole; i < RECORDS; i++) {
			append(ledger, i, &sealed[i]);
		}
		assert_int_equal(
		    ledger_each(ledger, 0, check_one, &seen), TL_OK);
		assert_int_equal(seen, RECORDS);
		ledger_close(ledger);
	}
}

static void a_file_shorter_than_its_head_is_damage(void **state)
{
	struct world *w = *state;
	static uint8_t bytes[4096];
	char path[128];

	fill(w);
	file_of(w, "ledger-000001", path);
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
	struct world *w = *state;
	static uint8_t bytes[4096];
	static uint8_t after[4096];
	char path[128];
	size_t len;

	fill(w);
	file_of(w, "ledger-000001", path);
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
	struct world *w = *state;
	static uint8_t bytes[4096];
	static uint8_t bent[4096];
	const size_t frame = 32 + strlen("sealed bytes of a tip") + 32;
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };
	char path[128];
	size_t len;

	fill(w);
	file_of(w, "ledger-000001", path);
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

static void a_full_file_is_followed_by_the_next(void **state)
{
	struct world *w = *state;
	struct ledger *ledger;
	uint8_t head[32];
	uint8_t again[32];
	uint64_t seen = 0;
	char path[128];

	w->opts.file_max_bytes = 250;
	fill(w);
	file_of(w, "ledger-000003", path);
	assert_int_equal(access(path, F_OK), 0);
	ledger = must_open(w);
	assert_int_equal(ledger_each(ledger, 0, check_one, &seen), TL_OK);
	assert_int_equal(seen, RECORDS);
	ledger_head(ledger, head);
	ledger_close(ledger);
	w->opts.file_max_bytes = 0; /* the limit is no part of the format */
	ledger = must_open(w);
	ledger_head(ledger, again);
	assert_memory_equal(head, again, sizeof(head));
	ledger_close(ledger);
}

static void a_missing_or_cut_file_in_the_middle_is_damage(void **state)
{
	struct world *w = *state;
	static uint8_t bytes[4096];
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };
	char path[128];
	char third[128];
	size_t len;

	w->opts.file_max_bytes = 250;
	fill(w);
	file_of(w, "ledger-000002", path);
	file_of(w, "ledger-000003", third);
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

static void two_writers_are_one_too_many(void **state)
{
	struct world *w = *state;
	struct ledger *first = must_open(w);
	struct ledger *second = NULL;
	struct ledger_fault fault = { 0 };
	struct ledger_record rec = tip(1, "x");

	assert_int_equal(ledger_open(&w->opts, &second, &fault), TL_EBUSY);
	assert_null(second);
	w->opts.read_only = true;
	assert_int_equal(ledger_open(&w->opts, &second, &fault), TL_OK);
	assert_int_equal(ledger_append(second, &rec), TL_EPERM);
	ledger_close(second);
	ledger_close(first);
}

static void looking_makes_and_cuts_nothing(void **state)
{
	struct world *w = *state;
	static uint8_t bytes[4096];
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };
	char path[128];
	size_t len;

	w->opts.read_only = true;
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_ENOENT);
	assert_int_equal(access(w->folder, F_OK), -1);
	w->opts.read_only = false;
	fill(w);
	file_of(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	assert_int_equal(truncate(path, (off_t)len - 1), 0);
	w->opts.read_only = true;
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_OK);
	assert_int_equal(ledger_count(ledger), RECORDS - 1);
	ledger_close(ledger);
	assert_int_equal(slurp(path, bytes, sizeof(bytes)), len - 1);
}

static void a_folder_others_may_write_to_is_refused(void **state)
{
	struct world *w = *state;
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };

	fill(w);
	assert_int_equal(chmod(w->folder, 0770), 0);
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_EPERM);
	assert_int_equal(fault.file, 0);
}

static void a_full_disk_ends_the_writing_and_loses_nothing(void **state)
{
	struct world *w = *state;
	struct ledger *ledger;
	struct ledger_record rec = tip(8, "does not fit any more");
	struct ledger_record known = tip(0, "sealed bytes of a tip");
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit old;
	struct rlimit low;
	uint64_t seen = 0;
	char path[128];
	struct stat st;

	fill(w);
	file_of(w, "ledger-000001", path);
	assert_int_equal(stat(path, &st), 0);
	ledger = must_open(w);
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
	ledger = must_open(w);
	assert_int_equal(ledger_each(ledger, 0, check_one, &seen), TL_OK);
	assert_int_equal(seen, RECORDS);
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	ledger_close(ledger);
}

static void a_giant_is_refused_and_the_ledger_goes_on(void **state)
{
	struct world *w = *state;
	struct ledger *ledger = must_open(w);
	struct ledger_record rec = tip(1, "x");
	uint8_t *giant = calloc(1, LEDGER_RECORD_BYTES + 1);

	assert_non_null(giant);
	rec.sealed = bytes_of(giant, LEDGER_RECORD_BYTES + 1);
	assert_int_equal(ledger_append(ledger, &rec), TL_ETOOBIG);
	assert_int_equal(ledger_count(ledger), 0);
	rec.sealed.len--;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	ledger_close(ledger);
	ledger = must_open(w);
	assert_int_equal(ledger_count(ledger), 1);
	ledger_close(ledger);
	free(giant);
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
	struct world *w = *state;
	static uint8_t bytes[4096];
	struct ledger *ledger;
	uint64_t seen = 0;
	char path[128];
	size_t len;

	fill(w);
	ledger = must_open(w);
	assert_int_equal(
	    ledger_each(ledger, 0, stop_at_once, NULL), TL_ECLOSED);
	file_of(w, "ledger-000001", path);
	len = slurp(path, bytes, sizeof(bytes));
	assert_int_equal(truncate(path, (off_t)len - 1), 0);
	assert_int_equal(ledger_each(ledger, 0, check_one, &seen), TL_EFORMAT);
	bytes[100] ^= 1;
	spit(path, bytes, len);
	assert_int_equal(ledger_each(ledger, 0, check_one, &seen), TL_EFORMAT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ledger_each(ledger, 0, check_one, &seen), TL_EIO);
	ledger_close(ledger);
}

static void each_reason_has_words(void **state)
{
	(void)state;
	for (int i = 0; i <= LEDGER_REASON_MAX; i++) {
		assert_non_null(ledger_reason_text((enum ledger_reason)i));
	}
	assert_string_equal(
	    ledger_reason_text((enum ledger_reason)99), "unknown reason");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_was_appended_is_read_back_in_order),
		IN_FOLDER(a_record_is_known_by_its_id_and_its_bytes),
		IN_FOLDER(an_id_in_quarantine_does_not_stand_in_the_tips_way),
		IN_FOLDER(what_was_made_here_is_kept_and_is_nobodys_repeat),
		IN_FOLDER(quarantine_is_bounded_and_tips_are_kept_beside_it),
		IN_FOLDER(the_head_of_then_is_told_and_a_missing_end_is_seen),
		cmocka_unit_test(each_kind_has_words),
		IN_FOLDER(a_thousand_ids_are_found_again),
		IN_FOLDER(a_cut_at_every_byte_costs_the_last_frame_only),
		IN_FOLDER(a_file_shorter_than_its_head_is_damage),
		IN_FOLDER(every_flipped_bit_is_seen_and_nothing_is_changed),
		IN_FOLDER(a_frame_taken_out_or_doubled_is_seen),
		IN_FOLDER(a_full_file_is_followed_by_the_next),
		IN_FOLDER(a_missing_or_cut_file_in_the_middle_is_damage),
		IN_FOLDER(two_writers_are_one_too_many),
		IN_FOLDER(looking_makes_and_cuts_nothing),
		IN_FOLDER(a_folder_others_may_write_to_is_refused),
		IN_FOLDER(a_full_disk_ends_the_writing_and_loses_nothing),
		IN_FOLDER(a_giant_is_refused_and_the_ledger_goes_on),
		IN_FOLDER(a_walk_ends_when_it_is_told_to_or_the_file_changes),
		cmocka_unit_test(each_reason_has_words),
	};

	return cmocka_run_group_tests_name("queue/ledger", tests, NULL, NULL);
}
