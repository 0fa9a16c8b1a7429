/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/log.h - what a running program may say: numbered events with numbers.
 *
 * Promise:   no function here takes a string that is not a literal of ours,
 *            so a reporter's words, number or address cannot reach a log.
 * Knows not: where standard error goes (the journal in production).
 */
#ifndef TL_BASE_LOG_H
#define TL_BASE_LOG_H

#include "base/log_events.h"

#define LOG_EVENT_ENUM(name, number, level, text) name = number,
enum log_event { LOG_EVENTS(LOG_EVENT_ENUM) };
#undef LOG_EVENT_ENUM

/* Name the program in front of each line. Keeps name: a literal. */
void log_open(const char *name);

/* Write one line to standard error. a and b fill the event's numbers. */
void log_event(enum log_event event, long long a, long long b);

/*
 * For the start of a program and for the command line only, while no
 * stranger has been listened to: say a sentence that may name paths and
 * settings of the operator. Ends the line by itself.
 */
__attribute__((format(printf, 1, 2))) void say_error(const char *format, ...);

#endif
