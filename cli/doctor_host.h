/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_host.h - what a host can get wrong that no configuration shows:
 * swap, core files, the clock, who may look into processes, whether ours have
 * locked themselves in and the kernel has what they need for it, whether Tor
 * may reach our socket; and packages whose holes are known.
 *
 * Knows not: tipline's configuration.
 * Runs in:   tipline doctor.
 * Disk:      reads below root: /proc, /run, /sys, /etc/apparmor.d,
 *             /etc/systemd/system, /var/lib/dpkg/status.
 */
#ifndef TL_CLI_DOCTOR_HOST_H
#define TL_CLI_DOCTOR_HOST_H

#include "cli/doctor_visit.h"

/* What the kernel does not tell is not judged. */
void doctor_host(struct doctor *doctor);

/* The part of it that is about swap. */
void doctor_swap(struct doctor *doctor);

/* Packages of Debian that are older than the one that mended a known hole. */
void doctor_packages(struct doctor *doctor);

/* As `dpkg --compare-versions a lt b`. */
bool doctor_older(const char *a, const char *b);

#endif
