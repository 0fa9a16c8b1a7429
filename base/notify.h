/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/notify.h - tell the service manager how a program is.
 *
 * Outside systemd (no NOTIFY_SOCKET) every call does nothing.
 */
#ifndef TL_BASE_NOTIFY_H
#define TL_BASE_NOTIFY_H

/* Locked down and listening. */
void notify_ready(void);

/* Ending on purpose. */
void notify_stopping(void);

/* Alive: the loop has turned. Call at least twice per watchdog interval. */
void notify_watchdog(void);

#endif
