/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report.h - the report document, version 1: what is sealed.
 *
 * Promise:   text comes out byte for byte as it went in. Valid UTF-8 is in
 *            the document as it is; bytes that are not become U+FFFD there
 *            and the original stands beside it in base64.
 * Knows not: keys, envelopes, gateways, the clock.
 * Runs in:   the intake (writes), cli and desk (read).
 * Disk:      nothing. The format is in docs/FORMAT.md, chapter "Report".
 */
#ifndef TL_TEXT_REPORT_H
#define TL_TEXT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "text/likeness.h"

#define REPORT_VERSION       1
#define REPORT_ID_BYTES      16u
#define REPORT_FORM_BYTES    16u
#define REPORT_MAILBOX_BYTES 16u
#define REPORT_THREAD_BYTES  16u
#define REPORT_RULES_MAX     40u
#define REPORT_WORDS_MAX     24u
#define REPORT_WORD_BYTES    48u /* of a word, what is over is cut */
#define REPORT_FLAGS_MAX     20u

/* The kind of a report that is no tip: a further reply key of one. */
#define REPORT_REPLY_KEY "reply-key"
/* What belongs to an earlier tip. */
#define REPORT_MORE "more"
/* Part of a file: the envelope's raw bytes. */
#define REPORT_PIECE      "piece"
#define REPORT_WISHES_MAX 3u

/* One answer of the form: its wire name and value. Names may repeat. */
struct report_answer {
	const char *name;
	struct bytes value;
};

/* A rule that holds: its name, the officer's sentence, the priority it gives
 * (0: none). */
struct report_rule {
	const char *name, *text;
	int priority;
};

/* A phrase of the lists that was found. */
struct report_word {
	const char *group, *lang;
	const char *in; /* name of an answer; "": the text */
	size_t at, len; /* bytes there */
	struct bytes word;
};

struct report_media {
	struct bytes type, url;
};

/* A file that came with the report, as it was kept. */
struct report_attachment {
	unsigned file;     /* which, from 1 */
	const char *field; /* of the form */
	struct bytes name; /* as sent */
	const char *type;  /* "": unknown */
	uint64_t bytes;
	unsigned pieces;
	uint8_t sha256[32];
	const char *state; /* see docs/FORMAT.md, "Files" */
	bool cleaned;
	struct bytes ids; /* of the pieces, REPORT_ID_BYTES each */
};

/* What a piece of a file belongs to. */
struct report_piece {
	uint8_t tip[REPORT_ID_BYTES];
	unsigned file, piece; /* from 1 */
};

struct report_concat {
	unsigned ref, total, seq;
	bool wide; /* the reference has 16 bits */
};

/* All pointers are borrowed for the call. Zero and NULL mean: not there. */
struct report {
	uint8_t id[REPORT_ID_BYTES];
	int64_t received_s;   /* Unix seconds */
	int64_t sent_s;       /* the gateway's time; left out if it is none */
	const char *channel;  /* web sms whatsapp telegram voice desk other */
	const char *gateway;  /* name, or "" */
	const char *via;      /* of channel desk: how it came; else NULL */
	const char *taken_by; /* of channel desk: which officer; else NULL */
	const char *lang;     /* of the page, or "" */
	struct bytes text;
	const struct report_answer *answers;
	size_t n_answers;
	struct bytes sender_raw;  /* as received */
	struct bytes sender_e164; /* empty unless sure */
	/* REPORT_THREAD_BYTES each, or NULL: the sender's name for a while,
	 * and the one before */
	const uint8_t *thread, *thread_before;
	struct bytes to, external_id;
	struct bytes data, udh; /* raw bytes kept */
	const char *encoding;   /* of a text in data: utf-8 utf-16be gsm-7 */
	const char *kind;       /* "", REPORT_REPLY_KEY, binary, undecodable */
	bool has_concat;
	struct report_concat concat;
	unsigned units; /* parts the gateway joined; 0: not said */
	struct bytes button;
	struct bytes decoded; /* what text seems to be in base64 */
	struct bytes link_id;
	const char *trust; /* signed basic secret-path web officer */
	bool has_reply_key;
	uint8_t reply_key[32];
	uint8_t mailbox[REPORT_MAILBOX_BYTES];
	bool has_form;
	uint8_t form[REPORT_FORM_BYTES]; /* the same in what belongs to it */
	bool has_mailbox; /* of a REPORT_MORE: mailbox says under which code */
	const char *wishes[REPORT_WISHES_MAX]; /* no-contact, ... */
	size_t n_wishes;
	int priority; /* 1 to 4 */
	struct report_rule rules[REPORT_RULES_MAX];
	size_t n_rules;
	const char *rules_version;    /* "" or NULL: no rules have run */
	const char *keywords_version; /* the same of the list of words */
	struct report_word words[REPORT_WORDS_MAX];
	size_t n_words;
	const char *lang_guess; /* "" or NULL: unknown */
	bool has_likeness;
	uint8_t likeness[LIKENESS_BYTES];
	const char *flags[REPORT_FLAGS_MAX]; /* words such as "lossy" */
	size_t n_flags;
	const struct report_media *media;
	size_t n_media;
	const struct report_attachment *attachments;
	size_t n_attachments;
	const struct report_piece *piece; /* NULL: it is none */
};

/*
 * Append the document to out. TL_ENOMEM, TL_ETOOBIG (out's maximum), and
 * TL_EINVAL if received_s is before 1970 or after the year 9999.
 */
TL_MUST_CHECK enum tl_err report_write(
    const struct report *report, struct buf *out);

/* Room for the document of a report with content_len bytes of text, answers,
 * data and addresses in all. */
size_t report_bytes_max(size_t content_len);
/* The same for this report. */
size_t report_room(const struct report *report);

/* 1 to 4 as the document says; 3 if it says nothing usable: only rules and
 * officers make a tip less than that. */
int report_priority(struct bytes doc);

/* What a document says of receipt codes; what it does not say is zero. */
struct report_reply {
	bool is_further; /* a further reply key, and no tip */
	bool has_form;
	uint8_t form[REPORT_FORM_BYTES];
	bool has_mailbox;
	uint8_t mailbox[REPORT_MAILBOX_BYTES];
};
void report_reply(struct bytes doc, struct report_reply *ret_reply);

/* The fingerprint of its text (text/likeness.h). False, and nothing written:
 * it has none. */
bool report_likeness(
    struct bytes doc, uint8_t ret_likeness[static LIKENESS_BYTES]);

/* What is known of a document besides its bytes. Borrows further and alike. */
struct report_context {
	bool signed_by_us; /* the intake's signature held */
	/* mailboxes of further reply keys of this tip, in any order */
	const uint8_t (*further)[REPORT_MAILBOX_BYTES];
	size_t n_further;
	/* ids of tips whose texts are nearly the same */
	const uint8_t (*alike)[REPORT_ID_BYTES];
	size_t n_alike;
	/* the tip that a REPORT_MORE belongs to; NULL: unknown. Borrowed */
	const uint8_t *tip;
	/* what the reporter of this tip said later */
	bool wants_no_contact;
	bool wants_withdrawal;
};

/*
 * Append one line of JSON for `inbox --json`, without the line end: the
 * document with names fit for scripts (priority "P1", data_hex) and with its
 * mailboxes in the place of the reply key. Members this program does not
 * know stay. Control characters beyond ASCII and
 * signs that turn the writing direction are escaped. TL_EFORMAT: doc is not
 * a report document.
 */
TL_MUST_CHECK enum tl_err report_print_json(
    struct bytes doc, const struct report_context *context, struct buf *out);

/*
 * Append a few lines for people. Nothing in the document can act on the
 * terminal or look like a line of ours: control characters are spelled out
 * and lines of the reporter's begin with "  | ".
 */
TL_MUST_CHECK enum tl_err report_print_plain(
    struct bytes doc, const struct report_context *context, struct buf *out);

/* Append why a report has its priority, for people: rules, words, flags and
 * language, in the lines that report_print_plain() has for them. */
TL_MUST_CHECK enum tl_err report_print_reasons(
    const struct report *report, struct buf *out);

#endif
