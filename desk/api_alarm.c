/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* POST /api/alarm/test: are those who shall be woken told? And the channels of
 * the header: is anything to be woken for still coming in? */
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

json_t *api_channels(const struct web *web)
{
	struct web_channel channels[WEB_CHANNELS_MAX];
	size_t n = web_channels(web, channels);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:I, s:b, s:I}", "name", channels[i].name,
			"last_ms", (json_int_t)channels[i].last_ms, "silent",
			channels[i].is_silent ? 1 : 0, "silence_ms",
			(json_int_t)channels[i].silence_ms));
	}
	return list;
}

static const char *const no_members[] = { NULL };

const struct api_route api_alarm_routes[] = {
	{ HTTP_POST, "/api/alarm/test", API_ANY_SESSION, no_members,
	    test_alarms, false, 0 },
	{ 0 },
};
