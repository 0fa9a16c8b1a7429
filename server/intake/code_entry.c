/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/code_entry.h"

#include <assert.h>
#include <string.h>
#include <sys/queue.h>

#include "base/wipe.h"
#include "crypto/secret.h"

struct question {
	uint32_t request;
	char digits[CODE_DIGITS_MAX + 1];
};

struct code_asker {
	TAILQ_ENTRY(code_asker) link;
	struct code_entries *entries;
	void *arg;
	size_t first, n;
	struct question questions[CODE_ENTRY_WAITING];
};

struct code_entries {
	TAILQ_HEAD(askers, code_asker) askers; /* whose turn is next, first */
	bool working;
	struct code_asker *working_for; /* NULL: it has gone */
	struct question question;
};

struct code_entries *code_entries_new(void)
{
	struct code_entries *entries = secret_alloc(sizeof(*entries));

	if (entries != NULL) {
		TAILQ_INIT(&entries->askers);
	}
	return entries;
}

void code_entries_free(struct code_entries *entries)
{
	secret_free(entries);
}

struct code_asker *code_asker_new(struct code_entries *entries, void *arg)
{
	struct code_asker *asker = secret_alloc(sizeof(*asker));

	if (asker != NULL) {
		asker->entries = entries;
		asker->arg = arg;
		TAILQ_INSERT_TAIL(&entries->askers, asker, link);
	}
	return asker;
}

void code_asker_free(struct code_asker *asker)
{
	struct code_entries *entries = asker->entries;

	if (entries->working_for == asker) {
		entries->working_for = NULL;
	}
	TAILQ_REMOVE(&entries->askers, asker, link);
	secret_free(asker);
}

enum tl_err code_entry_add(
    struct code_asker *asker, uint32_t request, const uint8_t *digits, size_t n)
{
	struct question *question;

	assert(n == CODE_DIGITS_SLOW || n == CODE_DIGITS_FAST);
	if (asker->n == CODE_ENTRY_WAITING) {
		return TL_EBUSY;
	}
	question =
	    &asker->questions[(asker->first + asker->n++) % CODE_ENTRY_WAITING];
	question->request = request;
	memcpy(question->digits, digits, n);
	return TL_OK;
}

const char *code_entry_working(const struct code_entries *entries)
{
	return entries->working ? entries->question.digits : NULL;
}

bool code_entry_begin(struct code_entries *entries)
{
	struct code_asker *asker;
	struct question *question;

	TAILQ_FOREACH (asker, &entries->askers, link) {
		if (asker->n > 0) {
			break;
		}
	}
	if (entries->working || asker == NULL) {
		return false;
	}
	question = &asker->questions[asker->first];
	entries->working = true;
	entries->working_for = asker;
	entries->question = *question;
	wipe(question, sizeof(*question));
	asker->first = (asker->first + 1) % CODE_ENTRY_WAITING;
	asker->n--;
	TAILQ_REMOVE(&entries->askers, asker, link);
	TAILQ_INSERT_TAIL(&entries->askers, asker, link);
	return true;
}

void *code_entry_done(struct code_entries *entries, uint32_t *ret_request)
{
	struct code_asker *asker = entries->working_for;

	*ret_request = entries->question.request;
	wipe(&entries->question, sizeof(entries->question));
	entries->working = false;
	entries->working_for = NULL;
	return asker != NULL ? asker->arg : NULL;
}
