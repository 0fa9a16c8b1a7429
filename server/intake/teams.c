/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/teams.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/teamlist.h"

#define NEVER_TOLD INT64_MAX

struct team {
	struct teamlist *list;
	size_t epoch;      /* at the last look */
	int64_t told_days; /* what the last warning said */
};

struct teams {
	size_t n;
	bool watched;
	struct team team[TEAMS_MAX];
};

/* Days before the end at which a warning is due. */
static const int64_t warn_days[] = { 60, 30, 14, 7, 1 };

static enum tl_err load_identities(const struct config_intake *intake,
    uint8_t (*identities)[KEY_BYTES], size_t *ret_n)
{
	const struct config_list *paths = &intake->team_identities;

	if (paths->n > TEAMS_MAX || intake->team_keys.n > TEAMS_MAX) {
		say_error("a tip can be sealed to at most %u teams", TEAMS_MAX);
		return TL_EINVAL;
	}
	for (size_t i = 0; i < paths->n; i++) {
		enum tl_err err = keyfile_load(
		    paths->items[i], KEY_TEAM_IDENTITY, identities[i]);

		if (err != TL_OK) {
			say_error("cannot use the team's identity %s: %s. It "
				  "is the file identity.pub of `tipline "
				  "keygen`",
			    paths->items[i], err_text(err));
			return err;
		}
	}
	*ret_n = paths->n;
	return TL_OK;
}

static enum tl_err load_list(const char *path, struct teamlist **ret)
{
	enum tl_err err = teamlist_load(path, ret);

	if (err == TL_EPROOF) {
		say_error("%s is not signed by the team that it names: somebody"
			  " has changed it",
		    path);
	} else if (err != TL_OK) {
		say_error("cannot use the team's list %s: %s. It is the file "
			  "team.list of `tipline keygen`",
		    path, err_text(err));
	}
	return err;
}

static bool is_pinned(const struct teamlist *list,
    const uint8_t (*identities)[KEY_BYTES], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (memcmp(list->identity, identities[i], KEY_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

static const struct teamlist *find_list(
    const struct teams *teams, const uint8_t identity[static KEY_BYTES])
{
	for (size_t i = 0; teams != NULL && i < teams->n; i++) {
		if (memcmp(teams->team[i].list->identity, identity,
			KEY_BYTES) == 0) {
			return teams->team[i].list;
		}
	}
	return NULL;
}

static bool same_content(const struct teamlist *a, const struct teamlist *b)
{
	return a->n == b->n && a->end_s == b->end_s &&
	    memcmp(a->epochs, b->epochs, a->n * sizeof(a->epochs[0])) == 0;
}

static bool share_a_key(const struct teamlist *a, const struct teamlist *b)
{
	for (size_t i = 0; i < a->n; i++) {
		for (size_t j = 0; j < b->n; j++) {
			if (memcmp(a->epochs[i].public_key,
				b->epochs[j].public_key,
				TEAMLIST_KEY_BYTES) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* May this list follow the one that is in force? */
static enum tl_err check_number(const char *path, const struct teamlist *list,
    const struct teamlist *before)
{
	if (before == NULL || list->number > before->number) {
		return TL_OK;
	}
	if (list->number < before->number) {
		say_error("%s is list number %llu of its team, and number %llu "
			  "is in force: an older list is refused",
		    path, (unsigned long long)list->number,
		    (unsigned long long)before->number);
		return TL_ESTALE;
	}
	if (!same_content(list, before)) {
		say_error("%s has the number %llu of the list in force, and "
			  "other content: a new list has a higher number",
		    path, (unsigned long long)list->number);
		return TL_ESTALE;
	}
	return TL_OK;
}

static enum tl_err check_list(const char *path, const struct teamlist *list,
    const struct teams *teams, const struct teams *before)
{
	if (find_list(teams, list->identity) != NULL) {
		say_error(
		    "%s: intake.team_keys has two lists of one team", path);
		return TL_EINVAL;
	}
	for (size_t i = 0; i < teams->n; i++) {
		if (share_a_key(list, teams->team[i].list)) {
			say_error("%s has a key that another team's list has "
				  "too: each team makes its own",
			    path);
			return TL_EINVAL;
		}
	}
	return check_number(path, list, find_list(before, list->identity));
}

static enum tl_err add_list(struct teams *teams, const char *path,
    const uint8_t (*identities)[KEY_BYTES], size_t n_identities,
    const struct teams *before)
{
	struct teamlist *list = NULL;
	enum tl_err err = load_list(path, &list);

	if (err == TL_OK && !is_pinned(list, identities, n_identities)) {
		say_error("%s is signed by none of intake.team_identities: ask "
			  "the team for its fingerprint (`tipline key show`) "
			  "before you change anything",
		    path);
		err = TL_EPERM;
	}
	if (err == TL_OK) {
		err = check_list(path, list, teams, before);
	}
	if (err != TL_OK) {
		teamlist_free(list);
		return err;
	}
	teams->team[teams->n++] =
	    (struct team){ .list = list, .told_days = NEVER_TOLD };
	return TL_OK;
}

enum tl_err teams_load(const struct config_intake *intake,
    const struct teams *before, struct teams **ret)
{
	uint8_t identities[TEAMS_MAX][KEY_BYTES];
	struct teams *teams = calloc(1, sizeof(*teams));
	size_t n_identities = 0;
	enum tl_err err;

	if (teams == NULL) {
		return TL_ENOMEM;
	}
	err = load_identities(intake, identities, &n_identities);
	for (size_t i = 0; err == TL_OK && i < intake->team_keys.n; i++) {
		err = add_list(teams, intake->team_keys.items[i],
		    (const uint8_t(*)[KEY_BYTES])identities, n_identities,
		    before);
	}
	if (err != TL_OK) {
		teams_free(teams);
		return err;
	}
	*ret = teams;
	return TL_OK;
}

size_t teams_keys(
    const struct teams *teams, int64_t now_s, uint8_t (*ret_keys)[32])
{
	for (size_t i = 0; i < teams->n; i++) {
		const struct teamlist *list = teams->team[i].list;

		memcpy(ret_keys[i],
		    list->epochs[teamlist_at(list, now_s)].public_key, 32);
	}
	return teams->n;
}

bool teams_list(const struct teams *teams, size_t i, uint8_t ret_id[static 8],
    uint32_t *ret_number)
{
	if (i >= teams->n) {
		return false;
	}
	envelope_key_id(ret_id, teams->team[i].list->identity);
	*ret_number = (uint32_t)teams->team[i].list->number;
	return true;
}

int64_t teams_days_left(const struct teams *teams, int64_t now_s)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < teams->n; i++) {
		int64_t days = teamlist_days_left(teams->team[i].list, now_s);

		least = days < least ? days : least;
	}
	return least;
}

/* The warning that is due when this many days are left: the smallest of the
 * marks that are not below it; NEVER_TOLD if there is time. Each day after
 * the end is one of its own. */
static int64_t mark_of(int64_t days)
{
	int64_t mark = NEVER_TOLD;

	if (days < 0) {
		return days;
	}
	for (size_t i = 0; i < sizeof(warn_days) / sizeof(warn_days[0]); i++) {
		mark = days <= warn_days[i] ? warn_days[i] : mark;
	}
	return mark;
}

static void warn(struct team *team, long long number, int64_t now_s)
{
	int64_t days = teamlist_days_left(team->list, now_s);
	int64_t mark = mark_of(days);

	if (mark == team->told_days) {
		return;
	}
	team->told_days = mark;
	if (days < 0) {
		log_event(LOG_LIST_ENDED, number, -(long long)days - 1);
	} else if (mark != NEVER_TOLD) {
		log_event(LOG_LIST_DAYS, number, (long long)days);
	}
}

void teams_watch(struct teams *teams, int64_t now_s)
{
	for (size_t i = 0; i < teams->n; i++) {
		struct team *team = &teams->team[i];
		size_t epoch = teamlist_at(team->list, now_s);
		long long number = (long long)i + 1;

		if (!teams->watched) {
			log_event(LOG_LIST_LOADED, number,
			    (long long)team->list->number);
			if (now_s < team->list->epochs[0].start_s) {
				log_event(LOG_LIST_EARLY, number, 0);
			}
		} else if (epoch != team->epoch) {
			log_event(LOG_EPOCH_NEXT, number, (long long)epoch + 1);
		}
		team->epoch = epoch;
		warn(team, number, now_s);
	}
	teams->watched = true;
}

void teams_free(struct teams *teams)
{
	if (teams == NULL) {
		return;
	}
	for (size_t i = 0; i < teams->n; i++) {
		teamlist_free(teams->team[i].list);
	}
	free(teams);
}
