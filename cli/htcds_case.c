/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/htcds_case.h"

#include <string.h>

#include "base/buf.h"
#include "text/htcds.h"
#include "text/htcds_fields.h"
#include "text/plain.h"

/* The one that is read; desk/referral.h writes it. */
#define PROFILE "tipline-referral/1"
/* Of one value: a referral has 256 KiB, and signs grow as they are named. */
#define TEXT_MAX_BYTES (16u * 1024u * 1024u)

struct reading {
	json_t *fields, *other;
	bool failed;
};

static struct bytes bytes_of_string(const json_t *string)
{
	return bytes_of(json_string_value(string), json_string_length(string));
}

struct bytes htcds_case_text(const json_t *json, const char *member)
{
	return bytes_of_string(json_object_get(json, member));
}

struct bytes htcds_case_first(const struct htcds_case *it, const char *field)
{
	const json_t *value = json_object_get(it->fields, field);

	return bytes_of_string(
	    json_is_array(value) ? json_array_get(value, 0) : value);
}

/* ---- values ---------------------------------------------------------------
 */

/* Gives json, or marks that there is no memory. */
static void set_new(
    struct reading *reading, json_t *object, const char *key, json_t *json)
{
	reading->failed =
	    json_object_set_new(object, key, json) != 0 || reading->failed;
}

static void leave(struct reading *reading, const char *key, const json_t *value)
{
	set_new(reading, reading->other, key, json_deep_copy(value));
}

static json_t *string_of(struct bytes text)
{
	return json_stringn((const char *)text.at, text.len);
}

/* A text as it may be read by people; NULL: it is empty. */
static json_t *text_of(struct reading *reading, struct bytes text)
{
	struct buf plain;
	json_t *json = NULL;

	buf_init(&plain, TEXT_MAX_BYTES);
	plain_text(&plain, text);
	if (plain.len > 0) {
		json = string_of(bytes_of(plain.data, plain.len));
	}
	reading->failed = reading->failed || plain.err != TL_OK ||
	    (plain.len > 0 && json == NULL);
	buf_free(&plain);
	return json;
}

/* The survey form has a blank behind one of its values. */
static struct bytes trimmed(struct bytes text)
{
	while (text.len > 0 && text.at[text.len - 1] == ' ') {
		text.len--;
	}
	return text;
}

/* One value of a field as the standard has it, or NULL. */
static json_t *value_of(struct reading *reading, const char *key,
    enum htcds_kind kind, const json_t *value)
{
	struct bytes text = bytes_of_string(value);
	struct bytes label;

	if (kind == HTCDS_CHECK && json_is_boolean(value)) {
		text = bytes_str(json_is_true(value) ? "TRUE" : "FALSE");
	} else if (!json_is_string(value)) {
		return NULL;
	}
	switch (kind) {
	case HTCDS_TEXT:
		return text_of(reading, text);
	case HTCDS_ONE:
	case HTCDS_MANY:
		text = trimmed(text);
		return htcds_has(bytes_str(key), text, &label) ? string_of(text)
							       : NULL;
	case HTCDS_DATE:
	case HTCDS_PHONE:
	case HTCDS_CHECK:
	case HTCDS_COUNTRY:
	case HTCDS_COUNTRIES:
	case HTCDS_LANGUAGE:
		return htcds_is_good(kind, text) ? string_of(text) : NULL;
	case HTCDS_NONE:
	case HTCDS_EVENTS:
		break;
	}
	return NULL;
}

static bool has_string(const json_t *list, const json_t *string)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (json_equal(item, string)) {
			return true;
		}
	}
	return false;
}

/* ---- members --------------------------------------------------------------
 */

/* Several values, of a field that has one the first that is good. */
static void take_list(struct reading *reading, const char *key,
    enum htcds_kind kind, const json_t *list)
{
	bool many = kind == HTCDS_MANY || kind == HTCDS_COUNTRIES;
	json_t *good = json_array(), *rest = json_array();
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		json_t *value = many || json_array_size(good) == 0
		    ? value_of(reading, key, kind, item)
		    : NULL;

		if (value == NULL) {
			reading->failed = json_array_append_new(rest,
					      json_deep_copy(item)) != 0 ||
			    reading->failed;
		} else if (has_string(good, value)) {
			json_decref(value);
		} else {
			reading->failed =
			    json_array_append_new(good, value) != 0 ||
			    reading->failed;
		}
	}
	if (json_array_size(good) > 0) {
		set_new(reading, reading->fields, key,
		    many ? json_incref(good)
			 : json_incref(json_array_get(good, 0)));
	}
	if (json_array_size(rest) > 0) {
		leave(reading, key, rest);
	}
	json_decref(good);
	json_decref(rest);
}

static void take_one(struct reading *reading, const char *key,
    enum htcds_kind kind, const json_t *value)
{
	json_t *good = value_of(reading, key, kind, value);

	if (good != NULL) {
		set_new(reading, reading->fields, key,
		    kind == HTCDS_MANY || kind == HTCDS_COUNTRIES
			? json_pack("[o]", good)
			: good);
	} else if (json_is_string(value) && json_string_length(value) == 0) {
		return; /* as good as not there */
	} else if (!json_is_null(value)) {
		leave(reading, key, value);
	}
}

/* Where one member of it is odd, it goes whole to what is left. */
static void take_events(struct reading *reading, const json_t *list)
{
	json_t *good = json_array(), *rest = json_array();
	json_t *item, *value;
	const char *key;
	size_t i;

	json_array_foreach(list, i, item)
	{
		struct reading event = { .fields = json_object(),
			.other = json_object() };

		json_object_foreach(item, key, value)
		{
			take_one(&event, key, htcds_event_kind(bytes_str(key)),
			    value);
		}
		if (json_object_size(event.fields) > 0) {
			event.failed =
			    json_array_append(good, event.fields) != 0 ||
			    event.failed;
		}
		if (!json_is_object(item) ||
		    json_object_size(event.other) > 0) {
			event.failed = json_array_append_new(
					   rest, json_deep_copy(item)) != 0 ||
			    event.failed;
		}
		reading->failed = reading->failed || event.failed;
		json_decref(event.fields);
		json_decref(event.other);
	}
	if (json_array_size(good) > 0) {
		set_new(reading, reading->fields, "hte", json_incref(good));
	}
	if (json_array_size(rest) > 0) {
		leave(reading, "hte", rest);
	}
	json_decref(good);
	json_decref(rest);
}

static bool is_reach(const char *key)
{
	return strcmp(key, "prs_Email") == 0 ||
	    htcds_kind(bytes_str(key)) == HTCDS_PHONE;
}

static void take_member(
    struct reading *reading, bool has_contact, const char *key, json_t *value)
{
	enum htcds_kind kind = htcds_kind(bytes_str(key));

	if (strncmp(key, "x_", 2) == 0 && strcmp(key, "x_other") != 0) {
		return; /* of the referral itself */
	}
	if (kind == HTCDS_NONE || (is_reach(key) && !has_contact)) {
		leave(reading, key, value);
	} else if (kind == HTCDS_EVENTS && json_is_array(value)) {
		take_events(reading, value);
	} else if (json_is_array(value)) {
		take_list(reading, key, kind, value);
	} else {
		take_one(reading, key, kind, value);
	}
}

/* Only what is surely a way: an object that names one that there is. */
static bool has_way(const json_t *referral)
{
	static const char *const ways[] = { "text", "call", "app" };
	const json_t *contact = json_object_get(referral, "x_safe_contact");
	struct bytes method = htcds_case_text(contact, "method");

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (bytes_equal(method, bytes_str(ways[i]))) {
			return true;
		}
	}
	return false;
}

enum tl_err htcds_case_read(
    json_t *referral, bool unchecked, struct htcds_case *ret)
{
	struct htcds_case it = {
		.referral = referral,
		.has_contact = has_way(referral),
		.unchecked = unchecked,
	};
	struct reading reading = { 0 };
	const char *key;
	json_t *value;

	if (!bytes_equal(
		htcds_case_text(referral, "x_profile"), bytes_str(PROFILE))) {
		return TL_EFORMAT;
	}
	reading.fields = it.fields = json_object();
	reading.other = it.other = json_object();
	json_object_foreach(referral, key, value)
	{
		take_member(&reading, it.has_contact, key, value);
	}
	if (it.fields == NULL || it.other == NULL || reading.failed) {
		htcds_case_free(&it);
		return TL_ENOMEM;
	}
	*ret = it;
	return TL_OK;
}

void htcds_case_free(struct htcds_case *it)
{
	json_decref(it->fields);
	json_decref(it->other);
	it->fields = it->other = NULL;
}
