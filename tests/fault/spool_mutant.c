/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline-spool with one deliberate mistake, for tests/fault only: it answers
 * before the commit, which it makes up for with the next group. Linked with
 * --wrap=spool_commit --wrap=spool_put; the product knows nothing of it. The
 * crash test has to catch it.
 */
#include "queue/spool.h"

enum tl_err __real_spool_commit(struct spool *spool);
enum tl_err __wrap_spool_commit(struct spool *spool);
enum tl_err __real_spool_put(struct spool *spool,
    const struct spool_record *records, size_t n, int64_t day, bool *ret_known);
enum tl_err __wrap_spool_put(struct spool *spool,
    const struct spool_record *records, size_t n, int64_t day, bool *ret_known);

static bool owed;

enum tl_err __wrap_spool_commit(struct spool *spool)
{
	(void)spool;
	owed = true;
	return TL_OK;
}

enum tl_err __wrap_spool_put(struct spool *spool,
    const struct spool_record *records, size_t n, int64_t day, bool *ret_known)
{
	if (owed) {
		owed = false;
		enum tl_err err = __real_spool_commit(spool);

		if (err != TL_OK) {
			return err;
		}
	}
	return __real_spool_put(spool, records, n, day, ret_known);
}
