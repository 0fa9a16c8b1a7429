/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/place.h"

#include <stdio.h>

#define DEGREES_BYTES 32u

/* "-11.5564": not more of it than what every reader of geo: knows. */
static bool is_degrees(struct bytes text, unsigned max)
{
	size_t i = text.len > 0 && text.at[0] == '-' ? 1 : 0;
	size_t first = i;
	unsigned whole = 0;

	if (text.len >= DEGREES_BYTES) {
		return false;
	}
	for (; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++) {
		whole = whole * 10 + text.at[i] - (unsigned)'0';
		if (whole > max) {
			return false;
		}
	}
	if (i == first || i == text.len) {
		return i > first;
	}
	if (text.at[i] != '.' || i + 1 == text.len) {
		return false;
	}
	for (i++; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9') {
			return false;
		}
	}
	return true;
}

bool place_add(struct sms_batch *batch, struct sms_message *message,
    struct bytes lat, struct bytes lon)
{
	char url[sizeof("geo:,") + 2 * DEGREES_BYTES];

	if (message->n_media == SMS_MEDIA_MAX || !is_degrees(lat, 90) ||
	    !is_degrees(lon, 180)) {
		return false;
	}
	(void)snprintf(url, sizeof(url), "geo:%.*s,%.*s", (int)lat.len,
	    (const char *)lat.at, (int)lon.len, (const char *)lon.at);
	message->media[message->n_media++] = (struct sms_media){
		sms_batch_keep(batch, bytes_str("location")),
		sms_batch_keep(batch, bytes_str(url)),
	};
	return true;
}

void place_name(struct sms_batch *batch, struct sms_message *message,
    struct bytes label, struct bytes address)
{
	struct bytes lines[] = { message->text, label, address };

	if (bytes_equal(label, message->text)) {
		lines[1].len = 0;
	}
	if (bytes_equal(address, message->text) ||
	    bytes_equal(address, label)) {
		lines[2].len = 0;
	}
	message->text = sms_batch_lines(batch, lines, 3);
}
