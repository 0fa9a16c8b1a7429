/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http: the corpus of requests that other servers let through.
 * Each as a whole, byte by byte, and cut in two at every place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/enc.h"
#include "tests/lib/http_say.h"

#define REQUEST_MAX (64u * 1024)

struct vector {
	const char *id;
	const char *note;
	const char *expect;
	uint8_t *bytes;
	size_t len;
};

static json_t *corpus;

static struct vector vector_at(size_t i)
{
	json_t *entry = json_array_get(corpus, i);
	const char *text =
	    json_string_value(json_object_get(entry, "bytes_b64"));
	struct vector v = {
		.id = json_string_value(json_object_get(entry, "id")),
		.note = json_string_value(json_object_get(entry, "note")),
		.expect = json_string_value(json_object_get(entry, "expect")),
		.bytes = malloc(REQUEST_MAX),
	};

	assert_non_null(text);
	assert_non_null(v.note);
	assert_non_null(v.expect);
	assert_non_null(v.bytes);
	assert_int_equal(
	    dec_b64(B64_STD, text, strlen(text), v.bytes, REQUEST_MAX, &v.len),
	    TL_OK);
	return v;
}

static const char *said(
    const struct vector *v, size_t first_len, size_t piece_len)
{
	return http_said_in(&http_limits_default, bytes_of(v->bytes, v->len),
	    first_len, piece_len);
}

/* "refused 400 ..." has one of the numbers that the note begins with. */
static bool is_in_note(const char *words, const char *note)
{
	char status[4] = { 0 };
	const char *colon = strchr(note, ':');
	const char *found;

	assert_int_equal(strncmp(words, "refused ", 8), 0);
	memcpy(status, words + 8, 3);
	found = strstr(note, status);
	return found != NULL &&
	    (colon == NULL || found < colon || strstr(note, "recommended"));
}

static void every_request_gets_the_status_of_its_note(void **state)
{
	size_t n = json_array_size(corpus);

	(void)state;
	assert_int_equal(n, 115);
	for (size_t i = 0; i < n; i++) {
		struct vector v = vector_at(i);
		const char *words = said(&v, v.len, 1);
		bool waits = strcmp(words, "waits") == 0;
		bool refused = strncmp(words, "refused", 7) == 0;
		bool accept = strcmp(v.expect, "accept") == 0;

		if (accept != (!waits && !refused) ||
		    (refused && !is_in_note(words, v.note))) {
			fail_msg("%s (%s): %s", v.id, v.note, words);
		}
		if (waits) {
			assert_true(strcmp(v.id, "body-cut-short") == 0 ||
			    strcmp(v.id, "expect-no-body") == 0);
		}
		free(v.bytes);
	}
}

static void every_request_is_the_same_in_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < json_array_size(corpus); i++) {
		struct vector v = vector_at(i);
		char *words = strdup(said(&v, v.len, 1));

		assert_string_equal(said(&v, 1, 1), words);
		assert_string_equal(said(&v, 3, 7), words);
		for (size_t cut = 0; cut < v.len; cut++) {
			if (strcmp(said(&v, cut, v.len), words) != 0) {
				fail_msg("%s is cut at %zu", v.id, cut);
			}
		}
		free(words);
		free(v.bytes);
	}
}

static void harmless_fields_rescue_nothing(void **state)
{
	static const char *const harmless[] = { "A: b\r\n",
		"Accept-Language: km\r\nConnection: keep-alive\r\n",
		"X-Long: 0123456789 0123456789 0123456789 0123456789\r\n" };

	(void)state;
	for (size_t i = 0; i < json_array_size(corpus); i++) {
		struct vector v = vector_at(i);
		const uint8_t *end = memmem(v.bytes, v.len, "\r\n", 2);
		size_t line = end == NULL ? 0 : (size_t)(end - v.bytes) + 2;

		for (size_t j = 0; j < 3 && strcmp(v.expect, "reject") == 0;
		     j++) {
			struct vector v2;
			const char *words;
			struct buf more;

			buf_init(&more, REQUEST_MAX);
			buf_put(&more, v.bytes, line);
			buf_put_str(&more, harmless[j]);
			buf_put(&more, v.bytes + line, v.len - line);
			v2 = (struct vector){ .bytes = more.data,
				.len = more.len };
			words = said(&v2, more.len, 1);
			assert_true(strncmp(words, "refused ", 8) == 0 ||
			    strcmp(words, "waits") == 0);
			buf_free(&more);
		}
		free(v.bytes);
	}
}

static void only_the_first_of_two_requests_is_read(void **state)
{
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < json_array_size(corpus); i++) {
		struct vector v = vector_at(i);

		if (strncmp(v.id, "early-", 6) == 0) {
			assert_null(strstr(said(&v, v.len, 1), "/2"));
			found++;
		}
		free(v.bytes);
	}
	assert_int_equal(found, 5);
}

static int read_corpus(void **state)
{
	json_error_t error;

	(void)state;
	corpus = json_load_file("tests/vectors/http.json", 0, &error);
	return corpus == NULL ? -1 : 0;
}

static int drop_corpus(void **state)
{
	(void)state;
	json_decref(corpus);
	http_said_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_gets_the_status_of_its_note),
		cmocka_unit_test(every_request_is_the_same_in_pieces),
		cmocka_unit_test(harmless_fields_rescue_nothing),
		cmocka_unit_test(only_the_first_of_two_requests_is_read),
	};

	return cmocka_run_group_tests_name(
	    "server/net/http vectors", tests, read_corpus, drop_corpus);
}
