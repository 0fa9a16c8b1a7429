/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/envelope.h - where the bytes of a sealed tip stand. Format:
 * docs/FORMAT.md, "Envelope".
 *
 * Promise:   every length is checked before anything is read by it; what
 *            envelope_peek() accepts has exactly the length it announces.
 * Knows not: any secret. Nothing here opens, seals or verifies.
 * Runs in:   every program.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_ENVELOPE_H
#define TL_CRYPTO_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define ENVELOPE_VERSION         1u
#define ENVELOPE_SUITE           1u
#define ENVELOPE_RECIPIENTS_MAX  8u
#define ENVELOPE_ID_BYTES        16u
#define ENVELOPE_KEY_ID_BYTES    8u
#define ENVELOPE_HEAD_BYTES      36u
#define ENVELOPE_WRAP_BYTES      80u
#define ENVELOPE_SLOT_BYTES      (ENVELOPE_KEY_ID_BYTES + ENVELOPE_WRAP_BYTES)
#define ENVELOPE_STREAM_BYTES    24u
#define ENVELOPE_SIGNATURE_BYTES 64u
/* Two lengths, report, raw bytes and padding together are 2^class bytes. */
#define ENVELOPE_CLASS_MIN         12u
#define ENVELOPE_CLASS_MAX         20u
#define ENVELOPE_LENGTHS_BYTES     8u
#define ENVELOPE_CHUNK_BYTES       65536u
#define ENVELOPE_CHUNK_EXTRA_BYTES 17u
/* Report and raw bytes together. */
#define ENVELOPE_CONTENT_MAX_BYTES \
	((1u << ENVELOPE_CLASS_MAX) - ENVELOPE_LENGTHS_BYTES)
/* No envelope is longer. */
#define ENVELOPE_MAX_BYTES \
	(ENVELOPE_HEAD_BYTES + ENVELOPE_RECIPIENTS_MAX * ENVELOPE_SLOT_BYTES + \
	    ENVELOPE_STREAM_BYTES + (1u << ENVELOPE_CLASS_MAX) + \
	    16u * ENVELOPE_CHUNK_EXTRA_BYTES + ENVELOPE_SIGNATURE_BYTES)
/* What the intake signs: 20 bytes of prefix and a BLAKE2b-256. */
#define ENVELOPE_SIGNED_BYTES 52u

struct envelope {
	uint8_t id[ENVELOPE_ID_BYTES]; /* of the tip */
	uint8_t intake_key_id[ENVELOPE_KEY_ID_BYTES];
	unsigned n_recipients;
	unsigned size_class;
	size_t plain_len;     /* 2^size_class */
	const uint8_t *slots; /* n_recipients times ENVELOPE_SLOT_BYTES */
	const uint8_t *stream;
	struct bytes bound;         /* everything before the body */
	struct bytes body;          /* the chunks */
	struct bytes head_and_body; /* everything before the signature */
	const uint8_t *signature;
}; /* all pointers borrow from the bytes given */

/* Why an envelope is refused, in the order of the checks. */
enum envelope_fault {
	ENVELOPE_FINE,
	ENVELOPE_SHORT,      /* cut before the end of its head */
	ENVELOPE_MAGIC,      /* not ours */
	ENVELOPE_VERSION_NO, /* of another time */
	ENVELOPE_SUITE_NO,   /* of algorithms that we do not have */
	ENVELOPE_COUNT,      /* no recipient, or too many */
	ENVELOPE_CLASS,      /* no such size */
	ENVELOPE_RESERVED,   /* the byte that is zero is not */
	ENVELOPE_LENGTH,     /* cut, or longer than it says */
	ENVELOPE_TWICE,      /* two slots for one recipient */
	ENVELOPE_STRANGER,   /* sealed to others */
	ENVELOPE_DESTROYED,  /* sealed to an epoch whose key was destroyed */
	ENVELOPE_RING,       /* the ring that should open it was changed */
	ENVELOPE_WRAP,       /* the wrapped content key was changed */
	ENVELOPE_BODY,       /* a chunk, the head or the slots were changed */
	ENVELOPE_TAG,        /* a chunk stands in another's place */
	ENVELOPE_PADDING,    /* lengths or padding of the content are wrong */
	ENVELOPE_NO_MEMORY,
	ENVELOPE_FAULTS,
};

/* Its name in docs/FORMAT.md and in vectors; a sentence for people; and the
 * error that it is elsewhere (TL_OK for ENVELOPE_FINE). */
const char *envelope_fault_name(enum envelope_fault fault);
const char *envelope_fault_text(enum envelope_fault fault);
TL_MUST_CHECK enum tl_err envelope_fault_err(enum envelope_fault fault);

/*
 * Read what can be read without a key: magic, version, suite, counts, exact
 * length, no recipient twice.
 */
TL_MUST_CHECK enum envelope_fault envelope_read(
    struct bytes envelope, struct envelope *ret);

/* The same; TL_EFORMAT if anything is out of place. */
TL_MUST_CHECK enum tl_err envelope_peek(
    struct bytes envelope, struct envelope *ret);

/* How long the envelope is that begins here, by its head; what stands behind it
 * is not looked at. TL_EFORMAT: the head is none. */
TL_MUST_CHECK enum tl_err envelope_len(struct bytes front, size_t *ret_len);

/* The class for so many bytes of report and raw together; 0 if they are too
 * many. */
unsigned envelope_class(size_t content_len);

/* Length of a whole envelope, for a class and a number of recipients within
 * their bounds. */
size_t envelope_bytes(unsigned size_class, size_t n_recipients);

/*
 * Write the first ENVELOPE_HEAD_BYTES for id, intake_key_id, n_recipients and
 * size_class of e; the rest of it is not looked at.
 */
void envelope_write_head(
    uint8_t head[static ENVELOPE_HEAD_BYTES], const struct envelope *e);

/* By which a public key (team's or intake's) is named in envelopes. */
void envelope_key_id(uint8_t id[static ENVELOPE_KEY_ID_BYTES],
    const uint8_t public_key[static 32]);

/* What is signed for these bytes (all of the envelope before the signature). */
void envelope_signed_message(
    uint8_t message[static ENVELOPE_SIGNED_BYTES], struct bytes bytes);

#endif
