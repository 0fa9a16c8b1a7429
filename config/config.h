/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/config.h - what the operator has set, read and judged as a whole.
 *
 * Promise:   a configuration that was loaded is complete and in range for
 *            the programs whose sections it has; a wrong one is reported
 *            whole, every mistake with file, line and column, and what would
 *            be right. Values of options that lead to secrets are not shown.
 * Knows not: what the programs do with it; how the files it names look
 *            inside.
 * Runs in:   every program, at start and reload, before strangers are heard.
 * Disk:      reads one file of at most CONFIG_FILE_BYTES_MAX.
 *
 * The file: `[section]` lines, `key = value` lines, `#` comments on lines of
 * their own. Relative paths start at the file's folder. The options, their
 * ranges and texts are the rows of config/options_*.c; tipline.conf(5) is
 * printed from them.
 */
#ifndef TL_CONFIG_CONFIG_H
#define TL_CONFIG_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define CONFIG_FILE_BYTES_MAX (1024u * 1024u)
#define CONFIG_LINE_BYTES_MAX 4096u
#define CONFIG_GATEWAYS_MAX   64u

/* Who reads an option. */
enum config_program {
	CONFIG_INTAKE = 1u << 0,
	CONFIG_SPOOL = 1u << 1,
	CONFIG_RELAY = 1u << 2,
	CONFIG_DESK = 1u << 3,
	CONFIG_CLI = 1u << 4, /* the tipline command */
};

/* items ends with NULL and may itself be NULL when n is 0. */
struct config_list {
	char **items;
	size_t n;
};

struct config_pair {
	char *key;
	char *value;
};

struct config_map {
	struct config_pair *items;
	size_t n;
};

/*
 * Strings, paths and URLs are never NULL: what is not set is "". Paths are
 * absolute. Addresses are "127.0.0.1:8443" or "[::1]:8443".
 */
struct config_site {
	char *public_url; /* https://host[:port], no slash at the end */
	struct config_list languages;
	char *default_language; /* one of languages */
	char *title;
	char *urgent_call;
	const char *urgent_free;        /* yes no */
	struct config_map urgent_calls; /* country to number */
	struct config_list questions;   /* that are asked after the tip */
	char *words;                    /* a folder, or "" */
	char *recordings;               /* a folder, or "" */
	char *onion;                    /* host, or "" */
	const char *interruption;       /* block page */
	struct config_map exit_urls;    /* language or "default" to URL */
};

struct config_intake {
	struct config_list listen; /* addresses; empty: inherited only */
	char *onion_socket;
	char *admin_socket;
	char *tls_cert_ecdsa;
	char *tls_key_ecdsa;
	char *tls_cert_rsa;
	char *tls_key_rsa;
	unsigned workers; /* 0: one for each core */
	unsigned max_connections;
	unsigned worker_requests;
	unsigned code_pool;
	struct config_list team_keys; /* lists of teams */
	struct config_list team_identities;
	char *signing_key;
	char *pepper;
	char *dedup_key;
	char *rules;             /* "": the compiled-in ones */
	char *keywords;          /* the same */
	const char *urgent_mark; /* yes no */
	uint64_t file_max_bytes;
	uint64_t files_max_bytes; /* of one form */
	unsigned forms_minute;
	unsigned code_tries;
	uint64_t wait_max_ms;
	const char *count_near; /* yes no */
};

struct config_spool {
	char *path; /* a folder */
	char *intake_socket;
	char *relay_socket;
	char *admin_socket;
	struct config_list receipt_keys;
	uint64_t min_free_bytes;
	uint64_t low_free_bytes;
	unsigned web_share; /* percent */
	unsigned sms_share;
	unsigned voice_share;
	unsigned desk_share;
	unsigned files_share;
	unsigned max_records;
	unsigned group_records;
	char *backup; /* a folder; "": none is looked for */
};

struct config_redis {
	char *socket; /* a path, or address:port */
	struct config_list sentinels;
	char *sentinel_name;
	char *sentinel_password_file;
	struct config_list routes; /* address:port=place */
	char *relay_password_file; /* "": the relay gives no password */
	char *desk_user;
	char *desk_group;
	char *desk_password_file;  /* "": the desk gives no password */
	char *admin_password_file; /* "": the group is made by hand */
	char *janitor_password_file;
	uint64_t memory_bytes; /* its maxmemory */
	uint64_t keep_tips_ms;
	unsigned replicas;
};

struct config_relay {
	uint64_t delay_min_ms;
	uint64_t delay_max_ms;
	unsigned credit; /* records */
	uint64_t again_ms;
	uint64_t again_urgent_ms;
};

struct config_desk {
	char *team_ring;
	char *receipt_key;
	struct config_list intake_keys;
	char *ledger; /* a folder */
	uint64_t quarantine_max_bytes;
	uint64_t min_free_bytes; /* of the ledger's disk */
	uint64_t idle_lock_ms;
	char *name;
	char *canary_file;
	/* doors for test texts; "": none is sent there */
	char *canary_web;   /* the form's origin */
	char *canary_onion; /* x.onion */
	char *canary_tor;   /* a socket, or address:port */
	uint64_t canary_silence_ms;
	char *signing_key;
	struct config_list case_keys;
	char *backup;              /* as in the spool */
	struct config_list listen; /* addresses */
	char *socket;              /* behind a proxy; "": none */
	char *tls_cert, *tls_key;
	char *ui; /* a folder */
	char *partners;
	/* what leaves this host */
	char *ca_file; /* "": Debian's */
	char *sms_hours;
	const char *sms_own_words; /* "yes" "no" */
	unsigned sms_parts_day;
	char *alarm_url;
	char *alarm_secret_file;
	char *alarm_command;
	const char *alarm_says; /* "counts" "ids" */
	uint64_t alarm_unopened_ms;
};

struct config_gateway {
	char *name;
	const char *type; /* of config_gateway_types; literal */
	char *secret_file;
	char *previous_secret_file;
	char *url; /* if it was not set: public_url/sms/name */
	char *fallback_url;
	char *region;        /* two capital letters */
	const char *numbers; /* "e164" "international" "national" "raw" */
	char *account;
	const char *sig_method; /* literal; "default": the type's first */
	/* of type custom, see sms/custom.h */
	char *custom_fields, *custom_reading, *custom_proof, *custom_answer;
	char *custom_answer_body;
	const char *custom_answer_body_is_safe; /* "yes" "no" */
	/* of the team's host */
	char *api_url;
	char *api_user;
	char *api_secret_file;
	char *number;
	const char *erase;      /* literal: "redact" "delete" "off" */
	const char *send;       /* "yes" "no" */
	const char *auto_reply; /* "none" "neutral-once" "on-request" */
	char *auto_reply_lang, *auto_reply_quiet;
	uint64_t silence_ms;
	char *canary_secret_file; /* "": no test texts as this partner */
};

struct config {
	char *path; /* of the file, as it was named */
	struct config_site site;
	struct config_intake intake;
	struct config_spool spool;
	struct config_redis redis;
	struct config_relay relay;
	struct config_desk desk;
	struct config_gateway *gateways;
	size_t n_gateways;
	unsigned programs; /* those whose sections the file has */
};

/* Gets one mistake at a time: a sentence without a newline, borrowed for the
 * call. */
typedef void (*config_say_fn)(void *arg, const char *sentence);

/*
 * Read and judge the file; every mistake goes to say_error(). Gives
 * *ret_config: the caller ends it with config_free(). Returns TL_ENOENT or
 * TL_EIO if the file cannot be read, TL_EINVAL for mistakes in it, TL_ENOMEM.
 * Needed options are those of the programs whose section the file has.
 */
TL_MUST_CHECK enum tl_err config_load(
    const char *path, struct config **ret_config);

/*
 * The same for bytes in memory: name stands in front of the mistakes, folder
 * (absolute) in front of relative paths. Borrows all of it. Pure.
 */
TL_MUST_CHECK enum tl_err config_parse(struct bytes text, const char *name,
    const char *folder, config_say_fn say, void *arg,
    struct config **ret_config);

/* NULL is fine. */
void config_free(struct config *config);

/*
 * Say each option without which one of programs (enum config_program, or'ed)
 * cannot work. A program calls it after config_load(), since its own section
 * may be missing from the file. TL_EINVAL if something was said.
 */
TL_MUST_CHECK enum tl_err config_need(const struct config *config,
    unsigned programs, config_say_fn say, void *arg);

/*
 * Look at the files that the options of programs name: are they there,
 * readable, and secret ones closed to others? Each gateway's secret must be
 * its own. TL_EPERM if something was said.
 */
TL_MUST_CHECK enum tl_err config_check_files(const struct config *config,
    unsigned programs, config_say_fn say, void *arg);

/* Gets one path at a time, borrowed for the call. */
typedef void (*config_file_fn)(void *arg, const char *path);

/* The file itself, and all files and folders (no sockets) that the options of
 * programs name, whether they are there or not. */
void config_each_file(const struct config *config, unsigned programs,
    config_file_fn fn, void *arg);

/* Of these the keys, rings and secrets alone. */
void config_each_secret(const struct config *config, unsigned programs,
    config_file_fn fn, void *arg);

/*
 * Each secret that lies in the folder of the ledger or below: the one part of
 * the console that has Redis may read and write all of that folder (landlock
 * knows no less). Told are those that the configuration names, and files that
 * are called like keys, rings and passwords. Nothing is told where no ledger
 * is.
 */
void config_each_in_ledger(
    const struct config *config, config_file_fn fn, void *arg);

/* A config_say_fn that gives the sentence to say_error(). arg is not used. */
void config_say_error(void *arg, const char *sentence);

/* Append the whole effective configuration; parsed again it is the same. */
void config_print(const struct config *config, struct buf *out);

/* Append the commented sample file: every option, its text, its default. */
void config_sample(struct buf *out);

/* Append the man page tipline.conf(5) in roff. */
void config_man(struct buf *out);

#endif
