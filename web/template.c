/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/template.h"

#include <string.h>

#include "web/catalogue.h"
#include "web/escape.h"

/* The slot that text begins with, or NULL. */
static const struct template_slot *slot_at(
    const struct template_step *step, const char *text)
{
	for (size_t i = 0; i < TEMPLATE_SLOTS_MAX; i++) {
		const char *mark = step->slots[i].mark;

		if (mark != NULL && strncmp(text, mark, strlen(mark)) == 0) {
			return &step->slots[i];
		}
	}
	return NULL;
}

/* A catalogue text, with values in the places of its slots. */
static void write_text(const struct template_step *step,
    const struct web_language *language, const struct template_data *data,
    struct buf *out)
{
	const char *text = language->texts[step->name];

	for (const char *at = strchr(text, '{'); at != NULL;
	     at = strchr(at, '{')) {
		const struct template_slot *slot = slot_at(step, at);

		if (slot == NULL) {
			at++;
			continue;
		}
		escape_html(out, bytes_of(text, (size_t)(at - text)));
		escape_html(out, data->value[slot->value]);
		at += strlen(slot->mark);
		text = at;
	}
	escape_html(out, bytes_str(text));
}

static bool holds(const struct template_step *step,
    const struct template_data *data, const struct template_item *item)
{
	bool holds;

	if (step->kind == TEMPLATE_IF_FLAG) {
		holds = data->flag[step->name];
	} else if (step->kind == TEMPLATE_IF_ITEM) {
		holds = item->flag[step->name];
	} else {
		holds = data->value[step->name].len > 0;
	}
	return holds != step->negate;
}

void template_write(const struct template *template,
    const struct web_language *language, const struct template_data *data,
    struct buf *out)
{
	const struct template_item *item = NULL;
	size_t left = 0; /* items of the list behind this one */
	size_t at = 0;

	while (at < template->n) {
		const struct template_step *step = &template->steps[at];

		at++;
		switch (step->kind) {
		case TEMPLATE_COPY:
			buf_put(out, step->copy, step->len);
			break;
		case TEMPLATE_TEXT:
			write_text(step, language, data, out);
			break;
		case TEMPLATE_VALUE:
			escape_html(out, data->value[step->name]);
			break;
		case TEMPLATE_ITEM:
			escape_html(out, item->value[step->name]);
			break;
		case TEMPLATE_IF_VALUE:
		case TEMPLATE_IF_FLAG:
		case TEMPLATE_IF_ITEM:
			at = holds(step, data, item) ? at : step->to;
			break;
		case TEMPLATE_EACH:
			item = data->list[step->name].items;
			left = data->list[step->name].n;
			at = left > 0 ? at : step->to;
			break;
		case TEMPLATE_NEXT:
			left--;
			item++;
			at = left > 0 ? step->to : at;
			break;
		}
	}
}
