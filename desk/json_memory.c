/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/json_memory.h"

#include <stdlib.h>

/* jansson hands on nothing by which to find them. */
static json_malloc_t take_by;
static unsigned lacks;

static void *take(size_t len)
{
	void *memory = take_by(len);

	lacks += memory == NULL ? 1 : 0;
	return memory;
}

void json_memory_start(json_malloc_t by)
{
	take_by = by;
	json_set_alloc_funcs(take, free);
}

unsigned json_memory_lacks(void)
{
	return lacks;
}
