/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/sender.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/wipe.h"
#include "crypto/secret.h"
#include "desk/secret_file.h"
#include "desk/send_ready.h"

/* At one time; what is beyond is told to come later. */
#define JOBS_MAX 8u
/* From its start on: names, then 15 s for the request. */
#define JOB_MS     45000u
#define COMMAND_MS 60000u
#define SAID_BYTES (1u + 2u + SEND_ID_MAX_BYTES)
#define IN_BYTES   8192u

struct job {
	pid_t pid; /* 0: this place is free */
	int fd;    /* what it says; it ends with the process */
	uint32_t req;
	bool is_command;
	uint64_t end_ms;
	uint8_t said[SAID_BYTES];
	size_t len;
};

struct sender {
	const struct config *config;
	int fd;
	struct buf in;
	struct job jobs[JOBS_MAX];
	enum tl_err err; /* of the socket: the end */
};

/* ---- before ------------------------------------------------------------- */

static bool sends(const struct config_gateway *gateway)
{
	return strcmp(gateway->send, "yes") == 0;
}

bool sender_is_wanted(const struct config *config)
{
	bool wanted = config->desk.alarm_url[0] != '\0' ||
	    config->desk.alarm_command[0] != '\0';

	for (size_t i = 0; i < config->n_gateways; i++) {
		wanted = wanted || sends(&config->gateways[i]);
	}
	return wanted;
}

static enum tl_err check_secret(const char *path)
{
	char *secret = NULL;
	enum tl_err err = secret_file_read(path, &secret);

	secret_free(secret);
	return err;
}

static enum tl_err check_gateway(const struct config_gateway *gateway)
{
	const char *fault = send_ready_fault(gateway);

	if (fault != NULL) {
		say_error("[gateway %s] send = yes: %s", gateway->name, fault);
		return TL_EINVAL;
	}
	return check_secret(gateway->api_secret_file);
}

static enum tl_err check_command(const char *path)
{
	struct stat st;

	if (path[0] == '\0') {
		return TL_OK;
	}
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
	    access(path, X_OK) != 0) {
		say_error("desk.alarm_command: %s must be a program that this"
			  " user may run and that only its owner can change",
		    path);
		return TL_EPERM;
	}
	return TL_OK;
}

enum tl_err sender_check(const struct config *config)
{
	const struct config_desk *desk = &config->desk;
	enum tl_err err = check_command(desk->alarm_command);

	if (err == TL_OK && desk->alarm_secret_file[0] != '\0' &&
	    desk->alarm_url[0] == '\0') {
		say_error("desk.alarm_secret_file is for desk.alarm_url, which"
			  " is not set");
		err = TL_EINVAL;
	}
	if (err == TL_OK && desk->alarm_secret_file[0] != '\0') {
		err = check_secret(desk->alarm_secret_file);
	}
	if (err == TL_OK && desk->ca_file[0] != '\0' &&
	    access(desk->ca_file, R_OK) != 0) {
		say_error("desk.ca_file: cannot read %s", desk->ca_file);
		err = TL_EPERM;
	}
	for (size_t i = 0; err == TL_OK && i < config->n_gateways; i++) {
		if (sends(&config->gateways[i])) {
			err = check_gateway(&config->gateways[i]);
		}
	}
	return err;
}

/* ---- answers ------------------------------------------------------------ */

static void answer(struct sender *sender, const struct sender_said *said)
{
	struct buf body, frame;

	buf_init(&body, frame_max_bytes(FRAME_SENDER_SAID));
	buf_init(&frame, FRAME_HEAD_BYTES + body.max);
	sender_put_said(&body, said);
	frame_put(&frame, FRAME_SENDER_SAID, body.data, body.len);
	/* small, and to somebody who reads: it goes whole or not at all */
	if (buf_err(&body) != TL_OK || buf_err(&frame) != TL_OK ||
	    send(sender->fd, frame.data, frame.len, MSG_NOSIGNAL) !=
		(ssize_t)frame.len) {
		sender->err = TL_ECLOSED;
	}
	buf_free(&frame);
	buf_free(&body);
}

static struct sender_said said_of(const struct job *job, int status)
{
	struct sender_said said = { .req = job->req, .said = SEND_UNKNOWN };

	if (job->is_command) {
		said.said = WIFEXITED(status) && WEXITSTATUS(status) == 0
		    ? SEND_TAKEN
		    : SEND_REFUSED;
		said.status =
		    WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) : 0;
		return said;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && job->len >= 3 &&
	    job->said[0] <= SEND_UNKNOWN) {
		said.said = (enum send_said)job->said[0];
		said.status = (unsigned)job->said[1] << 8 | job->said[2];
		said.id = bytes_of(job->said + 3, job->len - 3);
	}
	return said;
}

static void end_job(struct sender *sender, struct job *job)
{
	struct sender_said said;
	int status = 0;

	(void)close(job->fd);
	/* what it left behind goes with it */
	(void)kill(-job->pid, SIGKILL);
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (sandbox_was_refused(status)) {
		log_event(LOG_CHILD_REFUSED, 0, 1);
	}
	said = said_of(job, status);
	answer(sender, &said);
	*job = (struct job){ 0 };
}

/* ---- jobs --------------------------------------------------------------- */

static struct job *free_job(struct sender *sender)
{
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (sender->jobs[i].pid == 0) {
			return &sender->jobs[i];
		}
	}
	return NULL;
}

/* In the new process. */
static void begin(int fd)
{
	int keep[] = { fd };

	(void)setpgid(0, 0);
	sandbox_close_but(keep, 1);
	if (sandbox_die_with_parent() != TL_OK) {
		_exit(1);
	}
}

/* A new process that says something on a pipe: true in it, with *ret_fd. */
static bool start(
    struct sender *sender, uint32_t req, bool is_command, int *ret_fd)
{
	const struct sender_said later = { .req = req, .said = SEND_LATER };
	struct job *job = free_job(sender);
	int ends[2] = { -1, -1 };
	pid_t pid = -1;

	if (job != NULL && pipe2(ends, O_CLOEXEC) == 0) {
		pid = fork();
	}
	if (pid == 0) {
		begin(ends[1]);
		*ret_fd = ends[1];
		return true;
	}
	if (ends[1] >= 0) {
		(void)close(ends[1]);
	}
	if (pid > 0 && is_command) {
		/* its own end counts: it may close what it has got */
		(void)close(ends[0]);
		ends[0] = pidfd_open(pid, 0);
		if (ends[0] < 0) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, NULL, 0);
			pid = -1;
		}
	}
	if (pid < 0) {
		if (ends[0] >= 0) {
			(void)close(ends[0]);
		}
		answer(sender, &later);
		return false;
	}
	(void)setpgid(pid, pid);
	*job = (struct job){ .pid = pid,
		.fd = ends[0],
		.req = req,
		.is_command = is_command,
		.end_ms =
		    clock_mono_ms() + (is_command ? COMMAND_MS : JOB_MS) };
	return false;
}

static enum tl_err take_sms(struct sender *sender, const struct frame *frame)
{
	struct sender_sms sms;
	int fd = -1;
	enum tl_err err = sender_read_sms(frame, &sms);

	if (err != TL_OK || sms.gateway >= sender->config->n_gateways ||
	    !sends(&sender->config->gateways[sms.gateway])) {
		return TL_EFORMAT;
	}
	if (start(sender, sms.req, false, &fd)) {
		sender_do_sms(sender->config, &sms, fd);
	}
	return sender->err;
}

static enum tl_err take_alarm(struct sender *sender, const struct frame *frame)
{
	const struct config_desk *desk = &sender->config->desk;
	struct sender_alarm alarm;
	bool is_command;
	int fd = -1;
	enum tl_err err = sender_read_alarm(frame, &alarm);

	if (err != TL_OK) {
		return err;
	}
	is_command = alarm.way == SENDER_COMMAND;
	if ((is_command ? desk->alarm_command : desk->alarm_url)[0] == '\0') {
		return TL_EFORMAT;
	}
	if (start(sender, alarm.req, is_command, &fd)) {
		if (is_command) {
			sender_do_command(sender->config, &alarm.alarm);
		}
		sender_do_webhook(sender->config, &alarm.alarm, fd);
	}
	return sender->err;
}

/* ---- the loop ----------------------------------------------------------- */

static enum tl_err take_all(struct sender *sender)
{
	size_t done = 0;
	enum tl_err err = TL_OK;

	while (err == TL_OK) {
		struct frame frame;

		err = frame_get(sender->in.data + done, sender->in.len - done,
		    FRAME_FROM_WEB, &frame);
		if (err == TL_OK) {
			done += FRAME_HEAD_BYTES + frame.body_len;
			err = frame.type == FRAME_SENDER_SMS
			    ? take_sms(sender, &frame)
			    : frame.type == FRAME_SENDER_ALARM
			    ? take_alarm(sender, &frame)
			    : TL_EFORMAT;
		}
	}
	buf_drop(&sender->in, done);
	return err == TL_EAGAIN ? sender->err : err;
}

static enum tl_err hear(struct sender *sender)
{
	uint8_t piece[4096];
	ssize_t n = recv(sender->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n == 0) {
		return TL_ECLOSED;
	}
	if (n < 0) {
		return errno == EAGAIN || errno == EINTR ? TL_OK : TL_ECLOSED;
	}
	buf_put(&sender->in, piece, (size_t)n);
	wipe(piece, sizeof(piece));
	return buf_err(&sender->in) == TL_OK ? take_all(sender) : TL_ENOMEM;
}

static void hear_job(struct sender *sender, struct job *job)
{
	ssize_t n = job->is_command
	    ? 0
	    : read(job->fd, job->said + job->len, sizeof(job->said) - job->len);

	if (n > 0) {
		job->len += (size_t)n;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		end_job(sender, job);
	}
}

/* How long to wait: until the first of them has had its time. */
static int wait_ms(const struct sender *sender, uint64_t now_ms)
{
	uint64_t least = 60000;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		const struct job *job = &sender->jobs[i];

		if (job->pid == 0) {
			continue;
		}
		if (job->end_ms <= now_ms) {
			return 0;
		}
		least =
		    job->end_ms - now_ms < least ? job->end_ms - now_ms : least;
	}
	return (int)least;
}

static enum tl_err turn(struct sender *sender)
{
	struct pollfd fds[1 + JOBS_MAX];
	uint64_t now_ms = clock_mono_ms();

	fds[0] = (struct pollfd){ .fd = sender->fd, .events = POLLIN };
	for (size_t i = 0; i < JOBS_MAX; i++) {
		const struct job *job = &sender->jobs[i];

		fds[1 + i] =
		    (struct pollfd){ .fd = job->pid == 0 ? -1 : job->fd,
			    .events = POLLIN };
	}
	if (poll(fds, 1 + JOBS_MAX, wait_ms(sender, now_ms)) < 0) {
		return errno == EINTR ? TL_OK : TL_EIO;
	}
	now_ms = clock_mono_ms();
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *job = &sender->jobs[i];

		if (job->pid == 0) {
			continue;
		}
		if (fds[1 + i].revents != 0) {
			hear_job(sender, job);
		}
		if (job->pid != 0 && job->end_ms <= now_ms) {
			end_job(sender, job);
		}
	}
	return fds[0].revents != 0 ? hear(sender) : sender->err;
}

enum tl_err sender_run(const struct config *config, int fd)
{
	struct sender *sender = calloc(1, sizeof(*sender));
	enum tl_err err = sandbox_basics();

	if (sender == NULL) {
		return TL_ENOMEM;
	}
	sender->config = config;
	sender->fd = fd;
	buf_init(&sender->in, IN_BYTES);
	/* what a command writes is its own affair */
	if (err == TL_OK && config->desk.alarm_command[0] == '\0') {
		err = sandbox_read_only(NULL);
	}
	while (err == TL_OK) {
		err = turn(sender);
	}
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (sender->jobs[i].pid != 0) {
			(void)kill(-sender->jobs[i].pid, SIGKILL);
		}
	}
	buf_free(&sender->in);
	free(sender);
	return err;
}
