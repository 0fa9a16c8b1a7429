// SPDX-License-Identifier: AGPL-3.0-or-later
// What may be done with a tip now: the desk says which events, and what each
// needs. A dialog asks for just that.
import { post } from '../js/api.js';
import { say } from '../js/announce.js';
import { DISPOSITIONS, eventWord, OUTCOMES } from '../js/codes.js';
import { dialog } from '../js/dialog.js';
import { h, written } from '../js/dom.js';
import { PRIORITIES, priorityMark } from '../js/icons.js';
import { session } from '../js/session.js';
import { t, tOr } from '../js/text.js';
import { area, button, card, field, moment, select } from '../js/widgets.js';
import { act } from './acts.js';
import { approveReferral, leftOf, lookAfterwards, MAY_REFER, newestReferral } from './referral.js';
import { timeOf } from './tip_log.js';

const lower = (event) => String(event).toLowerCase();
export const allowedOf = (tip) => new Map((tip.allowed ?? []).map((each) => [lower(each.event), each]));

/** Not shown as buttons of their own: they have a place of theirs, or no person does them. */
const ELSEWHERE = new Set(['claim', 'release', 'take_over', 'open', 'priority', 'raise', 'draft', 'link', 'note',
  'submit', 'approve', 'accept', 'reject', 'give_back', 'reported', 'message', 'score', 'receive', 'lease_end', 'heard', 'purge']);
const ORDER = ['ask', 'check', 'checked', 'escalate', 'decide_triage', 'decide_refer', 'again', 'give_up', 'accept', 'reject',
  'ack_late', 'reported', 'result', 'more', 'recall', 'give_back', 'reopen', 'unlink', 'suspect', 'unsuspect', 'spam', 'look', 'withdraw', 'close'];

const WANTS_REASON = new Set(['SAFETY_PLAN_ONLY', 'INSUFFICIENT', 'UNREACHABLE']);
const WANTS_TARGET = new Set(['UPDATE_TO', 'DUP_OF']);

/** Why it may be closed from where it is: what was referred has an outcome first. */
const dispositionsIn = (state) => DISPOSITIONS.filter((code) => state === 'OUTCOME' || !code.startsWith('REF_'));

/** Tips that are linked to it or alike, to choose from. */
function relatives(tip) {
  const all = new Map([...(tip.links ?? []), ...(tip.alike ?? [])].map((each) => (typeof each === 'string' ? { id: each } : each)).map((each) => [each.id, each.seq ?? each.id.slice(0, 6)]));
  return [['', t('choose')], ...[...all].map(([id, n]) => [id, t('link.tip', { n })])];
}

/** The fields that an event needs: {nodes, read(): change}. */
function needsOf(event, needs, tip) {
  const nodes = [];
  const readers = [];
  const add = (label, control, name, missing, hint) => {
    const node = field(label, control, { hint });
    nodes.push(node);
    readers.push((change) => {
      const value = node.hidden ? '' : control.value.trim();
      const why = typeof missing === 'function' ? missing(change) : missing;
      if (!value && why) { control.focus(); throw new Error(why); }
      if (value) change[name] = value;
    });
    return node;
  };
  let target = null;
  if (event === 'close' || event === 'spam') {
    const codes = event === 'spam' ? ['SPAM', 'ABUSE', 'TEST'] : dispositionsIn(tip.row.state);
    add(t('disposition'), select([['', t('choose')], ...codes.map((code) => [code, t(`disposition.${code}`)])], {
      onchange: ({ target: { value } }) => { if (target) target.hidden = !WANTS_TARGET.has(value); },
    }), 'disposition', t('disposition.missing'));
  }
  if (event === 'result') add(t('outcome'), select([['', t('choose')], ...OUTCOMES.map((code) => [code, t(`outcome.${code}`)])]), 'outcome', t('outcome.missing'));
  if (needs.has('target') || event === 'close') target = add(t('target'), select(relatives(tip)), 'target', (change) => ((needs.has('target') || WANTS_TARGET.has(change.disposition)) && t('target.missing')), t('target.hint'));
  if (event === 'close') target.hidden = true;
  if (event === 'close' && tip.shown?.silent) nodes.push(h('p', { class: 'note-line reporter-silent' }, t('reporter-text.silent')));
  else if (event === 'close') add(t('reporter-text'), area({ rows: 2, maxlength: 500 }), 'reporter_text', null, t('reporter-text.hint'));
  if (needs.has('reason') || event === 'close') add(t('reason'), area({ rows: 2, maxlength: 2000 }), 'reason', (change) => (needs.has('reason') || WANTS_REASON.has(change.disposition) || (/^NOT_TRAFFICKING/.test(change.disposition) && !change.reporter_text)) && t('reason.missing'));
  return {
    nodes,
    read: () => readers.reduce((change, read) => { read(change); return change; }, {}),
  };
}

/** Ask for what the event needs and do it. Gives what the case is now. */
export async function perform(tip, allowed, preset = {}) {
  const event = lower(allowed.event);
  const needs = new Set(allowed.needs ?? []);
  const { nodes, read } = needsOf(event, needs, tip);
  let now = null;
  if (nodes.length === 0 && !needs.has('second') && event !== 'withdraw') return act(tip.row, { event: allowed.event, ...preset });
  const second = needs.has('second') && h('p', { class: 'note-line' }, t('second.why'));
  for (const node of nodes) {
    const control = node.querySelector('select, input, textarea');
    if (preset.disposition && control?.querySelector?.(`option[value="${preset.disposition}"]`)) control.value = preset.disposition;
  }
  await dialog(preset.title ?? eventWord(allowed.event), [tOr(`do.${event}.hint`, '') && h('p', null, t(`do.${event}.hint`)), second, event === 'recall' && leftOf(tip), nodes], {
    ok: preset.ok ?? eventWord(allowed.event),
    run: async () => {
      const { title, ok, ...rest } = preset;
      now = await act(tip.row, { event: allowed.event, ...rest, ...read() }, { inDialog: true });
    },
  });
  return now;
}

/** Confirm or change the priority; a reason where it changes, a second officer for lowering P1. */
export async function setPriority(tip, priority, allowed) {
  const event = allowed.get('priority') ?? allowed.get('raise');
  if (!event) { say(t('priority.not-now'), 'bad'); return null; }
  if (priority === tip.row.priority) return act(tip.row, { event: event.event, priority });
  const lowers = priority > tip.row.priority;
  const reason = area({ rows: 2, maxlength: 2000 });
  let now = null;
  await dialog(t('priority.change', { n: priority }), [
    h('p', { class: 'priority-change' }, priorityMark(tip.row.priority), ' → ', priorityMark(priority)),
    lowers && tip.row.priority === 1 && h('p', { class: 'note-line' }, t('second.why')),
    field(t('reason'), reason)], {
    ok: t('priority.go'),
    run: async () => {
      if (!reason.value.trim()) throw new Error(t('reason.missing'));
      now = await act(tip.row, { event: event.event, priority, reason: reason.value.trim() }, { inDialog: true });
    },
  });
  return now;
}

/** Out of scope, signpost: the tip leaves the queue with one key and one choice. */
export function outOfScope(tip, allowed) {
  const close = allowed.get('close');
  if (!close) { say(t('scope.not-now'), 'bad'); return null; }
  return perform(tip, close, { disposition: 'NOT_TRAFFICKING_LABOUR', title: t('scope.title'), ok: t('scope.go') });
}

/** What a colleague asks to be agreed to. */
export function asked(tip, done) {
  const all = tip.entries ?? [];
  // as the desk judges: whatever has happened since, it has to be asked for anew
  const over = (one) => all.some((each) => (one.asks === 'post-approve' ? each.kind === 'post-approval' && each.asked === one.id : (each.event && each.event !== 'NOTE' && each.id > one.id) || (each.kind === 'ask-second' && each.asks === one.asks && each.id > one.id)));
  return all.filter((each) => each.kind === 'ask-second' && !over(each)).map((each) => h('div', { class: 'asked' },
    h('p', null, h('b', null, t('asked', { name: each.who })), ' ', eventWord(each.asks ?? ''), each.to && [' → ', priorityMark(each.to)], ' · ', moment(timeOf(each))),
    (each.reason ?? each.text) && h('p', null, written(each.reason ?? each.text)),
    each.who === session.officer.name ? h('p', { class: 'muted' }, t('asked.own')) : h('p', { class: 'buttons' }, button(t('asked.agree'), async () => {
      const agree = () => post(`/api/tips/${encodeURIComponent(tip.row.id)}/agree`, { entry: each.id });
      const isGone = each.asks === 'post-approve';
      if (isGone && !await lookAfterwards(tip, each, agree)) return;
      if (!isGone) await agree();
      say(t('asked.done'));
      done();
    }, { kind: 'primary' }))));
}

/** The card: priority, then everything that may be done now. */
export function actionsCard(tip, { done, refer }) {
  const allowed = allowedOf(tip);
  const events = [...allowed.keys()].filter((event) => !ELSEWHERE.has(event))
    .sort((a, b) => (ORDER.indexOf(a) + 100) % 100 - (ORDER.indexOf(b) + 100) % 100);
  const mayRate = allowed.has('priority') || allowed.has('raise');
  const may = async (run) => { if (await run()) done(); };
  const rate = mayRate && h('div', { class: 'rate', role: 'group', 'aria-label': t('priority.set') }, PRIORITIES.map((n) => button(
    priorityMark(n), () => may(() => setPriority(tip, n, allowed)), { action: `p${n}`, kind: n === tip.row.priority ? 'rate-now' : '', 'aria-pressed': String(n === tip.row.priority) })));
  const { state } = tip.row;
  const referred = newestReferral(tip);
  const refers = MAY_REFER.has(state) || referred;
  const approves = state === 'REF_APPROVAL' && referred && referred.who !== session.officer.name;
  return card(t('actions'), { class: 'actions' }, asked(tip, done), rate && [h('p', { class: 'muted' }, t('priority.set')), rate],
    h('div', { class: 'buttons stack' },
      approves && button(t('do.APPROVE'), () => may(() => approveReferral(tip)), { kind: 'primary' }),
      refers && button(t(MAY_REFER.has(state) ? 'act.refer' : 'referral.see'), refer, { action: 'refer', kind: approves ? '' : 'primary' }),
      events.map((event) => button(eventWord(event), () => may(() => perform(tip, allowed.get(event)))))),
    !mayRate && events.length === 0 && !refers && h('p', { class: 'muted' }, t('actions.none')));
}
