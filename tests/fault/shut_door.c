/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * shut_door PID [linger] - do what an intruder in that process could do with
 * the sockets it listens on: shut them, or have what is accepted there linger.
 * Its descriptors are taken, not its code: it takes the right to trace it.
 * Prints how many.
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

static bool spoil(int fd, bool by_linger)
{
	const struct linger long_time = { .l_onoff = 1, .l_linger = 30000 };

	return by_linger ? setsockopt(fd, SOL_SOCKET, SO_LINGER, &long_time,
			       sizeof(long_time)) == 0
			 : shutdown(fd, SHUT_RDWR) == 0;
}

int main(int argc, char **argv)
{
	char path[64];
	bool by_linger = argc == 3 && strcmp(argv[2], "linger") == 0;
	pid_t pid =
	    argc == 2 || by_linger ? (pid_t)strtol(argv[1], NULL, 10) : 0;
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
			n += spoil(fd, by_linger);
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
