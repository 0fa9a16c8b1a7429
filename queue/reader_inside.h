/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/reader_inside.h - logging in to Redis as a desk, for queue/ only.
 */
#ifndef TL_QUEUE_READER_INSIDE_H
#define TL_QUEUE_READER_INSIDE_H

#include "queue/reader.h"
#include "queue/stream.h"

struct ask;
struct place;

/* Find it, connect, log in, see that it is a master. As reader_open(). Gives
 * *ret_ask: end it with ask_close(). */
TL_MUST_CHECK enum tl_err reader_connect(const struct reader_opts *opts,
    struct place *ret_place, struct ask **ret_ask, const char **ret_why);

/* What a trouble is to callers who wait. */
enum tl_err reader_err(enum stream_trouble trouble);

/* The same in words for people. */
const char *reader_why(enum stream_trouble trouble);

/* The group that opts names, or the officers'. */
const char *reader_group(const struct reader_opts *opts);

#endif
