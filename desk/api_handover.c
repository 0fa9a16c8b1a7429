/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The hand-over of a shift: GET /api/handover is the page, POST gives it to
 * another officer, who accepts it. What is handed over is written on each open
 * tip of priority 1 and 2, so that it is in the ledger with both names, and is
 * read there by every desk, and after a restart. Where there is no such tip it
 * waits in this process alone.
 *
 * Partners who owe an answer are told for tips of every priority.
 *
 * A shift does not end with a P1 that nobody has and nothing is planned for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "crypto/random.h"
#include "desk/api.h"
#include "desk/due.h"

/* More open ones than this are a disaster, and the page says so. */
#define TIPS_MOST  200u
#define WORDS_MOST 2000u
#define WAITS_S    (INT64_C(12) * 3600)

struct page {
	struct web *web;
	net_token conn;
	char who[CASE_OWNER_BYTES];
	json_t *body; /* NULL: only to be looked at */
	/* those that are handed over, and behind them others that a partner has
	 * not answered for */
	struct tip *tips[2 * TIPS_MOST];
	size_t n_given, n, at;
	bool more; /* there are more than that */
	json_t *open, *leases, *promises, *partners;
	bool bare_p1;          /* nobody has it, nothing is planned */
	struct handover given; /* the newest that is written on one of them */
	json_t *accepted;      /* numbers of those that were */
};

static void page_free(struct page *page)
{
	json_decref(page->body);
	json_decref(page->open);
	json_decref(page->leases);
	json_decref(page->promises);
	json_decref(page->partners);
	json_decref(page->accepted);
	wipe(page, sizeof(*page));
	free(page);
}

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "" : text;
}

/* ---- one tip --------------------------------------------------------------
 */

/* The newest entry of this kind that is for the whole team; NULL: none. */
static const json_t *newest(const json_t *entries, const char *kind)
{
	const json_t *found = NULL;
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *whose = text_of(entry, "for");

		if (strcmp(text_of(entry, "kind"), kind) == 0 &&
		    json_object_get(entry, "withdrawn") == NULL &&
		    (whose[0] == '\0' || strcmp(whose, "team") == 0)) {
			found = entry;
		}
	}
	return found;
}

static bool is_kind(const json_t *entry, const char *kind)
{
	return strcmp(text_of(entry, "kind"), kind) == 0;
}

/* What is written on the tip of shifts that were given and taken. */
static void take_handovers(struct page *page, const json_t *entries)
{
	struct handover *given = &page->given;
	json_t *entry;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)entries, i, entry)
	{
		json_t *id = json_object_get(entry, "handover");
		int64_t at_s = json_integer_value(json_object_get(entry, "at"));

		if (is_kind(entry, "handover-accepted")) {
			(void)json_array_append(page->accepted, id);
		} else if (is_kind(entry, "handover") && at_s >= given->at_s) {
			given->id = json_integer_value(id);
			given->at_s = at_s;
			(void)snprintf(given->from, sizeof(given->from), "%s",
			    text_of(entry, "from"));
			(void)snprintf(given->to, sizeof(given->to), "%s",
			    text_of(entry, "to"));
			(void)snprintf(given->words, sizeof(given->words), "%s",
			    text_of(entry, "text"));
		}
	}
}

static json_t *what_and_when(const json_t *entry)
{
	return json_pack("{s:s, s:I}", "text", text_of(entry, "text"), "by_ms",
	    json_integer_value(json_object_get(entry, "due_ms")));
}

static void put_tip(
    struct page *page, const struct tip *tip, const json_t *entries)
{
	const json_t *plan = newest(entries, "plan");
	const json_t *promise = newest(entries, "promise");
	bool held = case_is_held(&tip->now, web_now_ms(page->web));
	json_t *row = json_pack("{s:o, s:I, s:i, s:s, s:s, s:I}", "id",
	    api_tip_id(tip), "seq", (json_int_t)tip->number + 1, "priority",
	    (int)tip_priority(tip), "state",
	    tip->now.version == 0 ? "RECEIVED"
				  : case_state_name(tip->now.state),
	    "owner", held ? tip->now.owner : "", "until_ms",
	    held ? (json_int_t)tip->now.until_ms : (json_int_t)0);

	if (plan != NULL) {
		(void)json_object_set_new(row, "plan", what_and_when(plan));
	}
	if (promise != NULL) {
		(void)json_array_append_new(
		    page->promises, what_and_when(promise));
	}
	if (held) {
		(void)json_array_append(page->leases, row);
	}
	page->bare_p1 =
	    page->bare_p1 || (tip_priority(tip) == 1 && !held && plan == NULL);
	(void)json_array_append_new(page->open, row);
}

static bool owes_answer(const struct tip *tip)
{
	return tip->now.state == CASE_REFERRED ||
	    tip->now.state == CASE_NO_ANSWER;
}

/* To whom it was referred last, and when that went. What cannot be read now
 * has no kind, but still its event. */
static void put_partner(
    struct page *page, const struct tip *tip, const json_t *entries)
{
	uint64_t now_ms = web_now_ms(page->web);
	const char *name = "";
	int64_t since_ms = 0;
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (is_kind(entry, "referral")) {
			name = text_of(entry, "partner_name");
		}
		if (strcmp(text_of(entry, "event"),
			case_event_name(CASE_DO_APPROVE)) == 0) {
			since_ms =
			    json_integer_value(json_object_get(entry, "at_ms"));
		}
	}
	(void)json_array_append_new(page->partners,
	    json_pack("{s:s, s:o, s:I, s:I, s:b}", "name", name, "id",
		api_tip_id(tip), "seq", (json_int_t)tip->number + 1, "since_ms",
		(json_int_t)since_ms, "overdue",
		tip->now.state == CASE_NO_ANSWER ||
			(since_ms > 0 &&
			    due_answer_is_late(
				tip->now.priority, (uint64_t)since_ms, now_ms))
		    ? 1
		    : 0));
}

/* ---- the page -------------------------------------------------------------
 */

static json_t *counts_of(const struct web *web)
{
	int64_t day = (int64_t)(web_now_ms(web) / 86400000u) * 86400;
	struct tips_counts counts;
	size_t closed = 0;

	tips_counts(web->tips, day, &counts);
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		closed +=
		    tip->now.state == CASE_CLOSED && tip->received_s >= day ? 1
									    : 0;
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "in",
	    (json_int_t)counts.since, "out", (json_int_t)closed, "open",
	    (json_int_t)counts.open, "never_opened", (json_int_t)counts.never,
	    "gaps", (json_int_t)counts.absent, "unseen",
	    (json_int_t)counts.unseen);
}

static bool is_accepted(const struct page *page, json_int_t id)
{
	const json_t *each;
	size_t i;

	json_array_foreach(page->accepted, i, each)
	{
		if (json_integer_value(each) == id) {
			return true;
		}
	}
	return false;
}

/* The newest shift that was given and not taken, or NULL. */
static const struct handover *waiting(const struct page *page)
{
	const struct handover *here = &page->web->handover;
	const struct handover *newest =
	    here->at_s > page->given.at_s ? here : &page->given;

	return newest->to[0] != '\0' && !is_accepted(page, newest->id) &&
		clock_wall_s() - newest->at_s < WAITS_S
	    ? newest
	    : NULL;
}

static json_t *page_json(struct page *page)
{
	struct web *web = page->web;
	const struct handover *given = waiting(page);
	json_t *header = api_header(web);
	json_t *json =
	    json_pack("{s:O, s:O, s:O, s:O, s:o, s:O?, s:O?, s:b}", "open",
		page->open, "leases", page->leases, "promises", page->promises,
		"partners", page->partners, "counts", counts_of(web),
		"channels", json_object_get(header, "channels"), "head",
		json_object_get(header, "head"), "more", page->more ? 1 : 0);

	json_decref(header);
	if (given != NULL) {
		(void)json_object_set_new(json, "waiting",
		    json_pack("{s:I, s:s, s:s, s:s}", "id", given->id, "from",
			given->from, "to", given->to, "plan", given->words));
	}
	return json;
}

/* ---- giving and taking ----------------------------------------------------
 */

/* What is written needs no answer: a tip that it cannot be written on is told
 * on the next page as it is. */
static void written(struct web *web, const struct store_done *done, void *arg)
{
	(void)web;
	(void)done;
	(void)arg;
}

static void write_all(
    struct page *page, const char *kind, const struct handover *handover)
{
	for (size_t i = 0; i < page->n_given; i++) {
		entry_add(page->web, page->tips[i], page->who,
		    json_pack("{s:s, s:I, s:s, s:s, s:s}", "kind", kind,
			"handover", handover->id, "from", handover->from, "to",
			handover->to, "text", handover->words),
		    written, NULL);
	}
}

/* A number that a browser can hold. */
static json_int_t new_id(void)
{
	uint8_t bytes[6];
	json_int_t id = 0;

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		id = id * 256 + bytes[i];
	}
	return id > 0 ? id : 1;
}

static void refuse(
    struct page *page, int status, const char *word, const char *text)
{
	api_refuse(page->web, page->conn, status, word, text);
}

static void give(struct page *page)
{
	struct handover *handover = &page->web->handover;
	const char *to = text_of(page->body, "to");
	const char *words = text_of(page->body, "plan");

	if (!case_is_owner(to) || strcmp(to, page->who) == 0 ||
	    strlen(words) > WORDS_MOST) {
		refuse(page, 400, "body",
		    "Name the officer who comes, in at most 2,000 bytes say "
		    "what there is to know.");
		return;
	}
	if (page->bare_p1) {
		refuse(page, 409, "p1",
		    "A P1 has no holder and no next action: claim it, or plan "
		    "what comes next.");
		return;
	}
	handover->id = new_id();
	handover->at_s = clock_wall_s();
	(void)snprintf(handover->from, sizeof(handover->from), "%s", page->who);
	(void)snprintf(handover->to, sizeof(handover->to), "%s", to);
	(void)snprintf(handover->words, sizeof(handover->words), "%s", words);
	write_all(page, "handover", handover);
	api_answer(page->web, page->conn, 200, page_json(page));
}

static void take(struct page *page, json_int_t id)
{
	const struct handover *given = waiting(page);

	if (given == NULL || id != given->id ||
	    strcmp(given->to, page->who) != 0) {
		refuse(page, 409, "none", "No shift was given to you.");
		return;
	}
	write_all(page, "handover-accepted", given);
	wipe(&page->web->handover, sizeof(page->web->handover));
	wipe(&page->given, sizeof(page->given));
	api_answer(page->web, page->conn, 200, page_json(page));
}

static void finish(struct page *page)
{
	json_int_t accept =
	    json_integer_value(json_object_get(page->body, "accept"));

	if (page->body == NULL) {
		api_answer(page->web, page->conn, 200, page_json(page));
	} else if (accept != 0) {
		take(page, accept);
	} else {
		give(page);
	}
	page_free(page);
}

static void next_tip(struct web *web, json_t *entries, void *arg)
{
	struct page *page = arg;

	if (entries == NULL) {
		refuse(page, 503, "opening",
		    "The tips cannot be read just now; try again.");
		page_free(page);
		return;
	}
	if (page->at < page->n_given) {
		put_tip(page, page->tips[page->at], entries);
		take_handovers(page, entries);
	}
	if (owes_answer(page->tips[page->at])) {
		put_partner(page, page->tips[page->at], entries);
	}
	json_decref(entries);
	page->at++;
	if (page->at == page->n) {
		finish(page);
	} else {
		entry_list(web, page->tips[page->at]->id, next_tip, page);
	}
}

static bool is_given(const struct tip *tip)
{
	return tip_priority(tip) <= 2;
}

static bool only_owes(const struct tip *tip)
{
	return tip_priority(tip) > 2 && owes_answer(tip);
}

static void choose_some(struct page *page, struct tip *const *tips, size_t n,
    bool (*fits)(const struct tip *tip))
{
	size_t first = page->n;

	for (size_t i = 0; i < n; i++) {
		if (!fits(tips[i]) || tips[i]->is_twin) {
			continue;
		}
		if (page->n - first == TIPS_MOST) {
			page->more = true;
			break;
		}
		page->tips[page->n++] = tips[i];
	}
}

/* Open, of priority 1 and 2, the most urgent first; then referrals that have no
 * answer. */
static bool choose(struct page *page)
{
	const struct tips_query query = { .view = TIPS_ALL,
		.who = page->who,
		.now_ms = web_now_ms(page->web) };
	struct tip *const *tips = NULL;
	size_t n = 0;

	if (tips_select(page->web->tips, &query, &tips, &n) != TL_OK) {
		return false;
	}
	choose_some(page, tips, n, is_given);
	page->n_given = page->n;
	choose_some(page, tips, n, only_owes);
	return true;
}

static void begin(struct api_call *call)
{
	struct page *page = calloc(1, sizeof(*page));

	if (page != NULL) {
		page->web = call->web;
		page->conn = call->conn;
		page->body = json_deep_copy(call->body);
		page->open = json_array();
		page->leases = json_array();
		page->promises = json_array();
		page->partners = json_array();
		page->accepted = json_array();
		(void)snprintf(
		    page->who, sizeof(page->who), "%s", call->session->name);
	}
	if (page == NULL || (page->body == NULL && call->body != NULL) ||
	    !choose(page)) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		if (page != NULL) {
			page_free(page);
		}
		return;
	}
	web_audit_handover(call->web, call->session);
	if (page->n == 0) {
		finish(page);
	} else {
		entry_list(call->web, page->tips[0]->id, next_tip, page);
	}
}

static const char *const members[] = { "plan", "to", "accept", NULL };

const struct api_route api_handover_routes[] = {
	{ HTTP_GET, "/api/handover", API_OFFICER, NULL, begin, true, 0 },
	{ HTTP_POST, "/api/handover", API_OFFICER, members, begin, false, 0 },
	{ 0 },
};
