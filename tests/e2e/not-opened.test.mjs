// SPDX-License-Identifier: AGPL-3.0-or-later
// What no desk can open at once is told of, and found again: sealed to an epoch
// whose key comes later, words without their tip, what a desk was handed too
// often.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../lib/redis.mjs';
import { Desk } from './lib/desk.mjs';
import { inject, intakeOf } from './lib/forge.mjs';
import { Home, until } from './lib/home.mjs';

let home, desk, epoch;
const at = (name) => path.join(home.dir, name);
const told = () => fs.readFileSync(at('told'), { encoding: 'utf8', flag: 'a+' }).split('\n');

before(async () => {
  home = await Home.start({
    processes: ['redis'],
    edit: (conf) => conf.replace(/\n\[desk\]\n/, '$&alarm_command = ./wake\nalarm_unopened = 1s\n'),
  });
  fs.writeFileSync(at('wake'), `#!/bin/sh\necho "$1" >> ${at('told')}\n`, { mode: 0o755 });
  // on the team's computer
  fs.cpSync(at('keys'), at('team'), { recursive: true });
  await home.tipline('key', 'extend', '--epochs', '2', at('team'));
  epoch = Buffer.from([...fs.readFileSync(at('team/team.list'), 'utf8').matchAll(/^epoch \d+ (\S+)$/gm)].pop()[1], 'base64');
  await home.desk();
  desk = await Desk.login(home);
});
after(() => home?.stop());

test('what the ring has no key for yet wakes somebody, and is opened when it has', async () => {
  const id = crypto.randomBytes(16).toString('hex');
  await inject(home, {
    v: 1, id, received: new Date().toISOString().replace(/\.\d+Z/, 'Z'), channel: 'web', lang: 'en',
    text: 'he has a knife', answers: {}, priority: 1,
  }, undefined, intakeOf(home), epoch);
  const sealed = await desk.row((row) => row.id === id, 'view=quarantine');
  assert.equal(sealed.state, 'SEALED');
  assert.equal((await desk.opened()).rows.length, 0);
  await until('somebody was told', () => told().includes('unopened'));
  fs.copyFileSync(at('team/team.ring'), at('keys/new.ring'));
  fs.renameSync(at('keys/new.ring'), at('keys/team.ring'));
  const row = await desk.row((row) => row.id === id && row.state === 'NEW');
  assert.equal(row.priority, 1);
  await until('it is told of as what it is', () => told().includes('arrived'));
  assert.equal((await desk.opened('view=quarantine')).rows.length, 0);
});

test('urgent words whose tip is not here are a tip of their own, and raise it when it comes', async () => {
  const mailbox = crypto.randomBytes(16).toString('hex');
  const report = (more) => ({
    v: 1, id: crypto.randomBytes(16).toString('hex'), received: new Date().toISOString().replace(/\.\d+Z/, 'Z'), channel: 'web', lang: 'en',
    answers: {}, ...more,
  });
  const more = report({ kind: 'more', mailbox, text: 'it is tonight', priority: 1 });
  await inject(home, more, undefined, intakeOf(home));
  const row = await desk.row((row) => row.id === more.id && row.state === 'NEW');
  assert.equal(row.priority, 1);
  assert.ok(row.flags.includes('its tip is not here'));
  await desk.take(more.id);
  assert.equal((await desk.get(`/api/tips/${more.id}`)).body.text, 'it is tonight');
  const tip = report({ text: 'we are nine', priority: 3, reply: { mailbox, key: crypto.randomBytes(32).toString('base64') } });
  await inject(home, tip, undefined, intakeOf(home));
  await desk.row((row) => row.id === tip.id && row.priority === 1);
  await desk.row((row) => row.id === more.id && !row.flags.includes('its tip is not here'));
});

test('what was opened and is no case yet wakes somebody when the last officer leaves', async () => {
  const count = (what) => told().filter((one) => one === what).length;
  const arrived = count('arrived');
  let had;
  await home.redisUsers((text) => {
    had = text;
    return text.replace(/^(user desk .*) \+exec /m, '$1 '); // no change gets through
  });
  const id = crypto.randomBytes(16).toString('hex');
  await inject(home, {
    v: 1, id, received: new Date().toISOString().replace(/\.\d+Z/, 'Z'), channel: 'web', lang: 'en',
    text: 'he has a gun', answers: {}, priority: 1,
  }, undefined, intakeOf(home));
  await desk.row((row) => row.id === id && row.state !== 'SEALED');
  await until('it is told of', () => count('arrived') > arrived);
  const unopened = count('unopened');
  await desk.logout();
  await until('it is told of when nobody is there', () => count('unopened') > unopened);
  await home.redisUsers(() => had);
  desk = await Desk.login(home);
  await desk.row((row) => row.id === id && row.state === 'NEW');
});

test('a tip that takes over the case of a made-up one wakes somebody all the same', async () => {
  const report = { v: 1, id: crypto.randomBytes(16).toString('hex'), received: new Date().toISOString().replace(/\.\d+Z/, 'Z'), channel: 'web', lang: 'en', answers: {} };
  await inject(home, { ...report, text: 'made up', priority: 4 });
  await desk.row((row) => row.id === report.id && row.state === 'NEW');
  await desk.logout();
  const before = told().filter((what) => what === 'unopened').length;
  await inject(home, { ...report, text: 'it is now', priority: 1 }, undefined, intakeOf(home));
  await until('somebody was told', () => told().filter((what) => what === 'unopened').length > before);
  desk = await Desk.login(home);
  await desk.row((row) => row.id === report.id && row.priority === 1 && row.signed);
});

test('what a desk was handed too often, as with a full disk, wakes somebody too', async () => {
  await home.kill('desk');
  const before = told().filter((what) => what === 'unopened').length;
  await inject(home, {
    v: 1, id: crypto.randomBytes(16).toString('hex'), received: new Date().toISOString().replace(/\.\d+Z/, 'Z'), channel: 'web', lang: 'en',
    text: 'they have locked us in', answers: {}, priority: 1,
  }, undefined, intakeOf(home));
  const [, name] = /name\n(\S+)/.exec(await home.redis('XINFO', 'CONSUMERS', 'tips', 'officers'));
  const redis = await Client.open(at('redis/redis.sock'), 'desk', fs.readFileSync(at('redis/desk.pass'), 'utf8').trim());
  for (const from of ['>', ...Array(6).fill('0-0')]) {
    assert.equal((await redis.do('XREADGROUP', 'GROUP', 'officers', name, 'STREAMS', 'tips', from))[0][1].length, 1);
  }
  redis.socket.destroy();
  await home.desk();
  await until('somebody was told', () => told().filter((what) => what === 'unopened').length > before);
  desk = await Desk.login(home);
  const row = await desk.row((row) => row.priority === 1 && row.state === 'NEW', 'view=quarantine');
  assert.ok(row.signed);
});
