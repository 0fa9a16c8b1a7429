/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/spool: what people have to see to is said, each thing by itself, and a
 * spool that is well says nothing.
 */
#include "cli/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct said {
	char text[2048];
};

static void hear(void *arg, const char *word, const char *sentence)
{
	struct said *said = arg;
	size_t len = strlen(said->text);

	(void)snprintf(said->text + len, sizeof(said->text) - len, "%s %s\n",
	    word, sentence);
}

static void a_spool_that_is_well_has_no_troubles(void **state)
{
	const struct spool_stats stats = { .records = 9, .rescued = 9 };
	struct said said = { "" };

	(void)state;
	assert_int_equal(cli_spool_troubles(&stats, hear, &said), 0);
	assert_string_equal(said.text, "");
}

static void each_trouble_is_said_whole_and_with_its_place(void **state)
{
	static const struct {
		struct spool_stats stats;
		const char *begin, *end;
	} rows[] = {
		{ { .lost = UINT64_MAX },
		    "LOST 18446744073709551615 or more records were lost",
		    "see \"A damaged spool\" in OPERATIONS.md before "
		    "(E505)\n" },
		{ { .damaged = UINT64_MAX },
		    "DAMAGE 18446744073709551615 records do not have their",
		    "before the next nightly backup (E506)\n" },
		{ { .bad_receipts = UINT64_MAX },
		    "RECEIPTS 18446744073709551615 receipts since its start",
		    "see E503 in OPERATIONS.md\n" },
		{ { .clock_days = -INT64_MAX },
		    "CLOCK this host's clock is 9223372036854775807 days"
		    " behind",
		    "see \"A clock that was wrong\" in OPERATIONS.md\n" },
		{ { .clock_days = 8 },
		    "CLOCK this host's clock is 8 days ahead",
		    "in OPERATIONS.md\n" },
	};
	struct spool_stats all = {
		.lost = 1, .damaged = 1, .bad_receipts = 1, .clock_days = 1
	};
	struct said said = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len;

		said.text[0] = '\0';
		assert_int_equal(
		    cli_spool_troubles(&rows[i].stats, hear, &said), 1);
		len = strlen(said.text);
		assert_memory_equal(
		    said.text, rows[i].begin, strlen(rows[i].begin));
		assert_string_equal(
		    said.text + len - strlen(rows[i].end), rows[i].end);
	}
	assert_int_equal(cli_spool_troubles(&all, hear, &said), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spool_that_is_well_has_no_troubles),
		cmocka_unit_test(each_trouble_is_said_whole_and_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
