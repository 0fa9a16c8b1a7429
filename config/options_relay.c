/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* [relay]: from the spool to Redis. */
#include "config/rows.h"

static const struct config_option rows[] = {
	{
	    .key = "relay.delay_min",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = 0,
	    .max = 15 * MINUTE_MS,
	    .def = "30s",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.delay_min_ms),
	    .text = "Shortest time a tip that is not urgent waits here, so that"
		    " who watches the lines cannot match a visit with a tip. 0s"
		    " sends at once. Urgent tips never wait.",
	},
	{
	    .key = "relay.delay_max",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = 0,
	    .max = 15 * MINUTE_MS,
	    .def = "120s",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.delay_max_ms),
	    .text = "Longest time such a tip waits. All that are due leave"
		    " together in random order: a longer time hides better, a"
		    " shorter one brings officers the tip sooner.",
	},
	{
	    .key = "relay.credit",
	    .type = OPT_INTEGER,
	    .unit = "records",
	    .min = 1,
	    .max = 65000, /* the spool lends 65,536 at most */
	    .def = "50000",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.credit),
	    .text =
		"Most tips in Redis without a receipt. Pieces of files wait in"
		" the spool beyond half of it, texts beyond three quarters. Too"
		" many fill the memory of Redis while no desk is open.",
	},
	{
	    .key = "relay.again",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = SECOND_MS,
	    .max = 6 * HOUR_MS,
	    .def = "10min",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.again_ms),
	    .text =
		"Time without a receipt after which a tip is sent again; it"
		" doubles up to six hours. Short times make repeats, which are"
		" harmless and cost memory in Redis.",
	},
	{
	    .key = "relay.again_urgent",
	    .type = OPT_DURATION,
	    .unit = "ms",
	    .min = SECOND_MS,
	    .max = 6 * HOUR_MS,
	    .def = "2min",
	    .programs = CONFIG_RELAY,
	    .takes = OPT_AT_RESTART,
	    .field = FIELD(relay.again_urgent_ms),
	    .text = "The same for urgent tips. At most as long as again.",
	},
};

const struct config_table config_relay_options = {
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
