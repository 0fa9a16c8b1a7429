/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/reply_out.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/queue.h"

#define DAY_S 86400

enum tl_err reply_out_open(struct reply_out *out)
{
	const struct reader_opts opts = cli_queue_opts(out->config);
	const char *why = "";
	enum tl_err err = outbox_open(&opts, &out->outbox, &why);

	if (err != TL_OK) {
		say_error("the queue cannot be written to: %s", why);
	}
	return err;
}

void reply_out_close(struct reply_out *out)
{
	outbox_close(out->outbox);
	out->outbox = NULL;
}

enum tl_err reply_out_add(struct reply_out *out, struct bytes bytes)
{
	struct outbox_mail mail = { .bytes = bytes };
	struct mail_head head;
	bool confirmed = true;
	enum tl_err err = mail_read(bytes, &head);

	if (err == TL_OK) {
		mail.id = head.id;
		mail.mailbox = head.mailbox;
		err = outbox_add(out->outbox, &mail, &confirmed);
	}
	if (err != TL_OK) {
		say_error("the queue did not take it: %s. It is in the ledger; "
			  "`tipline reply --again` sends it",
		    err_text(err));
	} else if (!confirmed) {
		say_error("not all replicas of Redis have it; if Redis fails "
			  "over now, `tipline reply --again` sends it");
	}
	out->n += err == TL_OK;
	return err;
}

enum tl_err reply_out_keep(struct reply_out *out, uint8_t *mail, size_t len)
{
	struct ledger_record record = {
		.kind = LEDGER_MAIL,
		.sealed = bytes_of(mail, len),
	};
	struct mail_head head;
	enum tl_err err = desk_keys_sign_mail(out->keys, mail, len);

	if (err == TL_OK) {
		err = mail_read(record.sealed, &head);
	}
	if (err != TL_OK) {
		return err;
	}
	memcpy(record.id, head.id, sizeof(record.id));
	err = ledger_append(out->ledger, &record);
	if (err != TL_OK) {
		say_error("the ledger cannot keep it: %s; nothing was sent",
		    err_text(err));
	}
	return err;
}

enum tl_err reply_out_delete(struct reply_out *out,
    const uint8_t mailbox[static MAIL_MAILBOX_BYTES],
    const uint8_t id[static MAIL_ID_BYTES])
{
	uint8_t mail[MAIL_DELETION_BYTES];
	/* as long as what it takes back may live */
	const struct mail_head head = {
		.mailbox = mailbox,
		.id = id,
		.last_day = (uint32_t)(clock_wall_s() / DAY_S) + REPLY_DAYS_MAX,
	};
	size_t n = 0;
	enum tl_err err;

	mail_delete(&head, mail);
	err = reply_out_keep(out, mail, sizeof(mail));
	if (err == TL_OK) {
		err = reply_out_add(out, bytes_of(mail, sizeof(mail)));
	}
	if (err == TL_OK) {
		err = outbox_remove(out->outbox, mailbox, &n);
	}
	return err;
}
