/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Write every page in every language into a folder, for a browser to look
 * at without a server: render FOLDER writes form.km.html and so on, and csp.
 */
#include <stdio.h>
#include <string.h>

#include "web/page.h"

static const char idem[] = "00112233445566778899aabbccddeeff";
static const char code[] = "0123456789012345678901234";
/* Nothing of it may become markup. */
static const char state[] = "AAAA-_";
static const char story[] = "\n</textarea><h1 id=\"broken\">&amp;\"'\n"
			    "\xe1\x9e\x87\xe1\x9e\xbd\xe1\x9e\x99\xe1\x9e\x95"
			    "\xe1\x9e\x84";

static const struct page_pair pairs[] = {
	{ "who", { (const uint8_t *)"2", 1 } },
	{ "ind", { (const uint8_t *)"1", 1 } },
	{ "ind", { (const uint8_t *)"16", 2 } },
	{ "perp", { (const uint8_t *)"</textarea><i id=broken>", 24 } },
	{ "official_note", { (const uint8_t *)"\"><i id=broken>", 15 } },
};

static const struct page_form fresh = { .idem = idem };

static struct page_form typed(unsigned errors)
{
	return (struct page_form){
		.idem = idem,
		.now = bytes_str("1"),
		.story = bytes_str(story),
		.where_country = bytes_str("9"),
		.where_province = bytes_str("12"),
		.where_near = bytes_str("\"><i id=\"broken\">"),
		.errors = errors,
		.proxy_browser = true,
	};
}

static void all_spoken(struct page_site *site)
{
	for (size_t l = 0; l < PAGE_LANGUAGES_MAX; l++) {
		for (size_t q = 0; q < PAGE_SPOKEN; q++) {
			site->spoken_kib[l][q] = 28;
		}
	}
}

static enum tl_err write_page(const char *what, const struct page_site *site,
    const struct web_language *language, struct buf *out)
{
	struct page_site abroad = *site;
	struct page_form full = typed(0);
	struct page_form empty = { .idem = idem, .errors = PAGE_EMPTY };
	struct page_form tl_long = typed(PAGE_STORY_LONG | PAGE_NEAR_LONG);
	struct page_form unsent = typed(PAGE_UNSENT);

	if (strcmp(what, "form") == 0) {
		return page_form(site, language, &fresh, out);
	}
	if (strcmp(what, "typed") == 0) {
		return page_form(site, language, &full, out);
	}
	if (strcmp(what, "lines") == 0) {
		abroad.lines[1] = "1300";
		abroad.lines[5] = "+95 00 000 0000";
		all_spoken(&abroad);
		return page_form(&abroad, language, &fresh, out);
	}
	if (strcmp(what, "empty") == 0) {
		return page_form(site, language, &empty, out);
	}
	if (strcmp(what, "long") == 0) {
		return page_form(site, language, &tl_long, out);
	}
	if (strcmp(what, "unsent") == 0) {
		return page_form(site, language, &unsent, out);
	}
	if (strcmp(what, "receipt") == 0) {
		struct page_receipt receipt = { .code = code, .state = state };

		return page_receipt(site, language, &receipt, out);
	}
	if (strcmp(what, "again") == 0) {
		struct page_receipt receipt = { .code = code,
			.state = state,
			.again = true,
			.voice_big = true };

		return page_receipt(site, language, &receipt, out);
	}
	if (what[0] == 'b' && what[1] >= '1' && what[1] <= '3') {
		struct page_more more = {
			.step = (unsigned)(what[1] - '0'),
			.state = state,
			.about_me = strchr(what, 'm') != NULL,
			.errors = strchr(what, 'e') != NULL
			    ? PAGE_FIELD_LONG | PAGE_UNSENT
			    : 0,
			.typed = { pairs, sizeof(pairs) / sizeof(*pairs) },
		};

		if (strchr(what, 's') != NULL) {
			all_spoken(&abroad);
		}
		return page_more(&abroad, language, &more, out);
	}
	if (strcmp(what, "return") == 0) {
		return page_return(site, language, PAGE_RETURN_FINE, out);
	}
	if (strcmp(what, "check") == 0) {
		return page_return(site, language, PAGE_RETURN_CHECK, out);
	}
	if (strcmp(what, "wait") == 0) {
		const struct page_pair typed[] = { { "code",
		    bytes_str("01234567890123456789") } };
		const struct page_wait wait = { .path = "c",
			.ticket = state,
			.seconds = 120,
			.bits = 24,
			.tries = true,
			.typed = { typed, 1 } };

		return page_wait(site, language, &wait, out);
	}
	if (strcmp(what, "queue") == 0) {
		const struct page_pair typed[] = { { "story",
		    bytes_str(story) } };
		const struct page_wait wait = { .path = "a",
			.ticket = state,
			.seconds = 20,
			.bits = 24,
			.typed = { typed, 1 } };

		return page_wait(site, language, &wait, out);
	}
	if (strcmp(what, "box") == 0) {
		struct page_mail mails[] = { { bytes_str(story), 0 },
			{ bytes_str("?"), 1 }, { bytes_str("?"), 12 } };
		struct page_box box = { .state = state,
			.status = 3,
			.mails = mails,
			.n_mails = 3 };

		return page_box(site, language, &box, out);
	}
	if (strcmp(what, "nothing") == 0) {
		struct page_box box = { .state = state };

		return page_box(site, language, &box, out);
	}
	if (strcmp(what, "blank") == 0) {
		struct page_box box = { .state = state, .errors = PAGE_EMPTY };

		return page_box(site, language, &box, out);
	}
	if (strcmp(what, "end") == 0) {
		return page_done(site, language, PAGE_DONE_LAST, state, out);
	}
	if (strcmp(what, "sent") == 0) {
		return page_done(site, language, PAGE_DONE_SENT, NULL, out);
	}
	if (strcmp(what, "withdrawn") == 0) {
		return page_done(
		    site, language, PAGE_DONE_WITHDRAWN, NULL, out);
	}
	if (strncmp(what, "files", strlen("files")) == 0) {
		bool told = what[strlen("files")] == 'e';
		struct page_files files = { .state = state,
			.idem = idem,
			.stored = told,
			.big = told,
			.kind = told,
			.unsent = told };

		return page_files(site, language, &files, out);
	}
	if (strcmp(what, "safety") == 0) {
		return page_safety(site, language, out);
	}
	if (strcmp(what, "facts") == 0) {
		return page_facts(site, language, out);
	}
	if (strcmp(what, "missing") == 0) {
		return page_error(site, language, 404, out);
	}
	if (strcmp(what, "error") == 0) {
		return page_error(site, language, 400, out);
	}
	return page_neutral(site, language, out);
}

static int write_file(const char *folder, const char *name, struct bytes text)
{
	char path[4096];
	FILE *out;
	size_t written;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	if (out == NULL) {
		perror(path);
		return 1;
	}
	written = fwrite(text.at, 1, text.len, out);
	return fclose(out) == 0 && written == text.len ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const char *const pages[] = { "form", "lines", "typed", "empty",
		"long", "unsent", "receipt", "again", "missing", "error",
		"neutral", "b1", "b2", "b2s", "b2m", "b3", "b3m", "b3e",
		"return", "check", "wait", "queue", "box", "nothing", "blank",
		"end", "sent", "withdrawn", "safety", "facts", "files",
		"filese" };
	struct page_site site = { .urgent_call = "1288",
		.file_max_bytes = 3u * 1024u * 1024u };
	int failed = 0;

	if (argc != 2) {
		fputs("render FOLDER\n", stderr);
		return 2;
	}
	for (size_t l = 0; l < web_language_count(); l++) {
		site.languages[l] = web_language_at(l);
	}
	site.n_languages = web_language_count();
	for (size_t l = 0; l < site.n_languages; l++) {
		for (size_t p = 0; p < sizeof(pages) / sizeof(*pages); p++) {
			struct buf out;
			char name[64];

			buf_init(&out, PAGE_BYTES_MAX);
			(void)snprintf(name, sizeof(name), "%s.%s.html",
			    pages[p], web_language_tag(site.languages[l]));
			failed |= write_page(pages[p], &site, site.languages[l],
				      &out) != TL_OK;
			failed |= write_file(
			    argv[1], name, bytes_of(out.data, out.len));
			buf_free(&out);
		}
	}
	return failed | write_file(argv[1], "csp", bytes_str(web_csp()));
}
