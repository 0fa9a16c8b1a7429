/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/disk/bad_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

struct bad_calls bad_calls;

void bad_calls_fail(enum bad_call kind, unsigned n, int error)
{
	memset(&bad_calls, 0, sizeof(bad_calls));
	bad_calls.only = true;
	bad_calls.kind = kind;
	bad_calls.fail_at = n;
	bad_calls.error = error;
	bad_calls.on = true;
}

void bad_calls_fail_any(unsigned n, int error)
{
	bad_calls_fail(BAD_CALLS, n, error);
	bad_calls.only = false;
}

unsigned bad_calls_end(void)
{
	bad_calls.on = false;
	return bad_calls.failed;
}

/* True if this call is to fail. */
static bool call(enum bad_call kind, int error)
{
	if (!bad_calls.on || (bad_calls.only && bad_calls.kind != kind)) {
		return false;
	}
	bad_calls.calls++;
	if (bad_calls.calls != bad_calls.fail_at) {
		return false;
	}
	bad_calls.failed++;
	errno = error;
	return true;
}

/* clang-format off */
#define CALL(ret, name, kind, bad, params, args) \
	ret __real_##name params; \
	ret __wrap_##name params; \
	ret __wrap_##name params \
	{ \
		return call(BAD_##kind, bad_calls.error) ? (bad) \
							 : __real_##name args; \
	}

CALL(ssize_t, getrandom, GETRANDOM, -1,
    (void *at, size_t len, unsigned flags), (at, len, flags))
CALL(int, mkdir, MKDIR, -1, (const char *path, mode_t mode), (path, mode))
CALL(char *, realpath, REALPATH, NULL,
    (const char *path, char *resolved), (path, resolved))
CALL(int, fchmod, FCHMOD, -1, (int fd, mode_t mode), (fd, mode))
CALL(int, flock, FLOCK, -1, (int fd, int how), (fd, how))
CALL(int, fsync, FSYNC, -1, (int fd), (fd))
CALL(int, unlinkat, UNLINKAT, -1,
    (int dir, const char *name, int flags), (dir, name, flags))
CALL(int, renameat2, RENAMEAT2, -1,
    (int from_dir, const char *from, int to_dir, const char *to,
	unsigned flags),
    (from_dir, from, to_dir, to, flags))
/* this one says it itself */
CALL(int, posix_fallocate, POSIX_FALLOCATE, bad_calls.error,
    (int fd, off_t at, off_t len), (fd, at, len))
/* clang-format on */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return call(BAD_MALLOC, ENOMEM) ? NULL : __real_malloc(size);
}

void *bad_calls_malloc(size_t len)
{
	return __real_malloc(len);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return call(BAD_CALLOC, ENOMEM) ? NULL : __real_calloc(n, size);
}

void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return call(BAD_REALLOCARRAY, ENOMEM) ? NULL
					      : __real_reallocarray(p, n, size);
}

/* Under the name that a hardened build gives it, too. */
__attribute__((format(printf, 2, 3))) int __wrap_asprintf(
    char **ret, const char *format, ...);
int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list args;
	int len;

	if (call(BAD_ASPRINTF, ENOMEM)) {
		return -1;
	}
	va_start(args, format);
	len = vasprintf(ret, format, args);
	va_end(args);
	return len;
}

__attribute__((format(printf, 3, 4))) int __wrap___asprintf_chk(
    char **ret, int flag, const char *format, ...);
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
{
	va_list args;
	int len;

	(void)flag;
	if (call(BAD_ASPRINTF, ENOMEM)) {
		return -1;
	}
	va_start(args, format);
	len = vasprintf(ret, format, args);
	va_end(args);
	return len;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if ((flags & O_CREAT) != 0) {
		mode = va_arg(args, mode_t);
	}
	va_end(args);
	return call(BAD_OPEN, bad_calls.error) ? -1
					       : __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if ((flags & O_CREAT) != 0) {
		mode = va_arg(args, mode_t);
	}
	va_end(args);
	return call(BAD_OPENAT, bad_calls.error)
	    ? -1
	    : __real_openat(dir, name, flags, mode);
}

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st)
{
	int got;

	if (call(BAD_FSTAT, bad_calls.error)) {
		return -1;
	}
	got = __real_fstat(fd, st);
	if (got == 0 && bad_calls.after_fstat != NULL) {
		bad_calls.after_fstat(st);
	}
	return got;
}

int __real_fstatvfs(int fd, struct statvfs *fs);
int __wrap_fstatvfs(int fd, struct statvfs *fs);
int __wrap_fstatvfs(int fd, struct statvfs *fs)
{
	int got;

	if (call(BAD_FSTATVFS, bad_calls.error)) {
		return -1;
	}
	got = __real_fstatvfs(fd, fs);
	if (got == 0 && bad_calls.after_fstatvfs != NULL) {
		bad_calls.after_fstatvfs(fs);
	}
	return got;
}
