/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* ---- writing --------------------------------------------------------------
 */

struct adding {
	struct web *web;
	struct tip *tip;
	entry_done_fn fn;
	void *arg;
};

static void added(const struct frame *frame, void *arg)
{
	struct adding adding = *(struct adding *)arg;
	struct store_done done = store_done_of(frame);

	free(arg);
	if (done.has_now) {
		(void)tips_set_case(
		    adding.web->tips, adding.tip->id, &done.now);
	}
	adding.fn(adding.web, &done, adding.arg);
}

static enum tl_err seal(struct web *web, json_t *doc, struct buf *out)
{
	char *text = json_dumps(doc, JSON_COMPACT);
	enum tl_err err =
	    text == NULL ? TL_ENOMEM : web_seal(web, bytes_str(text), out);

	free(text);
	return err;
}

void entry_add(struct web *web, struct tip *tip, const char *who, json_t *doc,
    entry_done_fn fn, void *arg)
{
	struct store_do change = { .event = CASE_DO_NOTE, .has_reason = true };
	struct store_done failed = { .result = STORE_NO_MEMORY };
	struct adding *adding = calloc(1, sizeof(*adding));
	struct buf sealed;

	buf_init(&sealed, CASE_SEALED_BYTES);
	if (adding == NULL ||
	    json_object_set_new(doc, "at", json_integer(clock_wall_s())) != 0 ||
	    json_object_set_new(doc, "who", json_string(who)) != 0 ||
	    seal(web, doc, &sealed) != TL_OK) {
		free(adding);
		fn(web, &failed, arg);
	} else {
		*adding = (struct adding){ web, tip, fn, arg };
		memcpy(change.id, tip->id, sizeof(change.id));
		(void)snprintf(change.who, sizeof(change.who), "%s", who);
		change.sealed = bytes_of(sealed.data, sealed.len);
		store_ask_do(web->store, &change, added, adding);
	}
	buf_free(&sealed);
	json_decref(doc);
}

/* ---- reading --------------------------------------------------------------
 */

struct listing {
	struct web *web;
	json_t *list;
	size_t opening; /* documents on their way through keyd */
	bool told;      /* the store has told of all */
	bool failed;
	entry_list_fn fn;
	void *arg;
};

struct one {
	struct listing *listing;
	size_t at; /* in its list */
};

static void end_if_done(struct listing *listing)
{
	if (!listing->told || listing->opening > 0) {
		return;
	}
	if (listing->failed) {
		json_decref(listing->list);
		listing->list = NULL;
	}
	listing->fn(listing->web, listing->list, listing->arg);
	free(listing);
}

static void opened(const struct web_opened *opened, void *arg)
{
	struct one one = *(struct one *)arg;
	struct listing *listing = one.listing;
	json_t *entry = json_array_get(listing->list, one.at);
	json_t *doc = NULL;

	free(arg);
	listing->opening--;
	if (opened->result == WEB_NOBODY) {
		listing->failed = true;
	} else if (opened->result == 0 && opened->is_signed) {
		doc = json_loadb((const char *)opened->report.at,
		    opened->report.len, JSON_ALLOW_NUL, NULL);
	}
	if (doc != NULL) {
		(void)json_object_update_missing(entry, doc);
		json_decref(doc);
	} else {
		(void)json_object_set_new(entry, "sealed", json_true());
	}
	end_if_done(listing);
}

static json_t *entry_of(const struct case_record *record)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:s, s:i, s:s}", "event",
	    case_event_name(record->event), "id",
	    (json_int_t)record->now.version, "version",
	    (json_int_t)record->now.version, "at_ms", (json_int_t)record->at_ms,
	    "state", case_state_name(record->now.state), "priority",
	    (int)record->now.priority, "owner", record->now.owner);
}

static void take_entry(struct listing *listing, const struct store_entry *told)
{
	struct one *one = calloc(1, sizeof(*one));

	if (one == NULL ||
	    json_array_append_new(listing->list, entry_of(&told->record)) !=
		0) {
		free(one);
		listing->failed = true;
		return;
	}
	*one = (struct one){ listing, json_array_size(listing->list) - 1 };
	if (told->record.sealed.len == 0) {
		free(one); /* of the machine, which says no more */
		return;
	}
	listing->opening++;
	web_open_sealed(listing->web, told->record.sealed, opened, one);
}

static void told(const struct frame *frame, void *arg)
{
	struct listing *listing = arg;
	struct store_entry entry;

	if (frame != NULL && frame->type == FRAME_STORE_ENTRY) {
		if (store_read_entry(frame, &entry) == TL_OK) {
			take_entry(listing, &entry);
		}
		return;
	}
	listing->told = true;
	if (store_done_of(frame).result != STORE_ANSWERED) {
		listing->failed = true;
	}
	end_if_done(listing);
}

void entry_list(struct web *web, const uint8_t id[static TIP_ID_BYTES],
    entry_list_fn fn, void *arg)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	json_t *list = json_array();

	if (listing == NULL || list == NULL) {
		free(listing);
		json_decref(list);
		fn(web, NULL, arg);
		return;
	}
	*listing =
	    (struct listing){ .web = web, .list = list, .fn = fn, .arg = arg };
	store_ask_entries(web->store, id, told, listing);
}

bool entry_is_for(const json_t *entry, const struct session *session)
{
	const char *whose = json_string_value(json_object_get(entry, "for"));
	const char *who = json_string_value(json_object_get(entry, "who"));

	if (whose == NULL || strcmp(whose, "team") == 0) {
		return true;
	}
	if (who != NULL && strcmp(who, session->name) == 0) {
		return true;
	}
	return strcmp(whose, "supervisor") == 0 &&
	    session->role == SESSION_SUPERVISOR;
}
