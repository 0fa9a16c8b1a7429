/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_certificates: what ends, is for nobody or leads nowhere is found
 * alone, and the sentence names the cure.
 */
#include "cli/doctor_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/read_file.h"
#include "crypto/certificate.h"
#include "tests/lib/cert_make.h"
#include "tests/lib/doctor_visit.h"
#include "tests/lib/tempdir.h"

static void each_fault_of_a_certificate_is_found(void **state)
{
	static const struct {
		long from_days, to_days;
		const char *names;
		size_t n;
		const char *said;
	} rows[] = {
		{ -1, 90, "DNS:notes.example.org", 0, "" },
		{ -1, 90, "DNS:*.example.org", 0, "" },
		{ -90, -1, "DNS:notes.example.org", 1, "has ended" },
		{ 2, 90, "DNS:notes.example.org", 1, "not valid yet" },
		{ -70, 19, "DNS:notes.example.org", 1, "ends in 19 days" },
		{ -1, 90, "DNS:other.example.org", 1,
		    "not for notes.example.org" },
		{ -1, 90, "IP:127.0.0.1,DNS:notes.example.org", 1,
		    "run /usr/share/tipline/tools/tls-install" },
	};
	char *dir = tempdir_make();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit("", &heard);
		char path[256];
		struct config config = {
			.site.public_url =
			    (char[]){ "https://notes.example.org:8443" },
			.intake.tls_cert_ecdsa = path,
			.intake.tls_cert_rsa = (char[]){ "" },
			.programs = CONFIG_INTAKE,
		};

		(void)snprintf(
		    path, sizeof(path), "%s", tempdir_path(dir, "cert.pem"));
		cert_make(path, rows[i].from_days, rows[i].to_days,
		    rows[i].names, rows[i].names[0] == 'I');
		doctor_certificates(&doctor, &config);
		doctor_expect(&heard, rows[i].n, rows[i].said);
	}
	tempdir_remove(dir);
}

static void what_is_no_certificate_is_said(void **state)
{
	struct certificate cert = { .to_s = 99 };
	char *dir = tempdir_make();
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit("", &heard);
	char path[256];
	struct config config = {
		.site.public_url = (char[]){ "https://notes.example.org" },
		.intake.tls_cert_ecdsa = (char[]){ "" },
		.intake.tls_cert_rsa = path,
		.programs = CONFIG_INTAKE,
	};

	(void)state;
	(void)snprintf(path, sizeof(path), "%s", tempdir_path(dir, "x.pem"));
	doctor_put(dir, "x.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
	doctor_certificates(&doctor, &config);
	doctor_expect(&heard, 1, "tls-install CHAIN KEY");
	assert_int_equal(
	    certificate_read(bytes_str(""), NULL, &cert), TL_EFORMAT);
	assert_int_equal(cert.to_s, 99);
	tempdir_remove(dir);
}

/* ---- chains ----------------------------------------------------------------
 */

/* Put these files, one behind the other, into another one. */
static void join(const char *dir, const char *const *from, const char *to)
{
	struct buf all;

	buf_init(&all, 65536);
	for (; *from != NULL; from++) {
		assert_int_equal(
		    read_file(tempdir_path(dir, *from), &all), TL_OK);
	}
	buf_put_u8(&all, 0);
	assert_int_equal(buf_err(&all), TL_OK);
	doctor_put(dir, to, (const char *)all.data);
	buf_free(&all);
}

static void a_chain_without_its_authority_is_found(void **state)
{
	static const struct {
		bool published; /* else it is an authority of one's own */
		const char *files[4];
		size_t n;
	} rows[] = {
		{ true, { "leaf.pem", "authority.pem" }, 0 },
		{ true, { "leaf.pem", "authority.pem", "root.pem" }, 0 },
		{ true, { "leaf.pem" }, 1 },
		{ true, { "leaf.pem", "other.pem" }, 1 },
		{ true, { "leaf.pem", "broken.pem", "authority.pem" }, 1 },
		{ false, { "leaf.pem" }, 0 },
		{ false, { "leaf.pem", "authority.pem" }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *dir = tempdir_make();
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit(dir, &heard);
		char path[256];
		struct config config = {
			.site.public_url =
			    (char[]){ "https://notes.example.org" },
			.intake.tls_cert_ecdsa = path,
			.intake.tls_cert_rsa = (char[]){ "" },
			.programs = CONFIG_INTAKE,
		};
		const char *const root[] = { "root.pem", NULL };

		assert_int_equal(mkdir(tempdir_path(dir, "etc"), 0700), 0);
		assert_int_equal(mkdir(tempdir_path(dir, "etc/ssl"), 0700), 0);
		assert_int_equal(
		    mkdir(tempdir_path(dir, "etc/ssl/certs"), 0700), 0);
		cert_make_chain(
		    dir, "DNS:notes.example.org", rows[i].published);
		(void)snprintf(
		    path, sizeof(path), "%s", tempdir_path(dir, "other.pem"));
		cert_make(path, -1, 90, "DNS:notes.example.org", false);
		doctor_put(dir, "broken.pem",
		    "-----BEGIN CERTIFICATE-----\nAAAA\n"
		    "-----END CERTIFICATE-----\n");
		join(dir, rows[i].files, "chain.pem");
		(void)snprintf(
		    path, sizeof(path), "%s", tempdir_path(dir, "chain.pem"));
		/* where no roots are to be seen, nothing is judged */
		doctor_certificates(&doctor, &config);
		doctor_expect(&heard, 0, "");
		join(dir, root, "etc/ssl/certs/ca-certificates.crt");
		doctor_certificates(&doctor, &config);
		doctor_expect(&heard, rows[i].n,
		    rows[i].n > 0 ? "certbot's fullchain.pem" : "");
		tempdir_remove(dir);
	}
}

/* ---- the console's and the tunnel's -----------------------------------------
 */

static void a_certificate_of_the_console_that_ends_is_found(void **state)
{
	static const struct {
		long from_days, to_days;
		const char *said;
	} rows[] = {
		{ -1, 825, "" },
		{ -806, 19, "ends in 19 days" },
		{ -826, -1, "has ended" },
		{ 1, 825, "not valid yet" },
	};
	char *dir = tempdir_make();
	char path[256];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s", tempdir_path(dir, "desk.pem"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit(dir, &heard);
		const struct config config = { .desk.tls_cert = path,
			.programs = CONFIG_DESK };

		cert_make(path, rows[i].from_days, rows[i].to_days,
		    "IP:127.0.0.1", true);
		doctor_certificates(&doctor, &config);
		doctor_expect(
		    &heard, rows[i].said[0] != '\0' ? 1 : 0, rows[i].said);
		if (rows[i].said[0] != '\0') {
			doctor_expect(&heard, 1, "restart tipline-desk");
		}
	}
	doctor_put(dir, "desk.pem", "x");
	for (int console = 0; console < 2; console++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit(dir, &heard);
		const struct config config = {
			.desk.tls_cert = console ? path : (char[]){ "" },
			.programs = CONFIG_DESK
		};

		doctor_certificates(&doctor, &config);
		doctor_expect(&heard, (size_t)console,
		    console ? "no certificate in PEM" : "");
	}
	tempdir_remove(dir);
}

static void a_certificate_of_the_tunnel_that_ends_is_found(void **state)
{
	const char *const both[] = { "etc/stunnel/good.pem",
		"etc/stunnel/old.pem", NULL };
	char *dir = tempdir_make();
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit(dir, &heard);
	char path[256];

	(void)state;
	doctor_tunnel(&doctor); /* one host has none */
	doctor_expect(&heard, 0, "");
	assert_int_equal(mkdir(tempdir_path(dir, "etc"), 0700), 0);
	assert_int_equal(mkdir(tempdir_path(dir, "etc/stunnel"), 0700), 0);
	(void)snprintf(path, sizeof(path), "%s",
	    tempdir_path(dir, "etc/stunnel/good.pem"));
	cert_make(path, -1, 825, "DNS:x", true);
	(void)snprintf(path, sizeof(path), "%s",
	    tempdir_path(dir, "etc/stunnel/tipline.pem"));
	cert_make(path, -1, 825, "DNS:x", true);
	doctor_tunnel(&doctor);
	doctor_expect(&heard, 0, "");
	cert_make(path, -800, 29, "DNS:x", true);
	doctor_tunnel(&doctor);
	doctor_expect(&heard, 1, "ends in 29 days");
	doctor_expect(&heard, 1, "copy it to the other host");
	cert_make(path, -1, 825, "DNS:x", true);
	/* the second of those of several hosts */
	(void)snprintf(
	    path, sizeof(path), "%s", tempdir_path(dir, "etc/stunnel/old.pem"));
	cert_make(path, -826, -1, "DNS:x", true);
	join(dir, both, "etc/stunnel/other.pem");
	doctor_tunnel(&doctor);
	doctor_expect(&heard, 2, "other.pem: the certificate has ended");
	doctor_expect(&heard, 2, "on that host and copy it here");
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_a_certificate_is_found),
		cmocka_unit_test(what_is_no_certificate_is_said),
		cmocka_unit_test(a_chain_without_its_authority_is_found),
		cmocka_unit_test(
		    a_certificate_of_the_console_that_ends_is_found),
		cmocka_unit_test(
		    a_certificate_of_the_tunnel_that_ends_is_found),
	};

	return cmocka_run_group_tests_name(
	    "cli/doctor_certificates", tests, NULL, NULL);
}
