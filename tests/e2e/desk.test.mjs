// SPDX-License-Identifier: AGPL-3.0-or-later
// tipline-desk from outside: an officer logs in, a tip comes, is claimed, read
// and worked on; who is nobody gets nothing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk, secretOf, totp } from './lib/desk.mjs';
import { build, freePort, Home, request, sanitized, until } from './lib/home.mjs';

let home;
let url;
let desk; // of the tests that leave it logged in
before(async () => {
  home = await Home.start();
  process.env.TIPLINE_OFFICER = 'officer'; // whom tipline asks for, with several
  for (const name of ['sok', 'dara', 'vanna']) await Desk.add(home, name);
  url = await home.desk();
});
after(() => home?.stop());

const story = 'They locked the door and beat my friend <script>alert(1)</script>';

test('an officer logs in, claims a tip that comes, reads it and works on it', async () => {
  const desk = await Desk.login(home, { name: 'vanna' });
  assert.deepEqual((await desk.get('/api/session')).body.officer, { name: 'vanna', role: 'officer' });
  assert.equal((await home.form({ story, now: '1', where_province: '12' }, { lang: 'en' })).status, 200);
  const row = await desk.row((r) => r.state === 'NEW');
  assert.equal(row.priority, 1);
  assert.equal(row.channel, 'web');
  assert.equal(row.place, 'Phnom Penh');
  assert.equal(row.signed, true);
  assert.ok(row.reasons.some((reason) => reason.rule === 'R1'));

  const path = `/api/tips/${row.id}`;
  const early = await desk.get(path);
  assert.equal(early.status, 403);
  assert.equal(early.body.error, 'claim-first');
  assert.ok(!JSON.stringify(early.body).includes('beat'));

  const claimed = await desk.do(row.id, { event: 'CLAIM', version: row.version });
  assert.equal(claimed.body.now.state, 'CLAIMED');
  assert.equal((await desk.do(row.id, { event: 'OPEN' })).body.now.state, 'TRIAGE');
  const tip = (await desk.get(path)).body;
  assert.equal(tip.text, story); // as it was written: the console shows text as text
  assert.deepEqual(tip.answers.find((a) => a.name === 'now'), { name: 'now', value: '1', words: 'yes, now' });
  assert.ok(tip.marks.length > 0);
  assert.ok(tip.allowed.some((a) => a.event === 'CLOSE' && a.needs.includes('second')));

  const stale = await desk.do(row.id, { event: 'CHECK', version: row.version });
  assert.equal(stale.status, 409);
  assert.equal(stale.body.error, 'changed');
  assert.equal((await desk.do(row.id, { event: 'CHECK' })).body.now.state, 'VERIFY');
  const renewed = await desk.post(`${path}/activity`, {});
  assert.equal(renewed.status, 200);
  assert.ok(renewed.body.now.until_ms > tip.now_ms, 'by the clock of the desk, which the console goes by');
  await desk.logout();
  assert.equal((await desk.get('/api/queue')).status, 401);
});

test('a command that writes to the ledger of a desk that runs says what to do', async () => {
  for (const args of [['restore'], ['key', 'reseal', '--all'], ['reply', '0'.repeat(32), '--status', 'read']]) {
    const { code, stderr } = await home.tipline(...args).catch((error) => error);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, /another program writes to it.*systemctl stop tipline-desk\.socket tipline-desk\.service/);
    assert.doesNotMatch(stderr, /[Rr]un it again/);
  }
});

test('a tip is told to the consoles at once, without a word of it', async () => {
  const desk = await Desk.login(home, { name: 'sok' });
  const events = await desk.events();
  await home.form({ story: 'marker-seven in the event', now: '1' }, { lang: 'en' });
  const told = await events.next('new');
  assert.equal(told.priority, 1);
  assert.deepEqual(Object.keys(told).sort(), ['id', 'priority']);
  await events.next('case');
  assert.ok(!events.text.includes('marker-seven'));
  await desk.logout();
  await events.next('lock');
  await events.ended;
});

test('half a session is none, and a page of another origin gets nothing', async () => {
  desk = await Desk.login(home, { name: 'dara' });
  const ask = (headers, path = '/api/queue') => request(`${url}${path}`, { headers }).then((r) => r.status);
  assert.equal(await ask(desk.headers), 200);
  const { Cookie, 'X-Desk-Token': token } = desk.headers;
  assert.equal(await ask({ Cookie }), 401);
  assert.equal(await ask({ 'X-Desk-Token': token }), 401);
  assert.equal(await ask({ Cookie, 'X-Desk-Token': `${token.slice(0, -1)}_` }), 401);
  assert.equal(await ask({ ...desk.headers, 'Sec-Fetch-Site': 'cross-site' }), 403);
  assert.equal(await ask({ ...desk.headers, 'Sec-Fetch-Site': 'same-origin' }), 200);
});

test('a wrong passphrase and a wrong name have the same answer', async () => {
  const wrong = async (body) => {
    const answer = await request(`${url}/api/login`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    return [answer.status, answer.body.toString()];
  };
  const first = await wrong({ name: 'officer', passphrase: 'not this one', code: '000000' });
  const second = await wrong({ name: 'nobody', passphrase: 'not this one', code: '000000' });
  assert.equal(first[0], 401);
  assert.deepEqual(first, second);
});

test('bodies that are too long, no JSON or have more than they may are refused', async () => {
  const post = (body, headers = {}) => request(`${url}/api/logout`, {
    method: 'POST', headers: { ...desk.headers, 'Content-Type': 'application/json', ...headers }, body,
  }).then((r) => r.status);
  assert.equal(await post('{"more":1}'), 400);
  assert.equal(await post('[]'), 400);
  assert.equal(await post('{'), 400);
  assert.equal(await post('{"a":1,"a":1}'), 400);
  assert.equal(await post('{}', { 'Content-Type': 'text/plain' }), 415);
  assert.equal(await post(`{"a":"${'x'.repeat(100 * 1024)}"}`), 413);
  assert.equal(await post('x'.repeat(300 * 1024)).catch(() => 413), 413);
  assert.equal((await desk.get('/api/nothing')).status, 404);
  assert.equal((await desk.get('/api/logout')).status, 405);
  assert.equal((await desk.get('/api/tips/00112233445566778899aabbccddeeff')).status, 404);
});

test('the queue is filtered and searched, however a word was typed', async () => {
  const stories = { km: 'ពួកគេយកលិខិតឆ្លងដែនរបស់ខ្ញុំ', en: 'Passport TAKEN by the boss', vi: 'họ giữ hộ chiếu của tôi' };
  for (const [lang, story] of Object.entries(stories)) {
    assert.equal((await home.form({ story, now: lang === 'vi' ? '1' : '3' }, { lang })).status, 200);
  }
  const found = async (query) => (await desk.queue(`view=open&${query}`)).rows.map((row) => row.lang).sort();
  const search = (q) => found(`q=${encodeURIComponent(q)}`);
  await until('all of them are there', async () => (await search('passport taken')).length === 1 && (await search('ho chieu')).length === 1
    && (await search('លិខិត')).length === 1, 60000);
  assert.deepEqual(await search('លិខិត\u200bឆ្លងដែន'), ['km']); // with a break that nobody sees
  assert.deepEqual(await search('PASSPORT'), ['en']);
  assert.deepEqual(await search('no such word'), []);
  assert.deepEqual(await found('lang=vi&priority=1'), ['vi']);
  assert.deepEqual(await found('lang=en&priority=1&q=passport'), []);
  assert.equal((await desk.get('/api/queue?view=nothing')).status, 400);
  const { rows, total } = await desk.queue('view=open');
  assert.equal(rows.length, Math.min(total, 25));
  assert.deepEqual(rows.map((row) => row.priority), rows.map((row) => row.priority).sort());
});

test('later words raise their tip, once, and open again what was closed', async () => {
  const page = (await home.form({ story: 'a first message of the later words', now: '3' }, { lang: 'en' })).body.toString();
  const row = await desk.row((r) => r.priority === 3 && r.state === 'NEW', 'view=open&q=first+message+of+the+later');
  // the answers of the next page, as the browser sends them
  const [, state] = /name="s" value="([^"]*)"/.exec(page);
  const sent = await request(`${home.url}/en/b`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ s: state, g: '1', go: 'end', minor: '1', who: '1' }).toString(),
  });
  assert.equal(sent.status, 200);
  const raised = await desk.row((r) => r.id === row.id && r.priority < 3);
  assert.equal(raised.priority, 2);
  await desk.take(row.id);
  const tip = (await desk.get(`/api/tips/${row.id}`)).body;
  assert.equal(raised.under18, '1');
  assert.deepEqual(tip.timeline.map((one) => [one.kind, one.answers.minor]), [['more', '1']]);
  assert.ok(tip.answers.some((answer) => answer.name === 'minor'));
  const before = (await desk.queue('view=open&q=first+message+of+the+later')).rows[0];
  // a desk that is started again knows that the words were told
  await home.kill('desk', 'SIGTERM');
  await home.desk();
  desk = await Desk.login(home, { name: 'dara' });
  await until('all is opened again', async () => (await desk.queue()).opening === 0, 60000);
  const after = await desk.row((r) => r.id === row.id, 'view=open&q=first+message+of+the+later');
  assert.equal(after.version, before.version);
});

test('a file that came with a tip is given whole, as a file, and to its holder alone', async () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const bound = 'desk-files';
  const part = (name, value, more = '') => [`--${bound}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`, value, '\r\n'];
  const body = Buffer.concat([
    ...part('story', 'a picture of the files test'), ...part('photo', png, '; filename="<b>x</b>.png"\r\nContent-Type: image/png'), `--${bound}--\r\n`,
  ].map((piece) => Buffer.from(piece)));
  const sent = await request(`${home.url}/en/a`, { method: 'POST', headers: { 'Content-Type': `multipart/form-data; boundary=${bound}` }, body });
  assert.equal(sent.status, 200);
  const row = await desk.row((r) => r.state === 'NEW', 'view=open&q=picture+of+the+files');
  const url_of = (n) => `/api/tips/${row.id}/files/${n}`;
  assert.equal((await desk.get(url_of(1))).status, 403);
  await desk.take(row.id);
  const { attachments } = (await desk.get(`/api/tips/${row.id}`)).body;
  assert.equal(attachments.length, 1);
  assert.equal(attachments[0].name, '<b>x</b>.png'); // text, which the console shows as text
  const file = await until('its piece has come as well', async () => {
    const answer = await request(`${url}${url_of(1)}`, { headers: desk.headers });
    if (answer.status === 409) assert.equal(JSON.parse(answer.body).error, 'missing');
    return answer.status !== 409 && answer;
  });
  assert.equal(file.status, 200);
  assert.equal(file.headers['content-type'], 'image/png');
  assert.match(file.headers['content-disposition'], /^attachment; filename="file"$/);
  assert.match(file.headers['content-security-policy'], /^sandbox/);
  assert.equal(file.headers['x-content-type-options'], 'nosniff');
  assert.equal(file.body.length, attachments[0].bytes);
  assert.equal(file.body.subarray(1, 4).toString(), 'PNG');
  const cut = async (Range, more = {}) => {
    const { status, headers, body } = await request(`${url}${url_of(1)}`, { headers: { ...desk.headers, Range, ...more } });
    return [status, headers['content-range'], headers['content-length'], body.toString('hex')];
  };
  const all = file.body.length;
  const hex = (from, to) => file.body.subarray(from, to).toString('hex');
  assert.equal(file.headers['accept-ranges'], 'bytes');
  assert.deepEqual(await cut('bytes=1-3'), [206, `bytes 1-3/${all}`, '3', hex(1, 4)]);
  assert.deepEqual(await cut('bytes=10-'), [206, `bytes 10-${all - 1}/${all}`, `${all - 10}`, hex(10)]);
  assert.deepEqual(await cut('bytes=-5'), [206, `bytes ${all - 5}-${all - 1}/${all}`, '5', hex(all - 5)]);
  assert.deepEqual(await cut(`bytes=${all}-`), [416, `bytes */${all}`, '0', '']);
  const whole = [200, undefined, `${all}`, hex(0)];
  for (const none of ['bytes=3-1', 'bytes=0-1,3-4', 'lines=1-2', `bytes=0-${'0'.repeat(80)}1`]) assert.deepEqual(await cut(none), whole, none);
  assert.deepEqual(await cut('bytes=1-3', { 'If-Range': '"x"' }), whole);
  assert.equal((await request(`${url}${url_of(1)}`, { headers: { ...desk.headers, Range: 'bytes=1-3' }, method: 'HEAD' })).status, 200);
  for (const n of ['0', '2', 'x', '..%2f1']) assert.ok([400, 404].includes((await desk.get(url_of(n))).status), n);
});

test('nobody climbs out of the console, and its pages may load nothing foreign', async () => {
  const page = await request(`${url}/`);
  assert.equal(page.status, 200);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  assert.match(page.headers['content-security-policy'], /script-src 'self'/);
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.equal(page.headers['cache-control'], 'no-store');
  for (const path of ['/../tipline.conf', '/%2e%2e/tipline.conf', '/..%2ftipline.conf', '/.git/config', '//etc/passwd',
    '/js/../../tipline.conf', '/index.html%00.js']) {
    const status = await request(`${url}${path}`, {}).then((r) => r.status, () => 400);
    assert.ok(status === 400 || status === 404, `${path}: ${status}`);
  }
});

test('while the desk runs, tipline inbox shows what it has fetched', async () => {
  await home.form({ story: 'for the reader beside' }, { lang: 'en' });
  await until('the inbox shows it', async () => (await home.inbox()).some((tip) => tip.text === 'for the reader beside'), 60000);
});

test('the disk of a desk that is off has no word of a tip, and nothing that opens one without a passphrase', async () => {
  await home.kill('desk', 'SIGTERM');
  const words = ['beat my friend', 'Passport TAKEN', 'ឆ្លងដែន', 'a first message of the later words', 'picture of the files'];
  const forms = words.flatMap((word) => [Buffer.from(word), Buffer.from(word, 'utf16le'), Buffer.from(Buffer.from(word).toString('hex'))]);
  let files = 0;
  for (const entry of fs.readdirSync(home.dir, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    // what only people have in their heads and telephones lies beside it here
    if (!entry.isFile() || /\.(pass|totp)$/.test(file)) continue;
    const bytes = fs.readFileSync(file);
    forms.forEach((form, i) => assert.equal(bytes.indexOf(form), -1, `${file} has "${words[Math.floor(i / 3)]}"`));
    files += 1;
  }
  assert.ok(files > 20, `only ${files} files were looked into`);
  assert.ok(fs.statSync(path.join(home.dir, 'ledger/ledger-000001')).size > 10000);
});

/** Start it; resolves to {child, gone, said()}. */
function start(file, args, env = {}) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TIPLINE_SANDBOX: 'name', ...env } });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => chunks.push(data));
  return { child, gone: once(child, 'exit'), said: () => Buffer.concat(chunks).toString() };
}

test('a desk for practice has made-up tips in every language, marked, and lets nothing out', async () => {
  const dir = path.join(home.dir, 'practice');
  const port = await freePort();
  const run = start('tools/practice', [dir], { TIPLINE_BUILD: build, TIPLINE_DESK_PORT: String(port), TIPLINE_OFFICER: 'officer' });
  try {
    const there = `https://127.0.0.1:${port}`;
    await until('it answers', async () => {
      assert.equal(run.child.exitCode, null, run.said());
      return request(`${there}/`).then(() => true, () => false);
    }, 60000);
    const officer = await Desk.login({ dir }, { url: there });
    assert.equal((await officer.get('/api/session')).body.practice, true);
    // the command that it names makes the codes that an app would
    const [, command] = await until('it says how', () => /^codes +(\S+ \S+)$/m.exec(run.said()));
    const step = Math.floor(Date.now() / 30000);
    const { stdout: code } = spawnSync(command, { shell: true, encoding: 'utf8' });
    const secret = secretOf({ dir }, 'officer');
    const codes = [];
    for (let at = step; at <= Math.floor(Date.now() / 30000); at++) codes.push(`${totp(secret, at)}\n`);
    assert.ok(codes.includes(code), `${command} says ${code}`);
    let rows;
    await until('its tips are there', async () => {
      rows = (await officer.queue()).rows;
      return rows.length === 13 && rows.every((row) => row.state === 'NEW');
    }, 60000);
    assert.ok(new Set(rows.map((row) => row.lang)).size >= 11); // two are neighbours
    assert.ok(rows.every((row) => row.flags.includes('practice') && row.signed));
    assert.ok(rows.some((row) => row.priority === 1) && rows.some((row) => row.priority === 3));
    const { body: { id } } = await officer.post('/api/calls', { via: 'hotline', text: 'a call to practise' });
    const call = await officer.row((row) => row.id === id && row.state === 'NEW'); // opened by then
    assert.ok(call.flags.includes('practice'));
    assert.equal((await officer.get(`/api/tips/${id}/referrals/file`)).body.error, 'practice');
    const { body: stats } = await officer.get('/api/stats');
    assert.ok(!JSON.stringify(stats).includes('hotline'));
    assert.equal(stats.total, 0);
  } finally {
    run.child.kill('SIGTERM');
    await run.gone;
  }
  if (!sanitized) assert.doesNotMatch(run.said(), /sandbox/);
  // and what is somebody's is no place to practise
  const live = start(path.join(build, 'tipline-desk'), ['--practice', '-c', home.conf]);
  await live.gone;
  assert.match(live.said(), /E150/);
});

test('where Redis has no room for receipts the desk takes tips all the same, and says so', async () => {
  await home.kill('desk', 'SIGTERM');
  const tips = async () => Number(await home.redis('XLEN', 'tips'));
  const had = await tips();
  assert.equal((await home.form({ story: 'a tip of the full Redis' }, { lang: 'en' })).status, 200);
  await until('the tip is in Redis', async () => await tips() > had);
  const root = await home.redisRoot();
  await root.do('CONFIG', 'SET', 'maxmemory', '1');
  await home.desk();
  await until('it is said', () => /E634 0 entries stay in Redis[^;]*; [1-9]/.test(home.log('desk')));
  await root.do('CONFIG', 'SET', 'maxmemory', '1gb');
  root.close();
  desk = await Desk.login(home, { name: 'dara' });
  await desk.row((row) => row.version >= 2, 'view=open&q=the+full+Redis');
});
