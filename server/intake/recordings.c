/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/recordings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/read_file.h"
#include "media/kind.h"
#include "web/page.h"

#define PATH_BYTES 1200u

struct recordings {
	size_t bytes;
	size_t n;
	struct buf of[PAGE_LANGUAGES_MAX][PAGE_SPOKEN];
};

static enum tl_err refuse(const char *path, const char *what)
{
	say_error("%s: %s", path, what);
	return TL_EINVAL;
}

static enum tl_err judge(
    const struct recordings *recordings, const char *path, struct bytes file)
{
	struct bytes first = file;

	first.len =
	    first.len < MEDIA_FIRST_BYTES ? first.len : MEDIA_FIRST_BYTES;
	if (media_kind_of(first) != MEDIA_MP3) {
		return refuse(path, "this is no MP3 file");
	}
	if (recordings->bytes + file.len > RECORDINGS_MAX_BYTES) {
		return refuse(
		    path, "with this one all recordings are over 4 MiB");
	}
	return TL_OK;
}

static enum tl_err load_one(
    struct recordings *recordings, const char *path, struct buf *file)
{
	enum tl_err err;

	buf_init(file, RECORDING_MAX_BYTES);
	err = read_file(path, file);
	if (err == TL_ENOENT) {
		return TL_OK; /* nobody has read this one aloud */
	}
	if (err == TL_ETOOBIG) {
		return refuse(path,
		    "a recording has 64 KiB at most; mono at 8"
		    " to 16 kbit/s is enough");
	}
	if (err != TL_OK) {
		say_error("cannot read %s: %s", path, err_text(err));
		return err;
	}
	err = judge(recordings, path, bytes_of(file->data, file->len));
	recordings->bytes += file->len;
	recordings->n++;
	return err;
}

enum tl_err recordings_load(const char *folder, struct recordings **ret)
{
	struct recordings *recordings = calloc(1, sizeof(*recordings));
	char path[PATH_BYTES];
	enum tl_err err = recordings != NULL ? TL_OK : TL_ENOMEM;

	for (size_t l = 0; err == TL_OK && l < web_language_count(); l++) {
		for (size_t q = 0; err == TL_OK && q < PAGE_SPOKEN; q++) {
			(void)snprintf(path, sizeof(path), "%s/%s.%s.mp3",
			    folder, web_language_tag(web_language_at(l)),
			    page_spoken_name(q));
			err = load_one(recordings, path, &recordings->of[l][q]);
		}
	}
	if (err == TL_OK && recordings->n == 0) {
		err = refuse(folder,
		    "there is no LANGUAGE.QUESTION.mp3, such"
		    " as km.story.mp3");
	}
	if (err != TL_OK) {
		recordings_free(recordings);
		return err;
	}
	log_event(LOG_RECORDINGS, (long long)recordings->n,
	    (long long)(recordings->bytes / 1024));
	*ret = recordings;
	return TL_OK;
}

struct bytes recordings_find(
    const struct recordings *recordings, const char *tag, size_t question)
{
	if (recordings == NULL || question >= PAGE_SPOKEN) {
		return bytes_of(NULL, 0);
	}
	for (size_t l = 0; l < web_language_count(); l++) {
		if (strcmp(web_language_tag(web_language_at(l)), tag) == 0) {
			const struct buf *file = &recordings->of[l][question];

			return bytes_of(file->data, file->len);
		}
	}
	return bytes_of(NULL, 0);
}

void recordings_free(struct recordings *recordings)
{
	if (recordings == NULL) {
		return;
	}
	for (size_t l = 0; l < PAGE_LANGUAGES_MAX; l++) {
		for (size_t q = 0; q < PAGE_SPOKEN; q++) {
			buf_free(&recordings->of[l][q]);
		}
	}
	free(recordings);
}
