// SPDX-License-Identifier: AGPL-3.0-or-later
// What the janitor takes out of Redis' streams, and what it never does.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build } from './lib/home.mjs';
import { Redis } from '../lib/redis.mjs';

const run = promisify(execFile);
const day = 86400000;
let redis;
let conf;
let desk;

before(async () => {
  redis = await Redis.start({ users: ['janitor'] });
  conf = path.join(redis.dir, 'tipline.conf');
  fs.writeFileSync(conf, `[redis]\nsocket = ${redis.socket}\njanitor_password_file = janitor.pass\n`);
  desk = await redis.as('desk');
});
after(async () => {
  desk?.close();
  await redis?.stop();
});

const janitor = () => run(path.join(build, 'tipline'), ['-c', conf, 'janitor']).then(
  ({ stdout }) => ({ code: 0, out: stdout }), (error) => ({ code: error.code, out: error.stderr }));
const name = (days, n = 0) => `${Date.now() - days * day}-${n}`;
const add = (stream, entry) => redis.root.do('XADD', stream, entry, 'a', 'b');
const names = async (stream) => (await redis.root.do('XRANGE', stream, '-', '+')).map(([n]) => n.toString());
const take = (n) => desk.do('XREADGROUP', 'GROUP', 'officers', 'd', 'COUNT', n, 'STREAMS', 'tips', '>');
const ack = (entry) => desk.do('XACK', 'tips', 'officers', entry);

test('an empty Redis is no error', async () => {
  const { code, out } = await janitor();
  assert.equal(code, 0, out);
  assert.match(out, /^tips {6}0 entries/m);
});

test('a tip goes when it is old, given out and acknowledged, and not before', async () => {
  const [a, b, c, d] = [name(9), name(8.5), name(8), name(1)];
  for (const entry of [a, b, c, d]) await add('tips', entry);
  // without a group nobody has read anything
  assert.equal((await janitor()).code, 0);
  assert.deepEqual(await names('tips'), [a, b, c, d]);
  await redis.root.do('XGROUP', 'CREATE', 'tips', 'officers', '0');
  await janitor();
  assert.deepEqual(await names('tips'), [a, b, c, d]);
  await take(2);
  await ack(a);
  assert.match((await janitor()).out, /^tips {6}1 entries .* not acknowledged yet$/m);
  assert.deepEqual(await names('tips'), [b, c, d]);
  // nothing behind one that is pending, whatever is acknowledged
  await take(2);
  await ack(c);
  await ack(d);
  await janitor();
  assert.deepEqual(await names('tips'), [b, c, d]);
  await ack(b);
  assert.match((await janitor()).out, /^tips {6}2 entries older than 7 days were taken out$/m);
  assert.deepEqual(await names('tips'), [d]);
});

test('another group that has not read yet is waited for', async () => {
  const old = name(0.5);
  await add('tips', old);
  await redis.root.do('XTRIM', 'tips', 'MAXLEN', '0');
  await redis.root.do('XSETID', 'tips', name(20));
  const entry = name(10);
  await add('tips', entry);
  await redis.root.do('XGROUP', 'SETID', 'tips', 'officers', '0');
  await redis.root.do('XGROUP', 'CREATE', 'tips', 'others', '0');
  await take(10);
  await ack(entry);
  await janitor();
  assert.deepEqual(await names('tips'), [entry]);
  await redis.root.do('XREADGROUP', 'GROUP', 'others', 'x', 'STREAMS', 'tips', '>');
  await janitor();
  assert.deepEqual(await names('tips'), [entry]);
  await redis.root.do('XACK', 'tips', 'others', entry);
  await janitor();
  assert.deepEqual(await names('tips'), []);
});

test('receipts go after a week, mail and events after thirty days', async () => {
  for (const stream of ['receipts', 'mail', 'events']) {
    for (const days of [31, 8, 6]) await add(stream, name(days));
  }
  assert.equal((await janitor()).code, 0);
  assert.equal((await names('receipts')).length, 1);
  assert.equal((await names('mail')).length, 2);
  assert.equal((await names('events')).length, 2);
});

test('a wrong password is said', async () => {
  fs.writeFileSync(path.join(redis.dir, 'janitor.pass'), 'wrong\n');
  const { code, out } = await janitor();
  assert.equal(code, 1);
  assert.match(out, /refuses the user, its password or its rights/);
});
