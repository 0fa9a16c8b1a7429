// SPDX-License-Identifier: AGPL-3.0-or-later
// Which view is shown. The address never changes, and the browser's history has
// a number alone: what it stands for is in this page's memory and goes with it.
// So no id and no word of a tip comes into a history, a title or a log.
import { fill, h } from './dom.js';
import { closeDialog } from './dialog.js';
import { bind } from './keys.js';
import { notHere } from './widgets.js';
import { fail } from './announce.js';
import { isNotHere } from './api.js';

const views = new Map();
let place = null;   // where views are drawn
let current = null; // {name, params, view, unbind, missed}
let turn = 0;
let steps = [];     // of {name, params}, by the number in the history
let shown = () => {};

/** make(root, params): may be async; gives {keys, leave, onEvent, refresh}. */
export const register = (name, make) => views.set(name, make);
export const onShown = (listener) => { shown = listener; };
export const where = () => current?.name ?? '';
export const paramsNow = () => current?.params ?? {};

export function setPlace(node) {
  place = node;
}

function leave() {
  closeDialog();
  current?.unbind?.();
  current?.view?.leave?.();
  current = null;
}

async function draw(name, params) {
  const mine = ++turn;
  leave();
  const root = h('div', { class: `view view-${name}` });
  current = { name, params, view: null, missed: [] };
  fill(place, root);
  shown(name);
  try {
    const view = await views.get(name)(root, params);
    if (mine !== turn) {
      view?.leave?.();
      return;
    }
    current.view = view ?? {};
    current.unbind = bind(view?.keys ?? {});
    if (!view?.ownFocus) root.querySelector('h1')?.focus();
    window.scrollTo(0, view?.scroll ?? 0);
    for (const [event, data] of current.missed) view?.onEvent?.(event, data);
  } catch (error) {
    if (mine !== turn) return;
    current.view = {};
    if (isNotHere(error)) fill(root, h('h1', { tabindex: -1 }, h('span', null, error.said)), notHere());
    else fail(error);
  }
}

/** Go there; replace: without a step back to here. */
export function go(name, params = {}, { replace = false } = {}) {
  const step = replace || steps.length === 0 ? Math.max(0, (history.state?.step ?? 0)) : (history.state?.step ?? 0) + 1;
  steps.length = Math.min(steps.length, step);
  steps[step] = { name, params };
  history[replace || steps.length === 1 ? 'replaceState' : 'pushState']({ step }, '', location.pathname);
  return draw(name, params);
}

/** The same again, from the desk. */
export const again = () => (current ? draw(current.name, current.params) : undefined);

/** Nothing of any view is left in the page, nor of the way here. */
export function clear() {
  turn++;
  steps = [];
  leave();
  if (place) fill(place);
}

/** An event of the desk for the view that is shown, or that is being drawn: what it has asked for may be older. */
export function pass(event, data) {
  if (current?.view) current.view.onEvent?.(event, data);
  else current?.missed.push([event, data]);
}

window.addEventListener('popstate', ({ state }) => {
  const step = steps[state?.step];
  if (place?.isConnected && step) draw(step.name, step.params);
});
