/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tips for a ledger, as an intake would have sealed them:
 *
 *   desk_fill RING INTAKE_KEY LEDGER N
 *
 * Run it without syncs (eatmydata): nobody wants these after a power cut.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "queue/ledger.h"
#include "text/report.h"
#include "text/triage.h"

static void must(enum tl_err err, const char *what)
{
	if (err != TL_OK) {
		(void)fprintf(stderr, "%s: %s\n", what, err_text(err));
		exit(1);
	}
}

static struct sealer *make_sealer(const char *ring_path, const char *key_path)
{
	struct ring *ring = NULL;
	struct sealer *sealer = NULL;
	uint8_t key[KEY_SIGN_BYTES], keys[1][32] = { 0 };
	time_t now = time(NULL);

	must(ring_load(ring_path, &ring), "ring");
	for (size_t i = 0; i < ring_n(ring); i++) {
		if (ring_epoch(ring, i)->start_s <= now) {
			memcpy(keys[0], ring_epoch(ring, i)->public_key, 32);
		}
	}
	must(keyfile_load(key_path, KEY_INTAKE_SIGN, key), "key");
	must(sealer_new((const uint8_t(*)[32])keys, 1, key, &sealer), "sealer");
	ring_free(ring);
	return sealer;
}

/* Of 400 bytes or so, in four languages; one in twenty is P1. */
static void write_report(
    const struct triage *triage, int n, uint8_t *id, struct buf *doc)
{
	static const char *const texts[] = {
		"\xe1\x9e\x87\xe1\x9e\xbd\xe1\x9e\x99\xe1\x9e\x81\xe1\x9f\x92"
		"\xe1\x9e\x89\xe1\x9e\xbb\xe1\x9f\x86\xe1\x9e\x95\xe1\x9e\x84",
		"We work on a boat and cannot go home",
		"\xe0\xb8\x8a\xe0\xb9\x88\xe0\xb8\xa7\xe0\xb8\xa2\xe0\xb8\x94"
		"\xe0\xb9\x89\xe0\xb8\xa7\xe0\xb8\xa2",
		"Chu lay ho chieu va khong tra luong",
	};
	const struct report_answer answers[] = {
		{ "now", bytes_str(n % 20 == 0 ? "1" : "3") },
		{ "where_province", bytes_str(n % 2 == 0 ? "12" : "18") },
	};
	static char text[1024];
	struct report report = {
		.received_s = (int64_t)time(NULL) - n,
		.channel = "web",
		.lang = "km",
		.answers = answers,
		.n_answers = 2,
		.trust = "web",
		.priority = 3,
	};

	(void)snprintf(text, sizeof(text), "%s. Case number %d. %s %s %s %s",
	    texts[n % 4], n, texts[(n + 1) % 4], texts[n % 4], texts[n % 4],
	    texts[(n + 3) % 4]);
	report.text = bytes_str(text);
	random_bytes(id, REPORT_ID_BYTES);
	memcpy(report.id, id, REPORT_ID_BYTES);
	must(triage_judge(triage, &report), "judge");
	must(report_write(&report, doc), "report");
}

int main(int argc, char **argv)
{
	const struct triage_files files = { 0 };
	struct ledger_opts opts = { .hash = hash_bytes };
	struct triage_fault triage_fault;
	struct ledger_fault fault = { 0 };
	struct triage *triage = NULL;
	struct ledger *ledger = NULL;
	struct sealer *sealer;
	struct buf doc, sealed;

	if (argc != 5) {
		(void)fprintf(
		    stderr, "usage: desk_fill RING INTAKE_KEY LEDGER N\n");
		return 2;
	}
	must(crypto_start(), "start");
	sealer = make_sealer(argv[1], argv[2]);
	opts.folder = argv[3];
	must(ledger_open(&opts, &ledger, &fault), "ledger");
	must(triage_new(&files, &triage, &triage_fault), "rules");
	buf_init(&doc, 65536);
	buf_init(&sealed, 65536);
	for (int n = 0; n < (int)strtol(argv[4], NULL, 10); n++) {
		struct ledger_record record = { .kind = LEDGER_TIP };
		struct seal_content content = { 0 };

		buf_reset(&doc);
		buf_reset(&sealed);
		write_report(triage, n, record.id, &doc);
		content.report = bytes_of(doc.data, doc.len);
		must(sealer_seal(sealer, record.id, &content, &sealed), "seal");
		record.sealed = bytes_of(sealed.data, sealed.len);
		must(ledger_append(ledger, &record), "append");
	}
	buf_free(&doc);
	buf_free(&sealed);
	triage_free(triage);
	ledger_close(ledger);
	sealer_free(sealer);
	return 0;
}
