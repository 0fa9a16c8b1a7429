// SPDX-License-Identifier: AGPL-3.0-or-later
// A desk and a relay killed at each system call by which they keep, receipt and
// carry records, and change cases; and the ledger with each write and sync failing
// once. What was promised is found: a record of which ledger_append() said that it
// is kept, and one that has a receipt in Redis, stands in the ledger, once, with
// its bytes; of a case that was changed the ledger has all that Redis had. A
// ledger that promises before it has kept is caught.
//
//   CRASH_SECONDS (6): for all points together. What there is no time for is left
//   out at random, other points each time; `make test-crash` has them all
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { build, root, until } from '../e2e/lib/home.mjs';
import { Redis } from '../lib/redis.mjs';
import { House } from './lib/house.mjs';

const run = promisify(execFile);
const SECONDS = Number(process.env.CRASH_SECONDS ?? 6);
const TIPS = 4; // in the queue at each point of desk and relay
const KEEP = 10; // records of the ledger by itself: three files
const CALLS = ['write', 'fdatasync', 'fsync', 'renameat', 'openat', 'close', 'flock'];
const CASES = 6; // the last of them takes five steps
const program = path.join(build, 'tests/fault/desk');
const caseProgram = path.join(build, 'tests/fault/cases_fill');

/** All of a dump but to when leases run: who is at work keeps the case. */
const states = (dump) => dump.split('\n').map((line) => line.split(' ').filter((_, i) => i !== 6).join(' ')).join('\n');
const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', TIPLINE_SANDBOX: 'relaxed' }; // under strace

execFileSync('make', ['-s', '-C', root, `VARIANT=${process.env.VARIANT ?? 'release'}`,
  ...[program, caseProgram].map((file) => path.relative(root, file))], { stdio: 'inherit' });
const top = fs.mkdtempSync(path.join(os.tmpdir(), 'desk-crash-'));
after(() => fs.rmSync(top, { recursive: true, force: true }));

/** Points 1, 2, ... and the end of the time for them: all, or random ones. */
function* points(most, seconds) {
  const end = Date.now() + seconds * 1000;
  const all = Array.from({ length: most }, (_, i) => [crypto.randomInt(1 << 30), i + 1]).sort((a, b) => a[0] - b[0]);
  for (const [, when] of all) {
    if (Date.now() > end) return;
    yield when;
  }
}

const inject = ({ call, what, when }, file, args) => ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`,
  '-e', `inject=${call}:${what}:when=${when}`, file, ...args];

/** How often a run without faults makes each of these calls. */
async function countCalls(calls, file, args, options, log = path.join(top, 'calls')) {
  const child = spawn('strace', ['-f', '-qq', '-o', log, '-e', `trace=${calls}`, file, ...args], { ...options, env, stdio: 'ignore' });
  await once(child, 'exit');
  const counts = Object.fromEntries(calls.map((call) => [call, 0]));
  for (const [, call] of fs.readFileSync(log, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)) counts[call]++;
  return counts;
}

/** Id to how often it stands in the ledger with its bytes. */
async function listed(folder) {
  const { stdout } = await run(program, ['list', folder], { maxBuffer: 1 << 26 });
  const count = new Map();
  for (const line of stdout.split('\n').filter(Boolean)) {
    assert.match(line, /^[0-9a-f]{32} fine$/);
    count.set(line.slice(0, 32), (count.get(line.slice(0, 32)) ?? 0) + 1);
  }
  return count;
}

// ---- the ledger by itself --------------------------------------------------

/** Keep some records with that fault, and some more without. */
async function keepOnce(fault, ...more) {
  const folder = path.join(top, `ledger-${crypto.randomUUID()}`);
  const args = ['keep', folder, String(KEEP), ...more];
  const child = spawn('strace', inject(fault, program, args), { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (data) => { said += data; });
  const [code, signal] = await once(child, 'close');
  const { stdout } = await run(program, ['keep', folder, '2']); // it goes on
  const there = await listed(folder);
  const promised = (said.slice(0, said.lastIndexOf('\n') + 1) + stdout).split('\n').filter(Boolean);
  fs.rmSync(folder, { recursive: true });
  return {
    ended: signal ?? code,
    promised: promised.length,
    lost: promised.filter((id) => !there.has(id)).length,
    doubled: [...there.values()].filter((n) => n > 1).length,
  };
}

const add = (sum, got) => {
  sum.points++;
  for (const name of ['promised', 'lost', 'doubled']) sum[name] += got[name];
  if (got.ended === 0) sum.quiet++;
};
const nothing = () => ({ points: 0, promised: 0, lost: 0, doubled: 0, quiet: 0 });

async function everyPoint(calls, whats, seconds, enough = () => false, ...more) {
  const counts = await countCalls(calls, program, ['keep', path.join(top, `count-${crypto.randomUUID()}`), String(KEEP)]);
  const sum = nothing();
  const cases = calls.flatMap((call) => whats.flatMap((what) => Array.from({ length: counts[call] }, (_, i) => ({ call, what, when: i + 1 }))));
  for (const n of points(cases.length, seconds)) {
    add(sum, await keepOnce(cases[n - 1], ...more));
    if (enough(sum)) break;
  }
  return { ...sum, of: cases.length };
}

test('a ledger killed at any of its calls has all that it said it has', async (t) => {
  const sum = await everyPoint(CALLS, ['signal=KILL'], SECONDS * 0.25);
  t.diagnostic(JSON.stringify(sum));
  assert.deepEqual([sum.lost, sum.doubled], [0, 0]);
  assert.ok(sum.points > sum.quiet);
});

test('a ledger whose write or sync fails once says so, and has all that it promised', async (t) => {
  const sum = await everyPoint(['write', 'fdatasync', 'fsync', 'renameat'], ['error=EIO', 'error=ENOSPC'], SECONDS * 0.2);
  t.diagnostic(JSON.stringify(sum));
  assert.deepEqual([sum.lost, sum.doubled], [0, 0]);
  assert.ok(sum.quiet <= 2 * KEEP, 'a failure was not said'); // but where the test's own words fail
});

test('a ledger that promises before it has kept is caught', async (t) => {
  const sum = await everyPoint(['fdatasync', 'renameat'], ['signal=KILL', 'error=EIO'], Infinity, ({ lost }) => lost > 0, 'early');
  t.diagnostic(JSON.stringify(sum));
  assert.ok(sum.lost > 0);
});

// ---- cases -----------------------------------------------------------------

/** Redis and a ledger of some tips, with none of their cases yet. */
class Desk {
  static async start(redis, tips) {
    const desk = new Desk();
    Object.assign(desk, { redis, ledger: path.join(top, `cases-${crypto.randomUUID()}`) });
    await redis.root.do('FLUSHALL');
    fs.cpSync(tips, desk.ledger, { recursive: true });
    return desk;
  }

  args(what) {
    return [this.redis.socket, path.join(this.redis.dir, 'desk.pass'), this.ledger, what];
  }

  async do(what) {
    return (await run(caseProgram, this.args(what))).stdout;
  }
}

test('a desk killed in the middle of changing cases has all that Redis has, and that it said', async (t) => {
  const tips = path.join(top, 'tips');
  await run(program, ['keep', tips, String(CASES)]);
  const redis = await Redis.start();
  const sum = { points: 0, of: 0, promised: 0, lost: 0 };
  try {
    const calls = ['write', 'read', 'fdatasync', 'sendto', 'recvfrom'];
    const counts = await countCalls(calls, caseProgram, (await Desk.start(redis, tips)).args('fill'));
    const cases = calls.flatMap((call) => Array.from({ length: counts[call] }, (_, i) => ({ call, what: 'signal=KILL', when: i + 1 })));
    sum.of = cases.length;
    for (const n of points(cases.length, SECONDS * 0.2)) {
      const desk = await Desk.start(redis, tips);
      const child = spawn('strace', inject(cases[n - 1], caseProgram, desk.args('fill')), { env, stdio: ['ignore', 'pipe', 'ignore'] });
      let said = '';
      child.stdout.on('data', (data) => { said += data; });
      await once(child, 'close');
      await desk.do('follow');
      const was = await desk.do('dump');
      await redis.root.do('FLUSHALL');
      await desk.do('restore');
      assert.equal(states(await desk.do('dump')), states(was), `after ${JSON.stringify(cases[n - 1])}`);
      const versions = new Map(was.split('\n').filter(Boolean).map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
      for (const line of said.slice(0, said.lastIndexOf('\n') + 1).split('\n').filter(Boolean)) {
        const [id, version] = line.split(' ');
        sum.promised++;
        if (!(versions.get(id) >= Number(version))) sum.lost++;
      }
      sum.points++;
      fs.rmSync(desk.ledger, { recursive: true });
    }
    t.diagnostic(JSON.stringify(sum));
    assert.equal(sum.lost, 0);
  } finally {
    await redis.stop();
  }
});

// ---- desk and relay in the queue -------------------------------------------

const programs = {
  desk: { file: program, args: ['run', 'tipline.conf', 'receipt.secret'] },
  relay: { file: path.join(build, 'tipline-relay'), args: ['-c', 'tipline.conf'] },
};
const WITH = ['write', 'writev', 'read', 'fdatasync', 'fsync', 'renameat', 'sendto', 'recvfrom', 'sendmsg', 'recvmsg'];

/** The house's process of that name under strace, which ends with it. */
async function trace(house, name, ...args) {
  const { file, args: own } = programs[name];
  await house.kill(name);
  const child = spawn('strace', ['-f', '-qq', ...args, file, ...own], { cwd: house.dir, env, stdio: 'ignore' });
  child.gone = once(child, 'exit');
  house.procs[name] = child;
  return child;
}

const isUp = (child) => child.exitCode === null && child.signalCode === null;

/** The process and not strace, which would leave it behind. */
async function end(child) {
  if (isUp(child)) {
    const pids = fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    for (const pid of pids) try { process.kill(Number(pid), 'SIGKILL'); } catch { /* it ended by itself */ }
  }
  await child.gone;
}

/** Some tips go their way, or the process ends. */
async function someTips(house, child) {
  let over = false;
  await house.put(TIPS);
  await Promise.race([child.gone, until('the spool is empty', async () => over || await house.inSpool() === 0, 60000)]);
  over = true;
}

/** What has a receipt must stand in the ledger at that moment already. */
async function receiptedAndNotKept(house) {
  const there = await listed(path.join(house.dir, 'ledger'));
  const entries = await house.root('XRANGE', 'receipts', '-', '+');
  return entries.filter(([, fields]) => !there.has(fields[1].toString('hex'))).length;
}

for (const name of ['desk', 'relay']) {
  test(`a ${name} killed at any of its calls loses and doubles nothing`, async (t) => {
    const house = await House.start();
    const sum = { points: 0, of: 0, killed: 0, early: 0 };
    try {
      const log = path.join(house.dir, 'calls');
      const counted = await trace(house, name, '-o', log, '-e', `trace=${WITH}`);
      await someTips(house, counted);
      await end(counted);
      const calls = [...fs.readFileSync(log, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)].map(([, call]) => call);
      const nth = {};
      const cases = calls.map((call) => { nth[call] = (nth[call] ?? 0) + 1; return { call, when: nth[call] }; });
      sum.of = cases.length;
      for (const n of points(cases.length, SECONDS * 0.2)) {
        const { call, when } = cases[n - 1];
        const child = await trace(house, name, '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${when}`);
        await someTips(house, child);
        sum.points++;
        if (!isUp(child)) sum.killed++;
        await end(child);
        if (name === 'desk') sum.early += await receiptedAndNotKept(house);
        await house.run(name);
        assert.ok(await house.drain(120000), `the spool is not empty after ${call} ${when}`);
      }
      Object.assign(sum, { acknowledged: house.acknowledged.size }, await house.sum());
      t.diagnostic(JSON.stringify(sum));
      assert.deepEqual([sum.early, sum.lost, sum.doubled], [0, 0, 0]);
      assert.ok(sum.points > 0);
    } finally {
      await house.stop();
    }
  });
}
