/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/wishes.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "text/report_thread.h"

struct wish {
	uint8_t id[LEDGER_ID_BYTES];
	uint8_t mailbox[MAIL_MAILBOX_BYTES];
	bool done;
};

enum tl_err wishes_add(struct wishes *wishes,
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes report)
{
	struct report_thread thread;
	bool wanted = report_thread(report, &thread) &&
	    thread.part == REPORT_IS_MORE && thread.has_mailbox &&
	    thread.wants_deletion;
	struct wish *wish;

	if (wanted && wishes->n == wishes->room) {
		size_t room = wishes->room == 0 ? 16 : 2 * wishes->room;
		struct wish *at =
		    reallocarray(wishes->at, room, sizeof(*wishes->at));

		if (at == NULL) {
			return TL_ENOMEM;
		}
		wishes->at = at;
		wishes->room = room;
	}
	if (wanted) {
		wish = &wishes->at[wishes->n++];
		memcpy(wish->id, id, sizeof(wish->id));
		memcpy(wish->mailbox, thread.mailbox, sizeof(wish->mailbox));
		wish->done = false;
	}
	wipe(&thread, sizeof(thread));
	return TL_OK;
}

static enum tl_err note_done(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct wishes *wishes = arg;

	(void)number;
	for (size_t i = 0; record->kind == LEDGER_MAIL && i < wishes->n; i++) {
		wishes->at[i].done = wishes->at[i].done ||
		    memcmp(wishes->at[i].id, record->id, LEDGER_ID_BYTES) == 0;
	}
	return TL_OK;
}

enum tl_err wishes_carry_out(struct wishes *wishes, struct reply_out *out)
{
	enum tl_err err = TL_OK;

	if (wishes->n > 0) {
		err = ledger_each(out->ledger, 0, note_done, wishes);
	}
	for (size_t i = 0; i < wishes->n && err == TL_OK; i++) {
		const struct wish *wish = &wishes->at[i];

		if (!wish->done && out->outbox == NULL) {
			err = reply_out_open(out);
		}
		if (!wish->done && err == TL_OK) {
			err = reply_out_delete(out, wish->mailbox, wish->id);
		}
	}
	return err;
}

void wishes_free(struct wishes *wishes)
{
	free(wishes->at);
	*wishes = (struct wishes){ 0 };
}
