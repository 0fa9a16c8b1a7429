/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/setting.h"

#include "base/log.h"
#include "server/intake/recordings.h"
#include "server/intake/teams.h"

enum tl_err setting_load(
    const char *path, const struct setting *before, struct setting *ret)
{
	struct setting setting = { .config = NULL };
	enum tl_err err = config_load(path, &setting.config);

	if (err == TL_OK) {
		err = config_need(
		    setting.config, CONFIG_INTAKE, config_say_error, NULL);
	}
	if (err == TL_OK && before == NULL) {
		err = config_check_files(
		    setting.config, CONFIG_INTAKE, config_say_error, NULL);
	}
	if (err == TL_OK) {
		err = teams_load(&setting.config->intake,
		    before != NULL ? before->teams : NULL, &setting.teams);
	}
	if (err == TL_OK && setting.config->site.recordings[0] != '\0') {
		err = recordings_load(
		    setting.config->site.recordings, &setting.recordings);
	}
	if (err != TL_OK) {
		setting_free(&setting);
		return err;
	}
	*ret = setting;
	return TL_OK;
}

void setting_free(struct setting *setting)
{
	recordings_free(setting->recordings);
	teams_free(setting->teams);
	config_free(setting->config);
	*setting = (struct setting){ .config = NULL };
}
