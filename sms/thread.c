/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/thread.h"

#include "crypto/hash.h"
#include "sms/sender.h"

#define WHO_NUMBER    1u /* in E.164: the same person at every gateway */
#define WHO_OTHER     0u /* behind the gateway's name */
#define WHO_MAX_BYTES 256u

static const char prefix[] = "tipline thread v1"; /* with its NUL */

static void put_who(const struct sms_gateway *gateway,
    const struct sms_message *message, struct buf *out)
{
	if (message->from_e164.len > 0) {
		buf_put_u8(out, WHO_NUMBER);
		buf_put(out, message->from_e164.at, message->from_e164.len);
		return;
	}
	buf_put_u8(out, WHO_OTHER);
	buf_put_str(out, gateway->name);
	buf_put_u8(out, 0);
	buf_put(out, message->from.at, message->from.len);
}

static bool name_in(const uint8_t key[static 32],
    const struct sms_gateway *gateway, const struct sms_message *message,
    uint64_t period, uint8_t ret_name[static THREAD_BYTES])
{
	struct buf what;
	bool good;

	buf_init(&what, WHO_MAX_BYTES);
	buf_put(&what, prefix, sizeof(prefix));
	buf_put_u64(&what, period);
	put_who(gateway, message, &what);
	good = buf_err(&what) == TL_OK;
	if (good) {
		hash_keyed(ret_name, THREAD_BYTES, key, what.data, what.len);
	}
	buf_free(&what);
	return good;
}

bool thread_of(const uint8_t key[static 32], const struct sms_gateway *gateway,
    const struct sms_message *message, int64_t now_s, struct thread *ret)
{
	uint64_t period =
	    now_s < THREAD_PERIOD_S ? 1 : (uint64_t)now_s / THREAD_PERIOD_S;
	struct thread thread;

	if (message->from.len == 0 ||
	    !name_in(key, gateway, message, period, thread.now) ||
	    !name_in(key, gateway, message, period - 1, thread.before)) {
		return false;
	}
	*ret = thread;
	return true;
}
