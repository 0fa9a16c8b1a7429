/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/map_links.h"

#include <stdlib.h>
#include <strings.h>

#define HOSTS_MAX 128u

struct map_host {
	struct bytes host, path;
};

struct map_links {
	struct map_host hosts[HOSTS_MAX];
	size_t n;
};

/* ---- the list ------------------------------------------------------------ */

static bool is_host(struct bytes host)
{
	for (size_t i = 0; i < host.len; i++) {
		uint8_t c = host.at[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' &&
		    c != '-') {
			return false;
		}
	}
	return host.len > 0;
}

enum tl_err map_links_new(struct bytes file, struct map_links **ret_links,
    struct text_fault *ret_fault)
{
	struct map_links *links = calloc(1, sizeof(*links));
	struct tsv tsv;

	if (links == NULL) {
		return TL_ENOMEM;
	}
	if (!tsv_open(&tsv, file, "host\tpath", ret_fault)) {
		map_links_free(links);
		return TL_EFORMAT;
	}
	while (tsv_next(&tsv, ret_fault)) {
		struct map_host *row = &links->hosts[links->n];

		if (links->n == HOSTS_MAX || !is_host(tsv.columns[0]) ||
		    tsv.columns[1].len == 0 || tsv.columns[1].at[0] != '/') {
			*ret_fault = (struct text_fault){ tsv.line,
				"a host in lower case and a path that begins"
				" with / are wanted, of 128 hosts at most" };
			break;
		}
		row->host = tsv.columns[0];
		row->path = tsv.columns[1];
		links->n++;
	}
	if (ret_fault->what != NULL) {
		map_links_free(links);
		return TL_EFORMAT;
	}
	*ret_links = links;
	return TL_OK;
}

void map_links_free(struct map_links *links)
{
	free(links);
}

size_t map_links_bytes(const struct map_links *links)
{
	return sizeof(*links);
}

/* ---- a word -------------------------------------------------------------- */

/* How long prefix is where text begins with it, in letters of either case, and
 * goes on; 0: it does not. */
static size_t begins(struct bytes text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len > len &&
		strncasecmp((const char *)text.at, prefix, len) == 0
	    ? len
	    : 0;
}

static struct bytes behind(struct bytes text, size_t n)
{
	return bytes_of(text.at + n, text.len - n);
}

static bool is_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static bool path_fits(struct bytes path, struct bytes row)
{
	return row.len == 1 ||
	    (path.len >= row.len && memcmp(path.at, row.at, row.len) == 0 &&
		(path.len == row.len || !is_name(path.at[row.len])));
}

/* Whether address, without its scheme, is of a map. With a user, a port or
 * anything else beside the host, who could be deceived is not the machine. */
static bool is_map(const struct map_links *links, struct bytes address)
{
	struct bytes rest = behind(address, begins(address, "www."));
	size_t n = 0;

	while (n < rest.len && rest.at[n] != '/' && rest.at[n] != '?' &&
	    rest.at[n] != '#') {
		n++;
	}
	for (size_t i = 0; i < links->n; i++) {
		const struct map_host *row = &links->hosts[i];

		if (n == row->host.len &&
		    strncasecmp((const char *)rest.at,
			(const char *)row->host.at, n) == 0 &&
		    path_fits(behind(rest, n), row->path)) {
			return true;
		}
	}
	return false;
}

/* geo:11.5,104.9 (RFC 5870) */
static bool is_geo(struct bytes word)
{
	struct bytes rest = behind(word, begins(word, "geo:"));
	uint8_t c = rest.len < word.len ? rest.at[0] : 0;

	return c == '-' || (c >= '0' && c <= '9');
}

static size_t scheme_of(struct bytes word)
{
	size_t n = begins(word, "https://");

	return n > 0 ? n : begins(word, "http://");
}

static bool is_place(const struct map_links *links, struct bytes word)
{
	return is_geo(word) || is_map(links, behind(word, scheme_of(word)));
}

/* As programs write them: in doubt, "Https://" was typed by a person. */
static bool is_link(struct bytes word)
{
	static const char *const prefixes[] = { "http://", "https://", "www." };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (begins(word, prefixes[i]) > 0 &&
		    memcmp(word.at, prefixes[i], strlen(prefixes[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* Bytes of word that are a place; 0: none. A word that is no link may have one
 * at its end: not all scripts put a blank in front of it. */
static size_t place_len(const struct map_links *links, struct bytes word)
{
	size_t end = is_link(word) ? 0 : word.len;

	if (is_place(links, word)) {
		return word.len;
	}
	for (size_t i = 0; i < end; i++) {
		struct bytes rest = behind(word, i);

		if (scheme_of(rest) > 0 || is_geo(rest)) {
			return is_place(links, rest) ? rest.len : 0;
		}
	}
	return 0;
}

struct map_links_found map_links_read(
    const struct map_links *links, struct bytes text)
{
	struct map_links_found found = { 0 };
	bool other = false;

	for (size_t i = 0; i < text.len;) {
		struct bytes word = behind(text, i);
		bool link;
		size_t n = 0, place;

		while (n < word.len && word.at[n] > ' ') {
			n++;
		}
		i += n + 1;
		if (n == 0) {
			continue;
		}
		word.len = n;
		link = is_link(word);
		place = place_len(links, word);
		found.place |= place > 0;
		found.place_bytes += place;
		found.only |= link && place == 0;
		other |= !link || place > 0;
	}
	found.only &= !other;
	return found;
}
