// SPDX-License-Identifier: AGPL-3.0-or-later
// Codes of the desk in the words of the catalogue. What is not known is shown
// as it came, never left out.
import { t, tOr } from './text.js';

export const LANGUAGES = ['km', 'en', 'th', 'vi', 'lo', 'my', 'zh-Hans', 'ms', 'id', 'fil', 'bn', 'ne'];
export const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'ur', 'he']);

const word = (kind, value) => (value === undefined || value === null || value === '' || value === 0
  ? '' : tOr(`${kind}.${value}`, String(value)));

export const tOrWord = (kind, value) => word(kind, value);
export const stateWord = (state) => tOr(`state.${String(state).toUpperCase()}`, String(state ?? ''));
export const aboutWord = (about) => word('about', about);
export const shareWord = (share) => word('share', share) || t('share.0');
export const contactWord = (contact) => {
  if (contact === true) return t('contact.1');
  if (contact === false) return t('contact.0');
  return word('contact', contact) || t('contact.0');
};
/** 'yes', 'maybe' or '' of what was answered about people under 18. */
export function under18(value) {
  if (value === true || ['1', 'yes'].includes(String(value))) return 'yes';
  return ['2', 'maybe'].includes(String(value)) ? 'maybe' : '';
}

const QUESTIONS = new Set(['now', 'who', 'minor', 'count', 'share', 'official', 'ind', 'perp', 'where_near', 'where_country', 'where_province', 'contact', 'lang', 'lang_voice', 'work', 'how', 'how_app', 'share_knows', 'official_note',
  'contact_number', 'contact_when', 'contact_message', 'contact_say', 'contact_cover', 'contact_safeword', 'contact_watched']);
const VALUES = { now: 'q.now', minor: 'q.minor', count: 'q.count', ind: 'q.ind', official: 'q.minor', who: 'about', share: 'share', contact: 'contact', lang: 'lang', work: 'q.work', how: 'q.how', where_country: 'q.where_country',
  where_province: 'province', share_knows: 'q.yes-no', contact_message: 'q.yes-no', contact_say: 'q.yes-no', lang_voice: 'q.yes-no' };

/** The question of an answer, and what was answered, in the console's words. */
export const questionWord = (name, otherwise) => (QUESTIONS.has(name) ? t(`q.${name}`) : otherwise ?? name);
export const answerWord = (name, value, otherwise) => tOr(`${VALUES[name] ?? 'q'}.${value}`, otherwise ?? String(value));

export const flagWord = (flag) => tOr(`flag.${String(flag).replaceAll(' ', '-')}`, String(flag));
export const linkWord = (kind) => tOr(`link.${String(kind).replaceAll(' ', '-')}`, String(kind ?? ''));
export const channelWord = (channel) => word('channel', channel);
export const languageWord = (lang) => (lang ? tOr(`lang.${lang}`, lang) : t('lang.none'));
export const groupWord = (group) => tOr(`group.${group}`, String(group));
export const ruleWord = (rule, text) => tOr(`rule.${rule}`, text ?? rule);
/** The reasons that say something: "not classified" counts only alone. */
export function reasonsOf(row) {
  const all = row.reasons ?? [];
  return all.length > 1 ? all.filter(({ rule }) => rule !== 'R14') : all;
}
export const eventWord = (event) => tOr(`do.${String(event).toUpperCase()}`, String(event));
export const kindWord = (kind) => tOr(`kind.${kind}`, String(kind));
export const roleWord = (role) => tOr(`role.${role}`, String(role));

export const DISPOSITIONS = ['REF_POLICE', 'REF_NGO', 'REF_AFTERCARE', 'REF_EMBASSY', 'REF_CHILDLINE', 'REF_FOREIGN_LINE',
  'SAFETY_PLAN_ONLY', 'INFO_GIVEN', 'UPDATE_TO', 'DUP_OF', 'INSUFFICIENT', 'UNREACHABLE', 'NOT_TRAFFICKING_LABOUR',
  'NOT_TRAFFICKING_OTHER', 'WITHDRAWN_BY_REPORTER', 'SPAM', 'ABUSE', 'TEST'];
export const OUTCOMES = ['PERSON_SAFE', 'LEFT_ON_OWN', 'REMOVED_BY_AUTH', 'NOT_FOUND', 'DECLINED_HELP', 'ARREST',
  'CASE_OPENED', 'CONVICTION', 'NO_ACTION', 'UNKNOWN'];

