// SPDX-License-Identifier: AGPL-3.0-or-later
// What an officer likes: language, theme, sound, keys. Kept in this browser.
import { say } from '../js/announce.js';
import { post } from '../js/api.js';
import { fill, h } from '../js/dom.js';
import { clashes, DEFAULT_KEYS, FIXED, isKey, keysOf, shown } from '../js/keymap.js';
import { again, go } from '../js/router.js';
import { keepLikes, likes } from '../js/session.js';
import { canSound, play } from '../js/sound.js';
import { catalogues, drafts, setLanguage, t, tn } from '../js/text.js';
import { applyTheme } from '../js/theme.js';
import { button, card, check, field, input, radios, select } from '../js/widgets.js';

function keyRows(wrong) {
  return Object.keys(DEFAULT_KEYS).filter((action) => !FIXED.has(action)).map((action) => {
    const box = input({ value: keysOf(likes.keys)[action], maxlength: 3, size: 4, class: 'key-box', 'data-key': action });
    box.addEventListener('change', () => {
      const key = box.value.trim();
      if (key && !isKey(key)) { wrong.textContent = t('keys.wrong'); box.value = keysOf(likes.keys)[action]; return; }
      likes.keys = { ...likes.keys, [action]: key };
      if (key === DEFAULT_KEYS[action]) delete likes.keys[action];
      keepLikes();
      const double = clashes(keysOf(likes.keys));
      wrong.textContent = double.length > 0 ? t('keys.clash', { actions: double[0].map((each) => t(`key.${each}`)).join(', ') }) : '';
    });
    return field(t(`key.${action}`), box);
  });
}

export async function settings(root) {
  const wrong = h('p', { class: 'wrong', role: 'alert' });
  const language = radios(t('settings.language'), Object.keys(catalogues).map((each) => [each, `${catalogues[each]['lang.own']}${drafts.has(each) ? ` (${catalogues[each]['draft.language']})` : ''}`]), {
    value: likes.lang || document.documentElement.lang,
    onchange: () => { likes.lang = language.value(); keepLikes(); setLanguage(likes.lang); document.dispatchEvent(new Event('desk-language')); },
  });
  const theme = radios(t('settings.theme'), ['auto', 'dark', 'light'].map((each) => [each, t(`theme.${each}`)]), { value: likes.theme, onchange: () => { likes.theme = theme.value(); keepLikes(); applyTheme(); } });
  const sound = check(t('settings.sound'), { checked: likes.sound, onchange: () => { likes.sound = sound.box.checked; keepLikes(); } });
  const volume = input({ type: 'range', min: 5, max: 100, step: 5, value: likes.volume, onchange: () => { likes.volume = Number(volume.value); keepLikes(); } });
  const heard = h('p', { role: 'status' });
  const shortcuts = check(t('settings.shortcuts'), { checked: likes.shortcuts, onchange: () => { likes.shortcuts = shortcuts.box.checked; keepLikes(); again(); } });
  const pause = select([['3', '3'], ['5', '5'], ['8', '8'], ['0', t('never')]], { value: String(likes.pause), onchange: () => { likes.pause = Number(pause.value); keepLikes(); } });
  const dim = check(t('care.dim'), { checked: likes.dim, onchange: () => { likes.dim = dim.box.checked; keepLikes(); } });
  fill(root, h('h1', { tabindex: -1 }, t('settings')), h('div', { class: 'settings-grid' },
    card(t('settings.look'), {}, language.node, h('p', { class: 'hint' }, t('draft.language.why')), theme.node),
    h('div', { class: 'settings-side' }, card(t('settings.alarm'), {}, sound.node, field(t('settings.volume'), volume), h('p', { class: 'buttons' }, button(t('settings.test'), () => {
      play();
      heard.textContent = t(canSound() ? 'settings.test.played' : 'settings.test.silent');
    }), button(t('settings.test.ways'), async () => {
      const { ways } = await post('/api/alarm/test');
      heard.textContent = tn('settings.test.given', ways ?? 0);
    })), heard, h('p', { class: 'hint' }, t('settings.alarm.why'))),
    card(t('care'), {}, field(t('care.pause'), pause, { hint: t('care.pause.why') }), dim.node, h('p', { class: 'hint' }, t('care.dim.why')))),
    card(t('settings.keys'), { class: 'keys-card' }, shortcuts.node, h('p', { class: 'hint' }, t('keys.hint', { panic: shown(DEFAULT_KEYS.panic) })), wrong, h('div', { class: 'key-rows' }, keyRows(wrong)),
      h('p', { class: 'buttons' }, button(t('keys.reset'), () => { likes.keys = {}; keepLikes(); say(t('saved')); return again(); })))));
  return { keys: { back: () => go('queue') } };
}
