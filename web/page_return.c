/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Coming back with a code.
 */
#include <stdio.h>
#include <string.h>

#include "base/wipe.h"
#include "web/catalogue.h"
#include "web/page_parts.h"

#include "gen_web_texts.h"

#define AGE_BYTES_MAX 128u
#define DAYS_MOST     999u

enum tl_err page_return(const struct page_site *site,
    const struct web_language *language, enum page_return_problem problem,
    struct buf *out)
{
	struct page_parts parts;

	parts_begin(&parts, site, language);
	parts.data.flag[F_error] = problem != PAGE_RETURN_FINE;
	parts.data.flag[F_check] = problem == PAGE_RETURN_CHECK;
	parts.data.flag[F_busy] = problem == PAGE_RETURN_BUSY;
	template_write(&template_return, language, &parts.data, out);
	return buf_err(out);
}

/* Where numbers in running text are not ASCII: CLDR's default digits. */
static bool writes_own_digits(const struct web_language *language)
{
	return strcmp(language->tag, "my") == 0 ||
	    strcmp(language->tag, "bn") == 0 ||
	    strcmp(language->tag, "ne") == 0;
}

/* "3 days ago", never a clock time. */
static struct bytes age_of(const struct web_language *language, unsigned days,
    char ret_age[static AGE_BYTES_MAX])
{
	const char *text =
	    language->texts[days == 1 ? TEXT_AGE_DAYS : TEXT_AGE_DAYS_N];
	const char *slot = strstr(text, "{n}");
	char digits[8];
	uint8_t own[sizeof(digits) * 4];
	struct bytes number;
	int len;

	if (days == 0 || slot == NULL) {
		return bytes_str(language->texts[TEXT_AGE_TODAY]);
	}
	(void)snprintf(
	    digits, sizeof(digits), "%u", days < DAYS_MOST ? days : DAYS_MOST);
	number = bytes_str(digits);
	if (writes_own_digits(language)) {
		number = bytes_of(own, parts_own_digits(language, number, own));
	}
	len = snprintf(ret_age, AGE_BYTES_MAX, "%.*s%.*s%s", (int)(slot - text),
	    text, (int)number.len, (const char *)number.at,
	    slot + strlen("{n}"));
	return len < (int)AGE_BYTES_MAX ? bytes_str(ret_age) : number;
}

enum tl_err page_box(const struct page_site *site,
    const struct web_language *language, const struct page_box *box,
    struct buf *out)
{
	struct template_item mails[PAGE_MAILS_MAX] = { { .flag = { 0 } } };
	char ages[PAGE_MAILS_MAX][AGE_BYTES_MAX];
	struct page_parts parts;
	struct template_data *data = &parts.data;

	if (!parts_is_state(box->state) || box->n_mails > PAGE_MAILS_MAX ||
	    box->status > PAGE_STATUSES) {
		return TL_EINVAL;
	}
	parts_begin(&parts, site, language);
	for (size_t i = 0; i < box->n_mails; i++) {
		mails[i].value[IV_text] = box->mails[i].text;
		mails[i].value[IV_age] =
		    age_of(language, box->mails[i].days, ages[i]);
	}
	data->list[L_mails] =
	    (struct template_list){ .items = mails, .n = box->n_mails };
	data->value[V_state] = bytes_str(box->state);
	data->value[V_story] = box->story;
	data->flag[F_box] = true;
	data->flag[F_words] = box->n_mails > 0;
	data->flag[F_unknown] =
	    box->n_mails == 0 && box->status == 0 && box->errors == 0;
	if (box->n_mails > 0 || box->status > 0) {
		size_t status = box->status > 0 ? box->status : 1;

		data->value[V_status] = box->sentence.len > 0
		    ? box->sentence
		    : bytes_str(language->texts[TEXT_STATUS_1 + status - 1]);
	}
	data->flag[F_error] = box->errors != 0;
	data->flag[F_empty] = (box->errors & PAGE_EMPTY) != 0;
	data->flag[F_story_long] = (box->errors & PAGE_STORY_LONG) != 0;
	data->flag[F_story_bad] =
	    data->flag[F_empty] || data->flag[F_story_long];
	data->flag[F_unsent] = (box->errors & PAGE_UNSENT) != 0;
	data->flag[F_kind] = (box->errors & PAGE_KIND) != 0;
	template_write(&template_return, language, data, out);
	wipe(mails, sizeof(mails));
	return buf_err(out);
}
