/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter: what is the same message, tried again, and what is another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "crypto/start.h"
#include "sms/adapter.h"
#include "tests/lib/sms_fake.h"

static struct bytes dedup(
    struct buf *out, const struct sms_message *message, int64_t now_s)
{
	const struct sms_gateway gateway = { .name = "g1" };
	size_t at = out->len;

	sms_dedup_input(&gateway, message, now_s, out);
	assert_int_equal(buf_err(out), TL_OK);
	return bytes_of(out->data + at, out->len - at);
}

static bool same(const struct sms_message *a, const struct sms_message *b,
    int64_t a_s, int64_t b_s)
{
	struct buf left, right;
	bool equal;

	buf_init(&left, 65536);
	buf_init(&right, 65536);
	equal = bytes_equal(dedup(&left, a, a_s), dedup(&right, b, b_s));
	buf_free(&left);
	buf_free(&right);
	return equal;
}

static void the_same_id_with_other_content_is_another_record(void **state)
{
	struct sms_message first = {
		.external_id = bytes_str("m-1"),
		.from_raw = bytes_str("012345678"),
		.to = bytes_str("8888"),
		.text = bytes_str("help"),
	};
	struct sms_message other = first;

	(void)state;
	/* a repeat may come at any later time */
	assert_true(same(&first, &other, 1, 2));
	other.text = bytes_str("hell");
	assert_false(same(&first, &other, 1, 1));
	other = first;
	other.from_raw = bytes_str("012345679");
	assert_false(same(&first, &other, 1, 1));
	other = first;
	other.to = bytes_str("8889");
	assert_false(same(&first, &other, 1, 1));
	other = first;
	other.data = bytes_str("x");
	assert_false(same(&first, &other, 1, 1));
	/* bytes moved from one field into the next are not the same */
	other = first;
	other.from_raw = bytes_str("0123456788");
	other.to = bytes_str("888");
	assert_false(same(&first, &other, 1, 1));
	/* parts differ by their number alone */
	first.has_concat = true;
	first.concat = (struct sms_concat){ 7, 2, 1, false };
	other = first;
	other.concat.seq = 2;
	assert_false(same(&first, &other, 1, 1));
}

static void without_an_id_the_second_counts(void **state)
{
	struct sms_message first = {
		.from_raw = bytes_str("012345678"),
		.text = bytes_str("help"),
	};
	struct sms_message other = first;

	(void)state;
	assert_true(same(&first, &other, 7, 7));
	assert_false(same(&first, &other, 7, 8));
	/* the gateway's own time comes before ours */
	first.sent_s = 5;
	other.sent_s = 5;
	assert_true(same(&first, &other, 7, 8));
	/* but one without its second would be that of all day */
	first.sent_is_rough = other.sent_is_rough = true;
	assert_true(same(&first, &other, 7, 7));
	assert_false(same(&first, &other, 7, 8));
	/* what cannot be read is known by its bytes, for an hour */
	first = (struct sms_message){ .kind = SMS_UNDECODABLE,
		.data = bytes_str("?") };
	other = first;
	assert_true(same(&first, &other, 7, 8));
	assert_false(same(&first, &other, 7, 3607));
	/* and a piece of something large, whenever it comes */
	first.has_concat = other.has_concat = true;
	first.concat = other.concat = (struct sms_concat){ 7, 2, 1, false };
	assert_true(same(&first, &other, 7, 3607));
}

static void two_gateways_never_share_a_record(void **state)
{
	const struct sms_message message = { .external_id = bytes_str("1") };
	const struct sms_gateway gateways[] = { { .name = "a" },
		{ .name = "b" } };
	struct buf a, b;

	(void)state;
	buf_init(&a, 1024);
	buf_init(&b, 1024);
	sms_dedup_input(&gateways[0], &message, 1, &a);
	sms_dedup_input(&gateways[1], &message, 1, &b);
	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.data, b.data, a.len);
	buf_free(&a);
	buf_free(&b);
}

/* A request that comes so long after it was signed. */
static enum sms_verdict taken_after(
    const char *type, const char *method, int64_t after_s)
{
	struct sms_fake fake;
	enum sms_verdict verdict;

	sms_fake_init(&fake, type);
	fake.gateway.sig_method = method;
	assert_null(sms_gateway_fault(&fake.gateway));
	sms_fake_post(&fake, NULL, "application/json",
	    bytes_str("{\"type\":\"mo_text\",\"id\":\"1\"}"), NULL);
	fake.request.now_s = SMS_FAKE_NOW_S + after_s;
	verdict = sms_fake_take(&fake);
	sms_fake_free(&fake);
	return verdict;
}

static void a_late_try_is_taken_where_it_may_have_its_first_signature(
    void **state)
{
	static const struct {
		const char *type, *method;
		int64_t past_s, future_s;
	} rows[] = {
		{ "sinch", NULL, 46 * 3600, 300 },
		{ "sinch", "default", 46 * 3600, 300 },
		{ "sinch", "late", 46 * 3600, 300 },
		{ "sinch", "fresh", 300, 300 },
		{ "vonage-messages", NULL, 300, 300 },
		{ "vonage-messages", "fresh", 300, 300 },
		{ "vonage-messages", "late", 25 * 3600, 300 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *type = rows[i].type;
		const char *method = rows[i].method;

		assert_int_equal(
		    taken_after(type, method, rows[i].past_s), SMS_TIP);
		assert_int_equal(
		    taken_after(type, method, rows[i].past_s + 1), SMS_STALE);
		assert_int_equal(
		    taken_after(type, method, -rows[i].future_s), SMS_TIP);
		assert_int_equal(
		    taken_after(type, method, -rows[i].future_s - 1),
		    SMS_STALE);
	}
}

static int setup(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_same_id_with_other_content_is_another_record),
		cmocka_unit_test(without_an_id_the_second_counts),
		cmocka_unit_test(two_gateways_never_share_a_record),
		cmocka_unit_test(
		    a_late_try_is_taken_where_it_may_have_its_first_signature),
	};

	return cmocka_run_group_tests_name("sms/repeats", tests, setup, NULL);
}
