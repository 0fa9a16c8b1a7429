// SPDX-License-Identifier: AGPL-3.0-or-later
// Keys of two teams that change every few seconds, under load: nothing is
// lost, each tip is opened by the epoch that it was sealed to, and a destroyed
// epoch is shown as what it is. Lists that are older, or not the team's, are
// refused.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sweepClocks } from '../lib/clocks.mjs';
import { build, Home, receiptOf, until } from './lib/home.mjs';
import { destroyAtTerminal } from './lib/terminal.mjs';

const run = promisify(execFile);
const EPOCH_S = 3;
const EPOCHS = 6; // of which some are still to come when the intake is there

let home;
let first; // north's list number 1
const team = (name) => path.join(home.dir, name);
const file = (name, what) => path.join(home.dir, name, what);

/** tipline key ...: {status, text}. */
async function key(...args) {
  const env = {
    ...process.env,
    TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass'),
    TIPLINE_NEW_PASSPHRASE_FILE: path.join(home.dir, 'new.pass'),
  };
  return run(path.join(build, 'tipline'), ['-c', home.conf, 'key', ...args], { env })
    .then(({ stdout, stderr }) => ({ status: 0, text: stdout + stderr }),
      (error) => ({ status: error.code, text: error.stdout + error.stderr }));
}

const reload = async (event) => {
  const seen = home.log('intake').split(event).length;
  home.procs.intake.kill('SIGHUP');
  await until(`${event} is logged`, () => home.log('intake').split(event).length > seen);
};

before(async () => {
  home = await Home.start({ processes: ['redis', 'spool', 'relay'] });
  fs.writeFileSync(path.join(home.dir, 'new.pass'), 'another long passphrase\n', { mode: 0o600 });
  for (const name of ['north', 'south']) {
    const made = await key('new', '--cheap', '--epoch', `${EPOCH_S}s`, '--epochs', String(EPOCHS), team(name));
    assert.equal(made.status, 0, made.text);
  }
  fs.writeFileSync(home.conf, fs.readFileSync(home.conf, 'utf8')
    .replace('team_keys = keys/team.list', 'team_keys = north/team.list south/team.list')
    .replace('team_identities = keys/identity.pub', 'team_identities = north/identity.pub south/identity.pub')
    .replace('team_ring = keys/team.ring', 'team_ring = north/team.ring')
    .replace('[intake]', '[intake]\nworkers = 2'));
  await home.run('intake');
  await home.ready();
});
after(() => home?.stop());

test('epochs change under load, past the end of the list, and nothing is lost', async () => {
  const sent = [];
  const end = Date.now() + EPOCHS * EPOCH_S * 1000;
  const one = async (n) => {
    for (let i = 0; Date.now() < end; i++) {
      const story = `tip ${n}-${i}`;
      const { body } = await home.form({ story });
      assert.ok(receiptOf(body), story);
      sent.push(story);
      await sleep(100);
    }
  };
  await Promise.all([0, 1, 2, 3].map(one));
  const tips = await home.inboxOf(sent.length);
  assert.deepEqual(tips.map((tip) => tip.text).sort(), sent.sort());
  assert.ok(tips.every((tip) => tip.signed_by_us));
  assert.match(home.log('intake'), /E111/);
  await until('the end is said', async () => /E113/.test(home.log('intake')) && await home.metric('team_list_days_left') < 0);
});

test('the other team reads the same tips with its own ring', async () => {
  const before = await home.inbox();
  const conf = fs.readFileSync(home.conf, 'utf8');
  fs.writeFileSync(home.conf, conf.replace('team_ring = north/', 'team_ring = south/'));
  const theirs = await home.inbox();
  fs.writeFileSync(home.conf, conf);
  assert.deepEqual(theirs.map((tip) => tip.text).sort(), before.map((tip) => tip.text).sort());
});

test('show needs no passphrase, tells the end, and both sides see one fingerprint', async () => {
  const folder = await key('show', '--all', team('north'));
  const list = await key('show', file('north', 'team.list'));
  assert.equal(folder.status, 1);
  assert.match(folder.text, /NOT OK: the list has ended/);
  assert.match(folder.text, new RegExp(`${EPOCHS} epochs have their key, 0 are destroyed`));
  const print = /^team {4}((?:\d{5} ?){8})\n {8}((?:[a-z]{5} ?){8})$/m;
  assert.equal(print.exec(folder.text)[0], print.exec(list.text)[0]);
  assert.notEqual(print.exec(folder.text)[0], print.exec((await key('show', team('south'))).text)[0]);
});

test('a longer list is taken at a reload; an older one, or a stranger\'s, is not', async () => {
  const old = fs.readFileSync(file('north', 'team.list'));
  first = old;
  // the identity lies elsewhere, as it should
  fs.renameSync(file('north', 'identity.key'), path.join(home.dir, 'offline'));
  const without = await key('extend', team('north'));
  assert.equal(without.status, 1);
  assert.match(without.text, /identity\.key is not there.*: name it with --identity FILE/);
  assert.doesNotMatch(without.text, /keygen/);
  const extended = await key('extend', '--epochs', '5', '--identity', path.join(home.dir, 'offline'), team('north'));
  assert.equal(extended.status, 0, extended.text);
  assert.match(extended.text, /list number 2/);
  const workers = home.childrenOf('intake');
  await reload('E105');
  // a connection that was kept open is answered by them, with the list of before
  await until('the workers with list number 1 have gone', () => !workers.some((pid) => fs.existsSync(`/proc/${pid}`)), 60000);
  assert.equal((await key('show', team('north'))).status, 0);
  const fresh = fs.readFileSync(file('north', 'team.list'));
  fs.writeFileSync(file('north', 'team.list'), old);
  await reload('E106');
  assert.match(home.log('intake'), /is list number 1 of its team, and number 2 is in force/);
  // somebody changes a key and mends the check line, but cannot sign
  const other = await key('new', '--cheap', path.join(home.dir, 'stranger'));
  assert.equal(other.status, 0, other.text);
  fs.copyFileSync(path.join(home.dir, 'stranger/team.list'), file('north', 'team.list'));
  await reload('E106');
  assert.match(home.log('intake'), /is signed by none of intake.team_identities/);
  fs.writeFileSync(file('north', 'team.list'), fresh);
  assert.ok(receiptOf((await home.form({ story: 'after all of that' })).body));
  await until('it is read', async () => (await home.inbox()).some((tip) => tip.text === 'after all of that'));
});

test('an older list that was put back before a restart is told of, and tips go on', async () => {
  const fresh = fs.readFileSync(file('north', 'team.list'));
  await home.kill('intake', 'SIGTERM');
  fs.writeFileSync(file('north', 'team.list'), first);
  home.logs.intake.length = 0;
  await home.run('intake');
  await home.ready();
  await until('it is said', () => /E115 team 1: list number 2 was in force/.test(home.log('intake')));
  assert.ok(receiptOf((await home.form({ story: 'under the older list' })).body));
  await until('it is read', async () => (await home.inbox()).some((tip) => tip.text === 'under the older list'));
  await home.kill('intake', 'SIGTERM');
  fs.writeFileSync(file('north', 'team.list'), fresh);
  home.logs.intake.length = 0;
  await home.run('intake');
  await home.ready();
  assert.doesNotMatch(home.log('intake'), /E115/);
});

test('an intake does not start on a list that no pinned identity signed', async () => {
  const conf = path.join(home.dir, 'other.conf');
  fs.writeFileSync(conf, fs.readFileSync(home.conf, 'utf8')
    .replace('north/identity.pub south/identity.pub', 'south/identity.pub stranger/identity.pub'));
  const { code, stderr } = await run(path.join(build, 'tipline-intake'), ['-c', conf]).catch((error) => error);
  assert.equal(code, 1);
  assert.match(stderr, /north\/team\.list is signed by none of intake\.team_identities/);
  const check = await run(path.join(build, 'tipline'), ['-c', conf, 'check', 'intake']).catch((error) => error);
  assert.equal(check.code, 1);
  assert.match(check.stderr, /north\/team\.list is signed by none/);
  const right = await run(path.join(build, 'tipline'), ['-c', home.conf, 'check', 'intake']);
  assert.match(right.stdout, /team 1: list number 2, 34 days left/);
  const status = await run(path.join(build, 'tipline'), ['-c', home.conf, 'status']).catch((error) => error);
  assert.match(status.stdout, /^teams +NOT OK .*ended/m); // south's was not extended
});

test('a changed passphrase opens, the old one does not', async () => {
  const changed = await key('passphrase', '--cheap', file('south', 'team.ring'));
  assert.equal(changed.status, 0, changed.text);
  const again = await key('extend', team('south'));
  assert.equal(again.status, 1);
  assert.match(again.text, /not the passphrase/);
});

test('three of five shares stand in for the passphrase; a wrong one is named', async () => {
  const combine = (shares, target) => new Promise((resolve) => {
    const child = execFile(path.join(build, 'tipline'), ['key', 'combine', '--cheap', target], {
      env: { ...process.env, TIPLINE_NEW_PASSPHRASE_FILE: path.join(home.dir, 'new.pass') },
    }, (error, stdout, stderr) => resolve({ status: error?.code ?? 0, text: stdout + stderr }));
    child.stdin.end(`${shares.join('\n')}\n`);
  });
  const split = async (what) => (await key('split', what)).text.trim().split('\n');
  const shares = await split(path.join(home.dir, 'offline'));
  assert.equal(shares.length, 5);
  const target = path.join(home.dir, 'combined');
  assert.match((await combine(shares.slice(0, 2), target)).text, /2 shares are here, 3 are needed/);
  const others = await split(path.join(home.dir, 'offline'));
  assert.match((await combine([shares[0], shares[1], others[2]], target)).text, /line 3, share number 3, is of another set/);
  const slip = shares[1].replace(/need 3 (.)/, (all, c) => `need 3 ${c === '0' ? '1' : '0'}`);
  assert.match((await combine([shares[0], slip, shares[2]], target)).text, /line 2 is a share with a slip/);
  const made = await combine([shares[4], shares[1], shares[2]], target);
  assert.equal(made.status, 0, made.text);
  const publicKey = (name) => fs.readFileSync(name, 'utf8').split('\n')[1];
  assert.equal(publicKey(target), publicKey(path.join(home.dir, 'offline')));
  const ring = path.join(home.dir, 'ring-copy');
  fs.copyFileSync(file('north', 'team.ring'), ring);
  fs.chmodSync(ring, 0o600);
  const ringShares = await split(ring);
  assert.match((await combine(ringShares.slice(1, 4), file('stranger', 'team.ring'))).text, /another ring/);
  assert.equal((await combine(ringShares.slice(1, 4), ring)).status, 0);
});

test('a destroyed epoch is shown plainly, and nobody opens it', async () => {
  const before = await home.inbox();
  const newest = before.filter((tip) => tip.text === 'after all of that'); // alone is sealed to list number 2
  assert.equal(newest.length, 1);
  const asked = await key('destroy', '--keep-days', '0');
  assert.equal(asked.status, 1, asked.text);
  assert.match(asked.text, /nobody is there to be asked/);
  const shown = await key('destroy', '--keep-days', '0', '--show');
  const [, epochs, tips_of_them] = /(\d+) epochs, (\d+) tips of the ledger/.exec(shown.text);
  assert.equal(Number(epochs), EPOCHS);
  const n = Number(tips_of_them);
  assert.equal(n, before.length - newest.length, shown.text);
  // by a clock that is ahead all would go, the newest tip too: no script does that
  const ring = fs.readFileSync(file('north', 'team.ring'));
  const ahead = spawnSync('faketime', ['-f', '+400d', path.join(build, 'tipline'), '-c', home.conf, 'key', 'destroy', '--without-asking'], { encoding: 'utf8' });
  sweepClocks();
  assert.equal(ahead.status, 1, ahead.stdout + ahead.stderr);
  assert.match(ahead.stderr, /the newest tip of the ledger is among them.*Is the clock right/);
  assert.ok(fs.readFileSync(file('north', 'team.ring')).equals(ring));
  // one came under the older list when others had the new one: no script does that either
  const used = await key('destroy', '--keep-days', '0', '--without-asking');
  assert.equal(used.status, 1, used.text);
  assert.match(used.text, /still sealed to the epoch that was over on .* an intake has an older team\.list/);
  assert.ok(fs.readFileSync(file('north', 'team.ring')).equals(ring));
  const done = await destroyAtTerminal(home, 'DESTROY', String(n));
  assert.equal(done.status, 0, done.said);
  assert.match(done.said, /still sealed to the epoch/);
  const tips = await home.inbox();
  assert.equal(tips.length, before.length);
  const gone = tips.filter((tip) => tip.fault === 'destroyed');
  assert.equal(gone.length, n);
  assert.deepEqual(tips.filter((tip) => !gone.includes(tip)).map((tip) => tip.text), newest.map((tip) => tip.text));
  assert.ok(gone.every((tip) => /destroyed; nobody can open it/.test(tip.quarantine) && tip.text === undefined));
  const { stdout } = await home.tipline('inbox');
  assert.equal(stdout.split('the key of its epoch was destroyed').length - 1, n);
  assert.match((await key('destroy', '--keep-days', '0')).text, /No epoch has been over/);
});
