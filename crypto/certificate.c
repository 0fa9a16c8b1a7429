/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/certificate.h"

#include <limits.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static bool read_time(const ASN1_TIME *time, int64_t *ret_s)
{
	struct tm parts = { 0 };

	if (ASN1_TIME_to_tm(time, &parts) != 1) {
		return false;
	}
	*ret_s = timegm(&parts);
	return true;
}

/* Nobody is asked for a passphrase: a certificate has none. */
static int no_passphrase(char *out, int room, int writing, void *arg)
{
	(void)out, (void)room, (void)writing, (void)arg;
	return 0;
}

enum tl_err certificate_read(
    struct bytes pem, const char *host, struct certificate *ret)
{
	struct certificate read = { .for_host = host == NULL };
	enum tl_err err = TL_EFORMAT;
	X509 *x509 = NULL;
	BIO *bio =
	    pem.len <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;

	if (bio == NULL) {
		err = TL_ENOMEM;
		goto out;
	}
	x509 = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	if (x509 == NULL ||
	    !read_time(X509_get0_notBefore(x509), &read.from_s) ||
	    !read_time(X509_get0_notAfter(x509), &read.to_s)) {
		goto out;
	}
	read.self_signed = X509_NAME_cmp(X509_get_subject_name(x509),
			       X509_get_issuer_name(x509)) == 0;
	read.published =
	    X509_get_ext_by_NID(x509, NID_ct_precert_scts, -1) >= 0;
	if (host != NULL) {
		read.for_host = X509_check_host(x509, host, 0, 0, NULL) == 1 ||
		    X509_check_ip_asc(x509, host, 0) == 1;
	}
	*ret = read;
	err = TL_OK;
out:
	X509_free(x509);
	BIO_free(bio);
	ERR_clear_error();
	return err;
}

/* ---- chains ----------------------------------------------------------------
 */

/* Gives all certificates of the text up to the first that is none; NULL: no
 * memory. */
static STACK_OF(X509) * read_all(struct bytes pem)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	BIO *bio =
	    pem.len <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;
	X509 *x509 = NULL;

	while (all != NULL && bio != NULL &&
	    (x509 = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) !=
		NULL) {
		if (sk_X509_push(all, x509) == 0) {
			X509_free(x509);
			sk_X509_pop_free(all, X509_free);
			all = NULL;
		}
	}
	BIO_free(bio);
	return all;
}

enum tl_err certificate_leads(
    struct bytes pem, struct bytes roots, int64_t now_s, bool *ret_leads)
{
	STACK_OF(X509) *chain = read_all(pem);
	STACK_OF(X509) *trusted = read_all(roots);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum tl_err err = TL_ENOMEM;

	if (chain == NULL || trusted == NULL || ctx == NULL) {
		goto out;
	}
	err = TL_EFORMAT;
	if (sk_X509_num(chain) == 0 ||
	    X509_STORE_CTX_init(ctx, NULL, sk_X509_value(chain, 0), chain) !=
		1) {
		goto out;
	}
	X509_STORE_CTX_set0_trusted_stack(ctx, trusted);
	X509_STORE_CTX_set_time(ctx, 0, (time_t)now_s);
	*ret_leads = X509_verify_cert(ctx) == 1;
	err = TL_OK;
out:
	X509_STORE_CTX_free(ctx);
	sk_X509_pop_free(trusted, X509_free);
	sk_X509_pop_free(chain, X509_free);
	ERR_clear_error();
	return err;
}
