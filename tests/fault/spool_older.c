/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * spool_older FILE VERSION: make a spool's file what the program of an earlier
 * VERSION of its format would have left, with the records that are in it. Of
 * version 3 the channel of each record is taken out, of version 2 the mail.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	int to;
	const char *sql;
} steps[] = {
	{ 2,
	    "ALTER TABLE records DROP COLUMN channel;"
	    "PRAGMA user_version = 2;" },
	{ 1, "DROP TABLE mail; PRAGMA user_version = 1;" },
};

int main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	char *why = NULL;
	int status = 1;

	if (argc != 3 ||
	    sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) !=
		SQLITE_OK) {
		(void)fprintf(stderr, "usage: spool_older FILE VERSION\n");
		goto out;
	}
	/* all of it or nothing */
	if (sqlite3_exec(db, "BEGIN", NULL, NULL, &why) != SQLITE_OK) {
		goto out;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strtol(argv[2], NULL, 10) <= steps[i].to &&
		    sqlite3_exec(db, steps[i].sql, NULL, NULL, &why) !=
			SQLITE_OK) {
			goto out;
		}
	}
	status =
	    sqlite3_exec(db, "COMMIT", NULL, NULL, &why) == SQLITE_OK ? 0 : 1;
out:
	if (why != NULL) {
		(void)fprintf(stderr, "spool_older: %s\n", why);
	}
	sqlite3_free(why);
	(void)sqlite3_close(db);
	return status;
}
