/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/threads.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

_Static_assert(REPORT_FORM_BYTES == REPORT_ID_BYTES &&
	REPORT_MAILBOX_BYTES == REPORT_ID_BYTES,
    "all names have one length");

/* What is looked up leads to the id of a tip, or to a form. */
enum from { FROM_FORM, FROM_MAILBOX, FROM_FURTHER };

struct thread_link {
	enum from from;
	uint8_t name[REPORT_ID_BYTES];
	uint8_t to[REPORT_ID_BYTES];
	uint64_t number; /* of the record that says so */
};

struct thread_more {
	struct report_thread says;
	uint64_t number;
	bool found;
	uint8_t tip[REPORT_ID_BYTES];
	uint64_t tip_number;
};

/* Room for one more element of size bytes. */
static enum tl_err grow(void **at, size_t n, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 64 : 2 * *room;
	void *moved;

	if (n < *room) {
		return TL_OK;
	}
	moved = reallocarray(*at, more, size);
	if (moved == NULL) {
		return TL_ENOMEM;
	}
	*at = moved;
	*room = more;
	return TL_OK;
}

static enum tl_err add_link(
    struct threads *threads, const struct thread_link *link)
{
	void *links = threads->links;
	enum tl_err err = grow(&links, threads->n_links, &threads->room_links,
	    sizeof(*threads->links));

	threads->links = links;
	if (err == TL_OK) {
		threads->links[threads->n_links++] = *link;
		threads->is_sorted = false;
	}
	return err;
}

static enum tl_err add_more(
    struct threads *threads, uint64_t number, const struct report_thread *says)
{
	void *more = threads->more;
	enum tl_err err = grow(&more, threads->n_more, &threads->room_more,
	    sizeof(*threads->more));

	threads->more = more;
	if (err == TL_OK) {
		threads->more[threads->n_more++] =
		    (struct thread_more){ .says = *says, .number = number };
	}
	return err;
}

static enum tl_err learn(struct threads *threads, enum from from,
    const uint8_t *name, const uint8_t *to, uint64_t number)
{
	struct thread_link link = { .from = from, .number = number };

	memcpy(link.name, name, sizeof(link.name));
	memcpy(link.to, to, sizeof(link.to));
	return add_link(threads, &link);
}

enum tl_err threads_learn(struct threads *threads,
    const uint8_t id[static REPORT_ID_BYTES], uint64_t number,
    const struct report_thread *says)
{
	bool is_tip = says->part == REPORT_IS_TIP;
	enum tl_err err = TL_OK;

	if (is_tip && says->has_form) {
		err = learn(threads, FROM_FORM, says->form, id, number);
	}
	if (err == TL_OK && is_tip && says->has_mailbox) {
		err = learn(threads, FROM_MAILBOX, says->mailbox, id, number);
	}
	if (says->part == REPORT_IS_KEY && says->has_form &&
	    says->has_mailbox) {
		err = learn(
		    threads, FROM_FURTHER, says->mailbox, says->form, number);
	}
	return err;
}

enum tl_err threads_add(struct threads *threads,
    const uint8_t id[static REPORT_ID_BYTES], uint64_t number,
    struct bytes report)
{
	struct report_thread says;

	if (!report_thread(report, &says)) {
		return TL_OK;
	}
	wipe(says.key, sizeof(says.key));
	return says.part == REPORT_IS_MORE
	    ? add_more(threads, number, &says)
	    : threads_learn(threads, id, number, &says);
}

static int by_name(const void *a, const void *b)
{
	const struct thread_link *one = a, *other = b;

	return one->from != other->from
	    ? (int)one->from - (int)other->from
	    : memcmp(one->name, other->name, sizeof(one->name));
}

/* Of one name the oldest comes first, and is the one that counts. */
static int by_name_and_number(const void *a, const void *b)
{
	const struct thread_link *one = a, *other = b;
	int order = by_name(a, b);

	return order != 0
	    ? order
	    : (one->number > other->number) - (one->number < other->number);
}

/* Where it leads to, or NULL. Once sorted. */
static const struct thread_link *follow(
    const struct threads *threads, enum from from, const uint8_t *name)
{
	struct thread_link want = { .from = from };
	const struct thread_link *link = NULL;

	memcpy(want.name, name, sizeof(want.name));
	if (threads->n_links > 0) {
		link = bsearch(&want, threads->links, threads->n_links,
		    sizeof(want), by_name);
	}
	while (link != NULL && link > threads->links &&
	    by_name(link - 1, &want) == 0) {
		link--;
	}
	return link;
}

static const struct thread_link *find_tip(
    const struct threads *threads, const struct report_thread *says)
{
	const struct thread_link *tip = NULL;

	if (says->has_form) {
		tip = follow(threads, FROM_FORM, says->form);
	}
	if (tip == NULL && says->has_mailbox) {
		tip = follow(threads, FROM_MAILBOX, says->mailbox);
	}
	if (tip == NULL && says->has_mailbox) {
		const struct thread_link *key =
		    follow(threads, FROM_FURTHER, says->mailbox);

		tip = key == NULL ? NULL : follow(threads, FROM_FORM, key->to);
	}
	return tip;
}

static void sort(struct threads *threads)
{
	if (!threads->is_sorted && threads->n_links > 0) {
		qsort(threads->links, threads->n_links, sizeof(*threads->links),
		    by_name_and_number);
	}
	threads->is_sorted = true;
}

const uint8_t *threads_tip(
    struct threads *threads, const struct report_thread *says)
{
	const struct thread_link *tip;

	sort(threads);
	tip = find_tip(threads, says);
	return tip == NULL ? NULL : tip->to;
}

void threads_settle(struct threads *threads)
{
	sort(threads);
	for (size_t i = 0; i < threads->n_more; i++) {
		struct thread_more *more = &threads->more[i];
		const struct thread_link *tip = find_tip(threads, &more->says);

		if (tip != NULL) {
			more->found = true;
			more->tip_number = tip->number;
			memcpy(more->tip, tip->to, REPORT_ID_BYTES);
		}
	}
}

bool threads_next(const struct threads *threads, size_t *at, uint64_t *ret_more,
    uint64_t *ret_tip)
{
	while (*at < threads->n_more) {
		const struct thread_more *more = &threads->more[(*at)++];

		if (more->found) {
			*ret_more = more->number;
			*ret_tip = more->tip_number;
			return true;
		}
	}
	return false;
}

void threads_give(const struct threads *threads,
    const uint8_t id[static REPORT_ID_BYTES], struct bytes report,
    struct report_context *context)
{
	struct report_thread says;

	if (!report_thread(report, &says)) {
		return;
	}
	wipe(says.key, sizeof(says.key));
	if (says.part == REPORT_IS_MORE) {
		const struct thread_link *tip = find_tip(threads, &says);

		context->tip = tip == NULL ? NULL : tip->to;
	}
	for (size_t i = 0; says.part == REPORT_IS_TIP && i < threads->n_more;
	     i++) {
		const struct thread_more *more = &threads->more[i];

		if (more->found &&
		    memcmp(more->tip, id, REPORT_ID_BYTES) == 0) {
			context->wants_no_contact |=
			    more->says.wants_no_contact;
			context->wants_withdrawal |=
			    more->says.wants_withdrawal;
		}
	}
}

void threads_free(struct threads *threads)
{
	free(threads->links);
	free(threads->more);
	*threads = (struct threads){ 0 };
}
