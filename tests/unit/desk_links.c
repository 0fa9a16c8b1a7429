/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/links: what officers have linked and not unlinked since.
 */
#include "desk/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The links as "id kind who;". */
static void assert_links(const char *entries, const char *want)
{
	json_t *list = json_loads(entries, 0, NULL);
	json_t *links = links_of(list);
	char is[512] = "";
	const json_t *link;
	size_t i, len = 0;

	assert_non_null(list);
	json_array_foreach(links, i, link)
	{
		len += (size_t)snprintf(is + len, sizeof(is) - len, "%s %s %s;",
		    json_string_value(json_object_get(link, "id")),
		    json_string_value(json_object_get(link, "kind")),
		    json_string_value(json_object_get(link, "who")));
	}
	assert_string_equal(is, want);
	json_decref(links);
	json_decref(list);
}

#define LINK(id, kind, who) \
	"{\"kind\":\"link\",\"target\":\"" id "\",\"link\":\"" kind \
	"\",\"who\":\"" who "\",\"at\":1}"
#define UNLINK(id) "{\"kind\":\"unlink\",\"target\":\"" id "\"}"

static void what_was_linked_is_there_once(void **state)
{
	(void)state;
	assert_links("[]", "");
	assert_links("[{\"kind\":\"note\",\"target\":\"aa\"}]", "");
	assert_links("[" LINK("aa", "update", "sok") "," LINK(
			 "bb", "same place", "sok") "]",
	    "aa update sok;bb same place sok;");
	assert_links("[" LINK("aa", "update", "sok") "," LINK(
			 "aa", "update", "dara") "]",
	    "aa update dara;");
	assert_links("[" LINK("aa", "update", "sok") "," LINK(
			 "aa", "same place", "dara") "]",
	    "aa update sok;aa same place dara;");
}

static void what_was_unlinked_is_gone_until_it_is_linked_again(void **state)
{
	(void)state;
	assert_links("[" LINK("aa", "update", "sok") "," LINK(
			 "aa", "same place", "sok") "," UNLINK("aa") "]",
	    "");
	assert_links("[" LINK("aa", "update", "sok") "," UNLINK("bb") "]",
	    "aa update sok;");
	assert_links("[" UNLINK("aa") "," LINK("aa", "update", "sok") "]",
	    "aa update sok;");
}

static void what_is_odd_or_cannot_be_read_is_no_link(void **state)
{
	(void)state;
	assert_links("[{\"kind\":\"link\",\"target\":7,\"link\":\"update\"},"
		     "{\"kind\":\"link\",\"target\":\"aa\"},"
		     "{\"sealed\":true,\"target\":\"aa\"},"
		     "{\"event\":\"NOTE\",\"forged\":true}]",
	    "");
}

static void kinds_are_those_that_officers_have(void **state)
{
	(void)state;
	assert_true(links_is_kind(bytes_str("same event")));
	assert_true(links_is_kind(bytes_str("update")));
	assert_false(links_is_kind(bytes_str("same")));
	assert_false(links_is_kind(bytes_str("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_linked_is_there_once),
		cmocka_unit_test(
		    what_was_unlinked_is_gone_until_it_is_linked_again),
		cmocka_unit_test(what_is_odd_or_cannot_be_read_is_no_link),
		cmocka_unit_test(kinds_are_those_that_officers_have),
	};

	return cmocka_run_group_tests_name("desk/links", tests, NULL, NULL);
}
