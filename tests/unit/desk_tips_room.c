/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/tips_open: who fills the memory for what is opened holds up no P1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/tips.h"

static struct tips *tips;

static struct tip *add(uint8_t n)
{
	const struct store_item item = {
		.number = n, .kind = LEDGER_TIP, .id = { n, 1 }, .len = 64000
	};

	assert_int_equal(tips_add(tips, &item), TL_OK);
	return tips_find(tips, item.id);
}

static enum tl_err open_long(struct tip *tip, unsigned priority)
{
	static char doc[64000];
	bool is_tip = false;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"x\",\"received\":\"2026-11-22T00:00:00Z\","
	    "\"priority\":%u,\"rules\":[],\"answers\":{},\"sender\":{},"
	    "\"text\":\"%60000s\"}",
	    priority, "long");

	assert_true(len > 0 && (size_t)len < sizeof(doc));
	return tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip);
}

static void many_long_texts_leave_room_for_what_is_urgent(void **state)
{
	enum tl_err err = TL_OK;
	struct tip *tip = NULL;
	uint8_t n = 0;

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	tips = tips_new((size_t)8 * 1024 * 1024);
	assert_non_null(tips);
	while (err == TL_OK && n < 250) {
		tip = add(++n);
		tip->is_signed = true;
		err = open_long(tip, 3);
	}
	assert_int_equal(err, TL_EFULL);
	assert_false(tip->is_left_out);
	tip = add(251);
	assert_int_equal(open_long(tip, 1), TL_EFULL); /* nobody signed it */
	assert_false(tip->is_left_out);
	tip = add(252);
	tip->is_signed = true;
	assert_int_equal(open_long(tip, 2), TL_OK);
	tip = add(253);
	tip->is_signed = true;
	tip->now = (struct case_now){
		.version = 3, .state = CASE_NEW, .priority = 1
	}; /* as officers know it */
	assert_int_equal(open_long(tip, 3), TL_OK);
	/* until that is full as well, which is told */
	tip = add(254);
	tip->is_signed = true;
	for (int i = 0; i < 250 && open_long(tip, 1) == TL_OK; i++) {
	}
	assert_int_equal(open_long(tip, 1), TL_EFULL);
	assert_true(tip->is_left_out);
	tips_forget(tips);
	assert_false(tip->is_left_out);
	tips_free(tips);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_long_texts_leave_room_for_what_is_urgent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
