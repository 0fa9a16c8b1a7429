/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/partner_answer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/enc.h"
#include "text/json_memory.h"

#define PARTNER_WORD_NAME(name, text) [PARTNER_WORD_##name] = text,
static const char *const words[PARTNER_WORDS_END] = { PARTNER_WORDS(
    PARTNER_WORD_NAME) };
#undef PARTNER_WORD_NAME

const char *partner_answer_word_name(enum partner_word word)
{
	return word < PARTNER_WORDS_END ? words[word] : "?";
}

enum partner_word partner_answer_word_of(const char *name)
{
	int i = 0;

	while (i < PARTNER_WORDS_END && strcmp(words[i], name) != 0) {
		i++;
	}
	return (enum partner_word)i;
}

enum tl_err partner_answer_words(
    const struct partner_answer *answer, struct buf *out)
{
	json_t *json = json_pack("{s:s, s:s, s:s, s:I}", "ref", answer->ref,
	    "status", partner_answer_word_name(answer->word), "reason",
	    answer->reason, "at", (json_int_t)answer->at_s);
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	enum tl_err err = TL_EINVAL;

	if (text != NULL && answer->ref[0] != '\0') {
		buf_put_str(out, text);
		err = buf_err(out);
	}
	free(text);
	json_decref(json);
	return err;
}

enum tl_err partner_answer_line(struct bytes said,
    const uint8_t signature[static PARTNER_SIGNATURE_BYTES], struct buf *out)
{
	buf_put_str(out, PARTNER_FIRST);
	enc_b64(out, B64_STD, said.at, said.len);
	buf_put_u8(out, ' ');
	enc_b64(out, B64_STD, signature, PARTNER_SIGNATURE_BYTES);
	return buf_err(out);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes trimmed(struct bytes line)
{
	while (line.len > 0 && is_blank(line.at[0])) {
		line = bytes_of(line.at + 1, line.len - 1);
	}
	while (line.len > 0 && is_blank(line.at[line.len - 1])) {
		line.len--;
	}
	return line;
}

/* JSON that was signed. */
static enum tl_err take(struct bytes text, struct partner_answer *ret_answer)
{
	json_t *json = NULL;
	const char *ref = "", *word = "", *reason = "";
	struct partner_answer answer = { .word = PARTNER_WORDS_END };
	json_int_t at_s = 0;
	enum tl_err err = json_memory_load(text, 0, &json, NULL);

	if (err != TL_OK) {
		return err;
	}
	err = TL_EFORMAT;
	if (json_unpack_ex(json, NULL, 0, "{s:s, s:s, s?s, s:I}", "ref", &ref,
		"status", &word, "reason", &reason, "at", &at_s) == 0) {
		answer.word = partner_answer_word_of(word);
	}
	if (answer.word != PARTNER_WORDS_END && ref[0] != '\0' &&
	    strlen(ref) < sizeof(answer.ref) &&
	    strlen(reason) < sizeof(answer.reason)) {
		memcpy(answer.ref, ref, strlen(ref));
		memcpy(answer.reason, reason, strlen(reason));
		answer.at_s = at_s;
		*ret_answer = answer;
		err = TL_OK;
	}
	json_decref(json);
	return err;
}

enum tl_err partner_answer_read(struct bytes line,
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES],
    struct partner_answer *ret_answer)
{
	const size_t first_len = strlen(PARTNER_FIRST);
	uint8_t text[PARTNER_MAX_BYTES], signature[PARTNER_SIGNATURE_BYTES];
	size_t text_len = 0, signature_len = 0;
	const uint8_t *gap;
	size_t body_len;
	enum tl_err err;

	line = trimmed(line);
	if (line.len > PARTNER_MAX_BYTES) {
		return TL_ETOOBIG;
	}
	if (line.len < first_len ||
	    memcmp(line.at, PARTNER_FIRST, first_len) != 0) {
		return TL_EFORMAT;
	}
	line = bytes_of(line.at + first_len, line.len - first_len);
	gap = memchr(line.at, ' ', line.len);
	if (gap == NULL) {
		return TL_EFORMAT;
	}
	body_len = (size_t)(gap - line.at);
	if (dec_b64(B64_STD, (const char *)line.at, body_len, text,
		sizeof(text), &text_len) != TL_OK ||
	    dec_b64(B64_STD, (const char *)gap + 1, line.len - body_len - 1,
		signature, sizeof(signature), &signature_len) != TL_OK ||
	    signature_len != sizeof(signature)) {
		return TL_EFORMAT;
	}
	err = partner_verify(public_key, bytes_of(text, text_len), signature);
	return err == TL_OK ? take(bytes_of(text, text_len), ret_answer) : err;
}
