/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/teamlist.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/keytext.h"
#include "crypto/random.h"

#define FIRST_LINE "tipline list 1"
#define DAY_S      86400

static const char signed_prefix[] = "tipline list v1";

_Static_assert(TEAMLIST_KEY_BYTES == crypto_sign_PUBLICKEYBYTES &&
	TEAMLIST_SIGN_BYTES == crypto_sign_SECRETKEYBYTES &&
	TEAMLIST_SIGN_BYTES == crypto_sign_BYTES,
    "the library's sizes");

/* What is signed for the text before the signature's line. */
struct message {
	uint8_t bytes[sizeof(signed_prefix) + HASH_BYTES];
};

static struct message message_of(struct bytes text)
{
	struct message message;

	memcpy(message.bytes, signed_prefix, sizeof(signed_prefix));
	hash_bytes(message.bytes + sizeof(signed_prefix), text.at, text.len);
	return message;
}

bool teamlist_key_ok(const uint8_t public_key[static TEAMLIST_KEY_BYTES])
{
	uint8_t scalar[crypto_scalarmult_SCALARBYTES];
	uint8_t shared[crypto_scalarmult_BYTES];
	bool ok;

	/* A point of low order would make every seal readable. */
	random_bytes(scalar, sizeof(scalar));
	ok = crypto_scalarmult(shared, scalar, public_key) == 0;
	wipe(scalar, sizeof(scalar));
	wipe(shared, sizeof(shared));
	return ok;
}

static bool has_key(const struct teamlist *list, size_t n, const uint8_t *key)
{
	for (size_t i = 0; i < n; i++) {
		if (memcmp(list->epochs[i].public_key, key,
			TEAMLIST_KEY_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

/* In order, without a gap (each ends where the next starts), no key twice. */
static bool list_ok(const struct teamlist *list)
{
	int64_t before_s = -1;

	for (size_t i = 0; i < list->n; i++) {
		const struct teamlist_epoch *epoch = &list->epochs[i];

		if (epoch->start_s <= before_s ||
		    has_key(list, i, epoch->public_key) ||
		    !teamlist_key_ok(epoch->public_key)) {
			return false;
		}
		before_s = epoch->start_s;
	}
	return list->n > 0 && list->end_s > before_s &&
	    list->end_s <= TEAMLIST_TIME_MAX_S && list->number > 0 &&
	    list->number <= TEAMLIST_NUMBER_MAX &&
	    crypto_core_ed25519_is_valid_point(list->identity) == 1;
}

/* "WORD NUMBER", all of the line. */
static enum tl_err read_number(
    struct bytes line, const char *word, uint64_t max, uint64_t *ret)
{
	if (keytext_word(&line, word) != TL_OK ||
	    keytext_number(&line, max, ret) != TL_OK || line.len > 0) {
		return TL_EFORMAT;
	}
	return TL_OK;
}

/* "WORD BASE64", all of the line. */
static enum tl_err read_bytes(
    struct bytes line, const char *word, uint8_t *bytes, size_t len)
{
	enum tl_err err = keytext_word(&line, word);

	return err == TL_OK ? keytext_bytes(line, bytes, len) : err;
}

static enum tl_err read_epoch(struct bytes line, struct teamlist *list)
{
	struct teamlist_epoch *epoch = &list->epochs[list->n];
	uint64_t start_s;

	if (list->n == TEAMLIST_EPOCHS_MAX ||
	    keytext_word(&line, "epoch ") != TL_OK ||
	    keytext_number(&line, TEAMLIST_TIME_MAX_S, &start_s) != TL_OK ||
	    read_bytes(line, " ", epoch->public_key, TEAMLIST_KEY_BYTES) !=
		TL_OK) {
		return TL_EFORMAT;
	}
	epoch->start_s = (int64_t)start_s;
	list->n++;
	return TL_OK;
}

/* All lines before the check line. */
static enum tl_err read_lines(struct bytes text, struct teamlist *list)
{
	struct bytes rest = text, line, signed_text;
	uint8_t signature[crypto_sign_BYTES];
	uint64_t end_s = 0;
	struct message message;

	if (keytext_line(&rest, &line) != TL_OK ||
	    !bytes_equal(line, bytes_str(FIRST_LINE)) ||
	    keytext_line(&rest, &line) != TL_OK ||
	    read_bytes(line, "identity ", list->identity, TEAMLIST_KEY_BYTES) !=
		TL_OK ||
	    keytext_line(&rest, &line) != TL_OK ||
	    read_number(line, "number ", TEAMLIST_NUMBER_MAX, &list->number) !=
		TL_OK ||
	    keytext_line(&rest, &line) != TL_OK) {
		return TL_EFORMAT;
	}
	while (read_epoch(line, list) == TL_OK) {
		if (keytext_line(&rest, &line) != TL_OK) {
			return TL_EFORMAT;
		}
	}
	signed_text = bytes_of(text.at, text.len - rest.len);
	if (read_number(line, "end ", TEAMLIST_TIME_MAX_S, &end_s) != TL_OK ||
	    keytext_line(&rest, &line) != TL_OK || rest.len > 0 ||
	    read_bytes(line, "signature ", signature, sizeof(signature)) !=
		TL_OK) {
		return TL_EFORMAT;
	}
	list->end_s = (int64_t)end_s;
	message = message_of(signed_text);
	return crypto_sign_verify_detached(signature, message.bytes,
		   sizeof(message.bytes), list->identity) == 0
	    ? TL_OK
	    : TL_EPROOF;
}

enum tl_err teamlist_parse(struct bytes text, struct teamlist **ret)
{
	struct teamlist *list;
	enum tl_err err;

	if (keytext_checked(text, &text) != TL_OK) {
		return TL_EFORMAT;
	}
	list = calloc(1, sizeof(*list));
	if (list == NULL) {
		return TL_ENOMEM;
	}
	err = read_lines(text, list);
	if (err == TL_OK && !list_ok(list)) {
		err = TL_EFORMAT;
	}
	if (err != TL_OK) {
		teamlist_free(list);
		return err;
	}
	*ret = list;
	return TL_OK;
}

enum tl_err teamlist_load(const char *path, struct teamlist **ret)
{
	uint8_t *text = malloc(TEAMLIST_MAX_BYTES);
	size_t len = 0;
	enum tl_err err;

	if (text == NULL) {
		return TL_ENOMEM;
	}
	err = keytext_read(path, false, text, TEAMLIST_MAX_BYTES, &len);
	if (err == TL_OK) {
		err = teamlist_parse(bytes_of(text, len), ret);
	}
	free(text);
	return err;
}

static void put_number(
    struct buf *out, const char *word, uint64_t number, char end)
{
	buf_put_str(out, word);
	buf_put_dec(out, number);
	buf_put_u8(out, (uint8_t)end);
}

enum tl_err teamlist_print(struct buf *out, const struct teamlist *list,
    const uint8_t sign[static TEAMLIST_SIGN_BYTES])
{
	uint8_t signature[crypto_sign_BYTES];
	struct message message;

	if (!list_ok(list) || out->len > 0 ||
	    memcmp(sign + crypto_sign_SEEDBYTES, list->identity,
		TEAMLIST_KEY_BYTES) != 0) {
		return TL_EINVAL;
	}
	buf_put_str(out, FIRST_LINE "\nidentity ");
	keytext_put_bytes(out, list->identity, TEAMLIST_KEY_BYTES);
	put_number(out, "number ", list->number, '\n');
	for (size_t i = 0; i < list->n; i++) {
		put_number(
		    out, "epoch ", (uint64_t)list->epochs[i].start_s, ' ');
		keytext_put_bytes(
		    out, list->epochs[i].public_key, TEAMLIST_KEY_BYTES);
	}
	put_number(out, "end ", (uint64_t)list->end_s, '\n');
	if (buf_err(out) == TL_OK) {
		message = message_of(bytes_of(out->data, out->len));
		(void)crypto_sign_detached(signature, NULL, message.bytes,
		    sizeof(message.bytes), sign);
		buf_put_str(out, "signature ");
		keytext_put_bytes(out, signature, sizeof(signature));
		keytext_put_check(out);
	}
	return buf_err(out);
}

enum tl_err teamlist_save(const char *path, bool replace,
    const struct teamlist *list, const uint8_t sign[static TEAMLIST_SIGN_BYTES])
{
	struct buf text;
	enum tl_err err;

	buf_init(&text, TEAMLIST_MAX_BYTES);
	err = teamlist_print(&text, list, sign);
	if (err == TL_OK) {
		err = (replace ? keytext_replace : keytext_create)(
		    path, false, bytes_of(text.data, text.len));
	}
	buf_free(&text);
	return err;
}

size_t teamlist_at(const struct teamlist *list, int64_t now_s)
{
	size_t at = 0;

	if (now_s < list->epochs[0].start_s) {
		return list->n - 1;
	}
	while (at + 1 < list->n && list->epochs[at + 1].start_s <= now_s) {
		at++;
	}
	return at;
}

int64_t teamlist_end_of(const struct teamlist *list, size_t epoch)
{
	return epoch + 1 < list->n ? list->epochs[epoch + 1].start_s
				   : list->end_s;
}

int64_t teamlist_days_left(const struct teamlist *list, int64_t now_s)
{
	int64_t left_s = list->end_s - now_s;

	/* rounded down, below zero too */
	return (left_s - (left_s < 0 ? DAY_S - 1 : 0)) / DAY_S;
}

void teamlist_free(struct teamlist *list)
{
	free(list);
}
