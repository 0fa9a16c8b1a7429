/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/twilio_url.h"

#include <string.h>
#include <time.h>

#include "sms/provider_row.h"

#define ACCOUNTS   "/2010-04-01/Accounts/"
#define URL_UNSAFE "\"'<>\\^`{|}#"

void twilio_url_front(const struct provider_account *account, struct buf *out)
{
	buf_put_str(out, ACCOUNTS);
	buf_put_str(out, account->gateway->account);
	buf_put_str(out, "/Messages");
}

void twilio_url_put(const struct provider_account *account, struct buf *url)
{
	struct bytes base = provider_base(account);

	buf_put(url, base.at, base.len);
	twilio_url_front(account, url);
}

bool twilio_url_is_page(
    const struct provider_account *account, struct bytes path)
{
	struct buf front;
	bool ours;

	buf_init(&front, PROVIDER_URL_MAX_BYTES);
	twilio_url_front(account, &front);
	ours = buf_err(&front) == TL_OK && path.len > front.len &&
	    path.len < PROVIDER_URL_MAX_BYTES / 2 &&
	    memcmp(path.at, front.data, front.len) == 0 &&
	    (path.at[front.len] == '?' || path.at[front.len] == '.');
	for (size_t i = 0; ours && i < path.len; i++) {
		ours = path.at[i] > ' ' && path.at[i] <= '~' &&
		    strchr(URL_UNSAFE, path.at[i]) == NULL &&
		    !(path.at[i] == '.' && i > 0 && path.at[i - 1] == '.');
	}
	buf_free(&front);
	return ours;
}

void twilio_url_query(
    const struct provider_account *account, int64_t from_s, struct buf *url)
{
	const char *number = account->number;
	struct tm day = { 0 };
	time_t from = (time_t)from_s;
	char text[sizeof("9999-12-31")] = "";

	buf_put_str(url, TWILIO_URL_LIST);
	if (account->provider != &provider_twilio) {
		return;
	}
	if (gmtime_r(&from, &day) != NULL) {
		(void)strftime(text, sizeof(text), "%Y-%m-%d", &day);
	}
	buf_put_str(url, "&DateSent%3E=");
	buf_put_str(url, text);
	if (number != NULL && number[0] != '\0') {
		buf_put_str(url, "&To=");
		for (const char *c = number; *c != '\0'; c++) {
			if (*c == '+') {
				buf_put_str(url, "%2B");
			} else {
				buf_put_u8(url, (uint8_t)*c);
			}
		}
	}
}
