/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * shut_door PID [linger|disconnect|end] - do with the sockets that process
 * listens on what could be done by who has them: shut them, have what is
 * accepted there linger, take their address away as one takes a connection
 * away, or end their writing. Its own filter lets it do the last two alone.
 * Its descriptors are taken, not its code: it takes the right to trace it.
 * Prints how many it did that to.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

static bool listens(int fd)
{
	int yes = 0;
	socklen_t len = sizeof(yes);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len) == 0 &&
	    yes != 0;
}

static bool spoil(int fd, const char *how)
{
	const struct linger long_time = { .l_onoff = 1, .l_linger = 30000 };
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (strcmp(how, "linger") == 0) {
		return setsockopt(fd, SOL_SOCKET, SO_LINGER, &long_time,
			   sizeof(long_time)) == 0;
	}
	if (strcmp(how, "disconnect") == 0) {
		return connect(fd, &nobody, sizeof(nobody.sa_family)) == 0;
	}
	return shutdown(fd, strcmp(how, "end") == 0 ? SHUT_WR : SHUT_RDWR) == 0;
}

int main(int argc, char **argv)
{
	char path[64];
	const char *how = argc == 3 ? argv[2] : "";
	pid_t pid =
	    argc == 2 || argc == 3 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
	int process = pid > 0 ? pidfd_open(pid, 0) : -1;
	const struct dirent *entry;
	unsigned n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (process < 0 || dir == NULL) {
		perror("shut_door");
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		int number = (int)strtol(entry->d_name, NULL, 10);
		int fd = entry->d_name[0] == '.'
		    ? -1
		    : pidfd_getfd(process, number, 0);

		if (fd >= 0 && listens(fd)) {
			n += spoil(fd, how);
		}
		if (fd >= 0) {
			(void)close(fd);
		}
	}
	(void)closedir(dir);
	(void)close(process);
	(void)printf("%u\n", n);
	return n > 0 ? 0 : 1;
}
