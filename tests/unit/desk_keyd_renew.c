/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_renew: the ring changes while keyd runs. Who is not what they were
 * is out, who stays goes on, and a ring that cannot be read changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/frame.h"
#include "crypto/envelope.h"
#include "crypto/ring.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"
#include "tests/lib/keyd_rig.h"

static struct keyd_rig rig;
static uint8_t epoch[32];
static uint8_t tokens[3][KEYD_TOKEN_BYTES];

static enum keyd_unlocked unlock(
    const char *name, const char *passphrase, uint8_t *token)
{
	struct keyd_unlocked_as as =
	    keyd_rig_unlock(&rig, name, passphrase, "");

	memcpy(token, as.token, sizeof(as.token));
	return as.result;
}

static int set_up(void **state)
{
	struct ring *ring;

	(void)state;
	keyd_rig_start(&rig);
	ring = keyd_rig_people();
	assert_int_equal(ring_add(ring, 1000, 2000, epoch), TL_OK);
	assert_int_equal(ring_save(ring, rig.ring, false), TL_OK);
	ring_free(ring);
	keyd_rig_run(&rig, 3600000, false);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(unlock(keyd_people[i].name,
				     keyd_people[i].passphrase, tokens[i]),
		    KEYD_UNLOCKED);
	}
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], epoch), ENVELOPE_FINE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keyd_rig_stop(&rig);
	return 0;
}

/* The ring as it is there, open. */
static struct ring *take_ring(void)
{
	struct ring *ring = NULL;

	assert_int_equal(ring_load(rig.ring, &ring), TL_OK);
	assert_int_equal(
	    ring_unlock(ring, bytes_str("sok"), bytes_str("first")), TL_OK);
	return ring;
}

static void put_ring(struct ring *ring)
{
	assert_int_equal(ring_save(ring, rig.ring, true), TL_OK);
	ring_free(ring);
}

/* Let keyd look; the names of who has left, with a blank behind each. */
static const char *look(void)
{
	static char names[128];
	struct frame frame;
	size_t at = 0, len = 0;

	rig.now_ms += 1000;
	buf_reset(&rig.out);
	assert_int_equal(keyd_look(rig.keyd, rig.now_ms, &rig.out), TL_OK);
	while (at < rig.out.len) {
		assert_int_equal(frame_get(rig.out.data + at, rig.out.len - at,
				     FRAME_FROM_KEYD, &frame),
		    TL_OK);
		if (frame.type == FRAME_KEYD_RING) {
			assert_int_equal(frame.body_len, 1);
			names[len++] = (char)('0' + frame.body[0]);
		} else {
			assert_int_equal(frame.type, FRAME_KEYD_LEFT);
			memcpy(names + len, frame.body, frame.body_len);
			len += frame.body_len;
		}
		names[len++] = ' ';
		at += FRAME_HEAD_BYTES + frame.body_len;
	}
	names[len] = '\0';
	return names;
}

static void who_was_removed_is_out_and_the_others_go_on(void **state)
{
	struct ring *ring = take_ring();
	uint8_t token[16];

	(void)state;
	assert_string_equal(look(), "");
	assert_int_equal(ring_officer_remove(ring, "sok"), TL_OK);
	put_ring(ring);
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], epoch), ENVELOPE_FINE);
	assert_string_equal(look(), "0 sok ");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], epoch), KEYD_NO_SESSION);
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[1], epoch), ENVELOPE_FINE);
	assert_int_equal(unlock("sok", "first", token), KEYD_WRONG);
	assert_string_equal(look(), "");
	/* their places have moved, and each is still who they were */
	assert_int_equal(unlock("vanna", "third", token), KEYD_UNLOCKED);
	assert_int_equal(
	    keyd_rig_open_small(&rig, token, epoch), KEYD_NO_RIGHT);
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[2], epoch), KEYD_NO_RIGHT);
}

static void the_keys_go_with_the_last_who_was_removed(void **state)
{
	struct ring *ring = take_ring();
	uint8_t token[16];

	(void)state;
	assert_int_equal(ring_officer_set(ring, "bora", RING_OFFICER,
			     bytes_str("fourth"), pwhash_least),
	    TL_OK);
	assert_int_equal(ring_officer_remove(ring, "sok"), TL_OK);
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_OK);
	put_ring(ring);
	assert_string_equal(look(), "0 sok dara ");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[1], epoch), KEYD_NO_SESSION);
	/* an administrator is there, and cannot have anything opened */
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[2], epoch), KEYD_NO_RIGHT);
	assert_int_equal(unlock("bora", "fourth", token), KEYD_UNLOCKED);
	assert_int_equal(
	    keyd_rig_open_small(&rig, token, epoch), ENVELOPE_FINE);
}

static void another_role_passphrase_or_second_factor_ends_log_ins(void **state)
{
	struct ring *ring = take_ring();
	uint8_t token[16];

	(void)state;
	assert_int_equal(
	    ring_officer_change(ring, "dara", RING_ADMINISTRATOR, false),
	    TL_OK);
	put_ring(ring);
	assert_string_equal(look(), "0 dara ");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[1], epoch), KEYD_NO_SESSION);
	assert_int_equal(unlock("dara", "second", token), KEYD_UNLOCKED);
	assert_int_equal(
	    keyd_rig_open_small(&rig, token, epoch), KEYD_NO_RIGHT);
	ring = take_ring();
	assert_int_equal(
	    ring_officer_passphrase(ring, "vanna", bytes_str("third"),
		bytes_str("other"), pwhash_least),
	    TL_OK);
	put_ring(ring);
	assert_string_equal(look(), "0 vanna ");
	assert_int_equal(unlock("vanna", "third", token), KEYD_WRONG);
	assert_int_equal(unlock("vanna", "other", token), KEYD_UNLOCKED);
	ring = take_ring();
	assert_int_equal(
	    ring_officer_change(ring, "vanna", (enum ring_role)0, true), TL_OK);
	put_ring(ring);
	assert_string_equal(look(), "0 vanna ");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], epoch), ENVELOPE_FINE);
}

static void another_key_of_the_ring_lets_all_log_in_again(void **state)
{
	struct ring *ring = take_ring();
	uint8_t token[16];

	(void)state;
	assert_int_equal(ring_rotate(ring), TL_OK);
	put_ring(ring);
	assert_string_equal(look(), "0 sok dara vanna ");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], epoch), KEYD_NO_SESSION);
	assert_int_equal(unlock("dara", "second", token), KEYD_UNLOCKED);
	assert_int_equal(
	    keyd_rig_open_small(&rig, token, epoch), ENVELOPE_FINE);
}

static void an_epoch_comes_and_another_goes(void **state)
{
	struct ring *ring = take_ring();
	uint8_t next[32];

	(void)state;
	assert_int_equal(ring_add(ring, 2000, 3000, next), TL_OK);
	assert_int_equal(ring_destroy(ring, 0, 3000), TL_OK);
	put_ring(ring);
	assert_string_equal(look(), "0 "); /* said, so that it is tried */
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], next), ENVELOPE_FINE);
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], epoch), ENVELOPE_DESTROYED);
}

static void break_ring(void)
{
	FILE *file = fopen(rig.ring, "w");

	assert_non_null(file);
	assert_true(fputs("tipline team-ring v", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void a_ring_that_cannot_be_read_is_said_and_changes_nothing(void **state)
{
	struct ring *ring = take_ring();

	(void)state;
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_OK);
	break_ring();
	assert_string_equal(look(), "1 ");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[1], epoch), ENVELOPE_FINE);
	assert_int_equal(unlink(rig.ring), 0);
	assert_string_equal(look(), "");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[1], epoch), ENVELOPE_FINE);
	assert_int_equal(ring_save(ring, rig.ring, false), TL_OK);
	ring_free(ring);
	assert_string_equal(look(), "0 dara ");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[1], epoch), KEYD_NO_SESSION);
}

/* It has come back as it was, by another name and again by its own. */
static void a_ring_that_was_away_for_a_moment_is_said_to_be_back(void **state)
{
	char aside[300];

	(void)state;
	(void)snprintf(aside, sizeof(aside), "%s.aside", rig.ring);
	assert_int_equal(rename(rig.ring, aside), 0);
	assert_string_equal(look(), "1 ");
	assert_string_equal(look(), "");
	assert_int_equal(rename(aside, rig.ring), 0);
	assert_string_equal(look(), "0 ");
	assert_string_equal(look(), "");
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[0], epoch), ENVELOPE_FINE);
}

/* Who was taken out of it is still in the one of before. */
static void after_a_shift_without_a_ring_nobody_is_in_or_gets_in(void **state)
{
	struct ring *ring = take_ring();
	uint8_t token[16];
	char gone[128];

	(void)state;
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_OK);
	break_ring();
	assert_string_equal(look(), "1 ");
	rig.now_ms += KEYD_SHIFT_MS - 3000;
	assert_string_equal(look(), "");
	/* the shift is not locked out by it */
	assert_int_equal(unlock("sok", "first", token), KEYD_UNLOCKED);
	assert_int_equal(
	    keyd_rig_open_small(&rig, token, epoch), ENVELOPE_FINE);
	rig.now_ms += 2000;
	(void)snprintf(gone, sizeof(gone), "%s", look());
	for (size_t i = 0; i < 3; i++) {
		assert_non_null(strstr(gone, keyd_people[i].name));
	}
	assert_non_null(strstr(gone, " 2 "));
	assert_int_equal(
	    keyd_rig_open_small(&rig, token, epoch), KEYD_NO_SESSION);
	assert_int_equal(unlock("sok", "first", token), KEYD_SHUT);
	assert_int_equal(unlock("sok", "wrong", token), KEYD_SHUT);
	assert_string_equal(look(), "");
	put_ring(ring);
	assert_string_equal(look(), "0 dara ");
	assert_int_equal(unlock("sok", "first", token), KEYD_UNLOCKED);
	assert_int_equal(
	    unlock("dara", keyd_people[1].passphrase, token), KEYD_WRONG);
	/* another time is counted from its own beginning */
	break_ring();
	assert_string_equal(look(), "1 ");
	assert_int_equal(unlock("sok", "first", token), KEYD_UNLOCKED);
}

static void it_looks_once_a_second(void **state)
{
	struct ring *ring = take_ring();

	(void)state;
	assert_string_equal(look(), "");
	assert_int_equal(keyd_look_ms(rig.keyd, rig.now_ms), 1000);
	assert_int_equal(keyd_look_ms(rig.keyd, rig.now_ms + 1000), 0);
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_OK);
	put_ring(ring);
	assert_int_equal(
	    keyd_look(rig.keyd, rig.now_ms + 999, &rig.out), TL_OK);
	assert_int_equal(
	    keyd_rig_open_small(&rig, tokens[1], epoch), ENVELOPE_FINE);
	assert_string_equal(look(), "0 dara ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(who_was_removed_is_out_and_the_others_go_on),
		TEST(the_keys_go_with_the_last_who_was_removed),
		TEST(another_role_passphrase_or_second_factor_ends_log_ins),
		TEST(another_key_of_the_ring_lets_all_log_in_again),
		TEST(an_epoch_comes_and_another_goes),
		TEST(a_ring_that_cannot_be_read_is_said_and_changes_nothing),
		TEST(a_ring_that_was_away_for_a_moment_is_said_to_be_back),
		TEST(after_a_shift_without_a_ring_nobody_is_in_or_gets_in),
		TEST(it_looks_once_a_second),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
