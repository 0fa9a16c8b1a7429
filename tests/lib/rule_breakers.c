/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/rule_breakers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/lib/vector_world.h"

#define FINAL crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define PUSH  crypto_secretstream_xchacha20poly1305_TAG_PUSH
#define REKEY crypto_secretstream_xchacha20poly1305_TAG_REKEY

/* clang-format off */
const struct rule_breaker rule_breakers[] = {
	{ "padding that is not zero", ENVELOPE_PADDING, 5, .padding_at = 13, .tag = FINAL },
	{ "padding whose last byte is not zero", ENVELOPE_PADDING, 5, .padding_at = 4095, .tag = FINAL },
	{ "one byte more of report than there is room", ENVELOPE_PADDING, 4089, .tag = FINAL },
	{ "one byte more of raw than there is room", ENVELOPE_PADDING, 0, .raw_length = 4089, .tag = FINAL },
	{ "one byte more of both than there is room", ENVELOPE_PADDING, 5, .raw_length = 4084, .tag = FINAL },
	{ "a report of 4 GiB", ENVELOPE_PADDING, UINT32_MAX, .tag = FINAL },
	{ "raw bytes of 4 GiB", ENVELOPE_PADDING, 5, .raw_length = UINT32_MAX, .tag = FINAL },
	{ "two lengths whose sum has 33 bits", ENVELOPE_PADDING, UINT32_MAX - 2, .raw_length = 8, .tag = FINAL },
	{ "a last chunk that is not final", ENVELOPE_TAG, 5, .tag = 0 },
	{ "a last chunk with TAG_PUSH", ENVELOPE_TAG, 5, .tag = PUSH },
	{ "a last chunk with TAG_REKEY", ENVELOPE_TAG, 5, .tag = REKEY },
	{ "a body that is not bound to the head", ENVELOPE_BODY, 5, .tag = FINAL, .not_bound = true },
	{ "a wrap that is no box", ENVELOPE_WRAP, 5, .tag = FINAL, .no_box = true },
};
/* clang-format on */
const size_t rule_breakers_n = sizeof(rule_breakers) / sizeof(rule_breakers[0]);

void rule_breakers_seal(const struct rule_breaker *b, struct buf *out)
{
	struct envelope head = { .n_recipients = 1, .size_class = 12 };
	crypto_secretstream_xchacha20poly1305_state stream;
	uint8_t content_key[32];
	uint8_t content[4096] = { 0 };
	uint8_t message[ENVELOPE_SIGNED_BYTES];
	uint8_t signature[64];
	uint8_t wrap[80];
	uint8_t id[8];
	uint8_t *to;
	size_t bound;

	buf_init(out, ENVELOPE_MAX_BYTES);
	randombytes_buf(head.id, sizeof(head.id));
	envelope_key_id(
	    head.intake_key_id, vector_world.verify_key[INTAKE_OURS]);
	envelope_write_head(buf_room(out, ENVELOPE_HEAD_BYTES), &head);
	envelope_key_id(id, vector_world.team_public[TEAM_NORTH]);
	buf_put(out, id, sizeof(id));
	randombytes_buf(content_key, sizeof(content_key));
	assert_int_equal(crypto_box_seal(wrap, content_key, 32,
			     vector_world.team_public[TEAM_NORTH]),
	    0);
	if (b->no_box) {
		randombytes_buf(wrap, sizeof(wrap));
	}
	buf_put(out, wrap, sizeof(wrap));
	to = buf_room(out, 24);
	(void)crypto_secretstream_xchacha20poly1305_init_push(
	    &stream, to, content_key);
	for (size_t i = 0; i < 4; i++) {
		content[i] = (uint8_t)(b->length >> (24 - 8 * i));
		content[4 + i] = (uint8_t)(b->raw_length >> (24 - 8 * i));
	}
	memcpy(content + 8, "wrong", 5);
	if (b->padding_at > 0) {
		content[b->padding_at] = 1;
	}
	bound = out->len;
	to = buf_room(out, sizeof(content) + 17);
	(void)crypto_secretstream_xchacha20poly1305_push(&stream, to, NULL,
	    content, sizeof(content), b->not_bound ? NULL : out->data,
	    b->not_bound ? 0 : bound, b->tag);
	envelope_signed_message(message, bytes_of(out->data, out->len));
	(void)crypto_sign_detached(signature, NULL, message, sizeof(message),
	    vector_world.sign_key[INTAKE_OURS]);
	buf_put(out, signature, sizeof(signature));
	assert_int_equal(buf_err(out), TL_OK);
}
