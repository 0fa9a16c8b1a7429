/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "desk/api.h"
#include "desk/withdrawn.h"
#include "text/json_memory.h"

/* ---- writing --------------------------------------------------------------
 */

struct adding {
	struct web *web;
	struct tip *tip;
	json_t *doc; /* to be written all the same if it is refused; or NULL */
	char who[CASE_OWNER_BYTES];
	char kind[32];
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
	if (adding.doc != NULL && done.result == STORE_ANSWERED &&
	    done.why != CASE_YES) {
		entry_add(adding.web, adding.tip, adding.who, adding.doc,
		    adding.fn, adding.arg);
		return;
	}
	/* what was there before was written down then */
	if (done.result == STORE_ANSWERED && done.why == CASE_YES &&
	    done.has_now) {
		web_audit(adding.web, AUDIT_ENTRY, adding.who, adding.tip->id,
		    bytes_str(adding.kind));
	}
	json_decref(adding.doc);
	adding.fn(adding.web, &done, adding.arg);
}

enum tl_err entry_seal(struct web *web, const struct tip *tip, const char *who,
    json_t *doc, struct buf *out)
{
	enum tl_err err = TL_ENOMEM;
	char *text = NULL;

	if (json_object_set_new(doc, "tip", api_tip_id(tip)) == 0 &&
	    json_object_set_new(doc, "at", json_integer(clock_wall_s())) == 0 &&
	    json_object_set_new(doc, "who", json_string(who)) == 0) {
		text = json_dumps(doc, JSON_COMPACT);
	}
	if (text != NULL) {
		err = web_seal(web, bytes_str(text), out);
	}
	free(text);
	return err;
}

/* Takes doc. */
static void write_by(const struct store_do *by, const struct adding *given,
    json_t *doc, bool is_tried)
{
	const struct store_done failed = { .result = STORE_NO_MEMORY };
	struct adding *adding = calloc(1, sizeof(*adding));
	struct store_do change = *by;
	const char *kind = json_string_value(json_object_get(doc, "kind"));
	struct buf sealed;

	buf_init(&sealed, CASE_SEALED_BYTES);
	if (adding == NULL ||
	    entry_seal(given->web, given->tip, given->who, doc, &sealed) !=
		TL_OK) {
		free(adding);
		given->fn(given->web, &failed, given->arg);
	} else {
		*adding = *given;
		(void)snprintf(adding->kind, sizeof(adding->kind), "%s",
		    kind == NULL ? "" : kind);
		adding->doc = is_tried ? json_incref(doc) : NULL;
		memcpy(change.id, given->tip->id, sizeof(change.id));
		memcpy(change.who, given->who, sizeof(change.who));
		change.has_reason = true;
		change.sealed = bytes_of(sealed.data, sealed.len);
		store_ask_do(given->web->store, &change, added, adding);
	}
	buf_free(&sealed);
	json_decref(doc);
}

void entry_add(struct web *web, struct tip *tip, const char *who, json_t *doc,
    entry_done_fn fn, void *arg)
{
	const struct store_do note = { .event = CASE_DO_NOTE };
	struct adding adding = { .web = web, .tip = tip, .fn = fn, .arg = arg };

	(void)snprintf(adding.who, sizeof(adding.who), "%s", who);
	write_by(&note, &adding, doc, false);
}

void entry_add_once(struct web *web, struct tip *tip, const char *who,
    json_t *doc, const uint8_t event_id[static CASE_ID_BYTES], uint64_t version,
    entry_done_fn fn, void *arg)
{
	struct store_do note = {
		.event = CASE_DO_NOTE, .version = version, .has_event_id = true
	};
	struct adding adding = { .web = web, .tip = tip, .fn = fn, .arg = arg };

	memcpy(note.event_id, event_id, sizeof(note.event_id));
	(void)snprintf(adding.who, sizeof(adding.who), "%s", who);
	write_by(&note, &adding, doc, false);
}

void entry_ask(struct web *web, struct tip *tip, const char *who,
    bool supervisor, json_t *doc, entry_done_fn fn, void *arg)
{
	const struct store_do ask = { .event = CASE_DO_ASK,
		.passed = CASE_PASSED_CONTACT,
		.supervisor = supervisor };
	struct adding adding = { .web = web, .tip = tip, .fn = fn, .arg = arg };

	(void)snprintf(adding.who, sizeof(adding.who), "%s", who);
	write_by(&ask, &adding, doc, true);
}

/* ---- reading --------------------------------------------------------------
 */

/* So many documents of one list are on their way through keyd, however long it
 * is: what waits there has a bound, and is the end of the desk beyond. */
#define OPENING_MAX 4u

/* An event with a document. */
struct one {
	struct listing *listing;
	json_t *entry;   /* of its list */
	uint8_t *sealed; /* NULL when it has been asked for */
	size_t len;
	bool is_again;  /* it was sealed again, by the desk */
	uint8_t id[16]; /* of the envelope, when it is open */
	struct one *next;
};

struct listing {
	struct web *web;
	const struct tip *of; /* whose events they are */
	json_t *tip;          /* its name */
	json_t *list;
	struct one *first, **end;
	struct one *to_ask; /* NULL: all have been asked for */
	size_t opening;
	unsigned lacks; /* of memory, when it began */
	bool told;      /* the store has told of all */
	bool failed, in_turn;
	entry_list_fn fn;
	void *arg;
};

static void free_sealed(struct one *one)
{
	free(one->sealed);
	one->sealed = NULL;
}

static void end(struct listing *listing)
{
	/* as it is now: it may be taken back while it is read */
	withdrawn_entries(listing->list, tip_is_taken_back(listing->of));
	/* an entry that says less than was written is worse than none */
	if (listing->failed || json_memory_lacks() != listing->lacks) {
		json_decref(listing->list);
		listing->list = NULL;
	}
	listing->fn(listing->web, listing->list, listing->arg);
	while (listing->first != NULL) {
		struct one *one = listing->first;

		listing->first = one->next;
		free_sealed(one);
		free(one);
	}
	json_decref(listing->tip);
	free(listing);
}

/* The same envelope on the tip twice: the first was meant. */
static bool is_repeated(const struct one *one)
{
	const struct one *before = one->listing->first;

	while (before != one &&
	    memcmp(before->id, one->id, sizeof(one->id)) != 0) {
		before = before->next;
	}
	return before != one;
}

/* A desk wrote it, but on this tip, and with this event? Who can write to
 * Redis could have taken it from elsewhere. */
static bool is_of(const struct one *one, const json_t *doc)
{
	const json_t *event = json_object_get(doc, "event");

	return json_equal(json_object_get(doc, "tip"), one->listing->tip) &&
	    (event == NULL ||
		json_equal(event, json_object_get(one->entry, "event"))) &&
	    !is_repeated(one);
}

/* What is there stays. jansson's own of this kind is silent about memory. */
static int add_missing(json_t *entry, json_t *doc)
{
	const char *name;
	json_t *value;

	json_object_foreach(doc, name, value)
	{
		if (json_object_get(entry, name) == NULL &&
		    json_object_set(entry, name, value) != 0) {
			return -1;
		}
	}
	return 0;
}

static void go_on(struct listing *listing);

static void opened(const struct web_opened *opened, void *arg)
{
	struct one *one = arg;
	json_t *doc = NULL;
	int err;

	one->listing->opening--;
	if (opened->result == WEB_NOBODY) {
		one->listing->failed = true;
	} else if (opened->result == 0 &&
	    (opened->is_signed || (one->is_again && opened->is_ours))) {
		memcpy(one->id, opened->id, sizeof(one->id));
		doc = json_memory_text(opened->report, JSON_ALLOW_NUL);
	}
	if (doc == NULL) {
		err = json_object_set_new(one->entry, "sealed", json_true());
	} else if (is_of(one, doc)) {
		err = add_missing(one->entry, doc);
	} else {
		err = json_object_set_new(one->entry, "forged", json_true());
	}
	if (err != 0) { /* it would seem to say nothing */
		one->listing->failed = true;
	}
	json_decref(doc);
	go_on(one->listing);
}

/* Ask for the next ones; an answer can come inside the call. */
static void go_on(struct listing *listing)
{
	if (listing->in_turn) {
		return;
	}
	listing->in_turn = true;
	while (listing->told && !listing->failed && listing->to_ask != NULL &&
	    listing->opening < OPENING_MAX) {
		struct one *one = listing->to_ask;

		listing->to_ask = one->next;
		listing->opening++;
		web_open_sealed(
		    listing->web, bytes_of(one->sealed, one->len), opened, one);
		free_sealed(one);
	}
	listing->in_turn = false;
	if (listing->told && listing->opening == 0 &&
	    (listing->failed || listing->to_ask == NULL)) {
		end(listing);
	}
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

/* False: no memory. */
static bool keep_one(
    struct listing *listing, json_t *entry, const struct store_entry *told)
{
	struct bytes sealed = told->record.sealed;
	struct one *one = calloc(1, sizeof(*one));
	uint8_t *copy = malloc(sealed.len);

	if (one == NULL || copy == NULL) {
		free(one);
		free(copy);
		return false;
	}
	memcpy(copy, sealed.at, sealed.len);
	*one = (struct one){ .listing = listing,
		.entry = entry,
		.sealed = copy,
		.len = sealed.len,
		.is_again = told->is_again };
	*listing->end = one;
	listing->end = &one->next;
	return true;
}

static void take_entry(struct listing *listing, const struct store_entry *told)
{
	json_t *entry = entry_of(&told->record);

	if (json_array_append_new(listing->list, entry) != 0 ||
	    (told->record.sealed.len > 0 && /* else of the machine */
		!keep_one(listing, entry, told))) {
		listing->failed = true;
	}
}

static void told(const struct frame *frame, void *arg)
{
	struct listing *listing = arg;
	struct store_entry entry;

	if (frame != NULL && frame->type == FRAME_STORE_ENTRY) {
		if (store_read_entry(frame, &entry) == TL_OK) {
			take_entry(listing, &entry);
		} else { /* it may be the one that says NO CONTACT */
			listing->failed = true;
		}
		return;
	}
	listing->told = true;
	listing->to_ask = listing->first;
	if (store_done_of(frame).result != STORE_ANSWERED) {
		listing->failed = true;
	}
	go_on(listing);
}

void entry_list(struct web *web, const uint8_t id[static TIP_ID_BYTES],
    entry_list_fn fn, void *arg)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	const struct tip *tip = tips_find(web->tips, id);
	json_t *list = json_array();
	json_t *name = tip == NULL ? NULL : api_tip_id(tip);

	if (listing == NULL || list == NULL || name == NULL) {
		free(listing);
		json_decref(list);
		json_decref(name);
		fn(web, NULL, arg);
		return;
	}
	*listing = (struct listing){ .web = web,
		.of = tip,
		.tip = name,
		.list = list,
		.fn = fn,
		.arg = arg };
	listing->lacks = json_memory_lacks();
	listing->end = &listing->first;
	store_ask_entries(web->store, id, told, listing);
}

uint64_t entry_version(const json_t *entries)
{
	uint64_t newest = 0;
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		uint64_t version = (uint64_t)json_integer_value(
		    json_object_get(entry, "version"));

		newest = version > newest ? version : newest;
	}
	return newest;
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
