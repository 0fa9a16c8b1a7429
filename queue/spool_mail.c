/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Mail that is gone stays as a row with its id and its last day, without
 * mailbox and body, so that the stream, which is read again from the start
 * after each connection, does not bring it back.
 */
#include "queue/spool_mail.h"

#include "queue/spool_file.h"

static bool is_known_mail(struct spool *spool, const uint8_t *id)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_MAIL_FIND];
	bool found;

	(void)sqlite3_bind_blob(stmt, 1, id, SPOOL_ID_BYTES, SQLITE_STATIC);
	found = spool_db_step(&spool->db, stmt);
	(void)sqlite3_reset(stmt);
	return found;
}

/* In the open group: which's row has a mailbox as its only parameter. */
static void empty(
    struct spool *spool, enum spool_stmt which, const uint8_t *mailbox)
{
	(void)sqlite3_bind_blob(spool->stmts[which], 1, mailbox,
	    SPOOL_MAILBOX_BYTES, SQLITE_STATIC);
	spool_group_step(spool, which);
	/* the log is emptied in the next quiet moment, and with it what it
	 * has of them */
	spool->mail_gone |=
	    spool->db.err == TL_OK && sqlite3_changes(spool->db.sql) > 0;
}

static void insert(struct spool *spool, const struct spool_mail *mail)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_MAIL_PUT];
	bool reply = mail->body.len > 0;

	(void)sqlite3_bind_int64(stmt, 1, spool_random_key(spool));
	(void)sqlite3_bind_blob(
	    stmt, 2, mail->id, SPOOL_ID_BYTES, SQLITE_STATIC);
	if (reply) {
		(void)sqlite3_bind_blob(
		    stmt, 3, mail->mailbox, SPOOL_MAILBOX_BYTES, SQLITE_STATIC);
		(void)sqlite3_bind_blob(
		    stmt, 5, mail->body.at, (int)mail->body.len, SQLITE_STATIC);
	}
	(void)sqlite3_bind_int64(stmt, 4, mail->last_day);
	spool_group_step(spool, STMT_MAIL_PUT);
	spool->mails_added++;
}

enum tl_err spool_mail_check(
    struct spool *spool, const struct spool_mail *mail, int64_t today)
{
	if (mail->last_day < today ||
	    mail->last_day > today + SPOOL_MAIL_DAYS_MAX) {
		return TL_ESTALE;
	}
	if (is_known_mail(spool, mail->id)) {
		return TL_EEXIST;
	}
	return spool->db.err;
}

/* What is too much for a mailbox goes before the new one is in it. */
enum tl_err spool_mail_put(
    struct spool *spool, const struct spool_mail *mail, int64_t today)
{
	bool reply = mail->body.len > 0;
	size_t most =
	    mail->is_status ? SPOOL_MAIL_STATUS_MOST : SPOOL_MAIL_MOST;
	enum tl_err err = spool_mail_check(spool, mail, today);

	if (err == TL_OK && mail->body.len > SPOOL_MAIL_BYTES_MAX) {
		err = TL_ETOOBIG;
	}
	if (err == TL_OK) {
		err = spool_group_open(spool, 0);
	}
	if (err != TL_OK) {
		return err;
	}
	if (reply &&
	    (spool->room != SPOOL_ROOM_OK ||
		spool->mails + spool->mails_added >= most)) {
		return TL_EFULL;
	}
	if (mail->is_status) {
		(void)sqlite3_bind_int64(
		    spool->stmts[STMT_MAIL_REPLACE], 2, mail->last_day);
		empty(spool, STMT_MAIL_REPLACE, mail->mailbox);
	}
	empty(
	    spool, reply ? STMT_MAIL_SHORTEN : STMT_MAIL_DELETE, mail->mailbox);
	insert(spool, mail);
	return spool_group_end(spool);
}

enum tl_err spool_mail_delete(
    struct spool *spool, const uint8_t mailbox[static SPOOL_MAILBOX_BYTES])
{
	enum tl_err err = spool_group_open(spool, 0);

	if (err != TL_OK) {
		return err;
	}
	empty(spool, STMT_MAIL_DELETE, mailbox);
	return spool_group_end(spool);
}

enum tl_err spool_mail_expire(struct spool *spool, int64_t today, size_t *ret_n)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_MAIL_EXPIRE];
	enum tl_err err = spool_group_open(spool, 0);

	if (err != TL_OK) {
		return err;
	}
	(void)sqlite3_bind_int64(stmt, 1, today);
	(void)sqlite3_bind_int(stmt, 2, SPOOL_GROUP_MAX);
	spool_group_step(spool, STMT_MAIL_EXPIRE);
	err = spool_group_end(spool);
	if (err == TL_OK) {
		*ret_n = (size_t)sqlite3_changes(spool->db.sql);
		spool->mails_expired += *ret_n;
		spool->mail_gone |= *ret_n > 0;
	}
	return err;
}

void spool_mail_settle(struct spool *spool, bool kept)
{
	if (kept) {
		spool->mails += spool->mails_added;
		spool->mails -= spool->mails_expired;
		spool->db.log_kept |= spool->mail_gone;
	}
	spool->mails_added = 0;
	spool->mails_expired = 0;
	spool->mail_gone = false;
}

enum tl_err spool_mail_read(struct spool *spool,
    const uint8_t mailbox[static SPOOL_MAILBOX_BYTES], int64_t today,
    spool_mail_fn fn, void *arg)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_MAIL_READ];

	if (spool->group_open) {
		return TL_EBUSY;
	}
	(void)sqlite3_bind_blob(
	    stmt, 1, mailbox, SPOOL_MAILBOX_BYTES, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 2, today);
	while (spool_db_step(&spool->db, stmt)) {
		fn(bytes_of(sqlite3_column_blob(stmt, 0),
		       (size_t)sqlite3_column_bytes(stmt, 0)),
		    arg);
	}
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	return spool->db.err;
}
