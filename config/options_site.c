/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [site]: what reporters see. */
#include "config/rows.h"

/* languages.tsv of the form: an order that the operator may change */
const char *const config_languages[] = { "km", "th", "vi", "zh-Hans", "my",
	"lo", "ms", "id", "fil", "bn", "ne", "en", NULL };

static const char *const yes_or_no[] = { "yes", "no", NULL };
static const char *const interruptions[] = { "block", "page", NULL };
/* The countries of the form that have emergency lines. */
static const char *const countries[] = { "KH", "TH", "CN", "MY", "VN", "MM",
	"LA", NULL };
static const char *const questions[] = { "who", "count", "minor", "ind", "work",
	"how", "perp", "share", "contact", "lang", "official", NULL };

static const struct config_option rows[] = {
	{
	    .key = "site.public_url",
	    .type = OPT_ORIGIN,
	    .unit = "bytes",
	    .min = 0,
	    .max = 255,
	    .def = "",
	    .example = "https://notes.example.org",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.public_url),
	    .text =
		"The address people type and gateways send to: https, the"
		" host, and a port if it is not 443. Signatures of gateways"
		" cover it, so it is never taken from a request. Choose a host"
		" whose name says nothing: it stays in the history of phones.",
	},
	{
	    .key = "site.languages",
	    .type = OPT_LANGUAGES,
	    .unit = "languages",
	    .min = 1,
	    .max = 12,
	    .def = "km th vi zh-Hans my lo ms id fil bn ne en",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.languages),
	    .text =
		"Languages of the form, in the order of its links, of: km th"
		" vi zh-Hans my lo ms id fil bn ne en. A language that is left"
		" out cannot be chosen. The head of each file in web/po says"
		" who has reviewed it: all are drafts still, and what is wrong"
		" in one can harm. Offer those that native speakers have read.",
	},
	{
	    .key = "site.default_language",
	    .type = OPT_LANGUAGE,
	    .unit = "bytes",
	    .min = 2,
	    .max = 12,
	    .def = "km",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.default_language),
	    .text = "Language for those whose browser asks for none of ours.",
	},
	{
	    .key = "site.title",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 64,
	    .def = "",
	    .example = "Message",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.title),
	    .text =
		"The word in the tab and at the top of each page. Keep it"
		" neutral: it is what somebody sees who looks over a shoulder"
		" or into the history of the phone. Empty: a neutral word"
		" in the language of the page.",
	},
	{
	    .key = "site.urgent_call",
	    .type = OPT_PHONE,
	    .unit = "bytes",
	    .min = 0,
	    .max = 32,
	    .def = "",
	    .example = "+855 00 000 000",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.urgent_call),
	    .text = "Number of a line that helps at once, shown on top of the"
		    " form. Empty shows no line. Name only a number that is"
		    " answered day and night. A language may have a number of"
		    " its own: see words.",
	},
	{
	    .key = "site.urgent_free",
	    .type = OPT_WORD,
	    .def = "no",
	    .words = yes_or_no,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.urgent_free),
	    .text = "Whether the form says that a call to urgent_call costs"
		    " nothing. Only where that is true for every telephone, a"
		    " prepaid one without credit too.",
	},
	{
	    .key = "site.urgent_calls",
	    .type = OPT_PHONE_MAP,
	    .words = countries,
	    .unit = "numbers",
	    .min = 0,
	    .max = 7,
	    .def = "",
	    .example = "TH=1300 VN=111 \"MM=+95 0 000 0000\"",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.urgent_calls),
	    .text =
		"Lines that help at once in other countries, folded beneath"
		" urgent_call: COUNTRY=NUMBER for countries of the form (KH TH"
		" CN MY VN MM LA). Somebody held across a border reads them in"
		" their own language: name only lines that speak it, are"
		" answered day and night, and do not ask for papers first.",
	},
	{
	    .key = "site.questions",
	    .type = OPT_WORDS,
	    .words = questions,
	    .unit = "questions",
	    .min = 1,
	    .max = 11,
	    .def = "who count minor ind work how perp share contact lang"
		   " official",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.questions),
	    .text =
		"Which of the questions behind the tip are asked, by their"
		" names in the form: who count minor, then ind work how perp,"
		" then share contact lang official. A group of which none is"
		" asked has no page. Fewer questions are read by more people;"
		" but without minor a child is known by the words alone,"
		" without official nobody is warned of police who take"
		" part, without share everybody counts as ask me first,"
		" and without contact a code is the only way back.",
	},
	{
	    .key = "site.words",
	    .type = OPT_PATH,
	    .file = FILE_SHARED,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "words",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.words),
	    .text =
		"Folder with sentences of your own: a file LANGUAGE.txt for"
		" each language, with lines key = text, for the keys title,"
		" call, call.free, notice.act, notice.read, notice.promise,"
		" next.1 to next.3 and status.1 to status.5, as in web/po. What"
		" one language says otherwise all must; with a mistake in them"
		" the intake does not start. urgent.call and urgent.free stand"
		" there for one language alone. Have native speakers read "
		"them.",
	},
	{
	    .key = "site.recordings",
	    .type = OPT_PATH,
	    .file = FILE_SHARED,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "recordings",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.recordings),
	    .text =
		"Folder with questions read aloud by native speakers, for who"
		" does not read: LANGUAGE.QUESTION.mp3, where QUESTION is now,"
		" story, where or a name of questions. Each question that is"
		" there has a link to it, with its size. MP3, 64 KiB each and"
		" 4 MiB in all; with another file there the intake does not"
		" start. Empty shows no links.",
	},
	{
	    .key = "site.onion",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 62,
	    .def = "",
	    .example =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		".onion",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.onion),
	    .text =
		"Address of the onion service, 56 letters and digits with"
		" .onion behind them. Tor Browser offers it to who opens the"
		" form by its other name. Empty tells nobody.",
	},
	{
	    .key = "site.interruption",
	    .type = OPT_WORD,
	    .def = "block",
	    .words = interruptions,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.interruption),
	    .text =
		"Where people are told how to leave at once. With block it is"
		" folded at the top of the form; with page it is a page in"
		" front of it, which costs who is watched one more round trip.",
	},
	{
	    .key = "site.exit_urls",
	    .type = OPT_URL_MAP,
	    .unit = "pages",
	    .min = 1,
	    .max = 13,
	    .def = "default=https://www.wikipedia.org/",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.exit_urls),
	    .text =
		"Where Close leads: language=URL for each language that needs"
		" a page of its own, and default=URL for all others. Choose"
		" pages that anybody might read and that can be reached from"
		" where reporters are.",
	},
};

const struct config_table config_site_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
