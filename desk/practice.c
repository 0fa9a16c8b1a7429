/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/practice.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"

#define ANSWERS_MAX 4u

/* Texts are drafts, and nobody's. */
static const struct {
	const char *lang, *channel, *text;
	int64_t ago_s;
	struct {
		const char *name, *value;
	} answers[ANSWERS_MAX];
} rows[] = {
	{ "km", "web", "ជួយផង គេចាក់សោទ្វារ ហើយវាយយើង។ យើងប្រាំនាក់នៅក្នុងអគារពណ៌ខៀវ។",
	    60,
	    { { "now", "1" }, { "where_province", "18" }, { "share", "1" },
		{ "count", "2" } } },
	{ "th", "sms", "ช่วยด้วย เขายึดหนังสือเดินทางและไม่ให้เราออกไป", 420,
	    { { NULL, NULL } } },
	{ "vi", "web", "Cứu tôi với. Họ giữ hộ chiếu và đòi tiền chuộc.", 900,
	    { { "now", "2" }, { "who", "1" }, { "share", "3" } } },
	{ "zh-Hans", "web", "救命。他们不让我们离开园区，还没收了护照。", 1500,
	    { { "now", "1" }, { "count", "4" }, { "share", "2" } } },
	{ "my", "web", "ကူညီပါ။ လုပ်ခမပေးဘူး၊ အပြင်ထွက်ခွင့်မပေးဘူး။", 2400,
	    { { "now", "3" }, { "ind", "1" } } },
	{ "lo", "sms", "ຊ່ວຍແດ່ ເຂົາຢຶດເອົາໜັງສືຜ່ານແດນ ແລະ ບໍ່ໃຫ້ອອກໄປ", 3000,
	    { { NULL, NULL } } },
	{ "ms", "web",
	    "Tolong saya. Majikan simpan pasport dan tidak bayar gaji enam "
	    "bulan.",
	    5400, { { "who", "1" }, { "contact", "1" } } },
	{ "id", "web", "Tolong, kami dikurung di gudang dan dipukul.", 120,
	    { { "now", "1" }, { "count", "3" }, { "share", "1" } } },
	{ "fil", "web",
	    "Tulungan ninyo kami. Kinuha ang pasaporte at hindi kami "
	    "pinapalabas.",
	    7200, { { "now", "2" }, { "share", "4" } } },
	{ "bn", "web", "আমাদের সাহায্য করুন। পাসপোর্ট নিয়ে নিয়েছে, বেতন দেয় না।",
	    9000, { { "who", "1" }, { "now", "3" } } },
	{ "ne", "sms", "मद्दत गर्नुहोस्। राहदानी खोसेर काम गराइरहेका छन्।", 10800,
	    { { NULL, NULL } } },
	{ "en", "web",
	    "My cousin is 15. They say she will be sent across the border "
	    "tonight.",
	    300,
	    { { "now", "2" }, { "minor", "1" }, { "who", "2" },
		{ "share", "3" } } },
	{ "en", "web",
	    "Is this the right place for labour complaints? My salary is two "
	    "weeks late.",
	    12600, { { "who", "1" }, { "now", "3" } } },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

size_t practice_n(void)
{
	return ROWS;
}

void practice_id(
    const uint8_t *secret, size_t at, uint8_t ret_id[static PRACTICE_ID_BYTES])
{
	static const char prefix[] = "tipline practice v1"; /* with its NUL */
	uint8_t key[HASH_KEY_BYTES];
	const uint8_t number = (uint8_t)at;

	hash_keyed(key, sizeof(key), secret, prefix, sizeof(prefix));
	hash_keyed(ret_id, PRACTICE_ID_BYTES, key, &number, 1);
	wipe(key, sizeof(key));
}

enum tl_err practice_write(const struct triage *triage, const uint8_t *secret,
    size_t at, int64_t now_s, struct buf *out)
{
	struct report_answer answers[ANSWERS_MAX];
	struct report report = { .received_s = now_s - rows[at].ago_s,
		.channel = rows[at].channel,
		.lang = rows[at].lang,
		.text = bytes_str(rows[at].text),
		.answers = answers,
		.trust = "practice",
		.flags = { PRACTICE_FLAG },
		.n_flags = 1 };
	enum tl_err err;

	practice_id(secret, at, report.id);
	while (report.n_answers < ANSWERS_MAX &&
	    rows[at].answers[report.n_answers].name != NULL) {
		answers[report.n_answers] = (struct report_answer){
			rows[at].answers[report.n_answers].name,
			bytes_str(rows[at].answers[report.n_answers].value)
		};
		report.n_answers++;
	}
	err = triage_judge(triage, &report);
	return err == TL_OK ? report_write(&report, out) : err;
}
