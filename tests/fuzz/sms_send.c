/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/send: whatever a provider answers to a text of ours, "taken" and "not
 * sent" are said only where its document says so. Read here a second time.
 *
 * Input: which provider (1), the status of HTTP (2), the body.
 */
#include <assert.h>
#include <string.h>

#include "base/rd.h"
#include "sms/json.h"
#include "sms/send.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct answer {
	int status;
	json_t *json; /* NULL: it is no object */
};

/* Is value this number, or its digits? */
static bool is(const json_t *value, long long number)
{
	const char *text = json_string_value(value);
	long long read = 0;

	if (text == NULL) {
		return json_is_integer(value) &&
		    json_integer_value(value) == number;
	}
	if (text[0] == '\0' || strlen(text) != json_string_length(value) ||
	    strlen(text) > 15 || text[strspn(text, "0123456789")] != '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		read = read * 10 + (*text - '0');
	}
	return read == number;
}

static bool is_among(const json_t *value, long long from, long long to)
{
	for (long long i = from; i <= to; i++) {
		if (is(value, i)) {
			return true;
		}
	}
	return false;
}

static const json_t *parts_of(const struct answer *answer)
{
	return json_object_get(answer->json, "messages");
}

/* How many of the parts have this status. */
static size_t count_parts(const struct answer *answer, long long status)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(parts_of(answer)); i++) {
		n += is(json_object_get(
			    json_array_get(parts_of(answer), i), "status"),
		    status);
	}
	return n;
}

static const json_t *code_at(const struct answer *answer, const char *type)
{
	if (strcmp(type, "infobip") == 0) {
		return sms_json_at(answer->json, "messages.0.status.groupId");
	}
	return sms_json_at(
	    answer->json, "SMSMessageData.Recipients.0.statusCode");
}

static bool may_be_taken(
    const char *type, const struct answer *answer, struct bytes body)
{
	bool fine = answer->status >= 200 && answer->status < 300;

	if (strcmp(type, "vonage-sms") == 0) {
		return count_parts(answer, 0) > 0 &&
		    count_parts(answer, 0) == json_array_size(parts_of(answer));
	}
	if (strcmp(type, "infobip") == 0) {
		return fine &&
		    (is(code_at(answer, type), 1) ||
			is(code_at(answer, type), 3));
	}
	if (strcmp(type, "africastalking") == 0) {
		return fine && is_among(code_at(answer, type), 100, 102);
	}
	if (strcmp(type, "jasmin") == 0) {
		return answer->status == 200 && body.len > 9 &&
		    memcmp(body.at, "Success \"", 9) == 0;
	}
	return fine;
}

static bool may_be_not_sent(const char *type, const struct answer *answer)
{
	bool fine = answer->status >= 200 && answer->status < 300;
	bool refused = (answer->status >= 400 && answer->status < 500) ||
	    answer->status == 503;

	if (strcmp(type, "vonage-sms") == 0 &&
	    json_array_size(parts_of(answer)) > 0) {
		return count_parts(answer, 0) == 0 &&
		    is_among(json_object_get(
				 json_array_get(parts_of(answer), 0), "status"),
			1, 33);
	}
	if (strcmp(type, "infobip") == 0 && fine) {
		return is_among(code_at(answer, type), 2, 5);
	}
	if (strcmp(type, "africastalking") == 0 && fine) {
		return is_among(code_at(answer, type), 400, 499);
	}
	return refused ||
	    (answer->status >= 400 &&
		is(json_object_get(answer->json, "code"), 20429));
}

static void judge(const struct send_account *account, int status,
    struct bytes body, enum send_said said)
{
	struct answer answer = { .status = status };
	enum tl_err err = sms_json_load(body, &answer.json);

	assert(err == TL_OK || answer.json == NULL);
	(void)err;
	if (said == SEND_TAKEN) {
		assert(may_be_taken(account->type, &answer, body));
	} else if (said != SEND_UNKNOWN) {
		assert(may_be_not_sent(account->type, &answer));
	}
	json_decref(answer.json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const types[] = { "twilio", "somleng", "vonage-sms",
		"plivo", "infobip", "africastalking", "kannel", "jasmin" };
	struct send_account account = { .account = "AC1" };
	struct rd rd = rd_of(data, len);
	enum send_said said;
	struct bytes body;
	struct buf id;
	int status;

	account.type = types[rd_u8(&rd) % (sizeof(types) / sizeof(types[0]))];
	status = rd_u16(&rd);
	if (!rd_ok(&rd)) {
		return 0;
	}
	body.len = rd.left;
	body.at = rd_bytes(&rd, body.len);
	assert(send_knows(account.type));
	buf_init(&id, SEND_ID_MAX_BYTES);
	said = send_said(&account, status, body, &id);
	assert(said <= SEND_UNKNOWN && buf_err(&id) == TL_OK);
	judge(&account, status, body, said);
	buf_free(&id);
	return 0;
}
