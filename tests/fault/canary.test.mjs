// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reporter sent, the number, the address, the browser and the receipt
// code are nowhere on the public side once the request is answered: in no
// process' memory, no file, no log. And the scan sees them while they are
// there. Reads the memory of other processes: needs root or CAP_SYS_PTRACE.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Home, insist, receiptOf, request, until } from '../e2e/lib/home.mjs';
import { answerOf, connect, doors, form, refusals, say, ways } from './lib/say.mjs';
import { Patterns, Person, scanBytes, scanFolder, scanProcess } from './lib/scan.mjs';

let home;
let temp;
const began = Date.now();
const table = [];

before(async () => {
  // a temporary folder of its own, so that all of it can be looked through
  temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-canary-'));
  process.env.TMPDIR = temp;
  home = await Home.start({ edit: (conf) => conf.replace('[intake]', '[intake]\nworkers = 2\n'
    // loopback is a network like others: its address is asked for, and hashed
    + 'count_near = yes\ncode_tries = 100000\nforms_minute = 60000') });
});

after(async () => {
  await home?.stop();
  fs.rmSync(temp, { recursive: true, force: true });
  const columns = ['run', 'patterns', 'MiB', 'seconds', 'copies'];
  const lines = [columns, ...table.map((row) => columns.map((c) => String(row[c])))];
  for (const line of lines) console.log(line.map((cell, i) => (i ? cell.padStart(10) : cell.padEnd(44))).join(''));
});

/** name: pid of each process of the public side that runs. */
function processes() {
  const all = {};
  for (const name of ['intake', 'spool', 'relay', 'redis']) {
    const child = home.procs[name];
    if (child && child.exitCode === null && child.signalCode === null) all[name] = child.pid;
  }
  if (all.intake) home.childrenOf('intake').forEach((pid, i) => { all[`intake child ${i}`] = pid; });
  return all;
}

/** What has come into a folder that is everybody's since the test began. */
const strangers = (folder) => fs.readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => path.join(folder, entry.name))
  .filter((file) => fs.statSync(file, { throwIfNoEntry: false })?.ctimeMs >= began);

/** Four bytes alone are met by chance in sealed records, and in the 64 MiB of
 * a deriver at work; where there are none of these, once perhaps, in a key. */
function withoutChance(hits) {
  const bare = hits.filter((hit) => hit.chance && hit.where.startsWith('intake') && !hit.slow_step);
  return hits.filter((hit) => !hit.chance || (bare.length > 1 && bare.includes(hit)));
}

/** All copies of what these people sent, everywhere. */
function scan(run, people) {
  const start = Date.now();
  const patterns = new Patterns(people);
  let hits = [];
  let bytes = 0;
  const add = (result) => { hits.push(...result.hits); bytes += result.scanned; };
  for (const [name, pid] of Object.entries(processes())) add(scanProcess(name, pid, patterns));
  const desk = ['ledger', 'keys'].map((name) => path.join(home.dir, name));
  add(scanFolder(temp, patterns, (file) => desk.includes(file)));
  for (const file of ['/tmp', process.cwd()].flatMap(strangers)) {
    try {
      hits.push(...scanBytes(file, fs.readFileSync(file), patterns));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error; // somebody else's, and gone
    }
  }
  for (const name of Object.keys(home.procs)) hits.push(...scanBytes(`log of ${name}`, Buffer.from(home.log(name)), patterns));
  hits = withoutChance(hits);
  table.push({ run, patterns: patterns.length, MiB: Math.round(bytes / 2 ** 20), seconds: (Date.now() - start) / 1000, copies: hits.length });
  return hits;
}

/** Nothing of it is anywhere. What is still on its way through a busy machine
 * is gone in a moment, and looked for again; what was forgotten stays. */
async function assertGone(run, people) {
  let hits = scan(run, people);
  for (let i = 0; hits.length > 0 && i < 10; i++) {
    await sleep(1000);
    hits = scan(run, people);
  }
  const lines = hits.slice(0, 40).map((h) => `${h.name} (${h.how}) in ${h.where}: ${h.around}`);
  assert.equal(hits.length, 0, `${hits.length} copies:\n${lines.join('\n')}`);
}

/** Let the loops turn and the connections end. */
const settle = () => sleep(400);

async function sendAll(door) {
  const people = [];
  const sockets = [];
  for (const [name, pieces] of Object.entries(ways)) {
    const person = new Person();
    const { status, text } = await insist(async () => {
      const answer = await say(home, door, person, ...pieces(home, person));
      sockets.push(answer.socket);
      return answer;
    });
    assert.equal(status, 200, `${name}: ${text.slice(0, 200)}`);
    if (name.startsWith('form')) {
      const code = receiptOf(text);
      assert.match(code ?? '', /^[0-9]{20,25}$/, name);
      person.codes.push(code);
    }
    people.push(person);
  }
  return { people, sockets };
}

for (const door of doors) {
  test(`${door}: every way in, while the connections stay and when they are closed`, async () => {
    const { people, sockets } = await sendAll(door);
    await settle();
    await assertGone(`${door}, connections open`, people);
    for (const socket of sockets) socket.end();
    await settle();
    await until('what the scan looks for was sent', async () => {
      const tips = await home.inbox();
      return people.every((person) => tips.some((tip) => tip.text.includes(person.story)));
    }, 120000);
    await assertGone(`${door}, closed`, people);
  });

  test(`${door}: refused requests`, async () => {
    const people = [];
    for (const [status, name, bytes] of refusals) {
      const person = new Person();
      const answer = await say(home, door, person, bytes(home, person));
      assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 200)}`);
      people.push(person);
      answer.socket.destroy();
    }
    await settle();
    await assertGone(`${door}, refused`, people);
  });

  test(`${door}: uploads that break off`, async () => {
    const people = [];
    for (const [name, pieces] of Object.entries(ways)) {
      const person = new Person();
      const bytes = Buffer.concat(pieces(home, person));
      const socket = await connect(home, door, person);
      socket.write(bytes.subarray(0, bytes.length - 5));
      await sleep(60);
      if (name.startsWith('form')) socket.destroy();
      else socket.end();
      people.push(person);
    }
    await settle();
    await assertGone(`${door}, broken off`, people);
  });
}

test('what the desk wrote, read with the code', async () => {
  const person = new Person(); // whose story is what the desk writes
  const asked = new Person();
  const code = receiptOf((await insist(() => home.form({ story: asked.story }))).body);
  const tip = await until('the tip', async () =>
    (await home.inbox()).find(({ text }) => text === asked.story));
  const file = path.join(temp, 'words');
  fs.writeFileSync(file, person.story);
  await home.tipline('reply', tip.id, '--text', file);
  fs.rmSync(file);
  const enter = () => request(`${home.url}/en/c`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ code }).toString(),
  });
  await until('the page shows it', async () => (await enter()).body.includes(person.word));
  person.codes.push(code);
  await settle();
  await assertGone('a reply, read with the code', [person, asked]);
});

test('the scan sees what is there, and after a 503 for want of a spool it is gone', async () => {
  await home.kill('spool');
  const person = new Person();
  const socket = await connect(home, 'TLSv1.3', person);
  const answer = answerOf(socket, 60000);
  socket.write(form(person));
  // it is not to be answered while it is looked for
  const story = new Patterns([person]);
  const workers = home.workers();
  await until('a worker has it', async () => {
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    if (workers.some((pid) => scanProcess('worker', pid, story).hits.some((hit) => hit.name === 'story'))) return true;
    for (const pid of workers) process.kill(pid, 'SIGCONT');
    return false;
  });
  const waiting = scan('(a request that waits for the spool)', [person]);
  for (const pid of workers) process.kill(pid, 'SIGCONT');
  assert.ok(waiting.some((hit) => hit.name === 'story'), 'the scan finds nothing where there is something');
  assert.ok(waiting.every((hit) => hit.where.startsWith('intake child')), 'in the worker alone');
  assert.equal((await answer).status, 503);
  const gateways = Object.entries(ways).filter(([name]) => !name.startsWith('form'));
  const people = [person];
  for (const [name, pieces] of gateways) {
    const other = new Person();
    const { status } = await say(home, 'TLSv1.3', other, ...pieces(home, other));
    assert.equal(status, 503, name);
    people.push(other);
  }
  socket.destroy();
  await settle();
  await assertGone('503 for want of a spool', people);
  await home.run('spool');
  await home.ready();
});

test('without wiping the same scan finds copies', async () => {
  const library = path.join(temp, 'no-wipe.so');
  execFileSync('cc', ['-shared', '-fPIC', '-w', '-fno-builtin', '-x', 'c', '-o', library, '-'], {
    input: 'void explicit_bzero(void *p, unsigned long n) {} void __explicit_bzero_chk(void *p, unsigned long n, unsigned long m) {}',
  });
  await home.kill('intake', 'SIGTERM');
  process.env.LD_PRELOAD = library;
  await home.run('intake');
  delete process.env.LD_PRELOAD;
  await home.ready();
  const { people, sockets } = await sendAll('TLSv1.3');
  for (const socket of sockets) socket.end();
  await settle();
  const names = new Set(scan('(wrong on purpose: nothing is wiped)', people).map((hit) => hit.name));
  for (const name of ['story', 'place', 'sender', 'user agent', 'message id', 'idempotency key', 'receipt code']) {
    assert.ok(names.has(name), `${name}: not found, so its absence proves nothing`);
  }
  await home.kill('intake', 'SIGTERM');
  await home.run('intake');
  await home.ready();
});

test('a worker that is ended or crashes leaves nothing behind, and no core', async () => {
  for (const signal of ['SIGSEGV', 'SIGKILL', 'SIGABRT']) {
    const person = new Person();
    await home.kill('spool');
    const sockets = await Promise.all([0, 1, 2, 3].map(() => connect(home, 'TLSv1.3', person)));
    for (const socket of sockets) socket.write(form(person));
    await sleep(300);
    const [, ...workers] = home.childrenOf('intake');
    for (const pid of workers) process.kill(pid, signal);
    await until('they are replaced', () => workers.every((pid) => !home.childrenOf('intake').includes(pid)));
    await home.run('spool');
    await home.ready();
    for (const socket of sockets) socket.destroy();
    await settle();
    await assertGone(`${signal} in the middle of a request`, [person]);
    for (const folder of [process.cwd(), home.dir, temp, '/tmp']) {
      assert.deepEqual(fs.readdirSync(folder).filter((file) => /^core(\.|$)/.test(file)), [], folder);
    }
  }
});

test('TERM in the middle of requests: what is left holds nothing', async () => {
  const { people } = await sendAll('TLSv1.3');
  await home.kill('intake', 'SIGTERM');
  await settle();
  await assertGone('the intake has ended', people);
});
