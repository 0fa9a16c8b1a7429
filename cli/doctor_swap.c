/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Swap that keeps what programs had in memory, and can be read by whoever has
 * the disk. */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor_host.h"

#define BLOCK       "/sys/class/block"
#define NAME_BYTES  64u
#define DEVICES_MAX 32u

static const char devices[] = "/dev/";
static const char mapper[] = "/dev/mapper/";

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* What the kernel calls the device that device mapper calls name, in *ret;
 * false: none. */
static bool find_mapped(
    const struct doctor *doctor, const char *name, char ret[static NAME_BYTES])
{
	size_t root = strlen(doctor->root);
	char text[DOCTOR_FILE_BYTES];
	char pattern[PATH_MAX];
	glob_t found = { 0 };
	bool done = false;

	(void)snprintf(
	    pattern, sizeof(pattern), "%s" BLOCK "/*/dm/name", doctor->root);
	if (glob(pattern, 0, NULL, &found) != 0) {
		return false;
	}
	for (size_t i = 0; !done && i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i] + root;

		if (doctor_read(doctor, path, text)) {
			text[strcspn(text, "\n")] = '\0';
			done = strcmp(text, name) == 0;
		}
		if (done) {
			const char *kernels = path + sizeof(BLOCK);

			(void)snprintf(ret, NAME_BYTES, "%.*s",
			    (int)strcspn(kernels, "/"), kernels);
		}
	}
	globfree(&found);
	return done;
}

/* The devices that one is made of, behind those that are in list. False if
 * there are none, or too many. */
static bool add_parts(const struct doctor *doctor, const char *name,
    char list[static DEVICES_MAX][NAME_BYTES], size_t *n)
{
	char pattern[PATH_MAX];
	glob_t found = { 0 };
	bool added;

	(void)snprintf(pattern, sizeof(pattern), "%s" BLOCK "/%s/slaves/*",
	    doctor->root, name);
	if (glob(pattern, 0, NULL, &found) != 0) {
		return false;
	}
	added = found.gl_pathc <= DEVICES_MAX - *n;
	for (size_t i = 0; added && i < found.gl_pathc; i++) {
		(void)snprintf(list[(*n)++], NAME_BYTES, "%s",
		    strrchr(found.gl_pathv[i], '/') + 1);
	}
	globfree(&found);
	return added;
}

/* LVM, which stands on what it stands on, looks like encryption by its name:
 * either the device itself is dm-crypt's, or all that it is made of. */
static bool is_encrypted(const struct doctor *doctor, const char *name)
{
	char list[DEVICES_MAX][NAME_BYTES];
	char path[PATH_MAX], uuid[DOCTOR_FILE_BYTES];
	size_t n = 1;

	(void)snprintf(list[0], NAME_BYTES, "%s", name);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(
		    path, sizeof(path), BLOCK "/%s/dm/uuid", list[i]);
		if ((!doctor_read(doctor, path, uuid) ||
			!begins_with(uuid, "CRYPT-")) &&
		    !add_parts(doctor, list[i], list, &n)) {
			return false;
		}
	}
	return true;
}

/* zram stands for memory: who has it has thought about it. A mapped device of
 * which the kernel tells nothing is not judged. */
static bool is_thought_of(const struct doctor *doctor, const char *path)
{
	char name[NAME_BYTES], where[PATH_MAX];

	if (begins_with(path, "/dev/zram")) {
		return true;
	}
	if (begins_with(path, mapper)) {
		if (!find_mapped(doctor, path + sizeof(mapper) - 1, name)) {
			return true;
		}
	} else if (begins_with(path, devices)) {
		(void)snprintf(
		    name, sizeof(name), "%s", path + sizeof(devices) - 1);
	} else {
		return false; /* a file */
	}
	(void)snprintf(
	    where, sizeof(where), "%s" BLOCK "/%s", doctor->root, name);
	return access(where, F_OK) != 0 ? begins_with(name, "dm-")
					: is_encrypted(doctor, name);
}

void doctor_swap(struct doctor *doctor)
{
	char text[DOCTOR_FILE_BYTES];
	char *rest = text;
	char *line;

	if (!doctor_read(doctor, "/proc/swaps", text)) {
		return;
	}
	(void)strsep(&rest, "\n"); /* headings */
	while ((line = strsep(&rest, "\n")) != NULL) {
		line[strcspn(line, " \t")] = '\0';
		if (line[0] != '\0' && !is_thought_of(doctor, line)) {
			doctor_tell(doctor,
			    "memory may be written to %s: run swapoff on it"
			    " and take it out of /etc/fstab, or encrypt it with"
			    " a key of each start (crypttab(5))",
			    line);
		}
	}
}
