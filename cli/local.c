/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/local.h"

#include <string.h>
#include <unistd.h>

#include "base/dial.h"

static enum tl_err read_to_end(int fd, struct buf *answer)
{
	for (;;) {
		uint8_t piece[4096];
		ssize_t len = read(fd, piece, sizeof(piece));

		if (len == 0) {
			return buf_err(answer);
		}
		if (len < 0) {
			return TL_EIO;
		}
		buf_put(answer, piece, (size_t)len);
	}
}

/* "HTTP/1.1 200 OK", fields, an empty line, the body. */
static enum tl_err split(
    const struct buf *answer, int *ret_status, struct buf *body)
{
	const char *text = (const char *)answer->data;
	const char *end;

	if (answer->len < 16 || memcmp(text, "HTTP/1.1 ", 9) != 0) {
		return TL_EFORMAT;
	}
	end = memmem(text, answer->len, "\r\n\r\n", 4);
	if (end == NULL) {
		return TL_EFORMAT;
	}
	*ret_status =
	    (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
	buf_put(body, end + 4, answer->len - (size_t)(end + 4 - text));
	return buf_err(body);
}

enum tl_err local_get(
    const char *path, const char *target, int *ret_status, struct buf *body)
{
	struct buf request, answer;
	enum tl_err err;
	int fd = -1;

	buf_init(&request, 256);
	buf_init(&answer, LOCAL_ANSWER_BYTES);
	buf_put_str(&request, "GET ");
	buf_put_str(&request, target);
	buf_put_str(&request,
	    " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	err = buf_err(&request);
	if (err == TL_OK) {
		err = dial_unix(path, LOCAL_LIMIT_S, &fd);
	}
	if (err == TL_OK &&
	    write(fd, request.data, request.len) != (ssize_t)request.len) {
		err = TL_EIO;
	}
	if (err == TL_OK) {
		err = read_to_end(fd, &answer);
	}
	if (err == TL_OK) {
		err = split(&answer, ret_status, body);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	buf_free(&request);
	buf_free(&answer);
	return err;
}
