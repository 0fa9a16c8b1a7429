/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/custom_reading.h"

#include "sms/when.h"
#include "sms/when_form.h"
#include "sms/words.h"

static const char *const field_names[CUSTOM_FIELDS + 1] = { "from", "to",
	"text", "id", "time", "udh", "coding", NULL };
static const char *const bodies[] = { "form", "json", "text", "multipart",
	NULL };
static const char *const texts[] = { "plain", "percent", "hex", "base64",
	NULL };
static const char *const times[] = { "none", "epoch", "epoch-ms", "date",
	NULL };
static const char *const charsets[] = {
	[ENC_UTF8] = "utf-8",
	[ENC_UTF16BE] = "utf-16be",
	[ENC_UTF16LE] = "utf-16le",
	[ENC_LATIN1] = "iso-8859-1",
	[ENC_GSM7] = "gsm7",
	[ENC_GSM7_PACKED] = "gsm7-packed",
	[ENC_BINARY] = "binary",
	NULL,
};

const char *custom_reading_fields(const char *words, struct sms_custom *custom)
{
	struct bytes rest = bytes_str(words);
	struct bytes piece, name, value;

	for (int i = CUSTOM_FROM; i <= CUSTOM_TIME; i++) {
		(void)words_copy(custom->fields[i], CUSTOM_NAME_BYTES,
		    bytes_str(field_names[i]));
	}
	while (words_next(&rest, &piece)) {
		int field = words_split(piece, '=', &name, &value)
		    ? words_find(field_names, name)
		    : -1;

		if (field < 0 ||
		    !words_copy(
			custom->fields[field], CUSTOM_NAME_BYTES, value)) {
			return "custom_fields is a list of from=, to=, text=,"
			       " id=, time=, udh= and coding= with the"
			       " gateway's names behind them";
		}
	}
	return NULL;
}

static bool read_coding(
    struct sms_custom *custom, struct bytes number, struct bytes charset)
{
	int found = words_find(charsets, charset);
	size_t n = custom->n_codings;

	if (found < 0 || n == CUSTOM_CODINGS_MAX ||
	    !words_copy(custom->codings[n].value,
		sizeof(custom->codings[n].value), number)) {
		return false;
	}
	custom->codings[n].charset = (enum sms_encoding)found;
	custom->n_codings++;
	return true;
}

/* One of the words, or a form, which has a percent sign. */
static bool read_time(struct sms_custom *custom, struct bytes value)
{
	int found = words_find(times, value);
	bool has_zone;

	if (found >= 0) {
		custom->time = (unsigned)found;
		return true;
	}
	custom->time = TIME_FORM;
	return words_copy(
		   custom->time_form, sizeof(custom->time_form), value) &&
	    when_form_ok(custom->time_form, &has_zone);
}

/* An offset is for a form that does not say it. */
static bool zone_fits(const struct sms_custom *custom)
{
	bool has_zone = false;

	return !custom->has_zone ||
	    (custom->time == TIME_FORM &&
		when_form_ok(custom->time_form, &has_zone) && !has_zone);
}

static bool read_one(
    struct sms_custom *custom, struct bytes name, struct bytes value)
{
	struct bytes kind, of;
	int found = -1;

	if (words_split(name, '.', &kind, &of)) {
		if (bytes_equal(kind, bytes_str("coding"))) {
			return read_coding(custom, of, value);
		}
		return bytes_equal(kind, bytes_str("probe")) &&
		    words_copy(custom->probe_name, CUSTOM_NAME_BYTES, of) &&
		    words_copy(custom->probe_value, CUSTOM_NAME_BYTES, value);
	}
	if (bytes_equal(name, bytes_str("body"))) {
		found = words_find(bodies, value);
		custom->body = found < 0 ? BODY_FORM : (unsigned)found;
	} else if (bytes_equal(name, bytes_str("text"))) {
		found = words_find(texts, value);
		custom->text = found < 0 ? TEXT_PLAIN : (unsigned)found;
	} else if (bytes_equal(name, bytes_str("time"))) {
		return read_time(custom, value);
	} else if (bytes_equal(name, bytes_str("zone"))) {
		custom->has_zone = true;
		return when_offset(value, &custom->zone_s) == TL_OK;
	} else if (bytes_equal(name, bytes_str("charset"))) {
		found = words_find(charsets, value);
		custom->charset = found < 0 ? ENC_UTF8 : (unsigned)found;
	}
	return found >= 0;
}

const char *custom_reading(const char *words, struct sms_custom *custom)
{
	struct bytes rest = bytes_str(words);
	struct bytes piece, name, value;
	bool has_text;

	while (words_next(&rest, &piece)) {
		if (!words_split(piece, '=', &name, &value) ||
		    !read_one(custom, name, value)) {
			return "custom_reading is a list of body=form|json|"
			       "text|multipart, text=plain|percent|hex|base64,"
			       " charset=CHARSET, coding.NUMBER=CHARSET,"
			       " time=none|epoch|epoch-ms|date|FORM,"
			       " zone=+hh:mm and probe.FIELD=VALUE; CHARSET is"
			       " utf-8, utf-16be, utf-16le, iso-8859-1, gsm7,"
			       " gsm7-packed or binary; FORM is of %Y %y %m %b"
			       " %d %H %I %p %M %S %f %F %T %z %t (a space) and"
			       " %%, year, month and day among them";
		}
	}
	if (!zone_fits(custom)) {
		return "custom_reading: zone=+hh:mm is for time=FORM without"
		       " %z";
	}
	has_text =
	    custom->body == BODY_TEXT || custom->fields[CUSTOM_TEXT][0] != '\0';
	return custom->fields[CUSTOM_FROM][0] != '\0' && has_text
	    ? NULL
	    : "custom_fields must name from and text; text may be left empty"
	      " with custom_reading = body=text";
}
