/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What this host's clock is worth, beside that of Redis. */
#include "base/clock.h"
#include "base/log.h"
#include "desk/reply.h"
#include "desk/web.h"

#define DAY_S 86400
/* Further behind than this, one of the two is wrong. */
#define APART_S 3600
/* 9999-12-31: later is no time. */
#define LAST_S INT64_C(253402300799)

static int64_t redis_s(const struct web *web)
{
	return (int64_t)(web_now_ms(web) / 1000u);
}

uint32_t web_last_day(const struct web *web)
{
	int64_t here_s = clock_wall_s();
	int64_t there_s = redis_s(web);
	int64_t late_s =
	    there_s > here_s && there_s <= LAST_S ? there_s : here_s;

	return (uint32_t)(late_s / DAY_S) + REPLY_DAYS;
}

/* That it is ahead cannot be told from a host that slept, of which what is
 * known of Redis' time does not hear. */
void web_watch_clock(struct web *web)
{
	int64_t behind_s = redis_s(web) - clock_wall_s();
	bool is_behind = behind_s > APART_S;

	if (is_behind && !web->clock_told) {
		log_event(LOG_DESK_CLOCK, behind_s / APART_S, 0);
	}
	web->clock_told = is_behind;
}
