/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/gateway.h - `tipline gateway`: what the team's host does about gateways
 * after the seal. The public host connects to nobody.
 *
 * Promise:   the provider's copy is erased only of what the ledger holds. A
 *            password goes to the provider's API and nowhere else. Nothing
 *            that a provider answers removes or changes a tip.
 * Runs in:   the tipline command, on the team's host.
 * Disk:      reads keys and secrets of [desk] and [gateway], and the ledger;
 *            appends to the book beside it (purge, media).
 */
#ifndef TL_CLI_GATEWAY_H
#define TL_CLI_GATEWAY_H

/* argv[0] is the command's name. Each returns the exit status. */
int cli_gateway(const char *config_path, int argc, char **argv);

/* gateway.c's commands, a file each. */
int gateway_status(const char *config_path, int argc, char **argv);
int gateway_canary(const char *config_path, int argc, char **argv);
int gateway_purge(const char *config_path, int argc, char **argv);
int gateway_reconcile(const char *config_path, int argc, char **argv);
int gateway_media(const char *config_path, int argc, char **argv);

#endif
