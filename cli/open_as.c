/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/open_as.h"

#include <stdio.h>

#include "base/log.h"
#include "cli/new_file.h"

bool open_as_take(struct open_as *as, int option, const char *value)
{
	switch (option) {
	case 'a':
		as->export.profile = htcds_profile_of(value);
		if (!open_as_is_set(as)) {
			say_error("--as takes htcds-2.0-excel, htcds-2.0-xform "
				  "or htcds-2.0-json");
		}
		return open_as_is_set(as);
	case 'H':
		as->header = true;
		if (!htcds_header_of(value, &as->export.header)) {
			say_error("--header takes names, labels or both");
			return false;
		}
		return true;
	case 'o':
		as->out = value;
		return true;
	default:
		as->export.labels = true;
		return true;
	}
}

bool open_as_is_set(const struct open_as *as)
{
	return as->export.profile != HTCDS_NO_PROFILE;
}

bool open_as_is_sensible(const struct open_as *as, bool json)
{
	bool of_excel = as->export.labels || as->header;

	if (!open_as_is_set(as) && (of_excel || as->out != NULL)) {
		say_error("--labels, --header and --out are for --as");
		return false;
	}
	if (open_as_is_set(as) && json) {
		say_error("--json and --as are two things");
		return false;
	}
	if (of_excel && as->export.profile != HTCDS_EXCEL) {
		say_error("--labels and --header are for htcds-2.0-excel");
		return false;
	}
	return true;
}

enum tl_err open_as_write(const struct open_as *as)
{
	const struct buf *all = &as->export.out;
	enum tl_err err;

	if (as->out == NULL) {
		(void)fwrite(all->data, 1, all->len, stdout);
		return TL_OK; /* cli_end_output() sees to it */
	}
	err = new_file(as->out, bytes_of(all->data, all->len));
	if (err == TL_OK) {
		(void)printf("%s  %zu referral%s\n", as->out, as->export.n,
		    as->export.n == 1 ? "" : "s");
	}
	return err;
}
