/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline-keyd - the one process that has the team's secret keys. It is
 * started by who asks it, over a socket pair that is its standard input:
 * tipline inbox, or the desk. It reads two key files, locks itself in, and then
 * answers frames (the desk's reads the ring again when that has changed) until
 * that socket closes, its parent dies, a signal comes, or
 * what it is sent is no frame. Each of these wipes all it has.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "base/wipe.h"
#include "config/config.h"
#include "crypto/secret.h"
#include "crypto/start.h"
#include "desk/keyd_work.h"
#include "desk/totp.h"

#define IN_BYTES  (FRAME_HEAD_BYTES + FRAME_RECORD_BYTES)
#define OUT_BYTES (FRAME_HEAD_BYTES + FRAME_RECORD_BYTES)
/* Who does not read an answer for so long is cut off. */
#define WRITE_WAIT_S 10

static const char usage[] =
    "Usage: tipline-keyd [--desk] [-c FILE] [--check]\n"
    "\n"
    "Opens tips for officers who have logged in. It is started by tipline and\n"
    "by the desk, which talk to it over its standard input; see\n"
    "tipline-keyd(8).\n"
    "\n"
    "  --desk    nobody logs in without a code of the second factor\n"
    "  -c FILE   configuration (default " PROGRAM_CONFIG ")\n"
    "  --check   read what a start reads, say what is wrong, and end\n";

static volatile sig_atomic_t asked_to_end;

struct program {
	struct keyd *keyd;
	uint8_t *in; /* secret memory: passphrases come in here */
	size_t in_len;
	struct buf out;
	bool for_desk;
	bool check;
	struct sandbox_folders folders; /* where the ring is, for the desk's */
};

static void end_soon(int number)
{
	asked_to_end = number;
}

/* The signals that end it are let in only while it waits. */
static bool take_signals(sigset_t *ret_waiting)
{
	static const int ending[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	const struct sigaction end = { .sa_handler = end_soon };
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		(void)sigaddset(&blocked, ending[i]);
		if (sigaction(ending[i], &end, NULL) != 0) {
			return false;
		}
	}
	return sigprocmask(SIG_BLOCK, &blocked, ret_waiting) == 0;
}

static bool has_a_peer(void)
{
	const struct timeval patience = { .tv_sec = WRITE_WAIT_S };
	int domain = 0;
	socklen_t len = sizeof(domain);

	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &len) ==
	    0 &&
	    domain == AF_UNIX &&
	    setsockopt(STDIN_FILENO, SOL_SOCKET, SO_SNDTIMEO, &patience,
		sizeof(patience)) == 0;
}

/* Checked with the other files of the desk, and what is not there then is a
 * credential, which systemd hands over at the start. */
static const char *receipt_key_of(
    const struct program *program, const struct config *config)
{
	const char *path = config->desk.receipt_key;

	return program->check && !program_has(path) ? NULL : path;
}

static enum tl_err load(struct program *program, const char *config_path)
{
	struct config *config = NULL;
	struct keyd_opts opts;
	enum tl_err err = config_load(config_path, &config);

	if (err == TL_OK) {
		err = config_need(config, CONFIG_DESK, config_say_error, NULL);
	}
	if (err == TL_OK && program->check) {
		err = config_check_files(
		    config, CONFIG_DESK, config_say_error, NULL);
	}
	if (err == TL_OK) {
		opts = (struct keyd_opts){
			.ring = config->desk.team_ring,
			.receipt_key = receipt_key_of(program, config),
			.idle_ms = config->desk.idle_lock_ms,
			.needs_code = program->for_desk,
			.now_s = clock_wall_s(),
		};
		err = keyd_new(&opts, &program->keyd);
	}
	if (err == TL_OK && program->for_desk) {
		err = sandbox_folders_add(
		    &program->folders, config->desk.team_ring);
	}
	config_free(config);
	return err;
}

/* Standard output is somebody's pipe, which must end without us. */
static enum tl_err lock_in(struct program *program)
{
	enum tl_err err;

	(void)close(STDOUT_FILENO);
	sandbox_close_but(
	    program->folders.fds, program->for_desk ? program->folders.n : 0);
	err =
	    sandbox_enter(program->for_desk ? SANDBOX_KEYD_DESK : SANDBOX_KEYD,
		program->for_desk ? &program->folders : NULL);
	sandbox_folders_close(&program->folders);
	return err;
}

/* The ring as it lies there, without a passphrase, and the receipt key. */
static enum exit_status check_start(
    struct program *program, const char *config_path)
{
	return crypto_start() == TL_OK && load(program, config_path) == TL_OK
	    ? EXIT_STATUS_OK
	    : EXIT_STATUS_NO_START;
}

static enum exit_status start(
    struct program *program, const char *config_path, sigset_t *ret_waiting)
{
	if (!has_a_peer()) {
		(void)fputs(usage, stderr);
		return EXIT_STATUS_USAGE;
	}
	if (sandbox_die_with_parent() != TL_OK || crypto_start() != TL_OK ||
	    totp_start() != TL_OK || load(program, config_path) != TL_OK) {
		return EXIT_STATUS_NO_START;
	}
	program->in = secret_alloc(IN_BYTES);
	if (program->in == NULL || !take_signals(ret_waiting)) {
		return EXIT_STATUS_FAILED;
	}
	return lock_in(program) == TL_OK ? EXIT_STATUS_OK
					 : EXIT_STATUS_NO_START;
}

/* ---- the loop ----------------------------------------------------------- */

static enum tl_err flush(struct program *program)
{
	size_t done = 0;
	enum tl_err err = TL_OK;

	while (err == TL_OK && done < program->out.len) {
		ssize_t n = write(STDIN_FILENO, program->out.data + done,
		    program->out.len - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			err = TL_ECLOSED;
		}
	}
	buf_reset(&program->out);
	return err;
}

/* How long it may wait: until a session is idle, or the ring is looked at. */
static uint64_t patience_ms(struct program *program)
{
	uint64_t now_ms = clock_boot_ms();
	uint64_t next_ms = keyd_next_ms(program->keyd, now_ms);
	uint64_t look_ms = program->for_desk
	    ? keyd_look_ms(program->keyd, now_ms)
	    : KEYD_NEVER_MS;

	return look_ms < next_ms ? look_ms : next_ms;
}

/* Wait for more bytes. TL_EAGAIN: there may be none yet. */
static enum tl_err read_more(struct program *program, const sigset_t *waiting)
{
	uint64_t wait_ms = patience_ms(program);
	struct timespec wait = {
		.tv_sec = (time_t)(wait_ms / 1000),
		.tv_nsec = (long)(wait_ms % 1000) * 1000000,
	};
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t got;
	int n = ppoll(&in, 1, wait_ms == KEYD_NEVER_MS ? NULL : &wait, waiting);

	if (asked_to_end != 0) {
		return TL_ECLOSED;
	}
	if (n <= 0) {
		return n == 0 || errno == EINTR ? TL_EAGAIN : TL_EIO;
	}
	got = read(STDIN_FILENO, program->in + program->in_len,
	    IN_BYTES - program->in_len);
	if (got > 0) {
		program->in_len += (size_t)got;
		return TL_OK;
	}
	return got < 0 && errno == EINTR ? TL_EAGAIN : TL_ECLOSED;
}

/* Drop the first len bytes. What moves down leaves no copy behind. */
static void drop(struct program *program, size_t len)
{
	size_t left = program->in_len - len;

	memmove(program->in, program->in + len, left);
	wipe(program->in + left, len);
	program->in_len = left;
}

static enum tl_err answer_all(struct program *program)
{
	struct frame frame;
	enum tl_err err;

	while ((err = frame_get(program->in, program->in_len, FRAME_FROM_DESK,
		    &frame)) == TL_OK) {
		err = keyd_answer(program->keyd, &frame, clock_boot_ms(),
		    clock_wall_s(), &program->out);
		drop(program, FRAME_HEAD_BYTES + frame.body_len);
		if (err == TL_OK) {
			err = flush(program);
		}
		if (err != TL_OK) {
			return err;
		}
	}
	return err;
}

static enum tl_err look(struct program *program)
{
	enum tl_err err =
	    keyd_look(program->keyd, clock_boot_ms(), &program->out);

	return err == TL_OK ? flush(program) : err;
}

static enum exit_status run(struct program *program, const sigset_t *waiting)
{
	enum tl_err err = keyd_tell(program->keyd, &program->out);

	if (err == TL_OK) {
		err = flush(program); /* it is locked in: the desk waits */
	}
	while (err == TL_OK || err == TL_EAGAIN) {
		enum tl_err looked = program->for_desk ? look(program) : TL_OK;

		err = looked == TL_OK ? read_more(program, waiting) : looked;
		if (err == TL_OK) {
			err = answer_all(program);
		}
	}
	if (err == TL_EFORMAT) {
		log_event(LOG_PEER_GARBAGE, STDIN_FILENO, 0);
	}
	return err == TL_ECLOSED ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

int main(int argc, char **argv)
{
	struct program program = { .for_desk = argc > 1 &&
		    strcmp(argv[1], "--desk") == 0 };
	enum exit_status status = EXIT_STATUS_OK;
	const char *config_path;
	sigset_t waiting;
	int usage_status = 0;

	program_begin("tipline-keyd");
	config_path = program_config(argc - program.for_desk,
	    argv + program.for_desk, usage, &program.check, &usage_status);
	if (config_path == NULL) {
		return usage_status;
	}
	buf_init(&program.out, OUT_BYTES);
	status = program.check ? check_start(&program, config_path)
			       : start(&program, config_path, &waiting);
	if (status == EXIT_STATUS_OK && !program.check) {
		status = run(&program, &waiting);
	}
	keyd_free(program.keyd);
	secret_free(program.in);
	buf_free(&program.out);
	return (int)status;
}
