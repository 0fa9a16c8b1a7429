/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media/strip, media/kind: what is beside the pixels goes, what makes them
 * stays, wherever the bytes are cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "media/strip.h"
#include "tests/lib/lit.h"

#define MAX_BYTES 200000u

/* Feed in pieces of piece_len bytes, each a heap copy of its own. */
static enum media_strip_event strip(
    struct bytes in, size_t piece_len, struct media_strip *s, struct buf *out)
{
	enum media_strip_event event = MEDIA_STRIP_MORE;

	media_strip_init(s, media_kind_of(in));
	for (size_t at = 0; at < in.len; at += piece_len) {
		size_t left = in.len - at < piece_len ? in.len - at : piece_len;
		uint8_t *copy = malloc(left);
		size_t from = 0;

		assert_non_null(copy);
		memcpy(copy, in.at + at, left);
		do {
			struct bytes piece = { 0 };
			size_t used = 0;

			event = media_strip_feed(
			    s, copy + from, left - from, &used, &piece);
			from += used;
			assert_true(
			    (event == MEDIA_STRIP_KEEP) == (piece.len > 0));
			buf_put(out, piece.at, piece.len);
		} while (event == MEDIA_STRIP_KEEP);
		assert_true(event == MEDIA_STRIP_BAD || from == left);
		free(copy);
	}
	return event;
}

static void assert_stripped(struct bytes in, struct bytes want, bool whole)
{
	static const size_t lens[] = { 1, 2, 3, 5, 7, 13, 64, MAX_BYTES };

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct media_strip s;
		struct buf out;

		buf_init(&out, MAX_BYTES);
		assert_int_equal(
		    strip(in, lens[i], &s, &out), MEDIA_STRIP_MORE);
		assert_int_equal(media_strip_is_whole(&s), whole);
		assert_int_equal(out.len, want.len);
		assert_memory_equal(out.data, want.at, want.len);
		buf_free(&out);
	}
}

#define SOI  "\xff\xd8"
#define JFIF "\xff\xe0\x00\x10JFIF\0\1\2\0\0\1\0\1\0\0"
#define EXIF \
	"\xff\xe1\x00\x12" \
	"Exif\0\0GPS 11.5 N"
#define XMP \
	"\xff\xe1\x00\x09" \
	"http://"
#define ICC  "\xff\xe2\x00\x12ICC_PROFILE\0\1\1ab"
#define MPF  "\xff\xe2\x00\x08MPF\0ab"
#define IPTC "\xff\xed\x00\x10Photoshop 3.0\0"
#define ADOBE \
	"\xff\xee\x00\x0e" \
	"Adobe\0\x64\0\0\0\0\1"
#define COM \
	"\xff\xfe\x00\x08" \
	"secret"
#define DQT "\xff\xdb\x00\x05\0\1\2"
#define SOF "\xff\xc0\x00\x08\1\2\3\4\5\6"
#define SOS \
	"\xff\xda\x00\x04\1\2" \
	"pixels\xff\x00more\xff\xd0restart"
#define EOI "\xff\xd9"

static void a_jpeg_keeps_what_makes_its_pixels(void **state)
{
	(void)state;
	assert_stripped(B(SOI JFIF EXIF XMP ICC MPF IPTC ADOBE COM DQT SOF SOS
				COM DQT SOS EOI "a film behind it" EXIF),
	    B(SOI JFIF ICC ADOBE DQT SOF SOS DQT SOS EOI), true);
}

static void previews_in_a_jpeg_go(void **state)
{
	(void)state;
	assert_stripped(B(SOI "\xff\xe0\x00\x13JFIF\0\1\2\0\0\1\0\1\1\1rgb"
			      "\xff\xe0\x00\x0aJFXX\0\x10xy" SOF SOS EOI),
	    B(SOI SOF SOS EOI), true);
}

static void markers_may_be_filled_up_and_segments_empty(void **state)
{
	(void)state;
	assert_stripped(B(SOI "\xff\xff\xff\xdb\x00\x03x\xff\xdd\x00\x02"
			      "\xff\xe3\x00\x02" SOS "\xff" EOI),
	    B(SOI "\xff\xdb\x00\x03x\xff\xdd\x00\x02" SOS EOI), true);
}

static void a_long_segment_goes_whole(void **state)
{
	uint8_t *bytes = calloc(1, 70000);
	size_t len = 0;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, SOI "\xff\xe1\xff\xff", 6);
	len = 2 + 2 + 65535;
	memcpy(bytes + len, SOS EOI, sizeof(SOS EOI) - 1);
	len += sizeof(SOS EOI) - 1;
	assert_stripped(bytes_of(bytes, len), B(SOI SOS EOI), true);
	free(bytes);
}

static void a_jpeg_that_is_cut_keeps_what_came(void **state)
{
	(void)state;
	assert_stripped(B(SOI EXIF SOF SOS), B(SOI SOF SOS), false);
	assert_stripped(B(SOI SOF "\xff\xe1\x00\x14"
				  "Ex"),
	    B(SOI SOF), false);
	assert_stripped(B(SOI "\xff"), B(SOI), false);
}

static void what_is_built_otherwise_is_not_kept(void **state)
{
	static const struct bytes bad[] = {
		B(SOI EXIF "GPS" SOS),
		B(SOI "\xff\x00GPS in the clear"),
		B(SOI "\xff\xe1\x00\x01GPS in clear"),
		B("\x89PNG\r\n\x1a\n\x80\0\0\0IDAT GPS"),
		B("\x89PNG\r\n\x1a\n\0\0\0\1ID.T GPS"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (size_t len = 1; len < 32; len++) {
			struct media_strip s;
			struct bytes piece;
			struct buf out;
			size_t used;

			buf_init(&out, MAX_BYTES);
			assert_int_equal(
			    strip(bad[i], len, &s, &out), MEDIA_STRIP_BAD);
			assert_false(media_strip_is_whole(&s));
			assert_null(memmem(out.data, out.len, "GPS", 3));
			assert_int_equal(
			    media_strip_feed(&s, SOI, 2, &used, &piece),
			    MEDIA_STRIP_BAD);
			assert_int_equal(used, 0);
			buf_free(&out);
		}
	}
}

#define SIG                    "\x89PNG\r\n\x1a\n"
#define CHUNK(len, type, data) "\0\0\0" len type data "crc!"

static void a_png_keeps_what_makes_its_pixels(void **state)
{
	(void)state;
	assert_stripped(
	    B(SIG CHUNK("\x0d", "IHDR", "123456789abcd") CHUNK("\4", "gAMA",
		"gama") CHUNK("\4", "tEXt", "text") CHUNK("\2", "eXIf", "ex")
		    CHUNK("\7", "tIME", "2026...") CHUNK("\3", "iTXt", "xmp")
			CHUNK("\3", "PLTE", "rgb") CHUNK("\0", "IDAT", "")
			    CHUNK("\2", "IDAT", "ab") CHUNK("\3", "prVt", "our")
				CHUNK("\0", "IEND", "") "behind it"),
	    B(SIG CHUNK("\x0d", "IHDR", "123456789abcd") CHUNK("\4", "gAMA",
		"gama") CHUNK("\3", "PLTE", "rgb") CHUNK("\0", "IDAT", "")
		    CHUNK("\2", "IDAT", "ab") CHUNK("\0", "IEND", "")),
	    true);
}

static void a_png_that_is_cut_keeps_what_came(void **state)
{
	(void)state;
	assert_stripped(
	    B(SIG "\0\0\0\4IDATab"), B(SIG "\0\0\0\4IDATab"), false);
	assert_stripped(B(SIG "\0\0\0\4tEXtab"), B(SIG), false);
}

#define RIFF(len, chunks)      "RIFF" len "\0\0\0WEBP" chunks
#define PART(type, len, bytes) type len "\0\0\0" bytes
#define FRAME                  "0123456789abcdef"

/* What goes leaves zeros, since the head says how long the whole is. */
static void a_webp_keeps_its_length_and_what_makes_its_pixels(void **state)
{
	(void)state;
	assert_stripped(
	    B(RIFF("\x46",
		PART("VP8X", "\x0a",
		    "\x3c"
		    "123456789") PART("ICCP", "\4", "prof")
		    PART("VP8L", "\3", "abc\0") PART("EXIF", "\5", "place\0")
			PART("XMP ", "\2", "by")) "behind it"),
	    B(RIFF("\x46",
		PART("VP8X", "\x0a",
		    "\x30"
		    "123456789") PART("ICCP", "\4", "prof") PART("VP8L", "\3",
		    "abc\0") PART("JUNK", "\5", "\0\0\0\0\0\0")
		    PART("JUNK", "\2", "\0\0"))),
	    true);
	/* within the frames of a film, too; and a last byte that is missing */
	assert_stripped(
	    B(RIFF("\x3b",
		PART("ANMF", "\x2c", FRAME) PART("VP8 ", "\2", "ab")
		    PART("our ", "\2", "id") PART("EXIF", "\3", "xyz"))),
	    B(RIFF("\x3b",
		PART("ANMF", "\x2c", FRAME) PART("VP8 ", "\2", "ab")
		    PART("JUNK", "\2", "\0\0") PART("JUNK", "\3", "\0\0\0"))),
	    true);
	assert_stripped(B(RIFF("\x20", PART("EXIF", "\x14", "cut"))),
	    B(RIFF("\x20", PART("JUNK", "\x14", "\0\0\0"))), false);
}

/* Longer than what is blanked at once. */
static void much_that_goes_from_a_webp_leaves_as_many_zeros(void **state)
{
	static const uint8_t head[20] = "RIFF\xf4\3\0\0WEBP"
					"EXIF\xe8\3\0";
	static uint8_t in[sizeof(head) + 1000];
	static uint8_t want[sizeof(in)];

	(void)state;
	memset(in, 'x', sizeof(in));
	memcpy(in, head, sizeof(head));
	memcpy(want, head, sizeof(head));
	memcpy(want + 12, "JUNK", 4);
	assert_stripped(
	    bytes_of(in, sizeof(in)), bytes_of(want, sizeof(want)), true);
}

static void a_webp_that_says_more_than_it_has_is_not_kept(void **state)
{
	static const struct bytes bad[] = {
		B(RIFF("\x0b", "VP8 \0\0\0\0")),
		B(RIFF("\x10", PART("VP8 ", "\x05", "12345"))),
		B(RIFF("\x10", "VP8 \xff\xff\xff\xff")),
		B(RIFF("\x10", PART("VP8X", "\0", "") "1234")),
		B(RIFF("\x40", PART("ANMF", "\x0f", FRAME))),
		/* three bytes are left: no room for a chunk's head */
		B(RIFF("\x13",
		    PART("VP8 ", "\4", "1234") PART("EXIF", "\5", "place"))),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct media_strip s;
		struct buf out;

		buf_init(&out, MAX_BYTES);
		assert_int_equal(
		    strip(bad[i], MAX_BYTES, &s, &out), MEDIA_STRIP_BAD);
		assert_false(media_strip_is_whole(&s));
		buf_free(&out);
	}
}

static void the_first_bytes_tell_the_kind(void **state)
{
	static const struct {
		struct bytes first;
		enum media_kind kind;
	} cases[] = {
		{ B("#!AMR\n<.."), MEDIA_AMR },
		{ B("#!AMR-WB\n"), MEDIA_AMR },
		{ B("\0\0\0\x18"
		    "ftyp3gp5"),
		    MEDIA_3GP },
		{ B("\0\0\0\x18"
		    "ftypM4A "),
		    MEDIA_MP4 },
		{ B("\0\0\0\x18"
		    "ftypmp42"),
		    MEDIA_MP4 },
		{ B("\0\0\0\x18"
		    "ftypisom"),
		    MEDIA_MP4 },
		{ B("\0\0\0\x18"
		    "ftypheic"),
		    MEDIA_HEIC },
		{ B("\0\0\0\x18"
		    "ftypqt  "),
		    MEDIA_QUICKTIME },
		{ B("OggS"), MEDIA_OGG },
		{ B("ID3"), MEDIA_MP3 },
		{ B("\xff\xfb"), MEDIA_MP3 },
		{ B("\xff\xe3"), MEDIA_MP3 },
		{ B("RIFF1234WAVE"), MEDIA_WAV },
		{ B("RIFF1234WEBP"), MEDIA_WEBP },
		{ B("\xff\xd8\xff"), MEDIA_JPEG },
		{ B(SIG), MEDIA_PNG },
		{ B("GIF89a"), MEDIA_GIF },
		{ B("%PDF-1.4"), MEDIA_PDF },
		{ B("PK\3\4"), MEDIA_ZIP },
		{ B("RIFF1234AVI "), MEDIA_UNKNOWN },
		{ B("\0\0\0\x18"
		    "ftypabcd"),
		    MEDIA_UNKNOWN },
		{ B("\xff\xff"), MEDIA_MP3 },
		{ B("\xff\xe9"), MEDIA_UNKNOWN },
		{ B("\xff\xf9"), MEDIA_UNKNOWN },
		{ B("\xff\x1b"), MEDIA_UNKNOWN },
		{ B("MZ.........."), MEDIA_UNKNOWN },
		{ { NULL, 0 }, MEDIA_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(media_kind_of(cases[i].first), cases[i].kind);
		if (cases[i].first.len > 0) {
			assert_int_not_equal(
			    media_groups(cases[i].kind) & MEDIA_ANY, 0);
		}
	}
	assert_string_equal(media_type(MEDIA_UNKNOWN), "");
	assert_string_equal(media_type(MEDIA_JPEG), "image/jpeg");
	for (unsigned kind = 0; kind < MEDIA_KINDS_END; kind++) {
		assert_int_equal(media_strip_knows((enum media_kind)kind),
		    kind == MEDIA_JPEG || kind == MEDIA_PNG ||
			kind == MEDIA_WEBP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jpeg_keeps_what_makes_its_pixels),
		cmocka_unit_test(previews_in_a_jpeg_go),
		cmocka_unit_test(markers_may_be_filled_up_and_segments_empty),
		cmocka_unit_test(a_long_segment_goes_whole),
		cmocka_unit_test(a_jpeg_that_is_cut_keeps_what_came),
		cmocka_unit_test(what_is_built_otherwise_is_not_kept),
		cmocka_unit_test(a_png_keeps_what_makes_its_pixels),
		cmocka_unit_test(a_png_that_is_cut_keeps_what_came),
		cmocka_unit_test(
		    a_webp_keeps_its_length_and_what_makes_its_pixels),
		cmocka_unit_test(
		    much_that_goes_from_a_webp_leaves_as_many_zeros),
		cmocka_unit_test(a_webp_that_says_more_than_it_has_is_not_kept),
		cmocka_unit_test(the_first_bytes_tell_the_kind),
	};

	return cmocka_run_group_tests_name("media/strip", tests, NULL, NULL);
}
