// SPDX-License-Identifier: AGPL-3.0-or-later
// The trail: an officer's own, for supervisors everybody's. The looking itself
// is in it. No content of a tip is.
import { say } from '../js/announce.js';
import { get, query } from '../js/api.js';
import { kindWord, tOrWord } from '../js/codes.js';
import { fill, h, written } from '../js/dom.js';
import { go } from '../js/router.js';
import { isSupervisor } from '../js/session.js';
import { t } from '../js/text.js';
import { button, dayInput, field, moment, select, table } from '../js/widgets.js';
import { fromLocal, local } from '../js/timewords.js';

const rowsOf = (data) => data.rows ?? data.entries ?? [];

export async function audit(root) {
  const filter = { mine: isSupervisor() ? '' : '1', from: '', page: 1 };
  const place = h('div', { class: 'audit-rows' });
  const pager = h('p', { class: 'pager' });
  const day = dayInput({ onchange: () => { if (day.value && Number.isNaN(fromLocal(day.value))) { say(t('day.wrong'), 'bad'); return; } filter.from = day.value ? String(fromLocal(day.value)) : ''; filter.page = 1; load(); } });
  const whose = select([['', t('audit.all')], ['1', t('audit.mine')]], { value: filter.mine, onchange: () => { filter.mine = whose.value; filter.page = 1; load(); } });
  const head = h('code', { class: 'hash' });

  async function load() {
    const data = await get(query('/api/audit', filter));
    const rows = rowsOf(data);
    head.textContent = data.head ?? '';
    fill(place, rows.length === 0 ? h('p', { class: 'muted' }, t('audit.none')) : table(t('go.audit'),
      [[t('audit.when')], [t('audit.who')], [t('audit.what')], [t('audit.object')], [t('audit.reason')]], rows.map((row) => [
        moment(row.at_ms ?? row.at), written(row.who ?? ''), tOrWord('audit.do', row.action ?? row.what) || kindWord(row.kind),
        row.seq ? t('link.tip', { n: row.seq }) : written(String(row.tip ?? row.object ?? '').slice(0, 12)), written(row.reason ?? row.note ?? row.text ?? '')]), { hideCaption: true }));
    const more = data.more ?? (data.total !== undefined && filter.page * (data.per_page ?? 50) < data.total);
    fill(pager, filter.page > 1 && button(t('page.before'), () => { filter.page--; return load(); }, { kind: 'quiet' }),
      h('span', null, t('page.n', { n: filter.page })), more && button(t('page.next'), () => { filter.page++; return load(); }, { kind: 'quiet' }));
  }

  await load();
  fill(root, h('header', { class: 'page-head' }, h('h1', { tabindex: -1 }, t('go.audit')), h('p', { class: 'muted' }, t('audit.why', { date: local(Date.now()).date }))),
    h('div', { class: 'row-fields' }, isSupervisor() && field(t('audit.whose'), whose), field(t('audit.from'), day)),
    h('p', null, `${t('strip.head.word')}: `, head), place, pager);
  return { keys: { back: () => go('queue') } };
}
