/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What came in, as Twilio's list of messages has it, and Somleng's.
 */
#include "sms/adapter.h"
#include "sms/json.h"
#include "sms/provider_row.h"
#include "sms/twilio_url.h"
#include "sms/when.h"

#define PAGES_MAX 10000u

enum tl_err provider_log_call(const struct provider_account *account,
    int64_t from_s, struct bytes next, struct provider_call *ret_call)
{
	struct provider_call call = { .method = PROVIDER_GET };
	struct bytes base = provider_base(account);
	enum tl_err err;

	if (!account->provider->has_log) {
		return TL_EINVAL;
	}
	buf_init(&call.url, PROVIDER_URL_MAX_BYTES);
	buf_init(&call.body, 0);
	if (next.len > 0) {
		buf_put(&call.url, base.at, base.len);
		buf_put(&call.url, next.at, next.len);
	} else {
		twilio_url_put(account, &call.url);
		twilio_url_query(account, from_s, &call.url);
	}
	buf_put_u8(&call.url, 0);
	err = buf_err(&call.url);
	if (err != TL_OK) {
		provider_call_free(&call);
		return err;
	}
	*ret_call = call;
	return TL_OK;
}

/* Media hang below a message: the list that a person can fetch. */
static void add_media(const struct provider_account *account,
    struct sms_batch *batch, struct sms_message *message)
{
	struct buf url;

	buf_init(&url, PROVIDER_URL_MAX_BYTES);
	twilio_url_put(account, &url);
	buf_put_u8(&url, '/');
	buf_put(&url, message->external_id.at, message->external_id.len);
	buf_put_str(&url, "/Media.json");
	if (buf_err(&url) == TL_OK) {
		message->media[message->n_media++] = (struct sms_media){
			sms_batch_keep(batch, bytes_str("application/json")),
			sms_batch_keep(batch, bytes_of(url.data, url.len)),
		};
	}
	buf_free(&url);
}

/* When the provider had it; 0 if that cannot be read. */
static int64_t created_s(const json_t *entry)
{
	struct bytes text;
	int64_t time_s = 0;

	if (!sms_json_text(entry, "date_created", &text) ||
	    (when_rfc2822(text, &time_s) != TL_OK &&
		when_any(text, &time_s) != TL_OK)) {
		return 0;
	}
	return time_s;
}

/* Written by a person to our number within the time, with an id? */
static bool is_wanted(const struct provider_account *account,
    const json_t *entry, int64_t from_s, int64_t to_s)
{
	int64_t time_s = created_s(entry);
	const char *number = account->number;
	struct bytes id, to;

	if (!json_is_object(entry) ||
	    !sms_json_at_is(entry, "direction", "inbound") ||
	    !sms_json_text(entry, "sid", &id) ||
	    !account->provider->is_message(id) ||
	    !sms_json_text(entry, "to", &to)) {
		return false;
	}
	if (number != NULL && number[0] != '\0' &&
	    !bytes_equal(to, bytes_str(number))) {
		return false;
	}
	/* whose time cannot be read is taken rather than lost */
	return time_s == 0 || (time_s >= from_s && time_s <= to_s);
}

static void add_entry(const struct provider_account *account,
    const json_t *entry, struct sms_batch *batch)
{
	static const struct sms_json_names names = {
		.id = "sid",
		.from = "from",
		.to = "to",
		.text = "body",
	};
	struct sms_message *message = sms_batch_add(batch);

	if (message == NULL) {
		return;
	}
	if (!sms_json_message(entry, &names, batch, message)) {
		message->kind = SMS_UNDECODABLE;
	}
	message->sent_s = created_s(entry);
	message->units = sms_json_count(json_object_get(entry, "num_segments"));
	message->trust = "log";
	message->flags |= SMS_FLAG_RECOVERED;
	if (sms_json_count(json_object_get(entry, "num_media")) > 0) {
		add_media(account, batch, message);
	}
}

/* Where the list, newest first, goes on, if it does and is new enough. */
static void put_next(const struct provider_account *account, const json_t *page,
    unsigned number, int64_t from_s, struct buf *next)
{
	const json_t *list = json_object_get(page, "messages");
	size_t n = json_array_size(list);
	int64_t last_s = n > 0 ? created_s(json_array_get(list, n - 1)) : 0;
	struct bytes path = bytes_of(NULL, 0);

	if (last_s != 0 && last_s < from_s) {
		return;
	}
	if (json_object_get(page, "next_page_uri") != NULL) {
		if (sms_json_text(page, "next_page_uri", &path) &&
		    twilio_url_is_page(account, path)) {
			buf_put(next, path.at, path.len);
		}
	} else if (n > 0) {
		twilio_url_front(account, next);
		buf_put_str(next, TWILIO_URL_LIST "&Page=");
		buf_put_dec(next, number + 1);
	}
}

enum tl_err provider_log_page(const struct provider_account *account,
    struct bytes body, unsigned page, int64_t from_s, int64_t to_s,
    struct buf *next, struct sms_batch **ret_batch)
{
	struct sms_batch *batch = sms_batch_new();
	json_t *json = NULL;
	const json_t *list;
	enum tl_err err =
	    batch == NULL ? TL_ENOMEM : sms_json_load(body, &json);

	if (err != TL_OK) {
		goto out;
	}
	buf_reset(next);
	list = json_object_get(json, "messages");
	err = json_is_array(list) && page < PAGES_MAX ? TL_OK : TL_EFORMAT;
	for (size_t i = 0; err == TL_OK && i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		if (is_wanted(account, entry, from_s, to_s)) {
			add_entry(account, entry, batch);
		}
		err = sms_batch_err(batch);
	}
	if (err == TL_OK) {
		put_next(account, json, page, from_s, next);
		err = buf_err(next);
	}
	if (err == TL_OK) {
		sms_settle(account->gateway, batch);
		err = sms_batch_err(batch);
	}
out:
	json_decref(json);
	if (err != TL_OK) {
		sms_batch_free(batch);
		return err;
	}
	*ret_batch = batch;
	return TL_OK;
}
