/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report_files: what was written of files is read, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/report_files.h"

static const uint8_t ids[2 * REPORT_ID_BYTES] =
    "the first id....and the second.";

static void write(const struct report *report, struct buf *out)
{
	buf_init(out, 65536);
	assert_int_equal(report_write(report, out), TL_OK);
}

static enum tl_err check(const struct report_attachment *file, void *arg)
{
	size_t *seen = arg;

	assert_int_equal(file->file, ++*seen);
	if (*seen == 1) {
		assert_string_equal(file->field, "voice");
		assert_int_equal(file->name.len, 6);
		assert_memory_equal(file->name.at, "a\"b\0.m", 6);
		assert_string_equal(file->type, "audio/amr");
		assert_int_equal(file->bytes, 65001);
		assert_int_equal(file->pieces, 2);
		assert_string_equal(file->state, "complete");
		assert_true(file->cleaned);
		assert_int_equal(file->ids.len, sizeof(ids));
		assert_memory_equal(file->ids.at, ids, sizeof(ids));
		assert_int_equal(file->sha256[31], 9);
	} else {
		assert_string_equal(file->type, "");
		assert_int_equal(file->name.len, 0);
		assert_int_equal(file->pieces, 0);
		assert_false(file->cleaned);
	}
	return TL_OK;
}

static void files_are_read_as_they_were_written(void **state)
{
	const struct report_attachment files[2] = {
		{ .file = 1,
		    .field = "voice",
		    .name = { (const uint8_t *)"a\"b\0.m", 6 },
		    .type = "audio/amr",
		    .bytes = 65001,
		    .pieces = 2,
		    .sha256 = { [31] = 9 },
		    .state = "complete",
		    .cleaned = true,
		    .ids = { ids, sizeof(ids) } },
		{ .file = 2,
		    .field = "photo",
		    .type = "",
		    .state = "wrong-kind" },
	};
	const struct report report = {
		.channel = "web",
		.gateway = "",
		.lang = "",
		.kind = "",
		.trust = "web",
		.attachments = files,
		.n_attachments = 2,
	};
	struct report_piece piece;
	size_t seen = 0;
	struct buf doc;

	(void)state;
	write(&report, &doc);
	assert_int_equal(
	    report_files(bytes_of(doc.data, doc.len), check, &seen), TL_OK);
	assert_int_equal(seen, 2);
	assert_false(report_is_piece(bytes_of(doc.data, doc.len), &piece));
	/* cut anywhere it is no document */
	for (size_t len = 0; len < doc.len; len++) {
		seen = 0;
		assert_int_equal(
		    report_files(bytes_of(doc.data, len), check, &seen), TL_OK);
		assert_int_equal(seen, 0);
	}
	buf_free(&doc);
}

static void a_piece_is_told_from_a_tip(void **state)
{
	const struct report_piece of = {
		.tip = "tip of the test", .file = 2, .piece = 77
	};
	struct report report = {
		.channel = "web",
		.gateway = "",
		.lang = "",
		.kind = REPORT_PIECE,
		.trust = "web",
		.piece = &of,
	};
	struct report_piece piece = { .file = 99 };
	struct buf doc;

	(void)state;
	write(&report, &doc);
	/* what is sealed beside 65,000 raw bytes has to fit */
	assert_in_range(doc.len, 1, 65536 - 8 - 65000);
	assert_true(report_is_piece(bytes_of(doc.data, doc.len), &piece));
	assert_memory_equal(piece.tip, of.tip, sizeof(of.tip));
	assert_int_equal(piece.file, 2);
	assert_int_equal(piece.piece, 77);
	buf_free(&doc);
	piece.file = 99;
	report.kind = "";
	write(&report, &doc);
	assert_false(report_is_piece(bytes_of(doc.data, doc.len), &piece));
	assert_int_equal(piece.file, 99);
	buf_free(&doc);
}

static enum tl_err stop(const struct report_attachment *file, void *arg)
{
	(void)file;
	++*(size_t *)arg;
	return TL_EIO;
}

static void what_is_described_otherwise_is_left_out(void **state)
{
#define SHA \
	"\"sha256\":" \
	"\"0000000000000000000000000000000000000000000000000000000000000000\""
	static const char *const docs[] = {
		"",
		"[]",
		"{}",
		"{\"id\":\"\",\"attachments\":{}}",
		"{\"id\":\"\",\"attachments\":[1]}",
		"{\"id\":\"\",\"attachments\":[{\"file\":0,\"bytes\":1," SHA
		"}]}",
		"{\"id\":\"\",\"attachments\":[{\"file\":2147483648,\"bytes\":"
		"1," SHA "}]}",
		"{\"id\":\"\",\"attachments\":[{\"file\":1,\"bytes\":-1," SHA
		"}]}",
		"{\"id\":\"\",\"attachments\":[{\"file\":1,\"bytes\":1}]}",
		"{\"id\":\"\",\"attachments\":[{\"file\":1,\"bytes\":1," SHA
		",\"ids\":[\"12\"]}]}",
		"{\"id\":\"\",\"attachments\":[{\"file\":1,\"bytes\":1," SHA
		",\"ids\":[1]}]}",
		"{\"id\":\"\",\"kind\":\"piece\"}",
		"{\"id\":\"\",\"kind\":\"piece\",\"tip\":"
		"\"00000000000000000000000000000000\"}",
		"{\"id\":\"\",\"kind\":\"piece\",\"tip\":"
		"\"00000000000000000000000000000000\",\"file\":1}",
		"{\"id\":\"\",\"kind\":\"piece\",\"tip\":"
		"\"00000000000000000000000000000000\",\"file\":1,\"piece\":0}",
	};
	struct report_piece piece;
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		assert_int_equal(
		    report_files(bytes_str(docs[i]), stop, &seen), TL_OK);
		assert_false(report_is_piece(bytes_str(docs[i]), &piece));
	}
	assert_int_equal(seen, 0);
	assert_int_equal(
	    report_files(
		bytes_str("{\"id\":\"\",\"attachments\":[{\"file\":1," SHA
			  "},{\"file\":2," SHA "}]}"),
		stop, &seen),
	    TL_EIO);
	assert_int_equal(seen, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_as_they_were_written),
		cmocka_unit_test(a_piece_is_told_from_a_tip),
		cmocka_unit_test(what_is_described_otherwise_is_left_out),
	};

	return cmocka_run_group_tests_name(
	    "text/report_files", tests, NULL, NULL);
}
