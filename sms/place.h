/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/place.h - a place that was sent with a messenger's own menu.
 *
 * Promise:   what is no pair of degrees is never made one.
 * Knows not: gateways.
 */
#ifndef TL_SMS_PLACE_H
#define TL_SMS_PLACE_H

#include "sms/batch.h"

/* Add media of type "location", geo: (RFC 5870). False: these are not two
 * decimal numbers of degrees, or there are SMS_MEDIA_MAX media already. */
TL_MUST_CHECK bool place_add(struct sms_batch *batch,
    struct sms_message *message, struct bytes lat, struct bytes lon);

/* Put what a place is called below the text, each on a line; what is empty or
 * the text already is left out. */
void place_name(struct sms_batch *batch, struct sms_message *message,
    struct bytes label, struct bytes address);

#endif
