/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/rule_breakers.h - envelopes that were sealed by somebody who has
 * the keys and breaks the rules. What does not hold aborts.
 */
#ifndef TL_TESTS_LIB_RULE_BREAKERS_H
#define TL_TESTS_LIB_RULE_BREAKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/envelope.h"

struct rule_breaker {
	const char *name;
	enum envelope_fault fault;
	uint32_t length;     /* as the content claims; the report has 5 bytes */
	uint32_t raw_length; /* likewise; there are none */
	size_t padding_at;   /* 0, or where the padding is not zero */
	uint8_t tag;
	bool not_bound; /* no additional data */
	bool no_box;    /* random bytes in the place of the wrap */
};

extern const struct rule_breaker rule_breakers[];
extern const size_t rule_breakers_n;

/* To the north of tests/lib/vector_world.h, by our intake. out is made here:
 * end it with buf_free(). */
void rule_breakers_seal(const struct rule_breaker *b, struct buf *out);

#endif
