/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "media/strip.h"

#include <string.h>

#include "base/rd.h"

/*
 * All formats are a row of parts with a small head that says how long the
 * part is and what; JPEG has the scan beside that, which has no length.
 */
enum state {
	HEAD, /* gathering head_want bytes that decide */
	PART, /* left bytes of a part that stays or goes */
	SCAN, /* compressed pixels up to a marker (JPEG) */
	END,  /* what follows the picture goes */
	BAD,
};

static void want_head(struct media_strip *s, size_t len)
{
	s->state = HEAD;
	s->head_len = 0;
	s->head_want = (uint8_t)len;
}

static void begin_part(struct media_strip *s, uint32_t len, bool keeps)
{
	s->state = PART;
	s->left = len;
	s->keeps = keeps;
}

/* ---- JPEG (ITU T.81, annex B) -------------------------------------------- */

#define JPEG_MARKER_BYTES 2u
#define JPEG_LENGTH_END   4u /* of marker and length */
#define JPEG_NAME_BYTES   12u

enum {
	JPEG_RST0 = 0xd0,
	JPEG_RST7 = 0xd7,
	JPEG_SOI = 0xd8,
	JPEG_EOI = 0xd9,
	JPEG_SOS = 0xda,
	JPEG_APP0 = 0xe0,
	JPEG_APP2 = 0xe2,
	JPEG_APP14 = 0xee,
	JPEG_APP15 = 0xef,
	JPEG_COM = 0xfe,
};

static bool is_restart(uint8_t code)
{
	return code >= JPEG_RST0 && code <= JPEG_RST7;
}

static bool name_is(const struct media_strip *s, const char *name, size_t len)
{
	return s->head_len >= JPEG_LENGTH_END + len &&
	    memcmp(s->head + JPEG_LENGTH_END, name, len) == 0;
}

/* Of the segments for applications those stay without which the colours are
 * others: the plain JFIF head (one with a preview is longer), the colour
 * profile, Adobe's transform. */
static bool jpeg_keeps(const struct media_strip *s, uint32_t length)
{
	uint8_t code = s->head[1];

	if (code == JPEG_APP0) {
		return name_is(s, "JFIF", 5) && length == 16;
	}
	if (code == JPEG_APP2) {
		return name_is(s, "ICC_PROFILE", 12);
	}
	if (code == JPEG_APP14) {
		return name_is(s, "Adobe", 5);
	}
	return code != JPEG_COM && (code < JPEG_APP0 || code > JPEG_APP15);
}

/* A segment's marker, length and name are there. True: they stay. */
static bool jpeg_segment(struct media_strip *s)
{
	uint32_t length = (uint32_t)s->head[2] << 8 | s->head[3];
	uint32_t named = s->head_len - JPEG_LENGTH_END;

	begin_part(s, length - 2 - named, jpeg_keeps(s, length));
	return s->keeps;
}

/* A marker with its length: how much of the name is there to be read? */
static bool jpeg_length(struct media_strip *s)
{
	uint32_t length = (uint32_t)s->head[2] << 8 | s->head[3];
	uint32_t name = length - 2;

	if (length < 2) {
		s->state = BAD;
		return false;
	}
	name = name < JPEG_NAME_BYTES ? name : JPEG_NAME_BYTES;
	s->head_want = (uint8_t)(JPEG_LENGTH_END + name);
	return name == 0 && jpeg_segment(s);
}

/* Two bytes that ought to be a marker, or 0xff and what comes behind it
 * between pixels. True: they stay as they are. */
static bool jpeg_marker(struct media_strip *s)
{
	uint8_t code = s->head[1];

	if (s->in_scan && (code == 0 || is_restart(code))) {
		s->state = SCAN;
		return true;
	}
	if (s->head[0] != 0xff || code == 0) {
		s->state = BAD;
		return false;
	}
	if (code == 0xff) { /* one may be filled up with more of them */
		s->head_len = 1;
		return false;
	}
	s->in_scan = false;
	if (code == JPEG_EOI) {
		s->state = END;
		return true;
	}
	if (code == JPEG_SOI || is_restart(code)) {
		want_head(s, JPEG_MARKER_BYTES);
		return true;
	}
	s->head_want = JPEG_LENGTH_END;
	return false;
}

static bool jpeg_head(struct media_strip *s)
{
	if (s->head_len == JPEG_MARKER_BYTES) {
		return jpeg_marker(s);
	}
	return s->head_len == JPEG_LENGTH_END ? jpeg_length(s)
					      : jpeg_segment(s);
}

static void jpeg_part_end(struct media_strip *s)
{
	if (s->head[1] == JPEG_SOS) {
		s->state = SCAN;
		s->in_scan = true;
	} else {
		want_head(s, JPEG_MARKER_BYTES);
	}
}

/* ---- PNG (ISO/IEC 15948) ------------------------------------------------- */

#define PNG_HEAD_BYTES 8u
#define PNG_CRC_BYTES  4u
#define PNG_CHUNK_MAX  0x7fffffffu

static const char png_signature[] = "\x89PNG\r\n\x1a\n";

/* What a decoder needs for the pixels as they are meant to be seen, films
 * made of them included. */
static const char png_kept[][5] = { "IHDR", "PLTE", "IDAT", "IEND", "tRNS",
	"gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "pHYs", "acTL",
	"fcTL", "fdAT" };

static bool png_keeps(const uint8_t type[static 4])
{
	for (size_t i = 0; i < sizeof(png_kept) / sizeof(png_kept[0]); i++) {
		if (memcmp(type, png_kept[i], 4) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_letter(uint8_t byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool png_head(struct media_strip *s)
{
	struct rd rd = rd_of(s->head, sizeof(s->head));
	uint32_t length = rd_u32(&rd);

	if (memcmp(s->head, png_signature, PNG_HEAD_BYTES) == 0) {
		want_head(s, PNG_HEAD_BYTES);
		return true;
	}
	for (size_t i = 4; i < PNG_HEAD_BYTES; i++) {
		if (!is_letter(s->head[i])) {
			s->state = BAD;
			return false;
		}
	}
	if (length > PNG_CHUNK_MAX) {
		s->state = BAD;
		return false;
	}
	begin_part(s, length + PNG_CRC_BYTES, png_keeps(s->head + 4));
	return s->keeps;
}

static void png_part_end(struct media_strip *s)
{
	if (memcmp(s->head + 4, "IEND", 4) == 0) {
		s->state = END;
	} else {
		want_head(s, PNG_HEAD_BYTES);
	}
}

/* ---- WebP (RFC 9649) ----------------------------------------------------- */

#define WEBP_HEAD_BYTES  12u
#define WEBP_CHUNK_BYTES 8u
#define WEBP_FLAGS_END   9u    /* of VP8X: its head and the flags */
#define WEBP_FRAME_BYTES 16u   /* of ANMF, before the chunks in it */
#define WEBP_METADATA    0x0cu /* flags: there is EXIF, there is XMP */

static const char webp_kept[][5] = { "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM",
	"ANMF", "ICCP" };

static uint32_t u32_le(const uint8_t *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[1] << 8 | at[0];
}

static bool webp_is(const struct media_strip *s, const char *type)
{
	return memcmp(s->head, type, 4) == 0;
}

static bool webp_keeps(const struct media_strip *s)
{
	for (size_t i = 0; i < sizeof(webp_kept) / sizeof(webp_kept[0]); i++) {
		if (webp_is(s, webp_kept[i])) {
			return true;
		}
	}
	return false;
}

static void webp_next(struct media_strip *s)
{
	if (s->room == 0) {
		s->state = END;
	} else {
		want_head(s, WEBP_CHUNK_BYTES);
	}
}

/* A chunk's head is there, of VP8X with its flags. What is in a frame of a
 * film are chunks again. */
static bool webp_chunk(struct media_strip *s)
{
	uint32_t size = u32_le(s->head + 4);
	uint32_t begun = s->head_len - WEBP_CHUNK_BYTES;

	if (begun == 0) {
		s->room -=
		    s->room < WEBP_CHUNK_BYTES ? s->room : WEBP_CHUNK_BYTES;
	}
	if (size > s->room || (webp_is(s, "VP8X") && size == 0) ||
	    (webp_is(s, "ANMF") && size < WEBP_FRAME_BYTES)) {
		s->state = BAD;
		return false;
	}
	if (webp_is(s, "VP8X") && begun == 0) {
		s->head_want = WEBP_FLAGS_END;
		return false;
	}
	if (webp_is(s, "VP8X")) {
		s->head[WEBP_CHUNK_BYTES] &= (uint8_t)~WEBP_METADATA;
	}
	size = webp_is(s, "ANMF") ? WEBP_FRAME_BYTES : size;
	size += (size & 1u) != 0 && size < s->room; /* filled up to even */
	s->room -= size;
	s->blanks = !webp_keeps(s);
	if (s->blanks) {
		memcpy(s->head, "JUNK", 4);
	}
	begin_part(s, size - begun, true);
	return true;
}

static bool webp_head(struct media_strip *s)
{
	if (s->head_want != WEBP_HEAD_BYTES) {
		return webp_chunk(s);
	}
	s->room = u32_le(s->head + 4);
	if (s->room < 4 + WEBP_CHUNK_BYTES) {
		s->state = BAD;
		return false;
	}
	s->room -= 4; /* of "WEBP" */
	webp_next(s);
	return true;
}

/* ---- all ---------------------------------------------------------------- */

/* head: judge what was gathered; true: it stays. part_end: a part is over. */
static const struct format {
	size_t first_bytes;
	bool (*head)(struct media_strip *);
	void (*part_end)(struct media_strip *);
} formats[MEDIA_KINDS_END] = {
	[MEDIA_JPEG] = { JPEG_MARKER_BYTES, jpeg_head, jpeg_part_end },
	[MEDIA_PNG] = { PNG_HEAD_BYTES, png_head, png_part_end },
	[MEDIA_WEBP] = { WEBP_HEAD_BYTES, webp_head, webp_next },
};

bool media_strip_knows(enum media_kind kind)
{
	return formats[kind].head != NULL;
}

void media_strip_init(struct media_strip *s, enum media_kind kind)
{
	*s = (struct media_strip){ .kind = kind };
	want_head(s, formats[kind].first_bytes);
}

bool media_strip_is_whole(const struct media_strip *s)
{
	return s->state == END;
}

/* One byte of a head. True: *ret_piece stays. */
static bool in_head(
    struct media_strip *s, uint8_t byte, struct bytes *ret_piece)
{
	s->head[s->head_len++] = byte;
	if (s->head_len < s->head_want) {
		return false;
	}
	*ret_piece = bytes_of(s->head, s->head_len);
	return formats[s->kind].head(s);
}

static bool in_part(struct media_strip *s, const uint8_t *bytes, size_t len,
    size_t *ret_used, struct bytes *ret_piece)
{
	static const uint8_t zeros[256];
	size_t used = len < s->left ? len : s->left;

	if (s->blanks && used > sizeof(zeros)) {
		used = sizeof(zeros);
	}
	*ret_used += used;
	*ret_piece = bytes_of(s->blanks ? zeros : bytes, used);
	s->left -= (uint32_t)used;
	return s->keeps;
}

/* Pixels up to the next 0xff, which may be a marker's. */
static bool in_scan(struct media_strip *s, const uint8_t *bytes, size_t len,
    size_t *ret_used, struct bytes *ret_piece)
{
	const uint8_t *ff = memchr(bytes, 0xff, len);
	size_t used = ff == NULL ? len : (size_t)(ff - bytes);

	*ret_used += used;
	*ret_piece = bytes_of(bytes, used);
	if (used == 0) {
		*ret_used += 1;
		want_head(s, JPEG_MARKER_BYTES);
		s->head[s->head_len++] = 0xff;
	}
	return used > 0;
}

enum media_strip_event media_strip_feed(struct media_strip *s,
    const void *bytes, size_t len, size_t *ret_used, struct bytes *ret_piece)
{
	const uint8_t *at = bytes;
	size_t used = 0;
	bool keeps = false;

	while (!keeps && s->state != BAD && used < len) {
		if (s->state == HEAD) {
			keeps = in_head(s, at[used++], ret_piece);
		} else if (s->state == PART) {
			keeps =
			    in_part(s, at + used, len - used, &used, ret_piece);
		} else if (s->state == SCAN) {
			keeps =
			    in_scan(s, at + used, len - used, &used, ret_piece);
		} else {
			used = len;
		}
		if (s->state == PART && s->left == 0) {
			formats[s->kind].part_end(s);
		}
	}
	*ret_used = used;
	if (!keeps) {
		*ret_piece = bytes_of(NULL, 0);
	}
	return keeps          ? MEDIA_STRIP_KEEP
	    : s->state == BAD ? MEDIA_STRIP_BAD
			      : MEDIA_STRIP_MORE;
}
