/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/gate_batch.h - the messages of one request on their way to the
 * spool, sealed, in as many PUT frames as they need.
 *
 * Promise:   GATE_KEPT and GATE_KNOWN are said only when every message of the
 *            request is durable. What was kept of a request that failed is
 *            known when the gateway sends it again, and not stored twice.
 * Knows not: connections, what is answered.
 * Runs in:   workers.
 */
#ifndef TL_INTAKE_GATE_BATCH_H
#define TL_INTAKE_GATE_BATCH_H

#include "server/intake/worker.h"

enum gate_end {
	GATE_KEPT,   /* durable, some of it new */
	GATE_KNOWN,  /* durable since an earlier request */
	GATE_FORGED, /* its nonce has come with another body */
	GATE_LOST,   /* the spool has not kept all of it: try again */
};

typedef void (*gate_batch_fn)(enum gate_end end, size_t n_messages, void *arg);

/*
 * Seal batch and hand it to the spool. Borrows request and batch. On TL_OK
 * on_end is called once, never inside this call. TL_ETOOBIG: one of the
 * messages has no room in an envelope, see sms_take_whole(). TL_EBUSY,
 * TL_ENOMEM. After an error on_end is not called.
 */
TL_MUST_CHECK enum tl_err gate_batch_put(struct gate *gate,
    const struct sms_request *request, const struct sms_batch *batch,
    gate_batch_fn on_end, void *arg);

#endif
