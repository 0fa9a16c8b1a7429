/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * URLs (RFC 3986, cut down to what we need): https, a host, maybe a port and
 * a path. Gateways sign their URL byte for byte, so nothing is rewritten; what
 * could be written in two ways is refused.
 */
#include "config/value.h"

#include <arpa/inet.h>
#include <string.h>

#define HOST_BYTES_MAX  253u
#define LABEL_BYTES_MAX 63u

struct url {
	const struct config_value *value;
	size_t word_at; /* in the value */
	const char *text;
	size_t at; /* how far it was read */
};

static enum tl_err bad(const struct url *url, const char *what)
{
	config_complain(url->value->said,
	    config_value_place(url->value, url->word_at + url->at), "%s: %s",
	    url->value->row->key, what);
	return TL_EINVAL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static enum tl_err read_scheme(struct url *url)
{
	if (strncmp(url->text + url->at, "http://", 7) == 0) {
		return bad(url,
		    "http can be read by everybody on the way; write https://");
	}
	if (strncmp(url->text + url->at, "https://", 8) != 0) {
		return bad(url, "must begin with https://");
	}
	url->at += 8;
	return TL_OK;
}

static enum tl_err read_ipv6(struct url *url)
{
	const char *begin = url->text + url->at + 1;
	const char *end = strchr(begin, ']');
	char address[INET6_ADDRSTRLEN] = "";
	struct in6_addr parsed;
	size_t len = end == NULL ? 0 : (size_t)(end - begin);

	if (len > 0 && len < sizeof(address)) {
		memcpy(address, begin, len);
	}
	if (inet_pton(AF_INET6, address, &parsed) != 1) {
		return bad(url, "an IPv6 address is written [2001:db8::1]");
	}
	url->at += len + 2;
	return TL_OK;
}

static enum tl_err read_host(struct url *url)
{
	const char *host = url->text + url->at;
	size_t label = 0;
	size_t len = 0;

	if (host[0] == '[') {
		return read_ipv6(url);
	}
	for (; host[len] != '\0' && strchr(":/?#", host[len]) == NULL; len++) {
		char c = host[len];
		bool edge = label == 0 || host[len + 1] == '.';

		if (c == '@') {
			return bad(
			    url, "no name or password may stand in a URL");
		}
		if (!(is_letter(c) || is_digit(c) || (c == '-' && !edge) ||
			(c == '.' && label > 0))) {
			url->at += len;
			return bad(url,
			    "a host has letters, digits, - and . only (other"
			    " scripts in their xn-- form)");
		}
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_BYTES_MAX) {
			return bad(url, "a part of the host is too long");
		}
	}
	if (len == 0 || len > HOST_BYTES_MAX || host[len - 1] == '-' ||
	    host[len - 1] == '.') {
		return bad(url, "a host is wanted after https://");
	}
	url->at += len;
	return TL_OK;
}

static enum tl_err read_port(struct url *url)
{
	unsigned port = 0;
	size_t digits = 0;
	const char *text = url->text + url->at;

	if (text[0] != ':') {
		return TL_OK;
	}
	while (digits < 6 && is_digit(text[digits + 1])) {
		port = port * 10 + (unsigned)(text[++digits] - '0');
	}
	if (digits == 0 || text[1] == '0' || port > 65535) {
		return bad(url, "a port is a number from 1 to 65535");
	}
	url->at += digits + 1;
	return TL_OK;
}

static enum tl_err read_rest(struct url *url)
{
	enum config_type type = url->value->row->type;
	const char *text = url->text;
	size_t *at = &url->at;

	if (text[*at] != '\0' && strchr("/?#", text[*at]) == NULL) {
		return bad(url, "after the host comes a / or nothing");
	}
	if (type == OPT_ORIGIN && text[*at] != '\0') {
		return bad(
		    url, "ends with the host or the port: no / after it");
	}
	if (type == OPT_URL && text[*at] == '\0') {
		return bad(url, "a path is missing; at least a /");
	}
	for (; text[*at] != '\0'; (*at)++) {
		char c = text[*at];

		if (c == '#') {
			return bad(
			    url, "nothing that begins with # may follow");
		}
		if (c == '?' && type == OPT_URL) {
			return bad(url,
			    "no query (? and after) may follow; it is taken"
			    " from each request as the gateway sends it");
		}
		if (!is_letter(c) && !is_digit(c) &&
		    strchr("/?-._~!$&()*+,;=:@%", c) == NULL) {
			return bad(
			    url, "this letter must be written as %XX in a URL");
		}
	}
	return TL_OK;
}

enum tl_err config_word_url(const struct config_value *value,
    const struct config_word *word, size_t skip)
{
	struct url url = {
		.value = value,
		.word_at = word->at,
		.text = word->text,
		.at = skip,
	};
	enum tl_err err = read_scheme(&url);

	if (err == TL_OK) {
		err = read_host(&url);
	}
	if (err == TL_OK) {
		err = read_port(&url);
	}
	if (err == TL_OK) {
		err = read_rest(&url);
	}
	return err;
}
