/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/partners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/read_file.h"
#include "text/json_memory.h"

#define DAY_S      86400
#define ID_MAX     32u
#define NAME_MAX_B 200u

#define PARTNER_NAME(name, text) [PARTNER_##name] = text,
static const char *const kind_names[PARTNER_KINDS_END] = { PARTNER_KINDS(
    PARTNER_NAME) };
#undef PARTNER_NAME

const char *partner_kind_name(enum partner_kind kind)
{
	return kind < PARTNER_KINDS_END ? kind_names[kind] : "?";
}

static bool kind_of(const char *text, enum partner_kind *ret)
{
	for (int i = 0; text != NULL && i < PARTNER_KINDS_END; i++) {
		if (strcmp(text, kind_names[i]) == 0) {
			*ret = (enum partner_kind)i;
			return true;
		}
	}
	return false;
}

static bool is_id(const char *text)
{
	size_t len = strlen(text);

	return len >= 1 && len <= ID_MAX &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* YYYY-MM-DD that is a day of the calendar. */
static bool day_of(const char *text, int32_t *ret_day)
{
	struct tm tm = { 0 };
	struct tm again;
	char printed[16];
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	time_t at;

	if (end == NULL || *end != '\0') {
		return false;
	}
	at = timegm(&tm);
	if (gmtime_r(&at, &again) == NULL ||
	    strftime(printed, sizeof(printed), "%Y-%m-%d", &again) == 0 ||
	    strcmp(printed, text) != 0) {
		return false;
	}
	*ret_day = (int32_t)(at / DAY_S);
	return true;
}

/* A list of words, or nothing; each is a text that is not empty. */
static bool is_words(const json_t *list)
{
	if (list != NULL && !json_is_array(list)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word == NULL || word[0] == '\0') {
			return false;
		}
	}
	return true;
}

static bool onward_of(const json_t *list, uint32_t *ret)
{
	enum partner_kind kind;

	if (!is_words(list)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!kind_of(
			json_string_value(json_array_get(list, i)), &kind)) {
			return false;
		}
		*ret |= UINT32_C(1) << kind;
	}
	return true;
}

static bool provinces_of(const json_t *list, uint32_t *ret)
{
	if (!is_words(list)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *code = json_string_value(json_array_get(list, i));
		unsigned long number = strtoul(code, NULL, 10);

		if (strlen(code) != 2 || strspn(code, "0123456789") != 2 ||
		    number < 1 || number > PARTNERS_PROVINCES) {
			return false;
		}
		*ret |= UINT32_C(1) << number;
	}
	return true;
}

/* A person has a name, and perhaps a phone and an address. */
static bool is_persons(const json_t *list)
{
	if (list != NULL && !json_is_array(list)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = "", *phone = "", *email = "", *role = "";

		if (json_unpack_ex(json_array_get(list, i), NULL, JSON_STRICT,
			"{s:s, s?s, s?s, s?s}", "name", &name, "phone", &phone,
			"email", &email, "role", &role) != 0 ||
		    name[0] == '\0') {
			return false;
		}
	}
	return true;
}

/* The members of an entry that are looked at here. */
struct entry {
	const char *id, *name, *kind, *key, *verified;
	const char *country, *hours, *conflict;
	const json_t *onward, *provinces, *persons, *services, *languages;
};

/* What is wrong with it, or NULL. */
static const char *judge(const struct entry *e, struct partner *partner)
{
	if (!is_id(e->id)) {
		return "\"id\" is not 1 to 32 of a-z, 0-9 and -";
	}
	if (e->name[0] == '\0' || strlen(e->name) > NAME_MAX_B) {
		return "\"name\" is empty or longer than 200 bytes";
	}
	if (!kind_of(e->kind, &partner->kind)) {
		return "\"kind\" is none of police, ngo, aftercare, embassy, "
		       "childline, foreign-line, interpreter";
	}
	if (partner_public_read(bytes_str(e->key), partner->key) != TL_OK) {
		return "\"key\" is not the line that `tipline open key` prints";
	}
	if (!day_of(e->verified, &partner->verified_day)) {
		return "\"verified_on\" is no day such as 2026-10-31";
	}
	if (!onward_of(e->onward, &partner->onward)) {
		return "\"passes_on_to\" is no list of kinds";
	}
	if (!provinces_of(e->provinces, &partner->provinces)) {
		return "\"provinces\" is no list of numbers from \"01\" to "
		       "\"25\"";
	}
	if (!is_persons(e->persons)) {
		return "\"persons\" is no list of objects with a name";
	}
	if (!is_words(e->services) || !is_words(e->languages)) {
		return "\"services\" or \"languages\" is no list of words";
	}
	return NULL;
}

/* What is wrong with the entry, or NULL; the id goes to *ret_id if it has one.
 */
static const char *take(const json_t *json, struct partner *partner,
    const char **ret_id, json_error_t *error)
{
	struct entry e = { 0 };

	*ret_id = json_string_value(json_object_get(json, "id"));
	/* json_unpack_ex() takes it without const and only reads it */
	if (json_unpack_ex((json_t *)(uintptr_t)json, error, JSON_STRICT,
		"{s:s, s:s, s:s, s:s, s:s, s?s, s?s, s?s, s?o, s?o, s?o, s?o, "
		"s?o}",
		"id", &e.id, "name", &e.name, "kind", &e.kind, "key", &e.key,
		"verified_on", &e.verified, "country", &e.country, "hours",
		&e.hours, "conflict", &e.conflict, "passes_on_to", &e.onward,
		"provinces", &e.provinces, "persons", &e.persons, "services",
		&e.services, "languages", &e.languages) != 0) {
		return error->text;
	}
	*partner = (struct partner){ .id = e.id, .name = e.name, .json = json };
	return judge(&e, partner);
}

static enum tl_err blame(
    struct partners_fault *fault, const char *id, const char *what)
{
	(void)snprintf(fault->text, sizeof(fault->text), "%.32s%s%s",
	    id == NULL ? "" : id, id == NULL ? "" : ": ", what);
	return TL_EFORMAT;
}

static enum tl_err take_all(
    struct partners *partners, const json_t *list, struct partners_fault *fault)
{
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > PARTNERS_MAX) {
		return blame(
		    fault, NULL, "\"partners\" is no list, or has over 512");
	}
	partners->items = calloc(n + 1, sizeof(*partners->items));
	if (partners->items == NULL) {
		return TL_ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		json_error_t error = { 0 };
		const char *id = NULL;
		const char *wrong = take(
		    json_array_get(list, i), &partners->items[i], &id, &error);

		if (wrong == NULL && partners_find(partners, id) != NULL) {
			wrong = "two partners have this id";
		}
		if (wrong != NULL) {
			return blame(fault, id, wrong);
		}
		partners->n++;
	}
	return TL_OK;
}

enum tl_err partners_parse(
    struct bytes text, struct partners *ret, struct partners_fault *ret_fault)
{
	struct partners partners = { 0 };
	json_error_t error = { 0 };
	const json_t *list = NULL;
	enum tl_err err;

	if (text.len > PARTNERS_MAX_BYTES) {
		return blame(ret_fault, NULL, "the directory is over 1 MiB");
	}
	err = json_memory_load(
	    text, JSON_REJECT_DUPLICATES, &partners.json, &error);
	if (err == TL_ENOMEM) {
		return blame(ret_fault, NULL, "no memory left to read it");
	}
	if (err != TL_OK) {
		(void)snprintf(ret_fault->text, sizeof(ret_fault->text),
		    "line %d: %s", error.line, error.text);
		return TL_EFORMAT;
	}
	if (json_unpack_ex(partners.json, &error, JSON_STRICT, "{s:o}",
		"partners", &list) != 0) {
		err = blame(ret_fault, NULL, error.text);
	} else {
		err = take_all(&partners, list, ret_fault);
	}
	if (err == TL_OK) {
		*ret = partners;
	} else {
		partners_free(&partners);
	}
	return err;
}

enum tl_err partners_load(
    const char *path, struct partners *ret, struct partners_fault *ret_fault)
{
	struct buf text;
	enum tl_err err;

	buf_init(&text, PARTNERS_MAX_BYTES);
	err = read_file(path, &text);
	if (err == TL_OK) {
		err = partners_parse(
		    bytes_of(text.data, text.len), ret, ret_fault);
	} else {
		(void)blame(ret_fault, NULL, err_text(err));
	}
	buf_free(&text);
	return err;
}

const struct partner *partners_find(
    const struct partners *partners, const char *id)
{
	for (size_t i = 0; i < partners->n; i++) {
		if (strcmp(partners->items[i].id, id) == 0) {
			return &partners->items[i];
		}
	}
	return NULL;
}

bool partner_any_person(const struct partner *partner,
    bool (*fn)(const char *name, void *arg), void *arg)
{
	const json_t *persons = json_object_get(partner->json, "persons");

	for (size_t i = 0; i < json_array_size(persons); i++) {
		const char *name = json_string_value(
		    json_object_get(json_array_get(persons, i), "name"));

		if (fn(name, arg)) {
			return true;
		}
	}
	return false;
}

void partners_free(struct partners *partners)
{
	free(partners->items);
	json_decref(partners->json);
	*partners = (struct partners){ 0 };
}
