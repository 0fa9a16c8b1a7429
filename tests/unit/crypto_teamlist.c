/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/teamlist: a list that is read is whole, in order and signed by who
 * it names; at any time, however wrong the clock, there is a key to seal to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "crypto/keyfile.h"
#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"
#include "crypto/teamlist.h"
#include "tests/lib/tempdir.h"

#define WEEK_S 604800
#define N      3u

static uint8_t sign[KEY_SIGN_BYTES];
static uint8_t identity[KEY_BYTES];
static struct teamlist good;
static struct buf text;

static void new_public(uint8_t *public_key)
{
	struct team_key *team = NULL;
	uint8_t secret[TEAMKEY_BYTES];

	random_bytes(secret, sizeof(secret));
	assert_int_equal(teamkey_of(secret, &team), TL_OK);
	memcpy(public_key, teamkey_public(team), TEAMKEY_BYTES);
	teamkey_free(team);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	keyfile_new_pair(sign, identity);
	memcpy(good.identity, identity, sizeof(identity));
	good.number = 7;
	good.n = N;
	for (size_t i = 0; i < N; i++) {
		good.epochs[i].start_s = 1000 + (int64_t)i * WEEK_S;
		new_public(good.epochs[i].public_key);
	}
	good.end_s = 1000 + (int64_t)N * WEEK_S;
	buf_init(&text, TEAMLIST_MAX_BYTES);
	assert_int_equal(teamlist_print(&text, &good, sign), TL_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&text);
	return 0;
}

static void what_is_printed_is_read(void **state)
{
	struct teamlist *got = NULL;

	(void)state;
	assert_int_equal(
	    teamlist_parse(bytes_of(text.data, text.len), &got), TL_OK);
	assert_memory_equal(got, &good, sizeof(good));
	teamlist_free(got);
	teamlist_free(NULL);
}

static void every_flipped_bit_and_every_cut_is_refused(void **state)
{
	struct teamlist *got = NULL;

	(void)state;
	for (size_t bit = 0; bit < text.len * 8; bit++) {
		text.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    teamlist_parse(bytes_of(text.data, text.len), &got),
		    TL_EFORMAT);
		text.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t len = 0; len < text.len; len++) {
		uint8_t *cut = malloc(len + (len == 0));

		assert_non_null(cut);
		memcpy(cut, text.data, len);
		assert_int_equal(
		    teamlist_parse(bytes_of(cut, len), &got), TL_EFORMAT);
		free(cut);
	}
	assert_null(got);
}

/* The text with a byte of it changed and a fitting check line. */
static enum tl_err parse_changed(size_t at, uint8_t byte)
{
	const size_t check_line = 6 + 16 + 1;
	struct teamlist *got = NULL;
	struct buf changed;
	enum tl_err err;

	buf_init(&changed, TEAMLIST_MAX_BYTES);
	buf_put(&changed, text.data, text.len - check_line);
	changed.data[at] = byte;
	keytext_put_check(&changed);
	err = teamlist_parse(bytes_of(changed.data, changed.len), &got);
	teamlist_free(got);
	buf_free(&changed);
	return err;
}

static void who_mends_the_check_line_still_has_no_signature(void **state)
{
	size_t refused = 0;

	(void)state;
	for (size_t at = 0; at + 23 < text.len; at++) {
		uint8_t other = text.data[at] == 'A' ? 'B' : 'A';
		enum tl_err err = parse_changed(at, other);

		assert_true(err == TL_EPROOF || err == TL_EFORMAT);
		refused += err == TL_EPROOF;
		/* another digit: another number, start or end */
		if (text.data[at] > '0' && text.data[at] <= '8') {
			err = parse_changed(at, (uint8_t)(text.data[at] + 1));
			assert_true(err == TL_EPROOF || err == TL_EFORMAT);
		}
	}
	assert_true(refused > 100);
}

static void another_identity_cannot_sign_for_this_one(void **state)
{
	uint8_t other_sign[KEY_SIGN_BYTES];
	uint8_t other[KEY_BYTES];
	struct teamlist *got = NULL;
	struct buf out;

	(void)state;
	keyfile_new_pair(other_sign, other);
	buf_init(&out, TEAMLIST_MAX_BYTES);
	assert_int_equal(teamlist_print(&out, &good, other_sign), TL_EINVAL);
	/* its own seed with the first one's public half: signed, and refused
	 * by who reads */
	memcpy(other_sign + 32, identity, 32);
	assert_int_equal(teamlist_print(&out, &good, other_sign), TL_OK);
	assert_int_equal(
	    teamlist_parse(bytes_of(out.data, out.len), &got), TL_EPROOF);
	assert_null(got);
	buf_free(&out);
}

static enum tl_err print_with(void (*change)(struct teamlist *))
{
	struct teamlist *list = malloc(sizeof(*list));
	struct buf out;
	enum tl_err err;

	assert_non_null(list);
	*list = good;
	change(list);
	buf_init(&out, TEAMLIST_MAX_BYTES);
	err = teamlist_print(&out, list, sign);
	buf_free(&out);
	free(list);
	return err;
}

static void no_change(struct teamlist *list)
{
	(void)list;
}

static void overlap(struct teamlist *list)
{
	list->epochs[1].start_s = list->epochs[0].start_s;
}

static void backwards(struct teamlist *list)
{
	list->epochs[2].start_s = list->epochs[0].start_s + 1;
}

static void end_too_early(struct teamlist *list)
{
	list->end_s = list->epochs[N - 1].start_s;
}

static void none(struct teamlist *list)
{
	list->n = 0;
}

static void twice(struct teamlist *list)
{
	memcpy(list->epochs[2].public_key, list->epochs[0].public_key, 32);
}

static void low_order(struct teamlist *list)
{
	memset(list->epochs[1].public_key, 0, 32);
}

static void no_number(struct teamlist *list)
{
	list->number = 0;
}

static void what_cannot_be_a_list_is_not_signed(void **state)
{
	(void)state;
	assert_int_equal(print_with(no_change), TL_OK);
	assert_int_equal(print_with(overlap), TL_EINVAL);
	assert_int_equal(print_with(backwards), TL_EINVAL);
	assert_int_equal(print_with(end_too_early), TL_EINVAL);
	assert_int_equal(print_with(none), TL_EINVAL);
	assert_int_equal(print_with(twice), TL_EINVAL);
	assert_int_equal(print_with(low_order), TL_EINVAL);
	assert_int_equal(print_with(no_number), TL_EINVAL);
}

static void there_is_a_key_for_every_time(void **state)
{
	static const struct {
		int64_t now_s;
		size_t epoch;
		int64_t days_left;
	} times[] = {
		{ 0, 2, 21 },
		{ 999, 2, 21 },
		{ 1000, 0, 21 },
		{ 1001, 0, 20 },
		{ 1000 + WEEK_S - 1, 0, 14 },
		{ 1000 + WEEK_S, 1, 14 },
		{ 1000 + 2 * WEEK_S, 2, 7 },
		{ 1000 + 3 * WEEK_S - 1, 2, 0 },
		{ 1000 + 3 * WEEK_S, 2, 0 },
		{ 1000 + 3 * WEEK_S + 1, 2, -1 },
		{ INT64_C(1) << 40, 2, -12725809 },
		{ -5, 2, 21 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_int_equal(
		    teamlist_at(&good, times[i].now_s), times[i].epoch);
		assert_int_equal(teamlist_days_left(&good, times[i].now_s),
		    times[i].days_left);
	}
	assert_int_equal(teamlist_end_of(&good, 0), 1000 + WEEK_S);
	assert_int_equal(teamlist_end_of(&good, 2), good.end_s);
}

static void a_file_is_replaced_whole_and_kept_from_strangers(void **state)
{
	char *dir = tempdir_make();
	const char *path = tempdir_path(dir, "team.list");
	struct teamlist *got = NULL;

	(void)state;
	assert_int_equal(teamlist_load(path, &got), TL_ENOENT);
	assert_int_equal(teamlist_save(path, false, &good, sign), TL_OK);
	assert_int_equal(teamlist_save(path, false, &good, sign), TL_EEXIST);
	good.number = 8;
	assert_int_equal(teamlist_save(path, true, &good, sign), TL_OK);
	good.number = 7;
	assert_int_equal(teamlist_load(path, &got), TL_OK);
	assert_int_equal(got->number, 8);
	teamlist_free(got);
	got = NULL;
	assert_int_equal(chmod(path, 0646), 0);
	assert_int_equal(teamlist_load(path, &got), TL_EPERM);
	assert_null(got);
	tempdir_remove(dir);
}

static void the_longest_list_has_room(void **state)
{
	struct teamlist *list = malloc(sizeof(*list));
	struct teamlist *got = NULL;
	struct buf out;

	(void)state;
	assert_non_null(list);
	*list = good;
	list->n = TEAMLIST_EPOCHS_MAX;
	for (size_t i = 0; i < list->n; i++) {
		list->epochs[i].start_s =
		    TEAMLIST_TIME_MAX_S - 2000 + (int64_t)i;
		new_public(list->epochs[i].public_key);
	}
	list->end_s = TEAMLIST_TIME_MAX_S;
	list->number = TEAMLIST_NUMBER_MAX;
	buf_init(&out, TEAMLIST_MAX_BYTES - 1);
	assert_int_equal(teamlist_print(&out, list, sign), TL_OK);
	assert_int_equal(
	    teamlist_parse(bytes_of(out.data, out.len), &got), TL_OK);
	assert_int_equal(got->n, TEAMLIST_EPOCHS_MAX);
	teamlist_free(got);
	buf_free(&out);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_read),
		cmocka_unit_test(every_flipped_bit_and_every_cut_is_refused),
		cmocka_unit_test(
		    who_mends_the_check_line_still_has_no_signature),
		cmocka_unit_test(another_identity_cannot_sign_for_this_one),
		cmocka_unit_test(what_cannot_be_a_list_is_not_signed),
		cmocka_unit_test(there_is_a_key_for_every_time),
		cmocka_unit_test(
		    a_file_is_replaced_whole_and_kept_from_strangers),
		cmocka_unit_test(the_longest_list_has_room),
	};

	return cmocka_run_group_tests_name(
	    "crypto/teamlist", tests, set_up, tear_down);
}
