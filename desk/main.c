/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline-desk - the officers' console. This process serves their browsers
 * and has what was opened, in locked memory, while somebody is logged in. Its
 * children: keyd, which has the team's keys; the store, which has the ledger
 * and Redis; the sender, by which texts and alarms leave, where any may. If one
 * of them ends, all of it ends, and is started anew.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/log.h"
#include "base/notify.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "crypto/keyfile.h"
#include "crypto/secret.h"
#include "crypto/start.h"
#include "desk/auto_check.h"
#include "desk/keyd_client.h"
#include "desk/sender.h"
#include "desk/store.h"
#include "desk/web.h"
#include "server/net/listener.h"
#include "server/net/tls.h"

static const char usage[] =
    "Usage: tipline-desk [--practice] [-c FILE] [--check]\n"
    "\n"
    "Serves the officers' console. Started by systemd or by `make run`; see\n"
    "tipline-desk(8).\n"
    "  --practice  with made-up tips, for new officers; refuses a ledger that\n"
    "              has others, and lets nothing out. See tools/practice\n"
    "  -c FILE   configuration (default " PROGRAM_CONFIG ")\n"
    "  --check   read what a start reads, say what is wrong, and end\n"
    "  --help    this text\n";

#define DOORS_MAX      LISTENER_INHERIT_MAX
#define CONSOLE_FOLDER "/usr/share/tipline/console"

struct program {
	struct config *config;
	const char *config_path;
	struct ui *ui;
	uint8_t *sign_key;
	struct net_tls *tls;
	int doors[DOORS_MAX];
	bool is_plain[DOORS_MAX];
	size_t n_doors;
	int keyd_fd, store_fd;
	int sender_fd; /* -1: nothing leaves */
	bool practice;
	bool check; /* read what a start reads, and end */
};

/* ---- children ------------------------------------------------------------
 */

static int status_of_child(enum tl_err err)
{
	return err == TL_ECLOSED ? EXIT_STATUS_OK
	    : err == TL_EPERM || err == TL_EFORMAT || err == TL_EINVAL ||
		err == TL_EBUSY || err == TL_ENOENT
	    ? EXIT_STATUS_NO_START
	    : EXIT_STATUS_FAILED;
}

/* Neither comes back. */
static void be_store(const struct program *program, int fd)
{
	secret_free(program->sign_key);
	_exit(status_of_child(
	    store_run(program->config_path, program->config, fd)));
}

static void be_sender(const struct program *program, int fd)
{
	_exit(status_of_child(sender_run(program->config, fd)));
}

static enum tl_err start_child(const struct program *program,
    void (*be)(const struct program *program, int fd), int *ret_fd)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return TL_EIO;
	}
	pid = fork();
	if (pid == 0) {
		sandbox_close_but(&ends[1], 1);
		if (sandbox_die_with_parent() != TL_OK) {
			_exit(EXIT_STATUS_FAILED);
		}
		be(program, ends[1]);
	}
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return TL_EIO;
	}
	*ret_fd = ends[0];
	return TL_OK;
}

static enum tl_err start_sender(struct program *program)
{
	return sender_is_wanted(program->config) && !program->practice
	    ? start_child(program, be_sender, &program->sender_fd)
	    : TL_OK;
}

/* ---- before the children --------------------------------------------------
 */

static enum tl_err add_door(
    struct program *program, const char *where, bool is_plain)
{
	int *fd = &program->doors[program->n_doors];
	enum tl_err err = TL_ETOOBIG;

	if (program->n_doors < DOORS_MAX) {
		err = is_plain ? listener_unix(where, fd)
			       : listener_tcp(where, fd);
	}
	if (err != TL_OK) {
		listener_say(where, "desk", err);
		return err;
	}
	program->is_plain[program->n_doors++] = is_plain;
	return TL_OK;
}

/* What systemd listens on takes the place of desk.listen and desk.socket: the
 * port stays open while this program is replaced, and it needs no network. */
static enum tl_err inherit_doors(struct program *program)
{
	static const char *const names[] = { "https", "proxy" };
	struct listener_inherited got[LISTENER_INHERIT_MAX];
	size_t n = 0;
	int bad = -1;
	enum tl_err err = listener_inherit(
	    names, sizeof(names) / sizeof(names[0]), got, &n, &bad);

	for (size_t i = 0; err == TL_OK && i < n; i++) {
		bool is_plain = strcmp(got[i].name, "proxy") == 0;

		if (is_plain != got[i].is_unix) {
			bad = got[i].fd;
			err = TL_EINVAL;
		}
		program->is_plain[program->n_doors] = is_plain;
		program->doors[program->n_doors++] = got[i].fd;
	}
	if (err != TL_OK) {
		say_error("inherited socket %d is no port named https and no"
			  " unix socket named proxy: correct"
			  " FileDescriptorName= in the socket unit",
		    bad);
	}
	return err;
}

static enum tl_err open_doors(struct program *program)
{
	const struct config_desk *desk = &program->config->desk;
	enum tl_err err = inherit_doors(program);

	if (err != TL_OK || program->n_doors > 0) {
		return err;
	}
	if (desk->listen.n == 0 && desk->socket[0] == '\0') {
		say_error("neither desk.listen nor desk.socket is set: nobody "
			  "could come in");
		return TL_EINVAL;
	}
	for (size_t i = 0; err == TL_OK && i < desk->listen.n; i++) {
		err = add_door(program, desk->listen.items[i], false);
	}
	if (err == TL_OK && desk->socket[0] != '\0') {
		err = add_door(program, desk->socket, true);
	}
	return err;
}

static enum tl_err read_tls(struct program *program)
{
	const struct config_desk *desk = &program->config->desk;
	const struct net_tls_files files = { .ecdsa_cert = desk->tls_cert,
		.ecdsa_key = desk->tls_key };

	return net_tls_new(&files, &program->tls);
}

static enum tl_err load_tls(struct program *program)
{
	const struct config_desk *desk = &program->config->desk;
	bool is_needed = false;

	for (size_t i = 0; i < program->n_doors; i++) {
		is_needed = is_needed || !program->is_plain[i];
	}
	if (!is_needed) {
		return TL_OK;
	}
	if (desk->tls_cert[0] == '\0' || desk->tls_key[0] == '\0') {
		say_error("HTTPS needs desk.tls_cert and desk.tls_key");
		return TL_EINVAL;
	}
	return read_tls(program);
}

static enum tl_err load_sign_key(struct program *program)
{
	const char *path = program->config->desk.signing_key;
	enum tl_err err = TL_ENOMEM;

	if (path[0] == '\0') {
		say_error("desk.signing_key is not set");
		return TL_EINVAL;
	}
	program->sign_key = secret_alloc(KEY_SIGN_BYTES);
	if (program->sign_key != NULL) {
		err = keyfile_load(path, KEY_INTAKE_SIGN, program->sign_key);
	}
	if (err != TL_OK) {
		say_error(
		    "cannot use the key file %s: %s", path, err_text(err));
	}
	return err;
}

static enum tl_err load_config(struct program *program)
{
	enum tl_err err = config_load(program->config_path, &program->config);

	if (err == TL_OK) {
		err = config_need(
		    program->config, CONFIG_DESK, config_say_error, NULL);
	}
	if (err == TL_OK) {
		err = sender_check(program->config);
	}
	return err == TL_OK
	    ? auto_check(program->config, config_say_error, NULL)
	    : err;
}

static enum tl_err load_ui(struct program *program)
{
	const char *folder = program->config->desk.ui;

	return ui_load(
	    folder[0] != '\0' ? folder : CONSOLE_FOLDER, &program->ui);
}

static void say_in_ledger(void *arg, const char *path)
{
	bool *right = arg;

	say_error("%s is in the folder of desk.ledger, all of which the part of"
		  " the desk that has Redis may read and change: move the"
		  " ledger's files into a folder of their own (OPERATIONS.md,"
		  " \"The ledger's folder\")",
	    path);
	*right = false;
}

static enum tl_err check_apart(const struct config *config)
{
	bool right = true;

	config_each_in_ledger(config, say_in_ledger, &right);
	return right ? TL_OK : TL_EPERM;
}

static void count_in_ledger(void *arg, const char *path)
{
	long long *n = arg;

	(void)path;
	*n += 1;
}

/* A desk that has run so does not stay away for it: officers would wait. */
static void warn_apart(const struct config *config)
{
	long long n = 0;

	config_each_in_ledger(config, count_in_ledger, &n);
	if (n > 0) {
		log_event(LOG_DESK_NOT_APART, n, 0);
	}
}

/* The web process and the store read them at their starts. */
static enum tl_err check_intakes(const struct config_desk *desk)
{
	uint8_t key[KEY_BYTES];
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < desk->intake_keys.n; i++) {
		const char *path = desk->intake_keys.items[i];

		err = keyfile_load(path, KEY_INTAKE_VERIFY, key);
		if (err != TL_OK) {
			say_error("cannot use the key file %s: %s", path,
			    err_text(err));
		}
	}
	return err;
}

/* The web process reads it at its start. */
static enum tl_err check_partners(const struct config *config)
{
	struct partners partners = { 0 };
	enum tl_err err = web_load_partners(config, &partners);

	partners_free(&partners);
	return err;
}

/* All that a start of this process reads, and what the others of the desk do
 * but keyd. Keys and passwords that are not there are credentials, which
 * systemd hands over at the start. */
static enum tl_err check_start(struct program *program)
{
	const struct config_desk *desk = &program->config->desk;
	enum tl_err err = config_check_files(
	    program->config, CONFIG_DESK, config_say_error, NULL);

	if (err == TL_OK) {
		err = check_apart(program->config);
	}
	if (err == TL_OK) {
		err = load_ui(program);
	}
	if (err == TL_OK) {
		err = check_partners(program->config);
	}
	if (err == TL_OK) {
		err = check_intakes(desk);
	}
	if (err == TL_OK && program_has(desk->signing_key)) {
		err = load_sign_key(program);
	}
	return err == TL_OK && desk->tls_key[0] != '\0' &&
		program_has(desk->tls_key) && program_has(desk->tls_cert)
	    ? read_tls(program)
	    : err;
}

static enum tl_err load(struct program *program)
{
	enum tl_err err = load_config(program);

	if (err == TL_OK && program->check) {
		return check_start(program);
	}
	if (err == TL_OK) {
		warn_apart(program->config);
		/* it must not have what is read from here on */
		err = start_sender(program);
	}
	if (err == TL_OK) {
		err = load_ui(program);
	}
	if (err == TL_OK) {
		err = load_sign_key(program);
	}
	if (err == TL_OK) {
		err = open_doors(program);
	}
	return err == TL_OK ? load_tls(program) : err;
}

/* ---- keyd and the store -------------------------------------------------
 */

static enum tl_err start_children(struct program *program)
{
	pid_t keyd;
	enum tl_err err = start_child(program, be_store, &program->store_fd);

	if (err == TL_OK) {
		err = keyd_spawn(
		    program->config_path, true, &keyd, &program->keyd_fd);
		if (err == TL_ENOENT) {
			say_error("tipline-keyd is not beside this program");
		}
	}
	return err;
}

/* ---- serving --------------------------------------------------------------
 */

static void stop_cb(evutil_socket_t number, short what, void *arg)
{
	struct web *web = arg;

	(void)number;
	(void)what;
	log_event(LOG_STOP, 0, 0);
	notify_stopping();
	net_stop(web->server);
}

static enum tl_err open_web(struct program *program, struct web *web)
{
	enum tl_err err = TL_OK;

	if (program->tls != NULL) {
		net_set_tls(web->server, program->tls);
		program->tls = NULL;
	}
	for (size_t i = 0; err == TL_OK && i < program->n_doors; i++) {
		err = net_listen(web->server, program->doors[i],
		    program->is_plain[i] ? NET_DOOR_PROXY : NET_DOOR_HTTPS,
		    NULL);
	}
	return err == TL_OK ? sandbox_enter(SANDBOX_DESK, NULL) : err;
}

static enum tl_err serve(struct program *program)
{
	const struct web_opts opts = { .config = program->config,
		.ui = program->ui,
		.keyd_fd = program->keyd_fd,
		.store_fd = program->store_fd,
		.sender_fd = program->sender_fd,
		.sign_key = program->sign_key,
		.practice = program->practice };
	struct event *on_term = NULL, *on_int = NULL;
	struct web *web = NULL;
	enum tl_err err = web_new(&opts, &web);

	if (err != TL_OK) {
		return err;
	}
	err = TL_ENOMEM;
	on_term = evsignal_new(net_base(web->server), SIGTERM, stop_cb, web);
	on_int = evsignal_new(net_base(web->server), SIGINT, stop_cb, web);
	if (on_term != NULL && on_int != NULL &&
	    event_add(on_term, NULL) == 0 && event_add(on_int, NULL) == 0) {
		err = open_web(program, web);
	}
	if (err == TL_OK) {
		err = net_run(web->server);
	}
	if (err == TL_OK && web->failed) {
		err = TL_ECLOSED;
	}
	if (on_term != NULL) {
		event_free(on_term);
	}
	if (on_int != NULL) {
		event_free(on_int);
	}
	web_free(web);
	return err;
}

static int status_of(enum tl_err err)
{
	switch ((int)err) {
	case TL_OK:
		return EXIT_STATUS_OK;
	case TL_ECLOSED:
	case TL_EIO:
	case TL_ENOMEM:
		return EXIT_STATUS_FAILED;
	default:
		return EXIT_STATUS_NO_START;
	}
}

int main(int argc, char **argv)
{
	struct program program = { .keyd_fd = -1,
		.store_fd = -1,
		.sender_fd = -1,
		.practice = argc > 1 && strcmp(argv[1], "--practice") == 0 };
	int status = EXIT_STATUS_FAILED;
	enum tl_err err = net_memory_hygiene();

	program_begin("tipline-desk");
	program.config_path = program_config(argc - program.practice,
	    argv + program.practice, usage, &program.check, &status);
	if (program.config_path == NULL) {
		return status;
	}
	program_ignore(SIGHUP); /* what was read at the start stays in force */
	if (err == TL_OK) {
		err = crypto_start();
	}
	json_object_seed(0); /* reads a file, which must be now */
	if (err == TL_OK) {
		err = load(&program);
	}
	if (err == TL_OK && !program.check) {
		err = start_children(&program);
		if (err == TL_OK) {
			err = serve(&program);
		}
	}
	ui_free(program.ui);
	net_tls_free(program.tls);
	config_free(program.config);
	return status_of(err);
}
