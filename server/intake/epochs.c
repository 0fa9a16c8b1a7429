/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/epochs.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rd.h"
#include "crypto/keyfile.h"
#include "crypto/seal.h"
#include "server/intake/teams.h"

#define DAY_S 86400

/*
 * Keys of epochs that are over may be destroyed, so none is sealed to that was
 * over on the last day that the spool knows of, whatever the clock says. What
 * came before the spool has told of it is sealed to the last epoch of all: the
 * clock may be the one that a host without a battery starts with.
 */
int64_t epochs_now_s(const struct worker *worker)
{
	int64_t now_s = clock_wall_s();

	return now_s > worker->not_before_s ? now_s : worker->not_before_s;
}

/* When the next epoch of a team has come, tips are sealed to its key. */
void epochs_follow(struct worker *worker)
{
	uint8_t keys[TEAMS_MAX][KEY_BYTES] = { 0 };
	size_t n = teams_keys(worker->teams, epochs_now_s(worker), keys);

	if (memcmp(keys, worker->team_keys, n * sizeof(keys[0])) != 0 &&
	    sealer_change(worker->sealer, (const uint8_t(*)[32])keys, n) ==
		TL_OK) {
		memcpy(worker->team_keys, keys, sizeof(keys));
	}
}

/* The spool outlives the intake, and knows the lists of earlier starts. Our
 * parent told it of ours. */
void epochs_compare(struct worker *worker, struct bytes seen)
{
	struct rd rd = rd_of(seen.at, seen.len);
	static const uint8_t end[8];
	uint8_t seen_id[8], id[8];
	uint32_t highest, number;

	rd_copy(&rd, seen_id, sizeof(seen_id));
	highest = rd_u32(&rd);
	if (rd_done(&rd) && memcmp(seen_id, end, sizeof(end)) == 0 &&
	    worker->not_before_s == EPOCHS_NOT_TOLD_S) {
		/* a spool of before has taken the end of the lists for one: it
		 * counts no days, and there is but the clock */
		worker->not_before_s = 0;
		epochs_follow(worker);
	}
	for (size_t i = 0;
	     rd_done(&rd) && teams_list(worker->teams, i, id, &number); i++) {
		if (memcmp(id, seen_id, sizeof(id)) == 0 && number < highest) {
			log_event(LOG_LIST_OLDER, (long long)i + 1,
			    (long long)highest);
		}
	}
}

/* From here on the clock is not believed if it stands before that day. */
void epochs_learn_day(struct worker *worker, struct bytes body)
{
	struct rd rd = rd_of(body.at, body.len);
	uint32_t day = rd_u32(&rd);
	int64_t from_s = (int64_t)day * DAY_S;

	if (rd_done(&rd) &&
	    (worker->not_before_s == EPOCHS_NOT_TOLD_S ||
		worker->not_before_s < from_s)) {
		worker->not_before_s = from_s;
		epochs_follow(worker);
	}
}
