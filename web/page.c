/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/page.h"

#include <stdio.h>
#include <string.h>

#include "base/wipe.h"
#include "web/catalogue.h"
#include "web/page_parts.h"

#include "gen_web_texts.h"

#define CODE_GROUPS     5u
#define CODE_GROUP_MAX  5u
#define TEL_MAX         32u
#define GROUP_BYTES_MAX (CODE_GROUP_MAX * 4u)

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

static void fill_errors(struct template_data *data, unsigned errors)
{
	data->flag[F_error] = errors != 0;
	data->flag[F_empty] = (errors & PAGE_EMPTY) != 0;
	data->flag[F_story_long] = (errors & PAGE_STORY_LONG) != 0;
	data->flag[F_story_bad] =
	    data->flag[F_empty] || data->flag[F_story_long];
	data->flag[F_near_long] = (errors & PAGE_NEAR_LONG) != 0;
	data->flag[F_field_long] = (errors & PAGE_FIELD_LONG) != 0;
	data->flag[F_unsent] = (errors & PAGE_UNSENT) != 0;
	data->flag[F_kind] = (errors & PAGE_KIND) != 0;
}

/* Countries stand in the order of the form's first answers. */
static void add_lines(struct page_parts *parts, const struct page_site *site,
    const struct web_language *language,
    struct template_item items[static PAGE_LINES],
    char tels[static PAGE_LINES][TEL_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < PAGE_LINES; i++) {
		if (site->lines[i] != NULL) {
			items[n].value[IV_name] =
			    bytes_str(language->texts[TEXT_Q4_COUNTRY_1 + i]);
			items[n].value[IV_text] = bytes_str(site->lines[i]);
			items[n].value[IV_value] =
			    tel_of(site->lines[i], tels[i]);
			n++;
		}
	}
	parts->data.flag[F_abroad] = n > 0;
	parts->data.list[L_lines] =
	    (struct template_list){ .items = items, .n = n };
}

enum tl_err page_form(const struct page_site *site,
    const struct web_language *language, const struct page_form *form,
    struct buf *out)
{
	const struct page_pair pairs[] = {
		{ question_now.name, form->now },
		{ question_country.name, form->where_country },
		{ question_province.name, form->where_province },
	};
	const struct page_typed typed = { pairs, 3 };
	struct page_parts parts;
	struct template_data *data = &parts.data;
	const char *urgent = language->urgent_call != NULL
	    ? language->urgent_call
	    : site->urgent_call;
	struct template_item lines[PAGE_LINES] = { { .flag = { 0 } } };
	char tel[TEL_MAX], tels[PAGE_LINES][TEL_MAX];

	if (!parts_is_idem(form->idem)) {
		return TL_EINVAL;
	}
	parts_begin(&parts, site, language);
	if (urgent != NULL) {
		data->value[V_urgent] = bytes_str(urgent);
		data->value[V_tel] = tel_of(urgent, tel);
	}
	data->flag[F_free] = language->urgent_call != NULL
	    ? language->urgent_free
	    : site->urgent_free;
	add_lines(&parts, site, language, lines, tels);
	data->value[V_idem] = bytes_str(form->idem);
	data->value[V_story] = form->story;
	data->value[V_near] = form->where_near;
	parts_answers(&parts, &question_now, language, &typed);
	parts_answers(&parts, &question_country, language, &typed);
	parts_answers(&parts, &question_province, language, &typed);
	fill_errors(data, form->errors);
	data->flag[F_proxy] = form->proxy_browser;
	template_write(&template_form, language, data, out);
	return buf_err(out);
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
    const struct web_language *language, const struct page_receipt *receipt,
    struct buf *out)
{
	const char *code = receipt->code;
	struct template_item items[2][CODE_GROUPS] = { { { .flag = { 0 } } } };
	uint8_t own[CODE_GROUPS][GROUP_BYTES_MAX];
	struct page_parts parts;
	struct template_data *data = &parts.data;
	size_t each = group_len(code);

	if (each == 0 || !parts_is_state(receipt->state)) {
		return TL_EINVAL;
	}
	parts_begin(&parts, site, language);
	for (size_t i = 0; i < CODE_GROUPS; i++) {
		struct bytes group = bytes_of(code + i * each, each);

		items[0][i].value[IV_text] = group;
		items[1][i].value[IV_text] =
		    bytes_of(own[i], parts_own_digits(language, group, own[i]));
	}
	data->list[L_code] =
	    (struct template_list){ .items = items[0], .n = CODE_GROUPS };
	if (language->texts[TEXT_DIGITS_OWN][0] != '0') {
		data->list[L_code_own] =
		    (struct template_list){ .items = items[1],
			    .n = CODE_GROUPS };
	}
	data->value[V_state] = bytes_str(receipt->state);
	data->flag[F_again] = receipt->again;
	data->flag[F_big] = receipt->voice_big;
	data->flag[F_kind] = receipt->voice_kind;
	data->flag[F_part] = receipt->voice_part;
	template_write(&template_receipt, language, data, out);
	wipe(own, sizeof(own));
	return buf_err(out);
}

static enum tl_err write_plain(const struct template *template,
    const struct page_site *site, const struct web_language *language,
    enum web_flag what, bool error, struct buf *out)
{
	struct page_parts parts;

	parts_begin(&parts, site, language);
	parts.data.flag[F_error] = error;
	parts.data.flag[what] = true;
	template_write(template, language, &parts.data, out);
	return buf_err(out);
}

enum tl_err page_done(const struct page_site *site,
    const struct web_language *language, enum page_done what, const char *state,
    struct buf *out)
{
	static const enum web_flag flags[] = {
		[PAGE_DONE_LAST] = F_last,
		[PAGE_DONE_SENT] = F_sent,
		[PAGE_DONE_SENT_BIG] = F_sent,
		[PAGE_DONE_SENT_KIND] = F_sent,
		[PAGE_DONE_SENT_PART] = F_sent,
		[PAGE_DONE_DELETED] = F_deleted,
		[PAGE_DONE_STOPPED] = F_stopped,
		[PAGE_DONE_WITHDRAWN] = F_withdrawn,
	};
	struct page_parts parts;

	if (what == PAGE_DONE_LAST && !parts_is_state(state)) {
		return TL_EINVAL;
	}
	parts_begin(&parts, site, language);
	parts.data.flag[flags[what]] = true;
	parts.data.flag[F_big] = what == PAGE_DONE_SENT_BIG;
	parts.data.flag[F_kind] = what == PAGE_DONE_SENT_KIND;
	parts.data.flag[F_part] = what == PAGE_DONE_SENT_PART;
	parts.data.value[V_state] = bytes_str(state != NULL ? state : "");
	template_write(&template_message, language, &parts.data, out);
	return buf_err(out);
}

enum tl_err page_files(const struct page_site *site,
    const struct web_language *language, const struct page_files *files,
    struct buf *out)
{
	struct page_parts parts;

	if (!parts_is_state(files->state) || !parts_is_idem(files->idem)) {
		return TL_EINVAL;
	}
	parts_begin(&parts, site, language);
	parts.data.value[V_state] = bytes_str(files->state);
	parts.data.value[V_idem] = bytes_str(files->idem);
	parts.data.flag[F_sent] = files->stored;
	parts.data.flag[F_error] = files->big || files->kind || files->unsent;
	parts.data.flag[F_big] = files->big;
	parts.data.flag[F_kind] = files->kind;
	parts.data.flag[F_unsent] = files->unsent;
	template_write(&template_files, language, &parts.data, out);
	return buf_err(out);
}

enum tl_err page_error(const struct page_site *site,
    const struct web_language *language, int status, struct buf *out)
{
	bool missing = status == 404 || status == 405;

	return write_plain(&template_message, site, language,
	    missing ? F_missing : F_unsent, !missing, out);
}

enum tl_err page_neutral(const struct page_site *site,
    const struct web_language *language, struct buf *out)
{
	return write_plain(
	    &template_message, site, language, F_over, false, out);
}

enum tl_err page_safety(const struct page_site *site,
    const struct web_language *language, struct buf *out)
{
	return write_plain(
	    &template_safety, site, language, F_over, false, out);
}

enum tl_err page_facts(const struct page_site *site,
    const struct web_language *language, struct buf *out)
{
	return write_plain(&template_facts, site, language, F_over, false, out);
}

const char *web_csp(void)
{
	static char csp[400];

	if (csp[0] == '\0') {
		(void)snprintf(csp, sizeof(csp),
		    "default-src 'none'; style-src 'sha256-%s'; "
		    "script-src 'sha256-%s' 'sha256-%s'; "
		    "img-src data:; " /* the icon, which is empty */
		    "form-action 'self'; frame-ancestors 'none'; "
		    "base-uri 'none'",
		    template_style_sha256, template_script_sha256,
		    template_wait_sha256);
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
