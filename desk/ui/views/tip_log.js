// SPDX-License-Identifier: AGPL-3.0-or-later
// What happened with a tip: messages, notes, changes, views, in the order of
// time. Notes are only ever added; a correction is a new one.
import { say } from '../js/announce.js';
import { get, isNotHere, post, query } from '../js/api.js';
import { eventWord, kindWord, stateWord } from '../js/codes.js';
import { fill, h, written } from '../js/dom.js';
import { priorityMark } from '../js/icons.js';
import { t } from '../js/text.js';
import { area, button, card, field, moment, notHere, radios, tabs } from '../js/widgets.js';

export const timeOf = (item) => item.at_ms ?? item.at ?? item.when_ms ?? 0;
const bodyOf = (item) => item.text ?? item.note ?? item.reason ?? item.words ?? '';
const NOTES = new Set(['note', 'plan']);

function what(item) {
  const kind = item.kind ?? item.what ?? '';
  if (item.event) return eventWord(item.event);
  return kindWord(kind);
}

/** One line of the log, with what was said beneath it. */
export function logItem(item) {
  const body = bodyOf(item);
  const outcome = item.pending ? t('log.pending') : item.state_word ?? '';
  return h('li', { class: `log log-${item.kind ?? item.what ?? 'event'}` },
    h('p', { class: 'log-head' }, moment(timeOf(item)), ' ', h('b', null, what(item)),
      item.who && h('span', null, ' · ', written(item.who)),
      item.scope && h('span', { class: 'chip' }, t(`scope.${item.scope}`)),
      item.state && item.event && h('span', { class: 'muted' }, ` → ${stateWord(item.state)}`),
      item.priority && item.event && h('span', null, ' ', priorityMark(item.priority)),
      outcome && h('span', { class: 'chip' }, outcome)),
    body && h('p', { class: 'log-body' }, written(String(body), item.lang)));
}

const listOf = (items, none) => (items.length > 0
  ? h('ol', { class: 'plain logs' }, items.map(logItem)) : h('p', { class: 'muted' }, none));

function auditPanel(id) {
  const place = h('div', null, h('p', { class: 'muted' }, t('loading')));
  get(query('/api/audit', { tip: id })).then((data) => fill(place, listOf(data.rows ?? data.entries ?? [], t('audit.none'))),
    (error) => fill(place, isNotHere(error) || error.status === 400 ? notHere() : h('p', { class: 'wrong' }, error.said)));
  return place;
}

/** Notes are private to who writes, the team's, or for supervisors. */
export function noteCard(tip, { draft, keep, saved, may }) {
  if (!may) return null;
  const text = area({ rows: 3, value: draft ?? '', maxlength: 8000, 'data-field': 'note', oninput: () => keep(text.value) });
  const scope = radios(t('note.who'), ['team', 'private', 'supervisor'].map((each) => [each, t(`scope.${each}`)]), { value: 'team' });
  return card(t('note'), { class: 'note-write' }, field(t('note'), text, { hideLabel: true, hint: t('note.hint') }),
    h('div', { class: 'split-line' }, scope.node, button(t('note.save'), async () => {
      if (!text.value.trim()) { text.focus(); throw new Error(t('note.empty')); }
      await post(`/api/tips/${encodeURIComponent(tip.row.id)}/entries`, { kind: 'note', text: text.value.trim(), scope: scope.value() });
      text.value = '';
      keep('');
      say(t('saved'));
      saved();
    }, { kind: 'primary' })));
}

/** The whole log of the tip. */
export function logCard(tip) {
  const entries = tip.entries ?? [];
  const ids = new Set(entries.map((entry) => entry.id).filter(Boolean));
  const all = [...entries, ...(tip.timeline ?? []).filter((item) => !item.id || !ids.has(item.id))]
    .sort((a, b) => timeOf(a) - timeOf(b));
  const notes = all.filter((item) => NOTES.has(item.kind));
  const messages = all.filter((item) => ['reply', 'sms', 'more', 'message', 'part', 'wish'].includes(item.kind ?? item.what));
  return card(t('log'), { class: 'log-card' }, tabs(t('log'), [
    ['all', t('log.all'), () => listOf(all, t('log.none'))],
    ['messages', `${t('log.messages')} (${messages.length})`, () => listOf(messages, t('log.none'))],
    ['notes', `${t('log.notes')} (${notes.length})`, () => listOf(notes, t('note.none'))],
    ['audit', t('log.audit'), () => auditPanel(tip.row.id)],
  ]).node);
}
