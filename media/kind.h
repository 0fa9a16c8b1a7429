/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media/kind.h - what a file is, by its first bytes.
 *
 * Promise:   looks at bytes only; a name or a declared type changes nothing.
 * Knows not: whether the rest is what the first bytes say; limits, fields.
 * Runs in:   workers of the intake, tests.
 * Disk:      none.
 */
#ifndef TL_MEDIA_KIND_H
#define TL_MEDIA_KIND_H

#include "base/bytes.h"

/* So many first bytes tell every kind. */
#define MEDIA_FIRST_BYTES 12u

/* A set of what a field of a form takes. */
enum media_group {
	MEDIA_SOUND = 1 << 0,
	MEDIA_PICTURE = 1 << 1,
	MEDIA_FILM = 1 << 2,
	MEDIA_DOCUMENT = 1 << 3,
	MEDIA_OTHER = 1 << 4, /* unknown bytes */
	MEDIA_ANY = (1 << 5) - 1,
};

/* name, media type, group. A 3GP or MP4 file may have pictures beside the
 * sound: recorders of phones write both. */
/* clang-format off */
#define MEDIA_KINDS(X) \
	X(UNKNOWN, "",                   MEDIA_OTHER) \
	X(AMR,     "audio/amr",          MEDIA_SOUND) \
	X(3GP,     "audio/3gpp",         MEDIA_SOUND | MEDIA_FILM) \
	X(MP4,     "audio/mp4",          MEDIA_SOUND | MEDIA_FILM) \
	X(OGG,     "audio/ogg",          MEDIA_SOUND) \
	X(MP3,     "audio/mpeg",         MEDIA_SOUND) \
	X(WAV,     "audio/wav",          MEDIA_SOUND) \
	X(JPEG,    "image/jpeg",         MEDIA_PICTURE) \
	X(PNG,     "image/png",          MEDIA_PICTURE) \
	X(GIF,     "image/gif",          MEDIA_PICTURE) \
	X(WEBP,    "image/webp",         MEDIA_PICTURE) \
	X(HEIC,    "image/heic",         MEDIA_PICTURE) \
	X(QUICKTIME, "video/quicktime",  MEDIA_FILM) \
	X(PDF,     "application/pdf",    MEDIA_DOCUMENT) \
	X(ZIP,     "application/zip",    MEDIA_DOCUMENT)
/* clang-format on */

#define MEDIA_ENUM(name, type, group) MEDIA_##name,
enum media_kind {
	MEDIA_KINDS(MEDIA_ENUM) MEDIA_KINDS_END,
};
#undef MEDIA_ENUM

/* first: MEDIA_FIRST_BYTES, or all of a shorter file. */
enum media_kind media_kind_of(struct bytes first);

/* "" for MEDIA_UNKNOWN. */
const char *media_type(enum media_kind kind);

/* The set of groups that it belongs to. */
unsigned media_groups(enum media_kind kind);

#endif
