/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/disk/bad_disk.h - a disk that fails, and a spool that is put to
 * work on it. A program that is linked with it has its own pwrite64, fdatasync,
 * fsync and ftruncate64, which SQLite finds before libc's; so it is in no
 * archive. What does not hold aborts.
 */
#ifndef TL_TESTS_LIB_DISK_BAD_DISK_H
#define TL_TESTS_LIB_DISK_BAD_DISK_H

#include "tests/lib/spool_world.h"

#define DISK_RECORDS 40u

enum ack { ACK_NEVER, ACK_PUT, ACK_FORGOT };

/* What happens at storage calls, and what they have done. */
struct bad_disk {
	bool on;
	unsigned calls; /* since it was switched on */
	unsigned fail_at;
	int error;
	unsigned failed;
	bool failed_quietly; /* SQLite may hide this one */
	bool failed_in_file; /* not in the log: in a checkpoint */
	bool file_full; /* the file cannot grow or be written, the log can */
	/* NULL, or called while it is on */
	void (*before_call)(void);
	void (*after_sync)(int fd);
};

extern struct bad_disk disk;

/* What was answered for each record, an enum ack. */
extern uint8_t disk_acked[DISK_RECORDS];

/* No spool, nothing answered, a disk that is off. */
void disk_start_over(struct spool_world *w);

/* Put up to n records as one group. What is known to be there is acked after
 * the commit, or, for the mutant, before. */
TL_MUST_CHECK enum tl_err disk_put_group(
    struct spool_world *w, uint32_t first, uint32_t n, bool ack_early);
TL_MUST_CHECK enum tl_err disk_forget_one(struct spool_world *w, uint32_t n);

/* All that a spool does, until something fails. A call that failed must be
 * told. */
TL_MUST_CHECK enum tl_err disk_load(struct spool_world *w, bool ack_early);

/* How many acknowledged records are not as promised. */
unsigned disk_count_lost(struct spool_world *w, const uint8_t *promised);

void disk_path_of(int fd, char path[static 256]);

#endif
