/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/threads.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "text/report_thread.h"

_Static_assert(REPORT_FORM_BYTES == REPORT_ID_BYTES &&
	REPORT_MAILBOX_BYTES == REPORT_ID_BYTES,
    "all names have one length");

/* What is looked up leads to the id of a tip, or to a form. */
enum from { FROM_FORM, FROM_MAILBOX, FROM_FURTHER };

struct thread_link {
	enum from from;
	uint8_t name[REPORT_ID_BYTES];
	uint8_t to[REPORT_ID_BYTES];
};

struct thread_more {
	struct report_thread says;
	bool found;
	uint8_t tip[REPORT_ID_BYTES];
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

static enum tl_err add_link(struct threads *threads, enum from from,
    const uint8_t *name, const uint8_t *to)
{
	void *links = threads->links;
	enum tl_err err = grow(&links, threads->n_links, &threads->room_links,
	    sizeof(*threads->links));
	struct thread_link *link;

	threads->links = links;
	if (err == TL_OK) {
		link = &threads->links[threads->n_links++];
		link->from = from;
		memcpy(link->name, name, sizeof(link->name));
		memcpy(link->to, to, sizeof(link->to));
	}
	return err;
}

static enum tl_err add_more(
    struct threads *threads, const struct report_thread *says)
{
	void *more = threads->more;
	enum tl_err err = grow(&more, threads->n_more, &threads->room_more,
	    sizeof(*threads->more));

	threads->more = more;
	if (err == TL_OK) {
		threads->more[threads->n_more++] =
		    (struct thread_more){ .says = *says };
	}
	return err;
}

enum tl_err threads_add(struct threads *threads,
    const uint8_t id[static REPORT_ID_BYTES], struct bytes report)
{
	struct report_thread says;
	enum tl_err err = TL_OK;

	if (!report_thread(report, &says)) {
		return TL_OK;
	}
	wipe(says.key, sizeof(says.key));
	if (says.part == REPORT_IS_MORE) {
		err = add_more(threads, &says);
	}
	if (says.part == REPORT_IS_TIP && says.has_form) {
		err = add_link(threads, FROM_FORM, says.form, id);
	}
	if (err == TL_OK && says.part == REPORT_IS_TIP && says.has_mailbox) {
		err = add_link(threads, FROM_MAILBOX, says.mailbox, id);
	}
	if (says.part == REPORT_IS_KEY && says.has_form && says.has_mailbox) {
		err = add_link(threads, FROM_FURTHER, says.mailbox, says.form);
	}
	return err;
}

static int by_name(const void *a, const void *b)
{
	const struct thread_link *one = a, *other = b;

	return one->from != other->from
	    ? (int)one->from - (int)other->from
	    : memcmp(one->name, other->name, sizeof(one->name));
}

/* Where it leads to, or NULL. */
static const uint8_t *follow(
    const struct threads *threads, enum from from, const uint8_t *name)
{
	struct thread_link want = { .from = from };
	const struct thread_link *link = NULL;

	memcpy(want.name, name, sizeof(want.name));
	if (threads->n_links > 0) {
		link = bsearch(&want, threads->links, threads->n_links,
		    sizeof(want), by_name);
	}
	return link == NULL ? NULL : link->to;
}

static const uint8_t *find_tip(
    const struct threads *threads, const struct report_thread *says)
{
	const uint8_t *tip = NULL;

	if (says->has_form) {
		tip = follow(threads, FROM_FORM, says->form);
	}
	if (tip == NULL && says->has_mailbox) {
		tip = follow(threads, FROM_MAILBOX, says->mailbox);
	}
	if (tip == NULL && says->has_mailbox) {
		const uint8_t *form =
		    follow(threads, FROM_FURTHER, says->mailbox);

		tip = form == NULL ? NULL : follow(threads, FROM_FORM, form);
	}
	return tip;
}

void threads_settle(struct threads *threads)
{
	if (threads->n_links > 0) {
		qsort(threads->links, threads->n_links, sizeof(*threads->links),
		    by_name);
	}
	for (size_t i = 0; i < threads->n_more; i++) {
		const uint8_t *tip = find_tip(threads, &threads->more[i].says);

		if (tip != NULL) {
			threads->more[i].found = true;
			memcpy(threads->more[i].tip, tip, REPORT_ID_BYTES);
		}
	}
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
		context->tip = find_tip(threads, &says);
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
