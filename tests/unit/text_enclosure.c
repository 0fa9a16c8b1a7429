/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/enclosure, cli/enclosed: what is said of a file that goes with a
 * referral is read within its bounds, and what is put together is the file of
 * the list or none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/enclosed.h"
#include "crypto/digest.h"
#include "text/enclosure.h"

#define REF "R-00c0ffee"
#define AT  INT64_C(1795300000)

static struct enclosure of_bytes(const uint8_t *bytes, size_t len, unsigned n)
{
	struct enclosure it = {
		.kind = "image/jpeg", .bytes = len, .cleaned = true
	};

	enclosure_name(REF, AT, n, it.name);
	digest_sha256(it.sha256, bytes_of(bytes, len));
	return it;
}

static json_t *head_of(const struct enclosure *enclosure, unsigned part)
{
	struct enclosure_part head = {
		.of = *enclosure, .ref = REF, .part = part
	};

	return enclosure_head(&head);
}

static void a_name_is_of_reference_time_and_number(void **state)
{
	char name[ENCLOSURE_NAME_BYTES];

	(void)state;
	enclosure_name(REF, AT, 1, name);
	assert_string_equal(name, "R-00c0ffee-20261121T222640Z-1");
	enclosure_name(REF, AT, 12, name);
	assert_string_equal(name, "R-00c0ffee-20261121T222640Z-12");
	enclosure_name(REF, AT, 0, name);
	assert_string_equal(name, "");
	enclosure_name("Sok Dara", AT, 1, name);
	assert_string_equal(name, "");
	enclosure_name(REF, INT64_MAX, 1, name);
	assert_string_equal(name, "");
	assert_string_equal(enclosure_ending("image/jpeg"), "jpg");
	assert_string_equal(enclosure_ending("application/pdf"), "bin");
	assert_string_equal(enclosure_ending("../x"), "bin");
}

static void what_is_written_is_read_again(void **state)
{
	static uint8_t bytes[ENCLOSURE_PART_BYTES + 1];
	const struct enclosure it = of_bytes(bytes, sizeof(bytes), 3);
	struct enclosure read;
	struct enclosure_part part;
	json_t *item = enclosure_item(&it), *head = head_of(&it, 2);

	(void)state;
	assert_int_equal(enclosure_parts(&it), 2);
	assert_int_equal(enclosure_read_item(item, &read), TL_OK);
	assert_true(enclosure_is(&it, &read));
	assert_true(read.cleaned);
	assert_int_equal(enclosure_read_head(head, &part), TL_OK);
	assert_true(enclosure_is(&it, &part.of));
	assert_string_equal(part.ref, REF);
	assert_int_equal(part.part, 2);
	assert_int_equal(enclosure_read_head(item, &part), TL_ENOENT);
	json_decref(item);
	json_decref(head);
}

/* Each row changes one member of a good head. */
static void what_is_out_of_its_bounds_is_refused(void **state)
{
	static const struct {
		const char *key, *value;
	} rows[] = {
		{ "name", "\"R-00c0ffee-20261121T222640Z-\"" },
		{ "name", "\"R-00c0ffee-20261121T222640Z-0\"" },
		{ "name", "\"R-00c0ffee-20261121T222640Z-100\"" },
		{ "name", "\"R-00c0ffee-20261121T222640Z-1/\"" },
		{ "name", "\"R-00c0ffee-20261121T222640Z-1\\u0000\"" },
		{ "name", "\"R-00C0FFEE-20261121T222640Z-1\"" },
		{ "name", "\"../../etc/passwd\"" },
		{ "name", "\"\"" },
		{ "name", "1" },
		{ "sha256", "\"00\"" },
		{ "sha256", "null" },
		{ "bytes", "0" },
		{ "bytes", "-1" },
		{ "bytes", "16777217" },
		{ "bytes", "\"9\"" },
		{ "bytes", "1000001" }, /* that would be two parts */
		{ "kind", "null" },
		{ "kind",
		    "\"a-media-type-that-is-much-longer-than-any-one-there-is/"
		    "yes\"" },
		{ "part", "0" },
		{ "part", "2" },
		{ "part", "-1" },
		{ "parts", "2" },
		{ "parts", "0" },
		{ "x_ref", "\"R-00c0ffee-\"" },
		{ "x_ref", "\"R-00c0ff\"" },
		{ "x_ref", "null" },
	};
	const struct enclosure it = of_bytes((const uint8_t *)"photo", 5, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *head = head_of(&it, 1);
		struct enclosure_part part = { .part = 77 };

		print_message("# %s %s\n", rows[i].key, rows[i].value);
		assert_int_equal(
		    json_object_set_new(head, rows[i].key,
			json_loads(rows[i].value,
			    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)),
		    0);
		assert_int_equal(enclosure_read_head(head, &part), TL_EFORMAT);
		assert_int_equal(part.part, 77);
		json_decref(head);
	}
}

static enum tl_err add(struct enclosed *enclosed, const struct enclosure *it,
    unsigned part, struct bytes raw, const struct enclosure **ret_whole)
{
	json_t *head = head_of(it, part);
	const char *why = NULL;
	enum tl_err err = enclosed_add(enclosed, head, raw, ret_whole, &why);

	json_decref(head);
	assert_int_equal(err == TL_OK, why == NULL);
	return err;
}

static void begin(struct enclosed *enclosed, const struct enclosure *it)
{
	json_t *referral = json_pack(
	    "{s:s, s:[o]}", "x_ref", REF, "x_evidence", enclosure_item(it));

	*enclosed = (struct enclosed){ .n = 0 };
	assert_int_equal(enclosed_begin(enclosed, referral), TL_OK);
	assert_int_equal(enclosed_begin(enclosed, referral), TL_EEXIST);
	json_decref(referral);
}

static void a_file_comes_out_whole_and_once(void **state)
{
	static uint8_t bytes[2 * ENCLOSURE_PART_BYTES];
	const struct enclosure it = of_bytes(bytes, sizeof(bytes), 1);
	const struct bytes half = bytes_of(bytes, ENCLOSURE_PART_BYTES);
	const struct enclosure *whole = &it;
	struct enclosed enclosed;
	size_t missing = 99;

	(void)state;
	begin(&enclosed, &it);
	assert_int_equal(enclosed_end(&enclosed, &missing), TL_OK);
	assert_int_equal(missing, 1);
	assert_int_equal(add(&enclosed, &it, 1, half, &whole), TL_OK);
	assert_null(whole);
	assert_int_equal(enclosed_end(&enclosed, &missing), TL_EFORMAT);
	assert_int_equal(add(&enclosed, &it, 2, half, &whole), TL_OK);
	assert_true(enclosure_is(whole, &it));
	assert_int_equal(enclosed.bytes.len, sizeof(bytes));
	assert_int_equal(enclosed_end(&enclosed, &missing), TL_OK);
	assert_int_equal(missing, 0);
	assert_int_equal(add(&enclosed, &it, 1, half, &whole), TL_EFORMAT);
	enclosed_free(&enclosed);
}

static void other_bytes_are_refused(void **state)
{
	const struct enclosure it = of_bytes((const uint8_t *)"photo", 5, 1);
	const struct enclosure other = of_bytes((const uint8_t *)"phot0", 5, 1);
	const struct enclosure *whole = NULL;
	struct enclosed enclosed;

	(void)state;
	for (int i = 0; i < 3; i++) {
		const char *bytes[] = { "phot0", "phot", "photos" };

		begin(&enclosed, &it);
		assert_int_equal(
		    add(&enclosed, &it, 1, bytes_str(bytes[i]), &whole),
		    TL_EPROOF);
		assert_null(whole);
		enclosed_free(&enclosed);
	}
	begin(&enclosed, &it);
	assert_int_equal(
	    add(&enclosed, &other, 1, bytes_str("phot0"), &whole), TL_EFORMAT);
	enclosed_free(&enclosed);
	enclosed = (struct enclosed){ .n = 0 };
	assert_int_equal(
	    add(&enclosed, &it, 1, bytes_str("photo"), &whole), TL_EFORMAT);
	enclosed_free(&enclosed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_of_reference_time_and_number),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(what_is_out_of_its_bounds_is_refused),
		cmocka_unit_test(a_file_comes_out_whole_and_once),
		cmocka_unit_test(other_bytes_are_refused),
	};

	return cmocka_run_group_tests_name("text/enclosure", tests, NULL, NULL);
}
