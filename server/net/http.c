/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/http.h"

#include <string.h>

#include "base/wipe.h"
#include "server/net/http_field.h"

/* The fields that carry a gateway's proof. Two of them with different values
 * would let two readers see two requests. */
static const char *const proof_fields[] = {
	"x-twilio-signature",
	"webhook-id",
	"webhook-timestamp",
	"webhook-signature",
	"x-plivo-signature-v2",
	"x-plivo-signature-v2-nonce",
	"x-plivo-signature-ma-v2",
	"x-plivo-signature-v3",
	"x-plivo-signature-v3-nonce",
	"x-plivo-signature-ma-v3",
	"telnyx-signature-ed25519",
	"telnyx-timestamp",
	"messagebird-signature",
	"messagebird-signature-jwt",
	"messagebird-request-timestamp",
	"x-sinch-webhook-signature",
	"x-sinch-webhook-signature-algorithm",
	"x-sinch-webhook-signature-nonce",
	"x-sinch-webhook-signature-timestamp",
	"x-signature",
	"x-telegram-bot-api-secret-token",
	"x-timestamp",
	NULL,
};

static const char *const no_fields[] = { NULL };

const struct http_limits http_limits_default = {
	.reporter = {
		.head_get_max_bytes = 8u * 1024,
		.head_post_max_bytes = 8u * 1024,
		.target_max_bytes = 256,
		.body_max_bytes = 12u * 1024 * 1024,
		.once = no_fields,
	},
	.gateway = {
		/* a text of 1,600 letters in the query, nine bytes each */
		.head_get_max_bytes = 32u * 1024,
		.head_post_max_bytes = 16u * 1024,
		.target_max_bytes = 32u * 1024,
		.body_max_bytes = 16u * 1024 * 1024,
		.once = proof_fields,
	},
};

/* Two of these would let two readers see two officers, or two ranges. */
static const char *const officer_fields[] = {
	"cookie",
	"if-range",
	"origin",
	"range",
	"sec-fetch-site",
	"x-desk-token",
	NULL,
};

const struct http_limits http_limits_officer = {
	.only = HTTP_CLASS_OFFICER,
	.officer = {
		.head_get_max_bytes = 8u * 1024,
		.head_post_max_bytes = 8u * 1024,
		/* a search of 200 letters, nine bytes each, and 25 ids */
		.target_max_bytes = 4096,
		.body_max_bytes = 256u * 1024,
		.once = officer_fields,
	},
};

void http_init(struct http_parser *p, const struct http_limits *limits)
{
	*p = (struct http_parser){ .at = HTTP_MORE };
	http_head_init(&p->head, limits);
}

void http_reset(struct http_parser *p)
{
	const struct http_limits *limits = p->head.limits;

	http_free(p);
	http_init(p, limits);
}

void http_free(struct http_parser *p)
{
	http_head_free(&p->head);
	wipe(p, sizeof(*p));
}

void http_refuse(struct http_parser *p, int status)
{
	p->status = status;
	p->expects = false;
	p->continue_due = false;
}

struct bytes http_bare_path(const struct http_parser *p)
{
	const struct http_head *head = &p->head;
	bool is_page = head->class == HTTP_CLASS_REPORTER &&
	    (head->method == HTTP_GET || head->method == HTTP_HEAD);

	return head->bad_query && is_page
	    ? bytes_of(head->kept.data, head->path_len)
	    : bytes_of(NULL, 0);
}

static enum http_event refused(struct http_parser *p, int status)
{
	http_refuse(p, status);
	return HTTP_REFUSED;
}

static enum http_event feed_head(
    struct http_parser *p, const uint8_t *bytes, size_t len, size_t *ret_used)
{
	switch (http_head_feed(&p->head, bytes, len, ret_used)) {
	case HTTP_HEAD_DONE:
		p->at = HTTP_GOT_HEAD;
		p->expects = p->head.continues;
		p->body_max_bytes = p->head.rules->body_max_bytes;
		return HTTP_GOT_HEAD;
	case HTTP_HEAD_REFUSED:
		return refused(p, p->head.status);
	case HTTP_HEAD_MORE:
		break;
	}
	return HTTP_MORE;
}

static enum http_event feed_chunks(struct http_parser *p, const uint8_t *bytes,
    size_t len, size_t *ret_used, struct bytes *ret_piece)
{
	switch (http_chunk_feed(
	    &p->chunk, p->body_max_bytes, bytes, len, ret_used, ret_piece)) {
	case HTTP_CHUNK_DATA:
		return HTTP_GOT_BODY;
	case HTTP_CHUNK_END:
		return HTTP_DONE;
	case HTTP_CHUNK_BAD:
		return refused(p, 400);
	case HTTP_CHUNK_BIG:
		return refused(p, 413);
	case HTTP_CHUNK_MORE:
		break;
	}
	return HTTP_MORE;
}

static enum http_event feed_length(struct http_parser *p, const uint8_t *bytes,
    size_t len, size_t *ret_used, struct bytes *ret_piece)
{
	uint64_t left = p->head.length - p->body_bytes;

	if (p->head.length > p->body_max_bytes) {
		return refused(p, 413);
	}
	if (left == 0) {
		return HTTP_DONE;
	}
	if (len == 0) {
		return HTTP_MORE;
	}
	*ret_used = len < left ? len : (size_t)left;
	*ret_piece = bytes_of(bytes, *ret_used);
	p->body_bytes += *ret_used;
	return HTTP_GOT_BODY;
}

static enum http_event feed_body(struct http_parser *p, const uint8_t *bytes,
    size_t len, size_t *ret_used, struct bytes *ret_piece)
{
	enum http_event event = http_chunked(p)
	    ? feed_chunks(p, bytes, len, ret_used, ret_piece)
	    : feed_length(p, bytes, len, ret_used, ret_piece);

	if (event == HTTP_DONE) {
		p->at = HTTP_DONE;
	}
	if (event != HTTP_MORE || *ret_used > 0) {
		p->expects = false;
	}
	p->continue_due = p->expects;
	return event;
}

enum http_event http_feed(struct http_parser *p, const void *bytes, size_t len,
    size_t *ret_used, struct bytes *ret_piece)
{
	*ret_used = 0;
	*ret_piece = bytes_of(NULL, 0);
	if (p->status != 0) {
		return HTTP_REFUSED;
	}
	if (p->at == HTTP_DONE) {
		return HTTP_DONE;
	}
	return p->at == HTTP_MORE
	    ? feed_head(p, bytes, len, ret_used)
	    : feed_body(p, bytes, len, ret_used, ret_piece);
}

void http_set_body_max(struct http_parser *p, uint64_t max_bytes)
{
	p->body_max_bytes = max_bytes;
}

bool http_take_continue(struct http_parser *p)
{
	bool due = p->continue_due;

	if (due) {
		p->continue_due = false;
		p->expects = false;
	}
	return due;
}

bool http_may_keep(const struct http_parser *p)
{
	return p->status == 0 && p->at != HTTP_MORE && !http_is_10(p) &&
	    !p->head.closes && !http_chunked(p);
}

int http_status(const struct http_parser *p)
{
	return p->status;
}

enum http_class http_class(const struct http_parser *p)
{
	return p->head.class;
}

bool http_idle(const struct http_parser *p)
{
	return p->head.bytes == 0;
}

bool http_in_head(const struct http_parser *p)
{
	return p->at == HTTP_MORE;
}

enum http_method http_method(const struct http_parser *p)
{
	return p->head.method;
}

struct bytes http_path(const struct http_parser *p)
{
	return p->head.path_len == 0
	    ? bytes_of(NULL, 0)
	    : bytes_of(p->head.kept.data, p->head.path_len);
}

struct bytes http_path_so_far(const struct http_parser *p)
{
	return p->head.path_len > 0 || p->head.target_len == 0
	    ? http_path(p)
	    : bytes_of(p->head.kept.data, p->head.target_len);
}

static struct bytes slot_value(
    const struct http_parser *p, const struct http_slot *slot)
{
	return bytes_of(p->head.kept.data + slot->value_at, slot->value_len);
}

struct bytes http_query(const struct http_parser *p)
{
	return p->head.query.value_at == 0 ? bytes_of(NULL, 0)
					   : slot_value(p, &p->head.query);
}

struct bytes http_host(const struct http_parser *p)
{
	return p->head.host.value_at == 0 ? bytes_of(NULL, 0)
					  : slot_value(p, &p->head.host);
}

bool http_is_10(const struct http_parser *p)
{
	return p->head.version == 10;
}

bool http_chunked(const struct http_parser *p)
{
	return http_head_has(&p->head, HTTP_FIELD_CODING);
}

uint64_t http_content_length(const struct http_parser *p)
{
	return p->head.length;
}

size_t http_fields(const struct http_parser *p,
    struct http_field ret_fields[static HTTP_FIELDS_MAX])
{
	const char *kept = (const char *)p->head.kept.data;
	size_t n = 0;

	for (size_t i = 0; i < p->head.n_slots; i++) {
		const struct http_slot *slot = &p->head.slots[i];

		if (!slot->absent) {
			ret_fields[n++] = (struct http_field){
				.name = kept + slot->name_at,
				.value = slot_value(p, slot),
			};
		}
	}
	return n;
}

struct bytes http_field(const struct http_parser *p, const char *name)
{
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n = http_fields(p, fields);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(fields[i].name, name) == 0) {
			return fields[i].value;
		}
	}
	return bytes_of(NULL, 0);
}
