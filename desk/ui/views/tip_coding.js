// SPDX-License-Identifier: AGPL-3.0-or-later
// The coding of a tip as chips: seen, not seen, unknown. It begins with what
// the answers point to; an officer decides. Never a verdict.
import { say } from '../js/announce.js';
import { post } from '../js/api.js';
import { under18 } from '../js/codes.js';
import { coded, GROUPS, nextState, pointedTo, seenIn } from '../js/coding.js';
import { fill, h } from '../js/dom.js';
import { icon } from '../js/icons.js';
import { t } from '../js/text.js';
import { button, card } from '../js/widgets.js';

const ICONS = { seen: 'ok', not: 'none', unknown: 'open' };
export const codeWord = (group, code) => t(`code.${group}.${code}`);

/** A chip that goes round its three states. */
function chip(group, code, codes) {
  const draw = () => {
    const state = codes[group][code];
    node.dataset.state = state;
    fill(node, icon(ICONS[state]), h('span', null, codeWord(group, code)), h('span', { class: 'code-state' }, t(`code.state.${state}`)));
  };
  const node = h('button', { type: 'button', class: 'button coding-chip', 'data-code': `${group}.${code}`, onclick: () => { codes[group][code] = nextState(codes[group][code]); draw(); } });
  draw();
  return h('li', null, node);
}

/** What was seen, in a line; for a child the means are not asked for. */
export function codeSummary(codes, child) {
  const seen = seenIn(codes).filter(([group]) => !child || group !== 'means');
  return seen.length > 0 ? h('ul', { class: 'plain code-line' }, seen.map(([group, code]) => h('li', { class: 'chip' }, codeWord(group, code))))
    : h('p', { class: 'muted' }, t('coding.none'));
}

export function codingCard(tip, { saved, may }) {
  const child = under18(tip.row.under18) === 'yes';
  const codes = coded(pointedTo(tip.answers, tip.marks), tip.entries);
  const groups = Object.entries(GROUPS).map(([group, list]) => h('fieldset', { class: child && group === 'means' ? 'code-group needless' : 'code-group' },
    h('legend', null, t(`code.${group}`), child && group === 'means' && h('span', { class: 'muted' }, ` · ${t('coding.child')}`)),
    h('ul', { class: 'plain codes' }, list.map((code) => chip(group, code, codes)))));
  return card(t('coding'), { class: 'coding' }, codeSummary(codes, child), may && h('details', null, h('summary', null, t('coding.write')),
    h('p', { class: 'hint' }, t('coding.hint')), groups, h('p', { class: 'buttons' }, button(t('coding.save'), async () => {
      await post(`/api/tips/${encodeURIComponent(tip.row.id)}/entries`, { kind: 'coding', codes });
      say(t('saved'));
      saved();
    }, { kind: 'primary' }))), h('p', { class: 'hint' }, t('coding.indication')));
}
