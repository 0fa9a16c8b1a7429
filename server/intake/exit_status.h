/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/exit_status.h - why a process of the intake ended.
 */
#ifndef TL_INTAKE_EXIT_STATUS_H
#define TL_INTAKE_EXIT_STATUS_H

enum exit_status {
	EXIT_STATUS_OK = 0,
	EXIT_STATUS_FAILED = 1,
	/* sysexits(3): trying again will not help before the operator has
	 * mended something */
	EXIT_STATUS_CONFIG = 78,
};

#endif
