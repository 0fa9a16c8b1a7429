/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/tip: what PUT says beside an envelope.
 */
#include "server/intake/tip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/seal.h"
#include "crypto/start.h"

static void a_piece_counts_as_a_file_and_never_as_urgent(void **state)
{
	static const uint8_t team[1][32] = { { 9 } }; /* the base point */
	static const uint8_t sign[64] = { 1 };
	struct report_piece piece = { .file = 1, .piece = 1 };
	const struct report report = {
		.channel = "sms",
		.gateway = "g",
		.lang = "",
		.kind = REPORT_PIECE,
		.trust = "signed",
		.priority = 1,
		.piece = &piece,
	};
	struct sealer *sealer = NULL;
	struct buf record;

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	assert_int_equal(sealer_new(team, 1, sign, &sealer), TL_OK);
	buf_init(&record, TIP_PIECE_RECORD_BYTES);
	assert_int_equal(
	    tip_seal_piece(sealer, &report, bytes_str("raw"), NULL, &record),
	    TL_OK);
	assert_int_equal(record.data[SEAL_ID_BYTES], TIP_FILES);
	assert_int_equal(record.data[SEAL_ID_BYTES + 1], 0);
	buf_free(&record);
	sealer_free(sealer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_counts_as_a_file_and_never_as_urgent),
	};

	return cmocka_run_group_tests_name("intake/tip", tests, NULL, NULL);
}
