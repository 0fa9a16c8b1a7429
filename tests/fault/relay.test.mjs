// SPDX-License-Identifier: AGPL-3.0-or-later
// The whole way of a tip with its parts failing under it: Redis stopped, killed,
// wiped, erased by the relay's own password; relay and spool killed. Each tip
// that was acknowledged to the sender is at the desk, once; the spool forgets
// what has a receipt that verifies, and nothing else.
import assert from 'node:assert/strict';
import https from 'node:https';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Home, until } from '../e2e/lib/home.mjs';

let home;
let agent;
let acknowledged; // stories whose senders were told "received"
let turn = 0;

beforeEach(async () => {
  agent = new https.Agent({ keepAlive: true, maxSockets: 8 });
  acknowledged = [];
  // tools/home: a tip without a receipt is sent again after 10 s
  home = await Home.start();
  await makeGroup();
});
afterEach(async () => {
  agent.destroy();
  await home?.stop();
});

async function makeGroup() {
  await home.redis('XGROUP', 'CREATE', 'tips', 'officers', '0', 'MKSTREAM').catch(() => {});
}

/** Send n tips, eight at a time; those that are answered with 200 count. */
async function send(n) {
  const stories = Array.from({ length: n }, () => `story ${turn++} ${Math.random()}`);
  let at = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (at < stories.length) {
      const story = stories[at++];
      const answer = await home.form({ story, now: turn % 5 === 0 ? '1' : '3' }, { agent }).catch(() => null);
      if (answer?.status === 200) acknowledged.push(story);
    }
  }));
}

const spool = () => home.spooled();
const waitingInSpool = async () => (await spool()).records;

/** All that was acknowledged is at the desk, once, and the spool is empty. */
async function allArriveOnce(limit_ms = 180000) {
  let tips = [];
  await until('the spool is empty', async () => {
    tips = await home.inbox().catch(() => tips);
    return (await waitingInSpool().catch(() => 1)) === 0;
  }, limit_ms).catch((error) => {
    throw new Error(`${error.message}; ${tips.length} tips\n${home.log('relay')}${home.log('spool')}`);
  });
  tips = await home.inbox();
  const count = new Map();
  const ids = new Set(tips.map((tip) => tip.id));
  for (const tip of tips) count.set(tip.text, (count.get(tip.text) ?? 0) + 1);
  for (const story of acknowledged) assert.equal(count.get(story), 1, story);
  assert.equal(ids.size, tips.length, 'an id stands twice in the ledger');
  return tips;
}

test('a thousand tips while Redis is stopped all arrive once it is back', async () => {
  await send(20);
  await home.kill('redis', 'SIGTERM');
  await send(1000);
  assert.equal(acknowledged.length, 1020);
  await home.run('redis');
  await allArriveOnce();
});

test('Redis killed and started again under load loses nothing', async () => {
  const load = send(400);
  for (let i = 0; i < 4; i++) {
    await sleep(300);
    await home.kill('redis');
    await home.run('redis');
  }
  await load;
  assert.equal(acknowledged.length, 400);
  await allArriveOnce();
});

test('a Redis that was wiped gets all that has no receipt again', async () => {
  await send(60);
  await until('some are there', async () => Number(await home.redis('XLEN', 'tips')) >= 60);
  // some taken by a desk that died, some receipted, some untouched
  const desk = await home.redisAs('desk');
  await desk.do('XREADGROUP', 'GROUP', 'officers', 'dead', 'COUNT', '20', 'STREAMS', 'tips', '>');
  desk.close();
  const privileged = await home.redisRoot();
  await privileged.do('FLUSHALL');
  privileged.close();
  await send(20);
  await makeGroup();
  await allArriveOnce(120000);
});

test('tips receipted before and after a wipe are there once', async () => {
  await send(40);
  await allArriveOnce();
  await send(40);
  const privileged = await home.redisRoot();
  await privileged.do('FLUSHALL');
  privileged.close();
  await makeGroup();
  await allArriveOnce(120000);
});

test('a relay that is killed again and again loses nothing', async () => {
  const load = send(400);
  for (let i = 0; i < 8; i++) {
    await sleep(150);
    await home.kill('relay');
    await home.run('relay');
  }
  await load;
  assert.equal(acknowledged.length, 400);
  await allArriveOnce();
});

test('a spool that is killed again and again loses nothing it acknowledged', async () => {
  const load = send(400);
  for (let i = 0; i < 6; i++) {
    await sleep(200);
    await home.kill('spool');
    await home.run('spool');
  }
  await load;
  assert.ok(acknowledged.length > 100, `${acknowledged.length} acknowledged`);
  await allArriveOnce();
});

test('all of them at once', async () => {
  const load = send(600);
  for (let i = 0; i < 12; i++) {
    const name = ['redis', 'relay', 'spool'][i % 3];
    await sleep(120);
    await home.kill(name);
    await home.run(name);
    if (i % 4 === 0) await home.inbox().catch(() => {});
  }
  await load;
  assert.ok(acknowledged.length > 100, `${acknowledged.length} acknowledged`);
  await allArriveOnce();
});

test('a desk that is killed in the middle takes up where it was', async () => {
  await send(300);
  await until('all are in Redis', async () => Number(await home.redis('XLEN', 'tips')) >= 300);
  for (let i = 0; i < 6; i++) {
    const inbox = home.tipline('inbox', '--json');
    inbox.catch(() => {});
    await sleep(150 + 60 * i);
    inbox.child.kill('SIGKILL');
    await inbox.catch(() => {});
  }
  await allArriveOnce();
});

test('the relay\'s password in wrong hands erases and injects, and loses nothing', async () => {
  await send(50);
  await until('all are in Redis', async () => Number(await home.redis('XLEN', 'tips')) >= 50);
  const thief = await home.redisAs('relay');
  await thief.do('XADD', 'tips', 'MAXLEN', '0', '*', 'this', 'goes too');
  await thief.do('XADD', 'tips', '*', 'neither', 'id', 'nor', 'record');
  await thief.do('XADD', 'tips', '*', 'id', Buffer.alloc(16, 7), 'r', Buffer.alloc(5000, 1));
  thief.close();
  await send(10);
  const before = new Set(acknowledged);
  const tips = await allArriveOnce(120000);
  assert.equal(tips.filter((tip) => !before.has(tip.text)).length, 2, 'the two injected ones are shown too');
});

test('a forged receipt makes the spool forget nothing', async () => {
  await send(10);
  const relay = await until('all are in Redis', async () => {
    const privileged = await home.redisRoot();
    const entries = await privileged.do('XRANGE', 'tips', '-', '+');
    privileged.close();
    return entries.length >= 10 ? entries : null;
  });
  const desk = await home.redisAs('desk');
  for (const [, fields] of relay) {
    const id = fields[1];
    await desk.do('XADD', 'receipts', '*', 'id', id, 'h', Buffer.alloc(32, 1), 's', Buffer.alloc(64, 2));
    await desk.do('XADD', 'receipts', '*', 'id', id, 'h', 'short', 's', 'short');
    await desk.do('XADD', 'receipts', '*', 'something', 'else');
  }
  desk.close();
  await until('the spool has judged them', async () => (await spool()).bad_receipts >= 10);
  assert.equal(await waitingInSpool(), 10);
  await allArriveOnce();
});

test('what Redis refuses is said, and held back until it takes it', async () => {
  const privileged = await home.redisRoot();
  await privileged.do('CONFIG', 'SET', 'maxmemory', '1');
  await send(30);
  await until('the relay says so', () => /no memory left/.test(home.log('relay')));
  assert.equal(acknowledged.length, 30);
  await privileged.do('CONFIG', 'SET', 'maxmemory', '1gb');
  privileged.close();
  await allArriveOnce();
  // and a password that no longer fits
  let users;
  await home.redisUsers((text) => {
    users = text;
    return text.replace(/^(user relay on) #\w+/m, `$1 #${'0'.repeat(64)}`);
  });
  await send(5);
  await until('the relay says so', () => /refuses the relay's password/.test(home.log('relay')));
  await home.redisUsers(() => users);
  await allArriveOnce();
});

test('the relay ends at once and cleanly when it is told to', async () => {
  await send(20);
  const started = Date.now();
  await home.kill('relay', 'SIGTERM');
  assert.equal(home.procs.relay.exitCode, 0);
  assert.ok(Date.now() - started < 4500); // less than it waits for Redis to have something
  await home.run('relay');
  await allArriveOnce();
});
