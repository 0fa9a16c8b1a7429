// SPDX-License-Identifier: AGPL-3.0-or-later
// What stands round every view: where one can go, how the channels are, who is
// logged in. Numbers and names of channels only.
import { announcers } from './announce.js';
import { onPause, paused, pauseDue } from './care.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { go, setPlace, where } from './router.js';
import { seesToDesk, session } from './session.js';
import { alarmWords, onAlarm } from './sound.js';
import { drafts, language, t, tn } from './text.js';
import { local, utc } from './timewords.js';
import { roleWord } from './codes.js';
import { button } from './widgets.js';

const PLACES = [['queue', 'queue'], ['call', 'calls'], ['handover', 'handover'], ['stats', 'stats'], ['audit', 'audit']];
const header = { received_today: null, never_opened: null, seconds: 0, gaps: null, channels: [], head: '', opening: 0, redis: true, live: false, alarms: null, quarantine: null };

let strip = null;
let nav = null;
let clock = null;
let pause = null;
let clockTimer = 0;
let unAlarm = () => {};

function drawNav() {
  if (!nav) return;
  fill(nav, PLACES.map(([view, action]) => button(t(`go.${view}`), () => go(view), {
    action, kind: 'nav', 'aria-current': where() === view || (view === 'queue' && ['tip', 'referral'].includes(where())) ? 'page' : undefined,
  })));
}

function drawClock() {
  if (!clock) return;
  const now = Date.now();
  const { date, day, time } = local(now);
  clock.textContent = `${date} ${t(`day.${day}`)} ${time}`;
  clock.title = utc(now);
}

const countOf = (value) => (Array.isArray(value) ? value.length : Number(value ?? 0));

function health(kind, shape, label, title) {
  return h('li', { class: `health health-${kind}`, title }, icon(shape), h('span', null, label));
}

function channelItems() {
  const silent = header.channels.filter((each) => each.silent);
  const items = silent.map((each) => health('bad', 'warn', t('strip.silent', { name: each.name }),
    each.last_ms ? t('strip.last', { when: `${local(each.last_ms).date} ${local(each.last_ms).time}` }) : t('strip.last.never')));
  const well = header.channels.filter((each) => !each.silent && each.last_ms);
  if (well.length > 0 && well.length <= 3) {
    for (const each of well) items.push(health('ok', 'ok', t('strip.ok', { name: each.name, when: local(each.last_ms).time })));
  } else if (well.length > 3) {
    const names = well.map((each) => `${each.name} ${local(each.last_ms).time}`).join(', ');
    items.push(health('ok', 'ok', tn('strip.channels', well.length), names));
  }
  // what was never heard of is neither well nor silent
  const unheard = header.channels.filter((each) => !each.silent && !each.last_ms);
  if (unheard.length > 0) items.push(health('plain', 'p4', tn('strip.unheard', unheard.length), unheard.map((each) => each.name).join(', ')));
  return items;
}

function drawStrip() {
  if (!strip) return;
  const gaps = countOf(header.gaps);
  const { unseen = 0 } = header.quarantine ?? {};
  const had = strip.contains(document.activeElement);
  fill(strip,
    alarmWords().map((words) => health('alarm', 'bell', words)),
    health(header.live ? 'ok' : 'bad', header.live ? 'ok' : 'warn', t(header.live ? 'strip.live' : 'strip.dead')),
    header.seconds > 0 && h('li', { class: 'health health-note' }, icon('clock'), button(tn('strip.second', header.seconds), () => go('queue', { view: 'second' }), { kind: 'quiet slim' })),
    unseen > 0 && h('li', { class: 'health health-note' }, icon('clock'), button(tn('strip.unseen', unseen), () => go('queue', { view: 'quarantine' }), { kind: 'quiet slim' })),
    header.ring && header.ring !== 'fine' && seesToDesk() && health('bad', 'lock', t('strip.ring'), t('strip.ring.why')),
    header.disk === 'low' && health('bad', 'warn', t('strip.disk.low'), t('strip.disk.low.why')),
    header.disk === 'full' && health('bad', 'warn', t('strip.disk.full'), t('strip.disk.full.why')),
    header.redis === false && health('bad', 'warn', t('strip.redis'), header.redis_text),
    header.opening > 0 && health('plain', 'lock', tn('strip.opening', header.opening)),
    header.not_readable > 0 && health('bad', 'warn', tn('strip.not-readable', header.not_readable)),
    header.received_today !== null && health('plain', 'file', t('strip.received', { n: header.received_today })),
    header.never_opened !== null && health(header.never_opened > 0 ? 'note' : 'plain', 'clock', t('strip.unopened', { n: header.never_opened })),
    header.gaps !== null && health(gaps > 0 ? 'bad' : 'plain', gaps > 0 ? 'warn' : 'ok', gaps > 0 ? tn('strip.gaps', gaps) : t('strip.gaps.none')),
    header.alarms?.failing && health('bad', 'bell', t('strip.alarm.failing')),
    channelItems(),
    header.head && health('plain', 'link', t('strip.head', { hash: String(header.head).slice(0, 12) }), String(header.head)));
  if (had) strip.querySelector('button')?.focus();
}

/** After so many hard ones: a calm word, once. */
function drawPause() {
  const n = pause ? pauseDue() : 0;
  if (pause) fill(pause, n > 0 && h('p', { class: 'pause' }, h('span', null, tn('pause', n)), button(t('pause.done'), paused, { kind: 'quiet slim' })));
}

/** What the desk says of itself; partial is enough. */
export function setHeader(partial) {
  Object.assign(header, partial);
  drawStrip();
}

export const headerNow = () => header;

function officer(acts) {
  return h('div', { class: 'me' },
    h('span', { class: 'me-name' }, session.officer.name, h('span', { class: 'muted' }, ` · ${roleWord(session.officer.role)}`)),
    drafts.has(language()) && h('span', { class: 'chip', title: t('draft.language.why') }, t('draft.language')),
    button(t('help'), acts.help, { action: 'help', kind: 'nav' }),
    button(t('settings'), acts.settings, { kind: 'nav' }),
    button(t('logout'), acts.logout, { kind: 'nav' }),
    button(t('panic'), acts.panic, { action: 'panic', kind: 'nav panic', title: `${t('panic.why')} (Ctrl+L)` }));
}

/** Build the frame into the body. acts: help settings logout panic. */
export function drawFrame(acts) {
  nav = h('nav', { class: 'nav', 'aria-label': t('nav') });
  strip = h('ul', { class: 'strip', 'aria-label': t('strip') });
  clock = h('time', { class: 'wall-clock' });
  pause = h('div', { role: 'status' });
  const main = h('main', { id: 'main', tabindex: -1 });
  fill(document.body,
    h('a', { class: 'skip', href: '#main', onclick: (event) => { event.preventDefault(); main.focus(); } }, t('skip')),
    h('header', { class: 'top' }, session.practice && h('p', { class: 'practice' }, t('practice.banner')),
      h('div', { class: 'bar' }, h('span', { class: 'brand' }, t('brand')), nav, clock, officer(acts)), strip, pause),
    main, announcers());
  setPlace(main);
  drawNav();
  drawClock();
  drawStrip();
  drawPause();
  onPause(drawPause);
  clearInterval(clockTimer);
  clockTimer = setInterval(drawClock, 5000);
  unAlarm();
  unAlarm = onAlarm(drawStrip);
}

export const viewChanged = () => drawNav();

/** The page is empty; nothing of the desk is remembered. */
export function dropFrame() {
  clearInterval(clockTimer);
  unAlarm();
  unAlarm = () => {};
  nav = strip = clock = pause = null;
  Object.assign(header, { received_today: null, never_opened: null, seconds: 0, gaps: null, channels: [], head: '', opening: 0, redis: true, live: false, alarms: null, quarantine: null });
  fill(document.body);
}
