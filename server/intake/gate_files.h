/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/gate_files.h - files that came inside a gateway's message,
 * sealed piece by piece like those of the form.
 *
 * Promise:   the same message sent again makes the same pieces under the same
 *            ids, so they are kept once.
 * Knows not: the spool.
 * Runs in:   workers. Format: docs/FORMAT.md, "Files".
 * Disk:      none.
 */
#ifndef TL_INTAKE_GATE_FILES_H
#define TL_INTAKE_GATE_FILES_H

#include "server/intake/tip.h"
#include "server/intake/upload_file.h"
#include "server/intake/worker.h"

struct gate_files {
	uint8_t tip[REPORT_ID_BYTES]; /* the id of the message's report */
	size_t n;
	struct upload_file file[SMS_FILES_MAX];
	struct report_attachment told[SMS_FILES_MAX];
};

/* Takes one sealed record of a PUT. */
typedef enum tl_err (*gate_record_fn)(struct bytes record, void *arg);

/*
 * Seal the files of message, whose dedup key is once's, and hand each record to
 * add. Then files->told is for the report, which gets files->tip as its id; it
 * borrows files. TL_ENOMEM, or what add returned. End it with
 * gate_files_free() in every case.
 */
TL_MUST_CHECK enum tl_err gate_files_seal(struct gate *gate,
    const struct sms_message *message, const struct tip_once *once,
    gate_record_fn add, void *arg, struct gate_files *files);
void gate_files_free(struct gate_files *files);

#endif
