// SPDX-License-Identifier: AGPL-3.0-or-later
// Shapes. A priority is told by shape, number and word; colour comes on top.
import { h, s } from './dom.js';
import { t } from './text.js';

const PATHS = {
  // octagon, diamond, ring, bar: different without any colour
  p1: [['path', { d: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z', class: 'solid' }], ['path', { d: 'M8 4v5M8 11v1.4', class: 'cut' }]],
  p2: [['path', { d: 'M8 .8 15.2 8 8 15.2.8 8z', class: 'solid' }]],
  p3: [['circle', { cx: 8, cy: 8, r: 5.6, class: 'line' }]],
  p4: [['path', { d: 'M2.5 8h11', class: 'line' }]],
  child: [['circle', { cx: 8, cy: 4.2, r: 2.6, class: 'line' }], ['path', { d: 'M3 15c0-4 2-6 5-6s5 2 5 6', class: 'line' }]],
  lock: [['path', { d: 'M3 7h10v8H3zM5 7V4.5a3 3 0 0 1 6 0V7', class: 'line' }]],
  stop: [['path', { d: 'M5 1h6l4 4v6l-4 4H5l-4-4V5zM4.5 8h7', class: 'line' }]],
  ok: [['path', { d: 'M2.5 8.5 6.5 12.5 13.5 4', class: 'line' }]],
  none: [['path', { d: 'M3.5 3.5l9 9M12.5 3.5l-9 9', class: 'line' }]],
  open: [['circle', { cx: 8, cy: 8, r: 5.6, class: 'line' }]],
  warn: [['path', { d: 'M8 1.5 15.3 14.5H.7zM8 6v4.2M8 11.8v1.2', class: 'line' }]],
  bell: [['path', { d: 'M3 12h10l-1.4-2V6.5a3.6 3.6 0 0 0-7.2 0V10zM6.6 14.2h2.8', class: 'line' }]],
  link: [['path', { d: 'M6.5 9.5 9.5 6.5M7 4.5l1.6-1.6a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.6 1.6a3.2 3.2 0 0 1-4.5-4.5L4.5 7', class: 'line' }]],
  clock: [['circle', { cx: 8, cy: 8, r: 6.5, class: 'line' }], ['path', { d: 'M8 4v4.2l2.8 1.6', class: 'line' }]],
  file: [['path', { d: 'M3.5 1h6l3 3v11h-9zM9.5 1v3h3', class: 'line' }]],
};

export function icon(name, label) {
  const shapes = PATHS[name].map(([tag, props]) => s(tag, props));
  return s('svg', {
    class: `icon icon-${name}`, viewBox: '0 0 16 16', width: 16, height: 16, focusable: 'false',
    ...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' }),
  }, shapes);
}

export const PRIORITIES = [1, 2, 3, 4];

/** Shape, number and word of a priority. */
export function priorityMark(priority) {
  const known = PRIORITIES.includes(priority) ? priority : 3;
  return h('span', { class: `prio prio-${known}` }, icon(`p${known}`), h('b', null, `P${priority || '?'}`),
    h('span', { class: 'prio-word' }, t(`priority.${known}`)));
}
