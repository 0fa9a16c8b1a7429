/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor.h - what is wrong with this installation, and what to do.
 *
 * Runs in:   the tipline command. Changes nothing.
 */
#ifndef TL_CLI_DOCTOR_H
#define TL_CLI_DOCTOR_H

int cli_doctor(const char *config_path, int argc, char **argv);

#endif
