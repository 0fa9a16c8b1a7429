/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any bytes as a PDU: with the length they say and with the one they have. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sms/smpp.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(const uint8_t *pdu, size_t len)
{
	const struct smpp_bind bind = { .region = "KH", .alphabet = ENC_GSM7 };
	struct smpp_taken taken;

	if (smpp_take(&bind, bytes_of(pdu, len), &taken) != TL_OK) {
		return;
	}
	if (taken.kind == SMPP_TIP &&
	    (taken.batch == NULL ||
		!utf8_valid(sms_batch_at(taken.batch, 0)->text))) {
		__builtin_trap();
	}
	sms_batch_free(taken.batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *pdu;

	take(data, size);
	if (size < SMPP_HEAD_BYTES || size > SMPP_PDU_MAX_BYTES) {
		return 0;
	}
	pdu = malloc(size);
	if (pdu == NULL) {
		return 0;
	}
	memcpy(pdu, data, size);
	for (unsigned i = 0; i < 4; i++) {
		pdu[i] = (uint8_t)(size >> (24 - 8 * i));
	}
	take(pdu, size);
	free(pdu);
	return 0;
}
