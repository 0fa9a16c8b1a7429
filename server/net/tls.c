/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "server/net/stream.h"

/* SHA-256 has hardware help where SHA-384 has not. */
#define SUITES_12 \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SUITES_13 \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"
/* Android 7.0 knows no group but P-256. */
/* OpenSSL wants it without const, and does not change it */
static char groups[] = "X25519:P-256:P-384";

struct net_tls {
	SSL_CTX *ctx;
};

/* An encrypted key file must fail and not ask a terminal that is not there. */
static int no_password_cb(char *to, int size, int for_writing, void *arg)
{
	(void)to;
	(void)size;
	(void)for_writing;
	(void)arg;
	return -1;
}

static int alpn_cb(SSL *ssl, const unsigned char **ret_name,
    unsigned char *ret_len, const unsigned char *offered, unsigned len,
    void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl;
	(void)arg;
	for (unsigned at = 0; at < len; at += 1u + offered[at]) {
		if (offered[at] == ours[0] && len - at > ours[0] &&
		    memcmp(offered + at + 1, ours + 1, ours[0]) == 0) {
			*ret_name = offered + at + 1;
			*ret_len = ours[0];
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL; /* no_application_protocol */
}

static enum tl_err configure(SSL_CTX *ctx)
{
	uint64_t options = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
	    SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CLEANSE_PLAINTEXT;

	(void)SSL_CTX_set_options(ctx, options);
	/* Moving and partial writes: an answer is written from where the last
	 * write stopped. */
	(void)SSL_CTX_set_mode(ctx,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN |
		SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* One record a turn: who sends nothing but key updates would else
	 * keep SSL_read() for himself as long as he sends. */
	(void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(ctx, alpn_cb, NULL);
	SSL_CTX_set_default_passwd_cb(ctx, no_password_cb);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, SUITES_12) != 1 ||
	    SSL_CTX_set_ciphersuites(ctx, SUITES_13) != 1 ||
	    SSL_CTX_set1_groups_list(ctx, groups) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1 ||
	    SSL_CTX_set_max_early_data(ctx, 0) != 1) {
		return TL_ENOMEM;
	}
	return TL_OK;
}

/* Borrows x509. One for RSA-PSS alone (another type) is no use to those that
 * are too old for ECDSA. */
static bool has_rsa_key(X509 *x509)
{
	const EVP_PKEY *key = X509_get0_pubkey(x509);

	return key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

/* OpenSSL's own reasons are long and name its functions: the operator needs
 * the file and what to look for in it. */
static enum tl_err load_pair(
    SSL_CTX *ctx, const char *cert, const char *key, bool is_for_rsa)
{
	const char *files[] = { cert, key };
	X509 *x509;

	for (size_t i = 0; i < 2; i++) {
		if (files[i] == NULL || access(files[i], R_OK) != 0) {
			say_error("%s: %s",
			    files[i] == NULL ? "a certificate's other half"
					     : files[i],
			    files[i] == NULL ? "not configured"
					     : strerror(errno));
			return TL_ENOENT;
		}
	}
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) {
		say_error("%s: no certificate in PEM form in it", cert);
		return TL_EFORMAT;
	}
	/* SSL_CTX_check_private_key() looks at the pair of the key's own type,
	 * which may be another than this certificate's and right */
	x509 = SSL_CTX_get0_certificate(ctx);
	if (is_for_rsa && !has_rsa_key(x509)) {
		say_error("%s: its key is no RSA key, so who needs RSA would"
			  " get no answer; an ECDSA one goes with"
			  " tls_cert_ecdsa and tls_key_ecdsa",
		    cert);
		return TL_EFORMAT;
	}
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    X509_check_private_key(x509, SSL_CTX_get0_privatekey(ctx)) != 1) {
		say_error("%s: no unencrypted private key in PEM form in it,"
			  " or not the one of %s",
		    key, cert);
		return TL_EFORMAT;
	}
	return TL_OK;
}

static enum tl_err load_pairs(SSL_CTX *ctx, const struct net_tls_files *files)
{
	enum tl_err err = TL_EINVAL;

	if (files->ecdsa_cert != NULL || files->ecdsa_key != NULL) {
		err =
		    load_pair(ctx, files->ecdsa_cert, files->ecdsa_key, false);
		if (err != TL_OK) {
			return err;
		}
	}
	if (files->rsa_cert != NULL || files->rsa_key != NULL) {
		err = load_pair(ctx, files->rsa_cert, files->rsa_key, true);
	}
	if (err == TL_EINVAL) {
		say_error("TLS needs a certificate: ECDSA, RSA or both");
	}
	return err;
}

enum tl_err net_tls_new(
    const struct net_tls_files *files, struct net_tls **ret_tls)
{
	struct net_tls *tls = calloc(1, sizeof(*tls));
	enum tl_err err = TL_ENOMEM;

	if (tls == NULL) {
		goto out;
	}
	tls->ctx = SSL_CTX_new(TLS_server_method());
	if (tls->ctx == NULL) {
		goto out;
	}
	err = configure(tls->ctx);
	if (err != TL_OK) {
		goto out;
	}
	err = load_pairs(tls->ctx, files);
	if (err != TL_OK) {
		goto out;
	}

	*ret_tls = tls;
	tls = NULL;
out:
	ERR_clear_error();
	net_tls_free(tls);
	return err;
}

void net_tls_free(struct net_tls *tls)
{
	if (tls != NULL) {
		SSL_CTX_free(tls->ctx);
		free(tls);
	}
}

struct ssl_ctx_st *net_tls_context(struct net_tls *tls)
{
	return tls->ctx;
}
