// SPDX-License-Identifier: AGPL-3.0-or-later
// Spool, relay and a desk around a cluster of Redis, under a load that does not
// give up, while masters are cut off, killed and frozen and our own processes
// are killed. Acknowledged is what the spool answered KEPT to. At the end each
// of these is in the desk's ledger, with its bytes, once.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from '../../e2e/lib/home.mjs';
import { Cluster } from '../../lib/cluster.mjs';
import { Client } from '../../lib/redis.mjs';
import { earlyFront } from './fake_spool.mjs';
import { deskKeys, Door, frame, KEPT, LENT, newId, put, receipt, STATS_WANT, TAKE } from './say_frames.mjs';

const run = promisify(execFile);
const AT_ONCE = 8; // connections of the load
const BATCH = 8;
// records in the spool: beyond the first the load goes slowly, beyond the
// second it waits
const WAITING_SOME = 400;
const WAITING_MOST = 3000;

const kinds = ['cut', 'kill', 'cut and kill', 'freeze'];
const pick = (list) => list[Math.floor(Math.random() * list.length)];

/** A relay with the classic mistake: what Redis took is forgotten. It holds the
 * desk's key here, since the spool believes nobody else. */
class NaiveRelay {
  constructor(world) {
    this.world = world;
    this.going = true;
    this.ended = this.live();
  }

  async live() {
    while (this.going) {
      await this.once().catch(() => {});
      await sleep(100);
    }
  }

  async once() {
    const { cluster, dir, keys } = this.world;
    const door = await Door.open(path.join(dir, 'relay'));
    const node = this.node ?? await cluster.master();
    this.node = undefined;
    if (!door || !node) return;
    const password = fs.readFileSync(path.join(cluster.nodes[0].dir, 'relay.pass'), 'utf8').trim();
    const redis = await Client.open(node.socket, 'relay', password);
    this.stopNow = () => { door.close(); redis.close(); };
    try {
      while (this.going && node.child.exitCode === null && node.child.signalCode === null) {
        door.say(frame(TAKE, Buffer.from([0, 64, 2])));
        const lent = await this.next(door, LENT);
        if (!lent) return;
        const records = [];
        for (let i = 0, at = 1; i < lent[0]; i++) {
          const len = lent.readUInt32BE(at + 17);
          records.push([lent.subarray(at, at + 16), lent.subarray(at + 21, at + 21 + len)]);
          at += 21 + len;
        }
        for (const [id, sealed] of records) {
          await redis.do('XADD', 'tips', '*', 'id', id, 'r', sealed);
          door.say(receipt(keys.secret, id, sealed));
        }
        if (records.length === 0) await sleep(20);
        if (await this.moved(node)) return;
      }
    } finally {
      this.stopNow();
    }
  }

  async next(door, type) {
    for (;;) {
      const got = await door.next();
      if (got === null || got.type === type) return got?.body;
    }
  }

  async moved(node) {
    if (Date.now() < (this.lookMs ?? 0)) return false;
    this.lookMs = Date.now() + 500;
    const master = await this.world.cluster.master();
    return master !== undefined && master !== node;
  }

  async stop() {
    this.going = false;
    this.stopNow?.();
    await this.ended;
  }
}

export class World {
  /** wrong: undefined, or 'early' (KEPT is said before the commit), 'naive'
   * (a row is deleted on XADD), 'twice' (the desk looks nothing up). */
  static async start({ wrong, say = () => {} } = {}) {
    const world = new World();
    world.wrong = wrong;
    world.say = say;
    world.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-world-'));
    world.keys = deskKeys();
    world.procs = {};
    world.acknowledged = new Set();
    world.sent = 0;
    world.failovers = 0;
    world.kills = {};
    world.logs = {};
    fs.writeFileSync(path.join(world.dir, 'receipt.pub'), world.keys.publicFile);
    fs.writeFileSync(path.join(world.dir, 'receipt.secret'), world.keys.secret, { mode: 0o600 });
    try {
      world.cluster = await Cluster.start();
      await world.cluster.ask(await world.cluster.master(), 'XGROUP', 'CREATE', 'tips', 'officers', '0', 'MKSTREAM');
      world.writeConf('spool.conf', '');
      await world.run('spool');
      if (wrong === 'early') world.front = await earlyFront(path.join(world.dir, 'front'), path.join(world.dir, 'intake'));
      await world.runRelay();
      await world.runDesk();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  writeConf(name, redis) {
    fs.writeFileSync(path.join(this.dir, name), [
      '[spool]', 'path = spool', 'intake_socket = intake', 'relay_socket = relay', 'admin_socket = admin',
      'receipt_keys = receipt.pub', 'min_free = 16MiB', 'low_free = 16MiB',
      ...(redis ? ['[redis]', redis] : []),
      ...(name === 'relay.conf' ? ['[relay]', 'delay_min = 0s', 'delay_max = 0s', 'again = 60s', 'again_urgent = 60s'] : []),
      ...(name === 'desk.conf' ? ['[desk]', 'name = d1', 'ledger = ledger', 'intake_keys = receipt.pub',
        'team_ring = receipt.secret', 'receipt_key = receipt.secret'] : []), '',
    ].join('\n'));
  }

  async run(name) {
    const files = {
      spool: [path.join(build, 'tipline-spool'), '-c', 'spool.conf'],
      relay: [path.join(build, 'tipline-relay'), '-c', 'relay.conf'],
      desk: [path.join(build, 'tests/fault/desk'), 'run', 'desk.conf', 'receipt.secret', ...(this.wrong === 'twice' ? ['twice'] : [])],
    };
    const [file, ...args] = files[name];
    const child = spawn(file, args, { cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data) => { this.logs[name] = ((this.logs[name] ?? '') + data).slice(-20000); });
    child.gone = once(child, 'exit');
    this.procs[name] = child;
  }

  /** Each time on one side of the cut or the other. */
  async runRelay() {
    this.writeConf('relay.conf', this.cluster.conf('relay', { beside: Math.random() < 0.6 }));
    if (this.wrong === 'naive') this.naive = new NaiveRelay(this);
    else await this.run('relay');
  }

  /** Beside the naive relay it would read what is about to be lost. */
  async runDesk() {
    this.writeConf('desk.conf', this.cluster.conf('desk', { beside: this.wrong !== 'naive' && Math.random() < 0.5 }));
    await this.run('desk');
  }

  async kill(name) {
    if (name === 'relay' && this.naive) return;
    const child = this.procs[name];
    child.kill('SIGKILL');
    await child.gone;
    this.kills[name] = (this.kills[name] ?? 0) + 1;
    await sleep(50 * Math.random());
    if (name === 'relay') await this.runRelay();
    else if (name === 'desk') await this.runDesk();
    else await this.run(name);
  }

  // ---- load ------------------------------------------------------------------

  /** One worker: batches, until told to stop; what has no answer goes again. */
  async worker(goOn) {
    let door = null;
    let ids = null;
    while (ids !== null || goOn()) {
      if (!door?.open) {
        door?.close();
        door = await Door.open(path.join(this.dir, this.wrong === 'early' ? 'front' : 'intake'));
        if (!door) { await sleep(20); continue; }
      }
      if (ids === null) {
        if (this.waiting > WAITING_MOST) { await sleep(50); continue; }
        ids = Array.from({ length: BATCH }, newId);
        this.sent += ids.length;
      }
      door.say(put(1, ids, Math.random() < 0.2 ? 1 : 0));
      const answer = await door.next();
      if (answer?.type === KEPT) {
        for (const id of ids) this.acknowledged.add(id.toString('hex'));
        ids = null;
        await sleep(this.waiting > WAITING_SOME ? 600 * Math.random() : 20);
      } else {
        await sleep(20);
      }
    }
    door?.close();
  }

  /** How many records wait in the spool; undefined: it is away. */
  async inSpool() {
    const door = await Door.open(path.join(this.dir, 'admin'));
    if (!door) return undefined;
    door.say(frame(STATS_WANT));
    const answer = await door.next();
    door.close();
    return answer ? Number(answer.body.readBigUInt64BE(0)) : undefined;
  }

  /** Load until stopLoad(). */
  startLoad() {
    this.loading = true;
    this.waiting = 0;
    const watch = (async () => {
      while (this.loading) {
        this.waiting = await this.inSpool() ?? this.waiting;
        await sleep(100);
      }
    })();
    this.load = Promise.all([watch, ...Array.from({ length: AT_ONCE }, () => this.worker(() => this.loading))]);
  }

  async stopLoad() {
    this.loading = false;
    await this.load;
  }

  // ---- faults ----------------------------------------------------------------

  /** One failover, with kills of ours before, in and after it. */
  async failover(kind = pick(kinds), kills = 5) {
    const { cluster } = this;
    const victims = Array.from({ length: kills }, () => pick(this.wrong === 'early' ? ['spool'] : ['spool', 'relay', 'desk']));
    const killing = (async () => {
      for (const victim of victims) {
        await sleep(300 + 900 * Math.random());
        await this.kill(victim);
      }
    })();
    await sleep(200 + 800 * Math.random());
    const old = await cluster.until('a master', () => cluster.master());
    if (kind.startsWith('cut')) old.proxy.cut();
    if (kind === 'freeze') await cluster.kill(old, 'SIGSTOP');
    if (kind === 'kill') await cluster.kill(old);
    if (kind === 'cut and kill') {
      await sleep(700 * Math.random());
      await cluster.kill(old);
    }
    await cluster.until('another master', async () => (await cluster.master() ?? old) !== old, 180000);
    await sleep(1500 * Math.random()); // the lost side goes on meanwhile
    if (kind === 'freeze') await cluster.kill(old, 'SIGCONT');
    if (kind.startsWith('cut')) old.proxy.heal();
    if (kind.endsWith('kill')) await cluster.runNode(old);
    this.failovers++;
    await killing;
    await cluster.whole();
  }

  // ---- the end ---------------------------------------------------------------

  /** Until the spool has forgotten all of it, or limit_ms have passed. */
  async drain(limit_ms) {
    const end = Date.now() + limit_ms;
    while (Date.now() < end) {
      if (await this.inSpool() === 0) return true;
      await sleep(200);
    }
    return false;
  }

  /** Until the desk's ledger has not grown for a while. */
  async settle() {
    const file = path.join(this.dir, 'ledger/ledger-000001');
    const size = () => fs.statSync(file).size;
    for (let same = 0, last = size(); same < 10; same = size() === last ? same + 1 : 0, last = size()) await sleep(500);
  }

  async sum() {
    await this.settle();
    this.procs.desk.kill('SIGKILL');
    await this.procs.desk.gone;
    const { stdout } = await run(path.join(build, 'tests/fault/desk'), ['list', path.join(this.dir, 'ledger')], { maxBuffer: 1 << 28 });
    const count = new Map();
    let odd = 0;
    for (const line of stdout.split('\n').filter(Boolean)) {
      const [id, how] = line.split(' ');
      count.set(id, (count.get(id) ?? 0) + 1);
      if (how !== 'fine') odd++;
    }
    return {
      failovers: this.failovers,
      kills: Object.values(this.kills).reduce((a, b) => a + b, 0),
      acknowledged: this.acknowledged.size,
      arrived: count.size,
      lost: [...this.acknowledged].filter((id) => !count.has(id)).length,
      doubled: [...count.values()].filter((n) => n > 1).length,
      odd,
    };
  }

  async stop() {
    this.loading = false;
    await this.naive?.stop();
    for (const child of Object.values(this.procs)) {
      child.kill('SIGKILL');
      await child.gone;
    }
    await this.load?.catch(() => {});
    await this.front?.stop();
    await this.cluster?.stop();
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}
