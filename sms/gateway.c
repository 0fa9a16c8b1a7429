/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/gateway.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/digest.h"
#include "sms/adapter.h"
#include "sms/custom.h"
#include "sms/hide.h"
#include "sms/open_proof.h"
#include "sms/sender.h"
#include "sms/units.h"
#include "text/readable.h"
#include "text/utf8.h"

const struct sms_adapter *const sms_adapters[] = {
	&sms_twilio,
	&sms_somleng,
	&sms_kannel,
	&sms_generic,
	&sms_telnyx,
	&sms_vonage_sms,
	&sms_plivo,
	&sms_infobip,
	&sms_sinch,
	&sms_messagebird,
	&sms_bird,
	&sms_vonage_messages,
	&sms_android,
	&sms_jasmin,
	&sms_africastalking,
	&sms_clickatell,
	&sms_bandwidth,
	&sms_8x8,
	&sms_macrokiosk,
	&sms_nuntium,
	&sms_httpsms,
	&sms_telegram,
	&sms_custom,
};
const size_t sms_adapters_count =
    sizeof(sms_adapters) / sizeof(sms_adapters[0]);

const struct sms_adapter *sms_adapter_find(const char *type)
{
	for (size_t i = 0; i < sms_adapters_count; i++) {
		if (strcmp(sms_adapters[i]->name, type) == 0) {
			return sms_adapters[i];
		}
	}
	return NULL;
}

/* NULL: nothing is signed, see sms/open_proof.h. */
static const char *signed_trust(const struct sms_gateway *gateway)
{
	return gateway->custom != NULL ? custom_trust(gateway->custom)
				       : gateway->adapter->trust;
}

const char *sms_trust(const struct sms_gateway *gateway)
{
	const char *trust = signed_trust(gateway);

	if (trust != NULL) {
		return trust;
	}
	for (size_t i = 0; i < gateway->n_secrets; i++) {
		if (open_secret_of(gateway->secrets[i]).credentials.len == 0) {
			return "secret-path";
		}
	}
	return "basic";
}

bool sms_wants_segment(const struct sms_gateway *gateway)
{
	return signed_trust(gateway) == NULL && gateway->n_secrets > 0 &&
	    open_secret_of(gateway->secrets[0]).segment.len > 0;
}

bool sms_path_fits(const struct sms_gateway *gateway, struct bytes base,
    struct bytes path, struct bytes *ret_segment)
{
	*ret_segment = bytes_of(NULL, 0);
	if (!sms_wants_segment(gateway)) {
		return bytes_equal(path, base) ||
		    (sms_is_partner(gateway) &&
			bytes_equal(path, bytes_str(SMS_PARTNERS_PATH)));
	}
	if (path.len <= base.len || path.at[base.len] != '/' ||
	    !bytes_equal(bytes_of(path.at, base.len), base)) {
		return false;
	}
	*ret_segment =
	    bytes_of(path.at + base.len + 1, path.len - base.len - 1);
	return true;
}

size_t sms_sig_method(const struct sms_gateway *gateway)
{
	const char *const *words = gateway->adapter->sig_methods;
	const char *word = gateway->sig_method;

	for (size_t i = 0; word != NULL && words != NULL && words[i] != NULL;
	     i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return 0;
}

size_t sms_body_max_bytes(const struct sms_gateway *gateway)
{
	return gateway->adapter->body_max_bytes;
}

bool sms_is_partner(const struct sms_gateway *gateway)
{
	return gateway->adapter == &sms_generic;
}

bool sms_allows_get(const struct sms_gateway *gateway)
{
	return (gateway->adapter->methods & SMS_GET) != 0 &&
	    (gateway->custom == NULL || !custom_signs_body(gateway->custom));
}

const struct sms_answer *sms_answer(
    const struct sms_gateway *gateway, enum sms_outcome outcome)
{
	/* a contract tells one failure, and what makes them ask again */
	if (gateway->custom != NULL) {
		return outcome == SMS_STORED ? &gateway->custom->kept
					     : &gateway->custom->not_kept;
	}
	switch (outcome) {
	case SMS_STORED:
		return &gateway->adapter->kept;
	case SMS_PROOF_FAILED:
		if (gateway->adapter->no_basic.status != 0 &&
		    strcmp(sms_trust(gateway), "basic") == 0) {
			return &gateway->adapter->no_basic;
		}
		return &gateway->adapter->no_proof;
	case SMS_NOT_STORED:
		break;
	}
	return &gateway->adapter->not_kept;
}

const struct bytes *sms_header_find(
    const struct sms_request *request, const char *name)
{
	const struct bytes *found = NULL;

	for (size_t i = 0; i < request->n_headers; i++) {
		if (strcmp(request->headers[i].name, name) != 0) {
			continue;
		}
		if (found != NULL) {
			return NULL;
		}
		found = &request->headers[i].value;
	}
	return found;
}

static const char *url_fault(const char *url)
{
	bool tls = strncmp(url, "https://", 8) == 0;
	bool plain = strncmp(url, "http://", 7) == 0;
	const char *host = url + (tls ? 8 : 7);

	if ((!tls && !plain) || *host == '\0' || *host == '/') {
		return "url must be the whole public address:"
		       " https://host/path";
	}
	for (const char *c = url; *c != '\0' && *c != '?' && *c != '#'; c++) {
		if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\'') {
			return "url must be plain ASCII without spaces and"
			       " quotes, percent-encoded as the gateway has it";
		}
	}
	return NULL;
}

/* One route has one form: during a change both secrets have it. */
static const char *forms_fault(const struct sms_gateway *gateway)
{
	for (size_t i = 1; i < gateway->n_secrets; i++) {
		if (signed_trust(gateway) == NULL &&
		    (open_secret_of(gateway->secrets[0]).segment.len > 0) !=
			(open_secret_of(gateway->secrets[i]).segment.len > 0)) {
			return "both secrets must have a segment of the path,"
			       " or neither";
		}
	}
	return NULL;
}

static const char *sig_method_fault(const struct sms_gateway *gateway)
{
	const char *const *words = gateway->adapter->sig_methods;
	const char *word = gateway->sig_method;

	if (word == NULL || word[0] == '\0' || strcmp(word, "default") == 0) {
		return NULL;
	}
	if (words == NULL) {
		return "sig_method must be left out: this type of gateway has"
		       " one scheme only";
	}
	return strcmp(words[sms_sig_method(gateway)], word) == 0
	    ? NULL
	    : "sig_method is not one of this type of gateway: md5hash, md5,"
	      " sha1, sha256 and sha512 are for vonage-sms, hs256, hs384 and"
	      " hs512 for messagebird, v3 and v2 for plivo, late and fresh for"
	      " sinch and vonage-messages";
}

const char *sms_gateway_fault_so_far(const struct sms_gateway *gateway)
{
	const char *fallback = gateway->fallback_url;
	const char *fault = url_fault(gateway->url);

	if (fault == NULL && fallback != NULL && fallback[0] != '\0') {
		fault = url_fault(fallback);
	}
	for (size_t i = 0; fault == NULL && i < gateway->n_secrets; i++) {
		fault = gateway->adapter->secret_fault(gateway->secrets[i]);
		if (fault == NULL && gateway->custom != NULL &&
		    signed_trust(gateway) == NULL) {
			fault = open_secret_fault(gateway->secrets[i]);
		}
	}
	if (fault == NULL) {
		fault = forms_fault(gateway);
	}
	if (fault == NULL) {
		fault = sig_method_fault(gateway);
	}
	for (size_t i = 0; fault == NULL && i < 2; i++) {
		if (gateway->region[i] < 'A' || gateway->region[i] > 'Z') {
			fault = "region must be two capital letters, the"
				" country of the receiving number: KH";
		}
	}
	return fault;
}

const char *sms_gateway_fault(const struct sms_gateway *gateway)
{
	const char *fault = sms_gateway_fault_so_far(gateway);

	return fault == NULL && gateway->n_secrets == 0
	    ? "there is no secret: without one anybody could send"
	    : fault;
}

/* ---- taking a request ------------------------------------------------------
 */

/* Of what is kept whole, in one message; in base64 an envelope has room. */
#define WHOLE_PIECE_BYTES (256u * 1024u)
/* A longer id is none, nor is a longer sender. */
#define WHOLE_NAME_MAX_BYTES 1024u

/* Of head is who sent it, and the id. */
static void keep_piece(struct sms_batch *batch, const struct sms_message *head,
    struct bytes whole, size_t at)
{
	size_t total = (whole.len + WHOLE_PIECE_BYTES - 1) / WHOLE_PIECE_BYTES;
	size_t left = whole.len - at;
	struct sms_message *message = sms_batch_add(batch);
	uint8_t hash[DIGEST_SHA256_BYTES];

	if (message == NULL) {
		return;
	}
	*message = *head;
	message->kind = SMS_UNDECODABLE;
	message->data = sms_batch_keep(batch,
	    bytes_of(whole.at + at,
		left < WHOLE_PIECE_BYTES ? left : WHOLE_PIECE_BYTES));
	if (total > 1) {
		digest_sha256(hash, whole);
		message->has_concat = true;
		message->concat = (struct sms_concat){
			.ref = (uint16_t)(hash[0] << 8 | hash[1]),
			.total = (uint8_t)total,
			.seq = (uint8_t)(at / WHOLE_PIECE_BYTES + 1),
			.wide = true,
		};
	}
}

/* Whether all of the request is of one sender, as far as that was read. */
static bool is_of_one(const struct sms_batch *batch)
{
	size_t n = sms_batch_count(batch);
	struct bytes from = { NULL, 0 };

	if (n > 0) {
		from = sms_batch_at(batch, 0)->from_raw;
	}
	for (size_t i = 1; i < n; i++) {
		if (!bytes_equal(sms_batch_at(batch, i)->from_raw, from)) {
			return false;
		}
	}
	/* behind what was too much there are others */
	return from.len > 0 && from.len <= WHOLE_NAME_MAX_BYTES &&
	    sms_batch_err(batch) == TL_OK;
}

/* Keep all of a genuine request that cannot be read: a repeat would not be
 * readable either. */
static void keep_whole(
    const struct sms_request *request, struct sms_batch *batch)
{
	struct bytes whole = request->is_get ? request->query : request->body;
	struct sms_message head = { .channel = "sms", .lang = "" };
	size_t at = 0;

	if (is_of_one(batch)) {
		head.channel = sms_batch_at(batch, 0)->channel;
		head.from_raw = sms_batch_at(batch, 0)->from_raw;
	}
	if (sms_batch_count(batch) > 0 &&
	    sms_batch_at(batch, 0)->external_id.len <= WHOLE_NAME_MAX_BYTES) {
		head.external_id = sms_batch_at(batch, 0)->external_id;
	}
	sms_batch_clear(batch);
	do {
		keep_piece(batch, &head, whole, at);
		at += WHOLE_PIECE_BYTES;
	} while (at < whole.len);
}

static void read_sender(const struct sms_gateway *gateway,
    struct sms_batch *batch, struct sms_message *message)
{
	struct sender sender;

	sender_read(message->from_raw,
	    gateway->numbers == SMS_RAW ? gateway->adapter->numbers
					: gateway->numbers,
	    gateway->region, &sender);
	message->from_e164 = sms_batch_keep(batch, bytes_str(sender.e164));
	message->from = message->from_e164;
	if (message->from.len == 0) {
		message->from = sender.bare;
		if (message->from.len > PHONE_NUMBER_MAX_BYTES) {
			message->from.len = PHONE_NUMBER_MAX_BYTES;
		}
	}
	if (sender.whatsapp && strcmp(message->channel, "sms") == 0) {
		message->channel = "whatsapp";
	}
	if (sender.too_long) {
		message->flags |= SMS_FLAG_BAD_SENDER;
	}
	wipe(&sender, sizeof(sender));
}

/* A secret that stands in the request is not for who reads messages. */
static void hide_secrets(const struct sms_gateway *gateway, struct buf *words)
{
	for (size_t i = 0; i < gateway->n_secrets; i++) {
		hide_bytes(words, gateway->secrets[i]);
	}
}

/* What came as bytes may still be words: an empty text is what nobody looks at
 * first. The bytes stay in data. */
static void read_bytes(const struct sms_gateway *gateway,
    struct sms_batch *batch, struct sms_message *message)
{
	struct buf words;

	if (message->kind == SMS_TEXT || message->text.len > 0) {
		return;
	}
	buf_init(&words, message->data.len * 3);
	if (readable_put(message->data, &words)) {
		hide_secrets(gateway, &words);
		if (message->kind == SMS_UNDECODABLE) {
			/* it is the tip's sender, whom the desk shows for a
			 * reason, and stands around the words as well */
			hide_sender(
			    &words, message->from_raw, message->from_e164);
		}
		message->text =
		    sms_batch_keep(batch, bytes_of(words.data, words.len));
		message->flags |= SMS_FLAG_GUESSED;
	}
	sms_batch_fail(batch, buf_err(&words));
	buf_free(&words);
}

/* The text as valid UTF-8 of bounded length; what it loses stays in data. */
static void settle_text(struct sms_batch *batch, struct sms_message *message)
{
	struct buf repaired;

	if (!utf8_valid(message->text)) {
		buf_init(&repaired, message->text.len * 3);
		(void)utf8_repair(message->text, &repaired);
		sms_batch_fail(batch, buf_err(&repaired));
		if (message->data.len == 0) {
			message->data = message->text;
			message->encoding = "utf-8";
		}
		message->text = sms_batch_keep(
		    batch, bytes_of(repaired.data, repaired.len));
		message->flags |= SMS_FLAG_LOSSY;
		buf_free(&repaired);
	}
	if (message->text.len > SMS_TEXT_MAX_BYTES) {
		if (message->data.len == 0) {
			message->data = message->text;
			message->encoding = "utf-8";
		}
		message->text = utf8_cut(message->text, SMS_TEXT_MAX_BYTES);
		message->flags |= SMS_FLAG_TEXT_CUT;
	}
}

/* Whether long texts come without part numbers. */
static bool comes_joined(const struct sms_gateway *gateway)
{
	return gateway->custom != NULL
	    ? gateway->custom->fields[CUSTOM_UDH][0] == '\0'
	    : gateway->adapter->join == SMS_JOIN_GATEWAY;
}

/* Parts that a gateway has lost are seen by nothing but this: that what it
 * did hand on ends exactly where a part does, or at its own limit. */
static bool may_be_cut(
    const struct sms_gateway *gateway, const struct sms_message *message)
{
	size_t max = gateway->adapter->text_max_signs;
	struct sms_units units;

	if (message->kind != SMS_TEXT || message->has_concat ||
	    !sms_units(message->text, &units)) {
		return false;
	}
	return (max > 0 && units.signs == max) ||
	    (units.ends_full && comes_joined(gateway) &&
		strcmp(message->channel, "sms") == 0 && message->n_media == 0 &&
		message->n_files == 0);
}

void sms_settle(const struct sms_gateway *gateway, struct sms_batch *batch)
{
	for (size_t i = 0; i < sms_batch_count(batch); i++) {
		struct sms_message *message = sms_batch_edit(batch, i);

		read_sender(gateway, batch, message);
		read_bytes(gateway, batch, message);
		settle_text(batch, message);
		if (may_be_cut(gateway, message)) {
			message->flags |= SMS_FLAG_MAYBE_CUT;
		}
		if (message->trust == NULL) {
			message->trust = sms_trust(gateway);
		}
		if (message->external_id.len == 0) {
			message->flags |= SMS_FLAG_NO_ID;
		}
	}
}

static enum tl_err check_proof(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	enum tl_err err;

	if (request->is_get && !sms_allows_get(gateway)) {
		*ret_why = "this gateway sends POST only";
		return TL_EPROOF;
	}
	err = gateway->adapter->verify(gateway, request, ret_why);
	if (err == TL_EFORMAT) {
		*ret_why = "it cannot be read, so nothing proves it";
		err = TL_EPROOF;
	}
	return err;
}

enum tl_err sms_take_whole(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch)
{
	keep_whole(request, batch);
	sms_settle(gateway, batch);
	return sms_batch_err(batch);
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	const struct sms_adapter *adapter = gateway->adapter;
	enum tl_err err;

	if (adapter->read_json != NULL) {
		err = sms_json_parse(
		    request->body, adapter->read_json, batch, ret_why);
	} else if (adapter->read_form != NULL) {
		err = form_message(request, adapter->read_form, batch, ret_why);
	} else {
		err = adapter->parse(gateway, request, batch, ret_why);
	}
	if (err == TL_OK) {
		sms_settle(gateway, batch);
		err = sms_batch_err(batch);
	}
	if (err == TL_ETOOBIG) {
		*ret_why = "genuine, but too much in one request: kept as it"
			   " is";
	}
	if (err == TL_EFORMAT || err == TL_ETOOBIG) {
		err = sms_take_whole(gateway, request, batch);
	}
	return err;
}

enum tl_err sms_take(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch **ret_batch,
    enum sms_verdict *ret_verdict, const char **ret_why)
{
	const char *why = "the proof holds";
	struct sms_batch *batch = NULL;
	enum tl_err err = check_proof(gateway, request, &why);

	if (err == TL_OK) {
		batch = sms_batch_new();
		err = batch == NULL ? TL_ENOMEM
				    : parse(gateway, request, batch, &why);
	}
	if (err == TL_EPROOF || err == TL_ESTALE) {
		*ret_verdict = err == TL_ESTALE ? SMS_STALE : SMS_NO_PROOF;
	} else if (err != TL_OK) {
		sms_batch_free(batch);
		return err;
	} else {
		*ret_verdict =
		    sms_batch_count(batch) > 0 ? SMS_TIP : SMS_IGNORED;
	}
	if (*ret_verdict != SMS_TIP) {
		sms_batch_free(batch);
		batch = NULL;
	}
	*ret_batch = batch;
	*ret_why = why;
	return TL_OK;
}
