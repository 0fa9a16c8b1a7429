/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tests/lib/desk_rig_inside.h - what the files of the rig share. */
#ifndef TL_TESTS_LIB_DESK_RIG_INSIDE_H
#define TL_TESTS_LIB_DESK_RIG_INSIDE_H

#include "tests/lib/desk_rig.h"

/* Append body as a frame. */
void desk_rig_put_frame(
    struct buf *out, enum frame_type type, const struct buf *body);

/* That peer says it, unless it is gone. */
void desk_rig_say(struct desk_rig *rig, enum desk_peer peer,
    const uint8_t *bytes, size_t len);

void desk_rig_close(struct desk_rig *rig, enum desk_peer peer);

/* The store has one more; what it tells of a record, and of an event. */
void desk_rig_keep(struct desk_rig *rig, enum ledger_kind kind,
    const uint8_t *id, struct bytes sealed);
void desk_rig_put_index(const struct desk_rig *rig, size_t at, struct buf *out);
void desk_rig_put_case(
    const struct desk_rig *rig, size_t event, bool is_event, struct buf *out);
void desk_rig_put_done(struct buf *out, const struct store_done *done);
void desk_rig_answer_store(
    struct desk_rig *rig, const struct frame *frame, struct buf *out);

/* It answers what it was asked. Whether it was asked anything. */
bool desk_rig_serve(struct desk_rig *rig, enum desk_peer peer);

#endif
