/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_units.h - whether the units are as closed as they were shipped:
 * drop-ins are the operator's, and one line of a guide on the web is enough.
 *
 * Knows not: what is in files of units; systemd says what is in force.
 * Runs in:   tipline doctor, which starts `systemctl show`. Disk: none.
 */
#ifndef TL_CLI_DOCTOR_UNITS_H
#define TL_CLI_DOCTOR_UNITS_H

#include "cli/doctor_visit.h"

/* Ends with a row of NULL. */
extern const struct doctor_unit_rule {
	const char *property, *want, *why;
} doctor_unit_rules[];

/* Nothing is said where no systemd runs, of units that this host has not, and
 * of what its systemd does not know. */
void doctor_units(struct doctor *doctor);

#endif
