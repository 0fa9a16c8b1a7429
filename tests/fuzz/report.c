/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The report document: any bytes as a document print or are refused, without
 * a control character; any bytes as a text are written, and the document
 * prints.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "text/report.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_harmless(const struct buf *out, bool lines)
{
	assert(utf8_valid(bytes_of(out->data, out->len)));
	for (size_t i = 0; i < out->len; i++) {
		assert(out->data[i] >= 0x20 || (lines && out->data[i] == '\n'));
		assert(out->data[i] != 0x7f);
		assert(out->data[i] != 0xc2 || out->data[i + 1] >= 0xa0);
	}
}

static enum tl_err print(struct bytes doc)
{
	static const uint8_t further[2][REPORT_MAILBOX_BYTES] = { { 1 } };
	static const struct report_context ours = { .signed_by_us = true,
		.further = further,
		.n_further = 2,
		.alike = further,
		.n_alike = 2 };
	static const struct report_context not_ours = { 0 };
	struct report_reply reply;
	struct buf line, plain;
	enum tl_err err;

	/* jansson grows numbers (1e1 becomes 10.0), we grow escapes */
	buf_init(&line, 64 * doc.len + 4096);
	buf_init(&plain, 64 * doc.len + 4096);
	report_reply(doc, &reply);
	err = report_print_json(doc, &ours, &line);
	assert(report_print_plain(doc, &not_ours, &plain) == err);
	check_harmless(&line, false);
	check_harmless(&plain, true);
	buf_free(&line);
	buf_free(&plain);
	return err;
}

static void write_and_print(struct bytes text)
{
	const struct report_answer answers[] = { { "where_near", text },
		{ "where_near", text } };
	const struct report report = {
		.channel = "sms",
		.text = text,
		.answers = answers,
		.n_answers = 2,
		.sender_raw = text,
		.data = text,
		.priority = 3,
	};
	struct buf doc;
	enum tl_err err;

	buf_init(&doc, report_bytes_max(5 * text.len));
	err = report_write(&report, &doc);
	assert(err == TL_OK);
	err = print(bytes_of(doc.data, doc.len));
	assert(err == TL_OK);
	buf_free(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	(void)print(bytes_of(data, len));
	/* more of it finds nothing new and takes longer */
	write_and_print(bytes_of(data, len < 256 ? len : 256));
	return 0;
}
