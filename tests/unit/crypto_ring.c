/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/ring, crypto/identity: the right passphrase alone opens them, and an
 * epoch that was destroyed is gone for whoever has the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/enc.h"
#include "crypto/envelope.h"
#include "crypto/identity.h"
#include "crypto/keyfile.h"
#include "crypto/keytext.h"
#include "crypto/open.h"
#include "crypto/random.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "tests/lib/tempdir.h"

#define PASSPHRASE "ពាក្យសម្ងាត់ is long"
#define NAME       "sok.1"
#define EPOCHS     3u
#define EPOCH_S    1000

static char *dir;
static uint8_t publics[EPOCHS][32];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static struct ring *make_ring(void)
{
	struct ring *ring = NULL;

	assert_int_equal(
	    ring_new(NAME, bytes_str(PASSPHRASE), pwhash_least, &ring), TL_OK);
	for (size_t i = 0; i < EPOCHS; i++) {
		int64_t start_s = 5000 + (int64_t)i * EPOCH_S;

		assert_int_equal(
		    ring_add(ring, start_s, start_s + EPOCH_S, publics[i]),
		    TL_OK);
	}
	ring_set_list_number(ring, 12);
	return ring;
}

static struct ring *again(const struct ring *ring)
{
	struct ring *read = NULL;
	struct buf text;

	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	assert_int_equal(
	    ring_parse(bytes_of(text.data, text.len), &read), TL_OK);
	buf_free(&text);
	return read;
}

static void the_right_passphrase_alone_opens_every_epoch(void **state)
{
	struct ring *ring = make_ring();
	struct ring *read = again(ring);

	(void)state;
	assert_null(ring_secret(read));
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str(PASSPHRASE " ")),
	    TL_EPROOF);
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str("")), TL_EPROOF);
	assert_null(ring_secret(read));
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str(PASSPHRASE)), TL_OK);
	assert_int_equal(ring_n(read), EPOCHS);
	assert_int_equal(ring_list_number(read), 12);
	for (size_t i = 0; i < EPOCHS; i++) {
		const struct team_key *key = NULL, *same = NULL;
		size_t found = EPOCHS;
		uint8_t id[RING_KEY_ID_BYTES];

		assert_int_equal(ring_key(read, i, &key), TL_OK);
		assert_memory_equal(teamkey_public(key), publics[i], 32);
		assert_int_equal(ring_key(read, i, &same), TL_OK);
		assert_ptr_equal(key, same);
		envelope_key_id(id, publics[i]);
		assert_int_equal(ring_find(read, id, &found), TL_OK);
		assert_int_equal(found, i);
	}
	ring_free(read);
	ring_free(ring);
	ring_free(NULL);
}

static void epochs_come_one_after_the_other(void **state)
{
	struct ring *ring = make_ring();
	uint8_t key[32] = { 7 };

	(void)state;
	assert_int_equal(ring_add(ring, 7999, 9000, key), TL_EINVAL);
	assert_int_equal(ring_add(ring, 8000, 8000, key), TL_EINVAL);
	assert_int_equal(ring_add(ring, 9000, 8500, key), TL_EINVAL);
	assert_int_equal(ring_add(ring, -1, 9000, key), TL_EINVAL);
	assert_int_equal(key[0], 7);
	assert_int_equal(ring_add(ring, 9000, 9500, key), TL_OK); /* a gap */
	for (size_t i = ring_n(ring); i < RING_EPOCHS_MAX; i++) {
		int64_t start_s = 9500 + (int64_t)i;

		assert_int_equal(
		    ring_add(ring, start_s, start_s + 1, key), TL_OK);
	}
	assert_int_equal(ring_add(ring, 90000, 90001, key), TL_EFULL);
	/* a full ring can be read again */
	ring_free(again(ring));
	ring_free(ring);
}

static void a_destroyed_epoch_is_gone_and_on_record(void **state)
{
	struct ring *ring = make_ring();
	struct ring *read;
	const struct team_key *key = NULL;
	uint8_t id[RING_KEY_ID_BYTES];
	uint8_t wrapped[WRAP_BYTES];
	struct buf text, gone;
	size_t found = 7;

	(void)state;
	memcpy(wrapped, ring_epoch(ring, 1)->wrapped, sizeof(wrapped));
	assert_int_equal(ring_destroy(ring, 1, 777), TL_OK);
	assert_int_equal(ring_destroy(ring, 1, 778), TL_ENOENT);
	assert_int_equal(ring_key(ring, 1, &key), TL_ESTALE);
	buf_init(&text, RING_MAX_BYTES);
	buf_init(&gone, 1024);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	enc_b64(&gone, B64_STD, wrapped + 24, 24);
	assert_null(memmem(text.data, text.len, gone.data, gone.len));
	read = again(ring);
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str(PASSPHRASE)), TL_OK);
	assert_int_equal(ring_epoch(read, 1)->destroyed_s, 777);
	envelope_key_id(id, publics[1]);
	assert_int_equal(ring_find(read, id, &found), TL_ESTALE);
	assert_int_equal(found, 7);
	assert_int_equal(ring_key(read, 1, &key), TL_ESTALE);
	assert_int_equal(ring_key(read, 0, &key), TL_OK);
	assert_int_equal(ring_key(read, 2, &key), TL_OK);
	buf_free(&text);
	buf_free(&gone);
	ring_free(read);
	ring_free(ring);
}

static void every_flipped_bit_and_every_cut_is_refused(void **state)
{
	struct ring *ring = make_ring();
	struct ring *got = NULL;
	struct buf text;

	(void)state;
	assert_int_equal(ring_destroy(ring, 0, 777), TL_OK);
	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	for (size_t bit = 0; bit < text.len * 8; bit++) {
		text.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    ring_parse(bytes_of(text.data, text.len), &got),
		    TL_EFORMAT);
		text.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t len = 0; len < text.len; len++) {
		uint8_t *cut = malloc(len + (len == 0));

		assert_non_null(cut);
		memcpy(cut, text.data, len);
		assert_int_equal(
		    ring_parse(bytes_of(cut, len), &got), TL_EFORMAT);
		free(cut);
	}
	assert_null(got);
	buf_free(&text);
	ring_free(ring);
}

/* All lines of the ring with the wraps of two epochs exchanged, under a
 * fitting check line: each is bound to its times and its public key. */
static void a_secret_does_not_open_in_another_place(void **state)
{
	struct ring *ring = make_ring();
	struct ring *read = NULL;
	const struct team_key *key = NULL;
	uint8_t *first, *second, kept[96];
	struct buf text;

	(void)state;
	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	first = memmem(text.data, text.len, "\nepoch 5000 6000 ", 17);
	second = memmem(text.data, text.len, "\nepoch 6000 7000 ", 17);
	assert_non_null(first);
	assert_non_null(second);
	memcpy(kept, first + 17 + 45, sizeof(kept));
	memcpy(first + 17 + 45, second + 17 + 45, sizeof(kept));
	memcpy(second + 17 + 45, kept, sizeof(kept));
	text.len -= 6 + 16 + 1;
	keytext_put_check(&text);
	assert_int_equal(
	    ring_parse(bytes_of(text.data, text.len), &read), TL_OK);
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str(PASSPHRASE)), TL_OK);
	assert_int_equal(ring_key(read, 0, &key), TL_EPROOF);
	assert_int_equal(ring_key(read, 1, &key), TL_EPROOF);
	assert_int_equal(ring_key(read, 2, &key), TL_OK);
	buf_free(&text);
	ring_free(read);
	ring_free(ring);
}

static void the_ring_key_alone_opens_its_own_ring(void **state)
{
	struct ring *ring = make_ring();
	struct ring *other = make_ring();
	struct ring *locked = again(ring);
	const struct team_key *key = NULL;

	(void)state;
	assert_int_equal(
	    ring_unlock_with(locked, ring_secret(other)), TL_EPROOF);
	assert_null(ring_secret(locked));
	assert_int_equal(ring_unlock_with(locked, ring_secret(ring)), TL_OK);
	assert_int_equal(ring_key(locked, 0, &key), TL_OK);
	ring_free(locked);
	ring_free(other);
	ring_free(ring);
}

static void a_new_passphrase_leaves_the_epochs_as_they_are(void **state)
{
	struct ring *ring = make_ring();
	struct ring *read;
	const struct team_key *key = NULL;

	(void)state;
	assert_int_equal(ring_officer_set(ring, NAME, (enum ring_role)0,
			     bytes_str(""), pwhash_least),
	    TL_EINVAL);
	assert_int_equal(ring_officer_set(ring, NAME, (enum ring_role)0,
			     bytes_str("another one"), pwhash_least),
	    TL_OK);
	read = again(ring);
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str(PASSPHRASE)),
	    TL_EPROOF);
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str("another one")),
	    TL_OK);
	assert_int_equal(ring_key(read, 2, &key), TL_OK);
	assert_memory_equal(teamkey_public(key), publics[2], 32);
	ring_free(read);
	ring_free(ring);
}

static void each_officer_has_a_passphrase_of_their_own(void **state)
{
	static const char *const wrong[] = { "", "Sok", "1a", "a b", "a\n",
		"-a", "a123456789012345678901234567890123" };
	struct ring *ring = make_ring();
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
	read = again(ring);
	assert_int_equal(ring_n_officers(read), 2);
	assert_string_equal(ring_officer_name(read, 1), "dara");
	assert_int_equal(ring_officer_cost(read, 1).passes, 1);
	assert_int_equal(
	    ring_unlock(read, bytes_str("dara"), bytes_str(PASSPHRASE)),
	    TL_EPROOF);
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str("second")), TL_EPROOF);
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
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str(PASSPHRASE)), TL_OK);
	ring_free(read);
	ring_free(ring);
}

static void the_last_officer_stays(void **state)
{
	struct ring *ring = make_ring();
	struct ring *read;

	(void)state;
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_ENOENT);
	assert_int_equal(ring_officer_remove(ring, NAME), TL_EPERM);
	assert_int_equal(ring_officer_set(ring, "dara", (enum ring_role)0,
			     bytes_str("second"), pwhash_least),
	    TL_OK);
	assert_int_equal(ring_officer_remove(ring, NAME), TL_OK);
	assert_int_equal(ring_officer_remove(ring, "dara"), TL_EPERM);
	read = again(ring);
	assert_int_equal(
	    ring_unlock(read, bytes_str(NAME), bytes_str(PASSPHRASE)),
	    TL_EPROOF);
	/* an empty name is the only officer's */
	assert_int_equal(
	    ring_unlock(read, bytes_str(""), bytes_str("second")), TL_OK);
	ring_free(read);
	ring_free(ring);
}

static void there_is_room_for_so_many_officers(void **state)
{
	struct ring *ring = make_ring();
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
	ring_free(again(ring));
	ring_free(ring);
}

/* A wrap under another name, with a fitting check line. */
static void a_wrap_opens_under_its_own_name_alone(void **state)
{
	struct ring *ring = make_ring();
	struct ring *read = NULL;
	struct buf text;
	uint8_t *name;

	(void)state;
	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	name = memmem(text.data, text.len, "officer " NAME "\n", 14);
	assert_non_null(name);
	name[8] = 'x';
	text.len -= 6 + 16 + 1;
	keytext_put_check(&text);
	assert_int_equal(
	    ring_parse(bytes_of(text.data, text.len), &read), TL_OK);
	assert_int_equal(
	    ring_unlock(read, bytes_str(""), bytes_str(PASSPHRASE)), TL_EPROOF);
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
	struct ring *ring = make_ring();

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
	struct ring *read = again(ring);
	struct ring_account account, entry;
	unsigned role;

	(void)state;
	assert_int_equal(log_in(read, NAME, PASSPHRASE, &role), TL_OK);
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
	struct ring *read = again(ring);
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
	read = again(ring);
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
	assert_int_equal(log_in(forged, NAME, PASSPHRASE, &role), TL_EPROOF);
	assert_int_equal(log_in(forged, "vanna", "third", &role), TL_EPROOF);
	assert_null(ring_secret(forged));
	ring_free(forged);
	/* an entry of another place, or ring, is seen by who looks */
	line_of(ring, "entry ", 0, line);
	forged = with_line(ring, "entry ", 1, line);
	assert_int_equal(log_in(forged, NAME, PASSPHRASE, &role), TL_OK);
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
	read = again(ring);
	assert_int_equal(ring_unlock_with(read, old), TL_EPROOF);
	assert_int_equal(log_in(read, "dara", "second", &role), TL_EPROOF);
	assert_int_equal(log_in(read, "vanna", "third", &role), TL_OK);
	assert_int_equal(log_in(read, NAME, PASSPHRASE, &role), TL_OK);
	assert_int_equal(role, RING_SUPERVISOR);
	assert_int_equal(ring_key(read, 0, &key), TL_ESTALE);
	for (size_t i = 1; i < EPOCHS; i++) {
		assert_int_equal(ring_key(read, i, &key), TL_OK);
		assert_memory_equal(teamkey_public(key), publics[i], 32);
	}
	ring_free(read);
	ring_free(ring);
}

static void a_file_is_written_over_when_it_is_replaced(void **state)
{
	const char *path = tempdir_path(dir, "team.ring");
	struct ring *ring = make_ring();
	struct ring *read = NULL;
	struct stat st;
	char bytes[64];
	FILE *old;

	(void)state;
	assert_int_equal(ring_save(ring, path, false), TL_OK);
	assert_int_equal(ring_save(ring, path, false), TL_EEXIST);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	old = fopen(path, "rb"); /* keeps the old file's bytes in reach */
	assert_non_null(old);
	assert_int_equal(ring_destroy(ring, 0, 777), TL_OK);
	assert_int_equal(ring_save(ring, path, true), TL_OK);
	while (fread(bytes, 1, 1, old) == 1) {
		assert_int_equal(bytes[0], 0);
	}
	(void)fclose(old);
	assert_int_equal(ring_load(path, &read), TL_OK);
	assert_int_equal(ring_epoch(read, 0)->destroyed_s, 777);
	ring_free(read);
	read = NULL;
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(ring_load(path, &read), TL_EPERM);
	assert_null(read);
	ring_free(ring);
}

static void an_envelope_is_opened_by_the_epoch_that_it_names(void **state)
{
	struct ring *ring = make_ring();
	struct ring *stranger = make_ring();
	struct opened opened = { 0 };
	struct sealer *sealer = NULL;
	uint8_t sign[KEY_SIGN_BYTES], verify[1][KEY_BYTES];
	uint8_t both[2][32];
	uint8_t id[16] = { 1 };
	const struct seal_content help = { .report = bytes_str("help") };
	struct bytes envelope;
	struct buf sealed;

	(void)state;
	/* publics are the second ring's now */
	keyfile_new_pair(sign, verify[0]);
	memcpy(both[0], ring_epoch(ring, 1)->public_key, 32);
	memcpy(both[1], publics[2], 32);
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])both, 2, sign, &sealer), TL_OK);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	assert_int_equal(sealer_seal(sealer, id, &help, &sealed), TL_OK);
	envelope = bytes_of(sealed.data, sealed.len);
	assert_int_equal(envelope_open_ring(ring, (const uint8_t(*)[32])verify,
			     1, envelope, &opened),
	    ENVELOPE_FINE);
	assert_memory_equal(opened.report, "help", 4);
	opened_free(&opened);
	assert_int_equal(
	    envelope_open_ring(stranger, NULL, 0, envelope, &opened),
	    ENVELOPE_FINE);
	opened_free(&opened);
	/* one team's epoch goes, the other team can still read */
	assert_int_equal(ring_destroy(ring, 1, 777), TL_OK);
	assert_int_equal(envelope_open_ring(ring, NULL, 0, envelope, &opened),
	    ENVELOPE_DESTROYED);
	assert_int_equal(envelope_fault_err(ENVELOPE_DESTROYED), TL_ESTALE);
	assert_int_equal(
	    envelope_open_ring(stranger, NULL, 0, envelope, &opened),
	    ENVELOPE_FINE);
	opened_free(&opened);
	/* from now on to another epoch of the first team only */
	assert_int_equal(
	    sealer_change(sealer, (const uint8_t(*)[32])both, 0), TL_EINVAL);
	memcpy(both[0], ring_epoch(ring, 2)->public_key, 32);
	assert_int_equal(
	    sealer_change(sealer, (const uint8_t(*)[32])both, 1), TL_OK);
	buf_reset(&sealed);
	assert_int_equal(sealer_seal(sealer, id, &help, &sealed), TL_OK);
	envelope = bytes_of(sealed.data, sealed.len);
	assert_int_equal(envelope_open_ring(ring, NULL, 0, envelope, &opened),
	    ENVELOPE_FINE);
	opened_free(&opened);
	assert_int_equal(
	    envelope_open_ring(stranger, NULL, 0, envelope, &opened),
	    ENVELOPE_STRANGER);
	sealer_free(sealer);
	buf_free(&sealed);
	ring_free(ring);
	ring_free(stranger);
}

static void the_identity_opens_with_its_passphrase_only(void **state)
{
	const char *path = tempdir_path(dir, "identity.key");
	uint8_t seed[IDENTITY_SEED_BYTES] = { 3 };
	uint8_t sign[KEY_SIGN_BYTES] = { 7 }, want[KEY_SIGN_BYTES];
	struct ring *ring = NULL;

	(void)state;
	identity_of_seed(seed, want);
	assert_int_equal(
	    identity_save(path, false, seed, bytes_str(""), pwhash_least),
	    TL_EINVAL);
	assert_int_equal(identity_save(path, false, seed, bytes_str(PASSPHRASE),
			     pwhash_least),
	    TL_OK);
	assert_int_equal(identity_save(path, false, seed, bytes_str(PASSPHRASE),
			     pwhash_least),
	    TL_EEXIST);
	assert_int_equal(
	    identity_unlock(path, bytes_str("another"), sign), TL_EPROOF);
	assert_int_equal(sign[0], 7);
	assert_int_equal(
	    identity_unlock(path, bytes_str(PASSPHRASE), sign), TL_OK);
	assert_memory_equal(sign, want, sizeof(want));
	assert_int_equal(
	    identity_save(path, true, seed, bytes_str("another"), pwhash_least),
	    TL_OK);
	assert_int_equal(
	    identity_unlock(path, bytes_str("another"), sign), TL_OK);
	/* neither is taken for the other */
	assert_int_equal(ring_load(path, &ring), TL_EINVAL);
	assert_int_equal(unlink(path), 0);
	/* without epochs it is as short as an identity may be */
	assert_int_equal(
	    ring_new(NAME, bytes_str(PASSPHRASE), pwhash_least, &ring), TL_OK);
	assert_int_equal(ring_save(ring, path, false), TL_OK);
	assert_int_equal(
	    identity_unlock(path, bytes_str(PASSPHRASE), sign), TL_EINVAL);
	ring_free(ring);
}

static void every_damage_of_the_identity_is_told_from_a_wrong_passphrase(
    void **state)
{
	const char *path = tempdir_path(dir, "damage");
	uint8_t seed[IDENTITY_SEED_BYTES] = { 3 };
	uint8_t text[KEYFILE_MAX_BYTES];
	struct identity_file file;
	size_t len;
	FILE *in;

	(void)state;
	assert_int_equal(identity_save(path, false, seed, bytes_str(PASSPHRASE),
			     pwhash_least),
	    TL_OK);
	in = fopen(path, "rb");
	assert_non_null(in);
	len = fread(text, 1, sizeof(text), in);
	(void)fclose(in);
	assert_int_equal(identity_parse(bytes_of(text, len), &file), TL_OK);
	for (size_t bit = 0; bit < len * 8; bit++) {
		text[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    identity_parse(bytes_of(text, len), &file), TL_EFORMAT);
		text[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut + (cut == 0));

		assert_non_null(copy);
		memcpy(copy, text, cut);
		assert_int_equal(
		    identity_parse(bytes_of(copy, cut), &file), TL_EFORMAT);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_passphrase_alone_opens_every_epoch),
		cmocka_unit_test(epochs_come_one_after_the_other),
		cmocka_unit_test(a_destroyed_epoch_is_gone_and_on_record),
		cmocka_unit_test(every_flipped_bit_and_every_cut_is_refused),
		cmocka_unit_test(a_secret_does_not_open_in_another_place),
		cmocka_unit_test(the_ring_key_alone_opens_its_own_ring),
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
		cmocka_unit_test(a_file_is_written_over_when_it_is_replaced),
		cmocka_unit_test(
		    an_envelope_is_opened_by_the_epoch_that_it_names),
		cmocka_unit_test(the_identity_opens_with_its_passphrase_only),
		cmocka_unit_test(
		    every_damage_of_the_identity_is_told_from_a_wrong_passphrase),
	};

	return cmocka_run_group_tests_name(
	    "crypto/ring", tests, set_up, tear_down);
}
