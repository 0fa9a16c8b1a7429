/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/cases_rig.h - a Redis and two desks with a ledger each. What does
 * not hold aborts.
 */
#ifndef TL_TESTS_LIB_CASES_RIG_H
#define TL_TESTS_LIB_CASES_RIG_H

#include "queue/cases.h"
#include "tests/lib/redis_home.h"

/* What the ledger got, as it was told; its sealed part was looked at. */
struct kept {
	size_t n;
	struct case_record last;
};

struct desk {
	char folder[176];
	struct kept kept;
	struct ledger *ledger;
	struct case_book *book;
	struct cases *cases;
};

struct rig {
	struct redis_home home;
	unsigned replicas; /* that are said, of which there is none */
	struct desk a;
	struct desk b;
};

/* How far the clock of desk b is ahead. */
extern uint64_t rig_ahead_ms;
uint64_t rig_other_clock(void);

/* So many signatures were looked at. */
extern size_t rig_proved;

/* Signs as all desks of the rig do; for opts.trust. */
struct cases_trust rig_trust(void);

/* For cmocka. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* Connect, again if it was connected. mono_ms NULL: this host's clock. */
void rig_open_desk(
    const struct rig *rig, struct desk *desk, uint64_t (*mono_ms)(void));

void rig_id(uint32_t n, uint8_t id[static CASE_ID_BYTES]);

/* A change with everything that any row asks for. */
struct case_change rig_by(enum case_event event, const char *who);
struct cases_outcome rig_try(
    struct desk *desk, uint32_t n, struct case_change change);
struct case_now rig_must(
    struct desk *desk, uint32_t n, struct case_change change);
struct case_now rig_get(struct desk *desk, uint32_t n);
/* A case that waits to be claimed. */
void rig_make(struct desk *desk, uint32_t n, unsigned priority);

#endif
