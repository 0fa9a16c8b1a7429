/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The page of who waits for a turn.
 */
#include <stdio.h>
#include <stdlib.h>

#include "web/page_parts.h"

enum tl_err page_wait(const struct page_site *site,
    const struct web_language *language, const struct page_wait *wait,
    struct buf *out)
{
	char seconds[PARTS_NUMBER_MAX], bits[PARTS_NUMBER_MAX];
	struct template_item *items;
	struct page_parts parts;
	struct template_data *data = &parts.data;

	if (!parts_is_state(wait->ticket) || wait->typed.n > PAGE_TYPED_MAX) {
		return TL_EINVAL;
	}
	items = calloc(wait->typed.n + 1, sizeof(*items));
	if (items == NULL) {
		return TL_ENOMEM;
	}
	parts_begin(&parts, site, language);
	for (size_t i = 0; i < wait->typed.n; i++) {
		items[i].value[IV_value] = bytes_str(wait->typed.pairs[i].name);
		items[i].value[IV_text] = wait->typed.pairs[i].value;
	}
	(void)snprintf(seconds, sizeof(seconds), "%u", wait->seconds);
	(void)snprintf(bits, sizeof(bits), "%u", wait->bits);
	data->list[L_typed] =
	    (struct template_list){ .items = items, .n = wait->typed.n };
	data->value[V_path] = bytes_str(wait->path);
	data->value[V_ticket] = bytes_str(wait->ticket);
	data->value[V_seconds] = bytes_str(seconds);
	data->value[V_bits] = bytes_str(bits);
	data->flag[F_tries] = wait->tries;
	template_write(&template_wait, language, data, out);
	free(items);
	return buf_err(out);
}
