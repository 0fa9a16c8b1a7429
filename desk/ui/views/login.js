// SPDX-License-Identifier: AGPL-3.0-or-later
// Log-in: name, passphrase, code. Whatever was wrong, the answer is the same.
import { post } from '../js/api.js';
import { fill, h } from '../js/dom.js';
import { keepLikes, likes } from '../js/session.js';
import { catalogues, drafts, language, setLanguage, t, tn } from '../js/text.js';
import { button, field, input } from '../js/widgets.js';

/** What is shown where a secret is typed: log-in and unlock. */
export function gateForm(title, why, fields, { ok, run, more }) {
  const wrong = h('p', { class: 'wrong', role: 'alert' });
  const boxes = fields.map((each) => each.querySelector('input'));
  const go = button(ok, async () => {
    wrong.textContent = '';
    try {
      await run();
    } catch (error) {
      wrong.textContent = error.status === 429 && error.data.retry_s
        ? tn('error.wait', Math.ceil(error.data.retry_s)) : error.said ?? String(error);
      for (const box of boxes) if (box.type === 'password' || box.inputMode === 'numeric') box.value = '';
      boxes.find((box) => !box.value)?.focus();
    }
  }, { kind: 'primary', type: 'submit' });
  const form = h('form', { class: 'gate', novalidate: true, onsubmit: (event) => event.preventDefault() },
    h('h1', { tabindex: -1 }, title), why && h('p', { class: 'hint', role: 'status' }, why), fields, wrong, h('p', { class: 'buttons' }, go, more));
  fill(document.body, h('main', { class: 'gate-page', id: 'main' }, form));
  boxes.find((box) => !box.value)?.focus();
  return form;
}

export const passphraseField = () => field(t('login.passphrase'), input({ type: 'password', autocomplete: 'current-password', maxlength: 1024 }));
export const codeField = () => field(t('login.code'), input({ inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 12, class: 'code' }), { hint: t('login.code.hint') });
export const valueOf = (node) => node.querySelector('input').value;

function languages(again) {
  return h('p', { class: 'gate-languages' }, Object.keys(catalogues).map((lang) => h('button', {
    type: 'button', class: 'button quiet', lang, 'aria-pressed': String(lang === language()),
    onclick: () => { likes.lang = lang; keepLikes(); setLanguage(lang); again(); },
  }, catalogues[lang]['lang.own'], drafts.has(lang) && ` (${catalogues[lang]['draft.language']})`)));
}

/** start(answer) goes on when the desk has said yes. */
export function showLogin(start, why) {
  const name = field(t('login.name'), input({ autocomplete: 'username', maxlength: 64, autocapitalize: 'none' }));
  const passphrase = passphraseField();
  const code = codeField();
  const form = gateForm(t('brand'), why, [name, passphrase, code], {
    ok: t('login.go'),
    run: async () => {
      const answer = await post('/api/login', {
        name: valueOf(name).trim(), passphrase: valueOf(passphrase), code: valueOf(code).replace(/\s/g, ''),
      });
      await start(answer);
    },
  });
  form.after(languages(() => showLogin(start, '')));
}
