/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Find in providers' logs what never arrived, and put it into the queue: so
 * every desk gets it, by the one way in, whether a desk runs here or not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/gateway.h"
#include "cli/gateway_desk.h"
#include "cli/queue.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "queue/outbox.h"
#include "sms/as_report.h"
#include "text/triage.h"

/* A webhook may still be under way for so long. */
#define SETTLE_S  300
#define HOURS     48
#define HOURS_MAX (24 * 400)
#define PAGES_MAX 1000u
/* At once: a flood that waits in the spool is missing here too, and the relay's
 * limits for Redis' memory do not hold for what we put there. */
#define PUT_MOST     200u /* as put_text() says */
#define ID_MAX_BYTES 64u

static const char help[] =
    "Usage: tipline [-c FILE] gateway reconcile [--hours N] [--show]\n"
    "\n"
    "Ask each provider that has a log (twilio, somleng) for the texts of the\n"
    "last N hours (48), and put what the ledger does not have into the queue,\n"
    "from which the desks take it: sealed, signed by this desk and marked as\n"
    "recovered. To be run each ten minutes and after each outage of the\n"
    "intake, on the desk that has the providers' passwords; where no desk\n"
    "runs, tipline inbox before it. Asks for the passphrase as inbox does. Of\n"
    "what is missing the first 200 are put there: then a desk has to read.\n"
    "\n"
    "  --hours N   how far to look back\n"
    "  --show      only count what is missing\n"
    "\n"
    "Ends with 0, or 1 if something was missing: then the front door failed;\n"
    "or if a log could not be read, or if what is found could not be sealed.\n";

struct known {
	const struct gateway_api *api;
	char id[ID_MAX_BYTES + 1];
};

struct reconcile {
	struct gateway_desk desk;
	struct sealer *sealer;
	struct triage *triage;
	struct outbox *outbox; /* once something was missing */
	int64_t now_s;
	long hours;
	bool only_show;
	bool unread;      /* a log could not be read */
	bool unsure;      /* the count is not that of a desk that is set up */
	bool unconfirmed; /* not all replicas have what was put there */
	struct known *known; /* in order once all are there */
	size_t n, cap;
	size_t listed, missing;
};

static bool take_option(int option, const char *value, void *arg)
{
	struct reconcile *reconcile = arg;
	char *end;

	if (option == 's') {
		reconcile->only_show = true;
		return true;
	}
	reconcile->hours = strtol(value, &end, 10);
	if (*end != '\0' || end == value || reconcile->hours < 1 ||
	    reconcile->hours > HOURS_MAX) {
		say_error("--hours takes whole hours, 1 to %d", HOURS_MAX);
		return false;
	}
	return true;
}

/* ---- what the ledger has ------------------------------------------------ */

static int in_order(const void *a, const void *b)
{
	const struct known *left = a, *right = b;
	int order = (left->api > right->api) - (left->api < right->api);

	return order != 0 ? order : strcmp(left->id, right->id);
}

static bool fill(
    struct known *known, const struct gateway_api *api, struct bytes id)
{
	if (id.len == 0 || id.len > ID_MAX_BYTES) {
		return false;
	}
	*known = (struct known){ .api = api };
	memcpy(known->id, id.at, id.len);
	return true;
}

/* Only what is ours: else whoever writes to Redis could make us pass over a
 * text. */
static enum tl_err learn(const struct gateway_tip *tip, void *arg)
{
	struct reconcile *reconcile = arg;

	if (reconcile->n == reconcile->cap) {
		size_t cap = reconcile->cap == 0 ? 256 : 2 * reconcile->cap;
		struct known *more = reallocarray(
		    reconcile->known, cap, sizeof(*reconcile->known));

		if (more == NULL) {
			return TL_ENOMEM;
		}
		reconcile->known = more;
		reconcile->cap = cap;
	}
	if (tip->signed_by_us &&
	    fill(&reconcile->known[reconcile->n], tip->api, tip->external_id)) {
		reconcile->n++;
	}
	return TL_OK;
}

static bool is_known(const struct reconcile *reconcile,
    const struct gateway_api *api, struct bytes id)
{
	struct known wanted;

	return fill(&wanted, api, id) && reconcile->n > 0 &&
	    bsearch(&wanted, reconcile->known, reconcile->n, sizeof(wanted),
		in_order) != NULL;
}

/* ---- what it has not ---------------------------------------------------- */

static enum tl_err put(
    struct reconcile *reconcile, const uint8_t *id, struct bytes sealed)
{
	const struct reader_opts opts = cli_queue_opts(reconcile->desk.config);
	const char *why = "it failed in between";
	bool confirmed = false;
	enum tl_err err = TL_OK;

	if (reconcile->outbox == NULL) {
		err = outbox_open(&opts, &reconcile->outbox, &why);
	}
	if (err == TL_OK) {
		err = outbox_tip(reconcile->outbox, id, sealed, &confirmed);
	}
	if (err != TL_OK) {
		say_error("the queue cannot be written to: %s", why);
	}
	reconcile->unconfirmed |= !confirmed;
	return err;
}

static enum tl_err keep(struct reconcile *reconcile,
    const struct gateway_api *api, const struct sms_message *message)
{
	struct report_media media[SMS_MEDIA_MAX];
	struct seal_content content = { .size_class = 0 };
	struct report report;
	struct buf document, sealed;
	enum tl_err err;

	sms_as_report(
	    api->gateway.name, message, reconcile->now_s, media, &report);
	err = triage_judge(reconcile->triage, &report);
	buf_init(&document, report_room(&report));
	buf_init(&sealed, 0);
	random_bytes(report.id, sizeof(report.id));
	if (err == TL_OK) {
		err = report_write(&report, &document);
	}
	if (err == TL_OK) {
		content.report = bytes_of(document.data, document.len);
		sealed.max = seal_bytes_max(&content);
		err = sealer_seal(
		    reconcile->sealer, report.id, &content, &sealed);
	}
	if (err == TL_OK) {
		err = put(
		    reconcile, report.id, bytes_of(sealed.data, sealed.len));
	}
	buf_free(&document);
	buf_free(&sealed);
	return err;
}

static enum tl_err take_page(struct reconcile *reconcile,
    const struct gateway_api *api, const struct sms_batch *batch)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < sms_batch_count(batch); i++) {
		const struct sms_message *message = sms_batch_at(batch, i);

		reconcile->listed++;
		if (is_known(reconcile, api, message->external_id)) {
			continue;
		}
		reconcile->missing++;
		if (!reconcile->only_show && reconcile->missing <= PUT_MOST) {
			err = keep(reconcile, api, message);
		}
	}
	return err;
}

/* One request and its page. Errors of the provider are said. */
static enum tl_err read_page(struct reconcile *reconcile,
    const struct gateway_api *api, unsigned page, struct buf *next)
{
	int64_t from_s = reconcile->now_s - reconcile->hours * 3600;
	struct sms_batch *batch = NULL;
	struct provider_call call;
	struct buf answer;
	int status = 0;
	enum tl_err err = provider_log_call(
	    &api->account, from_s, bytes_of(next->data, next->len), &call);

	if (err != TL_OK) {
		return err;
	}
	buf_init(&answer, PROVIDER_PAGE_MAX_BYTES);
	err = gateway_api_ask(
	    &reconcile->desk.apis, api, &call, &status, &answer);
	if (err == TL_OK) {
		err = status == 200
		    ? provider_log_page(&api->account,
			  bytes_of(answer.data, answer.len), page, from_s,
			  reconcile->now_s - SETTLE_S, next, &batch)
		    : TL_EFORMAT;
		if (err != TL_OK) {
			say_error("gateway %s: its provider's log cannot be"
				  " read (status %d)",
			    api->gateway.name, status);
		}
	}
	if (err != TL_OK) {
		/* one provider's trouble is not another's */
		reconcile->unread = true;
		buf_reset(next);
		err = TL_OK;
	} else {
		err = take_page(reconcile, api, batch);
	}
	sms_batch_free(batch);
	buf_free(&answer);
	provider_call_free(&call);
	return err;
}

static enum tl_err read_log(
    struct reconcile *reconcile, const struct gateway_api *api)
{
	struct buf next;
	unsigned page = 0;
	enum tl_err err;

	buf_init(&next, PROVIDER_URL_MAX_BYTES);
	do {
		err = read_page(reconcile, api, page++, &next);
	} while (err == TL_OK && next.len > 0 && page < PAGES_MAX);
	buf_free(&next);
	return err;
}

/* ---- the command -------------------------------------------------------- */

/* What this desk has signed would be quarantined by itself, and what it found
 * before counts as missing. */
static enum tl_err check_own_key(
    const struct desk_keys *keys, const uint8_t *sign)
{
	const uint8_t *own = sign + KEY_SIGN_BYTES - KEY_BYTES;

	for (size_t i = 0; i < keys->n_intakes; i++) {
		if (memcmp(keys->intakes[i], own, KEY_BYTES) == 0) {
			return TL_OK;
		}
	}
	say_error("desk.intake_keys does not name the public half of"
		  " desk.signing_key: no desk would take what is found");
	return TL_EINVAL;
}

static enum tl_err make_sealer(struct reconcile *reconcile)
{
	uint8_t public_key[1][TEAMKEY_BYTES];
	uint8_t *sign = secret_alloc(KEY_SIGN_BYTES);
	enum tl_err err = sign == NULL
	    ? TL_ENOMEM
	    : gateway_desk_signing_key(&reconcile->desk, sign);

	if (err == TL_OK) {
		err = check_own_key(&reconcile->desk.keys, sign);
	}
	if (err == TL_OK) {
		err = gateway_desk_seal_to(
		    &reconcile->desk, reconcile->now_s, public_key[0]);
	}
	if (err == TL_OK) {
		err = sealer_new(public_key, 1, sign, &reconcile->sealer);
	}
	secret_free(sign);
	return err;
}

/* Counting needs no key, but says what would keep the rest from working. */
static void look_at_own_key(struct reconcile *reconcile)
{
	uint8_t *sign = secret_alloc(KEY_SIGN_BYTES);

	reconcile->unsure = sign == NULL ||
	    gateway_desk_signing_key(&reconcile->desk, sign) != TL_OK ||
	    check_own_key(&reconcile->desk.keys, sign) != TL_OK;
	secret_free(sign);
}

static enum tl_err prepare(struct reconcile *reconcile)
{
	const struct triage_files built_in = { 0 };
	struct triage_fault fault;
	enum tl_err err = TL_OK;

	if (reconcile->only_show) {
		look_at_own_key(reconcile);
	} else {
		err = make_sealer(reconcile);
		if (err == TL_OK) {
			err = triage_new(&built_in, &reconcile->triage, &fault);
		}
	}
	if (err == TL_OK) {
		err = gateway_desk_each(
		    &reconcile->desk, false, learn, reconcile);
	}
	if (err == TL_OK && reconcile->n > 0) {
		qsort(reconcile->known, reconcile->n, sizeof(*reconcile->known),
		    in_order);
	}
	return err;
}

static const char *put_text(const struct reconcile *reconcile)
{
	if (reconcile->only_show || reconcile->missing == 0) {
		return "";
	}
	return reconcile->missing <= PUT_MOST
	    ? ", now in the queue"
	    : ", the first 200 now in the queue: run this again when a desk has"
	      " read those";
}

static enum tl_err run(struct reconcile *reconcile)
{
	enum tl_err err = prepare(reconcile);
	size_t asked = 0;

	for (size_t i = 0; err == TL_OK && i < reconcile->desk.apis.n; i++) {
		const struct gateway_api *api = &reconcile->desk.apis.items[i];

		if (gateway_api_ready(api) &&
		    provider_has_log(api->account.provider)) {
			asked++;
			err = read_log(reconcile, api);
		}
	}
	if (err != TL_OK) {
		say_error("this ended early: %s. Nothing is lost; run it again",
		    err_text(err));
		return err;
	}
	if (asked == 0) {
		say_error("no log was read: no gateway here has an "
			  "api_secret_file and a provider with a log");
	}
	(void)printf("%zu providers asked, %zu texts in their logs, %zu of"
		     " them missing here%s\n",
	    asked, reconcile->listed, reconcile->missing, put_text(reconcile));
	if (reconcile->unconfirmed) {
		say_error("not all replicas of Redis have it: run this again"
			  " in ten minutes");
	}
	return TL_OK;
}

int gateway_reconcile(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "hours", required_argument, NULL, 'n' },
		{ "show", no_argument, NULL, 's' },
		CLI_OPTIONS_END,
	};
	struct reconcile reconcile = {
		.now_s = clock_wall_s(),
		.hours = HOURS,
	};
	int status = cli_options(
	    argc, argv, options, 0, 0, help, take_option, &reconcile);
	enum tl_err err;

	if (status != CLI_GO_ON) {
		return status;
	}
	err = gateway_desk_open(config_path, &reconcile.desk);
	if (err == TL_OK) {
		err = run(&reconcile);
	}
	status = err == TL_OK && !reconcile.unread && !reconcile.unsure &&
		reconcile.missing == 0
	    ? CLI_OK
	    : CLI_WRONG;
	outbox_close(reconcile.outbox);
	sealer_free(reconcile.sealer);
	triage_free(reconcile.triage);
	free(reconcile.known);
	gateway_desk_close(&reconcile.desk);
	return cli_end_output(status);
}
