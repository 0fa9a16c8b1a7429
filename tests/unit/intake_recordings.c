/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/recordings: what an operator has put into the folder, and
 * what must not be served out of it.
 */
#include "server/intake/recordings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/page.h"

static char folder[64];

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/tl-recordings-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static const char *path_of(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t l = 0; l < web_language_count(); l++) {
		for (size_t q = 0; q < PAGE_SPOKEN; q++) {
			char name[64];

			(void)snprintf(name, sizeof(name), "%s.%s.mp3",
			    web_language_tag(web_language_at(l)),
			    page_spoken_name(q));
			(void)unlink(path_of(name));
		}
	}
	return rmdir(folder);
}

/* len bytes that begin as first does. */
static void put(const char *name, const char *first, size_t len)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(first, 1, strlen(first), file), strlen(first));
	for (size_t i = strlen(first); i < len; i++) {
		assert_int_equal(putc('x', file), 'x');
	}
	assert_int_equal(fclose(file), 0);
}

static void what_is_there_is_found_and_nothing_else(void **state)
{
	struct recordings *recordings = NULL;
	struct bytes story;

	(void)state;
	put("km.story.mp3", "\xff\xfb", 30000);
	put("zh-Hans.official.mp3", "ID3", RECORDING_MAX_BYTES);
	assert_int_equal(recordings_load(folder, &recordings), TL_OK);
	story = recordings_find(recordings, "km", 1);
	assert_int_equal(story.len, 30000);
	assert_memory_equal(story.at, "\xff\xfbxx", 4);
	assert_int_equal(recordings_find(recordings, "zh-Hans", 13).len,
	    RECORDING_MAX_BYTES);
	assert_int_equal(recordings_find(recordings, "km", 13).len, 0);
	assert_int_equal(recordings_find(recordings, "km", PAGE_SPOKEN).len, 0);
	assert_int_equal(recordings_find(recordings, "xx", 1).len, 0);
	assert_int_equal(recordings_find(NULL, "km", 1).len, 0);
	recordings_free(recordings);
}

static void assert_refused(void)
{
	struct recordings *recordings = NULL;

	assert_int_equal(recordings_load(folder, &recordings), TL_EINVAL);
	assert_null(recordings);
}

static void a_folder_without_any_is_a_slip(void **state)
{
	(void)state;
	assert_refused();
}

static void what_is_no_mp3_is_refused(void **state)
{
	static const char *const first[] = { "", "\xff", "OggS", "RIFF", "<htm",
		"\x89PNG" };

	(void)state;
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		put("en.now.mp3", first[i], i < 2 ? 0 : 1000);
		assert_refused();
	}
}

static void one_that_is_too_long_is_refused(void **state)
{
	(void)state;
	put("en.now.mp3", "ID3", RECORDING_MAX_BYTES + 1);
	assert_refused();
}

static void all_together_have_a_limit(void **state)
{
	struct recordings *recordings = NULL;
	size_t n = 0;

	(void)state;
	for (size_t l = 0; l < web_language_count(); l++) {
		for (size_t q = 0; q < PAGE_SPOKEN; q++) {
			char name[64];

			if (n == RECORDINGS_MAX_BYTES / RECORDING_MAX_BYTES) {
				assert_int_equal(
				    recordings_load(folder, &recordings),
				    TL_OK);
				recordings_free(recordings);
			}
			(void)snprintf(name, sizeof(name), "%s.%s.mp3",
			    web_language_tag(web_language_at(l)),
			    page_spoken_name(q));
			put(name, "ID3",
			    n++ < RECORDINGS_MAX_BYTES / RECORDING_MAX_BYTES
				? RECORDING_MAX_BYTES
				: 3);
		}
	}
	assert_refused();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_there_is_found_and_nothing_else),
		TEST(a_folder_without_any_is_a_slip),
		TEST(what_is_no_mp3_is_refused),
		TEST(one_that_is_too_long_is_refused),
		TEST(all_together_have_a_limit),
	};

	return cmocka_run_group_tests_name(
	    "intake/recordings", tests, NULL, NULL);
}
