/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/webhook_vectors.h - run a file of test vectors through the adapters.
 *
 * Runs in:   the tipline command.
 * Disk:      reads one file.
 */
#ifndef TL_CLI_WEBHOOK_VECTORS_H
#define TL_CLI_WEBHOOK_VECTORS_H

/* Print a line for each vector of the file, in its order: id, result
 * ("unsupported" where there is no adapter), message, status; of a PDU of an
 * SMSC (sms/smpp.h) its answer in place of the status. Returns the exit status
 * and has said what went wrong. */
int webhook_vectors(const char *path);

#endif
