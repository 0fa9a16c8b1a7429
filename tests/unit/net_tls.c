/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/tls: who can shake hands and how, and that nothing of a request
 * is left in memory afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "server/net/tls.h"
#include "tests/lib/net_client.h"
#include "tests/lib/net_stub.h"
#include "tests/lib/tempdir.h"

static struct stub stub;

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void assert_serves(const struct client_tls *tls, const char *version)
{
	struct client *client = client_open_tls(&stub, tls);

	assert_non_null(client);
	assert_string_equal(SSL_get_version(client->ssl), version);
	assert_true(client_say(client, GET("/")));
	assert_int_equal(client_read_answer(client), 200);
	client_close(client);
}

static void old_phones_and_new_ones_can_speak(void **state)
{
	/* Android 6 and 7: TLS 1.2, P-256 and nothing else */
	const struct client_tls old = { TLS1_2_VERSION, TLS1_2_VERSION, "P-256",
		"ECDHE-ECDSA-AES128-GCM-SHA256", NULL, NULL, 0 };
	const struct client_tls old_rsa = { TLS1_2_VERSION, TLS1_2_VERSION,
		"P-256", "ECDHE-RSA-AES128-GCM-SHA256", NULL, NULL, 0 };
	const struct client_tls chacha = { TLS1_2_VERSION, TLS1_2_VERSION,
		"X25519:P-256", "ECDHE-ECDSA-CHACHA20-POLY1305", NULL, NULL,
		0 };
	const struct client_tls new = { TLS1_3_VERSION, TLS1_3_VERSION,
		"X25519", NULL, NULL, NULL, 0 };
	const struct client_tls new_rsa = { TLS1_3_VERSION, TLS1_3_VERSION,
		NULL, NULL, "rsa_pss_rsae_sha256", NULL, 0 };

	(void)state;
	assert_serves(&old, "TLSv1.2");
	assert_serves(&old_rsa, "TLSv1.2");
	assert_serves(&chacha, "TLSv1.2");
	assert_serves(&new, "TLSv1.3");
	assert_serves(&new_rsa, "TLSv1.3");
}

static void what_is_broken_is_refused_and_counted(void **state)
{
	const struct client_tls tls_11 = { TLS1_VERSION, TLS1_1_VERSION, NULL,
		NULL, NULL, NULL, 0 };
	const struct client_tls no_secrecy = { TLS1_2_VERSION, TLS1_2_VERSION,
		NULL, "AES128-GCM-SHA256", NULL, NULL, 0 };
	const struct client_tls cbc = { TLS1_2_VERSION, TLS1_2_VERSION, NULL,
		"ECDHE-RSA-AES128-SHA", NULL, NULL, 0 };
	uint64_t before = stub_stat(&stub, "tls_no_cipher");

	(void)state;
	assert_null(client_open_tls(&stub, &tls_11));
	assert_null(client_open_tls(&stub, &no_secrecy));
	assert_null(client_open_tls(&stub, &cbc));
	stub_await(&stub, "tls_no_cipher", before + 3);
}

static void plain_http_on_the_tls_port_is_counted_as_such(void **state)
{
	struct client *client = client_open_tcp(&stub);

	(void)state;
	assert_true(client_say(client, GET("/")));
	assert_true(client_read_end(client, 2000));
	assert_int_equal(client_status(client), 0);
	stub_await(&stub, "tls_not_tls", 1);
	client_close(client);
	client = client_open_tcp(&stub);
	client_close(client);
	stub_await(&stub, "tls_left", 1);
}

static void alpn_is_http_1_1_or_nothing(void **state)
{
	static const uint8_t both[] = "\x02h2\x08http/1.1";
	static const uint8_t h2[] = "\x02h2";
	struct client_tls tls = { .alpn = both, .alpn_len = sizeof(both) - 1 };
	struct client *client = client_open_tls(&stub, &tls);
	const uint8_t *name;
	unsigned len;

	(void)state;
	assert_non_null(client);
	SSL_get0_alpn_selected(client->ssl, &name, &len);
	assert_int_equal(len, 8);
	assert_memory_equal(name, "http/1.1", 8);
	client_close(client);
	tls.alpn = h2;
	tls.alpn_len = sizeof(h2) - 1;
	assert_null(client_open_tls(&stub, &tls));
	stub_await(&stub, "tls_no_alpn", 1);
}

/* A ticket would let two visits be told to be the same phone's. */
static void nothing_can_be_resumed(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct client_tls tls = { versions[i], versions[i], NULL,
			NULL, NULL, NULL, 0 };
		struct client *client = client_open_tls(&stub, &tls);
		SSL_SESSION *session;
		unsigned id_len = 99;

		assert_non_null(client);
		assert_true(client_say(client, GET("/")));
		assert_int_equal(client_read_answer(client), 200);
		session = SSL_get_session(client->ssl);
		(void)SSL_SESSION_get_id(session, &id_len);
		assert_int_equal(SSL_SESSION_has_ticket(session), 0);
		if (versions[i] == TLS1_2_VERSION) {
			assert_int_equal(id_len, 0);
		}
		assert_int_equal(SSL_SESSION_is_resumable(session), 0);
		client_close(client);
	}
}

static void each_wrong_file_is_refused(void **state)
{
	const struct {
		const char *cert;
		const char *key;
		enum tl_err err;
	} rows[] = {
		{ "ec.pem", "ec.key", TL_OK },
		{ "ec.pem", "rsa.key", TL_EFORMAT },
		{ "ec.key", "ec.key", TL_EFORMAT },
		{ "ec.pem", "ec.pem", TL_EFORMAT },
		{ "none", "ec.key", TL_ENOENT },
		{ "ec.pem", NULL, TL_ENOENT },
		{ NULL, NULL, TL_EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *cert = rows[i].cert == NULL
		    ? NULL
		    : strdup(tempdir_path(stub.dir, rows[i].cert));
		char *key = rows[i].key == NULL
		    ? NULL
		    : strdup(tempdir_path(stub.dir, rows[i].key));
		const struct net_tls_files files = { cert, key, NULL, NULL };
		struct net_tls *tls = NULL;

		assert_int_equal(net_tls_new(&files, &tls), rows[i].err);
		assert_int_equal(tls != NULL, rows[i].err == TL_OK);
		net_tls_free(tls);
		free(cert);
		free(key);
	}
}

/* Of two pairs each key must be its certificate's, whatever its type; and a
 * pair for RSA that is ECDSA would leave those that want RSA without any. */
static void each_key_must_be_of_its_own_certificate(void **state)
{
	static const struct {
		const char *files[4];
		enum tl_err err;
	} rows[] = {
		{ { "ec.pem", "ec.key", "rsa.pem", "rsa.key" }, TL_OK },
		{ { "ec.pem", "ec.key", "rsa.pem", "ec.key" }, TL_EFORMAT },
		{ { "ec.pem", "rsa.key", "rsa.pem", "rsa.key" }, TL_EFORMAT },
		{ { "ec.pem", "rsa.key", "rsa.pem", "ec.key" }, TL_EFORMAT },
		{ { NULL, NULL, "rsa.pem", "ec.key" }, TL_EFORMAT },
		{ { NULL, NULL, "rsa.pem", "rsa.key" }, TL_OK },
		{ { "ec.pem", "ec.key", "ec.pem", "ec.key" }, TL_EFORMAT },
		{ { NULL, NULL, "ec.pem", "ec.key" }, TL_EFORMAT },
		/* the console has one pair, of either type */
		{ { "rsa.pem", "rsa.key", NULL, NULL }, TL_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *paths[4] = { NULL };
		struct net_tls *tls = NULL;

		for (size_t f = 0; f < 4; f++) {
			if (rows[i].files[f] != NULL) {
				paths[f] = strdup(
				    tempdir_path(stub.dir, rows[i].files[f]));
			}
		}
		const struct net_tls_files files = { paths[0], paths[1],
			paths[2], paths[3] };

		assert_int_equal(net_tls_new(&files, &tls), rows[i].err);
		assert_int_equal(tls != NULL, rows[i].err == TL_OK);
		net_tls_free(tls);
		for (size_t f = 0; f < 4; f++) {
			free(paths[f]);
		}
	}
}

/* ---- what is left in memory ---------------------------------------------- */

#define MARKER_BYTES 24u

/* Made in this process after the fork, so that the engine knows it only from
 * what was sent. */
static void make_marker(char marker[static MARKER_BYTES + 1])
{
	uint8_t noise[MARKER_BYTES];

	assert_int_equal(getentropy(noise, sizeof(noise)), 0);
	for (size_t i = 0; i < MARKER_BYTES; i++) {
		marker[i] = (char)('a' + noise[i] % 26);
	}
	marker[MARKER_BYTES] = '\0';
}

static unsigned count_in(
    int mem, uint64_t from, uint64_t to, const char *marker)
{
	static uint8_t page[1024 * 1024 + MARKER_BYTES];
	unsigned n = 0;

	while (from < to) {
		size_t len = sizeof(page);
		const uint8_t *at = page;
		ssize_t got;

		len = to - from < len ? (size_t)(to - from) : len;
		got = pread(mem, page, len, (off_t)from);
		if (got <= 0) {
			break;
		}
		while ((at = memmem(at, (size_t)(page + got - at), marker,
			    MARKER_BYTES)) != NULL) {
			n++;
			at++;
		}
		if ((size_t)got < sizeof(page)) {
			break;
		}
		from += sizeof(page) - MARKER_BYTES;
	}
	return n;
}

/* Copies in all readable memory of the engine. */
static unsigned copies_of(const char *marker)
{
	char path[64];
	char line[512];
	unsigned n = 0;
	FILE *maps;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)stub.pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(mem >= 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)stub.pid);
	maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		char *end;
		uint64_t from = strtoull(line, &end, 16);
		uint64_t to = strtoull(end + 1, &end, 16);

		/* larger ones are the shadow of a sanitizer */
		if (end[1] == 'r' && strstr(line, "[v") == NULL &&
		    to - from < UINT64_C(1) << 30) {
			n += count_in(mem, from, to, marker);
		}
	}
	(void)fclose(maps);
	(void)close(mem);
	return n;
}

struct marked_head {
	const char *path;
	const char *fields;      /* up to the name of the one with the marker */
	const char *length_more; /* digits in front of the true length */
};

/* The request with its marker four times in it, and one of its ends. */
static void send_marked(enum net_door door, const struct marked_head *head,
    const char *marker, int version)
{
	const struct client_tls tls = { version, version, NULL, NULL, NULL,
		NULL, 0 };
	struct client *client = version == 0 ? client_open(&stub, door)
					     : client_open_tls(&stub, &tls);
	char text[2048];

	assert_non_null(client);
	(void)snprintf(text, sizeof(text),
	    "POST %s?a=%s HTTP/1.1\r\n%s: %s\r\nContent-Length: %s%u\r\n\r\n",
	    head->path, marker, head->fields, marker, head->length_more,
	    (unsigned)(4 * MARKER_BYTES));
	assert_true(client_say(client, text));
	for (int i = 0; i < 4; i++) {
		(void)client_say(client, marker);
	}
	client_half_close(client);
	assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
	client_close(client);
}

static void nothing_of_a_request_is_left_in_memory(void **state)
{
	static const struct marked_head heads[] = {
		{ "/echo", "Host: x\r\nUser-Agent", "" },
		{ "/late", "Host: x\r\nUser-Agent", "" },
		{ "/never", "Host: x\r\nX-A", "" },
		{ "/small", "Host: x\r\nUser-Agent", "" },
		{ "/echo", "User-Agent", "" },
		/* cut: more was promised than comes */
		{ "/echo", "Host: x\r\nUser-Agent", "1" },
		{ "/sms/echo", "Host: x\r\nAuthorization", "" },
	};
	static const struct {
		enum net_door door;
		int version;
	} ways[] = {
		{ NET_DOOR_HTTPS, TLS1_2_VERSION },
		{ NET_DOOR_HTTPS, TLS1_3_VERSION },
		{ NET_DOOR_ONION, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		for (size_t way = 0; way < 3; way++) {
			char marker[MARKER_BYTES + 1];
			unsigned n;

			make_marker(marker);
			send_marked(ways[way].door, &heads[i], marker,
			    ways[way].version);
			stub_await(&stub, "open", 1);
			n = copies_of(marker);
			if (n != 0) {
				fail_msg("request %zu, way %zu: %u copies", i,
				    way, n);
			}
		}
	}
}

/* The test above must be able to fail. */
static void a_request_that_is_being_received_is_found(void **state)
{
	struct client *client = client_open(&stub, NET_DOOR_HTTPS);
	char marker[MARKER_BYTES + 1];
	unsigned n = 0;

	(void)state;
	make_marker(marker);
	assert_true(client_say(client,
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"));
	assert_true(client_say(client, marker));
	for (int i = 0; i < 1000 && n == 0; i++) {
		client_sleep_ms(20);
		n = copies_of(marker);
	}
	assert_true(n > 0);
	client_close(client);
	stub_await(&stub, "open", 1);
	assert_int_equal(copies_of(marker), 0);
}

static int start(void **state)
{
	struct stub_opts opts = stub_quick();

	(void)state;
	opts.deadlines.waiting_ms[0] = 1500;
	/* it is there for as long as somebody looks for it */
	opts.deadlines.body_ms[0] = CLIENT_PATIENCE_MS;
	stub_start(&stub, &opts);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	stub_stop(&stub);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_phones_and_new_ones_can_speak),
		cmocka_unit_test(what_is_broken_is_refused_and_counted),
		cmocka_unit_test(plain_http_on_the_tls_port_is_counted_as_such),
		cmocka_unit_test(alpn_is_http_1_1_or_nothing),
		cmocka_unit_test(nothing_can_be_resumed),
		cmocka_unit_test(each_wrong_file_is_refused),
		cmocka_unit_test(each_key_must_be_of_its_own_certificate),
		cmocka_unit_test(nothing_of_a_request_is_left_in_memory),
		cmocka_unit_test(a_request_that_is_being_received_is_found),
	};

	if (net_memory_hygiene() != TL_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name(
	    "server/net/tls", tests, start, stop);
}
