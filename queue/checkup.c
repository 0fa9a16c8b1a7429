/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/checkup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/wipe.h"
#include "queue/ask.h"
#include "queue/stream_password.h"

#define SAID_BYTES   512u
#define ANSWER_BYTES ((size_t)256u * 1024u)
#define CONNECT_S    3u
#define ANSWER_S     5u
#define WORDS_MAX    8u
#define REPLICAS_MS  "1000"
#define WORD(text)   bytes_str(text)
#define CURE_IN_FILE \
	"set it as in the shipped tipline-redis.conf and" \
	" restart tipline-redis"
#define CURE_IN_ACL \
	"take the lines of the shipped users.acl.in (tipline" \
	" setup makes users.acl anew when it is taken away) and" \
	" restart tipline-redis"

struct checkup {
	struct ask *ask;
	checkup_say_fn say;
	void *arg;
};

__attribute__((format(printf, 2, 3))) static void tell(
    struct checkup *checkup, const char *format, ...)
{
	char said[SAID_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	checkup->say(checkup->arg, said);
}

/* ---- settings -------------------------------------------------------------
 */

static const struct {
	const char *key, *want;
	bool other; /* anything but want */
	const char *why;
} settings[] = {
	{ "appendonly", "yes", false, "keeps nothing over a restart" },
	{ "appendfsync", "always", false,
	    "says \"kept\" before it is on disk" },
	{ "no-appendfsync-on-rewrite", "no", false,
	    "does not sync while it rewrites its file" },
	{ "aof-load-truncated", "no", false,
	    "drops a torn end of its file without a word" },
	{ "maxmemory", "0", true, "takes memory until the host has none" },
	{ "maxmemory-policy", "noeviction", false,
	    "throws tips away when it is full" },
	{ "slowlog-max-len", "0", false, "keeps arguments of commands" },
	{ "enable-debug-command", "no", false,
	    "lets commands in that are for its makers" },
};

/* A server that does not tell is passed over: it is older than the setting. */
static enum tl_err look_at_setting(struct checkup *checkup, size_t i)
{
	const struct bytes args[] = { WORD("CONFIG"), WORD("GET"),
		WORD(settings[i].key) };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum stream_trouble trouble =
	    ask_for(checkup->ask, STREAM_WANT_VALUES, args, 3, &reply, &answer);

	if (trouble == STREAM_FINE && stream_values(&answer) == 2) {
		struct bytes value = stream_value(&answer, 1);
		bool same = bytes_equal(value, WORD(settings[i].want));

		if (same == settings[i].other) {
			tell(checkup, "Redis %s (%s %.*s): " CURE_IN_FILE,
			    settings[i].why, settings[i].key,
			    (int)(value.len < 40 ? value.len : 40),
			    (const char *)value.at);
		}
	}
	ask_done(reply);
	return trouble == STREAM_FINE ? TL_OK : TL_EFORMAT;
}

/* ---- rights ---------------------------------------------------------------
 */

/* tests/e2e/redis-acl.test.mjs goes through all commands; these are what an
 * operator who edits the file by hand gets wrong. */
struct right {
	const char *user; /* NULL: of each desk */
	bool may;
	const char *why;
	const char *command[WORDS_MAX];
};

static const struct right rights[] = {
	{ "default", true, "forgets transactions when it is restarted",
	    { "MULTI" } },
	{ "default", true, "forgets transactions when it is restarted",
	    { "HSET", "desk:x", "a", "b" } },
	{ "relay", true, "does not let the relay bring tips",
	    { "XADD", "tips", "*", "a", "b" } },
	{ "relay", true, "does not let the relay fetch receipts",
	    { "XREAD", "STREAMS", "receipts", "0" } },
	{ "relay", false, "lets the relay read tips",
	    { "XRANGE", "tips", "-", "+" } },
	{ "relay", false, "lets the relay take tips out",
	    { "XDEL", "tips", "1-1" } },
	{ "relay", false, "lets the relay empty it", { "FLUSHALL" } },
	{ NULL, true, "does not let the desk fetch tips",
	    { "XREADGROUP", "GROUP", "officers", "x", "STREAMS", "tips",
		">" } },
	{ NULL, true, "does not let the desk answer reporters",
	    { "XADD", "mail", "*", "a", "b" } },
	{ NULL, true, "does not let the desk forget whom it wrote to",
	    { "EXPIRE", "desk:mail:x", "1" } },
	{ NULL, true, "does not let the desk add calls",
	    { "XADD", "tips", "*", "a", "b" } },
	{ NULL, false, "lets the desk take tips out",
	    { "XDEL", "tips", "1-1" } },
	{ NULL, false, "lets the desk empty it", { "FLUSHALL" } },
	{ "admin", false, "lets the administrator read what came",
	    { "XRANGE", "tips", "-", "+" } },
};
#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

/* *ret_known: Redis has such a user. */
static enum tl_err look_at_right(struct checkup *checkup,
    const struct right *right, const char *user, bool *ret_known)
{
	struct bytes args[3 + WORDS_MAX] = { WORD("ACL"), WORD("DRYRUN"),
		WORD(user) };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum stream_trouble trouble;
	size_t n = 3;

	for (size_t k = 0; k < WORDS_MAX && right->command[k]; k++) {
		args[n++] = WORD(right->command[k]);
	}
	/* another answer than OK says why not */
	trouble =
	    ask_for(checkup->ask, STREAM_WANT_OK, args, n, &reply, &answer);
	ask_done(reply);
	if (trouble == STREAM_GONE || trouble == STREAM_LATE) {
		return TL_EIO;
	}
	*ret_known = trouble != STREAM_ERROR;
	if (*ret_known && (trouble == STREAM_FINE) != right->may) {
		tell(checkup, "Redis %s (user %s, %s): " CURE_IN_ACL,
		    right->why, user, right->command[0]);
	}
	return TL_OK;
}

/* The rights of one user that are in the table under name. */
static enum tl_err look_at_user(
    struct checkup *checkup, const char *name, const struct checkup_desk *desk)
{
	const char *user = name != NULL ? name : desk->user;
	enum tl_err err = TL_OK;
	bool known = true;

	for (size_t i = 0; err == TL_OK && known && i < RIGHTS; i++) {
		bool same = name == NULL || rights[i].user == NULL
		    ? name == rights[i].user
		    : strcmp(name, rights[i].user) == 0;

		if (same) {
			err = look_at_right(checkup, &rights[i], user, &known);
		}
	}
	if (err == TL_OK && !known && (name != NULL || desk->needed)) {
		tell(checkup, "Redis knows no user %s: " CURE_IN_ACL, user);
	}
	return err;
}

static enum tl_err look_at_rights(
    struct checkup *checkup, const struct checkup_desk *desks, size_t n_desks)
{
	static const char *const users[] = { "default", "relay", "admin" };
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < sizeof(users) / sizeof(users[0]);
	     i++) {
		err = look_at_user(checkup, users[i], NULL);
	}
	for (size_t i = 0; err == TL_OK && i < n_desks; i++) {
		err = look_at_user(checkup, NULL, &desks[i]);
	}
	return err;
}

/* Whoever is not asked for a password is "default". */
static enum tl_err look_at_default(struct checkup *checkup)
{
	const struct bytes args[] = { WORD("ACL"), WORD("LIST") };
	const struct bytes closed = WORD("user default off ");
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum stream_trouble trouble =
	    ask_for(checkup->ask, STREAM_WANT_VALUES, args, 2, &reply, &answer);
	bool is_closed = false;

	for (size_t i = 0; trouble == STREAM_FINE && i < stream_values(&answer);
	     i++) {
		struct bytes line = stream_value(&answer, i);

		is_closed = is_closed ||
		    (line.len >= closed.len &&
			memcmp(line.at, closed.at, closed.len) == 0);
	}
	if (trouble == STREAM_FINE && !is_closed) {
		tell(checkup,
		    "Redis lets in whoever gives no password (user default is"
		    " not off): " CURE_IN_ACL);
	}
	ask_done(reply);
	return trouble == STREAM_FINE ? TL_OK : TL_EFORMAT;
}

/* ---- replicas --------------------------------------------------------------
 */

/* Nothing was written over this connection, so whoever follows has it all:
 * what is counted is who is there. */
static enum tl_err look_at_replicas(struct checkup *checkup, unsigned wanted)
{
	char number[12];
	struct bytes args[] = { WORD("WAIT"), WORD("0"), WORD(REPLICAS_MS) };
	uint64_t found = 0;
	enum stream_trouble trouble;

	(void)snprintf(number, sizeof(number), "%u", wanted);
	args[1] = WORD(number);
	trouble = ask_tell(checkup->ask, STREAM_WANT_NUMBER, args, 3, &found);
	if (trouble == STREAM_FINE && found < wanted) {
		tell(checkup,
		    "Redis has %llu of its %u replicas (redis.replicas): see"
		    " journalctl -u tipline-redis on their hosts, and whether"
		    " the network between them is there",
		    (unsigned long long)found, wanted);
	}
	return trouble == STREAM_FINE ? TL_OK : TL_EIO;
}

/* ---- all of it -------------------------------------------------------------
 */

static enum tl_err open_ask(const struct reader_opts *opts,
    struct ask **ret_ask, enum stream_role *ret_role, const char **ret_why)
{
	char password[STREAM_PASSWORD_BYTES] = "";
	struct place place;
	struct ask_opts ask = {
		.place = &place,
		.user = opts->user,
		.password = password,
		.connect_s = CONNECT_S,
		.answer_s = ANSWER_S,
		.answer_most_bytes = ANSWER_BYTES,
	};
	enum stream_trouble trouble;
	enum tl_err err = place_parse(WORD(opts->socket), &place);

	*ret_why = "redis.socket names no place";
	if (err == TL_OK) {
		*ret_why = "the administrator's password cannot be read:"
			   " its file must be there, with mode 600";
		err = stream_password_load(opts->password_file, password);
	}
	if (err != TL_OK) {
		return err;
	}
	trouble = ask_open(&ask, ret_ask, ret_role);
	wipe(password, sizeof(password));
	*ret_why = trouble == STREAM_REFUSED
	    ? "it refuses the administrator's password: compare admin.pass"
	      " and users.acl"
	    : "it cannot be reached: is tipline-redis running?";
	return trouble == STREAM_FINE ? TL_OK : TL_EIO;
}

enum tl_err checkup_redis(const struct reader_opts *opts,
    const struct checkup_desk *desks, size_t n_desks, checkup_say_fn say,
    void *arg, const char **ret_why)
{
	struct checkup checkup = { .say = say, .arg = arg };
	enum stream_role role = STREAM_REPLICA;
	enum tl_err err = open_ask(opts, &checkup.ask, &role, ret_why);

	if (err != TL_OK) {
		return err;
	}
	for (size_t i = 0;
	     err == TL_OK && i < sizeof(settings) / sizeof(settings[0]); i++) {
		err = look_at_setting(&checkup, i);
	}
	if (err == TL_OK) {
		err = look_at_rights(&checkup, desks, n_desks);
	}
	if (err == TL_OK) {
		err = look_at_default(&checkup);
	}
	if (err == TL_OK && opts->replicas > 0 && role == STREAM_MASTER) {
		err = look_at_replicas(&checkup, opts->replicas);
	}
	if (err != TL_OK) {
		*ret_why = "it does not answer an administrator as Redis 7"
			   " does: compare users.acl with the shipped one";
	}
	ask_close(checkup.ask);
	return err;
}
