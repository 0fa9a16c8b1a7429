/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/webhook_custom.h - the options of a gateway of type custom, for
 * `tipline webhook`.
 */
#ifndef TL_CLI_WEBHOOK_CUSTOM_H
#define TL_CLI_WEBHOOK_CUSTOM_H

#include <stdbool.h>

#include "sms/custom.h"

/* Take option, "custom_fields=from=a". Borrows it. False: there is no such
 * option, which was said. */
bool webhook_set(struct custom_words *words, const char *option);

/* Read words into custom for gateway, if it is of that type. NULL, or what is
 * wrong. */
const char *webhook_custom(const struct custom_words *words,
    struct sms_custom *custom, struct sms_gateway *gateway);

#endif
