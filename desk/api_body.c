/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a request brings: an object with no member that its row does not name,
 * not too long, said to be JSON. */
#include <string.h>

#include "desk/api.h"
#include "text/json_memory.h"

#define BODY_BYTES ((size_t)64u * 1024u)

static bool has_only(json_t *body, const char *const *members)
{
	const char *name;
	json_t *value;

	json_object_foreach(body, name, value)
	{
		const char *const *known = members;

		while (*known != NULL && strcmp(*known, name) != 0) {
			known++;
		}
		if (*known == NULL) {
			return false;
		}
	}
	return true;
}

const struct api_refusal *api_body_read(const struct api_route *route,
    struct bytes type, struct bytes body, json_t **ret_body)
{
	static const struct api_refusal too_big = { 413, "toobig",
		"That is too long." };
	static const struct api_refusal no_json = { 415, "type",
		"That is not JSON." };
	static const struct api_refusal no_request = { 400, "body",
		"The console sent what is no request." };
	size_t max =
	    route->body_max_bytes > 0 ? route->body_max_bytes : BODY_BYTES;
	static const struct api_refusal no_memory = { 503, "memory",
		"The desk has no memory left." };
	json_t *json = NULL;
	enum tl_err err;

	if (body.len > max || (route->members == NULL && body.len > 0)) {
		return &too_big;
	}
	if (route->members == NULL) {
		return NULL;
	}
	if (!bytes_equal(type, bytes_str("application/json"))) {
		return &no_json;
	}
	err = json_memory_load(body, JSON_REJECT_DUPLICATES, &json, NULL);
	if (err == TL_ENOMEM) {
		return &no_memory;
	}
	if (!json_is_object(json) || !has_only(json, route->members)) {
		json_decref(json);
		return &no_request;
	}
	*ret_body = json;
	return NULL;
}
