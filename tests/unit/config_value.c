/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/value: each value is judged by its type, and quotes hold what would
 * mean something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/heard.h"

static void values_are_judged_by_their_type(void **state)
{
	static const struct {
		const char *line;
		const char *wanted;
	} rows[] = {
		{ "[site]\npublic_url = http://a.org", "write https://" },
		{ "[site]\npublic_url = a.org", "must begin with https://" },
		{ "[site]\npublic_url = https://a.org/", "no / after it" },
		{ "[site]\npublic_url = https://", "f:2:22: " },
		{ "[site]\npublic_url = https://a_b", "f:2:23: " },
		{ "[site]\npublic_url = https://a..b", "letters, digits" },
		{ "[site]\npublic_url = https://-a.b", "letters, digits" },
		{ "[site]\npublic_url = https://a-.b", "letters, digits" },
		{ "[site]\npublic_url = https://u:p@a.b", "a port is" },
		{ "[site]\npublic_url = https://u@a.b", "no name or password" },
		{ "[site]\npublic_url = https://a:0", "a port is" },
		{ "[site]\npublic_url = https://a:65536", "a port is" },
		{ "[site]\npublic_url = https://a:123456", "a port is" },
		{ "[site]\npublic_url = https://a:", "a port is" },
		{ "[site]\npublic_url = https://[::1]x", "after the host" },
		{ "[site]\npublic_url = https://[::g]", "an IPv6 address" },
		{ "[site]\npublic_url = https://a.org#x", "no / after it" },
		{ "[redis]\ndesk_user =",
		    "redis.desk_user: must not be empty" },
		{ "[site]\ntitle = a\tb", "f:2:10: site.title: a tab" },
		{ "[site]\ntitle = a # b", "a comment stands on a line" },
		{ "[site]\ntitle = \"a", "f:2:9: site.title: the quotes" },
		{ "[site]\ntitle = \"a\" b", "nothing may follow" },
		{ "[site]\ntitle = \"a\\n\"", "only \\\" and \\\\" },
		{ "[site]\ntitle = \"a\\", "only \\\" and \\\\" },
		{ "[site]\nlanguages = km kh en", "f:2:16: site.languages:" },
		{ "[site]\nlanguages = km en km", "f:2:19: site.languages:" },
		{ "[site]\nlanguages =", "must not be empty" },
		{ "[site]\nurgent_call = call me", "a telephone number" },
		{ "[site]\nquestions =", "must not be empty" },
		{ "[site]\nquestions = who whom",
		    "f:2:17: site.questions: no" },
		{ "[site]\nquestions = who who", "f:2:17: site.questions:" },
		{ "[site]\nurgent_calls = 1288", "COUNTRY=NUMBER is wanted" },
		{ "[site]\nurgent_calls = XX=1", "a country of the form" },
		{ "[site]\nurgent_calls = TH=1 TH=2", "a number already" },
		{ "[site]\nurgent_calls = TH=call", "a telephone number" },
		{ "[site]\nurgent_calls = TH=", "a telephone number" },
		{ "[site]\nexit_urls = x", "LANGUAGE=URL is wanted" },
		{ "[site]\nexit_urls = default=http://x", "f:2:21: " },
		{ "[site]\nexit_urls = default=https://x xx=https://y",
		    "before the = stands a language" },
		{ "[site]\nexit_urls = default=https://x default=https://y",
		    "has a page already" },
		{ "[redis]\nreplicas = two", "a whole number is wanted" },
		{ "[redis]\nreplicas = 1 # one", "comments stand on lines" },
		{ "[redis]\nreplicas = -1", "a whole number is wanted" },
		{ "[redis]\nreplicas =", "a whole number is wanted" },
		{ "[redis]\nreplicas = 17", "it may be from 0 to 16" },
		{ "[redis]\nreplicas = 18446744073709551617",
		    "it may be from 0 to 16" },
		{ "[redis]\ndesk_user = a b", "a name has a-z" },
		{ "[redis]\ndesk_user = abcdefghijklmnopqrstuvwxyz0123456",
		    "a name has a-z" },
		{ "[redis]\nsocket = ~/redis", "write the whole path" },
		{ "[redis]\nsocket = host:6379", "names are not looked up" },
		{ "[redis]\nsocket = 1.2.3.4:0", "a port is a number" },
		{ "[redis]\nsentinels = 1.2.3.4:1 1.2.3:4",
		    "names are not looked up" },
		{ "[redis]\nroutes = 1.2.3.4:1", "ADDRESS:PORT=PATH" },
		{ "[redis]\nroutes = 1.2.3:1=/x", "names are not looked up" },
		{ "[redis]\nroutes = 1.2.3.4:1=1.2.3.4:x",
		    "a port is a number" },
		{ "[redis]\nsocket = /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaa",
		    "has 108 bytes; it may have from 0 to 107" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		heard_wrong(rows[i].line, rows[i].wanted);
	}
}

static void values_of_the_programs_are_judged_too(void **state)
{
	static const struct {
		const char *line;
		const char *wanted;
	} rows[] = {
		{ "[spool]\nmin_free = 64MB\n", "is no unit of ours" },
		{ "[spool]\nmin_free = 64 MiB x\n", "is no unit of ours" },
		{ "[spool]\nmin_free = 1MiB\n",
		    "it may be from 16MiB to 1024GiB" },
		{ "[spool]\nmin_free = 18446744073709551615GiB\n",
		    "out of range" },
		{ "[relay]\nagain = 10m\n", "write ms, s, min or h" },
		{ "[relay]\nagain = 7h\n", "it may be from 1s to 6h" },
		{ "[intake]\nlisten = localhost:1\n", "names are not" },
		{ "[intake]\nlisten = 443\n", "ADDRESS:PORT is wanted" },
		{ "[intake]\nlisten = 1.2.3.4:0\n", "a port is a number" },
		{ "[intake]\nlisten = 1.2.3.4:4x\n", "a port is a number" },
		{ "[intake]\nlisten = 1.2.3.4:99999999999\n",
		    "a port is a number" },
		{ "[intake]\nlisten = ::1:443\n", "must be numbers" },
		{ "[intake]\nlisten = [1.2.3.4]:443\n", "must be numbers" },
		{ "[gateway g]\ntype = Twilio\n",
		    "one word of: twilio somleng kannel generic " },
		{ "[gateway g]\nregion = kh\n", "two capital letters" },
		{ "[gateway g]\nregion = KHM\n", "two capital letters" },
		{ "[gateway g]\nurl = https://a.org/x?y=1\n", "no query" },
		{ "[gateway g]\nurl = https://a.org/x#y\n", "begins with #" },
		{ "[gateway g]\nurl = https://a.org\n", "a path is missing" },
		{ "[gateway g]\nurl = https://a.org/a'b\n", "as %XX" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = NULL;

		assert_int_equal(
		    heard_parse(bytes_str(rows[i].line), &config), TL_EINVAL);
		if (strstr(heard.text, rows[i].wanted) == NULL) {
			print_error("%swanted: %s\nheard: %s", rows[i].line,
			    rows[i].wanted, heard.text);
			fail();
		}
	}
}

static void quotes_hold_what_would_mean_something_else(void **state)
{
	struct config *config =
	    heard_right("[site]\ntitle = \" a # \\\"b\\\\ \"\n"
			"exit_urls = \"default=https://a.org/?a=b\"\n"
			"urgent_calls = \"MM=+95 1 2\" LA=1623\n"
			"[redis]\nsocket = \"/with blank\"\n");

	(void)state;
	assert_string_equal(config->site.title, " a # \"b\\ ");
	assert_string_equal(
	    config->site.exit_urls.items[0].value, "https://a.org/?a=b");
	assert_string_equal(
	    config->site.urgent_calls.items[0].value, "+95 1 2");
	assert_string_equal(config->site.urgent_calls.items[1].key, "LA");
	assert_string_equal(config->redis.socket, "/with blank");
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_judged_by_their_type),
		cmocka_unit_test(values_of_the_programs_are_judged_too),
		cmocka_unit_test(quotes_hold_what_would_mean_something_else),
	};

	return cmocka_run_group_tests_name("config/value", tests, NULL, NULL);
}
