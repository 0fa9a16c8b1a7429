/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A test text through the partners' API, signed as a partner signs. */
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "cli/canary.h"
#include "crypto/random.h"
#include "sms/standard_webhooks.h"

#define URL_BYTES    1200u
#define BODY_BYTES   512u
#define HEADER_BYTES 256u
#define ANSWER_BYTES 65536u

struct signed_post {
	struct buf url, body, id, time, signature;
};

static void put_header(struct buf *out, const char *name)
{
	buf_init(out, HEADER_BYTES);
	buf_put_str(out, name);
	buf_put_str(out, ": ");
}

static struct bytes value_of(const struct buf *header)
{
	const uint8_t *space = memchr(header->data, ' ', header->len);
	size_t skip = (size_t)(space - header->data) + 1;

	return bytes_of(header->data + skip, header->len - skip);
}

static enum tl_err make_post(struct signed_post *post, const char *origin,
    const char *secret, const char *text)
{
	struct buf *const all[] = { &post->url, &post->body, &post->id,
		&post->time, &post->signature };
	uint8_t id[16];
	enum tl_err err = TL_OK;

	random_bytes(id, sizeof(id));
	buf_init(&post->url, URL_BYTES);
	buf_put_str(&post->url, origin);
	buf_put_str(&post->url, "/api/v1/reports");
	buf_init(&post->body, BODY_BYTES);
	buf_put_str(&post->body, "{\"message_id\":\"");
	enc_hex(&post->body, id, sizeof(id));
	buf_put_str(&post->body, "\",\"text\":\"");
	buf_put_str(&post->body, text);
	buf_put_str(&post->body, "\"}");
	put_header(&post->id, "webhook-id");
	enc_hex(&post->id, id, sizeof(id));
	put_header(&post->time, "webhook-timestamp");
	buf_put_dec(&post->time, (uint64_t)clock_wall_s());
	put_header(&post->signature, "webhook-signature");
	for (size_t i = 0; err == TL_OK && i < 5; i++) {
		err = buf_err(all[i]);
	}
	if (err == TL_OK) {
		err = standard_sign(bytes_str(secret), value_of(&post->id),
		    value_of(&post->time),
		    bytes_of(post->body.data, post->body.len),
		    &post->signature);
	}
	for (size_t i = 0; err == TL_OK && i < 5; i++) {
		buf_put_u8(all[i], 0);
		err = buf_err(all[i]);
	}
	return err;
}

static void free_post(struct signed_post *post)
{
	buf_free(&post->url);
	buf_free(&post->body);
	buf_free(&post->id);
	buf_free(&post->time);
	buf_free(&post->signature);
}

bool canary_by_partner(struct fetch *fetch, const struct canary_door *door,
    const char *secret, const char *text)
{
	struct signed_post post = { 0 };
	const char *why = "";
	struct buf answer;
	int status = 0;
	enum tl_err err = make_post(&post, door->origin, secret, text);

	buf_init(&answer, ANSWER_BYTES);
	if (err == TL_OK) {
		const struct fetch_call call = {
			.method = "POST",
			.url = (const char *)post.url.data,
			.type = "application/json",
			.body = bytes_of(post.body.data, post.body.len - 1),
			.headers = { (const char *)post.id.data,
			    (const char *)post.time.data,
			    (const char *)post.signature.data },
			.authorities = door->authorities,
		};

		err = fetch_do(fetch, &call, &status, &answer, &why);
	}
	if (err == TL_EFORMAT) {
		say_error("%s: %s", door->name,
		    standard_secret_fault(bytes_str(secret)));
	} else if (err != TL_OK) {
		say_error("%s: no answer: %s", door->name,
		    err == TL_EIO ? why : err_text(err));
	} else if (status != 200) {
		say_error("%s: the test text was not taken: status %d",
		    door->name, status);
	}
	buf_free(&answer);
	free_post(&post);
	return err == TL_OK && status == 200;
}
