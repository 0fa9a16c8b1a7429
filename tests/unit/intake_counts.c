/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/counts: what workers count is added up, shown and, where
 * somebody should look, said once a minute.
 */
#include "server/intake/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct counts sample(void)
{
	struct counts counts = { .n_gates = 2 };

	counts.values[COUNT_TIPS] = 7;
	counts.values[COUNT_OPEN] = UINT64_C(1) << 40;
	counts.gates[0][GATE_STORED] = 3;
	counts.gates[1][GATE_NO_PROOF] = 5;
	return counts;
}

static void what_is_put_is_got_and_nothing_else(void **state)
{
	struct counts counts = sample(), got = { .n_gates = 2 };
	struct counts other = { .n_gates = 3 };
	struct buf body;

	(void)state;
	buf_init(&body, 4096);
	counts_put(&counts, &body);
	assert_int_equal(
	    counts_get(bytes_of(body.data, body.len), &got), TL_OK);
	assert_memory_equal(&got, &counts, sizeof(got));
	for (size_t len = 0; len < body.len; len++) {
		struct counts untouched = { .n_gates = 2 };

		assert_int_equal(
		    counts_get(bytes_of(body.data, len), &untouched),
		    TL_EFORMAT);
		assert_int_equal(untouched.values[COUNT_TIPS], 0);
	}
	assert_int_equal(
	    counts_get(bytes_of(body.data, body.len), &other), TL_EFORMAT);
	buf_free(&body);
}

static void all_of_the_most_gateways_fit_a_frame(void **state)
{
	struct counts counts = { .n_gates = CONFIG_GATEWAYS_MAX };
	struct buf body;

	(void)state;
	buf_init(&body, 8192); /* the row of COUNTS in base/frame.h */
	counts_put(&counts, &body);
	assert_int_equal(buf_err(&body), TL_OK);
	buf_free(&body);
}

static void sums_and_metrics_say_what_was_counted(void **state)
{
	char one[] = "one", two[] = "two";
	const struct config_gateway gateways[] = { { .name = one },
		{ .name = two } };
	struct counts counts = sample(), more = sample();
	struct buf text;

	(void)state;
	counts_add(&counts, &more);
	buf_init(&text, 65536);
	counts_print(&counts, gateways, &text);
	buf_put_u8(&text, 0);
	assert_int_equal(buf_err(&text), TL_OK);
	assert_non_null(
	    strstr((char *)text.data, "\ntipline_web_tips_total 14\n"));
	assert_non_null(strstr(
	    (char *)text.data, "\n# TYPE tipline_http_connections gauge\n"));
	assert_non_null(strstr((char *)text.data,
	    "\ntipline_gateway_stored_total{gateway=\"one\"} 6\n"));
	assert_non_null(strstr((char *)text.data,
	    "\ntipline_gateway_no_proof_total{gateway=\"two\"} 10\n"));
	buf_free(&text);
}

static void a_rise_is_said_once_and_rest_is_not(void **state)
{
	struct counts before = sample(), now = sample();
	int ends[2], kept = dup(STDERR_FILENO);
	char line[600] = "";
	ssize_t n;

	(void)state;
	now.gates[1][GATE_NO_PROOF] += 4;
	now.gates[1][GATE_STALE] += 3;
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	counts_log(&now, &now);
	counts_log(&before, &now);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	(void)close(ends[1]);
	n = read(ends[0], line, sizeof(line) - 1);
	assert_true(n > 0);
	assert_non_null(strstr(line, "E400 gateway 2: 4 requests"));
	assert_non_null(strstr(line, "E402 gateway 2: of these, 3 were"));
	assert_ptr_equal(strchr(strchr(line, '\n') + 1, '\n'), line + n - 1);
	(void)close(ends[0]);
	(void)close(kept);
}

static void hours_of_silence_count_from_the_last_message(void **state)
{
	const uint64_t hour_ms = 3600000;
	struct silence silence = { 0 };
	struct counts counts = sample();

	(void)state;
	counts_silence(&silence, &counts, 5 * hour_ms);
	assert_int_equal(counts.gates[0][GATE_SILENT], 0); /* just started */
	counts_silence(&silence, &counts, 8 * hour_ms - 1);
	assert_int_equal(counts.gates[0][GATE_SILENT], 2);
	counts.gates[0][GATE_STORED]++;
	counts.gates[1][GATE_NO_PROOF]++; /* that is not the gateway */
	counts_silence(&silence, &counts, 8 * hour_ms);
	assert_int_equal(counts.gates[0][GATE_SILENT], 0);
	assert_int_equal(counts.gates[1][GATE_SILENT], 3);
	counts.n_gates = 1; /* a reload with other gateways */
	counts_silence(&silence, &counts, 20 * hour_ms);
	assert_int_equal(counts.gates[0][GATE_SILENT], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_of_silence_count_from_the_last_message),
		cmocka_unit_test(what_is_put_is_got_and_nothing_else),
		cmocka_unit_test(all_of_the_most_gateways_fit_a_frame),
		cmocka_unit_test(sums_and_metrics_say_what_was_counted),
		cmocka_unit_test(a_rise_is_said_once_and_rest_is_not),
	};

	return cmocka_run_group_tests_name(
	    "server/intake/counts", tests, NULL, NULL);
}
