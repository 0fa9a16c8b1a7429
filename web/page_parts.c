/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/page_parts.h"

#include <stdio.h>
#include <string.h>

#include "web/catalogue.h"
#include "web/utf8.h"

#include "gen_web_texts.h"

static const char *const yes_no[] = { "1", "2", "3", "9" };
static const char *const numbers[] = { "1", "2", "3", "4", "5", "6", "7", "8",
	"9" };
/* Codes of the gazetteer, which are also the numbers of ISO 3166-2:KH. */
static const char *const provinces[] = { "01", "02", "03", "04", "05", "06",
	"07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18",
	"19", "20", "21", "22", "23", "24", "25" };

const struct question question_now = {
	.name = "now",
	.list = L_now,
	.first = TEXT_Q1_1,
	.last = TEXT_Q1_9,
	.values = yes_no,
};
const struct question question_country = {
	.name = "where_country",
	.list = L_countries,
	.first = TEXT_Q4_COUNTRY_1,
	.last = TEXT_Q4_COUNTRY_9,
	.values = numbers,
};
const struct question question_province = {
	.name = "where_province",
	.list = L_provinces,
	.first = TEXT_PROVINCE_01,
	.last = TEXT_PROVINCE_25,
	.values = provinces,
};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
#define FITS(array, first, last) \
	_Static_assert((last) - (first) + 1 == N_OF(array), "a text each")
FITS(yes_no, TEXT_Q1_1, TEXT_Q1_9);
FITS(numbers, TEXT_Q4_COUNTRY_1, TEXT_Q4_COUNTRY_9);
FITS(provinces, TEXT_PROVINCE_01, TEXT_PROVINCE_25);

/* Q1 to Q14; their values stand in the same order. */
static const char *const spoken[PAGE_SPOKEN] = { "now", "story", "who", "where",
	"count", "minor", "ind", "work", "how", "perp", "share", "contact",
	"lang", "official" };
_Static_assert(V_hear_official - V_hear_now + 1 == PAGE_SPOKEN, "one each");

#define MIB 1048576u
/* Phones of today record 3 MB in this time; older ones write far less. */
#define MINUTES_OF_3_MIB 5u

/* Rounded down: whoever keeps to it is within the limit. */
static void say_size(struct page_parts *parts, uint64_t file_max_bytes)
{
	uint64_t hundredths = file_max_bytes * 100 / MIB;
	uint64_t minutes = file_max_bytes * MINUTES_OF_3_MIB / (3 * MIB);
	unsigned whole = (unsigned)(hundredths / 100);
	unsigned rest = (unsigned)(hundredths % 100);

	(void)snprintf(parts->size, sizeof(parts->size),
	    rest > 0 ? "%u.%02u" : "%u", whole, rest);
	(void)snprintf(parts->minutes, sizeof(parts->minutes), "%u",
	    minutes > 0 ? (unsigned)minutes : 1u);
	parts->data.value[V_size] = bytes_str(parts->size);
	parts->data.value[V_minutes] = bytes_str(parts->minutes);
}

const char *page_spoken_name(size_t number)
{
	return spoken[number];
}

static void say_spoken(
    struct page_parts *parts, const uint16_t kib[static PAGE_SPOKEN])
{
	for (size_t i = 0; i < PAGE_SPOKEN; i++) {
		if (kib[i] > 0) {
			(void)snprintf(parts->spoken[i],
			    sizeof(parts->spoken[i]), "%u", kib[i]);
			parts->data.value[V_hear_now + i] =
			    bytes_str(parts->spoken[i]);
		}
	}
}

void parts_begin(struct page_parts *parts, const struct page_site *site,
    const struct web_language *language)
{
	struct template_data *data = &parts->data;
	bool own_title = site->title != NULL && site->title[0] != '\0';
	size_t n = site->n_languages;

	*parts = (struct page_parts){ .n_items = 0 };
	say_size(parts, site->file_max_bytes);
	data->value[V_lang] = bytes_str(language->tag);
	data->value[V_title] =
	    bytes_str(own_title ? site->title : language->texts[TEXT_TITLE]);
	n = n < PAGE_LANGUAGES_MAX ? n : PAGE_LANGUAGES_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct web_language *each = site->languages[i];
		struct template_item *item = &parts->languages[i];

		item->value[IV_value] = bytes_str(each->tag);
		item->value[IV_text] = bytes_str(each->texts[TEXT_LANG_OWN]);
		item->flag[IF_on] = each == language;
		if (each == language) {
			say_spoken(parts, site->spoken_kib[i]);
		}
	}
	data->list[L_languages] =
	    (struct template_list){ .items = parts->languages, .n = n };
}

static bool is_chosen(
    const struct page_typed *typed, const char *name, const char *value)
{
	for (size_t i = 0; i < typed->n; i++) {
		if (strcmp(typed->pairs[i].name, name) == 0 &&
		    bytes_equal(typed->pairs[i].value, bytes_str(value))) {
			return true;
		}
	}
	return false;
}

void parts_answers(struct page_parts *parts, const struct question *question,
    const struct web_language *language, const struct page_typed *typed)
{
	bool me = parts->data.flag[F_me] && question->first_me != 0;
	size_t first = me ? question->first_me : question->first;
	size_t n = (size_t)(question->last - question->first) + 1;
	struct template_item *items = &parts->items[parts->n_items];

	for (size_t i = 0; i < n && parts->n_items < PARTS_ITEMS_MAX; i++) {
		items[i].value[IV_value] = bytes_str(question->values[i]);
		items[i].value[IV_text] = bytes_str(language->texts[first + i]);
		items[i].flag[IF_on] =
		    is_chosen(typed, question->name, question->values[i]);
		parts->n_items++;
	}
	parts->data.list[question->list] = (struct template_list){
		.items = items,
		.n = (size_t)(&parts->items[parts->n_items] - items),
	};
}

struct bytes parts_typed(const struct page_typed *typed, const char *name)
{
	for (size_t i = 0; i < typed->n; i++) {
		if (strcmp(typed->pairs[i].name, name) == 0) {
			return typed->pairs[i].value;
		}
	}
	return bytes_of(NULL, 0);
}

size_t parts_own_digits(
    const struct web_language *language, struct bytes digits, uint8_t *ret_own)
{
	struct bytes ten = bytes_str(language->texts[TEXT_DIGITS_OWN]);
	uint32_t point;
	bool valid;
	size_t each = utf8_next(ten, &point, &valid); /* bytes of a digit */
	size_t len = 0;

	for (size_t i = 0; i < digits.len; i++) {
		memcpy(ret_own + len,
		    ten.at + (size_t)(digits.at[i] - '0') * each, each);
		len += each;
	}
	return len;
}

bool parts_is_state(const char *state)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	return state != NULL && state[0] != '\0' &&
	    strspn(state, fit) == strlen(state);
}

bool parts_is_idem(const char *idem)
{
	return idem != NULL && strlen(idem) == PAGE_IDEM_DIGITS &&
	    strspn(idem, "0123456789abcdefABCDEF") == PAGE_IDEM_DIGITS;
}
