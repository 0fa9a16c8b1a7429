/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [desk]: the officers' side. */
#include "config/rows.h"

static const struct config_option rows[] = {
	{
	    .key = "desk.team_ring",
	    .type = OPT_PATH,
	    .file = FILE_KEY,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "keys/team.ring",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .needs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.team_ring),
	    .text =
		"The team's ring: the secret key of each epoch, locked by the"
		" officers' passphrase. It opens every tip sealed to this team"
		" whose epoch was not destroyed. Keep one copy on a medium"
		" that lies in a safe, make it anew when epochs are added or"
		" destroyed, and keep none elsewhere.",
	},
	{
	    .key = "desk.receipt_key",
	    .type = OPT_PATH,
	    .file = FILE_KEY,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "keys/receipt.key",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .needs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.receipt_key),
	    .text =
		"Key that signs receipts. On its word the spools forget tips,"
		" so whoever has it can make tips disappear that no officer"
		" has seen.",
	},
	{
	    .key = "desk.intake_keys",
	    .type = OPT_PATHS,
	    .file = FILE_PUBLIC,
	    .unit = "files",
	    .min = 0,
	    .max = 32,
	    .def = "",
	    .example = "keys/intake.pub",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .needs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.intake_keys),
	    .text =
		"Public keys of the intakes. A tip signed by none of them is"
		" shown all the same, marked as not coming through our own"
		" door.",
	},
	{
	    .key = "desk.ledger",
	    .type = OPT_PATH,
	    .file = FILE_FOLDER,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/var/lib/tipline/ledger",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .needs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.ledger),
	    .text = "Folder of the ledger, in which every tip stays as it came,"
		    " sealed. Redis can be rebuilt from it. It belongs into the"
		    " backup.",
	},
	{
	    .key = "desk.quarantine_max",
	    .type = OPT_SIZE,
	    .unit = "bytes",
	    .min = 1 * MIB,
	    .max = 1024 * GIB,
	    .def = "1GiB",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.quarantine_max_bytes),
	    .text =
		"Most that the ledger keeps of what came through the queue and"
		" is no tip of ours. Beyond it such entries stay in Redis,"
		" without a receipt, and inbox says so: nothing is dropped, and"
		" nobody who writes garbage to Redis fills the desk's disk.",
	},
	{
	    .key = "desk.idle_lock",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = SECOND_MS,
	    .max = 12 * HOUR_MS,
	    .def = "15min",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.idle_lock_ms),
	    .text = "An officer who opens nothing for so long is logged out of"
		    " keyd; with the last one the team's keys leave memory. A"
		    " longer time spares passphrases, a shorter one leaves less"
		    " to who takes a desk that was left alone.",
	},
	{
	    .key = "desk.name",
	    .type = OPT_NAME,
	    .unit = "bytes",
	    .min = 1,
	    .max = 32,
	    .def = "desk1",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.name),
	    .text = "Name of this desk in the queue. No two desks on one Redis"
		    " may have the same.",
	},
	{
	    .key = "desk.signing_key",
	    .type = OPT_PATH,
	    .file = FILE_KEY,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "keys/desk.key",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.signing_key),
	    .text =
		"Key with which this desk signs what it seals itself: texts"
		" that it found in a gateway's log. Its public half is one of"
		" intake_keys, here and on other desks.",
	},
	{
	    .key = "desk.canary_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/canary",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.canary_file),
	    .text =
		"File with a long random text from which tipline gateway"
		" canary makes test texts. A desk that has it knows them and"
		" does not show them as tips.",
	},
	{
	    .key = "desk.backup",
	    .type = OPT_PATH,
	    .file = FILE_FOLDER,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/var/backups/tipline-ledger",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.backup),
	    .text =
		"Where tipline backup puts the ledger's copy. tipline doctor"
		" says if the newest is over two days old. Empty: it does"
		" not look for one.",
	},
};

const struct config_table config_desk_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
