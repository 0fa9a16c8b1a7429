/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/exit_status.h - why a process of the intake ended. The spool
 * and the relay use the same numbers, and the systemd units know them.
 */
#ifndef TL_INTAKE_EXIT_STATUS_H
#define TL_INTAKE_EXIT_STATUS_H

enum exit_status {
	EXIT_STATUS_OK = 0,
	/* configuration, keys or sockets: trying again will not help before
	 * the operator has mended what was said */
	EXIT_STATUS_NO_START = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_FAILED = 3,
};

#endif
