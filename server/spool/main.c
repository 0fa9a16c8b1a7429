/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/main.c - tipline-spool: the program that has the spool.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/notify.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/start.h"
#include "server/net/listener.h"
#include "server/spool/service.h"

static const char usage[] =
    "Usage: tipline-spool [-c FILE] [--check]\n"
    "\n"
    "Keeps sealed tips on disk until the desk has signed for them. Started by\n"
    "systemd or by `make run`; see tipline-spool(8).\n"
    "  -c FILE   configuration (default " PROGRAM_CONFIG ")\n"
    "  --check   read what a start reads, say what is wrong, and end\n"
    "  --help    this text\n";

enum { DOORS = 3 };

/* Percent of the spool that no flood of others may take from it. */
#define SMS_LEAST 25

/* Who comes in by which socket. The names are those of the socket units. */
static const struct door {
	const char *name;
	enum frame_from who;
} doors[DOORS] = {
	{ "intake", FRAME_FROM_WORKER },
	{ "relay", FRAME_FROM_RELAY },
	{ "admin", FRAME_FROM_ADMIN },
};

struct program {
	struct config *config;
	uint8_t (*receipt_keys)[KEY_BYTES];
	int fds[DOORS]; /* -1: not open, or the service's */
	struct spool *spool;
	struct event_base *base;
	struct event *on_term;
	struct event *on_int;
	struct service *service;
};

/* After a failure of disk or memory a new start decides what is there. */
static enum exit_status status_of(enum tl_err err)
{
	return err == TL_EIO || err == TL_ENOMEM ? EXIT_STATUS_FAILED
						 : EXIT_STATUS_NO_START;
}

/* ---- before the loop ----------------------------------------------------- */

static enum tl_err read_config(struct program *program, const char *path)
{
	enum tl_err err = config_load(path, &program->config);

	if (err == TL_OK) {
		err = config_need(
		    program->config, CONFIG_SPOOL, config_say_error, NULL);
	}
	return err;
}

static enum tl_err load_keys(struct program *program)
{
	const struct config_list *files = &program->config->spool.receipt_keys;

	program->receipt_keys = calloc(files->n, KEY_BYTES);
	if (program->receipt_keys == NULL) {
		return TL_ENOMEM;
	}
	for (size_t i = 0; i < files->n; i++) {
		enum tl_err err = keyfile_load(files->items[i],
		    KEY_RECEIPT_VERIFY, program->receipt_keys[i]);

		if (err != TL_OK) {
			say_error("receipt key %s: %s; copy receipt.pub of"
				  " the desk there, or correct receipt_keys"
				  " in section [spool]",
			    files->items[i], err_text(err));
			return err;
		}
	}
	return TL_OK;
}

static enum tl_err inherit(struct program *program)
{
	struct listener_inherited got[LISTENER_INHERIT_MAX];
	const char *names[DOORS];
	size_t n = 0;
	int bad = -1;
	enum tl_err err;

	for (size_t i = 0; i < DOORS; i++) {
		names[i] = doors[i].name;
	}
	err = listener_inherit(names, DOORS, got, &n, &bad);
	for (size_t i = 0; i < n && err == TL_OK; i++) {
		for (size_t d = 0; d < DOORS; d++) {
			if (strcmp(got[i].name, doors[d].name) != 0) {
				continue;
			}
			if (!got[i].is_unix || program->fds[d] >= 0) {
				bad = got[i].fd;
				err = TL_EINVAL;
			}
			program->fds[d] = got[i].fd;
		}
	}
	if (err != TL_OK) {
		say_error("inherited socket %d is not one unix socket named"
			  " intake, relay or admin: correct"
			  " FileDescriptorName= in the socket units",
		    bad);
	}
	return err;
}

static void say_no_spool(const char *path, enum tl_err err)
{
	const char *what = "see the kernel's log and the disk";

	if (err == TL_EBUSY) {
		what = "another tipline-spool or a tool has it open: end that"
		       " one first";
	} else if (err == TL_EPERM) {
		what = "the folder and its files must belong to the user who"
		       " runs tipline-spool, and may be no symlinks";
	} else if (err == TL_EFORMAT) {
		what = "a newer tipline or another program wrote spool.db:"
		       " install that version, or move the file away";
	} else if (err == TL_ENOENT) {
		what = "make the folder above it first";
	} else if (err == TL_EFULL) {
		what = "make room on its file system";
	}
	say_error("spool %s: %s; %s", path, err_text(err), what);
}

static enum tl_err judge_shares(const struct config_spool *conf)
{
	if (conf->min_free_bytes > conf->low_free_bytes) {
		say_error("[spool] low_free must not be below min_free");
		return TL_EINVAL;
	}
	if (conf->web_share + conf->voice_share + conf->desk_share +
		conf->files_share >
	    100 - SMS_LEAST) {
		say_error("[spool] web_share, voice_share, desk_share and"
			  " files_share leave less than %d percent to text"
			  " messages",
		    SMS_LEAST);
		return TL_EINVAL;
	}
	return TL_OK;
}

static enum tl_err open_spool(struct program *program)
{
	const struct config_spool *conf = &program->config->spool;
	const struct spool_opts opts = {
		.dir = conf->path,
		.low_free_bytes = conf->low_free_bytes,
		.min_free_bytes = conf->min_free_bytes,
		.shares = { [SPOOL_WEB] = conf->web_share,
		    [SPOOL_SMS] = conf->sms_share,
		    [SPOOL_VOICE] = conf->voice_share,
		    [SPOOL_DESK] = conf->desk_share,
		    [SPOOL_FILES] = conf->files_share },
		.max_records = conf->max_records,
		.hash = hash_bytes,
	};
	struct spool_stats stats;
	enum tl_err err = judge_shares(conf);

	if (err != TL_OK) {
		return err;
	}
	err = spool_open(&opts, &program->spool);
	if (err != TL_OK) {
		say_no_spool(conf->path, err);
		return err;
	}
	spool_stats(program->spool, &stats);
	log_event(
	    LOG_SPOOL_OPEN, (long long)stats.records, (long long)stats.sqlite);
	if (spool_was_rescued(program->spool)) {
		log_event(LOG_SPOOL_DAMAGED, (long long)stats.rescued,
		    (long long)stats.lost);
	}
	return TL_OK;
}

static void say_no_socket(const char *path, enum tl_err err)
{
	const char *what = "see that its folder is there and writable";

	if (err == TL_EBUSY) {
		what = "another process listens there: end it, or set another"
		       " path in section [spool]";
	} else if (err == TL_EEXIST) {
		what = "something that is no socket is there: move it away";
	} else if (err == TL_EINVAL) {
		what = "the path is too long for a socket";
	}
	say_error("socket %s: %s; %s", path, err_text(err), what);
}

/* Only now, with a spool that may be trusted, is anybody listened to. */
static enum tl_err listen_all(struct program *program)
{
	const struct config_spool *conf = &program->config->spool;
	const char *const paths[DOORS] = {
		conf->intake_socket,
		conf->relay_socket,
		conf->admin_socket,
	};
	enum tl_err err = TL_OK;

	for (size_t d = 0; d < DOORS && err == TL_OK; d++) {
		/* an option that is empty opens none */
		if (program->fds[d] < 0 && paths[d][0] != '\0') {
			err = listener_unix(paths[d], &program->fds[d]);
		}
		if (err != TL_OK) {
			say_no_socket(paths[d], err);
			return err;
		}
	}
	for (size_t d = 0; d < DOORS && err == TL_OK; d++) {
		int fd = program->fds[d];

		program->fds[d] = -1;
		if (fd >= 0) {
			err =
			    service_listen(program->service, fd, doors[d].who);
		}
	}
	return err;
}

/* ---- the loop ------------------------------------------------------------ */

static void stop_cb(int number, short what, void *arg)
{
	struct program *program = arg;

	(void)number;
	(void)what;
	log_event(LOG_STOP, 0, 0);
	notify_stopping();
	service_stop(program->service);
}

static enum tl_err make_loop(struct program *program)
{
	struct service_opts opts = {
		.spool = program->spool,
		.receipt_keys =
		    (const uint8_t(*)[KEY_BYTES])program->receipt_keys,
		.n_receipt_keys = program->config->spool.receipt_keys.n,
		.group_records = program->config->spool.group_records,
	};

	opts.base = program->base = event_base_new();
	if (opts.base == NULL ||
	    event_base_priority_init(opts.base, SERVICE_PRIORITIES) != 0) {
		return TL_ENOMEM;
	}
	program->on_term = evsignal_new(opts.base, SIGTERM, stop_cb, program);
	program->on_int = evsignal_new(opts.base, SIGINT, stop_cb, program);
	if (program->on_term == NULL || program->on_int == NULL ||
	    event_add(program->on_term, NULL) != 0 ||
	    event_add(program->on_int, NULL) != 0) {
		return TL_ENOMEM;
	}
	return service_new(&opts, &program->service);
}

static enum tl_err lock_in(const char *path)
{
	struct sandbox_folders folders = { .n = 0 };
	enum tl_err err = sandbox_folders_add(&folders, path);

	if (err == TL_OK) {
		err = sandbox_enter(SANDBOX_SPOOL, &folders);
	}
	sandbox_folders_close(&folders);
	return err;
}

/* All that a start reads, but for the spool, which another may have open. */
static enum tl_err check_start(struct program *program, const char *config_path)
{
	enum tl_err err = read_config(program, config_path);

	if (err == TL_OK) {
		err = config_check_files(
		    program->config, CONFIG_SPOOL, config_say_error, NULL);
	}
	if (err == TL_OK) {
		err = crypto_start();
	}
	if (err == TL_OK) {
		err = load_keys(program);
	}
	return err == TL_OK ? judge_shares(&program->config->spool) : err;
}

static enum tl_err start(struct program *program, const char *config_path)
{
	enum tl_err err = read_config(program, config_path);

	if (err == TL_OK) {
		err = crypto_start();
	}
	if (err == TL_OK) {
		err = load_keys(program);
	}
	if (err == TL_OK) {
		err = inherit(program);
	}
	if (err == TL_OK) {
		err = open_spool(program);
	}
	if (err == TL_OK) {
		err = make_loop(program);
	}
	if (err == TL_OK) {
		err = listen_all(program);
	}
	if (err == TL_OK) {
		err = lock_in(program->config->spool.path);
	}
	return err;
}

static enum exit_status run(struct program *program)
{
	log_event(LOG_READY, 0, 0);
	notify_ready();
	if (event_base_dispatch(program->base) != 0 ||
	    service_end(program->service) == SERVICE_FAILED) {
		return EXIT_STATUS_FAILED;
	}
	/* Nothing is lost if this fails, but the disk is not well. */
	if (spool_finish(program->spool) != TL_OK) {
		log_event(LOG_SPOOL_IO, spool_sqlite_code(program->spool), 0);
		return EXIT_STATUS_FAILED;
	}
	return EXIT_STATUS_OK;
}

static void clean_up(struct program *program)
{
	sigset_t all;

	/* The status is decided: a late SIGTERM may not change it. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	service_free(program->service);
	if (program->on_term != NULL) {
		event_free(program->on_term);
	}
	if (program->on_int != NULL) {
		event_free(program->on_int);
	}
	if (program->base != NULL) {
		event_base_free(program->base);
	}
	for (size_t d = 0; d < DOORS; d++) {
		if (program->fds[d] >= 0) {
			(void)close(program->fds[d]);
		}
	}
	spool_close(program->spool);
	free(program->receipt_keys);
	config_free(program->config);
}

/* libevent's own lines have no number and no bound. Where pipe() is forbidden
 * it says so once and takes a socketpair. */
static void be_quiet_cb(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

int main(int argc, char **argv)
{
	struct program program = { .fds = { -1, -1, -1 } };
	const char *path;
	enum tl_err err;
	bool check;
	int status;

	program_begin("tipline-spool");
	path = program_config(argc, argv, usage, &check, &status);
	if (path == NULL) {
		return status;
	}
	event_set_log_callback(be_quiet_cb);
	program_ignore(SIGHUP); /* what was read at the start stays in force */
	if (check) {
		err = check_start(&program, path);
		status = err == TL_OK ? EXIT_STATUS_OK : EXIT_STATUS_NO_START;
	} else {
		err = start(&program, path);
		status =
		    err == TL_OK ? (int)run(&program) : (int)status_of(err);
	}
	clean_up(&program);
	return status;
}
