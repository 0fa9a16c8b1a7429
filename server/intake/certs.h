/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/certs.h - until when our certificates are good.
 *
 * Knows not: their keys, TLS.
 * Runs in:   the parent, which warns; workers, for their metrics.
 * Disk:      reads the certificates when a configuration is new.
 */
#ifndef TL_INTAKE_CERTS_H
#define TL_INTAKE_CERTS_H

#include <stdint.h>

#include "config/config.h"

enum certs_kind {
	CERTS_ECDSA,
	CERTS_RSA,
	CERTS_KINDS,
};

/* Starts zeroed. */
struct certs {
	const struct config *config;    /* that they were read for; not used */
	int64_t to_s[CERTS_KINDS];      /* 0: there is none */
	int64_t told_days[CERTS_KINDS]; /* the last mark that was logged */
};

/* Read them. What cannot be read is none: net_tls_new() says what is wrong. */
void certs_load(struct certs *certs, const struct config *config);

/* Whole days until the first of them ends, rounded down; INT64_MAX: there is
 * none. */
int64_t certs_days_left(const struct certs *certs, int64_t now_s);

/* Log 20, 7, 3 and 1 days before the end of each, and that it has ended. To be
 * called each second or so; reads them again for another configuration. */
void certs_watch(
    struct certs *certs, const struct config *config, int64_t now_s);

#endif
