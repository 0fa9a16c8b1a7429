/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "desk/zone.h"

/* How long another desk may be at work on one. */
#define OTHERS_S 60
/* How long one is known after its end: who has begun to read a case does not
 * see what is written on it meanwhile. */
#define KEPT_MS 60000u

struct text_underway {
	struct text_underway *next;
	char once[33];
	const char *word;
	uint64_t ended_ms; /* 0: not yet */
};

void texts_when(struct web *web, const char *number, unsigned country,
    struct contact_case *contact)
{
	uint64_t now_s = web_now_ms(web) / 1000;

	if (web->sms.day != now_s / 86400) {
		web->sms.day = now_s / 86400;
		web->sms.parts = web->sms.machine = 0;
	}
	contact->parts_today = web->sms.parts;
	contact->parts_day_max = web->config->desk.sms_parts_day;
	contact->from_min = web->sms.from_min;
	contact->to_min = web->sms.to_min;
	contact->n_now =
	    zone_minutes(number, country, (int64_t)now_s, contact->now_min);
}

const char *texts_word(enum send_said said)
{
	static const char *const words[] = {
		[SEND_TAKEN] = "taken",
		[SEND_LATER] = "later",
		[SEND_REFUSED] = "refused",
		[SEND_NEVER] = "never",
		[SEND_UNKNOWN] = "unknown",
	};

	return words[said];
}

/* ---- underway ----------------------------------------------------------- */

static void forget_old(struct web *web)
{
	struct text_underway **at = &web->texts;
	uint64_t now_ms = clock_mono_ms();

	while (*at != NULL) {
		struct text_underway *text = *at;

		if (text->ended_ms != 0 && now_ms - text->ended_ms > KEPT_MS) {
			*at = text->next;
			free(text);
		} else {
			at = &text->next;
		}
	}
}

static struct text_underway *find_underway(
    const struct web *web, const char *once)
{
	struct text_underway *text = web->texts;

	while (text != NULL && strcmp(text->once, once) != 0) {
		text = text->next;
	}
	return text;
}

bool texts_begin(struct web *web, const char *once)
{
	struct text_underway *text = calloc(1, sizeof(*text));

	forget_old(web);
	if (text == NULL) {
		return false;
	}
	memcpy(text->once, once, sizeof(text->once));
	text->word = "sending";
	text->next = web->texts;
	web->texts = text;
	return true;
}

void texts_end(struct web *web, const char *once, enum send_said said)
{
	struct text_underway *text = find_underway(web, once);

	if (text != NULL) {
		text->word = texts_word(said);
		text->ended_ms = clock_mono_ms();
	}
}

void texts_forget(struct web *web, const char *once)
{
	struct text_underway **at = &web->texts;

	while (*at != NULL && strcmp((*at)->once, once) != 0) {
		at = &(*at)->next;
	}
	if (*at != NULL) {
		struct text_underway *text = *at;

		*at = text->next;
		free(text);
	}
}

void texts_free(struct web *web)
{
	while (web->texts != NULL) {
		texts_forget(web, web->texts->once);
	}
}

const char *texts_known(const struct web *web, const char *once)
{
	const struct text_underway *text = find_underway(web, once);

	return text == NULL ? NULL : text->word;
}

/* ---- entries ------------------------------------------------------------ */

static const char *string_of(const json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text == NULL ? "" : text;
}

static const json_t *find(
    const json_t *entries, const char *kind, const char *once)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (strcmp(string_of(entry, "kind"), kind) == 0 &&
		    strcmp(string_of(entry, "once"), once) == 0) {
			return entry;
		}
	}
	return NULL;
}

/* Of an order without one. */
static const char *outcome_now(const struct web *web, const json_t *order)
{
	bool is_ours =
	    strcmp(string_of(order, "desk"), web->config->desk.name) == 0;
	int64_t age_s = (int64_t)(web_now_ms(web) / 1000) -
	    json_integer_value(json_object_get(order, "at"));

	const char *word = texts_known(web, string_of(order, "once"));

	if (word != NULL) {
		return word;
	}
	return !is_ours && age_s < OTHERS_S ? "sending" : "unknown";
}

void texts_tell(const struct web *web, json_t *entries)
{
	json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const json_t *outcome;

		if (strcmp(string_of(entry, "kind"), "sms") != 0) {
			continue;
		}
		outcome =
		    find(entries, "sms-outcome", string_of(entry, "once"));
		(void)json_object_set_new(entry, "outcome",
		    json_string(outcome != NULL ? string_of(outcome, "outcome")
						: outcome_now(web, entry)));
	}
}

const char *texts_outcome(const json_t *entries, const char *once)
{
	const json_t *order = find(entries, "sms", once);

	return order == NULL ? NULL : string_of(order, "outcome");
}
