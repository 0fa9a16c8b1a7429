/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/sms_fuzz.h - any bytes as a request of one type of gateway, for
 * the fuzz targets of the adapters.
 */
#ifndef TL_TESTS_LIB_SMS_FUZZ_H
#define TL_TESTS_LIB_SMS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * data is "GET query" or "POST query" in one line, lines of headers, an empty
 * line, the body. It is taken twice: with its proof checked, and with any
 * proof holding; what comes out must be what sms/gateway.h promises.
 */
void sms_fuzz(const char *type, const uint8_t *data, size_t len);

/* The same for type custom with these options. */
struct custom_words;
void sms_fuzz_custom(
    const struct custom_words *words, const uint8_t *data, size_t len);

#endif
