/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/template.h"

#include <string.h>

#include "web/catalogue.h"
#include "web/escape.h"

/* A catalogue text, with the value in the place of its slot if it has one. */
static void write_text(const struct template_step *step,
    const struct web_language *language, const struct template_data *data,
    struct buf *out)
{
	const char *text = language->texts[step->name];
	const char *slot = step->copy == NULL ? NULL : strstr(text, step->copy);

	if (slot == NULL) {
		escape_html(out, bytes_str(text));
		return;
	}
	escape_html(out, bytes_of(text, (size_t)(slot - text)));
	escape_html(out, data->value[step->value]);
	escape_html(out, bytes_str(slot + step->len));
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
