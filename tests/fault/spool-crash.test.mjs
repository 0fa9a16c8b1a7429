// SPDX-License-Identifier: AGPL-3.0-or-later
// tipline-spool killed at each system call of a small load, and with each
// write and sync failing once. Promised = found: every record that was
// answered KEPT is there afterwards with its exact bytes, as is mail for a
// reporter; what was dropped stays away; and the next run goes on. A build that answers before the commit is caught.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sodium from 'libsodium-wrappers-sumo';
import { build, root } from '../e2e/lib/home.mjs';
import { deskKeys, Door, FORGOTTEN, frame, KEPT, LENT, PUT, receipt, STATS, STATS_WANT, TAKE, u32 } from './lib/say_frames.mjs';

await sodium.ready;

const REFUSED = 3, MAIL = 37, MAIL_KEPT = 38, MAIL_ASK = 42, MAIL_BOX = 43, MAIL_DROP = 44, MAIL_DROPPED = 45;
const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' }; // it does not work under strace
const AT_ONCE = 3; // runs beside each other: most of their time is waiting
const SECONDS = 100; // for all enumerations together
const PATIENCE_MS = 60000; // with a program that does nothing any more

const desk = deskKeys();
const H = (n, bytes) => Buffer.from(sodium.crypto_generichash(n, bytes));
const top = fs.mkdtempSync(path.join(os.tmpdir(), 'spool-crash-'));
after(() => fs.rmSync(top, { recursive: true, force: true }));

// ---- frames ----------------------------------------------------------------

/** Record number n: its id and bytes follow from it. */
const record = (n) => ({ id: H(16, Buffer.from(`id ${n}`)), sealed: Buffer.alloc(4200 + n, `record ${n};`) });

const put = (req, numbers) => frame(PUT, Buffer.concat([
  u32(req), Buffer.from([numbers.length]),
  ...numbers.flatMap((n) => {
    const { id, sealed } = record(n);
    return [id, Buffer.from([0, n % 4 === 0 ? 1 : 0, 0]), u32(sealed.length), sealed];
  }),
]));

const receiptOf = (n) => {
  const { id, sealed } = record(n);
  return receipt(desk.secret, id, sealed);
};

const mailbox = (n) => H(16, Buffer.from(`mailbox ${n}`));

/** Reply number n, to the mailbox of that number. */
function mail(n) {
  const head = Buffer.concat([Buffer.from('tipmail\x01\x01\0\0\0'), mailbox(n), H(16, Buffer.from(`mail ${n}`)),
    u32(Math.floor(Date.now() / 86400000) + 30), Buffer.alloc(24 + 2064, n)]);
  const signed = Buffer.concat([Buffer.from('tipline mail v1\0'), H(32, head)]);
  return frame(MAIL, Buffer.concat([head, Buffer.from(sodium.crypto_sign_detached(signed, desk.secret))]));
}

// ---- one run ---------------------------------------------------------------

let homes = 0;

function newHome() {
  const dir = path.join(top, String(homes++));
  fs.mkdirSync(dir);
  fs.writeFileSync(path.join(dir, 'receipt.pub'), desk.publicFile, { mode: 0o644 });
  fs.writeFileSync(path.join(dir, 'tipline.conf'), [
    '[spool]', 'path = spool', 'intake_socket = intake', 'relay_socket = relay',
    'admin_socket = admin', 'receipt_keys = receipt.pub', 'min_free = 16MiB', 'low_free = 16MiB', '',
  ].join('\n'));
  return dir;
}

/**
 * Start program in dir, under strace if there is something to inject. A call
 * that fails by injection reaches the kernel as number -1, which the filter of
 * the sandbox cannot know: with one the filter is left out.
 */
function start(program, dir, inject) {
  const args = ['-c', path.join(dir, 'tipline.conf')];
  const child = inject
    ? spawn('strace', ['-f', '-qq', '-o', path.join(dir, 'strace'), '-e', `trace=${inject.call}`,
      '-e', `inject=${inject.call}:${inject.what}:when=${inject.when}`, program, ...args],
    { stdio: 'ignore', env: { ...env, TIPLINE_SANDBOX: 'relaxed' } })
    : spawn(program, args, { stdio: 'ignore', env });
  child.ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  child.isUp = () => child.exitCode === null && child.signalCode === null;
  return child;
}

/**
 * The load: single records, batches, three batches at once, receipts; a short
 * wait in which the log is emptied; an orderly end. What was answered goes
 * into told, whatever happens to the program meanwhile.
 */
async function load(child, dir, told) {
  const worker = await Door.open(path.join(dir, 'intake'), PATIENCE_MS, child.isUp);
  const relay = worker && await Door.open(path.join(dir, 'relay'), PATIENCE_MS, child.isUp);
  const hear = async (batches) => {
    for (const numbers of batches) {
      const answer = await worker.next();
      if (answer === null) return false;
      if (answer.type === KEPT) numbers.forEach((n) => told.kept.add(n));
      else assert.equal(answer.type, REFUSED);
    }
    return true;
  };
  const send = (batches) => {
    worker.say(Buffer.concat(batches.map((numbers, i) => put(i, numbers))));
    return hear(batches);
  };
  const forget = async (n) => {
    told.asked.add(n);
    relay.say(receiptOf(n));
    const answer = await relay.next();
    if (answer?.body[16] === 0) told.forgotten.add(n);
    return answer !== null;
  };
  const keepMail = async (n) => {
    relay.say(mail(n));
    const answer = await relay.next();
    if (answer?.type === MAIL_KEPT && answer.body[0] === 0) told.mail.add(n);
    return answer !== null;
  };
  const dropMail = async (n) => {
    told.toDrop.add(n);
    worker.say(frame(MAIL_DROP, Buffer.concat([u32(n), mailbox(n)])));
    const answer = await worker.next();
    if (answer?.type === MAIL_DROPPED) told.dropped.add(n);
    return answer !== null;
  };
  if (relay) {
    await send([[0]]) && await send([[1], [2], [3]]) && await forget(1)
      && await send([[4, 5, 6], [7, 8, 9], [10, 11, 12]]) && await forget(5)
      && await keepMail(1) && await keepMail(2) && await dropMail(2)
      && await sleep(130, true) && await send([[13]]) && await send([[14, 15, 16]]);
  }
  // under strace to the program, which may be gone, never to strace
  const pids = child.spawnfile === 'strace' ? childPids(child.pid) : [child.pid];
  pids.forEach((pid) => { try { process.kill(pid, 'SIGTERM'); } catch { /* gone */ } });
  worker?.close();
  relay?.close();
}

function childPids(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

const newTold = () => ({
  kept: new Set(), forgotten: new Set(), asked: new Set(), mail: new Set(), toDrop: new Set(), dropped: new Set() });

/** The mail that was promised is there, and what was dropped is not, even when
 * the relay has carried it here once more. */
async function lookAtMail(worker, relay, told) {
  let lost = 0;
  for (const n of [1, 2]) {
    if (told.mail.has(n)) {
      relay.say(mail(n));
      const { type, body } = await relay.next();
      assert.deepEqual([type, body[0]], [MAIL_KEPT, 1], `mail ${n} is not known any more`);
    }
    worker.say(frame(MAIL_ASK, Buffer.concat([u32(n), mailbox(n)])));
    const { type, body } = await worker.next();
    assert.equal(type, MAIL_BOX);
    if (told.dropped.has(n)) assert.equal(body[4], 0, `mail ${n} was dropped and is there`);
    else if (told.mail.has(n) && !told.toDrop.has(n)) lost += body[4] === 1 ? 0 : 1;
  }
  return lost;
}

/** Start it again without faults: what is there, and how much mail is not? */
async function find(dir, told) {
  const child = start(path.join(build, 'tipline-spool'), dir);
  const admin = await Door.open(path.join(dir, 'admin'), PATIENCE_MS, child.isUp);
  assert.ok(admin, `it does not start again in ${dir}`);
  admin.say(frame(STATS_WANT));
  const stats = (await admin.next()).body;
  assert.equal(stats.readBigUInt64BE(9 * 8), 0n, 'a file that was only cut off counts as damaged');
  const relay = await Door.open(path.join(dir, 'relay'), PATIENCE_MS);
  const there = new Map();
  for (let n = 1; n > 0;) {
    relay.say(frame(TAKE, Buffer.from([0, 64, 2])));
    const { type, body } = await relay.next();
    assert.equal(type, LENT);
    n = body[0];
    for (let i = 0, at = 1; i < n; i++) {
      const len = body.readUInt32BE(at + 17);
      there.set(body.toString('hex', at, at + 16), Buffer.from(body.subarray(at + 21, at + 21 + len)));
      at += 21 + len;
    }
  }
  const worker = await Door.open(path.join(dir, 'intake'), PATIENCE_MS);
  const lostMail = await lookAtMail(worker, relay, told);
  worker.say(put(9, [99]));
  assert.equal((await worker.next())?.type, KEPT, 'it does not go on');
  child.kill('SIGKILL');
  await child.ended;
  [admin, relay, worker].forEach((door) => door.close());
  return { there, lostMail };
}

/** Did the run come as far as the fault? */
const wasInjected = (dir) => fs.readFileSync(path.join(dir, 'strace'), 'utf8').includes('(INJECTED)');

/** One point: {end, lost, promised, injected}. */
async function run(program, inject) {
  const dir = newHome();
  const told = newTold();
  const child = start(program, dir, inject);
  await load(child, dir, told);
  const late = setTimeout(() => childPids(child.pid).concat(child.pid).forEach((pid) => process.kill(pid, 'SIGKILL')), PATIENCE_MS);
  const end = await child.ended;
  clearTimeout(late);
  const injected = inject !== null && wasInjected(dir);
  const { there, lostMail } = await find(dir, told);
  const lost = [...told.kept].filter((n) => {
    const { id, sealed } = record(n);
    const bytes = there.get(id.toString('hex'));
    return bytes ? !bytes.equals(sealed) : !told.asked.has(n);
  });
  for (const n of told.forgotten) assert.ok(!there.has(record(n).id.toString('hex')), `${n} was forgotten and is there`);
  fs.rmSync(dir, { recursive: true, force: true });
  return { end, injected, lost: lost.length + lostMail, promised: told.kept.size + told.mail.size };
}

const program = path.join(build, 'tipline-spool');
const deadline = Date.now() + SECONDS * 1000;
/** On a slow machine a random part of the points; other ones next time. */
const step = () => (Date.now() > deadline ? 1 + crypto.randomInt(9) : 1);

/** Inject at N = 1, 2, ... until enough(sum, N) after a run. */
async function enumerate(program, call, what, enough) {
  const sum = { points: 0, promised: 0, lost: 0, quiet: 0, untraced: 0, codes: new Set() };
  let next = 1;
  let done = false;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (!done) {
      const when = next;
      next += step();
      const { end, injected, lost, promised } = await run(program, { call, what, when });
      sum.points++;
      sum.promised += promised;
      sum.lost += lost;
      if (end.code === 0) sum.quiet++;
      if (end.code === 0 && injected) sum.untraced++;
      if (end.code !== 0) sum.codes.add(end.signal ?? end.code);
      done ||= enough(sum, next);
    }
  }));
  return sum;
}

/** How often a run without faults makes each call. */
async function countCalls(calls) {
  const dir = newHome();
  const log = path.join(dir, 'calls');
  const child = spawn('strace', ['-f', '-qq', '-o', log, '-e', `trace=${calls}`,
    program, '-c', path.join(dir, 'tipline.conf')], { stdio: 'ignore', env });
  child.ended = once(child, 'exit');
  child.isUp = () => child.exitCode === null && child.signalCode === null;
  await load(child, dir, newTold());
  await child.ended;
  const counts = {};
  for (const [, call] of fs.readFileSync(log, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
}

// ---- the tests -------------------------------------------------------------

test('without faults everything is answered and there', async () => {
  const { end, lost, promised } = await run(program, null);
  assert.deepEqual({ end, lost, promised }, { end: { code: 0, signal: null }, lost: 0, promised: 19 });
});

for (const call of ['pwrite64', 'fdatasync', 'fsync', 'ftruncate', 'unlink', 'fallocate', 'sendmsg',
  'recvmsg', 'accept4', 'openat', 'close', 'fcntl', 'pread64', 'newfstatat']) {
  test(`kill -9 at each ${call} loses nothing that was promised`, async (t) => {
    const sum = await enumerate(program, call, 'signal=KILL', ({ quiet }) => quiet > 0);
    t.diagnostic(`${sum.points} points, ${sum.promised} promised, ${sum.lost} lost`);
    assert.equal(sum.lost, 0);
    assert.ok(sum.points > sum.quiet, 'the call is never made');
  });
}

// A failure that leaves no trace is the sync of the folder when SQLite makes a
// journal or the log (which is why the spool syncs the folder itself), or a
// reserve that could not be had. A full disk is refused and outlived.
const quietly = { fdatasync: 2, pwrite64: 2 };
for (const [call, error] of [['pwrite64', 'EIO'], ['fdatasync', 'EIO'], ['fsync', 'EIO'], ['ftruncate', 'EIO'],
  ['pwrite64', 'ENOSPC'], ['fdatasync', 'ENOSPC']]) {
  test(`${error} at each ${call} is never taken for success`, async (t) => {
    const count = (await countCalls(call))[call];
    const sum = await enumerate(program, call, `error=${error}`, (_, next) => next > count);
    t.diagnostic(`${sum.points} points, ${sum.promised} promised, ${sum.lost} lost, ${sum.untraced} left no trace, ended with ${[...sum.codes]}`);
    assert.equal(sum.lost, 0);
    assert.deepEqual([...sum.codes].filter((code) => code !== 1 && code !== 3), []);
    // what a run did not come to, since it made fewer calls than the one that was counted, is no failure
    if (error === 'EIO') assert.ok(sum.untraced <= (quietly[call] ?? 0), 'failures left no trace');
  });
}

test('a build that answers before the commit is caught', async (t) => {
  const mutant = path.join(build, 'tests/fault/spool_mutant');
  execFileSync('make', ['-s', '-C', root, `VARIANT=${process.env.VARIANT ?? 'release'}`,
    path.relative(root, mutant)], { stdio: 'inherit' });
  const { end, promised } = await run(mutant, null);
  assert.deepEqual([end, promised], [{ code: 0, signal: null }, 19], 'its only mistake');
  const sum = await enumerate(mutant, 'pwrite64', 'signal=KILL', ({ lost, quiet }) => lost > 0 || quiet > 0);
  t.diagnostic(`${sum.points} points, ${sum.promised} promised, ${sum.lost} lost`);
  assert.ok(sum.lost > 0);
});
