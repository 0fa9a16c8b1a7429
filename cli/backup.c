/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/owner.h"
#include "cli/backup_file.h"
#include "cli/backup_spool.h"
#include "cli/cli.h"
#include "cli/ledger.h"
#include "crypto/hash.h"

static const char help[] =
    "Usage: tipline [-c FILE] backup DIR\n"
    "\n"
    "Copy what this host keeps, sealed as it is, into the folder DIR, while\n"
    "everything runs: the ledger, if this is a desk; the records that wait "
    "for\n"
    "a receipt, if it has a spool. DIR is made, or is that of the backup\n"
    "before, which is continued. The copy is read back and proved. No keys "
    "and\n"
    "no settings are in it. Where the spool's disk has lost or changed what "
    "it\n"
    "had, the copy before is kept beside the new one.\n"
    "\n"
    "Prints the ledger's head: keep it where whoever may write to the backup\n"
    "cannot, and compare with `tipline ledger verify --was`.\n"
    "Ends with 0, or 1 if something could not be copied whole.\n";

/* ---- the ledger --------------------------------------------------------- */

/* The copy has all that the ledger had, and the same. */
static enum tl_err prove_ledger(const struct ledger *ledger, const char *path)
{
	const struct ledger_opts opts = {
		.folder = path,
		.hash = hash_bytes,
		.read_only = true,
	};
	uint8_t want[LEDGER_HASH_BYTES];
	uint8_t head[LEDGER_HASH_BYTES];
	struct ledger_fault fault = { 0 };
	struct ledger *copy = NULL;
	enum tl_err err = ledger_open(&opts, &copy, &fault);

	if (err == TL_OK) {
		ledger_head(ledger, want);
		ledger_head(copy, head);
		err = ledger_count(copy) == ledger_count(ledger) &&
			memcmp(head, want, sizeof(head)) == 0
		    ? TL_OK
		    : TL_EPROOF;
	}
	ledger_close(copy);
	return err;
}

/* How far the copy goes now: in the copy itself nothing tells that its end is
 * missing. */
static enum tl_err note_head(const char *dir, const char *head)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum tl_err err =
	    folder < 0 ? TL_EIO : backup_line_write(folder, BACKUP_HEAD, head);

	if (folder >= 0) {
		(void)close(folder);
	}
	return err;
}

/* A desk has none before its first start. Where one was copied, it is lost, or
 * its disk is not there. */
static int say_no_ledger(const char *ledger, const char *copy)
{
	if (access(copy, F_OK) == 0) {
		say_error("there is no ledger in %s, and %s is a copy of one:"
			  " put it back with `tipline restore`, or mount its"
			  " disk",
		    ledger, copy);
		return CLI_WRONG;
	}
	(void)printf(
	    "%sledger    there is none yet in %s\n", cli_level(), ledger);
	return CLI_OK;
}

static int copy_ledger(const struct config *config, const char *dir)
{
	const char *from = config->desk.ledger;
	char head[CLI_LEDGER_HEAD_CHARS];
	char path[PATH_MAX];
	struct ledger *ledger = NULL;
	enum tl_err err;

	(void)snprintf(path, sizeof(path), "%s/" BACKUP_LEDGER, dir);
	if (access(from, F_OK) != 0 && errno == ENOENT) {
		return say_no_ledger(from, path);
	}
	err = cli_ledger_open(&config->desk, true, &ledger);
	if (err != TL_OK) {
		return CLI_WRONG;
	}
	cli_ledger_head_write(ledger, head);
	err = ledger_copy(ledger, path);
	if (err == TL_OK) {
		err = prove_ledger(ledger, path);
	}
	if (err == TL_OK) {
		err = note_head(dir, head);
	}
	if (err == TL_OK) {
		/* tipline doctor asks the folder when that was */
		(void)utimensat(AT_FDCWD, path, NULL, 0);
		(void)printf("%sledger    %llu records, head %s\n", cli_level(),
		    (unsigned long long)ledger_count(ledger), head);
	} else if (err == TL_EEXIST || err == TL_EPROOF || err == TL_EFORMAT) {
		say_error("%s is no earlier copy of this ledger. Was an older"
			  " one put back? Then it may have tips that are in no"
			  " other: move it away, keep it, and run this again",
		    path);
	} else if (err == TL_EINVAL) {
		say_error("%s is the ledger itself, and no copy of it: name"
			  " another folder than %s, best on another disk",
		    path, dir);
	} else {
		say_error("the ledger could not be copied to %s: %s", path,
		    err_text(err));
	}
	ledger_close(ledger);
	return err == TL_OK ? CLI_OK : CLI_WRONG;
}

/* ---- the command -------------------------------------------------------- */

int cli_backup(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	int status = cli_options(argc, argv, options, 1, 1, help, NULL, NULL);
	struct config *config;
	enum tl_err made;
	const char *dir;

	if (status != CLI_GO_ON) {
		return status;
	}
	dir = argv[optind];
	config = cli_config(config_path, CONFIG_CLI);
	if (config == NULL) {
		return CLI_WRONG;
	}
	status = cli_has_parts(
		     config, CONFIG_DESK | CONFIG_SPOOL, config_path, "back up")
	    ? CLI_OK
	    : CLI_WRONG;
	if (status == CLI_WRONG) {
		goto out;
	}
	made = strlen(dir) > PATH_MAX - sizeof("/" BACKUP_LEDGER)
	    ? TL_ETOOBIG
	    : owner_mkdir(dir);
	if (made != TL_OK && made != TL_EEXIST) {
		say_error("cannot make the folder %s: %s", dir,
		    made == TL_ETOOBIG ? "too long" : strerror(errno));
		status = CLI_WRONG;
		goto out;
	}
	if ((config->programs & CONFIG_DESK) != 0) {
		status = copy_ledger(config, dir);
	}
	if ((config->programs & CONFIG_SPOOL) != 0 &&
	    backup_spool(&config->spool, dir) != CLI_OK) {
		status = CLI_WRONG;
	}
out:
	config_free(config);
	return status;
}
