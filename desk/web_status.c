/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the page behind the receipt code says of how a tip stands, sent when the
 * case has moved. Nothing remembers that something is to be sent: it follows
 * from the case, and what was sent is in the ledger, so that the two are held
 * against each other after every change and every log-in. The mail's id is made
 * of the change, so that spools take it once, whichever desk sends it and
 * however often. Nothing leaves but into the mailbox.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "desk/api.h"
#include "desk/parts.h"
#include "desk/reach.h"
#include "desk/reply.h"
#include "text/json_memory.h"

#define DAY_S     86400
#define DAY_MS    (UINT64_C(1000) * DAY_S)
#define MINUTE_S  60
#define SIG_BYTES 64u

struct saying {
	struct web *web;
	struct tip *tip;
	struct standing said; /* whose text is words */
	struct store_status status;
	struct reply_key keys[REPLY_KEYS_MAX];
	size_t n, at;
	uint8_t token[KEYD_TOKEN_BYTES];
	uint8_t mail[MAIL_REPLY_BYTES];
	char words[MAIL_TEXT_BYTES_MAX + 1];
};

/* ---- what is to be told ---------------------------------------------------
 */

/* With it its duplicates may say something else. After a log-in all are looked
 * at anyway: then only those matter that have waited for their target. */
static void keep(struct web *web, struct tip *tip, const struct standing *now)
{
	bool is_same = tip->has_shown && standing_is_same(&tip->shown, now);
	bool is_news = tip->has_shown ? !is_same : web->has_waiting;

	tip->is_sent = tip->is_sent && is_same;
	tip->shown = *now;
	tip->shown.text = "";
	tip->has_shown = true;
	for (size_t i = 0; is_news && i < tips_count(web->tips); i++) {
		struct tip *other = tips_at(web->tips, i);

		if (other->now.state == CASE_DUPLICATE &&
		    memcmp(other->now.target, tip->id, sizeof(tip->id)) == 0) {
			other->wants_status = web->has_unsaid = true;
		}
	}
}

/* False: it is not known what it is a duplicate of. */
static bool join(
    const struct web *web, const struct tip *tip, struct standing *standing)
{
	const struct tip *target = tips_find(web->tips, tip->now.target);

	if (!standing->is_duplicate) {
		return true;
	}
	if (target == NULL || !target->has_shown) {
		return false;
	}
	*standing = standing_joined(standing, &target->shown);
	return true;
}

/* Nobody is to write; but who took a tip back is told that it has ended.
 * *lost is set where memory was out to hear all. */
static bool is_silent(const struct web *web, const struct tip *tip,
    const json_t *entries, bool *lost)
{
	struct contact_case contact = { 0 };
	struct reach reach;
	bool says;

	/* without the messages of the number, which may be many */
	if (parts_wishes(web, tip).no_contact ||
	    reach_says_no_contact(entries) || reach_has_unread(entries)) {
		return true;
	}
	reach_of(web, tip, entries, &reach, &contact);
	says = reach.no_contact || contact.stop || contact.watched;
	wipe(&reach, sizeof(reach));
	*lost = *lost || (contact.not_heard && !says);
	return says || contact.not_heard;
}

static void note_deletion(
    const struct tip *part, const struct report_thread *thread, void *arg)
{
	int64_t *last_s = arg;

	if (thread->wants_deletion && part->received_s > *last_s) {
		*last_s = part->received_s;
	}
}

/* What the reporter has deleted does not come back. The case's times are
 * rounded down to minutes. */
static bool is_deleted(const struct tip *tip, const struct standing *standing)
{
	int64_t last_s = 0;

	(void)parts_each(tip, note_deletion, &last_s);
	return last_s >= (int64_t)(standing->at_ms / 1000) + MINUTE_S;
}

static bool is_due(const struct web *web, const struct tip *tip,
    const struct standing *standing, const json_t *entries, bool *lost)
{
	return !web->practice && standing->status != STANDING_NONE &&
	    !tip->is_sent &&
	    standing->at_ms + REPLY_DAYS * DAY_MS > web_now_ms(web) &&
	    reply_has_mailbox(tip) && !is_deleted(tip, standing) &&
	    (standing->is_forced || !is_silent(web, tip, entries, lost));
}

/* ---- one mailbox after the other ------------------------------------------
 */

static void say_next(struct saying *saying);

static void end(struct saying *saying, bool is_done)
{
	struct web *web = saying->web;
	struct tip *tip = saying->tip;

	web->saying = false;
	if (is_done && standing_is_same(&tip->shown, &saying->said)) {
		tip->is_sent = true;
		api_tell(web, "case",
		    json_pack("{s:o,s:I,s:b}", "id", api_tip_id(tip), "version",
			(json_int_t)tip->now.version, "sent", 1));
	}
	if (!is_done) {
		tip->wants_status = web->has_unsaid = true;
	}
	secret_free(saying);
	if (is_done) {
		web_links_more(web);
		web_status_more(web);
	}
}

static void stored(const struct frame *frame, void *arg)
{
	struct saying *saying = arg;

	if (store_done_of(frame).result != STORE_ANSWERED) {
		end(saying, false);
		return;
	}
	saying->at++;
	say_next(saying);
}

/* Result, signature. */
static void mail_signed(const struct frame *frame, void *arg)
{
	struct saying *saying = arg;

	if (frame == NULL || frame->type != FRAME_KEYD_MAILED ||
	    frame->body_len != 1 + SIG_BYTES || frame->body[0] != 0) {
		end(saying, false);
		return;
	}
	memcpy(mail_signature(saying->mail, sizeof(saying->mail)),
	    frame->body + 1, SIG_BYTES);
	store_ask_status(saying->web->store, &saying->status, stored, saying);
}

static void ask_signature(struct saying *saying)
{
	uint8_t hash[HASH_BYTES];
	struct buf frame;

	mail_hash(saying->mail, sizeof(saying->mail), hash);
	buf_init(&frame, FRAME_HEAD_BYTES + KEYD_TOKEN_BYTES + sizeof(hash));
	frame_put_head(
	    &frame, FRAME_KEYD_MAIL, KEYD_TOKEN_BYTES + sizeof(hash));
	buf_put(&frame, saying->token, sizeof(saying->token));
	buf_put(&frame, hash, sizeof(hash));
	keyd_peer_ask(saying->web->keyd, &frame, mail_signed, saying);
	buf_free(&frame);
}

/* Of the change, and nobody's who has not the reply key. */
static enum tl_err name_mail(struct saying *saying)
{
	static const char prefix[] = "tipline status id v1";
	const struct standing *said = &saying->said;
	struct buf message;
	enum tl_err err;

	buf_init(&message, 128);
	buf_put(&message, prefix, sizeof(prefix));
	buf_put(&message, saying->tip->id, sizeof(saying->tip->id));
	buf_put_u64(&message, said->version);
	buf_put_u64(&message, said->of);
	buf_put_u8(&message, (uint8_t)said->status);
	err = buf_err(&message);
	if (err == TL_OK) {
		hash_keyed(saying->status.mail.id, MAIL_ID_BYTES,
		    saying->keys[saying->at].key, message.data, message.len);
	}
	buf_free(&message);
	return err;
}

static void say_next(struct saying *saying)
{
	const struct reply_key *key = &saying->keys[saying->at];
	const struct mail_head head = { .mailbox = key->mailbox,
		.id = saying->status.mail.id,
		.last_day = web_last_day(saying->web) };
	const struct mail_reply reply = { .is_status = true,
		.status = saying->said.status,
		.sent_s = clock_wall_s(),
		.text = bytes_str(saying->words) };

	if (saying->at == saying->n) {
		end(saying, true);
		return;
	}
	memcpy(saying->status.mail.mailbox, key->mailbox, MAIL_MAILBOX_BYTES);
	if (name_mail(saying) != TL_OK ||
	    mail_seal(&head, &reply, key->key, saying->mail) != TL_OK) {
		end(saying, false);
		return;
	}
	ask_signature(saying);
}

static void begin(struct web *web, struct tip *tip,
    const struct standing *standing, const struct session *session)
{
	struct saying *saying = secret_alloc(sizeof(*saying));
	struct bytes text = bytes_str(standing->text);
	const struct tip *target = tips_find(web->tips, tip->now.target);

	if (saying == NULL) {
		tip->wants_status = web->has_unsaid = true;
		return;
	}
	*saying = (struct saying){ .web = web, .tip = tip, .said = *standing };
	saying->status.version = tip->now.version;
	memcpy(saying->status.id, tip->id, sizeof(tip->id));
	if (standing->of != 0 && target != NULL) {
		saying->status.of_version = target->now.version;
		memcpy(saying->status.of, target->id, sizeof(target->id));
	}
	saying->status.mail.bytes =
	    bytes_of(saying->mail, sizeof(saying->mail));
	if (reply_is_words(text)) { /* of an older desk's there may be more */
		memcpy(saying->words, text.at, text.len);
	}
	saying->said.text = saying->words;
	memcpy(saying->token, session->keyd, sizeof(saying->token));
	saying->n = reply_keys(tip, saying->keys);
	if (saying->n == 0) { /* it has some, and memory is out */
		tip->wants_status = web->has_unsaid = true;
		secret_free(saying);
		return;
	}
	web->saying = true;
	say_next(saying);
}

void web_status_take(struct web *web, struct tip *tip, const json_t *entries)
{
	const struct session *session = sessions_any(web->sessions);
	unsigned lacks = json_memory_lacks();
	struct standing standing;
	bool is_wanted, lost = false;

	tip->wants_status = false;
	if (tip->state != TIP_OPEN || !tip->is_signed || tip->is_twin ||
	    tip_is_within(tip)) {
		return;
	}
	if (standing_of(entries, &standing) != TL_OK) {
		tip->wants_status = web->has_unsaid = true;
		return;
	}
	if (standing.seen < tip->now.version) {
		return; /* until that has come, which is heard */
	}
	if (!join(web, tip, &standing)) {
		web->has_waiting = true;
		return;
	}
	keep(web, tip, &standing);
	is_wanted = is_due(web, tip, &standing, entries, &lost);
	if (lost || json_memory_lacks() != lacks) { /* a wish may be unread */
		tip->wants_status = web->has_unsaid = true;
		return;
	}
	if (!is_wanted) {
		return;
	}
	if (web->saying || session == NULL || !web->state.redis) {
		tip->wants_status = web->has_unsaid = true;
		return;
	}
	begin(web, tip, &standing, session);
}

/* ---- what could not be sent just then -------------------------------------
 */

struct looking {
	struct tip *tip;
	uint64_t version;
};

static void listed(struct web *web, json_t *entries, void *arg)
{
	const struct looking looking = *(struct looking *)arg;

	free(arg);
	web->looking = false;
	if (entries == NULL || looking.tip->now.version != looking.version) {
		looking.tip->wants_status = web->has_unsaid = true;
	} else {
		web_status_take(web, looking.tip, entries);
	}
	json_decref(entries);
}

void web_status_more(struct web *web)
{
	size_t n = tips_count(web->tips);
	struct looking *looking;

	if (!web->has_unsaid || web->saying || web->looking ||
	    web->opening > 0 || !web->state.redis ||
	    sessions_any(web->sessions) == NULL) {
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct tip *tip = tips_at(web->tips, web->said_at++ % n);

		if (!tip->wants_status) {
			continue;
		}
		looking = calloc(1, sizeof(*looking));
		if (looking != NULL) {
			*looking = (struct looking){ tip, tip->now.version };
			tip->wants_status = false;
			web->looking = true;
			entry_list(web, tip->id, listed, looking);
		}
		return;
	}
	web->has_unsaid = false;
}

/* ---- on the screen --------------------------------------------------------
 */

json_t *web_status_json(
    const struct web *web, const struct tip *tip, const json_t *entries)
{
	struct standing standing;
	bool is_sent, is_quiet, lost = false;

	if (!reply_has_mailbox(tip) ||
	    standing_of(entries, &standing) != TL_OK ||
	    !join(web, tip, &standing)) {
		return json_null();
	}
	is_sent = tip->is_sent && tip->has_shown &&
	    standing_is_same(&tip->shown, &standing);
	is_quiet = is_silent(web, tip, entries, &lost);
	return json_pack("{s:i,s:s,s:I,s:b,s:b,s:b,s:b}", "status",
	    (int)standing.status, "text", standing.text, "at_ms",
	    (json_int_t)standing.at_ms, "chosen", standing.is_chosen ? 1 : 0,
	    "sent", is_sent ? 1 : 0, "stopped",
	    (is_quiet && !standing.is_forced) || is_deleted(tip, &standing) ? 1
									    : 0,
	    "silent", is_quiet ? 1 : 0);
}
