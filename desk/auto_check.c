/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/auto_check.h"

#include <stdio.h>
#include <string.h>

#include "desk/auto_reply.h"
#include "desk/send_ready.h"
#include "desk/wording.h"
#include "desk/zone.h"
#include "sms/send.h"
#include "sms/units.h"
#include "text/phrases.h"

#define SENTENCE_BYTES 512u
/* One part in any alphabet. */
#define UNITS_MAX 70u

struct wanted {
	struct bytes lang, text;
};

/* False ends the walk: it is the one. */
static bool is_other(const struct phrase *phrase, void *arg)
{
	struct wanted *wanted = arg;

	if (phrase->use != PHRASE_SMS ||
	    !bytes_equal(phrase->id, bytes_str(AUTO_TEMPLATE)) ||
	    !bytes_equal(phrase->lang, wanted->lang)) {
		return true;
	}
	wanted->text = phrase->text;
	return false;
}

struct bytes auto_text(const char *lang)
{
	struct wanted wanted = { .lang = bytes_str(lang) };

	(void)phrases_each(is_other, &wanted);
	return wanted.text;
}

/* Units of UTF-16; each sign outside of the basic plane has two. */
static size_t units_of(struct bytes text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		n += (text.at[i] & 0xC0u) != 0x80u ? 1 : 0;
		n += text.at[i] >= 0xF0u ? 1 : 0;
	}
	return n;
}

const char *auto_text_fault(struct bytes text, const char *title)
{
	struct sms_units units = { 0 };

	if (text.len == 0) {
		return "the phrase book has no such language: auto_reply_lang "
		       "must be km, th, vi, zh-Hans, my, lo, ms, id, fil, bn, "
		       "ne or en";
	}
	if (!sms_units(text, &units) || units.parts != 1 ||
	    units_of(text) > UNITS_MAX) {
		return "the text is longer than 70 units";
	}
	return wording_names(text, title) ? "the text has site.title in it"
					  : NULL;
}

static const char *fault_of(
    const struct config *config, const struct config_gateway *gateway)
{
	const char *fault = send_ready_fault(gateway);
	unsigned from, to;

	if (strcmp(gateway->send, "yes") != 0) {
		return "needs send = yes";
	}
	if (fault != NULL) {
		return fault;
	}
	if (!send_is_signed(gateway->type)) {
		return "a gateway of this type signs nothing: with its secret "
		       "anybody could make us text a telephone of their choice";
	}
	if (!zone_hours_read(gateway->auto_reply_quiet, &from, &to) ||
	    from == to) {
		return "auto_reply_quiet must be HH:MM-HH:MM, and not empty";
	}
	return auto_text_fault(
	    auto_text(gateway->auto_reply_lang), config->site.title);
}

static void tell(
    config_say_fn fn, const struct config_gateway *gateway, const char *what)
{
	char sentence[SENTENCE_BYTES];

	(void)snprintf(sentence, sizeof(sentence),
	    "[gateway %s] auto_reply = %s: %s", gateway->name,
	    gateway->auto_reply, what);
	fn(NULL, sentence);
}

enum tl_err auto_check(
    const struct config *config, config_say_fn say, config_say_fn warn)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; i < config->n_gateways; i++) {
		const struct config_gateway *gateway = &config->gateways[i];
		const char *fault;

		if (auto_mode_of(gateway->auto_reply) == AUTO_NONE) {
			continue;
		}
		fault = fault_of(config, gateway);
		if (fault != NULL) {
			tell(say, gateway, fault);
			err = TL_EINVAL;
		} else if (warn != NULL) {
			tell(warn, gateway,
			    "a text will light up on telephones of people who "
			    "wrote to you, by itself, and whoever holds the "
			    "telephone reads it; provider and networks keep "
			    "that it was sent. The sentences are drafts: have "
			    "yours reviewed. none sends nothing");
		}
	}
	return err;
}
