// SPDX-License-Identifier: AGPL-3.0-or-later
// Key presses to actions of the view that is shown. Letters do nothing in a
// text field; Escape leaves it. With shortcuts off only the fixed keys work.
import { likes } from './session.js';
import { FIXED, keysOf, match, nameOf, shown } from './keymap.js';

const PREFIX_MS = 1500;
const stack = []; // of {action: function}, the last one asked first
let before = '';
let waits = 0;

/** Actions from now on; gives the function that takes them away. */
export function bind(actions) {
  stack.push(actions);
  return () => {
    const at = stack.indexOf(actions);
    if (at >= 0) stack.splice(at, 1);
  };
}

const writesText = (node) => node.matches?.('textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio]):not([type=button])');

function find(action) {
  for (let i = stack.length - 1; i >= 0; i--) {
    if (stack[i][action]) return stack[i][action];
    if (stack[i].only) return null; // a dialog lets nothing through
  }
  return null;
}

function press(event) {
  const name = nameOf(event);
  if (!name || event.isComposing) return;
  const keys = keysOf(likes.keys);
  const found = match(keys, before, name);
  before = '';
  clearTimeout(waits);
  if (event.defaultPrevented && found.action !== 'panic') return;
  const inText = writesText(event.target);
  if (found.action !== 'panic' && inText && name !== 'Escape') return;
  if (found.prefix) {
    if (!likes.shortcuts) return;
    before = found.prefix;
    waits = setTimeout(() => { before = ''; }, PREFIX_MS);
    return;
  }
  if (!found.action || (!likes.shortcuts && !FIXED.has(found.action))) return;
  const run = stack.find((actions) => found.action === 'panic' && actions.panic)?.panic ?? find(found.action);
  if (!run || (found.action === 'open' && event.target.closest?.('a, button, summary, input, label'))) return;
  event.preventDefault();
  if (inText && name === 'Escape') event.target.blur();
  else run(event);
}

export function startKeys() {
  document.addEventListener('keydown', press);
}

/** The key of an action as it is shown, or '' where it has none. */
export function keyOf(action) {
  if (!action || (!likes.shortcuts && !FIXED.has(action))) return '';
  const key = keysOf(likes.keys)[action];
  return key ? shown(key) : '';
}
