/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/queue.h"

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
		.consumer = config->desk.name,
		.replicas = redis->replicas,
	};
}
