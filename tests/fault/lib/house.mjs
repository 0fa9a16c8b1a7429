// SPDX-License-Identifier: AGPL-3.0-or-later
// Spool, relay, one Redis and a desk without keys, without an intake: records
// go in by the spool's own frames. Each process can be killed, and run by
// another clock.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from '../../e2e/lib/home.mjs';
import { sweepClocks } from '../../lib/clocks.mjs';
import { Redis } from '../../lib/redis.mjs';
import { deskKeys, Door, frame, KEPT, newId, put, STATS_WANT } from './say_frames.mjs';

const run = promisify(execFile);

export class House {
  static async start({ redis = [] } = {}) {
    const house = new House();
    house.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-house-'));
    house.keys = deskKeys();
    house.procs = {};
    house.logs = { relay: '' };
    house.clock = '+0';
    house.acknowledged = new Set();
    fs.writeFileSync(path.join(house.dir, 'receipt.pub'), house.keys.publicFile);
    fs.writeFileSync(path.join(house.dir, 'receipt.secret'), house.keys.secret, { mode: 0o600 });
    house.server = await Redis.start();
    house.socket = house.server.socket;
    house.procs.redis = house.server.child;
    await house.makeGroup();
    fs.writeFileSync(path.join(house.dir, 'tipline.conf'), [
      '[spool]', 'path = spool', 'intake_socket = intake', 'relay_socket = relay', 'admin_socket = admin',
      'receipt_keys = receipt.pub', 'min_free = 16MiB', 'low_free = 16MiB',
      '[redis]', `socket = ${house.socket}`, `relay_password_file = ${house.server.dir}/relay.pass`,
      `desk_password_file = ${house.server.dir}/desk.pass`, ...redis,
      '[relay]', 'delay_min = 0s', 'delay_max = 0s', 'again = 10s', 'again_urgent = 10s',
      '[desk]', 'name = d1', 'ledger = ledger', 'intake_keys = receipt.pub', 'team_ring = receipt.secret',
      'receipt_key = receipt.secret', '',
    ].join('\n'));
    for (const name of ['spool', 'relay', 'desk']) await house.run(name);
    return house;
  }

  async run(name) {
    const [file, ...args] = {
      spool: [path.join(build, 'tipline-spool'), '-c', 'tipline.conf'],
      relay: [path.join(build, 'tipline-relay'), '-c', 'tipline.conf'],
      desk: [path.join(build, 'tests/fault/desk'), 'run', 'tipline.conf', 'receipt.secret'],
    }[name];
    // wall clocks jump, the monotonic one never does. Not by the command
    // faketime, which stays between us and the process that is to be killed.
    const clock = this.clock === '+0' ? {} : {
      LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1', FAKETIME: this.clock, DONT_FAKE_MONOTONIC: '1' };
    sweepClocks();
    const child = spawn(file, args, { cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...clock } });
    child.stderr.on('data', (data) => { this.logs[name] = ((this.logs[name] ?? '') + data).slice(-50000); });
    child.gone = once(child, 'exit');
    this.procs[name] = child;
  }

  async kill(name) {
    this.procs[name].kill('SIGKILL');
    await this.procs[name].gone;
  }

  killRedis() {
    return this.server.kill();
  }

  async runRedis() {
    await this.server.run();
    this.procs.redis = this.server.child;
  }

  async makeGroup() {
    await this.root('XGROUP', 'CREATE', 'tips', 'officers', '0', 'MKSTREAM').catch(() => {});
  }

  root(...args) {
    return this.server.root.do(...args);
  }

  as(user) {
    return this.server.as(user);
  }

  rss(name) {
    try {
      const status = fs.readFileSync(`/proc/${this.procs[name].pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
    } catch {
      return undefined;
    }
  }

  /** Put these into the spool until it says KEPT. */
  async putIds(ids) {
    for (;;) {
      const door = this.door?.open ? this.door : await Door.open(path.join(this.dir, 'intake'));
      this.door = door;
      door?.say(put(1, ids));
      const answer = await door?.next();
      if (answer?.type === KEPT) break;
      await sleep(30);
    }
    for (const id of ids) this.acknowledged.add(id.toString('hex'));
  }

  async put(n, batch = 10) {
    for (let i = 0; i < n; i += batch) await this.putIds(Array.from({ length: Math.min(batch, n - i) }, newId));
  }

  async inSpool() {
    const door = await Door.open(path.join(this.dir, 'admin'));
    if (!door) return undefined;
    door.say(frame(STATS_WANT));
    const answer = await door.next();
    door.close();
    return answer ? Number(answer.body.readBigUInt64BE(0)) : undefined;
  }

  async drain(limit_ms) {
    for (const end = Date.now() + limit_ms; Date.now() < end; await sleep(100)) {
      if (await this.inSpool() === 0) return true;
    }
    return false;
  }

  async sum() {
    await sleep(700); // what comes twice would come now
    await this.kill('desk');
    const { stdout } = await run(path.join(build, 'tests/fault/desk'), ['list', path.join(this.dir, 'ledger')], { maxBuffer: 1 << 28 });
    const count = new Map();
    for (const line of stdout.split('\n').filter((l) => l.endsWith(' fine'))) {
      const id = line.slice(0, 32);
      count.set(id, (count.get(id) ?? 0) + 1);
    }
    return {
      arrived: count.size,
      lost: [...this.acknowledged].filter((id) => !count.has(id)).length,
      doubled: [...count.values()].filter((n) => n > 1).length,
    };
  }

  async stop() {
    this.door?.close();
    for (const name of ['spool', 'relay', 'desk']) {
      const child = this.procs[name];
      if (child && child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await child.gone;
      }
    }
    await this.server?.stop();
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}
