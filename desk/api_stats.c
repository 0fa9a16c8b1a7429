/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * GET /api/stats: counts and times of the tips that arrived in a time, with
 * small cells hidden. The headline is the time until a person had it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "desk/api.h"
#include "desk/cells.h"
#include "desk/due.h"
#include "desk/withdrawn.h"
#include "text/report_parts.h"

#define DAY_MS UINT64_C(86400000)

enum by {
	BY_PRIORITY,
	BY_CHANNEL,
	BY_LANG,
	BY_STATE,
	BY_PROVINCE,
	BY_DAY,
	BYS
};

static const char *const by_names[BYS] = { "priority", "channel", "lang",
	"state", "province", "day" };

struct stats {
	uint64_t from_ms, to_ms;
	struct cells by[BYS];
	unsigned total, closed, reopened;
	/* of each priority: how long until somebody had it */
	uint64_t *touch[CASE_PRIORITIES + 1];
	size_t n_touch[CASE_PRIORITIES + 1];
	unsigned in_time[CASE_PRIORITIES + 1];
};

static void count_day(struct cells *cells, int64_t at_s)
{
	char day[16] = "?";
	time_t at = (time_t)at_s;
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL) {
		(void)strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	}
	cells_add(cells, day);
}

static void count_province(struct cells *cells, const struct tip *tip)
{
	json_t *report = report_load(tip->doc);
	const char *code = json_string_value(json_object_get(
	    json_object_get(report, "answers"), "where_province"));

	code = code == NULL ? withdrawn_province(report) : code;
	cells_add(cells, code == NULL ? "-" : code);
	json_decref(report);
}

static void count_touch(
    struct stats *stats, const struct tip *tip, unsigned priority)
{
	uint64_t arrived_ms = (uint64_t)tip->received_s * 1000;
	struct due due = due_of(priority, CASE_NEW, arrived_ms);

	if (tip->touched_ms < arrived_ms || stats->touch[priority] == NULL) {
		return;
	}
	stats->touch[priority][stats->n_touch[priority]++] =
	    tip->touched_ms - arrived_ms;
	stats->in_time[priority] += tip->touched_ms <= due.due_ms ? 1 : 0;
}

static void count_tip(struct stats *stats, const struct tip *tip)
{
	unsigned priority = tip_priority(tip);
	const char text[] = { (char)('0' + priority % 10), '\0' };

	stats->total++;
	stats->closed += tip->now.state == CASE_CLOSED ? 1 : 0;
	stats->reopened += (tip->now.flags & CASE_REOPENED) != 0 ? 1 : 0;
	cells_add(&stats->by[BY_PRIORITY], text);
	cells_add(&stats->by[BY_CHANNEL],
	    tip->channel[0] == '\0' ? "-" : tip->channel);
	cells_add(&stats->by[BY_LANG], tip->lang[0] == '\0' ? "-" : tip->lang);
	cells_add(&stats->by[BY_STATE],
	    tip->now.version == 0 ? "RECEIVED"
				  : case_state_name(tip->now.state));
	count_province(&stats->by[BY_PROVINCE], tip);
	count_day(&stats->by[BY_DAY], tip->received_s);
	if (priority >= 1 && priority <= CASE_PRIORITIES) {
		count_touch(stats, tip, priority);
	}
}

static json_t *shown(unsigned n)
{
	return n > 0 && n < CELLS_LEAST ? json_null()
					: json_integer((json_int_t)n);
}

static json_t *cells_json(struct cells *cells)
{
	json_t *json = json_object();

	cells_hide(cells);
	for (size_t i = 0; i < cells->n; i++) {
		(void)json_object_set_new(json, cells->items[i].name,
		    cells->items[i].hidden
			? json_null()
			: json_integer((json_int_t)cells->items[i].n));
	}
	return json;
}

/* Times of few tips tell of people as counts do. */
static json_t *touch_json(struct stats *stats)
{
	json_t *json = json_object();

	for (unsigned p = 1; p <= CASE_PRIORITIES; p++) {
		const char name[] = { 'p', (char)('0' + p), '\0' };
		size_t n = stats->n_touch[p];

		if (n == 0) {
			continue;
		}
		(void)json_object_set_new(json, name,
		    n < CELLS_LEAST
			? json_pack("{s:n, s:n, s:n}", "median_ms", "p90_ms",
			      "in_target")
			: json_pack("{s:I, s:I, s:f}", "median_ms",
			      (json_int_t)cells_percentile(
				  stats->touch[p], n, 50),
			      "p90_ms",
			      (json_int_t)cells_percentile(
				  stats->touch[p], n, 90),
			      "in_target",
			      (double)stats->in_time[p] / (double)n));
	}
	return json;
}

static uint64_t number_of(
    const struct api_call *call, const char *name, uint64_t otherwise)
{
	uint64_t number = 0;
	struct buf text;

	buf_init(&text, 16);
	if (!api_query(call, name, &text) || text.len == 0) {
		buf_free(&text);
		return otherwise;
	}
	for (size_t i = 0; i < text.len; i++) {
		number = text.data[i] >= '0' && text.data[i] <= '9'
		    ? number * 10 + (uint64_t)(text.data[i] - '0')
		    : 0;
	}
	buf_free(&text);
	return number;
}

static void count_all(struct stats *stats, const struct web *web)
{
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);
		uint64_t at_ms = (uint64_t)tip->received_s * 1000;

		/* what is made up is counted nowhere */
		if (tip->state == TIP_OPEN && !tip->is_twin && !web->practice &&
		    at_ms >= stats->from_ms && at_ms < stats->to_ms) {
			count_tip(stats, tip);
		}
	}
}

static json_t *stats_json(struct stats *stats)
{
	json_t *by = json_object();

	for (int i = 0; i < BYS; i++) {
		(void)json_object_set_new(
		    by, by_names[i], cells_json(&stats->by[i]));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:i}", "total",
	    shown(stats->total), "closed", shown(stats->closed), "reopened",
	    shown(stats->reopened), "by", by, "first_touch", touch_json(stats),
	    "from", (json_int_t)stats->from_ms, "to", (json_int_t)stats->to_ms,
	    "least", (int)CELLS_LEAST);
}

static void answer(struct api_call *call)
{
	uint64_t now_ms = web_now_ms(call->web);
	struct stats *stats = calloc(1, sizeof(*stats));
	size_t n = tips_count(call->web->tips);
	bool whole = stats != NULL;

	for (unsigned p = 1; whole && p <= CASE_PRIORITIES; p++) {
		stats->touch[p] = calloc(n + 1, sizeof(uint64_t));
		whole = stats->touch[p] != NULL;
	}
	if (whole) {
		stats->from_ms = number_of(call, "from",
		    now_ms > 28 * DAY_MS ? now_ms - 28 * DAY_MS : 0);
		stats->to_ms = number_of(call, "to", now_ms + DAY_MS);
		count_all(stats, call->web);
		api_answer(call->web, call->conn, 200, stats_json(stats));
	} else {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
	}
	for (unsigned p = 1; stats != NULL && p <= CASE_PRIORITIES; p++) {
		free(stats->touch[p]);
	}
	free(stats);
}

const struct api_route api_stats_routes[] = {
	{ HTTP_GET, "/api/stats", API_OFFICER, NULL, answer, true, 0 },
	{ 0 },
};
