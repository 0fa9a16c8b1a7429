/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/upload_file: a file is cut into pieces, and what is told of it
 * is true of what was kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/digest.h"
#include "crypto/start.h"
#include "server/intake/tip.h"
#include "server/intake/upload_file.h"

#define MAX_BYTES 300000u

static const struct upload_field voice = { "voice", MEDIA_SOUND };
static const struct upload_field photo = { "photo", MEDIA_PICTURE };
static const uint8_t id[REPORT_ID_BYTES] = "id of the piece";

/* What was handed out, in a row. */
static struct buf kept;
static unsigned padding;

static void begin(struct upload_file *file, const struct upload_field *field,
    const char *name)
{
	const struct upload_file_opts opts = {
		.number = 1,
		.field = field,
		.name = bytes_str(name),
		.max_bytes = MAX_BYTES,
	};

	buf_init(&kept, 2 * MAX_BYTES);
	padding = 0;
	assert_int_equal(upload_file_begin(file, &opts), TL_OK);
}

static void keep_pieces(struct upload_file *file)
{
	struct bytes raw;

	while (upload_file_piece(file, &raw)) {
		assert_in_range(raw.len, 0, TIP_PIECE_BYTES);
		padding += raw.len == 0;
		buf_put(&kept, raw.at, raw.len);
		upload_file_kept(file, id);
	}
}

static void send(struct upload_file *file, struct bytes bytes, size_t step)
{
	for (size_t at = 0; at < bytes.len; at += step) {
		size_t left = bytes.len - at;

		upload_file_take(
		    file, bytes_of(bytes.at + at, left < step ? left : step));
		keep_pieces(file);
	}
}

static struct report_attachment finish(struct upload_file *file, bool whole)
{
	struct report_attachment told;
	uint8_t hash[32];

	upload_file_end(file, whole);
	keep_pieces(file);
	upload_file_close(file);
	told = upload_file_told(file);
	assert_int_equal(told.bytes, kept.len);
	assert_int_equal(
	    told.pieces, (kept.len + TIP_PIECE_BYTES - 1) / TIP_PIECE_BYTES);
	assert_int_equal(told.ids.len, told.pieces * REPORT_ID_BYTES);
	digest_sha256(hash, bytes_of(kept.data, kept.len));
	assert_memory_equal(told.sha256, hash, sizeof(hash));
	return told;
}

static void end(struct upload_file *file)
{
	upload_file_free(file);
	buf_free(&kept);
}

static uint8_t *sound(size_t len)
{
	uint8_t *bytes = malloc(len + 4);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++) {
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	}
	memcpy(bytes, "OggS", 4);
	return bytes;
}

static void every_length_comes_back_however_it_came(void **state)
{
	static const size_t lens[] = { 4, 11, 12, 13, 64999, 65000, 65001,
		130000, MAX_BYTES };
	static const size_t steps[] = { 5, 1000, 16384 };

	(void)state;
	for (size_t i = 0; i < 27; i++) {
		size_t len = lens[i / 3];
		uint8_t *bytes = sound(len);
		struct upload_file file;
		struct report_attachment told;

		begin(&file, &voice, "a.ogg");
		send(&file, bytes_of(bytes, len), steps[i % 3]);
		told = finish(&file, true);
		assert_string_equal(told.state, "complete");
		assert_string_equal(told.type, "audio/ogg");
		assert_string_equal(told.field, "voice");
		assert_false(told.cleaned);
		assert_int_equal(told.bytes, len);
		assert_memory_equal(kept.data, bytes, len);
		assert_int_equal(
		    told.pieces + padding, upload_file_padded(told.pieces));
		end(&file);
		free(bytes);
	}
}

static void what_is_too_large_is_cut_at_the_limit(void **state)
{
	uint8_t *bytes = sound(MAX_BYTES + 20000);
	struct upload_file file;

	(void)state;
	begin(&file, &voice, "a.ogg");
	send(&file, bytes_of(bytes, MAX_BYTES + 1), 16384);
	send(&file, bytes_of(bytes, 19999), 16384);
	assert_string_equal(finish(&file, true).state, "too-large");
	assert_int_equal(kept.len, MAX_BYTES);
	end(&file);
	free(bytes);
}

static void what_was_cut_off_says_so(void **state)
{
	uint8_t *bytes = sound(100000);
	struct upload_file file;

	(void)state;
	begin(&file, &voice, "a.ogg");
	send(&file, bytes_of(bytes, 100000), 16384);
	assert_string_equal(finish(&file, false).state, "incomplete");
	assert_int_equal(kept.len, 100000);
	end(&file);
	free(bytes);
}

static void what_could_not_be_kept_is_not_counted(void **state)
{
	uint8_t *bytes = sound(100000);
	struct upload_file file;

	(void)state;
	begin(&file, &voice, "a.ogg");
	send(&file, bytes_of(bytes, 100000), 16384);
	upload_file_give_up(&file);
	send(&file, bytes_of(bytes, 100000), 16384);
	assert_string_equal(finish(&file, true).state, "incomplete");
	assert_int_equal(kept.len, TIP_PIECE_BYTES);
	assert_int_equal(padding, 0);
	end(&file);
	free(bytes);
}

static void another_kind_is_refused_by_its_bytes(void **state)
{
	static const char *const bytes[] = { "%PDF-1.4 and more", "text" };
	struct upload_file file;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin(&file, &voice, "song.mp3");
		send(&file, bytes_str(bytes[i]), 3);
		assert_string_equal(finish(&file, true).state, "wrong-kind");
		assert_int_equal(kept.len, 0);
		assert_int_equal(padding, 0);
		assert_false(upload_file_is_none(&file));
		end(&file);
	}
}

#define PNG "\x89PNG\r\n\x1a\n"
static const uint8_t picture[] = PNG "\0\0\0\3tEXtGPScrc!"
				     "\0\0\0\0IENDcrc!";

static void a_picture_is_cleaned_unless_it_is_to_stay_as_it_is(void **state)
{
	struct upload_file file;
	struct report_attachment told;

	(void)state;
	for (unsigned keeps = 0; keeps < 2; keeps++) {
		begin(&file, &photo, "a.png");
		file.keeps_metadata = keeps == 1;
		send(&file, bytes_of(picture, sizeof(picture) - 1), 5);
		told = finish(&file, true);
		assert_string_equal(told.state, "complete");
		assert_int_equal(told.cleaned, keeps == 0);
		assert_int_equal(
		    kept.len, sizeof(picture) - 1 - (keeps == 0 ? 15u : 0u));
		end(&file);
	}
}

static void a_picture_that_cannot_be_cleaned_ends_there(void **state)
{
	struct upload_file file;

	(void)state;
	begin(&file, &photo, "a.png");
	send(&file, bytes_str(PNG "12345678GPS"), 4);
	send(&file, bytes_str("GPS"), 4);
	assert_string_equal(finish(&file, true).state, "broken");
	assert_int_equal(kept.len, 8);
	end(&file);
}

static void no_file_is_told_from_an_empty_one(void **state)
{
	struct upload_file file;

	(void)state;
	begin(&file, &voice, "");
	upload_file_end(&file, true);
	assert_true(upload_file_is_none(&file));
	end(&file);
	begin(&file, &voice, "a.ogg");
	assert_string_equal(finish(&file, true).state, "complete");
	assert_false(upload_file_is_none(&file));
	assert_int_equal(padding, 0);
	end(&file);
}

static void the_number_of_pieces_is_rounded_up(void **state)
{
	static const unsigned cases[][2] = { { 0, 0 }, { 1, 1 }, { 2, 2 },
		{ 3, 3 }, { 8, 8 }, { 9, 10 }, { 16, 16 }, { 17, 18 },
		{ 81, 88 }, { 128, 128 }, { 129, 144 }, { 190, 192 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(upload_file_padded(cases[i][0]), cases[i][1]);
	}
	for (unsigned n = 1; n < 1000; n++) {
		unsigned padded = upload_file_padded(n);

		assert_in_range(padded, n, n + n * 12 / 100);
		assert_int_equal(upload_file_padded(padded), padded);
	}
}

static int set_up(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back_however_it_came),
		cmocka_unit_test(what_is_too_large_is_cut_at_the_limit),
		cmocka_unit_test(what_was_cut_off_says_so),
		cmocka_unit_test(what_could_not_be_kept_is_not_counted),
		cmocka_unit_test(another_kind_is_refused_by_its_bytes),
		cmocka_unit_test(
		    a_picture_is_cleaned_unless_it_is_to_stay_as_it_is),
		cmocka_unit_test(a_picture_that_cannot_be_cleaned_ends_there),
		cmocka_unit_test(no_file_is_told_from_an_empty_one),
		cmocka_unit_test(the_number_of_pieces_is_rounded_up),
	};

	return cmocka_run_group_tests_name(
	    "intake/upload_file", tests, set_up, NULL);
}
