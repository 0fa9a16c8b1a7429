/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/door_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/log.h"

/* What is accepted has this from its door: then close() waits for a client who
 * reads nothing, also where nobody is to wait. */
static bool lingers(int fd)
{
	struct linger linger = { .l_onoff = 1 };
	socklen_t len = sizeof(linger);

	return getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len) != 0 ||
	    linger.l_onoff != 0;
}

/* A listening socket has nothing to say of itself but this. Workers ask it for
 * connections, and may not wait for one. */
static bool is_open(int fd)
{
	struct pollfd door = { .fd = fd, .events = POLLRDHUP };
	int flags = fcntl(fd, F_GETFL);

	return poll(&door, 1, 0) == 0 && flags >= 0 &&
	    (flags & O_NONBLOCK) != 0 && !lingers(fd);
}

static bool open_again(int fd)
{
	const struct linger never = { .l_onoff = 0 };
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &never, sizeof(never)) == 0 &&
	    listen(fd, SOMAXCONN) == 0 && is_open(fd);
}

bool door_watch(
    struct door_watch *watch, const struct door *doors, size_t n_doors)
{
	bool any = false;

	for (size_t i = 0; i < n_doors; i++) {
		bool again;

		if (is_open(doors[i].fd)) {
			watch->shut[i] = false;
			continue;
		}
		if (watch->shut[i]) {
			continue; /* said */
		}
		again = open_again(doors[i].fd);
		log_event(LOG_DOOR_SHUT, (long long)i + 1, again ? 1 : 0);
		watch->shut[i] = !again;
		any = true;
	}
	return any;
}
