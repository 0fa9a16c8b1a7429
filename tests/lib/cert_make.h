/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/cert_make.h - certificates with something wrong about them.
 *
 * Disk: writes one file.
 */
#ifndef TL_TESTS_LIB_CERT_MAKE_H
#define TL_TESTS_LIB_CERT_MAKE_H

#include <stdbool.h>

/* A certificate with a new key, in PEM at path; from and to: days from now.
 * names: as subjectAltName of openssl.cnf has them. */
void cert_make(const char *path, long from_days, long to_days,
    const char *names, bool self_signed);

/* root.pem, authority.pem that it signed and leaf.pem that this signed, all
 * valid now, in dir. published: logs have the leaf, it says. */
void cert_make_chain(const char *dir, const char *names, bool published);

#endif
