/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/join: parts in any order, doubled, late, missing, and references that
 * are used again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "sms/join.h"
#include "text/utf16.h"

#define T0 INT64_C(1795300000)

/* ជួយខ្ញុំផង, 🆘, U+200B, CR LF: 10 parts of 67 units each but the last */
#define SENTENCE \
	"\u1787\u17bd\u1799\u1781\u17d2\u1789\u17bb\u17c6\u1795\u1784" \
	"\U0001F198\u200b\r\n"
#define TOTAL 10u

struct rig {
	struct join *join;
	struct buf text, data;
	bool lossy;
	uint64_t next_tag;
};

/* ten parts of one Khmer text, cut at any unit */
static struct buf units;
static struct buf whole;

static void cut_text(void)
{
	buf_init(&whole, 8192);
	buf_init(&units, 16384);
	while (units.len < 2 * 640) {
		buf_put_str(&whole, SENTENCE);
		buf_reset(&units);
		utf16be_encode(bytes_of(whole.data, whole.len), &units);
	}
	assert_int_equal((units.len + 133) / 134, TOTAL);
}

static struct join_part part_of(unsigned seq, int64_t received_s)
{
	size_t at = (seq - 1) * 134;
	size_t left = units.len - at;

	return (struct join_part){
		.gateway = bytes_str("g1"),
		.from = bytes_str("85512345678"),
		.to = bytes_str("8888"),
		.concat = { .ref = 7, .total = TOTAL, .seq = (uint8_t)seq },
		.form = JOIN_UTF16BE,
		.bytes = bytes_of(units.data + at, left < 134 ? left : 134),
		.received_s = received_s,
	};
}

static void begin(struct rig *rig)
{
	*rig = (struct rig){ .join = join_new(), .next_tag = 100 };
	assert_non_null(rig->join);
	buf_init(&rig->text, 65536);
	buf_init(&rig->data, 65536);
}

static void end(struct rig *rig)
{
	join_free(rig->join);
	buf_free(&rig->text);
	buf_free(&rig->data);
}

static void add(struct rig *rig, struct join_part part)
{
	part.tag = rig->next_tag++;
	assert_int_equal(join_add(rig->join, &part), TL_OK);
}

static void add_text(
    struct rig *rig, unsigned seq, unsigned total, const char *text, int64_t s)
{
	struct join_part part = part_of(1, s);

	part.concat.seq = (uint8_t)seq;
	part.concat.total = (uint8_t)total;
	part.form = JOIN_TEXT;
	part.bytes = bytes_str(text);
	add(rig, part);
}

/* What the i-th message says. */
static const struct join_message *read_at(struct rig *rig, size_t i)
{
	buf_reset(&rig->text);
	buf_reset(&rig->data);
	assert_true(i < join_count(rig->join));
	assert_int_equal(
	    join_read(rig->join, i, &rig->text, &rig->data, &rig->lossy),
	    TL_OK);
	return join_at(rig->join, i);
}

static void assert_text(const struct rig *rig, const char *text)
{
	assert_int_equal(rig->text.len, strlen(text));
	assert_memory_equal(rig->text.data, text, rig->text.len);
}

static void assert_whole(const struct rig *rig)
{
	assert_false(rig->lossy);
	assert_int_equal(rig->text.len, whole.len);
	assert_memory_equal(rig->text.data, whole.data, whole.len);
}

static void ten_khmer_parts_out_of_order_doubled_and_late_are_one(void **state)
{
	static const unsigned order[] = { 9, 2, 10, 1, 4, 4, 3, 8, 6, 5 };
	const struct join_message *message;
	struct rig rig;

	(void)state;
	begin(&rig);
	for (size_t i = 0; i < TOTAL; i++) {
		add(&rig, part_of(order[i], T0 + (int64_t)i));
	}
	/* 7 has not come */
	assert_int_equal(join_settle(rig.join, T0 + 59), TL_OK);
	assert_int_equal(join_count(rig.join), 1);
	message = read_at(&rig, 0);
	assert_int_equal(message->state, JOIN_EXPECTED);
	assert_int_equal(message->seen, 0x3ff & ~(1u << 6));
	assert_int_equal(message->n_doubles, 1);
	assert_int_equal(message->n_parts, 10);
	assert_non_null(memmem(rig.text.data, rig.text.len, " [7/10?] ", 9));
	assert_int_equal(join_tag(rig.join, 0, 0), 100);
	end(&rig);
	/* it comes after an hour */
	begin(&rig);
	add(&rig, part_of(7, T0 + 3600));
	for (size_t i = 0; i < TOTAL; i++) {
		add(&rig, part_of(order[i], T0 + (int64_t)i));
	}
	assert_int_equal(join_settle(rig.join, T0 + 3601), TL_OK);
	assert_int_equal(join_count(rig.join), 1);
	message = read_at(&rig, 0);
	assert_int_equal(message->state, JOIN_COMPLETE);
	assert_true(message->late);
	assert_int_equal(message->n_doubles, 1);
	assert_whole(&rig);
	end(&rig);
}

static void what_is_missing_is_named_after_its_time(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig);
	add_text(&rig, 1, 3, "one ", T0);
	add_text(&rig, 3, 3, "three", T0 + 1);
	assert_int_equal(join_settle(rig.join, T0 + JOIN_WAIT_S), TL_OK);
	assert_int_equal(read_at(&rig, 0)->state, JOIN_INCOMPLETE);
	assert_int_equal(join_at(rig.join, 0)->seen, 5);
	assert_text(&rig, "one  [2/3?] three");
	end(&rig);
}

/* Every order of five parts, with and without a double, gives the same. */
static void the_order_of_arrival_changes_nothing(void **state)
{
	static const char *const texts[] = { "a", "b", "c", "d", "e" };

	(void)state;
	for (unsigned code = 0; code < 5 * 5 * 5 * 5 * 5; code++) {
		unsigned order[6];
		unsigned rest = code;
		unsigned seen = 0;
		struct rig rig;

		for (size_t i = 0; i < 5; i++, rest /= 5) {
			order[i] = rest % 5;
			seen |= 1u << order[i];
		}
		if (seen != 31) {
			continue; /* no permutation */
		}
		order[5] = code % 5;
		begin(&rig);
		for (size_t i = 0; i < 6; i++) {
			add_text(&rig, order[i] + 1, 5, texts[order[i]],
			    T0 + (int64_t)i);
		}
		assert_int_equal(join_settle(rig.join, T0 + 9), TL_OK);
		assert_int_equal(join_count(rig.join), 1);
		assert_int_equal(read_at(&rig, 0)->state, JOIN_COMPLETE);
		assert_int_equal(join_at(rig.join, 0)->n_doubles, 1);
		assert_text(&rig, "abcde");
		end(&rig);
	}
}

static void the_same_number_with_other_bytes_begins_another(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig);
	add_text(&rig, 1, 2, "a1", T0);
	add_text(&rig, 2, 2, "a2", T0 + 1);
	add_text(&rig, 1, 2, "b1", T0 + 2);
	add_text(&rig, 2, 2, "b2", T0 + 3);
	assert_int_equal(join_settle(rig.join, T0 + 4), TL_OK);
	assert_int_equal(join_count(rig.join), 2);
	assert_false(read_at(&rig, 0)->reused);
	assert_text(&rig, "a1a2");
	assert_true(read_at(&rig, 1)->reused);
	assert_text(&rig, "b1b2");
	end(&rig);
}

/* Each part against each message would be hundreds of millions. */
static void very_many_under_one_reference_take_no_longer_each(void **state)
{
	enum { MANY = 20000 };
	struct rig rig;
	char text[16];

	(void)state;
	begin(&rig);
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(text, sizeof(text), "%u", i / 3);
		/* each text comes three times, as its first and second part */
		add_text(&rig, 1 + i % 2, 3, text, T0 + i / 100);
	}
	assert_int_equal(join_settle(rig.join, T0 + 1000), TL_OK);
	assert_true(join_steps(rig.join) <= 3 * (uint64_t)MANY);
	assert_int_equal(join_count(rig.join), (MANY + 2) / 3);
	end(&rig);
}

/* As it is said: the oldest that lacks that number, or has the same. */
static void where_each_part_goes_follows_from_the_ones_before(void **state)
{
	enum { N = 40, TOTAL_OF = 3, TEXTS = 4 };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		unsigned held[N][TOTAL_OF] = { 0 }; /* 0: nothing */
		size_t want[N] = { 0 }, n_sets = 0;
		struct rig rig;

		begin(&rig);
		for (unsigned i = 0; i < N; i++) {
			char text[2] = "a";
			unsigned seq, what;
			size_t s = 0;

			seed = seed * 1664525u + 1013904223u;
			seq = (seed >> 8) % TOTAL_OF;
			what = 1 + (seed >> 16) % TEXTS;
			while (s < n_sets && held[s][seq] != 0 &&
			    held[s][seq] != what) {
				s++;
			}
			held[s][seq] = what;
			n_sets = s == n_sets ? s + 1 : n_sets;
			want[s]++;
			text[0] = (char)('a' + what);
			add_text(&rig, seq + 1, TOTAL_OF, text, T0 + i);
		}
		assert_int_equal(join_settle(rig.join, T0 + 1000), TL_OK);
		assert_int_equal(join_count(rig.join), n_sets);
		for (size_t s = 0; s < n_sets; s++) {
			assert_int_equal(
			    join_at(rig.join, s)->n_parts, want[s]);
		}
		end(&rig);
	}
}

static void a_reference_used_again_later_is_another_message(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig);
	/* 2 of the first has not come; both of the second have */
	add_text(&rig, 1, 2, "old", T0);
	add_text(&rig, 1, 2, "new1", T0 + 7200);
	add_text(&rig, 2, 2, "new2", T0 + 7201);
	assert_int_equal(join_settle(rig.join, T0 + 8000), TL_OK);
	assert_int_equal(join_count(rig.join), 2);
	assert_int_equal(read_at(&rig, 0)->state, JOIN_INCOMPLETE);
	assert_int_equal(read_at(&rig, 1)->state, JOIN_COMPLETE);
	assert_text(&rig, "new1new2");
	end(&rig);
	/* a part that comes after two days completes nothing */
	begin(&rig);
	add_text(&rig, 1, 2, "old", T0);
	add_text(&rig, 2, 2, "new", T0 + JOIN_LATE_S + 1);
	assert_int_equal(join_settle(rig.join, T0 + 2 * JOIN_LATE_S), TL_OK);
	assert_int_equal(join_count(rig.join), 2);
	end(&rig);
	/* a whole message that is delivered again in part is doubled */
	begin(&rig);
	add_text(&rig, 1, 2, "a", T0);
	add_text(&rig, 2, 2, "b", T0);
	add_text(&rig, 2, 2, "b", T0 + 5000);
	assert_int_equal(join_settle(rig.join, T0 + 8000), TL_OK);
	assert_int_equal(join_count(rig.join), 1);
	assert_int_equal(join_at(rig.join, 0)->n_doubles, 1);
	end(&rig);
}

static void every_member_of_the_key_tells_messages_apart(void **state)
{
	struct rig rig;
	struct join_part part = part_of(1, T0);

	(void)state;
	begin(&rig);
	add(&rig, part);
	part.concat.seq = 2;
	for (int i = 0; i < 6; i++) {
		struct join_part other = part;

		other.gateway = i == 0 ? bytes_str("g2") : part.gateway;
		other.from = i == 1 ? bytes_str("85512345679") : part.from;
		other.to = i == 2 ? bytes_str("8889") : part.to;
		other.concat.ref = i == 3 ? 8 : 7;
		other.concat.total = i == 4 ? 9 : TOTAL;
		other.concat.wide = i == 5;
		add(&rig, other);
	}
	assert_int_equal(join_settle(rig.join, T0), TL_OK);
	assert_int_equal(join_count(rig.join), 7);
	end(&rig);
}

static void bytes_are_joined_before_they_are_decoded(void **state)
{
	static const uint8_t sos[] = { 0xd8, 0x3c, 0xdd, 0x98 };
	struct join_part part = part_of(1, T0);
	struct rig rig;

	(void)state;
	/* an emoji cut in two, beside a part that was read well */
	begin(&rig);
	part.concat.total = 3;
	part.bytes = bytes_of(sos, 2);
	part.concat.seq = 2;
	add(&rig, part);
	part.bytes = bytes_of(sos + 2, 2);
	part.concat.seq = 3;
	add(&rig, part);
	add_text(&rig, 1, 3, "\u1787", T0);
	assert_int_equal(join_settle(rig.join, T0), TL_OK);
	(void)read_at(&rig, 0);
	assert_text(&rig, "\u1787\U0001F198");
	assert_false(rig.lossy);
	end(&rig);
	/* UTF-8 and the escape of GSM 03.38 likewise */
	begin(&rig);
	add_text(&rig, 1, 2, "\xe1\x9e", T0);
	add_text(&rig, 2, 2, "\x87", T0);
	assert_int_equal(join_settle(rig.join, T0), TL_OK);
	(void)read_at(&rig, 0);
	assert_text(&rig, "\u1787");
	end(&rig);
	begin(&rig);
	part.form = JOIN_GSM7;
	part.concat.total = 2;
	part.concat.seq = 1;
	part.bytes = bytes_str("a\x1b");
	add(&rig, part);
	part.concat.seq = 2;
	part.bytes = bytes_str("\x65");
	add(&rig, part);
	assert_int_equal(join_settle(rig.join, T0), TL_OK);
	(void)read_at(&rig, 0);
	assert_text(&rig, "a\u20ac");
	end(&rig);
}

static void bytes_that_are_no_text_stay_bytes(void **state)
{
	struct join_part part = part_of(1, T0);
	struct rig rig;

	(void)state;
	begin(&rig);
	part.form = JOIN_BYTES;
	part.concat.total = 2;
	for (uint8_t seq = 2; seq >= 1; seq--) {
		part.concat.seq = seq;
		part.bytes = bytes_str(seq == 1 ? "\xff\x01" : "\xfe");
		add(&rig, part);
	}
	assert_int_equal(join_settle(rig.join, T0), TL_OK);
	(void)read_at(&rig, 0);
	assert_int_equal(rig.text.len, 0);
	assert_int_equal(rig.data.len, 3);
	assert_memory_equal(rig.data.data, "\xff\x01\xfe", 3);
	end(&rig);
}

static void words_in_bytes_are_read_together(void **state)
{
	struct join_part part = part_of(1, T0);
	struct rig rig;

	(void)state;
	begin(&rig);
	part.form = JOIN_BYTES;
	part.concat.total = 2;
	part.bytes = bytes_str("help \xe1\x9e");
	add(&rig, part);
	part.concat.seq = 2;
	part.bytes = bytes_str("\x87 now");
	add(&rig, part);
	assert_int_equal(join_settle(rig.join, T0), TL_OK);
	(void)read_at(&rig, 0);
	assert_text(&rig, "help \u1787 now");
	assert_int_equal(rig.data.len, 12);
	end(&rig);
}

static void numbers_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		uint8_t total, seq;
		bool wanted;
	} rows[] = { { 0, 0, false }, { 1, 1, false }, { 2, 0, false },
		{ 2, 3, false }, { 2, 2, true }, { 20, 20, true },
		{ 21, 1, false }, { 255, 255, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sms_concat concat = {
			.total = rows[i].total,
			.seq = rows[i].seq,
		};

		assert_int_equal(join_wants(&concat), rows[i].wanted);
	}
}

static void nothing_gives_nothing(void **state)
{
	struct join *join = join_new();

	(void)state;
	assert_int_equal(join_settle(join, T0), TL_OK);
	assert_int_equal(join_count(join), 0);
	join_free(join);
	join_free(NULL);
}

static int setup(void **state)
{
	(void)state;
	cut_text();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_free(&units);
	buf_free(&whole);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    ten_khmer_parts_out_of_order_doubled_and_late_are_one),
		cmocka_unit_test(what_is_missing_is_named_after_its_time),
		cmocka_unit_test(the_order_of_arrival_changes_nothing),
		cmocka_unit_test(
		    the_same_number_with_other_bytes_begins_another),
		cmocka_unit_test(
		    very_many_under_one_reference_take_no_longer_each),
		cmocka_unit_test(
		    where_each_part_goes_follows_from_the_ones_before),
		cmocka_unit_test(
		    a_reference_used_again_later_is_another_message),
		cmocka_unit_test(every_member_of_the_key_tells_messages_apart),
		cmocka_unit_test(bytes_are_joined_before_they_are_decoded),
		cmocka_unit_test(bytes_that_are_no_text_stay_bytes),
		cmocka_unit_test(words_in_bytes_are_read_together),
		cmocka_unit_test(numbers_that_make_no_sense_are_refused),
		cmocka_unit_test(nothing_gives_nothing),
	};

	return cmocka_run_group_tests_name("sms/join", tests, setup, teardown);
}
