/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/enclosure.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/enc.h"
#include "text/report_parts.h"

/* 'x' a hexadecimal digit, '9' a decimal one; the number follows. */
static const char name_shape[] = "R-xxxxxxxx-99999999T999999Z-";
static const char ref_shape[] = "R-xxxxxxxx";

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How much of text has the shape: all of it, or 0. */
static size_t begins_as(const char *text, const char *shape)
{
	size_t i = 0;

	for (; shape[i] != '\0'; i++) {
		bool fits = shape[i] == 'x'
		    ? is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f')
		    : shape[i] == '9' ? is_digit(text[i])
				      : text[i] == shape[i];

		if (!fits) {
			return 0;
		}
	}
	return i;
}

static bool is_name(const char *name)
{
	size_t at = begins_as(name, name_shape);
	size_t digits = strspn(name + at, "0123456789");

	return at > 0 && digits >= 1 && digits <= 2 && name[at] != '0' &&
	    name[at + digits] == '\0';
}

static bool is_ref(const char *ref)
{
	size_t at = begins_as(ref, ref_shape);

	return at > 0 && ref[at] == '\0';
}

void enclosure_name(const char *ref, int64_t at_s, unsigned number,
    char ret[static ENCLOSURE_NAME_BYTES])
{
	time_t at = (time_t)at_s;
	struct tm tm;
	char time[20];

	ret[0] = '\0';
	if (gmtime_r(&at, &tm) != NULL &&
	    strftime(time, sizeof(time), "%Y%m%dT%H%M%SZ", &tm) > 0) {
		(void)snprintf(ret, ENCLOSURE_NAME_BYTES, "%s-%s-%u", ref, time,
		    number % 100u);
	}
	if (!is_name(ret)) {
		ret[0] = '\0';
	}
}

const char *enclosure_ending(const char *kind)
{
	static const struct {
		const char *kind, *ending;
	} rows[] = {
		{ "image/jpeg", "jpg" },
		{ "image/png", "png" },
		{ "image/gif", "gif" },
		{ "image/webp", "webp" },
		{ "image/heic", "heic" },
		{ "audio/amr", "amr" },
		{ "audio/3gpp", "3gp" },
		{ "audio/mp4", "m4a" },
		{ "audio/ogg", "ogg" },
		{ "audio/mpeg", "mp3" },
		{ "audio/wav", "wav" },
		{ "video/quicktime", "mov" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].kind, kind) == 0) {
			return rows[i].ending;
		}
	}
	return "bin"; /* a document may do things when it is opened */
}

unsigned enclosure_parts(const struct enclosure *enclosure)
{
	return (unsigned)((enclosure->bytes + ENCLOSURE_PART_BYTES - 1) /
	    ENCLOSURE_PART_BYTES);
}

/* ---- as JSON --------------------------------------------------------------
 */

json_t *enclosure_item(const struct enclosure *enclosure)
{
	json_t *item = NULL;
	struct buf hex;

	buf_init(&hex, 2 * ENCLOSURE_HASH_BYTES);
	enc_hex(&hex, enclosure->sha256, ENCLOSURE_HASH_BYTES);
	if (buf_err(&hex) == TL_OK) {
		item = json_pack("{s:s, s:s%, s:I, s:s, s:b}", "name",
		    enclosure->name, "sha256", (const char *)hex.data, hex.len,
		    "bytes", (json_int_t)enclosure->bytes, "kind",
		    enclosure->kind, "cleaned", enclosure->cleaned ? 1 : 0);
	}
	buf_free(&hex);
	return item;
}

/* False: it is no string, or too long. */
static bool take_text(
    const json_t *json, const char *key, char *ret, size_t size)
{
	const json_t *value = json_object_get(json, key);
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len >= size ||
	    strlen(json_string_value(value)) != len) {
		return false;
	}
	memcpy(ret, json_string_value(value), len + 1);
	return true;
}

enum tl_err enclosure_read_item(const json_t *item, struct enclosure *ret)
{
	const json_t *bytes = json_object_get(item, "bytes");
	struct enclosure it = { .cleaned = json_is_true(
				    json_object_get(item, "cleaned")) };

	if (!take_text(item, "name", it.name, sizeof(it.name)) ||
	    !is_name(it.name) ||
	    !take_text(item, "kind", it.kind, sizeof(it.kind)) ||
	    !report_hex(item, "sha256", it.sha256, sizeof(it.sha256)) ||
	    json_integer_value(bytes) < 1 ||
	    json_integer_value(bytes) > (json_int_t)ENCLOSURE_BYTES_MAX) {
		return TL_EFORMAT;
	}
	it.bytes = (uint64_t)json_integer_value(bytes);
	*ret = it;
	return TL_OK;
}

json_t *enclosure_head(const struct enclosure_part *part)
{
	json_t *head = enclosure_item(&part->of);

	if (head != NULL &&
	    (json_object_set_new(
		 head, "x_profile", json_string(ENCLOSURE_PROFILE)) != 0 ||
		json_object_set_new(head, "x_ref", json_string(part->ref)) !=
		    0 ||
		json_object_set_new(
		    head, "part", json_integer((json_int_t)part->part)) != 0 ||
		json_object_set_new(head, "parts",
		    json_integer((json_int_t)enclosure_parts(&part->of))) !=
		    0)) {
		json_decref(head);
		head = NULL;
	}
	return head;
}

enum tl_err enclosure_read_head(const json_t *head, struct enclosure_part *ret)
{
	const char *profile =
	    json_string_value(json_object_get(head, "x_profile"));
	json_int_t part = json_integer_value(json_object_get(head, "part"));
	json_int_t parts = json_integer_value(json_object_get(head, "parts"));
	struct enclosure_part it = { .part = 0 };

	if (profile == NULL || strcmp(profile, ENCLOSURE_PROFILE) != 0) {
		return TL_ENOENT;
	}
	if (enclosure_read_item(head, &it.of) != TL_OK ||
	    !take_text(head, "x_ref", it.ref, sizeof(it.ref)) ||
	    !is_ref(it.ref) || parts != (json_int_t)enclosure_parts(&it.of) ||
	    part < 1 || part > parts) {
		return TL_EFORMAT;
	}
	it.part = (unsigned)part;
	*ret = it;
	return TL_OK;
}

bool enclosure_is(const struct enclosure *a, const struct enclosure *b)
{
	return strcmp(a->name, b->name) == 0 && a->bytes == b->bytes &&
	    strcmp(a->kind, b->kind) == 0 &&
	    memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}
