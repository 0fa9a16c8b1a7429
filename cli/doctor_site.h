/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_site.h - what the configuration of a host leads to and is wrong:
 * certificates, the site's name, keys that do not belong here, folders that
 * others may write to, the spool's disk, backups, gateways that are silent.
 *
 * Runs in:   tipline doctor. Disk: reads what the configuration names.
 */
#ifndef TL_CLI_DOCTOR_SITE_H
#define TL_CLI_DOCTOR_SITE_H

#include "base/bytes.h"
#include "cli/doctor_visit.h"
#include "config/config.h"

#define DOCTOR_HOST_BYTES 256u

/* The host of https://HOST:PORT. */
void doctor_host_of(const char *url, char ret_host[static DOCTOR_HOST_BYTES]);

/* Those of the intake and of the console. */
void doctor_certificates(struct doctor *doctor, const struct config *config);

/* Those of both ends of the tunnel between hosts, where set-up puts them. */
void doctor_tunnel(struct doctor *doctor);

void doctor_names(struct doctor *doctor, const struct config_site *site);

/* Of the team's, on a public host. desk is the console's configuration of this
 * host, NULL if it has none. */
void doctor_keys(struct doctor *doctor, const struct config *config,
    const struct config *desk);
void doctor_folders(struct doctor *doctor, const struct config *config);
void doctor_backups(struct doctor *doctor, const struct config *config);

/* Is a folder whose files are synced before anything is promised on a disk that
 * keeps them? Nothing is said of one that is not there, or of "". */
void doctor_disk(struct doctor *doctor, const char *path);

/* Its parts. type: f_type of statfs(2), path: what lies there. */
void doctor_barriers(struct doctor *doctor, const char *path);
void doctor_file_system(struct doctor *doctor, const char *path, long type);

/* metrics: what the intake's admin socket answers to /metrics. */
void doctor_gateways(
    struct doctor *doctor, const struct config *config, struct bytes metrics);

#endif
