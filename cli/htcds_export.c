/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/htcds_export.h"

#include <string.h>

/* Of all together. */
#define OUT_MAX_BYTES (256u * 1024u * 1024u)

enum htcds_profile htcds_profile_of(const char *name)
{
	static const struct {
		const char *name;
		enum htcds_profile profile;
	} profiles[] = {
		{ "htcds-2.0-excel", HTCDS_EXCEL },
		{ "htcds-2.0-xform", HTCDS_XFORM },
		{ "htcds-2.0-json", HTCDS_JSON },
	};

	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (strcmp(profiles[i].name, name) == 0) {
			return profiles[i].profile;
		}
	}
	return HTCDS_NO_PROFILE;
}

bool htcds_header_of(const char *name, enum htcds_header *ret)
{
	static const char *const names[] = {
		[HTCDS_HEADER_BOTH] = "both",
		[HTCDS_HEADER_NAMES] = "names",
		[HTCDS_HEADER_LABELS] = "labels",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (enum htcds_header)i;
			return true;
		}
	}
	return false;
}

void htcds_export_begin(struct htcds_export *export)
{
	buf_init(&export->out, OUT_MAX_BYTES);
	export->n = 0;
	export->refs = json_object();
	if (export->profile == HTCDS_EXCEL) {
		htcds_excel_head(export);
	}
}

/* TL_EEXIST: it is there already; TL_EFORMAT: it has none. */
static enum tl_err take_ref(struct htcds_export *export, const json_t *referral)
{
	struct bytes ref = htcds_case_text(referral, "x_ref");

	if (ref.len == 0 || memchr(ref.at, 0, ref.len) != NULL) {
		return TL_EFORMAT;
	}
	if (json_object_get(export->refs, (const char *)ref.at) != NULL) {
		return TL_EEXIST;
	}
	return json_object_set_new(
		   export->refs, (const char *)ref.at, json_true()) == 0
	    ? TL_OK
	    : TL_ENOMEM;
}

static void put_case(struct htcds_export *export, const struct htcds_case *it)
{
	switch (export->profile) {
	case HTCDS_EXCEL:
		htcds_excel_row(export, it);
		break;
	case HTCDS_XFORM:
		htcds_xform(&export->out, it);
		break;
	case HTCDS_JSON:
		htcds_json(&export->out, it);
		break;
	case HTCDS_NO_PROFILE:
		break;
	}
}

enum tl_err htcds_export_add(struct htcds_export *export, json_t *referral,
    bool unchecked, const char **ret_why)
{
	struct htcds_case it;
	enum tl_err err;

	if (export->profile == HTCDS_XFORM && export->n > 0) {
		*ret_why = "the survey form is for one referral: open them one "
			   "at a time";
		return TL_EEXIST;
	}
	err = take_ref(export, referral);
	if (err != TL_OK) {
		*ret_why = err == TL_EEXIST
		    ? "the same referral was named twice"
		    : "it has no reference: it is not as the format has it";
		return err;
	}
	err = htcds_case_read(referral, unchecked, &it);
	if (err != TL_OK) {
		*ret_why = err == TL_EFORMAT
		    ? "it is of another format than this program knows; a newer"
		      " one may know it"
		    : "there is not enough memory for it";
		return err;
	}
	export->n++;
	put_case(export, &it);
	htcds_case_free(&it);
	*ret_why = "it is too much for one file";
	return buf_err(&export->out);
}

void htcds_export_free(struct htcds_export *export)
{
	json_decref(export->refs);
	export->refs = NULL;
	buf_free(&export->out);
}
