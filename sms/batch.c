/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

/* Blocks stay where they are, so what points into them stays valid. */
struct block {
	struct block *next;
	size_t len;
	uint8_t bytes[];
};

struct sms_batch {
	struct block *blocks;
	struct sms_message *messages;
	size_t n, cap;
	struct bytes nonce;
	enum tl_err err;
};

struct sms_batch *sms_batch_new(void)
{
	return calloc(1, sizeof(struct sms_batch));
}

void sms_batch_free(struct sms_batch *batch)
{
	if (batch == NULL) {
		return;
	}
	sms_batch_clear(batch);
	while (batch->blocks != NULL) {
		struct block *block = batch->blocks;

		batch->blocks = block->next;
		wipe(block->bytes, block->len);
		free(block);
	}
	free(batch->messages);
	free(batch);
}

void sms_batch_clear(struct sms_batch *batch)
{
	if (batch->messages != NULL) {
		wipe(batch->messages, batch->cap * sizeof(*batch->messages));
	}
	batch->n = 0;
	if (batch->err == TL_ETOOBIG) {
		batch->err = TL_OK;
	}
}

size_t sms_batch_count(const struct sms_batch *batch)
{
	return batch->n;
}

const struct sms_message *sms_batch_at(const struct sms_batch *batch, size_t i)
{
	return &batch->messages[i];
}

struct sms_message *sms_batch_edit(struct sms_batch *batch, size_t i)
{
	return &batch->messages[i];
}

static bool grow(struct sms_batch *batch)
{
	size_t cap = batch->cap == 0 ? 1 : 2 * batch->cap;
	struct sms_message *messages;

	if (batch->n >= SMS_BATCH_MAX) {
		batch->err = TL_ETOOBIG;
		return false;
	}
	messages = calloc(cap, sizeof(*messages));
	if (messages == NULL) {
		batch->err = TL_ENOMEM;
		return false;
	}
	if (batch->n > 0) {
		memcpy(messages, batch->messages, batch->n * sizeof(*messages));
	}
	free(batch->messages);
	batch->messages = messages;
	batch->cap = cap;
	return true;
}

struct sms_message *sms_batch_add(struct sms_batch *batch)
{
	struct sms_message *message;

	if (batch->err != TL_OK || (batch->n == batch->cap && !grow(batch))) {
		return NULL;
	}
	message = &batch->messages[batch->n++];
	*message = (struct sms_message){ .channel = "sms", .lang = "" };
	return message;
}

uint8_t *sms_batch_room(struct sms_batch *batch, size_t len)
{
	struct block *block;

	if (batch->err != TL_OK) {
		return NULL;
	}
	block = malloc(sizeof(*block) + len);
	if (block == NULL) {
		batch->err = TL_ENOMEM;
		return NULL;
	}
	block->next = batch->blocks;
	block->len = len;
	batch->blocks = block;
	return block->bytes;
}

struct bytes sms_batch_keep(struct sms_batch *batch, struct bytes bytes)
{
	uint8_t *at = bytes.len == 0 ? NULL : sms_batch_room(batch, bytes.len);

	if (at == NULL) {
		return bytes_of(NULL, 0);
	}
	memcpy(at, bytes.at, bytes.len);
	return bytes_of(at, bytes.len);
}

struct bytes sms_batch_lines(
    struct sms_batch *batch, const struct bytes *lines, size_t n)
{
	size_t len = 0, n_lines = 0;
	uint8_t *at;

	for (size_t i = 0; i < n; i++) {
		len += lines[i].len;
		n_lines += lines[i].len > 0 ? 1 : 0;
	}
	len += n_lines > 0 ? n_lines - 1 : 0;
	at = len == 0 ? NULL : sms_batch_room(batch, len);
	if (at == NULL) {
		return bytes_of(NULL, 0);
	}
	for (size_t i = 0, to = 0; i < n; i++) {
		if (lines[i].len > 0) {
			if (to > 0) {
				at[to++] = '\n';
			}
			memcpy(at + to, lines[i].at, lines[i].len);
			to += lines[i].len;
		}
	}
	return bytes_of(at, len);
}

void sms_batch_whole(struct sms_batch *batch, struct sms_message *message,
    const struct sms_request *request)
{
	if (message->text.len == 0) {
		message->kind = SMS_UNDECODABLE;
	} else {
		message->flags |= SMS_FLAG_LOSSY;
	}
	message->data = sms_batch_keep(
	    batch, request->is_get ? request->query : request->body);
}

void sms_batch_set_nonce(struct sms_batch *batch, struct bytes nonce)
{
	batch->nonce = sms_batch_keep(batch, nonce);
}

struct bytes sms_batch_nonce(const struct sms_batch *batch)
{
	return batch->nonce;
}

enum tl_err sms_batch_err(const struct sms_batch *batch)
{
	return batch->err;
}

void sms_batch_fail(struct sms_batch *batch, enum tl_err err)
{
	if (batch->err == TL_OK) {
		batch->err = err;
	}
}
