/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_files: on a host as set-up leaves it nothing is said; each mode
 * and each owner that is wrong is found alone, and the sentence names the cure.
 */
#include "cli/doctor_files.h"
#include "cli/doctor_site.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/doctor_visit.h"
#include "tests/lib/tempdir.h"

#define NOBODYS 4711u

/* What set-up makes, with its modes. */
static const struct {
	const char *file;
	mode_t mode;
	mode_t wrong;
} made[] = {
	{ "etc/tipline/keys/intake.key", 0400, 0755 },
	{ "etc/tipline/keys/pepper.key", 0400, 0440 },
	{ "etc/tipline/keys/dedup.key", 0400, 0644 },
	{ "etc/tipline/redis/relay.pass", 0600, 0644 },
	{ "etc/tipline/redis/users.acl", 0640, 0644 },
	{ "etc/tipline/tls/ecdsa.key", 0640, 0660 },
	{ "etc/tipline/secrets/phones", 0640, 0644 },
	{ "etc/tipline/desk-tls/desk.key", 0640, 0644 },
	{ "etc/stunnel/tipline.key", 0600, 0640 },
	{ "var/lib/tipline/desk/desk.key", 0600, 0644 },
	{ "var/lib/tipline/desk/receipt.key", 0600, 0640 },
	{ "var/lib/tipline/desk/team.ring", 0600, 0644 },
	{ "var/lib/tipline/desk/desk.pass", 0600, 0755 },
	{ "var/lib/tipline-redis/redis.conf", 0600, 0644 },
	{ "var/lib/tipline-sentinel/watch.pass", 0600, 0644 },
	{ "var/lib/tipline-sentinel/sentinel.conf", 0600, 0644 },
	/* for everybody to read */
	{ "etc/tipline/keys/team.list", 0644, 0 },
	{ "etc/tipline/redis/tipline-redis.conf", 0644, 0 },
	{ "etc/tipline/tls/ecdsa.pem", 0644, 0 },
};
#define MADE (sizeof(made) / sizeof(made[0]))

static char *make_host(void)
{
	static const char *const folders[] = { "etc", "etc/tipline",
		"etc/tipline/keys", "etc/tipline/redis", "etc/tipline/tls",
		"etc/tipline/secrets", "etc/tipline/desk-tls", "etc/stunnel",
		"var", "var/lib", "var/lib/tipline", "var/lib/tipline/desk",
		"var/lib/tipline-redis", "var/lib/tipline-sentinel" };
	char *dir = tempdir_make();

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		assert_int_equal(mkdir(tempdir_path(dir, folders[i]), 0700), 0);
	}
	for (size_t i = 0; i < MADE; i++) {
		doctor_put(dir, made[i].file, "x\n");
		assert_int_equal(
		    chmod(tempdir_path(dir, made[i].file), made[i].mode), 0);
	}
	return dir;
}

static struct config *load(const char *dir, const char *text)
{
	struct config *config = NULL;

	doctor_put(dir, "tipline.conf", text);
	assert_int_equal(
	    config_load(tempdir_path(dir, "tipline.conf"), &config), TL_OK);
	return config;
}

static void what_set_up_leaves_is_passed_in_silence(void **state)
{
	char *dir = make_host();
	struct config *config = load(dir, "[redis]\nsocket = /run/x\n");
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit(dir, &heard);

	(void)state;
	doctor_installed(&doctor, config, NULL);
	doctor_installed(&doctor, config, config);
	doctor_owners(&doctor, config);
	doctor_expect(&heard, 0, "");
	/* a host where none of it is */
	doctor = doctor_visit("/no/such/root", &heard);
	doctor_installed(&doctor, config, NULL);
	doctor_expect(&heard, 0, "");
	config_free(config);
	tempdir_remove(dir);
}

static void each_mode_that_is_wrong_is_found_alone(void **state)
{
	char *dir = make_host();
	struct config *config = load(dir, "[redis]\nsocket = /run/x\n");

	(void)state;
	for (size_t i = 0; i < MADE; i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit(dir, &heard);
		char cure[256];

		if (made[i].wrong == 0) {
			continue;
		}
		assert_int_equal(
		    chmod(tempdir_path(dir, made[i].file), made[i].wrong), 0);
		doctor_installed(&doctor, config, NULL);
		(void)snprintf(cure, sizeof(cure), "run chmod %o /%s",
		    (unsigned)made[i].mode, made[i].file);
		doctor_expect(&heard, 1, cure);
		assert_int_equal(
		    chmod(tempdir_path(dir, made[i].file), made[i].mode), 0);
	}
	config_free(config);
	tempdir_remove(dir);
}

/* It has been judged there, with the option that names it. */
static void what_a_configuration_names_is_not_said_twice(void **state)
{
	struct config *none;
	struct config *names;
	char *dir = make_host();
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit(dir, &heard);

	(void)state;
	none = load(dir, "[redis]\nsocket = /run/x\n");
	names = load(dir,
	    "[redis]\nsocket = /run/x\n"
	    "admin_password_file = /etc/tipline/redis/relay.pass\n");
	assert_int_equal(
	    chmod(tempdir_path(dir, "etc/tipline/redis/relay.pass"), 0644), 0);
	doctor_installed(&doctor, names, NULL);
	doctor_installed(&doctor, none, names);
	doctor_expect(&heard, 0, "");
	doctor_installed(&doctor, none, NULL);
	doctor_expect(&heard, 1, "chmod 600 /etc/tipline/redis/relay.pass");
	config_free(none);
	config_free(names);
	tempdir_remove(dir);
}

static void an_owner_that_is_neither_root_nor_ours_is_found(void **state)
{
	static const struct {
		uid_t owner, mine;
		size_t n;
	} rows[] = {
		{ 0, 0, 0 },
		{ 0, 1000, 0 },
		{ 1000, 1000, 0 },
		{ NOBODYS, 0, 1 },
		{ NOBODYS, 1000, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit("", &heard);

		doctor_owner(&doctor, "/etc/tipline/keys/team.list",
		    rows[i].owner, rows[i].mine);
		doctor_expect(&heard, rows[i].n,
		    rows[i].n > 0 ? "run chown root /etc/tipline/keys/team.list"
				  : "");
	}
}

/* Whoever runs the tests: root gives the file away; who is not root has a host
 * whose files are none of root's. In a user namespace of root alone nothing can
 * be made another's. */
static void owners_are_looked_at_wherever_a_file_is_named(void **state)
{
	char *dir = make_host();
	struct config *config = load(dir,
	    "[redis]\nsocket = /run/x\n"
	    "admin_password_file = etc/tipline/redis/relay.pass\n");
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit(dir, &heard);
	char *own = config->path;
	bool alone = false;

	(void)state;
	if (getuid() != 0) {
		config->path = (char[]){ "/etc/passwd" };
		doctor_owners(&doctor, config);
		doctor_expect(&heard, 1, "relay.pass: belongs to");
	} else if (chown(tempdir_path(dir, "etc/tipline/redis/relay.pass"),
		       NOBODYS, (gid_t)-1) != 0) {
		alone = errno == EINVAL;
		assert_true(alone);
	} else {
		doctor_installed(&doctor, config, NULL);
		doctor_expect(&heard, 1, "relay.pass: belongs to");
		doctor_owners(&doctor, config);
		doctor_expect(&heard, 2, "relay.pass: belongs to");
	}
	config->path = own;
	config_free(config);
	tempdir_remove(dir);
	if (alone) {
		skip(); /* there is no second user in this namespace */
	}
}

/* ---- sockets ---------------------------------------------------------------
 */

static char *make_sockets(void)
{
	static const char *const folders[] = { "run", "run/tipline",
		"run/tipline/onion", "run/tipline-redis",
		"run/tipline-tunnel" };
	static const char *const files[] = { "run/tipline/onion/socket",
		"run/tipline-redis/redis.sock",
		"run/tipline-tunnel/redis-1.sock" };
	char *dir = tempdir_make();

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *path = tempdir_path(dir, folders[i]);

		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(chmod(path, i < 2 ? 0755 : 0710), 0);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = tempdir_path(dir, files[i]);

		assert_int_equal(mknod(path, S_IFSOCK | 0600, 0), 0);
		assert_int_equal(chmod(path, i == 0 ? 0660 : 0770), 0);
	}
	return dir;
}

static void a_socket_that_everybody_may_use_is_found(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
		const char *cure;
	} rows[] = {
		{ "run/tipline/onion/socket", 0666, "take SocketMode= out" },
		{ "run/tipline/onion/socket", 0662, "take SocketMode= out" },
		{ "run/tipline/onion", 0755, "chmod o= /run/tipline/onion" },
		{ "run/tipline-redis/redis.sock", 0777, "unixsocketperm 770" },
		{ "run/tipline-redis", 0751, "chmod o= /run/tipline-redis" },
		{ "run/tipline-tunnel/redis-1.sock", 0777, "UMask=0007" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *dir = make_sockets();
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit(dir, &heard);

		doctor_sockets(&doctor);
		doctor_expect(&heard, 0, "");
		assert_int_equal(
		    chmod(tempdir_path(dir, rows[i].path), rows[i].mode), 0);
		doctor_sockets(&doctor);
		doctor_expect(&heard, 1, rows[i].cure);
		tempdir_remove(dir);
	}
}

/* ---- disks -----------------------------------------------------------------
 */

static void a_disk_without_barriers_is_found(void **state)
{
	static const struct {
		const char *options;
		size_t n;
	} rows[] = { { "rw,errors=remount-ro", 0 }, { "rw", 0 },
		{ "rw,nobarrier", 1 }, { "barrier=0,rw", 1 },
		{ "rw,nobarriers,xbarrier=0", 0 } };
	char *dir = tempdir_make();
	struct stat info;

	(void)state;
	assert_int_equal(mkdir(tempdir_path(dir, "proc"), 0700), 0);
	assert_int_equal(mkdir(tempdir_path(dir, "proc/self"), 0700), 0);
	assert_int_equal(stat(dir, &info), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit(dir, &heard);
		char mounts[512];

		(void)snprintf(mounts, sizeof(mounts),
		    "20 1 0:9999 / /proc rw - proc proc rw,nobarrier\n"
		    "broken\n\n30 1 %u:%u / /var rw,noatime shared:1 - ext4"
		    " /dev/sda1 %s\n",
		    major(info.st_dev), minor(info.st_dev), rows[i].options);
		doctor_put(dir, "proc/self/mountinfo", mounts);
		doctor_barriers(&doctor, dir);
		doctor_expect(&heard, rows[i].n,
		    rows[i].n > 0 ? "remount,barrier /var" : "");
	}
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_set_up_leaves_is_passed_in_silence),
		cmocka_unit_test(each_mode_that_is_wrong_is_found_alone),
		cmocka_unit_test(what_a_configuration_names_is_not_said_twice),
		cmocka_unit_test(
		    an_owner_that_is_neither_root_nor_ours_is_found),
		cmocka_unit_test(owners_are_looked_at_wherever_a_file_is_named),
		cmocka_unit_test(a_socket_that_everybody_may_use_is_found),
		cmocka_unit_test(a_disk_without_barriers_is_found),
	};

	return cmocka_run_group_tests_name(
	    "cli/doctor_files", tests, NULL, NULL);
}
