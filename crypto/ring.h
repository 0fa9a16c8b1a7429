/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/ring.h - the team's ring: the secret key of every epoch, each wrapped
 * under the ring's key, which is sealed to each officer's own key, which their
 * passphrase wraps; and what each officer may do. Format: docs/FORMAT.md, "The
 * team's ring".
 *
 * Promise:   the file alone opens nothing, and tells of an officer the name
 *            and the cost of the passphrase: no role, no second factor. Nobody
 *            makes or changes a role without the ring's key. An epoch that was
 * destroyed cannot be opened by anybody who has only this file, with every
 *            passphrase that there is; that it was there, and when it went,
 *            stays on record.
 * Knows not: where the passphrase comes from; copies of the file.
 * Runs in:   tipline and keyd. No program that faces the public has it.
 * Disk:      reads, creates or replaces the file that it is given.
 */
#ifndef TL_CRYPTO_RING_H
#define TL_CRYPTO_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/teamkey.h"
#include "crypto/wrap.h"

/* Twenty years of weeks; destroyed ones count. */
#define RING_EPOCHS_MAX   1024u
#define RING_MAX_BYTES    (256u * 1024u)
#define RING_KEY_ID_BYTES 8u
#define RING_OFFICERS_MAX 64u
#define RING_NAME_BYTES   32u
/* The one that keygen makes. */
#define RING_FIRST_OFFICER "officer"
/* A secret of RFC 6238. */
#define RING_TOTP_BYTES 20u

/* Numbers are in the file and never change. */
enum ring_role {
	RING_OFFICER = 1,
	RING_SUPERVISOR = 2,
	RING_ADMINISTRATOR = 3, /* has no key to any tip */
};

/* Secret: whoever has it wipes it. */
struct ring_account {
	enum ring_role role;
	uint8_t totp[RING_TOTP_BYTES];
	uint8_t public_key[WRAP_SECRET_BYTES]; /* of the officer's own key */
};

struct ring_epoch {
	int64_t start_s;
	int64_t end_s;
	uint8_t public_key[TEAMKEY_BYTES];
	uint8_t key_id[RING_KEY_ID_BYTES]; /* by which envelopes name it */
	int64_t destroyed_s;               /* 0: it is there */
	uint8_t wrapped[WRAP_BYTES];
};

struct ring;

/*
 * A new ring with a new key of its own, one supervisor and no epoch, unlocked.
 * Gives *ret: the caller ends it with ring_free(). Errors as
 * ring_officer_set().
 */
TL_MUST_CHECK enum tl_err ring_new(const char *name, struct bytes passphrase,
    struct pwhash_cost cost, struct ring **ret);

/*
 * Read the text of a ring, or the file; it is locked. Gives *ret. TL_EFORMAT,
 * TL_EINVAL for another kind of key file, TL_ENOMEM; for the file as
 * keyfile_load().
 */
TL_MUST_CHECK enum tl_err ring_parse(struct bytes text, struct ring **ret);
TL_MUST_CHECK enum tl_err ring_load(const char *path, struct ring **ret);

/*
 * Who is there? The name may be empty if there is one officer only. *ret is
 * what they may do, and their second factor, which is not looked at here; the
 * ring is unlocked unless they are an administrator. TL_EPROOF: there is no
 * such officer, the passphrase is wrong, or this ring did not give them their
 * role; all take the same time. The ring stays as it was then. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ring_login(struct ring *ring, struct bytes name,
    struct bytes passphrase, struct ring_account *ret);

/* The same where only the ring counts. TL_EPERM: an administrator. */
TL_MUST_CHECK enum tl_err ring_unlock(
    struct ring *ring, struct bytes name, struct bytes passphrase);

/* Wipe the ring's key and the keys of all epochs. */
void ring_lock(struct ring *ring);

/* Small letters, digits, '.', '-' and '_', from a letter on. */
bool ring_name_ok(struct bytes name);

/* "officer", "supervisor", "administrator"; "?" for what is none. */
const char *ring_role_name(enum ring_role role);
/* 0 if there is none of that name. */
enum ring_role ring_role_of(const char *name);

/*
 * Give this officer a passphrase: a new one, with this role and a second
 * factor that nobody knows yet; or one who is there, whose role (with 0 for
 * role) and second factor stay. The ring is unlocked. TL_EINVAL: no name, an
 * empty passphrase, or a cost out of bounds. TL_EPROOF: the entry of who is
 * there was changed. TL_EFULL, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ring_officer_set(struct ring *ring, const char *name,
    enum ring_role role, struct bytes passphrase, struct pwhash_cost cost);

/*
 * Another passphrase for who has the old one; the ring may be locked. TL_EPROOF
 * as ring_login(), TL_ENOENT, TL_EINVAL, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ring_officer_passphrase(struct ring *ring,
    const char *name, struct bytes old, struct bytes fresh,
    struct pwhash_cost cost);

/*
 * Another role (0: as it is), and with new_totp another second factor. Needs no
 * passphrase of theirs; the ring is unlocked. TL_ENOENT. TL_EPROOF: the entry
 * was changed. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ring_officer_change(
    struct ring *ring, const char *name, enum ring_role role, bool new_totp);

/* What an officer may do; the ring is unlocked. Errors as above. */
TL_MUST_CHECK enum tl_err ring_officer_account(
    const struct ring *ring, size_t officer, struct ring_account *ret);

/*
 * Give the ring another key: to those who are its officers now, and to nobody
 * else. Passphrases, roles and epochs stay; shares of the old key open it no
 * more. The ring is unlocked. On errors it is to be freed, not saved:
 * TL_EPROOF: something in the file was changed. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ring_rotate(struct ring *ring);

/* Take an officer away. Needs no passphrase. TL_ENOENT: there is no
 * such officer. TL_EPERM: nobody would be left. */
TL_MUST_CHECK enum tl_err ring_officer_remove(
    struct ring *ring, const char *name);

/* Officers in the order of the file. */
size_t ring_n_officers(const struct ring *ring);
const char *ring_officer_name(const struct ring *ring, size_t officer);
struct pwhash_cost ring_officer_cost(const struct ring *ring, size_t officer);
/* Their place; ring_n_officers() if there is none. */
size_t ring_officer_find(const struct ring *ring, const char *name);

/* Is this officer in both, with one passphrase, role and second factor, as one
 * key of the ring gave them? Needs no passphrase. */
bool ring_officer_same(
    const struct ring *ring, const struct ring *other, const char *name);

/*
 * Make a new epoch, after all that are there, and wrap it; its public key goes
 * to public_key. The ring is unlocked. TL_EINVAL: it would not be later than
 * the ones there are, or has no length. TL_EFULL, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ring_add(struct ring *ring, int64_t start_s,
    int64_t end_s, uint8_t public_key[static TEAMKEY_BYTES]);

/* Forget the secret of this epoch. Needs no passphrase; what counts is the
 * ring_save() after it. TL_ENOENT: it was destroyed before. */
TL_MUST_CHECK enum tl_err ring_destroy(
    struct ring *ring, size_t epoch, int64_t now_s);

/* Epochs in the order of their times; borrowed. */
size_t ring_n(const struct ring *ring);
const struct ring_epoch *ring_epoch(const struct ring *ring, size_t epoch);

/* Number of the newest list that was made with this ring. */
uint64_t ring_list_number(const struct ring *ring);
void ring_set_list_number(struct ring *ring, uint64_t number);

/*
 * The epoch that this key id names: its place in *ret_epoch. TL_ENOENT: none
 * of ours. TL_ESTALE: it was destroyed.
 */
TL_MUST_CHECK enum tl_err ring_find(const struct ring *ring,
    const uint8_t key_id[static RING_KEY_ID_BYTES], size_t *ret_epoch);

/*
 * The key of an epoch, borrowed for as long as the ring lives. The ring is
 * unlocked. TL_ESTALE: destroyed. TL_EPROOF: the file was changed. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ring_key(
    struct ring *ring, size_t epoch, const struct team_key **ret);

/* The ring's own key, borrowed, for shares of it; NULL while it is locked. */
const uint8_t *ring_secret(const struct ring *ring);

/* Unlock with the ring's own key, as shares give it. TL_EPROOF: it is
 * another ring's, or this ring's before ring_rotate(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err ring_unlock_with(
    struct ring *ring, const uint8_t key[static WRAP_SECRET_BYTES]);

/* Append the text of the file. */
TL_MUST_CHECK enum tl_err ring_print(const struct ring *ring, struct buf *out);

/* Write the file: new, or with replace in the place of the old one, whose
 * bytes are written over. */
TL_MUST_CHECK enum tl_err ring_save(
    const struct ring *ring, const char *path, bool replace);

/* Wipe and free. NULL is fine. */
void ring_free(struct ring *ring);

#endif
