/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/case_book.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SEED_BYTES 16u
#define FIRST_ROOM 256u

struct case_book {
	ledger_hash_fn hash;
	uint8_t seed[SEED_BYTES]; /* ids are chosen by strangers */
	struct case_known *all;
	size_t n, room;
	uint32_t *slots; /* number of one + 1, or 0; twice the room */
	uint64_t next;   /* record of the ledger */
	struct case_odds odds;
};

static const uint8_t none[CASE_ID_BYTES];

struct case_book *case_book_new(ledger_hash_fn hash)
{
	struct case_book *book = calloc(1, sizeof(*book));

	if (book == NULL) {
		return NULL;
	}
	book->hash = hash;
	if (getrandom(book->seed, SEED_BYTES, 0) != (ssize_t)SEED_BYTES) {
		free(book);
		return NULL;
	}
	return book;
}

void case_book_free(struct case_book *book)
{
	if (book != NULL) {
		free(book->all);
		free(book->slots);
	}
	free(book);
}

/* Where it is, or where it belongs. There are slots. */
static size_t slot_of(
    const struct case_book *book, const uint8_t id[static CASE_ID_BYTES])
{
	uint8_t msg[SEED_BYTES + CASE_ID_BYTES];
	uint8_t hash[LEDGER_HASH_BYTES];
	size_t slot;

	memcpy(msg, book->seed, SEED_BYTES);
	memcpy(msg + SEED_BYTES, id, CASE_ID_BYTES);
	book->hash(hash, msg, sizeof(msg));
	memcpy(&slot, hash, sizeof(slot));
	slot &= 2 * book->room - 1;
	while (book->slots[slot] != 0 &&
	    memcmp(book->all[book->slots[slot] - 1].id, id, CASE_ID_BYTES) !=
		0) {
		slot = (slot + 1) & (2 * book->room - 1);
	}
	return slot;
}

static enum tl_err make_room(struct case_book *book)
{
	size_t room = book->room == 0 ? FIRST_ROOM : 2 * book->room;
	struct case_known *all;
	uint32_t *slots;

	if (book->n < book->room) {
		return TL_OK;
	}
	if (room > UINT32_MAX / 4) {
		return TL_ENOMEM;
	}
	slots = calloc(2 * room, sizeof(*slots));
	all = reallocarray(book->all, room, sizeof(*all));
	if (all != NULL) {
		book->all = all;
	}
	if (slots == NULL || all == NULL) {
		free(slots);
		return TL_ENOMEM;
	}
	free(book->slots);
	book->slots = slots;
	book->room = room;
	for (size_t i = 0; i < book->n; i++) {
		slots[slot_of(book, all[i].id)] = (uint32_t)(i + 1);
	}
	return TL_OK;
}

struct case_known *case_book_find(
    const struct case_book *book, const uint8_t id[static CASE_ID_BYTES])
{
	size_t slot;

	if (book->n == 0) {
		return NULL;
	}
	slot = slot_of(book, id);
	return book->slots[slot] != 0 ? &book->all[book->slots[slot] - 1]
				      : NULL;
}

/* The case, which may be new. NULL: no memory. */
static struct case_known *take_place(
    struct case_book *book, const uint8_t id[static CASE_ID_BYTES])
{
	struct case_known *known = case_book_find(book, id);

	if (known != NULL) {
		return known;
	}
	if (make_room(book) != TL_OK) {
		return NULL;
	}
	known = &book->all[book->n];
	*known = (struct case_known){ 0 };
	memcpy(known->id, id, CASE_ID_BYTES);
	book->slots[slot_of(book, id)] = (uint32_t)(book->n + 1);
	book->n++;
	return known;
}

static enum tl_err learn_event(
    struct case_book *book, const struct case_record *event)
{
	struct case_known *known = take_place(book, event->id);
	struct buf head;
	enum tl_err err;

	if (known == NULL) {
		return TL_ENOMEM;
	}
	if (memcmp(event->before, known->event_id, CASE_ID_BYTES) != 0 &&
	    memcmp(known->lacks, none, CASE_ID_BYTES) == 0) {
		memcpy(known->lacks, event->before, CASE_ID_BYTES);
	}
	if (event->now.version == known->version) {
		book->odds.forked++;
		known->altered = known->version;
		known->is_told = false;
	}
	if (event->now.version <= known->version) {
		return TL_OK;
	}
	buf_init(&head, CASE_HEAD_BYTES);
	case_event_put_head(&head, event);
	err = buf_err(&head);
	if (err == TL_OK) {
		known->version = event->now.version;
		known->put_back = 0;
		known->altered = 0;
		memcpy(known->event_id, event->event_id, CASE_ID_BYTES);
		memcpy(known->head, head.data, head.len);
		known->head_len = head.len;
	}
	buf_free(&head);
	return err;
}

enum tl_err case_book_learn(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct case_book *book = arg;
	struct case_record event;
	enum tl_err err = TL_OK;

	if (number < book->next) {
		return TL_OK;
	}
	if (record->kind == LEDGER_EVENT &&
	    case_event_get(record->sealed, &event) == TL_OK) {
		err = learn_event(book, &event);
	} else if (record->kind == LEDGER_EVENT) {
		book->odds.unread++;
	}
	if (err == TL_OK) {
		book->next = number + 1;
	}
	return err;
}

size_t case_book_count(const struct case_book *book)
{
	return book->n;
}

struct case_known *case_book_at(const struct case_book *book, size_t i)
{
	return &book->all[i];
}

struct case_odds *case_book_odds(struct case_book *book)
{
	return &book->odds;
}
