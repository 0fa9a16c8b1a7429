/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/map_links: a link to a map is a place, one that looks like it is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/data.h"
#include "text/map_links.h"

static struct map_links *links;

static int open_links(void **state)
{
	struct text_fault fault = { 0 };

	(void)state;
	if (map_links_new(bytes_of(data_map_hosts, data_map_hosts_len), &links,
		&fault) != TL_OK) {
		print_error("map-hosts:%zu: %s\n", fault.line, fault.what);
		return -1;
	}
	return 0;
}

static int close_links(void **state)
{
	(void)state;
	map_links_free(links);
	return 0;
}

struct row {
	const char *text;
	bool only, place;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct map_links_found found =
		    map_links_read(links, bytes_str(rows[i].text));

		if (found.only != rows[i].only ||
		    found.place != rows[i].place) {
			fail_msg(
			    "%s: %d %d", rows[i].text, found.only, found.place);
		}
	}
}

static void a_link_to_a_map_is_a_place(void **state)
{
	static const struct row rows[] = {
		{ "https://maps.app.goo.gl/Ab1Cd2?g_st=ic", false, true },
		{ "http://maps.app.goo.gl", false, true },
		{ "https://goo.gl/maps/abc", false, true },
		{ "https://www.google.com/maps/place/11.5,104.9", false, true },
		{ "https://www.google.com/maps?q=11.5,104.9", false, true },
		{ "https://google.com/maps", false, true },
		{ "https://maps.google.com/?q=11.5", false, true },
		{ "https://www.google.com.kh/maps/@11.5", false, true },
		{ "HTTPS://Maps.Apple.com/?ll=11.5,104.9", false, true },
		{ "https://maps.apple.com?ll=11.5,104.9", false, true },
		{ "https://maps.apple/p/abc", false, true },
		{ "https://www.openstreetmap.org/#map=1/1/1", false, true },
		{ "geo:11.5564,104.9282", false, true },
		{ "GEO:-11.5,104", false, true },
		{ "maps.app.goo.gl/Ab1", false, true },
		{ "www.google.com/maps/x", false, true },
		{ "here https://maps.app.goo.gl/Ab1", false, true },
		{ "\u1787\u17bd\u1799https://maps.app.goo.gl/Ab1", false,
		    true },
		{ "(geo:11.5,104.9)", false, true },
		/* one is enough */
		{ "https://a.example\nhttps://maps.app.goo.gl/Ab1", false,
		    true },
		{ "https://maps.app.goo.gl/Ab1 https://a.example", false,
		    true },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void what_looks_like_a_map_is_a_plain_link(void **state)
{
	static const struct row rows[] = {
		{ "https://a.example", true, false },
		{ " https://a.example www.b.example\n", true, false },
		{ "https://maps.evil.example/", true, false },
		{ "https://evil.example/maps", true, false },
		{ "https://maps.app.goo.gl.evil.example/", true, false },
		{ "https://evilmaps.app.goo.gl/", true, false },
		{ "https://a.maps.app.goo.gl/", true, false },
		{ "https://maps.app.goo.gl@evil.example/", true, false },
		{ "https://maps.app.goo.gl:8443/", true, false },
		{ "https://maps.app.goo.gl./", true, false },
		{ "https://maps.app.goo.gl\\@evil.example/", true, false },
		{ "https://maps.app.goo.g", true, false },
		{ "https://evil.example/?u=https://maps.app.goo.gl/a", true,
		    false },
		{ "www.evil.example/https://maps.app.goo.gl/a", true, false },
		{ "https://evil.example/geo:11.5,104.9", true, false },
		{ "https://www.google.com/url?q=https://evil.example", true,
		    false },
		{ "https://www.google.com/mapsevil", true, false },
		{ "https://www.google.com/maps.evil", true, false },
		{ "https://www.google.com/?maps", true, false },
		{ "https://goo.gl/abc", true, false },
		{ "https://www.www.google.com/maps", true, false },
		{ "https:///maps", true, false },
		{ "", false, false },
		{ " \n", false, false },
		{ "https://", false, false },
		{ "https:// maps", false, false },
		{ "Https://a.example", false, false },
		{ "see https://a.example", false, false },
		{ "geo:", false, false },
		{ "geo:here", false, false },
		{ "google maps", false, false },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void a_list_with_a_mistake_is_refused(void **state)
{
	static const char *const bad[] = { "host\n", "host\tpath\nA.b\t/\n",
		"host\tpath\n\t/\n", "host\tpath\na.b\t\n",
		"host\tpath\na.b\tmaps\n", "host\tpath\na/b\t/\n",
		"host\tpath\na.b\n" };
	struct text_fault fault;
	struct map_links *none = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fault = (struct text_fault){ 0 };
		assert_int_equal(
		    map_links_new(bytes_str(bad[i]), &none, &fault),
		    TL_EFORMAT);
		assert_non_null(fault.what);
	}
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_to_a_map_is_a_place),
		cmocka_unit_test(what_looks_like_a_map_is_a_plain_link),
		cmocka_unit_test(a_list_with_a_mistake_is_refused),
	};

	return cmocka_run_group_tests_name(
	    "text/map_links", tests, open_links, close_links);
}
