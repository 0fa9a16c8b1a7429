/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/vonage_params.h - the parameters of Vonage's SMS API, which come in
 * three shapes and are signed in one.
 */
#ifndef TL_SMS_VONAGE_PARAMS_H
#define TL_SMS_VONAGE_PARAMS_H

#include "sms/adapter.h"
#include "sms/form.h"

/* Query, form or flat JSON object as pairs. Gives *ret_form: form_free().
 * Values of JSON that are no strings have their JSON spelling. TL_EFORMAT. */
TL_MUST_CHECK enum tl_err vonage_params(
    const struct sms_request *request, struct form **ret_form);

/* Sort form, and append what is signed: &name=value of all but sig, with _
 * for each & and = inside. */
void vonage_signed_text(struct form *form, struct buf *out);

/* Values of sig_method. */
extern const char *const vonage_methods[];
/* Sort form and check its sig by the gateway's method. TL_EPROOF. */
TL_MUST_CHECK enum tl_err vonage_check(
    const struct sms_gateway *gateway, struct form *form, const char **ret_why);

#endif
