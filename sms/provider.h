/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/provider.h - what a provider's API can do once a message has arrived:
 * tell what it has in its log, and erase its copy.
 *
 * Promise:   requests are made and answers are read here, nothing is sent. All
 *            addresses lie beneath the API's address and our account, whatever
 *            an answer says.
 * Knows not: sockets, the clock, the ledger, credentials' secret half.
 * Runs in:   `tipline gateway`, on the team's host: the public host connects
 *            to nobody.
 * Disk:      nothing.
 */
#ifndef TL_SMS_PROVIDER_H
#define TL_SMS_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "sms/gateway.h"

#define PROVIDER_URL_MAX_BYTES  1024u
#define PROVIDER_BODY_MAX_BYTES 1024u
/* Most that a page of a log may have. */
#define PROVIDER_PAGE_MAX_BYTES ((size_t)8u * 1024u * 1024u)

enum provider_method { PROVIDER_GET, PROVIDER_POST, PROVIDER_DELETE };

/* Empty the text, or remove the message with all that belongs to it. */
enum provider_erase { PROVIDER_REDACT, PROVIDER_DELETE_ALL };

/* What an answer to an erasing call means. */
enum provider_said {
	PROVIDER_DONE,    /* erased now, or gone before */
	PROVIDER_LATER,   /* not yet: try again after a while */
	PROVIDER_REFUSED, /* our credentials are wrong: a person must act */
};

/* One row for each type of gateway that has such an API. */
struct provider;

/* A gateway's account, as configured. Borrowed. */
struct provider_account {
	const struct provider *provider;
	const struct sms_gateway *gateway; /* its account is part of the URLs */
	const char *api_url; /* scheme and host; NULL or empty: the usual */
	const char *number;  /* our own; NULL or empty: all numbers */
};

/* A request to make. Its buffers are given: end it with provider_call_free().
 */
struct provider_call {
	enum provider_method method;
	struct buf url;
	struct buf body;  /* empty: none */
	const char *type; /* of the body; literal */
};

/* The row of the type of gateway, or NULL: it has no API that we know. */
const struct provider *provider_find(const char *type);
bool provider_may_erase(
    const struct provider *provider, enum provider_erase erase);
bool provider_has_log(const struct provider *provider);
/* NULL if the account can be used, else a literal that says what is missing. */
const char *provider_fault(const struct provider_account *account);

/*
 * Make the call that erases message id. TL_EINVAL: an id that this provider
 * cannot have given, or an erase that it does not offer. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err provider_erase_call(
    const struct provider_account *account, enum provider_erase erase,
    struct bytes id, struct provider_call *ret_call);

/* What status and body of the answer to it mean. */
enum provider_said provider_erase_said(
    const struct provider_account *account, int status, struct bytes body);

/*
 * Make the call for a page of the log: the first one with messages since
 * from_s, or the one that next names if it is not empty. Somleng's log takes
 * no filter: provider_log_page() leaves out what is older.
 */
TL_MUST_CHECK enum tl_err provider_log_call(
    const struct provider_account *account, int64_t from_s, struct bytes next,
    struct provider_call *ret_call);

/*
 * Read page number page (from 0): what came in since from_s and not after
 * to_s is given in *ret_batch (end it with sms_batch_free()), as the gateway's
 * webhook would have brought it, marked SMS_FLAG_RECOVERED. next is emptied
 * and gets the name of the next page, if there is one. TL_EFORMAT: no page
 * of this account's log. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err provider_log_page(
    const struct provider_account *account, struct bytes body, unsigned page,
    int64_t from_s, int64_t to_s, struct buf *next,
    struct sms_batch **ret_batch);

/* Whether url is one of the provider's API, whose credentials it may see. */
bool provider_owns(const struct provider_account *account, struct bytes url);

void provider_call_free(struct provider_call *call);

#endif
