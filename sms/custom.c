/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/custom.h"

#include <string.h>

#include "sms/custom_reading.h"
#include "sms/when.h"
#include "sms/words.h"

static const char *const proofs[] = { "secret", "field", "hmac-hex",
	"hmac-base64", NULL };

static const char *read_proof(const char *words, struct sms_custom *custom)
{
	struct bytes word = bytes_str(words);
	struct bytes kind = word;
	struct bytes name = bytes_of(NULL, 0);
	bool named = words_split(word, ':', &kind, &name);
	int found = words_find(proofs, kind);

	if (words[0] == '\0') {
		return NULL;
	}
	if (found < 0 || (found != PROOF_OPEN) != (named && name.len > 0) ||
	    !words_copy(custom->proof_name, CUSTOM_NAME_BYTES, name)) {
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

	while (words_next(&rest, &piece)) {
		bool good = words_split(piece, '=', &name, &value);

		if (good && bytes_equal(name, bytes_str("type"))) {
			good =
			    words_copy(custom->type, CUSTOM_NAME_BYTES, value);
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
	if (!words_copy(custom->answer_body, sizeof(custom->answer_body),
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
	fault = custom_reading_fields(all.fields, ret_custom);
	fault = fault == NULL ? custom_reading(all.reading, ret_custom) : fault;
	fault = fault == NULL ? read_proof(all.proof, ret_custom) : fault;
	fault = fault == NULL ? read_answer(&all, ret_custom) : fault;
	fault = fault == NULL ? read_answer_body(&all, ret_custom) : fault;
	if (ret_custom->type[0] != '\0') {
		ret_custom->kept.type = ret_custom->type;
	}
	return fault;
}

bool custom_signs_body(const struct sms_custom *custom)
{
	return custom->proof == PROOF_HMAC_HEX ||
	    custom->proof == PROOF_HMAC_B64;
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
