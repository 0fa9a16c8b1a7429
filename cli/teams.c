/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/teams.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/fingerprint.h"
#include "crypto/keyfile.h"
#include "crypto/teamlist.h"

static bool is_pinned(
    const struct config_intake *intake, const struct teamlist *list)
{
	uint8_t identity[KEY_BYTES];

	for (size_t i = 0; i < intake->team_identities.n; i++) {
		const char *path = intake->team_identities.items[i];
		enum tl_err err =
		    keyfile_load(path, KEY_TEAM_IDENTITY, identity);

		if (err != TL_OK) {
			say_error("cannot use the team's identity %s: %s", path,
			    err_text(err));
		} else if (memcmp(identity, list->identity, KEY_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

static void print_list(size_t number, const struct teamlist *list, int64_t days)
{
	struct fingerprint print;

	fingerprint_of(list->identity, &print);
	(void)printf("team %zu: list number %llu, %lld days left, %s\n", number,
	    (unsigned long long)list->number, (long long)days, print.digits);
}

enum tl_err cli_teams(
    const struct config_intake *intake, bool print, int64_t *ret_days)
{
	int64_t least = INT64_MAX;
	enum tl_err result = TL_OK;

	for (size_t i = 0; i < intake->team_keys.n; i++) {
		const char *path = intake->team_keys.items[i];
		struct teamlist *list = NULL;
		enum tl_err err = teamlist_load(path, &list);
		int64_t days;

		if (err != TL_OK) {
			say_error("cannot use the team's list %s: %s", path,
			    err_text(err));
			result = err;
			continue;
		}
		if (!is_pinned(intake, list)) {
			say_error("%s is signed by none of "
				  "intake.team_identities: ask the team for "
				  "its fingerprint (`tipline key show`)",
			    path);
			result = TL_EPERM;
		}
		days = teamlist_days_left(list, clock_wall_s());
		least = days < least ? days : least;
		if (print) {
			print_list(i + 1, list, days);
		}
		teamlist_free(list);
	}
	if (result == TL_OK) {
		*ret_days = least;
	}
	return result;
}
