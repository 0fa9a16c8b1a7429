/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/form_message.h - gateways that send one message as a plain form.
 */
#ifndef TL_SMS_FORM_MESSAGE_H
#define TL_SMS_FORM_MESSAGE_H

#include "sms/batch.h"
#include "sms/form.h"

/* What the gateway calls its fields. subject may be NULL: the line that stands
 * over a text, and comes as the first of it. */
struct form_names {
	const char *id, *from, *to, *text, *subject;
};

/* Add a message with those fields. NULL: from or text is not there, or memory
 * is out, and form_take_fault() says which. */
struct sms_message *form_take(const struct form *form,
    const struct form_names *names, struct sms_batch *batch);
/* TL_EFORMAT, with a message begun that has the id, or TL_ENOMEM. */
TL_MUST_CHECK enum tl_err form_take_fault(const struct form *form,
    const struct form_names *names, struct sms_batch *batch,
    const char **ret_why);

/* Reads the form; see sms_adapter.parse. */
typedef enum tl_err (*form_fn)(
    const struct form *form, struct sms_batch *batch, const char **ret_why);
/* Decode body or query and hand it to read. */
TL_MUST_CHECK enum tl_err form_message(const struct sms_request *request,
    form_fn read, struct sms_batch *batch, const char **ret_why);

#endif
