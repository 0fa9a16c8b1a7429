/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "media/kind.h"

#include <string.h>

#define KIND_ROW(name, type, group) [MEDIA_##name] = { type, group },
static const struct {
	const char *type;
	unsigned groups;
} kinds[MEDIA_KINDS_END] = { MEDIA_KINDS(KIND_ROW) };
#undef KIND_ROW

/* Bytes that stand at an offset. The first row that fits counts. */
struct mark {
	enum media_kind kind;
	size_t at;
	size_t len;
	const char *bytes;
	size_t more_at; /* 0, or where more has to stand */
	const char *more;
};

static const struct mark marks[] = {
	{ MEDIA_AMR, 0, 6, "#!AMR\n", 0, "" },
	{ MEDIA_AMR, 0, 9, "#!AMR-WB\n", 0, "" },
	{ MEDIA_OGG, 0, 4, "OggS", 0, "" },
	{ MEDIA_WAV, 0, 4, "RIFF", 8, "WAVE" },
	{ MEDIA_WEBP, 0, 4, "RIFF", 8, "WEBP" },
	{ MEDIA_MP3, 0, 3, "ID3", 0, "" },
	{ MEDIA_JPEG, 0, 3, "\xff\xd8\xff", 0, "" },
	{ MEDIA_PNG, 0, 8, "\x89PNG\r\n\x1a\n", 0, "" },
	{ MEDIA_GIF, 0, 5, "GIF87", 0, "" },
	{ MEDIA_GIF, 0, 5, "GIF89", 0, "" },
	{ MEDIA_3GP, 4, 4, "ftyp", 8, "3gp" },
	{ MEDIA_MP4, 4, 4, "ftyp", 8, "M4A " },
	{ MEDIA_MP4, 4, 4, "ftyp", 8, "mp4" },
	{ MEDIA_MP4, 4, 4, "ftyp", 8, "isom" },
	{ MEDIA_HEIC, 4, 4, "ftyp", 8, "hei" },
	{ MEDIA_HEIC, 4, 4, "ftyp", 8, "hev" },
	{ MEDIA_HEIC, 4, 4, "ftyp", 8, "mif1" },
	{ MEDIA_QUICKTIME, 4, 4, "ftyp", 8, "qt  " },
	{ MEDIA_PDF, 0, 5, "%PDF-", 0, "" },
	{ MEDIA_ZIP, 0, 4, "PK\x03\x04", 0, "" },
};

static bool stands_at(
    struct bytes first, size_t at, const char *bytes, size_t len)
{
	return first.len >= at + len && memcmp(first.at + at, bytes, len) == 0;
}

/* A frame of MPEG audio: eleven bits set, then version and layer, neither of
 * which is the reserved one. */
static bool is_mpeg_frame(struct bytes first)
{
	return first.len >= 2 && first.at[0] == 0xff &&
	    (first.at[1] & 0xe0) == 0xe0 && (first.at[1] & 0x18) != 0x08 &&
	    (first.at[1] & 0x06) != 0;
}

enum media_kind media_kind_of(struct bytes first)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const struct mark *mark = &marks[i];

		if (stands_at(first, mark->at, mark->bytes, mark->len) &&
		    stands_at(
			first, mark->more_at, mark->more, strlen(mark->more))) {
			return mark->kind;
		}
	}
	return is_mpeg_frame(first) ? MEDIA_MP3 : MEDIA_UNKNOWN;
}

const char *media_type(enum media_kind kind)
{
	return kinds[kind].type;
}

unsigned media_groups(enum media_kind kind)
{
	return kinds[kind].groups;
}
