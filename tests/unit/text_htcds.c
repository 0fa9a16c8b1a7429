/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/htcds: what is exported is in the lists of the standard, and every
 * answer of the form is exported or said not to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/answer_words.h"
#include "text/htcds.h"

/* As the field standards have them, copied by hand: the file is held to it. */
static const struct {
	const char *field, *names;
} lists[] = {
	{ "prs_Gender",
	    "Feminine Masculine TransgenderFeminine TransgenderMasculine "
	    "NonConforming NonSpecifiedUnknown" },
	{ "vic_TraffickingStatus",
	    "PossibleVictimOfTrafficking ActualVictimOfTrafficking "
	    "NotAVictimOfTrafficking" },
	{ "vic_TraffickingStatusDecisionMakingOrg",
	    "Police NGO CourtOrProsecution NonPoliceGovernmentalOrganization "
	    "Other" },
	{ "vic_MethodOfRecruitment",
	    "AtAPlaceOfBusiness AtAnEducationalInstitution AtWork "
	    "ThroughOnlineSocialNetworks ThroughAnOnlineAdvertisement "
	    "ThroughATelevisionAdvert ThroughANewspaperAdvert "
	    "ThroughFamilyOrFamilyEvents ThroughFriendsOrSocialEvents Other" },
	{ "vic_MethodsOfControl",
	    "PhysicalThreats ThreatsLawEnforcement ThreatensChildrenFamily "
	    "DebtBondage FalsePromises PhysicalAbuse SexualAbuse TakesEarnings "
	    "RestrictsFinancialAccess RestrictsMedicalCare "
	    "WithholdsNecessities PsychologicalAbuse PsychoactiveSubstance "
	    "ExcessiveWorkingHours WithholdsDocuments Other" },
	{ "vic_TypeOfExploitation",
	    "ForcedLabour SexualExploitation ChildLabour ForcedMarriage "
	    "Servitude ForcedMilitaryByNonStateActors OrganRemoval "
	    "ForcedBegging ForcedAdoption Surrogacy Other" },
	{ "vic_ForcedLabourIndustry",
	    "A_AgricultureForestryAndFishing B_MiningAndQuarrying "
	    "C_Manufacturing D_ElectricityGasSteamAndAirConditioningSupply "
	    "E_WaterSupplySewerageWasteManagement F_Construction "
	    "G_WholesaleAndRetailTradeRepairOfMotorVehicles "
	    "H_TransportationAndStorage "
	    "I_AccommodationAndFoodServiceActivities "
	    "J_InformationAndCommunication K_FinancialAndInsuranceActivities "
	    "L_RealEstateActivities "
	    "M_ProfessionalScientificAndTechnicalActivities "
	    "N_AdministrativeAndSupportServiceActivities "
	    "O_PublicAdministrationAndDefence P_Education "
	    "Q_HumanHealthAndSocialWorkActivities "
	    "R_ArtsEntertainmentAndRecreation S_OtherServiceActivities "
	    "T_ActivitiesOfHouseholdsAsEmployers "
	    "U_ActivitiesOfExtraterritorialOrganizations" },
	{ "vic_TypeOfSexExploitation",
	    "Prostitution Pornography RemoteInteractiveServices "
	    "PrivateSexualServices" },
	{ "cas_Status", "Active FollowUp Closed ClosedReferred" },
	{ "cas_ReasonForIncomingReferral",
	    "AdditionalServicesRequired MigrationOrChangeOfLocation Other" },
	{ "cas_ReasonForOutgoingReferral",
	    "AdditionalServicesRequired MigrationOrChangeOfLocation Other" },
	{ "vic_RelationshipToTrafficker", "Familial Acquainted Unaquainted" },
	{ "vic_RecruitmentWebsitesAndApps",
	    "Facebook Instagram WhatsApp Telegram FacebookMessenger Viber "
	    "SnapChat Line 4Sale WeChat QQ QZone TikTok Twitter Other" },
	{ "hte_Type", "Recruitment Transit Exploitation" },
};
#define N_LISTS (sizeof(lists) / sizeof(lists[0]))

/* The word that stands at *at, and goes on to the next. */
static struct bytes next_name(const char **at)
{
	size_t len = strcspn(*at, " ");
	struct bytes name = bytes_of(*at, len);

	*at += len + ((*at)[len] == ' ' ? 1 : 0);
	return name;
}

static size_t list_at, n_values;
static const char *name_at;

static bool same(const struct htcds_value *value, void *arg)
{
	struct bytes label;

	(void)arg;
	if (name_at == NULL || *name_at == '\0') {
		list_at += name_at == NULL ? 0 : 1;
		assert_true(list_at < N_LISTS);
		name_at = lists[list_at].names;
	}
	assert_true(bytes_equal(value->field, bytes_str(lists[list_at].field)));
	assert_true(bytes_equal(value->name, next_name(&name_at)));
	assert_true(value->label.len > 0);
	assert_true(htcds_has(value->field, value->name, &label));
	assert_true(bytes_equal(label, value->label));
	n_values++;
	return true;
}

static void the_lists_are_those_of_the_standard(void **state)
{
	(void)state;
	assert_true(htcds_values_each(same, NULL));
	assert_int_equal(list_at + 1, N_LISTS);
	assert_string_equal(name_at, "");
	assert_int_equal(n_values, 107);
}

static void a_list_has_its_own_values_alone(void **state)
{
	struct bytes label = bytes_str("as it was");
	struct bytes control = bytes_str("vic_MethodsOfControl");

	(void)state;
	assert_true(htcds_has(control, bytes_str("DebtBondage"), &label));
	/* the standard's own file has a blank behind it */
	assert_true(bytes_equal(label, bytes_str("Debt bondage")));
	assert_false(htcds_has(control, bytes_str("DebtBondage "), &label));
	assert_false(
	    htcds_has(control, bytes_str("RestrictsMovement"), &label));
	assert_false(htcds_has(control, bytes_str("ForcedLabour"), &label));
	assert_false(htcds_has(control, bytes_str(""), &label));
	assert_true(htcds_is_list(control));
	assert_false(htcds_is_list(bytes_str("prs_FirstName")));
	assert_false(htcds_is_list(bytes_str("")));
}

/* ---- the mapping ----------------------------------------------------------
 */

static bool is_code(struct bytes value, size_t least, size_t most)
{
	return value.len >= least && value.len <= most;
}

static bool is_good(const struct htcds_row *row, void *arg)
{
	struct bytes label;

	(void)arg;
	if (bytes_equal(row->field, bytes_str("-"))) {
		assert_true(bytes_equal(row->value, bytes_str("-")));
	} else if (bytes_equal(row->field, bytes_str("hte_Country"))) {
		assert_true(is_code(row->value, 2, 2));
	} else if (bytes_equal(row->field, bytes_str("prs_PrimaryLanguage"))) {
		assert_true(is_code(row->value, 3, 3));
	} else {
		assert_true(htcds_has(row->field, row->value, &label));
		assert_true(row->field.len > 4);
		assert_memory_equal(row->field.at, "vic_", 4);
	}
	/* what a person alone decides, what is too coarse, what is deprecated
	 */
	assert_false(
	    bytes_equal(row->field, bytes_str("vic_TraffickingStatus")));
	assert_false(
	    bytes_equal(row->field, bytes_str("vic_TypeOfSexExploitation")));
	assert_false(bytes_equal(row->field, bytes_str("vic_Vulnerabilities")));
	assert_true(bytes_equal(row->chip, bytes_str("-")) ||
	    memchr(row->chip.at, '.', row->chip.len) != NULL);
	return true;
}

static void every_row_leads_to_a_value_of_the_standard(void **state)
{
	(void)state;
	assert_true(htcds_rows_each(is_good, NULL));
}

struct asked {
	const char *question, *answer;
};

static bool is_not_it(const struct htcds_row *row, void *arg)
{
	const struct asked *asked = arg;

	return !bytes_equal(row->question, bytes_str(asked->question)) ||
	    !(bytes_equal(row->answer, bytes_str(asked->answer)) ||
		bytes_equal(row->answer, bytes_str("*")));
}

static bool has_row(const char *question, const char *answer)
{
	struct asked asked = { .question = question, .answer = answer };

	return !htcds_rows_each(is_not_it, &asked);
}

static void every_answer_of_the_form_has_a_row(void **state)
{
	static const char *const questions[] = { "now", "who", "where_country",
		"count", "minor", "ind", "work", "how", "share", "share_knows",
		"contact", "contact_message", "contact_say", "lang_voice",
		"official" };
	static const char *const langs[] = { "km", "th", "vi", "zh-Hans", "my",
		"lo", "ms", "id", "fil", "bn", "ne", "en", "other" };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		for (unsigned value = 1; value < 100; value++) {
			char answer[12];

			(void)snprintf(answer, sizeof(answer), "%u", value);
			if (answer_words(questions[i], answer) != NULL) {
				assert_true(has_row(questions[i], answer));
				n++;
			}
		}
	}
	assert_true(n > 60);
	for (size_t i = 0; i < sizeof(langs) / sizeof(langs[0]); i++) {
		assert_true(has_row("lang", langs[i]));
	}
	assert_false(has_row("official_note", "*"));
}

static void every_chip_of_the_coding_has_a_row(void **state)
{
	static const char *const chips[][2] = { { "act", "recruitment" },
		{ "act", "transport" }, { "act", "harbouring" },
		{ "means", "force" }, { "means", "coercion" },
		{ "means", "abduction" }, { "means", "deception" },
		{ "means", "vulnerability" }, { "means", "payment" },
		{ "purpose", "sexual" }, { "purpose", "labour" },
		{ "purpose", "servitude" }, { "purpose", "organs" } };

	(void)state;
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		assert_true(has_row(chips[i][0], chips[i][1]));
	}
	for (unsigned i = 1; i <= 11; i++) {
		char code[12];

		(void)snprintf(code, sizeof(code), "%u", i);
		assert_true(has_row("ilo", code));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lists_are_those_of_the_standard),
		cmocka_unit_test(a_list_has_its_own_values_alone),
		cmocka_unit_test(every_row_leads_to_a_value_of_the_standard),
		cmocka_unit_test(every_answer_of_the_form_has_a_row),
		cmocka_unit_test(every_chip_of_the_coding_has_a_row),
	};

	return cmocka_run_group_tests_name("text/htcds", tests, NULL, NULL);
}
