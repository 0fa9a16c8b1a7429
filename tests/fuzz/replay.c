/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Give every file of the folders named as arguments to one fuzz target, so
 * that every compiler replays every corpus and every old finding. A finding
 * ends the program by an assertion or a sanitizer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long len;
	int failed = -1;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		goto out;
	}
	len = ftell(file);
	if (len < 0 || fseek(file, 0, SEEK_SET) != 0) {
		goto out;
	}
	/* exactly as long as the file, so that one byte too many is seen */
	data = malloc(len > 0 ? (size_t)len : 1);
	if (data == NULL || fread(data, 1, (size_t)len, file) != (size_t)len) {
		goto out;
	}
	(void)LLVMFuzzerTestOneInput(data, (size_t)len);
	failed = 0;
out:
	free(data);
	if (file != NULL) {
		(void)fclose(file);
	}
	return failed;
}

int main(int argc, char **argv)
{
	unsigned files = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		if (dir == NULL) {
			fprintf(stderr, "cannot read %s\n", argv[i]);
			return 1;
		}
		while ((entry = readdir(dir)) != NULL) {
			char path[4096];

			if (entry->d_name[0] == '.') {
				continue;
			}
			(void)snprintf(path, sizeof(path), "%s/%s", argv[i],
			    entry->d_name);
			if (replay_file(path) != 0) {
				fprintf(stderr, "cannot read %s\n", path);
				return 1;
			}
			files++;
		}
		(void)closedir(dir);
	}
	printf("%u inputs\n", files);
	return files > 0 ? 0 : 1;
}
