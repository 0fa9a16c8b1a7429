/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/drafts.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/token.h"

#define USE "tipline draft v1"

struct draft {
	uint8_t name[DRAFT_NAME_BYTES];
	size_t name_len; /* 0: there is none */
	uint8_t *sealed;
	size_t len; /* of the text */
};

struct drafts {
	uint8_t *key; /* secret memory */
	struct draft all[DRAFTS_MAX];
	size_t bytes; /* sealed */
};

struct drafts *drafts_new(void)
{
	struct drafts *drafts = calloc(1, sizeof(*drafts));

	if (drafts == NULL) {
		return NULL;
	}
	drafts->key = secret_alloc(TOKEN_KEY_BYTES);
	if (drafts->key == NULL) {
		free(drafts);
		return NULL;
	}
	random_bytes(drafts->key, TOKEN_KEY_BYTES);
	return drafts;
}

/* Of no name: a place that is free. */
static size_t find(const struct drafts *drafts, struct bytes name)
{
	size_t at = 0;

	while (at < DRAFTS_MAX &&
	    !bytes_equal(
		bytes_of(drafts->all[at].name, drafts->all[at].name_len),
		name)) {
		at++;
	}
	return at;
}

static void end(struct drafts *drafts, struct draft *draft)
{
	drafts->bytes -=
	    draft->name_len > 0 ? draft->len + TOKEN_EXTRA_BYTES : 0;
	free(draft->sealed);
	wipe(draft, sizeof(*draft));
}

/* Where it goes, if there is room beside the others. */
static enum tl_err find_room(
    const struct drafts *drafts, struct bytes name, size_t len, size_t *ret_at)
{
	size_t at = find(drafts, name);
	size_t old =
	    at < DRAFTS_MAX ? drafts->all[at].len + TOKEN_EXTRA_BYTES : 0;

	if (at == DRAFTS_MAX) {
		at = find(drafts, bytes_of(NULL, 0));
	}
	if (at == DRAFTS_MAX ||
	    drafts->bytes - old + len + TOKEN_EXTRA_BYTES > DRAFTS_BYTES) {
		return TL_EFULL;
	}
	*ret_at = at;
	return TL_OK;
}

enum tl_err drafts_put(
    struct drafts *drafts, struct bytes name, struct bytes text)
{
	struct draft draft = { .name_len = name.len, .len = text.len };
	size_t at = 0;
	enum tl_err err;

	if (name.len == 0 || name.len > DRAFT_NAME_BYTES ||
	    text.len > DRAFT_TEXT_BYTES) {
		return TL_ETOOBIG;
	}
	err = find_room(drafts, name, text.len, &at);
	if (err != TL_OK) {
		return err;
	}
	draft.sealed = malloc(text.len + TOKEN_EXTRA_BYTES);
	if (draft.sealed == NULL) {
		return TL_ENOMEM;
	}
	memcpy(draft.name, name.at, name.len);
	token_seal(drafts->key, USE, text.at, text.len, draft.sealed);
	end(drafts, &drafts->all[at]);
	drafts->all[at] = draft;
	drafts->bytes += text.len + TOKEN_EXTRA_BYTES;
	return TL_OK;
}

enum tl_err drafts_get(
    const struct drafts *drafts, struct bytes name, struct buf *out)
{
	size_t at = name.len == 0 ? DRAFTS_MAX : find(drafts, name);
	const struct draft *draft;
	uint8_t *plain;
	enum tl_err err;

	if (at == DRAFTS_MAX) {
		return TL_ENOENT;
	}
	draft = &drafts->all[at];
	plain = malloc(draft->len + 1);
	if (plain == NULL) {
		return TL_ENOMEM;
	}
	err = token_open(drafts->key, USE, draft->sealed, draft->len, plain);
	if (err == TL_OK) {
		buf_put(out, plain, draft->len);
		err = buf_err(out);
	}
	wipe(plain, draft->len);
	free(plain);
	return err;
}

void drafts_drop(struct drafts *drafts, struct bytes name)
{
	size_t at = name.len == 0 ? DRAFTS_MAX : find(drafts, name);

	if (at < DRAFTS_MAX) {
		end(drafts, &drafts->all[at]);
	}
}

void drafts_free(struct drafts *drafts)
{
	if (drafts == NULL) {
		return;
	}
	secret_free(drafts->key);
	for (size_t i = 0; i < DRAFTS_MAX; i++) {
		end(drafts, &drafts->all[i]);
	}
	free(drafts);
}
