/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What officers do is written down; and the trail is read again. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "crypto/random.h"
#include "desk/api.h"
#include "desk/audit.h"

/* Records looked at for one page; an officer's own may be few among them. */
#define TRAIL_PAGE 64u
/* Who opens a tip again so soon, or searches on, does the same thing still. */
#define SAME_MS UINT64_C(60000)

/* ---- writing ------------------------------------------------------------- */

struct keeping {
	struct web *web;
	unsigned gap; /* so many it tells of */
	web_audited_fn fn;
	void *arg;
};

static void tell_gap(struct web *web);

static void end_keeping(const struct keeping *keeping, bool is_kept)
{
	struct web *web = keeping->web;

	if (keeping->gap > 0) {
		web->telling_gap = false;
	}
	if (is_kept) {
		web->audit_gap -= keeping->gap;
		tell_gap(web);
	} else if (keeping->gap == 0) {
		web->audit_gap++;
		log_event(LOG_AUDIT_LOST, ++web->audit_lost, 0);
	}
	if (keeping->fn != NULL) {
		keeping->fn(web, is_kept, keeping->arg);
	}
}

/* The store ends if it cannot write, but on a full disk. */
static void kept(const struct frame *frame, void *arg)
{
	const struct keeping keeping = *(struct keeping *)arg;

	free(arg);
	end_keeping(&keeping, store_done_of(frame).result == STORE_ANSWERED);
}

static void write_down(const struct keeping *keeping, const struct audit *audit)
{
	struct web *web = keeping->web;
	struct keeping *copy = malloc(sizeof(*copy));
	struct store_keep keep = { .kind = LEDGER_AUDIT };
	struct buf doc, sealed;
	enum tl_err err;

	buf_init(&doc, AUDIT_DOC_BYTES);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	err = copy == NULL ? TL_ENOMEM : audit_put(audit, &doc);
	if (err == TL_OK) {
		err = web_seal(web, bytes_of(doc.data, doc.len), &sealed);
	}
	if (err == TL_OK) {
		*copy = *keeping;
		random_bytes(keep.id, sizeof(keep.id));
		keep.bytes = bytes_of(sealed.data, sealed.len);
		store_ask_keep(web->store, &keep, kept, copy);
	} else {
		free(copy);
		end_keeping(keeping, false);
	}
	buf_free(&doc);
	buf_free(&sealed);
}

static void audit_this(const struct keeping *keeping, enum audit_what what,
    const char *who, const uint8_t *tip, struct bytes note)
{
	/* this host's clock: what Redis says of the time anybody there can
	 * say */
	struct audit audit = { .at_ms = (uint64_t)clock_wall_s() * 1000u,
		.what = what };
	size_t len = strnlen(who, AUDIT_NAME_BYTES);

	memcpy(audit.who, who, len);
	/* a name that was tried may be anything */
	audit_set_note(&audit, bytes_of(who, len));
	if (strcmp(audit.note, "?") == 0) {
		memcpy(audit.who, "?", 2);
	}
	audit_set_note(&audit, note);
	if (tip != NULL) {
		audit.has_tip = true;
		memcpy(audit.tip, tip, sizeof(audit.tip));
	}
	write_down(keeping, &audit);
}

/* A trail has no gaps that are not said. */
static void tell_gap(struct web *web)
{
	const struct keeping keeping = { .web = web, .gap = web->audit_gap };
	struct buf note;

	if (web->audit_gap == 0 || web->telling_gap) {
		return;
	}
	web->telling_gap = true;
	buf_init(&note, 32);
	buf_put_dec(&note, web->audit_gap);
	audit_this(
	    &keeping, AUDIT_GAP, "", NULL, bytes_of(note.data, note.len));
	buf_free(&note);
}

void web_audit_first(struct web *web, enum audit_what what, const char *who,
    const uint8_t *tip, struct bytes note, web_audited_fn fn, void *arg)
{
	const struct keeping keeping = { .web = web, .fn = fn, .arg = arg };

	audit_this(&keeping, what, who, tip, note);
}

void web_audit(struct web *web, enum audit_what what, const char *who,
    const uint8_t *tip, struct bytes note)
{
	web_audit_first(web, what, who, tip, note, NULL, NULL);
}

bool web_audit_is_shut(const struct web *web)
{
	return web->state.room == STORE_ROOM_NONE;
}

void web_audit_view(
    struct web *web, struct session *session, const uint8_t tip[static 16])
{
	uint64_t now_ms = clock_mono_ms();

	if (memcmp(session->viewed, tip, sizeof(session->viewed)) == 0 &&
	    now_ms - session->viewed_ms < SAME_MS) {
		return;
	}
	memcpy(session->viewed, tip, sizeof(session->viewed));
	session->viewed_ms = now_ms;
	web_audit(web, AUDIT_VIEW, session->name, tip, bytes_of(NULL, 0));
}

void web_audit_handover(struct web *web, struct session *session)
{
	uint64_t now_ms = clock_mono_ms();

	if (session->handed_ms != 0 && now_ms - session->handed_ms < SAME_MS) {
		return;
	}
	session->handed_ms = now_ms;
	web_audit(web, AUDIT_VIEW, session->name, NULL, bytes_str("handover"));
}

void web_audit_search(struct web *web, struct session *session, size_t found)
{
	uint64_t now_ms = clock_mono_ms();
	struct buf note;

	if (session->searched_ms != 0 &&
	    now_ms - session->searched_ms < SAME_MS) {
		session->searches++;
		return;
	}
	session->searched_ms = now_ms;
	buf_init(&note, 64);
	buf_put_dec(&note, found);
	buf_put_str(&note, " found");
	if (session->searches > 0) { /* somebody who feels for something */
		buf_put_str(&note, ", after ");
		buf_put_dec(&note, session->searches);
		buf_put_str(&note, " more");
		session->searches = 0;
	}
	web_audit(web, AUDIT_SEARCH, session->name, NULL,
	    bytes_of(note.data, note.len));
	buf_free(&note);
}

/* ---- the trail ----------------------------------------------------------- */

struct trail_page {
	struct web *web;
	net_token conn;
	char who[KEYD_NAME_BYTES + 1]; /* "": everybody */
	json_t *entries;
	size_t waiting;
	uint64_t next; /* where the next page begins, counted from 1; 0: none */
	bool failed;
};

enum tl_err web_audit_index(struct web *web, uint64_t number)
{
	if (web->n_audit == web->audit_room) {
		size_t room = web->audit_room == 0 ? 256 : 2 * web->audit_room;
		uint64_t *more = reallocarray(web->audit, room, sizeof(*more));

		if (more == NULL) {
			return TL_ENOMEM;
		}
		web->audit = more;
		web->audit_room = room;
	}
	web->audit[web->n_audit++] = number;
	return TL_OK;
}

static json_t *entry_of(const struct audit *audit)
{
	char tip[2 * AUDIT_TIP_BYTES + 1] = "";
	json_t *entry = json_pack("{s:I,s:s,s:s,s:s}", "at_ms",
	    (json_int_t)audit->at_ms, "who", audit->who, "what",
	    audit_word(audit->what), "note", audit->note);

	if (audit->has_tip) {
		static const char digits[] = "0123456789abcdef";

		for (size_t i = 0; i < AUDIT_TIP_BYTES; i++) {
			tip[2 * i] = digits[audit->tip[i] >> 4];
			tip[2 * i + 1] = digits[audit->tip[i] & 15];
		}
		(void)json_object_set_new(entry, "tip", json_string(tip));
	}
	return entry;
}

static void end_page(struct trail_page *page)
{
	json_t *header;

	if (--page->waiting > 0) {
		return;
	}
	if (page->failed) {
		json_decref(page->entries);
		api_refuse(page->web, page->conn, 503, "opening",
		    "The trail cannot be opened now; try again.");
	} else {
		header = api_header(page->web);
		api_answer(page->web, page->conn, 200,
		    json_pack("{s:o,s:I,s:I,s:O}", "entries", page->entries,
			"next", (json_int_t)page->next, "records",
			(json_int_t)page->web->n_audit, "head",
			json_object_get(header, "head")));
		json_decref(header);
	}
	free(page);
}

/* They come in the order in which they were asked for. */
static void record_opened(const struct web_opened *opened, void *arg)
{
	struct trail_page *page = arg;
	bool all = page->who[0] == '\0';
	struct audit audit;
	json_t *entry = NULL;
	bool is_shown = all;
	enum tl_err err = TL_EFORMAT;

	if (opened->result == 0 && opened->is_signed) {
		err = audit_read(opened->report, &audit);
	}
	if (opened->result == WEB_NOBODY || err == TL_ENOMEM) {
		page->failed = true;
	} else if (err != TL_OK) {
		/* its epoch was destroyed, or it is none of ours: its place
		 * in the chain stays */
		entry = json_pack("{s:s}", "what", "unreadable");
	} else {
		is_shown = all || strcmp(page->who, audit.who) == 0;
		entry = entry_of(&audit);
	}
	if (is_shown && json_array_append(page->entries, entry) != 0) {
		page->failed = true; /* a trail has no gaps that are not said */
	}
	json_decref(entry);
	end_page(page);
}

static size_t number_of(const struct api_call *call, const char *name)
{
	struct buf text;
	size_t number = 0;

	buf_init(&text, 20);
	if (api_query(call, name, &text)) {
		for (size_t i = 0; i < text.len && number < SIZE_MAX / 16;
		     i++) {
			number = text.data[i] < '0' || text.data[i] > '9'
			    ? 0
			    : number * 10 + (size_t)(text.data[i] - '0');
		}
	}
	buf_free(&text);
	return number;
}

/* From the newest on, or from where the page before ended. */
static void trail(struct api_call *call)
{
	struct web *web = call->web;
	const struct session *session = call->session;
	struct trail_page *page = calloc(1, sizeof(*page));
	size_t from = number_of(call, "from");
	bool own =
	    session->role != SESSION_SUPERVISOR || number_of(call, "mine") == 1;

	if (page == NULL) {
		api_refuse(web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return;
	}
	from = from == 0 || from > web->n_audit ? web->n_audit : from;
	*page = (struct trail_page){ .web = web,
		.conn = call->conn,
		.entries = json_array(),
		.waiting = 1 };
	if (own) {
		memcpy(page->who, session->name, sizeof(page->who));
	}
	page->next = from > TRAIL_PAGE ? from - TRAIL_PAGE : 0;
	page->waiting += from - page->next;
	web_audit(web, AUDIT_TRAIL, session->name, NULL,
	    bytes_str(own ? "own" : "all"));
	for (size_t i = from; i > page->next; i--) {
		web_open_record(web, web->audit[i - 1], record_opened, page);
	}
	end_page(page);
}

const struct api_route api_audit_routes[] = {
	{ HTTP_GET, "/api/audit", API_OFFICER, NULL, trail, false, 0 },
	{ 0 },
};
