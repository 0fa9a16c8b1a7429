// SPDX-License-Identifier: AGPL-3.0-or-later
// A host whose clock is wrong: started without a battery, woken as a virtual
// machine, or told a wrong year. No tip goes to a key that may be destroyed,
// and no reply is gone when the time is right again.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import sodium from 'libsodium-wrappers-sumo';
import { build, Home, receiptOf, request, until } from './lib/home.mjs';
import { sweepClocks } from '../lib/clocks.mjs';

await sodium.ready;

const run = promisify(execFile);
const DAY_S = 86400;
const MADE_DAYS_AGO = 180;
const EPOCH_DAYS = 7;

let home;
let epochs; // of the list: {start, id}
let code; // of a tip that was answered

/** What a process sees that is to live some days later; the clock that only runs is right. */
const clockOf = (days) => (days === 0 ? {} : {
  LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
  FAKETIME: `${days < 0 ? '' : '+'}${days * DAY_S}s`,
  DONT_FAKE_MONOTONIC: '1',
});

/** Start these of the home some days later. */
async function runLater(days, ...names) {
  sweepClocks();
  const clock = clockOf(days);
  Object.assign(process.env, clock);
  try {
    for (const name of names) await home.run(name);
  } finally {
    for (const name of Object.keys(clock)) delete process.env[name];
  }
}

async function leap(days) {
  await home.kill('intake', 'SIGTERM');
  // at its end faketime would remove what it has in /dev/shm
  home.logs.intake = [Buffer.from(home.log('intake').replace(/^.*sandbox: refused: unlink\n/gm, ''))];
  await home.kill('spool', 'SIGTERM');
  await runLater(days, 'spool', 'intake');
  await home.ready();
}

function readEpochs(file) {
  return fs.readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('epoch ')).map((line) => {
    const [, start, key] = line.split(' ');
    const message = Buffer.concat([Buffer.from('tipline key v1\0'), Buffer.from(key, 'base64')]);
    return { start: Number(start), id: Buffer.from(sodium.crypto_generichash(32, message)).subarray(0, 8).toString('hex') };
  });
}

/** To which epoch of the list the newest tip in Redis is sealed. */
async function sealedTo(redis) {
  const [[, fields]] = await redis.do('XREVRANGE', 'tips', '+', '-', 'COUNT', '1');
  const id = fields[3].subarray(36, 44).toString('hex');
  return epochs.findIndex((epoch) => epoch.id === id);
}

/** Tips are sealed to the epoch of now: before the spool has told a worker of
 * the day to the last of all, whose key is kept the longest, and to no other. */
async function sealsToNow() {
  const redis = await home.redisRoot();
  const sent = await until('a tip is sealed to the epoch of now', async () => {
    const one = await send();
    const at = await sealedTo(redis);
    const isNow = at === epochNow() || at === epochNow(1 / 24);
    assert.ok(isNow || at === epochs.length - 1, `sealed to ${at} of ${epochs.length}, now is ${epochNow()}`);
    return isNow && one;
  });
  redis.close();
  return sent;
}

const epochNow = (days = 0) => epochs.findLastIndex(({ start }) => start <= Date.now() / 1000 + days * DAY_S);

/** Send a tip; resolves when the desk has it, to its receipt code. */
async function send() {
  const story = `they lock the door ${crypto.randomUUID()}`;
  const { status, body } = await home.form({ story });
  assert.equal(status, 200);
  const tip = await until('the tip is at the desk', async () => (await home.inbox()).find(({ text }) => text === story));
  return { digits: receiptOf(body), tip };
}

const box = async () => {
  const { body } = await request(`${home.url}/en/c`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ code }).toString(),
  });
  return body.toString();
};

before(async () => {
  home = await Home.start({ processes: [] });
  const made = await run(path.join(build, 'tipline'), ['-c', home.conf, 'key', 'new', '--cheap', path.join(home.dir, 'north')],
    { env: { ...process.env, ...clockOf(-MADE_DAYS_AGO), TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass') } });
  assert.equal(made.stderr, '');
  epochs = readEpochs(path.join(home.dir, 'north/team.list'));
  fs.writeFileSync(home.conf, fs.readFileSync(home.conf, 'utf8')
    .replace('team_keys = keys/team.list', 'team_keys = north/team.list')
    .replace('team_identities = keys/identity.pub', 'team_identities = north/identity.pub')
    .replace('team_ring = keys/team.ring', 'team_ring = north/team.ring'));
  for (const name of ['redis', 'spool', 'relay', 'intake']) await home.run(name);
  await home.ready();
});
after(() => home?.stop());

test('with a right clock a tip is sealed to the epoch of now', async () => {
  const { digits, tip } = await sealsToNow();
  code = digits;
  assert.equal((await home.spooled()).clock_days, 0);
  const words = path.join(home.dir, 'words.txt');
  fs.writeFileSync(words, 'we are on our way\n');
  await home.tipline('reply', tip.id, '--status', 'read', '--text', words);
  await until('the reporter reads it', async () => (await box()).includes('we are on our way'));
});

test('a clock that is months behind seals to no epoch that was over', async () => {
  await leap(-150);
  await sealsToNow();
  assert.match(home.log('spool'), /E512 .*is 1(50|49) days behind/);
  const { clock_days: days } = await home.spooled();
  assert.ok(days === -150 || days === -149, `${days}`);
  const status = await home.tipline('status').then(() => '', ({ stdout }) => stdout);
  assert.match(status, /^spool +NOT OK this host's clock is 1(50|49) days behind/m);
});

for (const days of [-50 * 365, -150, 1, 120, 365]) {
  test(`a reply is there with a clock that is ${days} days off`, async () => {
    await leap(days);
    assert.match(await box(), /we are on our way/);
  });
}

test('and when the time is right again', async () => {
  await leap(0);
  assert.match(await box(), /we are on our way/);
  // each of the three starts with a clock ahead may have counted a day
  const { clock_days: days } = await home.spooled();
  assert.ok(days <= 0 && days >= -3, `${days}`);
});
