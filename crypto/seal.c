/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/seal.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/wipe.h"
#include "crypto/envelope.h"
#include "crypto/secret.h"

#define CONTENT_KEY_BYTES crypto_secretstream_xchacha20poly1305_KEYBYTES
#define FINAL             crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define MESSAGE           crypto_secretstream_xchacha20poly1305_TAG_MESSAGE

_Static_assert(SEAL_ID_BYTES == ENVELOPE_ID_BYTES &&
	SEAL_RECIPIENTS_MAX == ENVELOPE_RECIPIENTS_MAX,
    "the envelope's sizes");
_Static_assert(ENVELOPE_WRAP_BYTES == CONTENT_KEY_BYTES + crypto_box_SEALBYTES,
    "a wrapped content key");
_Static_assert(ENVELOPE_STREAM_BYTES ==
	    crypto_secretstream_xchacha20poly1305_HEADERBYTES &&
	ENVELOPE_CHUNK_EXTRA_BYTES ==
	    crypto_secretstream_xchacha20poly1305_ABYTES &&
	ENVELOPE_SIGNATURE_BYTES == crypto_sign_BYTES,
    "the library's sizes");

struct recipients {
	size_t n;
	uint8_t public_key[SEAL_RECIPIENTS_MAX][crypto_box_PUBLICKEYBYTES];
	uint8_t key_id[SEAL_RECIPIENTS_MAX][ENVELOPE_KEY_ID_BYTES];
};

struct sealer {
	struct recipients to;
	uint8_t sign_key[crypto_sign_SECRETKEYBYTES];
	uint8_t intake_key_id[ENVELOPE_KEY_ID_BYTES];
	/* used by one sealer_seal() at a time, zero between two */
	uint8_t content_key[CONTENT_KEY_BYTES];
	crypto_secretstream_xchacha20poly1305_state stream;
	uint8_t chunk[ENVELOPE_CHUNK_BYTES];
};

static enum tl_err add_recipient(
    struct recipients *to, const uint8_t public_key[static 32])
{
	uint8_t probe[crypto_box_SEALBYTES];

	/* refuses points of low order, which would make the wrap readable */
	if (crypto_box_seal(probe, NULL, 0, public_key) != 0) {
		return TL_EINVAL;
	}
	memcpy(to->public_key[to->n], public_key, sizeof(to->public_key[0]));
	envelope_key_id(to->key_id[to->n], public_key);
	for (size_t i = 0; i < to->n; i++) {
		if (memcmp(to->key_id[i], to->key_id[to->n],
			ENVELOPE_KEY_ID_BYTES) == 0) {
			return TL_EINVAL;
		}
	}
	to->n++;
	return TL_OK;
}

enum tl_err sealer_change(
    struct sealer *s, const uint8_t (*team_public)[32], size_t n)
{
	struct recipients to = { 0 };

	if (n < 1 || n > SEAL_RECIPIENTS_MAX) {
		return TL_EINVAL;
	}
	for (size_t i = 0; i < n; i++) {
		enum tl_err err = add_recipient(&to, team_public[i]);

		if (err != TL_OK) {
			return err;
		}
	}
	s->to = to;
	return TL_OK;
}

enum tl_err sealer_new(const uint8_t (*team_public)[32], size_t n,
    const uint8_t sign_key[static 64], struct sealer **ret)
{
	struct sealer *s = secret_alloc(sizeof(*s));
	enum tl_err err;

	if (s == NULL) {
		return TL_ENOMEM;
	}
	err = sealer_change(s, team_public, n);
	if (err != TL_OK) {
		goto out;
	}
	memcpy(s->sign_key, sign_key, sizeof(s->sign_key));
	envelope_key_id(s->intake_key_id, sign_key + crypto_sign_SEEDBYTES);
	*ret = s;
	s = NULL;
out:
	sealer_free(s);
	return err;
}

/* One slot per recipient: its key id and the content key sealed to it. */
static void write_slots(const struct sealer *s, uint8_t *at)
{
	for (size_t i = 0; i < s->to.n; i++) {
		int bad = crypto_box_seal(at + ENVELOPE_KEY_ID_BYTES,
		    s->content_key, CONTENT_KEY_BYTES, s->to.public_key[i]);

		assert(bad == 0); /* sealer_change() has tried this key */
		memcpy(at, s->to.key_id[i], ENVELOPE_KEY_ID_BYTES);
		at += ENVELOPE_SLOT_BYTES;
	}
}

/* What the content is made of: the lengths, the report, the raw bytes. Behind
 * them are zeros. */
#define PARTS 3

/* The content's bytes from offset from on, len of them, into the arena. */
static void fill_chunk(struct sealer *s, const struct bytes part[static PARTS],
    size_t from, size_t len)
{
	size_t start = 0; /* of the part, in the content */

	memset(s->chunk, 0, len);
	for (size_t i = 0; i < PARTS; i++) {
		size_t end = start + part[i].len;
		size_t first = start > from ? start : from;
		size_t last = end < from + len ? end : from + len;

		if (first < last) {
			memcpy(s->chunk + (first - from),
			    part[i].at + (first - start), last - first);
		}
		start = end;
	}
}

static void put_length(uint8_t at[static 4], size_t len)
{
	for (size_t i = 0; i < 4; i++) {
		at[i] = (uint8_t)(len >> (24 - 8 * i));
	}
}

/* The chunks, after front_len bytes from front on, which they are bound to. */
static void write_body(struct sealer *s, const struct seal_content *content,
    unsigned size_class, const uint8_t *front, size_t front_len, uint8_t *at)
{
	uint8_t lengths[ENVELOPE_LENGTHS_BYTES] = { 0 };
	const struct bytes part[PARTS] = {
		bytes_of(lengths, sizeof(lengths)),
		content->report,
		content->raw,
	};
	size_t left = (size_t)1 << size_class;
	size_t done = 0;

	put_length(lengths, content->report.len);
	put_length(lengths + 4, content->raw.len);
	while (left > 0) {
		size_t len =
		    left < ENVELOPE_CHUNK_BYTES ? left : ENVELOPE_CHUNK_BYTES;

		fill_chunk(s, part, done, len);
		(void)crypto_secretstream_xchacha20poly1305_push(&s->stream, at,
		    NULL, s->chunk, len, done == 0 ? front : NULL,
		    done == 0 ? front_len : 0, len == left ? FINAL : MESSAGE);
		at += len + ENVELOPE_CHUNK_EXTRA_BYTES;
		done += len;
		left -= len;
	}
	wipe(s->chunk, done < sizeof(s->chunk) ? done : sizeof(s->chunk));
}

static void write_envelope(struct sealer *s, const uint8_t *id,
    const struct seal_content *content, unsigned size_class, uint8_t *front,
    size_t len)
{
	const size_t slots_len = s->to.n * ENVELOPE_SLOT_BYTES;
	const size_t stream_at = ENVELOPE_HEAD_BYTES + slots_len;
	const size_t body_at = stream_at + ENVELOPE_STREAM_BYTES;
	uint8_t *signature = front + len - ENVELOPE_SIGNATURE_BYTES;
	struct envelope head = {
		.n_recipients = (unsigned)s->to.n,
		.size_class = size_class,
	};
	uint8_t message[ENVELOPE_SIGNED_BYTES];

	memcpy(head.id, id, sizeof(head.id));
	memcpy(
	    head.intake_key_id, s->intake_key_id, sizeof(head.intake_key_id));
	envelope_write_head(front, &head);
	write_slots(s, front + ENVELOPE_HEAD_BYTES);
	(void)crypto_secretstream_xchacha20poly1305_init_push(
	    &s->stream, front + stream_at, s->content_key);
	write_body(s, content, size_class, front, body_at, front + body_at);
	envelope_signed_message(
	    message, bytes_of(front, len - ENVELOPE_SIGNATURE_BYTES));
	(void)crypto_sign_detached(
	    signature, NULL, message, sizeof(message), s->sign_key);
}

/* 0 if there is none. */
static unsigned class_of(const struct seal_content *content)
{
	unsigned size_class;
	size_t len;

	if (content->size_class > ENVELOPE_CLASS_MAX ||
	    __builtin_add_overflow(
		content->report.len, content->raw.len, &len)) {
		return 0;
	}
	size_class = envelope_class(len);
	return size_class != 0 && size_class < content->size_class
	    ? content->size_class
	    : size_class;
}

enum tl_err sealer_seal(struct sealer *s,
    const uint8_t id[static SEAL_ID_BYTES], const struct seal_content *content,
    struct buf *out)
{
	unsigned size_class = class_of(content);
	size_t len;
	uint8_t *front;

	if (size_class == 0) {
		return TL_ETOOBIG;
	}
	len = envelope_bytes(size_class, s->to.n);
	front = buf_room(out, len);
	if (front == NULL) {
		return buf_err(out);
	}
	randombytes_buf(s->content_key, sizeof(s->content_key));
	write_envelope(s, id, content, size_class, front, len);
	wipe(s->content_key, sizeof(s->content_key));
	wipe(&s->stream, sizeof(s->stream));
	return TL_OK;
}

size_t seal_bytes_max(const struct seal_content *content)
{
	unsigned size_class = class_of(content);

	return size_class == 0
	    ? 0
	    : envelope_bytes(size_class, SEAL_RECIPIENTS_MAX);
}

void sealer_free(struct sealer *s)
{
	secret_free(s);
}
