/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What judging a tip costs: a long Khmer story, a short message, loading the
 * lists, their memory, and whether the time grows with the length alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text/triage.h"

#define ROUNDS 50

static double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* len bytes, or what is whole of them, of one text again and again. */
static char *repeat(const char *text, size_t len, size_t *ret_len)
{
	size_t one = strlen(text);
	char *all = malloc(len);

	for (*ret_len = 0; all != NULL && *ret_len + one <= len;
	     *ret_len += one) {
		memcpy(all + *ret_len, text, one);
	}
	return all;
}

/* The best of some rounds, in microseconds. */
static double judge_us(const struct triage *triage, struct bytes text)
{
	double best = 1e12;

	for (int round = 0; round < ROUNDS; round++) {
		struct report report = { .channel = "sms", .text = text };
		double from = now_us();

		if (triage_judge(triage, &report) != TL_OK) {
			exit(1);
		}
		from = now_us() - from;
		best = from < best ? from : best;
	}
	return best;
}

/* most: the bar, 0: none. */
static const char *met(double value, double most)
{
	return most == 0 ? "" : value <= most ? "met" : "NOT MET";
}

static void show(const struct triage *triage, const char *name,
    const char *text, size_t bytes, double most_us)
{
	size_t len;
	char *all = repeat(text, bytes, &len);
	double us = all == NULL ? 0 : judge_us(triage, bytes_of(all, len));

	(void)printf("%-37s %8zu bytes %10.1f us %7.2f ns/byte %s\n", name, len,
	    us, us * 1000 / (double)len, met(us, most_us));
	free(all);
}

int main(void)
{
	static const char khmer[] = "ខ្ញុំធ្វើការនៅក្នុងអគារធំមួយ ហើយគេមិនឱ្យចេញក្រៅទេ។ ";
	static const char zawgyi[] = "ကၽြန္မတို႔ကို အခန္းထဲမွာ ေသာ့ခတ္ထားတယ္ ";
	static const char latin[] =
	    "they keep us in the house and work all day no rest pls ";
	/* signs that every rule of folding is about */
	static const char odd[] = "\u1780\u17d2\u17d2\u17c1\u17bb\u17b8"
				  "\u0e4d\u0e48heeelp\u0301\u0323 9";
	const struct triage_files files = { 0 };
	struct triage *triage = NULL;
	struct triage_fault fault;
	double load_us = now_us(), lists_kib;

	if (triage_new(&files, &triage, &fault) != TL_OK) {
		return 1;
	}
	load_us = now_us() - load_us;
	lists_kib = (double)triage_bytes(triage) / 1024;
	(void)printf("load of all lists (at most 50000 us) %25.1f us %s\n"
		     "memory of the lists (at most 2048 KiB) %23.1f KiB %s\n",
	    load_us, met(load_us, 50000), lists_kib, met(lists_kib, 2048));
	show(triage, "Khmer, 10,000 signs (at most 1000 us)", khmer, 29400,
	    1000);
	show(triage, "SMS, 160 signs (at most 20 us)", latin, 165, 20);
	show(triage, "Khmer SMS, 70 signs", khmer, 210, 0);
	show(triage, "Burmese in Zawgyi, 10,000 signs", zawgyi, 30000, 0);
	show(triage, "odd signs, 1 KiB", odd, 1024, 0);
	show(triage, "odd signs, 100 KiB", odd, (size_t)100 * 1024, 0);
	show(triage, "odd signs, 1 MiB", odd, (size_t)1024 * 1024, 0);
	show(triage, "marks, 1 MiB", "\u0301\u0323", (size_t)1024 * 1024, 0);
	show(triage, "one Khmer syllable, 1 MiB", "\u17b8\u17c6\u17d2",
	    (size_t)1024 * 1024, 0);
	show(triage, "one word, 1 MiB", "help ", (size_t)1024 * 1024, 0);
	triage_free(triage);
	return 0;
}
