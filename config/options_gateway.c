/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [gateway NAME]: what brings text messages. */
#include "config/rows.h"

const char *const config_gateway_types[] = { "twilio", "somleng", "kannel",
	"generic", "telnyx", "vonage-sms", "plivo", "infobip", "sinch",
	"messagebird", "bird", "vonage-messages", "android-sms-gateway",
	"jasmin", "africastalking", "clickatell", "bandwidth", "8x8",
	"macrokiosk", "nuntium", "httpsms", "telegram", "custom", NULL };

static const char *const sig_methods[] = { "default", "md5hash", "md5", "sha1",
	"sha256", "sha512", "hs256", "hs384", "hs512", "v3", "v2", "late",
	"fresh", NULL };

static const char *const number_forms[] = { "raw", "e164", "international",
	"national", NULL };

static const char *const erasures[] = { "redact", "delete", "off", NULL };

static const char *const yes_or_no[] = { "yes", "no", NULL };

static const char *const auto_replies[] = { "none", "neutral-once",
	"on-request", NULL };

static const struct config_option rows[] = {
	{
	    .key = "gateway.type",
	    .type = OPT_WORD,
	    .def = "",
	    .example = "twilio",
	    .words = config_gateway_types,
	    .programs = CONFIG_INTAKE | CONFIG_DESK | CONFIG_CLI,
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
	    .programs = CONFIG_INTAKE | CONFIG_DESK | CONFIG_CLI,
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
	    .programs = CONFIG_INTAKE | CONFIG_DESK | CONFIG_CLI,
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
		"Only for type custom: how a request is read. body=form,"
		" json, text or multipart; text=plain, percent, hex or base64; "
		"charset=utf-8,"
		" utf-16be, utf-16le, iso-8859-1, gsm7, gsm7-packed or binary;"
		" coding.NUMBER=CHARSET for each value of the coding field;"
		" time=none, epoch, epoch-ms, date or a form such as"
		" %d/%m/%Y%t%H:%M:%S, which is of zone=+07:00;"
		" probe.FIELD=VALUE marks requests that are no message.",
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
		" secret), hmac-hex:HEADER or hmac-base64:HEADER (HMAC-SHA256"
		" of the body, which only POST has). Empty is secret.",
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
		" (failure=400 to 599, or close), when it could not be kept or"
		" its proof does not hold. With the wrong ones messages are"
		" lost. Empty is 200 and 503.",
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
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(api_url),
	    .text = "Where the provider's API is, if not at its usual address:"
		    " scheme and host. Asked on the team's host alone, by"
		    " tipline gateway and the desk's sender.",
	},
	{
	    .key = "gateway.api_user",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 128,
	    .def = "",
	    .example = "api-key",
	    .programs = CONFIG_DESK | CONFIG_CLI,
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
	    .programs = CONFIG_DESK | CONFIG_CLI,
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
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(number),
	    .text =
		"Our own number there, as the provider writes it, if its"
		" account has others that are no tip line: texts to those are"
		" left alone. Empty takes texts to all. With send the number"
		" that officers' texts come from.",
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
	    .key = "gateway.send",
	    .type = OPT_WORD,
	    .def = "no",
	    .words = yes_or_no,
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(send),
	    .text =
		"Whether the desk's officers can text a reporter by this"
		" gateway, where the reporter has said how that is safe. Only"
		" for types that docs/GATEWAYS.md names; needs api_secret_file"
		" and number. The provider and the networks read such a text.",
	},
	{
	    .key = "gateway.auto_reply",
	    .type = OPT_WORD,
	    .def = "none",
	    .words = auto_replies,
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(auto_reply),
	    .text =
		"Whether the desk itself texts back to who texts this number."
		" Whoever holds the telephone sees such a text, and it may be"
		" the one who hurts the sender: none is right for nearly all."
		" on-request answers a message that says 1 and nothing else,"
		" neutral-once every conversation once. Needs send = yes and"
		" a gateway that signs; read docs/GATEWAYS.md before.",
	},
	{
	    .key = "gateway.auto_reply_lang",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 0,
	    .max = 8,
	    .def = "",
	    .example = "km",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(auto_reply_lang),
	    .text =
		"Language of that text, as the phrase book calls it: km, th,"
		" vi, zh-Hans, my, lo, ms, id, fil, bn, ne or en. The text is"
		" the book's sentence thanks; no other can be set.",
	},
	{
	    .key = "gateway.auto_reply_quiet",
	    .type = OPT_STRING,
	    .unit = "bytes",
	    .min = 11,
	    .max = 11,
	    .def = "20:00-07:00",
	    .programs = CONFIG_DESK,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(auto_reply_quiet),
	    .text =
		"Hours in which the desk never texts back, by the clock of the"
		" country of the sender's number. What falls into them is"
		" dropped and not sent later. desk.sms_hours holds as well.",
	},
	{
	    .key = "gateway.silence",
	    .type = OPT_DURATION,
	    .unit = "milliseconds",
	    .min = 0,
	    .max = 30 * 24 * HOUR_MS,
	    .def = "0s",
	    .example = "2h",
	    .programs = CONFIG_DESK | CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(silence_ms),
	    .text = "After this long without any message tipline gateway status"
		    " calls the gateway silent and ends with 1. A line that is"
		    " blocked looks like a quiet night: send a test text every"
		    " hour and set two hours. 0s never complains.",
	},
	{
	    .key = "gateway.canary_secret_file",
	    .type = OPT_PATH,
	    .file = FILE_SECRET,
	    .unit = "bytes",
	    .min = 0,
	    .max = CONFIG_PATH_BYTES_MAX,
	    .def = "",
	    .example = "/run/credentials/tipline-canary.service/partner",
	    .programs = CONFIG_CLI,
	    .takes = OPT_AT_RESTART,
	    .field = GATEWAY(canary_secret_file),
	    .text =
		"On the host of tipline canary, for type generic: the"
		" gateway's secret, with which a test text is signed and sent"
		" to desk.canary_web as a partner's. Whoever has it can write"
		" as this partner: let it be one for test texts alone.",
	},
};

const struct config_table config_gateway_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
