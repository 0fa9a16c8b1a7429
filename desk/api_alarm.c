/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* POST /api/alarm/test: are those who shall be woken told? And the channels of
 * the header: is anything to be woken for still coming in? */
#include <string.h>

#include "desk/api.h"

/* ---- alarms ------------------------------------------------------------- */

static void test_alarms(struct api_call *call)
{
	struct web *web = call->web;
	unsigned n = web_alarms_test(web);

	if (n == 0) {
		api_refuse(web, call->conn, 409, "off",
		    "No alarm is set up at this desk (desk.alarm_url, "
		    "desk.alarm_command).");
		return;
	}
	api_answer(web, call->conn, 202, json_pack("{s:i}", "ways", (int)n));
}

/* ---- channels ----------------------------------------------------------- */

struct channel {
	const char *name;
	uint64_t silence_ms; /* 0: it may be silent */
	int64_t last_s;
};

static json_t *channel_of(
    const struct channel *channel, uint64_t now_ms, bool all_open)
{
	uint64_t last_ms = (uint64_t)channel->last_s * 1000u;
	bool silent = all_open && channel->silence_ms > 0 && now_ms > last_ms &&
	    now_ms - last_ms > channel->silence_ms;

	return json_pack("{s:s, s:I, s:b, s:I}", "name", channel->name,
	    "last_ms", (json_int_t)last_ms, "silent", silent ? 1 : 0,
	    "silence_ms", (json_int_t)channel->silence_ms);
}

static void note_one(struct channel *channels, size_t n, const struct tip *tip)
{
	const char *name =
	    tip->gateway[0] != '\0' ? tip->gateway : tip->channel;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(channels[i].name, name) == 0 &&
		    tip->received_s > channels[i].last_s) {
			channels[i].last_s = tip->received_s;
		}
	}
}

json_t *api_channels(const struct web *web)
{
	struct channel channels[1 + CONFIG_GATEWAYS_MAX];
	size_t n = 0;
	struct tips_counts counts;
	json_t *list = json_array();

	channels[n++] = (struct channel){ .name = "web" };
	for (size_t i = 0; i < web->config->n_gateways; i++) {
		channels[n++] = (struct channel){
			.name = web->config->gateways[i].name,
			.silence_ms = web->config->gateways[i].silence_ms,
		};
	}
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		if (tip->is_signed && tip->received_s > 0) {
			note_one(channels, n, tip);
		}
	}
	tips_counts(web->tips, 0, &counts);
	for (size_t i = 0; i < n; i++) {
		(void)json_array_append_new(list,
		    channel_of(
			&channels[i], web_now_ms(web), counts.sealed == 0));
	}
	return list;
}

static const char *const no_members[] = { NULL };

const struct api_route api_alarm_routes[] = {
	{ HTTP_POST, "/api/alarm/test", API_ANY_SESSION, no_members,
	    test_alarms, false, 0 },
	{ 0 },
};
