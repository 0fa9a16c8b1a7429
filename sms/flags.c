/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a message is, and what may be odd about it, in words: for who reads
 * reports and has nothing of the adapters. */
#include "sms/gateway.h"

const char *sms_kind_name(enum sms_kind kind)
{
	switch (kind) {
	case SMS_BINARY:
		return "binary";
	case SMS_UNDECODABLE:
		return "undecodable";
	case SMS_TEXT:
		break;
	}
	return "";
}

static const char *const flag_names[SMS_FLAGS_MAX] = {
	"lossy",
	"encoding guessed",
	"part numbers ignored",
	"no message id",
	"text cut",
	"gateway acted on STOP",
	"gateway acted on START",
	"gateway acted on HELP",
	"more media",
	"sender too long",
	"edited",
	"recovered from the gateway's log",
	"base64",
	"encrypted by the phone",
	"caller hung up",
	"missed call",
	"maybe cut",
	"the gateway had tried before",
	"more waits at the gateway",
};

const char *sms_flag_name(unsigned flag)
{
	for (size_t i = 0; i < SMS_FLAGS_MAX; i++) {
		if (flag == 1u << i) {
			return flag_names[i];
		}
	}
	return NULL;
}
