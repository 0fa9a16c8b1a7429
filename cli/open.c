/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline-open - for a partner to whom cases are referred: make the key that
 * they are sealed to, open them, answer them. `tipline open` starts it.
 *
 * Promise:   nothing of a referral is written to disk unless a folder is named;
 *            no name that came from outside becomes a name on disk.
 * Knows not: the desk's queue; no network. It runs on the partner's machine.
 * Disk:      reads the key and the files it is given; with --save new files,
 *            mode 0600.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "base/read_file.h"
#include "base/sandbox.h"
#include "cli/cli.h"
#include "cli/enclosed.h"
#include "cli/new_file.h"
#include "cli/open_as.h"
#include "cli/open_help.h"
#include "cli/passphrase.h"
#include "cli/referral_print.h"
#include "crypto/envelope.h"
#include "crypto/fingerprint.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/partner_key.h"
#include "crypto/start.h"
#include "desk/partner_answer.h"
#include "text/json_memory.h"

#define KEY_DEFAULT "partner.key"
/* A file and its enclosures stand in one file, one envelope after another. */
#define FILE_MAX_BYTES (256u * 1024u * 1024u)
/* That show takes: referrals, and what came with them. */
#define FILES_MAX 1000

struct open {
	const char *key, *desk, *save, *word, *reason;
	bool json, cheap;
	struct open_as as;
	uint8_t verify[1][KEY_BYTES]; /* of the desk */
	size_t n_verify;
	char **more; /* operands of show behind the first */
	size_t n_more;
	bool told; /* that nobody checked who has sealed it */
	struct enclosed files;
	unsigned n_files; /* that have come whole */
	int status;
};

/* ---- the key -------------------------------------------------------------
 */

static enum tl_err print_line(
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES])
{
	uint8_t both[HASH_BYTES];
	struct fingerprint print;
	struct buf line;
	enum tl_err err;

	hash_bytes(both, public_key, PARTNER_PUBLIC_BYTES);
	fingerprint_of(both, &print);
	buf_init(&line, 2 * PARTNER_LINE_CHARS);
	partner_public_put(&line, public_key);
	err = buf_err(&line);
	if (err == TL_OK) {
		(void)printf("%.*s\n\nwords   %s\ndigits  %s\n", (int)line.len,
		    (const char *)line.data, print.words, print.digits);
	}
	buf_free(&line);
	return err;
}

static enum tl_err make_key(struct open *open, const char *path)
{
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	struct buf passphrase;
	enum tl_err err;

	buf_init(&passphrase, PASSPHRASE_MAX_BYTES + 1);
	err = passphrase_new(PASSPHRASE_NEW_VARIABLE,
	    "Passphrase of the new key: ", &passphrase);
	if (err == TL_OK) {
		err = partner_key_new(path,
		    bytes_of(passphrase.data, passphrase.len),
		    open->cheap ? pwhash_least : pwhash_moderate, public_key);
		if (err != TL_OK) {
			say_error("cannot make %s: %s", path, err_text(err));
		}
	}
	buf_free(&passphrase);
	return err == TL_OK ? print_line(public_key) : err;
}

static enum tl_err tell_line(struct open *open, const char *operand)
{
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	enum tl_err err = partner_key_public(open->key, public_key);

	(void)operand;
	if (err != TL_OK) {
		say_error("cannot use %s: %s", open->key, err_text(err));
		return err;
	}
	return print_line(public_key);
}

/* Of somebody else's line: what the partner reads aloud is compared with it. */
static enum tl_err tell_words(struct open *open, const char *line)
{
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	enum tl_err err = partner_public_read(bytes_str(line), public_key);

	(void)open;
	if (err != TL_OK) {
		say_error("this is no line that `tipline open key` prints");
		return err;
	}
	return print_line(public_key);
}

static enum tl_err unlock(const struct open *open, struct partner_key **ret)
{
	struct buf passphrase;
	enum tl_err err;

	buf_init(&passphrase, PASSPHRASE_MAX_BYTES + 1);
	err = passphrase_read("Passphrase: ", false, &passphrase);
	if (err == TL_OK) {
		err = partner_key_unlock(
		    open->key, bytes_of(passphrase.data, passphrase.len), ret);
		if (err != TL_OK) {
			say_error("cannot open %s: %s", open->key,
			    err == TL_EPROOF ? "the passphrase is wrong"
					     : err_text(err));
		}
	}
	buf_free(&passphrase);
	return err;
}

/* ---- a referral -----------------------------------------------------------
 */

/* A file that came with it, whole: its name is of reference, time, number. */
static enum tl_err save_file(
    const struct open *open, const struct enclosure *file, struct bytes raw)
{
	char path[4096];
	int len = snprintf(path, sizeof(path), "%s/%s.%s", open->save,
	    file->name, enclosure_ending(file->kind));
	enum tl_err err;

	if (len < 0 || (size_t)len >= sizeof(path)) {
		return TL_ETOOBIG;
	}
	err = new_file(path, raw);
	if (err == TL_OK && !open->json && !open_as_is_set(&open->as)) {
		(void)printf("%s  %zu bytes\n", path, raw.len);
	}
	return err;
}

/* A part of a file: TL_ENOENT if it is none. */
static enum tl_err take_part(
    struct open *open, const json_t *json, const struct opened *opened)
{
	const struct enclosure *whole = NULL;
	const char *why = NULL;
	enum tl_err err = enclosed_add(&open->files, json,
	    bytes_of(opened->raw, opened->raw_len), &whole, &why);

	if (err != TL_OK) {
		if (err != TL_ENOENT) {
			say_error("%s", why);
		}
		return err;
	}
	if (open->n_verify > 0 && !opened->signed_by_us) {
		return TL_EPROOF; /* which was said */
	}
	if (whole == NULL) {
		return TL_OK;
	}
	open->n_files++;
	return open->save == NULL
	    ? TL_OK
	    : save_file(open, whole,
		  bytes_of(open->files.bytes.data, open->files.bytes.len));
}

/* Have all of them come? */
static enum tl_err end_files(struct open *open)
{
	size_t missing = 0;
	enum tl_err err = enclosed_end(&open->files, &missing);

	if (err != TL_OK) {
		say_error("a file with it was cut");
		return err;
	}
	if (missing > 0) {
		(void)fprintf(stderr,
		    "%zu files belong to it that are not here: name them "
		    "behind it\n",
		    missing);
	}
	if (open->n_files > 0 && open->save == NULL) {
		(void)fprintf(stderr,
		    "%u files came with it: --save FOLDER puts them there\n",
		    open->n_files);
	}
	open->n_files = 0;
	enclosed_free(&open->files);
	return TL_OK;
}

static enum tl_err begin_referral(
    struct open *open, const json_t *json, const struct opened *opened)
{
	enum tl_err err = TL_OK;

	if (open_as_is_set(&open->as) && open->files.has_referral) {
		err = end_files(open); /* of the one before */
	}
	if (err != TL_OK) {
		return err; /* which was said */
	}
	err = opened->raw_len > 0 ? TL_EFORMAT
				  : enclosed_begin(&open->files, json);
	if (err == TL_EEXIST) {
		say_error("these are two referrals: open one at a time, or "
			  "write them with --as");
	} else if (err != TL_OK) {
		say_error("its list of files is not as the format has it");
	}
	return err;
}

/* In words, also one that may be forged: they say so. */
static enum tl_err print_referral(
    struct open *open, json_t *json, const struct opened *opened)
{
	enum tl_err err =
	    referral_print(json, open->n_verify == 0 || !opened->signed_by_us);

	if (err != TL_OK) {
		say_error("%s",
		    err == TL_EFORMAT
			? "a referral of a profile that this program does not "
			  "know: --json shows it as it is"
			: err_text(err));
	}
	return err;
}

/* One that may be forged is not for somebody's case files. */
static enum tl_err export_referral(
    struct open *open, json_t *json, const struct opened *opened)
{
	const char *why = NULL;
	enum tl_err err;

	if (open->n_verify > 0 && !opened->signed_by_us) {
		return TL_EPROOF; /* which was said */
	}
	err =
	    htcds_export_add(&open->as.export, json, open->n_verify == 0, &why);
	if (err != TL_OK) {
		say_error("%s", why);
	}
	return err;
}

static enum tl_err show_opened(struct open *open, const struct opened *opened)
{
	json_t *json = json_memory_text(
	    bytes_of(opened->report, opened->report_len), JSON_ALLOW_NUL);
	enum tl_err err;

	if (!json_is_object(json)) {
		say_error("what was sealed is no referral");
		json_decref(json);
		return TL_EFORMAT;
	}
	err = take_part(open, json, opened);
	if (err != TL_ENOENT) {
		json_decref(json);
		return err;
	}
	err = begin_referral(open, json, opened);
	if (err == TL_OK && open_as_is_set(&open->as)) {
		err = export_referral(open, json, opened);
	} else if (err == TL_OK && open->json) {
		(void)fwrite(opened->report, 1, opened->report_len, stdout);
		(void)putchar('\n');
	} else if (err == TL_OK) {
		err = print_referral(open, json, opened);
	}
	json_decref(json);
	return err;
}

static void tell_signer(struct open *open, bool ours)
{
	if (open->n_verify == 0 && open->told) {
		return;
	}
	if (open->n_verify == 0) {
		open->told = true;
		say_error("who sealed it was not checked: name the desk's "
			  "public key with --desk");
	} else if (!ours) {
		say_error("NOT SIGNED BY THE DESK whose key you named");
		open->status = CLI_WRONG;
	}
}

static enum tl_err show_all(
    struct open *open, const struct partner_key *key, struct bytes rest)
{
	enum tl_err err = TL_OK;

	while (err == TL_OK && rest.len > 0) {
		struct opened opened = { 0 };
		enum envelope_fault fault;
		struct bytes envelope;
		size_t len;

		if (envelope_len(rest, &len) != TL_OK || len > rest.len) {
			say_error("this is no referral, or it was cut");
			return TL_EFORMAT;
		}
		envelope = bytes_of(rest.at, len);
		rest = bytes_of(rest.at + len, rest.len - len);
		fault = envelope_open_with(partner_key_opens(key),
		    (const uint8_t(*)[KEY_BYTES])open->verify, open->n_verify,
		    envelope, &opened);
		if (fault != ENVELOPE_FINE) {
			say_error("%s", envelope_fault_text(fault));
			return envelope_fault_err(fault);
		}
		tell_signer(open, opened.signed_by_us);
		err = show_opened(open, &opened);
		opened_free(&opened);
	}
	return err;
}

static enum tl_err show_file(
    struct open *open, const struct partner_key *key, const char *path)
{
	struct buf file;
	enum tl_err err;

	buf_init(&file, FILE_MAX_BYTES);
	err = read_file(path, &file);
	if (err != TL_OK || file.len == 0) {
		say_error("cannot read %s: %s", path,
		    err == TL_OK ? "it is empty" : err_text(err));
		err = err == TL_OK ? TL_EFORMAT : err;
	} else {
		err = show_all(open, key, bytes_of(file.data, file.len));
	}
	buf_free(&file);
	return err;
}

static enum tl_err show(struct open *open, const char *path)
{
	struct partner_key *key = NULL;
	enum tl_err err = TL_OK;

	if (open->desk != NULL) {
		err = keyfile_load(
		    open->desk, KEY_INTAKE_VERIFY, open->verify[0]);
		open->n_verify = 1;
		if (err != TL_OK) {
			say_error(
			    "cannot use %s: %s", open->desk, err_text(err));
		}
	}
	if (err == TL_OK) {
		err = unlock(open, &key);
	}
	htcds_export_begin(&open->as.export);
	if (err == TL_OK) {
		err = show_file(open, key, path);
	}
	for (size_t i = 0; err == TL_OK && i < open->n_more; i++) {
		err = show_file(open, key, open->more[i]);
	}
	if (err == TL_OK) {
		err = end_files(open);
	}
	if (err == TL_OK && open_as_is_set(&open->as)) {
		err = open_as_write(&open->as);
	}
	htcds_export_free(&open->as.export);
	enclosed_free(&open->files);
	partner_key_free(key);
	return err;
}

/* ---- answering ------------------------------------------------------------
 */

/* Initialises line. */
static enum tl_err write_answer(const struct partner_answer *say,
    const struct partner_key *key, struct buf *line)
{
	uint8_t signature[PARTNER_SIGNATURE_BYTES];
	struct buf words;
	enum tl_err err;

	buf_init(line, PARTNER_MAX_BYTES);
	buf_init(&words, PARTNER_MAX_BYTES);
	err = partner_answer_words(say, &words);
	if (err == TL_OK) {
		err = partner_sign(
		    key, bytes_of(words.data, words.len), signature);
	}
	if (err == TL_OK) {
		err = partner_answer_line(
		    bytes_of(words.data, words.len), signature, line);
	}
	buf_free(&words);
	return err;
}

static enum tl_err answer(struct open *open, const char *ref)
{
	struct partner_answer say = { .at_s = clock_wall_s(),
		.word = partner_answer_word_of(
		    open->word == NULL ? "" : open->word) };
	struct partner_key *key = NULL;
	struct buf line;
	enum tl_err err;

	if (say.word == PARTNER_WORDS_END) {
		say_error("--word takes accepted, rejected or done");
		return TL_EINVAL;
	}
	if (strlen(ref) >= sizeof(say.ref) ||
	    (open->reason != NULL &&
		strlen(open->reason) >= sizeof(say.reason))) {
		say_error("the reference or the reason is too long");
		return TL_ETOOBIG;
	}
	memcpy(say.ref, ref, strlen(ref));
	if (open->reason != NULL) {
		memcpy(say.reason, open->reason, strlen(open->reason));
	}
	err = unlock(open, &key);
	if (err != TL_OK) {
		return err;
	}
	err = write_answer(&say, key, &line);
	if (err == TL_OK) {
		(void)printf("%.*s\n", (int)line.len, (const char *)line.data);
	} else {
		say_error("the reference or the reason is no UTF-8 text");
	}
	buf_free(&line);
	partner_key_free(key);
	return err;
}

/* ---- the program ----------------------------------------------------------
 */

static const struct {
	const char *name;
	int operands, most;
	enum tl_err (*run)(struct open *open, const char *operand);
} commands[] = {
	{ "key", 1, 1, make_key },
	{ "line", 0, 0, tell_line },
	{ "words", 1, 1, tell_words },
	{ "show", 1, FILES_MAX, show },
	{ "answer", 1, 1, answer },
};

static bool take_option(int option, const char *value, void *arg)
{
	struct open *open = arg;

	switch (option) {
	case 'k':
		open->key = value;
		break;
	case 'd':
		open->desk = value;
		break;
	case 's':
		open->save = value;
		break;
	case 'a':
	case 'l':
	case 'H':
	case 'o':
		return open_as_take(&open->as, option, value);
	case 'w':
		open->word = value;
		break;
	case 'r':
		open->reason = value;
		break;
	case 'j':
		open->json = true;
		break;
	default:
		open->cheap = true;
		break;
	}
	return true;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "desk", required_argument, NULL, 'd' },
		{ "save", required_argument, NULL, 's' },
		{ "as", required_argument, NULL, 'a' },
		{ "labels", no_argument, NULL, 'l' },
		{ "header", required_argument, NULL, 'H' },
		{ "out", required_argument, NULL, 'o' },
		{ "word", required_argument, NULL, 'w' },
		{ "reason", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "cheap", no_argument, NULL, 'c' },
		CLI_OPTIONS_END,
	};
	struct open open = { .key = KEY_DEFAULT };
	int usage = cli_options(argc, argv, options, 1, 1 + FILES_MAX,
	    open_help, take_option, &open);

	if (usage != CLI_GO_ON) {
		return usage;
	}
	if (!open_as_is_sensible(&open.as, open.json)) {
		return cli_misused(open_help);
	}
	if (crypto_start() != TL_OK || sandbox_basics() != TL_OK) {
		say_error("libsodium or the kernel refuse the start");
		return CLI_WRONG;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *operand = argv[optind + 1]; /* or NULL */

		int n = argc - optind - 1;

		if (strcmp(commands[i].name, argv[optind]) == 0 &&
		    n >= commands[i].operands && n <= commands[i].most) {
			open.more = argv + optind + 2;
			open.n_more = n > 1 ? (size_t)(n - 1) : 0;
			return commands[i].run(&open, operand) == TL_OK
			    ? open.status
			    : CLI_WRONG;
		}
	}
	return cli_misused(open_help);
}

int main(int argc, char **argv)
{
	program_begin("tipline-open");
	return cli_end_output(run(argc, argv));
}
