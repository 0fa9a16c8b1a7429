/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/phone.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <cstring>
#include <string>

extern "C" {
#include "base/wipe.h"
}

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace
{

/* Strings of the library keep digits; these are ours and are wiped. */
struct wiped_string {
	std::string text;
	~wiped_string()
	{
		wipe(text.empty() ? nullptr : &text[0], text.size());
	}
};

enum tl_err parse(
    const char *number, size_t len, const char *region, char *ret_e164)
{
	const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
	wiped_string in, out;
	PhoneNumber parsed;

	in.text.assign(number, len);
	if (util.Parse(in.text, region, &parsed) !=
	    PhoneNumberUtil::NO_PARSING_ERROR) {
		return TL_EFORMAT;
	}
	/* "possible, but local only" is not: it cannot be dialled */
	if (util.IsPossibleNumberWithReason(parsed) !=
	    PhoneNumberUtil::IS_POSSIBLE) {
		return TL_EFORMAT;
	}
	/* A national number belongs to our country: 0066 81 234 5678 with
	 * region KH would come out as a number of Wallis. */
	if (std::strcmp(region, "ZZ") != 0 &&
	    parsed.country_code() != util.GetCountryCodeForRegion(region)) {
		return TL_EFORMAT;
	}
	util.Format(parsed, PhoneNumberUtil::E164, &out.text);
	if (out.text.empty() || out.text.size() >= PHONE_E164_BYTES) {
		return TL_EFORMAT;
	}
	std::memcpy(ret_e164, out.text.c_str(), out.text.size() + 1);
	return TL_OK;
}

} // namespace

extern "C" enum tl_err phone_e164(
    const char *number, size_t len, const char *region, char *ret_e164)
{
	if (len > PHONE_NUMBER_MAX_BYTES) {
		return TL_ETOOBIG;
	}
	try {
		return parse(number, len, region, ret_e164);
	} catch (...) {
		return TL_ENOMEM;
	}
}

extern "C" enum tl_err phone_start(void)
{
	static const char known[] = "+85512345678";
	static const char national[] = "012345678";
	char e164[PHONE_E164_BYTES];
	enum tl_err err;

	err = phone_e164(known, sizeof(known) - 1, "ZZ", e164);
	if (err == TL_OK) {
		err = phone_e164(national, sizeof(national) - 1, "KH", e164);
	}
	return err;
}
