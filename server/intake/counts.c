/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/counts.h"

#include "base/log.h"
#include "base/rd.h"

#define HOUR_MS 3600000u

struct row {
	const char *metric, *help;
};

#define COUNT_ROW(name, metric, help) { metric, help },
static const struct row web_rows[] = { COUNTS_OF_WEB(COUNT_ROW) };
static const struct row gate_rows[] = { COUNTS_OF_GATEWAY(COUNT_ROW) };
#undef COUNT_ROW

void counts_put(const struct counts *counts, struct buf *out)
{
	for (size_t i = 0; i < COUNTS_END; i++) {
		buf_put_u64(out, counts->values[i]);
	}
	for (size_t g = 0; g < counts->n_gates; g++) {
		for (size_t i = 0; i < GATE_COUNTS_END; i++) {
			buf_put_u64(out, counts->gates[g][i]);
		}
	}
}

enum tl_err counts_get(struct bytes body, struct counts *ret_counts)
{
	struct counts read = { .n_gates = ret_counts->n_gates };
	struct rd rd = rd_of(body.at, body.len);

	for (size_t i = 0; i < COUNTS_END; i++) {
		read.values[i] = rd_u64(&rd);
	}
	for (size_t g = 0; g < read.n_gates; g++) {
		for (size_t i = 0; i < GATE_COUNTS_END; i++) {
			read.gates[g][i] = rd_u64(&rd);
		}
	}
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret_counts = read;
	return TL_OK;
}

void counts_add(struct counts *sum, const struct counts *more)
{
	for (size_t i = 0; i < COUNTS_END; i++) {
		sum->values[i] += more->values[i];
	}
	for (size_t g = 0; g < sum->n_gates && g < more->n_gates; g++) {
		for (size_t i = 0; i < GATE_COUNTS_END; i++) {
			sum->gates[g][i] += more->gates[g][i];
		}
	}
}

static void log_rise(
    enum log_event event, size_t gate, uint64_t before, uint64_t now)
{
	if (now > before) {
		log_event(
		    event, (long long)gate + 1, (long long)(now - before));
	}
}

void counts_log(const struct counts *before, const struct counts *now)
{
	for (size_t g = 0; g < now->n_gates; g++) {
		log_rise(LOG_PROOF_FAILED, g, before->gates[g][GATE_NO_PROOF],
		    now->gates[g][GATE_NO_PROOF]);
		log_rise(LOG_PROOF_STALE, g, before->gates[g][GATE_STALE],
		    now->gates[g][GATE_STALE]);
		log_rise(LOG_UNDECODABLE, g, before->gates[g][GATE_UNDECODABLE],
		    now->gates[g][GATE_UNDECODABLE]);
	}
}

void counts_silence(
    struct silence *silence, struct counts *sum, uint64_t now_ms)
{
	bool anew = silence->n_gates != sum->n_gates;

	silence->n_gates = sum->n_gates;
	for (size_t g = 0; g < sum->n_gates; g++) {
		uint64_t *gate = sum->gates[g];
		uint64_t messages = gate[GATE_STORED] + gate[GATE_REPEATED] +
		    gate[GATE_UNDECODABLE];

		if (anew || messages != silence->messages[g]) {
			silence->messages[g] = messages;
			silence->since_ms[g] = now_ms;
		}
		gate[GATE_SILENT] = (now_ms - silence->since_ms[g]) / HOUR_MS;
	}
}

static void print_head(const struct row *row, struct buf *out)
{
	const char *end = strrchr(row->metric, '_');

	buf_put_str(out, "# HELP tipline_");
	buf_put_str(out, row->metric);
	buf_put_str(out, " ");
	buf_put_str(out, row->help);
	buf_put_str(out, ".\n# TYPE tipline_");
	buf_put_str(out, row->metric);
	buf_put_str(out,
	    end != NULL && strcmp(end, "_total") == 0 ? " counter\n"
						      : " gauge\n");
}

static void print_value(
    const char *metric, const char *gateway, uint64_t value, struct buf *out)
{
	buf_put_str(out, "tipline_");
	buf_put_str(out, metric);
	if (gateway != NULL) {
		buf_put_str(out, "{gateway=\"");
		buf_put_str(out, gateway);
		buf_put_str(out, "\"}");
	}
	buf_put_str(out, " ");
	buf_put_dec(out, value);
	buf_put_str(out, "\n");
}

void counts_print(const struct counts *counts,
    const struct config_gateway *gateways, struct buf *out)
{
	for (size_t i = 0; i < COUNTS_END; i++) {
		print_head(&web_rows[i], out);
		print_value(web_rows[i].metric, NULL, counts->values[i], out);
	}
	for (size_t i = 0; i < GATE_COUNTS_END; i++) {
		print_head(&gate_rows[i], out);
		for (size_t g = 0; g < counts->n_gates; g++) {
			print_value(gate_rows[i].metric, gateways[g].name,
			    counts->gates[g][i], out);
		}
	}
}
