/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "crypto/envelope.h"
#include "crypto/filehash.h"
#include "text/report_parts.h"

struct gathering {
	struct web *web;
	json_t *file; /* the report's words on it */
	size_t at;    /* of its pieces */
	size_t bytes; /* that have come */
	struct filehash *hash;
	const struct gather_fns *fns;
	void *arg;
};

bool gather_is_busy(const struct web *web)
{
	return web->giving >= GATHER_MAX;
}

static void end(
    struct gathering *gathering, const char *word, const char *sentence)
{
	struct gathering it = *gathering;

	it.web->giving--;
	filehash_free(it.hash);
	json_decref(it.file);
	free(gathering);
	it.fns->end(word, sentence, it.arg);
}

static bool has_its_hash(const struct gathering *gathering)
{
	uint8_t want[FILEHASH_BYTES], is[FILEHASH_BYTES];

	filehash_end(gathering->hash, is);
	return report_hex(gathering->file, "sha256", want, sizeof(want)) &&
	    memcmp(want, is, sizeof(is)) == 0;
}

static const json_t *ids_of(const json_t *file)
{
	return json_object_get(file, "ids");
}

/* NULL: it has not come. */
static const struct tip *piece_of(
    const struct web *web, const json_t *file, size_t at)
{
	const json_t *hex = json_array_get(ids_of(file), at);
	uint8_t id[TIP_ID_BYTES];
	size_t len = 0;

	if (json_string_length(hex) != 2 * sizeof(id) ||
	    dec_hex(json_string_value(hex), 2 * sizeof(id), id, sizeof(id),
		&len) != TL_OK) {
		return NULL;
	}
	return tips_find(web->tips, id);
}

bool gather_has_all(const struct web *web, const json_t *file)
{
	size_t n = json_array_size(ids_of(file));

	for (size_t i = 0; i < n; i++) {
		if (piece_of(web, file, i) == NULL) {
			return false;
		}
	}
	return n > 0;
}

static void next_piece(struct gathering *gathering);

static void piece_opened(const struct web_opened *opened, void *arg)
{
	struct gathering *gathering = arg;

	if (opened->result != ENVELOPE_FINE) {
		end(gathering, "sealed", "A piece of it cannot be opened.");
		return;
	}
	gathering->bytes += opened->raw.len;
	if (gathering->bytes > GATHER_BYTES ||
	    !gathering->fns->piece(opened->raw, gathering->arg)) {
		end(gathering, "toobig", "It is too long for this desk.");
		return;
	}
	filehash_add(gathering->hash, opened->raw);
	gathering->at++;
	next_piece(gathering);
}

static void next_piece(struct gathering *gathering)
{
	const struct tip *piece;

	if (gathering->at > 0 &&
	    gathering->at == json_array_size(ids_of(gathering->file))) {
		if (has_its_hash(gathering)) {
			end(gathering, NULL, NULL);
		} else {
			end(gathering, "damaged",
			    "This file is not the one that was sent.");
		}
		return;
	}
	piece = piece_of(gathering->web, gathering->file, gathering->at);
	if (piece == NULL) {
		end(gathering, "missing", "A piece of it has not come.");
		return;
	}
	web_open_record(gathering->web, piece->number, piece_opened, gathering);
}

void gather(
    struct web *web, json_t *file, const struct gather_fns *fns, void *arg)
{
	struct gathering *gathering = calloc(1, sizeof(*gathering));

	if (gathering == NULL || filehash_new(&gathering->hash) != TL_OK) {
		free(gathering);
		fns->end("memory", "The desk has no memory left.", arg);
		return;
	}
	gathering->web = web;
	gathering->file = json_incref(file);
	gathering->fns = fns;
	gathering->arg = arg;
	web->giving++;
	next_piece(gathering);
}
