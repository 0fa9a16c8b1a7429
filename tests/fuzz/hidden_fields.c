/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/ticket, form_state: what pages carry in hidden fields. What a
 * stranger makes up is refused; what was sealed comes back as it was, for as
 * long as it may, and not with one byte changed, cut or added, nor as the other
 * of the two, nor by another key.
 *
 * Input: how the field is changed (1), where (1), by what (1); when it was made
 * (5) and how much later it comes (3); what is sealed; the whole is also tried
 * as a field.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "crypto/start.h"
#include "server/intake/form_state.h"
#include "server/intake/ticket.h"

#define TEXT_BYTES (FORM_STATE_TEXT_BYTES + 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t key[32] = "no fuzzer knows anything of this";
static const uint8_t other_key[32] = "no fuzzer knows anything of that";

/* Whole, without padding and zeros that memcmp() would see. */
static const struct ticket no_ticket;
static const struct form_state no_state;

struct times {
	int64_t made_s, now_s;
};

struct change {
	uint8_t how, at, by;
};

static void is_no_ticket(
    const uint8_t *of, const struct times *times, struct bytes text)
{
	struct ticket read;

	memset(&read, 0, sizeof(read));
	assert(ticket_open(of, times->now_s, text, &read) != TL_OK);
	assert(memcmp(&read, &no_ticket, sizeof(read)) == 0);
}

static void is_no_state(
    const uint8_t *of, const struct times *times, struct bytes text)
{
	struct form_state read;

	memset(&read, 0, sizeof(read));
	assert(form_state_open(of, times->now_s, text, &read) != TL_OK);
	assert(memcmp(&read, &no_state, sizeof(read)) == 0);
}

/* How many bytes text has after the change; it was another one before. */
static size_t spoil(char *text, size_t len, const struct change *change)
{
	size_t at = change->at % len;

	if (change->how % 3 == 0) {
		return at;
	}
	if (change->how % 3 == 1) {
		memmove(text + at + 1, text + at, len - at);
		text[at] = (char)change->by;
		return len + 1;
	}
	text[at] ^= (char)(change->by == 0 ? 1 : change->by);
	return len;
}

static void try_ticket(
    struct rd *rd, const struct times *times, const struct change *change)
{
	struct ticket ticket = { .kind = rd_u8(rd), .bits = rd_u8(rd) };
	struct ticket read = { 0 };
	char text[TEXT_BYTES];
	struct bytes field;
	bool fine;

	ticket.is_late = (rd_u8(rd) & 1) != 0;
	/* from long before to long after it is asked for */
	ticket.ready_s = times->made_s + (int16_t)rd_u16(rd);
	fine = ticket.bits <= TICKET_BITS_MAX &&
	    times->now_s <= ticket.ready_s + TICKET_LASTS_S;
	ticket_seal(key, &ticket, text);
	field = bytes_str(text);
	assert(field.len > 0 && field.len < TICKET_TEXT_BYTES);
	assert((ticket_open(key, times->now_s, field, &read) == TL_OK) == fine);
	if (fine) {
		assert(read.kind == ticket.kind && read.bits == ticket.bits &&
		    read.ready_s == ticket.ready_s &&
		    read.is_late == ticket.is_late);
	}
	is_no_ticket(other_key, times, field);
	is_no_state(key, times, field);
	field.len = spoil(text, field.len, change);
	is_no_ticket(key, times, field);
}

static void try_state(
    struct rd *rd, const struct times *times, const struct change *change)
{
	int64_t periods = times->now_s / FORM_STATE_PERIOD_S -
	    times->made_s / FORM_STATE_PERIOD_S;
	struct form_state state = { .kind = FORM_STATE_FORM };
	struct form_state read = { 0 };
	char text[TEXT_BYTES];
	struct bytes field;
	bool fine = periods == 0 || periods == 1;

	state.kind = rd_u8(rd) % 2 == 0 ? FORM_STATE_FORM : FORM_STATE_BOX;
	state.about_me = rd_u8(rd) % 2 != 0;
	rd_copy(rd, state.form, sizeof(state.form));
	rd_copy(rd, state.mailbox, sizeof(state.mailbox));
	rd_copy(rd, state.nonce, sizeof(state.nonce));
	form_state_seal(key, times->made_s, &state, text);
	field = bytes_str(text);
	assert(field.len > 0 && field.len < FORM_STATE_TEXT_BYTES);
	assert((form_state_open(key, times->now_s, field, &read) == TL_OK) ==
	    fine);
	if (fine) {
		assert(
		    read.kind == state.kind && read.about_me == state.about_me);
		assert(memcmp(read.form, state.form, sizeof(read.form)) == 0);
		assert(memcmp(read.mailbox, state.mailbox,
			   sizeof(read.mailbox)) == 0);
		assert(
		    memcmp(read.nonce, state.nonce, sizeof(read.nonce)) == 0);
	}
	is_no_state(other_key, times, field);
	is_no_ticket(key, times, field);
	field.len = spoil(text, field.len, change);
	is_no_state(key, times, field);
}

/* Whoever has done more work has done less, too. */
static void try_work(struct bytes text)
{
	struct ticket ticket = { 0 };
	bool before = text.len > 0 && text.len <= 19;

	for (unsigned bits = 0; bits <= TICKET_BITS_MAX; bits++) {
		bool worked;

		ticket.bits = (uint8_t)bits;
		worked = ticket_is_worked(&ticket, bytes_str("text"), text);
		assert(worked ? before : bits > 0 || !before);
		before = worked;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd rd = rd_of(data, len);
	struct change change = { .how = rd_u8(&rd) };
	struct times times;

	if (crypto_start() != TL_OK) {
		abort();
	}
	change.at = rd_u8(&rd);
	change.by = rd_u8(&rd);
	times.made_s = (int64_t)((uint64_t)rd_u32(&rd) << 8 | rd_u8(&rd));
	times.now_s = times.made_s + rd_u8(&rd) * (int64_t)rd_u16(&rd);
	is_no_ticket(key, &times, bytes_of(data, len));
	is_no_state(key, &times, bytes_of(data, len));
	try_work(bytes_of(data, len));
	if (rd_ok(&rd)) {
		struct rd same = rd;

		try_ticket(&rd, &times, &change);
		try_state(&same, &times, &change);
	}
	return 0;
}
