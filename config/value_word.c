/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Is one word right for its type? Values of options that lead to secrets are
 * never shown: people paste the secret where the path belongs. */
#include "config/value.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum tl_err bad(const struct config_value *value,
    const struct config_word *word, const char *what)
{
	config_complain(value->said, config_value_place(value, word->at),
	    "%s: %s", value->row->key, what);
	return TL_EINVAL;
}

/* Whoever pastes a secret where its file belongs would have it in every
 * backup of the configuration. */
static bool looks_like_secret(const char *text)
{
	return strncmp(text, "whsec_", 6) == 0 ||
	    strncmp(text, "-----BEGIN", 10) == 0;
}

/* Drop empty and "." steps and a slash at the end. ".." stays: what it means
 * is known to the disk alone. Shrinks in place. */
static void tidy_path(char *path)
{
	char *to = path;

	for (const char *from = path; *from != '\0';) {
		size_t len = 0;

		while (*from == '/') {
			from++;
		}
		len = strcspn(from, "/");
		if (len > 0 && !(len == 1 && from[0] == '.')) {
			*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	if (to == path) {
		*to++ = '/';
	}
	*to = '\0';
}

static enum tl_err judge_path(
    const struct config_value *value, struct config_word *word)
{
	char *path = NULL;

	if (looks_like_secret(word->text)) {
		return bad(value, word,
		    "this is a secret itself; write it into a file of mode"
		    " 0600 and the file's path here");
	}
	if (word->text[0] == '~') {
		return bad(value, word,
		    "~ is not known here; write the whole path, from /");
	}
	if (word->text[0] == '\0') {
		return bad(value, word, "a path is missing between the quotes");
	}
	if (word->text[0] == '/') {
		tidy_path(word->text);
	} else {
		if (asprintf(&path, "%s/%s", value->folder, word->text) < 0) {
			return TL_ENOMEM;
		}
		free(word->text);
		word->text = path;
		tidy_path(word->text);
	}
	if (value->row->type != OPT_PATH &&
	    strlen(word->text) > CONFIG_PATH_BYTES_MAX) {
		return bad(value, word, "the whole path is too long");
	}
	return TL_OK;
}

static enum tl_err judge_one_of(const struct config_value *value,
    const struct config_word *word, const char *what, const char *const *words)
{
	char all[CONFIG_RANGE_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(word->text, words[i]) == 0) {
			return TL_OK;
		}
		len += (size_t)snprintf(
		    all + len, sizeof(all) - len, " %s", words[i]);
	}
	config_complain(value->said, config_value_place(value, word->at),
	    "%s: no %s of ours; there are%s", value->row->key, what, all);
	return TL_EINVAL;
}

static enum tl_err judge_name(
    const struct config_value *value, const struct config_word *word)
{
	if (!config_is_name(bytes_str(word->text))) {
		return bad(value, word,
		    "a name has a-z, 0-9 and - only and begins with a letter or"
		    " digit");
	}
	return TL_OK;
}

enum tl_err config_word_phone(const struct config_value *value,
    const struct config_word *word, size_t skip)
{
	const char *text = word->text + skip;

	if (strspn(text, "+0123456789 ()-*#") != strlen(text) ||
	    strpbrk(text, "0123456789") == NULL) {
		return bad(value, word,
		    "a telephone number has digits, spaces and + ( ) - * #"
		    " only");
	}
	return TL_OK;
}

static enum tl_err judge_region(
    const struct config_value *value, const struct config_word *word)
{
	const char *text = word->text;

	if (strlen(text) != 2 || text[0] < 'A' || text[0] > 'Z' ||
	    text[1] < 'A' || text[1] > 'Z') {
		return bad(value, word,
		    "two capital letters of ISO 3166 are wanted, such as KH");
	}
	return TL_OK;
}

static enum tl_err judge_address(
    const struct config_value *value, const struct config_word *word)
{
	const char *colon = strrchr(word->text, ':');
	char host[INET6_ADDRSTRLEN + 2] = "";
	unsigned char parsed[sizeof(struct in6_addr)];
	unsigned port = 0;
	size_t len = colon == NULL ? 0 : (size_t)(colon - word->text);
	int right = 0;

	if (len == 0 || len >= sizeof(host)) {
		return bad(value, word,
		    "ADDRESS:PORT is wanted, such as 0.0.0.0:443 or [::]:443");
	}
	memcpy(host, word->text, len);
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		right = inet_pton(AF_INET6, host + 1, parsed);
	} else {
		right = inet_pton(AF_INET, host, parsed);
	}
	if (right != 1) {
		return bad(value, word,
		    "the address must be numbers, such as 0.0.0.0:443 or"
		    " [::]:443; names are not looked up");
	}
	for (const char *at = colon + 1; *at >= '0' && *at <= '9'; at++) {
		port = port < 100000 ? port * 10 + (unsigned)(*at - '0') : port;
	}
	if (strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    colon[1] == '0' || port < 1 || port > 65535) {
		return bad(value, word, "a port is a number from 1 to 65535");
	}
	return TL_OK;
}

/* A colon and no slash: an address. A path with a colon begins with / or ./ */
static enum tl_err judge_place(
    const struct config_value *value, struct config_word *word)
{
	if (strchr(word->text, '/') == NULL &&
	    strchr(word->text, ':') != NULL) {
		return judge_address(value, word);
	}
	return judge_path(value, word);
}

/* ADDRESS:PORT=PLACE; both halves are judged, the second may become longer. */
static enum tl_err judge_route(
    const struct config_value *value, struct config_word *word)
{
	char *equals = strchr(word->text, '=');
	struct config_word from = { .at = word->at };
	struct config_word to = { .at = word->at };
	char *whole = NULL;
	enum tl_err err = TL_ENOMEM;

	if (equals == NULL) {
		return bad(value, word,
		    "ADDRESS:PORT=PATH is wanted: what the Sentinels name, and"
		    " where the tunnel to it begins here");
	}
	from.text = strndup(word->text, (size_t)(equals - word->text));
	to.text = strdup(equals + 1);
	if (from.text != NULL && to.text != NULL) {
		err = judge_address(value, &from);
	}
	if (err == TL_OK) {
		err = judge_place(value, &to);
	}
	if (err == TL_OK && asprintf(&whole, "%s=%s", from.text, to.text) < 0) {
		whole = NULL;
		err = TL_ENOMEM;
	}
	if (err == TL_OK) {
		free(word->text);
		word->text = whole;
	}
	free(from.text);
	free(to.text);
	return err;
}

enum tl_err config_word_judge(
    const struct config_value *value, struct config_word *word)
{
	switch (value->row->type) {
	case OPT_NAME:
		return judge_name(value, word);
	case OPT_PHONE:
		return config_word_phone(value, word, 0);
	case OPT_REGION:
		return judge_region(value, word);
	case OPT_LANGUAGE:
	case OPT_LANGUAGES:
		return judge_one_of(value, word, "language", config_languages);
	case OPT_WORDS:
		return judge_one_of(value, word, "word", value->row->words);
	case OPT_ORIGIN:
	case OPT_URL:
		return config_word_url(value, word, 0);
	case OPT_PATH:
	case OPT_PATHS:
		return judge_path(value, word);
	case OPT_ADDRESSES:
		return judge_address(value, word);
	case OPT_PLACE:
	case OPT_PLACES:
		return judge_place(value, word);
	case OPT_ROUTES:
		return judge_route(value, word);
	case OPT_STRING:
	case OPT_URL_MAP:
	case OPT_PHONE_MAP:
	case OPT_INTEGER:
	case OPT_SIZE:
	case OPT_DURATION:
	case OPT_WORD:
	case OPT_TYPES_END:
		break;
	}
	return TL_OK;
}
