/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_files.h - who may read and change the files of an installation:
 * those that its configurations name, and those that set-up puts where only
 * systemd reads them, so that no program of ours can judge them; and who may
 * speak to the programs.
 *
 * Knows not: what is in the files.
 * Runs in:   tipline doctor. Disk: looks at modes and owners below root.
 */
#ifndef TL_CLI_DOCTOR_FILES_H
#define TL_CLI_DOCTOR_FILES_H

#include <sys/types.h>

#include "cli/doctor_visit.h"
#include "config/config.h"

/* Keys and passwords where set-up puts them. What main or desk names has been
 * judged already; desk may be NULL. */
void doctor_installed(struct doctor *doctor, const struct config *main,
    const struct config *desk);

/* Sockets where units and programs make them, and their folders. */
void doctor_sockets(struct doctor *doctor);

/* Owners of what config names. */
void doctor_owners(struct doctor *doctor, const struct config *config);

/* Keys in the folder of a console's ledger. */
void doctor_apart(struct doctor *doctor, const struct config *config);

/* Is the team's ring whole, and can the console read it, whose is the
 * ledger? */
void doctor_ring(struct doctor *doctor, const struct config *config);

/* mine: who may own it besides root and the users of the programs. */
void doctor_owner(
    struct doctor *doctor, const char *path, uid_t owner, uid_t mine);

#endif
