/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms: a gateway's message when the n-th piece of memory that is asked for is
 * not to be had. It comes out as it is, or the gateway is told to send it
 * again: a message with a hole in it has lost what may matter most, and one
 * that is refused as not genuine does not come again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "sms/phone.h"
#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/sms_vector.h"

#define POINTS_MAX 20000u
#define SAME_BYTES ((size_t)8 * 1024u * 1024u)

static json_t *vectors, *own_vectors;

/* What is kept of a request, or why it is not, as bytes. */
static void put_taken(const struct sms_vector *v, const struct sms_batch *batch,
    enum sms_verdict verdict, const char *why, struct buf *out)
{
	buf_put_u8(out, (uint8_t)verdict);
	buf_put_str(out, why);
	for (size_t i = 0; batch != NULL && i < sms_batch_count(batch); i++) {
		const struct sms_message *m = sms_batch_at(batch, i);

		sms_dedup_input(&v->gateway, m, v->request.now_s, out);
		buf_put(out, m->from.at, m->from.len);
		buf_put(out, m->from_e164.at, m->from_e164.len);
		buf_put(out, m->decoded.at, m->decoded.len);
		buf_put(out, m->link_id.at, m->link_id.len);
		buf_put_str(out, m->channel);
		buf_put_u8(out, (uint8_t)m->kind);
		buf_put_u64(out, (uint64_t)m->flags);
		buf_put_u64(out, (uint64_t)m->sent_s);
	}
	assert_int_equal(buf_err(out), TL_OK);
}

/* False: so many were not asked for. */
static bool try_one(
    const struct sms_vector *v, unsigned n, const struct buf *wanted)
{
	struct sms_batch *batch = NULL;
	enum sms_verdict verdict = SMS_NO_PROOF;
	const char *why = "";
	enum tl_err err;
	unsigned failed;
	struct buf is;

	bad_calls_fail_any(n, 0);
	err = sms_take(&v->gateway, &v->request, &batch, &verdict, &why);
	failed = bad_calls_end();
	if (err != TL_OK) {
		assert_int_equal(err, TL_ENOMEM);
		assert_true(failed > 0);
		assert_null(batch);
		return true;
	}
	buf_init(&is, SAME_BYTES);
	put_taken(v, batch, verdict, why, &is);
	if (is.len != wanted->len ||
	    memcmp(is.data, wanted->data, is.len) != 0) {
		fail_msg("%s, %u: it came out otherwise: %s",
		    sms_vector_member(v->json, "id"), n, why);
	}
	buf_free(&is);
	sms_batch_free(batch);
	return failed > 0;
}

static void try_all(const struct sms_vector *v)
{
	struct sms_batch *batch = NULL;
	enum sms_verdict verdict;
	const char *why;
	struct buf wanted;
	unsigned n = 1;

	assert_int_equal(
	    sms_take(&v->gateway, &v->request, &batch, &verdict, &why), TL_OK);
	buf_init(&wanted, SAME_BYTES);
	put_taken(v, batch, verdict, why, &wanted);
	sms_batch_free(batch);
	while (try_one(v, n, &wanted)) {
		assert_true(n++ < POINTS_MAX);
	}
	buf_free(&wanted);
}

static void a_message_comes_out_whole_or_is_asked_for_again(void **state)
{
	static struct sms_vector v;
	const json_t *lists[] = { vectors, own_vectors };
	size_t i;
	json_t *json;

	(void)state;
	for (size_t list = 0; list < 2; list++) {
		json_array_foreach(lists[list], i, json)
		{
			if (sms_vector_load(&v, json)) {
				try_all(&v);
			}
		}
	}
}

static int set_up(void **state)
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

static int tear_down(void **state)
{
	(void)state;
	json_decref(vectors);
	json_decref(own_vectors);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_message_comes_out_whole_or_is_asked_for_again),
	};

	return cmocka_run_group_tests_name(
	    "sms/memory", tests, set_up, tear_down);
}
