/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/ui and desk/vault: the console's files are a table, and what was opened
 * has a bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/ui.h"
#include "desk/vault.h"
#include "tests/lib/assert_bytes.h"
#include "tests/lib/tempdir.h"

static char *dir;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(tempdir_path(dir, name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void only_what_is_in_the_table_is_found(void **state)
{
	static const char *const none[] = { "", "/js", "/js/", "/a.txt",
		"/../a.js", "/js/../index.html", "/js/%2e%2e/index.html",
		"index.html", "/index.html/", "//index.html", "/INDEX.HTML",
		"/js/./a.js", "/etc/passwd" };
	struct ui *ui = NULL;
	struct ui_file file;

	(void)state;
	assert_int_equal(mkdir(tempdir_path(dir, "js"), 0700), 0);
	put("index.html", "<p>");
	put("js/a.js", "1");
	assert_int_equal(ui_load(dir, &ui), TL_OK);
	assert_true(ui_find(ui, bytes_str("/"), &file));
	assert_string_equal(file.type, "text/html; charset=utf-8");
	assert_bytes(file.bytes, "<p>");
	assert_true(ui_find(ui, bytes_str("/js/a.js"), &file));
	assert_bytes(file.bytes, "1");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_false(ui_find(ui, bytes_str(none[i]), &file));
	}
	assert_false(ui_find(ui, bytes_of("/\0index.html", 12), &file));
	ui_free(ui);
}

static void what_does_not_belong_there_is_refused(void **state)
{
	static const char *const bad[] = { "a.exe", ".hidden.js", "a b.js",
		"noending" };
	struct ui *ui = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(bad[i], "x");
		assert_int_equal(ui_load(dir, &ui), TL_EINVAL);
		assert_int_equal(remove(tempdir_path(dir, bad[i])), 0);
	}
	assert_int_equal(ui_load(tempdir_path(dir, "nowhere"), &ui), TL_ENOENT);
	assert_int_equal(ui_load(dir, &ui), TL_OK);
	ui_free(ui);
}

static void a_vault_keeps_copies_up_to_its_bound(void **state)
{
	static uint8_t big[700 * 1024];
	struct vault *vault = vault_new((size_t)2 * 1024 * 1024);
	struct bytes kept[100];

	(void)state;
	assert_non_null(vault);
	for (size_t i = 0; i < 100; i++) {
		char text[8];

		(void)snprintf(text, sizeof(text), "t%zu", i);
		kept[i] = vault_keep(vault, bytes_str(text));
		assert_ptr_not_equal(kept[i].at, text);
	}
	assert_memory_equal(kept[99].at, "t99", 3);
	assert_memory_equal(kept[0].at, "t0", 2);
	assert_non_null(vault_keep(vault, bytes_of(big, sizeof(big))).at);
	assert_non_null(vault_keep(vault, bytes_of(big, sizeof(big))).at);
	/* over the bound, and small ones still fit beside the big one */
	assert_null(vault_keep(vault, bytes_of(big, sizeof(big))).at);
	assert_non_null(vault_keep(vault, bytes_str("more")).at);
	assert_true(vault_bytes(vault) <= (size_t)2 * 1024 * 1024);
	assert_non_null(vault_keep(vault, bytes_of(NULL, 0)).at);
	vault_empty(vault);
	assert_int_equal(vault_bytes(vault), 0);
	assert_non_null(vault_keep(vault, bytes_of(big, sizeof(big))).at);
	vault_free(vault);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_in_the_table_is_found),
		TEST(what_does_not_belong_there_is_refused),
		TEST(a_vault_keeps_copies_up_to_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
