// SPDX-License-Identifier: AGPL-3.0-or-later
// Statistics for the desk: the time to the first touch as the headline, counts
// with small cells hidden, a bar and a line chart, each with its table.
import { get, query } from '../js/api.js';
import { channelWord, languageWord, stateWord } from '../js/codes.js';
import { bars, line } from '../js/chart.js';
import { fill, h } from '../js/dom.js';
import { go } from '../js/router.js';
import { t, tOr, tw } from '../js/text.js';
import { age, fromLocal, local } from '../js/timewords.js';
import { button, card, dayInput, facts, field, table } from '../js/widgets.js';

const DAY = 86400000;
const hidden = (n) => n === null || n === undefined || typeof n === 'string';
/** What a cell says; the desk writes "<5" or null where too few people are. */
const cellWords = (n) => (hidden(n) ? t('stats.hidden') : String(n));
const span = (ms) => (ms === null || ms === undefined ? t('stats.hidden') : tw(age(0, ms)));

/** {name: n} or [[name, n]] or [{name, n}] as [{name, n}]. */
export function cellsOf(group) {
  if (!group) return [];
  const list = Array.isArray(group) ? group.map((each) => (Array.isArray(each) ? { name: each[0], n: each[1] } : { name: each.name ?? each.key ?? each.day, n: each.n ?? each.count }))
    : Object.entries(group).map(([name, n]) => ({ name, n }));
  return list.map(({ name, n }) => ({ name: String(name), n: hidden(n) ? null : Number(n) }));
}

const WORDS = {
  channel: channelWord, lang: (lang) => (lang === '-' ? t('lang.none') : languageWord(lang)), state: stateWord,
  priority: (n) => `P${n} ${tOr(`priority.${n}`, '')}`, province: (name) => tOr(`province.${name}`, name === '-' ? t('place.none') : name),
};

function countCard(name, group) {
  const rows = cellsOf(group).map(({ name: each, n }) => ({ label: (WORDS[name] ?? String)(each), n, words: cellWords(n) }));
  const title = tOr(`stats.by.${name}`, name);
  if (rows.length === 0) return null;
  return card(title, { class: 'stats-card' }, bars(title, rows), h('details', null, h('summary', null, t('stats.table')),
    table(title, [[tOr(`stats.head.${name}`, title)], [t('stats.count'), 'num']], rows.map((row) => [row.label, row.words]), { hideCaption: true })));
}

function dayCard(group) {
  const rows = cellsOf(group).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (rows.length === 0) return null;
  const title = t('stats.by.day');
  return card(title, { class: 'stats-card' }, line(title, rows.map(({ name, n }) => ({ label: name.slice(5), n }))), h('details', null, h('summary', null, t('stats.table')),
    table(title, [[t('stats.head.day')], [t('stats.count'), 'num']], rows.map(({ name, n }) => [name, cellWords(n)]), { hideCaption: true })));
}

/** The headline: how long until a person had it, by priority. */
function touchCard(times) {
  const rows = Object.entries(times ?? {});
  if (rows.length === 0) return null;
  const first = times.p1 ?? times['1'] ?? {};
  return card(t('stats.touch'), { class: 'stats-card headline' }, h('p', { class: 'figure' }, span(first.median_ms), h('span', { class: 'muted' }, ` ${t('stats.touch.p1')}`)),
    table(t('stats.touch'), [[t('col.priority.long')], [t('stats.median'), 'num'], [t('stats.p90'), 'num'], [t('stats.in-target'), 'num']], rows.map(([name, each]) => [
      WORDS.priority(name.replace(/^p/i, '')), span(each.median_ms), span(each.p90_ms), each.in_target === undefined || each.in_target === null ? t('stats.hidden') : `${Math.round(each.in_target * 100)} %`]), { hideCaption: true }));
}

export async function stats(root) {
  const today = local(Date.now()).date;
  const from = dayInput({ value: local(Date.now() - 27 * DAY).date });
  const to = dayInput({ value: today });
  const place = h('div', { class: 'stats-grid' });
  async function load() {
    if (Number.isNaN(fromLocal(from.value)) || Number.isNaN(fromLocal(to.value))) throw new Error(t('day.wrong'));
    const data = await get(query('/api/stats', { from: String(fromLocal(from.value)), to: String(fromLocal(to.value) + DAY) }));
    const by = data.by ?? {};
    const total = data.total;
    fill(place, touchCard(data.first_touch),
      card(t('stats.all'), { class: 'stats-card' }, h('p', { class: 'figure' }, cellWords(total), h('span', { class: 'muted' }, ` ${t('stats.received')}`)), facts(['closed', 'referred', 'answered', 'reopened'].filter((name) => data[name] !== undefined).map((name) => [t(`stats.${name}`), cellWords(data[name])]))),
      dayCard(by.day), ['priority', 'channel', 'lang', 'state', 'province'].map((name) => by[name] && countCard(name, by[name])));
  }
  await load();
  fill(root, h('header', { class: 'page-head' }, h('h1', { tabindex: -1 }, t('go.stats')), h('p', { class: 'muted' }, t('stats.why'))),
    h('div', { class: 'row-fields no-print' }, field(t('stats.from'), from), field(t('stats.to'), to), h('p', { class: 'buttons' }, button(t('stats.go'), load, { kind: 'primary' }), button(t('print'), () => window.print()))), place);
  return { keys: { back: () => go('queue') } };
}
