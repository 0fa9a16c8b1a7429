// SPDX-License-Identifier: AGPL-3.0-or-later
// Officers of a team's ring: they come, change their passphrases and go, and
// neither a tip nor an epoch is touched.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build, Home } from './lib/home.mjs';

const run = promisify(execFile);
let home;
const pass = (name) => path.join(home.dir, `${name}.pass`);

/** tipline ... as that officer: {status, text}. */
function as(officer, args, { secret = officer, fresh } = {}) {
  const env = {
    ...process.env,
    TIPLINE_OFFICER: officer,
    TIPLINE_PASSPHRASE_FILE: pass(secret),
    ...(fresh && { TIPLINE_NEW_PASSPHRASE_FILE: pass(fresh) }),
  };
  return run(path.join(build, 'tipline'), ['-c', home.conf, ...args], { env })
    .then(({ stdout, stderr }) => ({ status: 0, text: stdout + stderr }),
      (error) => ({ status: error.code, text: error.stdout + error.stderr }));
}

const officer = (who, args, more) => as(who, ['officer', ...args], more);
const ring = () => fs.readFileSync(path.join(home.dir, 'keys/team.ring'), 'utf8');
const epochs = () => ring().split('\n').filter((line) => line.startsWith('epoch ')).join('\n');

before(async () => {
  home = await Home.start();
  for (const name of ['dara', 'dara-new', 'vanna']) {
    fs.writeFileSync(pass(name), `the passphrase of ${name}\n`, { mode: 0o600 });
  }
  const { status } = await home.form({ story: 'before they came' });
  assert.equal(status, 200);
  assert.equal((await home.inboxOf(1)).length, 1);
});
after(() => home?.stop());

test('an officer who was added opens every tip that is there', async () => {
  const before = epochs();
  const added = await officer('officer', ['add', '--cheap', 'dara'], { fresh: 'dara' });
  assert.equal(added.status, 0, added.text);
  assert.equal(epochs(), before);
  for (const who of ['dara', 'officer']) {
    const { text } = await as(who, ['inbox', '--json']);
    assert.match(text, /before they came/);
  }
  const { text } = await officer('officer', ['list']);
  assert.match(text, /^officer .*\ndara .*\n$/);
});

test('with several officers a name is needed, and the passphrase must be theirs', async () => {
  const nobody = await as('', ['inbox', '--json'], { secret: 'dara' });
  assert.equal(nobody.status, 1);
  assert.match(nobody.text, /there are 2 officers/);
  for (const [who, secret] of [['officer', 'dara'], ['dara', 'officer'], ['nobody', 'dara']]) {
    const { status, text } = await as(who, ['inbox', '--json'], { secret });
    assert.equal(status, 1);
    assert.doesNotMatch(text, /before they came/);
  }
});

test('at a terminal it asks who is there, and shows no passphrase', async () => {
  // the terminal is slow: whoever answers a prompt at once must not be ahead of it
  const slow = 'strace -o /dev/null -e trace=ioctl -e inject=ioctl:delay_enter=100000';
  const ask = async (name, passphrase) => {
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' }; // under strace
    delete env.TIPLINE_OFFICER;
    delete env.TIPLINE_PASSPHRASE_FILE;
    const child = spawn('script', ['-qec', `${slow} ${path.join(build, 'tipline')} -c ${home.conf} inbox`, '/dev/null'], { stdio: 'pipe', env });
    const gone = once(child, 'close'); // then all it said is here
    let said = '';
    const answers = [[/Officer: $/, name], [/ring: $/, passphrase]];
    child.stdout.on('data', (data) => {
      said += data;
      if (answers.length > 0 && answers[0][0].test(said)) child.stdin.write(`${answers.shift()[1]}\n`);
    });
    const [status] = await gone;
    return { status, said };
  };
  const right = await ask('dara', 'the passphrase of dara');
  assert.equal(right.status, 0, right.said);
  assert.match(right.said, /before they came/);
  assert.doesNotMatch(right.said, /the passphrase of dara/);
  const wrong = await ask('dara', 'the passphrase of vanna');
  assert.equal(wrong.status, 1);
  assert.match(wrong.said, /not the passphrase of an officer/);
});

test('what makes no sense is refused and leaves the ring as it is', async () => {
  const before = ring();
  for (const [who, args, more, says] of [
    ['officer', ['add', 'dara'], { fresh: 'dara' }, /is an officer already/],
    ['officer', ['add', 'Dara'], { fresh: 'dara' }, /a name has small letters/],
    ['officer', ['passphrase', 'dara'], { fresh: 'dara-new' }, /not the passphrase of dara/],
    ['dara', ['add', 'vanna'], { secret: 'officer', fresh: 'vanna' }, /not the passphrase/],
    ['officer', ['remove', '--yes', 'vanna'], {}, /there is no officer vanna/],
    ['officer', ['frobnicate'], {}, /no command/],
  ]) {
    const { status, text } = await officer(who, args, more);
    assert.notEqual(status, 0);
    assert.match(text, says);
  }
  assert.equal(ring(), before);
});

test('a changed passphrase is the only one, and shares survive it', async () => {
  const shares = await as('dara', ['key', 'split', '--need', '2', '--shares', '2', path.join(home.dir, 'keys/team.ring')]);
  assert.equal(shares.status, 0, shares.text);
  const changed = await officer('dara', ['passphrase', '--cheap', 'dara'], { fresh: 'dara-new' });
  assert.equal(changed.status, 0, changed.text);
  assert.equal((await as('dara', ['inbox'])).status, 1);
  assert.equal((await as('dara', ['inbox'], { secret: 'dara-new' })).status, 0);
  assert.equal((await as('officer', ['inbox'])).status, 0);
  // shares give a new officer a passphrase
  const done = await new Promise((resolve) => {
    const child = execFile(path.join(build, 'tipline'),
      ['-c', home.conf, 'key', 'combine', '--cheap', path.join(home.dir, 'keys/team.ring')],
      { env: { ...process.env, TIPLINE_OFFICER: 'vanna', TIPLINE_NEW_PASSPHRASE_FILE: pass('vanna') } },
      (error, stdout, stderr) => resolve({ error, text: stdout + stderr }));
    child.stdin.end(shares.text);
  });
  assert.equal(done.error, null, done.text);
  assert.equal((await as('vanna', ['inbox'])).status, 0);
});

test('roles are given and shown with a passphrase, and an administrator opens nothing', async () => {
  const role = (name, what) => officer('officer', ['role', name, what]);
  assert.match((await role('dara', 'king')).text, /a role is officer, supervisor or administrator/);
  assert.match((await role('nobody', 'officer')).text, /there is no officer nobody/);
  assert.equal((await role('dara', 'administrator')).status, 0);
  const { text } = await officer('officer', ['list', '--roles']);
  assert.match(text, /^officer .* supervisor\ndara .* administrator\nvanna .* officer\n$/);
  assert.doesNotMatch((await officer('', ['list'])).text, /supervisor|administrator/);
  const inbox = await as('dara', ['inbox'], { secret: 'dara-new' });
  assert.equal(inbox.status, 1);
  assert.match(inbox.text, /an administrator opens no tips/);
  assert.doesNotMatch(inbox.text, /before they came/);
  // nor do commands that need the ring
  const added = await officer('dara', ['add', '--cheap', 'sok'], { secret: 'dara-new', fresh: 'vanna' });
  assert.equal(added.status, 1);
  assert.match(added.text, /an administrator has no key to \S+: it takes the passphrase of an officer or a supervisor\n/);
  assert.doesNotMatch(added.text, /chmod|0600/);
  assert.equal((await role('dara', 'officer')).status, 0);
  assert.equal((await as('dara', ['inbox'], { secret: 'dara-new' })).status, 0);
});

test('a ring that others may read is told as that', async () => {
  const file = path.join(home.dir, 'keys/team.ring');
  fs.chmodSync(file, 0o644);
  const { status, text } = await officer('officer', ['list', '--roles']);
  fs.chmodSync(file, 0o600);
  assert.equal(status, 1);
  assert.match(text, /team\.ring: others may read or change it; run chmod 600 on it\n/);
  assert.doesNotMatch(text, /administrator/);
});

test('who forgot a passphrase is taken out and comes in again', async () => {
  assert.equal((await officer('dara', ['passphrase', 'dara'], { secret: 'vanna', fresh: 'vanna' })).status, 1);
  // another officer can do both
  assert.equal((await officer('officer', ['remove', '--yes', 'dara'])).status, 0);
  assert.equal((await officer('officer', ['add', '--cheap', 'dara'], { fresh: 'dara-new' })).status, 0);
  assert.equal((await as('dara', ['inbox'], { secret: 'dara-new' })).status, 0);
});

test('a second factor is shown once, as a picture and an address', async () => {
  const { status, text } = await officer('officer', ['totp', 'dara']);
  assert.equal(status, 0, text);
  const [, address] = text.match(/^(otpauth:\/\/totp\/desk:dara\?secret=[A-Z2-7]{32}&issuer=desk&algorithm=SHA1&digits=6&period=30)$/m);
  const picture = text.split('\n').filter((line) => /[\u2580\u2584\u2588]/.test(line));
  assert.ok(picture.length >= 15 && picture.every((line) => [...line].length === [...picture[0]].length));
  const again = await officer('officer', ['totp', '--plain', 'dara']);
  assert.match(again.text, /^otpauth:.*\n$/);
  assert.notEqual(again.text.trim(), address);
  assert.ok(!ring().includes(address.match(/secret=(\w+)/)[1]));
});

test('who was removed opens nothing, and the last one stays', async () => {
  const before = epochs();
  const unsure = await officer('vanna', ['remove', 'dara']);
  assert.equal(unsure.status, 1);
  assert.match(unsure.text, /takes --yes/);
  const own = await officer('vanna', ['remove', '--yes', 'vanna']);
  assert.equal(own.status, 1);
  assert.match(own.text, /an officer who stays/);
  for (const name of ['officer', 'dara']) {
    const { status, text } = await officer('vanna', ['remove', '--yes', name]);
    assert.equal(status, 0, text);
    assert.equal((await as(name, ['inbox'], { secret: name === 'dara' ? 'dara-new' : name })).status, 1);
  }
  const last = await officer('', ['remove', '--yes', 'vanna'], { secret: 'vanna' });
  assert.equal(last.status, 1);
  assert.match(last.text, /the last officer/);
  // alone again: no name is needed
  assert.match((await as('', ['inbox', '--json'], { secret: 'vanna' })).text, /before they came/);
  assert.equal(epochs(), before);
});

test('a ring with a new key opens every tip for those who are left', async () => {
  const before = epochs();
  const added = await officer('vanna', ['add', '--cheap', '--role', 'supervisor', '--plain', 'dara'], { fresh: 'dara' });
  assert.match(added.text, /^otpauth:\/\/totp\/desk:dara\?/);
  assert.equal((await officer('vanna', ['add', '--cheap', 'sok'], { fresh: 'dara-new' })).status, 0);
  const gone = await officer('dara', ['remove', '--yes', '--rotate', 'sok']);
  assert.equal(gone.status, 0, gone.text);
  assert.match(gone.text, /new shares/);
  assert.notEqual(epochs(), before);
  for (const who of ['dara', 'vanna']) {
    assert.match((await as(who, ['inbox', '--json'])).text, /before they came/);
  }
  assert.match((await officer('dara', ['list', '--roles'])).text, /^vanna .* officer\ndara .* supervisor\n$/);
});
