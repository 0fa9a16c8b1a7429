/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips_group: long messages that are very long, as a request that cannot
 * be read and was kept in pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/tips.h"
#include "text/report.h"

#define T0 INT64_C(1795305600) /* 2026-11-22T00:00:00Z */

#define PIECE_BYTES ((size_t)256u * 1024u)
#define LINE \
	",\"gateway\":\"g\",\"to\":\"t\",\"thread\":" \
	"\"00000000000000000000000000000001\",\"thread_before\":" \
	"\"ffffffffffffffffffffffffffffffff\""

static struct tips *tips;

static void make_room(size_t bytes)
{
	tips_free(tips);
	tips = tips_new(bytes);
	assert_non_null(tips);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	make_room((size_t)64 * 1024 * 1024);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tips_free(tips);
	tips = NULL;
	return 0;
}

static struct tip *add(uint8_t n)
{
	const struct store_item item = {
		.number = n, .kind = LEDGER_TIP, .id = { n }, .len = 4000
	};

	assert_int_equal(tips_add(tips, &item), TL_OK);
	tips_find(tips, item.id)->is_signed = true;
	return tips_find(tips, item.id);
}

/* A short one, received so many seconds after midnight. */
static struct tip *make(
    uint8_t n, unsigned second, unsigned priority, const char *more)
{
	struct tip *tip = add(n);
	bool is_tip = false;
	char doc[1024];
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"%02x000000000000000000000000000000\","
	    "\"received\":\"2026-11-22T00:00:%02uZ\",\"priority\":%u,"
	    "\"rules\":[],\"answers\":{},\"sender\":{\"raw\":\"1\"}%s}",
	    n, second, priority, more);

	assert_true(len > 0 && (size_t)len < sizeof(doc));
	assert_int_equal(
	    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip), TL_OK);
	return tip;
}

static void settle(void)
{
	assert_int_equal(tips_settle(tips, T0, NULL), TL_OK);
}

static size_t rows(void)
{
	const struct tips_query query = {
		.view = TIPS_ALL, .who = "sok", .now_ms = 1000
	};
	struct tip *const *found = NULL;
	size_t n = 0;

	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	return n;
}

/* A piece of a request that was kept as it came, of `fill` alone. */
static struct tip *piece(
    uint8_t n, unsigned seq, unsigned total, const char *fill)
{
	struct report report = {
		.id = { n },
		.received_s = T0,
		.channel = "sms",
		.gateway = "g",
		.kind = "undecodable",
		.trust = "signed",
		.has_concat = true,
		.concat = { .ref = 9,
		    .wide = true,
		    .total = total,
		    .seq = seq },
		.priority = 3,
	};
	uint8_t *data = malloc(PIECE_BYTES);
	struct tip *tip = add(n);
	size_t len = strlen(fill);
	bool is_tip = false;
	struct buf doc;

	assert_non_null(data);
	for (size_t i = 0; i < PIECE_BYTES; i++) {
		data[i] = (uint8_t)fill[i % len];
	}
	report.data = bytes_of(data, PIECE_BYTES);
	buf_init(&doc, report_room(&report));
	assert_int_equal(report_write(&report, &doc), TL_OK);
	assert_int_equal(
	    tips_opened(tips, tip, bytes_of(doc.data, doc.len), &is_tip),
	    TL_OK);
	buf_free(&doc);
	free(data);
	return tip;
}

static size_t kept_bytes(void)
{
	struct tips_counts counts;

	tips_counts(tips, 0, &counts);
	return counts.bytes;
}

static void a_request_of_many_pieces_is_one_row_and_one_copy(void **state)
{
	struct tip *head = NULL;
	size_t before = 0;

	(void)state;
	for (unsigned i = 1; i <= 13; i++) {
		struct tip *tip =
		    piece((uint8_t)i, i, 13, "they lock the door ");

		head = i == 1 ? tip : head;
		before = kept_bytes() - head->doc.len;
		settle();
		assert_ptr_equal(tip->of, i == 1 ? NULL : head);
	}
	assert_int_equal(rows(), 1);
	assert_true(head->doc.len > 13 * 2 * PIECE_BYTES);
	/* what showed twelve of them is gone */
	assert_true(kept_bytes() < before + 2 * head->doc.len);
	assert_true(kept_bytes() < 13 * 5 * PIECE_BYTES);
}

static void what_is_too_long_for_one_row_is_in_the_way_of_nothing(void **state)
{
	struct tip *pieces[20], *sms, *more;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		/* in JSON each byte is two, or six */
		pieces[i] = piece(
		    (uint8_t)(1 + i), 1 + i, 20, "\n\n\n\n\n\n\n\n\n\n\x01");
	}
	sms = make(31, 1, 1, LINE);
	more = make(32, 2, 3, LINE);
	settle();
	assert_false(sms->is_new); /* it is made a case */
	assert_ptr_equal(more->of, sms);
	for (unsigned i = 0; i < 20; i++) {
		assert_null(pieces[i]->of);
		assert_false(pieces[i]->is_new);
	}
	assert_int_equal(rows(), 21);
}

static struct tip *urgent_part(uint8_t n, unsigned ref, unsigned seq)
{
	char more[256];

	(void)snprintf(more, sizeof(more),
	    ",\"gateway\":\"g\",\"to\":\"t\",\"text\":\"x\",\"concat\":"
	    "{\"ref\":%u,\"total\":2,\"seq\":%u,\"wide\":false}",
	    ref, seq);
	return make(n, 1, 1, more);
}

static void one_that_has_no_room_keeps_no_urgent_one_apart(void **state)
{
	struct tip *first[4], *second[4], *head;

	(void)state;
	make_room((size_t)12 * 1024 * 1024);
	head = piece(1, 1, 13, "they lock the door ");
	for (unsigned i = 2; i <= 13; i++) {
		(void)piece((uint8_t)i, i, 13, "they lock the door ");
	}
	for (unsigned i = 0; i < 4; i++) {
		first[i] = urgent_part((uint8_t)(31 + 2 * i), i, 1);
		second[i] = urgent_part((uint8_t)(32 + 2 * i), i, 2);
	}
	assert_int_equal(tips_settle(tips, T0, NULL), TL_EFULL);
	for (unsigned i = 0; i < 4; i++) {
		assert_ptr_equal(second[i]->of, first[i]);
	}
	assert_ptr_equal(head->doc.at, head->part_doc.at);
	assert_null(head->mores); /* each of its pieces is a row */
	assert_int_equal(rows(), 4 + 13);
	assert_false(head->is_new);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_request_of_many_pieces_is_one_row_and_one_copy),
		TEST(what_is_too_long_for_one_row_is_in_the_way_of_nothing),
		TEST(one_that_has_no_room_keeps_no_urgent_one_apart),
	};

	return cmocka_run_group_tests_name("desk/tips_long", tests, NULL, NULL);
}
