/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/htcds_fields.h"

#include <string.h>

/* clang-format off */
static const struct {
	const char *field;
	enum htcds_kind kind;
} fields[] = {
	{ "con_Consent", HTCDS_CHECK },
	{ "prs_Salutation", HTCDS_TEXT },
	{ "prs_FirstName", HTCDS_TEXT },
	{ "prs_SecondName", HTCDS_TEXT },
	{ "prs_Birthdate", HTCDS_DATE },
	{ "prs_Gender", HTCDS_ONE },
	{ "prs_Citizenship", HTCDS_COUNTRIES },
	{ "prs_Title", HTCDS_TEXT },
	{ "prs_Email", HTCDS_TEXT },
	{ "prs_HomePhone", HTCDS_PHONE },
	{ "prs_MobilePhone", HTCDS_PHONE },
	{ "prs_MailingCity", HTCDS_TEXT },
	{ "prs_MailingCountry", HTCDS_COUNTRY },
	{ "prs_MailingState", HTCDS_TEXT },
	{ "prs_MailingStreet", HTCDS_TEXT },
	{ "prs_MailingPostalCode", HTCDS_TEXT },
	{ "vic_TraffickingStatus", HTCDS_ONE },
	{ "vic_TraffickingStatusDecisionMakingOrg", HTCDS_ONE },
	{ "vic_MethodOfRecruitment", HTCDS_MANY },
	{ "vic_LocationOfRecruitment", HTCDS_TEXT },
	{ "vic_MethodsOfControl", HTCDS_MANY },
	{ "vic_TypeOfExploitation", HTCDS_MANY },
	{ "vic_ForcedLabourIndustry", HTCDS_ONE },
	{ "vic_TypeOfSexExploitation", HTCDS_MANY },
	{ "vic_LocationOfExploitation", HTCDS_TEXT },
	{ "cas_Status", HTCDS_ONE },
	{ "cas_ReasonForCaseClosure", HTCDS_TEXT },
	{ "cas_CaseOwner", HTCDS_TEXT },
	{ "cas_ReferringOrganisation", HTCDS_TEXT },
	{ "cas_IncomingReferralDate", HTCDS_DATE },
	{ "cas_ReferringPrimaryCaseWorker", HTCDS_TEXT },
	{ "cas_ReasonForIncomingReferral", HTCDS_ONE },
	{ "cas_IncomingReferralDetails", HTCDS_TEXT },
	{ "cas_ReferredOrganisation", HTCDS_TEXT },
	{ "cas_ReferredPrimaryCaseWorker", HTCDS_TEXT },
	{ "cas_ReasonForOutgoingReferral", HTCDS_ONE },
	{ "cas_OutgoingReferralDate", HTCDS_DATE },
	{ "cas_OutgoingReferralDetails", HTCDS_TEXT },
	/* of the others, those that a referral of ours has */
	{ "prs_PrimaryLanguage", HTCDS_LANGUAGE },
	{ "vic_RelationshipToTrafficker", HTCDS_ONE },
	{ "vic_RecruitmentWebsitesAndApps", HTCDS_MANY },
	{ "hte", HTCDS_EVENTS },
}, events[] = {
	{ "hte_Type", HTCDS_ONE },
	{ "hte_Date", HTCDS_DATE },
	{ "hte_Country", HTCDS_COUNTRY },
	{ "hte_State", HTCDS_TEXT },
	{ "hte_City", HTCDS_TEXT },
	{ "hte_Street", HTCDS_TEXT },
	{ "hte_PostalCode", HTCDS_TEXT },
	{ "hte_Description", HTCDS_TEXT },
};

#define SAME(name, label) { name, label, name, NULL }

const struct htcds_column htcds_columns[] = {
	{ "", "", NULL, NULL },
	SAME("cas_CaseOwner", "Case Owner"),
	SAME("prs_Salutation", "Salutation"),
	SAME("prs_FirstName", "First Name"),
	SAME("prs_SecondName", "Second Name"),
	SAME("con_Consent", "Consent"),
	SAME("prs_Birthdate", "Birthdate"),
	SAME("prs_Gender", "Gender"),
	SAME("prs_Citizenship", "Citizenship"),
	SAME("prs_Title", "Title"),
	SAME("prs_Email", "Email"),
	SAME("prs_HomePhone", "Home Phone"),
	SAME("prs_MobilePhone", "Mobile Phone"),
	{ "prs_MailingCity", "Mailing Street", "prs_MailingCity", "prs_MailingStreet" },
	{ "prs_MailingCountry", "Mailing City", "prs_MailingCountry", "prs_MailingCity" },
	{ "prs_MailingState", "Mailing State/Province", "prs_MailingState", NULL },
	{ "prs_MailingStreet", "Mailing Zip/Postal Code", "prs_MailingStreet", "prs_MailingPostalCode" },
	{ "prs_MailingPostalCode", "Mailing Country", "prs_MailingPostalCode", "prs_MailingCountry" },
	SAME("vic_TraffickingStatus", "Trafficking Status"),
	/* spelt so in all three templates */
	{ "vic_TraffickinStatusDecisionMakingOrg", "Trafficking Status Decision Making Organization",
	    "vic_TraffickingStatusDecisionMakingOrg", NULL },
	SAME("vic_MethodOfRecruitment", "Method of Recruitment"),
	SAME("vic_LocationOfRecruitment", "Location of Recruitment"),
	SAME("vic_MethodsOfControl", "Methods of Control"),
	SAME("vic_TypeOfExploitation", "Type of Exploitation"),
	SAME("vic_ForcedLabourIndustry", "Forced Labour Industry"),
	SAME("vic_TypeOfSexExploitation", "Type of Sex Exploitation"),
	SAME("vic_LocationOfExploitation", "Location of Exploitation"),
	SAME("cas_Status", "Status"),
	SAME("cas_ReferringOrganisation", "Referring Organisation"),
	SAME("cas_IncomingReferralDate", "Incoming Referral Date"),
	SAME("cas_ReferringPrimaryCaseWorker", "Referring Primary Case Worker"),
	SAME("cas_ReasonForIncomingReferral", "Reason for Incoming Referral"),
	SAME("cas_IncomingReferralDetails", "Incoming Referral Details"),
	SAME("cas_ReferredOrganisation", "Referred Organisation"),
	SAME("cas_ReferredPrimaryCaseWorker", "Referred Primary Case Worker"),
	/* it has no name in row 1 */
	{ "", "Reason for Outgoing Referral", "cas_ReasonForOutgoingReferral", NULL },
	SAME("cas_OutgoingReferralDate", "Outgoing Referral Date"),
	SAME("cas_OutgoingReferralDetails", "Outgoing Referral Details"),
	SAME("cas_ReasonForCaseClosure", "Reason for Case Closure"),
};
const size_t htcds_n_columns = sizeof(htcds_columns) / sizeof(htcds_columns[0]);

#define ALIKE(field) { field, field }

const struct htcds_element htcds_elements[] = {
	ALIKE("con_Consent"),
	ALIKE("prs_Salutation"),
	{ "prs_First_Name", "prs_FirstName" },
	{ "prs_Second_Name", "prs_SecondName" },
	ALIKE("prs_Birthdate"),
	ALIKE("prs_Gender"),
	ALIKE("prs_Citizenship"),
	ALIKE("prs_Title"),
	ALIKE("prs_Email"),
	ALIKE("prs_HomePhone"),
	ALIKE("prs_MobilePhone"),
	ALIKE("prs_MailingCity"),
	ALIKE("prs_MailingCountry"),
	ALIKE("prs_MailingState"),
	ALIKE("prs_MailingStreet"),
	ALIKE("prs_MailingPostalCode"),
	ALIKE("vic_MethodOfRecruitment"),
	ALIKE("vic_LocationOfRecruitment"),
	ALIKE("vic_TraffickingStatus"),
	ALIKE("vic_TraffickingStatusDecisionMakingOrg"),
	{ "vic_Methods_of_Control", "vic_MethodsOfControl" },
	ALIKE("vic_TypeOfExploitation"),
	ALIKE("vic_ForcedLabourIndustry"),
	ALIKE("vic_TypeOfSexExploitation"),
	ALIKE("vic_LocationOfExploitation"),
	ALIKE("cas_Status"),
	ALIKE("cas_ReferringOrganisation"),
	ALIKE("cas_IncomingReferralDate"),
	ALIKE("cas_ReferringPrimaryCaseWorker"),
	ALIKE("cas_ReasonForIncomingReferral"),
	ALIKE("cas_IncomingReferralDetails"),
};
const size_t htcds_n_elements = sizeof(htcds_elements) / sizeof(htcds_elements[0]);
/* clang-format on */

enum htcds_kind htcds_kind(struct bytes field)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (bytes_equal(bytes_str(fields[i].field), field)) {
			return fields[i].kind;
		}
	}
	return HTCDS_NONE;
}

enum htcds_kind htcds_event_kind(struct bytes field)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (bytes_equal(bytes_str(events[i].field), field)) {
			return events[i].kind;
		}
	}
	return HTCDS_NONE;
}

/* ---- values ---------------------------------------------------------------
 */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Is text as pattern, in which 0 is any digit, A any capital, a any small
 * letter? */
static bool is_like(struct bytes text, const char *pattern)
{
	if (text.len != strlen(pattern)) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		bool good = pattern[i] == '0' ? is_digit(c)
		    : pattern[i] == 'A'       ? c >= 'A' && c <= 'Z'
		    : pattern[i] == 'a'       ? c >= 'a' && c <= 'z'
					      : c == pattern[i];

		if (!good) {
			return false;
		}
	}
	return true;
}

static bool is_date(struct bytes text)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	unsigned year = 0, month, day, last;

	if (!is_like(text, "0000-00-00")) {
		return false;
	}
	for (size_t i = 0; i < 4; i++) {
		year = year * 10 + (unsigned)(text.at[i] - '0');
	}
	month =
	    (unsigned)(text.at[5] - '0') * 10 + (unsigned)(text.at[6] - '0');
	day = (unsigned)(text.at[8] - '0') * 10 + (unsigned)(text.at[9] - '0');
	if (year == 0 || month < 1 || month > 12) {
		return false;
	}
	last = days[month - 1];
	if (month == 2 && year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0)) {
		last = 29;
	}
	return day >= 1 && day <= last;
}

bool htcds_is_time(struct bytes value)
{
	return is_like(value, "0000-00-00T00:00:00Z") &&
	    is_date(bytes_of(value.at, 10)) && value.at[11] < '3' &&
	    (value.at[11] < '2' || value.at[12] < '4') && value.at[14] < '6' &&
	    value.at[17] < '6';
}

/* ^\+?[1-9]\d{1,14}$ */
static bool is_phone(struct bytes text)
{
	if (text.len > 0 && text.at[0] == '+') {
		text = bytes_of(text.at + 1, text.len - 1);
	}
	if (text.len < 2 || text.len > 15 || text.at[0] == '0') {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.at[i])) {
			return false;
		}
	}
	return true;
}

bool htcds_is_good(enum htcds_kind kind, struct bytes value)
{
	switch (kind) {
	case HTCDS_DATE:
		return is_date(value);
	case HTCDS_PHONE:
		return is_phone(value);
	case HTCDS_CHECK:
		return bytes_equal(value, bytes_str("TRUE")) ||
		    bytes_equal(value, bytes_str("FALSE"));
	case HTCDS_COUNTRY:
	case HTCDS_COUNTRIES:
		return is_like(value, "AA");
	case HTCDS_LANGUAGE:
		return is_like(value, "aaa");
	case HTCDS_NONE:
	case HTCDS_TEXT:
	case HTCDS_ONE:
	case HTCDS_MANY:
	case HTCDS_EVENTS:
		break;
	}
	return false;
}
