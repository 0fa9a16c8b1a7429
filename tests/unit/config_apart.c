/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/apart: what lies in the folder of the ledger that the console's store
 * must not have, by whatever name, link or folder below it is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "tests/lib/tempdir.h"

static char *dir;

static int set_up(void **state)
{
	static const char *const folders[] = { "ledger", "ledger/below",
		"keys" };

	(void)state;
	dir = tempdir_make();
	for (size_t i = 0; dir != NULL && i < 3; i++) {
		if (mkdir(tempdir_path(dir, folders[i]), 0700) != 0) {
			return -1;
		}
	}
	return dir == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(tempdir_path(dir, name), "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(tempdir_path(dir, name), 0600), 0);
}

struct heard {
	char text[2048];
	size_t n;
};

static void hear(void *arg, const char *path)
{
	struct heard *heard = arg;
	size_t len = strlen(heard->text);

	(void)snprintf(
	    heard->text + len, sizeof(heard->text) - len, "%s\n", path);
	heard->n++;
}

/* What a console is told of its files; all of it is beside the ledger. */
static const char *const usual[][2] = {
	{ "[redis]\nsocket", "redis.sock" },
	{ "desk_password_file", "keys/desk.pass" },
	{ "[desk]\nledger", "ledger" },
	{ "team_ring", "keys/team.ring" },
	{ "receipt_key", "keys/receipt.key" },
	{ "intake_keys", "keys/intake.pub" },
	{ "signing_key", "keys/desk.key" },
	{ "tls_cert", "keys/tls.pem" },
	{ "tls_key", "keys/tls.key" },
};
#define USUAL (sizeof(usual) / sizeof(usual[0]))

/* With another value of that option: so many are told, one of them ends so. */
static void expect(
    const char *option, const char *value, size_t n, const char *end)
{
	struct heard heard = { .n = 0 };
	struct config *config = NULL;
	char text[1024];
	size_t len = 0;

	for (size_t i = 0; i < USUAL; i++) {
		bool other = strstr(usual[i][0], option) != NULL;

		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s = %s\n", usual[i][0], other ? value : usual[i][1]);
	}
	put("desk.conf", text);
	assert_int_equal(
	    config_load(tempdir_path(dir, "desk.conf"), &config), TL_OK);
	config_each_in_ledger(config, hear, &heard);
	config_free(config);
	if (heard.n != n || strstr(heard.text, end) == NULL) {
		print_error("%s gave:\n%s", text, heard.text);
	}
	assert_int_equal(heard.n, n);
	assert_non_null(strstr(heard.text, end));
}

static void a_ledger_apart_is_passed_in_silence(void **state)
{
	static const char *const files[] = { "ledger/lock",
		"ledger/ledger-000001", "ledger/shown", "ledger/intake.pub",
		"keys/team.ring", "ledger.ring" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		put(files[i], "x");
	}
	expect("team_ring", "keys/team.ring", 0, "");
	/* its name begins with the folder's */
	expect("team_ring", "ledger.ring", 0, "");
	/* a folder that is not made yet */
	expect("ledger", "none", 0, "");
	/* public keys may be there */
	expect("intake_keys", "ledger/intake.pub", 0, "");
}

static void each_secret_in_it_is_told_once(void **state)
{
	static const struct {
		const char *option, *value, *file;
	} rows[] = {
		{ "team_ring", "ledger/team.ring", "ledger/team.ring" },
		{ "receipt_key", "ledger/below/a", "ledger/below/a" },
		{ "signing_key", "ledger/any-name", "ledger/any-name" },
		{ "tls_key", "ledger/../ledger/tls", "ledger/tls" },
		{ "desk_password_file", "ledger/p", "ledger/p" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(rows[i].file, "x");
		expect(rows[i].option, rows[i].value, 1, rows[i].value);
		assert_int_equal(unlink(tempdir_path(dir, rows[i].file)), 0);
	}
	/* those that nobody names, by what they are called */
	put("ledger/desk.key", "x");
	put("ledger/admin.pass", "x");
	put("ledger/key", "x");
	put("ledger/.key", "x");
	expect("signing_key", "ledger/desk.key", 2, "/admin.pass\n");
}

static void links_lead_to_what_they_are(void **state)
{
	char target[256];

	(void)state;
	/* by another name of the folder */
	assert_int_equal(symlink("ledger", tempdir_path(dir, "other")), 0);
	put("ledger/a", "x");
	expect("team_ring", "other/a", 1, "other/a");
	/* a link there could be made to lead to another ring */
	put("keys/ring", "x");
	(void)snprintf(
	    target, sizeof(target), "%s", tempdir_path(dir, "keys/ring"));
	assert_int_equal(symlink(target, tempdir_path(dir, "ledger/r")), 0);
	expect("team_ring", "ledger/r", 1, "ledger/r");
	/* one beside it that leads in */
	assert_int_equal(
	    symlink("../ledger/a", tempdir_path(dir, "keys/in")), 0);
	expect("team_ring", "keys/in", 1, "keys/in");
	/* the ledger by a link, and what is in it by its own name */
	put("ledger/team.ring", "x");
	expect("ledger", "other", 1, "ledger/team.ring");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ledger_apart_is_passed_in_silence),
		TEST(each_secret_in_it_is_told_once),
		TEST(links_lead_to_what_they_are),
	};

	return cmocka_run_group_tests_name("config/apart", tests, NULL, NULL);
}
