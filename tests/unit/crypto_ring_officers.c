/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/ring: each officer has a passphrase, a role and a second factor of
 * their own, and nobody without the ring's key gives or takes one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/keytext.h"
#include "crypto/ring.h"
#include "crypto/start.h"
#include "tests/lib/rings.h"

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	return 0;
}

static void a_new_passphrase_leaves_the_epochs_as_they_are(void **state)
{
	struct ring *ring = rings_make();
	struct ring *read;
	const struct team_key *key = NULL;

	(void)state;
	assert_int_equal(ring_officer_set(ring, RINGS_OFFICER,
			     (enum ring_role)0, bytes_str(""), pwhash_least),
	    TL_EINVAL);
	assert_int_equal(
	    ring_officer_set(ring, RINGS_OFFICER, (enum ring_role)0,
		bytes_str("another one"), pwhash_least),
	    TL_OK);
	read = rings_again(ring);
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str(RINGS_PASSPHRASE)),
	    TL_EPROOF);
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str("another one")),
	    TL_OK);
	assert_int_equal(ring_key(read, 2, &key), TL_OK);
	assert_memory_equal(teamkey_public(key), rings_public[2], 32);
	ring_free(read);
	ring_free(ring);
}

static void each_officer_has_a_passphrase_of_their_own(void **state)
{
	static const char *const wrong[] = { "", "Sok", "1a", "a b", "a\n",
		"-a", "a123456789012345678901234567890123" };
	struct ring *ring = rings_make();
	struct ring *read;

	(void)state;
	assert_int_equal(ring_officer_set(ring, "dara", (enum ring_role)0,
			     bytes_str("second"), pwhash_least),
	    TL_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    ring_officer_set(ring, wrong[i], (enum ring_role)0,
			bytes_str("x"), pwhash_least),
		    TL_EINVAL);
	}
	read = rings_again(ring);
	assert_int_equal(ring_n_officers(read), 2);
	assert_string_equal(ring_officer_name(read, 1), "dara");
	assert_int_equal(ring_officer_cost(read, 1).passes, 1);
	assert_int_equal(
	    ring_unlock(read, bytes_str("dara"), bytes_str(RINGS_PASSPHRASE)),
	    TL_EPROOF);
	assert_int_equal(
	    ring_unlock(read, bytes_str(RINGS_OFFICER), bytes_str("second")),
	    TL_EPROOF);
	/* with two officers a name is needed */
	assert_int_equal(
	    ring_unlock(read, bytes_str(""), bytes_str("second")), TL_EPROOF);
	assert_int_equal(
	    ring_unlock(read, bytes_str("nobody"), bytes_str("second")),
	    TL_EPROOF);
	assert_int_equal(
	    ring_unlock(read, bytes_str("dara"), bytes_str("second")), TL_OK);
	assert_memory_equal(ring_secret(read), ring_secret(ring), 32);
	ring_lock(read);
	assert_null(ring_secret(read));
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str(RINGS_PASSPHRASE)),
	    TL_OK);
	ring_free(read);
	ring_free(ring);
}

static void the_last_officer_stays(void **state)
{
	struct ring *ring = rings_make();
	struct ring *read;

	(void)state;
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_ENOENT);
	assert_int_equal(ring_officer_remove(ring, RINGS_OFFICER), TL_EPERM);
	assert_int_equal(ring_officer_set(ring, "dara", (enum ring_role)0,
			     bytes_str("second"), pwhash_least),
	    TL_OK);
	assert_int_equal(ring_officer_remove(ring, RINGS_OFFICER), TL_OK);
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_EPERM);
	read = rings_again(ring);
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str(RINGS_PASSPHRASE)),
	    TL_EPROOF);
	/* an empty name is the only officer's */
	assert_int_equal(
	    ring_unlock(read, bytes_str(""), bytes_str("second")), TL_OK);
	ring_free(read);
	ring_free(ring);
}

static void there_is_room_for_so_many_officers(void **state)
{
	struct ring *ring = rings_make();
	char name[16];

	(void)state;
	for (unsigned i = 1; i < RING_OFFICERS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "o%u", i);
		assert_int_equal(ring_officer_set(ring, name, (enum ring_role)0,
				     bytes_str("pass"), pwhash_least),
		    TL_OK);
	}
	assert_int_equal(ring_officer_set(ring, "one-more", (enum ring_role)0,
			     bytes_str("pass"), pwhash_least),
	    TL_EFULL);
	assert_int_equal(ring_officer_set(ring, "o7", (enum ring_role)0,
			     bytes_str("other"), pwhash_least),
	    TL_OK);
	ring_free(rings_again(ring));
	ring_free(ring);
}

/* A wrap under another name, with a fitting check line. */
static void a_wrap_opens_under_its_own_name_alone(void **state)
{
	struct ring *ring = rings_make();
	struct ring *read = NULL;
	struct buf text;
	uint8_t *name;

	(void)state;
	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	name = memmem(text.data, text.len, "officer " RINGS_OFFICER "\n", 14);
	assert_non_null(name);
	name[8] = 'x';
	text.len -= 6 + 16 + 1;
	keytext_put_check(&text);
	assert_int_equal(
	    ring_parse(bytes_of(text.data, text.len), &read), TL_OK);
	assert_int_equal(
	    ring_unlock(read, bytes_str(""), bytes_str(RINGS_PASSPHRASE)),
	    TL_EPROOF);
	buf_free(&text);
	ring_free(read);
	ring_free(ring);
}

/* The text of a ring with one line exchanged, under a fitting check line. */
static struct ring *with_line(
    const struct ring *ring, const char *word, size_t which, const char *line)
{
	struct ring *read = NULL;
	struct buf text, made;
	const uint8_t *at;

	buf_init(&text, RING_MAX_BYTES);
	buf_init(&made, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	text.len -= 6 + 16 + 1;
	at = text.data;
	for (size_t i = 0; i <= which; i++) {
		at = memmem(at + 1, text.len - (size_t)(at + 1 - text.data),
		    word, strlen(word));
		assert_non_null(at);
	}
	buf_put(&made, text.data, (size_t)(at - text.data));
	buf_put_str(&made, line);
	at = memchr(at, '\n', text.len - (size_t)(at - text.data));
	assert_non_null(at);
	buf_put(&made, at, text.len - (size_t)(at - text.data));
	keytext_put_check(&made);
	assert_int_equal(
	    ring_parse(bytes_of(made.data, made.len), &read), TL_OK);
	buf_free(&text);
	buf_free(&made);
	return read;
}

/* That line of a ring, as a string. */
static void line_of(
    const struct ring *ring, const char *word, size_t which, char *line)
{
	struct buf text;
	const uint8_t *at, *end;

	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	at = text.data;
	for (size_t i = 0; i <= which; i++) {
		at = memmem(at + 1, text.len - (size_t)(at + 1 - text.data),
		    word, strlen(word));
		assert_non_null(at);
	}
	end = memchr(at, '\n', text.len - (size_t)(at - text.data));
	assert_non_null(end);
	memcpy(line, at, (size_t)(end - at));
	line[end - at] = '\0';
	buf_free(&text);
}

static enum tl_err log_in(
    struct ring *ring, const char *name, const char *pass, unsigned *ret_role)
{
	struct ring_account account = { .role = RING_OFFICER };
	enum tl_err err =
	    ring_login(ring, bytes_str(name), bytes_str(pass), &account);

	*ret_role = err == TL_OK ? account.role : 0;
	return err;
}

/* sok.1 a supervisor, dara an officer, vanna an administrator */
static struct ring *make_roles(void)
{
	struct ring *ring = rings_make();

	assert_int_equal(ring_officer_set(ring, "dara", RING_OFFICER,
			     bytes_str("second"), pwhash_least),
	    TL_OK);
	assert_int_equal(ring_officer_set(ring, "vanna", RING_ADMINISTRATOR,
			     bytes_str("third"), pwhash_least),
	    TL_OK);
	return ring;
}

static void each_has_the_role_that_the_ring_gave(void **state)
{
	struct ring *ring = make_roles();
	struct ring *read = rings_again(ring);
	struct ring_account account, entry;
	unsigned role;

	(void)state;
	assert_int_equal(
	    log_in(read, RINGS_OFFICER, RINGS_PASSPHRASE, &role), TL_OK);
	assert_int_equal(role, RING_SUPERVISOR);
	assert_int_equal(
	    ring_login(read, bytes_str("dara"), bytes_str("second"), &account),
	    TL_OK);
	assert_int_equal(account.role, RING_OFFICER);
	/* who has the ring's key sees the same */
	assert_int_equal(ring_officer_account(read, 1, &entry), TL_OK);
	assert_int_equal(entry.role, RING_OFFICER);
	assert_memory_equal(entry.totp, account.totp, sizeof(entry.totp));
	assert_int_equal(ring_officer_account(read, 2, &entry), TL_OK);
	assert_int_equal(entry.role, RING_ADMINISTRATOR);
	assert_int_equal(ring_role_of("supervisor"), RING_SUPERVISOR);
	assert_int_equal(ring_role_of("root"), 0);
	assert_string_equal(ring_role_name(RING_OFFICER), "officer");
	assert_string_equal(ring_role_name((enum ring_role)9), "?");
	ring_free(read);
	ring_free(ring);
}

static void an_administrator_has_no_key_to_the_epochs(void **state)
{
	struct ring *ring = make_roles();
	struct ring *read = rings_again(ring);
	unsigned role;

	(void)state;
	assert_int_equal(log_in(read, "vanna", "second", &role), TL_EPROOF);
	assert_int_equal(log_in(read, "vanna", "third", &role), TL_OK);
	assert_int_equal(role, RING_ADMINISTRATOR);
	assert_null(ring_secret(read));
	assert_int_equal(
	    ring_unlock(read, bytes_str("vanna"), bytes_str("third")),
	    TL_EPERM);
	assert_null(ring_secret(read));
	/* made one, an officer has none any more, and the other way round */
	assert_int_equal(
	    ring_officer_change(ring, "dara", RING_ADMINISTRATOR, false),
	    TL_OK);
	assert_int_equal(
	    ring_officer_change(ring, "vanna", RING_SUPERVISOR, false), TL_OK);
	ring_free(read);
	read = rings_again(ring);
	assert_int_equal(
	    ring_unlock(read, bytes_str("dara"), bytes_str("second")),
	    TL_EPERM);
	assert_int_equal(
	    ring_unlock(read, bytes_str("vanna"), bytes_str("third")), TL_OK);
	assert_int_equal(
	    ring_officer_change(ring, "nobody", RING_OFFICER, true), TL_ENOENT);
	ring_free(read);
	ring_free(ring);
}

static void nobody_makes_a_role_without_the_ring_key(void **state)
{
	struct ring *ring = make_roles();
	struct ring *other = make_roles();
	struct ring *forged;
	char line[512];
	unsigned role;

	(void)state;
	/* the badge of a supervisor is nobody else's */
	line_of(ring, "badge ", 0, line);
	forged = with_line(ring, "badge ", 1, line);
	assert_int_equal(log_in(forged, "dara", "second", &role), TL_EPROOF);
	ring_free(forged);
	/* another ring's officers, and its signer with them */
	line_of(other, "signer ", 0, line);
	forged = with_line(ring, "signer ", 0, line);
	assert_int_equal(
	    log_in(forged, RINGS_OFFICER, RINGS_PASSPHRASE, &role), TL_EPROOF);
	assert_int_equal(log_in(forged, "vanna", "third", &role), TL_EPROOF);
	assert_null(ring_secret(forged));
	ring_free(forged);
	/* an entry of another place, or ring, is seen by who looks */
	line_of(ring, "entry ", 0, line);
	forged = with_line(ring, "entry ", 1, line);
	assert_int_equal(
	    log_in(forged, RINGS_OFFICER, RINGS_PASSPHRASE, &role), TL_OK);
	{
		struct ring_account account = { .role = RING_OFFICER };

		assert_int_equal(
		    ring_officer_account(forged, 1, &account), TL_EPROOF);
		assert_int_equal(
		    ring_officer_account(forged, 0, &account), TL_OK);
	}
	assert_int_equal(ring_rotate(forged), TL_EPROOF);
	ring_free(forged);
	ring_free(other);
	ring_free(ring);
}

/* What a disk shows: the lines of three roles are alike, and no secret of a
 * second factor stands in them. */
static void the_file_tells_no_role_and_no_second_factor(void **state)
{
	struct ring *ring = make_roles();
	char first[512], line[512];
	struct buf text;

	(void)state;
	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	line_of(ring, "badge ", 0, first);
	for (size_t i = 0; i < 3; i++) {
		struct ring_account account;

		line_of(ring, "badge ", i, line);
		assert_int_equal(strlen(line), strlen(first));
		assert_int_equal(
		    ring_officer_account(ring, i, &account), TL_OK);
		assert_null(memmem(
		    text.data, text.len, account.totp, sizeof(account.totp)));
	}
	assert_null(memmem(text.data, text.len, "supervisor", 10));
	buf_free(&text);
	ring_free(ring);
}

static void a_new_second_factor_leaves_the_passphrase(void **state)
{
	struct ring *ring = make_roles();
	struct ring_account before, after;

	(void)state;
	assert_int_equal(ring_officer_account(ring, 1, &before), TL_OK);
	assert_int_equal(
	    ring_officer_change(ring, "dara", (enum ring_role)0, true), TL_OK);
	assert_int_equal(
	    ring_login(ring, bytes_str("dara"), bytes_str("second"), &after),
	    TL_OK);
	assert_int_equal(after.role, RING_OFFICER);
	assert_memory_not_equal(before.totp, after.totp, sizeof(before.totp));
	/* and a new passphrase leaves both; the ring may be locked */
	ring_lock(ring);
	assert_int_equal(ring_officer_passphrase(ring, "dara",
			     bytes_str("wrong"), bytes_str("x"), pwhash_least),
	    TL_EPROOF);
	assert_int_equal(ring_officer_passphrase(ring, "nobody", bytes_str("x"),
			     bytes_str("x"), pwhash_least),
	    TL_ENOENT);
	assert_int_equal(
	    ring_officer_passphrase(ring, "vanna", bytes_str("third"),
		bytes_str("new"), pwhash_least),
	    TL_OK);
	assert_int_equal(
	    ring_login(ring, bytes_str("vanna"), bytes_str("new"), &after),
	    TL_OK);
	assert_int_equal(after.role, RING_ADMINISTRATOR);
	ring_free(ring);
}

static void a_ring_with_a_new_key_is_opened_by_those_who_are_left(void **state)
{
	struct ring *ring = make_roles();
	struct ring *read;
	const struct team_key *key = NULL;
	uint8_t old[32];
	unsigned role;

	(void)state;
	assert_int_equal(ring_destroy(ring, 0, 777), TL_OK);
	memcpy(old, ring_secret(ring), sizeof(old));
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_OK);
	assert_int_equal(ring_rotate(ring), TL_OK);
	assert_memory_not_equal(old, ring_secret(ring), sizeof(old));
	read = rings_again(ring);
	assert_int_equal(ring_unlock_with(read, old), TL_EPROOF);
	assert_int_equal(log_in(read, "dara", "second", &role), TL_EPROOF);
	assert_int_equal(log_in(read, "vanna", "third", &role), TL_OK);
	assert_int_equal(
	    log_in(read, RINGS_OFFICER, RINGS_PASSPHRASE, &role), TL_OK);
	assert_int_equal(role, RING_SUPERVISOR);
	assert_int_equal(ring_key(read, 0, &key), TL_ESTALE);
	for (size_t i = 1; i < RINGS_EPOCHS; i++) {
		assert_int_equal(ring_key(read, i, &key), TL_OK);
		assert_memory_equal(teamkey_public(key), rings_public[i], 32);
	}
	ring_free(read);
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_new_passphrase_leaves_the_epochs_as_they_are),
		cmocka_unit_test(each_officer_has_a_passphrase_of_their_own),
		cmocka_unit_test(the_last_officer_stays),
		cmocka_unit_test(there_is_room_for_so_many_officers),
		cmocka_unit_test(a_wrap_opens_under_its_own_name_alone),
		cmocka_unit_test(each_has_the_role_that_the_ring_gave),
		cmocka_unit_test(an_administrator_has_no_key_to_the_epochs),
		cmocka_unit_test(nobody_makes_a_role_without_the_ring_key),
		cmocka_unit_test(the_file_tells_no_role_and_no_second_factor),
		cmocka_unit_test(a_new_second_factor_leaves_the_passphrase),
		cmocka_unit_test(
		    a_ring_with_a_new_key_is_opened_by_those_who_are_left),
	};

	return cmocka_run_group_tests_name(
	    "crypto/ring officers", tests, set_up, NULL);
}
