/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_host.h - what a host can get wrong that no configuration shows:
 * swap, core files, who may look into processes, and whether ours have locked
 * themselves in.
 *
 * Knows not: tipline's configuration.
 * Runs in:   tipline doctor.
 * Disk:      reads below proc.
 */
#ifndef TL_CLI_DOCTOR_HOST_H
#define TL_CLI_DOCTOR_HOST_H

#include <stddef.h>

/* Gets one finding with its cure at a time, borrowed for the call. */
typedef void (*doctor_say_fn)(void *arg, const char *sentence);

/* proc: where the kernel's files are, "/proc". What is not there is not
 * judged. Gives how many findings were told. */
size_t doctor_host(const char *proc, doctor_say_fn say, void *arg);

#endif
