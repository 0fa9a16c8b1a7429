/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the table says about the options, for people: the effective
 * configuration, the sample file and the man page. */
#include "config/config.h"

#include <string.h>

#include "config/options.h"
#include "config/value.h"

#define WIDTH 76u
/* the name that the sample's gateway has */
#define SAMPLE_NAME "phones"

/* ---- the effective configuration ---- */

static void print_section(const struct config_section *section,
    const char *name, const void *base, struct buf *out)
{
	buf_put_str(out, out->len > 0 ? "\n[" : "[");
	buf_put_str(out, section->name);
	buf_put_str(out, name[0] != '\0' ? " " : "");
	buf_put_str(out, name);
	buf_put_str(out, "]\n");
	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);
		const void *field = (const char *)base + row->field;

		if (!config_option_in(row, section)) {
			continue;
		}
		buf_put_str(out, config_option_name(row));
		buf_put_str(out, config_value_empty(row, field) ? " =" : " = ");
		config_value_write(row, field, out);
		buf_put_str(out, "\n");
	}
}

/*
 * A section that a program belongs to is left out if the file has none of
 * that program: with it, the program's options would be needed.
 */
void config_print(const struct config *config, struct buf *out)
{
	for (size_t i = 0; i < config_n_sections; i++) {
		const struct config_section *section = &config_sections[i];

		if (section->named ||
		    (section->programs & ~config->programs) != 0) {
			continue;
		}
		print_section(section, "", config, out);
	}
	for (size_t i = 0; i < config->n_gateways; i++) {
		print_section(config_section_find(bytes_str("gateway")),
		    config->gateways[i].name, &config->gateways[i], out);
	}
}

/* ---- words about a row ---- */

/* In roff a minus is a minus and no hyphen, and a backslash is \e. */
static void put_roff(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '-') {
			buf_put_str(out, "\\-");
		} else if (text[i] == '\\') {
			buf_put_str(out, "\\e");
		} else {
			buf_put(out, text + i, 1);
		}
	}
}

/* Fill lines of at most WIDTH letters, each beginning with prefix. A word
 * that would be a request of roff at the start of a line is guarded. */
static void put_filled(
    struct buf *out, const char *prefix, bool roff, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > 0 && column + 1 + len > WIDTH) {
			buf_put_str(out, "\n");
			column = 0;
		}
		if (column == 0) {
			buf_put_str(out, prefix);
			buf_put_str(out,
			    roff && strchr(".'", *text) != NULL ? "\\&" : "");
			column = strlen(prefix);
		} else {
			buf_put_str(out, " ");
			column++;
		}
		if (roff) {
			put_roff(out, text, len);
		} else {
			buf_put(out, text, len);
		}
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	buf_put_str(out, "\n");
}

static void put_facts(const struct config_option *row, struct buf *out)
{
	bool strings = row->type != OPT_INTEGER && row->type != OPT_SIZE &&
	    row->type != OPT_DURATION && row->type != OPT_WORD;

	buf_put_str(out, "Value: ");
	buf_put_str(out, config_value_kind(row));
	if (!strings) {
		buf_put_str(out, row->type == OPT_WORD ? " " : ", ");
		config_value_range(row, out);
		if (row->type == OPT_INTEGER) {
			buf_put_str(out, " ");
			buf_put_str(out, row->unit);
		}
	} else if (row->type != OPT_REGION && row->type != OPT_LANGUAGE) {
		buf_put_str(out, ", ");
		config_value_range(row, out);
	}
	buf_put_str(out, ". ");
	if (row->needs != 0) {
		buf_put_str(out, "Must be set.");
	} else if (row->def[0] == '\0') {
		buf_put_str(out, "Not set by default.");
	} else {
		buf_put_str(out, "Default: \"");
		buf_put_str(out, row->def);
		buf_put_str(out, "\".");
	}
	buf_put_str(out,
	    row->takes == OPT_AT_RELOAD ? " Takes effect at a reload."
					: " Takes effect at a restart.");
}

static void put_programs(const struct config_option *row, struct buf *out)
{
	static const struct {
		unsigned program;
		const char *name;
	} names[] = {
		{ CONFIG_INTAKE, "tipline-intake" },
		{ CONFIG_SPOOL, "tipline-spool" },
		{ CONFIG_RELAY, "tipline-relay" },
		{ CONFIG_DESK, "tipline-desk" },
		{ CONFIG_CLI, "tipline" },
	};
	const char *between = " Read by ";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((row->programs & names[i].program) != 0) {
			buf_put_str(out, between);
			buf_put_str(out, names[i].name);
			between = ", ";
		}
	}
	buf_put_str(out, ".");
}

static void fill_facts(const struct config_option *row, const char *prefix,
    bool roff, struct buf *out)
{
	struct buf facts;

	buf_init(&facts, 1024);
	put_facts(row, &facts);
	put_programs(row, &facts);
	buf_put_u8(&facts, 0);
	if (buf_err(&facts) == TL_OK) {
		put_filled(out, prefix, roff, (const char *)facts.data);
	} else {
		out->err = buf_err(&facts);
	}
	buf_free(&facts);
}

/* ---- the sample file ---- */

static const char sample_head[] =
    "# tipline.conf - see tipline.conf(5).\n"
    "#\n"
    "# Lines are `[section]`, `key = value` or `# comment`; a comment stands on"
    " a\n"
    "# line of its own. Relative paths start at the folder of this file. An"
    " option\n"
    "# that stands behind a # shows its default, or an example where it has"
    " none.\n"
    "# `tipline check` tells every mistake at once.\n";

static void sample_option(const struct config_option *row,
    const struct config_section *section, struct buf *out)
{
	bool set = !section->named && (row->needs != 0 || row->suggest);

	buf_put_str(out, "\n");
	put_filled(out, "# ", false, row->text);
	fill_facts(row, "# ", false, out);
	buf_put_str(out, set ? "" : "#");
	buf_put_str(out, config_option_name(row));
	buf_put_str(out, " = ");
	buf_put_str(out, row->def[0] != '\0' ? row->def : row->example);
	buf_put_str(out, "\n");
}

void config_sample(struct buf *out)
{
	buf_put_str(out, sample_head);
	for (size_t i = 0; i < config_n_sections; i++) {
		const struct config_section *section = &config_sections[i];

		buf_put_str(out, "\n");
		put_filled(out, "# ", false, section->text);
		buf_put_str(out, section->named ? "#[" : "[");
		buf_put_str(out, section->name);
		buf_put_str(
		    out, section->named ? " " SAMPLE_NAME "]\n" : "]\n");
		for (size_t j = 0; j < config_n_options(); j++) {
			if (config_option_in(config_option_at(j), section)) {
				sample_option(
				    config_option_at(j), section, out);
			}
		}
	}
}

/* ---- the man page ---- */

static const char man_head[] =
    ".\\\" Printed by `tipline check --man` from config/options_*.c.\n"
    ".TH TIPLINE.CONF 5 \"\" tipline \"File formats\"\n"
    ".SH NAME\n"
    "tipline.conf \\- configuration of tipline\n"
    ".SH DESCRIPTION\n"
    "All programs of tipline read one file. It is UTF\\-8 text of at most 1"
    " MiB;\n"
    "a line has at most 4096 bytes and is one of\n"
    ".RS\n"
    ".nf\n"
    "[section]\n"
    "key = value\n"
    "# comment\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "or empty. A comment stands on a line of its own. A value is the rest of"
    " its\n"
    "line. It may stand in double quotes, in which \\e\" and \\e\\e mean \" and"
    " \\e;\n"
    "it must if it holds a # after a blank, or begins or ends with a blank."
    "\n"
    "Items of a list are separated by blanks, and each may have quotes of its"
    " own.\n"
    "Sizes have a unit of KiB, MiB or GiB, times one of ms, s, min or h."
    "\n"
    "Relative paths start at the folder of the file.\n"
    "The file holds no secrets: it names files that do.\n"
    ".PP\n"
    ".B tipline check\n"
    "tells every mistake at once, with line and column, and looks at the files"
    "\n"
    "that are named.\n"
    ".B tipline check \\-\\-print\n"
    "prints what is in force, defaults included.\n"
    "A program whose section is missing is not meant to run on this host.\n";

static const char man_tail[] = ".SH SEE ALSO\n"
			       ".BR tipline (1),\n"
			       ".BR tipline\\-intake (8),\n"
			       ".BR tipline\\-spool (8),\n"
			       ".BR tipline\\-relay (8)\n";

void config_man(struct buf *out)
{
	buf_put_str(out, man_head);
	for (size_t i = 0; i < config_n_sections; i++) {
		const struct config_section *section = &config_sections[i];

		buf_put_str(out, ".SH [");
		buf_put_str(out, section->name);
		buf_put_str(out, section->named ? " NAME]\n" : "]\n");
		put_filled(out, "", true, section->text);
		for (size_t j = 0; j < config_n_options(); j++) {
			const struct config_option *row = config_option_at(j);

			if (!config_option_in(row, section)) {
				continue;
			}
			buf_put_str(out, ".TP\n.B ");
			buf_put_str(out, config_option_name(row));
			buf_put_str(out, "\n");
			put_filled(out, "", true, row->text);
			buf_put_str(out, ".br\n");
			fill_facts(row, "", true, out);
		}
	}
	buf_put_str(out, man_tail);
}
