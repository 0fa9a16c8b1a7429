/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/map_links.h - the links of a text, and which of them are a place.
 *
 * Promise:   a host that is not on the list letter for letter is no map, nor
 *            is what stands behind it. Takes as long as the text, no longer.
 * Knows not: what is at the other end; it asks nobody.
 * Runs in:   as text/triage.h.
 * Disk:      none. The hosts are data/map-hosts.tsv: host, path.
 */
#ifndef TL_TEXT_MAP_LINKS_H
#define TL_TEXT_MAP_LINKS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "text/tsv.h"

struct map_links_found {
	bool only;  /* there are words, and all of them are plain links */
	bool place; /* one of them is a link to a map, or geo: */
	size_t place_bytes; /* of all that are */
};

struct map_links;

/* Read the hosts, which must stay. TL_EFORMAT: *ret_fault says where. Gives
 * *ret_links. */
TL_MUST_CHECK enum tl_err map_links_new(struct bytes file,
    struct map_links **ret_links, struct text_fault *ret_fault);
void map_links_free(struct map_links *links);
size_t map_links_bytes(const struct map_links *links);

struct map_links_found map_links_read(
    const struct map_links *links, struct bytes text);

#endif
