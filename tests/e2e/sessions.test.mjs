// SPDX-License-Identifier: AGPL-3.0-or-later
// Who is logged in at the console, and who is not: second factors, halves of
// sessions, other browsers, other pages, idle and panic; what is written down
// of all that; and what each role may ask for.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Desk, freshCode, secretOf } from './lib/desk.mjs';
import { build, Home, request, until } from './lib/home.mjs';

const run = promisify(execFile);
const IDLE_S = 15;
// a code is good once in half a minute: each test has officers of its own
const OFFICERS = ['anna', 'bora', 'bopha', 'chan', 'chea', 'dara', 'dany', 'fala', 'heng', 'ith', 'kosal', 'lida', 'mony', 'nary', 'oun'];

let home;
let url;
before(async () => {
  home = await Home.start();
  process.env.TIPLINE_OFFICER = 'officer';
  for (const name of OFFICERS) await Desk.add(home, name);
  await Desk.add(home, 'vanna', 'administrator');
  await Desk.add(home, 'sok', 'supervisor');
  url = await home.desk();
});
after(() => home?.stop());

const passphrase = (name) => fs.readFileSync(path.join(home.dir, `${name}.pass`), 'utf8').trim();

/** POST /api/login as it is: {status, body, cookies}. */
async function login(given, headers = {}, where = '/api/login') {
  const answer = await request(`${url}${where}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(given),
  });
  return { status: answer.status, body: answer.body.toString(), cookies: answer.headers['set-cookie'] ?? [] };
}

const get = (headers, pathname = '/api/session') => request(`${url}${pathname}`, { headers }).then(({ status }) => status);

/** An officer who comes while the desk runs: two codes are good at once. */
async function newcomer(name) {
  const times = () => home.log('desk').split('E132').length;
  const before = times();
  await Desk.add(home, name);
  await until(`keyd knows ${name}`, () => times() > before);
}

test('a wrong, a missing and a replayed code are refused like a wrong passphrase and a wrong name', async () => {
  const code = await freshCode(secretOf(home, 'anna'));
  const good = await login({ name: 'anna', passphrase: passphrase('anna'), code });
  assert.equal(good.status, 200, good.body);
  // the code of another's telephone, and of none
  const next = await freshCode(secretOf(home, 'bora'));
  const answers = [];
  for (const given of [
    { name: 'anna', passphrase: passphrase('anna'), code }, // once more
    { name: 'bopha', passphrase: passphrase('bopha'), code: next },
    { name: 'chea', passphrase: passphrase('chea'), code: '' },
    { name: 'dany', passphrase: 'not the passphrase', code: next },
    { name: 'nobody', passphrase: passphrase('anna'), code: next },
    { name: 'bora', passphrase: passphrase('anna'), code: next },
  ]) {
    let answer = await login(given);
    while (answer.status === 429) { // others' tries are slowed, never stopped
      await sleep(500);
      answer = await login(given);
    }
    answers.push(answer);
  }
  for (const { status, body, cookies } of answers) {
    assert.equal(status, 401);
    assert.equal(body, answers[0].body);
    assert.deepEqual(cookies, []);
  }
});

test('wrong tries slow a name where they come from, and no other name', async () => {
  const mine = await Desk.login(home, { name: 'dara' });
  const wrong = (headers) => login({ name: 'dara', passphrase: 'not the passphrase', code: '123456' }, headers);
  const stranger = { Cookie: mine.known.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')) };
  let forged; // of a try in the time for which the one before was told to wait
  for (let i = 0; i < 12 && !forged; i++) {
    const asked = Date.now();
    const { status, body } = await wrong();
    if (status !== 429) continue;
    const later = JSON.parse(body);
    assert.equal(later.error, 'later');
    assert.ok(later.retry_s >= 1 && later.retry_s <= 10);
    const next = await wrong(stranger);
    if (Date.now() < asked + (later.retry_s - 1) * 1000) forged = next;
    else await sleep(later.retry_s * 1000); // the next wait is twice as long
  }
  assert.equal(forged?.status, 429, forged?.body);
  // a browser in which dara has logged in, and another name from anywhere
  const own = await wrong({ Cookie: mine.known });
  assert.equal(own.status, 401, own.body);
  const other = await Desk.login(home, { name: 'chan' });
  await other.logout();
  await mine.logout();
});

test('a cookie without its token, a token without its cookie, and both in another browser are nothing', async () => {
  await newcomer('eng');
  const desk = await Desk.login(home, { name: 'eng', late: true });
  const { Cookie, 'X-Desk-Token': token } = desk.headers;
  assert.equal(await get(desk.headers), 200);
  assert.equal(await get({ Cookie }), 401);
  assert.equal(await get({ 'X-Desk-Token': token }), 401);
  assert.equal(await get({ Cookie, 'X-Desk-Token': `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}` }), 401);
  assert.equal(await get({ Cookie: `x${Cookie}`, 'X-Desk-Token': token }), 401);
  assert.equal(await get({ Cookie: `a=b; ${Cookie}; c=d`, 'X-Desk-Token': token }), 200);
  const another = await Desk.login(home, { name: 'fala' });
  assert.equal(await get({ Cookie, 'X-Desk-Token': another.headers['X-Desk-Token'] }), 401);
  await another.logout();
  // what was taken ends, for who took it and for who had it
  assert.equal(await get({ ...desk.headers, 'User-Agent': 'another browser' }), 401);
  assert.equal(await get(desk.headers), 401);
});

test('cookies are for this host, https and no script, and a session that was brought along is not taken over', async () => {
  const fixed = 'A'.repeat(43);
  const { status, cookies, body } = await login({ name: 'heng', passphrase: passphrase('heng'), code: await freshCode(secretOf(home, 'heng')) },
    { Cookie: `__Host-desk=${fixed}`, 'X-Desk-Token': fixed });
  assert.equal(status, 200, body);
  assert.equal(cookies.length, 2);
  for (const cookie of cookies) assert.match(cookie, /^__Host-desk(-known)?=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict(; Max-Age=2592000)?$/);
  assert.ok(!cookies[0].includes(fixed) && JSON.parse(body).token !== fixed);
  assert.ok(!cookies[0].includes(JSON.parse(body).token));
  assert.equal(await get({ Cookie: `__Host-desk=${fixed}`, 'X-Desk-Token': fixed }), 401);
});

test('what a page of another origin asks is refused, also with both halves', async () => {
  const desk = await Desk.login(home, { name: 'ith' });
  const { host } = new URL(url);
  for (const headers of [
    { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'none' },
    { Origin: 'https://evil.example' }, { Origin: 'null' }, { Origin: `http://${host}` }, { Origin: `https://${host}.evil.example` },
  ]) {
    assert.equal(await get({ ...desk.headers, ...headers }), 403, JSON.stringify(headers));
    const { status } = await login({ name: 'ith', passphrase: 'x', code: '123456' }, headers);
    assert.equal(status, 403, JSON.stringify(headers));
  }
  assert.equal(await get({ ...desk.headers, Origin: `https://${host}`, 'Sec-Fetch-Site': 'same-origin' }), 200);
  // a form of another page can send neither JSON nor our header
  const form = await request(`${url}/api/lock`, { method: 'POST', headers: { Cookie: desk.headers.Cookie, 'Content-Type': 'text/plain' }, body: '{}' });
  assert.equal(form.status, 401);
  assert.equal(await get(desk.headers), 200);
  await desk.logout();
});

test('logging out ends this session alone, the panic key all of this officer', async () => {
  await newcomer('jaya');
  const jaya = () => Desk.login(home, { name: 'jaya', late: true });
  const [one, two, three, other] = [await Desk.login(home, { name: 'nary' }), await jaya(), await jaya(), await Desk.login(home, { name: 'kosal' })];
  await one.logout();
  assert.equal(await get(one.headers), 401);
  assert.equal(await get(two.headers), 200);
  const events = await three.events();
  assert.equal((await two.post('/api/lock', {})).status, 200);
  assert.equal(await get(two.headers), 401);
  assert.equal(await get(three.headers), 401);
  await events.ended;
  assert.match(events.text, /event: lock/);
  assert.equal(await get(other.headers), 200);
  await other.logout();
});

test('who is removed from the ring is out at once, and the others work on', async () => {
  const [mony, other] = [await Desk.login(home, { name: 'mony' }), await Desk.login(home, { name: 'oun' })];
  const events = await mony.events();
  assert.equal(await get(mony.headers), 200);
  await home.tipline('officer', 'remove', '--yes', 'mony');
  await until('mony is out', async () => (await get(mony.headers)) === 401);
  await events.ended;
  assert.match(events.text, /event: lock/);
  await until('it is said', () => /E132 the team's ring was read again \(\d+ officers, 1 who/.test(home.log('desk')));
  assert.equal(await get(other.headers), 200);
  // nor does their code bring them in again, and who comes new needs no restart
  await newcomer('pisey');
  const again = await login({ name: 'mony', passphrase: passphrase('mony'), code: await freshCode(secretOf(home, 'pisey'), true) });
  assert.equal(again.status, 401);
  await (await Desk.login(home, { name: 'pisey', late: true })).logout();
  assert.equal(await get(other.headers), 200);
  await other.logout();
});

// role x route: every call of docs/desk-openapi.yaml, which are those of the code
// (check-desk-api). What is not named here is for who may read tips.
const FOR = {
  'POST /api/login': 'anybody',
  'POST /api/unlock': 'anybody',
  'GET /api/session': 'all',
  'GET /api/phrases': 'all',
  'GET /api/events': 'all', // without content
  'POST /api/alarm/test': 'all',
  'POST /api/logout': 'all', // these two end the session: asked last
  'POST /api/lock': 'all',
};

function allCalls() {
  const calls = [];
  let pathname;
  for (const line of fs.readFileSync('docs/desk-openapi.yaml', 'utf8').split('\n')) {
    pathname = /^  (\/api\/[^:]*):/.exec(line)?.[1] ?? pathname;
    const method = /^    (get|post|put|delete):/.exec(line)?.[1];
    if (method) calls.push([method.toUpperCase(), pathname, `${method.toUpperCase()} ${pathname}`]);
  }
  return calls.sort(([, , a], [, , b]) => Object.keys(FOR).indexOf(a) - Object.keys(FOR).indexOf(b));
}

/** The status and error of a call, whose answer may have no end. */
async function outcome(headers, method, pathname) {
  const body = method === 'POST' || method === 'PUT' ? '{}' : undefined;
  const there = pathname.replace('{tip}', '0'.repeat(32)).replace(/\{[a-z]+\}/g, '1');
  return new Promise((resolve, reject) => {
    const req = https.request(`${url}${there}`, {
      method, rejectUnauthorized: false, headers: { ...headers, ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length }) },
    }, (res) => {
      res.once('data', (data) => { resolve(`${res.statusCode} ${/"error":"([^"]*)"/.exec(data)?.[1] ?? ''}`.trim()); req.destroy(); });
      res.once('end', () => resolve(`${res.statusCode}`));
    });
    req.on('error', reject);
    req.end(body);
  });
}

test('each role may ask for what its row allows, in every room, and an administrator for nothing that shows a tip', async () => {
  const calls = allCalls();
  assert.ok(calls.length > 30);
  for (const call of Object.keys(FOR)) assert.ok(calls.some(([, , name]) => name === call), call);
  const roles = { officer: await Desk.login(home, { name: 'lida' }), supervisor: await Desk.login(home, { name: 'officer' }),
    administrator: await Desk.login(home, { name: 'vanna' }) };
  for (const [role, desk] of Object.entries(roles)) assert.equal((await desk.get('/api/session')).body.officer.role, role);
  for (const [method, pathname, name] of calls) {
    const whose = FOR[name] ?? 'officers';
    const nobody = await outcome({}, method, pathname);
    assert.equal(nobody === '401 login', whose !== 'anybody', `${name} by nobody: ${nobody}`);
    for (const [role, { headers }] of Object.entries(roles)) {
      if (name === 'POST /api/lock') { // logged out before
        assert.equal(await outcome(headers, method, pathname), '401 login');
        continue;
      }
      const got = await outcome(headers, method, pathname);
      assert.equal(got === '403 role', whose === 'officers' && role === 'administrator', `${name} by ${role}: ${got}`);
    }
  }
});

test('an officer sees their own trail, a supervisor all of it and is seen looking', async () => {
  const marker = 'marker-of-the-trail';
  assert.equal((await home.form({ story: `They locked us in. ${marker}`, now: '1' }, { lang: 'en' })).status, 200);
  const eng = await Desk.login(home, { name: 'eng', late: true }); // whose session was ended above
  const row = await eng.row((r) => r.state === 'NEW');
  await eng.opened(); // a case may be known before its tip is open
  await eng.take(row.id);
  assert.equal((await eng.get(`/api/tips/${row.id}`)).status, 200);
  assert.equal((await eng.get('/api/queue?view=open&q=locked')).status, 200);
  const whole = async (desk, query = '') => {
    const entries = [];
    let next = '';
    do {
      const { status, body } = await desk.get(`/api/audit?${query}${next}`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.match(body.head, /^[0-9a-f]{64}/);
      entries.push(...body.entries);
      next = body.next > 0 ? `&from=${body.next}` : '';
    } while (next !== '');
    return entries;
  };
  let own;
  await until('the view is written down', async () => {
    own = await whole(eng);
    return own.some((e) => e.what === 'view' && e.tip === row.id)
      && ['search', 'trail'].every((what) => own.some((e) => e.what === what)); // a look is in the next one
  });
  assert.ok(own.every((e) => e.who === 'eng'));
  for (const what of ['login', 'revoked', 'trail']) {
    assert.ok(own.some((e) => e.what === what), what);
  }
  const supervisor = await Desk.login(home, { name: 'sok' });
  const all = await whole(supervisor);
  const refused = all.filter((e) => ['login-refused', 'unreadable'].includes(e.what)).map((e) => e.who ?? e.what);
  for (const who of ['dara', 'nobody']) assert.ok(refused.includes(who), `${refused} of ${all.length}\n${home.log('desk')}`);
  assert.equal(all.filter((e) => e.who === 'jaya' && e.what === 'panic').length, 2);
  assert.ok(all.some((e) => e.who === 'kosal' && e.what === 'logout'));
  await until('looking at it is in it', async () => (await whole(supervisor)).some((e) => e.who === 'sok' && e.what === 'trail' && e.note === 'all'));
  assert.ok((await whole(supervisor, 'mine=1')).every((e) => e.who === 'sok'));
  // neither words of the tip nor what was searched for
  assert.ok(!JSON.stringify(all).includes(marker) && !JSON.stringify(all).includes('locked us'));
  // and the chain holds all of it
  const { stdout } = await run(path.join(build, 'tipline'), ['-c', home.conf, 'ledger', 'verify']);
  assert.ok(Number(/records +(\d+) of the audit/.exec(stdout)[1]) >= all.length);
  await eng.logout();
  await supervisor.logout();
});

// It is the first second that matters: after that the desk asks for the key by itself.
test('who comes before the ledger is read is written down as well', async () => {
  await home.kill('desk', 'SIGTERM');
  await home.run('desk');
  let store; // the first to be started: it is stopped before it has a keyd of its own
  while (!store && home.procs.desk.exitCode === null) {
    [store] = home.childrenOf('desk');
    await sleep(1);
  }
  let desk;
  process.kill(store, 'SIGSTOP');
  try {
    await until('the desk answers', () => request(`${url}/`).then(() => true, () => false));
    desk = await Desk.login(home, { name: 'chea' });
  } finally {
    process.kill(store, 'SIGCONT');
  }
  await until('the log-in is in the trail', async () => {
    const { status, body } = await desk.get('/api/audit');
    return status === 200 && body.entries.some((e) => e.who === 'chea' && e.what === 'login');
  });
  await desk.logout();
});

test('who does nothing is locked, what the page asks by itself is nothing, and a code opens it again', async () => {
  await home.kill('desk', 'SIGTERM');
  fs.writeFileSync(home.conf, fs.readFileSync(home.conf, 'utf8').replace('[desk]', `[desk]\nidle_lock = ${IDLE_S}s`));
  await home.desk();
  for (const name of ['rith', 'thida']) await newcomer(name);
  const desk = await Desk.login(home, { name: 'rith', late: true });
  assert.equal((await desk.ask('PUT', '/api/draft/call', { text: 'begun ស' })).status, 200);
  assert.equal((await desk.get('/api/draft/call')).body.text, 'begun ស');
  await until('it is locked', async () => (await desk.get('/api/queue?view=open')).body.error === 'locked', (IDLE_S + 60) * 1000);
  assert.equal((await desk.get('/api/session')).body.error, 'locked');
  const headers = { ...desk.headers };
  const wrong = await login({ passphrase: 'not the passphrase', code: '123456' }, headers, '/api/unlock');
  assert.equal(wrong.status, 401);
  const right = await login({ passphrase: passphrase('rith'), code: await freshCode(secretOf(home, 'rith'), true) }, headers, '/api/unlock');
  assert.equal(right.status, 200, right.body);
  assert.equal(await get(headers), 401, 'the ids of before are over');
  const fresh = { Cookie: right.cookies[0].split(';')[0], 'X-Desk-Token': JSON.parse(right.body).token };
  assert.equal(await get(fresh), 200);
  // what was begun is there again, for this session alone, until it is dropped
  const draft = () => request(`${url}/api/draft/call`, { headers: fresh }).then(({ body }) => JSON.parse(body).text);
  assert.equal(await draft(), 'begun ស');
  const other = await Desk.login(home, { name: 'thida', late: true });
  assert.equal((await other.get('/api/draft/call')).body.text, '');
  assert.equal((await other.ask('PUT', '/api/draft/call', { text: 'x'.repeat(50000) })).status, 413);
  assert.equal((await other.get('/api/draft/0123')).status, 404);
  await request(`${url}/api/draft/call`, { method: 'DELETE', headers: fresh });
  assert.equal(await draft(), '');
  let trail;
  await until('it is written down', async () => {
    trail = (await request(`${url}/api/audit`, { headers: fresh }).then(({ body }) => JSON.parse(body))).entries ?? [];
    return trail.some((e) => e.what === 'unlock');
  });
  assert.ok(trail.some((e) => e.what === 'idle'));
  // nobody unlocks what is not locked, or is nobody's
  assert.equal((await login({ passphrase: passphrase('rith'), code: '123456' }, fresh, '/api/unlock')).status, 401);
  assert.equal((await login({ passphrase: passphrase('rith'), code: '123456' }, {}, '/api/unlock')).status, 401);
});
