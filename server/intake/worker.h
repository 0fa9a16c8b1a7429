/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/worker.h - the process that talks with strangers.
 *
 * Promise:   a success answer leaves only after the spool has said that the
 *            sealed record is durable.
 * Knows not: how to open a tip; Redis; the spool's file.
 * Runs in:   a child of tipline-intake, several beside each other.
 * Disk:      reads keys, secrets and certificates before it is locked,
 *            nothing afterwards.
 */
#ifndef TL_INTAKE_WORKER_H
#define TL_INTAKE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/frame.h"
#include "config/config.h"
#include "crypto/seal.h"
#include "server/intake/certs.h"
#include "server/intake/counts.h"
#include "server/intake/fair.h"
#include "server/net/server.h"
#include "sms/custom.h"
#include "sms/gateway.h"
#include "web/page.h"

struct flood;
struct link;
struct peer;
struct recordings;
struct teams;
struct web_words;
struct worker;

/* A listening socket that the parent holds and the workers accept on. */
struct door {
	int fd;
	enum net_door kind;
};
#define DOORS_MAX 16u

/* One gateway as this worker has it. */
struct gate {
	struct worker *worker;
	size_t number; /* in the configuration and in the counts */
	struct sms_gateway gateway;
	struct sms_custom custom;          /* of a gateway of that type */
	uint8_t *secrets[SMS_SECRETS_MAX]; /* secret memory */
	char path[64];                     /* /sms/<name> */
};

#define PAGE_PATHS 9u

/* One language of the site, for its routes. */
struct page_route {
	struct worker *worker;
	const struct web_language *language;
	char paths[PAGE_PATHS][16]; /* /km/ and so on, see web.c */
	char onion[80];             /* http://HOST.onion/km/, or "" */
};

struct worker {
	const struct config *config;         /* borrowed */
	const struct teams *teams;           /* borrowed */
	const struct recordings *recordings; /* borrowed; NULL: none */
	struct net_server *server;
	struct peer *parent;
	struct link *spool;
	struct link *kdf;
	struct sealer *sealer;
	uint8_t team_keys[SEAL_RECIPIENTS_MAX][32]; /* sealed to now */
	int64_t not_before_s; /* it is this late, by the spool */
	uint8_t *dedup_key;   /* secret memory */
	struct triage *triage;
	bool marks_urgent; /* P1 is told outside of the seal */
	struct page_site site;
	struct web_words *words; /* the operator's own, or NULL */
	const struct web_language *default_language;
	struct page_route pages[PAGE_LANGUAGES_MAX];
	struct gate *gates;
	struct fair fair;            /* shares of those who come to the pages */
	uint8_t codes[FAIR_BUCKETS]; /* of a network, asked of the kdf now */
	struct flood *flood;         /* of the gateways' senders */
	struct net_route *routes;    /* kept for the server */
	struct net_upload upload;    /* of the routes that take files */
	struct certs certs;
	struct counts counts;
	struct counts totals; /* of all workers, from the parent */
	struct buf error_body;
	enum frame_room room; /* on the spool's disk, as it said last */
	size_t waiting_bytes; /* of forms that wait for kdf and spool */
	bool retiring;
};

struct worker_start {
	const struct config *config;
	const struct teams *teams;
	const struct recordings *recordings;
	struct fair_shared *fair;
	const struct door *doors;
	size_t n_doors;
};

/*
 * The whole life of a worker: read keys, listen on doors, lock, say ready
 * over parent_fd, serve until the parent says drain or goes away. Returns the
 * exit status.
 */
int worker_run(const struct worker_start *start, int parent_fd);

/*
 * Read what a worker reads and say each mistake, but for keys and secrets
 * that are not there: systemd hands them over at the start.
 */
TL_MUST_CHECK enum tl_err worker_check(const struct worker_start *start);

#endif
