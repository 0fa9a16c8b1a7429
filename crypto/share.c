/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/share.h"

#include <string.h>

#include <sodium.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#define FIRST            "tipline share 1 "
#define LINE_CHECK_BYTES 4u

static const char secret_prefix[] = "tipline share v1";
static const char *const kinds[SHARE_KINDS] = {
	[SHARE_IDENTITY] = "identity",
	[SHARE_RING] = "ring",
};

static const char *const fault_texts[SHARE_FAULTS] = {
	[SHARE_FINE] = "fine",
	[SHARE_NONE] = "there is no share",
	[SHARE_MIXED] = "is of another set than the first",
	[SHARE_TWICE] = "has a number that was there before",
	[SHARE_TOO_FEW] = "more shares are needed",
	[SHARE_WRONG] = "is false, though nothing in it is mistyped",
	[SHARE_NO_MEMORY] = "cannot be looked at: out of memory",
	[SHARE_SOME] = ("one of these shares is false; add one more, and it is"
			" told which"),
};

const char *share_kind_name(enum share_kind kind)
{
	return kinds[kind];
}

const char *share_fault_text(enum share_fault fault)
{
	return fault_texts[fault];
}

/* Behind the secret, and shared with it: by this it is known again. */
static void check_of(enum share_kind kind, const uint8_t *secret,
    uint8_t check[static SHARE_CHECK_BYTES])
{
	uint8_t message[sizeof(secret_prefix) + 1 + SHARE_SECRET_BYTES];
	uint8_t hash[HASH_BYTES];

	memcpy(message, secret_prefix, sizeof(secret_prefix));
	message[sizeof(secret_prefix)] = (uint8_t)kind;
	memcpy(message + sizeof(secret_prefix) + 1, secret, SHARE_SECRET_BYTES);
	hash_bytes(hash, message, sizeof(message));
	memcpy(check, hash, SHARE_CHECK_BYTES);
	wipe(message, sizeof(message));
	wipe(hash, sizeof(hash));
}

enum tl_err share_split(enum share_kind kind,
    const uint8_t secret[static SHARE_SECRET_BYTES], unsigned k, unsigned n,
    struct share *ret)
{
	const size_t all = SHARE_DATA_BYTES * (1u + SHAMIR_PARTS_MAX);
	uint8_t set[SHARE_SET_BYTES];
	uint8_t *data = secret_alloc(all);
	uint8_t *parts;
	enum tl_err err;

	if (data == NULL) {
		return TL_ENOMEM;
	}
	parts = data + SHARE_DATA_BYTES;
	memcpy(data, secret, SHARE_SECRET_BYTES);
	check_of(kind, secret, data + SHARE_SECRET_BYTES);
	random_bytes(set, sizeof(set));
	err = shamir_split(data, SHARE_DATA_BYTES, k, n, parts);
	for (unsigned i = 0; err == TL_OK && i < n; i++) {
		ret[i] = (struct share){
			.kind = kind,
			.k = k,
			.n = n,
			.number = i + 1,
		};
		memcpy(ret[i].set, set, sizeof(set));
		memcpy(ret[i].data, parts + i * SHARE_DATA_BYTES,
		    SHARE_DATA_BYTES);
	}
	secret_free(data);
	return err;
}

/* Hex of the first bytes of the hash of the line before it. */
static void put_check(struct buf *out, struct bytes line)
{
	uint8_t hash[HASH_BYTES];

	hash_bytes(hash, line.at, line.len);
	enc_hex(out, hash, LINE_CHECK_BYTES);
}

void share_print(struct buf *out, const struct share *share)
{
	size_t start = out->len;
	struct buf check;

	buf_put_str(out, FIRST);
	buf_put_str(out, kinds[share->kind]);
	buf_put_u8(out, ' ');
	enc_hex(out, share->set, SHARE_SET_BYTES);
	buf_put_u8(out, ' ');
	buf_put_dec(out, share->number);
	buf_put_str(out, " of ");
	buf_put_dec(out, share->n);
	buf_put_str(out, " need ");
	buf_put_dec(out, share->k);
	buf_put_u8(out, ' ');
	enc_hex(out, share->data, SHARE_DATA_BYTES);
	buf_put_u8(out, ' ');
	if (buf_err(out) != TL_OK) {
		return;
	}
	buf_init(&check, 2 * LINE_CHECK_BYTES);
	put_check(&check, bytes_of(out->data + start, out->len - start));
	buf_put(out, check.data, check.len);
	buf_put_u8(out, '\n');
	buf_free(&check);
}

static enum tl_err take_kind(struct bytes *line, enum share_kind *ret)
{
	for (unsigned i = 0; i < SHARE_KINDS; i++) {
		if (keytext_word(line, kinds[i]) == TL_OK) {
			*ret = (enum share_kind)i;
			return keytext_word(line, " ");
		}
	}
	return TL_EFORMAT;
}

static enum tl_err take_hex(struct bytes *line, uint8_t *bytes, size_t len)
{
	size_t got = 0;
	enum tl_err err;

	if (line->len < 2 * len) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < 2 * len; i++) {
		if (line->at[i] >= 'A' && line->at[i] <= 'F') {
			return TL_EFORMAT; /* one spelling of everything */
		}
	}
	err = dec_hex((const char *)line->at, 2 * len, bytes, len, &got);
	*line = bytes_of(line->at + 2 * len, line->len - 2 * len);
	return err == TL_OK ? keytext_word(line, " ") : TL_EFORMAT;
}

static enum tl_err take_count(
    struct bytes *line, const char *behind, unsigned *ret)
{
	uint64_t count = 0;
	enum tl_err err = keytext_number(line, SHAMIR_PARTS_MAX, &count);

	*ret = (unsigned)count;
	return err == TL_OK ? keytext_word(line, behind) : err;
}

static bool check_fits(struct bytes line)
{
	const size_t len = 2 * LINE_CHECK_BYTES;
	struct buf check;
	bool fits;

	if (line.len < len) {
		return false;
	}
	buf_init(&check, len);
	put_check(&check, bytes_of(line.at, line.len - len));
	fits = bytes_equal(bytes_of(check.data, check.len),
	    bytes_of(line.at + line.len - len, len));
	buf_free(&check);
	return fits;
}

enum tl_err share_parse(struct bytes line, struct share *ret)
{
	struct share share = { 0 };
	struct bytes rest = line;
	enum tl_err err = TL_EFORMAT;

	if (line.len >= SHARE_LINE_BYTES ||
	    keytext_word(&rest, FIRST) != TL_OK) {
		return TL_EFORMAT;
	}
	if (!check_fits(line)) {
		return TL_EPROOF;
	}
	if (take_kind(&rest, &share.kind) == TL_OK &&
	    take_hex(&rest, share.set, SHARE_SET_BYTES) == TL_OK &&
	    take_count(&rest, " of ", &share.number) == TL_OK &&
	    take_count(&rest, " need ", &share.n) == TL_OK &&
	    take_count(&rest, " ", &share.k) == TL_OK &&
	    take_hex(&rest, share.data, SHARE_DATA_BYTES) == TL_OK &&
	    rest.len == 2 * LINE_CHECK_BYTES && share.number >= 1 &&
	    share.number <= share.n && share.k >= 2 && share.k <= share.n) {
		*ret = share;
		err = TL_OK;
	}
	wipe(&share, sizeof(share));
	return err;
}

static bool same_set(const struct share *a, const struct share *b)
{
	return a->kind == b->kind && a->k == b->k && a->n == b->n &&
	    memcmp(a->set, b->set, SHARE_SET_BYTES) == 0;
}

static enum share_fault look_over(
    const struct share *shares, size_t n, size_t *ret_which)
{
	if (n == 0) {
		return SHARE_NONE;
	}
	for (size_t i = 0; i < n; i++) {
		*ret_which = i;
		if (!same_set(&shares[0], &shares[i])) {
			return SHARE_MIXED;
		}
		for (size_t j = 0; j < i; j++) {
			if (shares[i].number == shares[j].number) {
				return SHARE_TWICE;
			}
		}
	}
	return n < shares[0].k ? SHARE_TOO_FEW : SHARE_FINE;
}

/* What is needed while shares are put together. */
struct work {
	uint8_t x[SHAMIR_PARTS_MAX];
	uint8_t parts[SHAMIR_PARTS_MAX * SHARE_DATA_BYTES];
	uint8_t out[SHARE_DATA_BYTES];
	uint8_t check[SHARE_CHECK_BYTES];
};

static unsigned count_bits(unsigned bits)
{
	unsigned n = 0;

	for (; bits != 0; bits >>= 1) {
		n += bits & 1u;
	}
	return n;
}

/* Put the shares of this set of bits together; is it a key? */
static bool try_subset(
    struct work *work, const struct share *shares, size_t n, unsigned subset)
{
	unsigned k = 0;

	for (size_t i = 0; i < n; i++) {
		if ((subset >> i & 1u) != 0) {
			work->x[k] = (uint8_t)shares[i].number;
			memcpy(work->parts + k * SHARE_DATA_BYTES,
			    shares[i].data, SHARE_DATA_BYTES);
			k++;
		}
	}
	shamir_at(0, work->x, work->parts, k, SHARE_DATA_BYTES, work->out);
	check_of(shares[0].kind, work->out, work->check);
	return sodium_memcmp(work->check, work->out + SHARE_SECRET_BYTES,
		   SHARE_CHECK_BYTES) == 0;
}

/* The first share that does not lie on the polynomial of work; n if all do. */
static size_t find_false(
    const struct work *work, const struct share *shares, size_t n)
{
	uint8_t at[SHARE_DATA_BYTES];
	size_t i;

	for (i = 0; i < n; i++) {
		shamir_at(shares[i].number, work->x, work->parts, shares[0].k,
		    SHARE_DATA_BYTES, at);
		if (sodium_memcmp(at, shares[i].data, sizeof(at)) != 0) {
			break;
		}
	}
	wipe(at, sizeof(at));
	return i;
}

enum share_fault share_combine(const struct share *shares, size_t n,
    uint8_t secret[static SHARE_SECRET_BYTES], size_t *ret_which,
    bool *ret_found)
{
	enum share_fault fault = look_over(shares, n, ret_which);
	struct work *work;

	*ret_found = false;
	if (fault != SHARE_FINE) {
		return fault;
	}
	work = secret_alloc(sizeof(*work));
	if (work == NULL) {
		return SHARE_NO_MEMORY;
	}
	/* at most 16 different numbers, so at most 12,870 sets to try */
	fault = SHARE_SOME;
	for (unsigned subset = 0; subset < 1u << n && !*ret_found; subset++) {
		if (count_bits(subset) == shares[0].k &&
		    try_subset(work, shares, n, subset)) {
			*ret_found = true;
		}
	}
	if (*ret_found) {
		memcpy(secret, work->out, SHARE_SECRET_BYTES);
		*ret_which = find_false(work, shares, n);
		fault = *ret_which < n ? SHARE_WRONG : SHARE_FINE;
	}
	secret_free(work);
	return fault;
}
