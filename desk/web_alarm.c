/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Who is told outside of the console that a tip waits: when, by desk/alarm.h;
 * by which ways, by what is configured. An alarm that did not get through is
 * tried again while it is true.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/api.h"
#include "desk/due.h"

#define EVERY_TICKS 2u
#define AGAIN_MS    30000u
/* One for each class, for channels, for the disk, and the one that an officer
 * tries. */
#define SLOTS       (ALARM_CLASSES + 3u)
#define SLOT_SILENT ALARM_CLASSES
#define SLOT_TEST   (ALARM_CLASSES + 1u)
#define SLOT_FULL   (ALARM_CLASSES + 2u)

struct way {
	struct web *web;
	enum sender_way way;
	bool is_set;
	bool is_busy; /* with the one of `slot` */
	unsigned slot;
	struct alarm now;
	bool waits[SLOTS];
	struct alarm next[SLOTS];
	uint64_t not_before_ms; /* by the monotonic clock */
	bool failing;
};

struct alarms {
	struct way ways[SENDER_WAY_MAX];
	uint64_t given_ms;
	unsigned ticks;
	struct alarm_silence silence, full;
	uint64_t heard_ms; /* a supervisor listened then; 0: none did yet */
};

enum tl_err web_alarms_new(struct web *web)
{
	const struct config_desk *desk = &web->config->desk;
	struct alarms *alarms;

	if (web->sender == NULL ||
	    (desk->alarm_url[0] == '\0' && desk->alarm_command[0] == '\0')) {
		return TL_OK;
	}
	alarms = calloc(1, sizeof(*alarms));
	if (alarms == NULL) {
		return TL_ENOMEM;
	}
	alarms->ways[0] = (struct way){ .web = web,
		.way = SENDER_WEBHOOK,
		.is_set = desk->alarm_url[0] != '\0' };
	alarms->ways[1] = (struct way){ .web = web,
		.way = SENDER_COMMAND,
		.is_set = desk->alarm_command[0] != '\0' };
	web->alarms = alarms;
	return TL_OK;
}

void web_alarms_free(struct alarms *alarms)
{
	free(alarms);
}

/* ---- giving ------------------------------------------------------------- */

static void pump(struct way *way);

static void given(const struct sender_said *said, void *arg)
{
	struct way *way = arg;
	struct alarms *alarms = way->web->alarms;
	unsigned slot = way->slot;

	way->is_busy = false;
	way->failing = said->said != SEND_TAKEN;
	if (!way->failing) {
		alarms->given_ms = web_now_ms(way->web);
		log_event(LOG_ALARM_GIVEN, (int)way->now.priority,
		    (int)way->now.level);
		pump(way);
		return;
	}
	log_event(LOG_ALARM_FAILED, (int)way->way, (int)said->status);
	way->not_before_ms = clock_mono_ms() + AGAIN_MS;
	if (slot != SLOT_TEST && !way->waits[slot]) {
		way->waits[slot] = true;
		way->next[slot] = way->now;
	}
}

/* The first that waits, P1 before all. */
static void pump(struct way *way)
{
	static const unsigned order[] = { 1, ALARM_OF_UNOPENED,
		ALARM_OF_ASKED_1, 2, ALARM_OF_ASKED, SLOT_FULL, SLOT_SILENT,
		ALARM_OF_UNSEEN, SLOT_TEST };
	struct sender_alarm ask = { .way = way->way };

	if (!way->is_set || way->is_busy ||
	    clock_mono_ms() < way->not_before_ms) {
		return;
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		unsigned slot = order[i];

		if (!way->waits[slot]) {
			continue;
		}
		way->waits[slot] = false;
		way->is_busy = true;
		way->slot = slot;
		way->now = way->next[slot];
		ask.alarm = way->now;
		sender_ask_alarm(way->web->sender, &ask, given, way);
		return;
	}
}

static void give(
    struct alarms *alarms, unsigned slot, const struct alarm *alarm)
{
	for (size_t i = 0; i < SENDER_WAY_MAX; i++) {
		struct way *way = &alarms->ways[i];

		way->waits[slot] = way->is_set;
		way->next[slot] = *alarm;
	}
}

/* Nobody is woken for what somebody has by now. */
static void forget(struct alarms *alarms, unsigned slot)
{
	for (size_t i = 0; i < SENDER_WAY_MAX; i++) {
		alarms->ways[i].waits[slot] = false;
	}
}

unsigned web_alarms_test(struct web *web)
{
	const struct alarm test = { .what = ALARM_TEST, .level = ALARM_NOTICE };
	unsigned n = 0;

	if (web->alarms == NULL) {
		return 0;
	}
	give(web->alarms, SLOT_TEST, &test);
	for (size_t i = 0; i < SENDER_WAY_MAX; i++) {
		web->alarms->ways[i].not_before_ms = 0;
		pump(&web->alarms->ways[i]);
		n += web->alarms->ways[i].is_set ? 1 : 0;
	}
	return n;
}

struct web_alarms_state web_alarms_state(const struct web *web)
{
	const struct alarms *alarms = web->alarms;

	if (alarms == NULL) {
		return (struct web_alarms_state){ .given_ms = 0 };
	}
	return (struct web_alarms_state){
		.webhook = alarms->ways[0].is_set,
		.command = alarms->ways[1].is_set,
		.failing = alarms->ways[0].failing || alarms->ways[1].failing,
		.given_ms = alarms->given_ms,
	};
}

void web_has_begun(struct web *web)
{
	web->heard_ms = clock_mono_ms();
	web->n_old = tips_count(web->tips);
}

/* ---- what waits --------------------------------------------------------- */

struct looking {
	struct web *web;
	struct alarm_round round;
	uint64_t now_ms;
	bool somebody;   /* can open tips */
	bool supervisor; /* hears it at a console */
	uint64_t opened; /* number of the newest record that has a case */
};

static bool may_be_tip(const struct tip *tip)
{
	/* a desk whose disk is full is handed all of them again and again */
	return tip->kind == LEDGER_TIP ||
	    (tip->kind == LEDGER_QUARANTINE && tip->reason == LEDGER_POISON);
}

/* It came since somebody has last opened what there was: a tip, or words that
 * belong to one. Only opening it tells. */
static bool is_unopened(const struct looking *looking, const struct tip *tip)
{
	if (tip->is_left_out && tip->state == TIP_SEALED) {
		return !tip_has_case(tip);
	}
	return !looking->somebody && may_be_tip(tip) &&
	    tip->state == TIP_SEALED && !tip->was_opened &&
	    !tip_has_case(tip) && tip->number >= looking->opened;
}

/* It came since this desk has begun, and its ring has no key for it (yet): who
 * is logged in cannot open it either. Of a former ring's there may be thousands
 * for ever, so what was there before wakes nobody, nor what is a day old. */
#define CLOSED_MS (UINT64_C(24) * 3600 * 1000)
static bool is_closed_to_us(
    const struct looking *looking, const struct tip *tip, uint64_t mono_ms)
{
	return tip->at >= looking->web->n_old && may_be_tip(tip) &&
	    tip->state == TIP_FAULT && tip->fault == ENVELOPE_STRANGER &&
	    !tip->is_twin && !tip_has_case(tip) &&
	    (tip->sealed_ms == 0 || mono_ms - tip->sealed_ms < CLOSED_MS);
}

static uint64_t passed_ms(const struct looking *looking, uint64_t since_ms)
{
	return looking->now_ms > since_ms ? looking->now_ms - since_ms : 0;
}

static void add(
    struct looking *looking, struct tip *tip, unsigned of, uint64_t wait_ms)
{
	if (tip->alarm_as != of) {
		tip->alarm_as = of;
		tip->alarm_told = 0;
	}
	alarm_round_add(
	    &looking->round, of, tip->id, wait_ms, &tip->alarm_told);
}

/* Nobody has looked in time at what was sent: that is a supervisor's, as a P1
 * is that nobody claims. */
#define LATE_SECOND_MS UINT64_C(300000)
static bool is_second_late(const struct looking *looking, const struct tip *tip)
{
	return tip->second_by_ms != 0 && looking->now_ms > tip->second_by_ms;
}

/* A supervisor is asked, and it is time that others are told. */
static bool add_asked(struct looking *looking, struct tip *tip)
{
	enum alarm_of of =
	    tip->now.priority == 1 ? ALARM_OF_ASKED_1 : ALARM_OF_ASKED;
	uint64_t wait_ms = passed_ms(looking, web_asked_ms(tip));
	uint64_t heard_ms = looking->supervisor ? alarm_heard_ms(of) : 0;

	if (!web_is_asked(tip, looking->now_ms) || wait_ms < heard_ms) {
		return false;
	}
	add(looking, tip, of, wait_ms - heard_ms);
	return true;
}

static void look_at(struct looking *looking, struct tip *tip)
{
	uint64_t mono_ms = clock_mono_ms();

	if (is_unopened(looking, tip) ||
	    is_closed_to_us(looking, tip, mono_ms)) {
		tip->sealed_ms = tip->sealed_ms == 0 ? mono_ms : tip->sealed_ms;
		add(looking, tip, ALARM_OF_UNOPENED, mono_ms - tip->sealed_ms);
		return;
	}
	if (tip->state != TIP_FAULT) {
		tip->sealed_ms = 0;
	}
	if (web_is_unclaimed(tip, looking->now_ms) ||
	    web_is_p2_unopened(tip, looking->now_ms)) {
		add(looking, tip, tip_priority(tip),
		    passed_ms(looking, tip_arrived_ms(tip)));
	} else if (add_asked(looking, tip)) {
		return;
	} else if (web_is_called(tip, looking->now_ms)) {
		add(looking, tip, 1, passed_ms(looking, tip->called_ms));
	} else if (is_second_late(looking, tip)) {
		add(looking, tip, 1,
		    LATE_SECOND_MS + looking->now_ms - tip->second_by_ms);
	} else if (web_is_unseen(tip, looking->now_ms)) {
		add(looking, tip, ALARM_OF_UNSEEN,
		    due_look_late_ms(tip_unseen_ms(tip), looking->now_ms));
	} else {
		tip->alarm_told = 0;
	}
}

static uint64_t newest_opened(const struct web *web)
{
	uint64_t newest = 0;

	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		if (tip_has_case(tip) && tip->number >= newest) {
			newest = tip->number + 1;
		}
	}
	return newest;
}

static void look_at_channels(struct web *web)
{
	struct alarms *alarms = web->alarms;
	struct web_channel channels[WEB_CHANNELS_MAX];
	size_t n = web_channels(web, channels);
	struct tips_counts counts;
	struct alarm alarm;
	uint32_t silent = 0;

	tips_counts(web->tips, 0, &counts);
	for (size_t i = 0; i < n; i++) {
		silent += channels[i].is_silent ? 1 : 0;
	}
	if (alarm_silent(&alarms->silence, silent, counts.sealed == 0,
		clock_mono_ms(), &alarm)) {
		give(alarms, SLOT_SILENT, &alarm);
	} else if (alarms->silence.count == 0) {
		forget(alarms, SLOT_SILENT);
	}
}

static void look_at_disk(struct web *web)
{
	struct alarms *alarms = web->alarms;
	bool is_full = web->state.room != STORE_ROOM;
	struct alarm alarm;

	if (alarm_full(&alarms->full, is_full, clock_mono_ms(), &alarm)) {
		give(alarms, SLOT_FULL, &alarm);
	} else if (!is_full) {
		forget(alarms, SLOT_FULL);
	}
}

/* A stream that breaks is opened again: nobody is woken for that. */
#define BROKEN_MS 30000u
static bool supervisor_hears(struct web *web)
{
	struct alarms *alarms = web->alarms;
	uint64_t now_ms = clock_mono_ms();

	if (api_supervisor_hears(web)) {
		alarms->heard_ms = now_ms;
	}
	return alarms->heard_ms != 0 && now_ms - alarms->heard_ms < BROKEN_MS;
}

static void look(struct web *web)
{
	bool with_id = strcmp(web->config->desk.alarm_says, "ids") == 0;
	struct looking looking = { .web = web,
		.round.first_ms = web->config->desk.alarm_unopened_ms,
		.now_ms = web_now_ms(web),
		.somebody = sessions_any(web->sessions) != NULL,
		.supervisor = supervisor_hears(web),
		.opened = newest_opened(web) };

	for (size_t i = 0; i < tips_count(web->tips); i++) {
		look_at(&looking, tips_at(web->tips, i));
	}
	for (unsigned i = 0; i < ALARM_CLASSES; i++) {
		struct alarm alarm;

		if (looking.round.classes[i].count == 0) {
			forget(web->alarms, i);
		} else if (alarm_round_get(
			       &looking.round, i, with_id, &alarm)) {
			give(web->alarms, i, &alarm);
		}
	}
}

void web_alarms_tick(struct web *web)
{
	if (web->alarms == NULL || !web->said_ready) {
		return;
	}
	if (web->alarms->ticks++ % EVERY_TICKS == 0) {
		look(web);
		look_at_channels(web);
		look_at_disk(web);
	}
	for (size_t i = 0; i < SENDER_WAY_MAX; i++) {
		pump(&web->alarms->ways[i]);
	}
}
