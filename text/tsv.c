/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/tsv.h"

#include <string.h>

bool text_line(struct bytes *rest, struct bytes *ret_line)
{
	const uint8_t *end;
	size_t len;

	if (rest->len == 0) {
		return false;
	}
	end = memchr(rest->at, '\n', rest->len);
	len = end == NULL ? rest->len : (size_t)(end - rest->at);
	*ret_line = bytes_of(rest->at, len);
	len += end == NULL ? 0 : 1;
	*rest = bytes_of(rest->at + len, rest->len - len);
	if (ret_line->len > 0 && ret_line->at[ret_line->len - 1] == '\r') {
		ret_line->len--;
	}
	return true;
}

/* The next line that is neither empty nor a remark. */
static bool next_line(struct tsv *tsv, struct bytes *ret_line)
{
	while (text_line(&tsv->rest, ret_line)) {
		tsv->line++;
		if (ret_line->len > 0 && ret_line->at[0] != '#') {
			return true;
		}
	}
	return false;
}

bool tsv_open(struct tsv *tsv, struct bytes file, const char *heading,
    struct text_fault *ret_fault)
{
	struct bytes line;

	*tsv = (struct tsv){ .rest = file, .n_columns = 1 };
	*ret_fault = (struct text_fault){ 0 };
	if (!next_line(tsv, &line) || !bytes_equal(line, bytes_str(heading))) {
		*ret_fault = (struct text_fault){ tsv->line,
			"the heading is not the one of this list" };
		return false;
	}
	for (const char *c = heading; *c != '\0'; c++) {
		tsv->n_columns += *c == '\t' ? 1 : 0;
	}
	return true;
}

bool tsv_next(struct tsv *tsv, struct text_fault *ret_fault)
{
	struct bytes line;
	size_t n = 0, from = 0;

	if (!next_line(tsv, &line)) {
		return false;
	}
	for (size_t i = 0; i <= line.len && n < TSV_COLUMNS_MAX; i++) {
		if (i == line.len || line.at[i] == '\t') {
			tsv->columns[n++] = bytes_of(line.at + from, i - from);
			from = i + 1;
		}
	}
	if (n != tsv->n_columns || from <= line.len) {
		*ret_fault = (struct text_fault){ tsv->line,
			"another number of columns than the heading" };
		return false;
	}
	return true;
}
