/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/upload_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"

size_t upload_told(const struct upload_files *files,
    struct report_attachment told[static UPLOAD_FILES_MAX])
{
	size_t n = files == NULL ? 0 : files->n;

	for (size_t i = 0; i < n; i++) {
		told[i] = upload_file_told(&files->file[i]);
	}
	return n;
}

bool upload_any(const struct upload_files *files, const char *state)
{
	for (size_t i = 0; files != NULL && i < files->n; i++) {
		if (strcmp(files->file[i].state, state) == 0) {
			return true;
		}
	}
	return false;
}

bool upload_has_bytes(const struct upload_files *files)
{
	for (size_t i = 0; files != NULL && i < files->n; i++) {
		if (files->file[i].bytes > 0) {
			return true;
		}
	}
	return false;
}

bool upload_lacks(const struct upload_files *files)
{
	return files != NULL &&
	    (files->is_cut || upload_any(files, "incomplete"));
}

void upload_content(
    const struct upload_files *files, uint8_t ret_hash[static 32])
{
	uint8_t all[UPLOAD_FILES_MAX][HASH_BYTES] = { 0 };

	for (size_t i = 0; files != NULL && i < files->n; i++) {
		memcpy(all[i], files->file[i].sha256, HASH_BYTES);
	}
	hash_bytes(ret_hash, all, sizeof(all));
}

void upload_files_free(struct upload_files *files)
{
	if (files != NULL) {
		for (size_t i = 0; i < UPLOAD_FILES_MAX; i++) {
			upload_file_free(&files->file[i]);
		}
		wipe(files, sizeof(*files));
		free(files);
	}
}
