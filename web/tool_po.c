/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tool_po - turn the catalogues of web/po into C tables.
 *
 *     tool_po OUT.h OUT.c en.po [km.po ...]
 *
 * The first file is the master: its keys are the keys. Prints every fault of
 * every file, and writes nothing if there is one: a missing key, an extra
 * key, a text that web/lint.h refuses, a text still in English, a fuzzy
 * entry, a header that does not say who reviewed it, other plural forms than
 * the header says.
 *
 * A text with a number in it has a plural: its singular is the text of its
 * key, its plural that of KEY@n. No language of ours has more than two.
 *
 * Runs in: the build. Memory is left to the end of the program.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gettext-po.h>

#include "web/lint.h"

#define TEXTS_MAX     1024
#define LANGUAGES_MAX 64
#define KEY_MAX_BYTES 128
/* A language may write more words than English for the same, not any number. */
#define WORDS_MOST 20u

struct text {
	const char *key;
	const char *text;
	int kind; /* enum lint_kind; of the master only */
};

struct catalogue {
	const char *path;
	char *tag;
	const char *header;
	int plurals; /* forms that the language has */
	struct text texts[TEXTS_MAX];
	size_t n;
};

static unsigned faults;

static void fault(const char *path, const char *key, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", path, key, what);
	faults++;
}

static void on_xerror(int severity, po_message_t message, const char *path,
    size_t line, size_t column, int multiline, const char *what)
{
	(void)message;
	(void)column;
	(void)multiline;
	if (severity != PO_SEVERITY_WARNING) {
		fprintf(stderr, "%s:%zu: %s\n", path, line, what);
		faults++;
	}
}

static void on_xerror2(int severity, po_message_t message1, const char *path1,
    size_t line1, size_t column1, int multiline1, const char *what1,
    po_message_t message2, const char *path2, size_t line2, size_t column2,
    int multiline2, const char *what2)
{
	on_xerror(severity, message1, path1, line1, column1, multiline1, what1);
	on_xerror(severity, message2, path2, line2, column2, multiline2, what2);
}

static const struct po_xerror_handler on_error = {
	.xerror = on_xerror,
	.xerror2 = on_xerror2,
};

/* "web/po/zh-Hans.po" is zh-Hans. */
static char *tag_of(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name == NULL ? path : name + 1;
	return strndup(name, strcspn(name, "."));
}

static const struct text *find(const struct catalogue *cat, const char *key)
{
	for (size_t i = 0; i < cat->n; i++) {
		if (strcmp(cat->texts[i].key, key) == 0) {
			return &cat->texts[i];
		}
	}
	return NULL;
}

/* The kind is the first word of the master's comment for translators. */
static int kind_of(po_message_t message)
{
	const char *comment = po_message_extracted_comments(message);

	return lint_kind_of(comment, strcspn(comment, " :\n"));
}

static void add(struct catalogue *cat, const char *key, const char *text,
    po_message_t message)
{
	if (cat->n == TEXTS_MAX) {
		fault(cat->path, key, "more texts than TEXTS_MAX");
		return;
	}
	cat->texts[cat->n++] = (struct text){
		.key = key,
		.text = text,
		.kind = kind_of(message),
	};
}

/* The last form is that of all numbers but one. */
static void add_plural(
    struct catalogue *cat, const char *key, po_message_t message)
{
	const char *last = po_message_msgstr_plural(message, cat->plurals - 1);
	char *many = NULL;

	if (last == NULL ||
	    po_message_msgstr_plural(message, cat->plurals) != NULL) {
		fault(cat->path, key, "other plural forms than the header");
		return;
	}
	if (asprintf(&many, "%s@n", key) < 0) {
		fault(cat->path, key, "out of memory");
		return;
	}
	add(cat, key, po_message_msgstr_plural(message, 0), message);
	add(cat, many, last, message);
}

static void take(struct catalogue *cat, po_message_t message)
{
	const char *key = po_message_msgid(message);

	if (*key == '\0' || po_message_is_obsolete(message)) {
		return;
	}
	if (po_message_is_fuzzy(message)) {
		fault(cat->path, key, "fuzzy");
	}
	if (po_message_msgid_plural(message) != NULL) {
		add_plural(cat, key, message);
	} else {
		add(cat, key, po_message_msgstr(message), message);
	}
}

/* How many forms the header says; 0: something that the pages do not know. */
static int plurals_of(const struct catalogue *cat)
{
	static const struct {
		const char *rule;
		int forms;
	} rules[] = {
		{ "nplurals=1; plural=0;", 1 },
		{ "nplurals=2; plural=n != 1;", 2 },
		{ "nplurals=2; plural=n > 1;", 2 },
	};
	char *rule = po_header_field(cat->header, "Plural-Forms");
	int forms = 0;

	for (size_t i = 0; rule != NULL && i < 3; i++) {
		if (strcmp(rule, rules[i].rule) == 0) {
			forms = rules[i].forms;
		}
	}
	free(rule);
	return forms;
}

static void check_header(const struct catalogue *cat)
{
	char *language = po_header_field(cat->header, "Language");
	char *review = po_header_field(cat->header, "X-Review");

	if (language == NULL || strcmp(language, cat->tag) != 0) {
		fault(cat->path, "Language", "must be the name of the file");
	}
	if (review == NULL || *review == '\0') {
		fault(cat->path, "X-Review",
		    "must name reviewer and date, or say that it is a draft");
	}
	if (cat->plurals == 0) {
		fault(
		    cat->path, "Plural-Forms", "must be a rule that is known");
	}
	free(language);
	free(review);
}

static bool read_catalogue(const char *path, struct catalogue *cat)
{
	po_file_t file = po_file_read(path, &on_error);
	po_message_iterator_t each;
	po_message_t message;

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	cat->path = path;
	cat->tag = tag_of(path);
	cat->header = po_file_domain_header(file, NULL);
	if (cat->header == NULL) {
		fprintf(stderr, "%s: no header\n", path);
		return false;
	}
	cat->plurals = plurals_of(cat);
	check_header(cat);
	if (cat->plurals == 0) {
		return false;
	}
	each = po_message_iterator(file, NULL);
	for (message = po_next_message(each); message != NULL;
	     message = po_next_message(each)) {
		take(cat, message);
	}
	po_message_iterator_free(each);
	return true;
}

/* words lists key, or the beginning of key up to a dot with "*" behind it. */
static bool lists(const char *words, const char *key)
{
	bool found = lint_is_listed(words, key);

	for (const char *dot = strchr(key, '.'); dot != NULL;
	     dot = strchr(dot + 1, '.')) {
		char part[KEY_MAX_BYTES];

		(void)snprintf(
		    part, sizeof(part), "%.*s*", (int)(dot + 1 - key), key);
		found = found || lint_is_listed(words, part);
	}
	return found;
}

/* A number of the header; 0 if it is not there. */
static unsigned header_number(const struct catalogue *cat, const char *name)
{
	char *value = po_header_field(cat->header, name);
	unsigned long number = value == NULL ? 0 : strtoul(value, NULL, 10);

	free(value);
	return number > WORDS_MOST ? WORDS_MOST : (unsigned)number;
}

static void check_text(const struct catalogue *cat, const struct text *master,
    const struct text *text)
{
	char *latin = po_header_field(cat->header, "X-Latin-Words");
	char *same = po_header_field(cat->header, "X-Same-As-English");
	bool is_same = text != master && strcmp(text->text, master->text) == 0;
	struct lint_rules rules = {
		.kind = (enum lint_kind)master->kind,
		.master = text == master ? NULL : master->text,
		.latin_words = is_same ? NULL : latin,
		.words_max = header_number(cat, "X-Words-Max"),
	};
	const char *wrong = lint_text(&rules, text->text);

	if (is_same && (same == NULL || !lists(same, text->key))) {
		wrong = "the English text; X-Same-As-English lists what may be";
	}
	if (wrong != NULL) {
		fault(cat->path, text->key, wrong);
	}
	free(latin);
	free(same);
}

static void check(const struct catalogue *master, const struct catalogue *cat)
{
	for (size_t i = 0; i < master->n; i++) {
		const struct text *text = find(cat, master->texts[i].key);

		if (master->texts[i].kind < 0) {
			if (cat == master) {
				fault(cat->path, master->texts[i].key,
				    "the comment names no kind of text");
			}
		} else if (text == NULL) {
			fault(cat->path, master->texts[i].key, "missing");
		} else {
			check_text(cat, &master->texts[i], text);
		}
	}
	for (size_t i = 0; i < cat->n; i++) {
		if (find(master, cat->texts[i].key) == NULL) {
			fault(cat->path, cat->texts[i].key,
			    "not a key of the master");
		}
	}
}

static void write_c_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
			fprintf(out, "\\%03o", c);
		} else {
			putc(c, out);
		}
	}
	putc('"', out);
}

static void write_header(FILE *out, const struct catalogue *master)
{
	fputs("/* Generated by web/tool_po.c from web/po. */\n"
	      "#ifndef GEN_WEB_TEXTS_H\n#define GEN_WEB_TEXTS_H\n\n"
	      "enum web_text {\n",
	    out);
	for (size_t i = 0; i < master->n; i++) {
		fputs("\tTEXT_", out);
		for (const char *c = master->texts[i].key; *c != '\0'; c++) {
			bool letter = *c >= 'a' && *c <= 'z';
			bool plain = letter || (*c >= 'A' && *c <= 'Z') ||
			    (*c >= '0' && *c <= '9');

			putc(letter ? *c - 'a' + 'A' : plain ? *c : '_', out);
		}
		fputs(",\n", out);
	}
	fputs("\tWEB_TEXTS,\n};\n\n#endif\n", out);
}

static void write_source(FILE *out, const struct catalogue *cats, size_t n)
{
	fputs("/* Generated by web/tool_po.c from web/po. */\n"
	      "#include \"web/catalogue.h\"\n\n"
	      "const char *const web_text_keys[] = {\n",
	    out);
	for (size_t i = 0; i < cats[0].n; i++) {
		fprintf(out, "\t\"%s\",\n", cats[0].texts[i].key);
	}
	fprintf(out, "};\nconst size_t web_texts_n = %zu;\n", cats[0].n);
	for (size_t c = 0; c < n; c++) {
		fprintf(out, "\nstatic const char *const texts_%zu[] = {\n", c);
		for (size_t i = 0; i < cats[0].n; i++) {
			putc('\t', out);
			write_c_string(
			    out, find(&cats[c], cats[0].texts[i].key)->text);
			fputs(",\n", out);
		}
		fputs("};\n", out);
	}
	fputs("\nconst struct web_language web_languages[] = {\n", out);
	for (size_t c = 0; c < n; c++) {
		fprintf(out, "\t{ .tag = \"%s\", .texts = texts_%zu },\n",
		    cats[c].tag, c);
	}
	fprintf(out, "};\nconst size_t web_languages_n = %zu;\n", n);
}

static bool close_written(FILE *out, const char *path)
{
	bool good = ferror(out) == 0;

	if (fclose(out) != 0 || !good) {
		fprintf(stderr, "%s: cannot be written\n", path);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct catalogue cats[LANGUAGES_MAX];
	size_t n = argc > 3 ? (size_t)argc - 3 : 0;
	FILE *header, *source;

	if (n == 0 || n > LANGUAGES_MAX) {
		fputs("tool_po OUT.h OUT.c en.po [km.po ...]\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < n; i++) {
		if (!read_catalogue(argv[3 + i], &cats[i])) {
			return 1;
		}
		check(&cats[0], &cats[i]);
	}
	if (faults > 0) {
		return 1;
	}
	header = fopen(argv[1], "w");
	source = fopen(argv[2], "w");
	if (header == NULL || source == NULL) {
		fprintf(stderr, "%s: cannot be opened\n", argv[1]);
		return 1;
	}
	write_header(header, &cats[0]);
	write_source(source, cats, n);
	if (!close_written(header, argv[1]) ||
	    !close_written(source, argv[2])) {
		return 1;
	}
	return 0;
}
