// SPDX-License-Identifier: AGPL-3.0-or-later
// Who is logged in, in this tab. The token lives in sessionStorage of the tab;
// what an officer likes (theme, keys, sound) in localStorage under a hash of
// the name. No word of a tip is ever stored.

const TOKEN = 'desk-token';
const OFFICER = 'desk-officer';
const LIKES = 'desk-likes';

export const session = {
  token: sessionStorage.getItem(TOKEN) ?? '',
  officer: null,
  idle_s: 300,
  practice: false,
  locked: false,
};

/** What can be chosen, with its defaults. */
const DEFAULTS = {
  theme: 'auto', lang: '', sound: true, volume: 60, shortcuts: true, keys: {}, filters: {}, pause: 5, dim: true,
};

export const likes = { ...DEFAULTS };
let place = LIKES;

async function placeOf(name) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`desk ${name}`)));
  return `${LIKES}-${[...bytes.slice(0, 8)].map((b) => b.toString(16).padStart(2, '0')).join('')}`;
}

function readLikes() {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(place));
  } catch { /* somebody else's, or broken: the defaults */ }
  Object.assign(likes, structuredClone(DEFAULTS));
  for (const [name, value] of Object.entries(kept ?? {})) {
    if (name in DEFAULTS && typeof value === typeof DEFAULTS[name]) likes[name] = value;
  }
}

export function keepLikes() {
  localStorage.setItem(place, JSON.stringify(likes));
  // the log-in page of this browser looks like the last one wanted it
  localStorage.setItem(LIKES, JSON.stringify({ theme: likes.theme, lang: likes.lang }));
}

/** Before anybody is logged in. */
export function begin() {
  place = LIKES;
  readLikes();
}

/** A log-in, or a session that a reload found again. */
export async function enter({ token, officer, idle_s, practice }) {
  session.token = token ?? session.token;
  session.officer = officer;
  session.idle_s = idle_s || 300;
  session.practice = Boolean(practice);
  session.locked = false;
  sessionStorage.setItem(TOKEN, session.token);
  sessionStorage.setItem(OFFICER, officer.name);
  place = await placeOf(officer.name);
  readLikes();
}

/** After a reload, before the desk has said who it is. */
export const lastName = () => sessionStorage.getItem(OFFICER) ?? '';

export function forget() {
  session.token = '';
  session.officer = null;
  session.locked = false;
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(OFFICER);
}

/** Who is told what is wrong with the desk itself. */
export const seesToDesk = () => ['supervisor', 'administrator'].includes(session.officer?.role);
export const isSupervisor = () => session.officer?.role === 'supervisor';
