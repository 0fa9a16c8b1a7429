/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Certificates that end, and chains that lead nowhere. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/program.h"
#include "base/read_file.h"
#include "cli/doctor_site.h"
#include "crypto/certificate.h"

#define DAY_S 86400
/* certbot renews a month before; whoever renews by hand has time for it */
#define WARN_DAYS 20
/* it has to be carried to another host */
#define TUNNEL_WARN_DAYS 30
#define FILE_MAX_LEN     (256u * 1024u)
#define ROOTS_MAX_LEN    ((size_t)4u * 1024u * 1024u)
/* of Debian's package ca-certificates */
#define ROOTS "/etc/ssl/certs/ca-certificates.crt"

#define CURE_OF_INTAKE \
	"renew it and run " PROGRAM_TOOLS "/tls-install (OPERATIONS.md," \
	" Certificates)"
#define CURE_OF_DESK \
	"put one there that the officers' browsers trust, or take it and its" \
	" key away and run tipline setup again; then restart tipline-desk"
#define CURE_OF_TUNNEL \
	"take it and tipline.key away, run tipline setup again, and copy it " \
	"to" \
	" the other host, where it is other.pem (OPERATIONS.md, Two hosts)"
#define CURE_OF_OTHER \
	"make a new tipline.pem on that host and copy it here (OPERATIONS.md," \
	" Two hosts)"

/* Says what begins with path and "the certificate" and ends with the cure.
 * True: it is valid now. */
static bool judge_time(struct doctor *doctor, const char *path,
    const struct certificate *cert, int warn_days, const char *cure)
{
	long long days = (long long)(cert->to_s - doctor->now_s) / DAY_S;

	if (cert->to_s <= doctor->now_s) {
		doctor_tell(doctor,
		    "%s: the certificate has ended: nobody gets in; %s", path,
		    cure);
		return false;
	}
	if (cert->from_s > doctor->now_s) {
		doctor_tell(doctor,
		    "%s: the certificate is not valid yet: set the clock, or"
		    " %s",
		    path, cure);
		return false;
	}
	if (days < warn_days) {
		doctor_tell(doctor,
		    "%s: the certificate ends in %lld days: does certbot renew"
		    " it (certbot renew --dry-run)? Else %s",
		    path, days, cure);
	}
	return true;
}

/* ---- chains ----------------------------------------------------------------
 */

/* Only one that logs have published is asked for its chain: every authority
 * that browsers know has it published, and one of one's own has not. */
static void look_at_chain(
    struct doctor *doctor, const char *path, struct bytes pem)
{
	char name[PATH_MAX];
	bool leads = true;
	struct buf roots;

	(void)snprintf(name, sizeof(name), "%s" ROOTS, doctor->root);
	buf_init(&roots, ROOTS_MAX_LEN);
	if (read_file(name, &roots) == TL_OK &&
	    certificate_leads(pem, bytes_of(roots.data, roots.len),
		doctor->now_s, &leads) == TL_OK &&
	    !leads) {
		doctor_tell(doctor,
		    "%s: browsers that were never told by another site who"
		    " signed this certificate refuse it: the authority's own"
		    " ones must stand behind it, as in certbot's"
		    " fullchain.pem; install that",
		    path);
	}
	buf_free(&roots);
}

/* ---- the intake's and the console's ----------------------------------------
 */

static void judge_site(struct doctor *doctor, const char *path,
    const char *host, const struct certificate *cert)
{
	if (cert->self_signed) {
		doctor_tell(doctor,
		    "%s: nobody trusts this certificate, which signed itself:"
		    " take one of an authority and run " PROGRAM_TOOLS
		    "/tls-install",
		    path);
	}
	if (!cert->for_host) {
		doctor_tell(doctor,
		    "%s: the certificate is not for %s: take one that is, or"
		    " correct site.public_url",
		    path, host);
	}
}

/* host: of the site; NULL: it is the console's, which may sign itself. */
static void look_at_certificate(
    struct doctor *doctor, const char *path, const char *host)
{
	const char *cure = host != NULL ? CURE_OF_INTAKE : CURE_OF_DESK;
	struct certificate cert;
	struct buf file;

	if (path[0] == '\0') {
		return;
	}
	buf_init(&file, FILE_MAX_LEN);
	if (read_file(path, &file) == TL_OK) { /* else it was said */
		struct bytes pem = bytes_of(file.data, file.len);

		if (certificate_read(pem, host, &cert) != TL_OK) {
			doctor_tell(doctor,
			    "%s: begins with no certificate in PEM: %s", path,
			    host != NULL ? "run " PROGRAM_TOOLS
					   "/tls-install CHAIN KEY"
					 : cure);
		} else {
			if (judge_time(doctor, path, &cert, WARN_DAYS, cure) &&
			    cert.published) {
				look_at_chain(doctor, path, pem);
			}
			if (host != NULL) {
				judge_site(doctor, path, host, &cert);
			}
		}
	}
	buf_free(&file);
}

void doctor_certificates(struct doctor *doctor, const struct config *config)
{
	char host[DOCTOR_HOST_BYTES];

	if ((config->programs & CONFIG_INTAKE) != 0) {
		doctor_host_of(config->site.public_url, host);
		look_at_certificate(
		    doctor, config->intake.tls_cert_ecdsa, host);
		look_at_certificate(doctor, config->intake.tls_cert_rsa, host);
	}
	if ((config->programs & CONFIG_DESK) != 0) {
		look_at_certificate(doctor, config->desk.tls_cert, NULL);
	}
}

/* ---- the tunnel's
 * ------------------------------------------------------------
 */

/* Where there are several hosts, theirs stand one behind the other. */
static void look_at_each(
    struct doctor *doctor, const char *path, const char *cure)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	char real[PATH_MAX];
	struct certificate cert;
	struct buf file;
	size_t at = 0;

	(void)snprintf(real, sizeof(real), "%s%s", doctor->root, path);
	buf_init(&file, FILE_MAX_LEN);
	if (read_file(real, &file) != TL_OK) {
		goto out; /* no tunnel on this host */
	}
	while (at < file.len) {
		const uint8_t *found = memmem(
		    file.data + at, file.len - at, begin, sizeof(begin) - 1);

		if (found == NULL) {
			break;
		}
		at = (size_t)(found - file.data);
		if (certificate_read(
			bytes_of(found, file.len - at), NULL, &cert) == TL_OK) {
			(void)judge_time(
			    doctor, path, &cert, TUNNEL_WARN_DAYS, cure);
		}
		at += sizeof(begin) - 1;
	}
out:
	buf_free(&file);
}

void doctor_tunnel(struct doctor *doctor)
{
	look_at_each(doctor, "/etc/stunnel/tipline.pem", CURE_OF_TUNNEL);
	look_at_each(doctor, "/etc/stunnel/other.pem", CURE_OF_OTHER);
}
