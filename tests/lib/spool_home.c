/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/spool_home.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/receipt.h"
#include "crypto/start.h"
#include "queue/rank.h"
#include "tests/lib/tempdir.h"

/* No cmocka here: fuzz targets are linked with this folder too. */
static void must(bool holds)
{
	if (!holds) {
		abort();
	}
}

#define WAIT_MS 60000 /* a busy machine, or one with slow memory checks */

/* ---- the program --------------------------------------------------------- */

void home_path(const struct spool_home *h, const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s/%s", h->top, name);
}

void home_write_conf(
    const struct spool_home *h, const char *folder, const char *more)
{
	FILE *file = fopen(h->conf, "w");

	must(file != NULL);
	(void)fprintf(file,
	    "[spool]\npath = %s\nintake_socket = intake.sock\n"
	    "relay_socket = relay.sock\nadmin_socket = admin.sock\n"
	    "receipt_keys = receipt.pub\n%s",
	    folder, more);
	must(fclose(file) == 0);
}

pid_t home_launch(const struct spool_home *h)
{
	const char *build = getenv("TIPLINE_BUILD");
	char program[512];
	pid_t pid;

	(void)snprintf(program, sizeof(program), "%s/tipline-spool",
	    build != NULL ? build : "build");
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		(void)dup2(null, STDERR_FILENO);
		(void)execl(program, program, "-c", h->conf, (char *)NULL);
		_exit(127);
	}
	must(pid > 0);
	return pid;
}

static int try_connect(const struct spool_home *h, const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char path[128];

	home_path(h, name, path);
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%.100s", path);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int home_door(const struct spool_home *h, const char *name)
{
	int fd = -1;

	for (int tries = 0; tries < WAIT_MS / 10 && fd < 0; tries++) {
		fd = try_connect(h, name);
		if (fd < 0) {
			(void)poll(NULL, 0, 10);
		}
	}
	must(fd >= 0);
	return fd;
}

void home_start(struct spool_home *h)
{
	h->pid = home_launch(h);
	/* the admin socket is opened last */
	(void)close(home_door(h, "admin.sock"));
}

/* Wait for the end; its exit status, or 128 + signal. */
int home_wait_end(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int home_stop(struct spool_home *h, int number)
{
	pid_t pid = h->pid;

	h->pid = 0;
	must(kill(pid, number) == 0);
	return home_wait_end(pid);
}

int home_set_up(void **state)
{
	struct spool_home *h = calloc(1, sizeof(*h));
	uint8_t verify[KEY_BYTES];
	char path[128];

	must(h != NULL);
	must(crypto_start() == TL_OK);
	(void)snprintf(h->top, sizeof(h->top), "/tmp/spoold-test-XXXXXX");
	must(mkdtemp(h->top) != NULL);
	(void)snprintf(h->conf, sizeof(h->conf), "%s/tipline.conf", h->top);
	keyfile_new_pair(h->sign, verify);
	home_path(h, "receipt.pub", path);
	must(keyfile_save(path, KEY_RECEIPT_VERIFY, verify) == TL_OK);
	home_write_conf(h, "spool", "min_free = 16MiB\nlow_free = 16MiB\n");
	home_start(h);
	*state = h;
	return 0;
}

int home_tear_down(void **state)
{
	struct spool_home *h = *state;

	if (h->pid != 0) {
		(void)home_stop(h, SIGKILL);
	}
	tempdir_remove_tree(h->top);
	free(h);
	return 0;
}

/* ---- frames -------------------------------------------------------------- */

void home_say(int fd, const struct buf *bytes)
{
	size_t sent = 0;

	must(buf_err(bytes) == TL_OK);
	while (sent < bytes->len) {
		ssize_t n = send(
		    fd, bytes->data + sent, bytes->len - sent, MSG_NOSIGNAL);

		must(n > 0);
		sent += (size_t)n;
	}
}

void home_say_frame(int fd, enum frame_type type, const void *body, size_t len)
{
	struct buf out;

	buf_init(&out, HOME_MANY_BYTES);
	frame_put(&out, type, body, len);
	home_say(fd, &out);
	buf_free(&out);
}

/* Read exactly len bytes; false: they closed. Fails after WAIT_MS. */
static bool hear_bytes(int fd, uint8_t *to, size_t len)
{
	size_t got = 0;

	while (got < len) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		ssize_t n;

		must(poll(&ready, 1, WAIT_MS) == 1);
		n = recv(fd, to + got, len - got, 0);
		if (n <= 0) {
			return false;
		}
		got += (size_t)n;
	}
	return true;
}

/* The next frame, whole, in buf behind its head; false: they closed. */
bool home_hear(int fd, struct buf *buf, struct frame *ret_frame)
{
	uint8_t *head;
	struct rd rd;

	buf_reset(buf);
	head = buf_room(buf, FRAME_HEAD_BYTES);
	if (!hear_bytes(fd, head, FRAME_HEAD_BYTES)) {
		return false;
	}
	rd = rd_of(head, FRAME_HEAD_BYTES);
	uint32_t len = rd_u32(&rd);

	if (!hear_bytes(fd, buf_room(buf, len), len)) {
		return false;
	}
	must(frame_get(buf->data, buf->len, FRAME_FROM_SPOOL, ret_frame) ==
	    TL_OK);
	return true;
}

/* The record number n. */
void home_record(
    uint32_t n, uint8_t id[static HOME_ID_BYTES], struct buf *sealed)
{
	uint8_t hash[HASH_BYTES];

	hash_bytes(hash, &n, sizeof(n));
	memcpy(id, hash, HOME_ID_BYTES);
	buf_reset(sealed);
	for (unsigned i = 0; i < 1000 + n % 7; i++) {
		buf_put_u8(sealed, hash[i % HASH_BYTES]);
	}
}

void home_add_put(struct buf *out, uint32_t req, uint32_t first, uint8_t n,
    bool urgent, const char *dedup)
{
	struct buf body;
	struct buf sealed;

	buf_init(&body, HOME_MANY_BYTES);
	buf_init(&sealed, HOME_MANY_BYTES);
	buf_put_u32(&body, req);
	buf_put_u8(&body, n);
	for (uint8_t i = 0; i < n; i++) {
		uint8_t id[HOME_ID_BYTES];

		home_record(first + i, id, &sealed);
		buf_put(&body, id, sizeof(id));
		buf_put_u8(&body, 1);
		buf_put_u8(&body, urgent ? 1 : 0);
		buf_put_u8(&body, dedup != NULL ? 1 : 0);
		if (dedup != NULL) {
			buf_put(&body, dedup, 16);
		}
		buf_put_u32(&body, (uint32_t)sealed.len);
		buf_put(&body, sealed.data, sealed.len);
	}
	frame_put(out, FRAME_PUT, body.data, body.len);
	buf_free(&body);
	buf_free(&sealed);
}

void home_say_put(int fd, uint32_t req, uint32_t n)
{
	struct buf out;

	buf_init(&out, HOME_MANY_BYTES);
	home_add_put(&out, req, n, 1, false, NULL);
	home_say(fd, &out);
	buf_free(&out);
}

/* The next frame must be type with this number in front; its last byte. */
uint8_t home_hear_answer(int fd, enum frame_type type, uint32_t req)
{
	struct buf buf;
	struct frame frame;
	struct rd rd;
	uint8_t how;

	buf_init(&buf, HOME_MANY_BYTES);
	do {
		must(home_hear(fd, &buf, &frame));
	} while (frame.type == FRAME_ROOM || frame.type == FRAME_DAY);
	must(frame.type == type);
	rd = rd_of(frame.body, frame.body_len);
	must(rd_u32(&rd) == req);
	how = rd_u8(&rd);
	must(rd_done(&rd));
	buf_free(&buf);
	return how;
}

void home_keep(int fd, uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		home_say_put(fd, i, first + i);
	}
	for (uint32_t i = 0; i < n; i++) {
		must(home_hear_answer(fd, FRAME_KEPT, i) == 0);
	}
}

void home_has_room_beside(
    const struct spool_home *h, const char *door, const struct buf *flood)
{
	struct buf in;
	struct frame frame;

	buf_init(&in, HOME_MANY_BYTES);
	for (uint32_t round = 0; round < 8; round++) {
		int loud = home_door(h, door);
		int worker = home_door(h, "intake.sock");

		/* both are known to it */
		home_keep(worker, 2 * round, 1);
		must(kill(h->pid, SIGSTOP) == 0);
		home_say(loud, flood);
		home_say_put(worker, 7, 2 * round + 1);
		must(kill(h->pid, SIGCONT) == 0);
		must(home_hear_answer(worker, FRAME_KEPT, 7) == 0);
		must(home_hear(loud, &in, &frame));
		buf_reset(&in);
		(void)close(loud);
		(void)close(worker);
	}
	buf_free(&in);
}

/* TAKE up to most, mark met[number] for each; how many came. */
unsigned home_take(int fd, uint16_t most, bool *met, uint32_t met_n)
{
	const uint8_t body[3] = { (uint8_t)(most >> 8), (uint8_t)most,
		RANK_PIECE };
	struct buf buf;
	struct buf sealed;
	struct frame frame;
	struct rd rd;
	unsigned n;

	buf_init(&buf, HOME_MANY_BYTES);
	buf_init(&sealed, HOME_MANY_BYTES);
	home_say_frame(fd, FRAME_TAKE, body, sizeof(body));
	must(home_hear(fd, &buf, &frame));
	must(frame.type == FRAME_LENT);
	rd = rd_of(frame.body, frame.body_len);
	n = rd_u8(&rd);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *id = rd_bytes(&rd, HOME_ID_BYTES);
		uint8_t want[HOME_ID_BYTES];
		uint32_t len;
		uint32_t number = 0;

		(void)rd_u8(&rd);
		len = rd_u32(&rd);
		for (number = 0; number < met_n; number++) {
			home_record(number, want, &sealed);
			if (memcmp(want, id, HOME_ID_BYTES) == 0) {
				break;
			}
		}
		must(number < met_n);
		must(len == sealed.len);
		must(memcmp(rd_bytes(&rd, len), sealed.data, len) == 0);
		met[number] = true;
	}
	must(rd_done(&rd));
	buf_free(&buf);
	buf_free(&sealed);
	return n;
}

unsigned home_take_all(int fd, bool *met, uint32_t met_n)
{
	unsigned all = 0;
	unsigned n;

	do {
		n = home_take(fd, 64, met, met_n);
		all += n;
	} while (n > 0);
	return all;
}

struct spool_stats home_stats(const struct spool_home *h)
{
	int fd = home_door(h, "admin.sock");
	struct spool_stats stats;
	struct frame frame;
	struct buf buf;

	buf_init(&buf, HOME_MANY_BYTES);
	home_say_frame(fd, FRAME_STATS_WANT, NULL, 0);
	must(home_hear(fd, &buf, &frame));
	must(frame.type == FRAME_STATS);
	must(spool_stats_get(bytes_of(frame.body, frame.body_len), &stats) ==
	    TL_OK);
	buf_free(&buf);
	(void)close(fd);
	return stats;
}

/* A receipt for record n by sign; flip spoils one byte of it. */
uint8_t home_give_receipt(
    int fd, uint32_t n, const uint8_t sign[static KEY_SIGN_BYTES], int flip)
{
	uint8_t body[112];
	uint8_t id[HOME_ID_BYTES];
	struct buf buf;
	struct frame frame;
	uint8_t how;

	buf_init(&buf, HOME_MANY_BYTES);
	home_record(n, id, &buf);
	memcpy(body, id, HOME_ID_BYTES);
	hash_bytes(body + 16, buf.data, buf.len);
	must(receipt_sign(sign, body, body + 16, body + 48) == TL_OK);
	if (flip >= 0) {
		body[flip] ^= 1;
	}
	home_say_frame(fd, FRAME_RECEIPT, body, sizeof(body));
	must(home_hear(fd, &buf, &frame));
	must(frame.type == FRAME_FORGOTTEN);
	must(frame.body_len == 17);
	must(memcmp(frame.body, body, HOME_ID_BYTES) == 0);
	how = frame.body[16];
	buf_free(&buf);
	return how;
}
