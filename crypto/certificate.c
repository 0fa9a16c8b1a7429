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
