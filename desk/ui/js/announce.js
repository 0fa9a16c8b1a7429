// SPDX-License-Identifier: AGPL-3.0-or-later
// What happened, said to the eye and to a screen reader. Nothing here has a
// word of a tip.
import { fill, h } from './dom.js';
import { t } from './text.js';

let polite = null;
let urgent = null;
let toast = null;
let timer = 0;

export function announcers() {
  polite = h('div', { class: 'sr', role: 'status', 'aria-live': 'polite' });
  urgent = h('div', { class: 'sr', role: 'alert' });
  toast = h('div', { class: 'toast', hidden: true });
  return h('aside', { 'aria-label': t('messages') }, polite, urgent, toast);
}

/** In passing: to the eye for some seconds, to the ear when it is free. */
export function say(text, kind = 'done') {
  if (!polite) return;
  polite.textContent = text;
  fill(toast, h('p', { class: `toast-${kind}` }, text),
    h('button', { type: 'button', class: 'quiet', onclick: () => { toast.hidden = true; } }, t('close')));
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { toast.hidden = true; }, kind === 'bad' ? 20000 : 6000);
}

/** At once, to the ear. */
export function warn(text) {
  if (urgent) urgent.textContent = text;
}

export const fail = (error) => say(error.said ?? String(error.message ?? error), 'bad');
