/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/rules.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/read_file.h"
#include "cli/cli.h"
#include "text/triage.h"

#define FILE_MAX_BYTES ((size_t)1024u * 1024u)
#define ANSWERS_MAX    64u
#define NAME_MAX_BYTES 32u

static const char help[] =
    "Usage: tipline rules [--rules FILE] [--keywords FILE] check\n"
    "       tipline rules [--rules FILE] [--keywords FILE] test EXAMPLES\n"
    "       tipline rules [--rules FILE] [--keywords FILE] explain "
    "[NAME=VALUE...]\n"
    "\n"
    "check    read the files, or the built-in ones, and list the rules\n"
    "test     judge each line of EXAMPLES, and say where the priority is\n"
    "         another: P1 to P4, tab, answers (NAME=VALUE NAME=VALUE, or\n"
    "         empty), tab, text. Lines that begin with # are left out\n"
    "explain  judge the text on standard input and the answers given, and\n"
    "         say why. channel=sms is an answer too\n"
    "\n"
    "  --rules FILE     urgency rules in the place of the built-in ones\n"
    "  --keywords FILE  keywords in the place of the built-in ones\n";

struct files {
	const char *rules, *keywords;
};

static bool take_option(int option, const char *value, void *arg)
{
	struct files *files = arg;

	if (option == 'r') {
		files->rules = value;
	} else {
		files->keywords = value;
	}
	return true;
}

static bool read_into(const char *path, struct buf *out)
{
	enum tl_err err = path != NULL ? read_file(path, out) : TL_OK;

	if (err != TL_OK) {
		say_error("cannot read %s: %s", path, err_text(err));
	}
	return err == TL_OK;
}

static struct triage *load(const struct files *paths)
{
	struct triage *triage = NULL;
	struct triage_fault fault = { 0 };
	struct buf rules, keywords;

	buf_init(&rules, FILE_MAX_BYTES);
	buf_init(&keywords, FILE_MAX_BYTES);
	if (read_into(paths->rules, &rules) &&
	    read_into(paths->keywords, &keywords)) {
		const struct triage_files files = {
			.rules = bytes_of(rules.data, rules.len),
			.keywords = bytes_of(keywords.data, keywords.len),
		};
		enum tl_err err = triage_new(&files, &triage, &fault);

		if (err != TL_OK) {
			say_error("%s:%zu: %s", fault.file, fault.at.line,
			    fault.at.what != NULL ? fault.at.what
						  : err_text(err));
		}
	}
	buf_free(&rules);
	buf_free(&keywords);
	return triage;
}

/* ---- answers ------------------------------------------------------------- */

struct example {
	struct report report;
	struct report_answer answers[ANSWERS_MAX];
	char names[ANSWERS_MAX][NAME_MAX_BYTES];
	char channel[NAME_MAX_BYTES];
};

static void begin(struct example *example)
{
	*example = (struct example){ .channel = "web" };
	example->report.answers = example->answers;
	example->report.channel = example->channel;
}

/* "name=value"; false: it is none. */
static bool add_answer(struct example *example, struct bytes word)
{
	const uint8_t *equal =
	    word.len > 0 ? memchr(word.at, '=', word.len) : NULL;
	size_t n = example->report.n_answers;
	size_t len = equal == NULL ? 0 : (size_t)(equal - word.at);
	struct bytes value;

	if (len == 0 || len >= NAME_MAX_BYTES || n == ANSWERS_MAX) {
		return false;
	}
	value = bytes_of(equal + 1, word.len - len - 1);
	memcpy(example->names[n], word.at, len);
	if (strcmp(example->names[n], "channel") == 0) {
		if (value.len >= NAME_MAX_BYTES) {
			return false;
		}
		memset(example->channel, 0, sizeof(example->channel));
		memcpy(example->channel, value.at, value.len);
		memset(example->names[n], 0, NAME_MAX_BYTES);
		return true;
	}
	example->answers[n].name = example->names[n];
	example->answers[n].value = value;
	example->report.n_answers++;
	return true;
}

static bool add_answers(struct example *example, struct bytes words)
{
	size_t from = 0;

	for (size_t i = 0; i <= words.len; i++) {
		if (i < words.len && words.at[i] != ' ') {
			continue;
		}
		if (i > from &&
		    !add_answer(example, bytes_of(words.at + from, i - from))) {
			return false;
		}
		from = i + 1;
	}
	return true;
}

/* ---- the three ----------------------------------------------------------- */

static int check(const struct triage *triage)
{
	const struct rules *rules = triage_rules(triage);

	(void)printf("version %s, %zu rules; words %s\n", rules_version(rules),
	    rules_count(rules), keywords_version(triage_keywords(triage)));
	for (size_t i = 0; i < rules_count(rules); i++) {
		struct report_rule rule = rules_at(rules, i);

		(void)printf("%-8s %s%c  %s\n", rule.name,
		    rule.priority > 0 ? "P" : " ",
		    rule.priority > 0 ? '0' + rule.priority : ' ', rule.text);
	}
	return CLI_OK;
}

static int explain(const struct triage *triage, int n, char **words)
{
	struct example example;
	struct buf text, line;
	int status = CLI_WRONG;

	begin(&example);
	buf_init(&text, FILE_MAX_BYTES);
	buf_init(&line, 8 * FILE_MAX_BYTES);
	for (int i = 0; i < n; i++) {
		if (!add_answer(&example, bytes_str(words[i]))) {
			say_error("%s is no NAME=VALUE", words[i]);
			goto out;
		}
	}
	if (!read_into("-", &text)) {
		goto out;
	}
	while (text.len > 0 && text.data[text.len - 1] == '\n') {
		text.len--;
	}
	example.report.text = bytes_of(text.data, text.len);
	if (triage_judge(triage, &example.report) == TL_OK &&
	    report_print_reasons(&example.report, &line) == TL_OK) {
		(void)fwrite(line.data, 1, line.len, stdout);
		status = CLI_OK;
	}
out:
	buf_free(&text);
	buf_free(&line);
	return status;
}

/* One line of the examples. False: it is no example or gets another one. */
static bool try_line(const struct triage *triage, struct bytes line, size_t at)
{
	const uint8_t *tab = memchr(line.at, '\t', line.len);
	const uint8_t *second = tab == NULL
	    ? NULL
	    : memchr(tab + 1, '\t', line.len - (size_t)(tab + 1 - line.at));
	struct example example;

	begin(&example);
	if (second == NULL || tab != line.at + 2 || line.at[0] != 'P' ||
	    line.at[1] < '1' || line.at[1] > '4' ||
	    !add_answers(
		&example, bytes_of(tab + 1, (size_t)(second - tab - 1)))) {
		say_error(
		    "line %zu is not: P1 to P4, tab, answers, tab, text", at);
		return false;
	}
	example.report.text =
	    bytes_of(second + 1, line.len - (size_t)(second + 1 - line.at));
	if (triage_judge(triage, &example.report) != TL_OK) {
		return false;
	}
	if (example.report.priority != line.at[1] - '0') {
		(void)printf("line %zu: P%d, not P%c\n", at,
		    example.report.priority, line.at[1]);
		return false;
	}
	return true;
}

static int test(const struct triage *triage, const char *path)
{
	size_t at = 0, good = 0, bad = 0;
	struct bytes rest, line;
	struct buf file;

	buf_init(&file, FILE_MAX_BYTES);
	if (!read_into(path, &file)) {
		buf_free(&file);
		return CLI_WRONG;
	}
	rest = bytes_of(file.data, file.len);
	while (text_line(&rest, &line)) {
		at++;
		if (line.len == 0 || line.at[0] == '#') {
			continue;
		}
		if (try_line(triage, line, at)) {
			good++;
		} else {
			bad++;
		}
	}
	(void)printf("%zu as expected, %zu not\n", good, bad);
	buf_free(&file);
	return bad == 0 && good > 0 ? CLI_OK : CLI_WRONG;
}

int cli_rules(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rules", required_argument, NULL, 'r' },
		{ "keywords", required_argument, NULL, 'k' },
		CLI_OPTIONS_END,
	};
	struct files files = { 0 };
	int status = cli_options(
	    argc, argv, options, 1, ANSWERS_MAX, help, take_option, &files);
	int n = argc - optind - 1;
	char **words = argv + optind + 1;
	struct triage *triage;
	const char *what;

	if (status != CLI_GO_ON) {
		return status;
	}
	what = argv[optind];
	if (!(strcmp(what, "check") == 0 && n == 0) &&
	    !(strcmp(what, "test") == 0 && n == 1) &&
	    strcmp(what, "explain") != 0) {
		return cli_misused(help);
	}
	triage = load(&files);
	if (triage == NULL) {
		return CLI_WRONG;
	}
	status = what[0] == 'c' ? check(triage)
	    : what[0] == 't'    ? test(triage, words[0])
				: explain(triage, n, words);
	triage_free(triage);
	return cli_end_output(status);
}
