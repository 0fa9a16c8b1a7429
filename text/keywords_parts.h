/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/keywords_parts.h - the inside of a list of keywords: the automaton of
 * Aho and Corasick over code points, and a table of words with one letter
 * left out for those that may be misspelled.
 */
#ifndef TL_TEXT_KEYWORDS_PARTS_H
#define TL_TEXT_KEYWORDS_PARTS_H

#include "text/keywords.h"

struct phrase {
	uint32_t *points; /* folded */
	size_t n;
	char lang[KEYWORD_LANG_BYTES];
	uint8_t group;
	bool combo_only;
	bool whole_word; /* both ends at a word's boundary */
	bool prefix;     /* the end need not be one */
	bool unmarked;   /* Vietnamese without marks */
	bool near;       /* one letter may be wrong */
	bool opens;      /* the part before the gap */
	uint32_t gap;    /* number of the pair around a gap, from 1; 0: none */
	uint32_t next;   /* another phrase spelled alike, from 1; 0: none */
};

struct node {
	uint32_t fail;     /* the longest end of this that begins a phrase */
	uint32_t ends;     /* a phrase that ends here, from 1; 0: none */
	uint32_t next_end; /* by fail, the next node where one ends; 0: none */
	uint32_t depth;
	uint64_t goes; /* edges may begin here, by the low bits of points */
};

/* In one word, since there are as many as letters in the list. The most nodes
 * are PHRASES_MAX times PHRASE_POINTS_MAX. */
struct edge {
	uint64_t from : 21; /* node, from 1; 0: free */
	uint64_t point : 21;
	uint64_t to : 22;
};
#define EDGE_BITS_21 UINT32_C(0x1fffff)
#define EDGE_BITS_22 UINT32_C(0x3fffff)

struct near {
	uint64_t hash;
	uint32_t phrase; /* from 1; 0: free */
};

#define FIRST_BITS    2048u
#define NEAR_WORD_MIN 5u /* shorter words are too much like others */
#define NEAR_WORD_MAX 32u

struct keywords {
	struct phrase *phrases;
	size_t n_phrases, cap_phrases;
	size_t n_gaps;
	char version[KEYWORDS_VERSION_BYTES];
	struct node *nodes;
	size_t n_nodes;
	struct edge *edges;
	size_t n_edges; /* a power of two */
	struct near *near;
	size_t n_near; /* a power of two */
	size_t near_min, near_max;
	/* the same for the first node, which has most of them */
	uint8_t first[FIRST_BITS / 8];
};

/* Letters of scripts that write without spaces between words. */
bool keywords_unspaced(uint32_t point);

uint32_t keywords_step(
    const struct keywords *list, uint32_t state, uint32_t point);

uint64_t keywords_mix(uint64_t x);

/* 64 or more. */
size_t keywords_power_of_two(size_t least);

TL_MUST_CHECK enum tl_err keywords_build_near(struct keywords *list);

/* A phrase that the word is but for one letter (from 1), or 0. */
uint32_t keywords_near(
    const struct keywords *list, const struct fold_char *word, size_t n);

#endif
