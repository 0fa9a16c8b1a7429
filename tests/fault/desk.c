/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A desk that opens nothing, for tests/fault: it fetches, keeps, receipts and
 * acknowledges with the product's own code, for ever, and can be killed at any
 * time. A record of these tests repeats its own id, so it needs no key to see
 * that the bytes are right.
 *
 * Usage: desk run CONF SEED-FILE [twice]   SEED-FILE: the receipt key, 64 bytes
 *        desk list LEDGER                  id and "fine" or "other" of each
 *        desk keep LEDGER N [early]        N records, the id of each when kept
 * "twice" and "early" are deliberate mistakes: what comes again is stored
 * again; the id is told before it is kept.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/program.h"
#include "cli/queue.h"
#include "config/config.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/receipt.h"
#include "crypto/start.h"
#include "queue/ledger.h"
#include "queue/reader.h"

#define NEXT_MS 500
/* keep: such records, and a new file every few of them */
#define KEEP_BYTES 600u
#define KEEP_FILE  3000u

static uint8_t key[64];

static bool is_fine(
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes sealed)
{
	for (size_t i = 0; i < sealed.len; i++) {
		if (sealed.at[i] != id[i % LEDGER_ID_BYTES]) {
			return false;
		}
	}
	return sealed.len > 0;
}

static enum ledger_reason check(
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes sealed, void *arg)
{
	(void)arg;
	return is_fine(id, sealed) ? LEDGER_FINE : LEDGER_NO_ENVELOPE;
}

static enum tl_err sign(const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES],
    uint8_t ret_sig[static READER_SIG_BYTES], void *arg)
{
	(void)arg;
	return receipt_sign(key, id, hash, ret_sig);
}

/* The mistake: no look into the ledger. */
static enum tl_err append_again(
    const struct reader_keep *keep, const struct reader_entry *entry)
{
	struct ledger_record rec = { .kind = LEDGER_TIP,
		.sealed = entry->sealed };

	memcpy(rec.id, entry->id, sizeof(rec.id));
	return ledger_append(keep->ledger, &rec);
}

static void fetch(
    const struct config *config, struct ledger *ledger, bool twice)
{
	const struct reader_opts opts = cli_queue_opts(config);
	struct reader_keep keep = { .ledger = ledger,
		.hash = hash_bytes,
		.check = check,
		.sign = sign };
	const struct timespec moment = { .tv_nsec = 100000000 };
	const char *why = "";
	enum tl_err err = reader_open(&opts, &keep.reader, &why);

	while (err == TL_OK || err == TL_EAGAIN) {
		struct reader_entry entry;
		enum reader_kept kept;

		err = reader_next(keep.reader, NEXT_MS, &entry);
		if (err == TL_OK) {
			err = reader_keep(&keep, &entry, &kept);
		}
		if (err == TL_OK &&
		    (kept == READER_UNSAID || kept == READER_FULL)) {
			err = TL_EFULL; /* all over again */
		}
		if (err == TL_OK && twice && kept == READER_KEPT_AGAIN) {
			err = append_again(&keep, &entry);
		}
	}
	reader_close(keep.reader);
	(void)nanosleep(&moment, NULL);
}

static int run(const char *conf, const char *seed, bool twice)
{
	struct ledger_opts opts = { .hash = hash_bytes };
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;
	struct config *config = NULL;
	int fd = open(seed, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, key, sizeof(key)) != (ssize_t)sizeof(key) ||
	    config_load(conf, &config) != TL_OK) {
		return 2;
	}
	opts.folder = config->desk.ledger;
	if (ledger_open(&opts, &ledger, &fault) != TL_OK) {
		(void)fprintf(stderr, "ledger: %s\n", fault.what);
		return 3;
	}
	for (;;) {
		fetch(config, ledger, twice);
	}
}

static void print_id(const uint8_t id[static LEDGER_ID_BYTES])
{
	for (size_t i = 0; i < LEDGER_ID_BYTES; i++) {
		(void)printf("%02x", id[i]);
	}
}

static enum tl_err print_one(
    uint64_t number, const struct ledger_record *rec, void *arg)
{
	(void)number;
	(void)arg;
	print_id(rec->id);
	(void)puts(rec->kind == LEDGER_TIP && is_fine(rec->id, rec->sealed)
		? " fine"
		: " other");
	return TL_OK;
}

static int list(const char *folder)
{
	const struct ledger_opts opts = {
		.hash = hash_bytes, .folder = folder, .read_only = true
	};
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;
	enum tl_err err = ledger_open(&opts, &ledger, &fault);

	if (err == TL_OK) {
		err = ledger_each(ledger, 0, print_one, NULL);
	} else {
		(void)fprintf(stderr, "ledger: %s\n", fault.what);
	}
	ledger_close(ledger);
	return err == TL_OK ? 0 : 3;
}

static void promise(const uint8_t id[static LEDGER_ID_BYTES])
{
	print_id(id);
	(void)puts("");
	(void)fflush(stdout);
}

static enum tl_err keep_one(struct ledger *ledger, bool early)
{
	uint8_t sealed[KEEP_BYTES];
	struct ledger_record rec = { .kind = LEDGER_TIP,
		.sealed = bytes_of(sealed, sizeof(sealed)) };
	enum tl_err err;

	random_bytes(rec.id, sizeof(rec.id));
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] = rec.id[i % LEDGER_ID_BYTES];
	}
	if (early) {
		promise(rec.id);
	}
	err = ledger_append(ledger, &rec);
	if (err == TL_OK && !early) {
		promise(rec.id);
	}
	return err;
}

static int keep(const char *folder, long n, bool early)
{
	const struct ledger_opts opts = { .hash = hash_bytes,
		.folder = folder,
		.file_max_bytes = KEEP_FILE };
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;
	enum tl_err err = ledger_open(&opts, &ledger, &fault);

	while (err == TL_OK && n > 0) {
		err = keep_one(ledger, early);
		n--;
	}
	if (err != TL_OK) {
		(void)fprintf(stderr, "ledger: %s %s\n", err_text(err),
		    fault.what == NULL ? "" : fault.what);
	}
	ledger_close(ledger);
	return err == TL_OK ? 0 : 3;
}

int main(int argc, char **argv)
{
	program_ignore(SIGPIPE);
	if (crypto_start() != TL_OK) {
		return 2;
	}
	if (argc == 3 && strcmp(argv[1], "list") == 0) {
		return list(argv[2]);
	}
	if (argc >= 4 && strcmp(argv[1], "keep") == 0) {
		return keep(argv[2], strtol(argv[3], NULL, 10),
		    argc == 5 && strcmp(argv[4], "early") == 0);
	}
	if (argc >= 4 && strcmp(argv[1], "run") == 0) {
		return run(argv[2], argv[3],
		    argc == 5 && strcmp(argv[4], "twice") == 0);
	}
	return 2;
}
