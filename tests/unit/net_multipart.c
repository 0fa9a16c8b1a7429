/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/multipart: forms with a file. Cut at any byte the parts must be
 * the same, since the network cuts where it likes.
 */
#include "server/net/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/lit.h"
#include "tests/lib/multipart_say.h"

/* the head of a text part named a */
#define A "Content-Disposition: form-data; name=\"a\"\r\n"

static struct buf out;

static const char *said(struct bytes body, size_t first_len, size_t piece_len)
{
	buf_free(&out);
	buf_init(&out, 65536);
	multipart_say(B("xy"), body, first_len, piece_len, &out);
	buf_put_u8(&out, '\0');
	assert_int_equal(buf_err(&out), TL_OK);
	return (const char *)out.data;
}

static const struct {
	struct bytes body;
	const char *said;
} rows[] = {
	/* as browsers send it */
	{ B("--xy\r\n" A "\r\nhello\r\n--xy--\r\n"), "{a|~|~}hello.complete" },
	{ B("--xy\r\n" A "\r\nhello\r\n--xy--"), "{a|~|~}hello.complete" },
	{ B("--xy\r\n" A "\r\n\r\n--xy--\r\n"), "{a|~|~}.complete" },
	{ B("--xy\r\n" A "\r\n1\r\n--xy\r\n"
	    "Content-Disposition: form-data; name=\"voice\"; filename=\"x.amr\""
	    "\r\nContent-Type: audio/amr\r\n\r\n#!AMR\n\r\n--xy--\r\n"),
	    "{a|~|~}1.{voice|x.amr|audio/amr}#!AMR\n.complete" },
	{ B("--xy\r\n"
	    "content-type:text/plain\r\n"
	    "CONTENT-DISPOSITION:\tForm-Data;NAME=\"\";FileName=\"\"\r\n"
	    "\r\n\r\n--xy--\r\n"),
	    "{||text/plain}.complete" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a%22;b\xe1\"; "
	    "filename=\"c:\\d\"\r\n\r\n\r\n--xy--\r\n"),
	    "{a%22;b\xe1|c:\\d|~}.complete" },
	/* data that looks like the delimiter, but is none */
	{ B("--xy\r\n" A "\r\n\r\r\n\n\r\n-\r\n--\r\n--x\r\n--x-\r\n--xy--"),
	    "{a|~|~}\r\r\n\n\r\n-\r\n--\r\n--x\r\n--x-.complete" },
	{ B("--xy\r\n" A "\r\n--xy--\n--xy\r\r\n--xy--"),
	    "{a|~|~}--xy--\n--xy\r.complete" },
	/* a part that has ended is complete, whatever follows */
	{ B("--xy\r\n" A "\r\nb\r\n--xy"), "{a|~|~}b.open" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy\r\n" A "\r\nc\r\n--x"),
	    "{a|~|~}b.{a|~|~}copen" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy!"), "{a|~|~}b.bad" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy--\r"), "{a|~|~}b.open" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy-"), "{a|~|~}b.open" },
	/* before, behind and around a delimiter nothing is allowed */
	{ B("\r\n--xy\r\n" A "\r\nb\r\n--xy--"), "bad" },
	{ B("preamble\r\n--xy\r\n" A "\r\nb\r\n--xy--"), "bad" },
	{ B("--xy \r\n" A "\r\nb\r\n--xy--"), "bad" },
	{ B("--xy\n" A "\r\nb\r\n--xy--"), "bad" },
	{ B("--xy\r\r\n" A "\r\nb\r\n--xy--"), "bad" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy--\r\nx"), "{a|~|~}b.bad" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy--x"), "{a|~|~}b.bad" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy--\rx"), "{a|~|~}b.bad" },
	{ B("--xy\r\n" A "\r\nb\r\n--xy-x"), "{a|~|~}b.bad" },
	{ B("--xy--\r\n"), "bad" },
	{ B(""), "open" },
	/* heads of parts */
	{ B("--xy\r\n\r\nb\r\n--xy--"), "bad" },
	{ B("--xy\r\nContent-Type: text/plain\r\n\r\nb\r\n--xy--"), "bad" },
	{ B("--xy\r\n" A A "\r\n"), "bad" },
	{ B("--xy\r\n" A "Content-Type: a\r\nContent-Type: a\r\n\r\n"), "bad" },
	{ B("--xy\r\n" A "Content-Type: Multipart/mixed\r\n\r\n"), "bad" },
	{ B("--xy\r\n" A "Content-Transfer-Encoding: 8bit\r\n\r\n"), "bad" },
	{ B("--xy\r\n" A " folded\r\n\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition : form-data; name=\"a\"\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: attachment; name=\"a\"\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=a\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a\"b\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a\\\"b\"\r\n"),
	    "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a\"; "
	    "filename*=\"b\"\r\n"),
	    "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a\"; "
	    "filename=b\r\n"),
	    "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; filename=\"b\"; "
	    "name=\"a\"\r\n"),
	    "bad" },
	{ B("--xy\r\n" A "\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data;\0name=\"a\"\r\n"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a\"\rX"), "bad" },
	{ B("--xy\r\nContent-Disposition: form-data; name=\"a\"\n"), "bad" },
};

static void every_body_gives_its_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(
		    said(rows[i].body, rows[i].body.len, 1), rows[i].said);
	}
}

static void every_cut_gives_the_same_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes body = rows[i].body;

		assert_string_equal(said(body, 1, 1), rows[i].said);
		for (size_t cut = 0; cut < body.len; cut++) {
			assert_string_equal(
			    said(body, cut, body.len), rows[i].said);
			assert_string_equal(said(body, cut, 3), rows[i].said);
		}
	}
}

/* A body of parts, each with the same head and without data. */
static const char *said_of_parts(unsigned parts, const char *head)
{
	struct buf body;
	const char *words;

	buf_init(&body, 65536);
	for (unsigned i = 0; i < parts; i++) {
		buf_put_str(&body, i == 0 ? "--xy\r\n" : "\r\n--xy\r\n");
		buf_put_str(&body, head);
		buf_put_str(&body, "\r\n");
	}
	buf_put_str(&body, "\r\n--xy--");
	assert_int_equal(buf_err(&body), TL_OK);
	words = said(bytes_of(body.data, body.len), body.len, 1);
	buf_free(&body);
	return words;
}

static bool ends_with(const char *words, const char *end)
{
	return strcmp(words + strlen(words) - strlen(end), end) == 0;
}

static void there_are_32_parts_at_most(void **state)
{
	(void)state;
	assert_true(ends_with(said_of_parts(32, A), "complete"));
	assert_true(ends_with(said_of_parts(33, A), "bad"));
}

/* A head with a line of Content-Type so long, or a filename so long. */
static const char *said_of_long(
    const char *before, size_t len, const char *behind)
{
	char *head = calloc(1, strlen(before) + len + strlen(behind) + 1);
	const char *words;

	assert_non_null(head);
	memcpy(head, before, strlen(before));
	memset(head + strlen(before), 'x', len);
	memcpy(head + strlen(before) + len, behind, strlen(behind));
	words = said_of_parts(1, head);
	free(head);
	return words;
}

static void heads_and_file_names_have_their_limits(void **state)
{
	const char *file =
	    "Content-Disposition: form-data; name=\"a\"; filename=\"";
	const char *type = A "Content-Type: ";
	size_t room = MULTIPART_HEAD_MAX - (strlen(type) - 2);

	(void)state;
	assert_true(ends_with(
	    said_of_long(file, MULTIPART_FILENAME_MAX, "\"\r\n"), "complete"));
	assert_true(ends_with(
	    said_of_long(file, MULTIPART_FILENAME_MAX + 1, "\"\r\n"), "bad"));
	assert_true(ends_with(said_of_long(type, room, "\r\n"), "complete"));
	assert_true(ends_with(said_of_long(type, room + 1, "\r\n"), "bad"));
}

static void what_was_bad_stays_bad(void **state)
{
	struct multipart m;
	struct bytes piece;
	size_t used;

	(void)state;
	multipart_init(&m, B("xy"));
	assert_int_equal(
	    multipart_feed(&m, "??", 2, &used, &piece), MULTIPART_BAD);
	assert_int_equal(used, 1);
	assert_int_equal(
	    multipart_feed(&m, "?", 1, &used, &piece), MULTIPART_BAD);
	assert_int_equal(used, 0);
	assert_int_equal(multipart_finish(&m), TL_EFORMAT);
}

static void nothing_fed_changes_nothing(void **state)
{
	struct multipart m;
	struct bytes piece;
	size_t used = 9;

	(void)state;
	multipart_init(&m, B("xy"));
	assert_int_equal(
	    multipart_feed(&m, NULL, 0, &used, &piece), MULTIPART_MORE);
	assert_int_equal(multipart_feed(&m, "--xy\r\n" A "\r\n",
			     8 + sizeof(A) - 1, &used, &piece),
	    MULTIPART_PART);
	assert_int_equal(
	    multipart_feed(&m, NULL, 0, &used, &piece), MULTIPART_MORE);
	assert_int_equal(used, 0);
}

#define TEN     "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void content_types_are_read(void **state)
{
	static const struct {
		struct bytes value;
		enum tl_err err;
		struct bytes boundary;
	} types[] = {
		{ B("multipart/form-data; boundary=xy"), TL_OK, B("xy") },
		{ B("Multipart/Form-Data;Boundary=xy"), TL_OK, B("xy") },
		{ B("multipart/form-data \t;  boundary=\"xy\""), TL_OK,
		    B("xy") },
		{ B("multipart/form-data; boundary=----WebKitFormBoundaryA1"),
		    TL_OK, B("----WebKitFormBoundaryA1") },
		{ B("multipart/form-data; boundary=\"'()+_,-./:=?\""), TL_OK,
		    B("'()+_,-./:=?") },
		{ B("multipart/form-data; boundary=" SEVENTY), TL_OK,
		    B(SEVENTY) },
		{ B("multipart/form-data; boundary=" SEVENTY "x"), TL_EFORMAT,
		    B("") },
		{ B("multipart/form-data"), TL_EFORMAT, B("") },
		{ B("multipart/form-data;"), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary="), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary=\"\""), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary=\""), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary=\"xy"), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary=x y"), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary=\"x y\""), TL_EFORMAT,
		    B("") },
		{ B("multipart/form-data; boundary=x:y"), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary=x\r\n"), TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary=x; charset=utf-8"),
		    TL_EFORMAT, B("") },
		{ B("multipart/form-data; charset=utf-8; boundary=x"),
		    TL_EFORMAT, B("") },
		{ B("multipart/form-data; boundary = x"), TL_EFORMAT, B("") },
		{ B("multipart/mixed; boundary=x"), TL_ENOENT, B("") },
		{ B("multipart/form-data2; boundary=x"), TL_ENOENT, B("") },
		{ B("multipart/form-data x; boundary=x"), TL_ENOENT, B("") },
		{ B("application/x-www-form-urlencoded"), TL_ENOENT, B("") },
		{ B(""), TL_ENOENT, B("") },
		{ { NULL, 0 }, TL_ENOENT, B("") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct bytes found = B("");

		assert_int_equal(
		    multipart_boundary(types[i].value, &found), types[i].err);
		assert_true(bytes_equal(found, types[i].boundary));
	}
}

static void other_content_types_are_told_apart(void **state)
{
	(void)state;
	assert_true(content_type_is(B("application/json"), "application/json"));
	assert_true(content_type_is(
	    B("Application/JSON; charset=utf-8"), "application/json"));
	assert_true(
	    content_type_is(B("application/json ;x"), "application/json"));
	assert_false(
	    content_type_is(B("application/jsonx"), "application/json"));
	assert_false(
	    content_type_is(B("application/json x"), "application/json"));
	assert_false(content_type_is(B("text/plain"), "application/json"));
	assert_false(content_type_is(bytes_of(NULL, 0), "application/json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_body_gives_its_parts),
		cmocka_unit_test(every_cut_gives_the_same_parts),
		cmocka_unit_test(there_are_32_parts_at_most),
		cmocka_unit_test(heads_and_file_names_have_their_limits),
		cmocka_unit_test(what_was_bad_stays_bad),
		cmocka_unit_test(nothing_fed_changes_nothing),
		cmocka_unit_test(content_types_are_read),
		cmocka_unit_test(other_content_types_are_told_apart),
	};
	int failed = cmocka_run_group_tests_name(
	    "server/net/multipart", tests, NULL, NULL);

	buf_free(&out);
	return failed;
}
