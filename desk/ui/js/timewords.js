// SPDX-License-Identifier: AGPL-3.0-or-later
// Times as officers read them. Pure: milliseconds in, a key of the catalogue
// with its numbers, or a fixed form, out.

const MIN = 60000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
export const ZONE = 'Asia/Phnom_Penh';

/** {unit, n, m}: the length of time in at most two units. */
function pieces(ms) {
  const all = Math.max(0, ms);
  if (all < MIN) return { unit: 's', n: Math.floor(all / 1000), m: 0 };
  if (all < HOUR) return { unit: 'min', n: Math.floor(all / MIN), m: 0 };
  if (all < DAY) return { unit: 'h', n: Math.floor(all / HOUR), m: Math.floor((all % HOUR) / MIN) };
  return { unit: 'd', n: Math.floor(all / DAY), m: Math.floor((all % DAY) / HOUR) };
}

/** How old: keys age.s age.min age.h age.d. */
export function age(then_ms, now_ms) {
  const { unit, n, m } = pieces(now_ms - then_ms);
  return { key: `age.${unit}`, n, m: String(m).padStart(2, '0') };
}

/**
 * How much is left until due: keys left.* and late.*; left.none where no clock
 * runs. Less than a minute is told in seconds, so that the last one counts.
 */
export function left(due_ms, now_ms) {
  if (!due_ms) return { key: 'left.none', late: false };
  const late = now_ms > due_ms;
  const { unit, n, m } = pieces(Math.abs(due_ms - now_ms));
  return { key: `${late ? 'late' : 'left'}.${unit}`, n, m: String(m).padStart(2, '0'), late };
}

/** Is less than a quarter of the way, or of ten minutes, left? */
export function soon(due_ms, arrived_ms, now_ms) {
  if (!due_ms || now_ms >= due_ms) return false;
  return due_ms - now_ms <= Math.max((due_ms - arrived_ms) / 4, MIN);
}

function fields(ms, timeZone) {
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'short',
    hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  }).formatToParts(new Date(ms));
  return Object.fromEntries(made.map(({ type, value }) => [type, value]));
}

/** {date, day, time}: 2026-11-22, 0 (Sunday) to 6, 14:05, in the desk's zone. */
export function local(ms, timeZone = ZONE) {
  const f = fields(ms, timeZone);
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  return {
    date: `${f.year}-${f.month}-${f.day}`, day: days.indexOf(f.weekday), time: `${f.hour}:${f.minute}`, second: f.second,
  };
}

/** 2026-11-22 07:05 UTC */
export function utc(ms) {
  const { date, time } = local(ms, 'UTC');
  return `${date} ${time} UTC`;
}

/** Milliseconds of a date and time in the desk's zone ("2026-11-22", "14:05"). */
export function fromLocal(date, time = '00:00', timeZone = ZONE) {
  const guess = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(guess)) return NaN;
  const shown = local(guess, timeZone);
  return guess - (Date.parse(`${shown.date}T${shown.time}:00Z`) - guess);
}

/** Is it night at the desk (18 to 6)? */
export function isNight(now_ms, timeZone = ZONE) {
  const hour = Number(local(now_ms, timeZone).time.slice(0, 2));
  return hour < 6 || hour >= 18;
}
