/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/vault.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/secret.h"

#define CHUNK_BYTES VAULT_CHUNK_BYTES

struct chunk {
	struct chunk *next;
	size_t room, used;
	uint8_t bytes[];
};

struct vault {
	struct chunk *chunks; /* the newest first */
	size_t max_bytes, bytes;
};

struct vault *vault_new(size_t max_bytes)
{
	struct vault *vault = calloc(1, sizeof(*vault));

	if (vault != NULL) {
		vault->max_bytes = max_bytes;
	}
	return vault;
}

static struct chunk *add_chunk(struct vault *vault, size_t len)
{
	size_t room = len > CHUNK_BYTES / 4 ? len : CHUNK_BYTES;
	struct chunk *chunk = NULL;

	if (room <= vault->max_bytes &&
	    vault->bytes <= vault->max_bytes - room) {
		chunk = secret_alloc(sizeof(*chunk) + room);
	}
	if (chunk == NULL) {
		return NULL;
	}
	chunk->room = room;
	vault->bytes += room;
	if (room > CHUNK_BYTES / 4 && room != CHUNK_BYTES &&
	    vault->chunks != NULL) {
		/* full by itself: the one that is being filled stays first */
		chunk->next = vault->chunks->next;
		vault->chunks->next = chunk;
	} else {
		chunk->next = vault->chunks;
		vault->chunks = chunk;
	}
	return chunk;
}

struct bytes vault_keep(struct vault *vault, struct bytes bytes)
{
	static const uint8_t none[1];
	struct chunk *chunk = vault->chunks;
	uint8_t *to;

	if (bytes.len == 0) {
		return bytes_of(none, 0);
	}
	if (chunk == NULL || chunk->room - chunk->used < bytes.len) {
		chunk = add_chunk(vault, bytes.len);
	}
	if (chunk == NULL) {
		return bytes_of(NULL, 0);
	}
	to = chunk->bytes + chunk->used;
	memcpy(to, bytes.at, bytes.len);
	chunk->used += bytes.len;
	return bytes_of(to, bytes.len);
}

void vault_wipe(struct bytes kept)
{
	if (kept.len > 0) {
		wipe((void *)(uintptr_t)kept.at, kept.len);
	}
}

void vault_drop(struct vault *vault, struct bytes kept)
{
	struct chunk **at = &vault->chunks;
	struct chunk *chunk;

	while (*at != NULL && (*at)->bytes != kept.at) {
		at = &(*at)->next;
	}
	chunk = *at;
	if (chunk == NULL || kept.len == 0 || chunk->room != kept.len) {
		vault_wipe(kept);
		return;
	}
	*at = chunk->next;
	vault->bytes -= chunk->room;
	secret_free(chunk);
}

void vault_empty(struct vault *vault)
{
	while (vault->chunks != NULL) {
		struct chunk *chunk = vault->chunks;

		vault->chunks = chunk->next;
		secret_free(chunk);
	}
	vault->bytes = 0;
}

void vault_free(struct vault *vault)
{
	if (vault != NULL) {
		vault_empty(vault);
		free(vault);
	}
}

size_t vault_max_bytes(const struct vault *vault)
{
	return vault->max_bytes;
}

size_t vault_bytes(const struct vault *vault)
{
	return vault->bytes;
}
