/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A ring in the order of giving, so that the oldest is always the next to go,
 * with chains through it by the first bytes of the key.
 */
#include "server/intake/code_memory.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

#define BUCKETS 4096u
#define NOBODY  UINT16_MAX
/* The longest hash. */
#define PAD_BYTES 64u

struct entry {
	uint8_t key[CODE_MEMORY_FIND_BYTES];
	struct code code; /* masked */
	bool kept;
	uint16_t next; /* in its bucket */
	uint64_t over_ms;
};

struct code_memory {
	size_t room, first, n;
	uint64_t life_ms;
	uint16_t buckets[BUCKETS];
	struct entry entries[];
};

struct code_memory *code_memory_new(size_t room, uint64_t life_ms)
{
	struct code_memory *memory;

	assert(room > 0 && room <= NOBODY);
	memory =
	    secret_alloc(sizeof(*memory) + room * sizeof(memory->entries[0]));
	if (memory != NULL) {
		memory->room = room;
		memory->life_ms = life_ms;
		memset(memory->buckets, 0xFF, sizeof(memory->buckets));
	}
	return memory;
}

/* Mask a code, or take the mask off. */
static void mask(
    const uint8_t key[static CODE_MEMORY_KEY_BYTES], struct code *code)
{
	uint8_t pad[2][PAD_BYTES];
	uint8_t *bytes = (uint8_t *)code;

	static_assert(sizeof(*code) <= sizeof(pad), "the pad is too short");
	for (uint8_t i = 0; i < 2; i++) {
		hash_keyed(pad[i], PAD_BYTES, key + CODE_MEMORY_FIND_BYTES, &i,
		    sizeof(i));
	}
	for (size_t i = 0; i < sizeof(*code); i++) {
		bytes[i] ^= pad[i / PAD_BYTES][i % PAD_BYTES];
	}
	wipe(pad, sizeof(pad));
}

static size_t bucket_of(const uint8_t *key)
{
	return ((size_t)key[0] << 8 | key[1]) % BUCKETS;
}

static uint16_t find(const struct code_memory *memory, const uint8_t *key)
{
	uint16_t at = memory->buckets[bucket_of(key)];

	while (at != NOBODY &&
	    memcmp(memory->entries[at].key, key, CODE_MEMORY_FIND_BYTES) != 0) {
		at = memory->entries[at].next;
	}
	return at;
}

static void forget_oldest(struct code_memory *memory)
{
	struct entry *entry = &memory->entries[memory->first];
	uint16_t *link = &memory->buckets[bucket_of(entry->key)];

	while (*link != memory->first) {
		link = &memory->entries[*link].next;
	}
	*link = entry->next;
	wipe(entry, sizeof(*entry));
	memory->first = (memory->first + 1) % memory->room;
	memory->n--;
}

bool code_memory_find(const struct code_memory *memory,
    const uint8_t key[static CODE_MEMORY_KEY_BYTES], struct code *ret,
    bool *ret_kept)
{
	uint16_t at = find(memory, key);

	if (at == NOBODY) {
		return false;
	}
	*ret = memory->entries[at].code;
	mask(key, ret);
	*ret_kept = memory->entries[at].kept;
	return true;
}

void code_memory_add(struct code_memory *memory,
    const uint8_t key[static CODE_MEMORY_KEY_BYTES], const struct code *code,
    uint64_t now_ms)
{
	uint16_t *bucket = &memory->buckets[bucket_of(key)];
	struct entry *entry;
	size_t at;

	if (memory->n == memory->room) {
		forget_oldest(memory);
	}
	at = (memory->first + memory->n) % memory->room;
	memory->n++;
	entry = &memory->entries[at];
	memcpy(entry->key, key, sizeof(entry->key));
	entry->code = *code;
	mask(key, &entry->code);
	entry->kept = false;
	entry->over_ms = now_ms + memory->life_ms;
	entry->next = *bucket;
	*bucket = (uint16_t)at;
}

void code_memory_kept(struct code_memory *memory,
    const uint8_t key[static CODE_MEMORY_KEY_BYTES],
    const uint8_t mailbox[static CODE_MAILBOX_BYTES])
{
	uint16_t at = find(memory, key);
	struct code code;

	if (at == NOBODY) {
		return;
	}
	code = memory->entries[at].code;
	mask(key, &code);
	if (memcmp(code.mailbox, mailbox, CODE_MAILBOX_BYTES) == 0) {
		memory->entries[at].kept = true;
	}
	wipe(&code, sizeof(code));
}

uint64_t code_memory_expire(struct code_memory *memory, uint64_t now_ms)
{
	while (
	    memory->n > 0 && memory->entries[memory->first].over_ms <= now_ms) {
		forget_oldest(memory);
	}
	return memory->n > 0 ? memory->entries[memory->first].over_ms : 0;
}

void code_memory_free(struct code_memory *memory)
{
	secret_free(memory);
}
