/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/mail: what the desk writes to a reporter. Vectors of another
 * implementation, and what an intruder between desk and reporter may try.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "base/buf.h"
#include "base/enc.h"
#include "crypto/mail.h"
#include "crypto/start.h"

static json_t *vectors;
static uint8_t desk_public[32], desk_secret[64];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	vectors = json_load_file("tests/vectors/mail.json", 0, NULL);
	assert_non_null(vectors);
	return crypto_sign_keypair(desk_public, desk_secret);
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

/* ---- vectors --------------------------------------------------------------
 */

static void hex_of(
    const json_t *row, const char *name, uint8_t *bytes, size_t len)
{
	const char *text = json_string_value(json_object_get(row, name));
	size_t got = 0;

	assert_non_null(text);
	assert_int_equal(dec_hex(text, strlen(text), bytes, len, &got), TL_OK);
	assert_int_equal(got, len);
}

/* A row that was made later has a desk of its own. */
static void desk_of(const json_t *row, uint8_t desk[static 32])
{
	hex_of(json_object_get(row, "desk") ? row : vectors, "desk", desk, 32);
}

static size_t mail_of(const json_t *row, uint8_t mail[MAIL_REPLY_BYTES + 8])
{
	const char *text = json_string_value(json_object_get(row, "mail"));
	size_t got = 0;

	assert_non_null(text);
	assert_int_equal(dec_b64(B64_STD, text, strlen(text), mail,
			     MAIL_REPLY_BYTES + 8, &got),
	    TL_OK);
	return got;
}

static json_t *good_named(const char *name)
{
	json_t *rows = json_object_get(vectors, "good");

	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);

		if (strcmp(json_string_value(json_object_get(row, "name")),
			name) == 0) {
			return row;
		}
	}
	fail();
	return NULL;
}

static enum mail_kind kind_of(const json_t *row)
{
	const char *kind = json_string_value(json_object_get(row, "kind"));

	return strcmp(kind, "reply") == 0 ? MAIL_REPLY
	    : strcmp(kind, "status") == 0 ? MAIL_STATUS
					  : MAIL_DELETION;
}

static void good_mail_is_read_and_opened(void **state)
{
	json_t *rows = json_object_get(vectors, "good");
	uint8_t desk[32];

	(void)state;
	assert_true(json_array_size(rows) >= 6);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		json_t *key_text = json_object_get(row, "key");
		uint8_t raw[MAIL_REPLY_BYTES + 8], want[16], key[32];
		uint8_t content[MAIL_CONTENT_BYTES];
		struct bytes mail = bytes_of(raw, mail_of(row, raw));
		struct mail_head head;
		struct mail_reply reply;

		desk_of(row, desk);
		assert_int_equal(mail_read(mail, &head), TL_OK);
		assert_int_equal(head.kind, kind_of(row));
		hex_of(row, "id", want, sizeof(want));
		assert_memory_equal(head.id, want, sizeof(want));
		hex_of(row, "mailbox", want, sizeof(want));
		assert_memory_equal(head.mailbox, want, sizeof(want));
		assert_int_equal(head.last_day,
		    json_integer_value(json_object_get(row, "last_day")));
		assert_int_equal(mail_verify(mail, desk), TL_OK);
		if (key_text == NULL) {
			continue;
		}
		hex_of(row, "key", key, sizeof(key));
		assert_int_equal(
		    mail_open(mail, want, key, content, &reply), TL_OK);
		assert_int_equal(reply.is_status, head.kind == MAIL_STATUS);
		assert_int_equal(reply.status,
		    json_integer_value(json_object_get(row, "status")));
		assert_int_equal(reply.sent_s,
		    json_integer_value(json_object_get(row, "sent")));
		assert_true(bytes_equal(reply.text,
		    bytes_str(
			json_string_value(json_object_get(row, "text")))));
	}
}

/* The vector's mail, changed as the row says. */
static size_t bend(const json_t *row, uint8_t raw[MAIL_REPLY_BYTES + 8])
{
	const json_t *from = json_object_get(row, "from");
	const json_t *put = json_object_get(row, "put");
	const json_t *cut = json_object_get(row, "cut_to");
	size_t len =
	    mail_of(from ? good_named(json_string_value(from)) : row, raw);

	for (size_t i = 0; i < json_array_size(put); i++) {
		const json_t *one = json_array_get(put, i);
		const char *bytes =
		    json_string_value(json_object_get(one, "bytes"));

		hex_of(one, "bytes",
		    raw + json_integer_value(json_object_get(one, "at")),
		    strlen(bytes) / 2);
	}
	len = cut ? (size_t)json_integer_value(cut) : len;
	if (json_object_get(row, "append")) {
		raw[len++] = 0;
	}
	return len;
}

static void bad_mail_is_refused_for_its_reason(void **state)
{
	json_t *rows = json_object_get(vectors, "bad");
	uint8_t desk[32];

	(void)state;
	assert_true(json_array_size(rows) >= 28);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		const json_t *source = json_object_get(row, "from");
		uint8_t raw[MAIL_REPLY_BYTES + 8] = { 0 };
		uint8_t content[MAIL_CONTENT_BYTES];
		uint8_t mailbox[16], key[32] = { 0 };
		struct mail_head head;
		struct mail_reply reply;
		size_t len = bend(row, raw);
		uint8_t *exact = malloc(len > 0 ? len : 1);
		struct bytes mail;
		enum tl_err err;

		/* on the heap, so that the sanitizer sees a byte too many */
		assert_non_null(exact);
		memcpy(exact, raw, len);
		mail = bytes_of(exact, len);
		source = source ? good_named(json_string_value(source)) : row;
		desk_of(source, desk);
		hex_of(json_object_get(row, "mailbox") ? row : source,
		    "mailbox", mailbox, sizeof(mailbox));
		if (json_object_get(source, "key")) {
			hex_of(json_object_get(row, "key") ? row : source,
			    "key", key, sizeof(key));
		}
		err = mail_verify(mail, desk);
		if (err == TL_OK) {
			assert_int_equal(mail_read(mail, &head), TL_OK);
			err = mail_open(mail, mailbox, key, content, &reply);
		}
		if (err !=
		    (strcmp(json_string_value(json_object_get(row, "error")),
			 "proof") == 0
			    ? TL_EPROOF
			    : TL_EFORMAT)) {
			fail_msg("%s: %d",
			    json_string_value(json_object_get(row, "name")),
			    err);
		}
		free(exact);
	}
}

/* ---- our own ---------------------------------------------------------------
 */

static const uint8_t mailbox[MAIL_MAILBOX_BYTES] = "the mailbox id!";
static const uint8_t other_box[MAIL_MAILBOX_BYTES] = "another mailbox";
static const uint8_t mail_id[MAIL_ID_BYTES] = "the mail's id!!";
static const uint8_t key[MAIL_KEY_BYTES] = "a reply key of thirty-two bytes";
static const struct mail_head head = {
	.mailbox = mailbox, .id = mail_id, .last_day = 20700
};

static void sign(uint8_t *mail, size_t len)
{
	uint8_t hash[32];

	mail_hash(mail, len, hash);
	assert_int_equal(
	    mail_sign(desk_secret, hash, mail_signature(mail, len)), TL_OK);
}

static void seal(const char *text, uint8_t mail[static MAIL_REPLY_BYTES])
{
	const struct mail_reply reply = {
		.status = 3, .sent_s = 1773000000, .text = bytes_str(text)
	};

	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_OK);
	sign(mail, MAIL_REPLY_BYTES);
}

static void what_is_sealed_opens_again(void **state)
{
	uint8_t mail[MAIL_REPLY_BYTES], again[MAIL_REPLY_BYTES];
	uint8_t content[MAIL_CONTENT_BYTES];
	struct mail_reply reply;

	(void)state;
	seal("where are you?", mail);
	seal("where are you?", again);
	assert_memory_not_equal(mail, again, sizeof(mail));
	assert_int_equal(
	    mail_verify(bytes_of(mail, sizeof(mail)), desk_public), TL_OK);
	assert_int_equal(mail_open(bytes_of(mail, sizeof(mail)), mailbox, key,
			     content, &reply),
	    TL_OK);
	assert_int_equal(reply.status, 3);
	assert_int_equal(reply.sent_s, 1773000000);
	assert_true(bytes_equal(reply.text, bytes_str("where are you?")));
}

static void a_status_by_itself_is_told_from_a_reply(void **state)
{
	struct mail_reply reply = { .is_status = true,
		.status = 4,
		.sent_s = 1,
		.text = bytes_str("We look.") };
	uint8_t mail[MAIL_REPLY_BYTES];
	uint8_t content[MAIL_CONTENT_BYTES];
	struct mail_head read;

	(void)state;
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_OK);
	sign(mail, sizeof(mail));
	assert_int_equal(mail_read(bytes_of(mail, sizeof(mail)), &read), TL_OK);
	assert_int_equal(read.kind, MAIL_STATUS);
	reply.is_status = false;
	assert_int_equal(mail_open(bytes_of(mail, sizeof(mail)), mailbox, key,
			     content, &reply),
	    TL_OK);
	assert_true(reply.is_status);
	assert_int_equal(reply.status, 4);
	reply.status = 0; /* words alone are no status */
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_EINVAL);
}

static void the_text_is_in_no_bytes_of_the_mail(void **state)
{
	uint8_t mail[MAIL_REPLY_BYTES];

	(void)state;
	seal("where are you?", mail);
	assert_null(memmem(mail, sizeof(mail), "where", 5));
}

static void a_reply_that_says_nothing_or_too_much_is_not_sealed(void **state)
{
	static uint8_t text[MAIL_TEXT_BYTES_MAX + 1];
	struct mail_reply reply = { .sent_s = 1 };
	uint8_t mail[MAIL_REPLY_BYTES];

	(void)state;
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_EINVAL);
	reply.status = MAIL_STATUS_LAST + 1;
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_EINVAL);
	reply.status = 1;
	reply.sent_s = -1;
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_EINVAL);
	reply.sent_s = 1;
	reply.text = bytes_of(text, sizeof(text));
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_ETOOBIG);
	reply.text.len--;
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_OK);
}

/* Verified and opened: neither may hold for anything but the mail itself. */
static bool holds(struct bytes mail)
{
	uint8_t content[MAIL_CONTENT_BYTES];
	struct mail_reply reply = { .status = 99 };
	bool opens = mail_open(mail, mailbox, key, content, &reply) == TL_OK;

	assert_true(opens || reply.status == 99);
	return mail_verify(mail, desk_public) == TL_OK;
}

static void every_cut_and_every_flipped_bit_is_refused(void **state)
{
	uint8_t mail[MAIL_REPLY_BYTES];
	uint8_t content[MAIL_CONTENT_BYTES];
	struct mail_reply reply;

	(void)state;
	seal("where are you?", mail);
	assert_true(holds(bytes_of(mail, sizeof(mail))));
	for (size_t len = 0; len < sizeof(mail); len++) {
		uint8_t *cut = malloc(len > 0 ? len : 1);

		assert_non_null(cut);
		memcpy(cut, mail, len);
		assert_false(holds(bytes_of(cut, len)));
		free(cut);
	}
	for (size_t bit = 0; bit < 8 * sizeof(mail); bit++) {
		mail[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(
		    mail_verify(bytes_of(mail, sizeof(mail)), desk_public),
		    TL_OK);
		/* the signature is the spool's business */
		if (bit < 8 * (sizeof(mail) - 64)) {
			assert_int_not_equal(
			    mail_open(bytes_of(mail, sizeof(mail)), mailbox,
				key, content, &reply),
			    TL_OK);
		}
		mail[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void another_key_or_another_mailbox_opens_nothing(void **state)
{
	uint8_t mail[MAIL_REPLY_BYTES];
	uint8_t content[MAIL_CONTENT_BYTES];
	uint8_t wrong[MAIL_KEY_BYTES];
	struct mail_reply reply;

	(void)state;
	seal("where are you?", mail);
	memcpy(wrong, key, sizeof(wrong));
	wrong[31] ^= 1;
	assert_int_equal(mail_open(bytes_of(mail, sizeof(mail)), mailbox, wrong,
			     content, &reply),
	    TL_EPROOF);
	assert_int_equal(mail_open(bytes_of(mail, sizeof(mail)), other_box, key,
			     content, &reply),
	    TL_EFORMAT);
	assert_int_equal(
	    mail_verify(bytes_of(mail, sizeof(mail)), wrong), TL_EPROOF);
}

static void a_deletion_is_the_desks_alone(void **state)
{
	uint8_t mail[MAIL_DELETION_BYTES];
	uint8_t content[MAIL_CONTENT_BYTES];
	struct mail_head got;
	struct mail_reply reply;

	(void)state;
	mail_delete(&head, mail);
	assert_int_equal(
	    mail_verify(bytes_of(mail, sizeof(mail)), desk_public), TL_EPROOF);
	sign(mail, sizeof(mail));
	assert_int_equal(mail_read(bytes_of(mail, sizeof(mail)), &got), TL_OK);
	assert_int_equal(got.kind, MAIL_DELETION);
	assert_int_equal(got.last_day, 20700);
	assert_int_equal(
	    mail_verify(bytes_of(mail, sizeof(mail)), desk_public), TL_OK);
	assert_int_equal(mail_open(bytes_of(mail, sizeof(mail)), mailbox, key,
			     content, &reply),
	    TL_EFORMAT);
	for (size_t bit = 0; bit < 8 * sizeof(mail); bit++) {
		mail[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(
		    mail_verify(bytes_of(mail, sizeof(mail)), desk_public),
		    TL_OK);
		mail[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_mail_is_read_and_opened),
		cmocka_unit_test(bad_mail_is_refused_for_its_reason),
		cmocka_unit_test(what_is_sealed_opens_again),
		cmocka_unit_test(a_status_by_itself_is_told_from_a_reply),
		cmocka_unit_test(the_text_is_in_no_bytes_of_the_mail),
		cmocka_unit_test(
		    a_reply_that_says_nothing_or_too_much_is_not_sealed),
		cmocka_unit_test(every_cut_and_every_flipped_bit_is_refused),
		cmocka_unit_test(another_key_or_another_mailbox_opens_nothing),
		cmocka_unit_test(a_deletion_is_the_desks_alone),
	};

	return cmocka_run_group_tests_name(
	    "crypto/mail", tests, set_up, tear_down);
}
