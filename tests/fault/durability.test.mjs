// SPDX-License-Identifier: AGPL-3.0-or-later
// Acknowledged means durable, and the officer sees each tip once: with Redis
// down, with Redis wiped, with any process killed at any time, with the disk
// full. Held against what the clients were told, never against what was done;
// and the same check is shown to see loss and doubles where there are some.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, Home, request, until } from '../e2e/lib/home.mjs';
import { genericRequest, kannelRequest, twilioRequest } from '../e2e/lib/sign.mjs';
import { forgetful, undeduped } from './lib/fake_spool.mjs';
import { account, collect, kinds, Load } from './lib/load.mjs';

const table = [];
const note = (run, sum) => table.push({ run, ...sum });

after(() => {
  const columns = ['run', 'acknowledged', 'arrived', 'lost', 'doubled'];
  const lines = [columns, ...table.map((row) => columns.map((c) => String(row[c])))];
  for (const line of lines) console.log(line.map((cell, i) => (i ? cell.padStart(13) : cell.padEnd(36))).join(''));
});

function assertWhole(sum, at_least) {
  assert.ok(sum.acknowledged >= at_least, `only ${sum.acknowledged} were acknowledged`);
  assert.equal(sum.lost, 0, `${sum.lost} of ${sum.acknowledged} acknowledged tips are lost`);
  assert.equal(sum.doubled, 0, `${sum.doubled} tips are there twice`);
  assert.equal(sum.strange, 0);
}

const quick = (conf) => conf.replace(/^again.*\n/gm, '').replace('[relay]', '[relay]\nagain = 3s\nagain_urgent = 3s');
const emptyRedis = (home) => {
  fs.rmSync(path.join(home.dir, 'redis/data'), { recursive: true });
  fs.mkdirSync(path.join(home.dir, 'redis/data'), { mode: 0o700 });
};

describe('Redis', { concurrency: true }, () => {
  test('is away while 1,000 tips come: all are acknowledged, all arrive, each once', async () => {
    const home = await Home.start();
    const load = new Load(home);
    try {
      await load.send(40);
      await home.kill('redis', 'SIGTERM');
      await load.send(500);
      await home.run('redis');
      await sleep(200);
      await home.kill('redis', 'SIGKILL');
      await load.send(500);
      assert.equal(load.acknowledged.size, load.sent, 'a missing Redis was noticed at the front door');
      await home.run('redis');
      const sum = await collect(home, load, 180000);
      note('Redis away during 1,000 tips', sum);
      assertWhole(sum, 1040);
    } finally {
      load.close();
      await home.stop();
    }
  });

  test('is wiped, while it is down and while it runs: all arrive, each once', async () => {
    const home = await Home.start({ edit: quick });
    const load = new Load(home);
    try {
      // part of it receipted, part of it not, when the data are lost
      await load.send(100);
      await home.inbox();
      await load.send(100);
      await home.kill('redis', 'SIGKILL');
      emptyRedis(home);
      await load.send(50);
      await home.run('redis');
      await load.send(50);

      // wiped live: by a user whom the shipped file does not have
      fs.appendFileSync(path.join(home.dir, 'redis/users.acl'), 'user wiper on nopass ~* &* +@all\n');
      await home.redis('ACL', 'LOAD');
      await sleep(300);
      for (let i = 0; i < 3; i++) {
        await load.send(50);
        await home.redis('--user', 'wiper', '--pass', 'x', 'FLUSHALL');
      }
      const sum = await collect(home, load, 180000);
      note('Redis wiped four times', sum);
      assertWhole(sum, 450);
    } finally {
      load.close();
      await home.stop();
    }
  });
});

/** tipline inbox as a process that can be killed: resolves when it has ended. */
async function inboxKilled(home, after_ms) {
  const child = spawn(path.join(build, 'tipline'), ['-c', home.conf, 'inbox', '--json'], {
    env: { ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass') },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), after_ms);
  await ended;
  clearTimeout(timer);
}

/** Kill one process of ours or Redis, and start it as a service manager does. */
async function killOne(home, counts) {
  const victims = ['intake', 'spool', 'spool', 'relay', 'redis', 'child', 'child', 'child'];
  const victim = victims[Math.floor(Math.random() * victims.length)];
  if (victim === 'child') {
    if (home.procs.intake.exitCode !== null) return; // keepRunning() sees to it
    const children = home.childrenOf('intake');
    if (children.length === 0) return;
    const pid = children[Math.floor(Math.random() * children.length)];
    try { process.kill(pid, 'SIGKILL'); } catch { return; }
  } else {
    await home.kill(victim);
    await sleep(100 * Math.random());
    await home.run(victim);
  }
  counts[victim] = (counts[victim] ?? 0) + 1;
}

/** A program that could not start (a socket still taken) is tried again, until
 * everybody was served. */
async function keepRunning(home, served) {
  while (!served()) {
    for (const name of ['intake', 'spool', 'relay']) {
      const child = home.procs[name];
      if (!home.busy && child.exitCode !== null) await home.run(name);
    }
    await sleep(200);
  }
}

test('any process is killed at any time under load: what was acknowledged arrives, each once', async () => {
  const home = await Home.start({
    edit: (conf) => quick(conf).replace('[intake]', '[intake]\nworkers = 2'),
  });
  const load = new Load(home);
  const counts = {};
  const end = Date.now() + 60000;
  let inboxes = 0;
  try {
    const goOn = () => Date.now() < end;
    const killing = (async () => {
      while (goOn()) {
        await sleep(300 + 700 * Math.random());
        home.busy = true;
        await killOne(home, counts);
        home.busy = false;
      }
    })();
    const reading = (async () => {
      while (goOn()) {
        await inboxKilled(home, 20 + 600 * Math.random());
        inboxes += 1;
      }
    })();
    let served = false;
    const sending = Promise.all([killing, load.sendWhile(goOn, { limit_ms: 240000 })]).finally(() => { served = true; });
    await Promise.all([sending, reading, keepRunning(home, () => served)]);
    await home.ready();
    const sum = await collect(home, load, 180000);
    note(`kill -9: ${Object.values(counts).reduce((a, b) => a + b, 0)} processes, ${inboxes} inboxes`, sum);
    console.log('killed', counts, 'tries that were not acknowledged', Object.fromEntries(load.refused));
    assertWhole(sum, 100);
    assert.equal(sum.acknowledged, load.sent, 'not every reporter was served in the end');
    await until('the spool has forgotten all', async () => {
      await home.inbox();
      return (await home.spooled()).records === 0;
    }, 120000);
  } finally {
    load.close();
    await home.stop();
  }
});

test('inbox is killed at random moments: the ledger is whole, nothing lost or doubled', async () => {
  const home = await Home.start();
  const load = new Load(home);
  try {
    for (let i = 0; i < 12; i++) {
      await load.send(25);
      for (let k = 0; k < 3; k++) await inboxKilled(home, 15 + 60 * Math.random());
    }
    const { stdout } = await home.tipline('status');
    assert.match(stdout, /ledger.*whole/);
    const sum = await collect(home, load);
    note('inbox killed 36 times', sum);
    assertWhole(sum, 300);
  } finally {
    load.close();
    await home.stop();
  }
});

test('a full disk: each front door says "not stored" in its way, and all is well after it', async () => {
  const full = (conf) => conf.replace('[spool]', '[spool]\nmin_free = 1024GiB\nlow_free = 1024GiB');
  const home = await Home.start({ edit: full, processes: ['redis', 'spool', 'relay'] });
  const load = new Load(home);
  try {
    await home.run('intake');
    await until('readiness is red, with its reason', async () => {
      const answer = await home.admin('/healthz').catch(() => null);
      return answer?.status === 503 && /full/.test(answer.body);
    });
    const page = await home.form({ story: 'words <to keep> ខ្មែរ', now: '1' });
    assert.equal(page.status, 503);
    assert.match(page.body.toString(), /words &lt;to keep&gt; ខ្មែរ/);
    assert.doesNotMatch(page.body.toString(), /id="receipt"/);
    const url = (name) => `${home.url}/sms/${name}`;
    for (const r of [
      twilioRequest(url('twilio'), home.secret('twilio'), { Body: 'full' }),
      kannelRequest(url('kannel'), home.secret('kannel'), 'full'),
      genericRequest(url('generic'), home.secret('generic'), { message_id: 'f', from: '1', to: '2', text: 'full' }),
    ]) {
      const answer = await request(r.url, r);
      assert.deepEqual([answer.status, answer.body.length], [503, 0], r.url);
    }
    const somleng = twilioRequest(url('somleng'), home.secret('somleng'), { Body: 'full' });
    await assert.rejects(request(somleng.url, somleng), /ECONNRESET|hang up/, 'Somleng takes any answer for a success');
    const status = await home.tipline('status').catch((error) => error);
    assert.equal(status.code, 1);
    assert.match(status.stdout, /spool's disk is full/);

    fs.writeFileSync(home.conf, fs.readFileSync(home.conf, 'utf8').replace(/(min|low)_free = 1024GiB\n/g, ''));
    await home.kill('spool', 'SIGTERM');
    await home.run('spool');
    await home.ready();
    await load.send(20);
    const sum = await collect(home, load);
    note('after a full disk', sum);
    assertWhole(sum, 20);
    assert.equal(sum.arrived, 20, 'what was refused is not there');
  } finally {
    load.close();
    await home.stop();
  }
});

test('the check sees a spool that acknowledges and keeps nothing', async () => {
  const home = await Home.start({ processes: ['redis'] });
  const load = new Load(home);
  try {
    const fake = await forgetful(path.join(home.dir, 'sock/spool-intake'));
    await home.run('intake');
    await home.ready();
    await load.send(40);
    await fake.stop();
    await home.run('spool');
    await home.run('relay');
    await home.ready();
    await load.send(10);
    await home.inboxOf(10);
    const sum = await collect(home, load, 1000);
    note('(wrong on purpose: keeps nothing)', sum);
    assert.deepEqual([sum.acknowledged, sum.arrived, sum.lost], [50, 10, 40]);
    assert.throws(() => assertWhole(sum, 1), /lost/);
  } finally {
    load.close();
    await home.stop();
  }
});

test('the check sees a tip that arrives twice', async () => {
  const home = await Home.start({ processes: ['redis'] });
  const load = new Load(home);
  try {
    const other = path.join(home.dir, 'spool.conf');
    fs.writeFileSync(other, fs.readFileSync(home.conf, 'utf8').replace('sock/spool-intake', 'sock/spool-real'));
    const command = home.command.bind(home);
    home.command = (name) => (name === 'spool' ? [path.join(build, 'tipline-spool'), ['-c', other]] : command(name));
    await home.run('spool');
    await home.run('relay');
    await until('the spool listens', () => fs.existsSync(path.join(home.dir, 'sock/spool-real')));
    const fake = await undeduped(path.join(home.dir, 'sock/spool-intake'), path.join(home.dir, 'sock/spool-real'));
    await home.run('intake');
    await home.ready();
    const tips = kinds.map((kind) => load.next(kind));
    for (const tip of [...tips, ...tips]) {
      load.acknowledged.delete(tip.text);
      await load.insist(tip, Date.now() + 60000);
      assert.ok(load.acknowledged.has(tip.text));
    }
    // a try that was told 503 may be there too
    const sum = await until('each is there twice', async () => {
      const now = account(load.acknowledged, await home.inbox().catch(() => []));
      return now.doubled >= 4 && now;
    }, 120000);
    note('(wrong on purpose: no dedup)', sum);
    assert.deepEqual([sum.acknowledged, sum.lost, sum.doubled], [4, 0, 4]);
    assert.throws(() => assertWhole(sum, 1), /twice/);
    await fake.stop();
  } finally {
    load.close();
    await home.stop();
  }
});
