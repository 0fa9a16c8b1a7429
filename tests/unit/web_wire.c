/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/wire: what goes over the wire says no more than it must, and a browser
 * makes the page of it again.
 */
#include "web/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#define MOST 65536u

/* len bytes that are hard to compress. */
static void fill(struct buf *page, size_t len)
{
	uint32_t seed = 1;

	buf_init(page, MOST);
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		buf_put_u8(page, (uint8_t)('a' + (seed >> 28)));
	}
}

static size_t unzip(const struct buf *wire, uint8_t ret_page[static MOST])
{
	z_stream z = { .next_in = wire->data,
		.avail_in = (uInt)wire->len,
		.next_out = ret_page,
		.avail_out = MOST };

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	assert_int_equal(inflateEnd(&z), Z_OK);
	return MOST - z.avail_out;
}

static void a_browser_gets_the_page_and_a_comment(void **state)
{
	static const size_t lens[] = { 1, 2, 100, 3000, 3059, 3060, 3061, 7673,
		7674, 9000, 40000 };
	static uint8_t text[MOST];

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (int kind = 0; kind < WIRE_KINDS; kind++) {
			for (int gzip = 0; gzip < 2; gzip++) {
				struct buf page, out;
				bool is_gzip;
				size_t len, step;

				fill(&page, lens[i]);
				buf_init(&out, 2 * MOST);
				assert_int_equal(
				    wire_page(&page, (enum wire_kind)kind, gzip,
					&out, &is_gzip),
				    TL_OK);
				step =
				    wire_bytes((enum wire_kind)kind, is_gzip);
				assert_int_equal(
				    is_gzip, gzip && kind != WIRE_TYPED);
				len = out.len;
				if (is_gzip) {
					len = unzip(&out, text);
				} else {
					memcpy(text, out.data, out.len);
				}
				assert_memory_equal(text, page.data, lens[i]);
				if (step == 0) {
					assert_int_equal(len, lens[i]);
				} else {
					assert_int_equal(out.len % step, 0);
					assert_memory_equal(
					    text + lens[i], "<!--", 4);
					assert_memory_equal(
					    text + len - 4, "-->\n", 4);
				}
				buf_free(&page);
				buf_free(&out);
			}
		}
	}
}

static void no_room_is_an_error(void **state)
{
	(void)state;
	for (int gzip = 0; gzip < 2; gzip++) {
		for (size_t max = 0; max < 3000; max += 100) {
			struct buf page, out;
			bool is_gzip;

			fill(&page, 3000);
			buf_init(&out, max);
			assert_int_equal(wire_page(&page, WIRE_MESSAGE, gzip,
					     &out, &is_gzip),
			    TL_ETOOBIG);
			buf_free(&page);
			buf_free(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_browser_gets_the_page_and_a_comment),
		cmocka_unit_test(no_room_is_an_error),
	};

	return cmocka_run_group_tests_name("web/wire", tests, NULL, NULL);
}
