/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* GET /api/partners: to whom cases can be handed. */
#include "base/clock.h"
#include "desk/api.h"

static json_t *partner_json(const struct partner *partner)
{
	json_t *json = json_deep_copy(partner->json);
	int64_t today = clock_wall_s() / 86400;

	(void)json_object_del(json, "key");
	(void)json_object_set_new(json, "fresh",
	    json_boolean(today - partner->verified_day < PARTNERS_FRESH_DAYS));
	return json;
}

static void partners(struct api_call *call)
{
	const struct partners *all = &call->web->partners;
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++) {
		(void)json_array_append_new(list, partner_json(&all->items[i]));
	}
	api_answer(
	    call->web, call->conn, 200, json_pack("{s:o}", "partners", list));
}

const struct api_route api_partners_routes[] = {
	{ HTTP_GET, "/api/partners", API_OFFICER, NULL, partners, true, 0 },
	{ 0 },
};
