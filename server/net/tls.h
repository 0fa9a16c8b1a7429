/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/tls.h - the TLS settings of http-strictness section 12.1, and
 * certificates.
 *
 * Promise:   TLS 1.2 and 1.3 with forward secrecy, no resumption, no early
 *            data, no renegotiation, no compression; plaintext is wiped.
 * Knows not: connections; stream.h has them.
 * Runs in:   the intake's parent reads the files, its workers use the result
 *            after the fork; the desk.
 * Disk:      reads certificates and keys when made, never again.
 */
#ifndef TL_NET_TLS_H
#define TL_NET_TLS_H

#include "base/err.h"

struct net_tls;

/* Files in PEM; borrowed for the call. One pair may be NULL. */
struct net_tls_files {
	const char *ecdsa_cert; /* with its chain */
	const char *ecdsa_key;
	const char *rsa_cert;
	const char *rsa_key;
};

/*
 * Read the files and make a context. Gives *ret_tls, ended with net_tls_free()
 * or net_set_tls(). On an error a sentence for the operator was said:
 * TL_ENOENT (a file), TL_EFORMAT (what is in it, or the key is another's),
 * TL_EINVAL (no pair at all), TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err net_tls_new(
    const struct net_tls_files *files, struct net_tls **ret_tls);

/* Connections that use it keep it until they end. NULL is fine. */
void net_tls_free(struct net_tls *tls);

#endif
