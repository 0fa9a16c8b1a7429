// SPDX-License-Identifier: AGPL-3.0-or-later
// Three Redis with three Sentinels on loopback, from the shipped files. Before
// each stands a small proxy that can go black, as a cable that was cut: it
// stops reading and accepting, and keeps its connections. Redis and Sentinels
// know each other by the proxies' ports only, so a black one is cut off from
// them, and from clients that come through it; who speaks to a server's unix
// socket stands on its side of the cut.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './port.mjs';
import { Client } from './redis.mjs';

const run = promisify(execFile);
const root = path.resolve(new URL('.', import.meta.url).pathname, '../..');

export class Proxy {
  static async open(target) {
    const proxy = new Proxy();
    proxy.black = false;
    proxy.pairs = new Set();
    proxy.server = net.createServer({ pauseOnConnect: true }, (near) => proxy.join(near, target));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  join(near, target) {
    const pair = { near, far: null };
    this.pairs.add(pair);
    const end = () => {
      if (this.black) return; // who is cut off does not see the other one end
      near.destroy();
      pair.far?.destroy();
      this.pairs.delete(pair);
    };
    near.on('error', () => {}).on('close', end);
    pair.go = () => {
      if (pair.far) {
        near.resume();
        pair.far.resume();
        if (near.destroyed || pair.far.destroyed) end();
        return;
      }
      pair.far = net.connect(target, '127.0.0.1');
      pair.far.on('error', () => {}).on('close', end);
      near.on('data', (data) => pair.far.write(data));
      pair.far.on('data', (data) => near.write(data));
      near.resume();
    };
    if (!this.black) pair.go();
  }

  cut() {
    this.black = true;
    for (const { near, far } of this.pairs) {
      near.pause();
      far?.pause();
    }
  }

  heal() {
    this.black = false;
    for (const pair of this.pairs) pair.go();
  }

  close() {
    this.black = true;
    for (const { near, far } of this.pairs) {
      near.destroy();
      far?.destroy();
    }
    this.server.close();
  }
}

const line = (file) => fs.readFileSync(file, 'utf8').trim();

export class Cluster {
  /** down_after_ms: how long a master must be silent. replicas: how many. */
  static async start({ replicas = 2, sentinels = 3, down_after_ms = 1000, conf = (text) => text } = {}) {
    const cluster = new Cluster();
    cluster.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-cluster-'));
    cluster.nodes = [];
    cluster.sentinels = [];
    try {
      for (let i = 0; i <= replicas; i++) await cluster.addNode(i, conf);
      for (const node of cluster.nodes) await cluster.runNode(node);
      for (let i = 0; i < sentinels; i++) await cluster.addSentinel(i, sentinels, down_after_ms);
      await cluster.whole();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async addNode(i, conf) {
    const dir = path.join(this.dir, `redis-${i}`);
    const port = await freePort();
    const proxy = await Proxy.open(port);
    fs.mkdirSync(dir, { mode: 0o700 });
    for (const file of i > 0 ? fs.readdirSync(this.nodes[0].dir).filter((f) => f.endsWith('.pass')) : []) {
      fs.copyFileSync(path.join(this.nodes[0].dir, file), path.join(dir, file));
    }
    await run(path.join(root, 'tools/redis-home'), ['--listen', `127.0.0.1:${port}`, dir, 'janitor']);
    const file = path.join(dir, 'redis.conf');
    const master = i > 0 ? `replicaof 127.0.0.1 ${this.nodes[0].proxy.port}\n` : '';
    fs.appendFileSync(file, `replica-announce-ip 127.0.0.1\nreplica-announce-port ${proxy.port}\n${master}`);
    fs.writeFileSync(file, conf(fs.readFileSync(file, 'utf8'), i));
    fs.appendFileSync(path.join(dir, 'users.acl'), 'user root on nopass ~* &* +@all\n');
    this.nodes.push({ i, dir, port, proxy, socket: path.join(dir, 'redis.sock'), log: '' });
  }

  spawn(node, args) {
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.gone = once(child, 'exit');
    child.stdout.on('data', (data) => { node.log = (node.log + data).slice(-200000); });
    child.stderr.on('data', (data) => { node.log += data; });
    node.child = child;
  }

  async runNode(node) {
    this.spawn(node, [path.join(node.dir, 'redis.conf')]);
    await this.until(`redis ${node.i} answers`, () => this.ask(node, 'PING'));
  }

  async addSentinel(i, n, down_after_ms) {
    const dir = path.join(this.dir, `sentinel-${i}`);
    const port = await freePort();
    fs.mkdirSync(dir, { mode: 0o700 });
    for (const user of i > 0 ? ['peer', 'watch'] : []) {
      fs.copyFileSync(path.join(this.sentinels[0].dir, `${user}.pass`), path.join(dir, `${user}.pass`));
    }
    await run(path.join(root, 'tools/sentinel-home'), [dir, `127.0.0.1:${port}`,
      `127.0.0.1:${this.nodes[0].proxy.port}`, path.join(this.nodes[0].dir, 'sentinel.pass'), String(Math.floor(n / 2) + 1)]);
    const file = path.join(dir, 'sentinel.conf');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8')
      .replace(/(down-after-milliseconds tipline) \d+/, `$1 ${down_after_ms}`)
      .replace(/(failover-timeout tipline) \d+/, '$1 4000'));
    const sentinel = { i, dir, port, proxy: await Proxy.open(port), log: '' };
    this.sentinels.push(sentinel);
    this.runSentinel(sentinel);
  }

  runSentinel(sentinel) {
    this.spawn(sentinel, [path.join(sentinel.dir, 'sentinel.conf'), '--sentinel']);
  }

  async kill(node, signal = 'SIGKILL') {
    if (node.child.exitCode !== null || node.child.signalCode !== null) return;
    node.child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await node.child.gone;
  }

  /** A command to one server, past its proxy, by somebody with all rights. */
  async ask(node, ...args) {
    const client = await Client.open(node.socket, 'root', 'x');
    try {
      return await client.do(...args);
    } finally {
      client.close();
    }
  }

  /** A command to a Sentinel as its user watch. */
  async askSentinel(sentinel, ...args) {
    const client = await Client.open(sentinel.port, 'watch', line(path.join(this.sentinels[0].dir, 'watch.pass')));
    try {
      return await client.do(...args);
    } finally {
      client.close();
    }
  }

  async until(what, check, limit_ms = 120000) {
    const end = Date.now() + limit_ms;
    let last;
    for (;;) {
      try {
        const value = await check();
        if (value) return value;
      } catch (error) {
        last = error;
      }
      if (Date.now() > end) throw new Error(`timed out: ${what}${last ? `: ${last.message}` : ''}`);
      await sleep(50);
    }
  }

  /** The node that a majority of the Sentinels names. */
  async master() {
    const votes = await Promise.all(this.sentinels.map((s) =>
      this.askSentinel(s, 'SENTINEL', 'get-master-addr-by-name', 'tipline').catch(() => null)));
    const count = {};
    for (const vote of votes.filter(Boolean)) count[vote[1]] = (count[vote[1]] ?? 0) + 1;
    const [port] = Object.entries(count).find(([, n]) => 2 * n > this.sentinels.length) ?? [];
    return this.nodes.find((node) => node.proxy.port === Number(port));
  }

  /** All replicas follow the master, and every Sentinel knows every other. */
  async whole(limit_ms = 180000) {
    await this.until('the cluster is whole', async () => {
      const master = await this.master();
      if (!master) return false;
      const info = String(await this.ask(master, 'INFO', 'replication'));
      const online = (info.match(/state=online/g) ?? []).length;
      if (!/role:master/.test(info) || online < this.nodes.length - 1) return false;
      for (const sentinel of this.sentinels) {
        const others = await this.askSentinel(sentinel, 'SENTINEL', 'sentinels', 'tipline');
        if (others.length < this.sentinels.length - 1) return false;
      }
      return true;
    }, limit_ms);
  }

  /** [redis] of a client's configuration. beside: stands on the servers' side
   * of a cut, else it comes through the proxies. */
  conf(who, { beside = false } = {}) {
    const first = this.nodes[0].dir;
    const routes = this.nodes.map((n) => `127.0.0.1:${n.proxy.port}=${n.socket}`);
    return [
      `sentinels = ${this.sentinels.map((s) => `127.0.0.1:${s.proxy.port}`).join(' ')}`,
      `sentinel_password_file = ${this.sentinels[0].dir}/watch.pass`,
      ...(beside ? [`routes = ${routes.join(' ')}`] : []),
      `${who}_password_file = ${first}/${who}.pass`,
      `replicas = ${this.nodes.length - 1}`, '',
    ].join('\n');
  }

  async stop() {
    for (const node of [...this.sentinels, ...this.nodes]) {
      if (node.child) {
        await this.kill(node, 'SIGCONT');
        await this.kill(node);
      }
      node.proxy.close();
    }
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}
