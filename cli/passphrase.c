/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"

/* Signals that would leave the terminal without its echo. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
#define N_ENDING (sizeof(ending) / sizeof(ending[0]))

static volatile sig_atomic_t caught;

static void remember_signal(int number)
{
	caught = number;
}

/*
 * Append one line without its end, read byte by byte: what follows it on
 * standard input is not ours. TL_EAGAIN: a signal came.
 */
static enum tl_err read_line(int fd, struct buf *line)
{
	for (;;) {
		uint8_t c = 0;
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR) {
			if (caught != 0) {
				return TL_EAGAIN;
			}
			continue;
		}
		if (got < 0) {
			return TL_EIO;
		}
		if (got == 0 || c == '\n') {
			break;
		}
		buf_put_u8(line, c);
	}
	if (line->len > 0 && line->data[line->len - 1] == '\r') {
		line->len--; /* an editor of another system */
	}
	return buf_err(line);
}

static enum tl_err read_from_file(
    const char *path, const char *variable, struct buf *line)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	enum tl_err err;

	if (fd < 0) {
		say_error("%s (from %s): %s", path, variable, strerror(errno));
		return TL_ENOENT;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		say_error("%s (from %s) is not a file", path, variable);
		err = TL_EFORMAT;
	} else if ((st.st_mode & 0177) != 0) {
		say_error("%s: others can read or change the passphrase; run"
			  " chmod 600 on it",
		    path);
		err = TL_EPERM;
	} else {
		err = read_line(fd, line);
	}
	(void)close(fd);
	return err;
}

static void say_to_terminal(const char *text)
{
	/* a prompt that does not show is seen by who waits for it */
	(void)!write(STDERR_FILENO, text, strlen(text));
}

static enum tl_err read_without_echo(const char *prompt, struct buf *line)
{
	struct sigaction catch = { .sa_handler = remember_signal };
	struct sigaction old[N_ENDING];
	struct termios shown;
	struct termios hidden;
	enum tl_err err;

	if (tcgetattr(STDIN_FILENO, &shown) != 0) {
		return TL_EIO;
	}
	caught = 0;
	for (size_t i = 0; i < N_ENDING; i++) {
		(void)sigaction(ending[i], &catch, &old[i]);
	}
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	/* the prompt comes last: what a quick hand types as an answer would
	 * else be shown, or thrown away by the flush */
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0) {
		say_to_terminal(prompt);
		err = read_line(STDIN_FILENO, line);
	} else {
		err = TL_EIO;
	}
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	say_to_terminal("\n");
	for (size_t i = 0; i < N_ENDING; i++) {
		(void)sigaction(ending[i], &old[i], NULL);
	}
	if (caught != 0) {
		(void)raise(caught);
	}
	return err;
}

static enum tl_err read_from_terminal(
    const char *prompt, bool twice, struct buf *line)
{
	struct buf again;
	enum tl_err err = read_without_echo(prompt, line);

	if (err != TL_OK || !twice) {
		return err;
	}
	buf_init(&again, PASSPHRASE_MAX_BYTES);
	err = read_without_echo("The same again: ", &again);
	if (err == TL_OK &&
	    !bytes_equal(bytes_of(line->data, line->len),
		bytes_of(again.data, again.len))) {
		say_error("the two passphrases differ");
		err = TL_EPROOF;
	}
	buf_free(&again);
	return err;
}

static enum tl_err read_any(
    const char *variable, const char *prompt, bool twice, struct buf *out)
{
	const char *path = getenv(variable);
	struct buf line;
	enum tl_err err;

	buf_init(&line, PASSPHRASE_MAX_BYTES);
	if (path != NULL && path[0] != '\0') {
		err = read_from_file(path, variable, &line);
	} else if (isatty(STDIN_FILENO) == 1) {
		err = read_from_terminal(prompt, twice, &line);
	} else {
		err = read_line(STDIN_FILENO, &line);
	}
	if (err == TL_OK && line.len == 0) {
		say_error("the passphrase is empty");
		err = TL_EINVAL;
	} else if (err == TL_ETOOBIG) {
		say_error("the passphrase is longer than %u bytes",
		    PASSPHRASE_MAX_BYTES);
	} else if (err == TL_EIO || err == TL_EAGAIN) {
		say_error("no passphrase could be read");
		err = TL_EIO;
	}
	if (err == TL_OK) {
		buf_put(out, line.data, line.len);
		err = buf_err(out);
	}
	buf_free(&line);
	return err;
}

/* An editor may have written it: nobody sees it, and nobody types it. */
static bool has_mark(const struct buf *line)
{
	return (line->len >= 3 && memcmp(line->data, "\xef\xbb\xbf", 3) == 0) ||
	    (line->len >= 2 &&
		(memcmp(line->data, "\xff\xfe", 2) == 0 ||
		    memcmp(line->data, "\xfe\xff", 2) == 0));
}

/* It stays: without it what an earlier version has locked would not open. */
enum tl_err passphrase_read(const char *prompt, bool twice, struct buf *out)
{
	enum tl_err err = read_any(PASSPHRASE_VARIABLE, prompt, twice, out);

	if (err == TL_OK && has_mark(out)) {
		say_error("the passphrase begins with a byte order mark, as"
			  " some editors write it into a file; it is taken for"
			  " a part of it");
	}
	return err;
}

enum tl_err passphrase_new(
    const char *variable, const char *prompt, struct buf *out)
{
	unsigned chars = 0;
	enum tl_err err = read_any(variable, prompt, true, out);

	if (err != TL_OK) {
		return err;
	}
	if (has_mark(out)) {
		say_error("the passphrase begins with a byte order mark, which"
			  " nobody can type: save the file as UTF-8 without"
			  " one");
		return TL_EINVAL;
	}
	for (size_t i = 0; i < out->len; i++) {
		/* each code point of UTF-8 has one byte that is no follower */
		chars += (out->data[i] & 0xC0u) != 0x80u;
	}
	if (chars < PASSPHRASE_MIN_CHARS) {
		say_error("the passphrase has %u characters; take %u or more,"
			  " best five or six random words",
		    chars, PASSPHRASE_MIN_CHARS);
		return TL_EINVAL;
	}
	return TL_OK;
}

enum tl_err passphrase_officer(size_t n_officers, struct buf *out)
{
	const char *name = getenv(PASSPHRASE_OFFICER);
	enum tl_err err;

	if (name != NULL && name[0] != '\0') {
		buf_put_str(out, name);
		return buf_err(out);
	}
	if (n_officers == 1) {
		return TL_OK;
	}
	if (isatty(STDIN_FILENO) != 1) {
		say_error("there are %zu officers; " PASSPHRASE_OFFICER
			  " says which one you are",
		    n_officers);
		return TL_EINVAL;
	}
	say_to_terminal("Officer: ");
	err = read_line(STDIN_FILENO, out);
	if (err != TL_OK) {
		say_error("no name could be read");
	}
	return err;
}
