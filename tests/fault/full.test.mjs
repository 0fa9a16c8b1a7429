// SPDX-License-Identifier: AGPL-3.0-or-later
// A Redis with little memory and strangers who send files. Pieces of files and
// then texts wait in the spool; a tip with somebody in danger goes by them all.
// And a Redis that is full all the same: said, and got over.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Home, until } from '../e2e/lib/home.mjs';
import { Client } from '../lib/redis.mjs';
import { Door, frame, KEPT, newId, PUT, u32 } from './lib/say_frames.mjs';

const MIB = 1 << 20;
const MEMORY = 32 * MIB; // two pipelines on their way are 4 MiB of it
const PIECE = 69000; // about what a piece of a file has, sealed
const WEB = 0, FILES = 4;
let home;
let root; // Redis, with all rights

beforeEach(async () => {
  home = await Home.start({ processes: [], edit: (conf) => conf.replace(/^\[redis\]\n/m, `$&memory = ${MEMORY / MIB}MiB\n`) });
  const redisConf = path.join(home.dir, 'redis/redis.conf');
  fs.writeFileSync(redisConf, fs.readFileSync(redisConf, 'utf8').replace(/^maxmemory .*$/m, `maxmemory ${MEMORY}`));
  fs.appendFileSync(path.join(home.dir, 'redis/users.acl'), 'user root on nopass ~* &* +@all\n');
  for (const name of ['redis', 'spool', 'relay', 'intake']) await home.run(name);
  await home.ready();
  root = await Client.open(path.join(home.dir, 'redis/redis.sock'), 'root', 'x');
  await root.do('XGROUP', 'CREATE', 'tips', 'officers', '0', 'MKSTREAM');
});
afterEach(async () => {
  root?.close();
  await home?.stop();
});

/** Put n records of a channel into the spool, each kept before the next. */
async function put(n, channel, bytes) {
  const door = await Door.open(path.join(home.dir, 'sock/spool-intake'));
  for (let i = 0; i < n; i++) {
    const sealed = Buffer.alloc(bytes, i);
    door.say(frame(PUT, Buffer.concat([u32(i), Buffer.from([1]), newId(), Buffer.from([channel, 0, 0]), u32(bytes), sealed])));
    for (;;) {
      const got = await door.next();
      assert.ok(got, 'the spool parted with us');
      if (got.type !== KEPT && got.body.length === 1) continue; // ROOM
      assert.equal(got.type, KEPT);
      break;
    }
  }
  door.close();
}

const memory = async () => Number(/used_memory:(\d+)/.exec((await root.do('INFO', 'memory')).toString())[1]);
const spool = () => home.spooled();
const inRedis = () => root.do('XLEN', 'tips');

/** Send an urgent tip through the form; how long until it is in Redis. */
async function urgent(t, story) {
  const before = await root.do('XINFO', 'STREAM', 'tips');
  const added = Number(before[before.findIndex((x) => x.toString() === 'entries-added') + 1]);
  const start = Date.now();
  const { status } = await home.form({ story, now: '1' });
  assert.equal(status, 200);
  await until(`the urgent tip is in Redis\n${home.log('relay')}`, async () => {
    const now = await root.do('XINFO', 'STREAM', 'tips');
    return Number(now[now.findIndex((x) => x.toString() === 'entries-added') + 1]) > added;
  }, 60000);
  t.diagnostic(`${story}: in Redis after ${Date.now() - start} ms`);
}

/** The desk takes, stores and receipts all that is in Redis. */
const take = () => home.inbox().catch(() => []);

/** The desk works until so much of Redis' memory is in use. */
const fill = (part) => until(`${100 * part} percent are in use`, async () => {
  await take();
  return await memory() >= part * MEMORY;
}, 120000);

test('a flood of files leaves room for texts, and texts for what is urgent', async (t) => {
  // no desk: credit in bytes holds the files back
  await put(320, FILES, PIECE);
  await until('some are in Redis', async () => await inRedis() > 20);
  await urgent(t, 'files without a receipt');
  const waiting = await inRedis();
  assert.ok(waiting * PIECE < MEMORY / 4 + 2 * MIB, `${waiting} records without a receipt`);
  // a desk takes them; they are acknowledged, and still fill Redis' memory
  await fill(0.5);
  await until('that is said', () => /E618/.test(home.log('relay')));
  await take();
  assert.ok((await spool()).channels.files.records > 0);
  await urgent(t, 'files in half of the memory');
  // texts go by the files, up to three quarters
  await put(200, WEB, PIECE);
  await fill(0.75);
  await take();
  assert.ok((await spool()).channels.web.records > 0);
  await urgent(t, 'texts in three quarters');
  assert.doesNotMatch(home.log('relay'), /E609/);
  // trimmed, as the janitor does; and all of it comes
  await until('the spool is empty', async () => {
    await take();
    const [group] = await root.do('XINFO', 'GROUPS', 'tips');
    if (group[group.findIndex((x) => x.toString() === 'pending') + 1] === 0) {
      await root.do('XTRIM', 'tips', 'MINID', group[group.findIndex((x) => x.toString() === 'last-delivered-id') + 1]);
    }
    return (await spool()).records === 0;
  }, 180000);
  const tips = await home.inbox();
  for (const story of ['files without a receipt', 'files in half of the memory', 'texts in three quarters']) {
    assert.equal(tips.filter((tip) => tip.text === story).length, 1, story);
  }
  const all = (await home.tipline('ledger', 'verify')).stdout;
  assert.match(all, /^records +520 in quarantine$/m, 'each record is at the desk, once');
});

test('a Redis that is full all the same is said, and loses nothing', async (t) => {
  await put(20, WEB, PIECE);
  await until('they are in Redis', async () => await inRedis() >= 20);
  await root.do('CONFIG', 'SET', 'maxmemory', '1');
  const { status } = await home.form({ story: 'nobody hears', now: '1' });
  assert.equal(status, 200, 'the sender notices nothing');
  await until('the relay says so', () => /E609/.test(home.log('relay')), 60000);
  const copies = await inRedis();
  // it tries again and again, and makes no copies of what Redis has
  await until('it has tried some more', () => home.log('relay').match(/E609/g).length >= 4, 120000);
  assert.equal(await inRedis(), copies);
  await root.do('CONFIG', 'SET', 'maxmemory', String(MEMORY));
  const start = Date.now();
  await until('the urgent tip comes', async () => (await home.inbox().catch(() => []))
    .some((tip) => tip.text === 'nobody hears'), 120000);
  t.diagnostic(`at the desk ${Date.now() - start} ms after there was room`);
  await until('the spool is empty', async () => { await take(); return (await spool()).records === 0; }, 60000);
});
