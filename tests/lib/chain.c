/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/weak_hash.h"

const char chain_sealed[] = "sealed bytes of a tip";

int chain_set_up(void **state)
{
	struct chain *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	(void)snprintf(w->top, sizeof(w->top), "/tmp/ledger-test-XXXXXX");
	assert_non_null(mkdtemp(w->top));
	(void)snprintf(w->folder, sizeof(w->folder), "%s/ledger", w->top);
	w->opts =
	    (struct ledger_opts){ .folder = w->folder, .hash = weak_hash };
	*state = w;
	return 0;
}

void chain_file(const struct chain *w, const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s/%s", w->folder, name);
}

int chain_tear_down(void **state)
{
	static const char *const names[] = { "lock", "ledger.new",
		"ledger-000001", "ledger-000002", "ledger-000003",
		"ledger-000004", "ledger-000005", "ledger-000006" };
	struct chain *w = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		chain_file(w, names[i], path);
		(void)unlink(path);
	}
	(void)rmdir(w->folder);
	assert_int_equal(rmdir(w->top), 0);
	free(w);
	return 0;
}

struct ledger *chain_open(const struct chain *w)
{
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };

	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_OK);
	return ledger;
}

struct ledger_record chain_tip(uint8_t n, const char *text)
{
	struct ledger_record rec = { .kind = LEDGER_TIP,
		.sealed = bytes_str(text) };

	memset(rec.id, n, sizeof(rec.id));
	weak_hash(rec.hash, rec.sealed.at, rec.sealed.len);
	return rec;
}

void chain_append(struct ledger *ledger, uint8_t n, const char *text)
{
	struct ledger_record rec = chain_tip(n, text);

	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
}

void chain_fill(const struct chain *w)
{
	struct ledger *ledger = chain_open(w);

	for (uint8_t i = 0; i < CHAIN_RECORDS; i++) {
		chain_append(ledger, i, &chain_sealed[i]);
	}
	ledger_close(ledger);
}

enum tl_err chain_check(
    uint64_t number, const struct ledger_record *rec, void *arg)
{
	struct ledger_record want =
	    chain_tip((uint8_t)number, &chain_sealed[number]);
	uint64_t *seen = arg;

	assert_int_equal(rec->kind, LEDGER_TIP);
	assert_memory_equal(rec->id, want.id, sizeof(want.id));
	assert_memory_equal(rec->hash, want.hash, sizeof(want.hash));
	assert_true(bytes_equal(rec->sealed, want.sealed));
	(*seen)++;
	return TL_OK;
}
