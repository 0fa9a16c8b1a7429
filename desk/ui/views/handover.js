// SPDX-License-Identifier: AGPL-3.0-or-later
// Handing over the shift: one page, A4. Open P1 and P2 with their next action,
// leases, promises, silent partners and channels, counts, gaps, the audit's
// head. A shift does not end with a P1 that nobody has and nothing is planned for.
import { say } from '../js/announce.js';
import { get, post } from '../js/api.js';
import { stateWord } from '../js/codes.js';
import { fill, h, written } from '../js/dom.js';
import { icon, priorityMark } from '../js/icons.js';
import { go } from '../js/router.js';
import { session } from '../js/session.js';
import { t, tn } from '../js/text.js';
import { local, utc } from '../js/timewords.js';
import { area, button, card, facts, field, input, moment, table } from '../js/widgets.js';

const rowsOf = (data) => data.open ?? data.rows ?? [];
const listed = (items, none, make) => (items?.length > 0 ? h('ul', { class: 'tight' }, items.map((each) => h('li', null, make(each)))) : h('p', { class: 'muted' }, none));
const said = (each) => written(typeof each === 'string' ? each : each.text ?? each.name ?? '');

function plan(row) {
  if (row.plan) return [written(row.plan.text ?? row.plan), row.plan.by_ms && [' · ', moment(row.plan.by_ms)]];
  return h('b', { class: row.priority === 1 && !row.owner ? 'late' : '' }, row.priority === 1 && !row.owner && icon('warn'), t('handover.no-plan'));
}

function openTable(data) {
  const rows = rowsOf(data).filter((row) => row.priority <= 2);
  if (rows.length === 0) return h('p', { class: 'muted' }, t('handover.none-open'));
  return table(t('handover.open'), [[t('col.priority.long')], [t('tip')], [t('handover.state')], [t('col.owner.long')], [t('handover.next')]], rows.map((row) => [
    priorityMark(row.priority), t('link.tip', { n: row.seq ?? String(row.id).slice(0, 6) }), stateWord(row.state), row.owner ? written(row.owner) : t('owner.none'), plan(row)]), { hideCaption: true });
}

function counts(data) {
  const c = data.counts ?? {};
  return facts([
    [t('count.in'), String(c.in ?? c.received ?? '-')], [t('count.out'), String(c.out ?? c.closed ?? '-')], [t('count.open'), String(c.open ?? '-')],
    [t('count.unopened'), String(c.never_opened ?? '-')], [t('count.unseen'), String(c.unseen ?? '-')], [t('strip.gaps.word'), String(Array.isArray(data.gaps) ? data.gaps.length : data.gaps ?? c.gaps ?? 0)]]);
}

const leaseLine = (each) => [priorityMark(each.priority), ' ', t('link.tip', { n: each.seq ?? '' }), ' · ', written(each.owner ?? ''), each.until_ms && [' · ', t('until', { when: local(each.until_ms).time })]];

const partnerLine = (each) => [each.name ? written(each.name) : t('flag.not-opened'), ' · ', t('link.tip', { n: each.seq }), each.since_ms > 0 && [' · ', t('handover.since'), ' ', moment(each.since_ms)],
  each.overdue && [' · ', h('b', { class: 'late' }, icon('warn'), t('handover.overdue'))]];

/** Both officers: who goes confirms here, who comes confirms on her or his own desk. */
function confirmCard(data, root) {
  if (data.waiting?.to === session.officer.name) {
    return card(t('handover.confirm'), { class: 'no-print' }, h('p', null, t('handover.from', { name: data.waiting.from })), data.waiting.plan && h('p', { class: 'original' }, written(data.waiting.plan)), h('p', { class: 'buttons' },
      button(t('handover.accept'), async () => { await post('/api/handover', { accept: data.waiting.id }); say(t('handover.done')); await handover(root); }, { kind: 'primary' })));
  }
  const to = input({ maxlength: 32, autocapitalize: 'none' });
  const words = area({ rows: 3, maxlength: 2000 });
  return card(t('handover.give'), { class: 'no-print' }, h('div', { class: 'row-fields from-top' }, field(t('handover.to'), to), field(t('handover.words'), words, { grows: true })), h('p', { class: 'buttons' },
    button(t('handover.go'), async () => {
      if (!to.value.trim()) { to.focus(); throw new Error(t('handover.to.missing')); }
      await post('/api/handover', { plan: words.value.trim(), to: to.value.trim() });
      say(t('handover.given', { name: to.value.trim() }));
      fill(root.querySelector('.handover-end'), endScreen(data));
    }, { kind: 'primary' }), button(t('print'), () => window.print())));
}

/** What was achieved; the last thing that is seen of a shift. */
function endScreen(data) {
  const mine = data.mine ?? {};
  return card(t('handover.end'), { class: 'good-card' }, h('p', null, t('handover.thanks')), h('p', null, [
    mine.opened !== undefined && tn('shift.opened', mine.opened), mine.replied !== undefined && tn('shift.replied', mine.replied), mine.referred !== undefined && tn('shift.referred', mine.referred)].filter(Boolean).join(' ')));
}

export async function handover(root) {
  const data = await get('/api/handover');
  const now = Date.now();
  fill(root, h('header', { class: 'page-head' }, h('h1', { tabindex: -1 }, t('go.handover')),
    h('p', { class: 'muted' }, `${local(now).date} ${t(`day.${local(now).day}`)} ${local(now).time} (${utc(now)})`, data.shift && ` · ${data.shift}`)),
  h('div', { class: 'handover-sheet' },
    card(t('handover.open'), { class: 'wide-card' }, openTable(data)),
    card(t('handover.leases'), {}, listed(data.leases, t('handover.leases.none'), leaseLine)),
    card(t('handover.promises'), {}, listed(data.promises, t('handover.promises.none'), (each) => [said(each), each.by_ms && [' · ', moment(each.by_ms)]])),
    card(t('handover.partners'), {}, listed(data.partners, t('handover.partners.none'), partnerLine)),
    card(t('handover.channels'), {}, listed((data.channels ?? []).filter((each) => each.silent !== false), t('handover.channels.none'), said)),
    card(t('handover.counts'), {}, counts(data)),
    card(t('handover.head'), {}, h('p', { class: 'hash' }, h('code', null, data.head ?? '-'))),
    h('p', { class: 'sign print-only' }, `${t('handover.signs')}: ${session.officer.name} ______________________   ______________________`)),
  confirmCard(data, root), h('div', { class: 'handover-end', 'aria-live': 'polite' }));
  return { keys: { back: () => go('queue') } };
}
