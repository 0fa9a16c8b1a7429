/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

/* systemd passes sockets from here on (sd_listen_fds(3)). */
#define INHERITED_FIRST 3

static enum tl_err err_of(int error)
{
	switch (error) {
	case EADDRINUSE:
		return TL_EBUSY;
	case EACCES:
	case EPERM:
		return TL_EPERM;
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return TL_EINVAL;
	default:
		return TL_EIO;
	}
}

/* ---- TCP ----------------------------------------------------------------- */

/* Cut "addr:port" or "[addr]:port" at its last colon. */
static enum tl_err split(const char *where, char host[static NI_MAXHOST],
    char port[static NI_MAXSERV])
{
	const char *colon = strrchr(where, ':');
	size_t len;

	/* getaddrinfo() would take 65536 for 0 */
	if (colon == NULL || strspn(colon + 1, "0123456789") == 0 ||
	    colon[1 + strspn(colon + 1, "0123456789")] != '\0' ||
	    strlen(colon + 1) > 5 || strtoul(colon + 1, NULL, 10) > 65535) {
		return TL_EINVAL;
	}
	len = (size_t)(colon - where);
	if (len >= 2 && where[0] == '[' && where[len - 1] == ']') {
		where++;
		len -= 2;
	} else if (memchr(where, ':', len) != NULL) {
		return TL_EINVAL; /* IPv6 wants its brackets */
	}
	if (len == 0 || len >= NI_MAXHOST) {
		return TL_EINVAL;
	}
	memcpy(host, where, len);
	host[len] = '\0';
	memcpy(port, colon + 1, strlen(colon + 1) + 1);
	return TL_OK;
}

/*
 * What is accepted inherits all of this. A telephone that is switched off says
 * no goodbye, and words before a recording are a tip only once its upload has
 * ended: the kernel asks whether it is still there, and two minutes later it
 * is known that it is not.
 */
static bool set_tcp(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 60 }, /* seconds of silence */
		{ IPPROTO_TCP, TCP_KEEPINTVL, 15 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 4 },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (setsockopt(fd, options[i].level, options[i].name,
			&options[i].value, sizeof(options[i].value)) != 0) {
			return false;
		}
	}
	return true;
}

static enum tl_err listen_at(
    const struct addrinfo *at, bool both_families, int *ret_fd)
{
	const int on = 1;
	const int v6_only = both_families ? 0 : 1;
	int fd = socket(
	    at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		return err_of(errno);
	}
	/* No SO_REUSEPORT: workers share the one socket, so a worker that
	 * ends takes nobody with it who waits to be accepted. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    !set_tcp(fd) ||
	    (at->ai_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only,
		    sizeof(v6_only)) != 0) ||
	    bind(fd, at->ai_addr, at->ai_addrlen) != 0 ||
	    listen(fd, SOMAXCONN) != 0) {
		enum tl_err err = err_of(errno);

		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return TL_OK;
}

static enum tl_err listen_on(
    const char *host, const char *port, bool both_families, int *ret_fd)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *at = NULL;
	enum tl_err err;

	if (getaddrinfo(host, port, &hints, &at) != 0) {
		return TL_EINVAL;
	}
	err = listen_at(at, both_families, ret_fd);
	freeaddrinfo(at);
	return err;
}

enum tl_err listener_tcp(const char *where, int *ret_fd)
{
	char host[NI_MAXHOST];
	char port[NI_MAXSERV];
	enum tl_err err = split(where, host, port);

	if (err != TL_OK) {
		return err;
	}
	if (strcmp(host, "*") != 0) {
		return listen_on(host, port, false, ret_fd);
	}
	err = listen_on("::", port, true, ret_fd);
	if (err == TL_EINVAL) { /* a host without IPv6 */
		err = listen_on("0.0.0.0", port, false, ret_fd);
	}
	return err;
}

unsigned listener_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { 0 };
	socklen_t len = sizeof(at);

	if (getsockname(fd, &at.any, &len) != 0) {
		return 0;
	}
	if (at.any.sa_family == AF_INET) {
		return ntohs(at.v4.sin_port);
	}
	return at.any.sa_family == AF_INET6 ? ntohs(at.v6.sin6_port) : 0;
}

/* ---- unix ---------------------------------------------------------------- */

/* A socket that a killed process left behind refuses; a living one answers. */
static enum tl_err clear_place(const struct sockaddr_un *at)
{
	struct stat info;
	enum tl_err err = TL_EBUSY;
	int fd;

	if (lstat(at->sun_path, &info) != 0) {
		return errno == ENOENT ? TL_OK : err_of(errno);
	}
	if (!S_ISSOCK(info.st_mode)) {
		return TL_EEXIST;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return TL_EIO;
	}
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 &&
	    errno == ECONNREFUSED) {
		err = unlink(at->sun_path) == 0 ? TL_OK : err_of(errno);
	}
	(void)close(fd);
	return err;
}

enum tl_err listener_unix(const char *path, int *ret_fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	enum tl_err err;
	mode_t before;
	int fd;

	if (path[0] == '\0' || strlen(path) >= sizeof(at.sun_path)) {
		return TL_EINVAL;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	err = clear_place(&at);
	if (err != TL_OK) {
		return err;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return TL_EIO;
	}
	/* Never for an instant more than 0660. */
	before = umask(0117);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, SOMAXCONN) != 0) {
		err = err_of(errno);
	}
	(void)umask(before);
	if (err != TL_OK) {
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return TL_OK;
}

void listener_say(const char *where, const char *section, enum tl_err err)
{
	bool is_unix = where[0] == '/';

	if (err == TL_EBUSY && is_unix) {
		say_error("cannot listen on %s: another process listens there",
		    where);
	} else if (err == TL_EBUSY) {
		say_error("%s is taken by another program: stop that one, or "
			  "choose another port in %s.listen",
		    where, section);
	} else if (err == TL_EPERM && !is_unix) {
		say_error("no right to listen on %s: ports below 1024 come "
			  "from systemd (tipline-%s.socket)",
		    where, section);
	} else {
		say_error("cannot listen on %s: %s", where, err_text(err));
	}
}

/* ---- from systemd -------------------------------------------------------- */

static bool option_is(int fd, int name, int want)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 &&
	    value == want;
}

static bool check_socket(int fd, bool *ret_is_unix)
{
	int family = 0;
	socklen_t len = sizeof(family);

	if (!option_is(fd, SO_TYPE, SOCK_STREAM) ||
	    !option_is(fd, SO_ACCEPTCONN, 1) ||
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) != 0) {
		return false;
	}
	if (family != AF_UNIX && family != AF_INET && family != AF_INET6) {
		return false;
	}
	*ret_is_unix = family == AF_UNIX;
	if (!*ret_is_unix && !set_tcp(fd)) {
		return false;
	}
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0;
}

/* The next name of a list "a:b:c"; false if it is not one of the expected. */
static bool take_name(const char **at, const char *const *names, size_t n,
    char ret_name[static LISTENER_NAME_BYTES])
{
	size_t len = strcspn(*at, ":");

	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) == len && len < LISTENER_NAME_BYTES &&
		    memcmp(names[i], *at, len) == 0) {
			memcpy(ret_name, names[i], len + 1);
			*at += len + ((*at)[len] == ':' ? 1 : 0);
			return true;
		}
	}
	return false;
}

static long number_in(const char *variable)
{
	const char *text = getenv(variable);
	char *end = NULL;
	long value;

	if (text == NULL || *text == '\0') {
		return 0;
	}
	errno = 0;
	value = strtol(text, &end, 10);
	return *end == '\0' && errno == 0 && value > 0 ? value : -1;
}

enum tl_err listener_inherit(const char *const *names, size_t n_names,
    struct listener_inherited ret_sockets[static LISTENER_INHERIT_MAX],
    size_t *ret_n, int *ret_bad)
{
	struct listener_inherited found[LISTENER_INHERIT_MAX] = { 0 };
	long n = number_in("LISTEN_FDS");
	const char *at = getenv("LISTEN_FDNAMES");
	enum tl_err err = TL_OK;

	*ret_n = 0;
	if (n == 0 || number_in("LISTEN_PID") != (long)getpid()) {
		return TL_OK;
	}
	if (n < 0 || n > (long)LISTENER_INHERIT_MAX || at == NULL) {
		*ret_bad = INHERITED_FIRST;
		return TL_EINVAL;
	}
	for (size_t i = 0; i < (size_t)n && err == TL_OK; i++) {
		found[i].fd = INHERITED_FIRST + (int)i;
		if (!take_name(&at, names, n_names, found[i].name) ||
		    !check_socket(found[i].fd, &found[i].is_unix)) {
			*ret_bad = found[i].fd;
			err = TL_EINVAL;
		}
	}
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	if (err == TL_OK) {
		memcpy(ret_sockets, found, sizeof(found));
		*ret_n = (size_t)n;
	}
	return err;
}
