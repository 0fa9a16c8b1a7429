/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/fair: a network has a share, nobody is turned away, and of an
 * address nothing stays.
 */
#include "server/intake/fair.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW_MS UINT64_C(5000000)

static struct fair fair;

static int begin(void **unused)
{
	(void)unused;
	fair = (struct fair){
		.shared = fair_shared_new(),
		.code_tries = 5,
		.forms_minute = 60,
	};
	return fair.shared != NULL ? 0 : -1;
}

static int end(void **unused)
{
	(void)unused;
	fair_shared_free(fair.shared);
	return 0;
}

/* The bucket of an address as text. */
static uint16_t bucket(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = 7 };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = 7 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		return fair_bucket(&fair, (const struct sockaddr *)&v4);
	}
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return fair_bucket(&fair, (const struct sockaddr *)&v6);
}

static void an_address_is_its_network_alone(void **unused)
{
	(void)unused;
	assert_int_equal(bucket("203.0.113.1"), bucket("203.0.113.254"));
	assert_int_equal(bucket("203.0.113.1"), bucket("::ffff:203.0.113.9"));
	assert_int_not_equal(bucket("203.0.113.1"), bucket("203.0.112.1"));
	assert_int_equal(
	    bucket("2001:db8:1:2200::1"), bucket("2001:db8:1:22ff:ffff::9"));
	assert_int_not_equal(
	    bucket("2001:db8:1:2200::1"), bucket("2001:db8:1:2300::1"));
	assert_int_not_equal(bucket("203.0.113.1"), FAIR_FREE);
	assert_int_not_equal(bucket("203.0.113.1"), FAIR_ONION);
}

static void private_addresses_are_nobodys_network(void **unused)
{
	static const char *const near[] = { "127.0.0.1", "10.1.2.3",
		"172.16.0.1", "172.31.255.1", "192.168.7.7", "169.254.1.1",
		"0.0.0.0", "::1", "::", "fe80::1", "fd00::1",
		"::ffff:10.0.0.1" };
	static const char *const far[] = { "9.255.1.1", "11.0.0.1", "128.0.0.1",
		"172.15.0.1", "172.32.0.1", "192.167.1.1", "2001:db8::1",
		"fec0::1", "::2:0:1" };
	const struct sockaddr_un local = { .sun_family = AF_UNIX };

	(void)unused;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		assert_int_equal(bucket(near[i]), FAIR_FREE);
	}
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		assert_int_not_equal(bucket(far[i]), FAIR_FREE);
	}
	fair.counts_near = true;
	assert_int_not_equal(bucket("127.0.0.1"), FAIR_FREE);
	assert_int_equal(bucket("127.0.0.1"), bucket("127.0.0.200"));
	/* what has no network at all never has a share */
	assert_int_equal(
	    fair_bucket(&fair, (const struct sockaddr *)&local), FAIR_FREE);
}

static void a_share_is_used_up_and_grows_again(void **unused)
{
	uint16_t a = bucket("203.0.113.1");
	const uint64_t each_ms = FAIR_CODES_MS / 5;

	(void)unused;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(fair_count(&fair, FAIR_CODES, a, NOW_MS), 0);
	}
	assert_int_equal(fair_count(&fair, FAIR_CODES, a, NOW_MS), each_ms);
	assert_int_equal(fair_count(&fair, FAIR_CODES, a, NOW_MS), 2 * each_ms);
	/* another kind, another network: nothing of theirs is used */
	assert_int_equal(fair_count(&fair, FAIR_FORMS, a, NOW_MS), 0);
	assert_int_equal(
	    fair_count(&fair, FAIR_CODES, bucket("198.51.100.1"), NOW_MS), 0);
	assert_int_equal(
	    fair_count(&fair, FAIR_CODES, a, NOW_MS + 3 * each_ms), 0);
	assert_true(fair_count(&fair, FAIR_CODES, a, NOW_MS + 3 * each_ms) > 0);
}

static void nobody_waits_longer_than_the_longest_wait(void **unused)
{
	uint16_t a = bucket("203.0.113.1");
	uint64_t wait_ms = 0;

	(void)unused;
	for (unsigned i = 0; i < 10000; i++) {
		wait_ms = fair_count(&fair, FAIR_CODES, a, NOW_MS);
	}
	assert_int_equal(wait_ms, FAIR_WAIT_MAX_MS);
	/* and after the longest wait there is a turn again, whatever came */
	assert_int_equal(fair_count(&fair, FAIR_CODES, a,
			     NOW_MS + FAIR_WAIT_MAX_MS + FAIR_CODES_MS / 5),
	    0);
}

static void those_by_tor_have_many_networks_share(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 5 * FAIR_ONION_FOR; i++) {
		assert_int_equal(
		    fair_count(&fair, FAIR_CODES, FAIR_ONION, NOW_MS), 0);
	}
	assert_true(fair_count(&fair, FAIR_CODES, FAIR_ONION, NOW_MS) > 0);
}

static void who_is_nobodys_network_is_never_counted(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(
		    fair_count(&fair, FAIR_CODES, FAIR_FREE, NOW_MS), 0);
	}
}

/* How often ticket number n is taken for kind, tried five times. */
static unsigned uses(enum fair_kind kind, uint64_t n, uint64_t now_ms)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < 5; i++) {
		taken += fair_use(&fair, kind, &n, sizeof(n), now_ms);
	}
	return taken;
}

static void a_ticket_is_good_for_a_few_times(void **unused)
{
	(void)unused;
	for (uint64_t n = 0; n < 1000; n++) {
		assert_int_equal(uses(FAIR_FORMS, n, NOW_MS), FAIR_TICKET_USES);
	}
	for (uint64_t n = 0; n < 1000; n++) {
		assert_int_equal(
		    uses(FAIR_FORMS, n, NOW_MS + FAIR_WAIT_MAX_MS), 0);
		/* those for a code are others */
		assert_int_equal(uses(FAIR_CODES, n, NOW_MS), FAIR_TICKET_USES);
	}
}

/* Ten minutes of 500 each second: two minutes are the longest wait. */
static void a_new_ticket_is_taken_whatever_crowd_is_before_it(void **unused)
{
	enum { CROWD = 300000 };

	(void)unused;
	for (uint64_t n = 0; n < CROWD; n++) {
		uint64_t now_ms = NOW_MS + n * 2;

		assert_true(fair_use(&fair, FAIR_FORMS, &n, sizeof(n), now_ms));
		assert_true(fair_use(&fair, FAIR_FORMS, &n, sizeof(n), now_ms));
	}
	/* and who has used one twice is known among so many */
	for (uint64_t n = CROWD - 1000; n < CROWD; n++) {
		assert_int_equal(uses(FAIR_FORMS, n, NOW_MS + CROWD * 2), 0);
	}
}

static void an_attack_begins_once_and_ends(void **unused)
{
	unsigned began = 0;

	(void)unused;
	assert_false(fair_is_attacked(&fair, NOW_MS));
	for (unsigned i = 0; i < 121; i++) {
		assert_int_equal(began, 0);
		assert_false(fair_is_attacked(&fair, NOW_MS));
		began += fair_count_all(&fair, NOW_MS);
	}
	for (unsigned i = 0; i < 500; i++) {
		began += fair_count_all(&fair, NOW_MS + 1);
	}
	assert_int_equal(began, 1);
	assert_true(fair_is_attacked(&fair, NOW_MS + 2));
	assert_false(fair_is_attacked(&fair, NOW_MS + 2 + FAIR_ATTACK_LAST_MS));
	fair.forms_minute = 0;
	assert_false(fair_count_all(&fair, NOW_MS));
	assert_true(fair_is_attacked(&fair, NOW_MS + 10 * FAIR_ATTACK_LAST_MS));
}

static void after_an_hour_networks_have_other_numbers(void **unused)
{
	uint16_t before[64];
	char address[] = "198.51.000.1";
	unsigned same = 0;

	(void)unused;
	fair_turn(&fair, NOW_MS); /* the hour begins */
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < 64; i++) {
			(void)snprintf(
			    address, sizeof(address), "198.51.%u.1", i);
			if (pass == 0) {
				before[i] = bucket(address);
				(void)fair_count(
				    &fair, FAIR_CODES, before[i], NOW_MS);
			} else {
				same += bucket(address) == before[i];
			}
		}
		fair_turn(&fair, NOW_MS + FAIR_KEY_MS - 1);
		if (pass == 0) {
			assert_int_equal(bucket("198.51.5.1"), before[5]);
		}
		fair_turn(&fair, NOW_MS + FAIR_KEY_MS);
	}
	assert_in_range(same, 0, 3);
	for (unsigned i = 0; i < 5; i++) { /* and no count is left */
		assert_int_equal(fair_count(&fair, FAIR_CODES, before[0],
				     NOW_MS + FAIR_KEY_MS),
		    0);
	}
}

static void all_processes_share_one_count(void **unused)
{
	uint16_t a = bucket("203.0.113.1");
	int status = -1;
	pid_t pid = fork();

	(void)unused;
	if (pid == 0) {
		for (unsigned i = 0; i < 5; i++) {
			(void)fair_count(&fair, FAIR_CODES, a, NOW_MS);
		}
		_exit(bucket("203.0.113.77") == a ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(fair_count(&fair, FAIR_CODES, a, NOW_MS) > 0);
}

/* Who takes a worker over can write to the memory that all share. */
static void what_an_intruder_writes_there_does_not_outlast_him(void **unused)
{
	enum { NETWORKS = 16 };
	uint16_t before[NETWORKS];
	unsigned others = 0;

	(void)unused;
	/* key, times and the first of the clocks */
	memset(fair.shared, 0xff, 4096);
	for (uint64_t n = 0; n < NETWORKS; n++) {
		before[n] = fair_bucket_of(&fair, &n, sizeof(n));
	}
	assert_false(fair_is_attacked(&fair, NOW_MS));
	fair_turn(&fair, NOW_MS);
	for (uint64_t n = 0; n < NETWORKS; n++) {
		others += before[n] != fair_bucket_of(&fair, &n, sizeof(n));
	}
	assert_true(others > NETWORKS / 2);
	for (uint16_t n = FAIR_ONION; n < 600; n++) {
		assert_int_equal(fair_count(&fair, FAIR_FORMS, n, NOW_MS), 0);
	}
	/* and the key lives for an hour again */
	before[0] = bucket("203.0.113.1");
	fair_turn(&fair, NOW_MS + FAIR_KEY_MS - 1);
	assert_int_equal(bucket("203.0.113.1"), before[0]);
}

int main(void)
{
#define A_TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
	const struct CMUnitTest tests[] = {
		A_TEST(an_address_is_its_network_alone),
		A_TEST(what_an_intruder_writes_there_does_not_outlast_him),
		A_TEST(private_addresses_are_nobodys_network),
		A_TEST(a_share_is_used_up_and_grows_again),
		A_TEST(nobody_waits_longer_than_the_longest_wait),
		A_TEST(those_by_tor_have_many_networks_share),
		A_TEST(who_is_nobodys_network_is_never_counted),
		A_TEST(a_ticket_is_good_for_a_few_times),
		A_TEST(a_new_ticket_is_taken_whatever_crowd_is_before_it),
		A_TEST(an_attack_begins_once_and_ends),
		A_TEST(after_an_hour_networks_have_other_numbers),
		A_TEST(all_processes_share_one_count),
	};

	return cmocka_run_group_tests_name("intake_fair", tests, NULL, NULL);
}
