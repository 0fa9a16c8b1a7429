// SPDX-License-Identifier: AGPL-3.0-or-later
// One row of the queue: always the same columns, the same height, in the same
// order, whatever the state of the tip is.
import { aboutWord, channelWord, contactWord, eventWord, flagWord, languageWord, reasonsOf, ruleWord, shareWord, stateWord, under18 } from '../js/codes.js';
import { fill, h } from '../js/dom.js';
import { icon, priorityMark } from '../js/icons.js';
import { session } from '../js/session.js';
import { t, tn, tw } from '../js/text.js';
import { age, left, local, soon } from '../js/timewords.js';

export const COLUMNS = ['priority', 'age', 'left', 'lang', 'place', 'under18', 'about', 'share', 'contact', 'channel', 'links', 'owner'];

/** The heads, with the whole word for the ear and in the tooltip. */
export function headRow() {
  return h('div', { class: 'q-head', role: 'row' }, COLUMNS.map((name) => h('div', {
    role: 'columnheader', class: `q-${name}`, title: t(`col.${name}.long`),
  }, h('span', { class: 'sr' }, t(`col.${name}.long`)), h('span', { 'aria-hidden': 'true' }, name === 'links' ? icon('link') : t(`col.${name}`)))), h('div', { role: 'columnheader', class: 'q-why' }, t('col.why')));
}

export const isHeld = (row, now_ms) => Boolean(row.owner) && (!row.until_ms || row.until_ms > now_ms);
export const isMine = (row, now_ms) => isHeld(row, now_ms) && row.owner === session.officer?.name;

/** Who has it, in words. */
export function ownerWords(row, now_ms) {
  if (!isHeld(row, now_ms)) return t('owner.none');
  if (row.owner === session.officer?.name) return t('owner.you');
  return row.since_ms ? t('owner.since', { name: row.owner, when: local(row.since_ms).time }) : row.owner;
}

/** The rules, in words: the strongest first, as the desk gives them. */
export function whyWords(row) {
  const told = reasonsOf(row).map(({ rule, text }) => ruleWord(rule, text));
  return told.length > 0 ? told.join(' · ') : t('why.none');
}

/** The reporter has taken it back: that stands before all else. */
export const wantsBack = (row) => (row.flags ?? []).includes('withdraw');
/** The other words on it. */
const flagsOf = (row) => [row.signed === false ? 'unsigned' : '', ...(row.flags ?? [])].filter((flag) => flag && flag !== 'withdraw');

function underMark(row) {
  const said = under18(row.under18);
  if (!said) return '';
  const maybe = said === 'maybe';
  return [icon('child', t(maybe ? 'under18.maybe' : 'under18.yes')), maybe && h('b', { 'aria-hidden': 'true' }, '?')];
}

function contactMark(row) {
  const stopped = row.contact === 'stop' || (row.flags ?? []).some((flag) => /^(no.contact|stop)$/i.test(flag));
  if (stopped) return [icon('stop'), h('span', null, t('contact.stop'))];
  return contactWord(row.contact);
}

function cells(row, now_ms) {
  const due = left(row.due_ms, now_ms);
  const state = stateWord(row.state);
  return {
    priority: priorityMark(row.priority),
    age: tw(age(row.arrived_ms, now_ms)),
    left: h('span', { class: due.late ? 'late' : soon(row.due_ms, row.arrived_ms, now_ms) ? 'soon' : '' },
      due.late && icon('warn'), tw(due)),
    lang: row.lang ? row.lang.split('-')[0] : t('lang.none'),
    place: row.place ? h('bdi', null, row.place) : h('span', { class: 'muted' }, t('place.none')),
    under18: underMark(row),
    about: aboutWord(row.about),
    share: shareWord(row.share),
    contact: contactMark(row),
    channel: channelWord(row.channel),
    links: row.links ? h('span', null, icon('link'), String(row.links)) : row.alike ? h('span', { class: 'muted' }, `≈ ${row.alike}`) : '',
    owner: h('span', { class: isMine(row, now_ms) ? 'mine' : isHeld(row, now_ms) ? '' : 'muted' }, ownerWords(row, now_ms)),
    why: [wantsBack(row) && h('span', { class: 'q-flag q-wish' }, icon('stop'), flagWord('withdraw')), h('span', { class: 'q-state' }, state), row.asked && h('span', { class: 'q-flag q-asked' }, t('asked.row', { name: row.asked.who, what: eventWord(row.asked.what) })),
      flagsOf(row).map((flag) => h('span', { class: 'q-flag' }, flagWord(flag))),
      h('span', { class: 'q-reasons' }, whyWords(row))],
  };
}

const titles = {
  age: (row) => `${local(row.arrived_ms).date} ${local(row.arrived_ms).time}`,
  left: (row) => (row.clock ? t(`clock.${row.clock}`) : ''),
  lang: (row) => languageWord(row.lang),
  place: (row) => row.place ?? '',
  share: (row) => shareWord(row.share),
  about: (row) => aboutWord(row.about),
  contact: (row) => contactWord(row.contact),
  channel: (row) => channelWord(row.channel),
  links: (row) => (row.links ? tn('links.n', row.links) : row.alike ? tn('alike.n', row.alike) : ''),
  owner: (row, now_ms) => ownerWords(row, now_ms),
  why: (row) => whyWords(row),
};

/** The element of a row; update(row, now) changes it in its place. */
export function makeRow(first, now_ms, { select, open }) {
  const made = {};
  for (const name of [...COLUMNS, 'why']) made[name] = h('div', { role: 'gridcell', class: `q-${name}` });
  const node = h('div', { class: 'q-row', role: 'row', tabindex: -1, 'data-id': first.id }, Object.values(made));
  const item = { node, row: first, text: {} };
  node.addEventListener('focus', () => select(item));
  node.addEventListener('pointerdown', () => { item.wasChosen = node.classList.contains('chosen'); });
  node.addEventListener('click', () => { if (item.wasChosen) open(item); else node.focus(); });
  node.addEventListener('dblclick', () => open(item));
  item.update = (row, at_ms) => {
    item.row = row;
    item.isGone = false;
    node.classList.toggle('gone', false);
    node.dataset.priority = row.priority;
    node.dataset.state = row.state ?? '';
    const now = cells(row, at_ms);
    for (const [name, content] of Object.entries(now)) {
      fill(made[name], ...[content].flat());
      const title = titles[name]?.(row, at_ms);
      if (title) made[name].title = title;
      else made[name].removeAttribute('title');
    }
  };
  item.tick = (at_ms) => {
    const { age: ageNow, left: leftNow, owner } = cells(item.row, at_ms);
    for (const [name, content] of Object.entries({ age: ageNow, left: leftNow, owner })) {
      const said = content.textContent ?? content;
      if (made[name].textContent !== said) fill(made[name], content);
    }
  };
  item.gone = () => { item.isGone = true; node.classList.add('gone'); fill(made.owner, t('row.gone')); };
  item.update(first, now_ms);
  return item;
}

export const newBar = (n) => (n > 0 ? tn('queue.new', n) : '');
