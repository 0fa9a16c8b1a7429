/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What an officer of a ring may do, and their second factor: the badge, which
 * is sealed to the officer's own key, and the entry, which is under the ring's.
 * Layout: docs/FORMAT.md, "The team's ring". */
#include <string.h>

#include <sodium.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/ring_text.h"
#include "crypto/secret.h"

#define KEY_BYTES  WRAP_SECRET_BYTES
#define TAG_BYTES  crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SIGN_BYTES crypto_sign_BYTES
/* role, second factor, the ring's key or zeros */
#define SIGNED_BYTES (1u + RING_TOTP_BYTES + KEY_BYTES)
#define BADGE_PLAIN  (SIGNED_BYTES + SIGN_BYTES)
/* role, second factor, the officer's public key */
#define ENTRY_PLAIN (1u + RING_TOTP_BYTES + KEY_BYTES)
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

_Static_assert(
    RING_BADGE_BYTES == KEY_BYTES + BADGE_PLAIN + TAG_BYTES, "see FORMAT.md");
_Static_assert(
    RING_ENTRY_BYTES == NONCE_BYTES + ENTRY_PLAIN + TAG_BYTES, "see FORMAT.md");

static const char signer_prefix[] = "tipline ring signer v1";
static const char badge_prefix[] = "tipline badge v1";
static const char entry_prefix[] = "tipline entry v1";

/* All that is secret here, in one piece of secret memory. */
struct work {
	uint8_t sign[crypto_sign_SECRETKEYBYTES];
	uint8_t public_key[KEY_BYTES];
	uint8_t key[KEY_BYTES];
	uint8_t once[KEY_BYTES];
	uint8_t shared[crypto_scalarmult_BYTES];
	uint8_t plain[BADGE_PLAIN];
	uint8_t
	    message[sizeof(badge_prefix) + RING_NAME_BYTES + 1 + SIGNED_BYTES];
};

bool ring_role_ok(unsigned role)
{
	return role >= RING_OFFICER && role <= RING_ADMINISTRATOR;
}

/* The ring's signing key, whose public half stands in the file. */
static void signer_of(const uint8_t *ring_key, struct work *work)
{
	hash_keyed(work->key, KEY_BYTES, ring_key, signer_prefix,
	    sizeof(signer_prefix));
	(void)crypto_sign_seed_keypair(work->public_key, work->sign, work->key);
}

enum tl_err ring_signer_of(const uint8_t ring_key[static KEY_BYTES],
    uint8_t ret_signer[static RING_SIGNER_BYTES])
{
	struct work *work = secret_alloc(sizeof(*work));

	if (work == NULL) {
		return TL_ENOMEM;
	}
	signer_of(ring_key, work);
	memcpy(ret_signer, work->public_key, RING_SIGNER_BYTES);
	secret_free(work);
	return TL_OK;
}

/* What the signature in a badge covers. */
static size_t put_message(const char *name, struct work *work)
{
	size_t len = strlen(name) + 1;
	uint8_t *at = work->message;

	memcpy(at, badge_prefix, sizeof(badge_prefix));
	at += sizeof(badge_prefix);
	memcpy(at, name, len);
	memcpy(at + len, work->plain, SIGNED_BYTES);
	return sizeof(badge_prefix) + len + SIGNED_BYTES;
}

/* The key that seals one badge: between a key that is used once and the
 * officer's. */
static bool badge_key(const uint8_t *secret, const uint8_t *their_public,
    const uint8_t *once_public, const uint8_t *officer_public,
    struct work *work)
{
	uint8_t message[sizeof(badge_prefix) + 2 * KEY_BYTES];

	if (crypto_scalarmult(work->shared, secret, their_public) != 0) {
		return false;
	}
	memcpy(message, badge_prefix, sizeof(badge_prefix));
	memcpy(message + sizeof(badge_prefix), once_public, KEY_BYTES);
	memcpy(message + sizeof(badge_prefix) + KEY_BYTES, officer_public,
	    KEY_BYTES);
	hash_keyed(
	    work->key, KEY_BYTES, work->shared, message, sizeof(message));
	return true;
}

static const uint8_t no_nonce[NONCE_BYTES]; /* each key is used once */

static bool seal_badge(
    const uint8_t *officer_public, struct work *work, uint8_t *badge)
{
	random_bytes(work->once, KEY_BYTES);
	if (crypto_scalarmult_base(badge, work->once) != 0 ||
	    !badge_key(
		work->once, officer_public, badge, officer_public, work)) {
		return false;
	}
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(badge + KEY_BYTES,
	    NULL, work->plain, BADGE_PLAIN, NULL, 0, NULL, no_nonce, work->key);
	return true;
}

static bool open_badge(
    const uint8_t *own, const uint8_t *badge, struct work *work)
{
	return crypto_scalarmult_base(work->public_key, own) == 0 &&
	    badge_key(own, badge, badge, work->public_key, work) &&
	    crypto_aead_xchacha20poly1305_ietf_decrypt(work->plain, NULL, NULL,
		badge + KEY_BYTES, RING_BADGE_BYTES - KEY_BYTES, NULL, 0,
		no_nonce, work->key) == 0;
}

/* What an entry is bound to, into bound; its length. */
static size_t put_bound(const char *name, uint8_t *bound)
{
	size_t len = strlen(name);

	memcpy(bound, entry_prefix, sizeof(entry_prefix));
	memcpy(bound + sizeof(entry_prefix), name, len);
	return sizeof(entry_prefix) + len;
}

static void entry_key(const uint8_t *ring_key, struct work *work)
{
	hash_keyed(
	    work->key, KEY_BYTES, ring_key, entry_prefix, sizeof(entry_prefix));
}

static void seal_entry(const struct ring *ring, const char *name,
    struct work *work, uint8_t *entry)
{
	uint8_t bound[sizeof(entry_prefix) + RING_NAME_BYTES];
	size_t len = put_bound(name, bound);

	entry_key(ring->key, work);
	random_bytes(entry, NONCE_BYTES);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(entry + NONCE_BYTES,
	    NULL, work->plain, ENTRY_PLAIN, bound, len, NULL, entry, work->key);
}

enum tl_err ring_account_put(const struct ring *ring,
    const struct ring_account *account, struct ring_officer *officer)
{
	struct work *work = secret_alloc(sizeof(*work));
	enum tl_err err = TL_OK;

	if (work == NULL) {
		return TL_ENOMEM;
	}
	work->plain[0] = (uint8_t)account->role;
	memcpy(work->plain + 1, account->totp, RING_TOTP_BYTES);
	memcpy(
	    work->plain + 1 + RING_TOTP_BYTES, account->public_key, KEY_BYTES);
	seal_entry(ring, officer->name, work, officer->entry);
	if (account->role == RING_ADMINISTRATOR) {
		memset(work->plain + 1 + RING_TOTP_BYTES, 0, KEY_BYTES);
	} else {
		memcpy(work->plain + 1 + RING_TOTP_BYTES, ring->key, KEY_BYTES);
	}
	signer_of(ring->key, work);
	(void)crypto_sign_detached(work->plain + SIGNED_BYTES, NULL,
	    work->message, put_message(officer->name, work), work->sign);
	if (!seal_badge(account->public_key, work, officer->badge)) {
		err = TL_EINVAL;
	}
	secret_free(work);
	return err;
}

enum tl_err ring_account_open(const struct ring *ring,
    const struct ring_officer *officer, struct ring_account *ret)
{
	uint8_t bound[sizeof(entry_prefix) + RING_NAME_BYTES];
	size_t len = put_bound(officer->name, bound);
	struct work *work = secret_alloc(sizeof(*work));
	enum tl_err err = TL_EPROOF;

	if (work == NULL) {
		return TL_ENOMEM;
	}
	entry_key(ring->key, work);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(work->plain, NULL, NULL,
		officer->entry + NONCE_BYTES, RING_ENTRY_BYTES - NONCE_BYTES,
		bound, len, officer->entry, work->key) == 0 &&
	    ring_role_ok(work->plain[0])) {
		ret->role = (enum ring_role)work->plain[0];
		memcpy(ret->totp, work->plain + 1, RING_TOTP_BYTES);
		memcpy(ret->public_key, work->plain + 1 + RING_TOTP_BYTES,
		    KEY_BYTES);
		err = TL_OK;
	}
	secret_free(work);
	return err;
}

/* Is what an opened badge holds the ring's own word? */
static bool badge_is_right(
    const struct ring *ring, const char *name, struct work *work)
{
	const uint8_t *ring_key = work->plain + 1 + RING_TOTP_BYTES;

	if (!ring_role_ok(work->plain[0]) ||
	    crypto_sign_verify_detached(work->plain + SIGNED_BYTES,
		work->message, put_message(name, work), ring->signer) != 0) {
		return false;
	}
	if (work->plain[0] == RING_ADMINISTRATOR) {
		return sodium_is_zero(ring_key, KEY_BYTES) == 1;
	}
	/* another signer, put there with a badge of its own making */
	signer_of(ring_key, work);
	return memcmp(work->public_key, ring->signer, RING_SIGNER_BYTES) == 0;
}

enum tl_err ring_badge_open(const struct ring *ring,
    const struct ring_officer *officer,
    const uint8_t own[static WRAP_SECRET_BYTES], struct ring_account *ret,
    uint8_t ring_key[static WRAP_SECRET_BYTES])
{
	struct work *work = secret_alloc(sizeof(*work));
	enum tl_err err = TL_EPROOF;

	if (work == NULL) {
		return TL_ENOMEM;
	}
	if (open_badge(own, officer->badge, work)) {
		memcpy(ret->public_key, work->public_key, KEY_BYTES);
		if (badge_is_right(ring, officer->name, work)) {
			ret->role = (enum ring_role)work->plain[0];
			memcpy(ret->totp, work->plain + 1, RING_TOTP_BYTES);
			memcpy(ring_key, work->plain + 1 + RING_TOTP_BYTES,
			    KEY_BYTES);
			err = TL_OK;
		}
	}
	secret_free(work);
	return err;
}

enum tl_err ring_account_key(const uint8_t own[static WRAP_SECRET_BYTES],
    uint8_t ret_public[static WRAP_SECRET_BYTES])
{
	return crypto_scalarmult_base(ret_public, own) == 0 ? TL_OK : TL_EINVAL;
}
