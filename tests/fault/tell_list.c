/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tell_list PID IDENTITY NUMBER - say to the spool, by the connection of that
 * worker of the intake, what one who has taken it over could say: that the
 * list of the team with this identity has that number, and that there are
 * many other teams. Its descriptors are taken, not its code: it takes the
 * right to trace it. Prints by how many connections it was said.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/frame.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/start.h"

#define DOOR   "spool-intake"
#define OTHERS 100u

static bool leads_to_spool(int fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(at) - 1;
	size_t n;

	if (getpeername(fd, (struct sockaddr *)&at, &len) != 0 ||
	    at.sun_family != AF_UNIX) {
		return false;
	}
	n = strlen(at.sun_path);
	return n >= strlen(DOOR) &&
	    strcmp(at.sun_path + n - strlen(DOOR), DOOR) == 0;
}

static void put_list(struct buf *out, const uint8_t *id, uint32_t number)
{
	frame_put_head(out, FRAME_LIST, 12);
	buf_put(out, id, ENVELOPE_KEY_ID_BYTES);
	buf_put_u32(out, number);
}

static unsigned say_to_all(pid_t pid, const struct buf *words)
{
	int process = pidfd_open(pid, 0);
	const struct dirent *entry;
	unsigned n = 0;
	char path[64];
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (process >= 0 && dir != NULL && (entry = readdir(dir)) != NULL) {
		int number = (int)strtol(entry->d_name, NULL, 10);
		int fd = entry->d_name[0] == '.'
		    ? -1
		    : pidfd_getfd(process, number, 0);

		n += fd >= 0 && leads_to_spool(fd) &&
		    send(fd, words->data, words->len, MSG_NOSIGNAL) ==
			(ssize_t)words->len;
		if (fd >= 0) {
			(void)close(fd);
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
	(void)close(process);
	return n;
}

int main(int argc, char **argv)
{
	uint8_t identity[KEY_BYTES], id[ENVELOPE_KEY_ID_BYTES];
	struct buf words;
	unsigned n;

	if (argc != 4 || crypto_start() != TL_OK ||
	    keyfile_load(argv[2], KEY_TEAM_IDENTITY, identity) != TL_OK) {
		return 2;
	}
	buf_init(&words, 64u * 1024u);
	envelope_key_id(id, identity);
	put_list(&words, id, (uint32_t)strtoul(argv[3], NULL, 10));
	for (unsigned i = 1; i <= OTHERS; i++) {
		memset(id, (int)i, sizeof(id));
		put_list(&words, id, i);
	}
	n = buf_err(&words) == TL_OK
	    ? say_to_all((pid_t)strtol(argv[1], NULL, 10), &words)
	    : 0;
	buf_free(&words);
	(void)printf("%u\n", n);
	return n > 0 ? 0 : 1;
}
