/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How the ways in are: is anything to be woken for still coming in? */
#include <string.h>

#include "base/clock.h"
#include "desk/planted.h"
#include "desk/web.h"

/* A test text by the form says of its door alone that it is open. */
static void note(struct web_channel *channels, size_t n, const struct tip *tip)
{
	const char *name = tip->door != NULL ? tip->door
	    : tip->gateway[0] != '\0'        ? tip->gateway
					     : tip->channel;
	uint64_t received_ms = (uint64_t)tip->received_s * 1000u;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(channels[i].name, name) == 0 &&
		    received_ms > channels[i].last_ms) {
			channels[i].last_ms = received_ms;
		}
	}
}

static size_t name_all(
    const struct config *config, struct web_channel *channels)
{
	const struct config_desk *desk = &config->desk;
	size_t n = 0;

	channels[n++] = (struct web_channel){ .name = "web" };
	if (desk->canary_web[0] != '\0') {
		channels[n++] = (struct web_channel){ .name = PLANTED_WEB,
			.silence_ms = desk->canary_silence_ms };
	}
	if (desk->canary_onion[0] != '\0') {
		channels[n++] = (struct web_channel){ .name = PLANTED_ONION,
			.silence_ms = desk->canary_silence_ms };
	}
	for (size_t i = 0; i < config->n_gateways; i++) {
		channels[n++] = (struct web_channel){
			.name = config->gateways[i].name,
			.silence_ms = config->gateways[i].silence_ms,
		};
	}
	return n;
}

/* While something is sealed it may have come by any of them. */
static uint64_t quiet_ms(
    const struct web *web, const struct web_channel *channel, bool all_open)
{
	uint64_t now_ms = web_now_ms(web);

	if (!all_open) {
		return clock_mono_ms() - web->heard_ms;
	}
	return now_ms > channel->last_ms ? now_ms - channel->last_ms : 0;
}

size_t web_channels(
    const struct web *web, struct web_channel ret[static WEB_CHANNELS_MAX])
{
	size_t n = name_all(web->config, ret);
	struct tips_counts counts;

	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		if (tip->is_signed && tip->received_s > 0) {
			note(ret, n, tip);
		}
	}
	tips_counts(web->tips, 0, &counts);
	for (size_t i = 0; i < n; i++) {
		ret[i].is_silent = ret[i].silence_ms > 0 &&
		    quiet_ms(web, &ret[i], counts.sealed == 0) >
			ret[i].silence_ms;
	}
	return n;
}
