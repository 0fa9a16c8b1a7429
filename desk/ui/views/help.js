// SPDX-License-Identifier: AGPL-3.0-or-later
// The keyboard map, over whatever is shown.
import { dialog } from '../js/dialog.js';
import { h } from '../js/dom.js';
import { DEFAULT_KEYS } from '../js/keymap.js';
import { keyOf } from '../js/keys.js';
import { likes } from '../js/session.js';
import { t } from '../js/text.js';

const GROUPS = {
  move: ['next', 'previous', 'open', 'back', 'search', 'reload'],
  work: ['claim', 'release', 'p1', 'p2', 'p3', 'p4', 'note', 'reply', 'status', 'link', 'refer', 'scope'],
  places: ['queue', 'calls', 'handover', 'stats', 'audit'],
  desk: ['help', 'sound', 'panic'],
};

export const grouped = () => Object.values(GROUPS).flat().length === Object.keys(DEFAULT_KEYS).length;

export function help() {
  const keys = (action) => {
    const key = keyOf(action);
    return key ? key.split(' ').map((each) => h('kbd', null, each)) : h('span', { class: 'muted' }, t('key.none'));
  };
  return dialog(t('help.title'), [!likes.shortcuts && h('p', { class: 'note-line' }, t('help.off')), h('div', { class: 'help-grid' }, Object.entries(GROUPS).map(([group, actions]) => h('section', null,
    h('h3', null, t(`help.${group}`)), h('dl', { class: 'keys' }, actions.map((action) => h('div', null, h('dt', null, keys(action)), h('dd', null, t(`key.${action}`)))))))),
  h('p', { class: 'hint' }, t('help.hint'))], { ok: '', cancel: t('close'), wide: true });
}
