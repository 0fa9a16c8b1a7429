/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/canary.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/read_file.h"
#include "cli/cli.h"
#include "crypto/secret.h"
#include "desk/planted.h"
#include "desk/secret_file.h"
#include "sms/canary.h"

#define PEM_BYTES ((size_t)4u * 1024u * 1024u)
#define URL_BYTES 1200u

static const char help[] =
    "Usage: tipline [-c FILE] canary [--secret-file FILE]\n"
    "\n"
    "Send the test text of this hour through each front door that the\n"
    "configuration names: the form (desk.canary_web), the form of the onion\n"
    "service (desk.canary_onion), and as each partner whose [gateway NAME] "
    "has\n"
    "a canary_secret_file. Desks with the same canary_file know it when it is\n"
    "opened, tell when it came and show no tip. Run it each hour, by\n"
    "tipline-canary.timer or cron. Needs no passphrase.\n"
    "\n"
    "  --secret-file FILE   instead of desk.canary_file\n"
    "\n"
    "Ends with 0, or 1 if a door did not take it.\n";

struct canary {
	const char *secret_file; /* of the command line, or NULL */
	struct config *config;
	struct fetch *fetch;
	char *secret;
	struct buf authorities;
	int64_t now_s;
};

static bool take(int option, const char *value, void *arg)
{
	struct canary *canary = arg;

	(void)option;
	canary->secret_file = value;
	return true;
}

/* ---- doors -------------------------------------------------------------- */

static struct canary_door door_of(
    const struct canary *canary, const char *name, const char *origin)
{
	return (struct canary_door){
		.name = name,
		.origin = origin,
		.authorities =
		    bytes_of(canary->authorities.data, canary->authorities.len),
	};
}

static void text_for(const struct canary *canary, const char *door,
    char text[static CANARY_CHARS])
{
	canary_text(bytes_str(canary->secret), door, canary->now_s, text);
}

static bool by_web(struct canary *canary)
{
	struct canary_door door =
	    door_of(canary, PLANTED_WEB, canary->config->desk.canary_web);
	char text[CANARY_CHARS];

	text_for(canary, door.name, text);
	return canary_by_form(canary->fetch, &door, text);
}

static bool by_onion(struct canary *canary)
{
	const struct config_desk *desk = &canary->config->desk;
	char text[CANARY_CHARS], origin[URL_BYTES], proxy[URL_BYTES];
	struct canary_door door;

	(void)snprintf(origin, sizeof(origin), "http://%s", desk->canary_onion);
	(void)snprintf(proxy, sizeof(proxy), "socks5h://%s%s",
	    desk->canary_tor[0] == '/' ? "localhost" : "", desk->canary_tor);
	door = door_of(canary, PLANTED_ONION, origin);
	door.proxy = proxy;
	text_for(canary, door.name, text);
	return canary_by_form(canary->fetch, &door, text);
}

static bool by_gateway(
    struct canary *canary, const struct config_gateway *gateway)
{
	const struct canary_door door =
	    door_of(canary, gateway->name, canary->config->desk.canary_web);
	char text[CANARY_CHARS];
	char *secret = NULL;
	bool done;

	if (strcmp(gateway->type, "generic") != 0) {
		say_error("%s: test texts as a partner are for type generic",
		    gateway->name);
		return false;
	}
	if (secret_file_read(gateway->canary_secret_file, &secret) != TL_OK) {
		return false; /* it was said */
	}
	text_for(canary, gateway->name, text);
	done = canary_by_partner(canary->fetch, &door, secret, text);
	secret_free(secret);
	return done;
}

/* ---- the command -------------------------------------------------------- */

static enum tl_err load(struct canary *canary)
{
	const struct config_desk *desk = &canary->config->desk;
	enum tl_err err = canary->secret_file != NULL
	    ? secret_file_read(canary->secret_file, &canary->secret)
	    : planted_load(desk, &canary->secret);

	if (err == TL_OK && canary->secret == NULL) {
		say_error("desk.canary_file is not set");
		err = TL_EINVAL;
	}
	if (err == TL_OK && desk->ca_file[0] != '\0') {
		err = read_file(desk->ca_file, &canary->authorities);
		if (err != TL_OK) {
			say_error("desk.ca_file: %s", err_text(err));
		}
	}
	return err == TL_OK ? fetch_new(&canary->fetch) : err;
}

/* How many doors there are; *ret_taken: of how many it was taken. */
static size_t knock(struct canary *canary, size_t *ret_taken)
{
	const struct config *config = canary->config;
	size_t n = 0, taken = 0;

	if (config->desk.canary_web[0] != '\0') {
		n++;
		taken += by_web(canary) ? 1 : 0;
	}
	if (config->desk.canary_onion[0] != '\0') {
		n++;
		taken += by_onion(canary) ? 1 : 0;
	}
	for (size_t i = 0; i < config->n_gateways; i++) {
		if (config->gateways[i].canary_secret_file[0] != '\0') {
			n++;
			taken +=
			    by_gateway(canary, &config->gateways[i]) ? 1 : 0;
		}
	}
	*ret_taken = taken;
	return n;
}

int cli_canary(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "secret-file", required_argument, NULL, 's' },
		CLI_OPTIONS_END,
	};
	struct canary canary = { .now_s = clock_wall_s() };
	int ret = cli_options(argc, argv, options, 0, 0, help, take, &canary);
	size_t n = 0, taken = 0;

	if (ret != CLI_GO_ON) {
		return ret;
	}
	ret = CLI_WRONG;
	buf_init(&canary.authorities, PEM_BYTES);
	canary.config = cli_config(config_path, 0);
	if (canary.config == NULL || load(&canary) != TL_OK) {
		goto out;
	}
	n = knock(&canary, &taken);
	if (n == 0) {
		say_error("no door is named: desk.canary_web,"
			  " desk.canary_onion");
		goto out;
	}
	(void)printf("%zu of %zu doors took the test text\n", taken, n);
	ret = cli_end_output(taken == n ? CLI_OK : CLI_WRONG);
out:
	fetch_free(canary.fetch);
	secret_free(canary.secret);
	buf_free(&canary.authorities);
	config_free(canary.config);
	return ret;
}
