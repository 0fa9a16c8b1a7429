/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/keytext.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/owner.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"

#define CHECK_BYTES 8u
/* "check ", the hash in hexadecimal, line end */
#define CHECK_LINE_BYTES (6u + 2u * CHECK_BYTES + 1u)

static enum tl_err err_of_errno(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return TL_ENOENT;
	case EACCES:
	case EPERM:
	case ELOOP:
	case EROFS:
		return TL_EPERM;
	case EEXIST:
		return TL_EEXIST;
	default:
		return TL_EIO;
	}
}

static enum tl_err check_mode(int fd, bool secret)
{
	struct stat st;
	mode_t mode;

	if (fstat(fd, &st) != 0) {
		return TL_EIO;
	}
	if (!S_ISREG(st.st_mode)) {
		return TL_EFORMAT;
	}
	mode = st.st_mode & 07777;
	/* 0440 is what a credential of systemd looks like: the group bits are
	 * the mask of an access list that names the service's user. */
	if (secret && mode != 0600 && mode != 0400 && mode != 0440) {
		return TL_EPERM;
	}
	/* Who owns it may change it. Root may look at everybody's. */
	if ((mode & S_IWOTH) != 0 ||
	    (geteuid() != 0 && st.st_uid != geteuid() && st.st_uid != 0)) {
		return TL_EPERM;
	}
	return TL_OK;
}

/* Lines as a mail program or another system leaves them. */
static size_t take_out_returns(uint8_t *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\r' || i + 1 == len || text[i + 1] != '\n') {
			text[n++] = text[i];
		}
	}
	wipe(text + n, len - n);
	return n;
}

enum tl_err keytext_read(
    const char *path, bool secret, uint8_t *text, size_t cap, size_t *ret_len)
{
	/* A pipe in the place of the file must not hold us up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t len = 0;
	enum tl_err err;

	if (fd < 0) {
		return err_of_errno(errno);
	}
	err = check_mode(fd, secret);
	while (err == TL_OK && len < cap) {
		ssize_t got = read(fd, text + len, cap - len);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			err = TL_EIO;
		}
		if (got <= 0) {
			break;
		}
		len += (size_t)got;
	}
	(void)close(fd);
	if (err == TL_OK && len == cap) {
		err = TL_EFORMAT; /* longer than any such file */
	}
	if (err == TL_OK) {
		*ret_len = take_out_returns(text, len);
	}
	return err;
}

static enum tl_err write_all(int fd, struct bytes text)
{
	size_t done = 0;

	while (done < text.len) {
		ssize_t n = write(fd, text.at + done, text.len - done);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return TL_EIO;
		}
		done += (size_t)n;
	}
	return TL_OK;
}

/* Make the file of that name; durable is its name when the folder is. */
static enum tl_err create(const struct owner_place *place, const char *name,
    bool secret, struct bytes text, bool in_place_of_old)
{
	mode_t mode = secret ? 0600 : 0644;
	int fd = openat(place->folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	enum tl_err err;

	if (fd < 0) {
		return err_of_errno(errno);
	}
	err = in_place_of_old ? owner_of_old(place, fd)
			      : owner_of_folder(place->folder, fd);
	if (err == TL_OK) {
		err = write_all(fd, text);
	}
	/* whatever the umask took away */
	if (err == TL_OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0)) {
		err = TL_EIO;
	}
	if (close(fd) != 0 && err == TL_OK) {
		err = TL_EIO;
	}
	if (err == TL_OK && fsync(place->folder) != 0) {
		err = TL_EIO;
	}
	if (err != TL_OK) {
		(void)unlinkat(place->folder, name, 0);
	}
	return err;
}

enum tl_err keytext_create(const char *path, bool secret, struct bytes text)
{
	struct owner_place place;
	enum tl_err err = owner_place_open(path, &place);

	if (err != TL_OK) {
		return err_of_errno(errno);
	}
	err = create(&place, place.name, secret, text, false);
	owner_place_close(&place);
	return err;
}

/* Zeros over what the file held. On disks that write elsewhere, and for
 * copies, it helps nothing: docs/THREATS.md. */
static void scrub(int fd)
{
	static const uint8_t zeros[4096];
	struct stat st;

	/* root: a file that has a second name may be another's, put here by
	 * whoever owns the folder */
	if (fstat(fd, &st) != 0 || (geteuid() == 0 && st.st_nlink > 0)) {
		return;
	}
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof(zeros)) {
		size_t left = (size_t)(st.st_size - at);

		if (pwrite(fd, zeros,
			left < sizeof(zeros) ? left : sizeof(zeros), at) < 0) {
			return;
		}
	}
	(void)fsync(fd);
}

static enum tl_err replace(
    const struct owner_place *place, bool secret, struct bytes text)
{
	char fresh[NAME_MAX + sizeof(".new")];
	int old = openat(place->folder, place->name,
	    O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum tl_err err;

	(void)snprintf(fresh, sizeof(fresh), "%s.new", place->name);
	/* of a try that was cut short */
	(void)unlinkat(place->folder, fresh, 0);
	err = create(place, fresh, secret, text, true);
	if (err == TL_OK &&
	    renameat(place->folder, fresh, place->folder, place->name) != 0) {
		err = err_of_errno(errno);
		(void)unlinkat(place->folder, fresh, 0);
	}
	if (err == TL_OK && fsync(place->folder) != 0) {
		err = TL_EIO;
	}
	if (old >= 0) {
		if (err == TL_OK && secret) {
			scrub(old);
		}
		(void)close(old);
	}
	return err;
}

enum tl_err keytext_replace(const char *path, bool secret, struct bytes text)
{
	struct owner_place place;
	enum tl_err err = owner_place_open(path, &place);

	if (err != TL_OK) {
		return err_of_errno(errno);
	}
	err = replace(&place, secret, text);
	owner_place_close(&place);
	return err;
}

enum tl_err keytext_line(struct bytes *text, struct bytes *ret_line)
{
	const uint8_t *end =
	    text->len == 0 ? NULL : memchr(text->at, '\n', text->len);
	size_t len;

	if (end == NULL) {
		return TL_EFORMAT;
	}
	len = (size_t)(end - text->at);
	*ret_line = bytes_of(text->at, len);
	*text = bytes_of(end + 1, text->len - len - 1);
	return TL_OK;
}

enum tl_err keytext_word(struct bytes *line, const char *word)
{
	struct bytes want = bytes_str(word);

	if (line->len < want.len ||
	    !bytes_equal(bytes_of(line->at, want.len), want)) {
		return TL_EFORMAT;
	}
	*line = bytes_of(line->at + want.len, line->len - want.len);
	return TL_OK;
}

enum tl_err keytext_number(struct bytes *line, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	while (i < line->len && line->at[i] >= '0' && line->at[i] <= '9') {
		uint64_t digit = (uint64_t)(line->at[i] - '0');

		if ((i > 0 && value == 0) || digit > max ||
		    value > (max - digit) / 10) {
			return TL_EFORMAT;
		}
		value = value * 10 + digit;
		i++;
	}
	if (i == 0) {
		return TL_EFORMAT;
	}
	*line = bytes_of(line->at + i, line->len - i);
	*ret = value;
	return TL_OK;
}

enum tl_err keytext_bytes(struct bytes line, uint8_t *bytes, size_t len)
{
	size_t got = 0;
	enum tl_err err =
	    dec_b64(B64_STD, (const char *)line.at, line.len, bytes, len, &got);

	return err == TL_OK && got == len ? TL_OK : TL_EFORMAT;
}

static void put_check_line(struct buf *out, struct bytes text)
{
	uint8_t hash[HASH_BYTES];

	hash_bytes(hash, text.at, text.len);
	buf_put_str(out, "check ");
	enc_hex(out, hash, CHECK_BYTES);
	buf_put_u8(out, '\n');
}

enum tl_err keytext_checked(struct bytes text, struct bytes *ret_text)
{
	struct buf line;
	struct bytes front;
	enum tl_err err;

	if (text.len < CHECK_LINE_BYTES) {
		return TL_EFORMAT;
	}
	front = bytes_of(text.at, text.len - CHECK_LINE_BYTES);
	buf_init(&line, CHECK_LINE_BYTES);
	put_check_line(&line, front);
	err = buf_err(&line);
	if (err == TL_OK &&
	    !bytes_equal(bytes_of(line.data, line.len),
		bytes_of(text.at + front.len, CHECK_LINE_BYTES))) {
		err = TL_EFORMAT;
	}
	buf_free(&line);
	if (err == TL_OK) {
		*ret_text = front;
	}
	return err;
}

void keytext_put_first(struct buf *out, const char *kind)
{
	buf_put_str(out, KEYTEXT_FIRST);
	buf_put_str(out, kind);
	buf_put_u8(out, '\n');
}

void keytext_put_bytes(struct buf *out, const uint8_t *bytes, size_t len)
{
	enc_b64(out, B64_STD, bytes, len);
	buf_put_u8(out, '\n');
}

void keytext_put_check(struct buf *out)
{
	struct buf line;

	if (buf_err(out) != TL_OK) {
		return;
	}
	/* by way of a second buffer: out may move while it grows */
	buf_init(&line, CHECK_LINE_BYTES);
	put_check_line(&line, bytes_of(out->data, out->len));
	if (buf_err(&line) == TL_OK) {
		buf_put(out, line.data, line.len);
	} else {
		out->err = TL_ENOMEM;
	}
	buf_free(&line);
}
