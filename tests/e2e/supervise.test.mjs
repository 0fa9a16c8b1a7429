// SPDX-License-Identifier: AGPL-3.0-or-later
// The intake's processes: what dies is replaced, a reload and a restart of the
// spool drop nobody, an end waits for the answers that are owed; and nothing
// starts on a wrong configuration.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, freePort, Home, receiptOf, until } from './lib/home.mjs';

let home;
before(async () => { home = await Home.start({ edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 2') }); });
after(() => home?.stop());

const alive = (pid) => fs.existsSync(`/proc/${pid}`);
const works = async (story) => /^([0-9]{20}|[0-9]{25})$/.test(receiptOf((await home.form({ story })).body));

/** A form without its end, of which a worker has read what was sent. */
async function begun(body, length = body.length) {
  const hex = (port) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const req = https.request(`${home.url}/km/a`, { method: 'POST', rejectUnauthorized: false, agent: false, headers: {
    'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': length } });
  const answer = once(req, 'response');
  answer.catch(() => {}); // whoever waits for it is told
  await new Promise((sent, failed) => { req.once('error', failed).write(body, sent); });
  await until('it was read', () => fs.readFileSync('/proc/net/tcp', 'utf8').split('\n').map((line) => line.trim().split(/ +/))
    .some(([, local, remote, state, queues, , , , , inode]) => local === hex(home.port) && remote === hex(req.socket.localPort)
      && state === '01' && /:0+$/.test(queues) && inode !== '0'));
  return { req, answer };
}

/** Run a program to its end: {status, text}. */
function end(file, args) {
  return new Promise((resolve) => {
    execFile(path.join(build, file), args, { timeout: 60000 }, (error, stdout, stderr) =>
      resolve({ status: error ? error.code : 0, text: stdout + stderr }));
  });
}

test('a slow kdf and then a spool that is away: the text comes back all the same', async () => {
  const [kdf] = home.childrenOf('intake'); // the first to be started
  process.kill(kdf, 'SIGSTOP');
  await home.kill('spool');
  const waiting = home.form({ story: 'words to keep', now: '2' });
  await sleep(5000);
  process.kill(kdf, 'SIGCONT');
  const refused = await waiting;
  assert.equal(refused.status, 503);
  assert.match(refused.body.toString(), /words to keep/);
  await home.run('spool');
  await home.ready();
});

test('each child that is killed is replaced, and tips are taken again', async () => {
  for (const pid of home.childrenOf('intake')) {
    process.kill(pid, 'SIGKILL');
    await until('it is replaced', () => home.childrenOf('intake').length === 5 && !home.childrenOf('intake').includes(pid));
    await home.ready();
    assert.ok(await works(`after the end of one child`));
  }
});

test('a reload keeps a connection that is open and serves with new workers', async () => {
  const old = home.childrenOf('intake');
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const first = await home.form({ story: 'before the reload' }, { agent });
  assert.equal(first.status, 200);
  const slow = net.connect(home.port, '127.0.0.1'); // still in its handshake
  const { req: half, answer } = await begun('story=half+of+i', 22);
  const began = Date.now();
  home.procs.intake.kill('SIGHUP');
  await until('new workers', () => home.childrenOf('intake').some((pid) => !old.includes(pid)));
  // who is idle for a second after that must expect to be let go
  const asked = Date.now();
  const second = await home.form({ story: 'after the reload' }, { agent })
    .catch((error) => (Date.now() - began > 900 && Date.now() - asked < 5000 ? home.form({ story: 'after the reload' }) : Promise.reject(error)));
  assert.equal(second.status, 200);
  await until('the new ones serve', () => home.log('intake').includes('E105'));
  half.end('t+went+');
  const [page] = await answer;
  assert.equal(page.statusCode, 200, 'what was under way is taken by who began with it');
  page.resume();
  slow.destroy();
  agent.destroy();
  await until('the old ones have gone', () => old.every((pid) => !alive(pid)));
  assert.ok(await works('served by the new generation'));
});

test('a reload with a wrong configuration keeps the old one in force', async () => {
  const good = fs.readFileSync(home.conf, 'utf8');
  fs.writeFileSync(home.conf, `${good}\nnonsense = 1\n`);
  home.procs.intake.kill('SIGHUP');
  await until('it says so', () => home.log('intake').includes('E106'));
  fs.writeFileSync(home.conf, good);
  assert.ok(await works('served on'));
  fs.chmodSync(path.join(home.dir, 'keys/intake.key'), 0o644);
  home.procs.intake.kill('SIGHUP');
  await until('it says so again', () => home.log('intake').split('E106').length > 2);
  fs.chmodSync(path.join(home.dir, 'keys/intake.key'), 0o600);
  assert.ok(await works('served on, after wrong modes'));
});

test('a spool that is away: the text comes back; a spool that returns in time: nobody notices', async () => {
  await home.kill('spool');
  const waiting = home.form({ story: 'sent while the spool was away' });
  await sleep(300);
  await home.run('spool');
  const answer = await waiting;
  assert.equal(answer.status, 200);
  await until('one tip', async () =>
    (await home.inbox()).filter((t) => t.text === 'sent while the spool was away').length === 1);
  await home.kill('spool');
  const refused = await home.form({ story: 'words <b>to keep</b> ខ្មែរ', now: '2' });
  assert.equal(refused.status, 503);
  assert.ok(refused.headers['retry-after']);
  assert.match(refused.body.toString(), /words &lt;b&gt;to keep&lt;\/b&gt; ខ្មែរ/);
  assert.equal(receiptOf(refused.body), undefined);
  await home.run('spool');
  await home.ready();
});

test('TERM waits for the answer that is owed', async () => {
  await home.kill('spool');
  const { req, answer } = await begun('story=owed+an+answer');
  home.procs.intake.kill('SIGTERM');
  await sleep(200);
  await home.run('spool');
  req.end();
  const [page] = await answer;
  assert.equal(page.statusCode, 200);
  page.resume();
  await home.procs.intake.gone;
  await home.run('intake');
  await home.ready();
});

test('a taken port, a missing key and a wrong mode are told in a sentence', async () => {
  const taken = await end('tipline-intake', ['-c', home.conf]);
  assert.equal(taken.status, 1);
  assert.match(taken.text, /is taken by another program|another process listens/);
  const key = path.join(home.dir, 'keys/dedup.key');
  const conf = path.join(home.dir, 'other.conf');
  fs.writeFileSync(conf, fs.readFileSync(home.conf, 'utf8')
    .replace(/listen = .*/, `listen = 127.0.0.1:${await freePort()}`).replace('sock/intake-admin', 'sock/a2').replace('sock/onion', 'sock/o2'));
  fs.chmodSync(key, 0o644);
  const open = await end('tipline-intake', ['-c', conf]);
  fs.chmodSync(key, 0o600);
  assert.equal(open.status, 1);
  assert.match(open.text, /dedup\.key.*(0600|chmod)/s);
  fs.renameSync(key, `${key}.away`);
  const missing = await end('tipline-intake', ['-c', conf]);
  fs.renameSync(`${key}.away`, key);
  assert.equal(missing.status, 1);
  assert.match(missing.text, /dedup_key.*tipline keygen/s);
});

test('a wrong configuration is told whole, with lines, and nothing starts', async () => {
  const conf = path.join(home.dir, 'wrong.conf');
  fs.writeFileSync(conf, '[site]\npublic_url = http://x\nlanguagse = km\n[intake]\nworkers = 9999\n');
  for (const program of ['tipline-intake', 'tipline-spool', 'tipline-relay']) {
    const { status, text } = await end(program, ['-c', conf]);
    assert.equal(status, 1, `${program}: ${text}`);
    assert.match(text, /wrong\.conf:2:/);
    assert.match(text, /wrong\.conf:3:.*languages/);
    assert.match(text, /wrong\.conf:5:/);
  }
  const { status, text } = await end('tipline', ['-c', conf, 'check']);
  assert.equal(status, 1);
  assert.match(text, /wrong\.conf:2:/);
});

test('a worker that has served its share is replaced without a gap', async () => {
  const edit = (conf) => conf.replace('[intake]', '[intake]\nworkers = 1\nworker_requests = 100');
  const small = await Home.start({ edit, processes: ['spool', 'intake'] });
  try {
    const before = small.childrenOf('intake');
    for (let i = 0; i < 150; i++) {
      assert.equal((await small.form({ story: `${i}` })).status, 200);
    }
    await until('another worker', () => before.some((pid) => !alive(pid)));
    assert.equal((await small.form({ story: 'by the next one' })).status, 200);
  } finally {
    await small.stop();
  }
});

test('worker_requests = 0 replaces no worker before its day is over', async () => {
  const edit = (conf) => conf.replace('[intake]', '[intake]\nworkers = 2\nworker_requests = 0');
  const house = await Home.start({ edit });
  try {
    const workers = house.workers();
    assert.match(receiptOf((await house.form({ story: 'for a worker that stays' })).body), /^[0-9]+$/);
    // with its counts each says whether it is used up
    await until('the counts have come', async () => await house.metric('http_accepted_total') >= 1);
    assert.match(receiptOf((await house.form({ story: 'once more' })).body), /^[0-9]+$/);
    await until('and again', async () => await house.metric('http_accepted_total') >= 2);
    assert.deepEqual(house.workers(), workers);
  } finally {
    await house.stop();
  }
});
