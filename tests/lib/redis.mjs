// SPDX-License-Identifier: AGPL-3.0-or-later
// A Redis of a test's own, from the shipped configuration and users, and a
// small client that speaks RESP2. The user "root", who may do everything, is
// added here: the shipped file has nobody like that.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(new URL('.', import.meta.url).pathname, '../..');

/** Read one reply at from; undefined if it is not complete. Bulk strings are
 * Buffers, errors are Errors (as values). */
function parse(data, from) {
  const end = data.indexOf('\r\n', from);
  if (end < 0) return undefined;
  const line = data.toString('latin1', from + 1, end);
  let at = end + 2;
  switch (data[from]) {
    case 0x2b: return { value: line, at };
    case 0x2d: return { value: new Error(line), at };
    case 0x3a: return { value: Number(line), at };
    case 0x24: {
      const len = Number(line);
      if (len < 0) return { value: null, at };
      if (data.length < at + len + 2) return undefined;
      return { value: data.subarray(at, at + len), at: at + len + 2 };
    }
    case 0x2a: {
      const n = Number(line);
      if (n < 0) return { value: null, at };
      const items = [];
      for (let i = 0; i < n; i++) {
        const item = parse(data, at);
        if (!item) return undefined;
        items.push(item.value);
        at = item.at;
      }
      return { value: items, at };
    }
    default: throw new Error(`not RESP: ${data[from]}`);
  }
}

export class Client {
  constructor(socket) {
    this.socket = socket;
    this.waiting = [];
    this.data = Buffer.alloc(0);
    socket.on('data', (data) => this.got(data));
    socket.on('error', () => {});
    socket.on('close', () => this.waiting.splice(0).forEach((w) => w.reject(new Error('closed'))));
  }

  static async open(file, user, password) {
    // a port is one of 127.0.0.1: node 18 tries only the first address of a name
    const socket = typeof file === 'number' ? net.connect(file, '127.0.0.1') : net.connect(file);
    await once(socket, 'connect');
    const client = new Client(socket);
    if (user) await client.do('AUTH', user, password);
    return client;
  }

  got(data) {
    this.data = Buffer.concat([this.data, data]);
    for (;;) {
      const reply = this.data.length > 0 ? parse(this.data, 0) : undefined;
      if (!reply) return;
      this.data = this.data.subarray(reply.at);
      this.waiting.shift().resolve(reply.value);
    }
  }

  /** The reply, errors as values. */
  ask(...args) {
    const bytes = args.map((a) => (Buffer.isBuffer(a) ? a : Buffer.from(String(a))));
    this.socket.write(Buffer.concat([Buffer.from(`*${args.length}\r\n`),
      ...bytes.flatMap((b) => [Buffer.from(`$${b.length}\r\n`), b, Buffer.from('\r\n')])]));
    return new Promise((resolve, reject) => { this.waiting.push({ resolve, reject }); });
  }

  /** The reply; rejects on an error. */
  async do(...args) {
    const reply = await this.ask(...args);
    if (reply instanceof Error) throw reply;
    return reply;
  }

  close() {
    this.socket.destroy();
  }
}

export class Redis {
  /** users: those to have beside relay, desk and admin. dir: an empty folder;
   * made and removed at stop() if it is not given. */
  static async start({ users = [], acl = (text) => text, dir } = {}) {
    const redis = new Redis();
    redis.own = !dir;
    redis.dir = dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'tl-redis-'));
    await run(path.join(root, 'tools/redis-home'), [redis.dir, ...users]);
    const file = path.join(redis.dir, 'users.acl');
    fs.writeFileSync(file, acl(`${fs.readFileSync(file, 'utf8')
    }user root on nopass ~* &* +@all\n`));
    redis.socket = path.join(redis.dir, 'redis.sock');
    redis.log = '';
    await redis.run();
    return redis;
  }

  async run() {
    this.child = spawn('redis-server', [path.join(this.dir, 'redis.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.gone = once(this.child, 'exit');
    this.child.stdout.on('data', (data) => { this.log += data; });
    this.child.stderr.on('data', (data) => { this.log += data; });
    const end = Date.now() + 60000;
    for (;;) {
      try {
        const client = await this.as('root', 'x');
        await client.do('PING');
        await client.do('XLEN', 'tips'); // not while it is loading
        this.root?.close();
        this.root = client;
        return;
      } catch (error) {
        if (Date.now() > end || this.child.exitCode !== null) throw new Error(`${error.message}\n${this.log}`);
        await sleep(20);
      }
    }
  }

  password(user) {
    return fs.readFileSync(path.join(this.dir, `${user}.pass`), 'utf8').trim();
  }

  as(user, password = this.password(user)) {
    return Client.open(this.socket, user, password);
  }

  async kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    await this.child.gone;
  }

  async stop() {
    this.root?.close();
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    if (this.own) fs.rmSync(this.dir, { recursive: true, force: true });
  }
}
