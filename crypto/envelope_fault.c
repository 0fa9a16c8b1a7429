/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The table of what can be wrong with an envelope. */
#include "crypto/envelope.h"

static const struct {
	const char *name;
	const char *text;
	enum tl_err err;
} faults[ENVELOPE_FAULTS] = {
	[ENVELOPE_FINE] = { "fine", "fine", TL_OK },
	[ENVELOPE_SHORT] = { "short", "it is cut in its head", TL_EFORMAT },
	[ENVELOPE_MAGIC] = { "magic", "it is no envelope of ours", TL_EFORMAT },
	[ENVELOPE_VERSION_NO] = { "version",
	    "its version is not one that this program reads", TL_EFORMAT },
	[ENVELOPE_SUITE_NO] = { "suite",
	    "its algorithms are not ones that this program has", TL_EFORMAT },
	[ENVELOPE_COUNT] = { "count",
	    "it names no recipient, or more than there can be", TL_EFORMAT },
	[ENVELOPE_CLASS] = { "class", "it has a size that there is not",
	    TL_EFORMAT },
	[ENVELOPE_RESERVED] = { "reserved", "a byte that must be zero is not",
	    TL_EFORMAT },
	[ENVELOPE_LENGTH] = { "length", "it is cut, or longer than it says",
	    TL_EFORMAT },
	[ENVELOPE_TWICE] = { "twice", "it names one recipient twice",
	    TL_EFORMAT },
	[ENVELOPE_STRANGER] = { "stranger", "it is sealed to other keys",
	    TL_ENOENT },
	[ENVELOPE_DESTROYED] = { "destroyed",
	    "the key of its epoch was destroyed; nobody can open it any more",
	    TL_ESTALE },
	[ENVELOPE_RING] = { "ring",
	    "the ring with its key is damaged; take another copy", TL_EPROOF },
	[ENVELOPE_WRAP] = { "wrap",
	    "its wrapped key was changed since it was sealed", TL_EPROOF },
	[ENVELOPE_BODY] = { "body", "it was changed since it was sealed",
	    TL_EPROOF },
	[ENVELOPE_TAG] = { "tag", "its parts are not in their places",
	    TL_EFORMAT },
	[ENVELOPE_PADDING] = { "padding", "its content is not laid out as one",
	    TL_EFORMAT },
	[ENVELOPE_NO_MEMORY] = { "memory", "out of memory", TL_ENOMEM },
};

const char *envelope_fault_name(enum envelope_fault fault)
{
	return faults[fault].name;
}

const char *envelope_fault_text(enum envelope_fault fault)
{
	return faults[fault].text;
}

enum tl_err envelope_fault_err(enum envelope_fault fault)
{
	return faults[fault].err;
}
