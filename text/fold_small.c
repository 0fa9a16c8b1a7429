/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Repairs of Thai, Lao and Burmese that are too small for files of their own.
 */
#include "text/fold_parts.h"

struct repair {
	uint32_t round; /* goes behind tone marks */
	uint32_t tone_first, tone_last;
	uint32_t e, ae; /* two e are typed for ae */
};

static const struct repair thai = { 0x0e4d, 0x0e48, 0x0e4b, 0x0e40, 0x0e41 };
static const struct repair lao = { 0x0ecd, 0x0ec8, 0x0ecb, 0x0ec0, 0x0ec1 };

static const struct repair *repair_of(uint32_t point)
{
	if (point >= 0x0e40 && point <= 0x0e4d) {
		return &thai;
	}
	return point >= 0x0ec0 && point <= 0x0ecd ? &lao : NULL;
}

static bool is_tone(const struct repair *repair, uint32_t point)
{
	return point >= repair->tone_first && point <= repair->tone_last;
}

void fold_thai_lao(struct fold_char *at, size_t *n)
{
	size_t out = 0;
	size_t rounds = 0; /* round signs of one script at the end of out */

	for (size_t i = 0; i < *n; i++) {
		const struct repair *repair = repair_of(at[i].point);
		struct fold_char one = at[i];

		if (repair == NULL) {
			rounds = 0;
		} else if (one.point == repair->round) {
			bool goes_on =
			    rounds > 0 && at[out - 1].point == one.point;

			rounds = goes_on ? rounds + 1 : 1;
		} else if (rounds > 0 && is_tone(repair, one.point) &&
		    at[out - 1].point == repair->round) {
			/* equal signs: exchanging the outer two moves all */
			struct fold_char round = at[out - rounds];

			at[out - rounds] = one;
			one = round;
		} else {
			rounds = 0;
			if (one.point == repair->e && out > 0 &&
			    at[out - 1].point == repair->e) {
				at[out - 1].point = repair->ae;
				at[out - 1].end = one.end;
				continue;
			}
		}
		at[out++] = one;
	}
	*n = out;
}

static bool is_burmese_letter(uint32_t point)
{
	return (point >= 0x1000 && point <= 0x103f) ||
	    (point >= 0x1050 && point <= 0x109f &&
		!(point >= 0x1090 && point <= 0x1099));
}

static bool is_burmese_digit(uint32_t point)
{
	return (point >= 0x1040 && point <= 0x1049) ||
	    (point >= 0x1090 && point <= 0x1099);
}

void fold_burmese_wa(struct fold_char *at, size_t n)
{
	uint32_t before = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t point = at[i].point;
		uint32_t after = i + 1 < n ? at[i + 1].point : 0;

		if (point == 0x1040 &&
		    (is_burmese_letter(before) || is_burmese_letter(after)) &&
		    !is_burmese_digit(before) && !is_burmese_digit(after)) {
			at[i].point = 0x101d;
		}
		before = point;
	}
}
