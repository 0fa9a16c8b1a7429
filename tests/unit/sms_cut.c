/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter: texts that a gateway which joins parts may have cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "crypto/start.h"
#include "sms/adapter.h"
#include "tests/lib/sms_fake.h"

/* Which of them join, as the gateways' reference has it; the others tell the
 * parts of a long text, and the desk joins. */
static void only_a_gateway_that_joins_can_have_cut(void **state)
{
	static const char *const tell_parts[] = { "vonage-sms", "clickatell",
		"generic" };

	(void)state;
	for (size_t i = 0; i < sms_adapters_count; i++) {
		bool joins = true;

		for (size_t k = 0; k < 3; k++) {
			joins &=
			    strcmp(tell_parts[k], sms_adapters[i]->name) != 0;
		}
		assert_int_equal(
		    sms_adapters[i]->join == SMS_JOIN_GATEWAY, joins);
	}
}

/* What sms_settle() says of a text of n letters a by that gateway. */
static bool is_cut(const char *type, size_t n, const struct sms_message *like)
{
	static char letters[2000];
	struct sms_batch *batch = sms_batch_new();
	struct sms_message *message = sms_batch_add(batch);
	struct sms_fake fake;
	bool cut;

	sms_fake_init(&fake, type);
	*message = *like;
	memset(letters, 'a', sizeof(letters));
	message->text = bytes_of(letters, n);
	sms_settle(&fake.gateway, batch);
	cut = (message->flags & SMS_FLAG_MAYBE_CUT) != 0;
	sms_batch_free(batch);
	sms_fake_free(&fake);
	return cut;
}

static void a_text_that_ends_where_a_part_does_is_maybe_cut(void **state)
{
	const struct sms_message plain = { .channel = "sms" };
	const struct sms_message part = { .channel = "sms",
		.has_concat = true };
	const struct sms_message picture = { .channel = "sms", .n_media = 1 };
	const struct sms_message binary = { .channel = "sms",
		.kind = SMS_BINARY };
	const struct sms_message chat = { .channel = "whatsapp" };

	(void)state;
	assert_true(is_cut("infobip", 153, &plain));
	assert_true(is_cut("infobip", 160, &plain));
	assert_true(is_cut("infobip", 1530, &plain));
	assert_false(is_cut("infobip", 0, &plain));
	assert_false(is_cut("infobip", 159, &plain));
	assert_false(is_cut("infobip", 1600, &plain));
	assert_false(is_cut("infobip", 153, &part));
	assert_false(is_cut("infobip", 153, &picture));
	assert_false(is_cut("infobip", 153, &binary));
	assert_false(is_cut("infobip", 153, &chat));
	assert_false(is_cut("vonage-sms", 153, &plain));
	/* its own limit holds for every channel */
	assert_true(is_cut("twilio", 1600, &plain));
	assert_true(is_cut("twilio", 1600, &chat));
	assert_false(is_cut("twilio", 1599, &chat));
}

static void a_custom_gateway_with_part_numbers_cuts_nothing(void **state)
{
	const struct custom_words words = { .fields = "udh=h" };
	struct sms_message *message;
	struct sms_batch *batch = sms_batch_new();
	struct sms_fake fake;
	char letters[160];

	(void)state;
	sms_fake_init(&fake, "custom");
	message = sms_batch_add(batch);
	memset(letters, 'a', sizeof(letters));
	message->text = bytes_of(letters, sizeof(letters));
	sms_settle(&fake.gateway, batch);
	assert_int_equal(
	    message->flags & SMS_FLAG_MAYBE_CUT, SMS_FLAG_MAYBE_CUT);
	message->flags = 0;
	sms_fake_custom(&fake, &words);
	sms_settle(&fake.gateway, batch);
	assert_int_equal(message->flags & SMS_FLAG_MAYBE_CUT, 0);
	sms_batch_free(batch);
	sms_fake_free(&fake);
}

static int setup(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_gateway_that_joins_can_have_cut),
		cmocka_unit_test(
		    a_text_that_ends_where_a_part_does_is_maybe_cut),
		cmocka_unit_test(
		    a_custom_gateway_with_part_numbers_cuts_nothing),
	};

	return cmocka_run_group_tests_name("sms/cut", tests, setup, NULL);
}
