/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/parse: a right file is read, and every mistake of a wrong one is
 * told in one go, where it stands, with what would be right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/say.h"
#include "tests/lib/heard.h"

#define INTAKE \
	"[site]\npublic_url = https://tips.example.org:8443\n" \
	"[intake]\nteam_keys = t.pub\nteam_identities = i\nsigning_key = " \
	"s\npepper = p\n" \
	"dedup_key = d\n" \
	"[spool]\npath = /var/spool/x\nreceipt_keys = r.pub\n" \
	"intake_socket = i.sock\n"
#define GATEWAY(name, secret) \
	"[gateway " name "]\ntype = twilio\nregion = KH\n" \
	"secret_file = " secret "\n"

static void right_and_free(const char *text)
{
	config_free(heard_right(text));
}

static void a_whole_file_fills_its_fields(void **state)
{
	struct config *config = heard_right(INTAKE
	    "relay_socket = r.sock\n[relay]\ndelay_min = 0s\nagain = 15 min\r\n"
	    "[redis]\nsocket = ./redis//sock/\nreplicas = 2\n"
	    "sentinels = 10.0.0.1:26379 ./s\nroutes = [::1]:1=x\n"
	    "# the gateway of the phones\n" GATEWAY(
		"phones", "a/../b") "numbers = international\n\t url  =  "
				    "https://x.org/a%20b  ");

	(void)state;
	assert_string_equal(config->path, "f");
	assert_string_equal(
	    config->site.public_url, "https://tips.example.org:8443");
	assert_int_equal(config->site.languages.n, 12);
	assert_string_equal(config->site.languages.items[1], "th");
	assert_null(config->site.languages.items[12]);
	assert_string_equal(config->site.title, "");
	assert_string_equal(config->site.urgent_call, "");
	assert_string_equal(config->site.exit_urls.items[0].key, "default");
	assert_int_equal(config->intake.listen.n, 0);
	assert_int_equal(config->intake.max_connections, 8192);
	assert_string_equal(
	    config->intake.team_keys.items[0], "/etc/tipline/t.pub");
	assert_int_equal(config->spool.min_free_bytes, 64 * 1024 * 1024);
	assert_int_equal(config->relay.delay_min_ms, 0);
	assert_int_equal(config->relay.delay_max_ms, 120000);
	assert_int_equal(config->relay.again_ms, 15 * 60000);
	assert_string_equal(config->redis.socket, "/etc/tipline/redis/sock");
	assert_int_equal(config->redis.replicas, 2);
	assert_int_equal(config->redis.sentinels.n, 2);
	assert_string_equal(config->redis.sentinels.items[0], "10.0.0.1:26379");
	assert_string_equal(config->redis.sentinels.items[1], "/etc/tipline/s");
	assert_string_equal(
	    config->redis.routes.items[0], "[::1]:1=/etc/tipline/x");
	assert_int_equal(config->n_gateways, 1);
	assert_string_equal(config->gateways[0].name, "phones");
	assert_string_equal(config->gateways[0].type, "twilio");
	assert_string_equal(config->gateways[0].numbers, "international");
	assert_string_equal(
	    config->gateways[0].secret_file, "/etc/tipline/a/../b");
	assert_string_equal(config->gateways[0].url, "https://x.org/a%20b");
	assert_int_equal(
	    config->programs, CONFIG_INTAKE | CONFIG_SPOOL | CONFIG_RELAY);
	config_free(config);
}

static void a_gateway_without_url_has_the_public_one(void **state)
{
	struct config *config = heard_right(INTAKE GATEWAY("g-1", "s"));

	(void)state;
	assert_string_equal(
	    config->gateways[0].url, "https://tips.example.org:8443/sms/g-1");
	assert_string_equal(config->gateways[0].numbers, "raw");
	config_free(config);
}

static void an_empty_file_is_a_configuration_for_nobody(void **state)
{
	struct config *config = heard_right("");

	(void)state;
	assert_int_equal(config->programs, 0);
	assert_int_equal(
	    config_need(config, CONFIG_RELAY, heard_add, &heard), TL_EINVAL);
	assert_non_null(strstr(heard.text,
	    "f: redis.socket is missing; for example: socket = /run/"));
	assert_non_null(strstr(heard.text, "spool.relay_socket is missing"));
	config_free(config);
}

static void every_mistake_is_told_at_once(void **state)
{
	const char *const wanted[] = {
		"f:1:1: no section has begun yet",
		"f:3:1: [site] has no titel; did you mean title?",
		"f:5:2: there is no such section; did you mean [intake]?",
		"f:8:14: spool.min_free: the unit is missing; write KiB",
		("f:9:17: spool.group_records: out of range; it may be from 1"
		 " to 64"),
		"f:10:1: a line is `[section]`, `key = value` or `# comment`",
		"f:7:1: spool.path is missing; for example: path = /",
		"f:7:1: spool.receipt_keys is missing",
	};

	(void)state;
	heard_wrong_n(
	    "title = x\n[site]\ntitel = x\n\n[intak]\nworkers = none\n"
	    "[spool]\nmin_free = 64\ngroup_records = 65\nhello\n",
	    8, wanted);
}

static void names_that_are_not_known_lead_to_the_nearest(void **state)
{
	(void)state;
	heard_wrong("[gatewya x]\n", "did you mean [gateway]?");
	heard_wrong("[]\n", "f:1:2: there is no such section; see");
	heard_wrong("[site\n", "f:1:5: a section is [name]");
	heard_wrong(
	    "[site x]\n", "f:1:7: nothing may follow the section's name");
	heard_wrong(
	    "[site]\n[site]\n", "f:2:2: [site] begins on line 1 already");
	heard_wrong("[site]\nworkers = 1\n",
	    "f:2:1: [site] has no workers; it belongs to [intake]");
	heard_wrong("[site]\nurgent = 1\n", "did you mean urgent_call?");
	heard_wrong(
	    "[site]\nfoo = 1\n", "[site] has no foo; see tipline.conf(5)");
	heard_wrong("[site]\n= 1\n", "f:2:1: a line is `[section]`");
}

static void a_key_stands_once(void **state)
{
	(void)state;
	heard_wrong("[site]\ntitle = a\ntitle = b\n",
	    "f:3:1: site.title stands on line 2 already");
	/* but each gateway has its own */
	right_and_free(INTAKE GATEWAY("a", "s1") GATEWAY("b", "s2"));
}

static void every_gateway_is_whole_and_has_its_own_secret(void **state)
{
	const char *const bare[] = {
		"f:13:1: [gateway g] needs type; for example: type = twilio",
		"f:13:1: [gateway g] needs secret_file",
		"f:13:1: [gateway g] needs region; for example: region = KH",
	};

	(void)state;
	heard_wrong_n(INTAKE "[gateway g]\n", 3, bare);
	heard_wrong(INTAKE GATEWAY("g", "s") GATEWAY("g", "s2"),
	    "f:17:10: [gateway g] stands on line 13 already");
	heard_wrong(INTAKE GATEWAY("g", "s") GATEWAY("h", "./x/..//s")
			GATEWAY("i", ".//s"),
	    "f:24:15: gateway.secret_file: the same file as"
	    " gateway.secret_file of [gateway g]");
	heard_wrong(INTAKE GATEWAY("g", "s") "previous_secret_file = s\n",
	    "gateway.previous_secret_file: the same file");
	heard_wrong(
	    INTAKE GATEWAY("g", "s") "fallback_url ="
				     " https://tips.example.org:8443/sms/g",
	    "name a second host");
	heard_wrong("[gateway]\n", "write [gateway NAME]");
	heard_wrong("[gateway A]\n", "f:1:10: write [gateway NAME]");
	heard_wrong("[gateway -a]\n", "write [gateway NAME]");
	heard_wrong("[gateway abcdefghijklmnopqrstuvwxyz0123456]\n",
	    "write [gateway NAME]");
}

static void a_gateway_too_many_is_told(void **state)
{
	char text[16384];
	int len = snprintf(text, sizeof(text), "%s", INTAKE);

	(void)state;
	for (unsigned i = 0; i <= CONFIG_GATEWAYS_MAX; i++) {
		len += snprintf(text + len, sizeof(text) - (size_t)len,
		    GATEWAY("g%u", "s%u"), i, i);
	}
	heard_wrong(text, "more than 64 gateways");
}

static void options_that_do_not_fit_each_other_are_told(void **state)
{
	(void)state;
	heard_wrong("[site]\nlanguages = km en\ndefault_language = th\n",
	    "f:3:20: site.default_language: th is not among");
	heard_wrong("[site]\nlanguages = en th\n",
	    "f:1:1: site.default_language: km is not among");
	heard_wrong("[site]\nlanguages = km\nexit_urls = th=https://a.org/ "
		    "default=https://b.org\n",
	    "site.exit_urls: th is not among site.languages");
	heard_wrong("[site]\nexit_urls = km=https://a.org/\n",
	    "site.exit_urls: default=URL is missing");
	heard_wrong(INTAKE "[redis]\nsocket = r\n[relay]\n",
	    "f:9:1: spool.relay_socket is missing");
	heard_wrong("[redis]\nsocket = r\n[relay]\ndelay_min = 3min\n"
		    "[spool]\npath=a\nreceipt_keys=b\nrelay_socket=c\n",
	    "f:4:13: relay.delay_min must not be more than relay.delay_max");
	heard_wrong("[spool]\npath = a\nreceipt_keys = b\nmin_free = 1GiB\n",
	    "spool.min_free must not be more than spool.low_free");
	heard_wrong("[spool]\npath = a\nreceipt_keys = b\nrelay_socket = c\n"
		    "admin_socket = ./c\n",
	    "f:5:16: spool.admin_socket and spool.relay_socket must not be"
	    " the same socket");
}

static void test_texts_need_a_secret_and_somewhere_to_go(void **state)
{
#define DESK \
	"[redis]\nsocket = s\n[desk]\nteam_ring = t\nreceipt_key = r\n" \
	"intake_keys = i\nledger = l\n"
	(void)state;
	heard_wrong(DESK "canary_web = https://a.example\n",
	    "f:8:14: desk.canary_web needs desk.canary_file beside it");
	heard_wrong(DESK
	    "canary_onion = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaa.onion\n",
	    "f:8:16: desk.canary_onion needs desk.canary_file beside it");
	heard_wrong(DESK "canary_file = c\ncanary_onion = a.onion\n",
	    "f:9:16: desk.canary_onion: 56 letters a-z");
	heard_wrong("[gateway g]\ncanary_secret_file = s\n",
	    "f:2:22: gateway.canary_secret_file needs desk.canary_web");
	right_and_free(
	    DESK "canary_file = c\ncanary_web = https://a.example\n"
		 "[gateway g]\ntype = generic\ncanary_secret_file = s\n");
#undef DESK
}

static void a_listener_needs_its_certificate(void **state)
{
	static const char site[] =
	    "[site]\npublic_url = https://a.org\n"
	    "[spool]\npath=a\nreceipt_keys=b\n"
	    "intake_socket=c\n"
	    "[intake]\nteam_keys=a\nteam_identities=a\nsigning_key=b\n"
	    "pepper=c\ndedup_key=d\n";
	char text[1024];

	(void)state;
	(void)snprintf(text, sizeof(text), "%slisten = 127.0.0.1:8443\n", site);
	heard_wrong(text, "f:13:10: intake.listen needs a certificate");
	(void)snprintf(text, sizeof(text), "%stls_cert_rsa = a.pem\n", site);
	heard_wrong(
	    text, "intake.tls_cert_rsa needs intake.tls_key_rsa beside it");
	(void)snprintf(text, sizeof(text), "%stls_key_ecdsa = a.pem\n", site);
	heard_wrong(
	    text, "tls_key_ecdsa needs intake.tls_cert_ecdsa beside it");
	(void)snprintf(text, sizeof(text),
	    "%slisten = 0.0.0.0:1 [::]:65535\ntls_cert_rsa = a\n"
	    "tls_key_rsa = b",
	    site);
	right_and_free(text);
}

static void what_is_no_text_is_told_and_not_read(void **state)
{
	static char long_line[CONFIG_LINE_BYTES_MAX + 2];
	struct config *config = NULL;
	uint8_t *huge;

	(void)state;
	assert_int_equal(
	    heard_parse(bytes_of("[site]\n\n a\0b\n", 13), &config), TL_EINVAL);
	assert_string_equal(
	    heard.text, "f:3:3: a NUL byte; the file must be UTF-8 text\n");
	heard_wrong("\xef\xbb\xbf[site]\n", "f:1:1: a byte order mark");
	heard_wrong("[site]\ntitle = \xe1\x9e\x80\xff\n", "f:2:10: not UTF-8");
	heard_wrong("[site]\ntitle = \xed\xa0\x80\n", "f:2:9: not UTF-8");
	heard_wrong("[site]\ntitle = \xc0\xaf\n", "f:2:9: not UTF-8");
	heard_wrong("[site]\ntitle = a\rb\n", "f:2:10: a control character");
	memset(long_line, '#', sizeof(long_line) - 1);
	heard_wrong(long_line, "f:1:1: the line has more than 4096 bytes");
	long_line[CONFIG_LINE_BYTES_MAX] = '\0';
	right_and_free(long_line);
	huge = malloc(CONFIG_FILE_BYTES_MAX + 1);
	assert_non_null(huge);
	memset(huge, '\n', CONFIG_FILE_BYTES_MAX + 1);
	assert_int_equal(
	    heard_parse(bytes_of(huge, CONFIG_FILE_BYTES_MAX + 1), &config),
	    TL_EINVAL);
	assert_string_equal(heard.text,
	    "f: the file has more than 1 MiB; is it the right one?\n");
	assert_int_equal(
	    heard_parse(bytes_of(huge, CONFIG_FILE_BYTES_MAX), &config), TL_OK);
	config_free(config);
	free(huge);
}

static void columns_count_letters_as_editors_do(void **state)
{
	(void)state;
	/* three Khmer letters are nine bytes */
	heard_wrong(
	    "[site]\ntitle = \xe1\x9e\x80\xe1\x9e\x80\xe1\x9e\x80 # x\n",
	    "f:2:13: ");
}

static void a_pasted_secret_is_never_shown(void **state)
{
	static const char *const lines[] = {
		"[gateway g]\nsecret_file = whsec_c2VjcmV0\n",
		"[gateway g]\nwhsec_c2VjcmV0c2VjcmV0=\n",
		"[gateway g]\nwhsec_c2VjcmV0c2VjcmV0\n",
		"[gateway g]\nsecret = whsec_c2VjcmV0\n",
		"[gateway g]\ntype = whsec_c2VjcmV0\n",
		"[gateway g]\nregion = whsec_c2VjcmV0\n",
		"[gateway g]\nurl = https://u:whsec_c2VjcmV0@a.b/\n",
		"[gateway whsec_c2VjcmV0]\n",
		"[whsec_c2VjcmV0]\n",
		"whsec_c2VjcmV0\n",
	};
	struct config *config = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(
		    heard_parse(bytes_str(lines[i]), &config), TL_EINVAL);
		assert_null(strstr(heard.text, "c2VjcmV0"));
	}
}

static void thousands_of_mistakes_end_in_a_count(void **state)
{
	char text[4096];

	(void)state;
	memset(text, 0, sizeof(text));
	for (size_t i = 0; i < 2 * (CONFIG_SAID_MAX + 5); i += 2) {
		memcpy(text + i, "x\n", 2);
	}
	assert_int_equal(
	    heard_parse(bytes_str(text), &(struct config *){ 0 }), TL_EINVAL);
	assert_int_equal(heard.n, CONFIG_SAID_MAX + 1);
	assert_non_null(strstr(heard.text, "f: and 5 more mistakes\n"));
}

static void every_cut_and_every_flipped_bit_is_read_or_told(void **state)
{
	char text[] = INTAKE GATEWAY("g", "s");
	size_t len = sizeof(text) - 1;

	(void)state;
	for (size_t i = 0; i < len * 9; i++) {
		struct config *config = NULL;
		size_t cut = i < len ? i : len;
		enum tl_err err;

		if (i >= len) {
			text[(i - len) / 8] ^= (char)(1u << ((i - len) % 8));
		}
		err = heard_parse(bytes_of(text, cut), &config);
		assert_int_equal(err == TL_OK, config != NULL);
		assert_int_equal(err == TL_OK, heard.n == 0);
		config_free(config);
		if (i >= len) {
			text[(i - len) / 8] ^= (char)(1u << ((i - len) % 8));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file_fills_its_fields),
		cmocka_unit_test(a_gateway_without_url_has_the_public_one),
		cmocka_unit_test(an_empty_file_is_a_configuration_for_nobody),
		cmocka_unit_test(every_mistake_is_told_at_once),
		cmocka_unit_test(names_that_are_not_known_lead_to_the_nearest),
		cmocka_unit_test(a_key_stands_once),
		cmocka_unit_test(every_gateway_is_whole_and_has_its_own_secret),
		cmocka_unit_test(a_gateway_too_many_is_told),
		cmocka_unit_test(options_that_do_not_fit_each_other_are_told),
		cmocka_unit_test(test_texts_need_a_secret_and_somewhere_to_go),
		cmocka_unit_test(a_listener_needs_its_certificate),
		cmocka_unit_test(what_is_no_text_is_told_and_not_read),
		cmocka_unit_test(columns_count_letters_as_editors_do),
		cmocka_unit_test(a_pasted_secret_is_never_shown),
		cmocka_unit_test(thousands_of_mistakes_end_in_a_count),
		cmocka_unit_test(
		    every_cut_and_every_flipped_bit_is_read_or_told),
	};

	return cmocka_run_group_tests_name("config/parse", tests, NULL, NULL);
}
