/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/files: a piece is the one that an intake of ours has signed, whatever
 * else has its id.
 */
#include "cli/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ID   "01000000000000000000000000000000"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

/* Long ago, and nobody has named it. */
static const char piece_doc[] =
    "{\"id\":\"" ID "\",\"kind\":\"piece\",\"tip\":\"" ID
    "\",\"file\":1,\"piece\":1,"
    "\"received\":\"2020-01-01T00:00:00Z\"}";
static const char tip_doc[] =
    "{\"id\":\"" ID
    "\",\"attachments\":[{\"file\":1,\"field\":\"voice\",\"name\":\"\","
    "\"type\":\"audio/amr\",\"bytes\":1,\"pieces\":1,"
    "\"sha256\":\"" ZERO "\",\"state\":\"complete\","
    "\"ids\":[\"" ID "\"]}]}";

#define NOW_S 1600000000

static void learn(struct files *files, uint64_t number, bool is_signed)
{
	static const uint8_t raw[1];
	const struct desk_tip opened = {
		.tip = { .id = { 1 },
		    .report = bytes_str(piece_doc),
		    .raw = bytes_of(raw, sizeof(raw)) },
		.signed_by_us = is_signed,
	};
	bool is = false;

	assert_int_equal(files_learn(files, number, &opened, &is), TL_OK);
	assert_true(is);
}

/* Number signed_at of three is signed; it is the one that the tip names. */
static void check(uint64_t signed_at)
{
	struct files files = { .folder_fd = -1 };
	uint64_t number = 0;
	size_t at = 0, n = 0;

	for (uint64_t i = 0; i < 3; i++) {
		learn(&files, i, i == signed_at);
	}
	files_sort(&files);
	assert_int_equal(files_claim(&files, bytes_str(tip_doc)), TL_OK);
	while (files_left(&files, &at, NOW_S, &number)) {
		assert_int_not_equal(number, signed_at);
		n++;
	}
	assert_int_equal(n, 2);
	files_free(&files);
}

static void the_signed_one_of_an_id_is_the_piece(void **state)
{
	(void)state;
	check(0);
	check(1);
	check(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signed_one_of_an_id_is_the_piece),
	};

	return cmocka_run_group_tests_name("cli/files", tests, NULL, NULL);
}
