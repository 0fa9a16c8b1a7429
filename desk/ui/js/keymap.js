// SPDX-License-Identifier: AGPL-3.0-or-later
// The keyboard map. Pure: which action a key press is. Every action has a
// button too; all but the panic lock can be changed and switched off.

/** action: key. "g q" is two presses; "Mod+" is Ctrl, or Command. */
export const DEFAULT_KEYS = {
  next: 'j',
  previous: 'k',
  open: 'Enter',
  claim: 'c',
  release: 'u',
  p1: '1',
  p2: '2',
  p3: '3',
  p4: '4',
  reload: 'r',
  queue: 'g q',
  handover: 'g h',
  calls: 'g c',
  stats: 'g s',
  audit: 'g a',
  scope: 'o',
  note: 'n',
  link: 'l',
  refer: 'f',
  status: 's',
  reply: 'y',
  search: '/',
  help: '?',
  sound: 'p',
  back: 'Escape',
  panic: 'Mod+l',
};

/** These are not taken away: without them there is no way back. */
export const FIXED = new Set(['open', 'back', 'panic']);

/** The name of a press: "j", "?", "Mod+l", "Escape". Empty for a lone modifier. */
export function nameOf({ key, ctrlKey, metaKey, altKey }) {
  if (!key || altKey || ['Control', 'Shift', 'Alt', 'Meta'].includes(key)) return '';
  const name = key.length === 1 ? key.toLowerCase() : key;
  return ctrlKey || metaKey ? `Mod+${name}` : name;
}

/** What a key may be changed to: one sign, or g and a sign. */
export const isKey = (key) => /^(g )?[^\s]$/u.test(key) && key !== 'g';

/** The map in force: the defaults with what was changed. */
export function keysOf(changed = {}) {
  const keys = { ...DEFAULT_KEYS };
  for (const [action, key] of Object.entries(changed)) {
    if (action in keys && !FIXED.has(action) && (key === '' || isKey(key))) keys[action] = key;
  }
  return keys;
}

/** Actions that share a key. */
export function clashes(keys) {
  const seen = new Map();
  for (const [action, key] of Object.entries(keys)) {
    if (key) seen.set(key, [...(seen.get(key) ?? []), action]);
  }
  return [...seen.values()].filter((actions) => actions.length > 1);
}

/** {action} of a press after the presses before it, or {prefix} that waits. */
export function match(keys, before, name) {
  const whole = before ? `${before} ${name}` : name;
  const action = Object.keys(keys).find((each) => keys[each] === whole);
  if (action) return { action };
  return Object.values(keys).some((key) => key.startsWith(`${whole} `)) ? { prefix: whole } : {};
}

/** As it is shown: Ctrl+L, g q, Esc. */
export function shown(key) {
  return key.replace(/^Mod\+(.)/, (all, sign) => `Ctrl+${sign.toUpperCase()}`).replace('Escape', 'Esc');
}
