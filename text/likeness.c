/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * One hash of each run says both its slot and its value (one-permutation
 * hashing; P. Li, A. Owen, C.-H. Zhang, 2012): a hash for each slot would cost
 * 64 times as much.
 */
#include "text/likeness.h"

#include <string.h>

#include "base/wipe.h"
#include "text/fold.h"
#include "text/zawgyi.h"

#define RUN         5u /* signs */
#define POINT_BYTES 4u

static enum tl_err replace(struct fold *fold,
    enum tl_err (*make)(const struct fold *from, struct fold *ret_fold))
{
	struct fold made;
	enum tl_err err = make(fold, &made);

	if (err == TL_OK) {
		fold_free(fold);
		*fold = made;
	}
	return err;
}

/* The coarsest copy: marks and repeats are typed or not as the hurry is. */
static enum tl_err fold_coarse(struct bytes text, struct fold *ret_fold)
{
	struct fold fold = { 0 };
	enum tl_err err = zawgyi_guess(text) == ZAWGYI_YES
	    ? fold_zawgyi(text, &fold)
	    : fold_text(text, &fold);

	if (err == TL_OK && fold.has_marks) {
		err = replace(&fold, fold_unmarked);
	}
	if (err == TL_OK && fold.has_extra) {
		err = replace(&fold, fold_single);
	}
	if (err != TL_OK) {
		fold_free(&fold);
		return err;
	}
	*ret_fold = fold;
	return TL_OK;
}

static void put_point(uint8_t *at, uint32_t point)
{
	at[0] = (uint8_t)(point >> 24);
	at[1] = (uint8_t)(point >> 16);
	at[2] = (uint8_t)(point >> 8);
	at[3] = (uint8_t)point;
}

enum tl_err likeness_make(struct bytes text, likeness_hash_fn hash,
    const uint8_t key[static LIKENESS_KEY_BYTES], bool *ret_has,
    uint8_t ret_likeness[static LIKENESS_BYTES])
{
	uint16_t least[LIKENESS_SLOTS] = { 0 };
	uint8_t run[RUN * POINT_BYTES] = { 0 };
	struct fold fold;
	enum tl_err err = fold_coarse(text, &fold);

	if (err != TL_OK) {
		return err;
	}
	*ret_has = fold.n >= LIKENESS_SIGNS_MIN;
	for (size_t i = 0; *ret_has && i < fold.n; i++) {
		uint64_t hashed;
		size_t slot;
		uint16_t value;

		memmove(run, run + POINT_BYTES, sizeof(run) - POINT_BYTES);
		put_point(run + sizeof(run) - POINT_BYTES, fold.at[i].point);
		if (i + 1 < RUN) {
			continue;
		}
		hashed = hash(key, run, sizeof(run));
		slot = (size_t)(hashed % LIKENESS_SLOTS);
		value = (uint16_t)(hashed >> 48);
		value = value == 0 ? 1 : value; /* 0: nothing is in the slot */
		if (least[slot] == 0 || value < least[slot]) {
			least[slot] = value;
		}
	}
	for (size_t i = 0; *ret_has && i < LIKENESS_SLOTS; i++) {
		ret_likeness[2 * i] = (uint8_t)(least[i] >> 8);
		ret_likeness[2 * i + 1] = (uint8_t)least[i];
	}
	wipe(run, sizeof(run));
	fold_free(&fold);
	return TL_OK;
}

unsigned likeness_percent(const uint8_t a[static LIKENESS_BYTES],
    const uint8_t b[static LIKENESS_BYTES])
{
	unsigned filled = 0, same = 0;

	for (size_t i = 0; i < LIKENESS_BYTES; i += 2) {
		bool empty = (a[i] | a[i + 1] | b[i] | b[i + 1]) == 0;

		filled += !empty;
		same += !empty && a[i] == b[i] && a[i + 1] == b[i + 1];
	}
	return filled == 0 ? 0 : same * 100 / filled;
}
