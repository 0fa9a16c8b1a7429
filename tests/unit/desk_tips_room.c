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

/* What a reporter says later; text as JSON, or NULL: only a wish. */
static enum tl_err open_more(struct tip *tip, const char *text)
{
	char doc[512];
	bool is_tip = true;
	enum tl_err err;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"kind\":\"" REPORT_MORE "\",\"id\":\"x\","
	    "\"received\":\"2026-11-22T00:00:00Z\",\"wish\":[\"withdraw\"]"
	    "%s%s}",
	    text == NULL ? "" : ",\"text\":", text == NULL ? "" : text);

	assert_true(len > 0 && (size_t)len < sizeof(doc));
	err = tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip);
	assert_false(is_tip && err == TL_OK);
	return err;
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
	while (err == TL_OK && n < 249) {
		tip = add(++n);
		tip->is_signed = true;
		err = open_long(tip, 3);
	}
	assert_int_equal(err, TL_EFULL);
	assert_false(tip->is_left_out);
	/* it takes nothing of others back; what belongs to them could */
	tip->state = TIP_SEALED; /* as the web process has it then */
	assert_false(tips_are_open(tips));
	assert_true(tips_are_heard(tips));
	tip = add(250);
	assert_false(tips_are_heard(tips)); /* nobody has looked */
	tip->is_signed = true;
	assert_int_equal(open_more(tip, "\"no\""), TL_EFULL);
	assert_false(tips_are_heard(tips));
	assert_int_equal(open_more(tip, NULL), TL_OK); /* a wish */
	assert_true(tips_are_heard(tips));
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
	/* that is so until somebody comes, and there is room for it */
	tips_forget(tips, 0);
	assert_true(tip->is_left_out);
	assert_int_equal(open_long(tip, 1), TL_OK);
	assert_false(tip->is_left_out);
	tips_free(tips);
}

static struct tip *make(uint8_t n, unsigned priority, const char *more)
{
	struct tip *tip = add(n);
	bool is_tip = false;
	char doc[512];
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"%02x01%028u\",\"received\":\"2026-11-22T00:0%u:"
	    "00Z\","
	    "\"priority\":%u,\"rules\":[],\"answers\":{},\"sender\":{},"
	    "\"gateway\":\"g\",\"to\":\"t\"%s}",
	    n, 0u, n % 10u, priority, more);

	assert_true(len > 0 && (size_t)len < sizeof(doc));
	tip->is_signed = true;
	assert_int_equal(
	    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip), TL_OK);
	return tip;
}

#define LINE \
	",\"thread\":\"00000000000000000000000000000001\"," \
	"\"thread_before\":\"ffffffffffffffffffffffffffffffff\""
#define PART(seq) \
	",\"text\":\"x\",\"concat\":{\"ref\":7,\"total\":2,\"seq\":" seq \
	",\"wide\":false}"

/* The last one leaves, and Redis took no change. */
static void what_is_urgent_and_no_case_yet_is_not_forgotten(void **state)
{
	const struct case_now now = {
		.version = 2, .state = CASE_NEW, .priority = 3
	};
	const struct store_item again = {
		.number = 9, .kind = LEDGER_QUARANTINE, .id = { 1, 1 }
	};
	struct tip *urgent, *calm, *forged, *known, *told, *untold, *part[2];

	(void)state;
	tips = tips_new((size_t)8 * 1024 * 1024);
	assert_non_null(tips);
	urgent = make(1, 1, "");
	calm = make(2, 3, "");
	forged = make(3, 1, "");
	forged->is_signed = false;
	known = make(4, 3, LINE);
	assert_ptr_equal(tips_set_case(tips, known->id, &now), known);
	told = make(5, 1, LINE);
	untold = make(6, 2, LINE);
	part[0] = make(7, 1, PART("1"));
	part[1] = make(8, 1, PART("2"));
	assert_int_equal(tips_add(tips, &again), TL_OK);
	assert_int_equal(tips_settle(tips, 0, NULL), TL_OK);
	assert_ptr_equal(untold->of, known);
	assert_ptr_equal(part[1]->of, part[0]);
	told->is_told = true;
	tips_forget(tips, 0);
	assert_true(urgent->is_left_out);
	assert_true(untold->is_left_out);
	assert_true(part[0]->is_left_out && part[1]->is_left_out);
	assert_false(calm->is_left_out || forged->is_left_out);
	assert_false(known->is_left_out || told->is_left_out);
	assert_false(tips_at(tips, 8)->is_left_out);
	/* nobody has come since */
	tips_forget(tips, 0);
	assert_true(urgent->is_left_out && untold->is_left_out);
	/* what others than this desk may have told of long ago */
	known = make(4, 3, LINE);
	untold = make(6, 2, LINE);
	assert_false(untold->is_left_out);
	assert_int_equal(tips_settle(tips, 0, NULL), TL_OK);
	assert_ptr_equal(untold->of, known);
	tips_forget(tips, tips_count(tips));
	assert_false(untold->is_left_out);
	tips_free(tips);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_long_texts_leave_room_for_what_is_urgent),
		cmocka_unit_test(
		    what_is_urgent_and_no_case_yet_is_not_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
