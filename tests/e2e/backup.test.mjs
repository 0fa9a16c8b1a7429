// SPDX-License-Identifier: AGPL-3.0-or-later
// Backup while everything runs, loss of all of it, and restore: every tip is
// there once. And what a backup must not hold, and must not take for whole.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Home, until } from './lib/home.mjs';

const canary = 'canary-in-the-story';
let home;
let dir;
let sent = 0;
let first; // what the empty ledger was

before(async () => {
  home = await Home.start();
  dir = path.join(home.dir, 'backup');
  await home.inbox();
  [, first] = /^head {6}(0:\S+)$/m.exec((await tipline('ledger', 'verify')).out);
});
after(() => home?.stop());

async function send(n) {
  for (let i = 0; i < n; i++) {
    const answer = await home.form({ story: `${canary} number ${sent}` });
    assert.equal(answer.status, 200);
    sent++;
  }
}

/** The command's output, and what it ended with. */
const tipline = (...args) => home.tipline(...args).then(
  ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
  (error) => ({ code: error.code, out: error.stdout, err: error.stderr }));

const spool = () => home.spooled();

function files(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    (e.isDirectory() ? files(path.join(folder, e.name)) : [path.join(folder, e.name)]));
}

const stories = (tips) => tips.map((tip) => tip.text).sort();
const all = () => Array.from({ length: sent }, (_, i) => `${canary} number ${i}`).sort();

test('a backup holds what the desk has and what waits, beside running programs', async () => {
  await send(4);
  await home.inboxOf(4);
  await until('they are receipted', async () => (await spool()).records === 0);
  await home.kill('relay', 'SIGTERM');
  await send(3);
  const { code, out, err } = await tipline('backup', dir);
  assert.equal(code, 0, err);
  assert.match(out, /^ledger {4}4 records, head 4:[0-9a-f]{64}$/m);
  assert.match(out, /^spool {5}3 records/m);
  assert.equal((await spool()).records, 3);
});

test('the next backup goes on with the one before', async () => {
  await send(1);
  // planted by who may write there: a second name of what root would empty
  const precious = path.join(home.dir, 'precious');
  fs.writeFileSync(precious, 'it');
  fs.linkSync(precious, path.join(dir, 'spool.records.new'));
  const { code, out, err } = await tipline('backup', dir);
  assert.equal(code, 0, err);
  assert.match(out, /^spool {5}4 records/m);
  assert.ok(!fs.existsSync(path.join(dir, 'spool.records.new')));
  assert.equal(fs.readFileSync(precious, 'utf8'), 'it');
});

test('nothing in it is readable, and nobody else may look', () => {
  for (const file of files(dir)) {
    assert.ok(!fs.readFileSync(file).includes('canary'), file);
    assert.equal(fs.statSync(file).mode & 0o77, 0, file);
  }
  assert.equal(fs.statSync(dir).mode & 0o77, 0);
});

test('a ledger that grew is told from one that was cut or changed', async () => {
  const head = /^head {6}(\S+)$/m.exec((await tipline('ledger', 'verify')).out)[1];
  const then = await tipline('ledger', 'verify', '--was', head);
  assert.equal(then.code, 0);
  assert.match(then.out, /0 records were added to the 4 of then/);
  const other = `4:${'0'.repeat(64)}`;
  assert.match((await tipline('ledger', 'verify', '--was', other)).err, /its first records are others/);
  assert.match((await tipline('ledger', 'verify', '--was', `9:${'0'.repeat(64)}`)).err, /missing at its end/);
  assert.equal((await tipline('ledger', 'verify', '--was', 'x')).code, 2);
  // what an empty one printed
  assert.match((await tipline('ledger', 'verify', '--was', first)).out, /4 records were added to the 0 of then/);
});

test('one flipped bit in the ledger is named by file and byte', async () => {
  const file = path.join(home.dir, 'ledger/ledger-000001');
  const bytes = fs.readFileSync(file);
  const bad = Buffer.from(bytes);
  bad[200] ^= 1;
  fs.writeFileSync(file, bad);
  const { code, err } = await tipline('ledger', 'verify');
  fs.writeFileSync(file, bytes);
  assert.equal(code, 1);
  assert.match(err, /not whole: .*\(ledger-000001, byte 56\)/);
});

test('a damaged or shortened backup is not put back, not even in part', async () => {
  const file = path.join(dir, 'spool.records');
  const bytes = fs.readFileSync(file);
  const before = (await spool()).records;
  for (const bad of [bytes.subarray(0, bytes.length - 1), bytes.subarray(0, bytes.length - 54),
    Buffer.concat([bytes, Buffer.from('x')]), Buffer.from(bytes.map((b, i) => (i === 5000 ? b ^ 1 : b)))]) {
    fs.writeFileSync(file, bad);
    const { code, err } = await tipline('restore', '--from', dir);
    assert.equal(code, 1);
    assert.match(err, /spool\.records is not whole/);
  }
  fs.writeFileSync(file, bytes);
  assert.equal((await spool()).records, before);
});

test('a ledger that is there is not written over', async () => {
  const { code, err } = await tipline('restore', '--from', dir);
  assert.equal(code, 1);
  assert.match(err, /there is a ledger in .* already/);
});

test('another user is told that it is one, and not that there is a ledger', () => {
  if (process.getuid() !== 0) return; // nobody to be another
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-nobody-'));
  const conf = path.join(folder, 'desk.conf');
  fs.writeFileSync(conf, `[redis]\nsocket = /nonexistent\n\n[desk]\nledger = ${home.dir}/ledger
team_ring = no\nreceipt_key = no\nintake_keys = no\n`);
  fs.chmodSync(conf, 0o644);
  fs.chmodSync(folder, 0o755);
  const program = path.resolve(process.env.TIPLINE_BUILD ?? 'build', 'tipline');
  const run = (...args) => spawnSync(program, ['-c', conf, ...args], { encoding: 'utf8', uid: 65534, gid: 65534 }).stderr;
  try {
    const restored = run('restore', '--from', dir);
    assert.match(restored, /ledger: Permission denied\. Run this as root, or as whom the ledger belongs to/);
    assert.doesNotMatch(restored, /there is a ledger/);
    assert.match(run('backup', path.join(folder, 'b')), /cannot make the folder .*: Permission denied/);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('a ledger that finds no room is not put back, not even in part', async () => {
  const ledger = path.join(home.dir, 'ledger');
  const program = path.join(process.env.TIPLINE_BUILD ?? 'build', 'tipline');
  const put = (room) => spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f ${room}; exec "$@"`, 'sh',
    program, '-c', path.join(home.dir, 'tipline.conf'), 'restore', '--from', dir], { encoding: 'utf8' });
  fs.renameSync(ledger, path.join(home.dir, 'ledger-now'));
  try {
    for (let i = 0; i < 2; i++) { // the second time nothing is in its way
      const { status, stdout, stderr } = put(1);
      assert.equal(status, 1);
      assert.match(stderr, /ledger could not be copied to .*, and is not there/);
      assert.doesNotMatch(stdout, /^(ledger|cases)/m);
      assert.deepEqual(fs.readdirSync(ledger).filter((name) => name.startsWith('ledger-')), []);
    }
    const { status, stdout, stderr } = put('unlimited');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ledger {4}4 records put back$/m);
  } finally {
    fs.rmSync(ledger, { recursive: true, force: true });
    fs.renameSync(path.join(home.dir, 'ledger-now'), ledger);
  }
});

test('a restore that is ended halfway leaves nothing that is taken for the ledger', async () => {
  const ledger = path.join(home.dir, 'ledger');
  const program = path.join(process.env.TIPLINE_BUILD ?? 'build', 'tipline');
  const put = (room) => spawnSync('bash', ['-c', `ulimit -f ${room}; exec "$@"`, 'sh',
    program, '-c', path.join(home.dir, 'tipline.conf'), 'restore', '--from', dir], { encoding: 'utf8' });
  fs.renameSync(ledger, path.join(home.dir, 'ledger-now'));
  try {
    assert.equal(put(9).signal, 'SIGXFSZ'); // two of four tips were written
    assert.match((await tipline('ledger', 'verify')).out, /^records {3}0 tips$/m);
    const { status, stdout, stderr } = put('unlimited');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ledger {4}4 records put back$/m);
    assert.deepEqual(fs.readdirSync(ledger).sort(), ['ledger-000001', 'lock']);
    // what is left of another one, without its first file, stays
    fs.renameSync(path.join(ledger, 'ledger-000001'), path.join(ledger, 'ledger-000002'));
    assert.match(put('unlimited').stderr, /there is a ledger in .* already, and nothing was put there/);
    assert.deepEqual(fs.readdirSync(ledger).sort(), ['ledger-000002', 'lock']);
  } finally {
    fs.rmSync(ledger, { recursive: true, force: true });
    fs.renameSync(path.join(home.dir, 'ledger-now'), ledger);
  }
});

test('a backup that finds no room gives back what it took, and says what is the matter', () => {
  const folder = path.join(home.dir, 'no-room');
  const program = path.join(process.env.TIPLINE_BUILD ?? 'build', 'tipline');
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 9; exec "$@"`, 'sh',
    program, '-c', path.join(home.dir, 'tipline.conf'), 'backup', folder], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /the ledger could not be copied/);
  assert.match(stderr, /the spool could not be copied: there is no room in .*no-room\. A copy that was there stays/);
  assert.deepEqual(files(folder), []);
});

test('the folder that the ledger is in has no backup of it', async () => {
  const { code, out, err } = await tipline('backup', home.dir); // it is home.dir/ledger
  assert.equal(code, 1);
  assert.doesNotMatch(out, /^ledger/m);
  assert.match(err, /ledger is the ledger itself, and no copy of it: name another folder/);
  fs.rmSync(path.join(home.dir, 'spool.records'));
});

test('what is left of another ledger is not written behind', async () => {
  // as after a restore of the day before, and a day: this one is longer, and has other tips
  const lost = path.join(home.dir, 'lost/ledger');
  const bytes = fs.readFileSync(path.join(home.dir, 'ledger/ledger-000001')).subarray(0, 9000);
  bytes[3000] ^= 1;
  fs.mkdirSync(lost, { recursive: true });
  fs.writeFileSync(path.join(lost, 'ledger-000001'), bytes);
  const { code, err } = await tipline('backup', path.dirname(lost));
  assert.equal(code, 1);
  assert.match(err, /no earlier copy of this ledger\. Was an older one put back\?.* keep it/);
  assert.ok(fs.readFileSync(path.join(lost, 'ledger-000001')).equals(bytes));
});

test('spool, ledger and Redis lost: after a restore every tip is there once', async () => {
  await home.kill('intake', 'SIGTERM');
  await home.kill('spool');
  await home.kill('redis');
  for (const name of ['spool', 'ledger', 'redis/data']) {
    for (const file of files(path.join(home.dir, name))) fs.rmSync(file);
  }
  await home.run('redis');
  await home.run('spool');
  await until('the spool is there', () => spool().then(() => true, () => false));
  assert.equal((await spool()).records, 0);
  const { code, out, err } = await tipline('restore', '--from', dir);
  assert.equal(code, 0, err);
  assert.match(out, /^ledger {4}4 records put back$/m);
  assert.match(out, /^spool {5}4 records put back, 0 it had, 0 refused$/m);
  await home.run('relay');
  await home.inboxOf(sent);
  assert.deepEqual(stories(await home.inbox()), all());
  await until('they are receipted', async () => (await spool()).records === 0);
});

test('restored once more, what is known comes to nobody twice', async () => {
  fs.renameSync(path.join(home.dir, 'ledger'), path.join(home.dir, 'ledger-now'));
  assert.equal((await tipline('restore', '--from', dir)).code, 0);
  fs.rmSync(path.join(home.dir, 'ledger'), { recursive: true });
  fs.renameSync(path.join(home.dir, 'ledger-now'), path.join(home.dir, 'ledger'));
  await until('the old ones are receipted again', async () => {
    await home.inbox();
    return (await spool()).records === 0;
  });
  assert.deepEqual(stories(await home.inbox()), all());
});

test('what came since the backup comes again from Redis', async () => {
  const ledger = path.join(home.dir, 'ledger');
  const folder = path.join(home.dir, 'before');
  assert.equal((await tipline('backup', folder)).code, 0);
  await home.run('intake');
  await home.ready();
  await send(2);
  await home.inboxOf(sent);
  await until('they are receipted', async () => (await spool()).records === 0);
  fs.rmSync(ledger, { recursive: true });
  // as a console's configuration has it
  const conf = path.join(home.dir, 'no-admin.conf');
  fs.writeFileSync(conf, fs.readFileSync(home.conf, 'utf8').replace(/^admin_password_file.*$/m, ''));
  const program = path.join(process.env.TIPLINE_BUILD ?? 'build', 'tipline');
  const without = spawnSync(program, ['-c', conf, 'restore', '--from', folder], { encoding: 'utf8' });
  assert.match(without.stderr, /does not come again by itself: it takes redis\.admin_password_file\. See OPERATIONS\.md, Backup: XGROUP SETID/);
  assert.equal(without.status, 1, 'tips are missing');
  assert.notDeepEqual(stories(await home.inbox()), all());
  // as its help says: run it again, now with the password; the ledger is there
  const { out, err } = await tipline('restore', '--from', folder);
  assert.match(err, /there is a ledger/);
  assert.match(out, /^tips {6}all that Redis still has come again$/m);
  assert.deepEqual(stories(await home.inbox()), all());
});

/** The disk changes one byte of a record that the copy in dir has. */
async function flip(dir) {
  const copy = fs.readFileSync(path.join(dir, 'spool.records'));
  const inside = copy.subarray(16 + 22 + 200, 16 + 22 + 232); // of the first envelope
  await home.kill('spool', 'SIGTERM');
  const file = path.join(home.dir, 'spool/spool.db');
  const bytes = fs.readFileSync(file);
  const at = bytes.indexOf(inside);
  assert.ok(at > 0, 'it is in one piece');
  bytes[at + 7] ^= 1;
  fs.writeFileSync(file, bytes);
  await home.run('spool');
  await until('the spool is there', () => spool().then(() => true, () => false));
}

test('what the disk has changed takes no good copy away, and comes back from it', async () => {
  const folder = path.join(home.dir, 'changed');
  const kept = path.join(folder, 'spool.records.before');
  await home.kill('relay', 'SIGTERM');
  await send(3);
  assert.equal((await tipline('backup', folder)).code, 0);
  const good = fs.readFileSync(path.join(folder, 'spool.records'));
  await flip(folder);
  for (let night = 0; night < 2; night++) {
    const { code, out, err } = await tipline('backup', folder);
    assert.equal(code, 1);
    assert.match(out, /^spool {5}2 records that wait for a receipt$/m);
    assert.match(err, /1 more records that the spool has are not what came \(E506\), and not in the copy/);
    // one generation is enough for one damage
    assert.equal(/copy, which is kept as .*changed\/spool\.records\.before$/m.test(out), night === 0);
    assert.ok(fs.readFileSync(kept).equals(good));
    assert.ok(!fs.existsSync(`${kept}-2`));
  }
  // a second one keeps what has the others
  const second = fs.readFileSync(path.join(folder, 'spool.records'));
  await flip(folder);
  assert.match((await tipline('backup', folder)).out, /kept as .*spool\.records\.before-2$/m);
  assert.ok(fs.readFileSync(kept).equals(good));
  assert.ok(fs.readFileSync(`${kept}-2`).equals(second));
  const { out } = await tipline('restore', '--from', folder);
  assert.match(out, /^spool {5}2 records put back, 4 it had, 0 refused$/m);
  const { code, out: said, err } = await tipline('backup', folder);
  assert.equal(code, 0, err);
  assert.match(said, /^spool {5}3 records/m);
  assert.doesNotMatch(said, /kept as/);
  await home.run('relay');
  await home.inboxOf(sent);
  assert.deepEqual(stories(await home.inbox()), all());
});

test('a spool that was begun anew does not take the copy of the one before', async () => {
  const folder = path.join(home.dir, 'anew');
  await home.kill('relay', 'SIGTERM');
  await send(1);
  assert.equal((await tipline('backup', folder)).code, 0);
  await home.kill('spool');
  fs.rmSync(path.join(home.dir, 'spool'), { recursive: true });
  await home.run('spool');
  await until('the spool is there', () => spool().then(() => true, () => false));
  const { code, out } = await tipline('backup', folder);
  assert.equal(code, 0);
  assert.match(out, /^spool {5}0 records/m);
  assert.match(out, /begun anew since the last copy, which is kept as/);
  assert.match((await tipline('restore', '--from', folder)).out, /^spool {5}1 records put back, 0 it had/m);
  await home.run('relay');
  await home.inboxOf(sent);
});

/** What fn does while the desk has no ledger. */
async function withoutLedger(fn) {
  const ledger = path.join(home.dir, 'ledger');
  fs.renameSync(ledger, path.join(home.dir, 'ledger-now'));
  try {
    await fn(ledger);
  } finally {
    fs.rmSync(ledger, { recursive: true, force: true });
    fs.renameSync(path.join(home.dir, 'ledger-now'), ledger);
  }
}

test('a copy of the ledger that lost its end is not put back unless asked for, and never without a word', async () => {
  const folder = path.join(home.dir, 'cut');
  const copy = path.join(folder, 'ledger/ledger-000001');
  const note = path.join(folder, 'ledger.head');
  const take = async () => {
    const { code, out, err } = await tipline('backup', folder);
    assert.equal(code, 0, err);
    const [, n] = /^ledger {4}(\d+) records, head \1:[0-9a-f]{64}$/m.exec(out);
    return { n: Number(n), bytes: fs.readFileSync(copy), note: fs.readFileSync(note) };
  };
  const was = await take();
  assert.match(was.note.toString(), new RegExp(`^${was.n}:[0-9a-f]{64}\n$`));
  await send(2);
  await home.inboxOf(sent);
  const now = await take();
  assert.equal(now.n, was.n + 2);
  const restore = (...args) => tipline('restore', '--from', folder, ...args);
  const torn = now.bytes.subarray(0, now.bytes.length - 100);
  await withoutLedger(async (ledger) => {
    for (const [bytes, left] of [[torn, now.n - 1], [was.bytes, was.n], [null, 0]]) {
      fs.rmSync(copy, { force: true });
      if (bytes) fs.writeFileSync(copy, bytes);
      const { code, out, err } = await restore();
      assert.equal(code, 1);
      assert.match(err, new RegExp(`cut is cut short: ${left} of ${now.n} records are there`));
      assert.match(err, /nothing of the ledger was put back: .* --cut puts back what is there/);
      assert.doesNotMatch(out, /^(ledger|cases|tips)/m);
      assert.ok(!fs.existsSync(ledger));
    }
    // it is the only one
    fs.writeFileSync(copy, torn);
    const { code, out, err } = await restore('--cut');
    assert.equal(code, 1);
    assert.match(err, /is cut short/);
    assert.doesNotMatch(err, /nothing of the ledger/);
    assert.match(out, new RegExp(`^ledger {4}${now.n - 1} records put back$`, 'm'));
    assert.match(out, /^cases/m);
  });
  await withoutLedger(async () => { // the backup before had an end, the last one none
    fs.writeFileSync(note, was.note);
    const { code, out, err } = await restore();
    assert.equal(code, 1);
    assert.match(err, /last copy of the ledger to .*cut was cut short: .* and all of the copy before/);
    assert.match(out, new RegExp(`^ledger {4}${now.n - 1} records put back$`, 'm'));
  });
  for (const other of [`${was.n}:${'0'.repeat(64)}\n`, 'x\n', `${now.n}:`]) {
    await withoutLedger(async (ledger) => { // of another ledger, or nothing
      fs.writeFileSync(note, other);
      const { code, err } = await restore();
      assert.equal(code, 1);
      assert.match(err, /is not the one that ledger\.head tells of/);
      assert.ok(!fs.existsSync(ledger));
    });
  }
  fs.rmSync(note);
  await withoutLedger(async (ledger) => { // as older versions made it
    assert.match((await restore()).err, new RegExp(`is cut short: ${now.n - 1} records are there, and \\d+ bytes of one more`));
    assert.ok(!fs.existsSync(ledger));
    fs.writeFileSync(copy, now.bytes);
    const { code, out, err } = await restore();
    assert.equal(code, 0, err);
    assert.match(out, /^ledger {4}.*cut has no ledger\.head, so nothing there tells/m);
    assert.match(out, new RegExp(`^ledger {4}${now.n} records put back$`, 'm'));
  });
  fs.writeFileSync(copy, torn);
  assert.ok((await take()).bytes.equals(now.bytes), 'the next backup mends it');
  assert.deepEqual(stories(await home.inbox()), all());
});

test('a ledger that is not there is said, and an error where it was copied once', async () => {
  await withoutLedger(async () => {
    const once = await tipline('backup', path.join(home.dir, 'never'));
    assert.equal(once.code, 0, once.err);
    assert.match(once.out, /^ledger {4}there is none yet in .*ledger$/m);
    const gone = await tipline('backup', path.join(home.dir, 'cut'));
    assert.equal(gone.code, 1);
    assert.match(gone.err, /there is no ledger in .*ledger, and .*cut\/ledger is a copy of one/);
    assert.match(gone.out, /^spool/m);
  });
});

test('a configuration without a part of this host is refused, and the desk\'s is named', () => {
  const folder = path.join(home.dir, 'console');
  const conf = path.join(folder, 'tipline.conf');
  fs.mkdirSync(folder);
  fs.writeFileSync(conf, '[redis]\nsocket = /run/tipline-redis/redis.sock\n');
  const program = path.join(process.env.TIPLINE_BUILD ?? 'build', 'tipline');
  const run = (...args) => spawnSync(program, ['-c', conf, ...args], { encoding: 'utf8' });
  const copy = path.join(folder, 'copy');
  for (const [what, ...args] of [['back up', 'backup', copy], ['restore', 'restore'],
    ['restore', 'restore', '--from', '/nonexistent'], ['report', 'status']]) {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 1, args.join(' '));
    assert.equal(stdout, '');
    assert.ok(stderr.includes(`nothing to ${what}. Name the configuration that has with -c FILE`), stderr);
  }
  assert.ok(!fs.existsSync(copy));
  fs.writeFileSync(path.join(folder, 'desk.conf'), '');
  assert.ok(run('backup', copy).stderr.includes(`The desk's is ${folder}/desk.conf: give that with -c`));
});

test('in the journal what a backup did is a notice, and no error', () => {
  const file = path.join(home.dir, 'journal');
  const fd = fs.openSync(file, 'w');
  const { dev, ino } = fs.fstatSync(fd);
  const program = path.join(process.env.TIPLINE_BUILD ?? 'build', 'tipline');
  const { status } = spawnSync(program, ['-c', home.conf, 'backup', path.join(home.dir, 'backup-2')],
    { stdio: ['ignore', fd, 'inherit'], env: { ...process.env, JOURNAL_STREAM: `${dev}:${ino}` } });
  assert.equal(status, 0);
  const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
  assert.deepEqual(lines.map((line) => line.slice(0, 8)), ['<5>ledge', '<5>spool']);
});
