// SPDX-License-Identifier: AGPL-3.0-or-later
// One table: what a tip costs us, beside what its parts cost in programs that
// do nothing else. All in one run, rounds interleaved, medians: absolute
// figures drift, ratios much less. A missed bar is said and is no failure.
//
//   BENCH_ROUNDS (5), BENCH_SECONDS (1.5) a measurement, BENCH_ONLY a list of
//   web,keep,fresh,light,gateways,sealing,codes,memory
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import net from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { Home, build, freePort, receiptOf, request, until } from '../e2e/lib/home.mjs';
import { measureKannel } from './kannel.mjs';
import { Nginx } from './nginx.mjs';

const run = promisify(execFile);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 1.5);
const ONLY = process.env.BENCH_ONLY?.split(',');
const CONNECTIONS = 64;
const IDLE = 1000;
const RATE = 100;
const TEXT_BYTES = 4096;
const KANNEL_MESSAGES = 1000;
const MARK = '@'.repeat(32);
// The side that is measured has one core, the one that loads it the other.
const cores = os.cpus().length > 1 ? ['0', '1'] : ['0', '0'];

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const wanted = (what) => ONLY === undefined || ONLY.includes(what);

/** Every process on one core, and no relay: what stands between the reporter
 * and "received". */
class PinnedHome extends Home {
  command(name) {
    const [file, args] = super.command(name);
    return ['taskset', ['-c', cores[0], file, ...args]];
  }

  pids() {
    const intake = this.procs.intake.pid;
    return { worker: this.worker(), rest: [...this.childrenOf('intake').filter((pid) => pid !== this.worker()), intake], spool: this.procs.spool.pid };
  }

  /** Of the parent's children the one with listening sockets: it has most. */
  worker() {
    const fds = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;
    return this.workerPid ??= this.childrenOf('intake').sort((a, b) => fds(b) - fds(a))[0];
  }
}

function requestFiles(dir, home) {
  const story = `They keep our passports. ${'ជួយខ្ញុំផង '.repeat(12)}`;
  const sms = Buffer.from('ជួយខ្ញុំផង ខ្ញុំត្រូវបានគេបង្ខំឱ្យធ្វើការ', 'utf16le').swap16();
  const form = new URLSearchParams({ story, now: '1', where_country: '1', where_province: '12', where_near: 'ផ្សារ' });
  const head = (lines) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  const body = Buffer.from(`k=${MARK}&${form}`);
  const files = {
    sms: Buffer.concat([head([
      `POST /sms/kannel?id=${MARK}&charset=UTF-16BE&coding=2&ts=${Math.floor(Date.now() / 1000)}&udh=&smsc=OP HTTP/1.1`,
      `Host: 127.0.0.1:${home.port}`, 'Connection: keep-alive', 'User-Agent: Kannel/1.4.5',
      'Content-Type: text/plain; charset="UTF-16BE"', 'X-Kannel-From: +85512345678', 'X-Kannel-To: 8888',
      `Authorization: Basic ${btoa(home.secret('kannel'))}`, `Content-Length: ${sms.length}`,
    ]), sms]),
    web: Buffer.concat([head([
      'POST /km/a HTTP/1.1', `Host: 127.0.0.1:${home.port}`, 'Connection: keep-alive',
      'User-Agent: Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36',
      'Accept: text/html', 'Accept-Language: km,en;q=0.5', 'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ]), body]),
  };
  const paths = {};
  for (const [name, bytes] of Object.entries(files)) {
    paths[name] = path.join(dir, `${name}.request`);
    fs.writeFileSync(paths[name], bytes);
  }
  return paths;
}

/** Run load; every answer must have been a success. */
async function load(port, mode, file, pids, { seconds = SECONDS, rate = 0, connections = CONNECTIONS } = {}) {
  const { stdout } = await run('taskset', ['-c', cores[1], path.join(build, 'tests/bench/load'),
    port, mode, connections, seconds, rate, file, ...pids].map(String));
  const result = JSON.parse(stdout);
  if (result.bad > 0 || result.cut > 0 || result.good === 0) {
    throw new Error(`the load did not go well: ${stdout}`);
  }
  return result;
}

async function peer(...args) {
  const { stdout } = await run('taskset', ['-c', cores[0], path.join(build, 'tests/bench/peer'), ...args].map(String));
  return JSON.parse(stdout);
}

const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

/** Memory with n idle connections held, each after one request. */
async function memoryWith(port, file, pid, n) {
  const child = spawn(path.join(build, 'tests/bench/load'), [port, 'idle', n, 0, 0, file].map(String),
    { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const bytes = rss(pid);
  child.stdin.end();
  await once(child, 'exit');
  return bytes;
}

async function startToReady(home) {
  for (const name of ['intake', 'spool']) await home.kill(name, 'SIGTERM');
  home.logs.intake.length = 0;
  const at = process.hrtime.bigint();
  home.run('spool');
  home.run('intake');
  await until('ready', () => home.log('intake').includes('E101') || undefined);
  const ms = Number(process.hrtime.bigint() - at) / 1e6;
  await home.ready();
  home.workerPid = undefined;
  return ms;
}

/** Bytes from the server for the form, TLS records and all, after the
 * handshake. */
async function pageOnTheWire(home) {
  const wire = net.connect(home.port, '127.0.0.1');
  const socket = tls.connect({ socket: wire, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const before = wire.bytesRead;
  socket.write('GET /km/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  return wire.bytesRead - before;
}

// ---- the table ---------------------------------------------------------------

const rows = [];
function row(what, value, peerName = '', peerValue = '', ratio = '', bar = '', met) {
  rows.push([what, value, peerName, peerValue, ratio, bar, met === undefined ? '' : met ? 'met' : 'NOT MET']);
}
function printTable() {
  const head = ['what', 'value', 'peer', 'its value', 'ratio', 'bar', ''];
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)));
  const line = (r) => r.map((cell, i) => (i % 2 === 1 || i === 4 ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ').trimEnd();
  console.log([head, widths.map((w) => '-'.repeat(w)), ...rows].map(line).join('\n'));
}
const us = (x) => `${x.toFixed(1)} us`;
const ms = (x) => `${x.toFixed(2)} ms`;
const kib = (x) => `${(x / 1024).toFixed(1)} KiB`;

class Samples {
  constructor() { this.of = {}; }
  add(name, value) { (this.of[name] ??= []).push(value); }
  median(name) { return median(this.of[name]); }
  ratio(a, b) { return median(this.of[a].map((x, i) => x / this.of[b][i])); }
}

async function measureLoad(samples, name, target, mode, file, pids, count) {
  const result = await load(target, mode, file, pids.flat());
  const cpu = (part) => part.reduce((sum, pid) => sum + result.cpu[pids.flat().indexOf(pid)], 0) / result.good * 1e6;
  samples.add(`${name} us`, cpu(pids.flat()));
  samples.add(`${name} rate`, result.good / result.seconds);
  samples.add(`${name} busy`, result.load_cpu / result.seconds);
  for (const p of ['p50', 'p99']) samples.add(`${name} ${p}`, result[`${p}_ms`]);
  for (const [part, list] of Object.entries(count)) samples.add(`${name} ${part}`, cpu(list));
}

async function main() {
  const started = Date.now();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-bench-'));
  const home = await PinnedHome.start({
    processes: ['spool', 'intake'],
    // the making of ready receipt codes would run into the measured time
    edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 1\nworker_requests = 1000000000\ncode_pool = 0'),
  });
  const samples = new Samples();
  let nginx;
  try {
    const files = requestFiles(dir, home);
    const receipt = await request(`${home.url}/km/a`, { method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'story=x' });
    if (!receiptOf(receipt.body)) throw new Error('no receipt');
    nginx = await Nginx.start({ dir, core: cores[0], tls: path.join(home.dir, 'tls'),
      port: await freePort(), pageBytes: receipt.body.length });
    const paths = ['sms', ...(wanted('web') ? ['web'] : [])];
    const modes = ['keep', 'fresh'].filter(wanted);
    const recordBytes = (await peer('record')).bytes;

    for (let round = 0; round < ROUNDS; round++) {
      if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${ROUNDS}\r`);
      const { seal_us, sign_us } = await peer('seal', 0.5, TEXT_BYTES);
      samples.add('seal', seal_us);
      samples.add('sign', sign_us);
      const folder = fs.mkdtempSync(path.join(dir, 'rows-'));
      samples.add('row', (await peer('rows', 1, recordBytes, folder)).row_us);
      fs.rmSync(folder, { recursive: true });
      const { worker, rest, spool } = home.pids();
      for (const mode of modes) {
        for (const what of paths) {
          await measureLoad(samples, `${what} ${mode}`, home.port, mode, files[what], [worker, ...rest, spool],
            { worker: [worker], spool: [spool], kdf: rest });
          await measureLoad(samples, `nginx ${what} ${mode}`, nginx.port, mode, files[what], [nginx.worker], {});
        }
        samples.add(`ceiling ${mode}`, ['seal', 'sign', 'row', `nginx sms ${mode} us`]
          .reduce((sum, name) => sum + samples.of[name].at(-1), 0));
      }
      if (wanted('light')) await measureLight(samples, home, files, dir, recordBytes);
    }
    reportParts(samples, modes, recordBytes);
    for (const mode of modes) reportMode(samples, mode, paths);
    if (wanted('light')) reportLight(samples);
    if (wanted('gateways')) await reportGateways(samples, home, dir);
    if (wanted('sealing')) await reportSealing();
    if (wanted('codes')) await reportCodes();
    if (wanted('memory')) await reportMemory(home, nginx, files);
    printTable();
    console.log(`\n${ROUNDS} rounds of ${SECONDS} s, ${CONNECTIONS} connections, server on core ${cores[0]}, load on core ${cores[1]}, ${Math.round((Date.now() - started) / 1000)} s in all.`);
    const busy = Object.entries(samples.of).filter(([name]) => name.endsWith(' busy')).flatMap(([, values]) => values);
    if (busy.length > 0) console.log(`Load generator busy at most ${Math.round(100 * Math.max(...busy))} % of its core.`);
  } finally {
    await nginx?.stop();
    await home.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function measureLight(samples, home, files, dir, recordBytes) {
  const folder = fs.mkdtempSync(path.join(dir, 'commit-'));
  const ours = await load(home.port, 'keep', files.sms, [], { seconds: SECONDS * 2, rate: RATE, connections: 16 });
  const theirs = await peer('commit', SECONDS * 2, recordBytes, folder);
  fs.rmSync(folder, { recursive: true });
  for (const p of ['p50', 'p99']) {
    samples.add(`light ${p}`, ours[`${p}_ms`]);
    samples.add(`commit ${p}`, theirs[`${p}_ms`]);
  }
}

/** A webhook whose body is signed, over kept connections: of all gateways' proofs
 * the usual one. */
async function reportGateways(samples, home, dir) {
  const body = JSON.stringify({ id: MARK, event: 'sms:received', payload: {
    message: 'ជួយខ្ញុំផង ខ្ញុំត្រូវបានគេបង្ខំឱ្យធ្វើការ', sender: '+85512345678', recipient: null, receivedAt: new Date().toISOString(),
  } });
  const file = path.join(dir, 'signed.request');
  process.env.LOAD_KEY = home.secret('android-sms-gateway');
  process.env.LOAD_TIME = String(Math.floor(Date.now() / 1000));
  fs.writeFileSync(file, `POST /sms/android-sms-gateway HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\nConnection: keep-alive\r\n`
    + `Content-Type: application/json\r\nX-Timestamp: ${process.env.LOAD_TIME}\r\nX-Signature: ${'#'.repeat(64)}\r\n`
    + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const { worker, rest, spool } = home.pids();
  for (let round = 0; round < ROUNDS; round++) {
    await measureLoad(samples, 'signed', home.port, 'keep', file, [worker, ...rest, spool], {});
    const { us: cpu, rate } = await measureKannel(home, cores, KANNEL_MESSAGES);
    samples.add('kannel us', cpu);
    samples.add('kannel rate', rate);
  }
  const each = (name) => `${Math.round(1e6 / samples.median(`${name} us`))}/s`;
  row('signed webhook messages, durable, for each core', each('signed'), 'Kannel\'s MO, not durable', each('kannel'),
    `${samples.ratio('kannel us', 'signed us').toFixed(2)} x`);
  row('  at this load', `${Math.round(samples.median('signed rate'))}/s`, 'Kannel, one phone at a time', `${Math.round(samples.median('kannel rate'))}/s`);
}

function reportParts(samples, modes, recordBytes) {
  row('crypto_box_seal of 4 KiB', us(samples.median('seal')));
  row('Ed25519 signature of 4 KiB', us(samples.median('sign')));
  row(`SQLite row of ${recordBytes} bytes, groups of 64`, us(samples.median('row')));
}

function reportMode(samples, mode, paths) {
  const kind = mode === 'keep' ? 'kept-alive TLS' : 'fresh TLS 1.3';
  for (const what of paths) {
    const ours = `${what} ${mode}`;
    const theirs = `nginx ${what} ${mode}`;
    const name = what === 'sms' ? 'gateway tip' : 'web form';
    const ratio = samples.ratio(`${ours} us`, `${theirs} us`);
    row(`${name}, ${kind}: CPU`, us(samples.median(`${ours} us`)), 'nginx fixed 200', us(samples.median(`${theirs} us`)),
      ratio.toFixed(2), mode === 'fresh' ? '<= 1.00' : '', mode === 'fresh' ? ratio <= 1 : undefined);
    row(`  worker + spool + kdf`, ['worker', 'spool', 'kdf'].map((p) => samples.median(`${ours} ${p}`).toFixed(0)).join(' + '));
    row(`  answered a second`, samples.median(`${ours} rate`).toFixed(0), 'nginx', samples.median(`${theirs} rate`).toFixed(0),
      samples.ratio(`${ours} rate`, `${theirs} rate`).toFixed(2));
    for (const p of ['p50', 'p99']) {
      row(`  acknowledged at this load, ${p}`, ms(samples.median(`${ours} ${p}`)), 'nginx', ms(samples.median(`${theirs} ${p}`)));
    }
  }
  const percent = 100 * samples.ratio(`ceiling ${mode}`, `sms ${mode} us`);
  row(`gateway tip, ${kind}: of the ceiling`, `${percent.toFixed(0)} %`, 'seal+sign+nginx+row', us(samples.median(`ceiling ${mode}`)),
    '', mode === 'keep' ? '>= 85 %' : '', mode === 'keep' ? percent >= 85 : undefined);
}

function reportLight(samples) {
  for (const p of ['p50', 'p99']) {
    const ratio = samples.median(`light ${p}`) / samples.median(`commit ${p}`);
    row(`acknowledged at ${RATE} tips/s, ${p}`, ms(samples.median(`light ${p}`)), 'one SQLite commit',
      ms(samples.median(`commit ${p}`)), ratio.toFixed(2), '<= 2', ratio <= 2);
  }
}

/** Ours against the library doing the same work: a box to each recipient, and
 * the signature that an envelope has and a box has not. */
async function reportSealing() {
  const perSecond = (x) => `${Math.round(1e6 / x)}/s`;
  for (const [name, bytes, recipients] of [['a text of 300 B (4 KiB sealed)', 300, 1], ['a text of 300 B to 2 teams', 300, 2],
    ['a text of 4 KiB (8 KiB sealed)', 4096, 1], ['a file of 5 MiB, in 81 pieces', 5 << 20, 1]]) {
    const { stdout } = await run('taskset', ['-c', cores[0], path.join(build, 'tests/bench/seal'), bytes, recipients, 15].map(String));
    const t = JSON.parse(stdout);
    const ratio = t.seal_us / (t.box_us + t.sign_us);
    const isText = bytes < 1 << 20;
    row(`seal and sign ${name}`, us(t.seal_us), 'crypto_box_seal + Ed25519', us(t.box_us + t.sign_us), ratio.toFixed(2),
      isText ? '<= 1.15' : '', isText ? ratio <= 1.15 : undefined);
    row('  without the signature', us(t.seal_us - t.sign_us), 'crypto_box_seal alone', us(t.box_us), ((t.seal_us - t.sign_us) / t.box_us).toFixed(2));
    row('  sealed and signed a second, one core', perSecond(t.seal_us), 'the two of libsodium', perSecond(t.box_us + t.sign_us));
    row('  opened and verified a second, one core', perSecond(t.open_us), 'box opened + verified', perSecond(t.unbox_us + t.verify_us),
      (t.open_us / (t.unbox_us + t.verify_us)).toFixed(2));
  }
}

async function reportCodes() {
  const codes = async (what, seconds) => JSON.parse((await run('taskset', ['-c', cores[0],
    path.join(build, 'tests/bench/codes'), what, String(seconds)])).stdout);
  const { hit_us } = await codes('hit', 1);
  const { enter_s, sodium_s } = await codes('enter', 2);
  row('receipt code, 20 digits, from the pool: CPU of one in the kdf', us(hit_us));
  row('receipt codes entered a second, one core', (1 / enter_s).toFixed(1), 'Argon2id of libsodium', (1 / sodium_s).toFixed(1),
    (enter_s / sodium_s).toFixed(2));
}

/** Growth per connection of a process that has served nothing else. */
async function idleBytes(port, file, pid) {
  const few = await memoryWith(port, file, pid, CONNECTIONS);
  return (await memoryWith(port, file, pid, IDLE) - few) / (IDLE - CONNECTIONS);
}

async function reportMemory(home, nginx, files) {
  const busy = await memoryWith(home.port, files.sms, home.worker(), CONNECTIONS);
  row(`worker's memory at ${CONNECTIONS} connections`, kib(busy), '', '', '', '<= 16 MiB', busy <= 16 * 1024 * 1024);
  const times = [];
  for (let i = 0; i < 3; i++) times.push(await startToReady(home));
  await nginx.restart();
  const ours = await idleBytes(home.port, files.sms, home.worker());
  const theirs = await idleBytes(nginx.port, files.sms, nginx.worker);
  row('an idle TLS connection', kib(ours), 'nginx', kib(theirs), (ours / theirs).toFixed(2), '<= 16 KiB', ours <= 16 * 1024);
  row('start to ready', `${median(times).toFixed(0)} ms`, '', '', '', '<= 1 s', median(times) <= 1000);
  const bytes = await pageOnTheWire(home);
  row('first page on the wire, Khmer', `${bytes} B`, '', '', '', '<= 14000', bytes <= 14000);
}

await main();
