/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/desk_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/ring.h"
#include "crypto/secret.h"
#include "server/net/listener.h"
#include "tests/lib/desk_rig_inside.h"
#include "tests/lib/heard.h"
#include "tests/lib/tempdir.h"

/* So many turns in which nobody says anything are the end. */
#define QUIET_TURNS 16u
#define IDLE_MS     UINT64_C(3600000)

/* ---- the browser --------------------------------------------------------- */

static int client = -1;

/* How many answers there are, and whether the last is whole. */
static bool look_at_said(struct desk_rig *rig)
{
	const char *at, *length;
	size_t whole = 0;

	buf_put_u8(&rig->said, 0);
	rig->said.len--;
	rig->answers = 0;
	rig->body = NULL;
	while (whole < rig->said.len) {
		const char *from = (const char *)rig->said.data + whole;

		at = strstr(from, "\r\n\r\n");
		if (at == NULL || strncmp(from, "HTTP/1.1 ", 9) != 0) {
			return false;
		}
		length = strcasestr(from, "\r\ncontent-length: ");
		whole = (size_t)(at + 4 - (const char *)rig->said.data);
		if (length != NULL && length < at) {
			whole += strtoul(length + 18, NULL, 10);
		}
		if (whole > rig->said.len) {
			return false;
		}
		rig->body = rig->answers == 0 ? at + 4 : rig->body;
		rig->answers++;
	}
	return rig->answers > 0;
}

static bool listen_to_desk(struct desk_rig *rig)
{
	char bytes[16384];
	ssize_t n;

	if (client < 0) {
		return false;
	}
	n = recv(client, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n > 0) {
		buf_put(&rig->said, bytes, (size_t)n);
		return true;
	}
	if (n == 0 || errno != EAGAIN) {
		(void)close(client);
		client = -1;
	}
	return false;
}

/* What it had said until then has reached the browser. */
static void end_desk(struct desk_rig *rig)
{
	web_free(rig->web);
	rig->web = NULL;
	while (listen_to_desk(rig)) {
		;
	}
}

void desk_rig_settle(struct desk_rig *rig)
{
	unsigned quiet = 0;

	while (quiet < QUIET_TURNS && rig->web != NULL) {
		bool busy;

		if (rig->on_turn != NULL) {
			rig->on_turn(true);
		}
		net_turn(rig->web->server, 0);
		if (rig->on_turn != NULL) {
			rig->on_turn(false);
		}
		busy = listen_to_desk(rig);
		if (rig->web->failed) { /* its process ends here */
			end_desk(rig);
			return;
		}
		for (int peer = 0; peer < DESK_PEERS; peer++) {
			busy =
			    desk_rig_serve(rig, (enum desk_peer)peer) || busy;
		}
		quiet = busy ? 0 : quiet + 1;
	}
}

void desk_rig_second(struct desk_rig *rig)
{
	event_active(rig->web->tick, EV_TIMEOUT, 1);
	desk_rig_settle(rig);
}

static int dial(const struct desk_rig *rig)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", rig->door);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

int desk_rig_ask(struct desk_rig *rig, const char *method, const char *path,
    const char *body)
{
	char head[1024];
	int status = 0;

	buf_reset(&rig->said);
	client = dial(rig);
	(void)snprintf(head, sizeof(head),
	    "%s %s HTTP/1.1\r\nHost: desk.example\r\nUser-Agent: test\r\n"
	    "Cookie: %s\r\nX-Desk-Token: %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    method, path, rig->cookie, rig->token,
	    body == NULL ? 0 : strlen(body));
	assert_int_equal(send(client, head, strlen(head), MSG_NOSIGNAL),
	    (ssize_t)strlen(head));
	if (body != NULL) {
		assert_int_equal(send(client, body, strlen(body), MSG_NOSIGNAL),
		    (ssize_t)strlen(body));
	}
	desk_rig_settle(rig);
	if (look_at_said(rig)) {
		status =
		    (int)strtol((const char *)rig->said.data + 9, NULL, 10);
	} else if (client >= 0) {
		status = -1;
	}
	if (client >= 0) {
		(void)close(client);
		client = -1;
	}
	return status;
}

void desk_rig_login(struct desk_rig *rig, size_t person)
{
	const char *cookie, *token;
	char body[256];

	(void)snprintf(body, sizeof(body),
	    "{\"name\":\"%s\",\"passphrase\":\"%s\",\"code\":\"123456\"}",
	    keyd_people[person].name, keyd_people[person].passphrase);
	assert_int_equal(desk_rig_ask(rig, "POST", "/api/login", body), 200);
	token = strstr(rig->body, "\"token\":\"");
	assert_non_null(token);
	token += strlen("\"token\":\"");
	(void)snprintf(rig->token, sizeof(rig->token), "%.*s",
	    (int)strcspn(token, "\""), token);
	cookie = strcasestr((const char *)rig->said.data, "set-cookie: ");
	assert_non_null(cookie);
	cookie += strlen("set-cookie: ");
	(void)snprintf(rig->cookie, sizeof(rig->cookie), "%.*s",
	    (int)strcspn(cookie, ";"), cookie);
	desk_rig_settle(rig);
}

/* ---- what comes ---------------------------------------------------------- */

/* What it has, how the cases are, and that this was all. */
static void tell_all(struct desk_rig *rig)
{
	const struct store_state state = { .redis = true,
		.redis_ms = DESK_RIG_NOON_MS };
	struct buf body, out;

	buf_init(&body, 256);
	buf_init(&out, (size_t)1 << 20);
	store_put_state(&body, &state);
	desk_rig_put_frame(&out, FRAME_STORE_STATE, &body);
	for (size_t i = 0; i < rig->n_records; i++) {
		desk_rig_put_index(rig, i, &out);
	}
	for (size_t i = 0; i < rig->n_events; i++) {
		desk_rig_put_case(rig, i, false, &out);
	}
	frame_put(&out, FRAME_STORE_INDEX, NULL, 0);
	assert_int_equal(buf_err(&out), TL_OK);
	desk_rig_say(rig, DESK_STORE, out.data, out.len);
	buf_free(&body);
	buf_free(&out);
}

struct tip *desk_rig_tip(
    struct desk_rig *rig, uint8_t n, const struct report *given)
{
	struct report report = *given;
	struct seal_content content = { 0 };
	struct sealer *sealer = NULL;
	struct buf doc, sealed, out;
	uint8_t keys[1][32];

	memset(report.id, n, sizeof(report.id));
	memcpy(keys[0], rig->team_key, sizeof(keys[0]));
	buf_init(&doc, 65536);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	buf_init(&out, 512);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	content.report = bytes_of(doc.data, doc.len);
	assert_int_equal(sealer_new((const uint8_t(*)[32])keys, 1,
			     rig->keyd.intake, &sealer),
	    TL_OK);
	assert_int_equal(
	    sealer_seal(sealer, report.id, &content, &sealed), TL_OK);
	sealer_free(sealer);
	desk_rig_keep(
	    rig, LEDGER_TIP, report.id, bytes_of(sealed.data, sealed.len));
	desk_rig_put_index(rig, rig->n_records - 1, &out);
	desk_rig_say(rig, DESK_STORE, out.data, out.len);
	buf_free(&out);
	buf_free(&sealed);
	buf_free(&doc);
	desk_rig_settle(rig);
	return rig->web == NULL ? NULL : tips_find(rig->web->tips, report.id);
}

/* ---- life ---------------------------------------------------------------- */

static void make_keyd(struct desk_rig *rig)
{
	struct ring *ring;

	keyd_rig_start(&rig->keyd);
	ring = keyd_rig_people();
	rig->keyd.now_s = clock_wall_s();
	assert_int_equal(ring_add(ring, rig->keyd.now_s - 86400,
			     rig->keyd.now_s + 86400, rig->team_key),
	    TL_OK);
	assert_int_equal(ring_save(ring, rig->keyd.ring, false), TL_OK);
	ring_free(ring);
	keyd_rig_run(&rig->keyd, IDLE_MS, false);
}

static void greet(struct desk_rig *rig)
{
	struct buf out;

	buf_init(&out, 256);
	assert_int_equal(keyd_tell(rig->keyd.keyd, &out), TL_OK);
	desk_rig_say(rig, DESK_KEYD, out.data, out.len);
	buf_free(&out);
	tell_all(rig);
}

static void make_web(struct desk_rig *rig)
{
	struct web_opts opts = { .config = rig->config };
	int *ends[] = { &opts.keyd_fd, &opts.store_fd, &opts.sender_fd };
	int fd = -1;

	for (size_t i = 0; i < DESK_PEERS; i++) {
		int pair[2];

		assert_int_equal(
		    socketpair(AF_UNIX,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
		    0);
		*ends[i] = pair[0];
		rig->fds[i] = pair[1];
	}
	opts.sign_key = secret_alloc(sizeof(rig->sign_key));
	assert_non_null(opts.sign_key);
	memcpy(opts.sign_key, rig->sign_key, sizeof(rig->sign_key));
	assert_int_equal(web_new(&opts, &rig->web), TL_OK);
	/* seconds come when the test wants them */
	assert_int_equal(event_del(rig->web->tick), 0);
	memcpy(rig->web->intakes[0], rig->keyd.intake + 32, 32);
	memcpy(rig->web->intakes[1], rig->sign_key + 32, 32);
	rig->web->n_intakes = 2;
	assert_int_equal(listener_unix(rig->door, &fd), TL_OK);
	assert_int_equal(
	    net_listen(rig->web->server, fd, NET_DOOR_PROXY, NULL), TL_OK);
	(void)close(fd);
}

/* Nothing of it is read. */
static const char config_text[] = "[redis]\n"
				  "socket = /x\n"
				  "[desk]\n"
				  "name = desk\n"
				  "team_ring = /x\n"
				  "receipt_key = /x\n"
				  "intake_keys = /x\n"
				  "ledger = /x\n"
				  "[gateway one]\n"
				  "type = twilio\n"
				  "secret_file = /x\n"
				  "send = yes\n"
				  "api_secret_file = /x\n"
				  "account = AC1\n"
				  "number = +85510000000\n";

static void run(struct desk_rig *rig)
{
	make_web(rig);
	greet(rig);
	desk_rig_settle(rig);
	assert_true(rig->web->said_ready);
	assert_non_null(rig->web->sealer);
}

void desk_rig_start(struct desk_rig *rig)
{
	uint8_t public_key[KEY_BYTES];

	memset(rig, 0, sizeof(*rig));
	make_keyd(rig);
	(void)snprintf(rig->door, sizeof(rig->door), "%s/door", rig->keyd.dir);
	rig->config = heard_right(config_text);
	rig->config->desk.intake_keys.n = 0; /* they are given below */
	buf_init(&rig->said, (size_t)1 << 20);
	buf_init(&rig->late, 2 * FRAME_BATCH_BYTES);
	for (int peer = 0; peer < DESK_PEERS; peer++) {
		buf_init(&rig->in[peer], 2 * FRAME_BATCH_BYTES);
	}
	keyfile_new_pair(rig->sign_key, public_key);
	run(rig);
}

void desk_rig_again(struct desk_rig *rig)
{
	assert_null(rig->web);
	for (int peer = 0; peer < DESK_PEERS; peer++) {
		if (rig->fds[peer] >= 0) {
			desk_rig_close(rig, (enum desk_peer)peer);
		}
		buf_reset(&rig->in[peer]);
	}
	buf_reset(&rig->late);
	keyd_rig_run(&rig->keyd, IDLE_MS, false);
	run(rig);
}

void desk_rig_stop(struct desk_rig *rig)
{
	web_free(rig->web);
	for (int peer = 0; peer < DESK_PEERS; peer++) {
		if (rig->fds[peer] >= 0) {
			desk_rig_close(rig, (enum desk_peer)peer);
		}
		buf_free(&rig->in[peer]);
	}
	for (size_t i = 0; i < rig->n_records; i++) {
		buf_free(&rig->records[i].sealed);
	}
	for (size_t i = 0; i < rig->n_events; i++) {
		buf_free(&rig->events[i].sealed);
	}
	buf_free(&rig->said);
	buf_free(&rig->late);
	rig->config->desk.intake_keys.n = 1; /* as it was read */
	config_free(rig->config);
	keyd_rig_stop(&rig->keyd);
}
