/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/json_memory.h"

#include <stdbool.h>
#include <stdlib.h>

/* jansson hands on nothing by which to find them. */
static json_malloc_t take_by;
static unsigned lacks;
/* While text is read: how many there were before. From the first one on there
 * is none, for jansson ends the process where characters that it left out make
 * an escape sequence of what is none. */
static bool is_loading;
static unsigned lacks_before;

static void *take(size_t len)
{
	bool is_over = is_loading && lacks != lacks_before;
	void *memory = is_over ? NULL : take_by(len);

	lacks += memory == NULL ? 1 : 0;
	return memory;
}

void json_memory_by(json_malloc_t by)
{
	take_by = by;
	json_set_alloc_funcs(take, free);
}

unsigned json_memory_lacks(void)
{
	if (take_by == NULL) {
		json_memory_by(malloc);
	}
	return lacks;
}

enum tl_err json_memory_load(
    struct bytes text, size_t flags, json_t **ret, json_error_t *ret_error)
{
	json_t *json;

	lacks_before = json_memory_lacks();
	is_loading = true;
	json = json_loadb(text.len == 0 ? "" : (const char *)text.at, text.len,
	    flags, ret_error);
	is_loading = false;
	if (lacks != lacks_before) {
		json_decref(json);
		return TL_ENOMEM;
	}
	if (json == NULL) {
		return TL_EFORMAT;
	}
	*ret = json;
	return TL_OK;
}

json_t *json_memory_text(struct bytes text, size_t flags)
{
	json_t *json = NULL;

	return json_memory_load(text, flags, &json, NULL) == TL_OK ? json
								   : NULL;
}
