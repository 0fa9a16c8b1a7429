/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/webhook: an operator pipes a request in and reads a verdict.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka needs setjmp, stdarg and stdlib */
#include <cmocka.h>

#include "cli/webhook.h"
#include "tests/lib/tempdir.h"

#define ARGS_MAX 12

static char *dir;

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(tempdir_path(dir, name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* Put the file under dir in the place of a stream; returns the old one. */
static int redirect(int fd, const char *name, const char *mode)
{
	int old = dup(fd);
	FILE *file = fopen(tempdir_path(dir, name), mode);

	assert_true(old >= 0);
	assert_non_null(file);
	assert_true(dup2(fileno(file), fd) == fd);
	assert_int_equal(fclose(file), 0);
	return old;
}

static void restore(int fd, int old)
{
	assert_true(dup2(old, fd) == fd);
	assert_int_equal(close(old), 0);
}

/* Run the command with input on standard input; what it prints is in the
 * file "out". args ends with NULL. */
static int run(const char *input, const char *const *args)
{
	char *argv[ARGS_MAX + 2] = { strdup("webhook") };
	int argc = 1;
	int in, out, err, status;

	for (; args[argc - 1] != NULL; argc++) {
		assert_true(argc < ARGS_MAX);
		argv[argc] = strdup(args[argc - 1]);
	}
	write_file("in", input);
	(void)fflush(stdout);
	in = redirect(STDIN_FILENO, "in", "rb");
	out = redirect(STDOUT_FILENO, "out", "wb");
	err = redirect(STDERR_FILENO, "err", "wb");
	clearerr(stdin);
	(void)fseek(stdin, 0, SEEK_SET);
	status = cli_webhook(argc, argv);
	(void)fflush(stdout);
	restore(STDIN_FILENO, in);
	restore(STDOUT_FILENO, out);
	restore(STDERR_FILENO, err);
	for (int i = 0; i < argc; i++) {
		free(argv[i]);
	}
	return status;
}

static json_t *read_out(void)
{
	json_t *json =
	    json_load_file(tempdir_path(dir, "out"), JSON_ALLOW_NUL, NULL);

	assert_non_null(json);
	return json;
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text == NULL ? "" : text;
}

static void a_request_is_judged_and_its_answer_shown(void **state)
{
	static const char request[] =
	    "POST /sms/g?id=7&from=012345678&to=8888&charset=UTF-8 HTTP/1.1\r\n"
	    "Host: x\r\nAuthorization: Basic dTE6cHcx\r\n"
	    "Content-Length: 4\r\n\r\nhelp";
	char *secret = strdup(tempdir_path(dir, "secret"));
	const char *const args[] = { "kannel", "--url", "https://x/sms/g",
		"--secret-file", secret, "--numbers", "national", NULL };
	json_t *json;

	(void)state;
	write_file("secret", "u1:pw1\n");
	assert_int_equal(run(request, args), 0);
	json = read_out();
	assert_string_equal(text_of(json, "result"), "accept");
	assert_int_equal(
	    json_integer_value(json_object_get(json, "status")), 200);
	assert_string_equal(
	    text_of(json_object_get(json, "message"), "text"), "help");
	assert_string_equal(
	    text_of(json_object_get(json, "message"), "from"), "+85512345678");
	json_decref(json);
	/* the same with another password in the file */
	write_file("secret", "u1:pw2\r\n");
	assert_int_equal(run(request, args), 0);
	json = read_out();
	assert_string_equal(text_of(json, "result"), "reject");
	assert_string_equal(
	    text_of(json_object_get(json, "answer"), "challenge"),
	    "Basic realm=\"sms\"");
	assert_null(json_object_get(json, "message"));
	json_decref(json);
	free(secret);
}

static void what_is_no_http_is_refused_with_its_status(void **state)
{
	char *secret = strdup(tempdir_path(dir, "secret"));
	const char *const args[] = { "twilio", "--url", "https://x/sms/g",
		"--secret-file", secret, NULL };
	json_t *json;

	(void)state;
	write_file("secret", "token\n");
	assert_int_equal(run("GET / HTTP/1.1\nHost: x\n\n", args), 0);
	json = read_out();
	assert_string_equal(text_of(json, "result"), "reject");
	assert_int_equal(
	    json_integer_value(json_object_get(json, "status")), 400);
	json_decref(json);
	/* half a request is a mistake of whoever pasted it */
	assert_int_equal(
	    run("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
		args),
	    1);
	free(secret);
}

static void somleng_gets_no_byte_where_its_proof_fails(void **state)
{
	char *secret = strdup(tempdir_path(dir, "secret"));
	const char *const args[] = { "somleng", "--url", "https://x/sms/g",
		"--secret-file", secret, NULL };
	json_t *json;

	(void)state;
	write_file("secret", "token\n");
	assert_int_equal(
	    run("GET /sms/g HTTP/1.1\r\nHost: x\r\n\r\n", args), 0);
	json = read_out();
	assert_true(json_is_null(json_object_get(json, "status")));
	assert_true(json_is_true(
	    json_object_get(json_object_get(json, "answer"), "drop")));
	json_decref(json);
	free(secret);
}

/* As the routes of the intake: nothing before, behind or in between. */
static void only_the_path_of_the_address_is_read(void **state)
{
#define SEGMENT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	static const struct {
		const char *url, *path;
		int status;
	} rows[] = {
		{ "https://x/sms/g", "/sms/g/" SEGMENT, 200 },
		{ "https://x/sms/g/" SEGMENT, "/sms/g/" SEGMENT, 200 },
		{ "https://x", "/" SEGMENT, 404 },
		{ "https://x/sms/g", "/sms/g", 404 },
		{ "https://x/sms/g", "/sms/g/", 503 },
		{ "https://x/sms/g", "/sms/g/x/" SEGMENT, 503 },
		{ "https://x/sms/g", "/sms/g/" SEGMENT "/", 503 },
		{ "https://x/sms/g", "/sms/gg/" SEGMENT, 404 },
		{ "https://x/sms/g", "/sms/h/" SEGMENT, 404 },
		{ "https://x/sms/g", "/" SEGMENT, 404 },
		{ "https://x/sms/g", "/sms/g" SEGMENT, 404 },
	};
	char *secret = strdup(tempdir_path(dir, "secret"));

	(void)state;
	write_file("secret", SEGMENT "\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const args[] = { "8x8", "--url", rows[i].url,
			"--secret-file", secret, NULL };
		char request[256];
		json_t *json;

		(void)snprintf(request, sizeof(request),
		    "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 2"
		    "\r\n\r\n{}",
		    rows[i].path);
		assert_int_equal(run(request, args), 0);
		json = read_out();
		assert_int_equal(
		    json_integer_value(json_object_get(json, "status")),
		    rows[i].status);
		json_decref(json);
	}
	free(secret);
#undef SEGMENT
}

static void a_wrong_command_line_is_status_2(void **state)
{
	char *secret = strdup(tempdir_path(dir, "secret"));
	const char *const lines[][ARGS_MAX] = {
		{ NULL },
		{ "nobody", NULL },
		{ "twilio", NULL },
		{ "twilio", "--url", "https://x/y", NULL },
		{ "twilio", "--url", "x", "--secret-file", secret, NULL },
		{ "generic", "--url", "https://x/y", "--secret-file", secret,
		    NULL },
		{ "twilio", "--now", "soon", NULL },
		{ "twilio", "--region", "Cambodia", NULL },
		{ "twilio", "--numbers", "odd", NULL },
		{ "twilio", "--odd", NULL },
		{ "twilio", "twilio", "--url", "https://x/y", "--secret-file",
		    secret, NULL },
		{ "twilio", "--vectors", "x", NULL },
	};

	(void)state;
	write_file("secret", "token\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(run("", lines[i]), 2);
	}
	free(secret);
}

static void a_file_that_is_not_there_is_status_1(void **state)
{
	static const char *const vectors[] = { "--vectors", "/nonexistent",
		NULL };
	static const char *const secret[] = { "twilio", "--url", "https://x/y",
		"--secret-file", "/nonexistent", NULL };

	(void)state;
	assert_int_equal(run("", vectors), 1);
	assert_int_equal(run("", secret), 1);
}

/* Whether is has every member that wanted names, all the way down. */
static bool has_all(const json_t *is, json_t *wanted)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_object(wanted)) {
		json_object_foreach(wanted, key, value)
		{
			if (!has_all(json_object_get(is, key), value)) {
				return false;
			}
		}
		return json_is_object(is);
	}
	if (json_is_array(wanted)) {
		json_array_foreach(wanted, i, value)
		{
			if (!has_all(json_array_get(is, i), value)) {
				return false;
			}
		}
		return json_array_size(is) == json_array_size(wanted);
	}
	return json_equal(is, wanted) != 0;
}

/* Every member that the vector names is in the line, as it says. */
static void check_line(const json_t *vector, const json_t *line)
{
	const json_t *message = json_object_get(line, "message");
	const json_t *full = json_object_get(vector, "concat_full_text");
	const char *key;
	json_t *wanted;

	assert_string_equal(text_of(line, "id"), text_of(vector, "id"));
	assert_string_equal(text_of(line, "result"), text_of(vector, "expect"));
	/* a PDU is answered by another one */
	assert_non_null(json_object_get(line,
	    strcmp(text_of(vector, "method"), "PDU") == 0 ? "answer"
							  : "status"));
	json_object_foreach(json_object_get(vector, "message"), key, wanted)
	{
		if (!has_all(json_object_get(message, key), wanted)) {
			fail_msg("%s: %s", text_of(vector, "id"), key);
		}
	}
	if (!has_all(json_object_get(line, "flags"),
		json_object_get(vector, "flags")) &&
	    json_object_get(vector, "flags") != NULL) {
		fail_msg("%s: flags", text_of(vector, "id"));
	}
	assert_true(full == NULL ||
	    json_equal(json_object_get(line, "concat_full_text"), full));
}

/* Gives their number. */
static size_t check_vectors(const char *path)
{
	const char *const args[] = { "--vectors", path, NULL };
	json_t *vectors = json_load_file(path, JSON_ALLOW_NUL, NULL);
	FILE *out;
	size_t i;
	json_t *vector;

	assert_int_equal(run("", args), 0);
	out = fopen(tempdir_path(dir, "out"), "rb");
	assert_non_null(out);
	json_array_foreach(vectors, i, vector)
	{
		json_t *line = json_loadf(
		    out, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);

		assert_non_null(line);
		check_line(vector, line);
		json_decref(line);
	}
	assert_int_equal(fgetc(out), '\n');
	assert_int_equal(fgetc(out), EOF);
	assert_int_equal(fclose(out), 0);
	json_decref(vectors);
	return i;
}

static void every_vector_has_its_line_in_the_files_order(void **state)
{
	(void)state;
	assert_int_equal(check_vectors("tests/vectors/sms.json"), 105);
	assert_true(check_vectors("tests/vectors/gateways.json") >= 65);
}

/* An emoji whose halves are in two PDUs, the second of which comes first. */
static void parts_from_an_smsc_are_joined_before_they_are_decoded(void **state)
{
#define PART "\"provider\":\"smpp\",\"method\":\"PDU\",\"concat_group\":\"g\","
	static const char vectors[] =
	    "[{\"id\":\"2\"," PART "\"body_b64\":"
	    "\"AAAAOAAAAAUAAAAAAAAAAgABATg1NTEyMzQ1Njc4AAAA"
	    "ODg4OABAAAAAAAAACAAIBQADBwIC3Zg=\"},"
	    "{\"id\":\"1\"," PART "\"body_b64\":"
	    "\"AAAAPgAAAAUAAAAAAAAAAQABATg1NTEyMzQ1Njc4AAAA"
	    "ODg4OABAAAAAAAAACAAOBQADBwIBF4cXvReZ2Dw=\"}]";
#undef PART
	char *path = strdup(tempdir_path(dir, "vectors"));
	const char *const args[] = { "--vectors", path, NULL };
	char line[1024];
	json_t *json;
	FILE *out;

	(void)state;
	write_file("vectors", vectors);
	assert_int_equal(run("", args), 0);
	out = fopen(tempdir_path(dir, "out"), "rb");
	assert_non_null(out);
	assert_non_null(fgets(line, sizeof(line), out));
	assert_null(strstr(line, "concat_full_text"));
	json = json_loadf(out, JSON_DISABLE_EOF_CHECK, NULL);
	assert_string_equal(text_of(json, "concat_full_text"), "ជួយ🆘");
	json_decref(json);
	assert_int_equal(fclose(out), 0);
	free(path);
}

static int setup(void **state)
{
	(void)state;
	dir = tempdir_make();
	return dir == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_judged_and_its_answer_shown),
		cmocka_unit_test(what_is_no_http_is_refused_with_its_status),
		cmocka_unit_test(somleng_gets_no_byte_where_its_proof_fails),
		cmocka_unit_test(only_the_path_of_the_address_is_read),
		cmocka_unit_test(a_wrong_command_line_is_status_2),
		cmocka_unit_test(a_file_that_is_not_there_is_status_1),
		cmocka_unit_test(every_vector_has_its_line_in_the_files_order),
		cmocka_unit_test(
		    parts_from_an_smsc_are_joined_before_they_are_decoded),
	};

	return cmocka_run_group_tests_name(
	    "cli/webhook", tests, setup, teardown);
}
