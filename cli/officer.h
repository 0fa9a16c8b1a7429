/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/officer.h - `tipline officer`: who can open the team's ring.
 *
 * Promise:   no tip and no epoch is touched; the last officer stays.
 * Runs in:   the tipline command, on the team's host.
 * Disk:      replaces the ring that desk.team_ring names.
 */
#ifndef TL_CLI_OFFICER_H
#define TL_CLI_OFFICER_H

/* argv[0] is "officer". Returns the exit status. */
int cli_officer(const char *config_path, int argc, char **argv);

#endif
