/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Words whose tip is not here: its epoch is destroyed, or it lies at an intake
 * that has no way to Redis, or was lost with one. Whoever comes back with their
 * code after months may write that it is today, so after a moment they are a
 * row of their own, and a case.
 */
#include "desk/tips_inside.h"

#include "text/report_parts.h"

/* Tips come in any order: theirs may be next. */
#define URGENT_MS UINT64_C(10000)
#define WAIT_MS   (UINT64_C(15) * 60 * 1000)
/* What is older was read with its tip, which is gone by now. */
#define READ_S (14 * 86400)

/* A mere wish concerns what is not here. */
static bool has_words(const struct tip *tip)
{
	json_t *json = report_load(tip->doc);
	bool has = json_string_length(json_object_get(json, "text")) > 0 ||
	    json_object_size(json_object_get(json, "answers")) > 0 ||
	    json_array_size(json_object_get(json, "attachments")) > 0;

	json_decref(json);
	return has;
}

static bool is_alone(const struct tip *tip)
{
	return tip->state == TIP_PART && tip->part == REPORT_IS_MORE &&
	    tip->of == NULL && tip->is_signed && !tip->is_twin &&
	    !tip->wants_deletion;
}

static bool is_due(const struct tip *tip, const struct tips_alone *alone)
{
	uint64_t wait_ms = tip->said_priority <= 2 ? URGENT_MS : WAIT_MS;
	bool is_new =
	    tip->at >= alone->n_old || alone->now_s - tip->received_s < READ_S;

	return tip->now.version > 0 ||
	    (is_new && alone->mono_ms - tip->alone_ms >= wait_ms);
}

struct tip *tips_next_alone(
    struct tips *tips, size_t *at, const struct tips_alone *alone)
{
	while (*at < tips->n) {
		struct tip *tip = tips->all[(*at)++];

		if (!is_alone(tip)) {
			tip->alone_ms = 0;
			continue;
		}
		if (tip->alone_ms == 0) {
			tip->alone_ms = alone->mono_ms;
		}
		if (is_due(tip, alone) && has_words(tip)) {
			tip->state = TIP_OPEN;
			return tip;
		}
	}
	return NULL;
}

bool tip_is_alone(const struct tip *tip)
{
	return tip->state == TIP_OPEN && tip->part == REPORT_IS_MORE &&
	    tip->of == NULL;
}
