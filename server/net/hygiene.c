/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What OpenSSL and libevent free is wiped, and what they would print is
 * counted: both quote strangers.
 */
#include "server/net/server.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <openssl/crypto.h>

#include "base/log.h"
#include "base/wipe.h"

static void wipe_free(void *p)
{
	if (p != NULL) {
		wipe(p, malloc_usable_size(p));
		free(p);
	}
}

/* The C library's own would leave a copy at the old place. */
static void *wipe_realloc(void *old, size_t len)
{
	void *p;
	size_t had;

	if (old == NULL) {
		return malloc(len);
	}
	if (len == 0) {
		wipe_free(old);
		return NULL;
	}
	had = malloc_usable_size(old);
	p = malloc(len);
	if (p != NULL) {
		memcpy(p, old, had < len ? had : len);
		wipe_free(old);
	}
	return p;
}

static void *ssl_malloc(size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(len);
}

static void *ssl_realloc(void *p, size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return wipe_realloc(p, len);
}

static void ssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	wipe_free(p);
}

/* libevent warns about sockets in words; the engine counts what matters. */
static void silence_cb(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

static void fatal_cb(int code)
{
	log_event(LOG_LOOP_FATAL, code, 0);
	abort();
}

enum tl_err net_memory_hygiene(void)
{
	event_set_log_callback(silence_cb);
	event_set_fatal_callback(fatal_cb);
	if (wipe_by_free) {
		return TL_OK; /* twice would be twice the work */
	}
	if (CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) != 1) {
		return TL_EINVAL; /* something was allocated before */
	}
	event_set_mem_functions(malloc, wipe_realloc, wipe_free);
	return TL_OK;
}
