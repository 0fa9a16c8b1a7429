/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/page.h"

#include <stdio.h>
#include <string.h>

#include "base/wipe.h"
#include "web/catalogue.h"
#include "web/template.h"
#include "web/utf8.h"

#include "gen_web_texts.h"

#define ANSWERS_MAX     25u
#define CODE_GROUPS     5u
#define CODE_GROUP_MAX  5u
#define TEL_MAX         32u
#define GROUP_BYTES_MAX (CODE_GROUP_MAX * 4u)

static const char small_pad_open[] = "<!--";
static const char small_pad_close[] = "-->\n";

/* One answer of a question: its wire value and the text beside it. */
struct answer {
	const char *value;
	enum web_text text;
};

static const struct answer now_answers[] = {
	{ "1", TEXT_Q1_1 },
	{ "2", TEXT_Q1_2 },
	{ "3", TEXT_Q1_3 },
	{ "9", TEXT_Q1_9 },
};

static const struct answer country_answers[] = {
	{ "1", TEXT_Q4_COUNTRY_1 },
	{ "2", TEXT_Q4_COUNTRY_2 },
	{ "3", TEXT_Q4_COUNTRY_3 },
	{ "4", TEXT_Q4_COUNTRY_4 },
	{ "5", TEXT_Q4_COUNTRY_5 },
	{ "6", TEXT_Q4_COUNTRY_6 },
	{ "7", TEXT_Q4_COUNTRY_7 },
	{ "8", TEXT_Q4_COUNTRY_8 },
	{ "9", TEXT_Q4_COUNTRY_9 },
};

/* Codes of the gazetteer, which are also the numbers of ISO 3166-2:KH. */
static const struct answer province_answers[] = {
	{ "01", TEXT_PROVINCE_01 },
	{ "02", TEXT_PROVINCE_02 },
	{ "03", TEXT_PROVINCE_03 },
	{ "04", TEXT_PROVINCE_04 },
	{ "05", TEXT_PROVINCE_05 },
	{ "06", TEXT_PROVINCE_06 },
	{ "07", TEXT_PROVINCE_07 },
	{ "08", TEXT_PROVINCE_08 },
	{ "09", TEXT_PROVINCE_09 },
	{ "10", TEXT_PROVINCE_10 },
	{ "11", TEXT_PROVINCE_11 },
	{ "12", TEXT_PROVINCE_12 },
	{ "13", TEXT_PROVINCE_13 },
	{ "14", TEXT_PROVINCE_14 },
	{ "15", TEXT_PROVINCE_15 },
	{ "16", TEXT_PROVINCE_16 },
	{ "17", TEXT_PROVINCE_17 },
	{ "18", TEXT_PROVINCE_18 },
	{ "19", TEXT_PROVINCE_19 },
	{ "20", TEXT_PROVINCE_20 },
	{ "21", TEXT_PROVINCE_21 },
	{ "22", TEXT_PROVINCE_22 },
	{ "23", TEXT_PROVINCE_23 },
	{ "24", TEXT_PROVINCE_24 },
	{ "25", TEXT_PROVINCE_25 },
};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
_Static_assert(N_OF(province_answers) <= ANSWERS_MAX, "room for provinces");
_Static_assert(N_OF(country_answers) <= ANSWERS_MAX, "room for countries");

/* What every page is made of. */
struct common {
	struct template_data data;
	struct template_item languages[PAGE_LANGUAGES_MAX];
};

static void fill_common(struct common *common, const struct page_site *site,
    const struct web_language *language)
{
	struct template_data *data = &common->data;
	bool own_title = site->title != NULL && site->title[0] != '\0';
	size_t n = site->n_languages;

	*common = (struct common){ .languages = { { .flag = { false } } } };
	data->value[V_lang] = bytes_str(language->tag);
	data->value[V_title] =
	    bytes_str(own_title ? site->title : language->texts[TEXT_TITLE]);
	n = n < PAGE_LANGUAGES_MAX ? n : PAGE_LANGUAGES_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct web_language *each = site->languages[i];
		struct template_item *item = &common->languages[i];

		item->value[IV_value] = bytes_str(each->tag);
		item->value[IV_text] = bytes_str(each->texts[TEXT_LANG_OWN]);
		item->flag[IF_on] = each == language;
	}
	data->list[L_languages] =
	    (struct template_list){ .items = common->languages, .n = n };
}

static struct template_list list_answers(
    struct template_item items[static ANSWERS_MAX],
    const struct answer *answers, size_t n, const struct web_language *language,
    struct bytes chosen)
{
	for (size_t i = 0; i < n; i++) {
		items[i].value[IV_value] = bytes_str(answers[i].value);
		items[i].value[IV_text] =
		    bytes_str(language->texts[answers[i].text]);
		items[i].flag[IF_on] =
		    bytes_equal(chosen, bytes_str(answers[i].value));
	}
	return (struct template_list){ .items = items, .n = n };
}

/* The number as a tel: address takes it: digits, and + in front. */
static struct bytes tel_of(const char *number, char ret_tel[static TEL_MAX])
{
	size_t len = 0;

	for (; *number != '\0' && len < TEL_MAX; number++) {
		if ((*number >= '0' && *number <= '9') ||
		    (*number == '+' && len == 0)) {
			ret_tel[len++] = *number;
		}
	}
	return bytes_of(ret_tel, len);
}

static bool is_idem(const char *idem)
{
	return idem != NULL && strlen(idem) == PAGE_IDEM_DIGITS &&
	    strspn(idem, "0123456789abcdefABCDEF") == PAGE_IDEM_DIGITS;
}

enum tl_err page_form(const struct page_site *site,
    const struct web_language *language, const struct page_form *form,
    struct buf *out)
{
	struct template_item items[3][ANSWERS_MAX] = { { { .flag = { 0 } } } };
	struct common common;
	struct template_data *data = &common.data;
	char tel[TEL_MAX];

	if (!is_idem(form->idem)) {
		return TL_EINVAL;
	}
	fill_common(&common, site, language);
	if (site->urgent_call != NULL) {
		data->value[V_urgent] = bytes_str(site->urgent_call);
		data->value[V_tel] = tel_of(site->urgent_call, tel);
	}
	data->value[V_idem] = bytes_str(form->idem);
	data->value[V_story] = form->story;
	data->value[V_near] = form->where_near;
	data->list[L_now] = list_answers(
	    items[0], now_answers, N_OF(now_answers), language, form->now);
	data->list[L_countries] = list_answers(items[1], country_answers,
	    N_OF(country_answers), language, form->where_country);
	data->list[L_provinces] = list_answers(items[2], province_answers,
	    N_OF(province_answers), language, form->where_province);
	data->flag[F_error] = form->errors != 0;
	data->flag[F_empty] = (form->errors & PAGE_EMPTY) != 0;
	data->flag[F_story_long] = (form->errors & PAGE_STORY_LONG) != 0;
	data->flag[F_story_bad] =
	    data->flag[F_empty] || data->flag[F_story_long];
	data->flag[F_near_long] = (form->errors & PAGE_NEAR_LONG) != 0;
	data->flag[F_unsent] = (form->errors & PAGE_UNSENT) != 0;
	data->flag[F_proxy] = form->proxy_browser;
	template_write(&template_form, language, data, out);
	return buf_err(out);
}

/* Fill a page up to PAGE_SMALL_BYTES with a comment behind it. */
static enum tl_err pad_small(struct buf *out, size_t begin)
{
	size_t around = sizeof(small_pad_open) + sizeof(small_pad_close) - 2;
	size_t len = out->len - begin;
	uint8_t *room;

	if (buf_err(out) != TL_OK) {
		return buf_err(out);
	}
	if (len > PAGE_SMALL_BYTES - around) {
		return TL_ETOOBIG;
	}
	buf_put_str(out, small_pad_open);
	room = buf_room(out, PAGE_SMALL_BYTES - around - len);
	if (room != NULL) {
		memset(room, ' ', PAGE_SMALL_BYTES - around - len);
	}
	buf_put_str(out, small_pad_close);
	return buf_err(out);
}

/* The digits of one group in the digits of the catalogue. */
static struct bytes own_digits(const struct web_language *language,
    struct bytes digits, uint8_t ret_own[static GROUP_BYTES_MAX])
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
	return bytes_of(ret_own, len);
}

/* Digits in each group of the code; 0 if it is none. */
static size_t group_len(const char *code)
{
	size_t len = code != NULL ? strlen(code) : 0;

	if ((len != PAGE_CODE_DIGITS && len != PAGE_CODE_DIGITS_LONG) ||
	    strspn(code, "0123456789") != len) {
		return 0;
	}
	return len / CODE_GROUPS;
}

enum tl_err page_receipt(const struct page_site *site,
    const struct web_language *language, const char *code, bool again,
    struct buf *out)
{
	struct template_item items[2][CODE_GROUPS] = { { { .flag = { 0 } } } };
	uint8_t own[CODE_GROUPS][GROUP_BYTES_MAX];
	struct common common;
	struct template_data *data = &common.data;
	size_t begin = out->len;
	size_t each = group_len(code);

	if (each == 0) {
		return TL_EINVAL;
	}
	fill_common(&common, site, language);
	for (size_t i = 0; i < CODE_GROUPS; i++) {
		struct bytes group = bytes_of(code + i * each, each);

		items[0][i].value[IV_text] = group;
		items[1][i].value[IV_text] =
		    own_digits(language, group, own[i]);
	}
	data->list[L_code] =
	    (struct template_list){ .items = items[0], .n = CODE_GROUPS };
	if (language->texts[TEXT_DIGITS_OWN][0] != '0') {
		data->list[L_code_own] =
		    (struct template_list){ .items = items[1],
			    .n = CODE_GROUPS };
	}
	data->flag[F_again] = again;
	template_write(&template_receipt, language, data, out);
	wipe(own, sizeof(own));
	return pad_small(out, begin);
}

static enum tl_err write_message(const struct page_site *site,
    const struct web_language *language, enum web_flag what, bool error,
    struct buf *out)
{
	struct common common;
	size_t begin = out->len;

	fill_common(&common, site, language);
	common.data.flag[F_error] = error;
	common.data.flag[what] = true;
	template_write(&template_message, language, &common.data, out);
	return pad_small(out, begin);
}

enum tl_err page_error(const struct page_site *site,
    const struct web_language *language, int status, struct buf *out)
{
	bool missing = status == 404 || status == 405;

	return write_message(
	    site, language, missing ? F_missing : F_unsent, !missing, out);
}

enum tl_err page_neutral(const struct page_site *site,
    const struct web_language *language, struct buf *out)
{
	return write_message(site, language, F_over, false, out);
}

const char *web_csp(void)
{
	static char csp[256];

	if (csp[0] == '\0') {
		(void)snprintf(csp, sizeof(csp),
		    "default-src 'none'; style-src 'sha256-%s'; "
		    "img-src data:; " /* the icon, which is empty */
		    "form-action 'self'; frame-ancestors 'none'; "
		    "base-uri 'none'",
		    template_style_sha256);
	}
	return csp;
}

static bool holds(struct bytes text, const char *part)
{
	return text.len > 0 &&
	    memmem(text.at, text.len, part, strlen(part)) != NULL;
}

bool web_proxy_browser(struct bytes user_agent, bool has_operamini_field)
{
	/* UC Browser: its cloud modes say so in these words */
	return has_operamini_field || holds(user_agent, "Opera Mini") ||
	    holds(user_agent, "UCWEB") || holds(user_agent, "UCBrowser");
}
