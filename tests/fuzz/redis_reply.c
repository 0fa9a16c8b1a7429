/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Made-up answers of Redis, read by hiredis and judged: what is called fine
 * can be used without another question. The first byte says what was asked.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "queue/stream_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static volatile uint8_t sink;

static void touch(struct bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		sink = bytes.at[i];
	}
}

static void use(const struct stream_answer *answer)
{
	static const char *const names[] = { "id", "r" };
	struct bytes values[2];

	for (size_t i = 0; i < stream_groups(answer); i++) {
		touch(stream_group_name(answer, i));
		assert(
		    strlen(stream_group_given(answer, i)) < STREAM_ENTRY_BYTES);
	}
	for (size_t i = 0; i < stream_values(answer); i++) {
		touch(stream_value(answer, i));
	}
	if (answer->entry != NULL) {
		assert(strlen(answer->entry) < STREAM_ENTRY_BYTES);
	}
	for (size_t i = 0; i < stream_entries(answer); i++) {
		assert(
		    strlen(stream_entry_name(answer, i)) < STREAM_ENTRY_BYTES);
		if (stream_entry_gone(answer, i)) {
			continue;
		}
		for (size_t k = 0; k < stream_entry_strings(answer, i); k++) {
			touch(stream_entry_string(answer, i, k));
		}
		if (stream_entry_fields(answer, i, names, 2, values)) {
			touch(values[0]);
			touch(values[1]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct stream_budget budget = { .most_bytes = 65536 };
	struct stream_answer answer = { 0 };
	redisReader *reader;
	void *reply = NULL;

	if (len < 1) {
		return 0;
	}
	reader = redisReaderCreate();
	assert(reader != NULL);
	stream_limit(reader, &budget);
	if (redisReaderFeed(reader, (const char *)data + 1, len - 1) ==
		REDIS_OK &&
	    redisReaderGetReply(reader, &reply) == REDIS_OK && reply != NULL) {
		enum stream_trouble trouble = stream_check(
		    reply, (enum stream_want)(data[0] % 13), &answer);

		assert(trouble != STREAM_GONE && trouble < STREAM_TROUBLES);
		assert(budget.used_bytes <= budget.most_bytes);
		if (trouble == STREAM_FINE) {
			touch(answer.heard);
			assert(strlen(answer.place.host) < PLACE_BYTES);
			use(&answer);
		}
		freeReplyObject(reply);
	}
	redisReaderFree(reader);
	return 0;
}
