/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/sandbox_table.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <linux/landlock.h>

#define CALL(name) \
	{ \
		.call = SCMP_SYS(name) \
	}
#define CALL_TO_ITSELF(name) \
	{ \
		.call = SCMP_SYS(name), .to_itself = true \
	}
#define FITS(number, mask, value) \
	{ \
		.arg = (number), .op = SCMP_CMP_MASKED_EQ, .datum_a = (mask), \
		.datum_b = (value) \
	}
/* (argument & mask) == value */
#define CALL_IF(name, number, mask, value) \
	{ \
		.call = SCMP_SYS(name), .n_arguments = 1, .arguments = { \
			FITS(number, mask, value) \
		} \
	}
/* both are these */
#define CALL_IF_2(name, first, second) \
	{ \
		.call = SCMP_SYS(name), .n_arguments = 2, .arguments = { \
			FITS(0, UINT32_MAX, first), \
			FITS(1, UINT32_MAX, second) \
		} \
	}
/* Younger than Debian 12's header. */
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define TCP_CONNECT (UINT64_C(1) << 1)

#define GROUP(list) \
	{ \
		.rules = (list), .n = sizeof(list) / sizeof((list)[0]) \
	}

/* Of every process: descriptors it has, time, its end. */
static const struct sandbox_rule base_rules[] = {
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(close),
	CALL(clock_gettime), CALL(gettimeofday), CALL(getrandom), CALL(futex),
	CALL(exit), CALL(exit_group), CALL(rt_sigreturn), CALL(rt_sigprocmask),
	CALL(restart_syscall), CALL(getpid), CALL(gettid),
	CALL_TO_ITSELF(tgkill), /* raise() and abort() */
};
static const struct sandbox_group base_group = GROUP(base_rules);

/* Memory, never to be executed. mlock: secrets stay out of swap; sysinfo:
 * qsort() asks how much there is. */
static const struct sandbox_rule memory_rules[] = {
	CALL(brk),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(mlock),
	CALL(munlock),
	CALL(sysinfo),
	CALL_IF(mmap, 2, PROT_EXEC, 0),
	CALL_IF(mprotect, 2, PROT_EXEC, 0),
};
static const struct sandbox_group memory_group = GROUP(memory_rules);

/* Waiting for a descriptor without an event base. */
static const struct sandbox_rule poll_rules[] = {
	CALL(poll),
	CALL(ppoll),
};
static const struct sandbox_group poll_group = GROUP(poll_rules);

/* An event base, with the pair of sockets by which it hears of signals. */
static const struct sandbox_rule loop_rules[] = {
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_ctl),
	CALL(rt_sigaction),
	CALL(sendto),
	CALL(recvfrom),
};
static const struct sandbox_group loop_group = GROUP(loop_rules);

/* Sockets that are connected: frames, with descriptors among them. shutdown:
 * to write no more, by which a socket that listens stays open; shut for
 * reading it would be shut for all who have it, and one of the family unix for
 * ever. */
static const struct sandbox_rule peer_rules[] = {
	CALL(sendmsg),
	CALL(recvmsg),
	CALL_IF(shutdown, 1, UINT32_MAX, SHUT_WR),
	CALL(getsockopt),
	CALL_IF(ioctl, 1, UINT32_MAX, FIONREAD),
	CALL_IF(fcntl, 1, UINT32_MAX, F_GETFL),
	CALL_IF(fcntl, 1, UINT32_MAX, F_SETFL),
	CALL_IF(fcntl, 1, UINT32_MAX, F_GETFD),
	CALL_IF(fcntl, 1, UINT32_MAX, F_SETFD),
	CALL_IF(fcntl, 1, UINT32_MAX, F_DUPFD_CLOEXEC),
};
static const struct sandbox_group peer_group = GROUP(peer_rules);

/* What is owed to who is cut off goes with them. An address of two bytes is a
 * family and no more: it can take a connection away, and make none. Not by an
 * option: what accepts passes its own on to all that it accepts, for others of
 * us too, and lingering has them hang in close(). */
static const struct sandbox_rule cut_rules[] = {
	CALL_IF(connect, 2, UINT32_MAX, sizeof(sa_family_t)),
};
static const struct sandbox_group cut_group = GROUP(cut_rules);

/* Sockets that listen; made before. */
static const struct sandbox_rule accept_rules[] = {
	CALL(accept4),
	CALL(getsockname),
	CALL(getpeername),
};
static const struct sandbox_group accept_group = GROUP(accept_rules);

/* To programs of ours on this host, and to the service manager, whose library
 * asks who we are. */
static const struct sandbox_rule dial_rules[] = {
	CALL_IF(socket, 0, UINT32_MAX, AF_UNIX),
	CALL(connect),
	CALL(setsockopt),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
};
static const struct sandbox_group dial_group = GROUP(dial_rules);

/* To addresses that are learnt on the way: a filter cannot look at those. */
static const struct sandbox_rule tcp_rules[] = {
	CALL_IF_2(socket, AF_INET, SOCK_STREAM),
	CALL_IF_2(socket, AF_INET6, SOCK_STREAM),
};
static const struct sandbox_group tcp_group = GROUP(tcp_rules);

/* What libcurl needs for one request over TCP to an address that is known:
 * flags of the socket's type are of no matter; a socket for datagrams shows it
 * whether this host has IPv6, and a pair of sockets is how it wakes itself. */
#define CALL_SOCKET(family, kind) \
	{ \
		.call = SCMP_SYS(socket), .n_arguments = 2, .arguments = { \
			FITS(0, UINT32_MAX, family), \
			FITS(1, 0xf, kind) \
		} \
	}
static const struct sandbox_rule sending_rules[] = {
	CALL_SOCKET(AF_INET, SOCK_STREAM),
	CALL_SOCKET(AF_INET6, SOCK_STREAM),
	CALL_SOCKET(AF_INET6, SOCK_DGRAM),
	CALL_IF(socketpair, 0, UINT32_MAX, AF_UNIX),
	CALL(eventfd2),
	CALL(connect),
	CALL(setsockopt),
	CALL(getsockname),
	CALL(getpeername),
	CALL(rt_sigaction),
	CALL(sendto),
	CALL(recvfrom),
};
static const struct sandbox_group sending_group = GROUP(sending_rules);

/* What SQLite does with the files of one folder. */
static const struct sandbox_rule disk_rules[] = {
	CALL(openat),
	CALL(newfstatat),
	CALL(fstat),
	CALL(statfs),
	CALL(fstatfs),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(readlink),
	CALL(lseek),
	CALL(pread64),
	CALL(pwrite64),
	CALL(fsync),
	CALL(fdatasync),
	CALL(ftruncate),
	CALL(fallocate),
	CALL(unlink),
	CALL(unlinkat),
	CALL_IF(fcntl, 1, UINT32_MAX, F_GETLK),
	CALL_IF(fcntl, 1, UINT32_MAX, F_SETLK),
};
static const struct sandbox_group disk_group = GROUP(disk_rules);

/* A new file of the ledger gets its name once its head is on the disk. */
static const struct sandbox_rule naming_rules[] = {
#ifdef __NR_renameat
	CALL(renameat),
#endif
	CALL(renameat2),
};
static const struct sandbox_group naming_group = GROUP(naming_rules);

/* Read configuration, keys and certificates again, and nothing for writing. */
static const struct sandbox_rule reading_rules[] = {
	CALL_IF(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL(newfstatat), CALL(fstat), CALL(lseek), CALL(access),
	CALL(faccessat), CALL(faccessat2), CALL(readlink), CALL(getcwd),
	CALL(geteuid), /* whose keys these are */
};
static const struct sandbox_group reading_group = GROUP(reading_rules);

/*
 * Start, end and bury children, and what these do before they lock themselves
 * in. clone: as fork() does it, so no thread and no namespace.
 */
static const struct sandbox_rule children_rules[] = {
	CALL(listen), /* again, on a door that one of them has shut */
	CALL_IF(shutdown, 1, UINT32_MAX, SHUT_RDWR), /* what it had given */
	CALL_IF(clone, 0, UINT32_MAX,
	    CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD),
	CALL(set_robust_list),
	CALL(wait4),
	CALL(kill),
	CALL_IF(socketpair, 0, UINT32_MAX, AF_UNIX),
	CALL_IF_2(prctl, PR_SET_PDEATHSIG, SIGKILL),
	CALL_IF_2(prctl, PR_SET_NO_NEW_PRIVS, 1),
	CALL_IF_2(prctl, PR_SET_DUMPABLE, 0),
	CALL(prlimit64),
	CALL(close_range),
	CALL(epoll_create1),
	CALL(eventfd2),
	CALL(pipe2),
	CALL(sched_setscheduler),
	CALL(sched_getaffinity),
	CALL(seccomp),
	CALL(landlock_create_ruleset),
	CALL(landlock_add_rule),
	CALL(landlock_restrict_self),
};
static const struct sandbox_group children_group = GROUP(children_rules);

/* Run only when nobody else wants to: oneself, and nothing else. */
static const struct sandbox_rule idle_rules[] = {
	CALL_IF_2(sched_setscheduler, 0, SCHED_IDLE),
};
static const struct sandbox_group idle_group = GROUP(idle_rules);

static const struct sandbox_row rows[SANDBOX_PROFILES] = {
	/* one socket pair, nothing else: it has the team's secret keys */
	[SANDBOX_KEYD] = {
	    .name = "keyd",
	    .groups = { &base_group, &memory_group, &poll_group },
	    .descriptors = 8,
	    .no_file_grows = true,
	    .no_children = true,
	},
	/* the same, and one folder to read from: officers come and go */
	[SANDBOX_KEYD_DESK] = {
	    .name = "keyd-desk",
	    .groups = { &base_group, &memory_group, &poll_group,
		&reading_group },
	    .descriptors = 8,
	    .no_file_grows = true,
	    .no_children = true,
	    .folder_rights = LANDLOCK_ACCESS_FS_READ_FILE,
	},
	/* a filter is inherited: it has all that its children have */
	[SANDBOX_PARENT] = {
	    .name = "parent",
	    .groups = { &base_group, &memory_group, &loop_group, &peer_group,
		&accept_group, &dial_group, &reading_group, &poll_group,
		&children_group },
	    .folder_rights = LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_READ_DIR,
	},
	[SANDBOX_WORKER] = {
	    .name = "worker",
	    .groups = { &base_group, &memory_group, &loop_group, &peer_group,
		&accept_group, &cut_group },
	    .no_file_grows = true,
	    .no_children = true,
	},
	[SANDBOX_KDF] = {
	    .name = "kdf",
	    .groups = { &base_group, &memory_group, &loop_group, &peer_group },
	    .no_file_grows = true,
	    .no_children = true,
	},
	[SANDBOX_DERIVER] = {
	    .name = "deriver",
	    .groups = { &base_group, &memory_group, &loop_group, &peer_group,
		&idle_group },
	    .descriptors = 32,
	    .no_file_grows = true,
	    .no_children = true,
	},
	/* its folder; the service manager's socket is all it connects to */
	[SANDBOX_SPOOL] = {
	    .name = "spool",
	    .groups = { &base_group, &memory_group, &loop_group, &peer_group,
		&accept_group, &dial_group, &disk_group },
	    .no_children = true,
	    .folder_rights = LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		FS_TRUNCATE,
	},
	[SANDBOX_RELAY] = {
	    .name = "relay",
	    .groups = { &base_group, &memory_group, &poll_group, &loop_group,
		&peer_group, &dial_group },
	    .no_file_grows = true,
	    .no_children = true,
	},
	[SANDBOX_RELAY_TCP] = {
	    .name = "relay-tcp",
	    .groups = { &base_group, &memory_group, &poll_group, &loop_group,
		&peer_group, &dial_group, &tcp_group },
	    .no_file_grows = true,
	    .no_children = true,
	    .tcp_rights = TCP_CONNECT,
	},
	[SANDBOX_DESK] = {
	    .name = "desk",
	    .groups = { &base_group, &memory_group, &loop_group, &peer_group,
		&accept_group, &dial_group },
	    .no_file_grows = true,
	    .no_children = true,
	},
	/* a password is read at each connection, by a rule for that file */
	[SANDBOX_STORE] = {
	    .name = "store",
	    .groups = { &base_group, &memory_group, &poll_group, &loop_group,
		&peer_group, &dial_group, &disk_group, &naming_group },
	    .no_children = true,
	    .folder_rights = LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		FS_TRUNCATE,
	},
	[SANDBOX_STORE_TCP] = {
	    .name = "store-tcp",
	    .groups = { &base_group, &memory_group, &poll_group, &loop_group,
		&peer_group, &dial_group, &disk_group, &naming_group,
		&tcp_group },
	    .no_children = true,
	    .folder_rights = LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		FS_TRUNCATE,
	    .tcp_rights = TCP_CONNECT,
	},
	/* its address is known, its files were read: it has a provider's
	 * password for as long as it speaks with that */
	[SANDBOX_SENDING] = {
	    .name = "sending",
	    .groups = { &base_group, &memory_group, &poll_group, &peer_group,
		&sending_group },
	    .descriptors = 32,
	    .no_file_grows = true,
	    .no_children = true,
	    .tcp_rights = TCP_CONNECT,
	},
};

const struct sandbox_row *sandbox_row(enum sandbox_profile profile)
{
	return &rows[profile];
}
