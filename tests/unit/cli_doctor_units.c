/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_units: each line of a drop-in that opens a unit is found, and the
 * units as they are shipped are passed in silence. cli/units: one that is down
 * is named. Under a real systemd: tests/boot.
 */
#include "cli/doctor_units.h"
#include "cli/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/lib/doctor_visit.h"
#include "tests/lib/tempdir.h"

static char *dir;

static int set_up(void **state)
{
	static const char *const folders[] = { "run", "run/systemd",
		"run/systemd/system", "usr", "usr/bin" };

	(void)state;
	dir = tempdir_make();
	for (size_t i = 0; dir != NULL && i < 5; i++) {
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

/* A systemctl that says this of the two units; more: before what is usual, so
 * that it counts. */
static void say_of_units(const char *load, const char *name, const char *more)
{
	char text[4096];
	size_t len = (size_t)snprintf(text, sizeof(text),
	    "#!/bin/sh\n[ \"$1 $2\" = 'show -p' ] || exit 1\ncat <<'END'\n"
	    "Id=tipline-redis.service\nLoadState=not-found\nUser=\n\n"
	    "%s\nId=%s\nLoadState=%s\nUser=tipline-x\nPrivateNetwork=yes\n"
	    "IPAddressDeny=::/0 0.0.0.0/0\n",
	    more, name, load);

	for (size_t i = 0; doctor_unit_rules[i].property != NULL; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s=%s\n", doctor_unit_rules[i].property,
		    doctor_unit_rules[i].want);
	}
	(void)snprintf(text + len, sizeof(text) - len, "END\n");
	doctor_put(dir, "usr/bin/systemctl", text);
	assert_int_equal(
	    chmod(tempdir_path(dir, "usr/bin/systemctl"), 0700), 0);
}

static void expect(size_t n, const char *said)
{
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit(dir, &heard);

	doctor_units(&doctor);
	doctor_expect(&heard, n, said);
}

static void units_as_shipped_are_passed_in_silence(void **state)
{
	(void)state;
	say_of_units("loaded", "tipline-intake.service", "");
	expect(0, "");
	/* of another host's unit nothing is known */
	say_of_units("not-found", "tipline-intake.service", "User=");
	expect(0, "");
	/* a systemctl that fails, and none */
	doctor_put(dir, "usr/bin/systemctl", "#!/bin/sh\nexit 1\n");
	expect(0, "");
	tempdir_remove_tree(tempdir_path(dir, "usr"));
	expect(0, "");
	tempdir_remove_tree(tempdir_path(dir, "run"));
	expect(0, "");
}

static void each_directive_that_was_opened_is_found_alone(void **state)
{
	(void)state;
	for (size_t i = 0; doctor_unit_rules[i].property != NULL; i++) {
		char more[128];

		(void)snprintf(more, sizeof(more), "%s=%s",
		    doctor_unit_rules[i].property,
		    strcmp(doctor_unit_rules[i].want, "yes") == 0 ? "no"
								  : "full");
		say_of_units("loaded", "tipline-desk.service", more);
		expect(1, doctor_unit_rules[i].why);
	}
	say_of_units("loaded", "tipline-desk.service",
	    "Environment=A=b TIPLINE_SANDBOX=relaxed");
	expect(1, "not to lock itself in");
	say_of_units("loaded", "tipline-desk.service",
	    "EnvironmentFiles=/etc/x (ignore_errors=no)");
	expect(1, "not to lock itself in");
	say_of_units("loaded", "tipline-desk.service",
	    "Environment=TZ=UTC\nEnvironmentFiles=");
	expect(0, "");
	say_of_units("loaded", "tipline-desk.service", "User=root");
	expect(1, "tipline-desk.service runs as root");
	say_of_units("loaded", "tipline-desk.service", "User=");
	expect(1, "runs as root");
}

static void a_network_of_named_addresses_is_for_those_that_speak(void **state)
{
	static const struct {
		const char *name, *more;
		size_t n;
	} rows[] = {
		{ "tipline-redis.service", "PrivateNetwork=no", 0 },
		{ "tipline-desk.service", "PrivateNetwork=no", 0 },
		{ "tipline-desk.service",
		    "PrivateNetwork=no\nIPAddressDeny=", 1 },
		{ "tipline-relay.service",
		    "PrivateNetwork=no\nIPAddressDeny=0.0.0.0/0", 1 },
		{ "tipline-intake.service", "PrivateNetwork=no", 1 },
		{ "tipline-spool.service", "PrivateNetwork=no", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say_of_units("loaded", rows[i].name, rows[i].more);
		expect(rows[i].n, rows[i].n > 0 ? "every address" : "");
	}
}

/* What is asked for is what we ship, or each morning would have a finding. */
static void each_shipped_unit_has_each_line(void **state)
{
	(void)state;
	for (size_t u = 0; units_asked[u] != NULL; u++) {
		char path[256], text[16384] = "\n";
		FILE *file;

		(void)snprintf(
		    path, sizeof(path), "systemd/%s", units_asked[u]);
		file = fopen(path, "re");
		assert_non_null(file);
		assert_true(fread(text + 1, 1, sizeof(text) - 2, file) > 0);
		assert_int_equal(fclose(file), 0);
		for (size_t i = 0; doctor_unit_rules[i].property != NULL; i++) {
			char line[128];

			(void)snprintf(line, sizeof(line), "\n%s=%s\n",
			    doctor_unit_rules[i].property,
			    doctor_unit_rules[i].want);
			if (strstr(text, line) == NULL) {
				print_error("%s has no %s", path, line);
			}
			assert_non_null(strstr(text, line));
		}
		assert_non_null(strstr(text, "\nPrivateNetwork=yes\n"));
		assert_non_null(strstr(text, "\nIPAddressDeny=any\n"));
	}
}

/* ---- what runs -----------------------------------------------------------
 */

static void expect_down(int n, const char *said)
{
	struct buf down;

	buf_init(&down, 4096);
	assert_int_equal(units_down(dir, &down), n);
	buf_put_u8(&down, 0);
	assert_int_equal(buf_err(&down), TL_OK);
	assert_string_equal((const char *)down.data, said);
	buf_free(&down);
}

static void say_that_runs(const char *desk, const char *relay)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "#!/bin/sh\n[ \"$1 $2\" = 'show -p' ] || exit 1\ncat <<'END'\n"
	    "Id=tipline-intake.service\nLoadState=not-found\n"
	    "ActiveState=inactive\nSubState=dead\nUnitFileState=\n\n"
	    "Id=tipline-desk.service\nLoadState=loaded\n%s\n\n"
	    "Id=tipline-relay.service\nLoadState=loaded\n%s\nEND\n",
	    desk, relay);
	doctor_put(dir, "usr/bin/systemctl", text);
	assert_int_equal(
	    chmod(tempdir_path(dir, "usr/bin/systemctl"), 0700), 0);
}

#define RUNS "ActiveState=active\nSubState=running\nUnitFileState=enabled"

static void each_that_is_enabled_and_down_is_named(void **state)
{
	static const char *const folders[] = { "lib", "lib/systemd",
		"lib/systemd/system" };

	(void)state;
	say_that_runs(RUNS, RUNS);
	expect_down(2, "");
	say_that_runs("ActiveState=reloading\nSubState=reload\n"
		      "UnitFileState=enabled-runtime",
	    RUNS);
	expect_down(2, "");
	/* systemd starts it for ever, and never calls it failed */
	say_that_runs("ActiveState=activating\nSubState=auto-restart\n"
		      "UnitFileState=enabled",
	    RUNS);
	expect_down(2, "tipline-desk.service (auto-restart)");
	say_that_runs("ActiveState=failed\nSubState=failed\n"
		      "UnitFileState=enabled",
	    "ActiveState=inactive\nSubState=dead\nUnitFileState=enabled");
	expect_down(
	    2, "tipline-desk.service (failed), tipline-relay.service (dead)");
	/* switched off by hand; of an older systemd */
	say_that_runs("ActiveState=inactive\nUnitFileState=disabled",
	    "ActiveState=inactive\nUnitFileState=enabled");
	expect_down(1, "tipline-relay.service (?)");
	doctor_put(dir, "usr/bin/systemctl", "#!/bin/sh\nexit 1\n");
	expect_down(0, "");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		assert_int_equal(mkdir(tempdir_path(dir, folders[i]), 0700), 0);
	}
	doctor_put(dir, "lib/systemd/system/tipline-desk.service", "");
	expect_down(-1, "");
	tempdir_remove_tree(tempdir_path(dir, "run"));
	expect_down(0, "");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(units_as_shipped_are_passed_in_silence),
		TEST(each_directive_that_was_opened_is_found_alone),
		TEST(a_network_of_named_addresses_is_for_those_that_speak),
		TEST(each_shipped_unit_has_each_line),
		TEST(each_that_is_enabled_and_down_is_named),
	};

	return cmocka_run_group_tests_name("doctor's units", tests, NULL, NULL);
}
