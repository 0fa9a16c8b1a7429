/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "desk/practice.h"

#define TEXT_CHARS   10000u
#define SENDER_CHARS 100u
#define ANSWERS_MAX  64u
#define DIGITS_MIN   8u
#define DIGITS_MAX   15u

/* How it came. */
static const char *const ways[] = { "hotline", "whatsapp", "telegram",
	"messenger", "person", "partner", "other" };

/* Answers, and characters at most; many: as often as it was chosen. */
static const struct {
	const char *name;
	size_t chars_max;
	bool many;
} rows[] = {
	{ "now", 100, false },
	{ "where_country", 100, false },
	{ "where_province", 100, false },
	{ "where_near", 500, false },
	{ "who", 100, false },
	{ "count", 100, false },
	{ "minor", 100, false },
	{ "ind", 100, true },
	{ "work", 100, true },
	{ "how", 100, true },
	{ "how_app", 100, false },
	{ "perp", 2000, false },
	{ "share", 100, false },
	{ "share_knows", 100, false },
	{ "contact", 100, false },
	{ "contact_number", 100, false },
	{ "contact_when", 200, false },
	{ "contact_message", 100, false },
	{ "contact_say", 100, false },
	{ "contact_cover", 200, false },
	{ "contact_safeword", 100, false },
	{ "contact_watched", 100, false },
	{ "official", 100, false },
	{ "official_note", 1000, false },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *call_answer_name(size_t at)
{
	return at < ROWS ? rows[at].name : NULL;
}

/* ---- what was given ------------------------------------------------------ */

static struct bytes string_of(const json_t *value)
{
	return bytes_of(json_string_value(value), json_string_length(value));
}

/* Characters, not bytes; jansson gives UTF-8 and nothing else. */
static size_t count_chars(struct bytes text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		n += (text.at[i] & 0xc0) != 0x80;
	}
	return n;
}

static bool is_blank(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == 0 || strchr(" \t\r\n", text.at[i]) == NULL) {
			return false;
		}
	}
	return true;
}

static const char *way_of(const json_t *body)
{
	struct bytes via = string_of(json_object_get(body, "via"));

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (bytes_equal(via, bytes_str(ways[i]))) {
			return ways[i];
		}
	}
	return NULL;
}

/* "km", "zh-Hans"; or nothing. */
static bool is_lang(struct bytes lang)
{
	for (size_t i = 0; i < lang.len; i++) {
		uint8_t c = (uint8_t)(lang.at[i] | 0x20);

		if ((c < 'a' || c > 'z') && lang.at[i] != '-') {
			return false;
		}
	}
	return lang.len <= 8;
}

/* ---- answers ------------------------------------------------------------- */

struct answers {
	struct report_answer all[ANSWERS_MAX];
	size_t n;
};

static bool add_answer(struct answers *answers, size_t row, const json_t *value)
{
	struct bytes text = string_of(value);

	if (!json_is_string(value) || answers->n == ANSWERS_MAX ||
	    count_chars(text) > rows[row].chars_max) {
		return false;
	}
	if (text.len > 0) {
		answers->all[answers->n++] =
		    (struct report_answer){ rows[row].name, text };
	}
	return true;
}

static bool add_answers(
    struct answers *answers, size_t row, const json_t *value)
{
	const json_t *each;
	size_t i;

	if (!json_is_array(value)) {
		return add_answer(answers, row, value);
	}
	if (!rows[row].many) {
		return false;
	}
	json_array_foreach(value, i, each)
	{
		if (!add_answer(answers, row, each)) {
			return false;
		}
	}
	return true;
}

/* In the order of the form; false: there is one that is none. */
static bool take_answers(const json_t *given, struct answers *answers)
{
	size_t known = 0;

	if (given != NULL && !json_is_object(given)) {
		return false;
	}
	for (size_t row = 0; row < ROWS; row++) {
		const json_t *value = json_object_get(given, rows[row].name);

		known += value != NULL;
		if (value != NULL && !add_answers(answers, row, value)) {
			return false;
		}
	}
	return known == json_object_size(given);
}

/* ---- the report ---------------------------------------------------------- */

/* An international number as it is dialled; anything else is no number that
 * is sure. */
static struct bytes number_of(struct bytes sender, char room[static 17])
{
	size_t n = 1;

	if (sender.len == 0 || sender.at[0] != '+') {
		return bytes_of(NULL, 0);
	}
	room[0] = '+';
	for (size_t i = 1; i < sender.len; i++) {
		uint8_t c = sender.at[i];

		if (c == ' ' || c == '-') {
			continue;
		}
		if (c < '0' || c > '9' || n > DIGITS_MAX) {
			return bytes_of(NULL, 0);
		}
		room[n++] = (char)c;
	}
	return n > DIGITS_MIN && room[1] != '0' ? bytes_of(room, n)
						: bytes_of(NULL, 0);
}

static enum tl_err make_id(const struct call_opts *opts, const json_t *body,
    uint8_t id[static CALL_ID_BYTES])
{
	static const char prefix[] = "tipline call v1"; /* with its NUL */
	uint8_t key[HASH_KEY_BYTES];
	char *all;

	if (json_object_get(body, "key") == NULL) {
		random_bytes(id, CALL_ID_BYTES);
		return TL_OK;
	}
	all = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	if (all == NULL) {
		return TL_ENOMEM;
	}
	hash_keyed(key, sizeof(key), opts->secret, prefix, sizeof(prefix));
	hash_keyed(key, sizeof(key), key, opts->who, strlen(opts->who));
	hash_keyed(id, CALL_ID_BYTES, key, all, strlen(all));
	wipe(key, sizeof(key));
	wipe(all, strlen(all));
	free(all);
	return TL_OK;
}

static const char *judge(const json_t *body)
{
	struct bytes text = string_of(json_object_get(body, "text"));
	struct bytes key = string_of(json_object_get(body, "key"));

	if (way_of(body) == NULL) {
		return "Say how it came.";
	}
	if (is_blank(text)) {
		return "Write what was said.";
	}
	if (count_chars(text) > TEXT_CHARS) {
		return "That is too long: 10,000 characters at most.";
	}
	if (json_object_get(body, "key") != NULL &&
	    (key.len == 0 || key.len > CALL_KEY_CHARS)) {
		return "The console sent what is no key.";
	}
	if (!is_lang(string_of(json_object_get(body, "lang")))) {
		return "That is no language.";
	}
	return count_chars(string_of(json_object_get(body, "sender"))) >
		SENDER_CHARS
	    ? "That number is too long."
	    : NULL;
}

enum tl_err call_write(const struct call_opts *opts, const json_t *body,
    uint8_t ret_id[static CALL_ID_BYTES], struct buf *out, const char **ret_why)
{
	const char *lang = json_string_value(json_object_get(body, "lang"));
	char number[17] = "";
	struct answers answers = { .n = 0 };
	struct report report = { .received_s = opts->now_s,
		.channel = "desk",
		.via = way_of(body),
		.taken_by = opts->who,
		.lang = lang == NULL ? "" : lang,
		.text = string_of(json_object_get(body, "text")),
		.sender_raw = string_of(json_object_get(body, "sender")),
		.trust = "officer",
		.flags = { "unverified", PRACTICE_FLAG },
		.n_flags = opts->practice ? 2 : 1 };
	enum tl_err err;

	*ret_why = judge(body);
	if (*ret_why == NULL &&
	    !take_answers(json_object_get(body, "answers"), &answers)) {
		*ret_why = "An answer is none of the form, or too long.";
	}
	if (*ret_why != NULL) {
		return TL_EINVAL;
	}
	report.answers = answers.all;
	report.n_answers = answers.n;
	report.sender_e164 = number_of(report.sender_raw, number);
	err = make_id(opts, body, report.id);
	if (err == TL_OK) {
		err = triage_judge(opts->triage, &report);
	}
	if (err == TL_OK) {
		err = report_write(&report, out);
	}
	if (err == TL_OK) {
		memcpy(ret_id, report.id, CALL_ID_BYTES);
	}
	wipe(number, sizeof(number));
	return err;
}
