/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Reporters who want what was written to them gone. The intake where they said
 * so has deleted it; the others hear it from here, once: the deletion has the
 * id of the record with the wish, and the store knows which it has sent.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/mail.h"
#include "desk/reply.h"
#include "desk/web.h"

struct deleting {
	struct web *web;
	struct tip *more;
	uint8_t mail[MAIL_DELETION_BYTES];
};

static void end(struct deleting *deleting, bool is_done)
{
	deleting->more->is_passed_on = is_done;
	deleting->web->deleting = false;
	free(deleting);
}

static void stored(const struct frame *frame, void *arg)
{
	end(arg, store_done_of(frame).result == STORE_ANSWERED);
}

/* Result, signature. */
static void mail_signed(const struct frame *frame, void *arg)
{
	struct deleting *deleting = arg;
	struct store_mail mail = { .bytes = bytes_of(deleting->mail,
				       sizeof(deleting->mail)) };

	if (frame == NULL || frame->type != FRAME_KEYD_MAILED ||
	    frame->body_len != 1 + 64 || frame->body[0] != 0) {
		end(deleting, false);
		return;
	}
	memcpy(mail_signature(deleting->mail, sizeof(deleting->mail)),
	    frame->body + 1, 64);
	memcpy(mail.id, deleting->more->id, sizeof(mail.id));
	memcpy(mail.mailbox, deleting->more->mailbox, sizeof(mail.mailbox));
	store_ask_mail(deleting->web->store, &mail, stored, deleting);
}

static void pass_on(
    struct web *web, const struct session *session, struct tip *more)
{
	/* as long as what it takes back may live */
	const struct mail_head head = { .mailbox = more->mailbox,
		.id = more->id,
		.last_day = web_last_day(web) };
	struct deleting *deleting = calloc(1, sizeof(*deleting));
	uint8_t hash[32];
	struct buf frame;

	if (deleting == NULL) {
		return;
	}
	deleting->web = web;
	deleting->more = more;
	web->deleting = true;
	mail_delete(&head, deleting->mail);
	mail_hash(deleting->mail, sizeof(deleting->mail), hash);
	buf_init(&frame, FRAME_HEAD_BYTES + KEYD_TOKEN_BYTES + sizeof(hash));
	frame_put_head(
	    &frame, FRAME_KEYD_MAIL, KEYD_TOKEN_BYTES + sizeof(hash));
	buf_put(&frame, session->keyd, KEYD_TOKEN_BYTES);
	buf_put(&frame, hash, sizeof(hash));
	keyd_peer_ask(web->keyd, &frame, mail_signed, deleting);
	buf_free(&frame);
}

void web_delete_more(struct web *web)
{
	const struct session *session = sessions_any(web->sessions);

	if (web->deleting || session == NULL || !web->state.redis) {
		return;
	}
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		struct tip *more = tips_at(web->tips, i);

		if (more->wants_deletion && !more->is_passed_on &&
		    more->state == TIP_PART && more->is_signed &&
		    more->has_mailbox && !more->is_twin) {
			pass_on(web, session, more);
			return;
		}
	}
}
