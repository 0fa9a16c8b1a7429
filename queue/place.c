/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/place.h"

#include <arpa/inet.h>
#include <string.h>

static bool parse_port(struct bytes text, uint16_t *ret_port)
{
	uint32_t port = 0;

	if (text.len == 0 || text.len > 5 || text.at[0] == '0') {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9') {
			return false;
		}
		port = port * 10 + (uint32_t)(text.at[i] - '0');
	}
	*ret_port = (uint16_t)port;
	return port <= UINT16_MAX;
}

/* One way to write an address, so that two can be compared. */
static bool parse_host(struct bytes text, char ret_host[static PLACE_BYTES])
{
	char host[INET6_ADDRSTRLEN] = "";
	unsigned char raw[sizeof(struct in6_addr)];
	int family = AF_INET;

	if (text.len >= sizeof(host) || memchr(text.at, 0, text.len) != NULL) {
		return false;
	}
	memcpy(host, text.at, text.len);
	if (strchr(host, ':') != NULL) {
		family = AF_INET6;
	}
	return inet_pton(family, host, raw) == 1 &&
	    inet_ntop(family, raw, ret_host, PLACE_BYTES) != NULL;
}

enum tl_err place_pair(
    struct bytes host, struct bytes port, struct place *ret_place)
{
	struct place place = { 0 };

	if (host.len == 0 || !parse_host(host, place.host) ||
	    !parse_port(port, &place.port)) {
		return TL_EINVAL;
	}
	*ret_place = place;
	return TL_OK;
}

enum tl_err place_parse(struct bytes text, struct place *ret_place)
{
	struct place place = { 0 };
	struct bytes host;
	const uint8_t *colon;
	size_t len;

	if (text.len == 0 || memchr(text.at, 0, text.len) != NULL) {
		return TL_EINVAL;
	}
	if (text.at[0] == '/') {
		if (text.len >= PLACE_BYTES) {
			return TL_EINVAL;
		}
		memcpy(place.host, text.at, text.len);
		*ret_place = place;
		return TL_OK;
	}
	colon = memrchr(text.at, ':', text.len);
	if (colon == NULL) {
		return TL_EINVAL;
	}
	len = (size_t)(colon - text.at);
	host = bytes_of(text.at, len);
	if (len > 2 && host.at[0] == '[' && host.at[len - 1] == ']') {
		host = bytes_of(host.at + 1, len - 2);
	} else if (memchr(host.at, ':', len) != NULL) {
		return TL_EINVAL; /* where would the address end? */
	}
	return place_pair(
	    host, bytes_of(colon + 1, text.len - len - 1), ret_place);
}

bool place_equal(const struct place *a, const struct place *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0;
}

struct place place_route(
    const struct place *announced, char *const *routes, size_t n_routes)
{
	for (size_t i = 0; i < n_routes; i++) {
		const char *equals = strchr(routes[i], '=');
		struct place from;
		struct place to;

		if (equals != NULL &&
		    place_parse(
			bytes_of(routes[i], (size_t)(equals - routes[i])),
			&from) == TL_OK &&
		    place_equal(&from, announced) &&
		    place_parse(bytes_str(equals + 1), &to) == TL_OK) {
			return to;
		}
	}
	return *announced;
}
