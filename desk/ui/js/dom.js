// SPDX-License-Identifier: AGPL-3.0-or-later
// Making elements. Text goes in as text nodes only: there is no way here to
// hand a string to the HTML parser.

const SVG = 'http://www.w3.org/2000/svg';
const AS_PROPERTY = new Set(['value', 'checked', 'disabled', 'hidden', 'open', 'readOnly', 'required', 'selected', 'multiple']);

function dress(node, props) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (AS_PROPERTY.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  return node;
}

function parts(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== '');
}

/** An element: h('p', {class: 'x', onclick: f}, 'text', node, [more]). */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  node.append(...parts(children));
  return dress(node, props); // after the children: a select's value needs them
}

/** The same for SVG. */
export function s(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  node.append(...parts(children));
  return dress(node, props);
}

/** Put these children in the place of all that is there. */
export function fill(node, ...children) {
  node.replaceChildren(...parts(children));
  return node;
}

let ids = 0;
export const freshId = (what) => `${what}-${ids++}`;

/** What somebody wrote, in its own language and direction. */
export function written(text, lang, dir = 'auto') {
  return h('bdi', { lang: lang || undefined, dir }, text);
}
