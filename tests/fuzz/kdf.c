/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/kdf, whole but for sockets and sandbox: workers, which may be
 * taken, and derivers say anything in any order, come and go. There are never
 * more answers than questions, and each has its length and its number.
 *
 * Input: commands. A byte: what (low three bits) and who; a byte: how much of
 * the bytes behind it is the body.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/rd.h"
#include "base/sandbox.h"
#include "crypto/code.h"
#include "crypto/keyfile.h"
#include "crypto/start.h"
#include "server/intake/kdf.h"
#include "tests/lib/peers/peer_double.h"

#define WORKERS_MAX 4u
#define CODE_FIXED  53u /* of CODE, before the digits */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct bytes script;
static char dir[] = "/tmp/tipline-fuzz-kdf-XXXXXX";
static char pepper[sizeof(dir) + sizeof("/pepper.key")];
static size_t wants, codes, entries, entered;
static bool ready;

/* This process fuzzes on. */
enum tl_err sandbox_enter(
    enum sandbox_profile profile, const struct sandbox_folders *folders)
{
	assert(profile == SANDBOX_KDF && folders == NULL);
	return TL_OK;
}

static void worker_end(size_t n)
{
	struct peer *worker = peer_double_of(FRAME_FROM_WORKER, n);

	if (worker != NULL) {
		peer_double_leave(worker);
	}
}

static void say(
    enum frame_from from, size_t n, enum frame_type type, struct bytes body)
{
	struct peer *peer = peer_double_of(from, n);

	if (peer != NULL) {
		(void)peer_double_say(peer, type, body, -1);
	}
}

static void join(enum frame_type type)
{
	struct peer *parent = peer_double_of(FRAME_FROM_PARENT, 0);

	if (type != FRAME_KDF_FD ||
	    peer_double_of(FRAME_FROM_WORKER, WORKERS_MAX - 1) == NULL) {
		assert(peer_double_say(
		    parent, type, bytes_of(NULL, 0), peer_double_fd()));
	}
}

static void obey(uint8_t command, struct bytes body)
{
	size_t who = command >> 3;

	switch (command & 7) {
	case 0:
		wants++;
		say(FRAME_FROM_WORKER, who, FRAME_CODE_WANT, body);
		break;
	case 1:
		say(FRAME_FROM_WORKER, who, FRAME_CODE_KEPT, body);
		break;
	case 2:
		entries++;
		say(FRAME_FROM_WORKER, who, FRAME_CODE_ENTER, body);
		break;
	case 3:
		say(FRAME_FROM_DERIVER, who, FRAME_SLOW, body);
		break;
	case 4:
		join(who % 2 == 0 ? FRAME_FILLER_FD : FRAME_OPENER_FD);
		break;
	case 5:
		join(FRAME_KDF_FD);
		break;
	case 6:
		worker_end(who);
		break;
	case 7:
		if (peer_double_of(FRAME_FROM_DERIVER, who) != NULL) {
			peer_double_leave(
			    peer_double_of(FRAME_FROM_DERIVER, who));
		}
		break;
	default:
		break;
	}
}

/* Inside the loop of the kdf; its parent leaves at the end. */
static void play(evutil_socket_t fd, short what, void *arg)
{
	struct rd rd = rd_of(script.at, script.len);

	(void)fd;
	(void)what;
	(void)arg;
	join(FRAME_KDF_FD);
	while (rd.left >= 2) {
		uint8_t command = rd_u8(&rd);
		size_t n = rd_u8(&rd);
		const uint8_t *body;

		n = n < rd.left ? n : rd.left;
		body = rd_bytes(&rd, n);
		obey(command, bytes_of(body, n));
		assert(codes <= wants && entered <= entries);
	}
	while (peer_double_of(FRAME_FROM_WORKER, 0) != NULL) {
		worker_end(0);
	}
	peer_double_leave(peer_double_of(FRAME_FROM_PARENT, 0));
}

static void hear(struct peer *peer, enum frame_type type, struct bytes body)
{
	const struct timeval now = { 0, 0 };
	const char *digits = (const char *)body.at + CODE_FIXED;

	if (type == FRAME_READY) {
		ready = true;
		assert(event_base_once(peer_double_base(peer), -1, EV_TIMEOUT,
			   play, NULL, &now) == 0);
	} else if (type == FRAME_CODE) {
		codes++;
		assert(body.len == CODE_FIXED + CODE_DIGITS_SLOW ||
		    body.len == CODE_FIXED + CODE_DIGITS_FAST);
		assert(code_check_digit(digits, body.len - CODE_FIXED) == '0');
	} else {
		entered += type != FRAME_SLOW_WANT;
		assert(type == FRAME_SLOW_WANT || type == FRAME_CODE_ENTERED ||
		    type == FRAME_CODE_BUSY);
		assert(body.len == frame_max_bytes((uint16_t)type));
	}
}

static void clean_up(void)
{
	(void)unlink(pepper);
	(void)rmdir(dir);
}

static void start(void)
{
	static const uint8_t key[KEY_BYTES] =
	    "pepper of the fuzzer, thirty-two";

	assert(crypto_start() == TL_OK && mkdtemp(dir) != NULL);
	(void)strcpy(pepper, dir);
	(void)strcat(pepper, "/pepper.key");
	assert(keyfile_save(pepper, KEY_PEPPER, key) == TL_OK);
	(void)atexit(clean_up);
	peer_double_hear(hear);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct config config = { .intake = { .code_pool = 3 } };

	if (pepper[0] == '\0') {
		start();
	}
	config.intake.pepper = pepper;
	script = bytes_of(data, len);
	wants = codes = entries = entered = 0;
	ready = false;
	assert(kdf_run(&config, peer_double_fd()) == 0 && ready);
	for (unsigned from = 1; from <= FRAME_FROM_SENDER; from <<= 1) {
		assert(peer_double_of((enum frame_from)from, 0) == NULL);
	}
	return 0;
}
