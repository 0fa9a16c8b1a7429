// SPDX-License-Identifier: AGPL-3.0-or-later
// The idle lock: everything is out of the page, the draft is sealed at the
// desk, the session waits for passphrase and a new code.
import { isNotHere, post } from '../js/api.js';
import { t } from '../js/text.js';
import { button } from '../js/widgets.js';
import { codeField, gateForm, passphraseField, valueOf } from './login.js';

export function showLock(name, { unlocked, out }) {
  const passphrase = passphraseField();
  const code = codeField();
  gateForm(t('lock.title'), t('lock.why', { name }), [passphrase, code], {
    ok: t('lock.go'),
    run: async () => {
      let answer;
      try {
        answer = await post('/api/unlock', { passphrase: valueOf(passphrase), code: valueOf(code).replace(/\s/g, '') });
      } catch (error) {
        if (isNotHere(error) || error.word === 'login') { out(); return; } // the session has ended meanwhile
        throw error;
      }
      await unlocked(answer);
    },
    more: button(t('logout'), out, { kind: 'quiet' }),
  });
}
