/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/template.h - pages as tables of steps, and what fills them.
 *
 * Promise:   every text and every value is escaped on its way out; nothing
 *            can be written raw at run time.
 * Knows not: what the pages are for.
 * Runs in:   intake workers. Pure.
 * Disk:      nothing; web/tool_page.c makes the tables from web/pages, and
 *            its head says how a template is written.
 */
#ifndef TL_WEB_TEMPLATE_H
#define TL_WEB_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "web/language.h"
#include "web/names.h"

enum template_kind {
	TEMPLATE_COPY,     /* len bytes of copy */
	TEMPLATE_TEXT,     /* text name, its slots filled */
	TEMPLATE_VALUE,    /* value name */
	TEMPLATE_ITEM,     /* value name of the item */
	TEMPLATE_IF_VALUE, /* on to the next step, or to `to` */
	TEMPLATE_IF_FLAG,  /* the same */
	TEMPLATE_IF_ITEM,  /* the same, by a flag of the item */
	TEMPLATE_EACH,     /* the first item of list name, or to `to` */
	TEMPLATE_NEXT,     /* the next item and back to `to`, or on */
};

/* A place in a catalogue text, and what goes there. */
struct template_slot {
	const char *mark; /* "{slot}"; NULL: there is none */
	unsigned value;
};
#define TEMPLATE_SLOTS_MAX 2u

struct template_step {
	enum template_kind kind;
	bool negate; /* of the three conditions */
	unsigned name;
	unsigned to;
	unsigned len;
	const char *copy;
	struct template_slot slots[TEMPLATE_SLOTS_MAX];
};

struct template
{
	const struct template_step *steps;
	size_t n;
};

struct template_item {
	struct bytes value[IV_COUNT];
	bool flag[IF_COUNT];
};

struct template_list {
	const struct template_item *items;
	size_t n;
};

/* All borrowed. What is not set is empty, false, and none. */
struct template_data {
	struct bytes value[V_COUNT];
	bool flag[F_COUNT];
	struct template_list list[L_COUNT];
};

/* Append the page in this language. Errors stick in out. */
void template_write(const struct template *template,
    const struct web_language *language, const struct template_data *data,
    struct buf *out);

/* Generated: one for each page, and the hashes of style and script, base64. */
extern const struct template template_form;
extern const struct template template_files;
extern const struct template template_receipt;
extern const struct template template_b1;
extern const struct template template_b2;
extern const struct template template_b3;
extern const struct template template_message;
extern const struct template template_return;
extern const struct template template_safety;
extern const struct template template_facts;
extern const struct template template_wait;
extern const char template_style_sha256[];
extern const char template_script_sha256[];
extern const char template_wait_sha256[];

#endif
