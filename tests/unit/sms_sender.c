/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/sender: the ten rules, and the mistakes libphonenumber makes when it
 * is asked what it should not be asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the first three */
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sms/sender.h"

struct row {
	const char *raw;
	enum sms_numbers numbers;
	const char *region;
	const char *e164; /* "": none */
	const char *bare; /* NULL: as raw */
};

static void check(const struct row *row)
{
	struct sender sender;
	const char *bare = row->bare == NULL ? row->raw : row->bare;

	sender_read(bytes_str(row->raw), row->numbers, row->region, &sender);
	if (strcmp(sender.e164, row->e164) != 0) {
		fail_msg("%s (%s): %s, not %s", row->raw, row->region,
		    sender.e164, row->e164);
	}
	if (!bytes_equal(sender.bare, bytes_str(bare))) {
		fail_msg("%s: %.*s, not %s", row->raw, (int)sender.bare.len,
		    (const char *)sender.bare.at, bare);
	}
}

#define CHECK_ALL(rows) \
	do { \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof(rows[0]); \
		     i_++) { \
			check(&rows[i_]); \
		} \
	} while (0)

/* Rule 10: each of these came back as a number, and none of them is one. */
static void a_number_is_never_invented(void **state)
{
	static const struct row rows[] = {
		{ "66812345678", SMS_NATIONAL, "KH", "", NULL },
		{ "85512345678", SMS_NATIONAL, "TH", "", NULL },
		{ "PROMO2024", SMS_NATIONAL, "KH", "", NULL },
		{ "0066812345678", SMS_NATIONAL, "KH", "", NULL },
		{ "US.1234", SMS_NATIONAL, "KH", "", NULL },
		{ "8888", SMS_NATIONAL, "KH", "", NULL },
		{ "117", SMS_NATIONAL, "KH", "", NULL },
		/* six digits without the zero that nobody dials from abroad */
		{ "+9805 678", SMS_RAW, "KH", "", NULL },
		/* 16 digits */
		{ "811111115512345678", SMS_INTERNATIONAL, "KH", "", NULL },
		/* came out with a zero behind the country code */
		{ "0006681012", SMS_NATIONAL, "KH", "", NULL },
		/* six digits would be possible there */
		{ "223456", SMS_NATIONAL, "MM", "", NULL },
		/* Thailand behind 00: Cambodia's prefix would be 006, and the
		 * rest a number of Indonesia */
		{ "0066212345678", SMS_NATIONAL, "KH", "", NULL },
		{ "123456", SMS_INTERNATIONAL, "KH", "", NULL },
		{ "+123456", SMS_RAW, "KH", "", NULL },
		{ "0085512345678", SMS_INTERNATIONAL, "KH", "", NULL },
		{ "012345678", SMS_INTERNATIONAL, "KH", "", NULL },
		{ "012345678", SMS_RAW, "KH", "", NULL },
		{ "012345678", SMS_E164, "KH", "", NULL },
		{ "85512345678", SMS_E164, "KH", "", NULL },
		{ "", SMS_NATIONAL, "KH", "", NULL },
		{ "+", SMS_NATIONAL, "KH", "", NULL },
		{ "++85512345678", SMS_RAW, "KH", "", NULL },
		{ "+85512+345678", SMS_RAW, "KH", "", NULL },
		{ "85512345678+", SMS_INTERNATIONAL, "KH", "", NULL },
		{ "+85512345678;ext=5", SMS_RAW, "KH", "", NULL },
		{ "+855\xff"
		  "12345678",
		    SMS_RAW, "KH", "", NULL },
		{ "+8551234567812345678", SMS_RAW, "KH", "", NULL },
		{ "+99912345678", SMS_RAW, "KH", "", NULL },
		{ "012345678", SMS_NATIONAL, "ZZ", "", NULL },
	};

	(void)state;
	CHECK_ALL(rows);
}

static void what_is_sure_becomes_e164(void **state)
{
	static const struct row rows[] = {
		{ "+85512345678", SMS_RAW, "KH", "+85512345678", NULL },
		{ "+66812345678", SMS_NATIONAL, "KH", "+66812345678", NULL },
		{ "+855 (0)12 345 678", SMS_RAW, "TH", "+85512345678", NULL },
		{ "85512345678", SMS_INTERNATIONAL, "TH", "+85512345678",
		    NULL },
		{ "12025550123", SMS_INTERNATIONAL, "KH", "+12025550123",
		    NULL },
		{ "010234567", SMS_NATIONAL, "KH", "+85510234567", NULL },
		{ "012345678", SMS_NATIONAL, "KH", "+85512345678", NULL },
		{ "0881234567", SMS_NATIONAL, "KH", "+855881234567", NULL },
		{ "0961234567", SMS_NATIONAL, "KH", "+855961234567", NULL },
		{ "0812345678", SMS_NATIONAL, "TH", "+66812345678", NULL },
		{ "0912345678", SMS_NATIONAL, "VN", "+84912345678", NULL },
		{ "0321234567", SMS_NATIONAL, "VN", "+84321234567", NULL },
		{ "0123456789", SMS_NATIONAL, "MY", "+60123456789", NULL },
		{ "13800138000", SMS_NATIONAL, "CN", "+8613800138000", NULL },
		{ "02055123456", SMS_NATIONAL, "LA", "+8562055123456", NULL },
		{ "09421234567", SMS_NATIONAL, "MM", "+959421234567", NULL },
		{ "081234567890", SMS_NATIONAL, "ID", "+6281234567890", NULL },
		/* Debian's metadata calls it invalid; it is possible */
		{ "+8562012345678", SMS_RAW, "KH", "+8562012345678", NULL },
	};

	(void)state;
	CHECK_ALL(rows);
}

static void schemes_go_and_digits_of_every_script_count(void **state)
{
	static const struct row rows[] = {
		{ "whatsapp:+85512345678", SMS_RAW, "KH", "+85512345678",
		    "+85512345678" },
		{ "WhatsApp:+85512345678", SMS_RAW, "KH", "+85512345678",
		    "+85512345678" },
		{ "tel:+85512345678", SMS_RAW, "KH", "+85512345678",
		    "+85512345678" },
		{ "sms:+85512345678", SMS_RAW, "KH", "+85512345678",
		    "+85512345678" },
		{ "sms://+85512345678", SMS_RAW, "KH", "+85512345678",
		    "+85512345678" },
		/* one scheme, not two */
		{ "tel:tel:+85512345678", SMS_RAW, "KH", "",
		    "tel:+85512345678" },
		{ "whatsapp:US.1234", SMS_NATIONAL, "KH", "", "US.1234" },
		{ "០១២៣៤៥៦៧៨", SMS_NATIONAL, "KH", "+85512345678", NULL },
		{ "๐๘๑๒๓๔๕๖๗๘", SMS_NATIONAL, "TH", "+66812345678", NULL },
		{ "០12345678", SMS_NATIONAL, "KH", "+85512345678", NULL },
		{ "＋85512345678", SMS_RAW, "KH", "+85512345678", NULL },
		{ "ជំនួយ", SMS_NATIONAL, "KH", "", NULL },
		{ "012345678ក", SMS_NATIONAL, "KH", "", NULL },
	};

	(void)state;
	CHECK_ALL(rows);
}

static void thirty_two_bytes_are_read_and_one_more_is_not(void **state)
{
	static const struct row rows[] = {
		/* 32 bytes */
		{ "+855 12 3 4 5 6 7 8             ", SMS_RAW, "KH",
		    "+85512345678", NULL },
		{ "+855 12 3 4 5 6 7 8              ", SMS_RAW, "KH", "",
		    NULL },
		/* 32 bytes and no room for the plus that is put in front */
		{ "855 12 3 4 5 6 7 8              ", SMS_INTERNATIONAL, "KH",
		    "", NULL },
		{ "855 12 3 4 5 6 7 8             ", SMS_INTERNATIONAL, "KH",
		    "+85512345678", NULL },
	};
	struct sender sender;

	(void)state;
	assert_int_equal(strlen(rows[0].raw), 32);
	CHECK_ALL(rows);
	sender_read(bytes_str(rows[1].raw), SMS_RAW, "KH", &sender);
	assert_true(sender.too_long);
	sender_read(bytes_str(rows[0].raw), SMS_RAW, "KH", &sender);
	assert_false(sender.too_long);
}

/* Memory of which only the first bytes may be touched: the page behind them
 * ends whoever looks at it. */
static uint8_t *before_a_wall(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *at = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	assert_int_equal(mprotect(at + page, page, PROT_NONE), 0);
	return at + page - len;
}

/* So its length costs nothing; the library alone would take 5 s for 10,000
 * digits. */
static void of_a_long_sender_only_the_first_bytes_are_looked_at(void **state)
{
	static const size_t lens[] = { 33, 10000, 1024 * 1024 };
	static const char fills[] = { '1', 'a', '+', '\xe1', ' ' };
	uint8_t *at = before_a_wall(PHONE_NUMBER_MAX_BYTES);

	(void)state;
	for (size_t i = 0; i < sizeof(fills) * 3; i++) {
		size_t len = lens[i % 3];
		struct sender sender;

		memset(at, fills[i / 3], PHONE_NUMBER_MAX_BYTES);
		at[0] = '+';
		sender_read(bytes_of(at, len), SMS_NATIONAL, "KH", &sender);
		assert_string_equal(sender.e164, "");
		assert_true(sender.too_long);
		assert_int_equal(sender.bare.len, len);
	}
}

static void the_shim_has_a_cap_of_its_own(void **state)
{
	static char digits[10000];
	char e164[PHONE_E164_BYTES] = "untouched";

	(void)state;
	memset(digits, '1', sizeof(digits));
	assert_int_equal(
	    phone_e164(digits, sizeof(digits), "KH", e164), TL_ETOOBIG);
	assert_int_equal(phone_e164(digits, 33, "KH", e164), TL_ETOOBIG);
	assert_int_equal(phone_e164(digits, 32, "KH", e164), TL_EFORMAT);
	assert_int_equal(phone_e164("", 0, "KH", e164), TL_EFORMAT);
	assert_string_equal(e164, "untouched");
}

static int setup(void **state)
{
	(void)state;
	return phone_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_never_invented),
		cmocka_unit_test(what_is_sure_becomes_e164),
		cmocka_unit_test(schemes_go_and_digits_of_every_script_count),
		cmocka_unit_test(thirty_two_bytes_are_read_and_one_more_is_not),
		cmocka_unit_test(
		    of_a_long_sender_only_the_first_bytes_are_looked_at),
		cmocka_unit_test(the_shim_has_a_cap_of_its_own),
	};

	return cmocka_run_group_tests_name("sms/sender", tests, setup, NULL);
}
