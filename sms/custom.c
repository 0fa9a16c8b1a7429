/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/custom.h"

#include <stdio.h>
#include <string.h>

#include "sms/when.h"

static const char *const field_names[CUSTOM_FIELDS + 1] = { "from", "to",
	"text", "id", "time", "udh", "coding", NULL };
static const char *const bodies[] = { "form", "json", "text", NULL };
static const char *const texts[] = { "plain", "percent", "hex", "base64",
	NULL };
static const char *const times[] = { "none", "epoch", "epoch-ms", "date",
	NULL };
static const char *const proofs[] = { "secret", "field", "hmac-hex",
	"hmac-base64", NULL };
static const char *const charsets[] = {
	[ENC_UTF8] = "utf-8",
	[ENC_UTF16BE] = "utf-16be",
	[ENC_UTF16LE] = "utf-16le",
	[ENC_LATIN1] = "iso-8859-1",
	[ENC_GSM7] = "gsm7",
	[ENC_GSM7_PACKED] = "gsm7-packed",
	[ENC_BINARY] = "binary",
	NULL,
};

/* The place of word in words, or -1. */
static int find(const char *const *words, struct bytes word)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (bytes_equal(word, bytes_str(words[i]))) {
			return i;
		}
	}
	return -1;
}

/* The next of the pieces between blanks; false at the end. */
static bool next_piece(struct bytes *rest, struct bytes *ret_piece)
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

/* name, sign, value; false if there is no sign. */
static bool split(
    struct bytes piece, char sign, struct bytes *ret_name, struct bytes *value)
{
	const uint8_t *at =
	    piece.len == 0 ? NULL : memchr(piece.at, sign, piece.len);
	size_t len = at == NULL ? 0 : (size_t)(at - piece.at);

	if (at == NULL) {
		return false;
	}
	*ret_name = bytes_of(piece.at, len);
	*value = bytes_of(at + 1, piece.len - len - 1);
	return true;
}

static bool copy(char *to, size_t cap, struct bytes text)
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

static const char *read_fields(const char *words, struct sms_custom *custom)
{
	struct bytes rest = bytes_str(words);
	struct bytes piece, name, value;

	for (int i = CUSTOM_FROM; i <= CUSTOM_TIME; i++) {
		(void)copy(custom->fields[i], CUSTOM_NAME_BYTES,
		    bytes_str(field_names[i]));
	}
	while (next_piece(&rest, &piece)) {
		int field = split(piece, '=', &name, &value)
		    ? find(field_names, name)
		    : -1;

		if (field < 0 ||
		    !copy(custom->fields[field], CUSTOM_NAME_BYTES, value)) {
			return "custom_fields is a list of from=, to=, text=,"
			       " id=, time=, udh= and coding= with the"
			       " gateway's names behind them";
		}
	}
	return custom->fields[CUSTOM_FROM][0] != '\0' ||
		custom->fields[CUSTOM_TEXT][0] != '\0'
	    ? NULL
	    : "custom_fields must name from and text";
}

static bool read_coding(
    struct sms_custom *custom, struct bytes number, struct bytes charset)
{
	int found = find(charsets, charset);
	size_t n = custom->n_codings;

	if (found < 0 || n == CUSTOM_CODINGS_MAX ||
	    !copy(custom->codings[n].value, sizeof(custom->codings[n].value),
		number)) {
		return false;
	}
	custom->codings[n].charset = (enum sms_encoding)found;
	custom->n_codings++;
	return true;
}

static bool read_one(
    struct sms_custom *custom, struct bytes name, struct bytes value)
{
	struct bytes kind, of;
	int found = -1;

	if (split(name, '.', &kind, &of)) {
		if (bytes_equal(kind, bytes_str("coding"))) {
			return read_coding(custom, of, value);
		}
		return bytes_equal(kind, bytes_str("probe")) &&
		    copy(custom->probe_name, CUSTOM_NAME_BYTES, of) &&
		    copy(custom->probe_value, CUSTOM_NAME_BYTES, value);
	}
	if (bytes_equal(name, bytes_str("body"))) {
		found = find(bodies, value);
		custom->body = found < 0 ? BODY_FORM : (unsigned)found;
	} else if (bytes_equal(name, bytes_str("text"))) {
		found = find(texts, value);
		custom->text = found < 0 ? TEXT_PLAIN : (unsigned)found;
	} else if (bytes_equal(name, bytes_str("time"))) {
		found = find(times, value);
		custom->time = found < 0 ? TIME_NONE : (unsigned)found;
	} else if (bytes_equal(name, bytes_str("charset"))) {
		found = find(charsets, value);
		custom->charset = found < 0 ? ENC_UTF8 : (unsigned)found;
	}
	return found >= 0;
}

static const char *read_reading(const char *words, struct sms_custom *custom)
{
	struct bytes rest = bytes_str(words);
	struct bytes piece, name, value;

	while (next_piece(&rest, &piece)) {
		if (!split(piece, '=', &name, &value) ||
		    !read_one(custom, name, value)) {
			return "custom_reading is a list of body=form|json|"
			       "text, text=plain|percent|hex|base64,"
			       " charset=CHARSET, coding.NUMBER=CHARSET,"
			       " time=none|epoch|epoch-ms|date and"
			       " probe.FIELD=VALUE; CHARSET is utf-8,"
			       " utf-16be, utf-16le, iso-8859-1, gsm7,"
			       " gsm7-packed or binary";
		}
	}
	return NULL;
}

static const char *read_proof(const char *words, struct sms_custom *custom)
{
	struct bytes word = bytes_str(words);
	struct bytes kind = word;
	struct bytes name = bytes_of(NULL, 0);
	bool named = split(word, ':', &kind, &name);
	int found = find(proofs, kind);

	if (words[0] == '\0') {
		return NULL;
	}
	if (found < 0 || (found != PROOF_OPEN) != (named && name.len > 0) ||
	    !copy(custom->proof_name, CUSTOM_NAME_BYTES, name)) {
		return "custom_proof is secret, field:NAME, hmac-hex:HEADER or"
		       " hmac-base64:HEADER";
	}
	custom->proof = (enum custom_proof)found;
	for (char *c = custom->proof_name;
	     custom->proof > PROOF_FIELD && *c != '\0'; c++) {
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
	}
	return NULL;
}

static const char *read_answer(
    const struct custom_words *words, struct sms_custom *custom)
{
	struct bytes rest = bytes_str(words->answer);
	struct bytes piece, name, value;
	int64_t status = 0;

	while (next_piece(&rest, &piece)) {
		bool good = split(piece, '=', &name, &value);

		if (good && bytes_equal(name, bytes_str("type"))) {
			good = copy(custom->type, CUSTOM_NAME_BYTES, value);
		} else if (good && bytes_equal(value, bytes_str("close"))) {
			good = bytes_equal(name, bytes_str("failure"));
			custom->not_kept = (struct sms_answer){ .drop = true };
		} else if (good && when_digits(value, &status) == TL_OK) {
			bool kept = bytes_equal(name, bytes_str("status"));

			good = kept ? status >= 200 && status <= 299
				    : status >= 400 && status <= 599 &&
				bytes_equal(name, bytes_str("failure"));
			(kept ? &custom->kept : &custom->not_kept)->status =
			    (int)status;
		} else {
			good = false;
		}
		if (!good) {
			return "custom_answer is a list of status=200 to 299,"
			       " type=TYPE and failure=400 to 599 or close";
		}
	}
	return NULL;
}

static const char *read_answer_body(
    const struct custom_words *words, struct sms_custom *custom)
{
	const char *body = words->answer_body;

	if (body[0] == '\0') {
		return NULL;
	}
	for (const char *c = body; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~') {
			return "custom_answer_body must be printable ASCII";
		}
	}
	if (!copy(custom->answer_body, sizeof(custom->answer_body),
		bytes_str(body))) {
		return "custom_answer_body must have 256 characters or fewer";
	}
	if (strcmp(words->answer_body_is_safe, "yes") != 0) {
		return "custom_answer_body: a gateway may text it to the"
		       " sender's phone, which may be watched. If it"
		       " certainly does not, say so with"
		       " custom_answer_body_is_safe = yes";
	}
	custom->kept.body = custom->answer_body;
	return NULL;
}

static const char *word(const char *text)
{
	return text == NULL ? "" : text;
}

const char *custom_read(
    const struct custom_words *words, struct sms_custom *ret_custom)
{
	const struct custom_words all = {
		.fields = word(words->fields),
		.reading = word(words->reading),
		.proof = word(words->proof),
		.answer = word(words->answer),
		.answer_body = word(words->answer_body),
		.answer_body_is_safe = word(words->answer_body_is_safe),
	};
	const char *fault;

	*ret_custom = (struct sms_custom){
		.charset = ENC_UTF8,
		.kept = { .status = 200 },
		.not_kept = { .status = 503 },
	};
	fault = read_fields(all.fields, ret_custom);
	fault = fault == NULL ? read_reading(all.reading, ret_custom) : fault;
	fault = fault == NULL ? read_proof(all.proof, ret_custom) : fault;
	fault = fault == NULL ? read_answer(&all, ret_custom) : fault;
	fault = fault == NULL ? read_answer_body(&all, ret_custom) : fault;
	if (ret_custom->type[0] != '\0') {
		ret_custom->kept.type = ret_custom->type;
	}
	return fault;
}

const char *custom_trust(const struct sms_custom *custom)
{
	switch (custom->proof) {
	case PROOF_FIELD:
		return "basic";
	case PROOF_HMAC_HEX:
	case PROOF_HMAC_B64:
		return "signed";
	case PROOF_OPEN:
		break;
	}
	return NULL;
}
