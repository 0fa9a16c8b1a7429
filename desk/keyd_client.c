/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/keyd_client.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "base/wipe.h"
#include "crypto/secret.h"
#include "desk/keyd_talk.h"

struct keyd_client {
	pid_t pid;
	int fd;
	enum tl_err err; /* the first failure; nothing is asked after it */
	struct keyd_state state; /* as keyd last told it */
	uint8_t token[KEYD_TOKEN_BYTES];
	enum keyd_role role;
	struct buf out;
	uint8_t *in; /* secret memory for one frame: opened tips come here */
};

/* ---- starting ----------------------------------------------------------- */

/* In the child: the socket becomes its standard input. */
static _Noreturn void become(
    const char *path, const char *config_path, bool for_desk, int fd)
{
	char *const all[] = { (char[]){ "tipline-keyd" }, (char[]){ "--desk" },
		(char[]){ "-c" }, (char *)(uintptr_t)config_path, NULL };
	char *const plain[] = { all[0], all[2], all[3], NULL };
	char *const *argv = for_desk ? all : plain;

	if (dup2(fd, STDIN_FILENO) == STDIN_FILENO) {
		(void)execve(path, argv, environ);
	}
	_exit(127);
}

enum tl_err keyd_spawn(
    const char *config_path, bool for_desk, pid_t *ret_pid, int *ret_fd)
{
	char path[PATH_MAX];
	int ends[2];
	pid_t pid;
	enum tl_err err = program_beside("tipline-keyd", path);

	if (err != TL_OK) {
		return err;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return TL_EIO;
	}
	pid = fork();
	if (pid == 0) {
		become(path, config_path, for_desk, ends[1]);
	}
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return TL_EIO;
	}
	*ret_pid = pid;
	*ret_fd = ends[0];
	return TL_OK;
}

/* ---- asking ------------------------------------------------------------- */

static enum tl_err send_all(struct keyd_client *client)
{
	const struct buf *out = &client->out;
	size_t done = 0;

	while (done < out->len) {
		ssize_t n = send(client->fd, out->data + done, out->len - done,
		    MSG_NOSIGNAL);

		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			return TL_ECLOSED;
		}
	}
	return TL_OK;
}

static enum tl_err receive(struct keyd_client *client, struct frame *ret)
{
	const size_t room = FRAME_HEAD_BYTES + FRAME_RECORD_BYTES;
	size_t len = 0;
	enum tl_err err = TL_EAGAIN;

	while (err == TL_EAGAIN) {
		ssize_t n = read(client->fd, client->in + len, room - len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return TL_ECLOSED;
		}
		len += (size_t)n;
		err = frame_get(client->in, len, FRAME_FROM_KEYD, ret);
	}
	/* it answers what it was asked and nothing else */
	if (err == TL_OK && len != FRAME_HEAD_BYTES + ret->body_len) {
		return TL_EFORMAT;
	}
	return err;
}

/* Send what is in out and wait for an answer of this type. */
static enum tl_err ask(
    struct keyd_client *client, enum frame_type type, struct frame *ret)
{
	if (client->err == TL_OK) {
		client->err = send_all(client);
	}
	buf_reset(&client->out);
	if (client->err == TL_OK) {
		client->err = receive(client, ret);
	}
	if (client->err == TL_OK && ret->type != type) {
		client->err = TL_EFORMAT;
	}
	return client->err;
}

/* A body that keyd cannot have meant is its end, too. */
static enum tl_err judge(struct keyd_client *client, enum tl_err err)
{
	if (err == TL_EFORMAT) {
		client->err = err;
	}
	return err;
}

static void forget(struct keyd_client *client, const struct frame *frame)
{
	wipe(client->in, FRAME_HEAD_BYTES + frame->body_len);
}

static enum tl_err meet(struct keyd_client *client)
{
	struct frame frame;
	enum tl_err err = ask(client, FRAME_KEYD_STATE, &frame);

	if (err == TL_OK) {
		err = judge(client, keyd_read_state(&frame, &client->state));
	}
	return err;
}

enum tl_err keyd_client_start(const char *config_path, struct keyd_client **ret)
{
	struct keyd_client *client = calloc(1, sizeof(*client));
	enum tl_err err;

	if (client == NULL) {
		return TL_ENOMEM;
	}
	client->fd = -1;
	buf_init(&client->out, FRAME_HEAD_BYTES + FRAME_RECORD_BYTES);
	client->in = secret_alloc(FRAME_HEAD_BYTES + FRAME_RECORD_BYTES);
	err = client->in == NULL
	    ? TL_ENOMEM
	    : keyd_spawn(config_path, false, &client->pid, &client->fd);
	if (err == TL_OK) {
		err = meet(client);
	}
	if (err != TL_OK) {
		(void)keyd_client_end(client);
		return err;
	}
	*ret = client;
	return TL_OK;
}

size_t keyd_client_officers(const struct keyd_client *client)
{
	return client->state.officers;
}

const uint8_t *keyd_client_receipt_key(const struct keyd_client *client)
{
	return client->state.receipt_key;
}

enum tl_err keyd_client_unlock(
    struct keyd_client *client, struct bytes name, struct bytes passphrase)
{
	const struct keyd_unlock unlock = { .name = name,
		.passphrase = passphrase };
	struct keyd_unlocked_as as;
	struct frame frame;
	enum tl_err err;

	if (name.len > KEYD_NAME_BYTES ||
	    passphrase.len > KEYD_PASSPHRASE_BYTES) {
		return TL_ETOOBIG;
	}
	keyd_put_unlock(&client->out, &unlock);
	err = ask(client, FRAME_KEYD_UNLOCKED, &frame);
	if (err != TL_OK) {
		return err;
	}
	err = judge(client, keyd_read_unlocked(&frame, &as));
	forget(client, &frame);
	if (err != TL_OK) {
		return err;
	}
	memcpy(client->token, as.token, sizeof(client->token));
	client->role = as.role;
	if (as.result == KEYD_UNLOCKED) {
		return as.role == KEYD_ADMINISTRATOR ? TL_EPERM : TL_OK;
	}
	if (as.result == KEYD_WRONG) {
		return TL_EPROOF;
	}
	return as.result == KEYD_CROWDED ? TL_EBUSY : TL_ENOMEM;
}

bool keyd_client_is_supervisor(const struct keyd_client *client)
{
	return client->role == KEYD_SUPERVISOR;
}

static enum tl_err take_tip(
    const struct keyd_opened *opened, struct keyd_tip *ret)
{
	struct keyd_tip tip = { 0 };
	size_t len = opened->report.len + opened->raw.len;

	tip.memory = secret_alloc(len);
	if (tip.memory == NULL) {
		return TL_ENOMEM;
	}
	memcpy(tip.id, opened->id, sizeof(tip.id));
	if (opened->report.len > 0) {
		memcpy(tip.memory, opened->report.at, opened->report.len);
	}
	if (opened->raw.len > 0) {
		memcpy(tip.memory + opened->report.len, opened->raw.at,
		    opened->raw.len);
	}
	tip.report = bytes_of(tip.memory, opened->report.len);
	tip.raw = bytes_of(tip.memory + opened->report.len, opened->raw.len);
	*ret = tip;
	return TL_OK;
}

enum tl_err keyd_client_open(struct keyd_client *client, struct bytes envelope,
    uint8_t *ret_result, struct keyd_tip *ret_tip)
{
	struct keyd_open open = { .envelope = envelope };
	struct keyd_opened opened;
	struct frame frame;
	enum tl_err err;

	memcpy(open.token, client->token, sizeof(open.token));
	keyd_put_open(&client->out, &open);
	err = buf_err(&client->out);
	if (err != TL_OK) {
		buf_reset(&client->out);
		return err;
	}
	err = ask(client, FRAME_KEYD_OPENED, &frame);
	if (err == TL_OK) {
		err = judge(client, keyd_read_opened(&frame, &opened));
		if (err == TL_OK && opened.result == 0) {
			err = take_tip(&opened, ret_tip);
		}
		forget(client, &frame);
	}
	if (err == TL_OK) {
		*ret_result = opened.result;
	}
	return err;
}

enum tl_err keyd_client_reseal(struct keyd_client *client,
    const uint8_t (*keys)[32], size_t n_keys, struct bytes envelope,
    uint8_t *ret_result, struct buf *out)
{
	struct keyd_reseal reseal = { .n_keys = n_keys, .envelope = envelope };
	struct bytes sealed;
	struct frame frame;
	uint8_t result;
	enum tl_err err;

	if (n_keys == 0 || n_keys > KEYD_RECIPIENTS_MAX) {
		return TL_EINVAL;
	}
	memcpy(reseal.token, client->token, sizeof(reseal.token));
	memcpy(reseal.keys, keys, n_keys * KEYD_KEY_BYTES);
	keyd_put_reseal(&client->out, &reseal);
	err = buf_err(&client->out);
	if (err != TL_OK) {
		buf_reset(&client->out);
		return err;
	}
	err = ask(client, FRAME_KEYD_RESEALED, &frame);
	if (err == TL_OK) {
		err =
		    judge(client, keyd_read_resealed(&frame, &result, &sealed));
	}
	if (err == TL_OK) {
		buf_put(out, sealed.at, sealed.len);
		err = buf_err(out);
	}
	if (err == TL_OK) {
		*ret_result = result;
	}
	return err;
}

enum tl_err keyd_client_sign(struct keyd_client *client,
    const uint8_t id[static 16], const uint8_t hash[static 32],
    uint8_t ret_signature[static 64])
{
	struct frame frame;
	enum tl_err err;

	keyd_put_sign(&client->out, id, hash);
	err = ask(client, FRAME_KEYD_SIGNED, &frame);
	if (err == TL_OK && frame.body_len != 64) {
		err = judge(client, TL_EFORMAT);
	}
	if (err == TL_OK) {
		memcpy(ret_signature, frame.body, 64);
	}
	return err;
}

enum tl_err keyd_client_sign_mail(struct keyd_client *client,
    const uint8_t hash[static 32], uint8_t ret_signature[static 64])
{
	uint8_t body[KEYD_TOKEN_BYTES + 32];
	struct frame frame;
	enum tl_err err;

	memcpy(body, client->token, KEYD_TOKEN_BYTES);
	memcpy(body + KEYD_TOKEN_BYTES, hash, 32);
	frame_put(&client->out, FRAME_KEYD_MAIL, body, sizeof(body));
	err = ask(client, FRAME_KEYD_MAILED, &frame);
	if (err == TL_OK && frame.body_len != 65) {
		err = judge(client, TL_EFORMAT);
	}
	if (err == TL_OK && frame.body[0] != 0) {
		err = TL_EPERM;
	}
	if (err == TL_OK) {
		memcpy(ret_signature, frame.body + 1, 64);
	}
	return err;
}

enum tl_err keyd_client_lock(struct keyd_client *client)
{
	frame_put(&client->out, FRAME_KEYD_LOCK, client->token,
	    sizeof(client->token));
	wipe(client->token, sizeof(client->token));
	return meet(client);
}

bool keyd_client_end(struct keyd_client *client)
{
	int status = 0;
	bool was_refused = false;

	if (client == NULL) {
		return true;
	}
	if (client->fd >= 0) {
		(void)close(client->fd);
		while (waitpid(client->pid, &status, 0) < 0 && errno == EINTR) {
			;
		}
		was_refused = sandbox_was_refused(status);
		if (was_refused) {
			log_event(LOG_CHILD_REFUSED, client->pid, 1);
		}
	}
	buf_free(&client->out);
	secret_free(client->in);
	wipe(client, sizeof(*client));
	free(client);
	return !was_refused;
}

void keyd_tip_free(struct keyd_tip *tip)
{
	secret_free(tip->memory);
	*tip = (struct keyd_tip){ .memory = NULL };
}
