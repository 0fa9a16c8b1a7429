/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/net_stub_upload.h - the stub's routes that take a body as it
 * comes. It is answered "<bytes> whole" or "<bytes> over". Runs in the stub.
 */
#ifndef TL_TESTS_LIB_NET_STUB_UPLOAD_H
#define TL_TESTS_LIB_NET_STUB_UPLOAD_H

#include "server/net/server.h"

#define STUB_UPLOAD_MAX_BYTES   ((size_t)512u * 1024u)
#define STUB_UPLOAD_PAUSE_BYTES ((size_t)64u * 1024u)
#define STUB_UPLOAD_PAUSE_MS    900

/* Takes all; has enough after every 64 KiB for a pause; gives nothing. */
extern const struct net_upload stub_upload;
extern const struct net_upload stub_upload_slow;
extern const struct net_upload stub_upload_none;

struct stub_uploads {
	uint64_t bytes;
	uint64_t open; /* begun and not ended */
	uint64_t cut;
};
extern struct stub_uploads stub_uploads;

#endif
