/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "desk/parts.h"
#include "text/json_memory.h"
#include "text/utf8.h"

/* ---- whose it is ----------------------------------------------------------
 */

struct gathered {
	struct reply_key *keys;
	size_t n;
};

static void add_key(
    const struct tip *part, const struct report_thread *thread, void *arg)
{
	struct gathered *gathered = arg;
	struct reply_key *key = &gathered->keys[gathered->n];

	(void)part;
	if (!thread->has_key || gathered->n == REPLY_KEYS_MAX) {
		return;
	}
	for (size_t i = 0; i < gathered->n; i++) {
		if (memcmp(gathered->keys[i].mailbox, thread->mailbox,
			sizeof(key->mailbox)) == 0) {
			return;
		}
	}
	memcpy(key->mailbox, thread->mailbox, sizeof(key->mailbox));
	memcpy(key->key, thread->key, sizeof(key->key));
	gathered->n++;
}

size_t reply_keys(
    const struct tip *tip, struct reply_key keys[static REPLY_KEYS_MAX])
{
	struct gathered gathered = { .keys = keys };
	unsigned lacks = json_memory_lacks();

	(void)parts_each(tip, add_key, &gathered);
	return json_memory_lacks() == lacks ? gathered.n : 0;
}

bool reply_is_words(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f) {
			return false;
		}
	}
	return text.len <= MAIL_TEXT_BYTES_MAX && utf8_valid(text);
}

static void note_key(
    const struct tip *part, const struct report_thread *thread, void *arg)
{
	bool *has = arg;

	(void)part;
	*has = *has || thread->has_key;
}

bool reply_has_mailbox(const struct tip *tip)
{
	bool has = false;

	(void)parts_each(tip, note_key, &has);
	return has;
}

/* ---- sending --------------------------------------------------------------
 */

struct sending {
	struct web *web;
	uint8_t token[KEYD_TOKEN_BYTES];
	uint8_t mails[REPLY_KEYS_MAX][MAIL_REPLY_BYTES];
	size_t n, at;
	bool has_left;
	reply_done_fn fn;
	void *arg;
};

static void send_next(struct sending *sending);

static void end(struct sending *sending, enum store_result result)
{
	sending->fn(sending->web, result, sending->has_left, sending->arg);
	secret_free(sending);
}

static void mail_stored(const struct frame *frame, void *arg)
{
	struct sending *sending = arg;
	enum store_result result = store_done_of(frame).result;

	/* of no answer nobody knows */
	sending->has_left = sending->has_left || result == STORE_ANSWERED ||
	    result == STORE_ALONE || result == STORE_NO_LEDGER;
	if (result != STORE_ANSWERED) {
		end(sending, result);
		return;
	}
	sending->at++;
	send_next(sending);
}

/* Result, signature. */
static void mail_signed(const struct frame *frame, void *arg)
{
	struct sending *sending = arg;
	uint8_t *bytes = sending->mails[sending->at];
	struct mail_head head;
	struct store_mail mail = { .bytes = bytes_of(bytes, MAIL_REPLY_BYTES) };

	if (frame == NULL || frame->type != FRAME_KEYD_MAILED ||
	    frame->body_len != 1 + 64 || frame->body[0] != 0) {
		end(sending, STORE_WRONG);
		return;
	}
	memcpy(mail_signature(bytes, MAIL_REPLY_BYTES), frame->body + 1, 64);
	if (mail_read(mail.bytes, &head) != TL_OK) {
		end(sending, STORE_WRONG);
		return;
	}
	memcpy(mail.id, head.id, sizeof(mail.id));
	memcpy(mail.mailbox, head.mailbox, sizeof(mail.mailbox));
	store_ask_mail(sending->web->store, &mail, mail_stored, sending);
}

static void send_next(struct sending *sending)
{
	uint8_t hash[32];
	struct buf frame;

	if (sending->at == sending->n) {
		end(sending, STORE_ANSWERED);
		return;
	}
	mail_hash(sending->mails[sending->at], MAIL_REPLY_BYTES, hash);
	buf_init(&frame, FRAME_HEAD_BYTES + sizeof(sending->token) + 32);
	frame_put_head(
	    &frame, FRAME_KEYD_MAIL, sizeof(sending->token) + sizeof(hash));
	buf_put(&frame, sending->token, sizeof(sending->token));
	buf_put(&frame, hash, sizeof(hash));
	keyd_peer_ask(sending->web->keyd, &frame, mail_signed, sending);
	buf_free(&frame);
}

/* Of `once` and the mailbox, so that a console that asks again changes
 * nothing. */
static void mail_id(const struct reply_words *words,
    const struct reply_key *key, uint8_t ret_id[static MAIL_ID_BYTES])
{
	static const char prefix[] = "tipline reply id v1";
	uint8_t message[sizeof(prefix) + REPLY_ONCE_BYTES + MAIL_MAILBOX_BYTES];
	uint8_t hash[HASH_BYTES];

	memcpy(message, prefix, sizeof(prefix));
	memcpy(message + sizeof(prefix), words->once, REPLY_ONCE_BYTES);
	memcpy(message + sizeof(prefix) + REPLY_ONCE_BYTES, key->mailbox,
	    MAIL_MAILBOX_BYTES);
	hash_bytes(hash, message, sizeof(message));
	memcpy(ret_id, hash, MAIL_ID_BYTES);
}

static enum tl_err seal_all(struct sending *sending,
    const struct reply_words *words, const struct reply_key *keys,
    uint32_t last_day)
{
	const struct mail_reply reply = { .sent_s = clock_wall_s(),
		.text = words->text };
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < sending->n; i++) {
		uint8_t id[MAIL_ID_BYTES];
		const struct mail_head head = { .mailbox = keys[i].mailbox,
			.id = id,
			.last_day = last_day };

		mail_id(words, &keys[i], id);
		err = mail_seal(&head, &reply, keys[i].key, sending->mails[i]);
	}
	return err;
}

void reply_send(struct web *web, const struct session *session,
    const struct tip *tip, const struct reply_words *words, reply_done_fn fn,
    void *arg)
{
	struct sending *sending = secret_alloc(sizeof(*sending));
	struct reply_key *keys = secret_alloc(REPLY_KEYS_MAX * sizeof(*keys));
	enum store_result result = STORE_NO_MEMORY;

	if (sending != NULL && keys != NULL) {
		sending->web = web;
		sending->fn = fn;
		sending->arg = arg;
		sending->at = 0;
		sending->has_left = false;
		memcpy(sending->token, session->keyd, sizeof(sending->token));
		sending->n = reply_keys(tip, keys);
		result = sending->n > 0 &&
			seal_all(sending, words, keys, web_last_day(web)) ==
			    TL_OK
		    ? STORE_ANSWERED
		    : STORE_WRONG;
	}
	secret_free(keys);
	if (result == STORE_ANSWERED) {
		send_next(sending);
	} else {
		secret_free(sending);
		fn(web, result, false, arg);
	}
}
