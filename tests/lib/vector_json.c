/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/vector_json.h"

#include "base/enc.h"

static void put_name(struct buf *out, const char *name)
{
	buf_put_str(out, "\"");
	buf_put_str(out, name);
	buf_put_str(out, "\": ");
}

void vector_json_text(struct buf *out, const char *name, const char *text)
{
	put_name(out, name);
	buf_put_str(out, "\"");
	buf_put_str(out, text);
	buf_put_str(out, "\"");
}

void vector_json_number(struct buf *out, const char *name, size_t number)
{
	put_name(out, name);
	buf_put_dec(out, number);
}

void vector_json_hex(
    struct buf *out, const char *name, const uint8_t *bytes, size_t len)
{
	put_name(out, name);
	buf_put_str(out, "\"");
	enc_hex(out, bytes, len);
	buf_put_str(out, "\"");
}

void vector_json_b64(
    struct buf *out, const char *name, const uint8_t *bytes, size_t len)
{
	put_name(out, name);
	buf_put_str(out, "\"");
	enc_b64(out, B64_STD, bytes, len);
	buf_put_str(out, "\"");
}
