/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/audit.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "text/json_memory.h"

#define VERSION 1
/* The end of 9999, in milliseconds. */
#define AT_MAX_MS INT64_C(253402300799999)

const char *audit_word(enum audit_what what)
{
	static const char *const words[] = {
#define AUDIT_WORD(name, word) [AUDIT_##name] = (word),
		AUDIT_WHATS(AUDIT_WORD)
#undef AUDIT_WORD
	};

	return (unsigned)what < AUDIT_N ? words[what] : "?";
}

static bool what_of(const char *word, enum audit_what *ret)
{
	for (unsigned what = 0; word != NULL && what < AUDIT_N; what++) {
		if (strcmp(word, audit_word((enum audit_what)what)) == 0) {
			*ret = (enum audit_what)what;
			return true;
		}
	}
	return false;
}

void audit_set_note(struct audit *audit, struct bytes note)
{
	size_t len = note.len < AUDIT_NOTE_BYTES ? note.len : AUDIT_NOTE_BYTES;
	json_t *text;

	audit->note[0] = '\0';
	if (note.len == 0) {
		return;
	}
	while (len > 0 && len < note.len && (note.at[len] & 0xC0u) == 0x80u) {
		len--;
	}
	/* jansson takes UTF-8 alone */
	text = json_stringn((const char *)note.at, len);
	if (text == NULL || memchr(note.at, 0, len) != NULL) {
		memcpy(audit->note, "?", 2);
	} else {
		memcpy(audit->note, note.at, len);
		audit->note[len] = '\0';
	}
	json_decref(text);
}

enum tl_err audit_put(const struct audit *audit, struct buf *out)
{
	json_t *doc = json_pack("{s:i,s:I,s:s,s:s}", "v", VERSION, "at_ms",
	    (json_int_t)audit->at_ms, "what", audit_word(audit->what), "who",
	    audit->who);
	char *text = NULL;
	struct buf tip;
	enum tl_err err = TL_ENOMEM;

	buf_init(&tip, 2 * AUDIT_TIP_BYTES + 1);
	if (audit->has_tip) {
		enc_hex(&tip, audit->tip, sizeof(audit->tip));
		buf_put_u8(&tip, '\0');
	}
	if (doc == NULL || buf_err(&tip) != TL_OK ||
	    (audit->has_tip &&
		json_object_set_new(
		    doc, "tip", json_string((const char *)tip.data)) != 0) ||
	    (audit->note[0] != '\0' &&
		json_object_set_new(doc, "note", json_string(audit->note)) !=
		    0)) {
		goto out;
	}
	text = json_dumps(doc, JSON_COMPACT);
	if (text != NULL) {
		buf_put_str(out, text);
		err = buf_err(out);
		wipe(text, strlen(text));
	}
out:
	free(text);
	buf_free(&tip);
	json_decref(doc);
	return err;
}

/* A string of at most max bytes; absent is empty if it may be. */
static bool take_string(
    const json_t *doc, const char *name, bool may_lack, char *to, size_t max)
{
	const json_t *value = json_object_get(doc, name);
	size_t len = json_string_length(value);

	if (value == NULL) {
		return may_lack;
	}
	if (!json_is_string(value) || len > max ||
	    strlen(json_string_value(value)) != len) {
		return false;
	}
	memcpy(to, json_string_value(value), len + 1);
	return true;
}

static bool take(const json_t *doc, struct audit *audit)
{
	const json_t *at = json_object_get(doc, "at_ms");
	char tip[2 * AUDIT_TIP_BYTES + 1] = "";
	size_t len = 0;

	if (json_integer_value(json_object_get(doc, "v")) != VERSION ||
	    !json_is_integer(at) || json_integer_value(at) < 0 ||
	    json_integer_value(at) > AT_MAX_MS ||
	    !what_of(json_string_value(json_object_get(doc, "what")),
		&audit->what) ||
	    !take_string(doc, "who", false, audit->who, AUDIT_NAME_BYTES) ||
	    !take_string(doc, "note", true, audit->note, AUDIT_NOTE_BYTES) ||
	    !take_string(doc, "tip", true, tip, sizeof(tip) - 1)) {
		return false;
	}
	audit->at_ms = (uint64_t)json_integer_value(at);
	audit->has_tip = tip[0] != '\0';
	return !audit->has_tip ||
	    (dec_hex(tip, strlen(tip), audit->tip, sizeof(audit->tip), &len) ==
		    TL_OK &&
		len == sizeof(audit->tip));
}

enum tl_err audit_read(struct bytes doc, struct audit *ret)
{
	struct audit audit = { .has_tip = false };
	json_t *json = NULL;
	enum tl_err err;

	if (doc.len == 0 || doc.len > AUDIT_DOC_BYTES) {
		return TL_EFORMAT;
	}
	err = json_memory_load(doc, JSON_REJECT_DUPLICATES, &json, NULL);
	if (err != TL_OK) {
		return err;
	}
	if (json_is_object(json) && take(json, &audit)) {
		*ret = audit;
	} else {
		err = TL_EFORMAT;
	}
	json_decref(json);
	return err;
}
