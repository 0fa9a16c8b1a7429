/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips: what could not be opened is tried again, and what cannot be is
 * not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/tips.h"

static struct tips *tips;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	tips = tips_new((size_t)8 * 1024 * 1024);
	assert_non_null(tips);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tips_free(tips);
	return 0;
}

static struct tip *add(uint8_t n, enum ledger_kind kind, uint32_t len)
{
	const struct store_item item = {
		.number = n, .kind = kind, .id = { n, 1, n }, .len = len
	};

	assert_int_equal(tips_add(tips, &item), TL_OK);
	return tips_find(tips, item.id);
}

static void open_it(struct tip *tip, unsigned priority, const char *more)
{
	char doc[512];
	bool is_tip = false;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"x\",\"received\":\"2026-11-22T0%u:00:00Z\","
	    "\"priority\":%u,\"rules\":[],\"answers\":{},\"sender\":{}%s}",
	    (unsigned)tip->number % 10, priority, more);

	assert_int_equal(
	    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip), TL_OK);
	assert_true(is_tip == (strstr(more, "\"kind\"") == NULL));
}

/* What failed for a moment; not what no try can mend. */
static void what_could_not_be_opened_is_tried_again_after_longer_pauses(
    void **state)
{
	struct tip *tip = add(1, LEDGER_TIP, 4000);
	struct tip *stranger = add(2, LEDGER_TIP, 4000);
	struct tip *garbage = add(3, LEDGER_QUARANTINE, 4000);
	uint64_t at_ms = 1000, last_ms = 0;

	(void)state;
	assert_false(tips_failed(tips, stranger, ENVELOPE_STRANGER));
	assert_false(tips_failed(tips, garbage, ENVELOPE_MAGIC));
	for (int i = 0; i < 14; i++) {
		uint64_t from_ms = at_ms;

		assert_false(tips_failed(tips, tip, ENVELOPE_BODY));
		while (tip->state == TIP_FAULT) {
			tips_try_faults(tips, at_ms);
			at_ms += 1000;
		}
		assert_true(at_ms - from_ms >= 10000);
		assert_true(at_ms - from_ms <= UINT64_C(6) * 3600 * 1000);
		assert_true(at_ms - from_ms > last_ms || i > 11);
		last_ms = at_ms - from_ms;
		assert_int_equal(tip->state, TIP_SEALED);
		assert_ptr_equal(tips_next(tips), tip);
		assert_null(tips_next(tips));
	}
	open_it(tip, 2, "");
	tips_try_faults(tips, at_ms + UINT64_C(86400000));
	assert_int_equal(tip->state, TIP_OPEN);
	assert_int_equal(stranger->state, TIP_FAULT);
	assert_int_equal(garbage->state, TIP_FAULT);
}

/* Memory may have been out where its words were read. */
static void a_report_that_could_not_be_read_is_opened_again(void **state)
{
	struct tip *tip = add(1, LEDGER_TIP, 4000);
	bool is_tip = true;

	(void)state;
	assert_int_equal(
	    tips_opened(tips, tip, bytes_str("{"), &is_tip), TL_OK);
	assert_int_equal(tip->state, TIP_FAULT);
	tips_try_faults(tips, 1000);
	tips_try_faults(tips, 12000);
	assert_ptr_equal(tips_next(tips), tip);
	open_it(tip, 2, "");
	assert_int_equal(tip->state, TIP_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_could_not_be_opened_is_tried_again_after_longer_pauses,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_report_that_could_not_be_read_is_opened_again, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name(
	    "desk/tips faults", tests, NULL, NULL);
}
