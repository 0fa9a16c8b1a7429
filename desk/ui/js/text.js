// SPDX-License-Identifier: AGPL-3.0-or-later
// The console's own words: one catalogue for each language, chosen once and
// changed at any time. A word that is missing shows its key, and a test fails.
import en from '../texts/en.js';
import km from '../texts/km.js';

export const catalogues = { en, km };
/** Not yet read by a native speaker. */
export const drafts = new Set(['km']);

let chosen = 'en';

export function setLanguage(lang) {
  chosen = lang in catalogues ? lang : 'en';
  document.documentElement.lang = chosen;
}

export const language = () => chosen;

/** Fill {name} with params.name. Pure. */
export function expand(pattern, params = {}) {
  return pattern.replace(/\{(\w+)\}/g, (all, name) => (name in params ? String(params[name]) : all));
}

/** The text of a key. */
export function t(key, params) {
  return expand(catalogues[chosen][key] ?? en[key] ?? key, params);
}

/** The text of a key that may not be there, else what is given. */
export function tOr(key, otherwise, params) {
  const pattern = catalogues[chosen][key] ?? en[key];
  return pattern === undefined ? otherwise : expand(pattern, params);
}

/** A counted thing: key.one or key.other. */
export function tn(key, n, params) {
  return t(`${key}.${n === 1 ? 'one' : 'other'}`, { n, ...params });
}

/** A time in words, as timewords.js gives it: {key, n, m}. */
export function tw(words) {
  return t(words.key, words);
}
