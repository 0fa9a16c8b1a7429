/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [spool]: sealed tips on disk. */
#include "config/rows.h"

static const struct config_option rows[] = {
	{
	    .key = "spool.path",
	    .type = OPT_PATH,
	    .file = FILE_FOLDER,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/var/lib/tipline/spool",
	    .programs = CONFIG_SPOOL,
	    .needs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.path),
	    .text =
		"Folder of the spool file, on a local disk that keeps what it"
		" was told to sync. Give it a file system of its own, so that"
		" nothing else can fill it.",
	},
	{
	    .key = "spool.intake_socket",
	    .type = OPT_PATH,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 0,
	    .max = 107,
	    .def = "",
	    .example = "/run/tipline/spool-intake/socket",
	    .programs = CONFIG_INTAKE | CONFIG_SPOOL,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.intake_socket),
	    .text =
		"Unix socket on which the intake hands over sealed tips. The"
		" spool makes it if systemd does not hand it over; the intake"
		" connects to it. Only the intake may have the right to it.",
	},
	{
	    .key = "spool.relay_socket",
	    .type = OPT_PATH,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 0,
	    .max = 107,
	    .def = "",
	    .example = "/run/tipline/spool-relay/socket",
	    .programs = CONFIG_SPOOL | CONFIG_RELAY,
	    .needs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.relay_socket),
	    .text = "Unix socket on which the relay takes tips and brings"
		    " receipts. Only the relay may have the right to it.",
	},
	{
	    .key = "spool.admin_socket",
	    .type = OPT_PATH,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 0,
	    .max = 107,
	    .def = "",
	    .example = "/run/tipline/spool-admin/socket",
	    .programs = CONFIG_SPOOL | CONFIG_CLI,
	    .suggest = true,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.admin_socket),
	    .text =
		"Unix socket for tipline spool and tipline status: counts and"
		" ages. Root and the spool's own user get sealed copies there"
		" (tipline backup). Empty opens none.",
	},
	{
	    .key = "spool.receipt_keys",
	    .type = OPT_PATHS,
	    .file = FILE_PUBLIC,
	    .unit = "files",
	    .min = 0,
	    .max = 16,
	    .def = "",
	    .example = "keys/receipt.pub",
	    .programs = CONFIG_SPOOL,
	    .needs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.receipt_keys),
	    .text =
		"Public keys that verify the receipts of the desks. The spool"
		" forgets a tip only on a receipt signed by one of them: a key"
		" too many can make tips disappear, a missing one lets the"
		" spool grow until it is full.",
	},
	{
	    .key = "spool.min_free",
	    .type = OPT_SIZE,
	    .unit = "bytes",
	    .min = 16 * MIB,
	    .max = 1024 * GIB,
	    .def = "64MiB",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.min_free_bytes),
	    .text =
		"Free space of the disk below which no tip is taken any more."
		" The rest lets receipts be written, which is what makes room"
		" again.",
	},
	{
	    .key = "spool.low_free",
	    .type = OPT_SIZE,
	    .unit = "bytes",
	    .min = 16 * MIB,
	    .max = 1024 * GIB,
	    .def = "256MiB",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.low_free_bytes),
	    .text = "Free space of the disk below which the spool warns and the"
		    " site shows as not ready. Must be more than min_free; the"
		    " difference is the time there is to act.",
	},
	{
	    .key = "spool.web_share",
	    .type = OPT_INTEGER,
	    .unit = "percent",
	    .min = 1,
	    .max = 100,
	    .def = "30",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.web_share),
	    .text =
		"Most that tips from web pages and the API may take of the"
		" spool's room and of max_records. A flood of them is refused"
		" beyond it, and leaves the rest to the other channels.",
	},
	{
	    .key = "spool.sms_share",
	    .type = OPT_INTEGER,
	    .unit = "percent",
	    .min = 1,
	    .max = 100,
	    .def = "75",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.sms_share),
	    .text =
		"The same as web_share, for text messages. web_share,"
		" voice_share, desk_share and files_share together must leave"
		" 25 percent or more to them.",
	},
	{
	    .key = "spool.voice_share",
	    .type = OPT_INTEGER,
	    .unit = "percent",
	    .min = 1,
	    .max = 100,
	    .def = "10",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.voice_share),
	    .text = "The same as web_share, for tips that are spoken in calls.",
	},
	{
	    .key = "spool.desk_share",
	    .type = OPT_INTEGER,
	    .unit = "percent",
	    .min = 1,
	    .max = 100,
	    .def = "10",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.desk_share),
	    .text = "The same as web_share, for tips that officers write down.",
	},
	{
	    .key = "spool.files_share",
	    .type = OPT_INTEGER,
	    .unit = "percent",
	    .min = 1,
	    .max = 100,
	    .def = "25",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.files_share),
	    .text = "The same as web_share, for recordings, photos and "
		    "documents, whichever way"
		    " they came. Beyond it a tip is kept without its files.",
	},
	{
	    .key = "spool.max_records",
	    .type = OPT_INTEGER,
	    .unit = "records",
	    .min = 1000,
	    .max = 50000000,
	    .def = "1000000",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.max_records),
	    .text =
		"Most records that wait for a receipt, of which each channel"
		" may have its share. More of them make a start take longer.",
	},
	{
	    .key = "spool.group_records",
	    .type = OPT_INTEGER,
	    .unit = "records",
	    .min = 1,
	    .max = 64,
	    .def = "64",
	    .programs = CONFIG_SPOOL,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.group_records),
	    .text =
		"Most tips that share one write to the disk. More saves disk"
		" work under load, fewer shortens the wait of the first of"
		" them. Nobody waits for a group to fill.",
	},
	{
	    .key = "spool.backup",
	    .type = OPT_PATH,
	    .file = FILE_FOLDER,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/var/backups/tipline",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(spool.backup),
	    .text = "Where tipline backup puts the spool's copy each night."
		    " tipline doctor says if the newest is over two days old."
		    " Empty: it does not look for one.",
	},
};

const struct config_table config_spool_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
