/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/case_keys: files that are not as they should be, and changes that no
 * key of theirs has signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/keyfile.h"
#include "crypto/start.h"
#include "desk/case_keys.h"
#include "tests/lib/tempdir.h"

static char *dir;
static char own[300], theirs[300], secret[300];
static uint8_t own_public[KEY_BYTES];

static void path_of(char ret[static 300], const char *name)
{
	(void)snprintf(ret, 300, "%s/%s", dir, name);
}

static int set_up(void **state)
{
	uint8_t key[KEY_SIGN_BYTES], verify[KEY_BYTES];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	path_of(own, "own");
	path_of(theirs, "theirs");
	path_of(secret, "secret");
	keyfile_new_pair(key, own_public);
	assert_int_equal(keyfile_save(own, KEY_INTAKE_SIGN, key), TL_OK);
	keyfile_new_pair(key, verify);
	assert_int_equal(
	    keyfile_save(theirs, KEY_INTAKE_VERIFY, verify), TL_OK);
	assert_int_equal(keyfile_save(secret, KEY_INTAKE_SIGN, key), TL_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static enum tl_err load(char *signing, char **others, size_t n)
{
	struct config_desk desk = { .signing_key = signing,
		.case_keys = { .items = others, .n = n } };
	struct case_keys keys;
	enum tl_err err = case_keys_load(&desk, &keys);

	case_keys_free(&keys); /* also of what is not whole */
	assert_null(keys.sign);
	return err;
}

static void a_file_that_is_none_is_said_and_leaves_nothing(void **state)
{
	char missing[300], nothing[] = "";
	char *fine[] = { theirs }, *wrong[] = { theirs, secret },
	     *gone[] = { missing }, *many[CASE_KEYS_MAX];

	(void)state;
	path_of(missing, "missing");
	for (size_t i = 0; i < CASE_KEYS_MAX; i++) {
		many[i] = theirs;
	}
	assert_int_equal(load(own, fine, 1), TL_OK);
	assert_int_equal(load(own, many, CASE_KEYS_MAX - 1), TL_OK);
	assert_int_equal(load(own, many, CASE_KEYS_MAX), TL_EINVAL);
	assert_int_equal(load(nothing, fine, 1), TL_EINVAL);
	assert_int_equal(load(missing, fine, 1), TL_ENOENT);
	assert_int_equal(load(theirs, fine, 1), TL_EPERM); /* all may read it */
	assert_int_equal(load(own, gone, 1), TL_ENOENT);
	assert_int_equal(load(own, wrong, 2), TL_EINVAL);
	assert_int_equal(chmod(own, 0644), 0); /* everybody's by now */
	assert_int_equal(load(own, fine, 1), TL_EPERM);
	assert_int_equal(chmod(own, 0600), 0);
	assert_int_equal(truncate(own, 20), 0);
	assert_int_equal(load(own, fine, 1), TL_EFORMAT);
}

static void a_change_holds_as_it_was_signed_and_no_other(void **state)
{
	char *fine[] = { theirs };
	struct config_desk desk = { .signing_key = own,
		.case_keys = { .items = fine, .n = 1 } };
	struct case_record record = { .id = { 1 },
		.event = CASE_DO_NOTE,
		.now = { .version = 2, .state = CASE_NEW, .priority = 2 },
		.sealed = bytes_str("sealed") };
	struct case_record other;
	struct case_keys keys;
	struct cases_trust trust;
	struct buf said;

	(void)state;
	assert_int_equal(case_keys_load(&desk, &keys), TL_OK);
	trust = case_keys_trust(&keys);
	trust.hash(record.sealed_hash, record.sealed.at, record.sealed.len);
	buf_init(&said, CASE_SAID_BYTES);
	case_event_put_said(&said, &record);
	assert_int_equal(
	    trust.sign(bytes_of(said.data, said.len), record.sig, trust.arg),
	    TL_OK);
	assert_true(
	    trust.holds(bytes_of(said.data, said.len), record.sig, trust.arg));
	assert_true(case_keys_hold(&keys, &record));
	other = record;
	other.sealed = bytes_str("Sealed");
	assert_false(case_keys_hold(&keys, &other));
	trust.hash(other.sealed_hash, other.sealed.at, other.sealed.len);
	assert_false(case_keys_hold(&keys, &other));
	other = record;
	other.now.priority = 3;
	assert_false(case_keys_hold(&keys, &other));
	other = record;
	other.sig[5] ^= 1;
	assert_false(case_keys_hold(&keys, &other));
	other = record;
	memset(other.now.owner, 'a', sizeof(other.now.owner) - 1);
	assert_false(case_keys_hold(&keys, &other));
	memset(keys.verify[0], 7, KEY_BYTES); /* of a desk that is trusted no
	                                         more */
	assert_false(case_keys_hold(&keys, &record));
	buf_free(&said);
	case_keys_free(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_file_that_is_none_is_said_and_leaves_nothing, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_change_holds_as_it_was_signed_and_no_other, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name("desk/case_keys", tests, NULL, NULL);
}
