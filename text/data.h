/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/data.h - the files of data/ that are compiled in, byte for byte, by
 * text/tool_data.c.
 */
#ifndef TL_TEXT_DATA_H
#define TL_TEXT_DATA_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t data_rules[];
extern const size_t data_rules_len;
extern const uint8_t data_keywords[];
extern const size_t data_keywords_len;
extern const uint8_t data_stopwords[];
extern const size_t data_stopwords_len;
extern const uint8_t data_function_words[];
extern const size_t data_function_words_len;
extern const uint8_t data_map_hosts[];
extern const size_t data_map_hosts_len;
extern const uint8_t data_phrases[];
extern const size_t data_phrases_len;
extern const uint8_t data_htcds[];
extern const size_t data_htcds_len;
extern const uint8_t data_htcds_values[];
extern const size_t data_htcds_values_len;

#endif
