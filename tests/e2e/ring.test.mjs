// SPDX-License-Identifier: AGPL-3.0-or-later
// A desk that runs cannot read its ring any more: the shift goes on, and everybody who
// could mend it is told, until it is mended. What comes after 12 hours:
// tests/unit/desk_keyd_renew.c.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { build, Home, until } from './lib/home.mjs';

let home, officer, ring;
before(async () => {
  home = await Home.start();
  officer = await Desk.login(home, { url: await home.desk() });
  ring = path.join(home.dir, 'keys/team.ring');
});
after(() => home?.stop());

const say = (command) => {
  const { stdout, stderr } = spawnSync(path.join(build, 'tipline'), ['-c', home.conf, command], { encoding: 'utf8' });
  return (stdout + stderr).split('\n').filter((line) => /^ring |team\.ring/.test(line));
};
const header = async () => (await officer.queue()).header.ring;

test('a ring that can be read is nothing to speak of', async () => {
  assert.equal(await header(), 'fine');
  assert.match(say('status').join(), /^ring +ok +1 officers$/);
  assert.deepEqual(say('doctor'), []);
});

test('one that cannot is told on the console, by status and by the doctor, until it can', async () => {
  const whole = fs.readFileSync(ring);
  for (const [spoil, mend] of [
    [() => fs.writeFileSync(ring, whole.subarray(0, 100)), () => fs.writeFileSync(ring, whole)],
    [() => fs.chmodSync(ring, 0o644), () => fs.chmodSync(ring, 0o600)],
    [() => fs.renameSync(ring, `${ring}.aside`), () => fs.renameSync(`${ring}.aside`, ring)],
  ]) {
    spoil();
    await until('the console says it', async () => (await header()) === 'old');
    assert.match(say('status').join(), /^ring +NOT OK cannot be read/);
    assert.ok(say('doctor').some((line) => /team\.ring cannot be read .*lets in who was removed/.test(line)));
    mend();
    await until('it is over', async () => (await header()) === 'fine');
    assert.deepEqual(say('doctor'), []);
  }
  // the console may hear of it before we have read what was written
  const said = (event) => home.log('desk').split(event).length - 1;
  await until('each is written', () => said('E133') >= 3 && said('E135') >= 3);
  assert.deepEqual([said('E133'), said('E135')], [3, 3]);
});
