/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/alike.h"

#include <stdlib.h>
#include <string.h>

struct alike_tip {
	uint8_t id[REPORT_ID_BYTES];
	uint8_t likeness[LIKENESS_BYTES];
};

enum tl_err alike_learn(struct alike *alike,
    const uint8_t id[static REPORT_ID_BYTES],
    const uint8_t likeness[static LIKENESS_BYTES])
{
	struct alike_tip *tip;

	if (alike->n == alike->room) {
		size_t room = alike->room == 0 ? 64 : 2 * alike->room;
		struct alike_tip *tips =
		    reallocarray(alike->tips, room, sizeof(*tips));

		if (tips == NULL) {
			return TL_ENOMEM;
		}
		alike->tips = tips;
		alike->room = room;
	}
	tip = &alike->tips[alike->n++];
	memcpy(tip->id, id, sizeof(tip->id));
	memcpy(tip->likeness, likeness, sizeof(tip->likeness));
	return TL_OK;
}

enum tl_err alike_add(struct alike *alike,
    const uint8_t id[static REPORT_ID_BYTES], struct bytes doc)
{
	uint8_t likeness[LIKENESS_BYTES];

	return report_likeness(doc, likeness) ? alike_learn(alike, id, likeness)
					      : TL_OK;
}

size_t alike_find(const struct alike *alike,
    const uint8_t id[static REPORT_ID_BYTES],
    const uint8_t likeness[static LIKENESS_BYTES],
    struct alike_found ret[static ALIKE_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < alike->n && n < ALIKE_MAX; i++) {
		const struct alike_tip *tip = &alike->tips[i];
		unsigned percent = likeness_percent(tip->likeness, likeness);

		if (percent >= LIKENESS_NEAR_PERCENT &&
		    memcmp(tip->id, id, sizeof(tip->id)) != 0) {
			memcpy(ret[n].id, tip->id, sizeof(tip->id));
			ret[n++].percent = percent;
		}
	}
	return n;
}

void alike_give(struct alike *alike, const uint8_t id[static REPORT_ID_BYTES],
    struct bytes doc, struct report_context *context)
{
	struct alike_found found[ALIKE_MAX];
	uint8_t likeness[LIKENESS_BYTES];
	size_t n;

	if (!report_likeness(doc, likeness)) {
		return;
	}
	n = alike_find(alike, id, likeness, found);
	for (size_t i = 0; i < n; i++) {
		memcpy(alike->found[i], found[i].id, REPORT_ID_BYTES);
	}
	context->alike = (const uint8_t(*)[REPORT_ID_BYTES])alike->found;
	context->n_alike = n;
}

void alike_free(struct alike *alike)
{
	free(alike->tips);
	*alike = (struct alike){ 0 };
}
