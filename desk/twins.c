/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/twins.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "sms/gateway.h"
#include "text/json_memory.h"

struct twin {
	uint8_t hash[HASH_BYTES]; /* of gateway, id and text */
	bool recovered;
	uint64_t number;
};

static void put_string(struct buf *out, const json_t *report, const char *key)
{
	const json_t *value = json_object_get(report, key);
	size_t len = json_string_length(value);

	buf_put_u32(out, (uint32_t)len);
	if (len > 0) {
		buf_put(out, json_string_value(value), len);
	}
}

bool twins_is_recovered(const json_t *report)
{
	const json_t *flags = json_object_get(report, "flags");
	const char *name = sms_flag_name(SMS_FLAG_RECOVERED);

	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));

		if (flag != NULL && strcmp(flag, name) == 0) {
			return true;
		}
	}
	return false;
}

static enum tl_err add(struct twins *twins, const struct twin *twin)
{
	if (twins->n == twins->room) {
		size_t room = twins->room == 0 ? 64 : 2 * twins->room;
		struct twin *items =
		    reallocarray(twins->items, room, sizeof(*items));

		if (items == NULL) {
			return TL_ENOMEM;
		}
		twins->items = items;
		twins->room = room;
	}
	twins->items[twins->n++] = *twin;
	return TL_OK;
}

enum tl_err twins_add_report(
    struct twins *twins, uint64_t number, const json_t *report)
{
	static const char *const names[] = { "gateway", "external_id", "text" };
	struct twin twin = { .number = number };
	enum tl_err err = TL_OK;
	struct buf what;
	size_t len = 0;

	for (size_t i = 0; i < 3; i++) {
		len +=
		    4 + json_string_length(json_object_get(report, names[i]));
	}
	if (json_string_length(json_object_get(report, "gateway")) == 0 ||
	    json_string_length(json_object_get(report, "external_id")) == 0) {
		return TL_OK;
	}
	buf_init(&what, len);
	for (size_t i = 0; i < 3; i++) {
		put_string(&what, report, names[i]);
	}
	err = buf_err(&what);
	if (err == TL_OK) {
		hash_bytes(twin.hash, what.data, what.len);
		twin.recovered = twins_is_recovered(report);
		err = add(twins, &twin);
	}
	buf_free(&what);
	return err;
}

enum tl_err twins_add(struct twins *twins, uint64_t number, struct bytes doc)
{
	json_t *report = NULL;
	enum tl_err err = json_memory_load(doc, JSON_ALLOW_NUL, &report, NULL);

	if (err != TL_ENOMEM) {
		err = twins_add_report(twins, number, report);
	}
	json_decref(report);
	return err;
}

/* Of the same message the webhook's own comes first, then the oldest. */
static int in_order(const void *a, const void *b)
{
	const struct twin *left = a, *right = b;
	int order = memcmp(left->hash, right->hash, sizeof(left->hash));

	if (order == 0) {
		order = (int)left->recovered - (int)right->recovered;
	}
	return order != 0
	    ? order
	    : (left->number > right->number) - (left->number < right->number);
}

void twins_sort(struct twins *twins)
{
	if (twins->n > 0) {
		qsort(twins->items, twins->n, sizeof(*twins->items), in_order);
	}
}

/* The first of the same message. */
static uint64_t own_of(const struct twins *twins, size_t i)
{
	while (i > 0 &&
	    memcmp(twins->items[i].hash, twins->items[i - 1].hash,
		HASH_BYTES) == 0) {
		i--;
	}
	return twins->items[i].number;
}

bool twins_next(const struct twins *twins, size_t *at, uint64_t *ret_number,
    uint64_t *ret_own)
{
	for (size_t i = *at > 0 ? *at : 1; i < twins->n; i++) {
		const struct twin *twin = &twins->items[i];

		if (twin->recovered &&
		    memcmp(twin->hash, twin[-1].hash, sizeof(twin->hash)) ==
			0) {
			*ret_number = twin->number;
			*ret_own = own_of(twins, i);
			*at = i + 1;
			return true;
		}
	}
	return false;
}

void twins_free(struct twins *twins)
{
	free(twins->items);
	*twins = (struct twins){ 0 };
}
