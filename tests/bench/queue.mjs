// SPDX-License-Identifier: AGPL-3.0-or-later
// The queue's half of the benchmark: what the spool takes from one, 16 and 256
// writers beside SQLite with nothing round it; Redis away while tips come, and
// how fast they leave when it is back, beside one pipelined connection that adds
// the same records to the same Redis. A missed bar is said and is no failure.
//
//   BENCH_AWAY_S (20): how long Redis is away; BENCH_AWAY_RATE (50) tips/s;
//   BENCH_LEAVE (20000): records that leave afterwards, at least
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Home, build, until } from '../e2e/lib/home.mjs';

const run = promisify(execFile);
const AWAY_S = Number(process.env.BENCH_AWAY_S ?? 20);
const RATE = Number(process.env.BENCH_AWAY_RATE ?? 50);
const AT_LEAST = Number(process.env.BENCH_LEAVE ?? 20000); // records: fewer would be too short a time
const ROUNDS = 3;
const PIECE_S = 50;
const UNAFFECTED = 1.25; // p99 with Redis away, at most so many times the one with it there
const LEAVES = 5; // each beside its peer: what else the machine does differs from round to round
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const bench = async (name, ...args) => JSON.parse((await run(path.join(build, 'tests/bench', name), args.map(String))).stdout);
const inSpool = async (home) => (await home.spooled()).records;

/** Writers through a socket, beside SQLite that is given the same rows in groups
 * of as many as wait at a time, by the clock, turn about. */
async function writers(home, bytes) {
  console.log('writers  spool/s  SQLite/s  ratio   kept p50   kept p99');
  for (const [n, group] of [[1, 1], [16, 16], [256, 64]]) {
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) {
      const folder = fs.mkdtempSync(path.join(home.dir, 'raw-'));
      const raw = (await bench('peer', 'rows', 2, bytes, folder, group)).rows_per_s;
      fs.rmSync(folder, { recursive: true });
      rounds.push({ raw, ...await bench('writers', path.join(home.dir, 'sock/spool-intake'), n, 2, bytes) });
    }
    const mid = (fn) => median(rounds.map(fn));
    console.log(`${String(n).padStart(7)}${String(mid((r) => r.rate)).padStart(9)}${String(mid((r) => r.raw)).padStart(10)}`
      + `${mid((r) => r.rate / r.raw).toFixed(2).padStart(7)}${`${mid((r) => r.p50_ms).toFixed(2)} ms`.padStart(11)}${`${mid((r) => r.p99_ms).toFixed(2)} ms`.padStart(11)}`);
  }
}

/** A request of the form, for the load program. */
function requestFile(home) {
  const body = `k=${'@'.repeat(32)}&story=They+keep+our+passports&now=1`;
  const file = path.join(home.dir, 'form.request');
  fs.writeFileSync(file, [
    'POST /km/a HTTP/1.1', `Host: 127.0.0.1:${home.port}`, 'Connection: keep-alive', 'User-Agent: Mozilla/5.0',
    'Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`, '', body,
  ].join('\r\n'));
  return file;
}

/** In pieces of some length, since load remembers so many: of their p50 and p99
 * the middle, and the worst p99, which is the machine's more often than ours. */
async function load(home, seconds) {
  const parts = [];
  for (let left = seconds; left > 0; left -= PIECE_S) {
    parts.push(await bench('load', home.port, 'keep', 16, Math.min(PIECE_S, left), RATE, requestFile(home)));
  }
  const sum = (name) => parts.reduce((n, part) => n + part[name], 0);
  const p99s = parts.map((part) => part.p99_ms);
  return {
    p50_ms: median(parts.map((part) => part.p50_ms)), p99_ms: median(p99s), worst_ms: Math.max(...p99s),
    good: sum('good'), bad: sum('bad') + sum('cut'),
  };
}

const said = (part) => `p50 ${part.p50_ms.toFixed(2)} p99 ${part.p99_ms.toFixed(2)} (worst piece ${part.worst_ms.toFixed(2)}) ms`;

/** Adds a second that one pipelined connection manages, of such records. */
async function pipelined(home, bytes) {
  const pass = fs.readFileSync(path.join(home.dir, 'redis/relay.pass'), 'utf8').trim();
  const { stdout } = await run('redis-benchmark', ['-s', path.join(home.dir, 'redis/redis.sock'), '--user', 'relay',
    '-a', pass, '-c', '1', '-P', '128', '-n', String(AT_LEAST), '--csv', 'XADD', 'tips', '*', 'id', '0123456789abcdef',
    'r', 'x'.repeat(bytes)]);
  return Number(stdout.split('\n').map((l) => l.split('","')).find((cells) => cells.length > 3 && Number(cells[1]) > 0)[1]);
}

/** From the first entry to the last, by the milliseconds in their names. */
async function leave(home, n) {
  const msOf = async (order, a, b) => Number((await home.redis('XINFO', 'STREAM', 'tips')).match(order)[1]);
  await until(`${n} are in Redis`, async () => Number(await home.redis('XLEN', 'tips').catch(() => 0)) >= n, 120000);
  const first = await msOf(/first-entry\n(\d+)-/);
  const last = await msOf(/last-generated-id\n(\d+)-/);
  return n / (Math.max(1, last - first) / 1000);
}

async function wipeRedis(home) {
  await home.kill('redis');
  fs.rmSync(path.join(home.dir, 'redis/data'), { recursive: true });
  fs.mkdirSync(path.join(home.dir, 'redis/data'), { mode: 0o700 });
}

async function main() {
  const home = await Home.start({ edit: (conf) => conf.replace(/^again.*\n/gm, '') });
  try {
    const bytes = (await bench('peer', 'record')).bytes;
    const before = await load(home, Math.min(AWAY_S, 3 * PIECE_S));
    await home.kill('redis');
    console.log(`Redis away for ${AWAY_S} s at ${RATE} tips/s ...`);
    const away = await load(home, AWAY_S);
    const bad = away.bad + before.bad;
    console.log(`acknowledged at ${RATE}/s: ${before.good + away.good}, not: ${bad}\n  Redis there ${said(before)}\n  Redis away  ${said(away)}; `
      + `p99 ${(away.p99_ms / before.p99_ms).toFixed(2)} x (bar ${UNAFFECTED}) ${bad === 0 && away.p99_ms <= UNAFFECTED * before.p99_ms ? 'met' : 'NOT MET'}`);
    const waiting = await inSpool(home);
    if (waiting < AT_LEAST) {
      await bench('writers', path.join(home.dir, 'sock/spool-intake'), 64, 120, bytes, AT_LEAST - waiting);
    }
    const n = await inSpool(home);
    const ours = [];
    const theirs = [];
    for (let i = 0; i < LEAVES; i++) {
      await home.kill('relay');
      await wipeRedis(home);
      await home.run('redis');
      theirs.push(await pipelined(home, bytes));
      await wipeRedis(home);
      await home.run('redis');
      await home.run('relay');
      ours.push(await leave(home, n));
    }
    const ratios = ours.map((x, i) => x / theirs[i]);
    const ratio = median(ratios);
    console.log(`${n} records leave: ${median(ours).toFixed(0)} a second; one pipelined connection: ${median(theirs).toFixed(0)}; `
      + `${(100 * ratio).toFixed(0)} % (${ratios.map((x) => (100 * x).toFixed(0)).join(', ')}; bar 90 %) ${ratio >= 0.9 ? 'met' : 'NOT MET'}`);
    // an empty spool, and all its 256 connections for the writers
    for (const name of ['relay', 'intake', 'spool']) await home.kill(name);
    fs.rmSync(path.join(home.dir, 'spool'), { recursive: true });
    fs.rmSync(path.join(home.dir, 'sock/spool-intake'), { force: true });
    await home.run('spool');
    await until('the spool listens', () => fs.existsSync(path.join(home.dir, 'sock/spool-intake')));
    await writers(home, bytes);
  } finally {
    await home.stop();
  }
}

await main();
