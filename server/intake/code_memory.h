/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/code_memory.h - which form was given which receipt code, for
 * a while, so that a form that is sent again ends with the same code.
 *
 * Promise:   in secret memory, of one size for life; an entry is wiped when
 *            its time is over or when there are newer ones for all places.
 *            Whoever reads this memory learns no code: each is masked by a
 *            part of its form's key, which is not kept.
 * Knows not: how codes are made; the clock.
 * Runs in:   the intake's kdf.
 */
#ifndef TL_INTAKE_CODE_MEMORY_H
#define TL_INTAKE_CODE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/code.h"

/* A keyed hash of the form, so that nobody can aim at one bucket: 16 bytes to
 * find its entry by, 32 to mask it. */
#define CODE_MEMORY_FIND_BYTES 16u
#define CODE_MEMORY_KEY_BYTES  (CODE_MEMORY_FIND_BYTES + 32u)

struct code_memory;

/* For room entries (1 to 65,535) of life_ms each. NULL: out of memory. */
struct code_memory *code_memory_new(size_t room, uint64_t life_ms);

/*
 * The code that was given to this form, and whether a record with its reply
 * key is known to be durable. False: none. Wipe *ret after use.
 */
bool code_memory_find(const struct code_memory *memory,
    const uint8_t key[static CODE_MEMORY_KEY_BYTES], struct code *ret,
    bool *ret_kept);

/* Remember code for a form that has none; the oldest entry makes room. */
void code_memory_add(struct code_memory *memory,
    const uint8_t key[static CODE_MEMORY_KEY_BYTES], const struct code *code,
    uint64_t now_ms);

/* A record with the reply key of that mailbox is durable. Nothing happens
 * if the form has another code, or none. */
void code_memory_kept(struct code_memory *memory,
    const uint8_t key[static CODE_MEMORY_KEY_BYTES],
    const uint8_t mailbox[static CODE_MAILBOX_BYTES]);

/* Wipe what is over at now_ms. Returns when the next entry is over, or 0 if
 * there is none. */
uint64_t code_memory_expire(struct code_memory *memory, uint64_t now_ms);

/* Wipe and free. NULL is fine. */
void code_memory_free(struct code_memory *memory);

#endif
