/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline-relay - carries sealed records from the spool to Redis and the
 * desk's receipts back.
 *
 * Listens nowhere, keeps nothing on disk, holds no secret but its Redis
 * password. What it has in hand when it ends is still in the spool.
 */
#include <signal.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/notify.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "base/wipe.h"
#include "config/config.h"
#include "queue/stream_password.h"
#include "server/relay/app.h"

static const char usage[] =
    "Usage: tipline-relay [-c FILE] [--check]\n"
    "\n"
    "Carries sealed tips from tipline-spool to Redis and the desk's receipts\n"
    "back. Started by systemd or by `make run`; see tipline-relay(8).\n"
    "  -c FILE   configuration (default " PROGRAM_CONFIG ")\n"
    "  --check   read what a start reads, say what is wrong, and end\n"
    "  --help    this text\n";

static enum tl_err load_password(
    const char *path, char ret_password[static STREAM_PASSWORD_BYTES])
{
	const char *what = "";
	enum tl_err err;

	if (path[0] == '\0') {
		ret_password[0] = '\0';
		return TL_OK;
	}
	err = stream_password_load(path, ret_password);
	if (err == TL_EPERM) {
		what = ": it must be a file of our own with mode 0600";
	} else if (err == TL_EFORMAT) {
		what = ": it must hold one line, the password";
	}
	if (err != TL_OK) {
		say_error("password file %s: %s%s", path, err_text(err), what);
	}
	return err;
}

static void stop_cb(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	log_event(LOG_STOP, 0, 0);
	notify_stopping();
	(void)event_base_loopexit(arg, NULL);
}

/* Sentinels announce addresses, and routes may lead to more of them. */
static bool by_tcp(const struct config *config)
{
	return config->redis.sentinels.n > 0 || config->redis.socket[0] != '/';
}

static enum tl_err run_app(const struct config *config, const char *password,
    const char *sentinel_password, struct event_base *base)
{
	const struct app_opts opts = {
		.base = base,
		.spool_socket = config->spool.relay_socket,
		.redis_socket = config->redis.socket,
		.sentinels = {
			.places = config->redis.sentinels.items,
			.n_places = config->redis.sentinels.n,
			.routes = config->redis.routes.items,
			.n_routes = config->redis.routes.n,
			.name = config->redis.sentinel_name,
		},
		.sentinel_password = sentinel_password,
		.redis_user = "relay",
		.redis_password = password,
		.relay = {
			.delay_min_ms = config->relay.delay_min_ms,
			.delay_max_ms = config->relay.delay_max_ms,
			.again_ms = config->relay.again_ms,
			.again_urgent_ms = config->relay.again_urgent_ms,
			.credit = config->relay.credit,
			.memory_bytes = config->redis.memory_bytes,
			.replicas = config->redis.replicas,
		},
	};
	struct app *app = NULL;
	enum tl_err err = app_new(&opts, &app);

	if (err == TL_EINVAL) {
		say_error("[relay] delay_min must not be above delay_max");
	}
	if (err == TL_OK) {
		err = sandbox_enter(
		    by_tcp(config) ? SANDBOX_RELAY_TCP : SANDBOX_RELAY, NULL);
	}
	if (err == TL_OK) {
		log_event(LOG_READY, 0, 0);
		notify_ready();
		err = event_base_dispatch(base) == 0 ? TL_OK : TL_EIO;
	}
	app_free(app);
	return err;
}

static enum tl_err run(const struct config *config)
{
	char password[STREAM_PASSWORD_BYTES] = "";
	char sentinel_password[STREAM_PASSWORD_BYTES] = "";
	struct event_base *base = NULL;
	struct event *on_term = NULL;
	struct event *on_int = NULL;
	enum tl_err err =
	    load_password(config->redis.relay_password_file, password);

	if (err == TL_OK && config->redis.sentinels.n > 0) {
		err = load_password(
		    config->redis.sentinel_password_file, sentinel_password);
	}
	if (err != TL_OK) {
		goto out;
	}
	err = TL_ENOMEM;
	base = event_base_new();
	if (base == NULL) {
		goto out;
	}
	on_term = evsignal_new(base, SIGTERM, stop_cb, base);
	on_int = evsignal_new(base, SIGINT, stop_cb, base);
	if (on_term == NULL || on_int == NULL ||
	    event_add(on_term, NULL) != 0 || event_add(on_int, NULL) != 0) {
		goto out;
	}
	err = run_app(config, password, sentinel_password, base);
out:
	if (on_term != NULL) {
		event_free(on_term);
	}
	if (on_int != NULL) {
		event_free(on_int);
	}
	if (base != NULL) {
		event_base_free(base);
	}
	wipe(password, sizeof(password));
	wipe(sentinel_password, sizeof(sentinel_password));
	return err;
}

/* libevent's own lines have no number and no bound. Where pipe() is forbidden
 * it says so once and takes a socketpair. */
static void be_quiet_cb(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

/* Under systemd it is a credential, which is there while the unit runs. */
static enum tl_err check_password(const char *path)
{
	char password[STREAM_PASSWORD_BYTES] = "";
	enum tl_err err =
	    program_has(path) ? load_password(path, password) : TL_OK;

	wipe(password, sizeof(password));
	return err;
}

/* All that a start reads. */
static enum tl_err check_all(const struct config *config)
{
	enum tl_err err =
	    config_check_files(config, CONFIG_RELAY, config_say_error, NULL);

	if (err == TL_OK) {
		err = check_password(config->redis.relay_password_file);
	}
	if (err == TL_OK && config->redis.sentinels.n > 0) {
		err = check_password(config->redis.sentinel_password_file);
	}
	return err;
}

static int start(const char *path, bool check)
{
	struct config *config = NULL;
	enum tl_err err = config_load(path, &config);

	if (err == TL_OK) {
		err = config_need(config, CONFIG_RELAY, config_say_error, NULL);
	}
	if (err == TL_OK) {
		err = check ? check_all(config) : run(config);
	}
	config_free(config);
	if (err == TL_EIO || err == TL_ENOMEM) {
		return EXIT_STATUS_FAILED;
	}
	return err == TL_OK ? EXIT_STATUS_OK : EXIT_STATUS_NO_START;
}

int main(int argc, char **argv)
{
	const char *path;
	bool check;
	int status;

	program_begin("tipline-relay");
	path = program_config(argc, argv, usage, &check, &status);
	if (path == NULL) {
		return status;
	}
	event_set_log_callback(be_quiet_cb);
	program_ignore(SIGHUP); /* what was read at the start stays in force */
	return start(path, check);
}
