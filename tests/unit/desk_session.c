/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/session: who is logged in, with a keyd that says what the test wants.
 * What speaks HTTP about it is in tests/e2e/sessions.test.mjs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/drafts.h"
#include "desk/session.h"

#define IDLE_MS UINT64_C(300000)

static struct sessions *sessions;
static uint64_t now_ms;
static unsigned began, ended, forgotten, at_work;
static enum audit_what audited;
static size_t n_open;
/* of the log-in that came last */
static enum session_refusal how;
static char token[64], cookie[96], known[96];

/* ---- a keyd --------------------------------------------------------------
 */

static enum keyd_unlocked says = KEYD_UNLOCKED;
static enum keyd_role role = KEYD_OFFICER;
static uint8_t last_token;
static bool is_slow; /* it answers when it is told to */
static keyd_answer_fn waiting_fn[4];
static void *waiting_arg[4];
static size_t n_waiting;

static void answer_unlock(keyd_answer_fn fn, void *arg)
{
	struct keyd_unlocked_as as = { .result = says };
	struct frame frame;
	struct buf out;

	if (says == KEYD_UNLOCKED) {
		as.role = role;
		as.token[0] = ++last_token;
	}
	buf_init(&out, 64);
	keyd_put_unlocked(&out, &as);
	assert_int_equal(
	    frame_get(out.data, out.len, FRAME_FROM_KEYD, &frame), TL_OK);
	fn(&frame, arg);
	buf_free(&out);
}

/* In the place of the one in desk/keyd_peer.c. */
void keyd_peer_ask(struct keyd_peer *keyd, const struct buf *frame,
    keyd_answer_fn fn, void *arg)
{
	struct frame asked;

	(void)keyd;
	assert_int_equal(
	    frame_get(frame->data, frame->len, FRAME_FROM_DESK, &asked), TL_OK);
	if (asked.type == FRAME_KEYD_ASK) {
		at_work++;
		fn(NULL, arg);
	} else if (asked.type == FRAME_KEYD_LOCK) {
		forgotten++;
		fn(NULL, arg);
	} else if (is_slow) {
		assert_true(n_waiting < 4);
		waiting_fn[n_waiting] = fn;
		waiting_arg[n_waiting++] = arg;
	} else {
		answer_unlock(fn, arg);
	}
}

/* ---- a browser -----------------------------------------------------------
 */

struct browser {
	char token[64], cookies[256], agent[32];
	const char *site, *origin;
};

static struct net_request request_of(
    const struct browser *browser, struct http_field fields[static 4])
{
	struct net_request req = { .user_agent = bytes_str(browser->agent),
		.host = bytes_str("desk.example"),
		.fields = fields };

	fields[req.n_fields++] = (struct http_field){ .name = "cookie",
		.value = bytes_str(browser->cookies) };
	fields[req.n_fields++] = (struct http_field){ .name = "x-desk-token",
		.value = bytes_str(browser->token) };
	if (browser->site != NULL) {
		fields[req.n_fields++] =
		    (struct http_field){ .name = "sec-fetch-site",
			    .value = bytes_str(browser->site) };
	}
	if (browser->origin != NULL) {
		fields[req.n_fields++] = (struct http_field){ .name = "origin",
			.value = bytes_str(browser->origin) };
	}
	return req;
}

static void opened(enum session_refusal refusal, const struct session *session,
    const struct session_words *words, uint64_t retry_s, void *arg)
{
	(void)retry_s;
	(void)arg;
	how = refusal;
	if (refusal == SESSION_OPENED) {
		assert_non_null(session);
		(void)snprintf(token, sizeof(token), "%s", words->token);
		(void)snprintf(cookie, sizeof(cookie), SESSION_COOKIE "=%s",
		    words->cookie);
		(void)snprintf(
		    known, sizeof(known), SESSION_KNOWN "=%s", words->known);
	}
}

/* Log in or, with no name, unlock; the browser keeps what it is given. */
static enum session_refusal log_in(struct browser *browser, const char *name)
{
	struct http_field fields[4];
	struct net_request req = request_of(browser, fields);
	const struct session_login login = {
		.name = bytes_str(name == NULL ? "" : name),
		.passphrase = bytes_str("passphrase"),
		.code = bytes_str("123456"),
		.req = &req,
		.now_ms = now_ms,
	};

	how = SESSION_LATER;
	(name == NULL ? session_unlock : session_open)(
	    sessions, &login, opened, NULL);
	if (how == SESSION_OPENED) {
		memcpy(browser->token, token, sizeof(token));
		(void)snprintf(browser->cookies, sizeof(browser->cookies),
		    "a=b; %s; %s", cookie, known);
	}
	return how;
}

static enum session_fault check(
    const struct browser *browser, bool quietly, struct session **ret)
{
	struct http_field fields[4];
	struct net_request req = request_of(browser, fields);
	struct session *session = NULL;
	enum session_fault fault =
	    session_check(sessions, &req, now_ms, quietly, &session);

	if (ret != NULL) {
		*ret = session;
	}
	return fault;
}

static void changed(const struct session *session, size_t n, void *arg)
{
	(void)arg;
	*(session->ended ? &ended : &began) += 1;
	n_open = n;
}

static void audit(enum audit_what what, const char *name, void *arg)
{
	(void)name;
	(void)arg;
	audited = what;
}

static int set_up(void **state)
{
	const struct sessions_opts opts = {
		.idle_ms = IDLE_MS, .changed = changed, .audit = audit
	};

	(void)state;
	now_ms = 1000;
	began = ended = forgotten = at_work = 0;
	says = KEYD_UNLOCKED;
	role = KEYD_OFFICER;
	is_slow = false;
	n_waiting = 0;
	return crypto_start() == TL_OK &&
		sessions_new(&opts, &sessions) == TL_OK
	    ? 0
	    : -1;
}

static int tear_down(void **state)
{
	(void)state;
	sessions_free(sessions);
	return 0;
}

/* ---- tests ---------------------------------------------------------------
 */

static void both_halves_in_one_browser_are_a_session(void **state)
{
	struct browser one = { .agent = "one" }, two = { .agent = "one" };
	struct browser mixed;
	struct session *session;

	(void)state;
	assert_int_equal(check(&one, false, NULL), SESSION_NONE);
	assert_int_equal(log_in(&one, "sok"), SESSION_OPENED);
	assert_int_equal(log_in(&two, "dara"), SESSION_OPENED);
	assert_int_equal(check(&one, false, &session), SESSION_FINE);
	assert_string_equal(session->name, "sok");
	assert_int_equal(session->role, SESSION_OFFICER);
	mixed = one;
	memcpy(mixed.token, two.token, sizeof(mixed.token));
	assert_int_equal(check(&mixed, false, NULL), SESSION_NONE);
	mixed = one;
	mixed.token[0] = mixed.token[0] == 'A' ? 'B' : 'A';
	assert_int_equal(check(&mixed, false, NULL), SESSION_NONE);
	mixed = one;
	mixed.cookies[0] = 0;
	assert_int_equal(check(&mixed, false, NULL), SESSION_NONE);
	assert_int_equal(check(&one, false, NULL), SESSION_FINE);
	assert_int_equal(sessions_count(sessions), 2);
	assert_int_equal(n_open, 2);
}

static void both_halves_in_another_browser_end_it(void **state)
{
	struct browser one = { .agent = "one" }, taken;

	(void)state;
	assert_int_equal(log_in(&one, "sok"), SESSION_OPENED);
	taken = one;
	(void)snprintf(taken.agent, sizeof(taken.agent), "another");
	assert_int_equal(check(&taken, false, NULL), SESSION_NONE);
	assert_int_equal(check(&one, false, NULL), SESSION_NONE);
	assert_int_equal(audited, AUDIT_REVOKED);
	assert_int_equal(forgotten, 1);
}

static void another_origin_is_foreign_whatever_it_brings(void **state)
{
	static const struct {
		const char *site, *origin;
		enum session_fault fault;
	} cases[] = {
		{ "same-origin", NULL, SESSION_FINE },
		{ "same-origin", "https://desk.example", SESSION_FINE },
		{ "cross-site", NULL, SESSION_FOREIGN },
		{ "same-site", NULL, SESSION_FOREIGN },
		{ "none", NULL, SESSION_FOREIGN },
		{ NULL, "https://desk.example", SESSION_FINE },
		{ NULL, "http://desk.example", SESSION_FOREIGN },
		{ NULL, "https://", SESSION_FOREIGN },
		{ NULL, "null", SESSION_FOREIGN },
		{ NULL, "https://desk.example.evil", SESSION_FOREIGN },
	};
	struct browser one = { .agent = "one" };

	(void)state;
	assert_int_equal(log_in(&one, "sok"), SESSION_OPENED);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		one.site = cases[i].site;
		one.origin = cases[i].origin;
		assert_int_equal(check(&one, false, NULL), cases[i].fault);
	}
}

static void who_does_nothing_is_locked_and_goes_on_with_a_new_one(void **state)
{
	struct browser one = { .agent = "one" }, before;
	struct session *session = NULL;
	struct buf text;

	(void)state;
	assert_int_equal(log_in(&one, "sok"), SESSION_OPENED);
	assert_int_equal(check(&one, false, &session), SESSION_FINE);
	session->drafts = drafts_new();
	assert_non_null(session->drafts);
	assert_int_equal(
	    drafts_put(session->drafts, bytes_str("tip"), bytes_str("begun")),
	    TL_OK);
	now_ms += IDLE_MS - 1;
	assert_int_equal(check(&one, true, NULL), SESSION_FINE);
	sessions_tick(sessions, now_ms);
	assert_int_equal(check(&one, true, NULL), SESSION_FINE);
	now_ms += 1;
	sessions_tick(sessions, now_ms);
	assert_int_equal(check(&one, false, NULL), SESSION_LOCKED);
	assert_int_equal(audited, AUDIT_IDLE);
	assert_int_equal(forgotten, 1);
	assert_null(sessions_any(sessions));
	assert_int_equal(sessions_count(sessions), 0);
	/* wrong, then right: its ids are new, what was begun is there */
	says = KEYD_WRONG;
	assert_int_equal(log_in(&one, NULL), SESSION_REFUSED);
	says = KEYD_UNLOCKED;
	now_ms += 60000;
	before = one;
	assert_int_equal(log_in(&one, NULL), SESSION_OPENED);
	assert_int_equal(audited, AUDIT_UNLOCK);
	assert_int_equal(check(&before, false, NULL), SESSION_NONE);
	assert_int_equal(check(&one, false, &session), SESSION_FINE);
	assert_string_equal(session->name, "sok");
	buf_init(&text, 100);
	assert_non_null(session->drafts);
	assert_int_equal(
	    drafts_get(session->drafts, bytes_str("tip"), &text), TL_OK);
	assert_int_equal(text.len, strlen("begun"));
	buf_free(&text);
	/* and nobody unlocks what is not locked */
	assert_int_equal(log_in(&one, NULL), SESSION_REFUSED);
	assert_int_equal(check(&one, false, NULL), SESSION_FINE);
}

static void nobody_is_logged_in_beyond_a_shift(void **state)
{
	struct browser busy = { .agent = "one" }, locked = { .agent = "two" };

	(void)state;
	assert_int_equal(log_in(&busy, "sok"), SESSION_OPENED);
	assert_int_equal(log_in(&locked, "dara"), SESSION_OPENED);
	while (now_ms + IDLE_MS / 2 < 1000 + SESSION_SHIFT_MS) {
		now_ms += IDLE_MS / 2;
		assert_int_equal(check(&busy, false, NULL), SESSION_FINE);
		sessions_tick(sessions, now_ms);
	}
	assert_int_equal(check(&locked, false, NULL), SESSION_LOCKED);
	now_ms = 1000 + SESSION_SHIFT_MS;
	assert_int_equal(check(&busy, false, NULL), SESSION_NONE);
	sessions_tick(sessions, now_ms);
	assert_int_equal(check(&locked, false, NULL), SESSION_NONE);
}

static void panic_and_removal_end_all_of_one_officer(void **state)
{
	struct browser all[4] = { { .agent = "one" }, { .agent = "one" },
		{ .agent = "one" }, { .agent = "one" } };
	struct session *session;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(
		    log_in(&all[i], i < 3 ? "sok" : "dara"), SESSION_OPENED);
	}
	assert_int_equal(check(&all[0], false, &session), SESSION_FINE);
	session_close(sessions, session);
	assert_int_equal(audited, AUDIT_LOGOUT);
	assert_int_equal(check(&all[0], false, NULL), SESSION_NONE);
	assert_int_equal(check(&all[1], false, &session), SESSION_FINE);
	session_close_all(sessions, session->name);
	assert_int_equal(audited, AUDIT_PANIC);
	assert_int_equal(check(&all[2], false, NULL), SESSION_NONE);
	assert_int_equal(check(&all[3], false, NULL), SESSION_FINE);
	/* keyd has sent them away, and they are locked here */
	now_ms += IDLE_MS;
	sessions_tick(sessions, now_ms);
	assert_int_equal(check(&all[3], false, NULL), SESSION_LOCKED);
	session_revoke(sessions, bytes_str("dar"));
	session_revoke(sessions, bytes_str(""));
	assert_int_equal(check(&all[3], false, NULL), SESSION_LOCKED);
	session_revoke(sessions, bytes_str("dara"));
	assert_int_equal(check(&all[3], false, NULL), SESSION_NONE);
}

static void only_who_may_open_tips_has_them_opened(void **state)
{
	struct browser one = { .agent = "one" };
	const struct session *session;
	uint8_t lost[KEYD_TOKEN_BYTES];

	(void)state;
	role = KEYD_ADMINISTRATOR;
	assert_int_equal(log_in(&one, "vanna"), SESSION_OPENED);
	assert_null(sessions_any(sessions));
	role = KEYD_SUPERVISOR;
	assert_int_equal(log_in(&one, "sok"), SESSION_OPENED);
	session = sessions_any(sessions);
	assert_non_null(session);
	memcpy(lost, session->keyd, sizeof(lost));
	session_lost(sessions, lost);
	assert_null(sessions_any(sessions));
	assert_int_equal(check(&one, false, NULL), SESSION_NONE);
}

static void an_officer_has_so_many_and_the_oldest_ends(void **state)
{
	struct browser all[SESSION_EACH_MAX + 1];

	(void)state;
	for (size_t i = 0; i <= SESSION_EACH_MAX; i++) {
		all[i] = (struct browser){ .agent = "one" };
		now_ms += 10;
		assert_int_equal(log_in(&all[i], "sok"), SESSION_OPENED);
	}
	assert_int_equal(check(&all[0], false, NULL), SESSION_NONE);
	assert_int_equal(check(&all[1], false, NULL), SESSION_FINE);
	assert_int_equal(sessions_count(sessions), SESSION_EACH_MAX);
}

static void a_crowd_is_told_so_and_keyd_keeps_nobody(void **state)
{
	struct browser one;
	char name[16];
	unsigned n = 0;

	(void)state;
	do {
		one = (struct browser){ .agent = "one" };
		(void)snprintf(name, sizeof(name), "o%u", n++);
	} while (log_in(&one, name) == SESSION_OPENED);
	assert_int_equal(how, SESSION_CROWDED);
	assert_int_equal(n - 1, sessions_count(sessions));
	assert_int_equal(forgotten, 1);
	says = KEYD_CROWDED;
	assert_int_equal(log_in(&one, "sok"), SESSION_CROWDED);
	says = KEYD_SHUT;
	assert_int_equal(log_in(&one, "sok"), SESSION_SHUT);
}

static void a_keyd_that_fails_is_no_crowd_and_no_wrong_passphrase(void **state)
{
	struct browser one = { .agent = "one" };

	(void)state;
	says = KEYD_FAILING;
	for (int i = 0; i < 20; i++) { /* nor is a try that counts */
		assert_int_equal(log_in(&one, "sok"), SESSION_FAILING);
	}
	says = KEYD_UNLOCKED;
	assert_int_equal(log_in(&one, "sok"), SESSION_OPENED);
}

static void what_cannot_be_right_does_not_reach_keyd(void **state)
{
	static const char *const names[] = { "",
		"abcdefghijklmnopqrstuvwxyz0123456" };
	struct browser one = { .agent = "one" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(log_in(&one, names[i]), SESSION_REFUSED);
	}
	assert_int_equal(began, 0);
}

static void who_works_stays_with_keyd(void **state)
{
	struct browser one = { .agent = "one" };

	(void)state;
	assert_int_equal(log_in(&one, "sok"), SESSION_OPENED);
	now_ms += IDLE_MS / 4;
	assert_int_equal(check(&one, true, NULL), SESSION_FINE);
	assert_int_equal(at_work, 0); /* its page asked by itself */
	assert_int_equal(check(&one, false, NULL), SESSION_FINE);
	assert_int_equal(check(&one, false, NULL), SESSION_FINE);
	assert_int_equal(at_work, 1);
	/* what was done soon after is told too, or keyd would be idle first */
	now_ms += 1000;
	assert_int_equal(check(&one, false, NULL), SESSION_FINE);
	sessions_tick(sessions, now_ms);
	assert_int_equal(at_work, 1);
	now_ms += IDLE_MS / 8;
	sessions_tick(sessions, now_ms);
	assert_int_equal(at_work, 2);
	now_ms += IDLE_MS / 4;
	sessions_tick(sessions, now_ms);
	assert_int_equal(at_work, 2);
}

static void names_without_end_keep_keyd_for_those_who_work(void **state)
{
	struct browser one = { .agent = "one" }, mine = { .agent = "two" };
	char name[16];

	(void)state;
	assert_int_equal(log_in(&mine, "sok"), SESSION_OPENED);
	says = KEYD_WRONG;
	for (unsigned i = 0; i < 21; i++) {
		(void)snprintf(name, sizeof(name), "n%u", i);
		assert_int_equal(log_in(&one, name), SESSION_REFUSED);
	}
	assert_int_equal(log_in(&one, "another"), SESSION_LATER);
	now_ms += 5000;
	audited = AUDIT_LOGIN;
	assert_int_equal(log_in(&one, "another"), SESSION_REFUSED);
	assert_int_equal(audited, AUDIT_LOGIN); /* not each is written down */
	says = KEYD_UNLOCKED;
	assert_int_equal(log_in(&mine, "sok"), SESSION_OPENED);
}

static void strangers_wait_for_keyd_in_a_short_row(void **state)
{
	struct browser one = { .agent = "one" };

	(void)state;
	is_slow = true;
	(void)log_in(&one, "sok");
	(void)log_in(&one, "dara");
	assert_int_equal(n_waiting, 2);
	assert_int_equal(log_in(&one, "chan"), SESSION_LATER);
	assert_int_equal(n_waiting, 2);
	answer_unlock(waiting_fn[0], waiting_arg[0]);
	(void)log_in(&one, "chan");
	assert_int_equal(n_waiting, 3);
	/* keyd goes: nobody is logged in by that */
	waiting_fn[1](NULL, waiting_arg[1]);
	waiting_fn[2](NULL, waiting_arg[2]);
	assert_int_equal(sessions_count(sessions), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(both_halves_in_one_browser_are_a_session),
		TEST(both_halves_in_another_browser_end_it),
		TEST(another_origin_is_foreign_whatever_it_brings),
		TEST(who_does_nothing_is_locked_and_goes_on_with_a_new_one),
		TEST(nobody_is_logged_in_beyond_a_shift),
		TEST(panic_and_removal_end_all_of_one_officer),
		TEST(only_who_may_open_tips_has_them_opened),
		TEST(an_officer_has_so_many_and_the_oldest_ends),
		TEST(a_crowd_is_told_so_and_keyd_keeps_nobody),
		TEST(a_keyd_that_fails_is_no_crowd_and_no_wrong_passphrase),
		TEST(what_cannot_be_right_does_not_reach_keyd),
		TEST(strangers_wait_for_keyd_in_a_short_row),
		TEST(who_works_stays_with_keyd),
		TEST(names_without_end_keep_keyd_for_those_who_work),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
