/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/redis_home.h - a real redis-server of a test's own, with the
 * shipped configuration and users, in a folder under /tmp.
 */
#ifndef TL_TESTS_LIB_REDIS_HOME_H
#define TL_TESTS_LIB_REDIS_HOME_H

#include <stdbool.h>
#include <sys/types.h>

struct redis_home {
	char *dir;
	char socket[160];
	char relay_pass[160]; /* paths of password files */
	char desk_pass[160];
	char admin_pass[160];
	pid_t pid;
};

/* Make the home and start the server; asserts that it answers. */
void redis_home_start(struct redis_home *home);
/* kill -9, and start again on the same data. */
void redis_home_kill(struct redis_home *home);
void redis_home_again(struct redis_home *home);
/* kill, and remove the folder */
void redis_home_end(struct redis_home *home);

#endif
