/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms: every vector of tests/vectors/sms.json whose provider has an adapter,
 * and of gateways.json, bit for bit. Their settings are in the file's
 * description: region KH, senders without plus are national for these gateways.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

#include "base/enc.h"
#include "crypto/start.h"
#include "sms/phone.h"
#include "tests/lib/sms_vector.h"

#define CHECKED 92u

static json_t *vectors, *own_vectors;

static void assert_same(
    const json_t *json, const char *key, const char *id, struct bytes is)
{
	const json_t *wanted = json_object_get(json, key);

	if (wanted != NULL &&
	    !bytes_equal(
		bytes_of(json_string_value(wanted), json_string_length(wanted)),
		is)) {
		fail_msg("%s: %s is not as the vector says", id, key);
	}
}

static void assert_hex(const json_t *json, const char *key, struct bytes is)
{
	struct buf hex;

	buf_init(&hex, 65536);
	enc_hex(&hex, is.at, is.len);
	/* the vector names it, or there is nothing */
	assert_same(json, key, sms_vector_member(json, "id"),
	    bytes_of(hex.data, hex.len));
	assert_true(json_object_get(json, key) != NULL || is.len == 0);
	buf_free(&hex);
}

static void assert_concat(const json_t *json, const struct sms_message *is)
{
	const json_t *concat = json_object_get(json, "concat");

	assert_int_equal(concat != NULL, is->has_concat);
	if (concat != NULL) {
		assert_int_equal(
		    json_integer_value(json_object_get(concat, "ref")),
		    is->concat.ref);
		assert_int_equal(
		    json_integer_value(json_object_get(concat, "total")),
		    is->concat.total);
		assert_int_equal(
		    json_integer_value(json_object_get(concat, "seq")),
		    is->concat.seq);
	}
}

static void assert_message(
    const char *id, const json_t *wanted, const struct sms_message *is)
{
	assert_same(wanted, "external_id", id, is->external_id);
	assert_same(wanted, "from_raw", id, is->from_raw);
	assert_same(wanted, "from", id, is->from);
	assert_same(wanted, "to", id, is->to);
	assert_same(wanted, "text", id, is->text);
	assert_same(wanted, "channel", id, bytes_str(is->channel));
	assert_string_equal(
	    sms_kind_name(is->kind), sms_vector_member(wanted, "kind"));
	assert_hex(wanted, "data_hex", is->data);
	assert_hex(wanted, "udh_hex", is->udh);
	assert_concat(wanted, is);
}

/* One message, or as many as "messages" has. */
static void check_messages(
    const struct sms_vector *v, const struct sms_batch *batch, const char *why)
{
	const json_t *wanted = json_object_get(v->json, "message");
	const json_t *count = json_object_get(wanted, "count");
	size_t n = count == NULL ? 1 : (size_t)json_integer_value(count);

	if ((batch == NULL ? 0 : sms_batch_count(batch)) != n) {
		fail_msg("%s: %s", sms_vector_member(v->json, "id"), why);
	}
	for (size_t i = 0; i < n; i++) {
		assert_message(sms_vector_member(v->json, "id"),
		    count == NULL ? wanted
				  : json_array_get(
					json_object_get(wanted, "messages"), i),
		    sms_batch_at(batch, i));
	}
}

static void check(struct sms_vector *v)
{
	const char *expect = sms_vector_member(v->json, "expect");
	struct sms_batch *batch = NULL;
	enum sms_verdict verdict;
	const char *why;

	assert_int_equal(
	    sms_take(&v->gateway, &v->request, &batch, &verdict, &why), TL_OK);
	if (strcmp(expect, "reject") == 0) {
		if (!sms_is_refused(verdict)) {
			fail_msg("%s: was accepted",
			    sms_vector_member(v->json, "id"));
		}
		assert_null(batch);
		return;
	}
	check_messages(v, batch, why);
	sms_batch_free(batch);
}

static void every_vector_comes_out_as_it_says(void **state)
{
	static struct sms_vector v;
	size_t i;
	json_t *json;
	size_t checked = 0;

	(void)state;
	json_array_foreach(vectors, i, json)
	{
		if (sms_vector_load(&v, json)) {
			check(&v);
			checked++;
		}
	}
	/* all but the 13 of SMPP, which sms_smpp.c has */
	assert_int_equal(checked, CHECKED);
	json_array_foreach(own_vectors, i, json)
	{
		assert_true(sms_vector_load(&v, json));
		check(&v);
	}
}

/* The keyed hash of these bytes is what the spool compares. */
static void dedup_of(const json_t *json, struct buf *out)
{
	static struct sms_vector v;
	struct sms_batch *batch = NULL;
	enum sms_verdict verdict;
	const char *why;

	assert_true(sms_vector_load(&v, json));
	assert_int_equal(
	    sms_take(&v.gateway, &v.request, &batch, &verdict, &why), TL_OK);
	sms_dedup_input(
	    &v.gateway, sms_batch_at(batch, 0), v.request.now_s, out);
	assert_int_equal(buf_err(out), TL_OK);
	sms_batch_free(batch);
}

static const json_t *find(const char *id)
{
	size_t i;
	json_t *json;

	json_array_foreach(vectors, i, json)
	{
		if (strcmp(sms_vector_member(json, "id"), id) == 0) {
			return json;
		}
	}
	fail_msg("no vector %s", id);
	return NULL;
}

static void a_replay_is_the_same_record_and_nothing_else_is(void **state)
{
	struct buf first, again, other;

	(void)state;
	buf_init(&first, 65536);
	buf_init(&again, 65536);
	buf_init(&other, 65536);
	dedup_of(find("twilio-km"), &first);
	dedup_of(find("twilio-replay"), &again);
	dedup_of(find("twilio-url-query"), &other);
	assert_int_equal(first.len, again.len);
	assert_memory_equal(first.data, again.data, first.len);
	assert_false(bytes_equal(
	    bytes_of(first.data, first.len), bytes_of(other.data, other.len)));
	buf_free(&first);
	buf_free(&again);
	buf_free(&other);
}

/* Every byte of every body and every header value of the accepted ones. */
static void a_flipped_bit_never_passes_a_signature(void **state)
{
	static struct sms_vector v;
	static const char *const ids[] = { "twilio-km",
		"twilio-json-bodysha256", "generic-concat-1", "telnyx-edge-300",
		"sinch-binary-udh" };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_true(sms_vector_load(&v, find(ids[i])));
		for (size_t at = 0; at < v.request.body.len; at++) {
			struct sms_batch *batch = NULL;
			enum sms_verdict verdict;
			const char *why;

			v.body[at] ^= 1;
			assert_int_equal(sms_take(&v.gateway, &v.request,
					     &batch, &verdict, &why),
			    TL_OK);
			/* %ab and %AB, and + and %20, are the same to Twilio */
			assert_int_equal(verdict, SMS_NO_PROOF);
			assert_null(batch);
			v.body[at] ^= 1;
		}
	}
}

static int setup(void **state)
{
	(void)state;
	vectors =
	    json_load_file("tests/vectors/sms.json", JSON_ALLOW_NUL, NULL);
	own_vectors =
	    json_load_file("tests/vectors/gateways.json", JSON_ALLOW_NUL, NULL);
	return crypto_start() == TL_OK && phone_start() == TL_OK &&
		json_is_array(vectors) && json_is_array(own_vectors)
	    ? 0
	    : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(vectors);
	json_decref(own_vectors);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_comes_out_as_it_says),
		cmocka_unit_test(
		    a_replay_is_the_same_record_and_nothing_else_is),
		cmocka_unit_test(a_flipped_bit_never_passes_a_signature),
	};

	return cmocka_run_group_tests_name(
	    "sms/vectors", tests, setup, teardown);
}
