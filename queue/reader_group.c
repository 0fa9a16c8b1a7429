/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The readers' group of the stream, as the admin user makes it and sets it
 * back. */
#include "queue/ask.h"
#include "queue/reader_inside.h"
#include "queue/sentinel.h"
#include "queue/stream_reply.h"

static enum tl_err tell_group(const struct reader_opts *opts,
    const struct bytes *args, size_t n, const char **ret_why)
{
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	struct ask *ask = NULL;
	struct place place;
	enum stream_trouble trouble;
	enum tl_err err = reader_connect(opts, &place, &ask, ret_why);

	if (err != TL_OK) {
		return err;
	}
	trouble = ask_for(ask, STREAM_WANT_OK, args, n, &reply, &answer);
	if (trouble == STREAM_ERROR && stream_error_is(reply, "BUSYGROUP ")) {
		trouble = STREAM_FINE;
	}
	ask_done(reply);
	ask_close(ask);
	*ret_why = reader_why(trouble);
	return reader_err(trouble);
}

enum tl_err reader_create_group(
    const struct reader_opts *opts, const char **ret_why)
{
	const struct bytes args[] = { bytes_str("XGROUP"), bytes_str("CREATE"),
		bytes_str("tips"), bytes_str(reader_group(opts)),
		bytes_str("0"), bytes_str("MKSTREAM") };

	return tell_group(opts, args, 6, ret_why);
}

enum tl_err reader_rewind_group(
    const struct reader_opts *opts, const char **ret_why)
{
	const struct bytes args[] = { bytes_str("XGROUP"), bytes_str("SETID"),
		bytes_str("tips"), bytes_str(reader_group(opts)),
		bytes_str("0") };

	return tell_group(opts, args, 5, ret_why);
}
