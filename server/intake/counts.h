/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/counts.h - what a worker counts, and how all of it is shown.
 *
 * Promise:   counts only: no name of a person, number, address or text.
 * Runs in:   workers count and print, the parent adds up.
 */
#ifndef TL_INTAKE_COUNTS_H
#define TL_INTAKE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "config/config.h"

/* name, Prometheus name, help. Add at the end only. */
/* clang-format off */
#define COUNTS_OF_WEB(X) \
	X(FORMS,       "web_forms_total",       "First pages shown") \
	X(TIPS,        "web_tips_total",        "Tips from the form that are durable") \
	X(REPEATS,     "web_repeats_total",     "Forms sent again and known already") \
	X(UNSENT,      "web_unsent_total",      "Forms that could not be stored; the text was given back") \
	X(CONTENT,     "web_content_total",     "Forms given back: empty or too long") \
	X(BROKEN,      "web_broken_total",      "Form bodies that are no form") \
	X(SPOOL_LOST,  "spool_lost_total",      "Times the spool went away") \
	X(ACCEPTED,    "http_accepted_total",   "Connections accepted") \
	X(REFUSED,     "http_refused_total",    "Requests refused by the strict parser") \
	X(TIMEOUTS,    "http_timeouts_total",   "Connections ended by a deadline") \
	X(TLS_FAILED,  "tls_failed_total",      "Handshakes that failed") \
	X(TURNED_AWAY, "http_turned_away_total", "Connections turned away at a limit") \
	X(OPEN,        "http_connections",      "Connections open now") \
	X(LONG_CODES,  "web_long_codes_total",  "Receipt codes of 25 digits: none of 20 was ready") \
	X(FURTHER,     "web_further_keys_total", "Further reply keys that are durable, of forms sent again") \
	X(MORE,        "web_more_total",        "Answers, words and wishes to earlier tips that are durable") \
	X(RETURNS,     "web_returns_total",     "Codes entered") \
	X(WAITS,       "web_waits_total",       "Pages that let somebody wait for a turn") \
	X(WAITED,      "web_waited_total",      "Forms and codes of those who have waited or worked") \
	X(MARKED,      "web_marked_total",      "Forms taken beyond the share of a network, and marked") \
	X(REFUSED_CALLS, "sandbox_refused_total", "Processes ended for a system call that they may not make")
#define COUNTS_OF_GATEWAY(X) \
	X(STORED,      "gateway_stored_total",       "Messages that are durable") \
	X(REPEATED,    "gateway_repeated_total",     "Messages delivered again and known already") \
	X(IGNORED,     "gateway_ignored_total",      "Genuine requests without a message") \
	X(NO_PROOF,    "gateway_no_proof_total",     "Requests without valid proof") \
	X(UNDECODABLE, "gateway_undecodable_total",  "Genuine requests kept whole, unread") \
	X(NOT_STORED,  "gateway_not_stored_total",   "Messages that could not be stored; the gateway was told") \
	X(SILENT,      "gateway_silent_hours",       "Whole hours since a message came, or since the start") \
	X(STALE,       "gateway_stale_total",        "Of those without valid proof: signed, but too long ago or in the future") \
	X(REPLAYED,    "gateway_replayed_total",     "Of those without valid proof: with the nonce of another message") \
	X(TRIED,       "gateway_tried_before_total", "Messages for which the gateway says that it had tried before") \
	X(WAITING,     "gateway_more_waits_total",   "Messages with which the gateway says that more of them wait there")
/* clang-format on */

#define COUNT_ENUM(name, metric, help) COUNT_##name,
enum count {
	COUNTS_OF_WEB(COUNT_ENUM) COUNTS_END,
};
#undef COUNT_ENUM
#define COUNT_ENUM(name, metric, help) GATE_##name,
enum gate_count {
	COUNTS_OF_GATEWAY(COUNT_ENUM) GATE_COUNTS_END,
};
#undef COUNT_ENUM

/* A body of COUNTS or TOTALS is never longer. */
#define COUNTS_BYTES_MAX \
	(8u * (COUNTS_END + CONFIG_GATEWAYS_MAX * GATE_COUNTS_END))

struct counts {
	uint64_t values[COUNTS_END];
	uint64_t gates[CONFIG_GATEWAYS_MAX][GATE_COUNTS_END];
	size_t n_gates;
};

/* Body of a COUNTS or TOTALS frame. */
void counts_put(const struct counts *counts, struct buf *out);

/* Read such a body for as many gateways as ret_counts->n_gates says.
 * TL_EFORMAT: another number of gateways, or cut. */
TL_MUST_CHECK enum tl_err counts_get(
    struct bytes body, struct counts *ret_counts);

void counts_add(struct counts *sum, const struct counts *more);

/* Log what has come since before that somebody should look at: requests
 * without proof, and genuine ones that could not be read. Once a minute. */
void counts_log(const struct counts *before, const struct counts *now);

/* When each gateway was heard last; the parent's. Starts zeroed. */
struct silence {
	uint64_t messages[CONFIG_GATEWAYS_MAX];
	uint64_t since_ms[CONFIG_GATEWAYS_MAX];
	size_t n_gates;
};

/* Put the hours of silence at now_ms, which never goes back, into sum. What is
 * not known to have come before, as after a reload, counts from now on. */
void counts_silence(
    struct silence *silence, struct counts *sum, uint64_t now_ms);

/* Prometheus' text format. gateways gives the names for the labels. */
void counts_print(const struct counts *counts,
    const struct config_gateway *gateways, struct buf *out);

#endif
