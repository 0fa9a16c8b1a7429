/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger.h - what the desk has received, for good.
 *
 * Promise:   what ledger_append() answered with TL_OK survives a power cut,
 *            and no byte of it can be changed, cut out or put in later
 *            without ledger_open() seeing it. A receipt is signed only
 *            afterwards: it makes the spool forget its copy.
 * Knows not: keys, what is inside a record, Redis. Records stay sealed.
 * Runs in:   `tipline` and the desk: one writer at a time (flock).
 * Disk:      <folder>/ledger-000001, -000002, ...; docs/QUEUE.md, "Ledger".
 *            Only appended to; a file that is full is followed by the next.
 */
#ifndef TL_QUEUE_LEDGER_H
#define TL_QUEUE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define LEDGER_ID_BYTES   16u
#define LEDGER_HASH_BYTES 32u
/* Room for whatever a gateway, a desk or a relay has to say. Somebody can put
 * more into one entry of Redis, in several strings: its bytes are not kept. */
#define LEDGER_RECORD_BYTES (17u * 1024u * 1024u)

/*
 * What a record is. Numbers are on disk and never change; a program that
 * meets one it does not know refuses the ledger. TIP and QUARANTINE came out
 * of the queue, the others were made here.
 *   TIP         an envelope from our intake
 *   QUARANTINE  anything else that came; never dropped, shown to people
 *   EVENT       a change of a case, sealed; its id is the event's own
 *   RESEALED    the tip of the same id once more, sealed to newer keys
 *   MAIL        what was written to a reporter, as it left; its id is the
 *               mail's own
 *   AUDIT       what an officer did at the console, sealed; a random id
 */
/* clang-format off */
#define LEDGER_KINDS(X) \
	X(TIP,        1, "tips") \
	X(QUARANTINE, 2, "in quarantine") \
	X(EVENT,      3, "events of cases") \
	X(RESEALED,   4, "sealed again") \
	X(MAIL,       5, "written to reporters") \
	X(AUDIT,      6, "of the audit")
/* clang-format on */
#define LEDGER_KIND_MAX 6

#define LEDGER_ENUM(name, number, text) LEDGER_##name = (number),
enum ledger_kind { LEDGER_KINDS(LEDGER_ENUM) };
#undef LEDGER_ENUM

/* A few plain words for records of a kind; never NULL. */
const char *ledger_kind_text(enum ledger_kind kind);

/* Why a record is in quarantine. Numbers are on disk and never change. */
enum ledger_reason {
	LEDGER_FINE = 0,        /* of all that is not in quarantine */
	LEDGER_FIELDS = 1,      /* the entry has not the two fields it must */
	LEDGER_NO_ENVELOPE = 2, /* the bytes are no envelope for this id */
	LEDGER_NOT_OURS = 3,    /* no signature of an intake that we know */
	LEDGER_OTHER_BYTES = 4, /* the id is known, with other bytes */
	LEDGER_POISON = 5,      /* was handed out too often without an end */
};
#define LEDGER_REASON_MAX 5

/* A few plain words for a reason; never NULL. */
const char *ledger_reason_text(enum ledger_reason reason);

struct ledger_record {
	enum ledger_kind kind;
	enum ledger_reason reason;
	uint8_t id[LEDGER_ID_BYTES];     /* zeros if there was none */
	uint8_t hash[LEDGER_HASH_BYTES]; /* opts.hash of the sealed bytes */
	struct bytes sealed;             /* borrowed */
};

/* BLAKE2b-256 of msg: crypto's hash_bytes(). Handed in, since queue/ has no
 * cryptography of its own. */
typedef void (*ledger_hash_fn)(
    uint8_t out[static LEDGER_HASH_BYTES], const void *msg, size_t len);

struct ledger_opts {
	const char *folder; /* made with mode 0700 if it is not there */
	ledger_hash_fn hash;
	uint64_t file_max_bytes; /* the next file is begun then; 0: 256 MiB */
	/* Sealed bytes in quarantine, at most; 0: 1 GiB. Who writes garbage to
	 * Redis shall not be able to fill the disk on which tips are kept. */
	uint64_t quarantine_max_bytes;
	/* Look only: no lock, nothing is made or cut. */
	bool read_only;
};

/* What is wrong and where; written by ledger_open() when it fails. */
struct ledger_fault {
	const char *what; /* a sentence of ours, never NULL */
	unsigned file;    /* 0: the folder as such */
	uint64_t at;      /* byte in that file */
};

struct ledger;

/*
 * Open the ledger, read all of it, check every link of its chain and learn
 * its ids. An incomplete last frame, which a crash leaves behind, was never
 * promised to anyone: it is cut off. Anything else out of place is damage.
 * Gives *ret_ledger: end it with ledger_close(). Returns TL_EFORMAT for
 * damage (nothing is changed), TL_EBUSY if another process writes, TL_EPERM
 * if others may write to the folder, TL_ENOENT if read_only and not there,
 * TL_EIO, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ledger_open(const struct ledger_opts *opts,
    struct ledger **ret_ledger, struct ledger_fault *ret_fault);

enum ledger_known {
	LEDGER_NEW,   /* no tip has this id, and this was never quarantined */
	LEDGER_SAME,  /* these very bytes are here under this id */
	LEDGER_OTHER, /* a tip has this id, with other bytes */
};

/* Is a record with this id and this hash of its sealed bytes here? */
enum ledger_known ledger_lookup(const struct ledger *ledger,
    const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES]);

/* Is the event of this id here? Mail of this id? */
bool ledger_has_event(
    const struct ledger *ledger, const uint8_t id[static LEDGER_ID_BYTES]);
bool ledger_has_mail(
    const struct ledger *ledger, const uint8_t id[static LEDGER_ID_BYTES]);

/*
 * Append kind, reason, id and sealed bytes and sync them to disk; the hash
 * is computed here and rec->hash not looked at. On TL_EIO nothing counts as
 * kept and the ledger refuses every further append: close it, find out why,
 * open it again. TL_EFULL: the disk has no room for it; what was written of it
 * is cut off again, nothing counts as kept, and the ledger goes on when there
 * is room. Returns TL_ETOOBIG, or TL_EAGAIN for quarantine that is full
 * (nothing written, the ledger goes on: leave the record where it is), TL_EPERM
 * if read_only, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ledger_append(
    struct ledger *ledger, const struct ledger_record *rec);

/* Borrows rec until it returns. Anything but TL_OK ends the walk. */
typedef enum tl_err (*ledger_each_fn)(
    uint64_t number, const struct ledger_record *rec, void *arg);

/*
 * Call fn for record number first (0 is the oldest) and all behind it, in
 * the order they came, checking each again. Returns what fn returned, or
 * TL_EFORMAT if the file is no longer what it was, TL_EIO, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ledger_each(
    struct ledger *ledger, uint64_t first, ledger_each_fn fn, void *arg);

/* How many records there are. */
uint64_t ledger_count(const struct ledger *ledger);

struct ledger_counts {
	uint64_t records[LEDGER_KIND_MAX + 1]; /* by kind */
	uint64_t files;
	uint64_t bytes;            /* of all files */
	uint64_t quarantine_bytes; /* sealed bytes there */
	uint64_t quarantine_max_bytes;
};
void ledger_counts(
    const struct ledger *ledger, struct ledger_counts *ret_counts);

/* Hash that stands for the whole ledger up to here. */
void ledger_head(
    const struct ledger *ledger, uint8_t ret_head[static LEDGER_HASH_BYTES]);

/*
 * The hash that stood for the ledger when it had count records: what
 * ledger_head() said then. TL_ENOENT if there are not so many, TL_EIO,
 * TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ledger_head_then(const struct ledger *ledger,
    uint64_t count, uint8_t ret_head[static LEDGER_HASH_BYTES]);

/*
 * Copy the ledger, as far as it was read or written by now, into the folder to,
 * which is made if it is not there, and sync it. An earlier copy there is
 * continued. Open the copy to prove it. TL_EEXIST: what is there is no
 * beginning of this one, and stays as it was; TL_EINVAL: it is this one;
 * TL_EFULL, TL_EIO: so does each file that was not copied whole.
 */
TL_MUST_CHECK enum tl_err ledger_copy(
    const struct ledger *ledger, const char *to);

/*
 * The same into a ledger's own folder, in which there is none: all of it, or,
 * whenever this ends or the power does, nothing that is taken for a ledger, and
 * nothing that is in the way of the next try. TL_EEXIST: there is one, or files
 * of another.
 */
TL_MUST_CHECK enum tl_err ledger_put_back(
    const struct ledger *ledger, const char *to);

/* Bytes that its disk has left for us; UINT64_MAX: nobody can say. */
uint64_t ledger_free_bytes(const struct ledger *ledger);

/* Bytes behind the last whole record of one that was opened read_only: what a
 * crash left, or, of a copy, who cut it short. 0 if nobody can say. */
uint64_t ledger_torn_bytes(const struct ledger *ledger);

/* The last append ended with TL_EFULL. */
bool ledger_is_full(const struct ledger *ledger);

/* TL_OK, or why it refuses every further append. */
TL_MUST_CHECK enum tl_err ledger_failed(const struct ledger *ledger);

/* Close and free. NULL is fine. */
void ledger_close(struct ledger *ledger);

#endif
