/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/evidence.h"

#include <string.h>

#include "desk/api.h"
#include "desk/gather.h"
#include "desk/referral_task.h"
#include "text/json_memory.h"
#include "text/report_parts.h"

_Static_assert(ENCLOSURE_BYTES_MAX == GATHER_BYTES,
    "what can be put together can be sent");

/* The caller's; NULL: the tip has none of this hash. */
static json_t *by_hash(
    const struct tip *tip, const uint8_t hash[static ENCLOSURE_HASH_BYTES])
{
	uint8_t its[ENCLOSURE_HASH_BYTES];
	json_t *all = api_attachments(tip), *found = NULL;
	json_t *file;
	size_t i;

	json_array_foreach(all, i, file)
	{
		/* of one that was sent again, the whole one */
		if (report_hex(file, "sha256", its, sizeof(its)) &&
		    memcmp(its, hash, sizeof(its)) == 0) {
			json_decref(found);
			found = json_incref(file);
			if (strcmp(referral_text(file, "state"), "complete") ==
			    0) {
				break;
			}
		}
	}
	json_decref(all);
	return found;
}

json_t *evidence_find(const struct tip *tip, const struct enclosure *enclosure)
{
	return by_hash(tip, enclosure->sha256);
}

static const char *judge(const struct web *web, const json_t *file)
{
	json_int_t bytes = json_integer_value(json_object_get(file, "bytes"));

	if (file == NULL) {
		return "The tip has no such file any more: look at it again.";
	}
	if (strcmp(referral_text(file, "state"), "complete") != 0) {
		return "A file is not whole: only what came whole can go.";
	}
	if (bytes < 1 || bytes > (json_int_t)ENCLOSURE_BYTES_MAX) {
		return "A file is empty, or has more than 16 MiB: it cannot "
		       "go.";
	}
	return gather_has_all(web, file)
	    ? NULL
	    : "Not all parts of a file have come to this desk yet: try again "
	      "later.";
}

/* NULL: it is in the list now. */
static const char *add(const struct web *web, const struct tip *tip,
    const json_t *hash, struct enclosure *next, json_t *list)
{
	json_t *wanted =
	    json_pack("{s:O}", "sha256", (json_t *)(uintptr_t)hash);
	json_t *file = NULL;
	const char *kind, *wrong;

	if (!report_hex(wanted, "sha256", next->sha256, sizeof(next->sha256))) {
		json_decref(wanted);
		return "A file is named by its hash, in hexadecimal digits.";
	}
	json_decref(wanted);
	file = by_hash(tip, next->sha256);
	wrong = judge(web, file);
	if (wrong == NULL) {
		kind = referral_text(file, "type");
		if (kind[0] == '\0' || strlen(kind) >= sizeof(next->kind)) {
			kind = "application/octet-stream";
		}
		memset(next->kind, 0, sizeof(next->kind));
		memcpy(next->kind, kind, strlen(kind));
		next->bytes = (uint64_t)json_integer_value(
		    json_object_get(file, "bytes"));
		next->cleaned = json_is_true(json_object_get(file, "cleaned"));
		if (json_array_append_new(list, enclosure_item(next)) != 0) {
			wrong = "The desk has no memory left.";
		}
	}
	json_decref(file);
	return wrong;
}

static bool is_twice(const json_t *wanted, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (json_equal(json_array_get(wanted, i),
			json_array_get(wanted, at))) {
			return true;
		}
	}
	return false;
}

const char *evidence_choose(const struct web *web, const struct tip *tip,
    const json_t *wanted, const char *ref, int64_t created_s, json_t **ret_list)
{
	json_t *list = json_array();
	const char *wrong = NULL;
	uint64_t bytes = 0;

	if ((wanted != NULL && !json_is_array(wanted)) ||
	    json_array_size(wanted) > ENCLOSURE_FILES_MAX) {
		wrong = "At most 8 files go with one referral.";
	}
	for (size_t i = 0; wrong == NULL && i < json_array_size(wanted); i++) {
		struct enclosure next = { .bytes = 0 };

		enclosure_name(ref, created_s, (unsigned)i + 1, next.name);
		wrong = is_twice(wanted, i)
		    ? "A file is chosen twice."
		    : add(web, tip, json_array_get(wanted, i), &next, list);
		bytes += next.bytes;
		if (wrong == NULL && bytes > EVIDENCE_BYTES) {
			wrong = "The files have more than 64 MiB together: "
				"choose fewer.";
		}
	}
	if (wrong == NULL) {
		*ret_list = list;
	} else {
		json_decref(list);
	}
	return wrong;
}

json_t *evidence_of(const json_t *entry)
{
	json_t *doc = json_memory_text(
	    bytes_str(referral_text(entry, "text")), JSON_ALLOW_NUL);
	json_t *list = json_incref(json_object_get(doc, "x_evidence"));

	json_decref(doc);
	return list == NULL ? json_array() : list;
}

/* The item of this name; NULL: none yet. */
static json_t *named(const json_t *files, const char *name)
{
	json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		if (strcmp(referral_text(file, "name"), name) == 0) {
			return file;
		}
	}
	return NULL;
}

/* It was taken, once more perhaps. */
static void add_left(json_t *files, const json_t *entry)
{
	json_t *item = json_object_get(entry, "file");
	json_t *file = named(files, referral_text(item, "name"));

	if (file == NULL) {
		file = json_copy(item);
		(void)json_object_set(file, "at", json_object_get(entry, "at"));
		(void)json_object_set(
		    file, "who", json_object_get(entry, "who"));
		(void)json_array_append_new(files, file);
	}
	(void)json_object_set_new(file, "times",
	    json_integer(
		json_integer_value(json_object_get(file, "times")) + 1));
}

json_t *evidence_left(const json_t *entries)
{
	const json_t *referral = referral_newest(entries);
	const char *ref = referral_text(referral, "ref");
	json_t *files, *left;
	const json_t *entry;
	size_t i;

	if (referral == NULL) {
		return NULL;
	}
	files = json_array();
	json_array_foreach(entries, i, entry)
	{
		if (strcmp(referral_text(entry, "kind"), "referral-file") ==
			0 &&
		    strcmp(referral_text(entry, "ref"), ref) == 0) {
			add_left(files, entry);
		}
	}
	left = json_pack("{s:s, s:s, s:s, s:O}", "ref", ref, "partner",
	    referral_text(referral, "partner"), "partner_name",
	    referral_text(referral, "partner_name"), "files", files);
	json_decref(files);
	return left;
}
