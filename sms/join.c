/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "text/gsm7.h"
#include "text/readable.h"
#include "text/utf16.h"
#include "text/utf8.h"

#define NONE SIZE_MAX

struct part {
	struct join_part says; /* its bytes are in own */
	uint8_t *own;
	size_t own_len;
	size_t set;
	size_t content; /* of its burst: the same for the same part again */
	bool is_double;
};

/* A message that is being put together; its parts stand in a row. */
struct set {
	struct join_message message;
	size_t first; /* of its parts, after the last sort */
	size_t key;   /* of the first part with this key */
	int64_t first_s;
	size_t at[JOIN_TOTAL_MAX]; /* the part of each number, or NONE */
};

struct join {
	struct part *parts;
	struct set *sets;
	size_t n_parts, cap_parts, n_sets;
	uint64_t steps;
	/* for each part, while they are put together */
	struct part **order;
	size_t
	    *holder; /* of each content, the oldest set that has it, or NONE */
};

struct join *join_new(void)
{
	return calloc(1, sizeof(struct join));
}

void join_free(struct join *join)
{
	if (join == NULL) {
		return;
	}
	for (size_t i = 0; i < join->n_parts; i++) {
		wipe(join->parts[i].own, join->parts[i].own_len);
		free(join->parts[i].own);
	}
	free(join->parts);
	free(join->sets);
	free(join->order);
	free(join->holder);
	free(join);
}

bool join_wants(const struct sms_concat *concat)
{
	return concat->total >= 2 && concat->total <= JOIN_TOTAL_MAX &&
	    concat->seq >= 1 && concat->seq <= concat->total;
}

static struct bytes copy_to(uint8_t **at, struct bytes bytes)
{
	struct bytes copy = bytes_of(*at, bytes.len);

	if (bytes.len > 0) {
		memcpy(*at, bytes.at, bytes.len);
	}
	*at += bytes.len;
	return copy;
}

enum tl_err join_add(struct join *join, const struct join_part *part)
{
	size_t cap = join->cap_parts == 0 ? 16 : 2 * join->cap_parts;
	struct part *added;
	uint8_t *at;

	if (join->n_parts == join->cap_parts) {
		struct part *parts =
		    reallocarray(join->parts, cap, sizeof(*parts));

		if (parts == NULL) {
			return TL_ENOMEM;
		}
		join->parts = parts;
		join->cap_parts = cap;
	}
	added = &join->parts[join->n_parts];
	*added = (struct part){ .says = *part, .set = NONE };
	added->own_len =
	    part->gateway.len + part->from.len + part->to.len + part->bytes.len;
	added->own = malloc(added->own_len + 1);
	if (added->own == NULL) {
		return TL_ENOMEM;
	}
	at = added->own;
	added->says.gateway = copy_to(&at, part->gateway);
	added->says.from = copy_to(&at, part->from);
	added->says.to = copy_to(&at, part->to);
	added->says.bytes = copy_to(&at, part->bytes);
	join->n_parts++;
	return TL_OK;
}

/* ---- order ----------------------------------------------------------------
 */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_bytes(struct bytes a, struct bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.at, b.at, len);

	return order != 0 ? order : compare_numbers(a.len, b.len);
}

static int compare_keys(const struct join_part *a, const struct join_part *b)
{
	const struct bytes left[] = { a->gateway, a->from, a->to };
	const struct bytes right[] = { b->gateway, b->from, b->to };
	int order = 0;

	for (size_t i = 0; order == 0 && i < 3; i++) {
		order = compare_bytes(left[i], right[i]);
	}
	if (order == 0) {
		order = compare_numbers(a->concat.wide, b->concat.wide);
	}
	if (order == 0) {
		order = compare_numbers(a->concat.ref, b->concat.ref);
	}
	return order != 0 ? order
			  : compare_numbers(a->concat.total, b->concat.total);
}

/* Whether they are the same part of a message, sent twice. */
static int compare_content(const struct join_part *a, const struct join_part *b)
{
	int order = compare_numbers(a->concat.seq, b->concat.seq);

	if (order == 0) {
		order = compare_numbers(a->form, b->form);
	}
	return order != 0 ? order : compare_bytes(a->bytes, b->bytes);
}

static int by_arrival(const void *a, const void *b)
{
	const struct join_part *left = &((const struct part *)a)->says;
	const struct join_part *right = &((const struct part *)b)->says;
	int order = compare_keys(left, right);

	if (order == 0) {
		order = (left->received_s > right->received_s) -
		    (left->received_s < right->received_s);
	}
	if (order == 0) {
		order = compare_content(left, right);
	}
	return order != 0 ? order : compare_numbers(left->tag, right->tag);
}

/* ---- which parts belong together ------------------------------------------
 */

static size_t number_of(const struct part *part)
{
	return part->says.concat.seq - 1u;
}

static bool is_whole(const struct set *set)
{
	return set->message.seen ==
	    (UINT32_C(1) << set->message.concat.total) - 1;
}

/* Whether part is missing in set, or is there already with the same bytes. */
static bool fits(
    const struct join *join, const struct set *set, const struct part *part)
{
	size_t at = set->at[number_of(part)];

	return at == NONE ||
	    compare_content(&join->parts[at].says, &part->says) == 0;
}

static void put_into(struct join *join, size_t s, size_t p)
{
	struct set *set = &join->sets[s];
	struct part *part = &join->parts[p];
	size_t number = number_of(part);

	part->set = s;
	part->is_double = set->at[number] != NONE;
	if (part->is_double) {
		set->message.n_doubles++;
	} else {
		set->at[number] = p;
		set->message.seen |= UINT32_C(1) << number;
	}
	set->message.n_parts++;
	if (part->says.received_s > set->first_s + JOIN_OPEN_S) {
		set->message.late = true;
	}
}

static size_t begin_set(struct join *join, size_t key, size_t p)
{
	struct set *set = &join->sets[join->n_sets];

	*set = (struct set){
		.message.concat = join->parts[p].says.concat,
		.key = key,
		.first_s = join->parts[p].says.received_s,
	};
	set->message.concat.seq = 0;
	for (size_t i = 0; i < JOIN_TOTAL_MAX; i++) {
		set->at[i] = NONE;
	}
	return join->n_sets++;
}

static int by_content(const void *a, const void *b)
{
	const struct part *const *left = a;
	const struct part *const *right = b;

	return compare_content(&(*left)->says, &(*right)->says);
}

static void name_contents(struct join *join, size_t first, size_t end)
{
	size_t n = end - first, content = 0;

	for (size_t i = 0; i < n; i++) {
		join->order[i] = &join->parts[first + i];
	}
	qsort(join->order, n, sizeof(struct part *), by_content);
	for (size_t i = 0; i < n; i++) {
		content += i > 0 &&
			by_content(&join->order[i - 1], &join->order[i]) != 0
		    ? 1
		    : 0;
		join->order[i]->content = content;
		join->holder[i] = NONE;
	}
}

/*
 * Parts from first to end came within JOIN_OPEN_S of the first: each goes to
 * the oldest set of this burst that it fits, or begins one. It fits where its
 * number is missing, or has the same bytes: who sends very many under one
 * reference shall not have each of them compared with all sets.
 */
static void group_burst(struct join *join, size_t key, size_t first, size_t end)
{
	size_t from = join->n_sets;
	size_t lacks[JOIN_TOTAL_MAX]; /* no set before it lacks that number */

	for (size_t i = 0; i < JOIN_TOTAL_MAX; i++) {
		lacks[i] = from;
	}
	name_contents(join, first, end);
	for (size_t p = first; p < end; p++) {
		const struct part *part = &join->parts[p];
		size_t number = number_of(part);
		size_t *holder = &join->holder[part->content];
		size_t s = lacks[number];

		while (s < join->n_sets && join->sets[s].at[number] != NONE) {
			s++;
			join->steps++;
		}
		lacks[number] = s;
		s = *holder < s ? *holder : s;
		if (s == join->n_sets) {
			(void)begin_set(join, key, p);
			join->sets[s].message.reused = s > from;
		}
		put_into(join, s, p);
		*holder = s < *holder ? s : *holder;
	}
}

/* Whether all parts of the later set complete the earlier one, or repeat it. */
static bool completes(
    const struct join *join, const struct set *later, const struct set *earlier)
{
	for (size_t i = 0; i < JOIN_TOTAL_MAX; i++) {
		if (later->at[i] != NONE &&
		    !fits(join, earlier, &join->parts[later->at[i]])) {
			return false;
		}
	}
	return true;
}

/* Give the parts of the set that was begun last to the newest earlier one of
 * the same key that it completes, unless it is whole itself. */
static void settle_late(struct join *join, size_t key, size_t first, size_t end)
{
	size_t last = join->n_sets - 1;
	size_t to = last;

	while (to > 0 && join->sets[to - 1].key == key) {
		to--;
		join->steps++;
		if (join->sets[last].first_s - join->sets[to].first_s >
		    JOIN_LATE_S) {
			return; /* all before it are older still */
		}
		if (completes(join, &join->sets[last], &join->sets[to])) {
			join->n_sets--;
			for (size_t p = first; p < end; p++) {
				put_into(join, to, p);
			}
			return;
		}
	}
}

/* All parts of one key, in the order of their arrival. */
static void group_key(struct join *join, size_t first, size_t end)
{
	size_t begin = first;

	while (begin < end) {
		size_t stop = begin;
		size_t n_sets = join->n_sets;

		while (stop < end &&
		    join->parts[stop].says.received_s <=
			join->parts[begin].says.received_s + JOIN_OPEN_S) {
			stop++;
		}
		group_burst(join, first, begin, stop);
		if (join->n_sets == n_sets + 1 &&
		    !is_whole(&join->sets[n_sets])) {
			settle_late(join, first, begin, stop);
		}
		begin = stop;
	}
}

static int by_set(const void *a, const void *b)
{
	const struct part *left = a;
	const struct part *right = b;
	int order = compare_numbers(left->set, right->set);

	return order != 0 ? order : by_arrival(a, b);
}

/* Parts were sorted again: where are they now? */
static void find_parts(struct join *join, int64_t now_s)
{
	for (size_t s = 0; s < join->n_sets; s++) {
		struct set *set = &join->sets[s];

		set->first = NONE;
		set->message.state = is_whole(set)       ? JOIN_COMPLETE
		    : now_s < set->first_s + JOIN_WAIT_S ? JOIN_EXPECTED
							 : JOIN_INCOMPLETE;
	}
	for (size_t p = join->n_parts; p-- > 0;) {
		const struct part *part = &join->parts[p];
		struct set *set = &join->sets[part->set];

		set->first = p;
		if (!part->is_double) {
			set->at[number_of(part)] = p;
		}
	}
}

enum tl_err join_settle(struct join *join, int64_t now_s)
{
	size_t first = 0;

	if (join->n_parts == 0) {
		return TL_OK;
	}
	/* at most one for each part */
	join->sets = calloc(join->n_parts, sizeof(*join->sets));
	join->order = calloc(join->n_parts, sizeof(struct part *));
	join->holder = calloc(join->n_parts, sizeof(*join->holder));
	if (join->sets == NULL || join->order == NULL || join->holder == NULL) {
		return TL_ENOMEM;
	}
	qsort(join->parts, join->n_parts, sizeof(*join->parts), by_arrival);
	for (size_t p = 1; p <= join->n_parts; p++) {
		if (p == join->n_parts ||
		    compare_keys(
			&join->parts[first].says, &join->parts[p].says) != 0) {
			group_key(join, first, p);
			first = p;
		}
	}
	qsort(join->parts, join->n_parts, sizeof(*join->parts), by_set);
	find_parts(join, now_s);
	return TL_OK;
}

uint64_t join_steps(const struct join *join)
{
	return join->steps;
}

size_t join_count(const struct join *join)
{
	return join->n_sets;
}

const struct join_message *join_at(const struct join *join, size_t i)
{
	return &join->sets[i].message;
}

uint64_t join_tag(const struct join *join, size_t i, size_t k)
{
	return join->parts[join->sets[i].first + k].says.tag;
}

/* ---- reading ---------------------------------------------------------------
 */

static const struct join_part *part_at(
    const struct join *join, const struct set *set, size_t number)
{
	return set->at[number] == NONE ? NULL
				       : &join->parts[set->at[number]].says;
}

/* Parts from number on that are decoded together: those in a row with the same
 * form, and texts beside UTF-16, whose other half of a letter they may have. */
static size_t end_of_run(
    const struct join *join, const struct set *set, size_t number, bool *wide)
{
	const struct join_part *first = part_at(join, set, number);

	*wide = false;
	for (; number < set->message.concat.total; number++) {
		const struct join_part *part = part_at(join, set, number);
		bool text = part != NULL &&
		    (part->form == JOIN_TEXT || part->form == JOIN_UTF16BE);
		bool begins_text =
		    first->form == JOIN_TEXT || first->form == JOIN_UTF16BE;

		if (part == NULL ||
		    (part->form != first->form && !(text && begins_text))) {
			break;
		}
		*wide = *wide || part->form == JOIN_UTF16BE;
	}
	return number;
}

static bool decode(enum join_form form, bool wide, const struct buf *raw,
    struct buf *text, struct buf *data)
{
	struct bytes bytes = bytes_of(raw->data, raw->len);

	switch (form) {
	case JOIN_GSM7:
		return gsm7_decode(bytes, text);
	case JOIN_BYTES:
		buf_put(data, bytes.at, bytes.len);
		(void)readable_put(bytes, text);
		return true;
	case JOIN_TEXT:
	case JOIN_UTF16BE:
		break;
	}
	return wide ? utf16be_decode(bytes, text) : utf8_repair(bytes, text);
}

enum tl_err join_read(const struct join *join, size_t i, struct buf *text,
    struct buf *data, bool *ret_lossy)
{
	const struct set *set = &join->sets[i];
	unsigned total = set->message.concat.total;
	bool lossy = false;
	struct buf raw;
	size_t number = 0;

	buf_init(&raw, text->max);
	while (number < total) {
		const struct join_part *first = part_at(join, set, number);
		char gap[sizeof(" [20/20?] ")];
		bool wide;
		size_t end;

		if (first == NULL) {
			(void)snprintf(gap, sizeof(gap), " [%u/%u?] ",
			    ((unsigned)number + 1) % 100, total % 100);
			buf_put_str(text, gap);
			number++;
			continue;
		}
		end = end_of_run(join, set, number, &wide);
		buf_reset(&raw);
		for (; number < end; number++) {
			const struct join_part *part =
			    part_at(join, set, number);

			if (wide && part->form == JOIN_TEXT) {
				utf16be_encode(part->bytes, &raw);
			} else {
				buf_put(&raw, part->bytes.at, part->bytes.len);
			}
		}
		lossy |= !decode(first->form, wide, &raw, text, data);
	}
	*ret_lossy = lossy;
	if (buf_err(&raw) != TL_OK) {
		text->err = buf_err(&raw);
	}
	buf_free(&raw);
	return buf_err(text) != TL_OK ? buf_err(text) : buf_err(data);
}
