/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/fold_parts.h - the steps of text/fold.h that have a file of their own.
 * Each works in place and never makes the text longer.
 */
#ifndef TL_TEXT_FOLD_PARTS_H
#define TL_TEXT_FOLD_PARTS_H

#include "text/fold.h"

/* A sign's place in the order of a run, small numbers first. */
typedef unsigned (*fold_rank_fn)(const struct fold_char *run, size_t i);

#define FOLD_RANKS          256u /* ranks are below */
#define FOLD_DECOMPOSED_MAX 32   /* U+FDFA, the longest, becomes 18 */

/* Have room for so many signs; what is there stays. */
TL_MUST_CHECK enum tl_err fold_make_room(struct fold *fold, size_t cap);

/* to stands for the bytes of one, too. */
void fold_join(struct fold_char *to, const struct fold_char *one);

/* The sign without its mark; 0: it is a mark itself. */
uint32_t fold_without_mark(uint32_t point);

/* Of three letters in a row or more keep two, and mark the second. */
void fold_cut_repeats(struct fold *fold);

/* Sort a run by rank; equal ranks stay in order. Linear but for short runs. */
TL_MUST_CHECK enum tl_err fold_sort(
    struct fold_char *run, size_t n, fold_rank_fn rank);

/* Put the signs of every Khmer syllable into one order, spelled one way.
 * *n becomes the new number of signs. */
TL_MUST_CHECK enum tl_err fold_khmer(struct fold_char *at, size_t *n);

/* Thai and Lao: tone marks before the round sign above, two signs typed for
 * one. Burmese: the digit zero typed for the letter wa. Marks of several
 * scripts in a row may have to be put in order again. */
void fold_thai_lao(struct fold_char *at, size_t *n);
void fold_burmese_wa(struct fold_char *at, size_t n);

#endif
