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

#include "base/buf.h"
#include "crypto/envelope.h"
#include "crypto/open.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "tests/lib/rule_breakers.h"
#include "tests/lib/vector_json.h"
#include "tests/lib/vector_world.h"

#define VECTORS        "tests/vectors/envelope.json"
#define JSON_MAX_BYTES (2u * 1024u * 1024u)
#define HEAD(n)        (36u + 88u * (n))
#define BODY(n)        (HEAD(n) + 24u)

/* ---- good ones -------------------------------------------------------------
 */

struct good {
	const char *name;
	struct sealer **sealer;
	unsigned teams; /* that open it: a set of 1 << TEAM_NORTH ... */
	const char *report;
	size_t report_bytes; /* the report repeated, and cut to this */
	const char *raw;
	size_t raw_bytes;    /* likewise */
	unsigned size_class; /* at least */
	bool not_signed_by_us;
	bool flip_signature;
};

#define BOTH (1u << TEAM_NORTH | 1u << TEAM_SOUTH)
/* clang-format off */
static const struct good good[] = {
	{ "one recipient", &vector_world.to_one, 1u << TEAM_NORTH, "{\"v\":1}", 7, .raw = "" },
	{ "two recipients", &vector_world.to_two, BOTH, "help \xe1\x9e\x87", 8, .raw = "" },
	{ "two recipients, another tip", &vector_world.to_two, BOTH, "other", 5, .raw = "" },
	{ "eight recipients", &vector_world.to_eight, 1u << TEAM_NORTH, "many", 4, .raw = "" },
	{ "nothing at all", &vector_world.to_one, 1u << TEAM_NORTH, "", 0, .raw = "" },
	{ "the longest of 4 KiB", &vector_world.to_one, 1u << TEAM_NORTH, "0123456789", 4088, .raw = "" },
	{ "the shortest of 8 KiB", &vector_world.to_one, 1u << TEAM_NORTH, "0123456789", 4089, .raw = "" },
	{ "two chunks", &vector_world.to_one, 1u << TEAM_NORTH, "0123456789", 70000, .raw = "" },
	{ "raw bytes beside a report", &vector_world.to_one, 1u << TEAM_NORTH, "{\"v\":1}", 7, .raw = "\xff\xd8\xff", .raw_bytes = 300 },
	{ "raw bytes alone", &vector_world.to_one, 1u << TEAM_NORTH, "", 0, .raw = "OggS", .raw_bytes = 4 },
	{ "raw bytes that fill the 4 KiB", &vector_world.to_one, 1u << TEAM_NORTH, "{\"v\":1}", 7, .raw = "OggS", .raw_bytes = 4081 },
	{ "raw bytes in two chunks", &vector_world.to_one, 1u << TEAM_NORTH, "{\"v\":1}", 7, .raw = "0123456789", .raw_bytes = 70000 },
	{ "a class larger than needed", &vector_world.to_one, 1u << TEAM_NORTH, "{\"v\":1}", 7, .raw = "end", .raw_bytes = 3, .size_class = 13 },
	{ "an unknown intake", &vector_world.by_theirs, BOTH, "injected?", 9, .raw = "", .not_signed_by_us = true },
	{ "a flipped signature", &vector_world.to_two, BOTH, "kept all the same", 17, .raw = "", .not_signed_by_us = true, .flip_signature = true },
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

	random_bytes(id, sizeof(id));
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
	vector_json_text(out, "name", g->name);
	buf_put_str(out, ", \"open_with\": [");
	for (size_t team = 0; team < TEAMS; team++) {
		if ((g->teams & 1u << team) != 0) {
			buf_put_str(out, first ? "\"" : ", \"");
			buf_put_str(out, vector_world_teams[team]);
			buf_put_str(out, "\"");
			first = false;
		}
	}
	buf_put_str(out, "],\n\t\t  ");
	vector_json_hex(out, "tip_id", envelope->data + 12, 16);
	buf_put_str(out, ", ");
	vector_json_hex(out, "intake_key_id", envelope->data + 28, 8);
	buf_put_str(out, ",\n\t\t  \"signed_by_us\": ");
	buf_put_str(
	    out, g->not_signed_by_us ? "false,\n\t\t  " : "true,\n\t\t  ");
	vector_json_hex(
	    out, "report", (const uint8_t *)g->report, strlen(g->report));
	buf_put_str(out, ", ");
	vector_json_number(out, "report_bytes", g->report_bytes);
	buf_put_str(out, ", ");
	vector_json_hex(out, "raw", (const uint8_t *)g->raw, strlen(g->raw));
	buf_put_str(out, ", ");
	vector_json_number(out, "raw_bytes", g->raw_bytes);
	buf_put_str(out, ",\n\t\t  ");
	vector_json_b64(out, "envelope", envelope->data, envelope->len);
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
		    envelope_open(vector_world.teams[team],
			(const uint8_t(*)[32])vector_world.verify_key, 1,
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
	{ "wrong magic", ONE, TEAM_NORTH, ENVELOPE_MAGIC, .n_put = 1, .put = { { 0, 'T' } } },
	{ "version 2", ONE, TEAM_NORTH, ENVELOPE_VERSION_NO, .n_put = 1, .put = { { 7, 2 } } },
	{ "suite 2", ONE, TEAM_NORTH, ENVELOPE_SUITE_NO, .n_put = 1, .put = { { 8, 2 } } },
	{ "no recipients", ONE, TEAM_NORTH, ENVELOPE_COUNT, .n_put = 1, .put = { { 9, 0 } } },
	{ "nine recipients", ONE, TEAM_NORTH, ENVELOPE_COUNT, .n_put = 1, .put = { { 9, 9 } } },
	{ "one recipient more than there is", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .n_put = 1, .put = { { 9, 2 } } },
	{ "size class 11", ONE, TEAM_NORTH, ENVELOPE_CLASS, .n_put = 1, .put = { { 10, 11 } } },
	{ "size class 13 in the length of 12", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .n_put = 1, .put = { { 10, 13 } } },
	{ "size class 20 in the length of 12", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .n_put = 1, .put = { { 10, 20 } } },
	{ "size class 255", ONE, TEAM_NORTH, ENVELOPE_CLASS, .n_put = 1, .put = { { 10, 255 } } },
	{ "byte 11 is not zero", ONE, TEAM_NORTH, ENVELOPE_RESERVED, .n_put = 1, .put = { { 11, 1 } } },
	{ "another tip id", ONE, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 12, 0 } } },
	{ "another intake key id", ONE, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 28, 0 } } },
	{ "another key id in the slot", ONE, TEAM_NORTH, ENVELOPE_STRANGER, .n_put = 1, .put = { { 36, 0 } } },
	{ "not a recipient", TWO, TEAM_STRANGER, ENVELOPE_STRANGER, .n_put = 0 },
	{ "a changed wrap", ONE, TEAM_NORTH, ENVELOPE_WRAP, .n_put = 1, .put = { { 36 + 8 + 40, 0 } } },
	{ "a changed wrap of the other recipient", TWO, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 36 + 88 + 8, 0 } } },
	{ "a changed secretstream header", ONE, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { HEAD(1), 0 } } },
	{ "a changed first byte of the body", ONE, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { BODY(1), 0 } } },
	{ "a changed last byte of the body", ONE, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { BODY(1) + 4096 + 16, 0 } } },
	{ "a changed byte in the second chunk", LONG, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { BODY(1) + CHUNK + 9, 0 } } },
	{ "nothing", ONE, TEAM_NORTH, ENVELOPE_SHORT, .n_put = 0, .cut_to = SIZE_MAX },
	{ "cut in the head", ONE, TEAM_NORTH, ENVELOPE_SHORT, .cut_to = 35 },
	{ "cut after the head", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .cut_to = 36 },
	{ "cut in the slots", TWO, TEAM_NORTH, ENVELOPE_LENGTH, .cut_to = 36 + 88 + 87 },
	{ "cut before the body", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .cut_to = BODY(1) },
	{ "cut before the signature", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .cut_to = WHOLE(1) - 64 },
	{ "the last byte cut", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .cut_to = WHOLE(1) - 1 },
	{ "one byte appended", ONE, TEAM_NORTH, ENVELOPE_LENGTH, .append = 1 },
	{ "slots exchanged", TWO, TEAM_NORTH, ENVELOPE_BODY, .n_copy = 2, .copy = { { TWO, 36, 88, 36 + 88 }, { TWO, 36 + 88, 88, 36 } } },
	{ "one slot twice", TWO, TEAM_NORTH, ENVELOPE_TWICE, .n_copy = 1, .copy = { { TWO, 36, 88, 36 + 88 } } },
	{ "the second slot taken away", TWO, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 9, 1 } }, .n_copy = 1, .copy = { { TWO, HEAD(2), WHOLE(2) - HEAD(2), HEAD(1) } }, .cut_to = WHOLE(1) },
	{ "the tip id of another", TWO, TEAM_NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, 12, 16, 12 } } },
	{ "the slots of another", TWO, TEAM_NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, 36, 176, 36 } } },
	{ "the body of another", TWO, TEAM_NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, BODY(2), 4096 + 17, BODY(2) } } },
	{ "slots and body of another", TWO, TEAM_NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { OTHER, 36, BODY(2) + 4096 + 17 - 36, 36 } } },
	{ "chunks exchanged", LONG, TEAM_NORTH, ENVELOPE_BODY, .n_copy = 2, .copy = { { LONG, BODY(1), CHUNK, BODY(1) + CHUNK }, { LONG, BODY(1) + CHUNK, CHUNK, BODY(1) } } },
	{ "the first chunk twice", LONG, TEAM_NORTH, ENVELOPE_BODY, .n_copy = 1, .copy = { { LONG, BODY(1), CHUNK, BODY(1) + CHUNK } } },
	{ "the second chunk taken away", LONG, TEAM_NORTH, ENVELOPE_BODY, .n_put = 1, .put = { { 10, 16 } }, .n_copy = 1, .copy = { { LONG, BODY(1) + 2 * CHUNK, 64, BODY(1) + CHUNK } }, .cut_to = BODY(1) + CHUNK + 64 },
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
	    envelope_fault_name(envelope_open_with(vector_world.teams[team],
		(const uint8_t(*)[32])vector_world.verify_key, 1,
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
	vector_json_text(out, "name", name);
	buf_put_str(out, ", ");
	vector_json_text(out, "open_with", vector_world_teams[team]);
	buf_put_str(out, ", ");
	vector_json_text(out, "error", error_name(fault));
	buf_put_str(out, ", ");
	vector_json_text(out, "fault", envelope_fault_name(fault));
	buf_put_str(out, ",\n\t\t  ");
}

static void put_change(struct buf *out, const struct change *c)
{
	put_bad_front(out, c->name, c->team, c->fault);
	vector_json_text(out, "from", c->from);
	for (size_t i = 0; i < c->n_put; i++) {
		buf_put_str(out, i == 0 ? ", \"put\": [{ " : ", { ");
		vector_json_number(out, "at", c->put[i].at);
		buf_put_str(out, ", ");
		vector_json_hex(out, "bytes", &c->put[i].byte, 1);
		buf_put_str(out, i + 1 < c->n_put ? " }" : " }]");
	}
	for (size_t i = 0; i < c->n_copy; i++) {
		buf_put_str(out, i == 0 ? ", \"copy\": [{ " : ", { ");
		vector_json_text(out, "source", c->copy[i].source);
		buf_put_str(out, ", ");
		vector_json_number(out, "source_at", c->copy[i].source_at);
		buf_put_str(out, ", ");
		vector_json_number(out, "length", c->copy[i].length);
		buf_put_str(out, ", ");
		vector_json_number(out, "at", c->copy[i].at);
		buf_put_str(out, i + 1 < c->n_copy ? " }" : " }]");
	}
	if (c->cut_to != 0) {
		buf_put_str(out, ", ");
		vector_json_number(out, "cut_to", cut_of(c));
	}
	if (c->append > 0) {
		const uint8_t zero = 0;

		buf_put_str(out, ", ");
		vector_json_hex(out, "append", &zero, c->append);
	}
	buf_put_str(out, " },");
}

/* ---- bad ones: sealed by somebody who breaks the rules ----------------------
 */

static void put_breaker(struct buf *out, size_t i)
{
	struct buf envelope;

	rule_breakers_seal(&rule_breakers[i], &envelope);
	check_refused(TEAM_NORTH, &envelope, rule_breakers[i].fault);
	put_bad_front(
	    out, rule_breakers[i].name, TEAM_NORTH, rule_breakers[i].fault);
	vector_json_b64(out, "envelope", envelope.data, envelope.len);
	buf_put_str(out, i + 1 < rule_breakers_n ? " }," : " }");
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
	vector_world_print(out);
	buf_put_str(out, "\t\"good\": [");
	for (size_t i = 0; i < N_GOOD; i++) {
		make_good(i);
		put_good(out, i);
	}
	buf_put_str(out, "\n\t],\n\t\"bad\": [");
	for (size_t i = 0; i < N_CHANGES; i++) {
		put_change(out, &changes[i]);
	}
	for (size_t i = 0; i < rule_breakers_n; i++) {
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
	(void)vector_world_set_up(state);
	make_file(&made);
	return 0;
}

static int free_all(void **state)
{
	buf_free(&made);
	for (size_t i = 0; i < N_GOOD; i++) {
		buf_free(&good_envelope[i]);
	}
	return vector_world_tear_down(state);
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
