// SPDX-License-Identifier: AGPL-3.0-or-later
// The console of the duty desk: log-in, frame, locks, events. Views are in
// views/; what they share is beside this file.
import { fail, say, warn } from './announce.js';
import { ApiError, get, onLocked, onOut, post } from './api.js';
import { forgetRead } from './care.js';
import { closeDialog } from './dialog.js';
import { flushDrafts, forgetDrafts } from './drafts.js';
import { drawFrame, dropFrame, headerNow, setHeader, viewChanged } from './frame.js';
import { startIdle, stopIdle } from './idle.js';
import { bind, startKeys } from './keys.js';
import * as router from './router.js';
import { begin, enter, forget, lastName, likes, session } from './session.js';
import { alarmWords, hushAlarm, ring, wake } from './sound.js';
import { hush, listen } from './stream.js';
import { setLanguage, t } from './text.js';
import { applyTheme, startTheme } from './theme.js';
import { audit } from '../views/audit.js';
import { call } from '../views/call.js';
import { handover } from '../views/handover.js';
import { help } from '../views/help.js';
import { showLock } from '../views/lock.js';
import { showLogin } from '../views/login.js';
import { queue } from '../views/queue.js';
import { referral } from '../views/referral.js';
import { settings } from '../views/settings.js';
import { stats } from '../views/stats.js';
import { tip } from '../views/tip.js';

for (const [name, view] of Object.entries({ queue, tip, referral, call, handover, stats, audit, settings })) {
  router.register(name, view);
}
router.onShown(viewChanged);

let unbind = () => {};

function pickLanguage() {
  setLanguage(likes.lang || (/^km\b/.test(navigator.language) ? 'km' : 'en'));
}

/** Nothing of a tip is in the page after this, and nothing asks the desk. */
function wipe() {
  stopIdle();
  hush();
  unbind();
  unbind = () => {};
  closeDialog();
  hushAlarm();
  router.clear();
  dropFrame();
}

function toLogin(why) {
  wipe();
  forget();
  forgetDrafts();
  forgetRead();
  begin();
  pickLanguage();
  applyTheme();
  showLogin(start, why);
}

async function lock() {
  if (session.locked) return;
  session.locked = true;
  const back = { name: router.where(), params: router.paramsNow() };
  await Promise.race([flushDrafts(), new Promise((done) => { setTimeout(done, 1500); })]);
  const name = session.officer?.name ?? lastName();
  wipe();
  showLock(name, {
    unlocked: async (answer) => {
      await enter(answer.token ? answer : await get('/api/session'));
      await show(back.name || 'queue', back.params);
    },
    out: () => logout(),
  });
}

/** Everything away at once; the desk ends this officer's sessions, also if the tab is closed by then. */
function panic() {
  const told = post('/api/lock', {}, { keepalive: true }).catch(() => {});
  toLogin('');
  return told;
}

async function logout() {
  await flushDrafts();
  await post('/api/logout').catch((error) => { if (!(error instanceof ApiError)) throw error; });
  toLogin(t('login.out'));
}

function onEvent(event, data) {
  if (event === 'lock') lock();
  else if (event === 'out') toLogin(t('login.ended'));
  else if (event === 'live') {
    const was = headerNow().live;
    setHeader({ live: data });
    if (data && !was) router.pass('live', {}); // what came in between is asked for
  } else if (event === 'header') {
    setHeader(data);
    router.pass('header', {});
  } else if (event === 'waiting') {
    if (ring(data) || data.n === 0) warn(alarmWords().join('. '));
  } else {
    router.pass(event, data);
  }
}

const globalKeys = {
  panic,
  help: () => help(),
  queue: () => router.go('queue'),
  handover: () => router.go('handover'),
  calls: () => router.go('call'),
  stats: () => router.go('stats'),
  audit: () => router.go('audit'),
  sound: () => {
    likes.sound = !likes.sound;
    say(t(likes.sound ? 'sound.on' : 'sound.off'));
  },
};

async function show(name, params) {
  unbind();
  drawFrame({ help: () => help(), settings: () => router.go('settings'), logout, panic });
  unbind = bind(globalKeys);
  startIdle(session.idle_s, lock);
  listen(onEvent);
  await router.go(name, params, { replace: true });
}

async function start(answer) {
  await enter(answer);
  if (!likes.lang && answer.lang) likes.lang = answer.lang;
  pickLanguage();
  applyTheme();
  wake();
  await show('queue', {});
}

async function boot() {
  begin();
  pickLanguage();
  startTheme();
  startKeys();
  onOut(() => { if (session.officer) toLogin(t('login.ended')); });
  onLocked(() => { if (session.officer) lock(); });
  document.addEventListener('pointerdown', wake);
  document.addEventListener('desk-language', () => show(router.where(), router.paramsNow()));
  window.addEventListener('pagehide', () => { flushDrafts(); });
  if (!session.token) return toLogin('');
  try {
    const answer = await get('/api/session');
    await enter(answer);
    pickLanguage();
    applyTheme();
    return await show('queue', {});
  } catch (error) {
    if (error.word === 'locked') return await lock();
    if (!(error instanceof ApiError)) fail(error);
    return toLogin('');
  }
}

boot();
