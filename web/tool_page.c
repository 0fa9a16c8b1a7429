/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tool_page - compile templates of web/pages into C tables.
 *
 *     tool_page OUT.c page.css exit.js wait.js form.html [receipt.html ...]
 *
 *     {{key}}              a text of the catalogue, escaped
 *     {{key slot=value}}   the same, its {slot} filled with a value, escaped;
 *                          two of them where the text has two
 *     {{=value}}           a value, escaped
 *     {{#name}}...{{/name}}  if a flag holds or a value is not empty, or once
 *                          for each item of a list (lists do not nest)
 *     {{^name}}...{{/name}}  if a flag does not hold or a value is empty
 *     {{=.value}} {{#.flag}} of the item, within a list
 *     {{> _part}}          another file of the same folder
 *     {{! words }}         nothing
 *     {{{style}}}          the style sheet; {{{script}}} the script, {{{wait}}}
 *                          that of the page that waits: the only things that
 *                          are not escaped
 *
 * A tag stands on one line. Indentation is dropped, and so is a line that
 * holds nothing but a tag of the kinds # ^ / > !. Refused: unknown names,
 * words outside the catalogue, values outside quotes within a tag.
 *
 * Runs in: the build. Memory is left to the end of the program.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/buf.h"
#include "base/enc.h"
#include "web/catalogue.h"
#include "web/template.h"
#include "web/tool_squeeze.h"

#define STEPS_MAX    1024
#define DEPTH_MAX    8
#define NAME_MAX_LEN 64

#define NAME_OF(name) #name,

static const char *const value_names[] = { WEB_VALUES(NAME_OF) };
static const char *const flag_names[] = { WEB_FLAGS(NAME_OF) };
static const char *const list_names[] = { WEB_LISTS(NAME_OF) };
static const char *const item_value_names[] = { WEB_ITEM_VALUES(NAME_OF) };
static const char *const item_flag_names[] = { WEB_ITEM_FLAGS(NAME_OF) };

struct section {
	char name[NAME_MAX_LEN];
	unsigned step;
};

/* The page being compiled, and where in its HTML we are. */
static struct {
	const char *path;
	unsigned line;
	struct template_step steps[STEPS_MAX];
	unsigned n;
	struct buf literal; /* not yet a step */
	struct section open[DEPTH_MAX];
	unsigned depth;
	unsigned includes;
	bool in_list;
	bool in_tag;
	bool in_quotes;
	bool in_style;
} page;

static struct buf style;
static struct buf script;
static struct buf script_wait;
static unsigned faults;

__attribute__((format(printf, 1, 2))) static void fault(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: ", page.path, page.line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	putc('\n', stderr);
	faults++;
}

static bool write_file(const char *path, const char *text, size_t len)
{
	FILE *out = fopen(path, "w");
	size_t written;

	if (out == NULL) {
		return false;
	}
	written = fwrite(text, 1, len, out);
	return fclose(out) == 0 && written == len;
}

static int look_up(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

static struct template_step *add(enum template_kind kind, int name)
{
	static struct template_step too_many;

	if (page.literal.len > 0) {
		struct template_step *copy = &page.steps[page.n];
		unsigned len = (unsigned)page.literal.len;

		*copy = (struct template_step){
			.kind = TEMPLATE_COPY,
			.copy = strndup((char *)page.literal.data, len),
			.len = len,
		};
		buf_reset(&page.literal);
		page.n++;
	}
	if (page.n >= STEPS_MAX - 2) {
		fault("more steps than STEPS_MAX");
		return &too_many;
	}
	page.steps[page.n] =
	    (struct template_step){ .kind = kind, .name = (unsigned)name };
	return &page.steps[page.n++];
}

/* A plain piece of the template: keep it, and know what is around it. */
static void add_literal(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (page.in_tag && c == '"') {
			page.in_quotes = !page.in_quotes;
		} else if (c == '<' && !page.in_quotes) {
			page.in_tag = true;
			page.in_style = strncmp(text + i, "<style", 6) == 0;
		} else if (c == '>' && !page.in_quotes) {
			page.in_tag = false;
		} else if (!page.in_tag &&
		    ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
			fault("words that are not in the catalogue: %.20s",
			    text + i);
			return;
		}
	}
	buf_put(&page.literal, text, len);
}

static void check_place(const char *tag)
{
	if ((page.in_tag && !page.in_quotes) || page.in_style) {
		fault("{{%s}}: within a tag only between quotes", tag);
	}
}

/* Every {slot} of a catalogue text is among those of the step, and as many. */
static bool has_slots(int text, const struct template_step *step)
{
	const char *at = web_languages[0].texts[text];
	size_t left = 0;

	for (size_t i = 0; i < TEMPLATE_SLOTS_MAX; i++) {
		if (step->slots[i].mark != NULL) {
			left++;
			if (strstr(at, step->slots[i].mark) == NULL) {
				return false;
			}
		}
	}
	while ((at = strchr(at, '{')) != NULL && left > 0) {
		left--;
		at++;
	}
	return at == NULL && left == 0;
}

/* slot=value, up to a space. Returns what is behind it, or NULL. */
static const char *read_slot(const char *at, struct template_slot *ret_slot)
{
	size_t len = strcspn(at, " ");
	size_t slot = strcspn(at, "=");
	char copy[NAME_MAX_LEN + 2];
	int value;

	if (slot >= len) {
		return NULL;
	}
	(void)snprintf(
	    copy, sizeof(copy), "%.*s", (int)(len - slot - 1), at + slot + 1);
	value = look_up(copy, value_names, V_COUNT);
	if (value < 0) {
		return NULL;
	}
	(void)snprintf(copy, sizeof(copy), "{%.*s}", (int)slot, at);
	ret_slot->mark = strdup(copy);
	ret_slot->value = (unsigned)value;
	return at + len + strspn(at + len, " ");
}

/* key, or key slot=value ... */
static void add_text(const char *tag)
{
	size_t len = strcspn(tag, " ");
	const char *at = tag + len + strspn(tag + len, " ");
	struct template_step step = { .kind = TEMPLATE_TEXT };
	char key[NAME_MAX_LEN] = "";
	int text;

	(void)snprintf(key, sizeof(key), "%.*s", (int)len, tag);
	text = look_up(key, web_text_keys, web_texts_n);
	for (size_t i = 0; i < TEMPLATE_SLOTS_MAX && at != NULL && *at != '\0';
	     i++) {
		at = read_slot(at, &step.slots[i]);
	}
	if (text < 0 || at == NULL) {
		fault("{{%s}}: no such text or value", tag);
		return;
	}
	if (*at != '\0' || !has_slots(text, &step)) {
		fault("{{%s}}: the text has other places", tag);
		return;
	}
	check_place(tag);
	memcpy(add(TEMPLATE_TEXT, text)->slots, step.slots, sizeof(step.slots));
}

static void add_value(const char *tag)
{
	bool of_item = tag[1] == '.';
	int name = of_item ? look_up(tag + 2, item_value_names, IV_COUNT)
			   : look_up(tag + 1, value_names, V_COUNT);

	if (name < 0 || (of_item && !page.in_list)) {
		fault("{{%s}}: no such value here", tag);
		return;
	}
	check_place(tag);
	(void)add(of_item ? TEMPLATE_ITEM : TEMPLATE_VALUE, name);
}

/* Find what a section asks for: a flag, a value, a list, a flag of an item. */
static int section_kind(const char *name, enum template_kind *ret_kind)
{
	int at;

	if (name[0] == '.') {
		*ret_kind = TEMPLATE_IF_ITEM;
		return page.in_list
		    ? look_up(name + 1, item_flag_names, IF_COUNT)
		    : -1;
	}
	*ret_kind = TEMPLATE_IF_FLAG;
	at = look_up(name, flag_names, F_COUNT);
	if (at < 0) {
		*ret_kind = TEMPLATE_IF_VALUE;
		at = look_up(name, value_names, V_COUNT);
	}
	if (at < 0) {
		*ret_kind = TEMPLATE_EACH;
		at = look_up(name, list_names, L_COUNT);
	}
	return at;
}

static void open_section(const char *tag)
{
	enum template_kind kind;
	int name = section_kind(tag + 1, &kind);
	bool negate = tag[0] == '^';

	if (name < 0 || (kind == TEMPLATE_EACH && (page.in_list || negate))) {
		fault("{{%s}}: no such flag, value or list here", tag);
		return;
	}
	if (page.depth == DEPTH_MAX) {
		fault("{{%s}}: too deep", tag);
		return;
	}
	add(kind, name)->negate = negate;
	page.open[page.depth].step = page.n - 1;
	(void)snprintf(page.open[page.depth].name, NAME_MAX_LEN, "%s", tag + 1);
	page.depth++;
	page.in_list = page.in_list || kind == TEMPLATE_EACH;
}

static void close_section(const char *tag)
{
	struct template_step *begin;
	unsigned step;

	if (page.depth == 0 ||
	    strcmp(page.open[page.depth - 1].name, tag + 1) != 0) {
		fault("{{%s}}: closes what is not open", tag);
		return;
	}
	page.depth--;
	step = page.open[page.depth].step;
	begin = &page.steps[step];
	if (begin->kind == TEMPLATE_EACH) {
		add(TEMPLATE_NEXT, 0)->to = step + 1;
		page.in_list = false;
	} else if (page.literal.len > 0) {
		/* flush, so that the jump goes behind the literal */
		(void)add(TEMPLATE_COPY, 0);
		page.n--;
	}
	begin->to = page.n;
}

static void compile_file(const char *path);

static void add_part(const char *tag)
{
	const char *name = tag + 1 + strspn(tag + 1, " ");
	const char *path = page.path;
	unsigned line = page.line;
	char part[256];

	(void)snprintf(part, sizeof(part), "%.*s/%s.html",
	    (int)(strrchr(path, '/') - path), path, name);
	if (page.includes == DEPTH_MAX) {
		fault("{{%s}}: too deep", tag);
		return;
	}
	page.includes++;
	compile_file(part);
	page.includes--;
	page.path = path;
	page.line = line;
}

static void add_tag(const char *tag)
{
	switch (tag[0]) {
	case '!':
		break;
	case '>':
		add_part(tag);
		break;
	case '=':
		add_value(tag);
		break;
	case '#':
	case '^':
		open_section(tag);
		break;
	case '/':
		close_section(tag);
		break;
	default:
		add_text(tag);
		break;
	}
}

/* A line of nothing but one tag that writes nothing itself. */
static bool stands_alone(const char *line)
{
	return strncmp(line, "{{", 2) == 0 && strchr("#^/>!", line[2]) &&
	    strcmp(strstr(line, "}}") == NULL ? "" : strstr(line, "}}"),
		"}}") == 0;
}

/* What a raw tag stands for; NULL: it is none. */
static const struct buf *raw_of(const char *tag)
{
	if (strncmp(tag, "{{{style}}}", strlen("{{{style}}}")) == 0) {
		return &style;
	}
	if (strncmp(tag, "{{{script}}}", strlen("{{{script}}}")) == 0) {
		return &script;
	}
	if (strncmp(tag, "{{{wait}}}", strlen("{{{wait}}}")) == 0) {
		return &script_wait;
	}
	return NULL;
}

static void compile_line(char *line)
{
	bool alone;

	line += strspn(line, "\t ");
	if (*line == '\0') {
		return;
	}
	alone = stands_alone(line);
	for (char *open = strstr(line, "{{"); open != NULL;
	     open = strstr(line, "{{")) {
		const struct buf *raw = raw_of(open);
		char *close = strstr(open, "}}");

		add_literal(line, (size_t)(open - line));
		if (close == NULL) {
			fault("a tag that does not end on its line");
			return;
		}
		if (raw != NULL) {
			buf_put(&page.literal, raw->data, raw->len);
			line = close + strlen("}}}");
			continue;
		}
		*close = '\0';
		add_tag(open + 2);
		line = close + 2;
	}
	add_literal(line, strlen(line));
	if (!alone) {
		buf_put_u8(&page.literal, '\n');
	}
}

static void compile_file(const char *path)
{
	char *text = tool_read_file(path);
	unsigned line = 0;

	page.path = path;
	for (char *at = text, *end; *at != '\0'; at = end) {
		end = at + strcspn(at, "\n");
		if (*end == '\n') {
			*end++ = '\0';
		}
		page.line = ++line;
		compile_line(at);
		page.path = path;
	}
	free(text);
}

static void write_string(FILE *out, const char *text, size_t len)
{
	putc('"', out);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' ||
		    c == '?') {
			fprintf(out, "\\%03o", c);
		} else {
			putc(c, out);
		}
	}
	putc('"', out);
}

static void write_page(FILE *out, const char *name, int name_len)
{
	fprintf(out, "\nstatic const struct template_step steps_%.*s[] = {\n",
	    name_len, name);
	for (unsigned i = 0; i < page.n; i++) {
		const struct template_step *step = &page.steps[i];

		fprintf(out, "\t{ %d, %d, %u, %u, %u, ", (int)step->kind,
		    step->negate, step->name, step->to, step->len);
		if (step->copy == NULL) {
			fputs("NULL", out);
		} else {
			write_string(out, step->copy, step->len);
		}
		fputs(", { ", out);
		for (size_t s = 0; s < TEMPLATE_SLOTS_MAX; s++) {
			const struct template_slot *slot = &step->slots[s];

			if (slot->mark != NULL) {
				fprintf(out, "{ \"%s\", %u }, ", slot->mark,
				    slot->value);
			} else {
				fputs("{ NULL, 0 }, ", out);
			}
		}
		fputs("} },\n", out);
	}
	fprintf(out,
	    "};\nconst struct template template_%.*s = {\n"
	    "\tsteps_%.*s, %u\n};\n",
	    name_len, name, name_len, name, page.n);
}

static void write_hash(FILE *out, const char *name, const struct buf *of)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct buf text;

	buf_init(&text, 64);
	(void)SHA256(of->data, of->len, hash);
	enc_b64(&text, B64_STD, hash, sizeof(hash));
	fprintf(out, "\nconst char template_%s_sha256[] = \"%.*s\";\n", name,
	    (int)text.len, (const char *)text.data);
}

static void compile_page(FILE *out, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	memset(&page, 0, sizeof(page));
	buf_init(&page.literal, TOOL_FILE_MAX);
	compile_file(path);
	(void)add(TEMPLATE_COPY, 0);
	page.n--;
	if (page.depth > 0) {
		fault("{{#%s}}: not closed", page.open[page.depth - 1].name);
	}
	if (page.in_tag || page.in_quotes) {
		fault("a tag or a quote is not closed");
	}
	write_page(out, name, (int)strcspn(name, "."));
}

int main(int argc, char **argv)
{
	char *made = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&made, &len);

	if (argc < 6 || strchr(argv[5], '/') == NULL || out == NULL) {
		fputs("tool_page OUT.c page.css exit.js wait.js"
		      " PAGES/form.html ...\n",
		    stderr);
		return 2;
	}
	tool_read_style(argv[2], &style);
	tool_read_script(argv[3], &script);
	tool_read_script(argv[4], &script_wait);
	fputs("/* Generated by web/tool_page.c from web/pages. */\n"
	      "#include \"web/template.h\"\n",
	    out);
	for (int i = 5; i < argc; i++) {
		compile_page(out, argv[i]);
	}
	write_hash(out, "style", &style);
	write_hash(out, "script", &script);
	write_hash(out, "wait", &script_wait);
	if (faults > 0) {
		return 1;
	}
	if (fclose(out) != 0 || !write_file(argv[1], made, len)) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
