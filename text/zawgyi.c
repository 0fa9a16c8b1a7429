/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/zawgyi.h"

#include <stdlib.h>

#include "base/wipe.h"
#include "text/utf8.h"

#define VIRAMA  0x1039u
#define VOWEL_E 0x1031u
#define ASAT    0x103au /* in Zawgyi the medial YA */
#define YA      0x103bu /* in Zawgyi the medial RA, before its letter */
#define DOT     0x1037u
#define VISARGA 0x1038u

/* ---- the guess ------------------------------------------------------------
 */

static bool is_consonant(uint32_t point)
{
	return (point >= 0x1000 && point <= 0x102a) || point == 0x103f;
}

static bool is_medial(uint32_t point)
{
	return point >= 0x103b && point <= 0x103e;
}

/* Letters beyond the first eighty are those of other languages in Unicode,
 * and in Zawgyi shapes of Burmese signs. */
static bool is_extended(uint32_t point)
{
	return point >= 0x1050 && point <= 0x109f;
}

static bool is_burmese(uint32_t point)
{
	return point >= 0x1000 && point <= 0x109f;
}

static bool is_vowel(uint32_t point)
{
	return (point >= 0x102b && point <= 0x1032) || point == 0x1036;
}

/* Shapes of Zawgyi for what is under a letter. */
static bool is_under(uint32_t point)
{
	return (point >= 0x1060 && point <= 0x1069) ||
	    (point >= 0x106c && point <= 0x107d && point != 0x106e &&
		point != 0x106f) ||
	    point == 0x1085 || point == 0x1093;
}

/* The same for two signs in one, typed behind others. */
static bool is_double(uint32_t point)
{
	return point >= 0x1087 && point <= 0x108e;
}

/* The same for letters, when there is little room. */
static bool is_narrow(uint32_t point)
{
	return point == 0x106a || point == 0x106b || point == 0x108f ||
	    point == 0x1090;
}

/* Do these two stand above each other in Unicode's Burmese? Only letters of
 * one row of the alphabet do, and a letter with itself. */
static bool stacks(uint32_t above, uint32_t below)
{
	static const uint8_t row[0x1022 - 0x1000] = {
		[0x00 ... 0x04] = 1, /* KA */
		[0x05 ... 0x0a] = 2, /* CA, with both NYA */
		[0x0b ... 0x0f] = 3, /* TTA */
		[0x10 ... 0x14] = 4, /* TA */
		[0x15 ... 0x19] = 5, /* PA */
	};

	if (above == 0x1004) {
		return false; /* NGA stands above as kinzi only */
	}
	above -= 0x1000;
	below -= 0x1000;
	if (above >= sizeof(row) || below >= sizeof(row)) {
		return false;
	}
	return above == below || (row[above] != 0 && row[above] == row[below]);
}

/* The consonants under which Zawgyi has the medial YA; behind others the same
 * sign is the mark of Unicode that ends a syllable. */
static bool takes_ya(uint32_t point)
{
	return (point >= 0x1000 && point <= 0x1003) || point == 0x1010 ||
	    (point >= 0x1015 && point <= 0x1019) || point == 0x101b ||
	    point == 0x101c || point == 0x101e || point == 0x101f;
}

/* Four signs in a row; 0 is the edge of the text. */
struct window {
	uint32_t before2, before, point, after;
};

/* Impossible in Burmese of Unicode. */
static bool only_zawgyi(const struct window *w)
{
	switch (w->point) {
	case VOWEL_E:
		return !is_consonant(w->before) && !is_medial(w->before) &&
		    !is_extended(w->before) &&
		    (is_consonant(w->after) || w->after == YA);
	case VIRAMA:
		return !is_consonant(w->after) && !is_extended(w->after)
		    ? is_consonant(w->before)
		    : is_consonant(w->before) && w->before2 != VIRAMA &&
			is_consonant(w->after) && !stacks(w->before, w->after);
	case YA:
		return !is_consonant(w->before) && w->before != ASAT &&
		    !is_extended(w->before) && is_consonant(w->after);
	case 0x1033:
	case 0x1034:
	case 0x105a:
	case 0x1064:
		return is_consonant(w->before) || w->before == ASAT;
	case 0x1036: /* above, typed before what is below */
		return w->after == 0x102f || w->after == 0x1030;
	default:
		return (is_under(w->point) && is_consonant(w->before)) ||
		    (is_double(w->point) &&
			(is_consonant(w->before) || is_vowel(w->before))) ||
		    (is_narrow(w->point) &&
			(is_vowel(w->after) || is_medial(w->after) ||
			    is_double(w->after)));
	}
}

/* Impossible in Zawgyi. */
static bool only_unicode(const struct window *w)
{
	switch (w->point) {
	case VOWEL_E:
		return (is_consonant(w->before) || is_medial(w->before)) &&
		    !is_consonant(w->after) && w->after != YA &&
		    !is_extended(w->after);
	case ASAT:
		return w->after == VISARGA || w->after == DOT ||
		    w->after == VIRAMA || w->before == DOT ||
		    w->before == 0x102b || w->before == 0x102c ||
		    (w->before >= 0x1075 && w->before <= 0x1081) ||
		    (is_consonant(w->before) && !takes_ya(w->before));
	case YA:
		return is_consonant(w->before) && !is_consonant(w->after) &&
		    w->after != VOWEL_E;
	case 0x103c: /* the medial RA; in Zawgyi WA, behind its letter */
		return is_consonant(w->before) && w->after == 0x103e;
	case 0x103e:
	case 0x103f:
		return true;
	case 0x1083: /* in Zawgyi the medial RA, in Shan a vowel */
	case 0x1084:
		return !is_consonant(w->after) && w->after != VOWEL_E;
	default:
		/* a letter of another language */
		return is_under(w->point) && !is_burmese(w->before);
	}
}

static uint32_t next_point(struct bytes *rest)
{
	uint32_t point = UTF8_REPLACEMENT;
	size_t bad = 1, len;

	if (rest->len == 0) {
		return 0;
	}
	len = utf8_read(*rest, &point, &bad);
	len = len > 0 ? len : bad;
	*rest = bytes_of(rest->at + len, rest->len - len);
	return point;
}

/* Most texts have no sign of the block: its bytes begin with E1 80 to 82. */
static bool has_burmese(struct bytes text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.at[i] == 0xe1 && text.at[i + 1] - 0x80u <= 2) {
			return true;
		}
	}
	return false;
}

/* Places that only one of the two can have, and signs that differ. */
struct evidence {
	size_t zawgyi, unicode, differs;
};

static struct evidence weigh(struct bytes text)
{
	struct evidence found = { 0 };
	struct window w = { 0 };

	if (!has_burmese(text)) {
		return found;
	}
	w.after = next_point(&text);
	while (w.after != 0 || text.len > 0) {
		w.before2 = w.before;
		w.before = w.point;
		w.point = w.after;
		w.after = next_point(&text);
		if (!is_burmese(w.point)) {
			continue;
		}
		found.zawgyi += only_zawgyi(&w);
		found.unicode += only_unicode(&w);
		found.differs += w.point == VOWEL_E || w.point == VIRAMA ||
		    w.point >= 0x1050 || (w.point >= ASAT && w.point <= 0x103d);
	}
	return found;
}

enum zawgyi zawgyi_guess(struct bytes text)
{
	struct evidence found = weigh(text);

	if (found.zawgyi > 4 * found.unicode) {
		return ZAWGYI_YES;
	}
	if (4 * found.zawgyi < found.unicode || found.differs == 0) {
		return ZAWGYI_NO;
	}
	return ZAWGYI_UNSURE;
}

bool zawgyi_is_mixed(struct bytes text)
{
	struct evidence found = weigh(text);

	return found.zawgyi > 0 && found.unicode > 0;
}

/* ---- for showing ----------------------------------------------------------
 */

enum tl_err zawgyi_to_unicode(struct bytes text, struct buf *out)
{
	size_t room = text.len > 0 ? text.len : 1, n = 0;
	struct fold_char *signs = calloc(room, sizeof(*signs));
	struct fold_char *made = calloc(room, ZAWGYI_GROWS * sizeof(*made));

	if (signs == NULL || made == NULL) {
		free(signs);
		free(made);
		return TL_ENOMEM;
	}
	while (text.len > 0) {
		signs[n++].point = next_point(&text);
	}
	n = zawgyi_convert(signs, n, made);
	for (size_t i = 0; i < n; i++) {
		utf8_put(out, made[i].point);
	}
	wipe(signs, room * sizeof(*signs));
	wipe(made, room * ZAWGYI_GROWS * sizeof(*made));
	free(signs);
	free(made);
	return buf_err(out);
}
