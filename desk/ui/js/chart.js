// SPDX-License-Identifier: AGPL-3.0-or-later
// Two charts as SVG: bars and a line. The numbers stand on them and in a table
// beside them; nothing is told by colour. A cell that is hidden (too few
// people) is shown as hidden, not as nought.
import { s } from './dom.js';

const BAR = 30;
const LABEL = 190;
const WIDTH = 640;

/** rows: [{label, n, words}], n null where hidden. */
export function bars(label, rows) {
  const most = Math.max(1, ...rows.map((row) => row.n ?? 0));
  const height = rows.length * BAR + 4;
  return s('svg', { class: 'chart', viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': label, width: WIDTH, height }, rows.map((row, i) => {
    const y = i * BAR + 4;
    const w = row.n === null ? 0 : Math.max(row.n > 0 ? 2 : 0, (row.n / most) * (WIDTH - LABEL - 110));
    return s('g', null, s('text', { x: LABEL - 10, y: y + 17, 'text-anchor': 'end', class: 'chart-label' }, row.label),
      row.n === null ? s('rect', { x: LABEL, y, width: 24, height: BAR - 8, class: 'chart-hidden' }) : s('rect', { x: LABEL, y, width: w, height: BAR - 8, class: 'chart-bar' }),
      s('text', { x: LABEL + (row.n === null ? 24 : w) + 8, y: y + 17, class: 'chart-number' }, row.words ?? String(row.n)));
  }));
}

/** A step that a person counts in: 1, 2, 5, 10, 20, 50... Pure. */
export function stepOf(most, lines = 4) {
  const raw = Math.max(1, most / lines);
  const ten = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((n) => n * ten).find((step) => step >= raw);
}

/** points: [{label, n}] in order of time; n null: hidden, the line is broken. */
export function line(label, points) {
  const [height, left, bottom, top] = [240, 48, 34, 14];
  const most = Math.max(1, ...points.map((point) => point.n ?? 0));
  const step = stepOf(most);
  const high = Math.ceil(most / step) * step;
  const x = (i) => left + (points.length < 2 ? (WIDTH - left - 20) / 2 : (i * (WIDTH - left - 20)) / (points.length - 1));
  const y = (n) => top + (height - top - bottom) * (1 - n / high);
  const grid = [];
  for (let n = 0; n <= high; n += step) {
    grid.push(s('path', { d: `M${left} ${y(n)}H${WIDTH - 10}`, class: 'chart-grid' }), s('text', { x: left - 8, y: y(n) + 5, 'text-anchor': 'end', class: 'chart-label' }, String(n)));
  }
  let path = '';
  let pen = false;
  points.forEach((point, i) => {
    if (point.n === null) { pen = false; return; }
    path += `${pen ? 'L' : 'M'}${x(i).toFixed(1)} ${y(point.n).toFixed(1)}`;
    pen = true;
  });
  const every = Math.max(1, Math.ceil(points.length / 7));
  return s('svg', { class: 'chart', viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': label, width: WIDTH, height }, grid,
    s('path', { d: path, class: 'chart-line' }),
    points.map((point, i) => point.n !== null && s('circle', { cx: x(i), cy: y(point.n), r: 3.5, class: 'chart-dot' })),
    points.map((point, i) => i % every === 0 && s('text', { x: x(i), y: height - 10, 'text-anchor': 'middle', class: 'chart-label' }, point.label)));
}
