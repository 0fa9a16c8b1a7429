/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/envelope.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/rd.h"
#include "crypto/hash.h"

static const uint8_t magic[7] = { 't', 'i', 'p', 'l', 'i', 'n', 'e' };
static const char signed_prefix[] = "tipline envelope v1";
static const char key_id_prefix[] = "tipline key v1";

_Static_assert(sizeof(signed_prefix) + HASH_BYTES == ENVELOPE_SIGNED_BYTES,
    "prefix with its NUL, hash");

/* Bytes of the body: each chunk has its extra bytes. */
static size_t body_bytes(size_t plain_len)
{
	size_t chunks =
	    (plain_len + ENVELOPE_CHUNK_BYTES - 1) / ENVELOPE_CHUNK_BYTES;

	return plain_len + chunks * ENVELOPE_CHUNK_EXTRA_BYTES;
}

unsigned envelope_class(size_t content_len)
{
	unsigned size_class = ENVELOPE_CLASS_MIN;

	if (content_len > ENVELOPE_CONTENT_MAX_BYTES) {
		return 0;
	}
	while (content_len + ENVELOPE_LENGTHS_BYTES > (size_t)1 << size_class) {
		size_class++;
	}
	return size_class;
}

size_t envelope_bytes(unsigned size_class, size_t n_recipients)
{
	return ENVELOPE_HEAD_BYTES + n_recipients * ENVELOPE_SLOT_BYTES +
	    ENVELOPE_STREAM_BYTES + body_bytes((size_t)1 << size_class) +
	    ENVELOPE_SIGNATURE_BYTES;
}

static bool any_twice(const uint8_t *slots, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (memcmp(slots + i * ENVELOPE_SLOT_BYTES,
				slots + j * ENVELOPE_SLOT_BYTES,
				ENVELOPE_KEY_ID_BYTES) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* The 36 bytes whose length does not depend on anything. */
static enum envelope_fault read_head(struct rd *rd, struct envelope *e)
{
	uint8_t name[sizeof(magic)];

	if (rd->left < ENVELOPE_HEAD_BYTES) {
		return ENVELOPE_SHORT;
	}
	rd_copy(rd, name, sizeof(name));
	if (memcmp(name, magic, sizeof(magic)) != 0) {
		return ENVELOPE_MAGIC;
	}
	if (rd_u8(rd) != ENVELOPE_VERSION) {
		return ENVELOPE_VERSION_NO;
	}
	if (rd_u8(rd) != ENVELOPE_SUITE) {
		return ENVELOPE_SUITE_NO;
	}
	e->n_recipients = rd_u8(rd);
	if (e->n_recipients < 1 || e->n_recipients > ENVELOPE_RECIPIENTS_MAX) {
		return ENVELOPE_COUNT;
	}
	e->size_class = rd_u8(rd);
	if (e->size_class < ENVELOPE_CLASS_MIN ||
	    e->size_class > ENVELOPE_CLASS_MAX) {
		return ENVELOPE_CLASS;
	}
	if (rd_u8(rd) != 0) {
		return ENVELOPE_RESERVED;
	}
	rd_copy(rd, e->id, sizeof(e->id));
	rd_copy(rd, e->intake_key_id, sizeof(e->intake_key_id));
	return ENVELOPE_FINE;
}

enum envelope_fault envelope_read(struct bytes envelope, struct envelope *ret)
{
	struct envelope e = { 0 };
	struct rd rd = rd_of(envelope.at, envelope.len);
	size_t front;
	enum envelope_fault fault = read_head(&rd, &e);

	if (fault != ENVELOPE_FINE) {
		return fault;
	}
	if (envelope.len != envelope_bytes(e.size_class, e.n_recipients)) {
		return ENVELOPE_LENGTH;
	}
	e.plain_len = (size_t)1 << e.size_class;
	e.slots = rd_bytes(&rd, e.n_recipients * ENVELOPE_SLOT_BYTES);
	e.stream = rd_bytes(&rd, ENVELOPE_STREAM_BYTES);
	e.body.len = body_bytes(e.plain_len);
	e.body.at = rd_bytes(&rd, e.body.len);
	e.signature = rd_bytes(&rd, ENVELOPE_SIGNATURE_BYTES);
	assert(rd_done(&rd)); /* envelope_bytes() has counted all of it */
	if (any_twice(e.slots, e.n_recipients)) {
		return ENVELOPE_TWICE;
	}
	front = (size_t)(e.body.at - envelope.at);
	e.bound = bytes_of(envelope.at, front);
	e.head_and_body = bytes_of(envelope.at, front + e.body.len);
	*ret = e;
	return ENVELOPE_FINE;
}

enum tl_err envelope_peek(struct bytes envelope, struct envelope *ret)
{
	return envelope_fault_err(envelope_read(envelope, ret));
}

enum tl_err envelope_len(struct bytes front, size_t *ret_len)
{
	struct rd rd = rd_of(front.at, front.len);
	struct envelope e = { 0 };
	enum tl_err err = envelope_fault_err(read_head(&rd, &e));

	if (err == TL_OK) {
		*ret_len = envelope_bytes(e.size_class, e.n_recipients);
	}
	return err;
}

void envelope_write_head(
    uint8_t head[static ENVELOPE_HEAD_BYTES], const struct envelope *e)
{
	memcpy(head, magic, sizeof(magic));
	head[7] = ENVELOPE_VERSION;
	head[8] = ENVELOPE_SUITE;
	head[9] = (uint8_t)e->n_recipients;
	head[10] = (uint8_t)e->size_class;
	head[11] = 0;
	memcpy(head + 12, e->id, sizeof(e->id));
	memcpy(head + 28, e->intake_key_id, sizeof(e->intake_key_id));
}

void envelope_key_id(uint8_t id[static ENVELOPE_KEY_ID_BYTES],
    const uint8_t public_key[static 32])
{
	uint8_t message[sizeof(key_id_prefix) + 32];
	uint8_t hash[HASH_BYTES];

	memcpy(message, key_id_prefix, sizeof(key_id_prefix));
	memcpy(message + sizeof(key_id_prefix), public_key, 32);
	hash_bytes(hash, message, sizeof(message));
	memcpy(id, hash, ENVELOPE_KEY_ID_BYTES);
}

void envelope_signed_message(
    uint8_t message[static ENVELOPE_SIGNED_BYTES], struct bytes bytes)
{
	memcpy(message, signed_prefix, sizeof(signed_prefix));
	hash_bytes(message + sizeof(signed_prefix), bytes.at, bytes.len);
}
