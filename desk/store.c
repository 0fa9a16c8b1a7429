/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/store.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "desk/store_inside.h"

/* How soon a tip that came is seen, and what an idle desk asks of Redis. */
#define LOOK_EVERY_MS 200
#define STATE_MS      2000u
#define IN_BYTES      (FRAME_HEAD_BYTES + FRAME_EVENT_BYTES)
#define ITEMS_AT_ONCE 4096u
#define OUT_BYTES     FRAME_BATCH_BYTES

_Static_assert(ITEMS_AT_ONCE *STORE_ITEM_BYTES <= FRAME_BATCH_BYTES,
    "one frame holds them");

/* ---- frames out --------------------------------------------------------- */

static enum tl_err write_all(int fd, const uint8_t *at, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			return TL_ECLOSED;
		}
	}
	return TL_OK;
}

/* The web process reads whatever comes at once: to wait for it here is to wait
 * for a moment. */
void store_send(struct store *store, enum frame_type type)
{
	struct buf head;

	buf_init(&head, FRAME_HEAD_BYTES);
	frame_put_head(&head, type, store->out.len);
	if (store->err == TL_OK) {
		store->err = buf_err(&store->out);
	}
	if (store->err == TL_OK) {
		store->err = buf_err(&head);
	}
	if (store->err == TL_OK) {
		store->err = write_all(store->fd, head.data, head.len);
	}
	if (store->err == TL_OK) {
		store->err =
		    write_all(store->fd, store->out.data, store->out.len);
	}
	buf_free(&head);
	buf_reset(&store->out);
}

/* ---- what the web process is told --------------------------------------- */

static bool is_for_eyes(enum ledger_kind kind)
{
	return kind != LEDGER_EVENT && kind != LEDGER_MAIL;
}

static enum tl_err tell_record(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct store *store = arg;
	struct store_item item = { .number = number,
		.kind = record->kind,
		.reason = record->reason,
		.len = (uint32_t)record->sealed.len };

	store->told = number + 1;
	if (record->kind == LEDGER_EVENT) {
		return store_cases_learn(store, number, record);
	}
	if (!is_for_eyes(record->kind)) {
		return TL_OK;
	}
	if (record->kind == LEDGER_RESEALED &&
	    store_cases_again(store, number, record->id) != TL_OK) {
		return TL_ENOMEM;
	}
	memcpy(item.id, record->id, sizeof(item.id));
	store_put_item(&store->out, &item);
	if (store->out.len >= ITEMS_AT_ONCE * STORE_ITEM_BYTES) {
		store_send(store, FRAME_STORE_INDEX);
	}
	return store->err;
}

enum tl_err store_tell_records(struct store *store)
{
	enum tl_err err = TL_OK;

	if (store->told < ledger_count(store->ledger)) {
		err =
		    ledger_each(store->ledger, store->told, tell_record, store);
		store->state_changed = true;
	}
	if (err == TL_OK && store->out.len > 0) {
		store_send(store, FRAME_STORE_INDEX);
	}
	return err == TL_OK ? store->err : err;
}

static void tell_state(struct store *store, uint64_t now_ms)
{
	struct store_state *state = &store->state;
	bool redis = store->cases != NULL;

	if (now_ms < store->state_ms && !store->state_changed &&
	    redis == state->redis) {
		return;
	}
	store->state_ms = now_ms + STATE_MS;
	store->state_changed = false;
	state->redis = redis;
	state->redis_ms = redis ? cases_now_ms(store->cases) : 0;
	state->records = ledger_count(store->ledger);
	ledger_head(store->ledger, state->head);
	store_put_state(&store->out, state);
	store_send(store, FRAME_STORE_STATE);
}

/* ---- the loop ----------------------------------------------------------- */

/* Answer the frames that are there whole. */
static enum tl_err answer_all(struct store *store)
{
	size_t done = 0;
	enum tl_err err = TL_OK;

	while (err == TL_OK) {
		struct frame frame;

		err = frame_get(store->in.data + done, store->in.len - done,
		    FRAME_FROM_WEB, &frame);
		if (err == TL_OK) {
			done += FRAME_HEAD_BYTES + frame.body_len;
			err = store_answer(store, &frame);
		}
	}
	buf_drop(&store->in, done);
	return err == TL_EAGAIN ? store->err : err;
}

static enum tl_err hear(struct store *store, int wait_ms)
{
	struct pollfd in = { .fd = store->fd, .events = POLLIN };
	uint8_t piece[16384];
	ssize_t n;

	if (poll(&in, 1, wait_ms) <= 0) {
		return TL_OK;
	}
	n = recv(store->fd, piece, sizeof(piece), MSG_DONTWAIT);
	if (n == 0) {
		return TL_ECLOSED;
	}
	if (n < 0) {
		return errno == EAGAIN || errno == EINTR ? TL_OK : TL_ECLOSED;
	}
	buf_put(&store->in, piece, (size_t)n);
	return buf_err(&store->in) == TL_OK ? answer_all(store) : TL_ENOMEM;
}

static enum tl_err loop(struct store *store)
{
	uint64_t look_ms = 0;
	enum tl_err err = TL_OK;

	while (err == TL_OK) {
		uint64_t now_ms = clock_mono_ms();

		if (now_ms >= look_ms) {
			err = store_look(store);
			if (err == TL_OK) {
				err = store_tell_records(store);
			}
			now_ms = clock_mono_ms();
			look_ms = now_ms +
			    (store->listing ? 1u : (uint64_t)LOOK_EVERY_MS);
		}
		tell_state(store, now_ms);
		if (err == TL_OK) {
			err = hear(store,
			    look_ms > now_ms ? (int)(look_ms - now_ms) : 0);
		}
		if (err == TL_OK) {
			err = store->err;
		}
	}
	return err;
}

/* ---- start -------------------------------------------------------------- */

static enum tl_err load_intakes(struct store *store)
{
	const struct config_desk *desk = &store->config->desk;
	enum tl_err err = TL_OK;

	if (desk->intake_keys.n > STORE_INTAKES_MAX) {
		say_error("desk.intake_keys has more than %u files",
		    STORE_INTAKES_MAX);
		return TL_EINVAL;
	}
	for (size_t i = 0; err == TL_OK && i < desk->intake_keys.n; i++) {
		const char *path = desk->intake_keys.items[i];

		err = keyfile_load(path, KEY_INTAKE_VERIFY, store->intakes[i]);
		if (err != TL_OK) {
			say_error("cannot use the key file %s: %s", path,
			    err_text(err));
		}
		store->n_intakes++;
	}
	return err;
}

static enum tl_err open_ledger(struct store *store)
{
	const struct ledger_opts opts = {
		.folder = store->config->desk.ledger,
		.hash = hash_bytes,
		.quarantine_max_bytes =
		    store->config->desk.quarantine_max_bytes,
	};
	struct ledger_fault fault = { 0 };
	enum tl_err err = ledger_open(&opts, &store->ledger, &fault);

	if (err != TL_OK && fault.file > 0) {
		say_error("the ledger %s is not whole: %s (ledger-%06u, byte "
			  "%llu)",
		    opts.folder, fault.what, fault.file,
		    (unsigned long long)fault.at);
	} else if (err != TL_OK) {
		say_error(
		    "cannot use the ledger %s: %s", opts.folder, fault.what);
	}
	return err;
}

static void set_redis(struct store *store)
{
	const struct config_redis *redis = &store->config->redis;

	store->redis = (struct reader_opts){
		.socket = redis->socket,
		.sentinels = {
			.places = redis->sentinels.items,
			.n_places = redis->sentinels.n,
			.routes = redis->routes.items,
			.n_routes = redis->routes.n,
			.name = redis->sentinel_name,
			.password_file = redis->sentinel_password_file,
		},
		.user = redis->desk_user,
		.password_file = redis->desk_password_file,
		.group = redis->desk_group,
		.consumer = store->config->desk.name,
		.replicas = redis->replicas,
	};
}

enum tl_err store_may_use(
    const struct config *config, struct sandbox_folders *folders)
{
	const char *const passwords[] = {
		config->redis.desk_password_file,
		config->redis.admin_password_file,
		config->redis.sentinel_password_file,
	};
	enum tl_err err = sandbox_folders_add(folders, config->desk.ledger);

	/* not their folder: the team's ring and the receipt key are there */
	for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
		if (err == TL_OK && passwords[i][0] != '\0') {
			err = sandbox_folders_add_file(folders, passwords[i]);
		}
	}
	return err;
}

static enum tl_err lock_in(const struct store *store)
{
	const struct config_redis *redis = &store->config->redis;
	bool by_tcp = redis->sentinels.n > 0 || redis->socket[0] != '/';
	struct sandbox_folders folders = { .n = 0 };
	enum tl_err err = store_may_use(store->config, &folders);

	if (err == TL_OK) {
		err = sandbox_enter(
		    by_tcp ? SANDBOX_STORE_TCP : SANDBOX_STORE, &folders);
	}
	sandbox_folders_close(&folders);
	return err;
}

static enum tl_err start(struct store *store, const char *config_path)
{
	enum tl_err err = load_intakes(store);

	store->book = case_book_new(hash_bytes);
	if (store->book == NULL) {
		err = TL_ENOMEM;
	}
	if (err == TL_OK) {
		err = case_keys_load(&store->config->desk, &store->case_keys);
	}
	if (err == TL_OK) {
		err = keyd_client_start(config_path, &store->keyd);
	}
	if (err == TL_OK) {
		err = open_ledger(store);
	}
	if (err == TL_OK) {
		err = lock_in(store);
	}
	if (err == TL_OK) {
		err = store_tell_records(store);
	}
	if (err == TL_OK) {
		store_send(store, FRAME_STORE_INDEX); /* empty: that was all */
		err = store_cases_tell(store);
	}
	return err;
}

enum tl_err store_run(
    const char *config_path, const struct config *config, int fd)
{
	struct store *store = calloc(1, sizeof(*store));
	enum tl_err err = TL_ENOMEM;

	if (store == NULL) {
		return err;
	}
	store->config = config;
	store->fd = fd;
	buf_init(&store->in, IN_BYTES + 16384);
	buf_init(&store->out, OUT_BYTES);
	set_redis(store);
	err = start(store, config_path);
	if (err == TL_OK) {
		err = loop(store);
	}
	store_leave(store);
	ledger_close(store->ledger);
	case_book_free(store->book);
	case_keys_free(&store->case_keys);
	/* keyd ends with us: to wait for it is no call of this sandbox */
	free(store->events);
	free(store->again);
	buf_free(&store->in);
	buf_free(&store->out);
	free(store);
	return err;
}
