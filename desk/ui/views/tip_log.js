// SPDX-License-Identifier: AGPL-3.0-or-later
// What happened with a tip: messages, notes, changes, views, in the order of
// time. Notes are only ever added; a correction is a new one.
import { isNotHere, post } from '../js/api.js';
import { contactWord, eventWord, kindWord, linkWord, stateWord, tOrWord } from '../js/codes.js';
import { safeOf } from '../js/contact.js';
import { fill, h, written } from '../js/dom.js';
import { priorityMark } from '../js/icons.js';
import { t, tn } from '../js/text.js';
import { fromLocal, local } from '../js/timewords.js';
import { area, button, card, dayInput, field, input, moment, notHere, radios, select, tabs } from '../js/widgets.js';
import { trailOf } from './audit.js';
import { codeSummary } from './tip_coding.js';
import { besideLines, partsLine } from './tip_text.js';

/** Entries say seconds (`at`), the desk milliseconds. */
export const timeOf = (item) => item.at_ms ?? item.when_ms ?? (item.at ?? 0) * 1000;
const bodyOf = (item) => item.text ?? item.note ?? item.reason ?? item.words ?? '';
const NOTES = new Set(['note', 'plan', 'promise', 'consent', 'contact', 'coding', 'officials', 'content-note', 'translation']);
const SMS = new Set(['sms', 'sms-outcome']);
const MESSAGES = new Set(['reply', 'status', 'sms', 'more', 'message', 'again', 'part', 'wish']);
const isChange = (item) => item.event && (!item.kind || item.kind === 'change');
const what = (item) => (item.done ? tOrWord('audit.do', item.done) : isChange(item) ? eventWord(item.event) : kindWord(item.kind ?? item.what ?? ''));

/** What a kind has beside its text. */
function extras(item) {
  return [item.due_ms && [' · ', moment(item.due_ms)], item.agreed !== undefined && ` · ${t(item.agreed ? 'consent.yes' : 'consent.no')}`,
    item.kind === 'status' && ` · ${t(`status.${item.status}`)}`, item.outcome && SMS.has(item.kind) && ` · ${tOrWord('sms.outcome', item.outcome)}`, item.outcome === 'dropped' && item.why && ` (${item.why})`, SMS.has(item.kind) && item.parts && ` · ${tn('sms.parts', item.parts)}`, item.auto && ` · ${t('sms.auto')}`, item.to_ends && ` · …${item.to_ends}`,
    item.withdrawn && item.partner_name && ` · ${item.partner_name}, ${item.ref}`, item.link && ` · ${linkWord(item.link)}`, item.disposition && ` · ${t(`disposition.${item.disposition}`)}`, item.outcome && !SMS.has(item.kind) && ` · ${t(`outcome.${item.outcome}`)}`].filter(Boolean);
}

/** Of the safe way back: what was written down, but for the words to be heard. */
function heard(item) {
  const safe = safeOf(item);
  if (!safe) return null;
  return h('p', { class: 'log-body' }, [safe.no_contact && t('contact.stopped'), contactWord(safe.wish), safe.hours, safe.cover].filter(Boolean).map((each, i) => [i > 0 && ' · ', written(each)]));
}

/** One line of the log, with what was said beneath it. */
export function logItem(item) {
  const body = bodyOf(item);
  const whose = item.for ?? item.scope;
  return h('li', { class: `log log-${item.kind ?? item.what ?? 'event'}` },
    h('p', { class: 'log-head' }, moment(timeOf(item)), ' ', h('b', null, what(item)),
      item.who && h('span', null, ' · ', written(item.who)),
      extras(item), whose && whose !== 'team' && [' ', h('span', { class: 'chip' }, t(`scope.${whose}`))],
      item.state && isChange(item) && h('span', { class: 'muted' }, ` → ${stateWord(item.state)}`),
      item.priority > 0 && isChange(item) && h('span', null, ' ', priorityMark(item.priority)),
      item.pending && [' ', h('span', { class: 'chip' }, t('log.pending'))]),
    body && h('p', { class: 'log-body' }, written(String(body), item.lang)), item.codes && codeSummary(item.codes), heard(item), besideLines(item), !SMS.has(item.kind) && partsLine(item));
}

const listOf = (items, none) => (items.length > 0
  ? h('ol', { class: 'plain logs' }, items.map(logItem)) : h('p', { class: 'muted' }, none));

function auditPanel(id) {
  const place = h('div', null, h('p', { class: 'muted' }, t('loading')));
  trailOf(id).then((rows) => fill(place, h('p', { class: 'hint' }, t('log.audit.hint')), listOf(rows.map(({ what: done, ...row }) => ({ ...row, done })), t('audit.none'))),
    (error) => fill(place, isNotHere(error) ? notHere() : h('p', { class: 'wrong' }, error.said ?? String(error))));
  return place;
}

/** The moment that an officer means, or an error. */
function momentOf(day, time) {
  const ms = fromLocal(day.value.trim(), time.value.trim() || '00:00');
  if (Number.isNaN(ms)) { day.focus(); throw new Error(t('day.wrong')); }
  return ms;
}

/** What a kind of note asks for beside its text: {node, read()}. */
function moreOf(kind) {
  if (kind === 'plan' || kind === 'promise') {
    const now = local(Date.now() + 3600000);
    const day = dayInput({ value: now.date });
    const time = input({ value: now.time, maxlength: 5, inputmode: 'numeric' });
    return { node: h('div', { class: 'row-fields' }, field(t('plan.day'), day), field(t('plan.time'), time)), read: () => ({ due_ms: momentOf(day, time) }) };
  }
  if (kind === 'consent') {
    const agreed = radios(t('consent.agreed'), [['yes', t('yes')], ['no', t('no')]]);
    return {
      node: agreed.node,
      read() {
        if (!agreed.value()) throw new Error(t('consent.missing'));
        return { agreed: agreed.value() === 'yes' };
      },
    };
  }
  return { node: null, read: () => ({}) };
}

/** A note, the next action, a promise, a consent: for the team, oneself, or supervisors. */
export function noteCard(tip, { draft, keep, save, may }) {
  if (!may) return null;
  const text = area({ rows: 3, value: draft ?? '', maxlength: 8000, 'data-field': 'note', oninput: () => keep(text.value) });
  const scope = radios(t('note.who'), ['team', 'private', 'supervisor'].map((each) => [each, t(`scope.${each}`)]), { value: 'team' });
  const place = h('div');
  let more = moreOf('note');
  const kind = select(['note', 'plan', 'promise', 'consent', 'officials'].map((each) => [each, t(`kind.${each}`)]), {
    onchange: () => { more = moreOf(kind.value); fill(place, more.node); scope.node.hidden = kind.value !== 'note'; }, // what others decide by, others can read
  });
  return card(t('note'), { class: 'note-write' }, field(t('note.kind'), kind), field(t('note'), text, { hideLabel: true, hint: t('note.hint') }), place,
    h('div', { class: 'split-line' }, scope.node, button(t('note.save'), async () => {
      if (!text.value.trim()) { text.focus(); throw new Error(t('note.empty')); }
      const entry = { kind: kind.value, text: text.value.trim(), for: kind.value === 'note' ? scope.value() : 'team', ...more.read() };
      await save(async () => {
        await post(`/api/tips/${encodeURIComponent(tip.row.id)}/entries`, entry);
        text.value = '';
        keep('');
      });
    }, { kind: 'primary' })));
}

/** The whole log of the tip. */
export function logCard(tip) {
  const entries = tip.entries ?? [];
  const ids = new Set(entries.map((entry) => entry.id).filter(Boolean));
  const all = [...entries, ...(tip.timeline ?? []).filter((item) => !item.id || !ids.has(item.id))]
    .sort((a, b) => timeOf(a) - timeOf(b));
  const notes = all.filter((item) => NOTES.has(item.kind));
  const messages = all.filter((item) => MESSAGES.has(item.kind ?? item.what));
  return card(t('log'), { class: 'log-card' }, tabs(t('log'), [
    ['all', t('log.all'), () => listOf(all, t('log.none'))],
    ['messages', `${t('log.messages')} (${messages.length})`, () => listOf(messages, t('log.none'))],
    ['notes', `${t('log.notes')} (${notes.length})`, () => listOf(notes, t('note.none'))],
    ['audit', t('log.audit'), () => auditPanel(tip.row.id)],
  ]).node);
}
