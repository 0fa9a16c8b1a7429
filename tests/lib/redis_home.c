/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/redis_home.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/tempdir.h"

static pid_t run(const char *program, const char *arg)
{
	pid_t pid = fork();

	assert(pid >= 0);
	if (pid == 0) {
		int quiet = open("/dev/null", O_RDWR);

		if (quiet >= 0) {
			(void)dup2(quiet, STDIN_FILENO);
			(void)dup2(quiet, STDOUT_FILENO);
		}
		(void)execlp(program, program, arg, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static bool answers(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char reply[16] = "";
	bool ok;

	assert(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	/* NOAUTH is an answer too */
	ok = connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
		0 &&
	    write(fd, "PING\r\n", 6) == 6 &&
	    read(fd, reply, sizeof(reply)) > 0 && reply[0] == '-';
	(void)close(fd);
	return ok;
}

void redis_home_again(struct redis_home *home)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	char conf[160];

	(void)snprintf(conf, sizeof(conf), "%s/redis.conf", home->dir);
	home->pid = run("redis-server", conf);
	for (int i = 0; i < 3000 && !answers(home->socket); i++) {
		assert(waitpid(home->pid, NULL, WNOHANG) == 0);
		(void)nanosleep(&moment, NULL);
	}
	assert(answers(home->socket));
}

void redis_home_start(struct redis_home *home)
{
	int status = -1;
	pid_t pid;

	home->dir = tempdir_make();
	assert(home->dir != NULL && strlen(home->dir) < 90);
	pid = run("tools/redis-home", home->dir);
	assert(waitpid(pid, &status, 0) == pid && status == 0);
	(void)snprintf(
	    home->socket, sizeof(home->socket), "%s/redis.sock", home->dir);
	(void)snprintf(home->relay_pass, sizeof(home->relay_pass),
	    "%s/relay.pass", home->dir);
	(void)snprintf(home->desk_pass, sizeof(home->desk_pass), "%s/desk.pass",
	    home->dir);
	(void)snprintf(home->admin_pass, sizeof(home->admin_pass),
	    "%s/admin.pass", home->dir);
	redis_home_again(home);
}

void redis_home_kill(struct redis_home *home)
{
	if (home->pid > 0) {
		(void)kill(home->pid, SIGKILL);
		(void)waitpid(home->pid, NULL, 0);
		home->pid = 0;
	}
}

void redis_home_end(struct redis_home *home)
{
	redis_home_kill(home);
	tempdir_remove(home->dir);
	home->dir = NULL;
}
