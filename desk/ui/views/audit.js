// SPDX-License-Identifier: AGPL-3.0-or-later
// The trail, newest first: an officer's own, for supervisors everybody's. The
// looking itself is in it. No content of a tip is.
import { get, query } from '../js/api.js';
import { eventWord, kindWord, tOrWord } from '../js/codes.js';
import { fill, h, written } from '../js/dom.js';
import { go } from '../js/router.js';
import { isSupervisor } from '../js/session.js';
import { t } from '../js/text.js';
import { button, field, moment, select, table } from '../js/widgets.js';

/** What was done, and beside it what the desk notes of it. */
const what = (row) => tOrWord('audit.do', row.what) || kindWord(row.what);

function noteOf(row) {
  if (row.what === 'change') return row.note === 'agreed' ? t('asked.done') : eventWord(row.note);
  return row.what === 'entry' ? kindWord(row.note) : row.note ?? '';
}

function rowsTable(rows) {
  return table(t('go.audit'), [[t('audit.when')], [t('audit.who')], [t('audit.what')], [t('audit.object')], [t('audit.reason')]], rows.map((row) => [
    moment(row.at_ms), written(row.who ?? ''), what(row), row.tip ? h('code', null, row.tip.slice(0, 8)) : '', written(noteOf(row))]), { hideCaption: true });
}

/** The trail of one tip, as far as the newest pages have it. */
export async function trailOf(id, pages = 4) {
  const found = [];
  let from = '';
  for (let page = 0; page < pages; page++) {
    const data = await get(query('/api/audit', { from }));
    found.push(...data.entries.filter((row) => row.tip === id).map((row) => ({ ...row, note: noteOf(row) })));
    if (!data.next) break;
    from = data.next;
  }
  return found;
}

export async function audit(root) {
  const steps = ['']; // where each page begins
  const place = h('div', { class: 'audit-rows' });
  const pager = h('p', { class: 'pager' });
  const head = h('code', { class: 'hash' });
  const whose = select([['', t('audit.all')], ['1', t('audit.mine')]], { onchange: () => { steps.length = 1; return load(); } });

  async function load() {
    const data = await get(query('/api/audit', { mine: isSupervisor() ? whose.value : '1', from: steps[steps.length - 1] }));
    head.textContent = data.head ?? '';
    fill(place, data.entries.length > 0 ? rowsTable(data.entries) : h('p', { class: 'muted' }, t('audit.none')));
    fill(pager, steps.length > 1 && button(t('page.before'), () => { steps.pop(); return load(); }, { kind: 'quiet' }),
      h('span', null, t('page.n', { n: steps.length })), data.next > 0 && button(t('page.next'), () => { steps.push(data.next); return load(); }, { kind: 'quiet' }));
  }

  await load();
  fill(root, h('header', { class: 'page-head' }, h('h1', { tabindex: -1 }, t('go.audit')), h('p', { class: 'muted' }, t('audit.why'))),
    isSupervisor() && h('div', { class: 'row-fields' }, field(t('audit.whose'), whose)),
    h('p', null, `${t('strip.head.word')}: `, head), place, pager);
  return { keys: { back: () => go('queue') } };
}
