// SPDX-License-Identifier: AGPL-3.0-or-later
// One question at a time, in the browser's own modal dialog. Escape closes it,
// focus goes back to where it was.
import { fill, freshId, h } from './dom.js';
import { bind } from './keys.js';
import { t } from './text.js';
import { button } from './widgets.js';

let open = null;

/** Close whatever is asked: a lock or another view comes. */
export function closeDialog() {
  open?.();
}

/**
 * title, body (nodes), and run(): called by the main button; returns false or
 * throws to keep the dialog open. Resolves to true if it ran, else false.
 */
export function dialog(title, body, { ok = t('ok'), run = () => true, kind = 'primary', wide = false, cancel = t('cancel') } = {}) {
  closeDialog();
  return new Promise((resolve) => {
    const id = freshId('d');
    const wrong = h('p', { class: 'wrong', role: 'alert' });
    const node = h('dialog', { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': id });
    const unbind = bind({ only: true });
    const was = document.activeElement;
    let done = false;
    const finish = (value) => {
      if (done) return;
      done = true;
      open = null;
      unbind();
      node.close();
      node.remove();
      if (was?.isConnected) was.focus();
      resolve(value);
    };
    open = () => finish(false);
    const go = async () => {
      wrong.textContent = '';
      try {
        if (await run() !== false) finish(true);
      } catch (error) {
        wrong.textContent = error.said ?? String(error.message ?? error);
      }
    };
    const main = ok ? button(ok, go, { kind }) : null;
    const away = button(cancel, () => finish(false), { kind: 'quiet' });
    fill(node, h('form', {
      method: 'dialog', novalidate: true, onsubmit: (event) => { event.preventDefault(); main?.click(); },
    }, h('h2', { id }, title), body, wrong,
    h('p', { class: 'buttons' }, main, away)));
    node.addEventListener('cancel', (event) => { event.preventDefault(); finish(false); });
    document.body.append(node);
    node.showModal();
    (node.querySelector('[autofocus], textarea, input, select') ?? main ?? away).focus();
  });
}

/** Ask for a reason; resolves to the text, or null. */
export async function askReason(title, { hint, label = t('reason'), ok, extra } = {}, run) {
  const text = h('textarea', { rows: 3, id: freshId('f'), required: true, maxlength: 2000 });
  const told = hint && h('p', null, hint);
  const ran = await dialog(title, [told, extra, h('div', { class: 'field' }, h('label', { for: text.id }, label), text)], {
    ok,
    run: () => {
      if (!text.value.trim()) throw new Error(t('reason.missing'));
      return run ? run(text.value.trim()) : true;
    },
  });
  return ran ? text.value.trim() : null;
}
