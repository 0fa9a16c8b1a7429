/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/tool_squeeze.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX 1024

char *tool_read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = calloc(1, TOOL_FILE_MAX);
	size_t len;

	if (in == NULL || text == NULL) {
		perror(path);
		exit(1);
	}
	len = fread(text, 1, TOOL_FILE_MAX - 1, in);
	if (ferror(in) || !feof(in)) {
		fprintf(stderr, "%s: cannot be read, or too long\n", path);
		exit(1);
	}
	(void)fclose(in);
	text[len] = '\0';
	return text;
}

/*
 * Comments, line ends and indentation go, and the spaces around { } ; , and
 * behind a colon. Nothing cleverer: what is written is what is sent.
 */
void tool_read_style(const char *path, struct buf *ret_style)
{
	char *text = tool_read_file(path);
	char before = ';';

	buf_init(ret_style, TOOL_FILE_MAX);
	for (char *at = text; *at != '\0'; at++) {
		if (strncmp(at, "/*", 2) == 0) {
			at = strstr(at, "*/") + 1;
			continue;
		}
		if (*at == '\n' || *at == '\t' || *at == ' ') {
			char next = at[1 + strspn(at + 1, "\n\t ")];

			if (strchr("{};,: ", before) == NULL &&
			    strchr("{};,", next) == NULL) {
				before = ' ';
				buf_put_u8(ret_style, ' ');
			}
			continue;
		}
		before = *at;
		buf_put_u8(ret_style, (uint8_t)*at);
	}
	if (memchr(ret_style->data, '<', ret_style->len) != NULL) {
		fprintf(stderr, "%s: \"<\" in a style\n", path);
		exit(1);
	}
	free(text);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '$';
}

/*
 * Lines of comment and indentation go, and outside of quotes each space that
 * does not part two words. Each statement ends with its own ";", so that line
 * ends can go too.
 */
void tool_read_script(const char *path, struct buf *ret_script)
{
	char *text = tool_read_file(path);
	bool quoted = false;

	buf_init(ret_script, TOOL_FILE_MAX);
	for (char *at = text; *at != '\0'; at++) {
		size_t space = quoted ? 0 : strspn(at, "\n\t ");

		if (space > 0) {
			char next = at[space];

			at += space - 1;
			if (ret_script->len > 0 && is_word(next) &&
			    is_word(
				(char)ret_script->data[ret_script->len - 1])) {
				buf_put_u8(ret_script, ' ');
			}
			continue;
		}
		if (!quoted && strncmp(at, "//", 2) == 0) {
			at += strcspn(at, "\n") - 1;
			continue;
		}
		quoted = quoted != (*at == '\'');
		buf_put_u8(ret_script, (uint8_t)*at);
	}
	if (memmem(ret_script->data, ret_script->len, "</", 2) != NULL ||
	    ret_script->len > SCRIPT_MAX) {
		fprintf(stderr, "%s: \"</\" in a script, or over %d bytes\n",
		    path, SCRIPT_MAX);
		exit(1);
	}
	free(text);
}
