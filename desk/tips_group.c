/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What belongs together: later words and keys to their tip, parts to a long
 * message, messages of one conversation to its first, the same message to
 * itself. What has a case of its own stays a row, so that two desks that saw
 * things in another order lose nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "desk/tips_inside.h"
#include "sms/joined.h"
#include "text/report_parts.h"

/* Each message within this time of the one before: one conversation. */
#define CONVERSATION_S (30 * 60)

bool tip_is_within(const struct tip *tip)
{
	return tip->of != NULL && tip->now.version == 0;
}

struct tip *tip_root(struct tip *tip)
{
	while (tip->of != NULL) {
		tip = tip->of;
	}
	return tip;
}

/* ---- lists --------------------------------------------------------------- */

static void unlink_from(struct tip *tip)
{
	struct tip **at = &tip->of->mores;

	while (*at != tip) {
		at = &(*at)->next_more;
	}
	*at = tip->next_more;
	tip->next_more = tip->of = NULL;
	tip->way = TIP_ALONE;
}

/* Into its list, in the order of the records. */
static void insert(struct tip *tip, struct tip *more, enum tip_way way)
{
	struct tip **at = &tip->mores;

	while (*at != NULL && (*at)->number < more->number) {
		at = &(*at)->next_more;
	}
	more->way = way;
	more->of = tip;
	more->next_more = *at;
	*at = more;
}

/* With all that was shown with it. */
static void link_to(struct tip *tip, struct tip *more, enum tip_way way)
{
	tip = tip_root(tip);
	if (tip == more || more->of == tip) {
		return;
	}
	if (more->of != NULL) {
		unlink_from(more);
	}
	while (more->mores != NULL) {
		struct tip *other = more->mores;
		enum tip_way its_way = other->way;

		unlink_from(other);
		insert(tip, other, its_way);
	}
	insert(tip, more, way);
}

void tips_part(struct tip *tip)
{
	if (tip->of != NULL) {
		unlink_from(tip);
	}
	tip->stands = true;
}

void tips_leave(struct tips *tips, struct tip *tip)
{
	size_t n = 0;

	if (tip->of != NULL) {
		unlink_from(tip);
	}
	while (tip->mores != NULL) {
		struct tip *more = tip->mores;

		unlink_from(more);
		more->is_new = tips->has_new = true;
	}
	for (size_t i = 0; i < tips->n_lines; i++) {
		if (tips->lines[i] != tip) {
			tips->lines[n++] = tips->lines[i];
		}
	}
	tips->n_lines = n;
	tip->has_thread = false;
	tip->set = 0;
}

/* ---- later words, and keys ------------------------------------------------
 */

static void settle_more(struct tips *tips, struct tip *more)
{
	struct report_thread says = { .part = more->part,
		.has_form = more->has_form,
		.has_mailbox = more->has_mailbox };
	const uint8_t *id;
	struct tip *tip;

	memcpy(says.form, more->form, sizeof(says.form));
	memcpy(says.mailbox, more->mailbox, sizeof(says.mailbox));
	id = threads_tip(&tips->threads, &says);
	tip = id == NULL ? NULL : tips_find(tips, id);
	if (tip != NULL && tip->state == TIP_OPEN && tip->is_signed) {
		link_to(tip, more,
		    more->part == REPORT_IS_KEY ? TIP_KEY : TIP_MORE);
	}
}

/* ---- long messages --------------------------------------------------------
 */

/* What has a case goes before: it is the one that officers know. */
static int in_order(const struct tip *one, const struct tip *other)
{
	bool x = one->now.version > 0, y = other->now.version > 0;

	if (x != y) {
		return x ? -1 : 1;
	}
	if (one->received_s != other->received_s) {
		return one->received_s < other->received_s ? -1 : 1;
	}
	return one->number < other->number ? -1 : one->number > other->number;
}

static int by_set(const void *a, const void *b)
{
	const struct tip *one = *(struct tip *const *)a;
	const struct tip *other = *(struct tip *const *)b;

	if (one->set != other->set) {
		return one->set < other->set ? -1 : 1;
	}
	return in_order(one, other);
}

static struct tip *tip_named(const struct tips *tips, const json_t *hex)
{
	uint8_t id[TIP_ID_BYTES];
	size_t len = 0;

	return json_is_string(hex) &&
		dec_hex(json_string_value(hex), json_string_length(hex), id,
		    sizeof(id), &len) == TL_OK &&
		len == sizeof(id)
	    ? tips_find(tips, id)
	    : NULL;
}

/* Parts come in any order, and by several intakes. One that comes behind a
 * later one was received no earlier for us: it is the last, of which the case
 * hears. The list is in the order of the records. */
static void put_in_order(const struct tip *tip, uint64_t set)
{
	int64_t last_s = 0;

	for (struct tip *part = tip->mores; part != NULL;
	     part = part->next_more) {
		if (part->way != TIP_PIECED || part->set != set) {
			continue;
		}
		if (part->received_s < last_s) {
			part->received_s = last_s;
		}
		last_s = part->received_s;
	}
}

/* The message's report in the place of its first part's. */
static enum tl_err show_message(
    struct tips *tips, struct tip *head, struct bytes doc)
{
	json_t *json = report_load(doc);
	const json_t *ids =
	    json_object_get(json_object_get(json, "parts"), "ids");
	enum tl_err err = json == NULL ? TL_ENOMEM : TL_OK;

	if (err == TL_OK && !bytes_equal(doc, head->doc)) {
		err = tips_keep(tips, head, doc, json);
		/* what it says by now is its conversation's, too */
		head->is_told = head->is_told && head->of == NULL;
	}
	for (size_t i = 0; err == TL_OK && i < json_array_size(ids); i++) {
		struct tip *part = tip_named(tips, json_array_get(ids, i));

		if (part != NULL && part->set == head->set) {
			link_to(head, part, TIP_PIECED);
		}
	}
	put_in_order(tip_root(head), head->set);
	json_decref(json);
	return err;
}

/* One message for which there is no room keeps no other one apart, which may be
 * urgent. */
static bool may_go_on(enum tl_err err)
{
	return err != TL_ENOMEM;
}

static enum tl_err worse(enum tl_err one, enum tl_err other)
{
	return other == TL_OK || one == TL_ENOMEM ? one : other;
}

static enum tl_err join_set(struct tips *tips, struct tip *const *parts,
    size_t n, int64_t now_s, const struct triage *triage)
{
	struct joined *joined = joined_new();
	enum tl_err err = joined == NULL ? TL_ENOMEM : TL_OK;

	for (size_t i = 0; err == TL_OK && i < n; i++) {
		err = joined_add(joined, parts[i]->part_doc, i);
	}
	if (err == TL_OK) {
		err = joined_settle(joined, now_s, 0, triage);
	}
	for (size_t i = 0; may_go_on(err) && i < n; i++) {
		struct bytes doc = bytes_of(NULL, 0);

		if (joined_find(joined, i, &doc) && doc.len > 0) {
			if (parts[i]->of != NULL &&
			    parts[i]->way == TIP_PIECED) {
				unlink_from(parts[i]); /* it is the first now */
			}
			err = worse(err, show_message(tips, parts[i], doc));
		}
	}
	joined_free(joined);
	return err;
}

static enum tl_err settle_sets(
    struct tips *tips, int64_t now_s, const struct triage *triage)
{
	struct tip **parts = calloc(tips->n + 1, sizeof(*parts));
	enum tl_err err = parts == NULL ? TL_ENOMEM : TL_OK;
	size_t n = 0, end;

	for (size_t i = 0; err == TL_OK && i < tips->n; i++) {
		struct tip *tip = tips->all[i];

		if (tip->set != 0 && tip->state == TIP_OPEN &&
		    !tip->is_hollow) {
			parts[n++] = tip;
		}
	}
	if (n > 0) {
		qsort(parts, n, sizeof(*parts), by_set);
	}
	for (size_t i = 0; may_go_on(err) && i < n; i = end) {
		bool is_new = false;

		for (end = i; end < n && parts[end]->set == parts[i]->set;
		     end++) {
			is_new = is_new || parts[end]->is_new;
		}
		if (is_new) {
			err = worse(err,
			    join_set(tips, parts + i, end - i, now_s, triage));
		}
	}
	free(parts);
	return err;
}

/* ---- the same again -------------------------------------------------------
 */

static void settle_twins(struct tips *tips)
{
	uint64_t number, own;
	size_t at = 0;

	twins_sort(&tips->twins);
	while (twins_next(&tips->twins, &at, &number, &own)) {
		struct tip *found = tips->all[number];
		struct tip *tip = tips->all[own];
		bool is_known = found->now.version > 0 && tip->now.version == 0;
		struct tip *first = is_known ? found : tip;
		struct tip *again = is_known ? tip : found;

		if (again->now.version == 0 && again->of == NULL &&
		    !first->is_twin && !again->is_twin &&
		    first->state == TIP_OPEN && again->state == TIP_OPEN) {
			link_to(first, again, TIP_AGAIN);
		}
	}
}

/* ---- conversations --------------------------------------------------------
 */

static bool same_number(const struct tip *one, const struct tip *other)
{
	const struct tip_line *a = &one->line, *b = &other->line;

	return memcmp(a->thread, b->thread, sizeof(a->thread)) == 0 ||
	    memcmp(a->before, b->thread, sizeof(a->before)) == 0 ||
	    memcmp(a->thread, b->before, sizeof(a->thread)) == 0;
}

static bool may_follow(const struct tip *tip)
{
	return tip->is_new && tip->state == TIP_OPEN && tip->of == NULL &&
	    !tip->stands && tip->now.version == 0;
}

static int by_arrival(const void *a, const void *b)
{
	const struct tip *one = *(struct tip *const *)a;
	const struct tip *other = *(struct tip *const *)b;

	if (one->received_s != other->received_s) {
		return one->received_s < other->received_s ? -1 : 1;
	}
	return one->number < other->number ? -1 : one->number > other->number;
}

/* The last one that the sender of the i-th wrote to the same line before it.
 * Lines are in order of arrival. */
static struct tip *one_before(const struct tips *tips, size_t i)
{
	const struct tip *tip = tips->lines[i];

	while (i-- > 0) {
		struct tip *other = tips->lines[i];

		if (tip->received_s - other->received_s > CONVERSATION_S) {
			break;
		}
		if (other->line.to == tip->line.to &&
		    other->state == TIP_OPEN && other->way != TIP_PIECED &&
		    other->way != TIP_AGAIN && same_number(tip, other)) {
			return other;
		}
	}
	return NULL;
}

static void settle_conversations(struct tips *tips)
{
	if (tips->n_lines > 0) {
		qsort(tips->lines, tips->n_lines, sizeof(*tips->lines),
		    by_arrival);
	}
	for (size_t i = 0; i < tips->n_lines; i++) {
		struct tip *tip = tips->lines[i];
		struct tip *before =
		    may_follow(tip) ? one_before(tips, i) : NULL;

		if (before != NULL) {
			link_to(before, tip, TIP_FOLLOW);
		}
	}
}

/* ---- all of it ------------------------------------------------------------
 */

enum tl_err tips_settle(
    struct tips *tips, int64_t now_s, const struct triage *triage)
{
	enum tl_err err;

	if (!tips->has_new) {
		return TL_OK;
	}
	for (size_t i = 0; i < tips->n; i++) {
		struct tip *tip = tips->all[i];

		if ((tip->state == TIP_PART || tip_is_alone(tip)) &&
		    tip->of == NULL && tip->is_signed && !tip->is_twin &&
		    (tip->part == REPORT_IS_MORE ||
			tip->part == REPORT_IS_KEY)) {
			settle_more(tips, tip);
		}
	}
	err = settle_sets(tips, now_s, triage);
	if (err == TL_ENOMEM) {
		return err;
	}
	settle_twins(tips);
	settle_conversations(tips);
	for (size_t i = 0; i < tips->n; i++) {
		tips->all[i]->is_new = false;
		tips_take_back(tips, tips->all[i]);
	}
	tips->has_new = false;
	return err;
}

/* ---- what a case is to hear ----------------------------------------------
 */

/* A part is told with the whole that it has made. */
unsigned tip_tells_priority(const struct tip *more)
{
	return more->way == TIP_PIECED ? more->of->said_priority
				       : more->said_priority;
}

/* The last part of a long message speaks for all of them. */
static bool is_last_part(const struct tip *part)
{
	for (const struct tip *other = part->of->mores; other != NULL;
	     other = other->next_more) {
		if (other->way == TIP_PIECED && other->set == part->set &&
		    (other->received_s > part->received_s ||
			(other->received_s == part->received_s &&
			    other->number > part->number))) {
			return false;
		}
	}
	return true;
}

/* What was in quarantine under its id may have made its case, and an officer
 * may have closed that: it hears of the real words, once. */
static bool has_taken_over(const struct tip *tip)
{
	return tip->took_over && tip->of == NULL && tip->state == TIP_OPEN &&
	    tip->is_signed && !tip->is_twin && !tip_is_taken_back(tip);
}

bool tip_has_case(const struct tip *tip)
{
	return tip->now.version > 0 && (!tip->took_over || tip->is_told);
}

bool tip_is_to_tell(const struct tip *tip)
{
	if (!tip->is_told && has_taken_over(tip)) {
		return true;
	}
	if (tip->of == NULL || tip->is_told || !tip_may_be_told(tip)) {
		return false;
	}
	return tip->way == TIP_MORE || tip->way == TIP_FOLLOW ||
	    (tip->way == TIP_PIECED && is_last_part(tip));
}

/* ---- what is told of others -----------------------------------------------
 */

unsigned tips_says(const struct tips *tips, const struct tip *tip)
{
	unsigned says = tip->says;

	for (size_t i = 0; tip->has_thread && i < tips->n_lines; i++) {
		if (same_number(tip, tips->lines[i])) {
			says |= tips->lines[i]->says;
		}
	}
	return says;
}

/* The one with this tip, or room for it. NULL: there is none. */
static struct tips_alike *take(struct tips_alike *list, size_t *n,
    const struct tip *self, struct tip *other)
{
	const struct tip *root = tip_root(other);
	size_t i = 0;

	if (other->state != TIP_OPEN || root->state != TIP_OPEN ||
	    root->is_hollow || root == self || root == self->of) {
		return NULL;
	}
	while (i < *n && list[i].tip != root) {
		i++;
	}
	if (i == TIPS_ALIKE_MAX) {
		return NULL;
	}
	if (i == *n) {
		list[(*n)++] = (struct tips_alike){ .tip = root };
	}
	return &list[i];
}

size_t tips_alike(const struct tips *tips, const struct tip *tip,
    struct tips_alike ret[static TIPS_ALIKE_MAX])
{
	struct alike_found found[ALIKE_MAX];
	uint8_t likeness[LIKENESS_BYTES];
	struct tips_alike *one;
	size_t n = 0, n_found = 0;

	if (!tip->is_signed || tip->state != TIP_OPEN || tip->is_hollow) {
		return 0;
	}
	if (report_likeness(tip->doc, likeness)) {
		n_found = alike_find(&tips->alike, tip->id, likeness, found);
	}
	for (size_t i = 0; i < n_found; i++) {
		struct tip *other = tips_find(tips, found[i].id);

		one = other == NULL ? NULL : take(ret, &n, tip, other);
		if (one != NULL && one->percent < found[i].percent) {
			one->percent = found[i].percent;
		}
	}
	for (size_t i = 0; tip->has_thread && i < tips->n_lines; i++) {
		if (same_number(tip, tips->lines[i])) {
			one = take(ret, &n, tip, tips->lines[i]);
			if (one != NULL) {
				one->same_number = true;
			}
		}
	}
	return n;
}
