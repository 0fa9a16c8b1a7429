/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [desk]: the officers' side. */
#include "config/rows.h"

static const char *const yes_or_no[] = { "yes", "no", NULL };

static const char *const alarm_says[] = { "counts", "ids", NULL };

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
	    .key = "desk.min_free",
	    .type = OPT_SIZE,
	    .unit = "bytes",
	    .min = 32 * MIB,
	    .max = 1024 * GIB,
	    .def = "64MiB",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.min_free_bytes),
	    .text =
		"Free space of the ledger's disk below which the desk takes no"
		" tip any more: they wait in the queue and in the spools, and"
		" nothing of them is lost. The rest is for what officers write."
		" The console and status say so, and it goes on by itself when"
		" there is room.",
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
		" intake_keys, here and on other desks. It signs each change"
		" of a case, too: see case_keys.",
	},
	{
	    .key = "desk.case_keys",
	    .type = OPT_PATHS,
	    .file = FILE_PUBLIC,
	    .unit = "files",
	    .min = 0,
	    .max = 32,
	    .def = "",
	    .example = "keys/desk2.pub",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.case_keys),
	    .text =
		"Public keys (desk.pub) of the other desks on this Redis, and"
		" those that this desk had earlier. A change of a case that"
		" neither this desk nor one of them has signed is not believed,"
		" whatever Redis says. Desks that share one signing_key need"
		" none.",
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
		"File with a long random text from which tipline canary and"
		" tipline gateway canary make test texts. A desk that has it"
		" knows them and does not show them as tips.",
	},
	{
	    .key = "desk.canary_web",
	    .type = OPT_ORIGIN,
	    .unit = "bytes",
	    .min = 0,
	    .max = 255,
	    .def = "",
	    .example = "https://notes.example.org",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.canary_web),
	    .text =
		"The site's address, as reporters have it: tipline canary"
		" sends a test text through its form, and as each partner"
		" whose section has a canary_secret_file. The desk tells when"
		" the last one came. Empty: none is sent or missed.",
	},
	{
	    .key = "desk.canary_onion",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 62,
	    .def = "",
	    .example =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		".onion",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.canary_onion),
	    .text = "Address of the onion service, 56 letters and digits with"
		    " .onion behind them: tipline canary sends a test text"
		    " through its form too. Empty: none is sent or missed.",
	},
	{
	    .key = "desk.canary_tor",
	    .type = OPT_PLACE,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 1,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "/run/tor/socks",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.canary_tor),
	    .text = "Where the Tor daemon of this host takes SOCKS, for"
		    " canary_onion: a socket, or ADDRESS:PORT.",
	},
	{
	    .key = "desk.canary_silence",
	    .type = OPT_DURATION,
	    .unit = "milliseconds",
	    .min = 0,
	    .max = 30 * 24 * HOUR_MS,
	    .def = "170min",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.canary_silence_ms),
	    .text =
		"After this long without a test text by canary_web or"
		" canary_onion the desk calls that door silent, and tipline"
		" gateway status does and ends with 1. With one each hour this"
		" is when the second is missing. 0s never complains.",
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
		" says if the newest is over two days old. Empty: it says"
		" that there is none.",
	},
	{
	    .key = "desk.listen",
	    .type = OPT_ADDRESSES,
	    .unit = "addresses",
	    .min = 0,
	    .max = 16,
	    .def = "",
	    .example = "127.0.0.1:9443",
	    .programs = CONFIG_DESK,
	    .suggest = true,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.listen),
	    .text = "Addresses and ports for the officers' console over HTTPS."
		    " It belongs into the team's own network and never on the"
		    " public host.",
	},
	{
	    .key = "desk.socket",
	    .type = OPT_PATH,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 0,
	    .max = 107,
	    .def = "",
	    .example = "/run/tipline/desk/socket",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.socket),
	    .text =
		"Unix socket for a proxy of your own that speaks HTTPS to the"
		" officers' browsers. Empty opens none. Only that proxy may"
		" have the right to it.",
	},
	{
	    .key = "desk.tls_cert",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "tls/desk.pem",
	    .programs = CONFIG_DESK,
	    .suggest = true,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.tls_cert),
	    .text = "Certificate chain in PEM with an ECDSA key for the"
		    " console, the own certificate first. Needed where"
		    " desk.listen is set.",
	},
	{
	    .key = "desk.tls_key",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "tls/desk.key",
	    .programs = CONFIG_DESK,
	    .suggest = true,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.tls_key),
	    .text = "Private key in PEM that belongs to desk.tls_cert. Whoever"
		    " has it can pose as the console, and hear passphrases.",
	},
	{
	    .key = "desk.ui",
	    .type = OPT_PATH,
	    .file = FILE_SHARED,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/usr/share/tipline/console",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.ui),
	    .text = "Folder with the console's files, which are read once at"
		    " the start; empty: /usr/share/tipline/console. Whoever "
		    "can change them reads what officers"
		    " read.",
	},
	{
	    .key = "desk.partners",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "partners.json",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.partners),
	    .text = "Directory of those to whom cases can be handed, as"
		    " FORMAT.md describes it. Who can write to it chooses to"
		    " whom cases are sealed. Empty: nobody.",
	},
	{
	    .key = "desk.sms_hours",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 11,
	    .max = 11,
	    .def = "07:00-20:00",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.sms_hours),
	    .text = "Hours in which officers' texts may go to a telephone, by"
		    " the clock of the number's country and of the place that"
		    " the reporter named. Outside of them a reason is asked"
		    " for, and kept: a telephone that rings at night is heard"
		    " by others.",
	},
	{
	    .key = "desk.sms_own_words",
	    .type = OPT_WORD,
	    .def = "no",
	    .words = yes_or_no,
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.sms_own_words),
	    .text = "Whether officers may text words of their own. With no,"
		    " sentences of the phrase book alone, which name nothing"
		    " and nobody. With yes, links, numbers and words that tell"
		    " what this is about are refused; what gives a reporter"
		    " away in other words is not seen by any program.",
	},
	{
	    .key = "desk.sms_parts_day",
	    .type = OPT_INTEGER,
	    .unit = "parts",
	    .min = 0,
	    .max = 100000,
	    .def = "200",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.sms_parts_day),
	    .text = "Most parts of texts that leave this desk on one day (of"
		    " UTC, counted anew after a start). Each costs, and a desk"
		    " that was taken over can send no more. Half of them at"
		    " most are automatic replies.",
	},
	{
	    .key = "desk.ca_file",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/etc/tipline/own-ca.pem",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.ca_file),
	    .text = "Certificates in PEM by which providers, alarm_url and"
		    " canary_web are known. Empty: "
		    "/etc/ssl/certs/ca-certificates.crt. With a"
		    " file that has only those that are needed, nobody else's"
		    " mistake counts.",
	},
	{
	    .key = "desk.alarm_url",
	    .type = OPT_URL,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "https://alarm.example.org/tipline",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.alarm_url),
	    .text = "Where the desk tells of tips that nobody has claimed in"
		    " time, as JSON without content: a P1 when it comes, then"
		    " after 2, 5 and 10 minutes and every 10 minutes, a P2"
		    " after 15 minutes and every hour, until somebody has it."
		    " Who hears of it knows that there are such tips. Empty:"
		    " nobody is told.",
	},
	{
	    .key = "desk.alarm_secret_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/alarm",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.alarm_secret_file),
	    .text = "File with a text that goes along to alarm_url as"
		    " Authorization: Bearer, so that alarms of others are told"
		    " from ours. Empty: none goes along.",
	},
	{
	    .key = "desk.alarm_command",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/usr/local/sbin/phone-tree",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.alarm_command),
	    .text = "Program that is started for the same alarms, with them as"
		    " arguments: what, priority, level, count, seconds, id or"
		    " -. It has no rights beyond the desk's own user, a minute"
		    " of time, and no shell around it. Whoever can change it"
		    " runs what they like as that user.",
	},
	{
	    .key = "desk.alarm_says",
	    .type = OPT_WORD,
	    .def = "counts",
	    .words = alarm_says,
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.alarm_says),
	    .text = "What an alarm tells beside priority and time: counts says"
		    " how many wait, ids also which waits longest. An id says"
		    " nothing by itself; who has seen it elsewhere knows which"
		    " tip it was.",
	},
	{
	    .key = "desk.alarm_unopened",
	    .type = OPT_DURATION,
	    .unit = "milliseconds",
	    .min = 0,
	    .max = 24 * HOUR_MS,
	    .def = "2min",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(desk.alarm_unopened_ms),
	    .text = "How long a tip may lie sealed because nobody is logged in"
		    " before there is an alarm. Until it is opened nobody"
		    " knows whether it is a P1. 0s: such tips make no alarm;"
		    " for teams that do not watch at night.",
	},
};

const struct config_table config_desk_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
