/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool on a disk that fails. This program has its own pwrite64,
 * fdatasync, fsync and ftruncate64, which SQLite finds before libc's: they
 * fail at the n-th call, or remember what would be on the disk if the power
 * went now.
 *
 * Promised = found: at every point, what spool_commit() had answered with
 * TL_OK is there afterwards, with its bytes.
 */
#include "queue/spool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/spool_world.h"

#define POINTS_MAX 4000u
#define RECORDS    40u
#define PAGE_BYTES 4096u

enum ack { ACK_NEVER, ACK_PUT, ACK_FORGOT };

/* What happens at storage calls, and what they have done. */
static struct {
	bool on;
	unsigned calls; /* since it was switched on */
	unsigned fail_at;
	int error;
	unsigned failed;
	bool failed_quietly; /* SQLite may hide this one, see may_hide() */
	bool failed_in_file; /* not in the log: in a checkpoint */
	bool file_full; /* the file cannot grow or be written, the log can */
	/* power cuts: where images go, and what was answered by then */
	const struct spool_world *world;
	uint8_t acked[POINTS_MAX][RECORDS];
	bool cuts;
	bool mix; /* each page not synced is there or not, at random */
	uint32_t seed;
} disk;

static uint8_t acked[RECORDS];

/* ---- power cuts ---------------------------------------------------------- */

static const char *const names[] = { "spool.db", "spool.db-wal" };
#define NAMES 2

/* What the disk surely holds: content as of the last sync of each file. */
static struct {
	uint8_t *bytes;
	size_t len;
	bool named; /* the folder was synced when it was there */
} synced[NAMES];

static size_t read_file(const char *path, uint8_t **ret_bytes)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	size_t len;

	*ret_bytes = NULL;
	if (fd < 0 || fstat(fd, &st) != 0) {
		return 0;
	}
	len = (size_t)st.st_size;
	*ret_bytes = malloc(len + 1);
	assert_int_equal(read(fd, *ret_bytes, len), len);
	(void)close(fd);
	return len;
}

static void path_of(int fd, char path[static 256])
{
	char link[64];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, 255);
	assert_true(len > 0);
	path[len] = '\0';
}

static void remember_sync(int fd)
{
	char path[256];

	path_of(fd, path);
	for (size_t i = 0; i < NAMES; i++) {
		char mine[160];

		world_path(disk.world, names[i], mine);
		if (strcmp(path, mine) == 0) {
			free(synced[i].bytes);
			synced[i].len = read_file(path, &synced[i].bytes);
		} else if (strcmp(path, disk.world->dir) == 0 &&
		    access(mine, F_OK) == 0) {
			synced[i].named = true;
		}
	}
}

static uint32_t next_random(void)
{
	disk.seed = disk.seed * 1103515245u + 12345u;
	return disk.seed >> 16;
}

/* What the content has of the page at that place. */
static void copy_part(uint8_t page[static PAGE_BYTES], const uint8_t *bytes,
    size_t len, size_t at)
{
	if (at < len) {
		memcpy(page, bytes + at,
		    len - at < PAGE_BYTES ? len - at : PAGE_BYTES);
	}
}

/* The file as it would be found: synced pages, and by chance newer ones. */
static void write_image(size_t which, const char *to)
{
	char path[160];
	uint8_t *now;
	size_t now_len;
	size_t len = synced[which].len;
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	world_path(disk.world, names[which], path);
	now_len = read_file(path, &now);
	if (disk.mix && next_random() % 2 == 0) {
		len = now_len;
	}
	for (size_t at = 0; at < len; at += PAGE_BYTES) {
		uint8_t page[PAGE_BYTES] = { 0 };
		size_t part = len - at < PAGE_BYTES ? len - at : PAGE_BYTES;

		copy_part(page, synced[which].bytes, synced[which].len, at);
		if (disk.mix && at + part <= now_len &&
		    next_random() % 2 == 0) {
			copy_part(page, now, now_len, at);
		}
		assert_int_equal(
		    syscall(SYS_pwrite64, fd, page, part, at), part);
	}
	(void)close(fd);
	free(now);
}

static void cut_power(void)
{
	char dir[160];

	assert_true(disk.calls < POINTS_MAX);
	memcpy(disk.acked[disk.calls], acked, sizeof(acked));
	(void)snprintf(
	    dir, sizeof(dir), "%s/cut-%u", disk.world->top, disk.calls);
	assert_int_equal(mkdir(dir, 0700), 0);
	for (size_t i = 0; i < NAMES; i++) {
		char to[256];

		(void)snprintf(to, sizeof(to), "%s/%s", dir, names[i]);
		if (synced[i].named) {
			write_image(i, to);
		}
	}
}

/* ---- the calls ----------------------------------------------------------- */

/*
 * SQLite goes on when the folder's sync fails, which is why we sync it again
 * ourselves, and when the rollback journal is not wiped with which an empty
 * file is turned to WAL: there is no record yet, and the first write proves
 * the file.
 */
static bool may_hide(int fd)
{
	char path[256];
	struct stat st;

	path_of(fd, path);
	return (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) ||
	    strstr(path, "-journal") != NULL;
}

static bool is_file(int fd)
{
	static const char end[] = "/spool.db";
	char path[256];
	size_t len;

	path_of(fd, path);
	len = strlen(path);
	return len > strlen(end) && strcmp(path + len - strlen(end), end) == 0;
}

/* True if this call is to fail. */
static bool call(int fd)
{
	if (!disk.on) {
		return false;
	}
	if (disk.cuts) {
		cut_power();
	}
	disk.calls++;
	if (disk.calls != disk.fail_at) {
		return false;
	}
	disk.failed++;
	disk.failed_quietly = may_hide(fd);
	disk.failed_in_file = is_file(fd);
	errno = disk.error;
	return true;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	if (disk.file_full && is_file(fd)) {
		errno = ENOSPC;
		return -1;
	}
	return call(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, at);
}

int ftruncate64(int fd, off64_t len)
{
	return call(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

/* Nothing is really synced: what that would mean is remembered instead. */
int fdatasync(int fd)
{
	if (call(fd)) {
		return -1;
	}
	if (disk.on && disk.cuts) {
		remember_sync(fd);
	}
	return 0;
}

int fsync(int fd)
{
	return fdatasync(fd);
}

/* ---- the load ------------------------------------------------------------ */

/* Put up to n records as one group. What is known to be there is acked after
 * the commit, or, for the mutant, before. */
static enum tl_err put_group(
    struct spool_world *w, uint32_t first, uint32_t n, bool ack_early)
{
	enum tl_err err = TL_OK;
	enum tl_err end;
	bool known;

	for (uint32_t i = first; i < first + n && err == TL_OK; i++) {
		err = world_put(w, i, i % 5 == 0, NULL, &known);
		if (ack_early && err == TL_OK) {
			acked[i] = ACK_PUT;
		}
	}
	if (err == TL_OK || err == TL_EFULL) {
		/* a group from which a record was refused is still one */
		end = spool_commit(w->spool);
		err = end != TL_OK ? end : err;
	}
	for (uint32_t i = first; i < first + n && err == TL_OK; i++) {
		acked[i] = ACK_PUT;
	}
	return err;
}

static enum tl_err forget_one(struct spool_world *w, uint32_t n)
{
	enum tl_err err = world_forget(w, n);
	enum tl_err end;

	if (err == TL_OK) {
		/* the desk has it: from here on it may be there or not */
		acked[n] = ACK_NEVER;
	}
	/* also what changed nothing has begun a group */
	if (err == TL_OK || err == TL_EFULL || err == TL_ENOENT) {
		end = spool_commit(w->spool);
		err = end != TL_OK ? end : err;
	}
	if (err == TL_OK) {
		acked[n] = ACK_FORGOT;
	}
	return err == TL_ENOENT ? TL_OK : err;
}

/*
 * A step that met a failure and was answered TL_OK breaks the promise; but
 * for want of room a checkpoint is tried once more on the reserve.
 */
static bool check(
    const struct spool_world *w, enum tl_err err, unsigned failed_before)
{
	bool retried =
	    disk.error == ENOSPC && w->spool != NULL && disk.failed_in_file;

	if (disk.failed != failed_before && !disk.failed_quietly && !retried) {
		assert_int_not_equal(err, TL_OK);
	}
	return err == TL_OK || err == TL_EFULL;
}

static enum tl_err load(struct spool_world *w, bool ack_early)
{
	enum tl_err err = world_open(w);
	uint32_t n = 0;

	if (!check(w, err, 0) || err == TL_EFULL) {
		return err;
	}
	for (uint32_t round = 0; round < 6; round++) {
		unsigned failed = disk.failed;

		err = put_group(w, n, round % 2 == 0 ? 1 : 5, ack_early);
		n += round % 2 == 0 ? 1 : 5;
		if (!check(w, err, failed)) {
			return err;
		}
		failed = disk.failed;
		err = forget_one(w, n - 1);
		if (!check(w, err, failed)) {
			return err;
		}
		if (round == 1) {
			failed = disk.failed;
			err = spool_pause(w->spool);
			if (!check(w, err, failed)) {
				return err;
			}
		}
		if (round == 3) {
			failed = disk.failed;
			err = put_group(w, 20, 20, ack_early);
			if (!check(w, err, failed)) {
				return err;
			}
			failed = disk.failed;
			err = spool_idle(w->spool);
			if (!check(w, err, failed)) {
				return err;
			}
		}
	}
	return spool_finish(w->spool);
}

/* How many acknowledged records are not as promised. */
static unsigned count_lost(struct spool_world *w, const uint8_t *promised)
{
	struct spool_seen seen;
	unsigned lost = 0;

	for (uint32_t n = 0; n < RECORDS; n++) {
		bool there = world_has(w, n);

		lost += (promised[n] == ACK_PUT && !there) ||
			(promised[n] == ACK_FORGOT && there)
		    ? 1
		    : 0;
	}
	/* all that is there has its bytes, and can be put beside */
	while (world_take(w, 64, &seen) > 0) {
	}
	world_keep(w, 1000, 3, false);
	return lost;
}

static int remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void start_over(struct spool_world *w)
{
	spool_close(w->spool);
	w->spool = NULL;
	remove_tree(w->dir);
	memset(acked, ACK_NEVER, sizeof(acked));
	memset(&disk, 0, sizeof(disk));
	disk.world = w;
	/* The log is moved into the file between groups too, and kept at its
	 * length: as it is every 8192 pages. */
	w->opts.log_pages = 24;
}

/* ---- errors -------------------------------------------------------------- */

static void fail_each_call(struct spool_world *w, int error)
{
	unsigned points = 0;
	unsigned promised = 0;
	unsigned quiet = 0;
	enum tl_err err;

	do {
		bool known;

		start_over(w);
		disk.fail_at = ++points;
		disk.error = error;
		disk.on = true;
		err = load(w, false);
		if (w->spool != NULL && err != TL_OK && err != TL_EFULL) {
			/* the first error sticks */
			assert_int_equal(
			    world_put(w, 0, false, NULL, &known), err);
			assert_int_equal(spool_commit(w->spool), err);
			assert_int_equal(spool_finish(w->spool), err);
		}
		disk.on = false;
		quiet += err == TL_OK && disk.failed > 0 ? 1 : 0;
		/* a failure without a trace has to be a known one */
		assert_true(err != TL_OK || disk.failed == 0 ||
		    disk.failed_quietly || error == ENOSPC);
		for (uint32_t n = 0; n < RECORDS; n++) {
			promised += acked[n] == ACK_PUT ? 1 : 0;
		}
		world_reopen(w);
		assert_int_equal(count_lost(w, acked), 0);
	} while (disk.failed > 0);
	print_message("errno %d: %u points, %u promised, 0 lost, %u quiet\n",
	    error, points - 1, promised, quiet);
	assert_in_range(points, 50, POINTS_MAX);
	assert_true(promised > 300);
}

static void no_error_of_the_disk_is_taken_for_success(void **state)
{
	fail_each_call(*state, EIO);
}

static void a_full_disk_at_any_call_loses_nothing(void **state)
{
	fail_each_call(*state, ENOSPC);
}

static void a_quota_at_any_call_loses_nothing(void **state)
{
	fail_each_call(*state, EDQUOT);
}

/* ---- no room for the log in the file ------------------------------------- */

/* Fill the log until it would have to be moved, which cannot be. */
static uint32_t get_stuck(struct spool_world *w)
{
	uint32_t n = 0;

	start_over(w);
	assert_int_equal(world_open(w), TL_OK);
	disk.file_full = true;
	while (spool_room(w->spool) != SPOOL_ROOM_FULL) {
		enum tl_err err = put_group(w, n, 2, false);

		assert_true(err == TL_OK || err == TL_EFULL);
		n += err == TL_OK ? 2 : 0;
		assert_true(n < RECORDS);
	}
	assert_true(n > 2);
	return n;
}

static void a_log_that_finds_no_room_waits_and_goes_on_by_itself(void **state)
{
	struct spool_world *w = *state;
	uint32_t n = get_stuck(w);

	/* records are refused, however often; receipts are worked off */
	assert_int_equal(put_group(w, n, 2, false), TL_EFULL);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_int_equal(spool_try_again(w->spool), TL_OK);
	assert_int_equal(spool_room(w->spool), SPOOL_ROOM_FULL);
	assert_int_equal(forget_one(w, 0), TL_OK);
	assert_false(world_has(w, 0));
	assert_true(world_has(w, 1));
	/* room comes back */
	disk.file_full = false;
	assert_int_equal(put_group(w, n, 2, false), TL_EFULL);
	assert_int_equal(spool_try_again(w->spool), TL_OK);
	assert_int_equal(spool_room(w->spool), SPOOL_ROOM_OK);
	assert_int_equal(world_file_bytes(w, "spool.db-wal"), 0);
	assert_int_equal(put_group(w, n, 2, false), TL_OK);
	world_reopen(w);
	assert_int_equal(count_lost(w, acked), 0);
}

static void an_end_without_room_keeps_the_log_for_the_next_start(void **state)
{
	struct spool_world *w = *state;

	(void)get_stuck(w);
	assert_int_equal(spool_finish(w->spool), TL_EFULL);
	spool_close(w->spool);
	w->spool = NULL;
	/* a start needs the log in the file: not yet */
	assert_int_equal(world_open(w), TL_EFULL);
	disk.file_full = false;
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(count_lost(w, acked), 0);
}

/* ---- power cuts ---------------------------------------------------------- */

/* How many acknowledged records the images of all points miss. */
static unsigned cut_at_each_call(
    struct spool_world *w, bool mix, bool ack_early)
{
	unsigned lost = 0;
	unsigned promised = 0;
	unsigned points;

	start_over(w);
	for (size_t i = 0; i < NAMES; i++) {
		free(synced[i].bytes);
		memset(&synced[i], 0, sizeof(synced[i]));
	}
	disk.cuts = true;
	disk.mix = mix;
	disk.seed = 20;
	disk.on = true;
	assert_int_equal(load(w, ack_early), TL_OK);
	disk.on = false;
	points = disk.calls;
	for (unsigned point = 0; point < points; point++) {
		struct spool_world image = *w;

		image.spool = NULL;
		image.opts.dir = image.dir;
		(void)snprintf(
		    image.dir, sizeof(image.dir), "%s/cut-%u", w->top, point);
		assert_int_equal(world_open(&image), TL_OK);
		lost += count_lost(&image, disk.acked[point]);
		assert_false(spool_was_rescued(image.spool));
		spool_close(image.spool);
		remove_tree(image.dir);
		for (uint32_t n = 0; n < RECORDS; n++) {
			promised += disk.acked[point][n] == ACK_PUT ? 1 : 0;
		}
	}
	for (size_t i = 0; i < NAMES; i++) {
		free(synced[i].bytes);
		memset(&synced[i], 0, sizeof(synced[i]));
	}
	print_message("power cuts at %u points: %u promised, %u lost\n", points,
	    promised, lost);
	assert_true(points >= 50 && promised > 300);
	return lost;
}

static void only_what_was_synced_is_enough(void **state)
{
	assert_int_equal(cut_at_each_call(*state, false, false), 0);
}

static void what_was_not_synced_may_be_there_in_part(void **state)
{
	assert_int_equal(cut_at_each_call(*state, true, false), 0);
}

static void an_answer_before_the_commit_would_be_seen(void **state)
{
	assert_true(cut_at_each_call(*state, false, true) > 0);
}

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(no_error_of_the_disk_is_taken_for_success),
		SPOOL_TEST(a_full_disk_at_any_call_loses_nothing),
		SPOOL_TEST(a_quota_at_any_call_loses_nothing),
		SPOOL_TEST(
		    a_log_that_finds_no_room_waits_and_goes_on_by_itself),
		SPOOL_TEST(
		    an_end_without_room_keeps_the_log_for_the_next_start),
		SPOOL_TEST(only_what_was_synced_is_enough),
		SPOOL_TEST(what_was_not_synced_may_be_there_in_part),
		SPOOL_TEST(an_answer_before_the_commit_would_be_seen),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool faults", tests, NULL, NULL);
}
