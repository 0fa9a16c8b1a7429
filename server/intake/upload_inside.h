/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/upload_inside.h - the inside of struct upload, for upload*.c
 * only: upload.c has the way of it, upload_parts.c what its parts are.
 */
#ifndef TL_INTAKE_UPLOAD_INSIDE_H
#define TL_INTAKE_UPLOAD_INSIDE_H

#include "server/intake/tip_form.h"
#include "server/intake/upload.h"
#include "server/intake/worker.h"
#include "server/net/multipart.h"

/* Plaintext: wiped by upload_free(). */
struct upload {
	struct worker *worker;
	net_token conn;
	const struct net_route *route;
	enum net_door door;
	uint16_t bucket;
	struct buf type; /* the value of Content-Type */
	struct bytes boundary;
	struct multipart parser;
	struct buf text; /* a body again: the text parts alone */
	struct buf rest; /* read, and not parsed yet from rest_at on */
	size_t rest_at;
	size_t part_at;    /* in text: of the part that comes, */
	size_t value_at;   /* and of its value */
	bool in_text;      /* a text part is coming */
	bool has_files;    /* a part with a file has begun */
	bool has_words;    /* the story is there, and is whole */
	bool has_idem;     /* so is the key of a form that may be sent twice */
	uint64_t files_ms; /* when the first file began */
	bool is_bad;       /* the body is not what it says */
	bool keeps_as_is;
	bool asking;    /* a piece is with the spool */
	bool is_paused; /* the engine waits for net_more() */
	bool has_ended;
	enum net_end how;
	uint8_t idem[FORM_IDEM_BYTES];
	uint8_t piece_id[REPORT_ID_BYTES]; /* of the piece that is asked for */
	uint64_t left_bytes;               /* for all files together */
	struct upload_file *coming;        /* in files, or NULL */
	struct upload_files *files;
};

/* One step of what was read: some bytes of rest, which is not empty. */
void upload_parse(struct upload *upload);

/* Append a boundary of the body's own, and what stands behind it. */
void upload_put_delimiter(
    const struct upload *upload, const char *behind, struct buf *out);

#endif
