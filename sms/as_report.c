/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/as_report.h"

void sms_as_report(const char *name, const struct sms_message *message,
    int64_t received_s, struct report_media *media, struct report *report)
{
	*report = (struct report){
		.received_s = received_s,
		.sent_s = message->sent_s,
		.channel = message->channel,
		.gateway = name,
		.lang = message->lang,
		.text = message->text,
		.answers = message->answers,
		.n_answers = message->n_answers,
		.sender_raw = message->from_raw,
		.sender_e164 = message->from_e164,
		.to = message->to,
		.external_id = message->external_id,
		.data = message->data,
		.encoding = message->encoding,
		.udh = message->udh,
		.kind = sms_kind_name(message->kind),
		.has_concat = message->has_concat,
		.concat = { .ref = message->concat.ref,
		    .total = message->concat.total,
		    .seq = message->concat.seq,
		    .wide = message->concat.wide },
		.units = message->units,
		.button = message->button,
		.decoded = message->decoded,
		.link_id = message->link_id,
		.trust = message->trust,
		.media = media,
		.n_media = message->n_media,
	};
	for (size_t i = 0; i < message->n_media; i++) {
		media[i].type = message->media[i].type;
		media[i].url = message->media[i].url;
	}
	for (unsigned bit = 0; bit < SMS_FLAGS_MAX; bit++) {
		if ((message->flags & 1u << bit) != 0 &&
		    report->n_flags < REPORT_FLAGS_MAX) {
			report->flags[report->n_flags++] =
			    sms_flag_name(1u << bit);
		}
	}
}
