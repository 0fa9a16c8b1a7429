/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/multipart.h"

#include <string.h>

#include "base/wipe.h"
#include "server/net/http_byte.h"
#include "server/net/http_field.h"

enum state {
	DELIMITER, /* the first one, without the CRLF before it */
	AFTER,     /* the byte behind a delimiter */
	AFTER_LF,
	AFTER_DASH,
	LINE, /* of a part's head */
	LINE_LF,
	DATA,
	CLOSED, /* complete, with or without a last CRLF */
	CLOSED_LF,
	CLOSED_END,
	/* nothing is taken any more */
	BAD,
};

enum seen { SEEN_DISPOSITION = 1, SEEN_TYPE = 2, SEEN_FILENAME = 4 };

/* ---- the value of Content-Type ------------------------------------------- */

static struct bytes rest(struct bytes text, size_t from)
{
	/* text may be nowhere, and nowhere has no place behind it */
	return from == 0 ? text : bytes_of(text.at + from, text.len - from);
}

static struct bytes without_blanks(struct bytes text)
{
	while (text.len > 0 && http_byte_is_blank(text.at[0])) {
		text = rest(text, 1);
	}
	return text;
}

/* Take word (lower case) off the beginning of *text. */
static bool take_word(struct bytes *text, const char *word)
{
	size_t len = strlen(word);

	if (text->len < len || !http_word_is(bytes_of(text->at, len), word)) {
		return false;
	}
	*text = rest(*text, len);
	return true;
}

/* ";" blanks name, as it stands before a parameter's value. */
static bool take_param(struct bytes *text, const char *name)
{
	struct bytes at = *text;

	if (!take_word(&at, ";")) {
		return false;
	}
	at = without_blanks(at);
	if (!take_word(&at, name)) {
		return false;
	}
	*text = at;
	return true;
}

static struct bytes media_type(struct bytes value)
{
	size_t len = 0;

	while (len < value.len && value.at[len] != ';' &&
	    !http_byte_is_blank(value.at[len])) {
		len++;
	}
	return bytes_of(value.at, len);
}

bool content_type_is(struct bytes value, const char *type)
{
	struct bytes found = media_type(value);
	struct bytes behind = without_blanks(rest(value, found.len));

	return http_word_is(found, type) &&
	    (behind.len == 0 || behind.at[0] == ';');
}

/* RFC 2046 bchars without the space; those that are no token are quoted. */
static bool boundary_ok(struct bytes boundary, bool quoted)
{
	static const char extra[] = "'()+_,-./:=?";

	if (boundary.len == 0 || boundary.len > MULTIPART_BOUNDARY_MAX) {
		return false;
	}
	for (size_t i = 0; i < boundary.len; i++) {
		uint8_t byte = boundary.at[i];
		bool allowed = http_byte_is(byte, HTTP_BYTE_HOST) ||
		    memchr(extra, byte, sizeof(extra) - 1) != NULL;

		if (!allowed ||
		    (!quoted && !http_byte_is(byte, HTTP_BYTE_TOKEN))) {
			return false;
		}
	}
	return true;
}

enum tl_err multipart_boundary(
    struct bytes content_type, struct bytes *ret_boundary)
{
	struct bytes at = content_type;
	bool quoted;

	if (!content_type_is(content_type, "multipart/form-data")) {
		return TL_ENOENT;
	}
	at = without_blanks(rest(at, strlen("multipart/form-data")));
	if (!take_param(&at, "boundary=")) {
		return TL_EFORMAT;
	}
	quoted = at.len >= 2 && at.at[0] == '"' && at.at[at.len - 1] == '"';
	if (quoted) {
		at = bytes_of(at.at + 1, at.len - 2);
	}
	if (!boundary_ok(at, quoted)) {
		return TL_EFORMAT;
	}
	*ret_boundary = at;
	return TL_OK;
}

/* ---- the head of a part -------------------------------------------------- */

/* "..." up to the next quote; browsers escape a quote inside as %22. */
static bool take_quoted(struct bytes *text, struct bytes *ret_value)
{
	const uint8_t *end;

	if (!take_word(text, "\"")) {
		return false;
	}
	end = memchr(text->at, '"', text->len);
	if (end == NULL) {
		return false;
	}
	*ret_value = bytes_of(text->at, (size_t)(end - text->at));
	*text = rest(*text, ret_value->len + 1);
	return true;
}

static uint16_t place(const struct multipart *m, struct bytes value)
{
	return (uint16_t)(value.at - m->head);
}

static bool read_disposition(struct multipart *m, struct bytes value)
{
	struct bytes name;
	struct bytes filename;

	if (!take_word(&value, "form-data") || !take_param(&value, "name=") ||
	    !take_quoted(&value, &name)) {
		return false;
	}
	m->name_at = place(m, name);
	m->name_len = (uint16_t)name.len;
	if (take_param(&value, "filename=")) {
		if (!take_quoted(&value, &filename) ||
		    filename.len > MULTIPART_FILENAME_MAX) {
			return false;
		}
		m->filename_at = place(m, filename);
		m->filename_len = (uint16_t)filename.len;
		m->seen |= SEEN_FILENAME;
	}
	return value.len == 0;
}

static bool read_type(struct multipart *m, struct bytes value)
{
	m->type_at = place(m, value);
	m->type_len = (uint16_t)value.len;
	return !take_word(&value, "multipart/");
}

static bool read_line(struct multipart *m, struct bytes line)
{
	static const struct {
		const char *name;
		enum seen seen;
		bool (*read)(struct multipart *, struct bytes);
	} fields[] = {
		{ "content-disposition:", SEEN_DISPOSITION, read_disposition },
		{ "content-type:", SEEN_TYPE, read_type },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (take_word(&line, fields[i].name)) {
			if ((m->seen & fields[i].seen) != 0) {
				return false;
			}
			m->seen |= (uint8_t)fields[i].seen;
			return fields[i].read(m, without_blanks(line));
		}
	}
	return false;
}

/* A line of a part's head has ended; the empty one ends the head. */
static enum state end_line(struct multipart *m)
{
	struct bytes line =
	    bytes_of(m->head + m->line_at, (size_t)m->head_len - m->line_at);

	m->line_at = m->head_len;
	if (line.len == 0) {
		return (m->seen & SEEN_DISPOSITION) != 0 ? DATA : BAD;
	}
	return read_line(m, line) ? LINE : BAD;
}

static enum state begin_part(struct multipart *m)
{
	if (m->parts == MULTIPART_PARTS_MAX) {
		return BAD;
	}
	m->parts++;
	m->seen = 0;
	m->head_len = 0;
	m->line_at = 0;
	return LINE;
}

/* ---- between the data ---------------------------------------------------- */

static enum state in_line(struct multipart *m, uint8_t byte)
{
	if (byte == '\r') {
		return LINE_LF;
	}
	if (byte == '\n' || byte == '\0' || m->head_len == sizeof(m->head)) {
		return BAD;
	}
	m->head[m->head_len++] = byte;
	return LINE;
}

static enum state in_delimiter(struct multipart *m, uint8_t byte)
{
	if (byte != m->delimiter[m->matched]) {
		return BAD;
	}
	m->matched++;
	return m->matched == m->delimiter_len ? AFTER : DELIMITER;
}

static enum state in_after(struct multipart *m, uint8_t byte)
{
	m->matched = 0;
	if (byte == '\r') {
		return AFTER_LF;
	}
	/* a form without any part is no form */
	return byte == '-' && m->parts > 0 ? AFTER_DASH : BAD;
}

static enum state in_after_lf(struct multipart *m, uint8_t byte)
{
	return byte == '\n' ? begin_part(m) : BAD;
}

static enum state in_after_dash(struct multipart *m, uint8_t byte)
{
	m->is_closed = byte == '-';
	return m->is_closed ? CLOSED : BAD;
}

static enum state in_line_lf(struct multipart *m, uint8_t byte)
{
	return byte == '\n' ? end_line(m) : BAD;
}

static enum state in_closed(struct multipart *m, uint8_t byte)
{
	(void)m;
	return byte == '\r' ? CLOSED_LF : BAD;
}

static enum state in_closed_lf(struct multipart *m, uint8_t byte)
{
	(void)m;
	return byte == '\n' ? CLOSED_END : BAD;
}

static enum state in_closed_end(struct multipart *m, uint8_t byte)
{
	(void)m;
	(void)byte;
	return BAD;
}

/* One byte in each state but DATA. */
static enum state (*const steps[])(struct multipart *, uint8_t) = {
	[DELIMITER] = in_delimiter,
	[AFTER] = in_after,
	[AFTER_LF] = in_after_lf,
	[AFTER_DASH] = in_after_dash,
	[LINE] = in_line,
	[LINE_LF] = in_line_lf,
	[CLOSED] = in_closed,
	[CLOSED_LF] = in_closed_lf,
	[CLOSED_END] = in_closed_end,
};

/* ---- the data ------------------------------------------------------------ */

/*
 * The only CR of the delimiter is its first byte, so a match that fails has
 * no shorter match in its tail: what was kept back is data, and the byte
 * that broke it is looked at anew.
 */
static enum multipart_event in_data(struct multipart *m, const uint8_t *bytes,
    size_t len, size_t *ret_used, struct bytes *ret_piece)
{
	size_t used = 0;

	if (m->matched == 0) {
		const uint8_t *cr = memchr(bytes, '\r', len);

		used = cr == NULL ? len : (size_t)(cr - bytes);
		*ret_used = used;
		if (used > 0) {
			*ret_piece = bytes_of(bytes, used);
			return MULTIPART_DATA;
		}
	}
	while (used < len && m->matched < m->delimiter_len &&
	    bytes[used] == m->delimiter[m->matched]) {
		m->matched++;
		used++;
	}
	*ret_used = used;
	if (m->matched == m->delimiter_len) {
		m->state = AFTER;
		return MULTIPART_END;
	}
	if (used == len) {
		return MULTIPART_MORE;
	}
	*ret_piece = bytes_of(m->delimiter, m->matched);
	m->matched = 0;
	return MULTIPART_DATA;
}

void multipart_init(struct multipart *m, struct bytes boundary)
{
	*m = (struct multipart){
		.state = DELIMITER,
		.delimiter = "\r\n--",
		.delimiter_len = (uint8_t)(4 + boundary.len),
		.matched = 2,
	};
	memcpy(m->delimiter + 4, boundary.at, boundary.len);
}

enum multipart_event multipart_feed(struct multipart *m, const void *bytes,
    size_t len, size_t *ret_used, struct bytes *ret_piece)
{
	const uint8_t *at = bytes;
	size_t used = 0;

	*ret_used = 0;
	*ret_piece = bytes_of(NULL, 0);
	if (len > 0 && m->state == DATA) {
		return in_data(m, at, len, ret_used, ret_piece);
	}
	while (used < len && m->state != BAD) {
		m->state = (uint8_t)steps[m->state](m, at[used++]);
		*ret_used = used;
		if (m->state == DATA) {
			return MULTIPART_PART;
		}
	}
	return m->state == BAD ? MULTIPART_BAD : MULTIPART_MORE;
}

enum tl_err multipart_finish(const struct multipart *m)
{
	return m->state == CLOSED || m->state == CLOSED_END ? TL_OK
							    : TL_EFORMAT;
}

bool multipart_is_closed(const struct multipart *m)
{
	return m->is_closed;
}

struct bytes multipart_name(const struct multipart *m)
{
	return bytes_of(m->head + m->name_at, m->name_len);
}

struct bytes multipart_filename(const struct multipart *m)
{
	if ((m->seen & SEEN_FILENAME) == 0) {
		return bytes_of(NULL, 0);
	}
	return bytes_of(m->head + m->filename_at, m->filename_len);
}

struct bytes multipart_type(const struct multipart *m)
{
	if ((m->seen & SEEN_TYPE) == 0) {
		return bytes_of(NULL, 0);
	}
	return bytes_of(m->head + m->type_at, m->type_len);
}

void multipart_wipe(struct multipart *m)
{
	wipe(m, sizeof(*m));
}
