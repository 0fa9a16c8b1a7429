/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [redis]: the queue. */
#include "config/rows.h"

static const struct config_option rows[] = {
	{
	    .key = "redis.socket",
	    .type = OPT_PLACE,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 0,
	    .max = 107,
	    .def = "",
	    .example = "/run/tipline-redis/redis.sock",
	    .programs = CONFIG_RELAY | CONFIG_DESK | CONFIG_CLI,
	    .needs = CONFIG_RELAY | CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.socket),
	    .text = "Unix socket of Redis, or of the tunnel that leads to it;"
		    " or ADDRESS:PORT in a network that is closed and"
		    " encrypted, such as WireGuard. Until Redis answers there,"
		    " tips wait in the spool and nothing is lost. Not used"
		    " where sentinels are set.",
	},
	{
	    .key = "redis.sentinels",
	    .type = OPT_PLACES,
	    .unit = "Sentinels",
	    .min = 0,
	    .max = 9,
	    .def = "",
	    .example = "10.9.0.1:26379 10.9.0.2:26379 10.9.0.3:26379",
	    .programs = CONFIG_RELAY | CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.sentinels),
	    .text = "All Sentinels there are, each as ADDRESS:PORT or as the"
		    " unix socket of a tunnel. More than half of them must"
		    " name the same master before anything is sent to it. One"
		    " that is not listed has no vote.",
	},
	{
	    .key = "redis.sentinel_name",
	    .type = OPT_NAME,
	    .unit = "bytes",
	    .min = 1,
	    .max = 32,
	    .def = "tipline",
	    .programs = CONFIG_RELAY | CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.sentinel_name),
	    .text = "What the Sentinels call the master that they watch, as in"
		    " `sentinel monitor NAME` of their configuration.",
	},
	{
	    .key = "redis.sentinel_password_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/sentinel-watch",
	    .programs = CONFIG_RELAY | CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.sentinel_password_file),
	    .text = "File with the password of the Sentinels' user watch, who"
		    " may ask where the master is and hear when it changes, no"
		    " more. Empty gives no password.",
	},
	{
	    .key = "redis.routes",
	    .type = OPT_ROUTES,
	    .unit = "routes",
	    .min = 0,
	    .max = 9,
	    .def = "",
	    .example = "10.9.0.1:6379=/run/tipline-tunnel/redis-1.sock",
	    .programs = CONFIG_RELAY | CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.routes),
	    .text = "Where tunnels to Redis servers begin on this host:"
		    " ADDRESS:PORT as the Sentinels name it, =, and the unix"
		    " socket or address to connect to instead. A server"
		    " without a route is connected to where it is named.",
	},
	{
	    .key = "redis.relay_password_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/redis-relay",
	    .programs = CONFIG_RELAY,
	    .suggest = true,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.relay_password_file),
	    .text = "File with the password of the Redis user relay. That user"
		    " may add tips and read receipts, no more. Empty gives no"
		    " password: for a development home only.",
	},
	{
	    .key = "redis.desk_user",
	    .type = OPT_NAME,
	    .unit = "bytes",
	    .min = 1,
	    .max = 32,
	    .def = "desk",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.desk_user),
	    .text =
		"Redis user of this desk. Each desk has its own, so that one"
		" can be shut out without the others.",
	},
	{
	    .key = "redis.desk_group",
	    .type = OPT_NAME,
	    .unit = "bytes",
	    .min = 1,
	    .max = 32,
	    .def = "officers",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.desk_group),
	    .text =
		"Group of readers in Redis that this desk's host belongs to."
		" Every group gets every tip, and within one each tip goes to"
		" one host: give each host with a ledger of its own a group"
		" of its own, so that all their officers see the same.",
	},
	{
	    .key = "redis.desk_password_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/redis-desk",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .suggest = true,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.desk_password_file),
	    .text = "File with the password of desk_user. Empty gives no"
		    " password: for a development home only.",
	},
	{
	    .key = "redis.admin_password_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/redis-admin",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.admin_password_file),
	    .text =
		"File with the password of the user admin. With it, `tipline"
		" inbox` makes the group of readers again after Redis was"
		" wiped; without it an administrator does. Keep it off"
		" desks whose officers should not be administrators.",
	},
	{
	    .key = "redis.janitor_password_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/redis-janitor",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.janitor_password_file),
	    .text =
		"File with the password of the user janitor, for `tipline"
		" janitor` on Redis' own host. That user can take tips out of"
		" Redis, and nothing else.",
	},
	{
	    .key = "redis.replicas",
	    .type = OPT_INTEGER,
	    .unit = "replicas",
	    .min = 0,
	    .max = 16,
	    .def = "0",
	    .programs = CONFIG_RELAY | CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.replicas),
	    .text =
		"All replicas that Redis should have. Relay and desk ask how"
		" many have each tip and each receipt; the relay warns"
		" when some are missing for a minute. Nothing is held up"
		" by it: the spool has the tip until its receipt is back.",
	},
	{
	    .key = "redis.memory",
	    .type = OPT_SIZE,
	    .unit = "bytes",
	    .min = 16 * MIB,
	    .max = 1024 * GIB,
	    .def = "1GiB",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.memory_bytes),
	    .text =
		"What maxmemory says in Redis' own configuration. Pieces of"
		" files wait in the spool while Redis uses half of it, texts"
		" while it uses three quarters, so that there is room for what"
		" is urgent. Tips without a receipt get a quarter of it.",
	},
	{
	    .key = "redis.keep_tips",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = HOUR_MS,
	    .max = 720 * HOUR_MS,
	    .def = "6h",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(redis.keep_tips_ms),
	    .text =
		"How long `tipline janitor` leaves a tip in Redis after it came"
		" there, if a desk has acknowledged it; one that none has"
		" stays. Longer helps a desk whose disk is lost, and takes"
		" memory.",
	},
};

const struct config_table config_redis_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
