/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/log.h"
#include "base/owner.h"
#include "base/rd.h"
#include "cli/cli.h"
#include "cli/ledger.h"
#include "cli/records.h"
#include "cli/spool_link.h"
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
    "no settings are in it.\n"
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

static void say_head(const struct ledger *ledger)
{
	uint8_t head[LEDGER_HASH_BYTES];
	struct buf text;

	ledger_head(ledger, head);
	buf_init(&text, 2 * sizeof(head) + 1);
	enc_hex(&text, head, sizeof(head));
	buf_put_u8(&text, 0);
	if (buf_err(&text) == TL_OK) {
		(void)printf("%sledger    %llu records, head %llu:%s\n",
		    cli_level(), (unsigned long long)ledger_count(ledger),
		    (unsigned long long)ledger_count(ledger),
		    (const char *)text.data);
	}
	buf_free(&text);
}

static int copy_ledger(const struct config *config, const char *dir)
{
	char path[PATH_MAX];
	struct ledger *ledger = NULL;
	enum tl_err err = cli_ledger_open(&config->desk, true, &ledger);

	if (err != TL_OK) {
		return err == TL_ENOENT ? CLI_OK : CLI_WRONG;
	}
	(void)snprintf(path, sizeof(path), "%s/" BACKUP_LEDGER, dir);
	err = ledger_copy(ledger, path);
	if (err == TL_OK) {
		err = prove_ledger(ledger, path);
	}
	if (err == TL_OK) {
		/* tipline doctor asks the folder when that was */
		(void)utimensat(AT_FDCWD, path, NULL, 0);
		say_head(ledger);
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

/* ---- the spool ---------------------------------------------------------- */

/* The records of one COPY; *from is moved on, *ret_n is 0 at the end. */
static enum tl_err take_copy(struct records *records, const struct frame *frame,
    uint64_t *from, size_t *ret_n)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	size_t n;

	*from = rd_u64(&rd);
	n = rd_u8(&rd);
	while (rd_ok(&rd) && rd.left > 0) {
		struct rd head = rd;
		const uint8_t *at = rd.at;
		enum tl_err err;
		uint32_t len;

		(void)rd_bytes(&head, RECORD_HEAD_BYTES - 4);
		len = rd_u32(&head);
		if (!rd_ok(&head) || len > FRAME_RECORD_BYTES ||
		    rd_bytes(&rd, RECORD_HEAD_BYTES + (size_t)len) == NULL) {
			return TL_EFORMAT;
		}
		err = records_add(
		    records, bytes_of(at, RECORD_HEAD_BYTES + (size_t)len));
		if (err != TL_OK) {
			return err;
		}
	}
	*ret_n = n;
	return rd_ok(&rd) ? TL_OK : TL_EFORMAT;
}

static enum tl_err fetch_records(const char *socket, struct records *records)
{
	struct spool_link link = { .fd = -1 };
	enum tl_err err = spool_link_open(socket, &link);
	uint64_t from = 0;
	size_t n = 1;

	while (err == TL_OK && n > 0) {
		struct frame frame;
		struct buf want;

		buf_init(&want, 8);
		buf_put_u64(&want, from);
		err = spool_link_ask(&link, FRAME_COPY_WANT,
		    bytes_of(want.data, want.len), &frame);
		buf_free(&want);
		if (err == TL_OK && frame.type != FRAME_COPY) {
			err = TL_EFORMAT;
		}
		if (err == TL_OK) {
			err = take_copy(records, &frame, &from, &n);
		}
	}
	spool_link_close(&link);
	return err;
}

static enum tl_err prove_records(FILE *file, uint64_t n)
{
	struct records records;
	struct bytes record;
	enum tl_err err = records_read(&records, file);

	while (err == TL_OK) {
		err = records_next(&records, &record);
	}
	if (err == TL_ENOENT) {
		err = records.n == n ? TL_OK : TL_EPROOF;
	}
	records_end(&records);
	return err;
}

/* Under another name until it is whole: the backup before stays till then. */
static enum tl_err make_new(int folder, FILE **ret_file)
{
	enum tl_err err;
	int fd;

	/* of a try that was cut short; or a second name of another file */
	(void)unlinkat(folder, BACKUP_RECORDS ".new", 0);
	fd = openat(folder, BACKUP_RECORDS ".new",
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		return errno == EACCES ? TL_EPERM : TL_EIO;
	}
	err = owner_of_folder(folder, fd);
	if (err == TL_OK) {
		*ret_file = fdopen(fd, "w+");
		err = *ret_file == NULL ? TL_ENOMEM : TL_OK;
	}
	if (err != TL_OK) {
		(void)close(fd);
	}
	return err;
}

static enum tl_err write_records(
    const char *socket, int folder, FILE *file, uint64_t *ret_n)
{
	struct records records = { 0 };
	enum tl_err err = records_create(&records, file);

	if (err == TL_OK) {
		err = fetch_records(socket, &records);
	}
	if (err == TL_OK) {
		err = records_finish(&records);
	}
	if (err == TL_OK) {
		err = prove_records(file, records.n);
	}
	if (err == TL_OK &&
	    (fsync(fileno(file)) != 0 ||
		renameat(folder, BACKUP_RECORDS ".new", folder,
		    BACKUP_RECORDS) != 0 ||
		fsync(folder) != 0)) {
		err = TL_EIO;
	}
	*ret_n = records.n;
	records_end(&records);
	return err;
}

static int say_spool(const char *dir, enum tl_err err, uint64_t n)
{
	if (err == TL_OK) {
		(void)printf(
		    "%sspool     %llu records that wait for a receipt\n",
		    cli_level(), (unsigned long long)n);
		return CLI_OK;
	}
	if (err == TL_EFULL) {
		say_error("the spool could not be copied: there is no room in"
			  " %s. A copy that was there stays as it was",
		    dir);
	} else {
		say_error("the spool could not be copied: %s. Is tipline-spool"
			  " running, with an admin_socket, and is this root or"
			  " its user?",
		    err_text(err));
	}
	return CLI_WRONG;
}

static int copy_spool(const struct config *config, const char *dir)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FILE *file = NULL;
	uint64_t n = 0;
	enum tl_err err = folder < 0 ? TL_EIO : make_new(folder, &file);
	int status = CLI_WRONG;

	if (err != TL_OK) {
		say_error("the spool could not be copied: cannot write to %s:"
			  " %s",
		    dir, err_text(err));
	} else {
		err =
		    write_records(config->spool.admin_socket, folder, file, &n);
		(void)fclose(file);
		status = say_spool(dir, err, n);
	}
	/* else it takes the room that the spool itself needs */
	if (err != TL_OK && folder >= 0) {
		(void)unlinkat(folder, BACKUP_RECORDS ".new", 0);
	}
	if (folder >= 0) {
		(void)close(folder);
	}
	return status;
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
	    copy_spool(config, dir) != CLI_OK) {
		status = CLI_WRONG;
	}
out:
	config_free(config);
	return status;
}
