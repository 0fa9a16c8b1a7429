/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/vectors/envelope.json: made here, from random numbers that are the
 * same each time, and compared with the file. So a change of the format shows
 * as a change of the file, and the file never tells what the code does not
 * do. After a change that is meant:
 *
 *   make vectors
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/buf.h"
#include "base/enc.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"

#define VECTORS        "tests/vectors/envelope.json"
#define JSON_MAX_BYTES (2u * 1024u * 1024u)
#define HEAD(n)        (36u + 88u * (n))
#define BODY(n)        (HEAD(n) + 24u)

/* ---- the same random numbers each time ---------------------------------- */

static uint64_t drawn;

static void fixed_buf(void *const buf, const size_t size)
{
	uint8_t seed[randombytes_SEEDBYTES] = "vectors";

	drawn++;
	memcpy(seed + 16, &drawn, sizeof(drawn));
	randombytes_buf_deterministic(buf, size, seed);
}

static uint32_t fixed_random(void)
{
	uint32_t value = 0;

	fixed_buf(&value, sizeof(value));
	return value;
}

static const char *fixed_name(void)
{
	return "fixed";
}

static struct randombytes_implementation fixed = {
	.implementation_name = fixed_name,
	.random = fixed_random,
	.buf = fixed_buf,
};

/* ---- who is who ------------------------------------------------------------
 */

enum { NORTH, SOUTH, STRANGER, TEAMS };
enum { OURS, THEIRS, INTAKES };
static const char *const team_names[TEAMS] = { "north", "south", "stranger" };
static const char *const intake_names[INTAKES] = { "ours", "theirs" };
static struct team_key *teams[TEAMS];
static uint8_t team_public[TEAMS][32];
static uint8_t sign_key[INTAKES][64];
static uint8_t verify_key[INTAKES][32];
static struct sealer *to_one; /* north; ours */
static struct sealer *to_two; /* north and south; ours */
static struct sealer *by_theirs;
static struct sealer *to_eight; /* north first, then nobody we know */

static int set_up(void **state)
{
	uint8_t eight[8][32];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	assert_int_equal(randombytes_set_implementation(&fixed), 0);
	for (size_t i = 0; i < TEAMS; i++) {
		uint8_t secret[32];

		randombytes_buf(secret, sizeof(secret));
		assert_int_equal(teamkey_of(secret, &teams[i]), TL_OK);
		memcpy(team_public[i], teamkey_public(teams[i]), 32);
	}
	for (size_t i = 0; i < INTAKES; i++) {
		keyfile_new_pair(sign_key[i], verify_key[i]);
	}
	for (size_t i = 0; i < 8; i++) {
		uint8_t secret[32];

		randombytes_buf(secret, sizeof(secret));
		(void)crypto_scalarmult_base(eight[i], secret);
	}
	memcpy(eight[0], team_public[NORTH], 32);
	assert_int_equal(
	    sealer_new(team_public, 1, sign_key[OURS], &to_one), TL_OK);
	assert_int_equal(
	    sealer_new(team_public, 2, sign_key[OURS], &to_two), TL_OK);
	assert_int_equal(
	    sealer_new(team_public, 2, sign_key[THEIRS], &by_theirs), TL_OK);
	assert_int_equal(
	    sealer_new(eight, 8, sign_key[OURS], &to_eight), TL_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEAMS; i++) {
		teamkey_free(teams[i]);
	}
	sealer_free(to_one);
	sealer_free(to_two);
	sealer_free(by_theirs);
	sealer_free(to_eight);
	return 0;
}

/* ---- JSON ------------------------------------------------------------------
 */

static void put_hex(
    struct buf *out, const char *name, const uint8_t *bytes, size_t len)
{
	buf_put_str(out, "\"");
	buf_put_str(out, name);
	buf_put_str(out, "\": \"");
	enc_hex(out, bytes, len);
	buf_put_str(out, "\"");
}

static void put_number(struct buf *out, const char *name, size_t number)
{
	buf_put_str(out, "\"");
	buf_put_str(out, name);
	buf_put_str(out, "\": ");
	buf_put_dec(out, number);
}

static void put_text(struct buf *out, const char *name, const char *text)
{
	buf_put_str(out, "\"");
	buf_put_str(out, name);
	buf_put_str(out, "\": \"");
	buf_put_str(out, text);
	buf_put_str(out, "\"");
}

static void put_envelope(struct buf *out, const struct buf *envelope)
{
	buf_put_str(out, "\"envelope\": \"");
	enc_b64(out, B64_STD, envelope->data, envelope->len);
	buf_put_str(out, "\"");
}

static void put_keys(struct buf *out)
{
	uint8_t id[8];

	buf_put_str(out, "\t\"teams\": {");
	for (size_t i = 0; i < TEAMS; i++) {
		buf_put_str(out, i > 0 ? ",\n\t\t\"" : "\n\t\t\"");
		buf_put_str(out, team_names[i]);
		buf_put_str(out, "\": { ");
		put_hex(out, "secret", teamkey_secret(teams[i]), 32);
		buf_put_str(out, ", ");
		put_hex(out, "public", team_public[i], 32);
		buf_put_str(out, ", ");
		envelope_key_id(id, team_public[i]);
		put_hex(out, "key_id", id, sizeof(id));
		buf_put_str(out, " }");
	}
	buf_put_str(out, "\n\t},\n\t\"intakes\": {");
	for (size_t i = 0; i < INTAKES; i++) {
		buf_put_str(out, i > 0 ? ",\n\t\t\"" : "\n\t\t\"");
		buf_put_str(out, intake_names[i]);
		buf_put_str(out, "\": { ");
		put_hex(out, "public", verify_key[i], 32);
		buf_put_str(out, ", ");
		envelope_key_id(id, verify_key[i]);
		put_hex(out, "key_id", id, sizeof(id));
		buf_put_str(out, " }");
	}
	buf_put_str(out, "\n\t},\n\t\"trusted_intakes\": [\"ours\"],\n");
}

/* ---- good ones -------------------------------------------------------------
 */

struct good {
	const char *name;
	struct sealer **sealer;
	unsigned teams; /* that open it: a set of 1 << NORTH ... */
	const char *report;
	size_t report_bytes; /* the report repeated, and cut to this */
	const char *raw;
	size_t raw_bytes;    /* likewise */
	unsigned size_class; /* at least */
	bool not_signed_by_us;
	bool flip_signature;
};

#define BOTH (1u << NORTH | 1u << SOUTH)
/* clang-format off */
static const struct good good[] = {
	{ "one recipient", &to_one, 1u << NORTH, "{\"v\":1}", 7, .raw = "" },
	{ "two recipients", &to_two, BOTH, "help \xe1\x9e\x87", 8, .raw = "" },
	{ "two recipients, another tip", &to_two, BOTH, "other", 5, .raw = "" },
	{ "eight recipients", &to_eight, 1u << NORTH, "many", 4, .raw = "" },
	{ "nothing at all", &to_one, 1u << NORTH, "", 0, .raw = "" },
	{ "the longest of 4 KiB", &to_one, 1u << NORTH, "0123456789", 4088, .raw = "" },
	{ "the shortest of 8 KiB", &to_one, 1u << NORTH, "0123456789", 4089, .raw = "" },
	{ "two chunks", &to_one, 1u << NORTH, "0123456789", 70000, .raw = "" },
	{ "raw bytes beside a report", &to_one, 1u << NORTH, "{\"v\":1}", 7, .raw = "\xff\xd8\xff", .raw_bytes = 300 },
	{ "raw bytes alone", &to_one, 1u << NORTH, "", 0, .raw = "OggS", .raw_bytes = 4 },
	{ "raw bytes that fill the 4 KiB", &to_one, 1u << NORTH, "{\"v\":1}", 7, .raw = "OggS", .raw_bytes = 4081 },
	{ "raw bytes in two chunks", &to_one, 1u << NORTH, "{\"v\":1}", 7, .raw = "0123456789", .raw_bytes = 70000 },
	{ "a class larger than needed", &to_one, 1u << NORTH, "{\"v\":1}", 7, .raw = "end", .raw_bytes = 3, .size_class = 13 },
	{ "an unknown intake", &by_theirs, BOTH, "injected?", 9, .raw = "", .not_signed_by_us = true },
	{ "a flipped signature", &to_two, BOTH, "kept all the same", 17, .raw = "", .not_signed_by_us = true, .flip_signature = true },
};
/* clang-format on */
#define N_GOOD (sizeof(good) / sizeof(good[0]))
static struct buf good_envelope[N_GOOD];

/* unit repeated, and cut to len bytes. To be freed. */
static uint8_t *repeated(const char *unit, size_t len)
{
	const size_t unit_len = strlen(unit);
	uint8_t *bytes = malloc(len + 1);

	assert_non_null(bytes);
	for (size_t at = 0; at < len; at++) {
		bytes[at] = (uint8_t)unit[at % unit_len];
	}
	return bytes;
}

static void make_good(size_t i)
{
	const struct good *g = &good[i];
	struct buf *out = &good_envelope[i];
	uint8_t *report = repeated(g->report, g->report_bytes);
	uint8_t *raw = repeated(g->raw, g->raw_bytes);
	const struct seal_content content = {
		.report = bytes_of(report, g->report_bytes),
		.raw = bytes_of(raw, g->raw_bytes),
		.size_class = g->size_class,
	};
	uint8_t id[16];

	randombytes_buf(id, sizeof(id));
	buf_init(out, ENVELOPE_MAX_BYTES);
	assert_int_equal(sealer_seal(*g->sealer, id, &content, out), TL_OK);
	if (g->flip_signature) {
		out->data[out->len - 64] ^= 1;
	}
	free(report);
	free(raw);
}

static void put_good(struct buf *out, size_t i)
{
	const struct good *g = &good[i];
	const struct buf *envelope = &good_envelope[i];
	bool first = true;

	buf_put_str(out, i > 0 ? ",\n\t\t{ " : "\n\t\t{ ");
	put_text(out, "name", g->name);
	buf_put_str(out, ", \"open_with\": [");
	for (size_t team = 0; team < TEAMS; team++) {
		if ((g->teams & 1u << team) != 0) {
			buf_put_str(out, first ? "\"" : ", \"");
			buf_put_str(out, team_names[team]);
			buf_put_str(out, "\"");
			first = false;
		}
	}
	buf_put_str(out, "],\n\t\t  ");
	put_hex(out, "tip_id", envelope->data + 12, 16);
	buf_put_str(out, ", ");
	put_hex(out, "intake_key_id", envelope->data + 28, 8);
	buf_put_str(out, ",\n\t\t  \"signed_by_us\": ");
	buf_put_str(
	    out, g->not_signed_by_us ? "false,\n\t\t  " : "true,\n\t\t  ");
	put_hex(out, "report", (const uint8_t *)g->report, strlen(g->report));
	buf_put_str(out, ", ");
	put_number(out, "report_bytes", g->report_bytes);
	buf_put_str(out, ", ");
	put_hex(out, "raw", (const uint8_t *)g->raw, strlen(g->raw));
	buf_put_str(out, ", ");
	put_number(out, "raw_bytes", g->raw_bytes);
	buf_put_str(out, ",\n\t\t  ");
	put_envelope(out, envelope);
	buf_put_str(out, " }");
}

static void check_good(size_t i)
{
	uint8_t *report = repeated(good[i].report, good[i].report_bytes);
	uint8_t *raw = repeated(good[i].raw, good[i].raw_bytes);

	for (size_t team = 0; team < TEAMS; team++) {
		struct opened opened = { 0 };
		bool opens = (good[i].teams & 1u << team) != 0;

		assert_int_equal(
		    envelope_open(teams[team], (const uint8_t(*)[32])verify_key,
			1,
			bytes_of(good_envelope[i].data, good_envelope[i].len),
			&opened),
		    opens ? TL_OK : TL_ENOENT);
		if (opens) {
			assert_int_equal(
			    opened.report_len, good[i].report_bytes);
			assert_memory_equal(
			    opened.report, report, opened.report_len);
			assert_int_equal(opened.raw_len, good[i].raw_bytes);
			assert_memory_equal(opened.raw, raw, opened.raw_len);
			assert_int_equal(
			    opened.signed_by_us, !good[i].not_signed_by_us);
		}
		opened_free(&opened);
	}
	free(report);
	free(raw);
}

/* ---- bad ones: a good one, changed -----------------------------------------
 */

struct change {
	const char *name;
	const char *from; /* a good one's name */
	int team;
	enum envelope_fault fault;
	size_t n_put;
	struct {
		size_t at;
		uint8_t byte;
	} put[2];
	size_t n_copy;
	struct {
		const char *source;
		size_t source_at;
		size_t length;
		size_t at;
	} copy[2];
	size_t cut_to; /* 0: not */
	size_t append; /* zeros */
};

#define ONE      "one recipient"
#define TWO      "two recipients"
#define OTHER    "two recipients, another tip"
#define LONG     "two chunks"
#define CHUNK    (65536u + 17u)
#define WHOLE(n) (BODY(n) + 4096u + 17u + 64u)
/* clang-format off */
static const struct change changes[] = {
	{ "wrong magic", ONE, NORTH, ENVELOPE_MAGIC, .n_put = 1, .put = { { 0, 'T' } } },
	{ "version 2", ONE, NORTH, ENVELOPE_VERSION_NO, .n_put = 1, .put = { { 7, 2 } } },
	{ "suite 2", ONE, NORTH, ENVELOPE_SUITE_NO, .n_put = 1, .put = { { 8, 2 } } },
	{ "no recipients", ONE, NORTH, ENVELOPE_COUNT, .n_put = 1, .put = { { 9, 0 } } },
	{ "nine recipients", ONE, NORTH, ENVELOPE_COUNT, .n_put = 1, .put = { { 9, 9 } } },
	{ "one recipient more than there is", ONE, NORTH, ENVELOPE_LENGTH, .n_put = 1, .put = { { 9, 2 } } },
	{ "size class 11", ONE, NORTH, ENVELOPE_CLASS, .n_put = 1, .put = { { 10, 11 } } },
	{ "size class 13 in the length of 12", ONE, NORTH, ENVELOPE_LENGTH, .n_put = 1, .put = { { 10, 13 } } },
	{ "size class 20 in the length of 12", ONE, NORTH, ENVELOPE_LENGTH, .n_put = 1, .put = { { 10, 20 } } },
	{ "size class 255", ONE, NORTH, ENVELOPE_CLASS, .n_put = 1, .put = { { 10, 255 } } },
	{ "byte 11 is not zero", ONE, NORTH, ENVELOPE_RESERVED, .n_put = 1, .put = { { 11, 1 } } },
	{ "another tip id", ONE, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 12, 0 } } },
	{ "another intake key id", ONE, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 28, 0 } } },
	{ "another key id in the slot", ONE, NORTH, ENVELOPE_STRANGER, .n_put = 1, .put = { { 36, 0 } } },
	{ "not a recipient", TWO, STRANGER, ENVELOPE_STRANGER, .n_put = 0 },
	{ "a changed wrap", ONE, NORTH, ENVELOPE_WRAP, .n_put = 1, .put = { { 36 + 8 + 40, 0 } } },
	{ "a changed wrap of the other recipient", TWO, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 36 + 88 + 8, 0 } } },
	{ "a changed secretstream header", ONE, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { HEAD(1), 0 } } },
	{ "a changed first byte of the body", ONE, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { BODY(1), 0 } } },
	{ "a changed last byte of the body", ONE, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { BODY(1) + 4096 + 16, 0 } } },
	{ "a changed byte in the second chunk", LONG, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { BODY(1) + CHUNK + 9, 0 } } },
	{ "nothing", ONE, NORTH, ENVELOPE_SHORT, .n_put = 0, .cut_to = SIZE_MAX },
	{ "cut in the head", ONE, NORTH, ENVELOPE_SHORT, .cut_to = 35 },
	{ "cut after the head", ONE, NORTH, ENVELOPE_LENGTH, .cut_to = 36 },
	{ "cut in the slots", TWO, NORTH, ENVELOPE_LENGTH, .cut_to = 36 + 88 + 87 },
	{ "cut before the body", ONE, NORTH, ENVELOPE_LENGTH, .cut_to = BODY(1) },
	{ "cut before the signature", ONE, NORTH, ENVELOPE_LENGTH, .cut_to = WHOLE(1) - 64 },
	{ "the last byte cut", ONE, NORTH, ENVELOPE_LENGTH, .cut_to = WHOLE(1) - 1 },
	{ "one byte appended", ONE, NORTH, ENVELOPE_LENGTH, .append = 1 },
	{ "slots exchanged", TWO, NORTH, ENVELOPE_BODY, .n_copy = 2, .copy = { { TWO, 36, 88, 36 + 88 }, { TWO, 36 + 88, 88, 36 } } },
	{ "one slot twice", TWO, NORTH, ENVELOPE_TWICE, .n_copy = 1, .copy = { { TWO, 36, 88, 36 + 88 } } },
	{ "the second slot taken away", TWO, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 9, 1 } }, .n_copy = 1, .copy = { { TWO, HEAD(2), WHOLE(2) - HEAD(2), HEAD(1) } }, .cut_to = WHOLE(1) },
	{ "the tip id of another", TWO, NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, 12, 16, 12 } } },
	{ "the slots of another", TWO, NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, 36, 176, 36 } } },
	{ "the body of another", TWO, NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, BODY(2), 4096 + 17, BODY(2) } } },
	{ "slots and body of another", TWO, NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, 36, BODY(2) + 4096 + 17 - 36, 36 } } },
	{ "chunks exchanged", LONG, NORTH, ENVELOPE_BODY, .n_copy = 2, .copy = { { LONG, BODY(1), CHUNK, BODY(1) + CHUNK }, { LONG, BODY(1) + CHUNK, CHUNK, BODY(1) } } },
	{ "the first chunk twice", LONG, NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { LONG, BODY(1), CHUNK, BODY(1) + CHUNK } } },
	{ "the second chunk taken away", LONG, NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 10, 16 } }, .n_copy = 1, .copy = { { LONG, BODY(1) + 2 * CHUNK, 64, BODY(1) + CHUNK } }, .cut_to = BODY(1) + CHUNK + 64 },
};
/* clang-format on */
#define N_CHANGES (sizeof(changes) / sizeof(changes[0]))

static const char *error_name(enum envelope_fault fault)
{
	enum tl_err err = envelope_fault_err(fault);

	return err == TL_EFORMAT ? "format"
	    : err == TL_ENOENT   ? "no-recipient"
				 : "proof";
}

static const struct buf *find_good(const char *name)
{
	for (size_t i = 0; i < N_GOOD; i++) {
		if (strcmp(good[i].name, name) == 0) {
			return &good_envelope[i];
		}
	}
	fail();
	return NULL;
}

static void check_refused(
    int team, const struct buf *envelope, enum envelope_fault fault)
{
	struct opened opened = { 0 };

	assert_string_equal(
	    envelope_fault_name(envelope_open_with(teams[team],
		(const uint8_t(*)[32])verify_key, 1,
		bytes_of(envelope->data, envelope->len), &opened)),
	    envelope_fault_name(fault));
}

/* "Nothing" cannot be said by 0, which is "not cut". */
static size_t cut_of(const struct change *c)
{
	return c->cut_to == SIZE_MAX ? 0 : c->cut_to;
}

static void check_change(const struct change *c)
{
	const struct buf *from = find_good(c->from);
	struct buf changed;

	buf_init(&changed, ENVELOPE_MAX_BYTES + 1);
	buf_put(&changed, from->data, from->len);
	for (size_t i = 0; i < c->n_put; i++) {
		/* a vector that changes nothing would prove nothing */
		assert_int_not_equal(
		    changed.data[c->put[i].at], c->put[i].byte);
		changed.data[c->put[i].at] = c->put[i].byte;
	}
	for (size_t i = 0; i < c->n_copy; i++) {
		const struct buf *source = find_good(c->copy[i].source);

		memcpy(changed.data + c->copy[i].at,
		    source->data + c->copy[i].source_at, c->copy[i].length);
	}
	if (c->cut_to != 0) {
		changed.len = cut_of(c);
	}
	buf_put_zeros(&changed, c->append);
	check_refused(c->team, &changed, c->fault);
	buf_free(&changed);
}

static void put_bad_front(
    struct buf *out, const char *name, int team, enum envelope_fault fault)
{
	buf_put_str(out, "\n\t\t{ ");
	put_text(out, "name", name);
	buf_put_str(out, ", ");
	put_text(out, "open_with", team_names[team]);
	buf_put_str(out, ", ");
	put_text(out, "error", error_name(fault));
	buf_put_str(out, ", ");
	put_text(out, "fault", envelope_fault_name(fault));
	buf_put_str(out, ",\n\t\t  ");
}

static void put_change(struct buf *out, const struct change *c)
{
	put_bad_front(out, c->name, c->team, c->fault);
	put_text(out, "from", c->from);
	for (size_t i = 0; i < c->n_put; i++) {
		buf_put_str(out, i == 0 ? ", \"put\": [{ " : ", { ");
		put_number(out, "at", c->put[i].at);
		buf_put_str(out, ", ");
		put_hex(out, "bytes", &c->put[i].byte, 1);
		buf_put_str(out, i + 1 < c->n_put ? " }" : " }]");
	}
	for (size_t i = 0; i < c->n_copy; i++) {
		buf_put_str(out, i == 0 ? ", \"copy\": [{ " : ", { ");
		put_text(out, "source", c->copy[i].source);
		buf_put_str(out, ", ");
		put_number(out, "source_at", c->copy[i].source_at);
		buf_put_str(out, ", ");
		put_number(out, "length", c->copy[i].length);
		buf_put_str(out, ", ");
		put_number(out, "at", c->copy[i].at);
		buf_put_str(out, i + 1 < c->n_copy ? " }" : " }]");
	}
	if (c->cut_to != 0) {
		buf_put_str(out, ", ");
		put_number(out, "cut_to", cut_of(c));
	}
	if (c->append > 0) {
		const uint8_t zero = 0;

		buf_put_str(out, ", ");
		put_hex(out, "append", &zero, c->append);
	}
	buf_put_str(out, " },");
}

/* ---- bad ones: sealed by somebody who breaks the rules ----------------------
 */

struct rule_breaker {
	const char *name;
	enum envelope_fault fault;
	uint32_t length;     /* as the content claims; the report has 5 bytes */
	uint32_t raw_length; /* likewise; there are none */
	size_t padding_at;   /* 0, or where the padding is not zero */
	uint8_t tag;
	bool not_bound; /* no additional data */
	bool no_box;    /* random bytes in the place of the wrap */
};

#define FINAL crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define PUSH  crypto_secretstream_xchacha20poly1305_TAG_PUSH
#define REKEY crypto_secretstream_xchacha20poly1305_TAG_REKEY

/* clang-format off */
static const struct rule_breaker breakers[] = {
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
#define N_BREAKERS (sizeof(breakers) / sizeof(breakers[0]))

static void break_rules(const struct rule_breaker *b, struct buf *out)
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

	buf_init(out, ENVELOPE_MAX_BYTES);
	randombytes_buf(head.id, sizeof(head.id));
	envelope_key_id(head.intake_key_id, verify_key[OURS]);
	envelope_write_head(buf_room(out, ENVELOPE_HEAD_BYTES), &head);
	envelope_key_id(id, team_public[NORTH]);
	buf_put(out, id, sizeof(id));
	randombytes_buf(content_key, sizeof(content_key));
	assert_int_equal(
	    crypto_box_seal(wrap, content_key, 32, team_public[NORTH]), 0);
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
	to = buf_room(out, sizeof(content) + 17);
	(void)crypto_secretstream_xchacha20poly1305_push(&stream, to, NULL,
	    content, sizeof(content), b->not_bound ? NULL : out->data,
	    b->not_bound ? 0 : BODY(1), b->tag);
	envelope_signed_message(message, bytes_of(out->data, out->len));
	(void)crypto_sign_detached(
	    signature, NULL, message, sizeof(message), sign_key[OURS]);
	buf_put(out, signature, sizeof(signature));
	assert_int_equal(buf_err(out), TL_OK);
}

static void put_breaker(struct buf *out, size_t i)
{
	struct buf envelope;

	break_rules(&breakers[i], &envelope);
	check_refused(NORTH, &envelope, breakers[i].fault);
	put_bad_front(out, breakers[i].name, NORTH, breakers[i].fault);
	put_envelope(out, &envelope);
	buf_put_str(out, i + 1 < N_BREAKERS ? " }," : " }");
	buf_free(&envelope);
}

/* ---- the file --------------------------------------------------------------
 */

static void make_file(struct buf *out)
{
	buf_init(out, JSON_MAX_BYTES);
	buf_put_str(out,
	    "{\n\t\"about\": \"docs/FORMAT.md, Envelope; made by"
	    " tests/unit/crypto_vectors.c\",\n");
	put_keys(out);
	buf_put_str(out, "\t\"good\": [");
	for (size_t i = 0; i < N_GOOD; i++) {
		make_good(i);
		put_good(out, i);
	}
	buf_put_str(out, "\n\t],\n\t\"bad\": [");
	for (size_t i = 0; i < N_CHANGES; i++) {
		put_change(out, &changes[i]);
	}
	for (size_t i = 0; i < N_BREAKERS; i++) {
		put_breaker(out, i);
	}
	buf_put_str(out, "\n\t]\n}\n");
	assert_int_equal(buf_err(out), TL_OK);
}

static struct buf made;

static void good_vectors_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_GOOD; i++) {
		check_good(i);
	}
}

static void bad_vectors_are_refused_for_their_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CHANGES; i++) {
		check_change(&changes[i]);
	}
}

static void the_file_says_what_the_code_does(void **state)
{
	uint8_t *bytes = malloc(JSON_MAX_BYTES);
	FILE *file = fopen(VECTORS, "rb");
	size_t len;

	(void)state;
	assert_non_null(bytes);
	assert_non_null(file);
	len = fread(bytes, 1, JSON_MAX_BYTES, file);
	(void)fclose(file);
	assert_int_equal(len, made.len);
	assert_memory_equal(bytes, made.data, len);
	free(bytes);
}

static int set_up_and_make(void **state)
{
	(void)set_up(state);
	make_file(&made);
	return 0;
}

static int free_all(void **state)
{
	buf_free(&made);
	for (size_t i = 0; i < N_GOOD; i++) {
		buf_free(&good_envelope[i]);
	}
	return tear_down(state);
}

static int write_file(void)
{
	FILE *file = fopen(VECTORS, "wb");
	int failed = file == NULL;

	(void)set_up_and_make(NULL);
	if (file != NULL) {
		failed = fwrite(made.data, 1, made.len, file) != made.len;
		failed |= fclose(file) != 0;
	}
	(void)free_all(NULL);
	return failed;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_vectors_open),
		cmocka_unit_test(bad_vectors_are_refused_for_their_reason),
		cmocka_unit_test(the_file_says_what_the_code_does),
	};

	if (argc == 2 && strcmp(argv[1], "--write") == 0) {
		return write_file();
	}
	return cmocka_run_group_tests_name(
	    "crypto/vectors", tests, set_up_and_make, free_all);
}
