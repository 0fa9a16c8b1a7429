/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/upload: a file never costs the words before it. Engine, spool
 * and handler are played by tests/lib/upload/upload_world.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/lit.h"
#include "tests/lib/upload/upload_world.h"

#define TEXT(name, value) \
	"--b\r\nContent-Disposition: form-data; name=\"" name \
	"\"\r\n\r\n" value "\r\n"
#define FILE_OF(field, name, bytes) \
	"--b\r\nContent-Disposition: form-data; name=\"" field \
	"\"; filename=\"" name "\"\r\n\r\n" bytes "\r\n"
#define END   "--b--\r\n"
#define SOUND "#!AMR\n and what is said"

static const char words_only[] = TEXT("story", "help") END;

static struct upload_way way_of(struct bytes body)
{
	return (struct upload_way){
		.type = bytes_str("multipart/form-data; boundary=b"),
		.body = body,
		.piece_len = 7,
		.how = NET_END_WHOLE,
		.file_max_bytes = 1000000,
		.files_max_bytes = 2000000,
	};
}

static void assert_text(const struct upload_came *came, const char *text)
{
	assert_int_equal(came->text.len, strlen(text));
	assert_memory_equal(came->text.data, text, came->text.len);
}

static void words_and_files_are_told_apart(void **state)
{
	struct upload_way way = way_of(B(TEXT("story", "help")
		FILE_OF("voice", "a", SOUND) FILE_OF("file", "", "") FILE_OF(
		    "file", "c.txt", "c") FILE_OF("odd", "d", "d") END));
	struct upload_came came;

	(void)state;
	upload_world_run(&way, &came);
	assert_true(came.handled);
	assert_text(&came, words_only);
	assert_int_equal(came.n, 2); /* none was chosen; no field of ours */
	assert_string_equal(came.file[0].state, "complete");
	assert_int_equal(came.file[0].bytes, strlen(SOUND));
	assert_memory_equal(came.file[0].kept.data, SOUND, strlen(SOUND));
	assert_int_equal(came.file[1].bytes, 1);
	upload_came_free(&came);
}

static void a_body_that_is_cut_costs_only_the_file_in_flight(void **state)
{
	static const char whole[] = TEXT("story", "help")
	    FILE_OF("voice", "a", SOUND) FILE_OF("file", "b", "bbbb") END;
	const size_t words = strlen(TEXT("story", "help"));
	const size_t head = strlen(FILE_OF("voice", "a", "")) - 2;
	const size_t first = strlen(FILE_OF("voice", "a", SOUND) "--b");

	(void)state;
	for (size_t len = 0; len < strlen(whole); len++) {
		struct upload_way way = way_of(bytes_of(whole, len));
		struct upload_came came;

		way.how = NET_END_CUT;
		upload_world_run(&way, &came);
		/* without a file it is the engine's to say that it was cut */
		assert_int_equal(came.handled, len >= words + head);
		if (came.handled) {
			assert_text(&came, words_only);
			assert_in_range(came.n, 1, 2);
			assert_int_equal(
			    strcmp(came.file[0].state, "complete") == 0,
			    len >= words + first);
		}
		upload_came_free(&came);
	}
}

/* There was no room for more of it, with the sender there to be answered. */
static void a_body_that_no_room_is_left_for_costs_no_whole_word(void **state)
{
	static const char whole[] = TEXT("story", "help")
	    TEXT("near", "012 345 678") FILE_OF("voice", "a", SOUND) END;
	static const char both[] =
	    TEXT("story", "help") TEXT("near", "012 345 678") END;
	const size_t words = strlen(TEXT("story", "help") "--b");
	const size_t near =
	    strlen(TEXT("story", "help") TEXT("near", "012 345 678") "--b");

	(void)state;
	for (size_t len = 0; len < strlen(whole) - 2; len++) {
		struct upload_way way = way_of(bytes_of(whole, len));
		struct upload_came came;

		way.how = NET_END_OVER;
		upload_world_run(&way, &came);
		assert_int_equal(came.handled, len >= words);
		assert_int_equal(came.refused, len >= words ? 0 : 503);
		if (came.handled) {
			assert_text(&came, len >= near ? both : words_only);
			assert_true(came.is_cut || came.n == 1);
		}
		upload_came_free(&came);
	}
}

static void a_part_that_is_cut_behind_a_file_costs_neither(void **state)
{
	static const char whole[] = TEXT("story", "help")
	    FILE_OF("voice", "a", SOUND) TEXT("near", "012 345 678");
	struct upload_way way =
	    way_of(bytes_of(whole, sizeof(whole) - sizeof("678\r\n")));
	struct upload_came came;

	(void)state;
	way.how = NET_END_CUT;
	upload_world_run(&way, &came);
	assert_text(&came, words_only);
	assert_string_equal(came.file[0].state, "complete");
	assert_true(came.is_cut);
	upload_came_free(&came);
}

/* What no browser of ours writes may be written by one, or by the company that
 * its pages go through. */
static void what_is_wrong_behind_the_words_costs_none_of_them(void **state)
{
	static const struct {
		struct bytes body;
		size_t n;
		bool is_cut;
	} rows[] = {
		{ B(TEXT(
		      "story", "help") "--b\r\nContent-Disposition: form-data;"
				       " name=\"voice\"; filename=\"a\"\r\n"
				       "Content-Transfer-Encoding: binary\r\n"
				       "\r\n" SOUND "\r\n" END),
		    0, true },
		{ B(TEXT("story",
		      "help") "--b\r\nContent-Disposition: form-data;"
			      " name=\"voice\"; filename=\"a\";"
			      " filename*=UTF-8''a\r\n\r\n" SOUND "\r\n" END),
		    0, true },
		{ B(TEXT("story", "help") FILE_OF(
		      "voice", "a", SOUND) "--b\r\nX\r\n\r\n\r\n" END),
		    1, true },
		{ B(TEXT("story", "help") "--b nothing"), 0, true },
		{ B(TEXT("story", "help") END "\r\n"), 0, false },
		{ B(TEXT("story", "help") END "behind the end"), 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct upload_way way = way_of(rows[i].body);
		struct upload_came came;

		for (way.piece_len = 1; way.piece_len <= 16384;
		     way.piece_len *= 128) {
			upload_world_run(&way, &came);
			assert_text(&came, words_only);
			assert_int_equal(came.n, rows[i].n);
			assert_int_equal(came.is_cut, rows[i].is_cut);
			upload_came_free(&came);
		}
	}
}

static void what_is_wrong_before_the_words_is_refused(void **state)
{
	static const struct bytes rows[] = {
		B("--b\r\nX: y\r\n\r\n1\r\n" TEXT("story", "help") END),
		B("\r\n" TEXT("story", "help") END),
		B(TEXT("story", "") "--b\r\nX: y\r\n\r\n1\r\n" END),
		B(TEXT("other", "help") "--b\r\nX: y\r\n\r\n1\r\n" END),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct upload_way way = way_of(rows[i]);
		struct upload_came came;

		upload_world_run(&way, &came);
		assert_int_equal(came.n, 0);
		assert_false(came.is_cut);
		/* not closed, so whoever reads it refuses it */
		assert_true(came.text.len < strlen("--b--\r\n") ||
		    memcmp(came.text.data + came.text.len - strlen("--b--\r\n"),
			"--b--\r\n", strlen("--b--\r\n")) != 0);
		upload_came_free(&came);
	}
}

static void a_spool_that_keeps_nothing_costs_no_word(void **state)
{
	struct upload_way way = way_of(B(TEXT("story", "help")
		FILE_OF("voice", "a", SOUND) FILE_OF("file", "b", "b") END));
	struct upload_came came;

	(void)state;
	for (way.lost = 1; way.lost <= 3; way.lost++) {
		upload_world_run(&way, &came);
		assert_text(&came, words_only);
		assert_int_equal(came.n, 2);
		for (size_t i = 0; i < 2; i++) {
			bool lost = (way.lost >> i & 1u) != 0;

			assert_string_equal(came.file[i].state,
			    lost ? "incomplete" : "complete");
			assert_int_equal(came.file[i].bytes == 0, lost);
		}
		upload_came_free(&came);
	}
}

static void limits_are_of_each_file_and_of_all(void **state)
{
	struct upload_way way = way_of(B(FILE_OF("file", "a", "12345678")
		FILE_OF("file", "b", "12345678") END));
	struct upload_came came;

	(void)state;
	way.file_max_bytes = 8;
	way.files_max_bytes = 12;
	upload_world_run(&way, &came);
	assert_string_equal(came.file[0].state, "complete");
	assert_string_equal(came.file[1].state, "too-large");
	assert_int_equal(came.file[1].bytes, 4);
	upload_came_free(&came);
}

static void a_ninth_file_is_left_out_and_said(void **state)
{
	struct buf body;
	struct upload_came came;

	(void)state;
	for (unsigned n = UPLOAD_FILES_MAX; n <= UPLOAD_FILES_MAX + 1; n++) {
		struct upload_way way;

		buf_init(&body, 4096);
		for (unsigned i = 0; i < n; i++) {
			buf_put_str(&body, FILE_OF("file", "x", "x"));
		}
		buf_put_str(&body, END);
		way = way_of(bytes_of(body.data, body.len));
		upload_world_run(&way, &came);
		assert_int_equal(came.n, UPLOAD_FILES_MAX);
		assert_int_equal(came.is_cut, n > UPLOAD_FILES_MAX);
		upload_came_free(&came);
		buf_free(&body);
	}
}

static void words_without_end_are_refused_and_not_gathered(void **state)
{
	static uint8_t body[600000];
	struct upload_way way = way_of(bytes_of(body, sizeof(body)));
	struct upload_came came;

	(void)state;
	memset(body, 'x', sizeof(body));
	memcpy(body, TEXT("story", ""), strlen(TEXT("story", "")) - 2);
	way.piece_len = 16384;
	upload_world_run(&way, &came);
	assert_false(came.handled);
	assert_int_equal(came.refused, 413);
	upload_came_free(&came);
}

static void a_large_file_comes_out_as_it_went_in(void **state)
{
	static uint8_t body[400000];
	const char *head = FILE_OF("file", "a", "");
	size_t begin = strlen(head) - 2,
	       end = sizeof(body) - strlen("\r\n" END);
	struct upload_way way = way_of(bytes_of(body, sizeof(body)));
	struct upload_came came;

	(void)state;
	for (size_t i = 0; i < sizeof(body); i++) {
		body[i] = (uint8_t)(i * 7 + i / 251);
	}
	memcpy(body, head, begin);
	memcpy(body + end, "\r\n" END, sizeof(body) - end);
	for (way.piece_len = 1; way.piece_len <= 16384; way.piece_len *= 128) {
		upload_world_run(&way, &came);
		assert_int_equal(came.file[0].bytes, end - begin);
		assert_memory_equal(
		    came.file[0].kept.data, body + begin, end - begin);
		upload_came_free(&came);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_files_are_told_apart),
		cmocka_unit_test(
		    a_body_that_is_cut_costs_only_the_file_in_flight),
		cmocka_unit_test(
		    a_body_that_no_room_is_left_for_costs_no_whole_word),
		cmocka_unit_test(
		    a_part_that_is_cut_behind_a_file_costs_neither),
		cmocka_unit_test(
		    what_is_wrong_behind_the_words_costs_none_of_them),
		cmocka_unit_test(what_is_wrong_before_the_words_is_refused),
		cmocka_unit_test(a_spool_that_keeps_nothing_costs_no_word),
		cmocka_unit_test(limits_are_of_each_file_and_of_all),
		cmocka_unit_test(a_ninth_file_is_left_out_and_said),
		cmocka_unit_test(
		    words_without_end_are_refused_and_not_gathered),
		cmocka_unit_test(a_large_file_comes_out_as_it_went_in),
	};

	return cmocka_run_group_tests_name("intake/upload", tests, NULL, NULL);
}
