/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool when the power goes at any storage call: what would be on the
 * disk then is remembered, and a spool is opened on it.
 *
 * Promised = found: at every point, what spool_commit() had answered with
 * TL_OK is there afterwards, with its bytes.
 */
#include "queue/spool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/disk/bad_disk.h"
#include "tests/lib/tempdir.h"

#define POINTS_MAX 4000u
#define PAGE_BYTES 4096u

/* Where images go, and what was answered by then. */
static struct {
	const struct spool_world *world;
	uint8_t acked[POINTS_MAX][DISK_RECORDS];
	bool mix; /* each page not synced is there or not, at random */
	uint32_t seed;
} cut;

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

static void remember_sync(int fd)
{
	char path[256];

	disk_path_of(fd, path);
	for (size_t i = 0; i < NAMES; i++) {
		char mine[160];

		world_path(cut.world, names[i], mine);
		if (strcmp(path, mine) == 0) {
			free(synced[i].bytes);
			synced[i].len = read_file(path, &synced[i].bytes);
		} else if (strcmp(path, cut.world->dir) == 0 &&
		    access(mine, F_OK) == 0) {
			synced[i].named = true;
		}
	}
}

static uint32_t next_random(void)
{
	cut.seed = cut.seed * 1103515245u + 12345u;
	return cut.seed >> 16;
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

	world_path(cut.world, names[which], path);
	now_len = read_file(path, &now);
	if (cut.mix && next_random() % 2 == 0) {
		len = now_len;
	}
	for (size_t at = 0; at < len; at += PAGE_BYTES) {
		uint8_t page[PAGE_BYTES] = { 0 };
		size_t part = len - at < PAGE_BYTES ? len - at : PAGE_BYTES;

		copy_part(page, synced[which].bytes, synced[which].len, at);
		if (cut.mix && at + part <= now_len && next_random() % 2 == 0) {
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
	memcpy(cut.acked[disk.calls], disk_acked, sizeof(disk_acked));
	(void)snprintf(
	    dir, sizeof(dir), "%s/cut-%u", cut.world->top, disk.calls);
	assert_int_equal(mkdir(dir, 0700), 0);
	for (size_t i = 0; i < NAMES; i++) {
		char to[256];

		(void)snprintf(to, sizeof(to), "%s/%s", dir, names[i]);
		if (synced[i].named) {
			write_image(i, to);
		}
	}
}

/* How many acknowledged records the images of all points miss. */
static unsigned cut_at_each_call(
    struct spool_world *w, bool mix, bool ack_early)
{
	unsigned lost = 0;
	unsigned promised = 0;
	unsigned points;

	disk_start_over(w);
	for (size_t i = 0; i < NAMES; i++) {
		free(synced[i].bytes);
		memset(&synced[i], 0, sizeof(synced[i]));
	}
	memset(&cut, 0, sizeof(cut));
	cut.world = w;
	cut.mix = mix;
	cut.seed = 20;
	disk.before_call = cut_power;
	disk.after_sync = remember_sync;
	disk.on = true;
	assert_int_equal(disk_load(w, ack_early), TL_OK);
	disk.on = false;
	points = disk.calls;
	for (unsigned point = 0; point < points; point++) {
		struct spool_world image = *w;

		image.spool = NULL;
		image.opts.dir = image.dir;
		(void)snprintf(
		    image.dir, sizeof(image.dir), "%s/cut-%u", w->top, point);
		assert_int_equal(world_open(&image), TL_OK);
		lost += disk_count_lost(&image, cut.acked[point]);
		assert_false(spool_was_rescued(image.spool));
		spool_close(image.spool);
		tempdir_remove_tree(image.dir);
		for (uint32_t n = 0; n < DISK_RECORDS; n++) {
			promised += cut.acked[point][n] == ACK_PUT ? 1 : 0;
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
		SPOOL_TEST(only_what_was_synced_is_enough),
		SPOOL_TEST(what_was_not_synced_may_be_there_in_part),
		SPOOL_TEST(an_answer_before_the_commit_would_be_seen),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool power", tests, NULL, NULL);
}
