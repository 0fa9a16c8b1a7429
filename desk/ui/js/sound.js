// SPDX-License-Identifier: AGPL-3.0-or-later
// The alarm for P1: two calm tones and a title without content, again every
// half minute until somebody has claimed it; for a quarantine that nobody has
// looked through in time, each half hour. No file is loaded.
import { likes } from './session.js';
import { t, tn, tOr } from './text.js';

const AGAIN_MS = 30000;
const LOOK_TURNS = 60; // of these
const NOTES = [[587.33, 0, 0.35], [440, 0.42, 0.5]]; // hertz, from s, for s

let audio = null;
let timer;
const NOTHING = { n: 0, p1: 0, p2: 0, asked: 0, unseen: 0, level: '', supervisor: false, ids: [] };
const LEVELS = ['', 'notice', 'shift', 'supervisor', 'phone-tree'];
let waiting = NOTHING;
let turns = 0;
const listeners = new Set();

/** Browsers let a page sound only after a click or a key: ask then. */
export function wake() {
  try {
    audio ??= new AudioContext();
    if (audio.state === 'suspended') audio.resume();
  } catch {
    audio = null; // no sound card: title and words still say it
  }
}

function tone([hertz, from_s, for_s], volume) {
  const at = audio.currentTime + from_s;
  const osc = audio.createOscillator();
  const gain = audio.createGain();
  osc.type = 'sine';
  osc.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.03);
  gain.gain.setTargetAtTime(0, at + for_s - 0.12, 0.05);
  osc.connect(gain).connect(audio.destination);
  osc.start(at);
  osc.stop(at + for_s + 0.2);
}

/** Two tones; true if the browser lets them be heard. */
export function play() {
  wake();
  document.documentElement.dataset.sounded = String(Number(document.documentElement.dataset.sounded ?? 0) + 1);
  if (!audio || audio.state !== 'running') return false;
  for (const note of NOTES) tone(note, (likes.volume / 100) * 0.5);
  return true;
}

/** What rings, in words, the most urgent first. */
export function alarmWords() {
  const { n, p1, p2, asked, unseen, level, supervisor } = waiting;
  const urgent = p1 || (p2 + asked === 0 ? n : 0);
  return [urgent > 0 && tn('strip.alarm', urgent), urgent > 0 && tOr(`strip.level.${level}`, ''), p2 > 0 && tn('strip.p2', p2),
    asked > 0 && tn('strip.asked', asked), asked > 0 && !supervisor && t('strip.asked.nobody'), unseen > 0 && tn('strip.unlooked', unseen)].filter(Boolean);
}

export const canSound = () => Boolean(audio) && audio.state === 'running';

function again() {
  turns += 1;
  if (likes.sound && (waiting.n > 0 || turns % LOOK_TURNS === 0)) play();
}

function take(now) {
  waiting = { ...NOTHING, ...now };
  document.title = now.n > 0 ? `(${now.n}!) Desk` : waiting.unseen > 0 ? '(!) Desk' : 'Desk';
  if (now.n === 0 && waiting.unseen === 0) timer = clearInterval(timer);
  else timer ??= setInterval(again, AGAIN_MS);
  for (const listener of listeners) listener(waiting);
}

/** What waits, as the desk says: {n, ids of the first ones, p1, p2, asked, unseen, level, supervisor}. True: there is something that this console had not heard of, or it is a supervisor's by now. */
export function ring(now) {
  const levels = [now, waiting].map(({ level }) => Math.max(0, LEVELS.indexOf(level)));
  const isMore = now.n > waiting.n || now.ids.some((id) => !waiting.ids.includes(id)) || (now.unseen > 0 && waiting.unseen === 0)
    || (levels[0] > levels[1] && levels[0] > 2);
  take(now);
  if (isMore && likes.sound) play();
  return isMore;
}

export const hushAlarm = () => take(NOTHING);

export const alarmed = () => waiting;
export const onAlarm = (listener) => { listeners.add(listener); return () => listeners.delete(listener); };
