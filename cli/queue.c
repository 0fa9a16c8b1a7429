/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/queue.h"

#include "base/log.h"

struct reader_opts cli_queue_opts(const struct config *config)
{
	const struct config_redis *redis = &config->redis;

	return (struct reader_opts){
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
		.consumer = config->desk.name,
		.replicas = redis->replicas,
	};
}

enum tl_err cli_queue_open(
    const struct config *config, struct reader **ret_reader)
{
	const struct reader_opts opts = cli_queue_opts(config);
	const char *why = "";
	enum tl_err err = reader_open(&opts, ret_reader, &why);

	if (err == TL_ENOENT && config->redis.admin_password_file[0] != '\0') {
		struct reader_opts admin = opts;

		admin.user = "admin";
		admin.password_file = config->redis.admin_password_file;
		err = reader_create_group(&admin, &why);
		if (err == TL_OK) {
			err = reader_open(&opts, ret_reader, &why);
		}
	}
	if (err != TL_OK) {
		say_error("the queue cannot be read: %s", why);
	}
	return err;
}
