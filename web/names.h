/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/names.h - all that the templates of web/pages may ask for, beside the
 * keys of the catalogues. The compiler of templates and the pages read the
 * same rows, so a name that nobody fills does not build.
 */
#ifndef TL_WEB_NAMES_H
#define TL_WEB_NAMES_H

/* clang-format off */
/* {{=name}}: bytes, escaped; {{#name}}: unless they are empty */
#define WEB_VALUES(X) \
	X(lang)   /* tag of the page's language */ \
	X(title)  /* of the site */ \
	X(urgent) /* telephone number as shown */ \
	X(tel)    /* the same for a tel: address */ \
	X(idem)   /* idempotency key */ \
	X(state)  /* sealed: which tip this belongs to */ \
	X(story) \
	X(near) \
	X(size)    /* of a file, at most: megabytes */ \
	X(minutes) /* of a recording, about */ \
	X(app) \
	X(perp) \
	X(number) /* of Q12, as the four below */ \
	X(when) \
	X(cover) \
	X(safeword) \
	X(watched) \
	X(note)   /* of Q14 */ \
	X(days)   /* since a message */ \
	X(path)    /* where a form goes to */ \
	X(ticket)  /* sealed: a place in the queue */ \
	X(seconds) /* to wait */ \
	X(bits)    /* of work instead */ \
	X(status) /* sentence of the desk */ \
	X(hear_now) /* KiB of the question read aloud; as those below */ \
	X(hear_story) \
	X(hear_who) \
	X(hear_where) \
	X(hear_count) \
	X(hear_minor) \
	X(hear_ind) \
	X(hear_work) \
	X(hear_how) \
	X(hear_perp) \
	X(hear_share) \
	X(hear_contact) \
	X(hear_lang) \
	X(hear_official)

/* {{#name}}: if it holds; {{^name}}: if not */
#define WEB_FLAGS(X) \
	X(error)      /* the page tells of a problem */ \
	X(empty) \
	X(story_bad)  /* the story has an error beside it */ \
	X(story_long) \
	X(near_long) \
	X(unsent) \
	X(field_long) /* an answer is */ \
	X(proxy) \
	X(free)       /* the call costs nothing */ \
	X(abroad)     /* there are lines in other countries */ \
	X(again) \
	X(big)        /* the recording was too big */ \
	X(kind)       /* it was no recording */ \
	X(part)       /* not all of it could be kept */ \
	X(me)         /* the tip is about who writes */ \
	X(before)     /* there is a group before this one */ \
	X(asks_who)   /* the operator has these questions asked */ \
	X(asks_count) \
	X(asks_minor) \
	X(asks_ind) \
	X(asks_work) \
	X(asks_how) \
	X(asks_perp) \
	X(asks_share) \
	X(asks_contact) \
	X(asks_lang) \
	X(asks_official) \
	X(missing)    /* no page here */ \
	X(over)       /* the page has expired */ \
	X(last)       /* the tip has all it needs */ \
	X(sent)       /* more words have arrived */ \
	X(deleted) \
	X(stopped) \
	X(withdrawn) \
	X(check)      /* the code cannot be one */ \
	X(tries)      /* too many codes */ \
	X(busy)       /* too many people */ \
	X(unknown)    /* nothing lies under this code */ \
	X(words)      /* there are messages under it */ \
	X(box)        /* a code was entered */

/* {{#name}}: once for each item */
#define WEB_LISTS(X) \
	X(languages) /* value: tag; text: own name; on: this page's */ \
	X(now)       /* answers: value, text; on: chosen */ \
	X(countries) \
	X(lines)     /* value: for a tel: address; text: number; name: country */ \
	X(provinces) \
	X(who) \
	X(count) \
	X(minor) \
	X(ind) \
	X(work) \
	X(how) \
	X(share) \
	X(knows) \
	X(contact) \
	X(message) \
	X(say) \
	X(language) \
	X(voice) \
	X(official) \
	X(typed)     /* value: a name; text: what was typed */ \
	X(mails)     /* text: of the desk; age: of it */ \
	X(code)      /* text: a group of digits */ \
	X(code_own)  /* the same in the language's own digits */

/* {{=.name}} within a list: bytes, escaped */
#define WEB_ITEM_VALUES(X) \
	X(value) \
	X(text) \
	X(name) \
	X(age)

/* {{#.name}} within a list */
#define WEB_ITEM_FLAGS(X) \
	X(on)
/* clang-format on */

#define WEB_V(name)  V_##name,
#define WEB_F(name)  F_##name,
#define WEB_L(name)  L_##name,
#define WEB_IV(name) IV_##name,
#define WEB_IF(name) IF_##name,

enum web_value { WEB_VALUES(WEB_V) V_COUNT };
enum web_flag { WEB_FLAGS(WEB_F) F_COUNT };
enum web_list { WEB_LISTS(WEB_L) L_COUNT };
enum web_item_value { WEB_ITEM_VALUES(WEB_IV) IV_COUNT };
enum web_item_flag { WEB_ITEM_FLAGS(WEB_IF) IF_COUNT };

#endif
