/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/as_report.h - a gateway's message as the report that is sealed.
 *
 * Promise:   all of a message is in the report, and nothing else.
 * Runs in:   workers of the intake; `tipline gateway` for what a webhook lost.
 */
#ifndef TL_SMS_AS_REPORT_H
#define TL_SMS_AS_REPORT_H

#include "sms/gateway.h"
#include "text/report.h"

/*
 * Fill report with the message that the gateway called name sent. It borrows
 * name, the message's bytes and media, which has room for SMS_MEDIA_MAX. Id
 * and priority are for others.
 */
void sms_as_report(const char *name, const struct sms_message *message,
    int64_t received_s, struct report_media *media, struct report *report);

#endif
