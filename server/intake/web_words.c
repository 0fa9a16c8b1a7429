/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The folder with the operator's own sentences, read before the worker is
 * locked in.
 */
#include "web/words.h"

#include <stdio.h>

#include "base/log.h"
#include "base/read_file.h"
#include "server/intake/routes.h"

#define FILE_MAX_BYTES ((size_t)64u * 1024u)
#define PATH_BYTES     1200u

static const char ending[] = ".txt";

static void say_fault(const char *path, const struct web_words_fault *fault)
{
	say_error("%s:%zu: %.*s: %s", path, fault->line, (int)fault->key.len,
	    fault->key.len > 0 ? (const char *)fault->key.at : "", fault->what);
}

static enum tl_err read_one(
    struct worker *worker, const struct web_language *language, size_t *found)
{
	struct web_words_fault fault = { 0 };
	char path[PATH_BYTES];
	struct buf text;
	enum tl_err err;

	(void)snprintf(path, sizeof(path), "%s/%s%s",
	    worker->config->site.words, web_language_tag(language), ending);
	buf_init(&text, FILE_MAX_BYTES);
	err = read_file(path, &text);
	if (err == TL_OK) {
		(*found)++;
		err = web_words_read(worker->words, language,
		    bytes_of(text.data, text.len), &fault);
		if (err == TL_EINVAL) {
			say_fault(path, &fault);
		}
	} else if (err == TL_ENOENT) {
		err = TL_OK; /* nothing is said otherwise in it */
	} else {
		say_error("cannot read %s: %s", path, err_text(err));
	}
	buf_free(&text);
	return err;
}

/* Pages are made with these from here on. */
static void put_in_force(struct worker *worker)
{
	struct page_site *site = &worker->site;

	for (size_t i = 0; i < site->n_languages; i++) {
		site->languages[i] =
		    web_words_of(worker->words, site->languages[i]);
		worker->pages[i].language = site->languages[i];
	}
	worker->default_language =
	    web_words_of(worker->words, worker->default_language);
}

enum tl_err web_words_load(struct worker *worker)
{
	struct web_words_fault fault = { 0 };
	enum tl_err err = web_words_new(
	    worker->site.languages, worker->site.n_languages, &worker->words);
	size_t found = 0;

	for (size_t i = 0; err == TL_OK && i < worker->site.n_languages; i++) {
		err = read_one(worker, worker->site.languages[i], &found);
	}
	if (err == TL_OK && found == 0) {
		say_error("there is no file LANGUAGE.txt of site.languages in"
			  " %s",
		    worker->config->site.words);
		err = TL_EINVAL;
	}
	if (err != TL_OK) {
		return err;
	}
	err = web_words_judge(worker->words, &fault);
	if (err != TL_OK) {
		say_error("%s/%s%s: %.*s: %s", worker->config->site.words,
		    web_language_tag(fault.language), ending,
		    (int)fault.key.len, (const char *)fault.key.at, fault.what);
		return err;
	}
	put_in_force(worker);
	return TL_OK;
}
