/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/relay_inside.h"

#include <assert.h>
#include <string.h>

struct relay_action *relay_act(struct relay *relay, enum relay_do what)
{
	struct relay_action *action;

	assert(relay->action_n < RELAY_ACTIONS_MAX);
	action = &relay->actions[(relay->action_at + relay->action_n) %
	    RELAY_ACTIONS_MAX];
	relay->action_n++;
	memset(action, 0, sizeof(*action));
	action->what = what;
	return action;
}

void relay_say(
    struct relay *relay, enum log_event event, long long a, long long b)
{
	struct relay_action *action = relay_act(relay, RELAY_DO_SAY);

	action->event = event;
	action->a = a;
	action->b = b;
}

struct relay_action *relay_tell(struct relay *relay, enum frame_type frame)
{
	struct relay_action *action = relay_act(relay, RELAY_DO_TELL);

	action->frame = frame;
	return action;
}

void relay_act_put(
    struct relay_action *action, const uint8_t *bytes, size_t len)
{
	assert(action->body_len + len <= sizeof(action->body));
	memcpy(action->body + action->body_len, bytes, len);
	action->body_len += len;
}

bool relay_next(struct relay *relay, struct relay_action *ret_action)
{
	if (relay->action_n == 0) {
		return false;
	}
	*ret_action = relay->actions[relay->action_at];
	relay->action_at = (relay->action_at + 1) % RELAY_ACTIONS_MAX;
	relay->action_n--;
	return true;
}
