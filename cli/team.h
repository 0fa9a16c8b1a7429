/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/team.h - the four files of a team in one folder: identity.key and
 * identity.pub, team.ring, team.list.
 *
 * Promise:   the ring with a new epoch's secret is on the disk before a list
 *            that names the epoch is.
 * Runs in:   the tipline command, on the team's own computer.
 * Disk:      makes or replaces these files.
 */
#ifndef TL_CLI_TEAM_H
#define TL_CLI_TEAM_H

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/pwhash.h"
#include "crypto/ring.h"
#include "crypto/teamlist.h"

#define TEAM_EPOCH_S 604800 /* a week */
#define TEAM_EPOCHS  53u    /* a year of them */

struct team_plan {
	int64_t epoch_s; /* length of an epoch */
	unsigned epochs; /* how many to make */
	struct pwhash_cost cost;
};
extern const struct team_plan team_plan_default;

/* Rows of a command's table of options, and what takes them: false, said, if
 * the value is wrong. */
#define TEAM_PLAN_OPTIONS \
	{ "cheap", no_argument, NULL, 'c' }, \
	    { "epoch", required_argument, NULL, 'e' }, \
	{ \
		"epochs", required_argument, NULL, 'n' \
	}
bool team_plan_option(struct team_plan *plan, int option, const char *value);

/* Paths in a folder. TL_ETOOBIG, said. */
struct team_paths {
	char identity[PATH_MAX];
	char identity_pub[PATH_MAX];
	char ring[PATH_MAX];
	char list[PATH_MAX];
};
TL_MUST_CHECK enum tl_err team_paths_of(
    const char *folder, struct team_paths *ret);

/* Make all four for a new team, from now_s on. On error none is left that was
 * not there before. */
TL_MUST_CHECK enum tl_err team_make(const struct team_paths *paths,
    const struct team_plan *plan, struct bytes passphrase, int64_t now_s);

/*
 * Add epochs to the ring, which is unlocked, behind the last one, or from
 * now_s on if that has ended. epoch_s of the plan counts.
 */
TL_MUST_CHECK enum tl_err team_add_epochs(
    struct ring *ring, const struct team_plan *plan, int64_t now_s);

/*
 * How many of the ring's epochs are to come behind those that the list names:
 * a disk that was full, or a power cut, came between the ring and the list. 0
 * also if there is no list, or it is not of this ring.
 */
unsigned team_unnamed(
    const struct ring *ring, const char *list_path, int64_t now_s);

/*
 * Ask before anything is changed whether team_publish() may replace both files,
 * so that it does not stop after the ring. TL_EPERM, said.
 */
TL_MUST_CHECK enum tl_err team_may_publish(const struct team_paths *paths);

/*
 * Give the ring's epochs that have not ended the next number, save the ring,
 * and write the list, signed. The ring is unlocked.
 */
TL_MUST_CHECK enum tl_err team_publish(const struct team_paths *paths,
    struct ring *ring, const uint8_t sign[static TEAMLIST_SIGN_BYTES],
    int64_t now_s);

/*
 * When an epoch is out of use: where the next one starts, which may be later
 * than its own end. INT64_MAX for the newest.
 */
int64_t team_epoch_over_s(const struct ring *ring, size_t epoch);

/*
 * Find out which officer is there, read the passphrase and unlock the ring;
 * what is wrong was said. *ret_officer is their place in the ring; NULL is
 * fine.
 */
TL_MUST_CHECK enum tl_err team_unlock_ring(
    const char *path, struct ring **ret_ring, size_t *ret_officer);

/* Give this officer of the unlocked ring, or a new one, a passphrase that is
 * asked for, and this role (0: the one they have), and save the ring; what is
 * wrong was said. */
TL_MUST_CHECK enum tl_err team_set_officer(const char *path, struct ring *ring,
    const char *name, enum ring_role role, struct pwhash_cost cost);

/* The same for the identity: seed and public key into sign. */
TL_MUST_CHECK enum tl_err team_unlock_identity(
    const char *path, uint8_t sign[static TEAMLIST_SIGN_BYTES]);

#endif
