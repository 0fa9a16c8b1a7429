/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/certs: the end of a certificate is said in time, once for each
 * mark, and is read again when the configuration is.
 */
#include "server/intake/certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/cert_make.h"
#include "tests/lib/tempdir.h"

#define DAY_S 86400

/* What is logged while it watches at now_s. */
static const char *watch(
    struct certs *certs, const struct config *config, int64_t now_s)
{
	static char said[1024];
	int ends[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	certs_watch(certs, config, now_s);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	(void)close(ends[1]);
	n = read(ends[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	(void)close(ends[0]);
	(void)close(kept);
	return said;
}

static void the_end_is_said_at_each_mark_and_once(void **state)
{
	static const struct {
		int64_t day;
		const char *said; /* "": nothing */
	} rows[] = { { 0, "" }, { 69, "" }, { 70, "ends in 20 days" },
		{ 71, "" }, { 82, "" }, { 83, "ends in 7 days" },
		{ 87, "ends in 3 days" }, { 89, "ends in 1 days" }, { 90, "" },
		{ 91, "E117 certificate 1" }, { 92, "" } };
	char *dir = tempdir_make();
	char path[256];
	struct config config = { .intake.tls_cert_ecdsa = path,
		.intake.tls_cert_rsa = (char[]){ "" } };
	struct certs certs = { 0 };
	int64_t now_s = clock_wall_s();

	(void)state;
	(void)snprintf(path, sizeof(path), "%s", tempdir_path(dir, "a.pem"));
	cert_make(path, -1, 90, "DNS:a.org", false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said =
		    watch(&certs, &config, now_s + rows[i].day * DAY_S);

		if (rows[i].said[0] == '\0') {
			assert_string_equal(said, "");
		} else if (strstr(said, rows[i].said) == NULL) {
			fail_msg("day %lld: %s", (long long)rows[i].day, said);
		}
		assert_string_equal(
		    watch(&certs, &config, now_s + rows[i].day * DAY_S), "");
	}
	assert_int_equal(certs_days_left(&certs, now_s), 90);
	assert_int_equal(certs_days_left(&certs, now_s + 92 * DAY_S), -2);
	tempdir_remove(dir);
}

static void another_configuration_is_read(void **state)
{
	char *dir = tempdir_make();
	char ecdsa[256], rsa[256];
	struct config none = { .intake.tls_cert_ecdsa = (char[]){ "" },
		.intake.tls_cert_rsa = (char[]){ "" } };
	struct config both = { .intake.tls_cert_ecdsa = ecdsa,
		.intake.tls_cert_rsa = rsa };
	struct certs certs = { 0 };
	int64_t now_s = clock_wall_s();

	(void)state;
	(void)snprintf(ecdsa, sizeof(ecdsa), "%s", tempdir_path(dir, "a"));
	(void)snprintf(rsa, sizeof(rsa), "%s", tempdir_path(dir, "b"));
	cert_make(ecdsa, -1, 90, "DNS:a.org", false);
	cert_make(rsa, -1, 5, "DNS:a.org", false);
	assert_string_equal(watch(&certs, &none, now_s), "");
	assert_int_equal(certs_days_left(&certs, now_s), INT64_MAX);
	assert_non_null(strstr(watch(&certs, &both, now_s),
	    "E116 certificate 2 (1 ECDSA, 2 RSA) ends in 5 days"));
	assert_int_equal(certs_days_left(&certs, now_s), 5);
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_is_said_at_each_mark_and_once),
		cmocka_unit_test(another_configuration_is_read),
	};

	return cmocka_run_group_tests_name("intake/certs", tests, NULL, NULL);
}
