// SPDX-License-Identifier: AGPL-3.0-or-later
// The few things that every view is built of.
import { fill, freshId, h } from './dom.js';
import { keyOf } from './keys.js';
import { t, tw } from './text.js';
import { local, utc } from './timewords.js';
import { fail } from './announce.js';

/**
 * A button. action names its key, shown beside the label; kind is primary,
 * quiet, danger or nothing. While what it does is under way it takes no
 * second press.
 */
export function button(label, run, { action, kind = '', ...rest } = {}) {
  const key = keyOf(action);
  const node = h('button', {
    type: 'button', class: `button ${kind}`, 'data-action': action, title: key ? `${label} (${key})` : undefined, ...rest,
  }, label, key && h('kbd', { 'aria-hidden': 'true' }, key));
  let busy = false;
  node.addEventListener('click', async (event) => {
    if (busy) return;
    busy = true;
    node.setAttribute('aria-busy', 'true');
    try {
      await run(event);
    } catch (error) {
      fail(error);
    } finally {
      busy = false;
      node.removeAttribute('aria-busy');
    }
  });
  return node;
}

/** A label over its control, with a hint and a place for what is wrong. */
export function field(label, control, { hint, grows, hideLabel } = {}) {
  const id = control.id || freshId('f');
  control.id = id;
  const hintNode = hint && h('p', { class: 'hint', id: `${id}-hint` }, hint);
  if (hintNode) control.setAttribute('aria-describedby', hintNode.id);
  return h('div', { class: `field${grows ? ' grows' : ''}` },
    h('label', { for: id, class: hideLabel ? 'sr' : undefined }, label), hintNode, control);
}

export const input = (props) => h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...props });
/** A day as it is written everywhere here: 2026-11-22. */
export const dayInput = (props) => input({ inputmode: 'numeric', maxlength: 10, placeholder: '2026-01-31', ...props });
export const area = (props) => h('textarea', { rows: 3, autocomplete: 'off', spellcheck: 'false', ...props });

/** choices: [[value, label], ...] */
export function select(choices, props = {}) {
  return h('select', props, choices.map(([value, label]) => h('option', { value }, label)));
}

export function check(label, props = {}) {
  const id = freshId('c');
  const box = h('input', { type: 'checkbox', id, ...props });
  return { box, node: h('p', { class: 'check' }, box, h('label', { for: id }, label)) };
}

/** Radio buttons under one legend: {node, value()}. */
export function radios(legend, choices, { value = '', onchange } = {}) {
  const name = freshId('r');
  const boxes = choices.map(([each, label]) => {
    const id = freshId('c');
    const box = h('input', { type: 'radio', id, name, value: each, checked: each === value, onchange });
    return { box, node: h('p', { class: 'check' }, box, h('label', { for: id }, label)) };
  });
  return {
    node: h('fieldset', { class: 'radios' }, h('legend', null, legend), boxes.map((each) => each.node)),
    value: () => boxes.find(({ box }) => box.checked)?.box.value ?? '',
    set: (chosen) => boxes.forEach(({ box }) => { box.checked = box.value === chosen; }),
  };
}

/** Local time with the weekday; UTC in the tooltip and on paper. */
export function moment(ms, { date = true } = {}) {
  if (!ms) return h('span', { class: 'muted' }, t('never'));
  const { date: day, day: weekday, time } = local(ms);
  return h('time', { datetime: new Date(ms).toISOString(), title: utc(ms) },
    date ? `${day} ${t(`day.${weekday}`)} ${time}` : time, h('span', { class: 'utc' }, ` (${utc(ms)})`));
}

/** A card with a heading. */
export function card(title, props, ...children) {
  const id = freshId('h');
  const { class: kind = '', level = 'h2', ...rest } = props ?? {};
  return h('section', { class: `card ${kind}`, 'aria-labelledby': id, ...rest }, h(level, { id }, title), children);
}

/** Pairs of a name and what it is. */
export function facts(rows) {
  return h('dl', { class: 'facts' }, rows.filter(Boolean).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

export function timeWords(words, kind = '') {
  return h('span', { class: `${words.late ? 'late' : ''} ${kind}` }, tw(words));
}

/** A table: heads of [label, class], rows of cells. */
export function table(caption, heads, rows, { hideCaption } = {}) {
  return h('div', { class: 'table-box', tabindex: 0, role: 'group', 'aria-label': caption }, h('table', null,
    h('caption', { class: hideCaption ? 'sr' : undefined }, caption),
    h('thead', null, h('tr', null, heads.map(([label, kind]) => h('th', { scope: 'col', class: kind }, label)))),
    h('tbody', null, rows.map((cells) => h('tr', null, cells.map((cell, i) => (i === 0
      ? h('th', { scope: 'row', class: heads[i][1] }, cell) : h('td', { class: heads[i][1] }, cell))))))));
}

/** Tabs over panels that are made when first shown: [[name, label, make], ...]. */
export function tabs(label, list, { chosen = list[0][0], onchange } = {}) {
  const panel = h('div', { class: 'tab-panel', role: 'tabpanel', id: freshId('p'), tabindex: 0 });
  const made = new Map();
  const handles = list.map(([name, text]) => h('button', {
    type: 'button', role: 'tab', id: freshId('t'), 'aria-controls': panel.id, 'data-tab': name, onclick: () => show(name),
  }, text));
  function show(name, focus) {
    if (!made.has(name)) made.set(name, list.find(([each]) => each === name)[2]());
    list.forEach(([each], i) => {
      handles[i].setAttribute('aria-selected', String(each === name));
      handles[i].tabIndex = each === name ? 0 : -1;
      if (each === name) {
        panel.setAttribute('aria-labelledby', handles[i].id);
        if (focus) handles[i].focus();
      }
    });
    fill(panel, made.get(name));
    onchange?.(name);
  }
  const bar = h('div', { role: 'tablist', class: 'tabs', 'aria-label': label }, handles);
  bar.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = handles.findIndex((handle) => handle.getAttribute('aria-selected') === 'true');
    show(list[(at + step + list.length) % list.length][0], true);
  });
  show(chosen);
  return { node: h('div', { class: 'tab-box' }, bar, panel), show };
}

/** The sentence for a part that this desk does not have. */
export const notHere = () => h('p', { class: 'not-here' }, t('not-here'));
