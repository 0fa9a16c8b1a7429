/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/restore.c - a backup back in its place, and a wiped Redis made again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rd.h"
#include "cli/backup.h"
#include "cli/backup_file.h"
#include "cli/backup_spool.h"
#include "cli/cli.h"
#include "cli/ledger.h"
#include "cli/queue.h"
#include "cli/records.h"
#include "cli/spool_link.h"
#include "crypto/hash.h"
#include "desk/case_keys.h"
#include "queue/cases.h"

static const char help[] =
    "Usage: tipline [-c FILE] restore [--from DIR [--cut]]\n"
    "\n"
    "Make a Redis that was wiped again from this desk's ledger: the group, "
    "and\n"
    "each case as it was. Needs no passphrase, but desk.signing_key where\n"
    "there are cases. May be run twice: what is newer in Redis stays. Not "
    "while\n"
    "tipline-desk runs, which does it by itself. Tips without a receipt come\n"
    "again from the spools by themselves.\n"
    "\n"
    "  --from DIR   first put back what `tipline backup` wrote to DIR: the\n"
    "               ledger, where there is none; the records into the running\n"
    "               spool, which knows those that it has and mends those that\n"
    "               its disk has changed. What came since, and is in Redis\n"
    "               still, is asked for again, where\n"
    "               redis.admin_password_file is set\n"
    "  --cut        put back the ledger of DIR even if its end is missing, "
    "or\n"
    "               it is not the one that ledger.head there tells of\n"
    "\n"
    "Ends with 0, or 1 if something could not be put back.\n";

struct restore {
	const struct config *config;
	char from[PATH_MAX]; /* "": from the ledger that is there */
	bool cut;            /* also a ledger whose end is missing */
};

/* ---- the ledger --------------------------------------------------------- */

static void say_there(const char *folder)
{
	say_error("there is a ledger in %s already, and nothing was put there:"
		  " if it is damaged, or was begun since, move it away (and"
		  " keep it)",
	    folder);
}

/* May one be put there? An empty folder is no ledger, and what nobody has
 * opened yet is none; nor are files without the first, as a power cut in a
 * restore leaves them. Whether they are that, ledger_put_back() sees. */
static bool is_free(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool found = false;

	if (dir == NULL && errno != ENOENT) {
		say_error("%s: %s. Run this as root, or as whom the ledger"
			  " belongs to",
		    folder, strerror(errno));
		return false;
	}
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		found = found || strcmp(entry->d_name, "ledger-000001") == 0;
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
	if (found) {
		say_there(folder);
	}
	return !found;
}

/* What the backup said that it has. TL_ENOENT: it said nothing. */
static enum tl_err read_head(const char *from, struct cli_ledger_head *ret_head)
{
	int folder = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char line[BACKUP_LINE_BYTES];
	enum tl_err err =
	    folder < 0 ? TL_EIO : backup_line_read(folder, BACKUP_HEAD, line);

	if (folder >= 0) {
		(void)close(folder);
	}
	return err == TL_OK && !cli_ledger_head_read(line, ret_head)
	    ? TL_EFORMAT
	    : err;
}

/* Of an older version: only what is torn shows that its end is missing. */
static bool is_whole_unnoted(const char *from, const struct ledger *ledger)
{
	uint64_t torn = ledger_torn_bytes(ledger);

	if (torn > 0) {
		say_error("the copy of the ledger in %s is cut short: %llu"
			  " records are there, and %llu bytes of one more",
		    from, (unsigned long long)ledger_count(ledger),
		    (unsigned long long)torn);
		return false;
	}
	(void)printf("ledger    %s has no " BACKUP_HEAD
		     ", so nothing there tells"
		     " whether the end of the copy is missing: hold it against"
		     " the head that was printed then, with `tipline ledger"
		     " verify --was`\n",
	    from);
	return true;
}

/*
 * A copy that lost its end is a whole ledger to look at: its chain holds. Is
 * there all that the backup had? If not, it was said. *ret_status: CLI_WRONG
 * also where that is so, and a later copy came to no end.
 */
static bool is_all_there(
    const char *from, const struct ledger *ledger, int *ret_status)
{
	unsigned long long n = ledger_count(ledger);
	struct cli_ledger_head then = { 0 };
	enum tl_err err = read_head(from, &then);

	if (err == TL_ENOENT) {
		return is_whole_unnoted(from, ledger);
	}
	if (err == TL_OK) {
		err = cli_ledger_head_prove(ledger, &then);
	}
	if (err == TL_ENOENT) {
		say_error("the copy of the ledger in %s is cut short: %llu of"
			  " %llu records are there",
		    from, n, (unsigned long long)then.count);
	} else if (err != TL_OK) {
		say_error("the copy of the ledger in %s, of %llu records, is"
			  " not the one that " BACKUP_HEAD " tells of: %s",
		    from, n, err_text(err));
	} else if (ledger_torn_bytes(ledger) > 0) {
		say_error("the last copy of the ledger to %s was cut short:"
			  " %llu records are there, and all of the copy before",
		    from, n);
		*ret_status = CLI_WRONG;
	}
	return err == TL_OK;
}

/* *ret_may_go_on: there is a ledger, from which cases can be made. */
static int put_ledger(const struct restore *restore, bool *ret_may_go_on)
{
	char path[PATH_MAX + sizeof("/" BACKUP_LEDGER)];
	const char *to = restore->config->desk.ledger;
	const struct config_desk backup = { .ledger = path };
	struct ledger *ledger = NULL;
	int status = CLI_OK;
	enum tl_err err;

	(void)snprintf(path, sizeof(path), "%s/" BACKUP_LEDGER, restore->from);
	if (!is_free(to)) {
		return CLI_WRONG;
	}
	err = cli_ledger_open(&backup, true, &ledger);
	if (err == TL_OK && !is_all_there(restore->from, ledger, &status)) {
		status = CLI_WRONG;
		err = restore->cut ? TL_OK : TL_EPROOF;
	}
	if (err == TL_EPROOF) {
		say_error("nothing of the ledger was put back: look for a copy"
			  " that is whole. If this is the only one, --cut puts"
			  " back what is there");
	} else if (err == TL_OK) {
		err = ledger_put_back(ledger, to);
		if (err == TL_EEXIST) {
			say_there(to);
		} else if (err != TL_OK) {
			say_error("the ledger could not be copied to %s, and"
				  " is not there: %s",
			    to, err_text(err));
		}
	}
	*ret_may_go_on = err == TL_OK;
	if (err == TL_OK) {
		(void)printf("ledger    %llu records put back\n",
		    (unsigned long long)ledger_count(ledger));
	}
	ledger_close(ledger);
	return err == TL_OK ? status : CLI_WRONG;
}

/* ---- the spool ---------------------------------------------------------- */

struct counts {
	uint64_t kept, known, refused;
};

/* A record of the file as a PUT: without a dedup key, which it has not. */
static enum tl_err put_record(
    struct spool_link *link, struct bytes record, struct counts *counts)
{
	struct buf body;
	struct frame frame = { 0 };
	enum tl_err err;

	buf_init(&body, FRAME_BATCH_BYTES);
	buf_put_u32(&body, 1);
	buf_put_u8(&body, 1);
	buf_put(&body, record.at, RECORD_HEAD_BYTES - 4);
	buf_put_u8(&body, 0);
	buf_put(&body, record.at + RECORD_HEAD_BYTES - 4,
	    record.len - RECORD_HEAD_BYTES + 4);
	err = buf_err(&body);
	if (err == TL_OK) {
		err = spool_link_ask(
		    link, FRAME_PUT, bytes_of(body.data, body.len), &frame);
	}
	if (err == TL_OK && frame.type == FRAME_KEPT && frame.body_len == 5) {
		counts->kept += frame.body[4] == 0 ? 1 : 0;
		counts->known += frame.body[4] != 0 ? 1 : 0;
	} else if (err == TL_OK && frame.type == FRAME_REFUSED) {
		counts->refused++;
	} else if (err == TL_OK) {
		err = TL_EFORMAT;
	}
	buf_free(&body);
	return err;
}

/* The whole file is proved before any of it is put (link NULL). */
static enum tl_err each_record(
    FILE *file, struct spool_link *link, struct counts *counts)
{
	struct records records;
	struct bytes record;
	enum tl_err err = records_read(&records, file);

	while (err == TL_OK) {
		err = records_next(&records, &record);
		if (err == TL_OK && link != NULL) {
			err = put_record(link, record, counts);
		}
	}
	records_end(&records);
	return err == TL_ENOENT ? TL_OK : err;
}

/* One file of records; *counts grows. Whatever is wrong was said. */
static int put_file(
    const struct restore *restore, const char *name, struct counts *counts)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct spool_link link = { .fd = -1 };
	FILE *file;
	enum tl_err err;

	(void)snprintf(path, sizeof(path), "%s/%s", restore->from, name);
	file = fopen(path, "re");
	if (file == NULL) {
		say_error("%s: %s", path, strerror(errno));
		return CLI_WRONG;
	}
	err = each_record(file, NULL, counts);
	if (err != TL_OK) {
		say_error(
		    "%s is not whole, and nothing of it was put back", path);
		(void)fclose(file);
		return CLI_WRONG;
	}
	err = spool_link_open(restore->config->spool.admin_socket, &link);
	if (err == TL_OK) {
		err = each_record(file, &link, counts);
	}
	spool_link_close(&link);
	(void)fclose(file);
	if (err != TL_OK) {
		say_error(
		    "the spool took no more: %s. Is tipline-spool running,"
		    " with an admin_socket, and is this root or its"
		    " user?",
		    err_text(err));
	}
	return err == TL_OK ? CLI_OK : CLI_WRONG;
}

static bool has_before(
    const struct restore *restore, char name[static NAME_MAX + 1], unsigned n)
{
	char path[PATH_MAX + NAME_MAX + 2];

	backup_spool_before(name, n);
	(void)snprintf(path, sizeof(path), "%s/%s", restore->from, name);
	return access(path, F_OK) == 0;
}

/* The newest copy, and those that were kept because something may be missing
 * in it. What the desk has of these it knows. */
static int put_spool(const struct restore *restore)
{
	struct counts counts = { 0 };
	char name[NAME_MAX + 1];
	int status = put_file(restore, BACKUP_RECORDS, &counts);

	for (unsigned n = 1; has_before(restore, name, n); n++) {
		if (put_file(restore, name, &counts) != CLI_OK) {
			status = CLI_WRONG;
		}
	}
	(void)printf("spool     %llu records put back, %llu it had, %llu"
		     " refused\n",
	    (unsigned long long)counts.kept, (unsigned long long)counts.known,
	    (unsigned long long)counts.refused);
	if (counts.refused > 0) {
		say_error("the spool has no room: see `tipline spool`, and run"
			  " this again");
	}
	return counts.refused == 0 ? status : CLI_WRONG;
}

/* ---- Redis -------------------------------------------------------------- */

/* The user who may make the group and set it back. */
static struct reader_opts admin_opts(const struct config *config)
{
	struct reader_opts admin = cli_queue_opts(config);

	admin.user = "admin";
	admin.password_file = config->redis.admin_password_file;
	return admin;
}

/*
 * The ledger is of the backup: what came since, and Redis still has, is in no
 * other place, and Redis takes it for delivered. Each time, also where an
 * earlier run has put the ledger back and came no further: what a desk has it
 * knows.
 */
static int fetch_again(const struct config *config)
{
	struct reader_opts admin = admin_opts(config);
	const char *why = "it takes redis.admin_password_file";
	enum tl_err err = TL_EPERM;

	if (config->redis.admin_password_file[0] != '\0') {
		err = reader_create_group(&admin, &why);
		if (err == TL_OK) {
			err = reader_rewind_group(&admin, &why);
		}
	}
	if (err != TL_OK) {
		say_error("what came since the backup, and Redis still has,"
			  " does not come again by itself: %s. See"
			  " OPERATIONS.md, Backup: XGROUP SETID",
		    why);
		return CLI_WRONG;
	}
	(void)printf("tips      all that Redis still has come again\n");
	return CLI_OK;
}

static enum tl_err open_cases(const struct config *config,
    struct ledger *ledger, struct case_book *book, struct case_keys *keys,
    struct cases **ret_cases)
{
	const struct cases_opts opts = {
		.redis = cli_queue_opts(config),
		.ledger = ledger,
		.book = book,
		.trust = case_keys_trust(keys),
	};
	const char *why = "";
	enum tl_err err = TL_OK;

	/* where the password is not at hand, the group is made by hand */
	if (config->redis.admin_password_file[0] != '\0') {
		const struct reader_opts admin = admin_opts(config);

		err = reader_create_group(&admin, &why);
	}
	if (err == TL_OK) {
		err = cases_open(&opts, ret_cases, &why);
	}
	if (err != TL_OK) {
		say_error("Redis cannot be made again: %s", why);
	}
	return err;
}

/* What came of it; how the command ends. */
static int tell_restored(enum tl_err err, const struct cases_restored *restored)
{
	if (err == TL_OK) {
		(void)printf("cases     %llu made again, %llu were right\n",
		    (unsigned long long)restored->made,
		    (unsigned long long)restored->right);
	} else if (err == TL_EBUSY) { /* who writes to the ledger was said */
		say_error("no case was made again. A desk that runs puts them"
			  " into a wiped Redis by itself");
	} else {
		say_error("not all cases were made again: %s. Run it again",
		    err_text(err));
	}
	if (restored->left > 0) {
		say_error("%llu cases were left as they are: somebody else"
			  " writes there all the time. Is a desk's key missing"
			  " from desk.case_keys?",
		    (unsigned long long)restored->left);
	}
	if (restored->odd > 0) {
		say_error("%llu events of the ledger cannot be read",
		    (unsigned long long)restored->odd);
	}
	return err == TL_OK && restored->left + restored->odd == 0 ? CLI_OK
								   : CLI_WRONG;
}

static int put_cases(const struct restore *restore)
{
	const struct config_desk *desk = &restore->config->desk;
	struct case_book *book = case_book_new(hash_bytes);
	struct ledger *ledger = NULL;
	struct cases *cases = NULL;
	struct case_keys keys = { 0 };
	struct cases_restored restored = { 0 };
	bool is_all = false;
	size_t n = 0;
	enum tl_err err = book == NULL ? TL_ENOMEM : TL_OK;

	/* a desk without a console has no cases either: see below */
	if (err == TL_OK && desk->signing_key[0] != '\0') {
		err = case_keys_load(desk, &keys);
	}
	if (err == TL_OK) {
		err = cli_ledger_open(desk, false, &ledger);
	}
	if (err == TL_OK) {
		err = ledger_each(ledger, 0, case_book_learn, book);
	}
	if (err == TL_OK && desk->signing_key[0] == '\0' &&
	    case_book_count(book) > 0) {
		say_error("the ledger has cases, and desk.signing_key is not"
			  " set: without it, and desk.case_keys, what other"
			  " desks did since could not be known");
		err = TL_EPERM;
	}
	if (err == TL_OK) {
		err = open_cases(restore->config, ledger, book, &keys, &cases);
	}
	/* what other desks did, as far as Redis still has it */
	while (err == TL_OK && !is_all) {
		err = cases_follow(cases, &n, &is_all);
	}
	if (err == TL_OK) {
		err = cases_restore(cases, &restored);
	}
	cases_close(cases);
	ledger_close(ledger);
	case_book_free(book);
	case_keys_free(&keys);
	return tell_restored(err, &restored);
}

/* ---- the command -------------------------------------------------------- */

static bool take_option(int option, const char *value, void *arg)
{
	struct restore *restore = arg;

	if (option == 'c') {
		restore->cut = true;
		return true;
	}
	if (strlen(value) >= sizeof(restore->from)) {
		say_error("that path is too long");
		return false;
	}
	memcpy(restore->from, value, strlen(value) + 1);
	return true;
}

static int run(const struct restore *restore)
{
	unsigned programs = restore->config->programs;
	bool has_ledger_now = true;
	int status = CLI_OK;

	if (restore->from[0] != '\0' && (programs & CONFIG_DESK) != 0) {
		status = put_ledger(restore, &has_ledger_now);
	}
	if (restore->from[0] != '\0' && (programs & CONFIG_SPOOL) != 0 &&
	    put_spool(restore) != CLI_OK) {
		status = CLI_WRONG;
	}
	/* an empty one would be made, and in the way of the next try */
	if ((programs & CONFIG_DESK) != 0 && has_ledger_now &&
	    put_cases(restore) != CLI_OK) {
		status = CLI_WRONG;
	}
	if (restore->from[0] != '\0' && (programs & CONFIG_DESK) != 0 &&
	    has_ledger_now && fetch_again(restore->config) != CLI_OK) {
		status = CLI_WRONG;
	}
	return status;
}

int cli_restore(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "cut", no_argument, NULL, 'c' },
		CLI_OPTIONS_END,
	};
	static struct restore restore;
	struct config *config;
	int status =
	    cli_options(argc, argv, options, 0, 0, help, take_option, &restore);

	if (status != CLI_GO_ON) {
		return status;
	}
	config = cli_config(config_path, CONFIG_CLI);
	if (config == NULL) {
		return CLI_WRONG;
	}
	restore.config = config;
	status = cli_has_parts(
		     config, CONFIG_DESK | CONFIG_SPOOL, config_path, "restore")
	    ? run(&restore)
	    : CLI_WRONG;
	config_free(config);
	return status;
}
