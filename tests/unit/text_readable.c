/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/readable: words are found in what nobody could read, and nothing is
 * made of what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/assert_bytes.h"
#include "tests/lib/lit.h"
#include "text/readable.h"
#include "text/utf8.h"

#define BAD "\xef\xbf\xbd"

/* Of an exact heap copy, so that ASan sees one byte too many. */
static bool read_into(struct bytes bytes, struct buf *out)
{
	uint8_t *copy = malloc(bytes.len + (bytes.len == 0));
	bool can;

	if (bytes.len > 0) {
		memcpy(copy, bytes.at, bytes.len);
	}
	can = readable_put(bytes_of(copy, bytes.len), out);
	assert_int_equal(buf_err(out), TL_OK);
	assert_true(utf8_valid(bytes_of(out->data, out->len)));
	free(copy);
	return can;
}

static void words_come_out_of_what_is_around_them(void **state)
{
	static const struct {
		struct bytes bytes, words;
	} rows[] = {
		{ B("help me"), B("help me") },
		{ B("two\r\nlines\tand 1+1=2%"),
		    B("two\r\nlines\tand 1+1=2%") },
		/* JSON */
		{ B("{\"text\":\"\\u1787\\u17bd\\u1799 \\ud83c\\udd98\\n\"}"),
		    B("{\"text\":\"\u1787\u17bd\u1799 \U0001f198\n\"}") },
		{ B(" [\"help \\ud83d\"]"), B(" [\"help " BAD "\"]") },
		{ B("[\"help \\ud83d\\u0041\"]"), B("[\"help " BAD "A\"]") },
		{ B("[\"help \\udc00 \\u12\"]"),
		    B("[\"help " BAD " \\u12\"]") },
		{ B("[\"\\\"\\\\\\/\\r\\t\\q\\u12g4\\"),
		    B("[\"\"\\/\r\t\\q\\u12g4\\") },
		{ B("{\"a\":\"help me, help me, \xff\"}"),
		    B("{\"a\":\"help me, help me, " BAD "\"}") },
		/* a form */
		{ B("t=%E1%9E%87+me%21&u=%zz%2"), B("t=\u1787 me!&u=%zz%2") },
		/* no form: it has blanks, or no field */
		{ B("a=b c+d%41"), B("a=b c+d%41") },
		{ B("c+d%41"), B("c+d%41") },
		/* bytes, and words beside them */
		{ B("\xff\xfe\xfd\0\1\2\nhelp me\nab\n\xff\xfe\xfd\xfc\xfb"),
		    B("help me\n") },
		{ B("\1\2\3\4\ntext"), B("text\n") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;

		buf_init(&out, 1024);
		buf_put_str(&out, ">");
		assert_true(read_into(rows[i].bytes, &out));
		assert_true(bytes_equal(
		    bytes_of(out.data + 1, out.len - 1), rows[i].words));
		buf_free(&out);
	}
}

static void of_what_is_no_text_nothing_comes(void **state)
{
	static const struct bytes rows[] = { { NULL, 0 }, B("\0"), B("\x7f"),
		B("\x17\x87\x17\xbd\x17\x99"), B("\x00\x41\x00\x42"),
		B("ab\xff\nc\xff\xff\xff"), B("%00%01=%ff") };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;

		buf_init(&out, 1024);
		assert_false(read_into(rows[i], &out));
		assert_int_equal(out.len, 0);
		buf_free(&out);
	}
}

static void what_has_no_room_is_an_error(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 3);
	(void)readable_put(B("help"), &out);
	assert_int_equal(buf_err(&out), TL_ETOOBIG);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_out_of_what_is_around_them),
		cmocka_unit_test(of_what_is_no_text_nothing_comes),
		cmocka_unit_test(what_has_no_room_is_an_error),
	};

	return cmocka_run_group_tests_name("text/readable", tests, NULL, NULL);
}
