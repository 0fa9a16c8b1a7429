/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "config/judge.h"
#include "config/say.h"

/* One byte more than allowed is read, so that the parser can refuse it. */
static enum tl_err read_all(int fd, struct buf *out)
{
	uint8_t piece[8192];
	ssize_t n;

	for (;;) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			break;
		}
		buf_put(out, piece, (size_t)n);
		if (out->len > CONFIG_FILE_BYTES_MAX) {
			break;
		}
	}
	return n < 0 ? TL_EIO : buf_err(out);
}

static enum tl_err read_file(const char *path, struct buf *out)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	enum tl_err err = TL_EIO;

	if (fd < 0 && errno == ENOENT) {
		say_error("%s: there is no such file; name the configuration"
			  " with -c FILE, or make one from tipline check"
			  " --sample",
		    path);
		return TL_ENOENT;
	}
	if (fd < 0) {
		say_error("%s: cannot be opened: %s", path, strerror(errno));
		return TL_EIO;
	}
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
		err = read_all(fd, out);
	}
	(void)close(fd);
	if (err == TL_EIO) {
		say_error("%s: cannot be read; is it a file?", path);
	}
	return err;
}

/* Gives the absolute folder of the file: relative paths in it start there,
 * wherever the program was started. */
static enum tl_err folder_of(const char *path, char **ret_folder)
{
	char *copy = strdup(path);
	char *folder;

	if (copy == NULL) {
		return TL_ENOMEM;
	}
	folder = realpath(dirname(copy), NULL);
	free(copy);
	if (folder == NULL) {
		say_error(
		    "%s: its folder cannot be read: %s", path, strerror(errno));
		return TL_EIO;
	}
	*ret_folder = folder;
	return TL_OK;
}

enum tl_err config_load(const char *path, struct config **ret_config)
{
	struct buf text;
	char *folder = NULL;
	enum tl_err err;

	buf_init(&text, CONFIG_FILE_BYTES_MAX + 8192);
	err = read_file(path, &text);
	if (err == TL_OK) {
		err = folder_of(path, &folder);
	}
	if (err == TL_OK) {
		err = config_parse(bytes_of(text.data, text.len), path, folder,
		    config_say_error, NULL, ret_config);
	}
	free(folder);
	buf_free(&text);
	return err;
}

enum tl_err config_need(const struct config *config, unsigned programs,
    config_say_fn say, void *arg)
{
	struct config_said said = {
		.name = config->path,
		.say = say,
		.arg = arg,
	};

	config_judge_needs(config, programs, NULL, &said);
	config_complain_rest(&said);
	return said.n > 0 ? TL_EINVAL : TL_OK;
}
