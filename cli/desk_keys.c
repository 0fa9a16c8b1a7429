/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/desk_keys.h"

#include <string.h>

#include "base/log.h"
#include "cli/passphrase.h"
#include "crypto/envelope_signed.h"
#include "crypto/keyfile.h"
#include "crypto/mail.h"
#include "desk/keyd_talk.h"

static enum tl_err load_public(
    const struct config_desk *desk, struct desk_keys *keys)
{
	enum tl_err err = TL_OK;

	if (desk->intake_keys.n > DESK_INTAKES_MAX) {
		say_error("desk.intake_keys has more than %u files",
		    DESK_INTAKES_MAX);
		return TL_EINVAL;
	}
	for (size_t i = 0; err == TL_OK && i < desk->intake_keys.n; i++) {
		const char *path = desk->intake_keys.items[i];

		err = keyfile_load(path, KEY_INTAKE_VERIFY, keys->intakes[i]);
		if (err != TL_OK) {
			say_error("cannot use the key file %s: %s", path,
			    err_text(err));
		}
		keys->n_intakes++;
	}
	return err;
}

enum tl_err desk_keys_load(const char *config_path,
    const struct config_desk *desk, struct desk_keys *ret_keys)
{
	struct desk_keys *keys = ret_keys;
	enum tl_err err;

	*keys = (struct desk_keys){ 0 };
	err = load_public(desk, keys);
	if (err != TL_OK) {
		return err;
	}
	err = keyd_client_start(config_path, &keys->keyd);
	if (err == TL_ENOENT) {
		say_error("tipline-keyd is not beside this program");
	} else if (err != TL_OK) {
		say_error(
		    "keyd, which opens tips, cannot run: %s", err_text(err));
	}
	return err;
}

enum tl_err desk_keys_unlock(struct desk_keys *keys)
{
	struct buf name, passphrase;
	enum tl_err err;

	buf_init(&name, KEYD_NAME_BYTES);
	buf_init(&passphrase, PASSPHRASE_MAX_BYTES);
	err = passphrase_officer(keyd_client_officers(keys->keyd), &name);
	if (err == TL_OK) {
		err = passphrase_read(
		    "Passphrase of the team's ring: ", false, &passphrase);
	}
	if (err != TL_OK) {
		goto out; /* has been said */
	}
	err = keyd_client_unlock(keys->keyd, bytes_of(name.data, name.len),
	    bytes_of(passphrase.data, passphrase.len));
	if (err == TL_EPROOF) {
		say_error("this is not the passphrase of an officer");
	} else if (err == TL_EPERM) {
		say_error("an administrator opens no tips");
	} else if (err != TL_OK) {
		say_error("keyd does not unlock: %s", err_text(err));
	}
out:
	buf_free(&name);
	buf_free(&passphrase);
	return err;
}

bool desk_keys_is_supervisor(const struct desk_keys *keys)
{
	return keyd_client_is_supervisor(keys->keyd);
}

/* Memory can come back; all else ends the work with keyd. */
static enum tl_err say_gone(enum tl_err err)
{
	if (err == TL_OK || err == TL_ENOMEM) {
		return err;
	}
	say_error("keyd, which opens tips, has ended: %s", err_text(err));
	return TL_EIO;
}

enum tl_err desk_keys_open(struct desk_keys *keys, struct bytes sealed,
    enum envelope_fault *ret_fault, struct desk_tip *ret_tip)
{
	struct envelope envelope;
	struct desk_tip tip = { .signed_by_us = false };
	enum envelope_fault fault = envelope_read(sealed, &envelope);
	uint8_t result = 0;
	enum tl_err err;

	if (fault != ENVELOPE_FINE) {
		*ret_fault = fault; /* keyd need not see it */
		return TL_OK;
	}
	err = say_gone(keyd_client_open(keys->keyd, sealed, &result, &tip.tip));
	if (err != TL_OK) {
		return err;
	}
	if (result == KEYD_NO_SESSION) {
		say_error("keyd has logged you out, since nothing was asked of"
			  " it for too long (desk.idle_lock)");
		return TL_EIO;
	}
	if (result == ENVELOPE_NO_MEMORY || result >= ENVELOPE_FAULTS) {
		return TL_ENOMEM;
	}
	*ret_fault = (enum envelope_fault)result;
	if (result == ENVELOPE_FINE) {
		tip.signed_by_us = envelope_signed_by(&envelope,
		    (const uint8_t(*)[32])keys->intakes, keys->n_intakes);
		*ret_tip = tip;
	}
	return TL_OK;
}

enum tl_err desk_keys_sign_mail(
    struct desk_keys *keys, uint8_t *mail, size_t len)
{
	uint8_t hash[32];
	enum tl_err err;

	mail_hash(mail, len, hash);
	err =
	    keyd_client_sign_mail(keys->keyd, hash, mail_signature(mail, len));
	if (err == TL_EPERM) {
		say_error("keyd signs mail for officers who are logged in");
	}
	return err == TL_EPERM ? err : say_gone(err);
}

bool desk_keys_signed(const struct desk_keys *keys, struct bytes sealed)
{
	struct envelope envelope;

	return envelope_read(sealed, &envelope) == ENVELOPE_FINE &&
	    envelope_signed_by(&envelope, (const uint8_t(*)[32])keys->intakes,
		keys->n_intakes);
}

bool desk_keys_resealed(const struct desk_keys *keys, struct bytes sealed)
{
	struct envelope envelope;
	uint8_t own[1][32];

	memcpy(own[0], keyd_client_receipt_key(keys->keyd), sizeof(own[0]));
	return envelope_read(sealed, &envelope) == ENVELOPE_FINE &&
	    envelope_signed_by(&envelope, (const uint8_t(*)[32])own, 1);
}

enum tl_err desk_keys_sign(struct desk_keys *keys, const uint8_t id[static 16],
    const uint8_t hash[static 32], uint8_t ret_signature[static 64])
{
	return say_gone(keyd_client_sign(keys->keyd, id, hash, ret_signature));
}

void desk_keys_free(struct desk_keys *keys)
{
	(void)keyd_client_end(keys->keyd);
	*keys = (struct desk_keys){ 0 };
}

void desk_tip_free(struct desk_tip *tip)
{
	keyd_tip_free(&tip->tip);
}
