/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Fetch the pictures of one tip, because an officer has decided so. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/gateway.h"
#include "cli/gateway_desk.h"

#define MEDIA_MAX_BYTES ((size_t)32u * 1024u * 1024u)

static const char help[] =
    "Usage: tipline [-c FILE] gateway media TIP FOLDER\n"
    "\n"
    "Fetch what was sent with the tip of that id (pictures, sound) from the\n"
    "gateway's provider into FOLDER, which is made; files are named 1, 2 and\n"
    "so on and nothing opens them. The provider sees this host's address and\n"
    "that somebody looks. Look at them on a computer that may break: whoever\n"
    "sent them may mean harm. Asks for the passphrase as inbox does.\n"
    "\n"
    "Ends with 0, or 1 if not all could be fetched.\n";

struct media {
	struct gateway_desk desk;
	struct book *book;
	uint8_t id[LEDGER_ID_BYTES];
	const char *folder;
	bool found;
	size_t fetched, wanted;
};

static enum tl_err save(
    const struct media *media, size_t number, const struct buf *bytes)
{
	char path[PATH_MAX];
	int fd;
	enum tl_err err = TL_OK;

	(void)snprintf(path, sizeof(path), "%s/%zu", media->folder, number);
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 ||
	    write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len ||
	    fdatasync(fd) != 0) {
		say_error(
		    "%s: could not be written, or is there already", path);
		err = TL_EIO;
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return err;
}

/* The password is for the provider's API; elsewhere the address must do. That
 * is the gateway's word, and so is where the API leads us: out into the world,
 * and nowhere behind our own walls. */
static enum tl_err fetch_one(struct media *media, const struct gateway_tip *tip,
    const char *url, size_t number)
{
	const struct gateway_api *api = tip->api;
	bool owns = gateway_api_ready(api) &&
	    provider_owns(&api->account, bytes_str(url));
	const struct fetch_call call = {
		.method = "GET",
		.url = url,
		.user = !owns                          ? NULL
		    : api->config->api_user[0] != '\0' ? api->config->api_user
						       : api->config->account,
		.password = owns ? api->password : NULL,
		.may_stay = owns,
		.follows = true,
		.far_only = !owns,
		.far_when_led = owns,
	};
	const char *why = "";
	struct buf bytes;
	int status = 0;
	enum tl_err err;

	buf_init(&bytes, MEDIA_MAX_BYTES);
	err = fetch_do(media->desk.apis.fetch, &call, &status, &bytes, &why);
	if (err == TL_OK && status != 200) {
		say_error("number %zu: the provider says %d", number, status);
		err = TL_ENOENT;
	} else if (err != TL_OK) {
		say_error("number %zu: %s", number,
		    err == TL_EIO ? why : err_text(err));
	}
	if (err == TL_OK) {
		err = save(media, number, &bytes);
	}
	buf_free(&bytes);
	return err;
}

static enum tl_err look_at(const struct gateway_tip *tip, void *arg)
{
	struct media *media = arg;
	struct book_entry entry;

	if (memcmp(tip->id, media->id, sizeof(media->id)) != 0) {
		return TL_OK;
	}
	media->found = true;
	if (!tip->signed_by_us) {
		say_error("none of our intakes has signed this tip: whoever"
			  " made it also chose the addresses");
		return TL_EPROOF;
	}
	media->wanted = json_array_size(tip->media);
	for (size_t i = 0; i < media->wanted; i++) {
		const char *url = json_string_value(
		    json_object_get(json_array_get(tip->media, i), "url"));

		if (url != NULL && fetch_one(media, tip, url, i + 1) == TL_OK) {
			media->fetched++;
		}
	}
	if (media->fetched < media->wanted || tip->external_id.len == 0) {
		return TL_OK;
	}
	entry =
	    book_look(media->book, tip->api->gateway.name, tip->external_id);
	if (entry.state == BOOK_ERASED) {
		return TL_OK;
	}
	entry.state = BOOK_FETCHED;
	entry.last_hour = clock_wall_s() / 3600;
	return book_put(media->book, &entry);
}

static enum tl_err run(struct media *media, const char *config_path)
{
	enum tl_err err = gateway_desk_open(config_path, &media->desk);

	if (err == TL_OK && mkdir(media->folder, 0700) != 0) {
		say_error(
		    "%s is there already, or cannot be made", media->folder);
		err = TL_EEXIST;
	}
	if (err == TL_OK) {
		err = gateway_desk_book(&media->desk, &media->book);
	}
	if (err == TL_OK) {
		err = gateway_desk_each(&media->desk, false, look_at, media);
	}
	if (err == TL_OK && !media->found) {
		say_error("there is no such tip of a gateway that is"
			  " configured here");
		err = TL_ENOENT;
	}
	return err;
}

int gateway_media(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	struct media media = { .fetched = 0 };
	int status = cli_options(argc, argv, options, 2, 2, help, NULL, NULL);
	size_t len = 0;
	enum tl_err err;

	if (status != CLI_GO_ON) {
		return status;
	}
	if (dec_hex(argv[optind], strlen(argv[optind]), media.id,
		sizeof(media.id), &len) != TL_OK ||
	    len != sizeof(media.id)) {
		say_error("TIP is the id that inbox shows: 32 hexadecimal"
			  " digits");
		return CLI_USAGE;
	}
	media.folder = argv[optind + 1];
	err = run(&media, config_path);
	if (err == TL_OK) {
		(void)printf("%zu of %zu fetched into %s\n", media.fetched,
		    media.wanted, media.folder);
	}
	book_close(media.book, clock_wall_s());
	gateway_desk_close(&media.desk);
	return cli_end_output(
	    err == TL_OK && media.fetched == media.wanted ? CLI_OK : CLI_WRONG);
}
