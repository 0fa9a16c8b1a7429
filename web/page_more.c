/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The further questions, in three groups.
 */
#include <string.h>

#include "web/catalogue.h"
#include "web/page_parts.h"

#include "gen_web_texts.h"

static const char *const yes_no[] = { "1", "2", "3", "9" };
static const char *const of_five[] = { "1", "2", "3", "4", "9" };
static const char *const of_six[] = { "1", "2", "3", "4", "5", "9" };
static const char *const numbers[] = { "1", "2", "3", "4", "5", "6", "7", "8",
	"9", "10", "11", "12", "13", "14", "15", "16" };
#define ROW(step_, name_, list_, first_, last_, me_, values_) \
	{ \
		step_, \
		{ \
			.name = name_, .list = L_##list_, \
			.first = TEXT_##first_, .last = TEXT_##last_, \
			.first_me = me_, .values = values_ \
		} \
	}

/* clang-format off */
static const struct {
	unsigned step;
	struct question question;
} questions[] = {
	ROW(1, "who", who, Q3_1, Q3_9, 0, of_six),
	ROW(1, "count", count, Q5_1, Q5_9, 0, of_five),
	ROW(1, "minor", minor, Q6_1, Q6_9, 0, yes_no),
	ROW(2, "ind", ind, Q7_1, Q7_16, TEXT_Q7_ME_1, numbers),
	ROW(2, "work", work, Q8_1, Q8_12, 0, numbers),
	ROW(2, "how", how, Q9_1, Q9_9, 0, numbers),
	ROW(3, "share", share, Q11_1, Q11_4, 0, numbers),
	ROW(3, "share_knows", knows, Q11_KNOWS_1, Q11_KNOWS_2, 0, numbers),
	ROW(3, "contact", contact, Q12_1, Q12_4, 0, numbers),
	ROW(3, "contact_message", message, Q12_MESSAGE_1, Q12_MESSAGE_2, 0, numbers),
	ROW(3, "contact_say", say, Q12_SAY_1, Q12_SAY_2, 0, numbers),
	ROW(3, "lang_voice", voice, Q13_VOICE_1, Q13_VOICE_2, 0, numbers),
	ROW(3, "official", official, Q14_1, Q14_9, 0, yes_no),
};

static const struct {
	const char *name;
	enum web_value value;
} texts[] = {
	{ "how_app", V_app },
	{ "perp", V_perp },
	{ "contact_number", V_number },
	{ "contact_when", V_when },
	{ "contact_cover", V_cover },
	{ "contact_safeword", V_safeword },
	{ "contact_watched", V_watched },
	{ "official_note", V_note },
};
/* clang-format on */

/* In the order of enum page_question. */
static const struct {
	const char *name;
	unsigned step;
	enum web_flag flag;
} asked[PAGE_QUESTIONS] = {
	[PAGE_ASKS_WHO] = { "who", 1, F_asks_who },
	[PAGE_ASKS_COUNT] = { "count", 1, F_asks_count },
	[PAGE_ASKS_MINOR] = { "minor", 1, F_asks_minor },
	[PAGE_ASKS_IND] = { "ind", 2, F_asks_ind },
	[PAGE_ASKS_WORK] = { "work", 2, F_asks_work },
	[PAGE_ASKS_HOW] = { "how", 2, F_asks_how },
	[PAGE_ASKS_PERP] = { "perp", 2, F_asks_perp },
	[PAGE_ASKS_SHARE] = { "share", 3, F_asks_share },
	[PAGE_ASKS_CONTACT] = { "contact", 3, F_asks_contact },
	[PAGE_ASKS_LANG] = { "lang", 3, F_asks_lang },
	[PAGE_ASKS_OFFICIAL] = { "official", 3, F_asks_official },
};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
_Static_assert(TEXT_Q3_9 - TEXT_Q3_1 + 1 == N_OF(of_six), "a text each");
_Static_assert(TEXT_Q5_9 - TEXT_Q5_1 + 1 == N_OF(of_five), "a text each");
_Static_assert(TEXT_Q6_9 - TEXT_Q6_1 + 1 == N_OF(yes_no), "a text each");
_Static_assert(TEXT_Q7_16 - TEXT_Q7_1 + 1 == N_OF(numbers), "a text each");
_Static_assert(TEXT_Q7_16 - TEXT_Q7_1 == TEXT_Q7_ME_16 - TEXT_Q7_ME_1, "both");
_Static_assert(TEXT_Q14_9 - TEXT_Q14_1 + 1 == N_OF(yes_no), "a text each");

/* All languages that there are, in their own names, and "other". */
static void add_languages(struct page_parts *parts,
    const struct web_language *language, const struct page_typed *typed)
{
	struct bytes chosen = parts_typed(typed, "lang");
	struct template_item *items = &parts->items[parts->n_items];

	for (size_t i = 0;
	     i <= web_languages_n && parts->n_items < PARTS_ITEMS_MAX; i++) {
		bool is_other = i == web_languages_n;

		items[i].value[IV_value] =
		    bytes_str(is_other ? "other" : web_languages[i].tag);
		items[i].value[IV_text] =
		    bytes_str(is_other ? language->texts[TEXT_Q13_OTHER]
				       : web_languages[i].texts[TEXT_LANG_OWN]);
		items[i].flag[IF_on] =
		    bytes_equal(chosen, items[i].value[IV_value]);
		parts->n_items++;
	}
	parts->data.list[L_language] = (struct template_list){
		.items = items,
		.n = (size_t)(&parts->items[parts->n_items] - items),
	};
}

enum page_question page_question_find(const char *name)
{
	size_t i = 0;

	while (i < PAGE_QUESTIONS && strcmp(asked[i].name, name) != 0) {
		i++;
	}
	return (enum page_question)i;
}

unsigned page_step_next(const struct page_site *site, unsigned step, bool back)
{
	while (step >= 1 && step <= PAGE_STEPS) {
		for (size_t i = 0; i < PAGE_QUESTIONS; i++) {
			if (asked[i].step == step &&
			    (site->unasked & (1u << i)) == 0) {
				return step;
			}
		}
		step = back ? step - 1 : step + 1;
	}
	return 0;
}

enum tl_err page_more(const struct page_site *site,
    const struct web_language *language, const struct page_more *more,
    struct buf *out)
{
	static const struct template *const templates[] = { &template_b1,
		&template_b2, &template_b3 };
	struct page_parts parts;

	if (more->step < 1 || more->step > PAGE_STEPS ||
	    !parts_is_state(more->state)) {
		return TL_EINVAL;
	}
	parts_begin(&parts, site, language);
	parts.data.value[V_state] = bytes_str(more->state);
	parts.data.flag[F_me] = more->about_me;
	parts.data.flag[F_before] =
	    page_step_next(site, more->step - 1, true) != 0;
	for (size_t i = 0; i < PAGE_QUESTIONS; i++) {
		parts.data.flag[asked[i].flag] =
		    (site->unasked & (1u << i)) == 0;
	}
	parts.data.flag[F_error] = more->errors != 0;
	parts.data.flag[F_field_long] = (more->errors & PAGE_FIELD_LONG) != 0;
	parts.data.flag[F_unsent] = (more->errors & PAGE_UNSENT) != 0;
	for (size_t i = 0; i < N_OF(questions); i++) {
		if (questions[i].step == more->step) {
			parts_answers(&parts, &questions[i].question, language,
			    &more->typed);
		}
	}
	if (more->step == PAGE_STEPS) {
		add_languages(&parts, language, &more->typed);
	}
	for (size_t i = 0; i < N_OF(texts); i++) {
		parts.data.value[texts[i].value] =
		    parts_typed(&more->typed, texts[i].name);
	}
	template_write(templates[more->step - 1], language, &parts.data, out);
	return buf_err(out);
}
