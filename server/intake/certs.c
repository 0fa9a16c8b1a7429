/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/certs.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/read_file.h"
#include "crypto/certificate.h"

#define DAY_S       86400
#define CHAIN_BYTES ((size_t)256u * 1024u)
#define NEVER_TOLD  INT64_MAX

static const int64_t marks[] = { 1, 3, 7, 20 };

static int64_t end_of(const char *path)
{
	struct certificate cert = { 0 };
	struct buf pem;

	buf_init(&pem, CHAIN_BYTES);
	if (path[0] == '\0' || read_file(path, &pem) != TL_OK ||
	    certificate_read(bytes_of(pem.data, pem.len), NULL, &cert) !=
		TL_OK) {
		cert.to_s = 0;
	}
	buf_free(&pem);
	return cert.to_s;
}

void certs_load(struct certs *certs, const struct config *config)
{
	*certs = (struct certs){ .config = config };
	certs->to_s[CERTS_ECDSA] = end_of(config->intake.tls_cert_ecdsa);
	certs->to_s[CERTS_RSA] = end_of(config->intake.tls_cert_rsa);
	for (int kind = 0; kind < CERTS_KINDS; kind++) {
		certs->told_days[kind] = NEVER_TOLD;
	}
}

/* Below zero from the second on at which it has ended. */
static int64_t days_left(int64_t to_s, int64_t now_s)
{
	int64_t left_s = to_s - now_s;

	return left_s >= 0 ? left_s / DAY_S : -((-left_s - 1) / DAY_S) - 1;
}

int64_t certs_days_left(const struct certs *certs, int64_t now_s)
{
	int64_t least = INT64_MAX;

	for (int kind = 0; kind < CERTS_KINDS; kind++) {
		int64_t days = days_left(certs->to_s[kind], now_s);

		if (certs->to_s[kind] != 0 && days < least) {
			least = days;
		}
	}
	return least;
}

/* The nearest mark that days is not beyond. */
static int64_t mark_of(int64_t days)
{
	if (days < 0) {
		return -1;
	}
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (days <= marks[i]) {
			return marks[i];
		}
	}
	return NEVER_TOLD;
}

void certs_watch(
    struct certs *certs, const struct config *config, int64_t now_s)
{
	if (certs->config != config) {
		certs_load(certs, config);
	}
	for (int kind = 0; kind < CERTS_KINDS; kind++) {
		int64_t days = days_left(certs->to_s[kind], now_s);
		int64_t mark = mark_of(days);

		if (certs->to_s[kind] == 0 || mark == certs->told_days[kind]) {
			continue;
		}
		certs->told_days[kind] = mark;
		if (days < 0) {
			log_event(
			    LOG_CERT_ENDED, kind + 1, -(long long)days - 1);
		} else if (mark != NEVER_TOLD) {
			log_event(LOG_CERT_DAYS, kind + 1, (long long)days);
		}
	}
}
