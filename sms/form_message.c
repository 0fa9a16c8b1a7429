/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/form_message.h"

struct sms_message *form_take(const struct form *form,
    const struct form_names *names, struct sms_batch *batch)
{
	struct bytes lines[2] = { { NULL, 0 } };
	struct sms_message *message;

	if (form_last(form, names->from) == NULL ||
	    form_last(form, names->text) == NULL) {
		return NULL;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return NULL;
	}
	message->external_id =
	    sms_batch_keep(batch, form_value(form, names->id));
	message->from_raw =
	    sms_batch_keep(batch, form_value(form, names->from));
	message->to = sms_batch_keep(batch, form_value(form, names->to));
	if (names->subject != NULL) {
		lines[0] = form_value(form, names->subject);
	}
	lines[1] = form_value(form, names->text);
	message->text = sms_batch_lines(batch, lines, 2);
	return message;
}

enum tl_err form_take_fault(const struct form *form,
    const struct form_names *names, struct sms_batch *batch,
    const char **ret_why)
{
	struct sms_message *message =
	    sms_batch_count(batch) == 0 ? sms_batch_add(batch) : NULL;

	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->external_id =
	    sms_batch_keep(batch, form_value(form, names->id));
	message->from_raw =
	    sms_batch_keep(batch, form_value(form, names->from));
	*ret_why = "genuine, but not a whole message: kept as it is";
	return TL_EFORMAT;
}

enum tl_err form_message(const struct sms_request *request, form_fn read,
    struct sms_batch *batch, const char **ret_why)
{
	struct form *form = NULL;
	enum tl_err err = form_decode(
	    request->is_get ? request->query : request->body, &form);

	if (err == TL_OK) {
		*ret_why = "the proof holds";
		err = read(form, batch, ret_why);
	}
	form_free(form);
	return err;
}
