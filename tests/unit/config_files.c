/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/files and config_load(): what the disk can have wrong, and that
 * nothing of a secret is shown when it has.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/config.h"

struct home {
	char folder[64];
	char heard[8192];
	size_t heard_len;
	size_t heard_n;
};

static void hear(void *arg, const char *sentence)
{
	struct home *home = arg;

	home->heard_len += (size_t)snprintf(home->heard + home->heard_len,
	    sizeof(home->heard) - home->heard_len, "%s\n", sentence);
	assert_true(home->heard_len < sizeof(home->heard));
	home->heard_n++;
}

static void path_of(
    const struct home *home, const char *name, char path[static 256])
{
	(void)snprintf(path, 256, "%s/%s", home->folder, name);
}

static void write_file(
    const struct home *home, const char *name, const char *text, mode_t mode)
{
	char path[256];
	FILE *file;

	path_of(home, name, path);
	(void)unlink(path);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static const char *const names[] = { "tipline.conf", "team.pub", "sign",
	"pepper", "dedup", "one", "two", "cert.pem", "cert.key", "admin.sock",
	"other.conf" };

static int make_home(void **state)
{
	struct home *home = calloc(1, sizeof(*home));
	char path[256];

	assert_non_null(home);
	(void)snprintf(
	    home->folder, sizeof(home->folder), "/tmp/tipline-config-XXXXXX");
	assert_non_null(mkdtemp(home->folder));
	path_of(home, "spool", path);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(home, "tipline.conf",
	    "[site]\npublic_url = https://a.org\n"
	    "[intake]\nteam_keys = team.pub\nteam_identities = "
	    "team.pub\nsigning_key = sign\n"
	    "pepper = pepper\ndedup_key = dedup\nadmin_socket = admin.sock\n"
	    "tls_cert_rsa = cert.pem\ntls_key_rsa = cert.key\n"
	    "[spool]\npath = spool\nreceipt_keys = team.pub\n"
	    "intake_socket = none.sock\n"
	    "[gateway one]\ntype = twilio\nregion = KH\nsecret_file = one\n"
	    "[gateway two]\ntype = kannel\nregion = KH\nsecret_file = two\n",
	    0644);
	write_file(home, "team.pub", "public", 0644);
	write_file(home, "sign", "key", 0600);
	write_file(home, "pepper", "key", 0400);
	write_file(home, "dedup", "key", 0440);
	write_file(home, "one", "secret-one\n", 0600);
	write_file(home, "two", "secret-two\n", 0640);
	write_file(home, "cert.pem", "cert", 0644);
	write_file(home, "cert.key", "key", 0640);
	*state = home;
	return 0;
}

static int remove_home(void **state)
{
	struct home *home = *state;
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(home, names[i], path);
		(void)unlink(path);
	}
	path_of(home, "spool", path);
	(void)rmdir(path);
	assert_int_equal(rmdir(home->folder), 0);
	free(home);
	return 0;
}

static enum tl_err check(struct home *home, unsigned programs)
{
	struct config *config = NULL;
	char path[256];
	enum tl_err err;

	path_of(home, "tipline.conf", path);
	assert_int_equal(config_load(path, &config), TL_OK);
	memset(home->heard, 0, sizeof(home->heard));
	home->heard_len = 0;
	home->heard_n = 0;
	err = config_check_files(
	    config, programs == 0 ? config->programs : programs, hear, home);
	config_free(config);
	return err;
}

static void wrong(struct home *home, const char *wanted)
{
	assert_int_equal(check(home, 0), TL_EPERM);
	if (home->heard_n != 1 || strstr(home->heard, wanted) == NULL) {
		print_error("wanted: %s\nheard:\n%s", wanted, home->heard);
		fail();
	}
	assert_null(strstr(home->heard, "secret-"));
}

static void a_home_in_order_is_right(void **state)
{
	struct home *home = *state;

	if (check(home, 0) != TL_OK) {
		print_error("%s", home->heard);
		fail();
	}
	assert_int_equal(home->heard_n, 0);
}

static void relative_paths_start_at_the_folder_of_the_file(void **state)
{
	struct home *home = *state;
	struct config *config = NULL;
	char wanted[256];
	int cwd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(chdir(home->folder), 0);
	assert_int_equal(config_load("tipline.conf", &config), TL_OK);
	assert_int_equal(fchdir(cwd), 0);
	(void)close(cwd);
	path_of(home, "sign", wanted);
	assert_string_equal(config->intake.signing_key, wanted);
	assert_string_equal(config->path, "tipline.conf");
	config_free(config);
}

static void a_key_that_others_could_read_is_told(void **state)
{
	static const mode_t open_modes[] = { 0640, 0604, 0644, 0660, 0700,
		0620 };
	struct home *home = *state;

	for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]);
	     i++) {
		write_file(home, "sign", "key", open_modes[i]);
		wrong(home, "/sign: others could read this key; run chmod 600");
	}
}

static void a_secret_that_others_could_read_is_told(void **state)
{
	struct home *home = *state;

	write_file(home, "one", "secret-one", 0644);
	wrong(home, "[gateway one] gateway.secret_file: ");
	write_file(home, "one", "secret-one", 0660);
	wrong(home, "/one: others could read this secret");
	write_file(home, "one", "secret-one", 0600);
	write_file(home, "cert.key", "key", 0644);
	wrong(home, "intake.tls_key_rsa: ");
}

static void a_public_file_that_others_could_change_is_told(void **state)
{
	struct home *home = *state;
	char path[256];

	write_file(home, "cert.pem", "cert", 0666);
	wrong(home, "/cert.pem: others could change this file");
	write_file(home, "cert.pem", "cert", 0644);
	path_of(home, "spool", path);
	assert_int_equal(chmod(path, 0777), 0);
	wrong(home, "/spool: others could change this folder");
}

static void a_missing_file_is_told_without_its_secret_path(void **state)
{
	struct home *home = *state;
	char path[256];

	path_of(home, "cert.pem", path);
	assert_int_equal(unlink(path), 0);
	wrong(home, "/cert.pem: there is no such file");
	write_file(home, "cert.pem", "cert", 0644);
	path_of(home, "one", path);
	assert_int_equal(unlink(path), 0);
	wrong(home,
	    "[gateway one] gateway.secret_file: there is no such file; put it"
	    " there with mode 600");
	assert_null(strstr(home->heard, "/one"));
}

/* Only the unit that systemd hands it to can miss it. */
static void a_missing_credential_is_told_to_its_own_unit_alone(void **state)
{
	struct home *home = *state;

	write_file(home, "tipline.conf",
	    "[spool]\npath = spool\nreceipt_keys = "
	    "/run/credentials/x.service/receipt.pub\n"
	    "intake_socket = none.sock\n",
	    0644);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	assert_int_equal(check(home, 0), TL_OK);
	assert_int_equal(
	    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x.service", 1),
	    0);
	wrong(home,
	    "receipt_keys: /run/credentials/x.service/receipt.pub:"
	    " there is no such file");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void an_empty_file_and_a_folder_in_its_place_are_told(void **state)
{
	struct home *home = *state;
	char path[256];

	write_file(home, "team.pub", "", 0644);
	assert_int_equal(check(home, CONFIG_INTAKE), TL_EPERM);
	assert_non_null(strstr(home->heard, "/team.pub: the file is empty"));
	write_file(home, "team.pub", "public", 0644);
	path_of(home, "pepper", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	wrong(home, "/pepper: this is no file");
	assert_int_equal(rmdir(path), 0);
	write_file(home, "pepper", "key", 0600);
	write_file(home, "admin.sock", "x", 0600);
	wrong(home, "/admin.sock: this is no socket");
}

static void a_socket_that_is_there_is_right(void **state)
{
	struct home *home = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path),
	    "%s/admin.sock", home->folder);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(check(home, 0), TL_OK);
	(void)close(fd);
}

static void two_gateways_with_a_copy_of_one_secret_are_told(void **state)
{
	struct home *home = *state;

	write_file(home, "two", "secret-one", 0600);
	wrong(home, "[gateway two] gateway.secret_file: ");
	assert_non_null(strstr(home->heard, "the same secret as another"));
}

static void a_program_looks_at_its_own_files_only(void **state)
{
	struct home *home = *state;

	write_file(home, "one", "secret-one", 0644);
	assert_int_equal(check(home, CONFIG_SPOOL), TL_OK);
	assert_int_equal(check(home, CONFIG_INTAKE), TL_EPERM);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	struct home *home = *state;
	struct config *untouched = (struct config *)home;
	struct config *config = untouched;
	char path[256];

	path_of(home, "nothing.conf", path);
	assert_int_equal(config_load(path, &config), TL_ENOENT);
	assert_int_equal(config_load(home->folder, &config), TL_EIO);
	path_of(home, "nowhere/nothing.conf", path);
	assert_int_equal(config_load(path, &config), TL_ENOENT);
	write_file(home, "other.conf", "[nothing]\n", 0600);
	path_of(home, "other.conf", path);
	assert_int_equal(config_load(path, &config), TL_EINVAL);
	assert_ptr_equal(config, untouched);
}

#define IN_HOME(test) \
	cmocka_unit_test_setup_teardown(test, make_home, remove_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOME(a_home_in_order_is_right),
		IN_HOME(relative_paths_start_at_the_folder_of_the_file),
		IN_HOME(a_key_that_others_could_read_is_told),
		IN_HOME(a_secret_that_others_could_read_is_told),
		IN_HOME(a_public_file_that_others_could_change_is_told),
		IN_HOME(a_missing_credential_is_told_to_its_own_unit_alone),
		IN_HOME(a_missing_file_is_told_without_its_secret_path),
		IN_HOME(an_empty_file_and_a_folder_in_its_place_are_told),
		IN_HOME(a_socket_that_is_there_is_right),
		IN_HOME(two_gateways_with_a_copy_of_one_secret_are_told),
		IN_HOME(a_program_looks_at_its_own_files_only),
		IN_HOME(a_file_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests_name("config/files", tests, NULL, NULL);
}
