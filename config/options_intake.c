/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [intake]: the program that strangers reach. */
#include "config/rows.h"

static const char *const yes_or_no[] = { "yes", "no", NULL };

static const struct config_option rows[] = {
	{
	    .key = "intake.listen",
	    .type = OPT_ADDRESSES,
	    .unit = "addresses",
	    .min = 0,
	    .max = 16,
	    .def = "",
	    .example = "127.0.0.1:8443",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(intake.listen),
	    .text =
		"Addresses and ports for HTTPS, such as 0.0.0.0:443 or"
		" [::]:443. Empty when systemd hands over the sockets: then no"
		" connection is lost while the program restarts, and it needs"
		" no right to open ports.",
	},
	{
	    .key = "intake.onion_socket",
	    .type = OPT_PATH,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 0,
	    .max = 107,
	    .def = "",
	    .example = "/run/tipline/onion/socket",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(intake.onion_socket),
	    .text =
		"Unix socket on which the Tor daemon of this host delivers"
		" the onion service. Empty opens none. Only the Tor daemon may"
		" have the right to it.",
	},
	{
	    .key = "intake.admin_socket",
	    .type = OPT_PATH,
	    .file = FILE_SOCKET,
	    .unit = "bytes",
	    .min = 0,
	    .max = 107,
	    .def = "",
	    .example = "/run/tipline/intake-admin/socket",
	    .programs = CONFIG_INTAKE | CONFIG_CLI,
	    .suggest = true,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(intake.admin_socket),
	    .text =
		"Unix socket that answers /healthz and /metrics with counts,"
		" and tipline status. Empty opens none, and then nobody can"
		" watch the intake.",
	},
	{
	    .key = "intake.tls_cert_ecdsa",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "tls/ecdsa.pem",
	    .programs = CONFIG_INTAKE,
	    .suggest = true,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.tls_cert_ecdsa),
	    .text = "Certificate chain in PEM with an ECDSA key, the own"
		    " certificate first. It makes a handshake several times"
		    " cheaper than RSA. At least one of the two kinds is needed"
		    " where listen is set.",
	},
	{
	    .key = "intake.tls_key_ecdsa",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "tls/ecdsa.key",
	    .programs = CONFIG_INTAKE,
	    .suggest = true,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.tls_key_ecdsa),
	    .text = "Private key in PEM that belongs to tls_cert_ecdsa. Whoever"
		    " has it can pose as this site, so only the intake may read"
		    " it.",
	},
	{
	    .key = "intake.tls_cert_rsa",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "tls/rsa.pem",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.tls_cert_rsa),
	    .text =
		"Certificate chain in PEM with an RSA key, for phones and"
		" gateways too old for ECDSA. May stand beside the ECDSA one:"
		" each visitor gets what it can read.",
	},
	{
	    .key = "intake.tls_key_rsa",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "tls/rsa.key",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.tls_key_rsa),
	    .text =
		"Private key in PEM that belongs to tls_cert_rsa. Whoever has"
		" it can pose as this site, so only the intake may read it.",
	},
	{
	    .key = "intake.workers",
	    .type = OPT_INTEGER,
	    .unit = "processes",
	    .min = 0,
	    .max = 256,
	    .def = "0",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.workers),
	    .text =
		"Processes that serve connections. 0 starts one for each"
		" processor core. More than cores wins nothing; fewer leaves"
		" room for the spool and others on a small host.",
	},
	{
	    .key = "intake.max_connections",
	    .type = OPT_INTEGER,
	    .unit = "connections",
	    .min = 16,
	    .max = 1000000,
	    .def = "8192",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.max_connections),
	    .text =
		"Connections open at once in all workers together. Each takes"
		" up to 16 KiB of memory while idle. Beyond it, and beyond"
		" what LimitNOFILE= leaves room for, those who have been"
		" silent longest are closed for those who come; too low a"
		" number lets a crowd push out people on slow networks.",
	},
	{
	    .key = "intake.worker_requests",
	    .type = OPT_INTEGER,
	    .unit = "requests",
	    .min = 0,
	    .max = 1000000000,
	    .def = "10000",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.worker_requests),
	    .text =
		"Requests after which a worker ends and a fresh one takes its"
		" place, so that nothing can stay in its memory for long; after"
		" a day it ends in any case. 0: then only. Low numbers cost"
		" time for new processes.",
	},
	{
	    .key = "intake.code_pool",
	    .type = OPT_INTEGER,
	    .unit = "codes",
	    .min = 0,
	    .max = 4096,
	    .def = "64",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.code_pool),
	    .text =
		"Receipt codes of 20 digits that are kept ready. Each takes"
		" a tenth of a second and 64 MiB to make, in time that nothing"
		" else wants. When more forms come than there are codes, as in"
		" a flood, reporters get 25 digits instead, which are made at"
		" once and are harder to keep. 0 hands out 25 digits only.",
	},
	{
	    .key = "intake.team_keys",
	    .type = OPT_PATHS,
	    .file = FILE_PUBLIC,
	    .unit = "files",
	    .min = 0,
	    .max = 8,
	    .def = "",
	    .example = "keys/team.list",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.team_keys),
	    .text =
		"Lists of the teams that may read tips: to which key tips are"
		" sealed from when on. Each tip is sealed to all of these"
		" teams; each one more makes a tip about 90 bytes larger and"
		" is one more key that can be stolen. A tip is never readable"
		" for a team whose list was not here when it came. A list that"
		" is older than the one in force is refused at a reload.",
	},
	{
	    .key = "intake.team_identities",
	    .type = OPT_PATHS,
	    .file = FILE_PUBLIC,
	    .unit = "files",
	    .min = 0,
	    .max = 8,
	    .def = "",
	    .example = "keys/identity.pub",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.team_identities),
	    .text =
		"Identities of these teams. A list that none of them has"
		" signed is refused, so whoever can change a list alone cannot"
		" read tips. Get these files by another way than the lists,"
		" and compare the fingerprint with the team.",
	},
	{
	    .key = "intake.signing_key",
	    .type = OPT_PATH,
	    .file = FILE_KEY,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "keys/intake.key",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.signing_key),
	    .text =
		"The intake's own signing key. By it the desk tells a tip"
		" that came in here from one that somebody put into the queue."
		" Each intake host has its own.",
	},
	{
	    .key = "intake.pepper",
	    .type = OPT_PATH,
	    .file = FILE_KEY,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "keys/pepper.key",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(intake.pepper),
	    .text = "Secret from which receipt codes are made. All intake hosts"
		    " share one. If it is lost or changed, codes that reporters"
		    " hold no longer lead to their answers.",
	},
	{
	    .key = "intake.dedup_key",
	    .type = OPT_PATH,
	    .file = FILE_KEY,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "keys/dedup.key",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.dedup_key),
	    .text =
		"Secret under which the ids of gateway messages are"
		" remembered, so that a repeat is known without keeping the"
		" id. All intake hosts share one. If it changes, messages that"
		" are repeated across the change are filed twice.",
	},
	{
	    .key = "intake.rules",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "rules.txt",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.rules),
	    .text =
		"File of urgency rules in the place of the ones that are"
		" compiled in. Try a changed copy with `tipline rules` first:"
		" with a mistake in it the intake does not start. The text of"
		" every tip is judged by it before it is sealed.",
	},
	{
	    .key = "intake.keywords",
	    .type = OPT_PATH,
	    .file = FILE_PUBLIC,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "keywords.tsv",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.keywords),
	    .text =
		"List of keywords in the place of the one that is compiled in."
		" Have every phrase read by native speakers and survivors.",
	},
	{
	    .key = "intake.urgent_mark",
	    .type = OPT_WORD,
	    .def = "yes",
	    .words = yes_or_no,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.urgent_mark),
	    .text =
		"Whether a tip of priority 1 carries one bit \"urgent\" outside"
		" of its seal, so that it overtakes the others. Whoever reads"
		" the spool's disk or the queue sees that bit. With no, all"
		" tips look alike there and wait alike; officers see the"
		" priority only when they open a tip.",
	},
	{
	    .key = "intake.file_max",
	    .type = OPT_SIZE,
	    .unit = "bytes",
	    .min = 64 * KIB,
	    .max = 64 * MIB,
	    .def = "3MiB",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.file_max_bytes),
	    .text =
		"The longest file (a voice recording, a picture) that is kept"
		" whole. What is longer is cut there and marked; the text that"
		" came with it is kept in any case. 3MiB are a quarter of an"
		" hour of a phone's recorder.",
	},
	{
	    .key = "intake.files_max",
	    .type = OPT_SIZE,
	    .unit = "bytes",
	    .min = 64 * KIB,
	    .max = 256 * MIB,
	    .def = "10MiB",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.files_max_bytes),
	    .text =
		"All files of one form together; at most eight are taken. Each"
		" fills the spool's disk until the desk has it.",
	},
	{
	    .key = "intake.forms_minute",
	    .type = OPT_INTEGER,
	    .unit = "forms",
	    .min = 0,
	    .max = 60000,
	    .def = "120",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.forms_minute),
	    .text =
		"Forms a minute, of everybody together, beyond which the site"
		" is taken to be attacked. Then those networks that have had"
		" more than their share (30 forms at once, 3 a minute) wait a"
		" while before theirs is taken; all others notice nothing. 0"
		" is always: for who knows that an attack goes on.",
	},
	{
	    .key = "intake.code_tries",
	    .type = OPT_INTEGER,
	    .unit = "codes",
	    .min = 1,
	    .max = 100000,
	    .def = "5",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.code_tries),
	    .text =
		"Receipt codes, right or wrong, that one network may enter in a"
		" quarter of an hour. The next ones wait. A network is a /24 of"
		" IPv4 or a /56 of IPv6 and may be a whole telephone company,"
		" so nobody is ever turned away; all who come by Tor are taken"
		" for 20 networks.",
	},
	{
	    .key = "intake.wait_max",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = SECOND_MS,
	    .max = 15 * MINUTE_MS,
	    .def = "2min",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.wait_max_ms),
	    .text =
		"Longest wait in these two cases. More of it slows down an"
		" attacker and costs a reporter who shares a network with one"
		" as much. Browsers with scripts calculate instead of waiting.",
	},
	{
	    .key = "intake.count_near",
	    .type = OPT_WORD,
	    .def = "no",
	    .words = yes_or_no,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(intake.count_near),
	    .text =
		"Whether private addresses and this host itself (10.0.0.0/8,"
		" 127.0.0.1, fc00::/7 and the like) are networks with a share"
		" as well. no: they are taken for a balancer or tunnel of our"
		" own, behind which there is everybody; limit them there.",
	},
};

const struct config_table config_intake_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
