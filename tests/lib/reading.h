/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/reading.h - a Redis, a reader of its tips and a ledger. What does
 * not hold aborts.
 */
#ifndef TL_TESTS_LIB_READING_H
#define TL_TESTS_LIB_READING_H

#include "queue/reader.h"
#include "tests/lib/redis_home.h"

struct redisContext;

struct reading {
	struct redis_home home;
	struct reader_opts opts;
	struct reader *reader;
	struct ledger *ledger;
	char folder[160];
	uint64_t quarantine_max_bytes;
	enum tl_err sign_err;
	unsigned checked;
	unsigned signed_n;
};

/* For cmocka. */
int reading_set_up(void **state);
int reading_tear_down(void **state);

/* As this user of Redis; end it with redisFree(). */
struct redisContext *reading_log_in(
    const struct reading *rig, const char *user, const char *pass_file);
struct reader_opts reading_opts_of(
    const struct reading *rig, const char *user, const char *pass_file);

/* A record under this name, and whatever is not one. */
void reading_add(const struct reading *rig, unsigned name, const char *sealed);
void reading_add_odd(const struct reading *rig, const char *command);
/* An entry of the desk's user behind which none can be added. */
void reading_add_last_receipt(const struct reading *rig);

/* Anew, if it was open. */
void reading_open_reader(struct reading *rig);
void reading_open_ledger(struct reading *rig);
void reading_make_group(const struct reading *rig);

long long reading_receipts(const struct reading *rig);
long long reading_pending(const struct reading *rig);

enum tl_err reading_keep(struct reading *rig, const struct reader_entry *entry,
    enum reader_kept *kept);
/* Take one entry and keep it. */
enum reader_kept reading_keep_next(struct reading *rig);
/* There is none. */
void reading_no_more(struct reading *rig);
/* Of the ledger's newest record. */
enum ledger_reason reading_reason_of_last(const struct reading *rig);

#endif
