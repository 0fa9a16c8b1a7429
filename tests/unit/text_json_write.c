/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "tests/lib/assert_bytes.h"
#include "text/json_write.h"

#define DOC_MAX_BYTES 4096u

static void values_stand_behind_each_other_with_commas(void **state)
{
	struct buf doc;
	struct json_writer w = { .out = &doc };

	(void)state;
	buf_init(&doc, DOC_MAX_BYTES);
	json_open_object(&w, NULL);
	json_put_int(&w, "a", INT64_MIN);
	json_open_array(&w, "b");
	json_put_bool(&w, NULL, true);
	json_put_bool(&w, NULL, false);
	json_open_object(&w, NULL);
	json_close_object(&w);
	json_open_array(&w, NULL);
	json_close_array(&w);
	json_close_array(&w);
	json_put_string(&w, "c", bytes_of(NULL, 0));
	json_put_b64(&w, "d", bytes_str("\xff"));
	json_put_hex(&w, "e", bytes_str("\xff"));
	json_close_object(&w);
	assert_bytes(bytes_of(doc.data, doc.len),
	    "{\"a\":-9223372036854775808,\"b\":[true,false,{},[]],\"c\":\"\","
	    "\"d\":\"/w==\",\"e\":\"ff\"}");
	buf_free(&doc);
}

static void every_ascii_byte_is_read_back_by_another_reader(void **state)
{
	char text[0x80];
	struct buf doc;
	struct json_writer w = { .out = &doc };
	json_t *read;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = (char)i;
	}
	buf_init(&doc, DOC_MAX_BYTES);
	json_open_array(&w, NULL);
	json_put_string(&w, NULL, bytes_of((uint8_t *)text, sizeof(text)));
	json_close_array(&w);
	read =
	    json_loadb((const char *)doc.data, doc.len, JSON_ALLOW_NUL, NULL);
	assert_non_null(read);
	assert_int_equal(
	    json_string_length(json_array_get(read, 0)), sizeof(text));
	assert_memory_equal(
	    json_string_value(json_array_get(read, 0)), text, sizeof(text));
	json_decref(read);
	buf_free(&doc);
}

static void the_buffers_first_error_is_the_writers(void **state)
{
	struct buf doc;
	struct json_writer w = { .out = &doc };

	(void)state;
	buf_init(&doc, 4);
	json_open_array(&w, NULL);
	json_put_string(&w, NULL, bytes_str("too long"));
	json_close_array(&w);
	assert_int_equal(buf_err(&doc), TL_ETOOBIG);
	buf_free(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stand_behind_each_other_with_commas),
		cmocka_unit_test(
		    every_ascii_byte_is_read_back_by_another_reader),
		cmocka_unit_test(the_buffers_first_error_is_the_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
