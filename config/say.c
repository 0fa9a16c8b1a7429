/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "config/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

#define SENTENCE_BYTES 1024u

void config_complain(struct config_said *said, struct config_place place,
    const char *format, ...)
{
	char sentence[SENTENCE_BYTES];
	va_list args;
	int len;

	if (++said->n > CONFIG_SAID_MAX) {
		return;
	}
	len = place.line > 0
	    ? snprintf(sentence, sizeof(sentence), "%s:%u:%u: ", said->name,
		  place.line, place.column)
	    : snprintf(sentence, sizeof(sentence), "%s: ", said->name);
	if (len < 0 || (size_t)len >= sizeof(sentence)) {
		len = 0; /* a name that long is better left out */
	}
	va_start(args, format);
	(void)vsnprintf(
	    sentence + len, sizeof(sentence) - (size_t)len, format, args);
	va_end(args);
	said->say(said->arg, sentence);
}

void config_complain_rest(const struct config_said *said)
{
	char sentence[SENTENCE_BYTES];

	if (said->n <= CONFIG_SAID_MAX) {
		return;
	}
	(void)snprintf(sentence, sizeof(sentence), "%s: and %zu more mistakes",
	    said->name, said->n - CONFIG_SAID_MAX);
	said->say(said->arg, sentence);
}

void config_say_error(void *arg, const char *sentence)
{
	(void)arg;
	say_error("%s", sentence);
}
