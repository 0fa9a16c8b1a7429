/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/alike.h"

#include <stdlib.h>
#include <string.h>

struct alike_tip {
	uint8_t id[REPORT_ID_BYTES];
	uint8_t likeness[LIKENESS_BYTES];
};

enum tl_err alike_add(struct alike *alike,
    const uint8_t id[static REPORT_ID_BYTES], struct bytes doc)
{
	struct alike_tip tip;

	if (!report_likeness(doc, tip.likeness)) {
		return TL_OK;
	}
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
	memcpy(tip.id, id, sizeof(tip.id));
	alike->tips[alike->n++] = tip;
	return TL_OK;
}

void alike_give(struct alike *alike, const uint8_t id[static REPORT_ID_BYTES],
    struct bytes doc, struct report_context *context)
{
	uint8_t likeness[LIKENESS_BYTES];
	size_t n = 0;

	if (!report_likeness(doc, likeness)) {
		return;
	}
	for (size_t i = 0; i < alike->n && n < ALIKE_MAX; i++) {
		const struct alike_tip *tip = &alike->tips[i];

		if (memcmp(tip->id, id, sizeof(tip->id)) != 0 &&
		    likeness_percent(tip->likeness, likeness) >=
			LIKENESS_NEAR_PERCENT) {
			memcpy(alike->found[n++], tip->id, sizeof(tip->id));
		}
	}
	context->alike = (const uint8_t(*)[REPORT_ID_BYTES])alike->found;
	context->n_alike = n;
}

void alike_free(struct alike *alike)
{
	free(alike->tips);
	*alike = (struct alike){ 0 };
}
