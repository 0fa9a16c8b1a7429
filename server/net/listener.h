/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/listener.h - listening sockets, made by a program at its start
 * or taken over from systemd.
 *
 * Promise:   a socket that is returned listens, is of the family and type
 *            that was asked for, is non-blocking and closes on exec. A
 *            surprise among inherited ones is an error, never ignored.
 * Knows not: what is spoken on them.
 * Runs in:   the intake's parent, before its workers; spool and relay.
 * Disk:      unix sockets, mode 0660, made and replaced here.
 */
#ifndef TL_NET_LISTENER_H
#define TL_NET_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Listen on "addr:port" or "[addr]:port": numeric IPv4 or IPv6, for whom "*"
 * is every address of both families. Port 0 takes a free one. Returns
 * TL_EINVAL (not such a text), TL_EBUSY (taken), TL_EPERM (port below 1024
 * without the right) or TL_EIO.
 */
TL_MUST_CHECK enum tl_err listener_tcp(const char *where, int *ret_fd);

/* The port that a listener_tcp() got; 0 if it is none. */
unsigned listener_port(int fd);

/*
 * Listen on a unix socket at path, mode 0660. A dead socket at that place is
 * replaced; TL_EBUSY if somebody still listens there, TL_EEXIST if it is not
 * a socket, TL_EINVAL if the path is too long, TL_EPERM or TL_EIO.
 */
TL_MUST_CHECK enum tl_err listener_unix(const char *path, int *ret_fd);

/*
 * Tell the operator why nobody listens at where (an address or a path), and
 * what helps: err is what listener_tcp() or listener_unix() gave, section the
 * one of the configuration whose "listen" names it, as in tipline-SECTION.
 */
void listener_say(const char *where, const char *section, enum tl_err err);

#define LISTENER_NAME_BYTES  32u
#define LISTENER_INHERIT_MAX 16u

struct listener_inherited {
	int fd;
	bool is_unix;
	char name[LISTENER_NAME_BYTES]; /* of LISTEN_FDNAMES */
};

/*
 * Take over the sockets that systemd passed to this process (LISTEN_PID,
 * LISTEN_FDS, LISTEN_FDNAMES) and remove those variables. Each must have one
 * of the n_names names, listen, be a stream, and be AF_INET, AF_INET6 or
 * AF_UNIX; else TL_EINVAL, and *ret_bad is the descriptor. Without those
 * variables *ret_n is 0.
 */
TL_MUST_CHECK enum tl_err listener_inherit(const char *const *names,
    size_t n_names,
    struct listener_inherited ret_sockets[static LISTENER_INHERIT_MAX],
    size_t *ret_n, int *ret_bad);

#endif
