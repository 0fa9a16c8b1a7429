/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Cut the identity or the ring's key into shares, and put it together. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/key.h"
#include "cli/passphrase.h"
#include "cli/team.h"
#include "crypto/identity.h"
#include "crypto/secret.h"
#include "crypto/share.h"

static const char split_help[] =
    "Usage: tipline key split [--need K] [--shares N] FILE\n"
    "\n"
    "Cut the secret in FILE, an identity.key or a team.ring, into N shares "
    "and\n"
    "print each on a line, for paper. Any K of them give it back, without the\n"
    "passphrase; fewer tell nothing. Give each to another person.\n"
    "Shares of a ring open it as it is then, with all later epochs, for as "
    "long\n"
    "as the file is there too; they stay good when the passphrase changes.\n"
    "\n"
    "  --need K     how many are needed (default 3)\n"
    "  --shares N   how many are made, 16 at most (default 5)\n"
    "\n"
    "What is shown stays in the window, also above what is seen: print or "
    "write\n"
    "it off on a computer without a network, and close the window.\n"
    "\n"
    "Ends with 0, or 1 if no shares were made.\n";

static const char combine_help[] =
    "Usage: tipline key combine [--cheap] FILE\n"
    "\n"
    "Read shares from standard input, to its end or to an empty line, and put\n"
    "the secret together. Capitals, blanks and where a line is broken do not\n"
    "matter. At a terminal each is asked for, and after a slip asked for "
    "again;\n"
    "close the window afterwards. Shares of an identity make FILE, "
    "which\n"
    "must not be there; shares of a ring unlock FILE, which must be there. "
    "Both\n"
    "get a new passphrase, asked for twice or read from the file that\n"
    "TIPLINE_NEW_PASSPHRASE_FILE names. In a ring it is that of the officer "
    "whom\n"
    "TIPLINE_OFFICER names, who may be a new one.\n"
    "A share that is mistyped, of another set, or false is named; to find a\n"
    "false one, give one more than are needed.\n"
    "\n"
    "Ends with 0, or 1 if FILE is as it was.\n";

/* "tipline share 1 KIND SET NUMBER of N need K DATA CHECK" */
#define SHARE_WORDS 12u

struct split {
	unsigned k;
	unsigned n;
};

static bool take_split(int option, const char *value, void *arg)
{
	struct split *split = arg;
	char *end;
	long number = strtol(value, &end, 10);

	if (*end != '\0' || end == value || number < 2 ||
	    number > (long)SHAMIR_PARTS_MAX) {
		say_error("%s takes a number from 2 to %u",
		    option == 'k' ? "--need" : "--shares", SHAMIR_PARTS_MAX);
		return false;
	}
	*(option == 'k' ? &split->k : &split->n) = (unsigned)number;
	return true;
}

/* Which of the two a file is; what is neither was said. */
static enum tl_err find_kind(const char *path, enum share_kind *ret)
{
	struct ring *ring = NULL;
	enum tl_err err = ring_load(path, &ring);

	ring_free(ring);
	if (err == TL_EINVAL) {
		*ret = SHARE_IDENTITY; /* or it says so when it is read */
		return TL_OK;
	}
	*ret = SHARE_RING;
	if (err != TL_OK) {
		say_error("cannot use %s: %s", path, err_text(err));
	}
	return err;
}

/* secret is the seed or the ring's key; room for a signing key is behind. */
static enum tl_err read_secret(
    const char *path, enum share_kind kind, uint8_t *secret)
{
	struct ring *ring = NULL;
	enum tl_err err;

	if (kind == SHARE_IDENTITY) {
		return team_unlock_identity(path, secret);
	}
	err = team_unlock_ring(path, &ring, NULL);
	if (err == TL_OK) {
		memcpy(secret, ring_secret(ring), SHARE_SECRET_BYTES);
	}
	ring_free(ring);
	return err;
}

static enum tl_err print_shares(const struct share *shares, unsigned n)
{
	struct buf text;
	enum tl_err err;

	buf_init(&text, SHAMIR_PARTS_MAX * SHARE_LINE_BYTES);
	for (unsigned i = 0; i < n; i++) {
		share_print(&text, &shares[i]);
	}
	err = buf_err(&text);
	if (err == TL_OK &&
	    fwrite(text.data, 1, text.len, stdout) != text.len) {
		err = TL_EIO;
	}
	buf_free(&text);
	return err;
}

int key_split(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "need", required_argument, NULL, 'k' },
		{ "shares", required_argument, NULL, 'n' },
		CLI_OPTIONS_END,
	};
	struct split split = { .k = 3, .n = 5 };
	enum share_kind kind = SHARE_RING;
	struct share *shares;
	uint8_t *secret;
	int status = cli_options(
	    argc, argv, options, 1, 1, split_help, take_split, &split);
	enum tl_err err = TL_ENOMEM;

	(void)config_path;
	if (status != CLI_GO_ON) {
		return status;
	}
	if (split.k > split.n) {
		say_error(
		    "%u of %u shares can never be there", split.k, split.n);
		return CLI_USAGE;
	}
	secret = secret_alloc(TEAMLIST_SIGN_BYTES);
	shares = secret_alloc(SHAMIR_PARTS_MAX * sizeof(*shares));
	if (secret != NULL && shares != NULL) {
		err = find_kind(argv[optind], &kind);
	}
	if (err == TL_OK) {
		err = read_secret(argv[optind], kind, secret);
	}
	if (err == TL_OK) {
		err = share_split(kind, secret, split.k, split.n, shares);
	}
	if (err == TL_OK) {
		err = print_shares(shares, split.n);
	}
	secret_free(secret);
	secret_free(shares);
	return cli_end_output(err == TL_OK ? CLI_OK : CLI_WRONG);
}

/*
 * One share, as words with one blank between them: in any case, with any
 * blanks, over as many lines as a mail program made of it. read() byte by
 * byte: what follows is not ours, and no copy stays behind. TL_ENOENT: the
 * end, or an empty line in its place where those are not skipped.
 */
static enum tl_err read_words(struct buf *line, bool skips_empty)
{
	unsigned words = 0, words_before = 0;
	bool in_word = false;
	uint8_t c = 0;
	ssize_t got;

	buf_reset(line);
	while ((got = read(STDIN_FILENO, &c, 1)) != 0) {
		if (got < 0 && errno != EINTR) {
			return TL_EIO;
		}
		if (got < 0) {
			continue;
		}
		if (isalnum(c) != 0 && c < 0x80) {
			if (!in_word && words++ > 0) {
				buf_put_u8(line, ' ');
			}
			buf_put_u8(line, (uint8_t)tolower(c));
			in_word = true;
			continue;
		}
		in_word = false;
		if (c == '\n') {
			if ((words == words_before &&
				(words > 0 || !skips_empty)) ||
			    words >= SHARE_WORDS) {
				break;
			}
			words_before = words;
		}
	}
	return words == 0 ? TL_ENOENT : TL_OK;
}

/* Does the share go with the file and those before it? Else it was said. */
static bool goes_with(
    const struct share *shares, size_t n, enum share_kind kind)
{
	const struct share *share = &shares[n];

	if (share->kind != kind) {
		say_error("line %zu is a share of %s", n + 1,
		    kind == SHARE_RING
			? "an identity, and the file is a ring: name a new file"
			: "a ring, which has to be there: copy it there first");
		return false;
	}
	if (share->kind != shares[0].kind || share->k != shares[0].k ||
	    share->n != shares[0].n ||
	    memcmp(share->set, shares[0].set, SHARE_SET_BYTES) != 0) {
		say_error("line %zu, share number %u, %s", n + 1, share->number,
		    share_fault_text(SHARE_MIXED));
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (shares[i].number == share->number) {
			say_error("line %zu, share number %u, %s", n + 1,
			    share->number, share_fault_text(SHARE_TWICE));
			return false;
		}
	}
	return true;
}

static enum tl_err take_share(const struct buf *line, struct share *shares,
    size_t n, enum share_kind kind)
{
	enum tl_err err =
	    share_parse(bytes_of(line->data, line->len), &shares[n]);

	if (err != TL_OK) {
		say_error("line %zu %s", n + 1,
		    err == TL_EPROOF
			? "is a share with a slip of the hand in it"
			: "is no share");
		return err;
	}
	return goes_with(shares, n, kind) ? TL_OK : TL_EPROOF;
}

static void ask_for_share(const struct share *shares, size_t n)
{
	if (n == 0 || n < shares[0].k) {
		(void)fprintf(stderr, "Share %zu: ", n + 1);
	} else {
		(void)fprintf(
		    stderr, "These are enough. An empty line, or one more: ");
	}
}

/* Shares of standard input. At a terminal each is asked for, and after a slip
 * once more: nobody types the others again. What is none was said. */
static enum tl_err read_shares(
    enum share_kind kind, struct share *shares, size_t *ret_n)
{
	const bool is_asked = isatty(STDIN_FILENO) == 1;
	enum tl_err err = TL_OK;
	struct buf line;
	size_t n = 0;

	buf_init(&line, SHARE_LINE_BYTES);
	for (;;) {
		if (is_asked) {
			ask_for_share(shares, n);
		}
		/* one that was pasted may have an empty line behind it */
		err =
		    read_words(&line, n == 0 || (is_asked && n < shares[0].k));
		if (err != TL_OK) {
			break;
		}
		if (n == SHAMIR_PARTS_MAX) {
			say_error(
			    "there are at most %u shares", SHAMIR_PARTS_MAX);
			err = TL_ETOOBIG;
			break;
		}
		err = take_share(&line, shares, n, kind);
		if (err == TL_OK) {
			n++;
		} else if (is_asked) {
			say_error("type it once more; those before it are"
				  " kept");
		} else {
			break;
		}
	}
	buf_free(&line);
	*ret_n = n;
	return err == TL_ENOENT ? TL_OK : err;
}

/* Says what is wrong. A false share among enough good ones is no obstacle. */
static enum tl_err put_together(
    const struct share *shares, size_t n, uint8_t *secret)
{
	size_t which = 0;
	bool found = false;
	enum share_fault fault =
	    share_combine(shares, n, secret, &which, &found);

	if (fault == SHARE_TOO_FEW) {
		say_error("%zu shares are here, %u are needed", n, shares[0].k);
	} else if (fault == SHARE_MIXED || fault == SHARE_TWICE ||
	    fault == SHARE_WRONG) {
		say_error("line %zu, share number %u, %s", which + 1,
		    shares[which].number, share_fault_text(fault));
	} else if (fault != SHARE_FINE) {
		say_error("%s", share_fault_text(fault));
	}
	return fault == SHARE_FINE || found ? TL_OK : TL_EPROOF;
}

/* For the officer who is there, or a new one. */
static enum tl_err save_ring(const char *path, const uint8_t *key,
    struct bytes passphrase, struct pwhash_cost cost)
{
	struct ring *ring = NULL;
	struct buf name;
	enum tl_err err = ring_load(path, &ring);

	buf_init(&name, RING_NAME_BYTES + 1);
	if (err == TL_OK) {
		err = ring_unlock_with(ring, key);
		if (err == TL_EPROOF) {
			say_error("%s is another ring than these shares are of",
			    path);
		}
	}
	if (err == TL_OK) {
		err = passphrase_officer(ring_n_officers(ring), &name);
	}
	if (err == TL_OK) {
		if (name.len == 0) {
			buf_put_str(&name, ring_officer_name(ring, 0));
		}
		buf_put_u8(&name, '\0');
		err = buf_err(&name);
	}
	if (err == TL_OK) {
		err = ring_officer_set(ring, (const char *)name.data,
		    (enum ring_role)0, passphrase, cost);
	}
	if (err == TL_OK) {
		err = ring_save(ring, path, true);
	}
	buf_free(&name);
	ring_free(ring);
	return err;
}

/* Before anybody types: shares of which kind can go with the file? */
static enum tl_err find_target(const char *path, enum share_kind *ret)
{
	struct ring *ring = NULL;
	enum tl_err err = ring_load(path, &ring);

	ring_free(ring);
	*ret = err == TL_OK ? SHARE_RING : SHARE_IDENTITY;
	if (err == TL_OK || err == TL_ENOENT) {
		return TL_OK;
	}
	if (err == TL_EINVAL) {
		say_error("%s is there already, and is no ring: an identity"
			  " takes a new file",
		    path);
	} else {
		say_error("cannot use %s: %s", path, err_text(err));
	}
	return err;
}

static enum tl_err combine(const char *path, struct pwhash_cost cost,
    struct share *shares, uint8_t *secret)
{
	struct buf fresh;
	enum share_kind kind = SHARE_RING;
	size_t n = 0;
	enum tl_err err = find_target(path, &kind);

	if (err == TL_OK) {
		err = read_shares(kind, shares, &n);
	}
	if (err == TL_OK) {
		err = put_together(shares, n, secret);
	}
	if (err != TL_OK) {
		return err;
	}
	buf_init(&fresh, PASSPHRASE_MAX_BYTES);
	err =
	    passphrase_new(PASSPHRASE_NEW_VARIABLE, "New passphrase: ", &fresh);
	if (err == TL_OK) {
		struct bytes passphrase = bytes_of(fresh.data, fresh.len);

		err = shares[0].kind == SHARE_RING
		    ? save_ring(path, secret, passphrase, cost)
		    : identity_save(path, false, secret, passphrase, cost);
		if (err != TL_OK) {
			say_error("%s: %s", path, err_text(err));
		}
	}
	buf_free(&fresh);
	return err;
}

static bool take_cheap(int option, const char *value, void *arg)
{
	return team_plan_option(arg, option, value);
}

int key_combine(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "cheap", no_argument, NULL, 'c' },
		CLI_OPTIONS_END,
	};
	struct team_plan plan = team_plan_default;
	int status = cli_options(
	    argc, argv, options, 1, 1, combine_help, take_cheap, &plan);
	struct share *shares;
	uint8_t *secret;
	enum tl_err err = TL_ENOMEM;

	(void)config_path;
	if (status != CLI_GO_ON) {
		return status;
	}
	shares = secret_alloc(SHAMIR_PARTS_MAX * sizeof(*shares));
	secret = secret_alloc(SHARE_SECRET_BYTES);
	if (shares != NULL && secret != NULL) {
		err = combine(argv[optind], plan.cost, shares, secret);
	}
	secret_free(shares);
	secret_free(secret);
	if (err != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("%s has the new passphrase.\n", argv[optind]);
	return cli_end_output(CLI_OK);
}
