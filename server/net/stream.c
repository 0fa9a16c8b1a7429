/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/stream.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

enum tl_err stream_open(struct stream *stream, int fd, struct net_tls *tls)
{
	SSL *ssl = NULL;

	if (tls != NULL) {
		ssl = SSL_new(net_tls_context(tls));
		if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
			SSL_free(ssl);
			ERR_clear_error();
			return TL_ENOMEM;
		}
		SSL_set_accept_state(ssl);
	}
	*stream = (struct stream){
		.fd = fd,
		.ssl = ssl,
		.read_wants = EV_READ,
		.write_wants = EV_WRITE,
		.shaken = tls == NULL,
	};
	return TL_OK;
}

static enum stream_fault fault_of(unsigned long code)
{
	int reason = ERR_GET_REASON(code);

	if (code == 0 || ERR_GET_LIB(code) != ERR_LIB_SSL) {
		return code == 0 ? STREAM_FAULT_LEFT : STREAM_FAULT_OTHER;
	}
	if (reason > SSL_AD_REASON_OFFSET) {
		return STREAM_FAULT_ALERT;
	}
	switch (reason) {
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_NO_SUITABLE_KEY_SHARE:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
	case SSL_R_NO_SHARED_GROUPS:
	case SSL_R_INAPPROPRIATE_FALLBACK:
		return STREAM_FAULT_NO_CIPHER;
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return STREAM_FAULT_NO_ALPN;
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
	case SSL_R_WRONG_VERSION_NUMBER:
		return STREAM_FAULT_NOT_TLS;
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return STREAM_FAULT_LEFT;
	default:
		return STREAM_FAULT_OTHER;
	}
}

/* What an SSL call that did not return 1 means. */
static enum tl_err judge(struct stream *stream, int ret, short *ret_wants)
{
	switch (SSL_get_error(stream->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		*ret_wants = EV_READ;
		return TL_EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		*ret_wants = EV_WRITE;
		return TL_EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return TL_ECLOSED;
	default:
		/* The queue of errors names what the peer sent: count it,
		 * and throw it away. */
		stream->fault = fault_of(ERR_peek_error());
		stream->broken = true;
		ERR_clear_error();
		return TL_EIO;
	}
}

enum tl_err stream_handshake(struct stream *stream)
{
	enum tl_err err;
	int ret;

	if (stream->shaken) {
		return TL_OK;
	}
	ERR_clear_error();
	ret = SSL_do_handshake(stream->ssl);
	if (ret == 1) {
		stream->shaken = true;
		stream->read_wants = EV_READ;
		return TL_OK;
	}
	err = judge(stream, ret, &stream->read_wants);
	if (err == TL_ECLOSED) {
		stream->fault = STREAM_FAULT_LEFT;
		err = TL_EIO;
	}
	return err;
}

static enum tl_err read_plain(
    struct stream *stream, uint8_t *to, size_t len, size_t *ret_got)
{
	ssize_t got = recv(stream->fd, to, len, MSG_DONTWAIT);

	if (got > 0) {
		*ret_got = (size_t)got;
		return TL_OK;
	}
	if (got == 0) {
		return TL_ECLOSED;
	}
	return errno == EAGAIN || errno == EINTR ? TL_EAGAIN : TL_EIO;
}

enum tl_err stream_read(
    struct stream *stream, uint8_t *to, size_t len, size_t *ret_got)
{
	int ret;

	if (stream->ssl == NULL) {
		return read_plain(stream, to, len, ret_got);
	}
	ERR_clear_error();
	ret = SSL_read_ex(stream->ssl, to, len, ret_got);
	if (ret == 1) {
		stream->read_wants = EV_READ;
		return TL_OK;
	}
	return judge(stream, ret, &stream->read_wants);
}

static enum tl_err write_plain(
    struct stream *stream, const uint8_t *from, size_t len, size_t *ret_put)
{
	ssize_t put = send(stream->fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put >= 0) {
		*ret_put = (size_t)put;
		return TL_OK;
	}
	return errno == EAGAIN || errno == EINTR ? TL_EAGAIN : TL_EIO;
}

enum tl_err stream_write(
    struct stream *stream, const uint8_t *from, size_t len, size_t *ret_put)
{
	int ret;

	if (stream->ssl == NULL) {
		return write_plain(stream, from, len, ret_put);
	}
	ERR_clear_error();
	ret = SSL_write_ex(stream->ssl, from, len, ret_put);
	if (ret == 1) {
		stream->write_wants = EV_WRITE;
		return TL_OK;
	}
	return judge(stream, ret, &stream->write_wants) == TL_EAGAIN ? TL_EAGAIN
								     : TL_EIO;
}

enum stream_ahead stream_look(struct stream *stream)
{
	uint8_t byte;
	ssize_t got;

	if (stream->ssl != NULL && SSL_has_pending(stream->ssl)) {
		return STREAM_BYTES;
	}
	got = recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (got > 0) {
		return STREAM_BYTES;
	}
	return got < 0 && (errno == EAGAIN || errno == EINTR) ? STREAM_NOTHING
							      : STREAM_END;
}

enum tl_err stream_finish(struct stream *stream)
{
	if (stream->ssl != NULL && stream->shaken && !stream->broken) {
		int ret;

		ERR_clear_error();
		ret = SSL_shutdown(stream->ssl);
		if (ret < 0 &&
		    judge(stream, ret, &stream->write_wants) == TL_EAGAIN &&
		    stream->write_wants == EV_WRITE) {
			return TL_EAGAIN;
		}
	}
	/* What still comes is thrown away unread: the keys can go now. */
	SSL_free(stream->ssl);
	stream->ssl = NULL;
	return shutdown(stream->fd, SHUT_WR) == 0 ? TL_OK : TL_EIO;
}

enum tl_err stream_discard(
    struct stream *stream, uint8_t *to, size_t len, size_t *ret_got)
{
	return read_plain(stream, to, len, ret_got);
}

/* Reset it, as close() does where it may not linger: without that option, by
 * which one who has been taken over could have others hang. */
static void drop_owed(int fd)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	(void)connect(fd, &nobody, sizeof(nobody.sa_family));
}

void stream_close(struct stream *stream, bool with_reset)
{
	if (stream->fd < 0) {
		return;
	}
	if (with_reset) {
		drop_owed(stream->fd);
	} else if (stream->ssl != NULL && stream->shaken && !stream->broken) {
		(void)SSL_shutdown(stream->ssl);
		ERR_clear_error();
	}
	SSL_free(stream->ssl);
	stream->ssl = NULL;
	(void)close(stream->fd);
	stream->fd = -1;
}
