/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/form_page.h"

#include <stdio.h>
#include <string.h>

#define NAME_CHARS 16u

/* What is behind what; false: it is not there. */
static bool find(struct bytes in, const char *what, struct bytes *ret_behind)
{
	size_t len = strlen(what);
	const uint8_t *at =
	    in.len == 0 ? NULL : memmem(in.at, in.len, what, len);

	if (at == NULL) {
		return false;
	}
	*ret_behind = bytes_of(at + len, in.len - (size_t)(at - in.at) - len);
	return true;
}

/* What is in front of end. */
static bool cut(struct bytes in, const char *end, struct bytes *ret_front)
{
	struct bytes behind;

	if (!find(in, end, &behind)) {
		return false;
	}
	*ret_front = bytes_of(in.at, (size_t)(behind.at - in.at) - strlen(end));
	return true;
}

/* The value of an attribute of a tag. */
static bool attribute(struct bytes tag, const char *name, struct bytes *ret)
{
	char begin[NAME_CHARS + 4];
	struct bytes behind;

	(void)snprintf(begin, sizeof(begin), " %s=\"", name);
	return find(tag, begin, &behind) && cut(behind, "\"", ret);
}

static bool has(struct bytes tag, const char *name, const char *value)
{
	struct bytes found;

	return attribute(tag, name, &found) &&
	    bytes_equal(found, bytes_str(value));
}

static bool is_of(struct bytes text, const char *others)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    (c == '\0' || strchr(others, c) == NULL)) {
			return false;
		}
	}
	return text.len > 0;
}

/* The next tag, without its brackets; *rest: what is behind it. */
static bool next_tag(struct bytes *rest, struct bytes *ret_tag)
{
	return find(*rest, "<", rest) && cut(*rest, ">", ret_tag);
}

static enum tl_err add_hidden(struct form_page *page, struct bytes tag)
{
	struct form_page_field *field = &page->hidden[page->n_hidden];

	if (page->n_hidden == FORM_PAGE_HIDDEN_MAX) {
		return TL_ETOOBIG;
	}
	/* what we send has no character that a page would write otherwise */
	if (!attribute(tag, "name", &field->name) || !is_of(field->name, "_") ||
	    !attribute(tag, "value", &field->value) ||
	    (field->value.len > 0 &&
		memchr(field->value.at, '&', field->value.len) != NULL)) {
		return TL_EFORMAT;
	}
	page->n_hidden++;
	return TL_OK;
}

static enum tl_err read_wait(struct bytes tag, struct form_page *page)
{
	struct bytes text;

	if (!attribute(tag, "data-s", &text)) {
		return TL_OK;
	}
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c < '0' || c > '9' || page->wait_s > FORM_PAGE_WAIT_MAX_S) {
			return TL_EFORMAT;
		}
		page->wait_s = 10 * page->wait_s + (unsigned)(c - '0');
	}
	return page->wait_s > FORM_PAGE_WAIT_MAX_S ? TL_EFORMAT : TL_OK;
}

static enum tl_err read_form(struct bytes form, struct form_page *page)
{
	struct bytes tag;
	enum tl_err err;

	if (!cut(form, ">", &tag) || !has(tag, "method", "post") ||
	    !attribute(tag, "action", &page->action) ||
	    page->action.at[0] != '/' || !is_of(page->action, "/-")) {
		return TL_EFORMAT;
	}
	err = read_wait(tag, page);
	while (err == TL_OK && next_tag(&form, &tag)) {
		if (tag.len > 6 && memcmp(tag.at, "input ", 6) == 0 &&
		    has(tag, "type", "hidden")) {
			err = add_hidden(page, tag);
		} else if (tag.len > 9 && memcmp(tag.at, "textarea ", 9) == 0) {
			page->asks_story =
			    page->asks_story || has(tag, "name", "story");
		}
	}
	return err;
}

/* Digits of the text between tags. */
static size_t count_digits(struct bytes html)
{
	bool in_tag = true; /* the one that it begins in */
	size_t n = 0;

	for (size_t i = 0; i < html.len; i++) {
		uint8_t c = html.at[i];

		if (c == '<' || c == '>') {
			in_tag = c == '<';
		} else if (!in_tag && c >= '0' && c <= '9') {
			n++;
		}
	}
	return n;
}

enum tl_err form_page_read(struct bytes page, struct form_page *ret_page)
{
	struct form_page found = { .n_hidden = 0 };
	struct bytes behind, part;
	enum tl_err err = TL_OK;

	if (find(page, "<html", &behind) && cut(behind, ">", &part) &&
	    attribute(part, "lang", &found.lang) && !is_of(found.lang, "-")) {
		return TL_EFORMAT;
	}
	if (find(page, "<output id=\"receipt\"", &behind) &&
	    cut(behind, "</output>", &part)) {
		found.digits = count_digits(part);
	}
	if (find(page, "<form", &behind)) {
		err = cut(behind, "</form>", &part) ? read_form(part, &found)
						    : TL_EFORMAT;
	}
	if (err == TL_OK) {
		*ret_page = found;
	}
	return err;
}

static void put_field(struct buf *out, const char *boundary, struct bytes name,
    struct bytes value)
{
	buf_put_str(out, "--");
	buf_put_str(out, boundary);
	buf_put_str(out, "\r\nContent-Disposition: form-data; name=\"");
	buf_put(out, name.at, name.len);
	buf_put_str(out, "\"\r\n\r\n");
	buf_put(out, value.at, value.len);
	buf_put_str(out, "\r\n");
}

void form_page_fill(const struct form_page *page, const char *boundary,
    struct bytes story, struct buf *out)
{
	for (size_t i = 0; i < page->n_hidden; i++) {
		put_field(
		    out, boundary, page->hidden[i].name, page->hidden[i].value);
	}
	if (page->asks_story) {
		put_field(out, boundary, bytes_str("story"), story);
	}
	buf_put_str(out, "--");
	buf_put_str(out, boundary);
	buf_put_str(out, "--\r\n");
}
