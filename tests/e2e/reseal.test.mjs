// SPDX-License-Identifier: AGPL-3.0-or-later
// Tips are sealed again to a newer epoch, and outlive the one they came under;
// what was not goes with it; so does what officers wrote. Destroying asks twice, at a real terminal.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Desk } from './lib/desk.mjs';
import { build, Home } from './lib/home.mjs';
import { destroyAtTerminal } from './lib/terminal.mjs';

const run = promisify(execFile);

let home;
const key = (...args) => home.tipline('key', ...args)
  .then(({ stdout, stderr }) => ({ status: 0, text: stdout + stderr }),
    (error) => ({ status: error.code, text: error.stdout + error.stderr }));
const named = (tips, text) => tips.find((tip) => tip.text === text);

/** What an officer wrote on the first of them. */
async function write() {
  process.env.TIPLINE_OFFICER = 'officer'; // there are two now
  await Desk.add(home, 'sok');
  await home.desk();
  const desk = await Desk.login(home, { name: 'sok' });
  const { id } = await desk.row((row) => row.state === 'NEW', 'view=open&q=to+be+kept');
  await desk.take(id);
  assert.equal((await desk.post(`/api/tips/${id}/entries`, { kind: 'consent', agreed: false, text: 'not to police' })).status, 200);
  assert.equal((await desk.do(id, { event: 'RELEASE' })).status, 200);
  await home.kill('desk', 'SIGTERM');
}

/** Three tips at a desk whose first epoch is over when they are there; false:
 * it was over before they came. The second one goes on for ever. */
async function underFirstEpoch(epoch_s) {
  home = await Home.start({ processes: ['redis', 'spool', 'relay'] });
  const team = path.join(home.dir, 'team');
  await run(path.join(build, 'tipline'), ['key', 'new', '--cheap', '--epoch', `${epoch_s}s`, '--epochs', '2', team], {
    env: { ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass') },
  });
  fs.writeFileSync(home.conf, fs.readFileSync(home.conf, 'utf8')
    .replace('team_keys = keys/team.list', 'team_keys = team/team.list')
    .replace('team_identities = keys/identity.pub', 'team_identities = team/identity.pub')
    .replace('team_ring = keys/team.ring', 'team_ring = team/team.ring')
    .replace('[intake]', '[intake]\nworkers = 1'));
  await home.run('intake');
  await home.ready();
  for (const story of ['to be kept', 'to be let go', 'also kept']) assert.equal((await home.form({ story })).status, 200);
  const [, second] = fs.readFileSync(path.join(team, 'team.list'), 'utf8').matchAll(/^epoch (\d+) /gm);
  await write();
  if (Date.now() >= second[1] * 1000) return false;
  await home.inboxOf(3);
  await sleep(Math.max(0, second[1] * 1000 + 1000 - Date.now()));
  return true;
}

before(async () => {
  for (let epoch_s = 12; !await underFirstEpoch(epoch_s); epoch_s *= 3) await home.stop();
});
after(() => home?.stop());

test('a tip that was named is sealed again, and shown once', async () => {
  const before = await home.inbox();
  const kept = named(before, 'to be kept');
  // it was claimed, opened, written on, and released
  assert.match((await key('destroy', '--keep-days', '0', '--show')).text, /^1 epochs, 3 tips of the ledger, 4 entries of cases\. By /m);
  for (const [args, says] of [
    [['reseal'], /Usage/], [['reseal', '--all', kept.id], /Usage/], [['reseal', 'abc'], /no id of a tip/],
    [['reseal', '0'.repeat(32)], /not in the ledger/], [['reseal', '--to', '/none', '--all'], /cannot use the list/],
  ]) {
    const { status, text } = await key(...args);
    assert.notEqual(status, 0, args.join(' '));
    assert.match(text, says);
  }
  const sealed = await key('reseal', kept.id);
  assert.equal(sealed.status, 0, sealed.text);
  assert.match(sealed.text, /^1 tips were sealed again.*\nSo was what was written on their cases: 4 entries\.$/m);
  // once is enough
  assert.match((await key('reseal', kept.id)).text, /^0 tips were sealed again/);
  assert.deepEqual(await home.inbox(), before);
  assert.match((await key('destroy', '--keep-days', '0', '--show')).text, /^1 epochs, 2 tips of the ledger\. By /m);
});

test('it can be sealed to another team as well, which opens it', async () => {
  const kept = named(await home.inbox(), 'also kept');
  const other = path.join(home.dir, 'keys/team.list');
  const sealed = await key('reseal', '--to', other, '--to', path.join(home.dir, 'team/team.list'), kept.id);
  assert.equal(sealed.status, 0, sealed.text);
  const conf = path.join(home.dir, 'other.conf');
  fs.writeFileSync(conf, fs.readFileSync(home.conf, 'utf8').replace('team_ring = team/', 'team_ring = keys/')
    .replace('ledger = ledger', 'ledger = ledger-copy'));
  fs.cpSync(path.join(home.dir, 'ledger'), path.join(home.dir, 'ledger-copy'), { recursive: true });
  const { stdout } = await run(path.join(build, 'tipline'), ['-c', conf, 'inbox', '--json'], {
    env: { ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass') },
  });
  const theirs = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(theirs.length, 3);
  assert.equal(named(theirs, 'also kept').signed_by_us, true);
  assert.equal(theirs.filter((tip) => tip.fault === 'stranger').length, 2);
});

test('destroying asks twice at a terminal, and a wrong answer leaves everything', async () => {
  const ask = (...answers) => destroyAtTerminal(home, ...answers);
  const ring = () => fs.readFileSync(path.join(home.dir, 'team/team.ring'), 'utf8');
  const before = ring();
  for (const answers of [['destroy'], ['yes'], ['DESTROY', '3'], ['DESTROY', '']]) {
    const { status, said } = await ask(...answers);
    assert.equal(status, 1, said);
    assert.match(said, /Nothing was destroyed/);
    assert.equal(ring(), before);
  }
  const { status, said } = await ask('DESTROY', '1');
  assert.equal(status, 0, said);
  assert.match(said, /1 epochs, 1 tips of the ledger\. By this computer's clock it is \d{4}-/);
  assert.match(said, /Type the word DESTROY[\s\S]*Once more/);
  assert.notEqual(ring(), before);
});

test('what was sealed again is still there, signed by our intake; the rest is gone', async () => {
  const tips = await home.inbox();
  assert.equal(tips.length, 3);
  for (const text of ['to be kept', 'also kept']) {
    assert.ok(named(tips, text), text);
    assert.equal(named(tips, text).signed_by_us, true);
  }
  assert.equal(tips.filter((tip) => tip.fault === 'destroyed').length, 1);
  // nothing can be done for it any more, and that is said
  const late = await key('reseal', '--all');
  assert.equal(late.status, 1);
  assert.match(late.text, /^0 tips were sealed again[\s\S]*1 could not be/);
  const { stdout } = await home.tipline('ledger', 'verify');
  assert.match(stdout, /^records +6 sealed again$/m);
});

test('who wrote it can still be answered, and nobody else is', async () => {
  const { id } = named(await home.inbox(), 'to be kept');
  const lost = (await home.inbox()).find((tip) => tip.fault === 'destroyed').id;
  const { stdout } = await home.tipline('reply', id, '--status', 'question');
  assert.match(stdout, /^1 in the queue$/m);
  await assert.rejects(home.tipline('reply', lost, '--status', 'question'));
  // and at the console
  await home.desk();
  const desk = await Desk.login(home, { name: 'sok' });
  await desk.row((r) => r.id === id && r.version >= 4);
  await desk.opened(); // a case may be known before its tip is open
  const row = await desk.row((r) => r.id === id);
  assert.equal(row.signed, true);
  await desk.take(id);
  const { entries } = (await desk.get(`/api/tips/${id}`)).body;
  assert.deepEqual(entries.filter(({ kind }) => kind === 'consent').map(({ agreed, text }) => [agreed, text]), [[false, 'not to police']]);
  assert.deepEqual(entries.filter((entry) => entry.sealed || entry.forged), []);
  const sent = await desk.post(`/api/tips/${id}/reply`, { status: 2, text: '' });
  assert.equal(sent.status, 200, JSON.stringify(sent.body));
  await home.kill('desk', 'SIGTERM');
});

test('what another key has signed is not shown as ours', async () => {
  // the desk gets another receipt key: what it sealed before is not proved
  await run(path.join(build, 'tipline'), ['keygen', '--cheap', path.join(home.dir, 'others')], {
    env: { ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass') },
  });
  const conf = fs.readFileSync(home.conf, 'utf8');
  fs.writeFileSync(home.conf, conf.replace('receipt_key = keys/', 'receipt_key = others/'));
  const tips = await home.inbox();
  fs.writeFileSync(home.conf, conf);
  assert.equal(named(tips, 'to be kept').signed_by_us, false);
});
