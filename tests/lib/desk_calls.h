/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/desk_calls.h - a desk with one tip that an officer has claimed, and
 * what is asked of it.
 */
#ifndef TL_TESTS_LIB_DESK_CALLS_H
#define TL_TESTS_LIB_DESK_CALLS_H

#include "tests/lib/desk_rig.h"

#define DESK_CALLS_TIP   "/api/tips/01010101010101010101010101010101"
#define DESK_CALLS_OTHER "/api/tips/02020202020202020202020202020202"
/* The number of whom it is from. */
#define DESK_CALLS_PHONE "+85512777888"

struct desk_call {
	const char *method, *path, *body; /* %032x: once */
	int good;                         /* its status when all are well */
	unsigned events;                  /* that the case has of it */
};

extern const struct desk_call desk_calls[];
extern const size_t desk_calls_n;

/* Start the rig; the officer, a supervisor, is logged in, and has the tip. */
void desk_calls_start(struct desk_rig *rig);

/* Once more, if the desk has ended or the store is nearly full. */
void desk_calls_again(struct desk_rig *rig);

/* As desk_rig_ask(), with this `once`. */
int desk_calls_ask(
    struct desk_rig *rig, const struct desk_call *call, unsigned once);

/* This is in the body of the answer. */
bool desk_calls_says(const struct desk_rig *rig, const char *word);

#endif
