/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/sandbox.h - what a process gives up before it listens to anybody.
 *
 * Runs in:   every program: sandbox_basics(); those with a profile in
 *            base/sandbox_table.c: sandbox_enter(), as the last step before
 *            their loop.
 * Disk:      none; afterwards often none at all.
 */
#ifndef TL_BASE_SANDBOX_H
#define TL_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Who locks itself in. A row of base/sandbox_table.c each. */
enum sandbox_profile {
	SANDBOX_KEYD,
	SANDBOX_KEYD_DESK, /* of the desk: it reads the ring again */
	SANDBOX_PARENT,    /* of the intake; its children have its limits too */
	SANDBOX_WORKER,
	SANDBOX_KDF,
	SANDBOX_DERIVER,
	SANDBOX_SPOOL,
	SANDBOX_RELAY,
	SANDBOX_RELAY_TCP, /* where Redis is behind an address */
	SANDBOX_DESK,      /* the web process */
	SANDBOX_STORE,     /* its child with the ledger and Redis */
	SANDBOX_STORE_TCP, /* likewise */
	SANDBOX_SENDING,   /* who speaks to a provider */
	SANDBOX_PROFILES
};

#define SANDBOX_FOLDERS_MAX 64u
#define SANDBOX_FILES_MAX   32u

/* Descriptors of the folders that a profile's rights are for, and of files
 * that it may read although it has no right to what is beside them. */
struct sandbox_folders {
	int fds[SANDBOX_FOLDERS_MAX];
	size_t n;
	int files[SANDBOX_FILES_MAX];
	size_t n_files;
};

/*
 * Add the folder at path; where path is a file, the folder that the file
 * itself is in, past links: whoever may write to its folders must name
 * folders. One that is not there, or is there already, adds nothing.
 * TL_ETOOBIG: too many. End with sandbox_folders_close().
 */
TL_MUST_CHECK enum tl_err sandbox_folders_add(
    struct sandbox_folders *folders, const char *path);

/*
 * Add the file at path, past links, for reading and nothing else: this one, and
 * not another that takes its name later. One that is not there, or is a
 * folder, adds nothing. TL_ETOOBIG: too many.
 */
TL_MUST_CHECK enum tl_err sandbox_folders_add_file(
    struct sandbox_folders *folders, const char *path);
void sandbox_folders_close(struct sandbox_folders *folders);

/*
 * No core file, no debugger of the same user, no new rights by exec. Called
 * by every program after its files are open. TL_EPERM names a kernel that
 * refuses; the caller ends.
 */
TL_MUST_CHECK enum tl_err sandbox_basics(void);

/*
 * Give up everything that the profile does not name: limits, then
 * sandbox_basics(), then files by landlock (as much of it as this kernel
 * has), then system calls by seccomp. What is refused from here on ends the
 * process with SIGSYS, but for files and addresses that landlock closes: there
 * the call fails. folders are those that the profile's rights are for; NULL
 * where it has none. There is no way back. TL_EPERM, logged with the step: the
 * caller ends.
 *
 * For development, TIPLINE_SANDBOX=name has the call that was refused named on
 * standard error before the end; TIPLINE_SANDBOX=relaxed ends with the basics,
 * for valgrind, and logs that. Sanitizers relax it by themselves:
 * their run time makes calls of its own.
 */
TL_MUST_CHECK enum tl_err sandbox_enter(
    enum sandbox_profile profile, const struct sandbox_folders *folders);

/*
 * For who cannot enter, since what it starts would inherit the filter: no file
 * is written, made or removed from here on, by landlock as much as this kernel
 * has; and where may_read is not NULL, only what is in its folders and its
 * files are read. What is open stays open. After sandbox_basics(). TL_EPERM,
 * logged.
 */
TL_MUST_CHECK enum tl_err sandbox_read_only(
    const struct sandbox_folders *may_read);

/* Whether sandbox_enter() leaves out the filter here. */
bool sandbox_is_relaxed(void);

/* Whether a child that ended with this status of waitpid() made a call that
 * it may not make. Who starts children counts these. */
bool sandbox_was_refused(int wait_status);

/* For a child: end it when its parent ends, whatever the reason. */
TL_MUST_CHECK enum tl_err sandbox_die_with_parent(void);

/*
 * For a child, right after the fork: close every descriptor from 3 upwards
 * but the n of keep, which is sorted here.
 */
void sandbox_close_but(int *keep, size_t n);

#endif
