/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/cert_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/lib/tempdir.h"

#define DAY_S 86400

static X509_NAME *name_of(const char *text)
{
	X509_NAME *name = X509_NAME_new();

	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			     (const unsigned char *)text, -1, -1, 0),
	    1);
	return name;
}

void cert_make(const char *path, long from_days, long to_days,
    const char *names, bool self_signed)
{
	FILE *out = fopen(path, "we");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	X509_NAME *subject = name_of("x");
	X509_NAME *issuer = name_of(self_signed ? "x" : "authority");
	X509_EXTENSION *more =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

	assert_non_null(out);
	assert_non_null(more);
	(void)X509_gmtime_adj(X509_getm_notBefore(x509), from_days * DAY_S);
	/* a minute more, so that whole days are left for as long as a test */
	(void)X509_gmtime_adj(X509_getm_notAfter(x509), to_days * DAY_S + 60);
	assert_int_equal(X509_set_subject_name(x509, subject), 1);
	assert_int_equal(X509_set_issuer_name(x509, issuer), 1);
	assert_int_equal(X509_set_pubkey(x509, key), 1);
	assert_int_equal(X509_add_ext(x509, more, -1), 1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(out, x509), 1);
	assert_int_equal(fclose(out), 0);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	X509_EXTENSION_free(more);
	X509_free(x509);
	EVP_PKEY_free(key);
}

/* ---- chains ----------------------------------------------------------------
 */

struct signer {
	const char *name;
	EVP_PKEY *key;
};

static void add(X509 *x509, int kind, const char *value)
{
	X509_EXTENSION *more = X509V3_EXT_conf_nid(NULL, NULL, kind, value);

	assert_non_null(more);
	assert_int_equal(X509_add_ext(x509, more, -1), 1);
	X509_EXTENSION_free(more);
}

/* names NULL: it may sign others. Gives its key. */
static EVP_PKEY *issue(const char *path, const char *name, const char *names,
    bool published, const struct signer *by)
{
	FILE *out = fopen(path, "we");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	X509_NAME *subject = name_of(name);
	X509_NAME *issuer = name_of(by != NULL ? by->name : name);

	assert_non_null(out);
	assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(x509), -DAY_S);
	(void)X509_gmtime_adj(X509_getm_notAfter(x509), 90L * DAY_S);
	assert_int_equal(X509_set_subject_name(x509, subject), 1);
	assert_int_equal(X509_set_issuer_name(x509, issuer), 1);
	assert_int_equal(X509_set_pubkey(x509, key), 1);
	if (names == NULL) {
		add(x509, NID_basic_constraints, "critical,CA:TRUE");
		add(x509, NID_key_usage, "critical,keyCertSign");
	} else {
		add(x509, NID_subject_alt_name, names);
	}
	if (published) { /* an empty list, as RFC 6962 has it */
		add(x509, NID_ct_precert_scts, "DER:04020000");
	}
	assert_true(
	    X509_sign(x509, by != NULL ? by->key : key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(out, x509), 1);
	assert_int_equal(fclose(out), 0);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	X509_free(x509);
	return key;
}

void cert_make_chain(const char *dir, const char *names, bool published)
{
	struct signer root = { .name = "root" };
	struct signer authority = { .name = "authority" };

	root.key =
	    issue(tempdir_path(dir, "root.pem"), root.name, NULL, false, NULL);
	authority.key = issue(tempdir_path(dir, "authority.pem"),
	    authority.name, NULL, false, &root);
	EVP_PKEY_free(issue(tempdir_path(dir, "leaf.pem"), "leaf", names,
	    published, &authority));
	EVP_PKEY_free(authority.key);
	EVP_PKEY_free(root.key);
}
