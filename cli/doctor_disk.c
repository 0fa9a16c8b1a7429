/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Is what programs have synced on a disk, and stays there? */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "cli/doctor_site.h"

/* ---- kinds of file systems --------------------------------------------------
 */

static const struct {
	unsigned long type;
	const char *name;
} volatile_or_far[] = {
	{ 0x01021994, "tmpfs, which is memory" },
	{ 0x858458f6, "ramfs, which is memory" },
	{ 0x794c7630, "overlayfs, which goes with its container" },
	{ 0x6969, "NFS, another host's" },
	{ 0xff534d42, "CIFS, another host's" },
	{ 0xfe534d42, "SMB, another host's" },
	{ 0x01021997, "9P, another host's" },
	{ 0x65735546, "FUSE, which may say \"written\" too early" },
};

void doctor_file_system(struct doctor *doctor, const char *path, long type)
{
	for (size_t i = 0;
	     i < sizeof(volatile_or_far) / sizeof(volatile_or_far[0]); i++) {
		if ((unsigned long)type == volatile_or_far[i].type) {
			doctor_tell(doctor,
			    "%s is on %s: put it on a local disk with ext4 or"
			    " XFS, or tips are lost that were promised",
			    path, volatile_or_far[i].name);
		}
	}
}

/* ---- barriers ---------------------------------------------------------------
 */

/* Is the word among those of a list with commas? */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at != NULL;
	     at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
		if (strncmp(at, word, len) == 0 &&
		    (at[len] == ',' || at[len] == '\0')) {
			return true;
		}
	}
	return false;
}

/* One line of mountinfo, proc_pid_mountinfo(5), of the device's numbers:
 * "36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/sda1 rw,nobarrier".
 * True: something was said. */
static bool judge_mount(
    struct doctor *doctor, char *line, const char *path, const char *device)
{
	enum { ID, PARENT, DEVICE, ROOT, WHERE, WORDS };
	char *words[WORDS] = { NULL };
	char *more = strstr(line, " - ");

	if (more == NULL) {
		return false;
	}
	*more = '\0';
	more += 3;
	for (size_t i = 0; i < WORDS; i++) {
		words[i] = strsep(&line, " ");
	}
	(void)strsep(&more, " "); /* type */
	(void)strsep(&more, " "); /* source */
	if (words[WHERE] == NULL || strcmp(words[DEVICE], device) != 0 ||
	    (!has_word(more, "nobarrier") && !has_word(more, "barrier=0"))) {
		return false;
	}
	doctor_tell(doctor,
	    "%s: its disk is not told to keep what was written: take nobarrier"
	    " and barrier=0 out of the options of %s in /etc/fstab and run"
	    " mount -o remount,barrier %s",
	    path, words[WHERE], words[WHERE]);
	return true;
}

void doctor_barriers(struct doctor *doctor, const char *path)
{
	char name[PATH_MAX], device[32];
	char *line = NULL;
	size_t room = 0;
	bool told = false;
	struct stat info;
	FILE *mounts;

	(void)snprintf(
	    name, sizeof(name), "%s/proc/self/mountinfo", doctor->root);
	mounts = stat(path, &info) == 0 ? fopen(name, "re") : NULL;
	if (mounts == NULL) {
		return;
	}
	(void)snprintf(device, sizeof(device), "%u:%u", major(info.st_dev),
	    minor(info.st_dev));
	while (!told && getline(&line, &room, mounts) > 0) {
		line[strcspn(line, "\n")] = '\0';
		told = judge_mount(doctor, line, path, device);
	}
	free(line);
	(void)fclose(mounts);
}

void doctor_disk(struct doctor *doctor, const char *path)
{
	struct statfs kind;

	if (path[0] != '\0' && statfs(path, &kind) == 0) {
		doctor_file_system(doctor, path, (long)kind.f_type);
		doctor_barriers(doctor, path);
	}
}
