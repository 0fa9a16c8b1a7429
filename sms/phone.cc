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

static_assert(PHONE_E164_BYTES > 1 + 15 + 1, "an E.164 number fits");

/* Strings of the library keep digits; these are ours and are wiped. */
struct wiped_string {
	std::string text;
	~wiped_string()
	{
		wipe(text.empty() ? nullptr : &text[0], text.size());
	}
};

/* Parse number and write it as E.164 into out. */
enum tl_err parse(
    const std::string &number, const char *region, std::string &out)
{
	const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
	PhoneNumber parsed;

	if (util.Parse(number, region, &parsed) !=
	    PhoneNumberUtil::NO_PARSING_ERROR) {
		return TL_EFORMAT;
	}
	/* "possible, but local only" is not: it cannot be dialled */
	if (util.IsPossibleNumberWithReason(parsed) !=
	    PhoneNumberUtil::IS_POSSIBLE) {
		return TL_EFORMAT;
	}
	/* A national number belongs to our country: 0066 2 1234 5678 with
	 * region KH would come out as a number of Indonesia. */
	if (std::strcmp(region, "ZZ") != 0 &&
	    parsed.country_code() != util.GetCountryCodeForRegion(region)) {
		return TL_EFORMAT;
	}
	util.Format(parsed, PhoneNumberUtil::E164, &out);
	return TL_OK;
}

enum tl_err to_e164(
    const char *number, size_t len, const char *region, char *ret_e164)
{
	wiped_string in, out, again;
	enum tl_err err;

	in.text.assign(number, len);
	err = parse(in.text, region, out.text);
	if (err != TL_OK) {
		return err;
	}
	/* E.164 has 15 digits at most, the library allows some countries 17;
	 * six or fewer are a short code. */
	if (out.text.size() > 1 + 15 || out.text.size() < 1 + 7) {
		return TL_EFORMAT;
	}
	/* The same question would get the same answer. */
	if (std::strcmp(region, "ZZ") == 0 && out.text == in.text) {
		std::memcpy(ret_e164, out.text.c_str(), out.text.size() + 1);
		return TL_OK;
	}
	/* What does not read back as itself is nobody's number: zeros in
	 * front can come out as part of it. */
	err = parse(out.text, "ZZ", again.text);
	if (err != TL_OK || again.text != out.text) {
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
		return to_e164(number, len, region, ret_e164);
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
