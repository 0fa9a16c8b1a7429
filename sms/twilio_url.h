/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/twilio_url.h - where Twilio's API has our account's messages, and
 * Somleng's, which is modelled on it.
 *
 * Promise:   all of it lies beneath our account.
 * Knows not: what is asked there.
 * Runs in:   as sms/provider.h.
 * Disk:      nothing.
 */
#ifndef TL_SMS_TWILIO_URL_H
#define TL_SMS_TWILIO_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "sms/provider.h"

/* Behind the front of a path: the list, in pages. */
#define TWILIO_URL_LIST ".json?PageSize=1000"

/* What the paths of our account's messages begin with. */
void twilio_url_front(const struct provider_account *account, struct buf *out);

/* The same behind scheme and host. */
void twilio_url_put(const struct provider_account *account, struct buf *url);

/* What asks for the list since from_s, of our number if one is configured. */
void twilio_url_query(
    const struct provider_account *account, int64_t from_s, struct buf *url);

/* Whether path is one of our account's list and nothing else. */
bool twilio_url_is_page(
    const struct provider_account *account, struct bytes path);

#endif
