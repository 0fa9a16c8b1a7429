// SPDX-License-Identifier: AGPL-3.0-or-later
// A Redis that is slow, lies, is wedged or speaks without end; clocks that jump;
// the same tip over and over; ten thousand at the start. The spool's records
// are all at the desk in the end, once, and nobody's memory grows with it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/lib/home.mjs';
import { House } from './lib/house.mjs';
import { newId, sealedOf } from './lib/say_frames.mjs';

let house;
beforeEach(async () => { house = await House.start(); });
afterEach(() => house?.stop());

async function allArriveOnce(limit_ms = 180000) {
  assert.ok(await house.drain(limit_ms), `the spool is not empty\n${house.logs.relay}`);
  const sum = await house.sum();
  assert.deepEqual([sum.lost, sum.doubled], [0, 0]);
  return sum;
}

test('the relay\'s password wedges the stream, and after the cure all arrive', async () => {
  await house.put(50);
  await until('some are there', async () => await house.root('XLEN', 'tips') >= 50);
  await house.kill('desk');
  const thief = await house.as('relay');
  await thief.do('XADD', 'tips', '18446744073709551615-18446744073709551615', 'a', 'b');
  assert.match((await thief.ask('XADD', 'tips', '*', 'a', 'b')).message, /exhausted|equal or smaller/);
  thief.close();
  await house.run('desk'); // it reads the last id there can be
  await sleep(1000);
  await house.put(50);
  await until('the relay says so', () => /E602/.test(house.logs.relay));
  assert.equal(house.acknowledged.size, 100);
  await house.root('XTRIM', 'tips', 'MAXLEN', '0');
  await house.root('XSETID', 'tips', `${Date.now()}-0`);
  await house.root('XGROUP', 'SETID', 'tips', 'officers', '0');
  await allArriveOnce();
});

test('entries without measure go to quarantine, and relay and desk stay small', async () => {
  const [thief, other] = [await house.as('relay'), await house.as('desk')];
  for (let i = 0; i < 8; i++) {
    await thief.do('XADD', 'tips', '*', 'x', Buffer.alloc(7 << 20, i));
    await other.do('XADD', 'receipts', '*', 'x', Buffer.alloc(7 << 20, i));
  }
  thief.close();
  other.close();
  await house.put(100);
  const most = { relay: 0, desk: 0 };
  const watch = setInterval(() => {
    for (const name of ['relay', 'desk']) most[name] = Math.max(most[name], house.rss(name) ?? 0);
  }, 20);
  await allArriveOnce(120000);
  clearInterval(watch);
  assert.ok(most.relay < 24 << 20, `relay ${most.relay >> 20} MiB`);
  assert.ok(most.desk < 96 << 20, `desk ${most.desk >> 20} MiB`);
});

test('a Redis that stands still for seconds is waited for or left, and loses nothing', async () => {
  for (const ms of [500, 6000]) {
    const load = house.put(100);
    house.procs.redis.kill('SIGSTOP');
    await sleep(ms);
    house.procs.redis.kill('SIGCONT');
    await load;
  }
  await allArriveOnce();
});

/** Answers each command of the relay with what answer(name) gives. */
async function liar(file, answer) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', (data) => {
      for (const [, name] of data.toString('latin1').matchAll(/\r\n\$\d+\r\n(HELLO|XADD|WAIT|XREAD)\r\n|^$/g)) {
        if (name) socket.write(answer(name));
      }
    });
  });
  fs.rmSync(file, { force: true }); // a killed Redis leaves it
  server.listen(file);
  await once(server, 'listening');
  return async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
    fs.rmSync(file, { force: true });
  };
}
const HELLO = '*2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n';
const lies = {
  'takes everything and keeps nothing': { XADD: '$3\r\n1-1\r\n', WAIT: ':9\r\n', XREAD: '' },
  'answers another command': { XADD: ':7\r\n', WAIT: '+OK\r\n', XREAD: '$1\r\nx\r\n' },
  'announces a gigabyte and sends it': { XADD: `$1073741824\r\n${'x'.repeat(1 << 20)}`, WAIT: '', XREAD: '' },
  'announces a billion elements': { XADD: '*1000000000\r\n', WAIT: '', XREAD: '*1000000000\r\n' },
  'nests without end': { XADD: '*1\r\n'.repeat(100000), WAIT: '', XREAD: '' },
  'sends receipts that nobody signed': {
    XADD: '$3\r\n1-1\r\n', WAIT: ':1\r\n',
    XREAD: `*1\r\n*2\r\n$8\r\nreceipts\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*6\r\n$2\r\nid\r\n$16\r\n${'i'.repeat(16)}\r\n$1\r\nh\r\n$32\r\n${'h'.repeat(32)}\r\n$1\r\ns\r\n$64\r\n${'s'.repeat(64)}\r\n`,
  },
};

test('a Redis that lies is believed nothing that matters', async () => {
  await house.killRedis();
  for (const [how, says] of Object.entries(lies)) {
    const stop = await liar(house.socket, (name) => (name === 'HELLO' ? HELLO : says[name]));
    await house.put(20);
    await sleep(1200);
    const rss = house.rss('relay');
    assert.ok(rss < 24 << 20, `${how}: relay ${rss >> 20} MiB`);
    await stop();
  }
  assert.equal(await house.inSpool(), house.acknowledged.size, 'something was forgotten');
  await house.runRedis();
  // one that believed the first liar sends again after a minute, a new one now
  await house.kill('relay');
  await house.run('relay');
  await allArriveOnce();
});

test('clocks that jump lose nothing and double nothing', async () => {
  for (const jump of ['+40d', '-3d', '+1y', '+0']) {
    for (const name of ['spool', 'relay', 'desk']) await house.kill(name);
    house.clock = jump;
    for (const name of ['spool', 'relay', 'desk']) await house.run(name);
    await house.put(100);
    await house.killRedis(); // its clock jumps too
    await house.runRedis();
    await house.put(50);
  }
  assert.doesNotMatch(house.logs.spool, /preload/);
  await allArriveOnce();
});

test('the same tip a hundred times is one tip', async () => {
  const id = newId();
  for (let i = 0; i < 100; i++) await house.putIds([id]);
  await until('it is at the desk', async () => await house.inSpool() === 0);
  // and from Redis a hundred times more, and handed in again when it is gone
  const relay = await house.as('relay');
  for (let i = 0; i < 100; i++) await relay.do('XADD', 'tips', '*', 'id', id, 'r', sealedOf(id));
  relay.close();
  await house.putIds([id]);
  const sum = await allArriveOnce();
  assert.equal(sum.arrived, 1);
});

test('ten thousand that wait at the start all go, once, and the relay stays small', async () => {
  await house.kill('relay');
  await house.kill('desk');
  await house.put(10000, 64);
  await house.kill('spool');
  // no desk gives receipts: however long it takes, nothing is due a second time
  const conf = path.join(house.dir, 'tipline.conf');
  fs.writeFileSync(conf, fs.readFileSync(conf, 'utf8').replace(/^(again|again_urgent) = .*$/gm, '$1 = 1h'));
  await house.run('spool');
  const began = Date.now();
  await house.run('relay');
  await until('all are in Redis', async () => await house.root('XLEN', 'tips') >= 10000, 180000);
  const rss = house.rss('relay');
  console.log(`10,000 tips in Redis after ${Date.now() - began} ms, relay ${(rss / 1048576).toFixed(1)} MiB`);
  assert.ok(rss < 24 << 20, `relay ${rss >> 20} MiB`);
  assert.equal(await house.root('XLEN', 'tips'), 10000, 'some were sent twice');
});
