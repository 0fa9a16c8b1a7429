/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/api_body: the first byte says which call of the API it is, the rest is
 * its body. What is taken is an object of the members of its row, and means the
 * same when it is written and read again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct api_route *route_of(uint8_t byte)
{
	size_t n = 0;

	while (api_route_at(n) != NULL) {
		n++;
	}
	return api_route_at(byte % n);
}

static void look_at(const struct api_route *route, json_t *body)
{
	const char *name;
	json_t *value;

	assert(json_is_object(body));
	json_object_foreach(body, name, value)
	{
		const char *const *known = route->members;

		while (*known != NULL && strcmp(*known, name) != 0) {
			known++;
		}
		assert(*known != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct bytes type = bytes_str("application/json");
	const struct api_route *route;
	json_t *body = NULL, *again = NULL;
	char *text;

	if (len == 0) {
		return 0;
	}
	route = route_of(data[0]);
	assert(api_body_read(route, bytes_str("text/plain"),
		   bytes_of(data + 1, len - 1), &body) != NULL ||
	    route->members == NULL);
	assert(body == NULL);
	if (api_body_read(route, type, bytes_of(data + 1, len - 1), &body) !=
	    NULL) {
		assert(body == NULL);
		return 0;
	}
	if (body == NULL) { /* it has none */
		assert(route->members == NULL && len == 1);
		return 0;
	}
	look_at(route, body);
	text = json_dumps(body, JSON_COMPACT);
	if (text != NULL && strlen(text) < len) {
		assert(api_body_read(route, type, bytes_str(text), &again) ==
		    NULL);
		assert(json_equal(body, again));
	}
	free(text);
	json_decref(again);
	json_decref(body);
	return 0;
}
