/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/web_channels: which ways in there are, and when one is silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/start.h"
#include "desk/planted.h"
#include "desk/web.h"
#include "sms/canary.h"

#define HOUR_MS UINT64_C(3600000)
#define NOON_S  INT64_C(1795348800) /* 2026-11-22T12:00:00Z */

static char phones[] = "phones", origin[] = "https://a.example",
	    onion[] = "x.onion", unset[] = "";
static struct config config;
static struct config_gateway gateway;
static struct web web;
static struct web_channel all[WEB_CHANNELS_MAX];

static int set_up(void **state)
{
	(void)state;
	gateway = (struct config_gateway){ .name = phones };
	config = (struct config){ .gateways = &gateway, .n_gateways = 1 };
	config.desk.canary_web = origin;
	config.desk.canary_onion = unset;
	config.desk.canary_silence_ms = 2 * HOUR_MS;
	web = (struct web){ .config = &config,
		.tips = tips_new((size_t)1 << 20) };
	tips_set_canary(web.tips, "the secret");
	clock_set(NOON_S, 10 * HOUR_MS);
	web.heard_ms = 10 * HOUR_MS;
	return web.tips == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	tips_free(web.tips);
	clock_unset();
	return 0;
}

static struct tip *add(uint8_t n)
{
	const struct store_item item = {
		.number = n, .kind = LEDGER_TIP, .len = 4000, .id = { n }
	};

	assert_int_equal(tips_add(web.tips, &item), TL_OK);
	return tips_find(web.tips, item.id);
}

/* It came at noon, by the form, and is opened. */
static void add_text(uint8_t n, const char *text)
{
	struct tip *tip = add(n);
	char doc[256];
	bool is_tip;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"x\",\"received\":\"2026-11-22T12:00:00Z\","
	    "\"channel\":\"web\",\"text\":\"%s\",\"priority\":3,\"rules\":[],"
	    "\"answers\":{},\"sender\":{}}",
	    text);

	tip->is_signed = true;
	assert_int_equal(
	    tips_opened(web.tips, tip, bytes_of(doc, (size_t)len), &is_tip),
	    TL_OK);
}

static void add_test(uint8_t n)
{
	char text[CANARY_CHARS];

	canary_text(bytes_str("the secret"), PLANTED_WEB, NOON_S, text);
	add_text(n, text);
}

static void later(unsigned hours)
{
	clock_set(NOON_S + 3600 * (int64_t)hours, (10 + hours) * HOUR_MS);
}

static void doors_are_told_of_where_test_texts_go(void **state)
{
	(void)state;
	assert_int_equal(web_channels(&web, all), 3);
	assert_string_equal(all[0].name, "web");
	assert_string_equal(all[1].name, PLANTED_WEB);
	assert_string_equal(all[2].name, "phones");
	config.desk.canary_onion = onion;
	assert_int_equal(web_channels(&web, all), 4);
	assert_string_equal(all[2].name, PLANTED_ONION);
	config.desk.canary_web = unset;
	assert_int_equal(web_channels(&web, all), 3);
	assert_string_equal(all[1].name, PLANTED_ONION);
}

static void a_door_is_heard_by_test_texts_alone(void **state)
{
	(void)state;
	add_text(1, "they took our passports");
	assert_int_equal(web_channels(&web, all), 3);
	assert_int_equal(all[0].last_ms, 1000u * NOON_S);
	assert_int_equal(all[1].last_ms, 0);
	assert_true(all[1].is_silent);
	add_test(2);
	assert_int_equal(web_channels(&web, all), 3);
	assert_int_equal(all[1].last_ms, 1000u * NOON_S);
	assert_false(all[1].is_silent);
	later(2);
	(void)web_channels(&web, all);
	assert_false(all[1].is_silent);
	later(3);
	(void)web_channels(&web, all);
	assert_true(all[1].is_silent);
	assert_false(all[0].is_silent); /* they may be */
	assert_false(all[2].is_silent);
}

static void while_tips_are_sealed_only_silence_of_all_is_known(void **state)
{
	(void)state;
	add_test(1);
	(void)add(2);
	later(3);
	web.heard_ms = 12 * HOUR_MS; /* an hour ago: who knows by which */
	(void)web_channels(&web, all);
	assert_false(all[1].is_silent);
	later(5);
	(void)web_channels(&web, all);
	assert_true(all[1].is_silent);
	assert_false(all[2].is_silent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    doors_are_told_of_where_test_texts_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_door_is_heard_by_test_texts_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    while_tips_are_sealed_only_silence_of_all_is_known, set_up,
		    tear_down),
	};

	if (crypto_start() != TL_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name("desk_channels", tests, NULL, NULL);
}
