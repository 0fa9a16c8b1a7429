// SPDX-License-Identifier: AGPL-3.0-or-later
// What must be known before anything is done: why this priority, the clocks,
// where, and who may be told.
import { aboutWord, reasonsOf, ruleWord, shareWord, stateWord, under18 } from '../js/codes.js';
import { h, written } from '../js/dom.js';
import { icon, priorityMark } from '../js/icons.js';
import { t, tw } from '../js/text.js';
import { age, left } from '../js/timewords.js';
import { card, facts, moment } from '../js/widgets.js';

export function whyCard(tip) {
  const { row } = tip;
  const rules = reasonsOf(row.reasons?.length ? row : { reasons: tip.rules });
  const words = tip.words ?? [];
  return card(t('why'), { class: `why why-${row.priority}` }, h('p', { class: 'why-priority' }, priorityMark(row.priority), ' ', h('span', { class: 'muted' }, stateWord(row.state))),
    rules.length > 0 ? h('ul', { class: 'rules' }, rules.map(({ rule, text }) => h('li', null, ruleWord(rule, text), ' ', h('code', null, rule))))
      : h('p', null, t('why.none')),
    words.length > 0 && h('p', { class: 'why-words' }, h('span', { class: 'muted' }, `${t('why.words')}: `), words.map((each, i) => [i > 0 && ', ',
      h('mark', null, written(typeof each === 'string' ? each : each.word, each.lang))])),
    row.signed === false && h('p', { class: 'stop-line' }, icon('warn'), t('flag.unsigned.long')));
}

/** The clocks, the place, whom it is about and who may be told. */
export function whereCard(tip, now_ms) {
  const { row } = tip;
  const due = left(row.due_ms, now_ms);
  const young = under18(row.under18);
  return card(t('place.who'), { class: 'where' }, facts([
    [row.clock ? t(`clock.${row.clock}`) : t('clock.none'), row.clock ? h('span', { class: due.late ? 'late big-time' : 'big-time', 'data-due': row.due_ms }, tw(due)) : t('left.none')],
    [t('arrived'), [moment(row.arrived_ms), h('span', { class: 'muted' }, ` · ${tw(age(row.arrived_ms, now_ms))}`)]],
    tip.via ? [t('call.via'), [t(`via.${tip.via}`), tip.taken_by && [' · ', written(tip.taken_by)]]] : null,
    [t('col.place.long'), row.place ? h('bdi', null, row.place) : h('b', null, t('place.missing'))],
    [t('col.about.long'), aboutWord(row.about) || t('not-said')],
    young ? [t('col.under18.long'), [icon('child'), h('b', null, t(`under18.${young}`))]] : null,
    [t('col.share.long'), h('b', null, shareWord(row.share))],
  ]));
}
