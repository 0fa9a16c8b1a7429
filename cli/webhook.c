/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/webhook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "cli/cli.h"
#include "cli/webhook_custom.h"
#include "cli/webhook_json.h"
#include "cli/webhook_vectors.h"
#include "server/net/http.h"
#include "sms/phone.h"
#include "sms/when.h"

#define REQUEST_MAX_BYTES (8u * 1024u * 1024u)

static const char help[] =
    "Usage: tipline webhook TYPE --url URL --secret-file FILE [OPTION...]\n"
    "       tipline webhook --vectors FILE\n"
    "\n"
    "Reads one raw HTTP request on standard input and prints as JSON what the\n"
    "gateway adapter TYPE makes of it: accepted or rejected and why, the\n"
    "message, and the exact answer the gateway would get. Nothing is stored.\n"
    "\n"
    "TYPE is what [gateway] type may be; tipline check --sample lists them.\n"
    "\n"
    "  --url URL            the public address the gateway was given; the\n"
    "                       query is taken from the request line, whose path\n"
    "                       must be the address's\n"
    "  --secret-file FILE   what secret_file of the gateway holds\n"
    "  --fallback-url URL   the second address, where there is one\n"
    "  --now EPOCH          judge as if it were that Unix second\n"
    "  --region KH          country of the receiving number (default KH)\n"
    "  --numbers FORM       how senders without + are written: e164,\n"
    "                       international, national or raw (default raw)\n"
    "  --account ID         the account the request must be for\n"
    "  --sig-method WORD    the scheme that signs, where a type has several\n"
    "  --set OPTION=VALUE   an option of type custom, as in the configuration\n"
    "  --vectors FILE       judge every vector of a JSON file instead, and\n"
    "                       print one line for each\n"
    "\n"
    "The request must be byte for byte as it was sent, with CR LF at the ends\n"
    "of its head's lines: one byte more in the body breaks its signature.\n"
    "\n"
    "Ends with 0 if it was judged, 1 if the input or a file cannot be read.\n";

struct options {
	const char *type, *secret_file, *vectors;
	struct custom_words words;
	struct sms_custom custom;
	struct sms_gateway gateway;
	int64_t now_s;
};

/* ---- the command line --------------------------------------------------- */

static bool read_numbers(const char *word, enum sms_numbers *ret_numbers)
{
	static const char *const words[] = {
		[SMS_RAW] = "raw",
		[SMS_E164] = "e164",
		[SMS_INTERNATIONAL] = "international",
		[SMS_NATIONAL] = "national",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], word) == 0) {
			*ret_numbers = (enum sms_numbers)i;
			return true;
		}
	}
	say_error(
	    "--numbers is e164, international, national or raw, not %s", word);
	return false;
}

static bool read_region(const char *word, char region[static 3])
{
	if (strlen(word) != 2) {
		say_error("--region is two capital letters, for instance KH");
		return false;
	}
	memcpy(region, word, 3);
	return true;
}

static bool take_option(int option, const char *value, void *arg)
{
	struct options *o = arg;

	switch (option) {
	case 'u':
		o->gateway.url = value;
		return true;
	case 'f':
		o->gateway.fallback_url = value;
		return true;
	case 's':
		o->secret_file = value;
		return true;
	case 'v':
		o->vectors = value;
		return true;
	case 'o':
		return webhook_set(&o->words, value);
	case 'a':
		o->gateway.account = value;
		return true;
	case 'g':
		o->gateway.sig_method = value;
		return true;
	case 'r':
		return read_region(value, o->gateway.region);
	case 'm':
		return read_numbers(value, &o->gateway.numbers);
	case 'n':
		if (when_digits(bytes_str(value), &o->now_s) != TL_OK) {
			say_error("--now is a Unix time in seconds");
			return false;
		}
		return true;
	default:
		return false;
	}
}

/* What must be there for one request. */
static bool is_complete(struct options *o)
{
	if (o->type == NULL) {
		say_error("which TYPE of gateway? For instance twilio or"
			  " kannel");
		return false;
	}
	o->gateway.adapter = sms_adapter_find(o->type);
	if (o->gateway.adapter == NULL) {
		say_error("%s is not a type of gateway; tipline check --sample"
			  " lists them under [gateway]",
		    o->type);
		return false;
	}
	if (o->gateway.url == NULL) {
		say_error("--url is missing: the public address that the"
			  " gateway was given");
		return false;
	}
	if (o->secret_file == NULL) {
		say_error("--secret-file is missing");
		return false;
	}
	return true;
}

static int read_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "url", required_argument, NULL, 'u' },
		{ "fallback-url", required_argument, NULL, 'f' },
		{ "secret-file", required_argument, NULL, 's' },
		{ "now", required_argument, NULL, 'n' },
		{ "region", required_argument, NULL, 'r' },
		{ "numbers", required_argument, NULL, 'm' },
		{ "account", required_argument, NULL, 'a' },
		{ "sig-method", required_argument, NULL, 'g' },
		{ "set", required_argument, NULL, 'o' },
		{ "vectors", required_argument, NULL, 'v' },
		CLI_OPTIONS_END,
	};
	int status =
	    cli_options(argc, argv, options, 0, 1, help, take_option, o);

	if (status != CLI_GO_ON) {
		return status;
	}
	o->type = optind < argc ? argv[optind] : NULL;
	if (o->vectors != NULL && o->type != NULL) {
		say_error("--vectors stands alone: each vector names its type");
	} else if (o->vectors != NULL || is_complete(o)) {
		return CLI_GO_ON;
	}
	return cli_misused(help);
}

/* ---- files -------------------------------------------------------------- */

static enum tl_err read_stream(FILE *file, struct buf *out)
{
	uint8_t piece[4096];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), file)) > 0) {
		buf_put(out, piece, n);
	}
	wipe(piece, sizeof(piece));
	return ferror(file) ? TL_EIO : buf_err(out);
}

/* The secret without its line end. */
static enum tl_err read_secret(const char *path, struct buf *secret)
{
	FILE *file = fopen(path, "rb");
	enum tl_err err;

	if (file == NULL) {
		say_error("%s: %s", path, strerror(errno));
		return TL_EIO;
	}
	(void)setvbuf(file, NULL, _IONBF, 0); /* no copy that stays behind */
	err = read_stream(file, secret);
	(void)fclose(file);
	while (secret->len > 0 &&
	    (secret->data[secret->len - 1] == '\n' ||
		secret->data[secret->len - 1] == '\r')) {
		secret->len--;
	}
	if (err == TL_OK && secret->len > SMS_SECRET_MAX_BYTES) {
		err = TL_ETOOBIG;
	}
	if (err != TL_OK) {
		say_error("%s: %s", path, err_text(err));
	}
	return err;
}

/* ---- one request -------------------------------------------------------- */

/* The request as the intake would read it; all is in the parser and body. */
static enum http_event read_http(struct http_parser *http, struct bytes raw,
    size_t body_max, struct buf *body)
{
	enum http_event event = HTTP_MORE;

	do {
		struct bytes piece;
		size_t used;

		event = http_feed(http, raw.at, raw.len, &used, &piece);
		raw = bytes_of(raw.at + used, raw.len - used);
		if (event == HTTP_GOT_HEAD) {
			http_set_body_max(http, body_max);
		} else if (event == HTTP_GOT_BODY) {
			buf_put(body, piece.at, piece.len);
		}
	} while (event == HTTP_GOT_HEAD || event == HTTP_GOT_BODY);
	return event;
}

static int print(json_t *json)
{
	int bad = json == NULL || json_dumpf(json, stdout, JSON_COMPACT) != 0;

	json_decref(json);
	if (bad) {
		say_error("%s", err_text(TL_ENOMEM));
		return CLI_WRONG;
	}
	(void)putchar('\n');
	return CLI_OK;
}

/* Not a request that the intake hands to an adapter: an empty answer, or none
 * where each is taken for a success. gateway is NULL if the path is not known
 * to be its own. */
static int print_refused(
    const struct sms_gateway *gateway, int status, const char *why)
{
	const struct sms_answer answer = {
		.status = status,
		.drop = gateway != NULL &&
		    sms_answer(gateway, SMS_NOT_STORED)->drop,
	};

	return print(
	    json_pack("{s:s, s:s, s:o, s:o}", "result", "reject", "why", why,
		"status", answer.drop ? json_null() : json_integer(status),
		"answer", webhook_answer(&answer)));
}

static int print_taken(
    const struct sms_gateway *gateway, const struct webhook_taken *taken)
{
	const struct sms_answer *answer =
	    webhook_answer_of(gateway, taken->verdict);
	json_t *json = json_pack("{s:s, s:s}", "result",
	    webhook_result(taken->verdict), "why", taken->why);
	int bad = json == NULL;

	if (!sms_is_refused(taken->verdict)) {
		bad |= json_object_set_new(
		    json, "message", webhook_message(taken->batch));
		bad |= json_object_set_new(
		    json, "flags", webhook_flags(taken->batch));
	}
	bad |= json_object_set_new(json, "status",
	    answer->drop ? json_null() : json_integer(answer->status));
	bad |= json_object_set_new(json, "answer", webhook_answer(answer));
	if (bad != 0) {
		json_decref(json);
		json = NULL;
	}
	return print(json);
}

static int judge(
    const struct options *o, const struct http_parser *http, struct bytes body)
{
	struct http_field fields[HTTP_FIELDS_MAX];
	struct sms_header headers[HTTP_FIELDS_MAX];
	struct sms_request request = {
		.is_get = http_method(http) == HTTP_GET,
		.query = http_query(http),
		.headers = headers,
		.n_headers = http_fields(http, fields),
		.body = body,
		.now_s = o->now_s,
	};
	struct webhook_taken taken = { 0 };
	enum tl_err err;
	int status;

	for (size_t i = 0; i < request.n_headers; i++) {
		headers[i] =
		    (struct sms_header){ fields[i].name, fields[i].value };
	}
	if (!webhook_path(&o->gateway, http_path(http), &request.segment)) {
		return print_refused(NULL, 404,
		    "the path is not that of --url, nor that and one more"
		    " segment where the secret has one: the intake knows no"
		    " gateway there");
	}
	if (http_method(http) != HTTP_POST &&
	    !(request.is_get && sms_allows_get(&o->gateway))) {
		return print_refused(&o->gateway, 405,
		    "gateways send POST, and those of some types GET");
	}
	err = sms_take(
	    &o->gateway, &request, &taken.batch, &taken.verdict, &taken.why);
	if (err != TL_OK) {
		say_error("%s", err_text(err));
		return CLI_WRONG;
	}
	status = print_taken(&o->gateway, &taken);
	sms_batch_free(taken.batch);
	return status;
}

static int judge_input(const struct options *o)
{
	struct http_limits limits = http_limits_default;
	struct http_parser http;
	struct buf raw, body;
	int status = CLI_WRONG;
	enum tl_err err;

	limits.only = HTTP_CLASS_GATEWAY;
	http_init(&http, &limits);
	buf_init(&raw, REQUEST_MAX_BYTES);
	buf_init(&body, REQUEST_MAX_BYTES);
	err = read_stream(stdin, &raw);
	if (err != TL_OK) {
		say_error("standard input: %s", err_text(err));
		goto out;
	}
	switch (read_http(&http, bytes_of(raw.data, raw.len),
	    sms_body_max_bytes(&o->gateway), &body)) {
	case HTTP_DONE:
		status = judge(o, &http, bytes_of(body.data, body.len));
		break;
	case HTTP_REFUSED:
		status = print_refused(
		    http_path_so_far(&http).len > 0 ? &o->gateway : NULL,
		    http_status(&http),
		    "not HTTP as the intake reads it; the status says what is"
		    " wrong (lines of the head must end in CR LF)");
		break;
	case HTTP_MORE:
	case HTTP_GOT_HEAD:
	case HTTP_GOT_BODY:
		say_error("standard input ends before the request does: is"
			  " Content-Length right?");
		break;
	}
out:
	http_free(&http);
	buf_free(&raw);
	buf_free(&body);
	return status;
}

int cli_webhook(int argc, char **argv)
{
	struct options o = {
		.gateway = { .name = "webhook", .region = "KH" },
		.now_s = clock_wall_s(),
	};
	struct buf secret;
	const char *fault;
	int status = read_options(&o, argc, argv);

	if (status != CLI_GO_ON) {
		return status;
	}
	if (phone_start() != TL_OK) {
		say_error("the library for phone numbers does not work");
		return CLI_WRONG;
	}
	if (o.vectors != NULL) {
		return webhook_vectors(o.vectors);
	}
	fault = webhook_custom(&o.words, &o.custom, &o.gateway);
	if (fault != NULL) {
		say_error("%s", fault);
		return CLI_USAGE;
	}
	buf_init(&secret, SMS_SECRET_MAX_BYTES + 2);
	status = CLI_WRONG;
	if (read_secret(o.secret_file, &secret) == TL_OK) {
		o.gateway.secrets[0] = bytes_of(secret.data, secret.len);
		o.gateway.n_secrets = 1;
		fault = sms_gateway_fault(&o.gateway);
		if (fault != NULL) {
			say_error("%s", fault);
			status = CLI_USAGE;
		} else {
			status = judge_input(&o);
		}
	}
	buf_free(&secret);
	return status;
}
