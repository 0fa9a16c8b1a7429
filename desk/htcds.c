/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/htcds.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "desk/coding.h"
#include "desk/number.h"
#include "text/fold.h"
#include "text/htcds.h"

#define WHO_ME       1u
#define CAMBODIA     1u
#define BIT(value)   (UINT32_C(1) << (value))
#define APP_ROWS_MAX 64u
/* An answer that is longer names no app. */
#define APP_BYTES 1000u

struct putting {
	json_t *object;
	const struct referral *referral;
	const struct facts *facts;
	uint64_t apps;    /* rows of how_app that were found, from 0 */
	unsigned app_row; /* that comes next in a walk */
	bool failed;
};

static const char *answer(const struct putting *putting, const char *name)
{
	const char *text = json_string_value(
	    json_object_get(putting->referral->answers, name));

	return text == NULL ? "" : text;
}

static void put(json_t *object, const char *key, const char *text, bool *failed)
{
	*failed =
	    json_object_set_new(object, key, json_string(text)) != 0 || *failed;
}

/* ---- which app ------------------------------------------------------------
 */

static bool fold_into(struct bytes text, struct buf *out)
{
	struct fold fold = { 0 };
	bool good = fold_text(text, &fold) == TL_OK;

	if (good) {
		fold_put(&fold, out);
	}
	fold_free(&fold);
	return good && buf_err(out) == TL_OK;
}

static bool is_latin(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Take word out of text where it stands by itself. Was it there? */
static bool take_word(struct buf *text, struct bytes word)
{
	bool found = false;

	for (size_t at = 0; word.len > 0 && at + word.len <= text->len; at++) {
		size_t end = at + word.len;

		if (memcmp(text->data + at, word.at, word.len) != 0 ||
		    (at > 0 && is_latin(text->data[at - 1]) &&
			is_latin(word.at[0])) ||
		    (end < text->len && is_latin(text->data[end]) &&
			is_latin(word.at[word.len - 1]))) {
			continue;
		}
		memset(text->data + at, ' ', word.len);
		found = true;
	}
	return found;
}

struct finding {
	struct buf text;
	uint64_t found;
	unsigned row;
};

static bool find_app(const struct htcds_row *row, void *arg)
{
	struct finding *finding = arg;
	struct buf word;
	bool found;

	if (!bytes_equal(row->question, bytes_str("how_app"))) {
		return true;
	}
	buf_init(&word, APP_BYTES);
	found = bytes_equal(row->answer, bytes_str("*"))
	    ? finding->found == 0
	    : fold_into(row->answer, &word) &&
		take_word(&finding->text, bytes_of(word.data, word.len));
	buf_free(&word);
	if (found && finding->row < APP_ROWS_MAX) {
		finding->found |= UINT64_C(1) << finding->row;
	}
	finding->row++;
	return true;
}

static uint64_t apps_of(struct bytes text)
{
	struct finding finding = { 0 };

	if (text.len == 0) {
		return 0;
	}
	buf_init(&finding.text, 4 * APP_BYTES);
	if (text.len > APP_BYTES || !fold_into(text, &finding.text)) {
		buf_reset(&finding.text);
	}
	(void)htcds_rows_each(find_app, &finding);
	buf_free(&finding.text);
	return finding.found;
}

/* ---- rows -----------------------------------------------------------------
 */

/* An answer that is one of several, as a number. */
static unsigned number_of(struct bytes answer)
{
	unsigned number = 0;

	for (size_t i = 0; i < answer.len && answer.len <= 2; i++) {
		if (answer.at[i] < '0' || answer.at[i] > '9') {
			return 0;
		}
		number = number * 10 + (unsigned)(answer.at[i] - '0');
	}
	return number;
}

static bool is_answered(struct putting *putting, const struct htcds_row *row)
{
	const struct facts *facts = putting->facts;
	unsigned number = number_of(row->answer);
	uint32_t bit = number > 0 && number < 32 ? BIT(number) : 0;
	const char *names[] = { "ind", "work", "work_minor", "how",
		"where_country", "lang", "how_app" };
	size_t which = 0;

	while (which < sizeof(names) / sizeof(names[0]) &&
	    !bytes_equal(row->question, bytes_str(names[which]))) {
		which++;
	}
	switch (which) {
	case 0:
		return (facts->ind & bit) != 0;
	case 1:
		return (facts->work & bit) != 0;
	case 2:
		return (facts->work & bit) != 0 && facts->minor == 1;
	case 3:
		return (facts->how & bit) != 0;
	case 4:
		return number != 0 && facts->country == number;
	case 5:
		return facts->who == WHO_ME &&
		    bytes_equal(
			row->answer, bytes_str(answer(putting, "lang")));
	case 6:
		return (putting->apps >> putting->app_row++ & 1) != 0;
	default:
		return false;
	}
}

struct behind {
	struct putting putting; /* a copy: a walk of its own */
	struct bytes chip;
};

/* False ends the walk: an answer stands behind the chip. */
static bool is_not_behind(const struct htcds_row *row, void *arg)
{
	struct behind *behind = arg;
	bool answered = is_answered(&behind->putting, row);

	return !answered || !bytes_equal(row->chip, behind->chip);
}

/* A chip that was set to "seen" and that no answer points to. */
static bool is_seen_alone(
    const struct putting *putting, const struct htcds_row *row)
{
	const json_t *codes = putting->referral->codes;
	struct behind behind = { .putting = *putting };
	char chip[64];
	int len = snprintf(chip, sizeof(chip), "%.*s.%.*s",
	    (int)row->question.len, (const char *)row->question.at,
	    (int)row->answer.len, (const char *)row->answer.at);

	if (len < 0 || (size_t)len >= sizeof(chip) ||
	    coding_says(codes, bytes_str(chip)) != CODING_SEEN) {
		return false;
	}
	behind.chip = bytes_str(chip);
	behind.putting.app_row = 0;
	return htcds_rows_each(is_not_behind, &behind);
}

static bool is_in(const json_t *list, struct bytes value)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (bytes_equal(bytes_str(json_string_value(item)), value)) {
			return true;
		}
	}
	return false;
}

/* Of these one counts, the first. */
static bool is_one(const char *field)
{
	static const char *const ones[] = { "vic_ForcedLabourIndustry",
		"vic_RelationshipToTrafficker", "prs_PrimaryLanguage",
		"hte_Country" };

	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		if (strcmp(ones[i], field) == 0) {
			return true;
		}
	}
	return false;
}

static void put_value(struct putting *putting, const struct htcds_row *row)
{
	json_t *value =
	    json_stringn((const char *)row->value.at, row->value.len);
	json_t *list;
	char field[64];

	(void)snprintf(field, sizeof(field), "%.*s", (int)row->field.len,
	    (const char *)row->field.at);
	list = json_object_get(putting->object, field);
	if (list == NULL) {
		putting->failed =
		    json_object_set_new(putting->object, field,
			is_one(field) ? value : json_pack("[o]", value)) != 0 ||
		    putting->failed;
	} else if (json_is_array(list) && !is_in(list, row->value)) {
		putting->failed =
		    json_array_append_new(list, value) != 0 || putting->failed;
	} else {
		json_decref(value);
	}
}

static bool take_row(const struct htcds_row *row, void *arg)
{
	struct putting *putting = arg;
	enum coding_word word =
	    coding_says(putting->referral->codes, row->chip);
	bool goes = is_answered(putting, row)
	    ? word == CODING_NOTHING || word == CODING_SEEN
	    : is_seen_alone(putting, row);

	if (goes && !bytes_equal(row->field, bytes_str("-"))) {
		put_value(putting, row);
	}
	return true;
}

/* ---- what is no list ------------------------------------------------------
 */

/* Where it is done. The country came by a row. */
static void put_event(struct putting *putting)
{
	const struct facts *facts = putting->facts;
	json_t *event = json_object();
	json_t *country = json_object_get(putting->object, "hte_Country");
	const char *near = answer(putting, "where_near");
	char state[16];

	if (country != NULL) {
		putting->failed =
		    json_object_set(event, "hte_Country", country) != 0 ||
		    putting->failed;
		(void)json_object_del(putting->object, "hte_Country");
	}
	/* a province is one of Cambodia's, whatever else was chosen */
	if (facts->province != 0 &&
	    (facts->country == CAMBODIA || facts->country == 0)) {
		(void)snprintf(state, sizeof(state), "KH-%u", facts->province);
		put(event, "hte_State", state, &putting->failed);
		put(event, "hte_Country", "KH", &putting->failed);
	}
	if ((putting->referral->include & REFERRAL_NEAR) != 0 &&
	    near[0] != '\0') {
		put(event, "hte_City", near, &putting->failed);
	}
	if (json_object_size(event) == 0) {
		json_decref(event);
		return;
	}
	put(event, "hte_Type", "Exploitation", &putting->failed);
	putting->failed = json_object_set_new(putting->object, "hte",
			      json_pack("[o]", event)) != 0 ||
	    putting->failed;
}

static void put_phone(struct putting *putting)
{
	const struct facts *facts = putting->facts;
	const char *region = facts->country == CAMBODIA ? "KH" : "";
	char number[SENDER_NUMBER_MAX_BYTES + 1];
	bool lost = false;

	if ((putting->referral->include & REFERRAL_CONTACT) != 0 &&
	    facts->contact >= 2 && facts->contact <= 4 &&
	    facts->who == WHO_ME &&
	    number_read(bytes_str(answer(putting, "contact_number")), region,
		facts->country, number, &lost)) {
		put(putting->object, "prs_MobilePhone", number,
		    &putting->failed);
	}
}

static void put_case(struct putting *putting)
{
	const char *summary = putting->referral->summary;
	time_t at = (time_t)putting->referral->now_s;
	char day[16];
	struct tm tm;

	/* seven points that no form can ask for: triage, "Minors and consent"
	 */
	put(putting->object, "con_Consent", "FALSE", &putting->failed);
	if (gmtime_r(&at, &tm) != NULL &&
	    strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0) {
		put(putting->object, "cas_IncomingReferralDate", day,
		    &putting->failed);
	}
	if (summary != NULL && summary[0] != '\0') {
		put(putting->object, "cas_IncomingReferralDetails", summary,
		    &putting->failed);
	}
}

bool htcds_put(json_t *object, const struct referral *referral)
{
	struct putting putting = {
		.object = object, .referral = referral, .facts = referral->facts
	};

	putting.apps = apps_of(bytes_str(answer(&putting, "how_app")));
	if (!htcds_rows_each(take_row, &putting)) {
		return false;
	}
	put_event(&putting);
	put_phone(&putting);
	put_case(&putting);
	return !putting.failed;
}
