/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/json_write.h"

#include "base/enc.h"

/* A comma where one is due, and the key. */
static void begin(struct json_writer *w, const char *key)
{
	if (w->behind) {
		buf_put_u8(w->out, ',');
	}
	if (key != NULL) {
		buf_put_u8(w->out, '"');
		buf_put_str(w->out, key);
		buf_put(w->out, "\":", 2);
	}
	w->behind = true;
}

static void open_with(struct json_writer *w, const char *key, char bracket)
{
	begin(w, key);
	buf_put_u8(w->out, (uint8_t)bracket);
	w->behind = false;
}

static void close_with(struct json_writer *w, char bracket)
{
	buf_put_u8(w->out, (uint8_t)bracket);
	w->behind = true;
}

void json_open_object(struct json_writer *w, const char *key)
{
	open_with(w, key, '{');
}

void json_close_object(struct json_writer *w)
{
	close_with(w, '}');
}

void json_open_array(struct json_writer *w, const char *key)
{
	open_with(w, key, '[');
}

void json_close_array(struct json_writer *w)
{
	close_with(w, ']');
}

void json_put_int(struct json_writer *w, const char *key, int64_t value)
{
	begin(w, key);
	if (value < 0) {
		buf_put_u8(w->out, '-');
	}
	/* not -value: the least one has no positive */
	buf_put_dec(w->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
	begin(w, key);
	buf_put_str(w->out, value ? "true" : "false");
}

/* RFC 8259 section 7: these must be escaped, and nothing else is. */
static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

static void put_escaped(struct buf *out, uint8_t c)
{
	static const char short_ones[0x20] = {
		['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
	};

	buf_put_u8(out, '\\');
	if (c >= 0x20) {
		buf_put_u8(out, c);
	} else if (short_ones[c] != '\0') {
		buf_put_u8(out, (uint8_t)short_ones[c]);
	} else {
		buf_put_str(out, "u00");
		enc_hex(out, &c, 1);
	}
}

void json_put_string(struct json_writer *w, const char *key, struct bytes text)
{
	size_t at = 0;

	begin(w, key);
	buf_put_u8(w->out, '"');
	while (at < text.len) {
		size_t end = at;

		while (end < text.len && is_plain(text.at[end])) {
			end++;
		}
		buf_put(w->out, text.at + at, end - at);
		if (end < text.len) {
			put_escaped(w->out, text.at[end++]);
		}
		at = end;
	}
	buf_put_u8(w->out, '"');
}

void json_put_b64(struct json_writer *w, const char *key, struct bytes bytes)
{
	begin(w, key);
	buf_put_u8(w->out, '"');
	enc_b64(w->out, B64_STD, bytes.at, bytes.len);
	buf_put_u8(w->out, '"');
}

void json_put_hex(struct json_writer *w, const char *key, struct bytes bytes)
{
	begin(w, key);
	buf_put_u8(w->out, '"');
	enc_hex(w->out, bytes.at, bytes.len);
	buf_put_u8(w->out, '"');
}
