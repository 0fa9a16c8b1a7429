/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/notify.h"

#include <systemd/sd-daemon.h>

/* A service manager that does not listen is no reason to stop. */
static void tell(const char *state)
{
	(void)sd_notify(0, state);
}

void notify_ready(void)
{
	tell("READY=1");
}

void notify_stopping(void)
{
	tell("STOPPING=1");
}

void notify_watchdog(void)
{
	tell("WATCHDOG=1");
}
