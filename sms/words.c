/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/words.h"

#include <string.h>

int words_find(const char *const *words, struct bytes word)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (bytes_equal(word, bytes_str(words[i]))) {
			return i;
		}
	}
	return -1;
}

bool words_next(struct bytes *rest, struct bytes *ret_piece)
{
	size_t len = 0;

	while (rest->len > 0 && rest->at[0] == ' ') {
		*rest = bytes_of(rest->at + 1, rest->len - 1);
	}
	while (len < rest->len && rest->at[len] != ' ') {
		len++;
	}
	*ret_piece = bytes_of(rest->at, len);
	*rest = bytes_of(rest->at + len, rest->len - len);
	return len > 0;
}

bool words_split(struct bytes piece, char sign, struct bytes *ret_name,
    struct bytes *ret_value)
{
	const uint8_t *at =
	    piece.len == 0 ? NULL : memchr(piece.at, sign, piece.len);
	size_t len = at == NULL ? 0 : (size_t)(at - piece.at);

	if (at == NULL) {
		return false;
	}
	*ret_name = bytes_of(piece.at, len);
	*ret_value = bytes_of(at + 1, piece.len - len - 1);
	return true;
}

bool words_copy(char *to, size_t cap, struct bytes text)
{
	if (text.len >= cap) {
		return false;
	}
	if (text.len > 0) {
		memcpy(to, text.at, text.len);
	}
	to[text.len] = '\0';
	return true;
}
