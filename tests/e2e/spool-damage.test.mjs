// SPDX-License-Identifier: AGPL-3.0-or-later
// A disk that has changed the spool's file: what is lost, and what lies there and is not
// sent, is told by whatever people look at, until they have dealt with it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { build, Home, until } from './lib/home.mjs';

const PAGE = 4096;
let home, file, copies;
beforeEach(async () => {
  home = await Home.start({ processes: ['redis', 'spool', 'intake'] });
  file = path.join(home.dir, 'spool/spool.db');
  copies = path.join(home.dir, 'copies');
});
afterEach(() => home?.stop());

const say = (...args) => {
  const { status, stdout, stderr } = spawnSync(path.join(build, 'tipline'), ['-c', home.conf, ...args], { encoding: 'utf8' });
  return { status, lines: (stdout + stderr).split('\n') };
};
const of = (pattern, ...args) => say(...args).lines.filter((line) => pattern.test(line));
const told = () => ({ status: of(/^spool /, 'status'), doctor: of(/the spool: /, 'doctor'), spool: of(/^[A-Z]{4}/, 'spool') });

/** 40 tips, a copy of them, and an orderly end. */
async function fill() {
  for (let i = 0; i < 40; i++) assert.equal((await home.form({ story: `number ${i}` })).status, 200);
  assert.equal(say('backup', copies).status, 0);
  await home.kill('spool', 'SIGTERM');
}
async function again() {
  await home.run('spool');
  await until('the spool answers', () => home.spooled().catch(() => null));
}

test('records that a rescue could not save are told until somebody has seen it', async () => {
  await fill();
  const bytes = fs.readFileSync(file);
  const end = bytes.length / PAGE - 2;
  bytes.fill(0x5a, (end - 10) * PAGE, end * PAGE);
  fs.writeFileSync(file, bytes);
  await again();
  const { rescued, lost } = await home.spooled();
  assert.ok(lost > 0 && rescued > 0 && rescued + lost === 40, `${rescued} ${lost}`);
  const { status, doctor, spool } = told();
  const what = new RegExp(`${lost} or more records were lost .*"A damaged spool" in OPERATIONS\\.md`);
  assert.equal(status.length, 1);
  assert.match(status[0], /^spool +NOT OK /);
  for (const lines of [status, doctor, spool]) {
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], what);
  }
  assert.equal(say('doctor').status, 1);

  // by the heading: what the last backup has is put back
  assert.match(of(/^spool/, 'restore', '--from', copies).join(), new RegExp(`${lost} records put back, ${rescued} it had`));
  assert.equal((await home.spooled()).records, 40);
  assert.equal((await home.spooled()).lost, lost, 'nobody but people know that this was all');

  const seen = say('spool', '--seen');
  assert.equal(seen.status, 0);
  assert.ok(!seen.lines.some((line) => /^[A-Z]{4}|^rescued/.test(line)), seen.lines.join('\n'));
  await home.kill('spool');
  await again();
  assert.deepEqual(told(), { status: ['spool    ok     40 sealed records wait for a receipt, 0 of them urgent'], doctor: [], spool: [] });
});

test('records that lie there with another hash, and are not sent, are told', async () => {
  await fill();
  const bytes = fs.readFileSync(file);
  // pages of long rows begin with the number of the next one, which is 0 at their end
  let n = 0;
  for (let page = 0; page < bytes.length / PAGE && n < 3; page++) {
    if (bytes.readUInt32BE(page * PAGE) !== 0) continue;
    bytes[page * PAGE + 100] ^= 1;
    n++;
  }
  fs.writeFileSync(file, bytes);
  await again();
  await home.run('relay');
  await until('the relay was lent what can be sent', async () => (await home.spooled()).damaged > 0);
  const { damaged } = await home.spooled();
  const { status, doctor, spool } = told();
  for (const lines of [status, doctor, spool]) {
    assert.match(lines.join(), new RegExp(`${damaged} records do not have their hash any more .*"A damaged spool" in OPERATIONS\\.md.*E506`));
  }
  assert.match(status.join(), /^spool +NOT OK /);
  assert.match(of(/^spool/, 'restore', '--from', copies).join(), new RegExp(`${damaged} records put back, ${40 - damaged} it had`));
  await until('all can be sent', async () => (await home.spooled()).damaged === 0 && (await home.spooled()).lent === 40);
  assert.deepEqual(told(), { status: ['spool    ok     40 sealed records wait for a receipt, 0 of them urgent'], doctor: [], spool: [] });
  assert.deepEqual((await home.inboxOf(40)).map((tip) => tip.text).sort(), Array.from({ length: 40 }, (_, i) => `number ${i}`).sort());
});
