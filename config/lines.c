/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "config/lines.h"

#include "config/config.h"

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

struct bytes config_cut_line(struct bytes *text)
{
	const uint8_t *end = memchr(text->at, '\n', text->len);
	size_t len = end == NULL ? text->len : (size_t)(end - text->at);
	size_t taken = end == NULL ? len : len + 1;
	struct bytes line = bytes_of(text->at, len);

	if (len > 0 && line.at[len - 1] == '\r') {
		line.len--;
	}
	*text = bytes_of(text->at + taken, text->len - taken);
	return line;
}

/* Bytes of the well-formed character at the front (Unicode, table 3-7), or
 * 0. */
static size_t letter_bytes(const uint8_t *at, size_t left)
{
	uint8_t low = 0x80;
	uint8_t high = 0xbf;
	size_t len;

	if (at[0] < 0x80) {
		return 1;
	}
	if (at[0] < 0xc2 || at[0] > 0xf4) {
		return 0;
	}
	len = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : low;
	high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : high;
	if (left < len || at[1] < low || at[1] > high) {
		return 0;
	}
	for (size_t i = 2; i < len; i++) {
		if ((at[i] & 0xc0u) != 0x80u) {
			return 0;
		}
	}
	return len;
}

bool config_line_good(struct bytes line, size_t *ret_at, const char **ret_wrong)
{
	size_t len;

	if (line.len > CONFIG_LINE_BYTES_MAX) {
		*ret_at = 0;
		*ret_wrong = "the line has more than 4096 bytes";
		return false;
	}
	for (size_t at = 0; at < line.len; at += len) {
		uint8_t byte = line.at[at];

		len = letter_bytes(line.at + at, line.len - at);
		if (len == 0) {
			*ret_at = at;
			*ret_wrong = "not UTF-8; save the file as UTF-8";
			return false;
		}
		if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
			*ret_at = at;
			*ret_wrong = "a control character; take it out";
			return false;
		}
	}
	return true;
}

struct bytes config_trim(struct bytes text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text = bytes_of(text.at + 1, text.len - 1);
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1])) {
		text.len--;
	}
	return text;
}

struct bytes config_cut_word(struct bytes *text)
{
	struct bytes word = bytes_of(text->at, 0);

	while (word.len < text->len && !is_blank(text->at[word.len])) {
		word.len++;
	}
	*text =
	    config_trim(bytes_of(text->at + word.len, text->len - word.len));
	return word;
}

bool config_cut_key(
    struct bytes line, struct bytes *ret_key, struct bytes *ret_value)
{
	const uint8_t *equals = memchr(line.at, '=', line.len);
	size_t len = equals == NULL ? 0 : (size_t)(equals - line.at);

	if (len == 0) {
		return false;
	}
	*ret_key = config_trim(bytes_of(line.at, len));
	*ret_value = config_trim(bytes_of(equals + 1, line.len - len - 1));
	return true;
}
