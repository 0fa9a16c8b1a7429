// SPDX-License-Identifier: AGPL-3.0-or-later
// The safe way back, as it is now: what the reporter answered, and what an
// officer heard since and wrote down. A stop is never taken back by a form. Pure.

const MEMBERS = ['wish', 'hours', 'message_ok', 'who_to_say', 'cover', 'safe_word', 'watched_word', 'no_contact'];

/** What a contact entry says, or null: members that are known, and nothing else. */
export function safeOf(entry) {
  if (entry.kind !== 'contact' || !entry.safe || typeof entry.safe !== 'object') return null;
  return Object.fromEntries(MEMBERS.filter((name) => ['string', 'boolean'].includes(typeof entry.safe[name])).map((name) => [name, entry.safe[name]]));
}

const WORDS = { contact_safeword: 'safe_word', contact_watched: 'watched_word' };
const wordsOf = (answers = []) => Object.fromEntries(answers.filter(({ name }) => WORDS[name]).map(({ name, value }) => [WORDS[name], value]));

/** The contact of a tip with its newest entry over it. */
export function contactNow(tip) {
  const first = { ...tip.contact, ...wordsOf(tip.answers) };
  const said = (tip.entries ?? []).map((entry) => ({ entry, safe: safeOf(entry) })).filter(({ safe }) => safe).pop();
  if (!said) return first;
  const { entry, safe } = said;
  return {
    ...first, ...safe, no_contact: Boolean(first.no_contact || safe.no_contact), by: entry.who ?? '',
    safe_word_set: Boolean(safe.safe_word || first.safe_word_set), said_ms: entry.at_ms ?? (entry.at ?? 0) * 1000,
  };
}
