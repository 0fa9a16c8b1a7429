/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/http_field.h"

#include <arpa/inet.h>
#include <string.h>

#include "server/net/http_byte.h"

#define LENGTH_DIGITS_MAX 9u
#define HOST_NAME_MAX     255u
#define PORT_DIGITS_MAX   5u
#define PORT_MAX          65535u

#define FRAMING (HTTP_FIELD_ONCE | HTTP_FIELD_ASCII | HTTP_FIELD_USED_UP)
#define BOTH    (HTTP_FIELD_REPORTER | HTTP_FIELD_GATEWAY | HTTP_FIELD_OFFICER)

/* clang-format off */
static const struct http_field_rule rules[] = {
	{ "host",              HTTP_FIELD_HOST,          FRAMING },
	{ "content-length",    HTTP_FIELD_LENGTH,        FRAMING },
	{ "transfer-encoding", HTTP_FIELD_CODING,        FRAMING },
	{ "expect",            HTTP_FIELD_EXPECT,        FRAMING },
	{ "connection",        HTTP_FIELD_CONNECTION,    HTTP_FIELD_USED_UP },
	{ "content-type",      HTTP_FIELD_TYPE,          HTTP_FIELD_ONCE | BOTH },
	{ "content-encoding",  HTTP_FIELD_ENCODING,      HTTP_FIELD_ONCE | BOTH },
	{ "authorization",     HTTP_FIELD_AUTHORIZATION, HTTP_FIELD_ONCE | HTTP_FIELD_GATEWAY },
	{ "accept-encoding",   HTTP_FIELD_OTHER,         BOTH },
	{ "accept-language",   HTTP_FIELD_LANGUAGE,      BOTH },
	/* Only to warn people whose proxy browser reads along. */
	{ "user-agent",        HTTP_FIELD_AGENT,         BOTH },
	{ "x-operamini",       HTTP_FIELD_OPERA,         BOTH | HTTP_FIELD_PRESENCE | HTTP_FIELD_PREFIX },
	{ "save-data",         HTTP_FIELD_SAVE_DATA,     BOTH },
	/* Who or where somebody is, or was: not even kept in memory. */
	{ "cookie",            HTTP_FIELD_NEVER,         HTTP_FIELD_PREFIX },
	{ "forwarded",         HTTP_FIELD_NEVER,         0 },
	{ "x-forwarded",       HTTP_FIELD_NEVER,         HTTP_FIELD_PREFIX },
	{ "x-real-ip",         HTTP_FIELD_NEVER,         0 },
	{ "referer",           HTTP_FIELD_NEVER,         0 },
	/* Parts of HTTP that we do not speak. */
	{ "range",             HTTP_FIELD_NEVER,         0 },
	{ "if-",               HTTP_FIELD_NEVER,         HTTP_FIELD_PREFIX },
	{ "upgrade",           HTTP_FIELD_NEVER,         0 },
	{ "http2-settings",    HTTP_FIELD_NEVER,         0 },
	{ "te",                HTTP_FIELD_NEVER,         0 },
	{ "trailer",           HTTP_FIELD_NEVER,         0 },
	/* All others: adapters look for theirs by name. */
	{ "",                  HTTP_FIELD_OTHER,         HTTP_FIELD_GATEWAY | HTTP_FIELD_PREFIX },
};
/* clang-format on */

static bool matches(const struct http_field_rule *rule, const char *name)
{
	if ((rule->flags & HTTP_FIELD_PREFIX) != 0) {
		return strncmp(name, rule->name, strlen(rule->name)) == 0;
	}
	return strcmp(name, rule->name) == 0;
}

const struct http_field_rule *http_field_rule(const char *name)
{
	const struct http_field_rule *rule = rules;

	while (!matches(rule, name)) { /* the last one matches all */
		rule++;
	}
	return rule;
}

/* How many bytes from at on have the bit. */
static size_t span(struct bytes value, size_t at, enum http_byte_bit bit)
{
	size_t end = at;

	while (end < value.len && http_byte_is(value.at[end], bit)) {
		end++;
	}
	return end - at;
}

static bool port_ok(struct bytes value, size_t at)
{
	size_t digits = span(value, at, HTTP_BYTE_DIGIT);
	unsigned port = 0;

	if (digits == 0 || digits > PORT_DIGITS_MAX ||
	    at + digits != value.len) {
		return false;
	}
	for (; at < value.len; at++) {
		port = port * 10 + (unsigned)(value.at[at] - '0');
	}
	return port <= PORT_MAX;
}

/* Length of "[...]" with an IPv6 address in it, 0 if it is none. */
static size_t literal_len(struct bytes value)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	const uint8_t *end = memchr(value.at, ']', value.len);
	size_t len;

	if (end == NULL) {
		return 0;
	}
	len = (size_t)(end - value.at) - 1;
	if (len >= sizeof(text)) {
		return 0;
	}
	memcpy(text, value.at + 1, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1 ? len + 2 : 0;
}

bool http_host_ok(struct bytes value)
{
	size_t len;

	if (value.len == 0) {
		return false;
	}
	if (value.at[0] == '[') {
		len = literal_len(value);
	} else {
		len = span(value, 0, HTTP_BYTE_HOST);
	}
	if (len == 0 || len > HOST_NAME_MAX) {
		return false;
	}
	return len == value.len ||
	    (value.at[len] == ':' && port_ok(value, len + 1));
}

enum tl_err http_length(struct bytes value, uint64_t *ret_length)
{
	uint64_t length = 0;

	if (value.len == 0 || span(value, 0, HTTP_BYTE_DIGIT) != value.len) {
		return TL_EFORMAT;
	}
	if (value.len > LENGTH_DIGITS_MAX) {
		*ret_length = UINT64_MAX;
		return TL_OK;
	}
	for (size_t i = 0; i < value.len; i++) {
		length = length * 10 + (uint64_t)(value.at[i] - '0');
	}
	*ret_length = length;
	return TL_OK;
}

bool http_word_is(struct bytes value, const char *word)
{
	size_t len = strlen(word);

	if (value.len != len) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (http_byte_lower(value.at[i]) != (uint8_t)word[i]) {
			return false;
		}
	}
	return true;
}

static struct bytes trimmed(struct bytes value)
{
	while (value.len > 0 && http_byte_is_blank(value.at[0])) {
		value = bytes_of(value.at + 1, value.len - 1);
	}
	while (value.len > 0 && http_byte_is_blank(value.at[value.len - 1])) {
		value.len--;
	}
	return value;
}

bool http_list_has(struct bytes value, const char *word)
{
	while (value.len > 0) {
		const uint8_t *comma = memchr(value.at, ',', value.len);
		size_t len =
		    comma == NULL ? value.len : (size_t)(comma - value.at);
		size_t next = comma == NULL ? len : len + 1;

		if (http_word_is(trimmed(bytes_of(value.at, len)), word)) {
			return true;
		}
		value = bytes_of(value.at + next, value.len - next);
	}
	return false;
}
