/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/page.h - the pages that a reporter sees, as bytes.
 *
 * Promise:   whatever the values hold, they stay text: nothing in them can
 *            become markup. A word of the tip is shown only in a page that
 *            gives it back for a mistake.
 *            Pages need no script, no cookie and no second request.
 * Knows not: sockets, HTTP heads, where a tip goes.
 * Runs in:   intake workers. Pure: no file, clock or socket.
 * Disk:      nothing; templates, texts and style are compiled in.
 *
 * All pages are text/html; charset=utf-8. They append to out, which should
 * be empty, with a maximum of PAGE_BYTES_MAX, and be wiped (buf_free) where
 * somebody's words, a code or a state are in it. On an error what is in
 * out must not be sent. All arguments are borrowed for the call. web/wire.h
 * makes of a page what goes over the wire.
 */
#ifndef TL_WEB_PAGE_H
#define TL_WEB_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "web/language.h"

/* Enough for the form with a story of 64 KiB that is all escapes. */
#define PAGE_BYTES_MAX (512u * 1024u)

#define PAGE_LANGUAGES_MAX 12u
#define PAGE_IDEM_DIGITS   32u /* 16 bytes as hexadecimal digits */
/* A receipt code is shown in five groups, of four digits or of five. */
#define PAGE_CODE_DIGITS      20u
#define PAGE_CODE_DIGITS_LONG 25u

/* Groups of further questions. */
#define PAGE_STEPS 3u

/* The questions of these groups, in their order; of a site, 1u << each. */
enum page_question {
	PAGE_ASKS_WHO,
	PAGE_ASKS_COUNT,
	PAGE_ASKS_MINOR,
	PAGE_ASKS_IND,
	PAGE_ASKS_WORK,
	PAGE_ASKS_HOW,
	PAGE_ASKS_PERP,
	PAGE_ASKS_SHARE,
	PAGE_ASKS_CONTACT,
	PAGE_ASKS_LANG,
	PAGE_ASKS_OFFICIAL,
	PAGE_QUESTIONS
};

/* Questions that can be read aloud: all. */
#define PAGE_SPOKEN 14u

/* Countries of the form that can have an emergency line: its first answers. */
#define PAGE_LINES 7u

/* Sentences of the desk, from 1; and how many of its messages are shown. */
#define PAGE_STATUSES  5u
#define PAGE_MAILS_MAX 16u

/* Names of form fields that are not questions. */
#define PAGE_FIELD_IDEM   "k"       /* idempotency key, PAGE_IDEM_DIGITS */
#define PAGE_FIELD_HONEY  "website" /* people leave it empty: quarantine */
#define PAGE_FIELD_STATE  "s"       /* sealed: what the page belongs to */
#define PAGE_FIELD_STEP   "g"       /* the group, 0: the receipt */
#define PAGE_FIELD_GO     "go"      /* next back end */
#define PAGE_FIELD_CODE   "code"    /* as typed */
#define PAGE_FIELD_DO     "do"      /* more delete stop withdraw */
#define PAGE_FIELD_TICKET "w"       /* sealed: a place in the queue */
#define PAGE_FIELD_PROOF  "p"       /* that work was done instead */

/* Limits of the texts, in characters (code points). */
#define PAGE_STORY_CHARS_MAX 10000u
#define PAGE_NEAR_CHARS_MAX  500u

/* What is the same on every page of a site. */
struct page_site {
	const char *title;       /* neutral; NULL or "": the catalogue's */
	const char *urgent_call; /* number as shown; NULL or "": no line */
	bool urgent_free;        /* to call it costs nothing */
	const char *lines[PAGE_LINES]; /* abroad, as shown; NULL: none */
	uint16_t spoken_kib[PAGE_LANGUAGES_MAX][PAGE_SPOKEN]; /* 0: none */
	unsigned unasked;        /* of enum page_question: left out */
	uint64_t file_max_bytes; /* of a file that comes with a form */
	const struct web_language *languages[PAGE_LANGUAGES_MAX]; /* offered */
	size_t n_languages;
};

/* What can be wrong with a form. */
enum page_error_flag {
	PAGE_EMPTY = 1u << 0,      /* no story; answer 422 */
	PAGE_STORY_LONG = 1u << 1, /* story over its limit; 422 */
	PAGE_NEAR_LONG = 1u << 2,  /* where_near over its limit; 422 */
	PAGE_UNSENT = 1u << 3,     /* could not be kept now; 503 */
	PAGE_FIELD_LONG = 1u << 4, /* another field over its limit; 422 */
	PAGE_KIND = 1u << 5,       /* no story, and no recording either; 422 */
};

/* What was typed into a form, to be given back. */
struct page_pair {
	const char *name; /* on the wire */
	struct bytes value;
};
struct page_typed {
	const struct page_pair *pairs;
	size_t n;
};

struct page_form {
	const char *idem; /* PAGE_IDEM_DIGITS; keep it when the form returns */
	/* As typed, zeroed on a fresh form. Named as on the wire. */
	struct bytes now;
	struct bytes story;
	struct bytes where_country;
	struct bytes where_province;
	struct bytes where_near;
	unsigned errors;    /* of enum page_error_flag; 0 = none */
	bool proxy_browser; /* it sends the words through another company */
};

/*
 * Step A: GET /<lang>/, and the same with the texts in it after an error.
 * TL_EINVAL if idem is not PAGE_IDEM_DIGITS hexadecimal digits; TL_ETOOBIG
 * and TL_ENOMEM as base/buf.h has them.
 */
TL_MUST_CHECK enum tl_err page_form(const struct page_site *site,
    const struct web_language *language, const struct page_form *form,
    struct buf *out);

/*
 * It has arrived. code has PAGE_CODE_DIGITS or PAGE_CODE_DIGITS_LONG digits
 * and state is base64url, else TL_EINVAL. again: the tip was known already.
 * The text of <output id="receipt"> is the code.
 */
struct page_receipt {
	const char *code;
	const char *state;
	bool again;
	bool voice_big, voice_kind, voice_part; /* not kept, or not whole */
};
TL_MUST_CHECK enum tl_err page_receipt(const struct page_site *site,
    const struct web_language *language, const struct page_receipt *receipt,
    struct buf *out);

struct page_more {
	unsigned step;     /* 1 to PAGE_STEPS */
	bool about_me;     /* the questions speak to who writes */
	const char *state; /* base64url */
	struct page_typed typed;
	unsigned errors; /* PAGE_UNSENT, PAGE_FIELD_LONG */
};

/* The name on the wire of one that can be read aloud: Q1 is number 0. */
const char *page_spoken_name(size_t number);

/* The name of a question on the wire, and its number; PAGE_QUESTIONS: none. */
enum page_question page_question_find(const char *name);

/* The first group from step on, or down to 1, in which anything is asked; 0:
 * there is none. */
unsigned page_step_next(const struct page_site *site, unsigned step, bool back);

/* A group of further questions. TL_EINVAL: no such step, no state. */
TL_MUST_CHECK enum tl_err page_more(const struct page_site *site,
    const struct web_language *language, const struct page_more *more,
    struct buf *out);

enum page_return_problem {
	PAGE_RETURN_FINE,
	PAGE_RETURN_CHECK, /* cannot be a code */
	PAGE_RETURN_BUSY,  /* too many people */
};

/* Where a code is entered. */
TL_MUST_CHECK enum tl_err page_return(const struct page_site *site,
    const struct web_language *language, enum page_return_problem problem,
    struct buf *out);

struct page_mail {
	struct bytes text;
	unsigned days; /* since it was written */
};

struct page_box {
	const char *state;     /* base64url */
	unsigned status;       /* 1 to PAGE_STATUSES; 0: the desk said none */
	struct bytes sentence; /* of the status; empty: as in the catalogue */
	const struct page_mail *mails; /* the newest first */
	size_t n_mails;                /* at most PAGE_MAILS_MAX */
	struct bytes story;            /* given back after an error */
	unsigned errors; /* PAGE_EMPTY, _STORY_LONG, _UNSENT, _KIND */
};

/* What lies under a code, and a place to write more. Without status and
 * messages it says that there is nothing: the code may not even exist. */
TL_MUST_CHECK enum tl_err page_box(const struct page_site *site,
    const struct web_language *language, const struct page_box *box,
    struct buf *out);

struct page_files {
	const char *state; /* base64url */
	const char *idem;  /* PAGE_IDEM_DIGITS */
	bool stored;       /* files came, and are kept */
	bool big, kind;    /* one was too large; is not taken */
	bool unsent;       /* one has not come whole, or not at all */
};

/* Photos and documents for a tip. TL_EINVAL: no state, no key. */
TL_MUST_CHECK enum tl_err page_files(const struct page_site *site,
    const struct web_language *language, const struct page_files *files,
    struct buf *out);

/*
 * It is not yet somebody's turn: what was typed waits in the page itself, and
 * is sent by a button, or by the script when the time has come or the work is
 * done. TL_EINVAL: no ticket, or too much was typed.
 */
struct page_wait {
	const char *path;   /* behind /<lang>/: "a" "b" "c" */
	const char *ticket; /* base64url */
	unsigned seconds;
	unsigned bits;
	bool tries; /* there were too many codes, not too many forms */
	struct page_typed typed;
};
#define PAGE_TYPED_MAX 128u
TL_MUST_CHECK enum tl_err page_wait(const struct page_site *site,
    const struct web_language *language, const struct page_wait *wait,
    struct buf *out);

/* A short page that says what was done, and no word more. state is for
 * PAGE_DONE_LAST: base64url, else NULL. */
enum page_done {
	PAGE_DONE_LAST,      /* the questions are over */
	PAGE_DONE_SENT,      /* more words have arrived */
	PAGE_DONE_SENT_BIG,  /* the same; the recording was too big */
	PAGE_DONE_SENT_KIND, /* the same; it was no recording */
	PAGE_DONE_SENT_PART, /* the same; not all of it could be kept */
	PAGE_DONE_DELETED,
	PAGE_DONE_STOPPED,
	PAGE_DONE_WITHDRAWN,
};
TL_MUST_CHECK enum tl_err page_done(const struct page_site *site,
    const struct web_language *language, enum page_done what, const char *state,
    struct buf *out);

/* What this site cannot protect from, and what the reader can do. */
TL_MUST_CHECK enum tl_err page_safety(const struct page_site *site,
    const struct web_language *language, struct buf *out);

/* How to leave: in front of the form, where the operator wants that. */
TL_MUST_CHECK enum tl_err page_facts(const struct page_site *site,
    const struct web_language *language, struct buf *out);

/*
 * A short page for any status of 400 and above. It tells what to do, never
 * what was wrong with the bytes; 404 and 405 are the same page.
 */
TL_MUST_CHECK enum tl_err page_error(const struct page_site *site,
    const struct web_language *language, int status, struct buf *out);

/* Says nothing but where the form is: for GET of a path that takes a POST,
 * as after Back, and wherever a state has expired. */
TL_MUST_CHECK enum tl_err page_neutral(const struct page_site *site,
    const struct web_language *language, struct buf *out);

/* Value of the Content-Security-Policy field of all these pages: their own
 * style, their own scripts, and nothing else. */
const char *web_csp(void);

/* True if the browser is known to send pages through another company: the
 * value of User-Agent, and whether there is any X-OperaMini-* field. */
bool web_proxy_browser(struct bytes user_agent, bool has_operamini_field);

#endif
