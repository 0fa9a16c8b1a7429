/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Are the files there that the configuration names, and are secret ones
 * closed? A pass of its own: it looks at the disk, and as the user it runs
 * as. */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/wipe.h"
#include "config/options.h"
#include "config/say.h"
#include "config/value.h"

/* longer secrets are told apart by these bytes */
#define SECRET_BYTES 4096u

struct look {
	struct config_said said;
	config_file_fn tell; /* not judged but told; NULL: judged */
	bool secrets;        /* told are keys and secrets alone */
	void *arg;
	const struct config_option *row;
	const char *gateway; /* its name, or NULL */
};

/* One mistake of the option in hand. path is NULL if it must not be shown. */
static void complain(struct look *look, const char *path, const char *what)
{
	static const struct config_place nowhere;
	bool named = look->gateway != NULL;

	config_complain(&look->said, nowhere, "%s%s%s%s%s%s: %s",
	    named ? "[gateway " : "", named ? look->gateway : "",
	    named ? "] " : "", look->row->key, path != NULL ? ": " : "",
	    path != NULL ? path : "", what);
}

/*
 * For keys the rule of crypto/keyfile.h, which will not load others; for
 * secrets that other programs may write, the group may read.
 */
static bool mode_good(enum config_file file, mode_t mode)
{
	mode_t bits = mode & 07777;

	switch (file) {
	case FILE_KEY:
		return bits == 0600 || bits == 0400 || bits == 0440;
	case FILE_SECRET:
		return (bits & 0137) == 0;
	case FILE_PUBLIC:
		return (bits & 0022) == 0;
	case FILE_FOLDER:
	case FILE_SHARED:
		return (bits & 0022) == 0;
	case FILE_NONE:
	case FILE_SOCKET:
		break;
	}
	return true;
}

static const char *const mode_wrong[] = {
	[FILE_KEY] = "others could read this key; run chmod 600 on it",
	[FILE_SECRET] = "others could read this secret; run chmod 600 on it",
	[FILE_PUBLIC] = "others could change this file; run chmod 644 on it",
	[FILE_FOLDER] = "others could change this folder; run chmod 700 on it",
	[FILE_SHARED] = "others could change this folder; run chmod 755 on it",
	[FILE_SOCKET] = "",
};

static const char *const kind_wrong[] = {
	[FILE_KEY] = "this is no file",
	[FILE_SECRET] = "this is no file",
	[FILE_PUBLIC] = "this is no file",
	[FILE_FOLDER] = "this is no folder",
	[FILE_SHARED] = "this is no folder",
	[FILE_SOCKET] = "this is no socket; take it away, or name another path",
};

static const char *const missing[] = {
	[FILE_KEY] = "there is no such file; make the keys with tipline"
		     " keygen",
	[FILE_SECRET] = "there is no such file; put it there with mode 600",
	[FILE_PUBLIC] = "there is no such file",
	[FILE_FOLDER] = "there is no such folder; make it with install -d -m"
			" 700",
	[FILE_SHARED] = "there is no such folder",
};

static bool kind_good(enum config_file file, mode_t mode)
{
	switch (file) {
	case FILE_FOLDER:
	case FILE_SHARED:
		return S_ISDIR(mode);
	case FILE_SOCKET:
		return S_ISSOCK(mode);
	case FILE_KEY:
	case FILE_SECRET:
	case FILE_PUBLIC:
	case FILE_NONE:
		break;
	}
	return S_ISREG(mode);
}

/* What systemd hands to a unit exists while it runs, and no other unit sees
 * it: only its own program can miss it. */
static bool is_of_another_unit(const char *path)
{
	static const char credentials[] = "/run/credentials/";
	const char *own = getenv("CREDENTIALS_DIRECTORY");

	return strncmp(path, credentials, sizeof(credentials) - 1) == 0 &&
	    (own == NULL || strncmp(path, own, strlen(own)) != 0);
}

static void look_at(struct look *look, const char *path)
{
	enum config_file file = look->row->file;
	int wanted = file == FILE_FOLDER ? R_OK | W_OK | X_OK : R_OK;
	/* a secret pasted where its path belongs looks like a missing file */
	bool hide = file == FILE_SECRET || file == FILE_KEY;
	struct stat info;

	if (look->tell != NULL) {
		if (look->secrets ? hide : file != FILE_SOCKET) {
			look->tell(look->arg, path);
		}
		return;
	}
	if (stat(path, &info) != 0) {
		if (is_of_another_unit(path)) {
			return;
		}
		if (errno != ENOENT) {
			complain(look, hide ? NULL : path, strerror(errno));
		} else if (file != FILE_SOCKET) { /* made at the start */
			complain(look, hide ? NULL : path, missing[file]);
		}
		return;
	}
	if (!kind_good(file, info.st_mode)) {
		complain(look, path, kind_wrong[file]);
	} else if (!mode_good(file, info.st_mode)) {
		complain(look, path, mode_wrong[file]);
	} else if (file != FILE_SOCKET && geteuid() != 0 &&
	    access(path, wanted) != 0) { /* programs are not root */
		complain(look, path,
		    file == FILE_FOLDER
			? "this user may not write into it"
			: "this user may not read it; run this as the"
			  " program's own user");
	} else if (S_ISREG(info.st_mode) && info.st_size == 0) {
		complain(look, path, "the file is empty");
	}
}

static void look_at_option(struct look *look, const void *field)
{
	const struct config_list *list = field;

	if (look->row->file == FILE_NONE) {
		return;
	}
	if (look->row->type == OPT_PATHS) {
		for (size_t i = 0; i < list->n; i++) {
			look_at(look, list->items[i]);
		}
	} else if (!config_value_empty(look->row, field) &&
	    (*(char *const *)field)[0] == '/') { /* not an address */
		look_at(look, *(char *const *)field);
	}
}

struct secret {
	uint8_t bytes[SECRET_BYTES];
	size_t len; /* 0: could not be read */
};

static void read_secret(const char *path, struct secret *secret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = -1;

	secret->len = 0;
	if (fd >= 0) {
		n = read(fd, secret->bytes, sizeof(secret->bytes));
		(void)close(fd);
	}
	while (n > 0 &&
	    (secret->bytes[n - 1] == '\n' || secret->bytes[n - 1] == '\r')) {
		n--;
	}
	secret->len = n > 0 ? (size_t)n : 0;
}

static bool same_secret(const char *a, const char *b)
{
	struct secret left;
	struct secret right;
	bool same;

	read_secret(a, &left);
	read_secret(b, &right);
	same = left.len > 0 && left.len == right.len &&
	    memcmp(left.bytes, right.bytes, left.len) == 0;
	wipe(&left, sizeof(left));
	wipe(&right, sizeof(right));
	return same;
}

/* The parser has compared the paths; two paths can still lead to one secret,
 * by a link or by a copy. */
static void compare_secrets(struct look *look, const struct config *config)
{
	look->row = config_option_of("gateway.secret_file");
	for (size_t i = 0; i < config->n_gateways; i++) {
		look->gateway = config->gateways[i].name;
		for (size_t j = 0; j < i; j++) {
			if (same_secret(config->gateways[i].secret_file,
				config->gateways[j].secret_file)) {
				complain(look, config->gateways[i].secret_file,
				    "holds the same secret as another"
				    " gateway's; give each its own");
				break;
			}
		}
	}
}

static void look_at_all(
    struct look *look, const struct config *config, unsigned programs)
{
	const struct config_section *gateway =
	    config_section_find(bytes_str("gateway"));

	for (size_t i = 0; i < config_n_options(); i++) {
		look->row = config_option_at(i);
		if ((look->row->programs & programs) != 0 &&
		    !config_option_in(look->row, gateway)) {
			look_at_option(
			    look, (const char *)config + look->row->field);
		}
	}
	for (size_t g = 0; g < config->n_gateways; g++) {
		look->gateway = config->gateways[g].name;
		for (size_t i = 0; i < config_n_options(); i++) {
			look->row = config_option_at(i);
			if ((look->row->programs & programs) != 0 &&
			    config_option_in(look->row, gateway)) {
				look_at_option(look,
				    (const char *)&config->gateways[g] +
					look->row->field);
			}
		}
	}
}

void config_each_file(const struct config *config, unsigned programs,
    config_file_fn fn, void *arg)
{
	struct look look = { .tell = fn, .arg = arg };

	fn(arg, config->path);
	look_at_all(&look, config, programs);
}

void config_each_secret(const struct config *config, unsigned programs,
    config_file_fn fn, void *arg)
{
	struct look look = { .tell = fn, .secrets = true, .arg = arg };

	look_at_all(&look, config, programs);
}

enum tl_err config_check_files(const struct config *config, unsigned programs,
    config_say_fn say, void *arg)
{
	struct look look = {
		.said = { .name = config->path, .say = say, .arg = arg },
	};

	look_at_all(&look, config, programs);
	if ((programs & CONFIG_INTAKE) != 0) {
		compare_secrets(&look, config);
	}
	config_complain_rest(&look.said);
	return look.said.n > 0 ? TL_EPERM : TL_OK;
}
