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

const writeConf = (more = '') => fs.writeFileSync(conf, `[redis]\nsocket = ${redis.socket}\njanitor_password_file = janitor.pass\n${more}`);

before(async () => {
  redis = await Redis.start({ users: ['janitor'] });
  conf = path.join(redis.dir, 'tipline.conf');
  writeConf();
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

test('a replica is left to its master, and that is no failure', async () => {
  await redis.root.do('REPLICAOF', '127.0.0.1', '1');
  try {
    const { code, out } = await janitor();
    assert.deepEqual([code, out], [0, 'nothing was taken out: this Redis is a replica, and its master\'s janitor does it for both\n']);
  } finally {
    await redis.root.do('REPLICAOF', 'NO', 'ONE');
  }
});

test('a tip goes when it is old, given out and acknowledged, and not before', async () => {
  const [a, b, c, d] = [name(0.5), name(0.4), name(0.3), name(0.2)];
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
  assert.match((await janitor()).out, /^tips {6}2 entries older than 6 hours were taken out$/m);
  assert.deepEqual(await names('tips'), [d]);
});

test('another group that has not read yet is waited for', async () => {
  await add('tips', '*');
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

test('the operator says how long an acknowledged tip stays', async () => {
  const entry = name(1.5);
  await redis.root.do('DEL', 'tips');
  await add('tips', entry);
  await redis.root.do('XGROUP', 'CREATE', 'tips', 'officers', '0');
  await take(1);
  await ack(entry);
  writeConf('keep_tips = 48h\n');
  assert.match((await janitor()).out, /^tips {6}0 entries older than 2 days were taken out$/m);
  assert.deepEqual(await names('tips'), [entry]);
  writeConf('keep_tips = 30h\n');
  assert.match((await janitor()).out, /^tips {6}1 entries older than 30 hours were taken out$/m);
  writeConf();
});

test('what a clock that was ahead has dated is told of, and stays until somebody sees to it', async () => {
  await redis.root.do('DEL', 'tips');
  const entry = name(-400);
  await add('tips', entry);
  await redis.root.do('XGROUP', 'CREATE', 'tips', 'officers', '0');
  await take(1);
  await ack(entry);
  const { code, out } = await janitor();
  assert.equal(code, 1);
  assert.match(out, /tips: entries are dated (399|400) days ahead, so none will be old before\. This host's clock is behind, or was ahead once/);
  assert.deepEqual(await names('tips'), [entry]);
  // as OPERATIONS.md has it
  await redis.root.do('XTRIM', 'tips', 'MAXLEN', '0');
  await redis.root.do('XSETID', 'tips', name(0));
  await redis.root.do('XGROUP', 'SETID', 'tips', 'officers', '0');
  assert.equal((await janitor()).code, 0);
  await add('tips', '*');
  assert.equal((await take(1))[0][1].length, 1);
  assert.ok((await names('tips'))[0] < name(-1));
});

test('without its password file it says which line is missing', async () => {
  fs.writeFileSync(conf, `[redis]\nsocket = ${redis.socket}\n`);
  const { code, out } = await janitor();
  assert.equal(code, 1);
  assert.match(out, /in section \[redis\] janitor_password_file is missing: .* \/usr\/share\/tipline\/tools\/redis-home --users/);
  writeConf();
});

test('a password file that is not there is named, and a unit\'s with the unit', async () => {
  for (const [file, said] of [[path.join(redis.dir, 'none.pass'), /none\.pass: No such file/],
    ['/run/credentials/tipline-janitor.service/no-such', /no-such is there only while its unit runs.*systemctl start tipline-janitor/]]) {
    fs.writeFileSync(conf, `[redis]\nsocket = ${redis.socket}\njanitor_password_file = ${file}\n`);
    const { code, out } = await janitor();
    assert.equal(code, 1);
    assert.match(out, said);
  }
  writeConf();
});

test('a wrong password is said', async () => {
  fs.writeFileSync(path.join(redis.dir, 'janitor.pass'), 'wrong\n');
  const { code, out } = await janitor();
  assert.equal(code, 1);
  assert.match(out, /refuses the user, its password or its rights/);
});
