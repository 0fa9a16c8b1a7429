// SPDX-License-Identifier: AGPL-3.0-or-later
// Redis wiped completely, with tips in every stage of their way and cases in
// every state: it is made again from spool and ledger, every tip is there once,
// and every case is as it was. WIPE_TIPS=5000 (make test-wipe) for the long run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build, Home, root, until } from '../e2e/lib/home.mjs';
import { Client } from '../lib/redis.mjs';
import { account, collect, Load } from './lib/load.mjs';

const run = promisify(execFile);
const total = Number(process.env.WIPE_TIPS ?? 65);
const part = Math.ceil(total / 5);
const limit_ms = 120000 + total * 100;
let home;
let load;

before(async () => {
  await run('make', ['--no-print-directory', `VARIANT=${process.env.VARIANT ?? 'release'}`,
    `${path.relative(root, build)}/tests/fault/cases_fill`], { cwd: root });
  // no second look at what was sent, so that each stage stays what it is
  home = await Home.start({ edit: (text) => text.replace(/^again = .*$/m, 'again = 10s') });
  await home.redis('XGROUP', 'CREATE', 'tips', 'officers', '0', 'MKSTREAM');
  load = new Load(home);
});
after(async () => {
  load?.close();
  await home?.stop();
});

const spool = () => home.spooled();
const send = () => load.send(part, { limit_ms });
const inRedis = async () => Number(await home.redis('XLEN', 'tips'));

function as(user) {
  const password = fs.readFileSync(path.join(home.dir, `redis/${user}.pass`), 'utf8').trim();
  return Client.open(path.join(home.dir, 'redis/redis.sock'), user, password);
}

const cases = async (what) => (await run(path.join(build, 'tests/fault/cases_fill'),
  [path.join(home.dir, 'redis/redis.sock'), path.join(home.dir, 'redis/desk.pass'),
    path.join(home.dir, 'ledger'), what], { maxBuffer: 1 << 28 })).stdout;

/** Nothing but the sealed bytes of Redis' file is lost. */
async function wipe() {
  await home.kill('redis');
  fs.rmSync(path.join(home.dir, 'redis/data'), { recursive: true });
  fs.mkdirSync(path.join(home.dir, 'redis/data'), { mode: 0o700 });
  await home.run('redis');
}

/** All of a dump but to when leases run: who is at work keeps the case. */
const states = (dump) => dump.split('\n').map((line) => line.split(' ').filter((_, i) => i !== 6).join(' ')).join('\n');

let before_wipe;

test('tips stand in every stage, and cases in every state', async () => {
  // done: in the ledger, receipted, forgotten by the spool
  await send();
  await until('all are receipted', async () => {
    await home.inbox('--new');
    return (await spool()).records === 0;
  }, limit_ms);
  // in the ledger, and the receipt has not come to the spool
  let there = await inRedis();
  await send();
  await until('they are in Redis', async () => (await inRedis()) >= there + part, limit_ms);
  await home.kill('relay');
  await home.inbox('--new');
  assert.equal((await spool()).records, part);
  // given to a desk that died, and given to nobody yet
  await home.run('relay');
  there = await inRedis();
  await send();
  await send();
  await until('they are in Redis', async () => (await inRedis()) >= there + 2 * part, limit_ms);
  await home.kill('relay');
  const dead = await as('desk');
  await dead.do('XREADGROUP', 'GROUP', 'officers', 'dead', 'COUNT', part, 'STREAMS', 'tips', '>');
  dead.close();
  // only in the spool
  await send();
  assert.equal(load.acknowledged.size, 5 * part);
  assert.ok((await spool()).records >= 3 * part);
  await cases('fill');
  before_wipe = await cases('dump');
  assert.equal(before_wipe.trim().split('\n').length, 2 * part);
  assert.equal(new Set(before_wipe.trim().split('\n').map((line) => line.split(' ')[2])).size, 13);
});

test('after the wipe Redis knows nothing', async () => {
  await wipe();
  assert.equal(await cases('dump'), '');
  assert.equal(await inRedis(), 0);
});

test('restore makes no case without the key that tells what desks did', async () => {
  const conf = path.join(home.dir, 'unsigned.conf');
  const signed = fs.readFileSync(home.conf, 'utf8');
  const unsigned = signed.replace(/^signing_key = .*desk\.key$/m, '');
  assert.notEqual(unsigned, signed);
  fs.writeFileSync(conf, unsigned, { mode: 0o600 });
  await assert.rejects(run(path.join(build, 'tipline'), ['-c', conf, 'restore']), /desk\.signing_key is not set/);
  assert.equal(await cases('dump'), '');
});

test('restore makes every case again as it was, without a passphrase', async () => {
  const { stdout } = await run(path.join(build, 'tipline'), ['-c', home.conf, 'restore']);
  assert.match(stdout, new RegExp(`^cases {5}${2 * part} made again, 0 were right$`, 'm'));
  assert.equal(states(await cases('dump')), states(before_wipe));
});

test('every tip is at the desk, once', async () => {
  await home.run('relay');
  const sum = await collect(home, load, limit_ms);
  assert.deepEqual(sum, { acknowledged: 5 * part, arrived: 5 * part, lost: 0, doubled: 0, strange: 0 });
  await until('the spool is empty', async () => {
    await home.inbox('--new');
    return (await spool()).records === 0;
  }, limit_ms);
  assert.equal(account(load.acknowledged, await home.inbox()).doubled, 0);
  // and nothing of it touched the cases
  assert.equal(states(await cases('dump')), states(before_wipe));
  console.log(`# wiped with ${5 * part} tips in five stages and ${2 * part} cases: 0 lost, 0 doubled, 0 changed`);
});
