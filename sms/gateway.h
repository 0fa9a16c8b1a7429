/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/gateway.h - one request of a message gateway in, messages out.
 *
 * Promise:   the proof is checked over the raw bytes before anything is
 *            parsed. What is genuine is never lost: if it cannot be read or
 *            is too much it comes out whole, marked SMS_UNDECODABLE. What
 *            goes back to the gateway is a row of a table and nothing else.
 * Knows not: sockets, HTTP's wire form, the spool, sealing, the clock.
 * Runs in:   the workers of the intake, and `tipline webhook`.
 * Disk:      nothing.
 */
#ifndef TL_SMS_GATEWAY_H
#define TL_SMS_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "text/report.h"

#define SMS_SECRETS_MAX    2u
#define SMS_MEDIA_MAX      10u
#define SMS_FILES_MAX      8u
#define SMS_TEXT_MAX_BYTES (64u * 1024u)
/* Longest secret of a gateway. */
#define SMS_SECRET_MAX_BYTES 512u
/* Of all partners; docs/openapi.yaml. */
#define SMS_PARTNERS_PATH "/api/v1/reports"

struct sms_adapter;
struct sms_custom;

/* How this gateway writes a sender without a plus. In doubt: SMS_RAW. */
enum sms_numbers {
	SMS_RAW,           /* nothing is known: raw only */
	SMS_E164,          /* always with a plus; without one: raw only */
	SMS_INTERNATIONAL, /* country code first, the plus left out */
	SMS_NATIONAL,      /* national, of the country of our own number */
};

/* One configured gateway. Borrowed by every call, never kept. */
struct sms_gateway {
	const struct sms_adapter *adapter;
	const char *name;
	/* Public addresses as given to the gateway, https://host[:port]/path.
	 * Schemes that sign the address sign one of these. fallback_url may be
	 * NULL or empty. A query and a fragment are left out. */
	const char *url;
	const char *fallback_url;
	/* The file's bytes without the line end; two are valid at once while
	 * one is replaced by the other. */
	struct bytes secrets[SMS_SECRETS_MAX];
	size_t n_secrets;
	char region[3]; /* country of our number, two capital letters */
	enum sms_numbers numbers;
	const char *account; /* NULL or empty: not compared */
	/* Which of several schemes signs; NULL, empty or "default": the
	 * adapter's first. */
	const char *sig_method;
	/* What the configuration says of a custom one; NULL for all others. */
	const struct sms_custom *custom;
};

struct sms_header {
	const char *name; /* lower case */
	struct bytes value;
};

/* What HTTP made of the request. Borrowed for the call. */
struct sms_request {
	bool is_get;
	struct bytes query; /* as on the request line, without the ? */
	/* What the path has behind /sms/NAME/, for gateways that prove
	 * themselves by knowing it. */
	struct bytes segment;
	const struct sms_header *headers;
	size_t n_headers;
	struct bytes body;
	int64_t now_s;
};

enum sms_kind {
	SMS_TEXT,
	/* Of these two text is what the bytes in data say, if they are words:
	 * bytes that were not said to be a text, */
	SMS_BINARY,
	/* and what is genuine and unreadable: all of it, or, beyond 256 KiB,
	 * in several messages with part numbers. Who sent it, where that is
	 * known, is blanked in text. */
	SMS_UNDECODABLE,
};

/* Remarks for the officer; sms_flag_name() has their names. */
enum sms_flag {
	SMS_FLAG_LOSSY = 1 << 0,      /* data has what text lacks */
	SMS_FLAG_GUESSED = 1 << 1,    /* no known encoding was named */
	SMS_FLAG_NO_CONCAT = 1 << 2,  /* part numbers made no sense: ignored */
	SMS_FLAG_NO_ID = 1 << 3,      /* the gateway gave no message id */
	SMS_FLAG_TEXT_CUT = 1 << 4,   /* all of the long text is in data */
	SMS_FLAG_OPT_STOP = 1 << 5,   /* the gateway acted on STOP, */
	SMS_FLAG_OPT_START = 1 << 6,  /* START or */
	SMS_FLAG_OPT_HELP = 1 << 7,   /* HELP */
	SMS_FLAG_MORE_MEDIA = 1 << 8, /* more media than SMS_MEDIA_MAX */
	SMS_FLAG_BAD_SENDER = 1 << 9, /* sender longer than 32 bytes */
	SMS_FLAG_EDITED = 1 << 10,    /* the sender changed an earlier one */
	SMS_FLAG_RECOVERED = 1 << 11, /* the webhook never came */
	SMS_FLAG_B64 = 1 << 12,       /* text is base64 of decoded */
	SMS_FLAG_ENCRYPTED = 1
	    << 13, /* by the gateway's own app: not for us to read */
	SMS_FLAG_DROPPED = 1 << 14,      /* the caller hung up before the end */
	SMS_FLAG_MISSED = 1 << 15,       /* a call in which nothing was said */
	SMS_FLAG_MAYBE_CUT = 1 << 16,    /* ends exactly where a part does */
	SMS_FLAG_TRIED_BEFORE = 1 << 17, /* says the gateway: */
	SMS_FLAG_MORE_WAITS = 1 << 18,   /* so messages may be missing */
};
#define SMS_FLAGS_MAX 19u

struct sms_concat {
	uint16_t ref;
	uint8_t total; /* 1 to 255 */
	uint8_t seq;   /* 1 to total */
	bool wide;     /* the reference has 16 bits */
};

struct sms_media {
	struct bytes type, url;
};

/* A file that came inside the request. */
struct sms_file {
	struct bytes name, data;
};

/* All bytes belong to the batch. Text is valid UTF-8, byte for byte as sent. */
struct sms_message {
	enum sms_kind kind;
	const char *channel;      /* sms whatsapp telegram voice web other */
	const char *lang;         /* chosen by the sender; "": not said */
	struct bytes external_id; /* empty: see SMS_FLAG_NO_ID */
	struct bytes from_raw;    /* as received, whole */
	struct bytes from;        /* E.164, or from_raw without its scheme */
	struct bytes from_e164;   /* empty unless sure */
	struct bytes to;          /* as received */
	struct bytes text;
	struct bytes data; /* bytes that text does not hold, or none */
	/* what data is, if it is all of a text's bytes: "utf-8" "utf-16be"
	 * "gsm-7"; else NULL */
	const char *encoding;
	struct bytes udh; /* kept where it says more than concat does */
	bool has_concat;
	struct sms_concat concat;
	unsigned units;      /* parts the gateway joined; 0: not said */
	int64_t sent_s;      /* the gateway's time; 0: not said */
	bool sent_is_rough;  /* without its second */
	struct bytes button; /* label of a pressed button */
	/* what the text seems to be in base64, beside it; or none */
	struct bytes decoded;
	struct bytes link_id; /* what an answer to a paid number needs */
	size_t n_media;
	struct sms_media media[SMS_MEDIA_MAX];
	size_t n_files;
	struct sms_file files[SMS_FILES_MAX];
	/* to the questions of the form, under their names there */
	const struct report_answer *answers;
	size_t n_answers;
	unsigned flags; /* of enum sms_flag */
	/* How sure it is that the gateway sent this; NULL: sms_trust(). */
	const char *trust;
};

/* Messages of one request: all are stored or none is. */
struct sms_batch;
size_t sms_batch_count(const struct sms_batch *batch);
const struct sms_message *sms_batch_at(const struct sms_batch *batch, size_t i);
/* What the gateway uses once: with the same body it is a repeat, with another
 * a forgery. Empty: the scheme has none. */
struct bytes sms_batch_nonce(const struct sms_batch *batch);
/* Wipe and free. NULL is fine. */
void sms_batch_free(struct sms_batch *batch);

enum sms_verdict {
	SMS_TIP,     /* store every message, then answer SMS_STORED */
	SMS_IGNORED, /* genuine, nothing to keep: answer SMS_STORED, count it */
	SMS_NO_PROOF, /* answer SMS_PROOF_FAILED, count it, keep nothing */
	SMS_STALE,    /* the same: the proof holds, but is of another time */
};

/* Whether nothing of a request is kept, because it proves nothing. */
static inline bool sms_is_refused(enum sms_verdict verdict)
{
	return verdict == SMS_NO_PROOF || verdict == SMS_STALE;
}

/*
 * Check and read one request. On TL_OK *ret_verdict says what to do,
 * *ret_why is a literal sentence (never NULL), and *ret_batch is given for
 * SMS_TIP (end it with sms_batch_free()), NULL otherwise. TL_ENOMEM: answer
 * SMS_NOT_STORED.
 */
TL_MUST_CHECK enum tl_err sms_take(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch **ret_batch,
    enum sms_verdict *ret_verdict, const char **ret_why);

/*
 * What sms_take() gave for request cannot be sealed, being too large: put all
 * of the request in its place, in as many pieces as it takes. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err sms_take_whole(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch);

/* What goes back. type, body, challenge may be NULL: leave the header or the
 * body out; Content-Length is always there. drop: abort without a byte. */
struct sms_answer {
	int status;
	const char *type;
	const char *body;
	const char *challenge; /* value of WWW-Authenticate */
	bool drop;
};

enum sms_outcome {
	SMS_STORED,     /* durable now, or a repeat of what is, or ignored */
	SMS_NOT_STORED, /* make the gateway try again */
	SMS_PROOF_FAILED,
};
/* The row of the gateway's profile; never NULL, valid for ever. */
const struct sms_answer *sms_answer(
    const struct sms_gateway *gateway, enum sms_outcome outcome);

/*
 * Append the bytes whose keyed hash is the dedup key: the gateway's name,
 * the message id and the content, so that a repeat is known and the same id
 * with other content is stored as well. Without an id the second counts
 * instead: the gateway's, else now_s. The bytes are plaintext.
 */
void sms_dedup_input(const struct sms_gateway *gateway,
    const struct sms_message *message, int64_t now_s, struct buf *out);

/* The adapter called type ("twilio"), or NULL. */
const struct sms_adapter *sms_adapter_find(const char *type);
/* How sure the gateway's messages are its own: "signed", "basic" or
 * "secret-path". */
const char *sms_trust(const struct sms_gateway *gateway);
/* Largest body this gateway may send. */
size_t sms_body_max_bytes(const struct sms_gateway *gateway);
/* Whether it is a partner, who may also use the address that all share. */
bool sms_is_partner(const struct sms_gateway *gateway);
/* Whether the path must have a secret segment behind /sms/NAME/. */
bool sms_wants_segment(const struct sms_gateway *gateway);
/*
 * Whether path is one that a gateway with the address base ("/sms/NAME") calls:
 * base itself; if it wants a segment, what is behind base and a slash, which
 * *ret_segment then is, right or wrong; a partner: the shared address as well.
 */
bool sms_path_fits(const struct sms_gateway *gateway, struct bytes base,
    struct bytes path, struct bytes *ret_segment);
/* Whether it may use GET; POST is always allowed. */
bool sms_allows_get(const struct sms_gateway *gateway);
/*
 * Look at the settings once, at start: NULL if they can work, else a literal
 * sentence that says what is wrong and what would be right.
 */
const char *sms_gateway_fault(const struct sms_gateway *gateway);
/* The same, with those of its secrets that are at hand: none is no fault. */
const char *sms_gateway_fault_so_far(const struct sms_gateway *gateway);

/* "", "binary" or "undecodable". */
const char *sms_kind_name(enum sms_kind kind);
/* A word for the report ("lossy"); NULL unless flag is one bit of the enum. */
const char *sms_flag_name(unsigned flag);

#endif
