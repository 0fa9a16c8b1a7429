/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/service_clock.c - the count of hours that the spool goes by;
 * see queue/spool_clock.h.
 */
#include "base/clock.h"
#include "base/log.h"
#include "server/spool/service_inside.h"

#define HOUR_MS UINT64_C(3600000)

enum tl_err service_begin_hours(struct service *service)
{
	int64_t kept = spool_clock_load(service->opts.spool);
	enum tl_err err;

	service->hour = spool_clock_start(kept, clock_wall_s());
	service->hour_ms = clock_boot_ms();
	service->hour_is_kept = service->hour == kept;
	if (kept > 0 || service->hour_is_kept) {
		return TL_OK;
	}
	/* the first count of all: whatever ends this start, the next one has it
	 */
	err = spool_clock_save(service->opts.spool, service->hour);
	if (err == TL_OK) {
		err = spool_commit(service->opts.spool);
		service->hour_is_kept = err == TL_OK;
	}
	return err == TL_EFULL ? TL_OK : err;
}

/* Only whole hours of running count; the rest is left for the next time. */
enum tl_err service_count_hours(struct service *service)
{
	const struct client *client;
	uint64_t ran_h = (clock_boot_ms() - service->hour_ms) / HOUR_MS;
	int64_t was = service->hour;
	int64_t is =
	    spool_clock_next(service->hour, clock_wall_s(), (int64_t)ran_h);
	enum tl_err err = TL_OK;

	service->hour_ms += ran_h * HOUR_MS;
	service->hour = is;
	service->hour_is_kept = service->hour_is_kept && is == was;
	if (!service->hour_is_kept) {
		err = spool_clock_save(service->opts.spool, is);
		service->hour_is_kept = err == TL_OK;
	}
	if (is / 24 != was / 24) {
		TAILQ_FOREACH (client, &service->clients, link) {
			service_tell_day(client);
		}
	}
	return err;
}

void service_watch_clock(struct service *service)
{
	int64_t days = spool_clock_odd_days(service->hour, clock_wall_s());

	if (days != 0 && !service->clock_told) {
		log_event(
		    days > 0 ? LOG_SPOOL_CLOCK_AHEAD : LOG_SPOOL_CLOCK_BEHIND,
		    days > 0 ? days : -days, 0);
	} else if (days == 0 && service->clock_told) {
		log_event(LOG_SPOOL_CLOCK_FINE, 0, 0);
	}
	service->clock_told = days != 0;
}

struct spool_today service_today(const struct service *service)
{
	return spool_clock_today(service->hour, clock_wall_s());
}

/* A worker seals to no key that was over on that day. */
void service_tell_day(const struct client *client)
{
	uint32_t day = (uint32_t)(client->service->hour / 24);
	uint8_t body[4];

	for (size_t i = 0; i < sizeof(body); i++) {
		body[i] = (uint8_t)(day >> (24 - 8 * i));
	}
	if (client->wants_day) {
		peer_send(
		    client->peer, FRAME_DAY, bytes_of(body, sizeof(body)));
	}
}
