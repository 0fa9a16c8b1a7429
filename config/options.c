/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The option table. One row an option: its text tells the operator what to
 * gain and what to lose. Fields are offsets into struct config; rows of
 * [gateway NAME] are offsets into struct config_gateway.
 */
#include "config/options.h"

#include "config/config.h"

#define FIELD(member)   offsetof(struct config, member)
#define GATEWAY(member) offsetof(struct config_gateway, member)
#define KIB             UINT64_C(1024)
#define MIB             (1024 * KIB)
#define GIB             (1024 * MIB)
#define SECOND_MS       UINT64_C(1000)
#define MINUTE_MS       (60 * SECOND_MS)
#define HOUR_MS         (60 * MINUTE_MS)

/* languages.tsv of the form: an order that the operator may change */
const char *const config_languages[] = { "km", "th", "vi", "zh-Hans", "my",
	"lo", "ms", "id", "fil", "bn", "ne", "en", NULL };

const char *const config_gateway_types[] = { "twilio", "somleng", "kannel",
	"generic", "telnyx", "vonage-sms", "plivo", "infobip", "sinch",
	"messagebird", "bird", "vonage-messages", "android-sms-gateway",
	"jasmin", "africastalking", "clickatell", "bandwidth", "8x8",
	"macrokiosk", "nuntium", "httpsms", "telegram", "custom", NULL };
static const char *const sig_methods[] = { "default", "md5hash", "md5", "sha1",
	"sha256", "sha512", "hs256", "hs384", "hs512", "v3", "v2", NULL };
static const char *const number_forms[] = { "raw", "e164", "international",
	"national", NULL };

static const char *const erasures[] = { "redact", "delete", "off", NULL };

static const char *const interruptions[] = { "block", "page", NULL };
static const char *const yes_or_no[] = { "yes", "no", NULL };

const struct config_option config_options[] = {
	{
	    .key = "site.public_url",
	    .type = OPT_ORIGIN,
	    .unit = "bytes",
	    .min = 0,
	    .max = 255,
	    .def = "",
	    .example = "https://notes.example.org",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.public_url),
	    .text =
		"The address people type and gateways send to: https, the"
		" host, and a port if it is not 443. Signatures of gateways"
		" cover it, so it is never taken from a request. Choose a host"
		" whose name says nothing: it stays in the history of phones.",
	},
	{
	    .key = "site.languages",
	    .type = OPT_LANGUAGES,
	    .unit = "languages",
	    .min = 1,
	    .max = 12,
	    .def = "km th vi zh-Hans my lo ms id fil bn ne en",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.languages),
	    .text =
		"Languages of the form, in the order of its links, of: km th"
		" vi zh-Hans my lo ms id fil bn ne en. A language that is left"
		" out cannot be chosen. The head of each file in web/po says"
		" who has reviewed it: all are drafts still, and what is wrong"
		" in one can harm. Offer those that native speakers have read.",
	},
	{
	    .key = "site.default_language",
	    .type = OPT_LANGUAGE,
	    .unit = "bytes",
	    .min = 2,
	    .max = 12,
	    .def = "km",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.default_language),
	    .text = "Language for those whose browser asks for none of ours.",
	},
	{
	    .key = "site.title",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 64,
	    .def = "",
	    .example = "Message",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.title),
	    .text =
		"The word in the tab and at the top of each page. Keep it"
		" neutral: it is what somebody sees who looks over a shoulder"
		" or into the history of the phone. Empty: a neutral word"
		" in the language of the page.",
	},
	{
	    .key = "site.urgent_call",
	    .type = OPT_PHONE,
	    .unit = "bytes",
	    .min = 0,
	    .max = 32,
	    .def = "",
	    .example = "+855 00 000 000",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.urgent_call),
	    .text = "Number of a line that helps at once, shown on top of the"
		    " form. Empty shows no line. Name only a number that is"
		    " answered day and night and costs nothing.",
	},
	{
	    .key = "site.onion",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 62,
	    .def = "",
	    .example =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		".onion",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.onion),
	    .text =
		"Address of the onion service, 56 letters and digits with"
		" .onion behind them. Tor Browser offers it to who opens the"
		" form by its other name. Empty tells nobody.",
	},
	{
	    .key = "site.interruption",
	    .type = OPT_WORD,
	    .def = "block",
	    .words = interruptions,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.interruption),
	    .text =
		"Where people are told how to leave at once. With block it is"
		" folded at the top of the form; with page it is a page in"
		" front of it, which costs who is watched one more round trip.",
	},
	{
	    .key = "site.exit_urls",
	    .type = OPT_URL_MAP,
	    .unit = "pages",
	    .min = 1,
	    .max = 13,
	    .def = "default=https://www.wikipedia.org/",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = FIELD(site.exit_urls),
	    .text =
		"Where Close leads: language=URL for each language that needs"
		" a page of its own, and default=URL for all others. Choose"
		" pages that anybody might read and that can be reached from"
		" where reporters are.",
	},
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
		" up to 16 KiB of memory while idle. Beyond it new ones wait"
		" or are turned away, so too low a number lets a few slow"
		" visitors keep others out.",
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
		" place, so that nothing can stay in its memory for long. 0"
		" never replaces one. Low numbers cost time for new processes.",
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
	    .def = "50",
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
		" voice_share and desk_share together must leave 25 percent or"
		" more to them.",
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
	    .key = "relay.delay_min",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = 0,
	    .max = 15 * MINUTE_MS,
	    .def = "30s",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.delay_min_ms),
	    .text = "Shortest time a tip that is not urgent waits here, so that"
		    " who watches the lines cannot match a visit with a tip. 0s"
		    " sends at once. Urgent tips never wait.",
	},
	{
	    .key = "relay.delay_max",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = 0,
	    .max = 15 * MINUTE_MS,
	    .def = "120s",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.delay_max_ms),
	    .text = "Longest time such a tip waits. All that are due leave"
		    " together in random order: a longer time hides better, a"
		    " shorter one brings officers the tip sooner.",
	},
	{
	    .key = "relay.credit",
	    .type = OPT_INTEGER,
	    .unit = "records",
	    .min = 1,
	    .max = 65000, /* the spool lends 65,536 at most */
	    .def = "50000",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.credit),
	    .text =
		"Most tips in Redis without a receipt. Beyond it tips wait in"
		" the spool. Too many fill the memory of Redis while no desk"
		" is open.",
	},
	{
	    .key = "relay.again",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = SECOND_MS,
	    .max = 6 * HOUR_MS,
	    .def = "10min",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.again_ms),
	    .text =
		"Time without a receipt after which a tip is sent again; it"
		" doubles up to six hours. Short times make repeats, which are"
		" harmless and cost memory in Redis.",
	},
	{
	    .key = "relay.again_urgent",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = SECOND_MS,
	    .max = 6 * HOUR_MS,
	    .def = "2min",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.again_urgent_ms),
	    .text = "The same for urgent tips. At most as long as again.",
	},
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
	    .key = "gateway.type",
	    .type = OPT_WORD,
	    .def = "",
	    .example = "twilio",
	    .words = config_gateway_types,
	    .programs = CONFIG_INTAKE | CONFIG_CLI,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(type),
	    .text =
		"What sends to /sms/NAME. It decides how a message is proved"
		" genuine, how it is read and what is answered; with the wrong"
		" one every message is refused. generic is signed JSON after"
		" Standard Webhooks, for partners, voice lines and own"
		" programs, and is heard at /api/v1/reports as well.",
	},
	{
	    .key = "gateway.secret_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/phones",
	    .programs = CONFIG_INTAKE,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(secret_file),
	    .text =
		"File with the secret shared with the gateway, on one line:"
		" its token, signing key or public key. For gateways that sign"
		" nothing user:password for Basic, or 43 random characters of"
		" base64url that the URL has as a last segment behind"
		" /sms/NAME/, or both as segment/user:password. Each gateway"
		" has its own: with a shared one a message for one can be"
		" played to another.",
	},
	{
	    .key = "gateway.previous_secret_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/phones-old",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(previous_secret_file),
	    .text =
		"File with the secret from before, which is accepted too"
		" while the gateway changes to the new one. Take the line out"
		" when it has: an old secret is one more that can be stolen.",
	},
	{
	    .key = "gateway.url",
	    .type = OPT_URL,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "https://notes.example.org/sms/phones",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(url),
	    .text =
		"The URL as the gateway has it, without a query. twilio and"
		" somleng sign it byte for byte, so one letter of difference"
		" refuses every message. Empty is public_url/sms/NAME.",
	},
	{
	    .key = "gateway.fallback_url",
	    .type = OPT_URL,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "https://notes2.example.org/sms/phones",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(fallback_url),
	    .text =
		"A second URL at which the gateway may call this host when"
		" the first one fails, and which it then signs. twilio tries"
		" for 15 seconds only: set one there, on a second host.",
	},
	{
	    .key = "gateway.region",
	    .type = OPT_REGION,
	    .unit = "bytes",
	    .min = 0,
	    .max = 2,
	    .def = "",
	    .example = "KH",
	    .programs = CONFIG_INTAKE | CONFIG_CLI,
	    .needs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(region),
	    .text =
		"Country of the receiving number, two capital letters of ISO"
		" 3166 (KH, TH, VN). Numbers without a country code are read"
		" as numbers of that country; with the wrong one officers call"
		" back a stranger.",
	},
	{
	    .key = "gateway.numbers",
	    .type = OPT_WORD,
	    .def = "raw",
	    .words = number_forms,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(numbers),
	    .text = "How the gateway writes senders. e164 has the plus,"
		    " international the country code without plus, national"
		    " neither. raw takes those with a plus as they are and all"
		    " others as national.",
	},
	{
	    .key = "gateway.account",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 64,
	    .def = "",
	    .example = "AC00000000000000000000000000000000",
	    .programs = CONFIG_INTAKE | CONFIG_CLI,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(account),
	    .text =
		"Id of our account at the gateway (AccountSid of twilio and"
		" somleng). If it is set, messages that name another account"
		" are refused. Empty checks none.",
	},
	{
	    .key = "gateway.sig_method",
	    .type = OPT_WORD,
	    .def = "default",
	    .words = sig_methods,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(sig_method),
	    .text = "Which of several schemes the gateway signs with; never"
		    " guessed from a request, since a weaker one could then be"
		    " chosen by anybody. Only for types that have a choice; see"
		    " docs/GATEWAYS.md.",
	},
	{
	    .key = "gateway.custom_fields",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 512,
	    .def = "",
	    .example = "from=msisdn to=shortcode text=msg id=msgid",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(custom_fields),
	    .text =
		"Only for type custom: what the gateway calls its fields, as"
		" from=NAME to=NAME text=NAME id=NAME time=NAME udh=NAME"
		" coding=NAME; in JSON a path such as messages.0.from. What is"
		" left out is called as here, but there is no udh and no"
		" coding.",
	},
	{
	    .key = "gateway.custom_reading",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 512,
	    .def = "",
	    .example = "body=form text=hex coding.0=gsm7 coding.8=utf-16be",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(custom_reading),
	    .text =
		"Only for type custom: how a request is read. body=form, json "
		"or"
		" text; text=plain, percent, hex or base64; charset=utf-8,"
		" utf-16be, utf-16le, iso-8859-1, gsm7, gsm7-packed or binary;"
		" coding.NUMBER=CHARSET for each value of the coding field;"
		" time=none, epoch, epoch-ms or date; probe.FIELD=VALUE marks"
		" requests that are no message.",
	},
	{
	    .key = "gateway.custom_proof",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 512,
	    .def = "",
	    .example = "hmac-hex:X-Signature",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(custom_proof),
	    .text =
		"Only for type custom: secret (what gateways that sign nothing"
		" have, see secret_file), field:NAME (a field that is the"
		" secret), hmac-hex:HEADER or hmac-base64:HEADER (HMAC-SHA256 "
		"of"
		" the body). Empty is secret.",
	},
	{
	    .key = "gateway.custom_answer",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 512,
	    .def = "",
	    .example = "status=200 type=text/plain failure=503",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(custom_answer),
	    .text =
		"Only for type custom: what the gateway takes for kept"
		" (status=200 to 299, type=TYPE) and what makes it try again"
		" (failure=400 to 599, or close). With the wrong ones messages"
		" are lost. Empty is 200 and 503.",
	},
	{
	    .key = "gateway.custom_answer_body",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 512,
	    .def = "",
	    .example = "OK",
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(custom_answer_body),
	    .text =
		"Only for type custom: the body of the answer to what is kept,"
		" printable ASCII. Empty is no body, which is safest: a gateway"
		" may send it to the phone.",
	},
	{
	    .key = "gateway.custom_answer_body_is_safe",
	    .type = OPT_WORD,
	    .def = "no",
	    .words = yes_or_no,
	    .programs = CONFIG_INTAKE,
	    .takes = OPT_AT_RELOAD,
	    .field = GATEWAY(custom_answer_body_is_safe),
	    .text = "Only for type custom: yes says that the gateway certainly"
		    " never sends custom_answer_body to the sender's phone,"
		    " which may be watched.",
	},
	{
	    .key = "gateway.api_url",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 255,
	    .def = "",
	    .example = "https://api.somleng.example.org",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(api_url),
	    .text = "Where the provider's API is, if not at its usual address:"
		    " scheme and host. Asked by tipline gateway on the team's"
		    " host alone.",
	},
	{
	    .key = "gateway.api_user",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 128,
	    .def = "",
	    .example = "api-key",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(api_user),
	    .text = "User for the provider's API. Empty is the account.",
	},
	{
	    .key = "gateway.api_secret_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "secrets/phones-api",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(api_secret_file),
	    .text =
		"File with the password for the provider's API. Only on the"
		" team's host: whoever has it reads every text that the"
		" provider still has. Without it nothing is erased there, and"
		" a text whose webhook was lost is not found.",
	},
	{
	    .key = "gateway.number",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 32,
	    .def = "",
	    .example = "+85512345678",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(number),
	    .text =
		"Our own number there, as the provider writes it, if its"
		" account has others that are no tip line: texts to those are"
		" left alone. Empty takes texts to all.",
	},
	{
	    .key = "gateway.erase",
	    .type = OPT_WORD,
	    .def = "redact",
	    .words = erasures,
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(erase),
	    .text =
		"What happens to the provider's copy once ours is in the"
		" ledger: redact empties its text, delete removes it with its"
		" pictures, off leaves it. Number and time stay in the"
		" provider's bills whatever is set here.",
	},
	{
	    .key = "gateway.silence",
	    .type = OPT_DURATION,
	    .unit = "milliseconds",
	    .min = 0,
	    .max = 30 * 24 * HOUR_MS,
	    .def = "0s",
	    .example = "2h",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(silence_ms),
	    .text = "After this long without any message tipline gateway status"
		    " calls the gateway silent and ends with 1. A line that is"
		    " blocked looks like a quiet night: send a test text every"
		    " hour and set two hours. 0s never complains.",
	},
};

const size_t config_n_options =
    sizeof(config_options) / sizeof(config_options[0]);
