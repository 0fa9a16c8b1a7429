/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/keygen, cli/passphrase: a whole set of keys or none, never over what
 * is there, and the passphrase from where nobody else can read it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/keygen.h"
#include "cli/passphrase.h"
#include "crypto/identity.h"
#include "crypto/keyfile.h"
#include "crypto/ring.h"
#include "crypto/start.h"
#include "crypto/teamlist.h"
#include "tests/lib/tempdir.h"

#define PASSPHRASE "correct horse battery"

static char *dir;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	return 0;
}

static void write_passphrase(const char *text, mode_t mode)
{
	const char *path = tempdir_path(dir, "pass");
	FILE *file;

	(void)unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(setenv("TIPLINE_PASSPHRASE_FILE", path, 1), 0);
}

static int fresh_dir(void **state)
{
	(void)state;
	dir = tempdir_make();
	write_passphrase(PASSPHRASE "\n", 0600);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static int keygen_in(const char *folder)
{
	char path[4096];
	char *argv[] = { (char[]){ "keygen" }, (char[]){ "--cheap" }, path,
		NULL };

	(void)snprintf(path, sizeof(path), "%s", folder);
	return cli_keygen(3, argv);
}

static const struct {
	const char *name;
	enum key_kind kind;
} kinds[] = {
	{ "identity.pub", KEY_TEAM_IDENTITY },
	{ "intake.key", KEY_INTAKE_SIGN },
	{ "intake.pub", KEY_INTAKE_VERIFY },
	{ "receipt.key", KEY_RECEIPT_SIGN },
	{ "receipt.pub", KEY_RECEIPT_VERIFY },
	{ "desk.key", KEY_INTAKE_SIGN },
	{ "desk.pub", KEY_INTAKE_VERIFY },
	{ "pepper.key", KEY_PEPPER },
	{ "dedup.key", KEY_DEDUP },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void all_keys_are_made_and_fit_each_other(void **state)
{
	uint8_t keys[N_KINDS][KEY_MAX_BYTES];
	const char *folder = tempdir_path(dir, "keys");
	const struct team_key *team = NULL;
	struct teamlist *list = NULL;
	struct ring *ring = NULL;
	uint8_t sign[KEY_SIGN_BYTES];
	struct stat st;

	(void)state;
	assert_int_equal(keygen_in(folder), 0);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	for (size_t i = 0; i < N_KINDS; i++) {
		assert_int_equal(
		    keyfile_load(tempdir_path(folder, kinds[i].name),
			kinds[i].kind, keys[i]),
		    TL_OK);
	}
	assert_int_equal(identity_unlock(tempdir_path(folder, "identity.key"),
			     bytes_str(PASSPHRASE), sign),
	    TL_OK);
	assert_memory_equal(sign + 32, keys[0], 32);
	assert_int_equal(
	    teamlist_load(tempdir_path(folder, "team.list"), &list), TL_OK);
	assert_memory_equal(list->identity, keys[0], 32);
	assert_int_equal(list->n, 53);
	assert_int_equal(list->number, 1);
	assert_int_equal(
	    ring_load(tempdir_path(folder, "team.ring"), &ring), TL_OK);
	assert_int_equal(
	    ring_unlock(ring, bytes_str("officer"), bytes_str(PASSPHRASE)),
	    TL_OK);
	assert_int_equal(ring_n(ring), list->n);
	for (size_t i = 0; i < list->n; i++) {
		assert_int_equal(ring_key(ring, i, &team), TL_OK);
		assert_memory_equal(
		    teamkey_public(team), list->epochs[i].public_key, 32);
		assert_int_equal(
		    list->epochs[i].start_s, ring_epoch(ring, i)->start_s);
	}
	teamlist_free(list);
	ring_free(ring);
	assert_memory_equal(keys[1] + 32, keys[2], 32);
	assert_memory_equal(keys[3] + 32, keys[4], 32);
	assert_memory_not_equal(keys[2], keys[4], 32);
	assert_memory_not_equal(keys[5], keys[6], 32);
}

static void what_is_there_is_never_overwritten(void **state)
{
	const char *folder = tempdir_path(dir, "keys");
	uint8_t before[32];
	uint8_t after[32];

	(void)state;
	assert_int_equal(keygen_in(folder), 0);
	assert_int_equal(keyfile_load(tempdir_path(folder, "pepper.key"),
			     KEY_PEPPER, before),
	    TL_OK);
	assert_int_equal(keygen_in(folder), 1);
	/* one that is left is enough, and no new ones come beside it */
	for (size_t i = 0; i < N_KINDS; i++) {
		if (kinds[i].kind != KEY_PEPPER) {
			(void)unlink(tempdir_path(folder, kinds[i].name));
		}
	}
	(void)unlink(tempdir_path(folder, "team.ring"));
	assert_int_equal(keygen_in(folder), 1);
	assert_int_not_equal(
	    access(tempdir_path(folder, "team.ring"), F_OK), 0);
	assert_int_equal(
	    keyfile_load(tempdir_path(folder, "pepper.key"), KEY_PEPPER, after),
	    TL_OK);
	assert_memory_equal(before, after, 32);
}

static void a_folder_that_others_see_is_refused(void **state)
{
	const char *folder = tempdir_path(dir, "open");

	(void)state;
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(keygen_in(folder), 1);
	assert_int_not_equal(
	    access(tempdir_path(folder, "team.ring"), F_OK), 0);
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(keygen_in(folder), 0);
}

static void a_short_passphrase_is_refused(void **state)
{
	(void)state;
	write_passphrase("elevenchars\n", 0600);
	assert_int_equal(keygen_in(tempdir_path(dir, "keys")), 1);
	/* bytes do not count: eleven Khmer letters are 33 of them */
	write_passphrase("កខគឃងចឆជឈញដ\n", 0600);
	assert_int_equal(keygen_in(tempdir_path(dir, "keys")), 1);
	assert_int_not_equal(access(tempdir_path(dir, "keys"), F_OK), 0);
	write_passphrase("កខគឃងចឆជឈញដឋ\n", 0600);
	assert_int_equal(keygen_in(tempdir_path(dir, "keys")), 0);
}

/* What passphrase_read() makes of the file; the output is checked too. */
static enum tl_err read_passphrase(const char *want)
{
	struct buf out;
	enum tl_err err;

	buf_init(&out, PASSPHRASE_MAX_BYTES);
	err = passphrase_read("", false, &out);
	assert_int_equal(out.len, want == NULL ? 0 : strlen(want));
	if (want != NULL) {
		assert_memory_equal(out.data, want, out.len);
	}
	buf_free(&out);
	return err;
}

/* Nobody could ever type it. */
static void a_new_passphrase_has_no_byte_order_mark(void **state)
{
	static const char *const marked[] = { "\xef\xbb\xbf" PASSPHRASE,
		"\xff\xfe" PASSPHRASE, "\xfe\xff" PASSPHRASE };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		write_passphrase(marked[i], 0600);
		assert_int_equal(keygen_in(tempdir_path(dir, "keys")), 1);
		assert_int_not_equal(
		    access(tempdir_path(dir, "keys"), F_OK), 0);
		/* what was locked with one is opened with it */
		assert_int_equal(read_passphrase(marked[i]), TL_OK);
	}
}

/* As a power cut leaves it. */
static void half_a_set_that_was_cut_short_is_made_anew(void **state)
{
	const char *part = tempdir_path(dir, ".keys.part");
	const char *folder = tempdir_path(dir, "keys");
	FILE *file;

	(void)state;
	assert_int_equal(mkdir(part, 0700), 0);
	file = fopen(tempdir_path(part, "team.ring"), "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(keygen_in(folder), 0);
	assert_int_not_equal(access(part, F_OK), 0);
	assert_int_equal(access(tempdir_path(folder, "dedup.key"), F_OK), 0);
}

static void wrong_arguments_show_the_usage(void **state)
{
	char *none[] = { (char[]){ "keygen" }, NULL };
	char *odd[] = { (char[]){ "keygen" }, (char[]){ "--odd" }, NULL };
	char *two[] = { (char[]){ "keygen" }, (char[]){ "a" }, (char[]){ "b" },
		NULL };
	char *help[] = { (char[]){ "keygen" }, (char[]){ "--help" }, NULL };

	(void)state;
	assert_int_equal(cli_keygen(1, none), 2);
	assert_int_equal(cli_keygen(2, odd), 2);
	assert_int_equal(cli_keygen(3, two), 2);
	assert_int_equal(cli_keygen(2, help), 0);
}

static void the_first_line_of_the_file_is_the_passphrase(void **state)
{
	(void)state;
	assert_int_equal(read_passphrase(PASSPHRASE), TL_OK);
	write_passphrase("no line end", 0600);
	assert_int_equal(read_passphrase("no line end"), TL_OK);
	write_passphrase("of Windows\r\nsecond line\n", 0400);
	assert_int_equal(read_passphrase("of Windows"), TL_OK);
	write_passphrase(" spaces stay \n", 0600);
	assert_int_equal(read_passphrase(" spaces stay "), TL_OK);
}

static void a_file_that_others_read_or_that_is_none_is_refused(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0644, 0620, 0700 };
	char giant[PASSPHRASE_MAX_BYTES + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_passphrase(PASSPHRASE, bad[i]);
		assert_int_equal(read_passphrase(NULL), TL_EPERM);
	}
	write_passphrase("", 0600);
	assert_int_equal(read_passphrase(NULL), TL_EINVAL);
	write_passphrase("\nsecond line", 0600);
	assert_int_equal(read_passphrase(NULL), TL_EINVAL);
	memset(giant, 'x', sizeof(giant));
	giant[sizeof(giant) - 1] = '\0';
	write_passphrase(giant, 0600);
	assert_int_equal(read_passphrase(NULL), TL_ETOOBIG);
	assert_int_equal(setenv("TIPLINE_PASSPHRASE_FILE", dir, 1), 0);
	assert_int_equal(read_passphrase(NULL), TL_EFORMAT);
	assert_int_equal(
	    setenv("TIPLINE_PASSPHRASE_FILE", tempdir_path(dir, "none"), 1), 0);
	assert_int_equal(read_passphrase(NULL), TL_ENOENT);
}

static void one_line_of_standard_input_is_read_and_no_more(void **state)
{
	static const char lines[] = "from a pipe\nnot ours\n";
	char rest[16] = { 0 };
	int ends[2];
	int kept = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(unsetenv("TIPLINE_PASSPHRASE_FILE"), 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(
	    write(ends[1], lines, sizeof(lines) - 1), sizeof(lines) - 1);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(read_passphrase("from a pipe"), TL_OK);
	assert_int_equal(read(STDIN_FILENO, rest, sizeof(rest)), 9);
	assert_string_equal(rest, "not ours\n");
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	(void)close(kept);
	(void)close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    all_keys_are_made_and_fit_each_other, fresh_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    what_is_there_is_never_overwritten, fresh_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    a_folder_that_others_see_is_refused, fresh_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    a_short_passphrase_is_refused, fresh_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    a_new_passphrase_has_no_byte_order_mark, fresh_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    half_a_set_that_was_cut_short_is_made_anew, fresh_dir,
		    remove_dir),
		cmocka_unit_test(wrong_arguments_show_the_usage),
		cmocka_unit_test_setup_teardown(
		    the_first_line_of_the_file_is_the_passphrase, fresh_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    a_file_that_others_read_or_that_is_none_is_refused,
		    fresh_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    one_line_of_standard_input_is_read_and_no_more, fresh_dir,
		    remove_dir),
	};

	return cmocka_run_group_tests_name("cli/keygen", tests, set_up, NULL);
}
