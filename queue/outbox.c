/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Where a reply stands in the stream is remembered in the hash
 * desk:mail:<mailbox>: mail id to name of the entry. It is a help for removing
 * and for not sending twice; without it the stream's trimming takes the reply
 * out, and a spool takes what came twice once. So it need not last: who was
 * written to, and when, is nobody's business later.
 */
#include "queue/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/ask.h"
#include "queue/place.h"
#include "queue/reader_inside.h"

#define WORD(text) bytes_str(text)
#define PREFIX     "desk:mail:"
#define HEX_BYTES  (2u * OUTBOX_ID_BYTES + 1u)
#define KEY_BYTES  (sizeof(PREFIX) - 1u + HEX_BYTES)

struct outbox {
	struct ask *redis;
	unsigned replicas;
};

static enum tl_err tell(
    struct outbox *outbox, const struct bytes *args, size_t n, uint64_t *ret_n)
{
	return reader_err(
	    ask_tell(outbox->redis, STREAM_WANT_NUMBER, args, n, ret_n));
}

static void put_hex(char *to, const uint8_t *id)
{
	for (size_t i = 0; i < OUTBOX_ID_BYTES; i++) {
		(void)snprintf(to + 2 * i, 3, "%02x", id[i]);
	}
}

static void key_of(const uint8_t *mailbox, char key[static KEY_BYTES])
{
	memcpy(key, PREFIX, sizeof(PREFIX) - 1);
	put_hex(key + sizeof(PREFIX) - 1, mailbox);
}

/* Remember where it stands. */
static enum tl_err note(
    struct outbox *outbox, const struct outbox_mail *mail, const char *entry)
{
	char key[KEY_BYTES], field[HEX_BYTES], kept_s[12];
	uint64_t n;
	enum tl_err err;

	key_of(mail->mailbox, key);
	put_hex(field, mail->id);
	(void)snprintf(kept_s, sizeof(kept_s), "%u", OUTBOX_DAYS * 86400u);
	err = tell(outbox,
	    (const struct bytes[]){
		WORD("HSET"), WORD(key), WORD(field), WORD(entry) },
	    4, &n);
	if (err != TL_OK) {
		return err;
	}
	err = tell(outbox,
	    (const struct bytes[]){ WORD("EXPIRE"), WORD(key), WORD(kept_s) },
	    3, &n);
	/* rights of before: the mail goes all the same, and doctor tells */
	return err == TL_EPERM ? TL_OK : err;
}

static enum tl_err confirm(struct outbox *outbox, bool *ret_confirmed)
{
	char replicas[12];
	uint64_t n = 0;
	enum tl_err err;

	(void)snprintf(replicas, sizeof(replicas), "%u", outbox->replicas);
	err = tell(outbox,
	    (const struct bytes[]){
		WORD("WAIT"), WORD(replicas), WORD("1000") },
	    3, &n);
	if (err == TL_OK) {
		*ret_confirmed = n >= outbox->replicas;
	}
	return err;
}

enum tl_err outbox_add(
    struct outbox *outbox, const struct outbox_mail *mail, bool *ret_confirmed)
{
	const struct bytes args[] = { WORD("XADD"), WORD("mail"), WORD("*"),
		WORD("m"), mail->bytes };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err = reader_err(ask_for(
	    outbox->redis, STREAM_WANT_ENTRY, args, 5, &reply, &answer));

	if (err == TL_OK) {
		err = note(outbox, mail, answer.entry);
	}
	if (err == TL_OK) {
		err = confirm(outbox, ret_confirmed);
	}
	ask_done(reply);
	return err;
}

enum tl_err outbox_has(
    struct outbox *outbox, const struct outbox_mail *mail, bool *ret_has)
{
	char key[KEY_BYTES], field[HEX_BYTES];
	uint64_t n = 0;
	enum tl_err err;

	key_of(mail->mailbox, key);
	put_hex(field, mail->id);
	err = tell(outbox,
	    (const struct bytes[]){ WORD("HEXISTS"), WORD(key), WORD(field) },
	    3, &n);
	if (err == TL_OK) {
		*ret_has = n > 0;
	}
	return err;
}

enum tl_err outbox_tip(struct outbox *outbox,
    const uint8_t id[static OUTBOX_ID_BYTES], struct bytes sealed,
    bool *ret_confirmed)
{
	const struct bytes args[] = { WORD("XADD"), WORD("tips"), WORD("*"),
		WORD("id"), bytes_of(id, OUTBOX_ID_BYTES), WORD("r"), sealed };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err = reader_err(ask_for(
	    outbox->redis, STREAM_WANT_ENTRY, args, 7, &reply, &answer));

	if (err == TL_OK) {
		err = confirm(outbox, ret_confirmed);
	}
	ask_done(reply);
	return err;
}

/* One field of the hash, and the entry that it names. */
static enum tl_err remove_one(struct outbox *outbox, const char *key,
    struct bytes field, struct bytes entry, size_t *ret_n)
{
	uint64_t removed = 0, n;
	enum tl_err err = tell(outbox,
	    (const struct bytes[]){ WORD("XDEL"), WORD("mail"), entry }, 3,
	    &removed);

	if (err == TL_OK) {
		*ret_n += removed;
		err = tell(outbox,
		    (const struct bytes[]){ WORD("HDEL"), WORD(key), field }, 3,
		    &n);
	}
	return err;
}

enum tl_err outbox_remove(struct outbox *outbox,
    const uint8_t mailbox[static OUTBOX_ID_BYTES], size_t *ret_n)
{
	char key[KEY_BYTES];
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	size_t n = 0;
	enum tl_err err;

	key_of(mailbox, key);
	err = reader_err(ask_for(outbox->redis, STREAM_WANT_VALUES,
	    (const struct bytes[]){ WORD("HGETALL"), WORD(key) }, 2, &reply,
	    &answer));
	for (size_t i = 0; err == TL_OK && i + 1 < stream_values(&answer);
	     i += 2) {
		err = remove_one(outbox, key, stream_value(&answer, i),
		    stream_value(&answer, i + 1), &n);
	}
	ask_done(reply);
	if (err == TL_OK) {
		*ret_n = n;
	}
	return err;
}

enum tl_err outbox_open(const struct reader_opts *opts,
    struct outbox **ret_outbox, const char **ret_why)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	struct place place;
	enum tl_err err;

	*ret_why = "out of memory";
	if (outbox == NULL) {
		return TL_ENOMEM;
	}
	outbox->replicas = opts->replicas;
	err = reader_connect(opts, &place, &outbox->redis, ret_why);
	if (err != TL_OK) {
		outbox_close(outbox);
		return err;
	}
	*ret_outbox = outbox;
	return TL_OK;
}

void outbox_close(struct outbox *outbox)
{
	if (outbox != NULL) {
		ask_close(outbox->redis);
	}
	free(outbox);
}
