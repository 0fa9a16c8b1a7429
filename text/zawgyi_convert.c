/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Zawgyi to Unicode, by the pairs of the transform Zawgyi-my of Unicode's
 * CLDR (Copyright (c) 1991-2023 Unicode, Inc., Unicode License v3), but in
 * one pass: each letter with what belongs to it is taken together and put in
 * order, so that the time is linear and every sign knows where it was.
 */
#include "text/zawgyi.h"

#define VIRAMA      0x1039u
#define ASAT        0x103au
#define YA          0x103bu
#define CLUSTER_MAX 32u /* the longest of a language has a third of that */

/* The order of a letter and its signs. */
enum {
	KINZI,
	LETTER,
	BELOW, /* a letter under the letter, behind a virama */
	ASAT_EARLY,
	MEDIAL_YA,
	MEDIAL_RA,
	MEDIAL_WA,
	MEDIAL_HA,
	VOWEL_E,
	VOWEL_ABOVE,
	VOWEL_BELOW,
	VOWEL_RIGHT,
	ANUSVARA,
	DOT,
	ASAT_LATE,
	VISARGA,
	OTHER,
};

/* Signs that Unicode means otherwise: what they are there. */
static const struct {
	uint16_t first, last;
	uint16_t parts[ZAWGYI_GROWS];
} rows[] = {
	{ 0x1033, 0x1033, { 0x102f } },
	{ 0x1034, 0x1034, { 0x1030 } },
	{ 0x1039, 0x1039, { ASAT } },
	{ 0x103a, 0x103a, { YA } },
	{ 0x103b, 0x103b, { 0x103c } },
	{ 0x103c, 0x103c, { 0x103d } },
	{ 0x103d, 0x103d, { 0x103e } },
	{ 0x104e, 0x104e, { 0x104e, 0x1004, ASAT, 0x1038 } },
	{ 0x105a, 0x105a, { 0x102b, ASAT } },
	{ 0x1060, 0x1060, { VIRAMA, 0x1000 } },
	{ 0x1061, 0x1061, { VIRAMA, 0x1001 } },
	{ 0x1062, 0x1062, { VIRAMA, 0x1002 } },
	{ 0x1063, 0x1063, { VIRAMA, 0x1003 } },
	{ 0x1064, 0x1064, { 0x1004, ASAT, VIRAMA } },
	{ 0x1065, 0x1065, { VIRAMA, 0x1005 } },
	{ 0x1066, 0x1067, { VIRAMA, 0x1006 } },
	{ 0x1068, 0x1068, { VIRAMA, 0x1007 } },
	{ 0x1069, 0x1069, { VIRAMA, 0x1008 } },
	{ 0x106a, 0x106a, { 0x1009 } },
	{ 0x106b, 0x106b, { 0x100a } },
	{ 0x106c, 0x106c, { VIRAMA, 0x100b } },
	{ 0x106d, 0x106d, { VIRAMA, 0x100c } },
	{ 0x106e, 0x106e, { 0x100d, VIRAMA, 0x100d } },
	{ 0x106f, 0x106f, { 0x100d, VIRAMA, 0x100e } },
	{ 0x1070, 0x1070, { VIRAMA, 0x100f } },
	{ 0x1071, 0x1072, { VIRAMA, 0x1010 } },
	{ 0x1073, 0x1074, { VIRAMA, 0x1011 } },
	{ 0x1075, 0x1075, { VIRAMA, 0x1012 } },
	{ 0x1076, 0x1076, { VIRAMA, 0x1013 } },
	{ 0x1077, 0x1077, { VIRAMA, 0x1014 } },
	{ 0x1078, 0x1078, { VIRAMA, 0x1015 } },
	{ 0x1079, 0x1079, { VIRAMA, 0x1016 } },
	{ 0x107a, 0x107a, { VIRAMA, 0x1017 } },
	{ 0x107b, 0x107b, { VIRAMA, 0x1018 } },
	{ 0x107c, 0x107c, { VIRAMA, 0x1019 } },
	{ 0x107d, 0x107d, { YA } },
	{ 0x107e, 0x1084, { 0x103c } },
	{ 0x1085, 0x1085, { VIRAMA, 0x101c } },
	{ 0x1086, 0x1086, { 0x103f } },
	{ 0x1087, 0x1087, { 0x103e } },
	{ 0x1088, 0x1088, { 0x103e, 0x102f } },
	{ 0x1089, 0x1089, { 0x103e, 0x1030 } },
	{ 0x108a, 0x108a, { 0x103d, 0x103e } },
	{ 0x108b, 0x108b, { 0x1004, ASAT, VIRAMA, 0x102d } },
	{ 0x108c, 0x108c, { 0x1004, ASAT, VIRAMA, 0x102e } },
	{ 0x108d, 0x108d, { 0x1004, ASAT, VIRAMA, 0x1036 } },
	{ 0x108e, 0x108e, { 0x102d, 0x1036 } },
	{ 0x108f, 0x108f, { 0x1014 } },
	{ 0x1090, 0x1090, { 0x101b } },
	{ 0x1091, 0x1091, { 0x100f, VIRAMA, 0x100d } },
	{ 0x1092, 0x1092, { 0x100b, VIRAMA, 0x100c } },
	{ 0x1093, 0x1093, { VIRAMA, 0x1018 } },
	{ 0x1094, 0x1095, { 0x1037 } },
	{ 0x1096, 0x1096, { VIRAMA, 0x1010, 0x103d } },
	{ 0x1097, 0x1097, { 0x100b, VIRAMA, 0x100b } },
};

/* The ranks of signs by themselves. */
static unsigned rank_of(uint32_t point)
{
	static const uint8_t ranks[0x103f - 0x102b] = {
		[0x00 ... 0x01] = VOWEL_RIGHT,
		[0x02 ... 0x03] = VOWEL_ABOVE,
		[0x04 ... 0x05] = VOWEL_BELOW,
		[0x06] = VOWEL_E,
		[0x07] = VOWEL_ABOVE,
		[0x08 ... 0x0a] = OTHER,
		[0x0b] = ANUSVARA,
		[0x0c] = DOT,
		[0x0d] = VISARGA,
		[0x0e] = BELOW,
		[0x0f] = ASAT_LATE,
		[0x10] = MEDIAL_YA,
		[0x11] = MEDIAL_RA,
		[0x12] = MEDIAL_WA,
		[0x13] = MEDIAL_HA,
	};

	if (point - 0x102bu < sizeof(ranks)) {
		return ranks[point - 0x102bu];
	}
	return (point >= 0x1000 && point <= 0x102a) || point == 0x103f ||
		point == 0x104e
	    ? LETTER
	    : OTHER;
}

/* ---- one letter and what belongs to it ------------------------------------
 */

struct cluster {
	struct fold_char at[CLUSTER_MAX];
	uint8_t rank[CLUSTER_MAX];
	size_t n;
	bool has_letter;
	bool has_signs; /* others than those in front of a letter */
};

struct conversion {
	struct cluster cluster;
	struct fold_char *out;
	size_t n;
};

static size_t find(const struct cluster *cluster, unsigned rank)
{
	size_t i = 0;

	while (i < cluster->n && cluster->rank[i] != rank) {
		i++;
	}
	return i;
}

static void drop(struct cluster *cluster, size_t i)
{
	cluster->n--;
	for (; i < cluster->n; i++) {
		cluster->at[i] = cluster->at[i + 1];
		cluster->rank[i] = cluster->rank[i + 1];
	}
}

/* Letters that Zawgyi types as two signs, or as one that looks alike. */
static void repair(struct cluster *cluster)
{
	size_t letter = find(cluster, LETTER);
	size_t ya = find(cluster, MEDIAL_YA);
	size_t asat = find(cluster, ASAT_LATE);
	size_t ii = find(cluster, VOWEL_ABOVE);
	struct fold_char *base = &cluster->at[letter];

	if (letter == cluster->n) {
		return;
	}
	if (base->point == 0x1025 &&
	    (asat < cluster->n || find(cluster, BELOW) < cluster->n)) {
		base->point = 0x1009;
	} else if (base->point == 0x1025 && ii < cluster->n &&
	    cluster->at[ii].point == 0x102e) {
		base->point = 0x1026;
		base->end = cluster->at[ii].end;
		drop(cluster, ii);
	} else if (base->point == 0x1005 && ya < cluster->n) {
		base->point = 0x1008;
		base->end = cluster->at[ya].end;
		drop(cluster, ya);
	} else if (ya < cluster->n && asat < cluster->n &&
	    find(cluster, VOWEL_RIGHT) > asat) {
		cluster->rank[asat] = ASAT_EARLY;
	}
}

static void sort(struct cluster *cluster)
{
	for (size_t i = 1; i < cluster->n; i++) {
		struct fold_char one = cluster->at[i];
		uint8_t rank = cluster->rank[i];
		size_t k = i;

		for (; k > 0 && cluster->rank[k - 1] > rank; k--) {
			cluster->at[k] = cluster->at[k - 1];
			cluster->rank[k] = cluster->rank[k - 1];
		}
		cluster->at[k] = one;
		cluster->rank[k] = rank;
	}
}

static void flush(struct conversion *c)
{
	struct cluster *cluster = &c->cluster;

	if (cluster->has_letter) {
		repair(cluster);
		sort(cluster);
	}
	for (size_t i = 0; i < cluster->n; i++) {
		/* a sign typed twice shows once */
		if (i > 0 && cluster->rank[i] > BELOW &&
		    cluster->at[i].point == cluster->at[i - 1].point) {
			continue;
		}
		c->out[c->n++] = cluster->at[i];
	}
	cluster->n = 0;
	cluster->has_letter = false;
	cluster->has_signs = false;
}

static void add(struct conversion *c, struct fold_char one, unsigned rank)
{
	struct cluster *cluster = &c->cluster;

	if (cluster->n == CLUSTER_MAX) {
		flush(c);
	}
	cluster->at[cluster->n] = one;
	cluster->rank[cluster->n++] = (uint8_t)rank;
	cluster->has_letter = cluster->has_letter || rank == LETTER;
	cluster->has_signs = cluster->has_signs ||
	    (rank != LETTER && rank != VOWEL_E && rank != MEDIAL_RA);
}

/* ---- all signs ------------------------------------------------------------
 */

/* What a sign stands for; returns how many. */
static size_t parts_of(uint32_t point, uint32_t parts[static ZAWGYI_GROWS])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (point >= rows[i].first && point <= rows[i].last) {
			while (n < ZAWGYI_GROWS && rows[i].parts[n] != 0) {
				parts[n] = rows[i].parts[n];
				n++;
			}
			return n;
		}
	}
	parts[0] = point;
	return 1;
}

/* Does the sign begin something new? E and the medial RA are typed in front of
 * their letter: where none follows, they belong to the one before. */
static bool begins(const struct cluster *cluster, unsigned first, uint32_t next)
{
	uint32_t parts[ZAWGYI_GROWS] = { 0 };
	unsigned follows;

	if (first == LETTER) {
		return cluster->has_letter || cluster->has_signs;
	}
	if (first != VOWEL_E && first != MEDIAL_RA) {
		return first == OTHER;
	}
	(void)parts_of(next, parts);
	follows = rank_of(parts[0]);
	return cluster->has_letter &&
	    (follows == LETTER || follows == VOWEL_E || follows == MEDIAL_RA);
}

static void take(
    struct conversion *c, const struct fold_char *sign, uint32_t next)
{
	uint32_t parts[ZAWGYI_GROWS] = { 0 };
	size_t n = parts_of(sign->point, parts);
	bool kinzi = n >= 3 && parts[0] == 0x1004;
	unsigned first = kinzi ? (unsigned)KINZI : rank_of(parts[0]);

	if (begins(&c->cluster, first, next)) {
		flush(c);
	}
	for (size_t i = 0; i < n; i++) {
		struct fold_char one = *sign;
		unsigned rank = rank_of(parts[i]);

		one.point = parts[i];
		if (kinzi && i < 3) {
			rank = KINZI;
		} else if (i > 0 && parts[i - 1] == VIRAMA) {
			rank = BELOW;
		} else if (i > 0 && rank == LETTER) {
			flush(c); /* the abbreviation U+104E */
		}
		add(c, one, rank);
	}
	if (first == OTHER) {
		flush(c);
	}
}

static bool is_digit(uint32_t point)
{
	return point >= 0x1040 && point <= 0x1049;
}

/* The digit zero is typed for the letter that looks like it. */
static uint32_t letter_for_zero(
    const struct fold_char *signs, size_t n, size_t i)
{
	uint32_t point = signs[i].point;
	uint32_t before = i > 0 ? signs[i - 1].point : 0;
	uint32_t after = i + 1 < n ? signs[i + 1].point : 0;

	if (point == 0x1040 && !is_digit(before) && !is_digit(after) &&
	    (rank_of(before) != OTHER || rank_of(after) != OTHER)) {
		return 0x101d;
	}
	return point;
}

size_t zawgyi_convert(
    const struct fold_char *signs, size_t n, struct fold_char *ret_out)
{
	struct conversion c = { .out = ret_out };

	for (size_t i = 0; i < n; i++) {
		struct fold_char sign = signs[i];

		sign.point = letter_for_zero(signs, n, i);
		take(&c, &sign, i + 1 < n ? signs[i + 1].point : 0);
	}
	flush(&c);
	return c.n;
}
