/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "config/judge.h"

#include <string.h>

#include "config/value.h"

struct judge {
	const struct config *config;
	const struct config_marks *marks;
	struct config_said *said;
};

static const struct config_mark *mark_of(
    const struct judge *judge, const struct config_option *row, size_t set)
{
	static const struct config_mark none;

	return judge->marks == NULL
	    ? &none
	    : &judge->marks->options[set][config_option_index(row)];
}

/* Where the option stands, or else its section. */
static struct config_place place_of(
    const struct judge *judge, const struct config_option *row, size_t set)
{
	struct config_place place = mark_of(judge, row, set)->place;

	if (place.line > 0 || judge->marks == NULL) {
		return place;
	}
	if (set > 0) {
		return judge->marks->gateways[set - 1].place;
	}
	for (size_t i = 0; i < config_n_sections; i++) {
		if (config_option_in(row, &config_sections[i])) {
			place = judge->marks->sections[i].place;
		}
	}
	return place;
}

/* A value that was refused is not judged a second time. */
static bool both_good(const struct judge *judge, const char *a, const char *b)
{
	return !mark_of(judge, config_option_of(a), 0)->bad &&
	    !mark_of(judge, config_option_of(b), 0)->bad;
}

static struct config_place place_of_key(
    const struct judge *judge, const char *key)
{
	return place_of(judge, config_option_of(key), 0);
}

static bool list_has(const struct config_list *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->items[i], text) == 0) {
			return true;
		}
	}
	return false;
}

/* Version 3, the only one there is: base32 of key, checksum and version. */
static bool is_onion(const char *host)
{
	return strspn(host, "abcdefghijklmnopqrstuvwxyz234567") == 56 &&
	    strcmp(host + 56, ".onion") == 0;
}

#define ONION_WANTED \
	"56 letters a-z and digits 2-7 and .onion are wanted, without" \
	" http:// and without a path"

static void judge_site(const struct judge *judge)
{
	const struct config_site *site = &judge->config->site;
	bool has_default = false;

	if (site->onion[0] != '\0' && !is_onion(site->onion)) {
		config_complain(judge->said, place_of_key(judge, "site.onion"),
		    "site.onion: " ONION_WANTED);
	}
	if (both_good(judge, "site.languages", "site.default_language") &&
	    !list_has(&site->languages, site->default_language)) {
		config_complain(judge->said,
		    place_of_key(judge, "site.default_language"),
		    "site.default_language: %s is not among site.languages",
		    site->default_language);
	}
	if (!both_good(judge, "site.languages", "site.exit_urls")) {
		return;
	}
	for (size_t i = 0; i < site->exit_urls.n; i++) {
		const char *key = site->exit_urls.items[i].key;

		if (strcmp(key, "default") == 0) {
			has_default = true;
		} else if (!list_has(&site->languages, key)) {
			config_complain(judge->said,
			    place_of_key(judge, "site.exit_urls"),
			    "site.exit_urls: %s is not among site.languages",
			    key);
		}
	}
	if (!has_default) {
		config_complain(judge->said,
		    place_of_key(judge, "site.exit_urls"),
		    "site.exit_urls: default=URL is missing, for the languages"
		    " that have no page of their own");
	}
}

static void judge_pair(const struct judge *judge, const char *cert_key,
    const char *cert, const char *key_key, const char *key)
{
	bool has_cert = cert[0] != '\0';
	bool has_key = key[0] != '\0';

	if (has_cert != has_key && both_good(judge, cert_key, key_key)) {
		config_complain(judge->said,
		    place_of_key(judge, has_cert ? cert_key : key_key),
		    "%s needs %s beside it", has_cert ? cert_key : key_key,
		    has_cert ? key_key : cert_key);
	}
}

static void judge_tls(const struct judge *judge)
{
	const struct config_intake *intake = &judge->config->intake;

	judge_pair(judge, "intake.tls_cert_ecdsa", intake->tls_cert_ecdsa,
	    "intake.tls_key_ecdsa", intake->tls_key_ecdsa);
	judge_pair(judge, "intake.tls_cert_rsa", intake->tls_cert_rsa,
	    "intake.tls_key_rsa", intake->tls_key_rsa);
	if (intake->listen.n > 0 && intake->tls_cert_ecdsa[0] == '\0' &&
	    intake->tls_cert_rsa[0] == '\0' &&
	    both_good(judge, "intake.tls_cert_ecdsa", "intake.tls_cert_rsa")) {
		config_complain(judge->said,
		    place_of_key(judge, "intake.listen"),
		    "intake.listen needs a certificate: set"
		    " intake.tls_cert_ecdsa and intake.tls_key_ecdsa");
	}
}

static void judge_order(const struct judge *judge, const char *low_key,
    uint64_t low, const char *high_key, uint64_t high)
{
	if (low > high && both_good(judge, low_key, high_key)) {
		config_complain(judge->said, place_of_key(judge, low_key),
		    "%s must not be more than %s", low_key, high_key);
	}
}

static void judge_numbers(const struct judge *judge)
{
	const struct config *config = judge->config;

	judge_order(judge, "spool.min_free", config->spool.min_free_bytes,
	    "spool.low_free", config->spool.low_free_bytes);
	judge_order(judge, "relay.delay_min", config->relay.delay_min_ms,
	    "relay.delay_max", config->relay.delay_max_ms);
	judge_order(judge, "relay.again_urgent", config->relay.again_urgent_ms,
	    "relay.again", config->relay.again_ms);
}

/* Each socket has rights of its own, so each is a file of its own. */
static void judge_sockets(const struct judge *judge)
{
	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);
		const char *path;

		if (row->file != FILE_SOCKET) {
			continue;
		}
		path = *config_string(judge->config, row);
		for (size_t j = 0; path[0] != '\0' && j < i; j++) {
			const struct config_option *other = config_option_at(j);

			if (other->file == FILE_SOCKET &&
			    strcmp(path,
				*config_string(judge->config, other)) == 0) {
				config_complain(judge->said,
				    place_of(judge, row, 0),
				    "%s and %s must not be the same socket",
				    row->key, other->key);
			}
		}
	}
}

/* What is sent must be known again, and have somewhere to go. */
static void judge_canary(const struct judge *judge)
{
	const struct config *config = judge->config;
	const struct config_desk *desk = &config->desk;
	const char *key = desk->canary_web[0] != '\0' ? "desk.canary_web"
						      : "desk.canary_onion";

	if (desk->canary_onion[0] != '\0' && !is_onion(desk->canary_onion)) {
		config_complain(judge->said,
		    place_of_key(judge, "desk.canary_onion"),
		    "desk.canary_onion: " ONION_WANTED);
	}
	if ((desk->canary_web[0] != '\0' || desk->canary_onion[0] != '\0') &&
	    desk->canary_file[0] == '\0' &&
	    both_good(judge, key, "desk.canary_file")) {
		config_complain(judge->said, place_of_key(judge, key),
		    "%s needs desk.canary_file beside it", key);
	}
	for (size_t i = 0; i < config->n_gateways; i++) {
		const struct config_gateway *gateway = &config->gateways[i];

		if (gateway->canary_secret_file[0] != '\0' &&
		    desk->canary_web[0] == '\0') {
			config_complain(judge->said,
			    place_of(judge,
				config_option_of("gateway.canary_secret_file"),
				i + 1),
			    "gateway.canary_secret_file needs desk.canary_web");
		}
	}
}

/* The secret files of one gateway: row 0 its secret, row 1 the previous. */
static const char *secret_of(const struct config_gateway *gateway, size_t i)
{
	return i == 0 ? gateway->secret_file : gateway->previous_secret_file;
}

static const struct config_option *secret_row(size_t i)
{
	return config_option_of(
	    i == 0 ? "gateway.secret_file" : "gateway.previous_secret_file");
}

/*
 * Several schemes do not sign the URL: with a secret that two gateways share,
 * a message signed for one is genuine for the other.
 */
static void judge_secrets(const struct judge *judge)
{
	const struct config *config = judge->config;

	for (size_t i = 0; i < config->n_gateways * 2; i++) {
		const struct config_gateway *mine = &config->gateways[i / 2];
		const char *path = secret_of(mine, i % 2);

		for (size_t j = 0; path[0] != '\0' && j < i; j++) {
			const struct config_gateway *other =
			    &config->gateways[j / 2];

			if (strcmp(path, secret_of(other, j % 2)) != 0) {
				continue;
			}
			config_complain(judge->said,
			    place_of(judge, secret_row(i % 2), i / 2 + 1),
			    "%s: the same file as %s of [gateway %s]; give"
			    " each its own secret",
			    secret_row(i % 2)->key, secret_row(j % 2)->key,
			    other->name);
		}
	}
}

static void judge_gateways(const struct judge *judge)
{
	const struct config_option *row =
	    config_option_of("gateway.fallback_url");

	for (size_t i = 0; i < judge->config->n_gateways; i++) {
		const struct config_gateway *gateway =
		    &judge->config->gateways[i];

		if (gateway->fallback_url[0] != '\0' &&
		    strcmp(gateway->fallback_url, gateway->url) == 0) {
			config_complain(judge->said,
			    place_of(judge, row, i + 1),
			    "gateway.fallback_url is the same as gateway.url;"
			    " name a second host");
		}
	}
}

static void need(const struct judge *judge, const struct config_option *row,
    const void *base, size_t set)
{
	const char *field = (const char *)base + row->field;

	if (mark_of(judge, row, set)->bad || !config_value_empty(row, field)) {
		return;
	}
	if (set > 0) {
		config_complain(judge->said, place_of(judge, row, set),
		    "[gateway %s] needs %s; for example: %s = %s",
		    judge->config->gateways[set - 1].name,
		    config_option_name(row), config_option_name(row),
		    row->example);
	} else {
		config_complain(judge->said, place_of(judge, row, set),
		    "%s is missing; for example: %s = %s", row->key,
		    config_option_name(row), row->example);
	}
}

void config_judge_needs(const struct config *config, unsigned programs,
    const struct config_marks *marks, struct config_said *said)
{
	struct judge judge = { config, marks, said };
	const struct config_section *gateway =
	    config_section_find(bytes_str("gateway"));

	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);

		if ((row->needs & programs) == 0 ||
		    (row == config_option_of("redis.socket") &&
			config->redis.sentinels.n > 0)) {
			continue;
		}
		if (!config_option_in(row, gateway)) {
			need(&judge, row, config, 0);
			continue;
		}
		for (size_t g = 0; g < config->n_gateways; g++) {
			need(&judge, row, &config->gateways[g], g + 1);
		}
	}
}

void config_judge(const struct config *config, const struct config_marks *marks,
    struct config_said *said)
{
	struct judge judge = { config, marks, said };

	judge_site(&judge);
	judge_tls(&judge);
	judge_numbers(&judge);
	judge_sockets(&judge);
	judge_secrets(&judge);
	judge_gateways(&judge);
	judge_canary(&judge);
	config_judge_needs(config, config->programs, marks, said);
}
