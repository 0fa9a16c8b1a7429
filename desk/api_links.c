/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * POST /api/tips/<id>/links, DELETE /api/tips/<id>/links/<other>: tips that
 * belong together, as officers see it. It is written on both cases; should the
 * second fail, the first can be asked for again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "desk/links.h"

struct linking {
	struct tip *tip, *other;
	const char *kind; /* of the entries */
	json_t *link;     /* a string, or NULL */
	net_token conn;
	char who[CASE_OWNER_BYTES];
};

static json_t *entry_of(const struct linking *linking, const struct tip *target)
{
	return json_pack("{s:s,s:o,s:O*}", "kind", linking->kind, "target",
	    api_tip_id(target), "link", linking->link);
}

static void second_done(
    struct web *web, const struct store_done *done, void *arg)
{
	struct linking *linking = arg;

	api_answer_done(web, linking->conn, done);
	json_decref(linking->link);
	free(linking);
}

static void first_done(
    struct web *web, const struct store_done *done, void *arg)
{
	struct linking *linking = arg;

	if (done->result != STORE_ANSWERED || done->why != CASE_YES) {
		second_done(web, done, arg);
		return;
	}
	entry_add(web, linking->other, linking->who,
	    entry_of(linking, linking->tip), second_done, linking);
}

/* A tip by itself, that is a case. */
static struct tip *other_of(
    const struct api_call *call, const struct tip *tip, struct bytes name)
{
	struct tip *other = api_tip_of(call->web, name);

	if (other != NULL) {
		other = tip_root(other);
	}
	return other == NULL || other == tip || other->is_twin ||
		other->state != TIP_OPEN || other->now.version == 0 ||
		api_is_sealed(other)
	    ? NULL
	    : other;
}

static void write_both(
    struct api_call *call, const char *kind, struct bytes target, json_t *link)
{
	struct tip *tip = api_tip(call);
	struct tip *other = NULL;
	struct linking *linking;

	if (tip == NULL || !api_may_read(call, tip)) {
		return;
	}
	other = other_of(call, tip, target);
	if (other == NULL) {
		api_refuse(call->web, call->conn, 400, "target",
		    "Choose another tip that is in the queue.");
		return;
	}
	linking = calloc(1, sizeof(*linking));
	if (linking == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return;
	}
	*linking = (struct linking){ .tip = tip,
		.other = other,
		.kind = kind,
		.link = json_incref(link),
		.conn = call->conn };
	(void)snprintf(
	    linking->who, sizeof(linking->who), "%s", call->session->name);
	entry_add(call->web, tip, linking->who, entry_of(linking, other),
	    first_done, linking);
}

static void link_them(struct api_call *call)
{
	if (!links_is_kind(api_string(call, "kind"))) {
		api_refuse(call->web, call->conn, 400, "kind",
		    "A link is of the same event, place or offender, or an "
		    "update.");
		return;
	}
	write_both(call, "link", api_string(call, "target"),
	    json_object_get(call->body, "kind"));
}

static void unlink_them(struct api_call *call)
{
	write_both(call, "unlink", call->args[1], NULL);
}

static const char *const members[] = { "target", "kind", NULL };

const struct api_route api_links_routes[] = {
	{ HTTP_POST, "/api/tips/*/links", API_OFFICER, members, link_them,
	    false, 0 },
	{ HTTP_DELETE, "/api/tips/*/links/*", API_OFFICER, NULL, unlink_them,
	    false, 0 },
	{ 0 },
};
