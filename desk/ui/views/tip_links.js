// SPDX-License-Identifier: AGPL-3.0-or-later
// Tips that belong together. Suggested by the desk, linked by a person only,
// and only after both have been seen side by side.
import { fail, say } from '../js/announce.js';
import { get, post, query, remove } from '../js/api.js';
import { linkWord, stateWord } from '../js/codes.js';
import { dialog } from '../js/dialog.js';
import { h } from '../js/dom.js';
import { priorityMark } from '../js/icons.js';
import { isSupervisor, session } from '../js/session.js';
import { t } from '../js/text.js';
import { button, card, field, moment, select } from '../js/widgets.js';
import { act } from './acts.js';
import { allowedOf } from './tip_actions.js';
import { marked } from './tip_text.js';

const KINDS = ['same event', 'same place', 'same offender', 'update'];
const path = (tip, what) => `/api/tips/${encodeURIComponent(tip.row.id)}/${what}`;
const idOf = (each) => (typeof each === 'string' ? each : each.id);
const nameOf = (each, data) => t('link.tip', { n: data?.row?.seq ?? each.seq ?? String(idOf(each)).slice(0, 6) });

function half(title, tip) {
  const { row } = tip;
  return h('section', { class: 'half' }, h('h3', null, title), h('p', null, priorityMark(row.priority), ' ', stateWord(row.state)),
    h('p', { class: 'muted' }, moment(row.arrived_ms), ' · ', row.place ? h('bdi', null, row.place) : t('place.none')),
    h('p', { class: 'original' }, marked(tip.text ?? '', (tip.marks ?? []).filter((m) => !m.in), tip.text_lang, tip.dir)));
}

/** Both beside each other; then the kind of the link, or nothing. */
async function compare(tip, id, saved) {
  let other = null;
  try {
    other = await get(`/api/tips/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error.word === 'claim-first') { say(t('link.claim-first'), 'bad'); return; }
    fail(error);
    return;
  }
  const link = allowedOf(tip).get('link');
  const kind = select([...KINDS.map((each) => [each, linkWord(each)]), ...(link ? [['duplicate', t('link.duplicate')]] : [])]);
  const ran = await dialog(t('link.title'), [
    h('div', { class: 'halves' }, half(t('link.this'), tip), half(nameOf({ id }, other), other)),
    field(t('link.kind'), kind)], {
    ok: t('link.go'), wide: true,
    run: async () => {
      if (kind.value === 'duplicate') await act(tip.row, { event: link.event, target: id }, { inDialog: true });
      else await post(path(tip, 'links'), { target: id, kind: kind.value });
    },
  });
  if (ran) { say(t('saved')); saved(); }
}

/** Why the desk thinks that they belong together. */
const alikeWords = (each) => [each.same_number && t('alike.number'), each.percent > 0 && t('alike.percent', { n: each.percent })].filter(Boolean).join(', ');

const line = (tip, each, saved, note, more) => h('li', null, h('span', null, nameOf(each), ' ', h('span', { class: 'muted' }, note)),
  h('span', { class: 'buttons' }, button(t('link.see'), () => compare(tip, idOf(each), saved), { kind: 'quiet slim' }), more));

const unlink = (tip, each, saved) => button(t('link.away'), async () => {
  await remove(path(tip, `links/${encodeURIComponent(idOf(each))}`));
  say(t('saved'));
  saved();
}, { kind: 'quiet slim' });

/** One of those that one holds, since both are read before they are linked; a supervisor reads any. */
async function another(tip, saved) {
  const { rows } = await get(query('/api/queue', { view: isSupervisor() ? 'open' : 'mine' }));
  const mine = rows.filter((row) => row.id !== tip.row.id && (isSupervisor() || row.owner === session.officer.name));
  if (mine.length === 0) throw new Error(t('link.claim-first'));
  const other = select(mine.map((row) => [row.id, [t('link.tip', { n: row.seq }), stateWord(row.state), row.place].filter(Boolean).join(' · ')]));
  if (await dialog(t('link.other'), field(t('target'), other), { ok: t('link.see') })) await compare(tip, other.value, saved);
}

export function linksCard(tip, { saved, may }) {
  const links = tip.links ?? [];
  const known = new Set(links.map(idOf));
  const alike = (tip.alike ?? []).filter((each) => !known.has(idOf(each)));
  if (links.length === 0 && alike.length === 0 && !may) return null;
  return card(t('links'), { class: 'links', id: 'links', tabindex: -1 },
    links.length > 0 && h('ul', { class: 'plain lines' }, links.map((each) => line(tip, each, saved, linkWord(each.kind), may && unlink(tip, each, saved)))),
    alike.length > 0 && may && [h('p', { class: 'muted' }, t('link.suggested')), h('ul', { class: 'plain lines' }, alike.map((each) => line(tip, each, saved, alikeWords(each))))],
    may && h('p', { class: 'buttons' }, button(t('link.other'), () => another(tip, saved), { kind: 'quiet slim' })));
}
