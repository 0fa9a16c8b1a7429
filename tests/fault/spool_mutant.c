/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline-spool with one deliberate mistake, for tests/fault only: it answers
 * for records before their commit, which it makes up for before whatever comes
 * next. Linked with --wrap for each function here; the product knows nothing of
 * it. The crash test has to catch it.
 */
#include "queue/spool.h"

enum tl_err __real_spool_put(struct spool *spool,
    const struct spool_record *records, size_t n, int64_t day, bool *ret_known);
enum tl_err __wrap_spool_put(struct spool *spool,
    const struct spool_record *records, size_t n, int64_t day, bool *ret_known);
enum tl_err __real_spool_commit(struct spool *spool);
enum tl_err __wrap_spool_commit(struct spool *spool);
enum tl_err __real_spool_idle(struct spool *spool);
enum tl_err __wrap_spool_idle(struct spool *spool);
enum tl_err __real_spool_pause(struct spool *spool);
enum tl_err __wrap_spool_pause(struct spool *spool);
enum tl_err __real_spool_finish(struct spool *spool);
enum tl_err __wrap_spool_finish(struct spool *spool);

static bool has_records; /* in the open group */
static bool owed;

static enum tl_err make_up(struct spool *spool)
{
	if (!owed) {
		return TL_OK;
	}
	owed = false;
	return __real_spool_commit(spool);
}

enum tl_err __wrap_spool_put(struct spool *spool,
    const struct spool_record *records, size_t n, int64_t day, bool *ret_known)
{
	enum tl_err err = make_up(spool);

	has_records = true;
	return err != TL_OK
	    ? err
	    : __real_spool_put(spool, records, n, day, ret_known);
}

enum tl_err __wrap_spool_commit(struct spool *spool)
{
	if (has_records) {
		has_records = false;
		owed = true;
		return TL_OK;
	}
	owed = false; /* it is in the same group */
	return __real_spool_commit(spool);
}

enum tl_err __wrap_spool_idle(struct spool *spool)
{
	enum tl_err err = make_up(spool);

	return err != TL_OK ? err : __real_spool_idle(spool);
}

enum tl_err __wrap_spool_pause(struct spool *spool)
{
	enum tl_err err = make_up(spool);

	return err != TL_OK ? err : __real_spool_pause(spool);
}

enum tl_err __wrap_spool_finish(struct spool *spool)
{
	enum tl_err err = make_up(spool);

	return err != TL_OK ? err : __real_spool_finish(spool);
}
