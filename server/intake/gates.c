/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The gateways' front doors: proof, reading, sealing, and the one answer that
 * each gateway understands as we mean it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "crypto/secret.h"
#include "server/intake/flood.h"
#include "server/intake/gate_batch.h"
#include "server/intake/routes.h"

#define BASE_PATH "/sms/"

/* A request that waits for the spool's word. */
struct gate_tip {
	struct gate *gate;
	net_token conn;
};

static void answer(struct gate *gate, net_token conn, enum sms_outcome outcome)
{
	const struct sms_answer *row = sms_answer(&gate->gateway, outcome);
	const struct net_header challenge = { "WWW-Authenticate",
		bytes_str(row->challenge) };
	const struct net_reply reply = {
		.status = row->status,
		.type = row->type,
		.body = bytes_str(row->body),
		.headers = &challenge,
		.n_headers = row->challenge != NULL ? 1 : 0,
	};

	if (row->drop) {
		net_drop(gate->worker->server, conn);
	} else {
		net_answer(gate->worker->server, conn, &reply);
	}
}

static void count(struct gate *gate, enum gate_count which, size_t n)
{
	gate->worker->counts.gates[gate->number][which] += n;
}

static void not_stored(struct gate *gate, net_token conn)
{
	count(gate, GATE_NOT_STORED, 1);
	answer(gate, conn, SMS_NOT_STORED);
}

static void on_end(enum gate_end end, size_t n_messages, void *arg)
{
	struct gate_tip *tip = arg;
	struct gate *gate = tip->gate;

	switch (end) {
	case GATE_KEPT:
		count(gate, GATE_STORED, n_messages);
		answer(gate, tip->conn, SMS_STORED);
		break;
	case GATE_KNOWN:
		count(gate, GATE_REPEATED, n_messages);
		answer(gate, tip->conn, SMS_STORED);
		break;
	case GATE_FORGED:
		count(gate, GATE_NO_PROOF, 1);
		count(gate, GATE_REPLAYED, 1);
		answer(gate, tip->conn, SMS_PROOF_FAILED);
		break;
	case GATE_LOST:
		not_stored(gate, tip->conn);
		break;
	}
	free(tip);
}

/* What has no room in an envelope is kept in pieces. */
static enum tl_err put_batch(struct gate *gate, net_token conn,
    struct sms_batch *batch, const struct sms_request *request)
{
	struct gate_tip *tip = calloc(1, sizeof(*tip));
	enum tl_err err;

	if (tip == NULL) {
		return TL_ENOMEM;
	}
	*tip = (struct gate_tip){ gate, conn };
	err = gate_batch_put(gate, request, batch, on_end, tip);
	if (err == TL_ETOOBIG) {
		err = sms_take_whole(&gate->gateway, request, batch);
		if (err == TL_OK) {
			err = gate_batch_put(gate, request, batch, on_end, tip);
		}
	}
	if (err != TL_OK) {
		free(tip);
	} else if (sms_batch_at(batch, 0)->kind == SMS_UNDECODABLE) {
		count(gate, GATE_UNDECODABLE, 1);
	}
	return err;
}

/* ---- the request -------------------------------------------------------- */

/* What the gateway says of others than these messages: where its log cannot be
 * read, nothing else tells that some are missing. */
static void count_hints(struct gate *gate, const struct sms_batch *batch)
{
	for (size_t i = 0; i < sms_batch_count(batch); i++) {
		unsigned flags = sms_batch_at(batch, i)->flags;

		count(gate, GATE_TRIED,
		    (flags & SMS_FLAG_TRIED_BEFORE) != 0 ? 1 : 0);
		count(gate, GATE_WAITING,
		    (flags & SMS_FLAG_MORE_WAITS) != 0 ? 1 : 0);
	}
}

/* Do what sms_take() said of the request. Takes the batch over. */
static void act(struct gate *gate, net_token conn,
    const struct sms_request *request, struct sms_batch *batch,
    enum sms_verdict verdict)
{
	switch (verdict) {
	case SMS_TIP:
		count_hints(gate, batch);
		if (put_batch(gate, conn, batch, request) != TL_OK) {
			not_stored(gate, conn);
		}
		break;
	case SMS_IGNORED:
		count(gate, GATE_IGNORED, 1);
		answer(gate, conn, SMS_STORED);
		break;
	case SMS_STALE:
	case SMS_NO_PROOF:
		count(gate, GATE_STALE, verdict == SMS_STALE ? 1 : 0);
		count(gate, GATE_NO_PROOF, 1);
		answer(gate, conn, SMS_PROOF_FAILED);
		break;
	}
	sms_batch_free(batch);
}

static void take_batch(
    struct gate *gate, net_token conn, const struct sms_request *request)
{
	struct sms_batch *batch = NULL;
	enum sms_verdict verdict;
	const char *why;

	if (sms_take(&gate->gateway, request, &batch, &verdict, &why) ==
	    TL_OK) {
		act(gate, conn, request, batch, verdict);
	} else {
		not_stored(gate, conn);
	}
}

/* From the address that partners share: it is theirs whose secret has signed.
 * What nobody has signed counts as the first one's. */
static void take_from_partner(
    struct gate *first, net_token conn, const struct sms_request *request)
{
	struct worker *worker = first->worker;
	enum sms_verdict verdict = SMS_NO_PROOF;
	struct sms_batch *batch = NULL;
	struct gate *gate = first;
	const char *why;

	for (size_t i = first->number;
	     verdict == SMS_NO_PROOF && i < worker->config->n_gateways; i++) {
		if (!sms_is_partner(&worker->gates[i].gateway)) {
			continue;
		}
		gate = &worker->gates[i];
		if (sms_take(&gate->gateway, request, &batch, &verdict, &why) !=
		    TL_OK) {
			not_stored(gate, conn);
			return;
		}
	}
	act(verdict == SMS_NO_PROOF ? first : gate, conn, request, batch,
	    verdict);
}

/* The route has let it through, so it fits; else no segment proves it. */
static struct bytes segment_of(const struct gate *gate, struct bytes path)
{
	size_t len = strlen(BASE_PATH) + strlen(gate->gateway.name);
	struct bytes segment;

	(void)sms_path_fits(
	    &gate->gateway, bytes_of(gate->path, len), path, &segment);
	return segment;
}

static void take_message(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct sms_header headers[HTTP_FIELDS_MAX];
	struct gate *gate = arg;
	struct sms_request request = {
		.is_get = req->method == HTTP_GET,
		.query = req->query,
		.segment = segment_of(gate, req->path),
		.headers = headers,
		.n_headers = req->n_fields,
		.body = req->body,
		.now_s = clock_wall_s(),
	};

	for (size_t i = 0; i < req->n_fields; i++) {
		headers[i].name = req->fields[i].name;
		headers[i].value = req->fields[i].value;
	}
	if (bytes_equal(req->path, bytes_str(SMS_PARTNERS_PATH))) {
		take_from_partner(gate, conn, &request);
	} else {
		take_batch(gate, conn, &request);
	}
	net_forget(server, conn);
}

/* The spool has not answered in time. */
static void too_late(struct net_server *server, net_token conn, void *arg)
{
	(void)server;
	answer(arg, conn, SMS_NOT_STORED);
}

static struct net_route route_of(struct gate *gate, const char *path)
{
	return (struct net_route){
		.path = path,
		.methods = sms_allows_get(&gate->gateway) ? HTTP_GET | HTTP_POST
							  : HTTP_POST,
		.class = NET_GATEWAY,
		.body_max_bytes = sms_body_max_bytes(&gate->gateway),
		.drop_errors = sms_answer(&gate->gateway, SMS_NOT_STORED)->drop,
		.handle = take_message,
		.overdue = too_late,
		.arg = gate,
	};
}

size_t gates_routes(struct worker *worker, struct net_route *ret_routes)
{
	struct gate *partner = NULL;
	size_t n = worker->config->n_gateways;

	for (size_t i = 0; i < n; i++) {
		struct gate *gate = &worker->gates[i];

		ret_routes[i] = route_of(gate, gate->path);
		if (partner == NULL && sms_is_partner(&gate->gateway)) {
			partner = gate;
		}
	}
	if (partner != NULL) {
		ret_routes[n++] = route_of(partner, SMS_PARTNERS_PATH);
	}
	return n;
}

/* ---- start ------------------------------------------------------------- */

/* The bytes of the file without its line end, in secret memory. */
static enum tl_err read_secret(const char *path, struct gate *gate)
{
	size_t i = gate->gateway.n_secrets;
	uint8_t *secret = secret_alloc(SMS_SECRET_MAX_BYTES + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat info;
	ssize_t len = -1;

	if (fd >= 0 && secret != NULL) {
		len = read(fd, secret, SMS_SECRET_MAX_BYTES + 1);
	}
	if (len < 0 || fstat(fd, &info) != 0 || (info.st_mode & 037) != 0) {
		say_error("cannot use %s as the secret of gateway %s: it must "
			  "be readable by this user and by nobody else "
			  "(chmod 600)",
		    path, gate->gateway.name);
		secret_free(secret);
		if (fd >= 0) {
			(void)close(fd);
		}
		return TL_EPERM;
	}
	(void)close(fd);
	while (
	    len > 0 && (secret[len - 1] == '\n' || secret[len - 1] == '\r')) {
		len--;
	}
	gate->secrets[i] = secret;
	gate->gateway.secrets[i] = bytes_of(secret, (size_t)len);
	gate->gateway.n_secrets++;
	if (len == 0 || (size_t)len > SMS_SECRET_MAX_BYTES) {
		say_error("%s holds no usable secret: 1 to %u bytes are", path,
		    SMS_SECRET_MAX_BYTES);
		return TL_EINVAL;
	}
	return TL_OK;
}

static enum sms_numbers numbers_of(const char *word)
{
	static const char *const words[] = {
		[SMS_RAW] = "raw",
		[SMS_E164] = "e164",
		[SMS_INTERNATIONAL] = "international",
		[SMS_NATIONAL] = "national",
	};

	for (int i = SMS_RAW; i <= SMS_NATIONAL; i++) {
		if (strcmp(word, words[i]) == 0) {
			return (enum sms_numbers)i;
		}
	}
	return SMS_RAW;
}

/* NULL, or what is wrong with the options of type custom. */
static const char *read_custom(
    const struct config_gateway *config, struct gate *gate)
{
	const struct custom_words words = {
		.fields = config->custom_fields,
		.reading = config->custom_reading,
		.proof = config->custom_proof,
		.answer = config->custom_answer,
		.answer_body = config->custom_answer_body,
		.answer_body_is_safe = config->custom_answer_body_is_safe,
	};

	if (strcmp(config->type, "custom") == 0) {
		gate->gateway.custom = &gate->custom;
		return custom_read(&words, &gate->custom);
	}
	return words.fields[0] == '\0' && words.reading[0] == '\0' &&
		words.proof[0] == '\0' && words.answer[0] == '\0' &&
		words.answer_body[0] == '\0'
	    ? NULL
	    : "options that begin with custom_ are for type custom only";
}

static enum tl_err read_secrets(
    const struct config_gateway *config, struct gate *gate, bool for_start)
{
	const char *const paths[] = { config->secret_file,
		config->previous_secret_file };
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < sizeof(paths) / sizeof(paths[0]);
	     i++) {
		bool wanted = for_start ? i == 0 || paths[i][0] != '\0'
					: program_has(paths[i]);

		err = wanted ? read_secret(paths[i], gate) : TL_OK;
	}
	return err;
}

static enum tl_err prepare_gate(
    const struct config_gateway *config, struct gate *gate, bool for_start)
{
	const char *fault = read_custom(config, gate);
	enum tl_err err;

	gate->gateway.adapter = sms_adapter_find(config->type);
	gate->gateway.name = config->name;
	gate->gateway.url = config->url;
	gate->gateway.fallback_url = config->fallback_url;
	gate->gateway.numbers = numbers_of(config->numbers);
	gate->gateway.account = config->account;
	gate->gateway.sig_method = config->sig_method;
	(void)snprintf(gate->gateway.region, sizeof(gate->gateway.region), "%s",
	    config->region);
	if (gate->gateway.adapter == NULL) {
		say_error("gateway %s: no adapter is called %s", config->name,
		    config->type);
		return TL_EINVAL;
	}
	err = read_secrets(config, gate, for_start);
	if (err != TL_OK) {
		return err;
	}
	(void)snprintf(gate->path, sizeof(gate->path),
	    sms_wants_segment(&gate->gateway) ? BASE_PATH "%s/*"
					      : BASE_PATH "%s",
	    config->name);
	if (fault == NULL) {
		fault = for_start ? sms_gateway_fault(&gate->gateway)
				  : sms_gateway_fault_so_far(&gate->gateway);
	}
	if (fault != NULL) {
		say_error("gateway %s: %s", config->name, fault);
		return TL_EINVAL;
	}
	return TL_OK;
}

static enum tl_err prepare(struct worker *worker, bool for_start)
{
	size_t n = worker->config->n_gateways;
	enum tl_err err = TL_OK;

	worker->counts.n_gates = n;
	worker->totals.n_gates = n;
	worker->gates = calloc(n > 0 ? n : 1, sizeof(*worker->gates));
	worker->flood = flood_new();
	if (worker->gates == NULL || worker->flood == NULL) {
		return TL_ENOMEM;
	}
	for (size_t i = 0; err == TL_OK && i < n; i++) {
		worker->gates[i].worker = worker;
		worker->gates[i].number = i;
		err = prepare_gate(
		    &worker->config->gateways[i], &worker->gates[i], for_start);
	}
	return err;
}

enum tl_err gates_prepare(struct worker *worker)
{
	return prepare(worker, true);
}

enum tl_err gates_check(struct worker *worker)
{
	return prepare(worker, false);
}

void gates_free(struct worker *worker)
{
	flood_free(worker->flood);
	worker->flood = NULL;
	if (worker->gates == NULL) {
		return;
	}
	for (size_t i = 0; i < worker->config->n_gateways; i++) {
		for (size_t k = 0; k < SMS_SECRETS_MAX; k++) {
			secret_free(worker->gates[i].secrets[k]);
		}
	}
	free(worker->gates);
	worker->gates = NULL;
}
