// SPDX-License-Identifier: AGPL-3.0-or-later
// A whole tipline for one test: a home of its own in a temporary folder, a
// free port, its own Redis. Every process is ended by its own pid.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../lib/port.mjs';
import { Client } from '../../lib/redis.mjs';

const run = promisify(execFile);
export const root = path.resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
export const build = process.env.TIPLINE_BUILD ?? path.join(root, 'build');
/** Under a sanitizer: what it takes of memory is the sanitizer's, and it says that the sandbox is relaxed. */
export const sanitized = path.basename(build) === 'asan';

export { freePort };

/** Wait until check() gives something true; fail with what after limit_ms. */
export async function until(what, check, limit_ms = 60000) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await sleep(50);
  }
}

// Newer releases of node keep connections open unasked: then which worker
// answers, and whether it has just closed, would depend on how fast a test runs.
const unkept = new https.Agent({ keepAlive: false });

/** One HTTP request, over a connection of its own unless an agent is given;
 * resolves to {status, headers, body} or rejects. */
export function request(url, { method = 'GET', headers = {}, body, agent = unkept, socketPath } = {}) {
  return new Promise((resolve, reject) => {
    const req = https.request(url, {
      method, headers, agent, socketPath, rejectUnauthorized: false,
    }, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve({
        status: res.statusCode, headers: res.headers, rawHeaders: res.rawHeaders,
        body: Buffer.concat(chunks),
      }));
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** send() until its answer is another than 503, as every gateway goes on when
 * we could not store in the second and a half that it is given; {times} of it. */
export async function insist(send, limit_ms = 60000) {
  const end = Date.now() + limit_ms;
  for (let times = 1; ; times++) {
    const answer = await send();
    if (answer.status !== 503 || Date.now() > end) return { ...answer, times };
  }
}

export const receiptOf = (page) => /<output id="receipt"[^>]*>([\s\S]*?)<\/output>/
  .exec(page.toString())?.[1].replace(/<[^>]*>/g, '');

/** The sockets of a process, none of one that has ended. */
export function socketsOf(pid) {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).filter((fd) => fd > 2)
      .map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)).filter((name) => name.startsWith('socket:'));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return [];
    throw error;
  }
}

/** Whether a process has anything open still: one that nobody has waited for has not. */
const runs = (pid) => {
  try {
    return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** All processes below this one. */
const below = (pid) => {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
      .flatMap((child) => [child, ...below(child)]);
  } catch {
    return []; // it has ended
  }
};

export class Home {
  /** edit: a function from the configuration's text to another text. */
  static async start({ edit, processes = ['redis', 'spool', 'relay', 'intake'] } = {}) {
    const home = new this();
    home.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-'));
    home.port = await freePort();
    home.deskPort = await freePort();
    home.url = `https://127.0.0.1:${home.port}`;
    home.conf = path.join(home.dir, 'tipline.conf');
    home.procs = {};
    home.logs = {};
    await run(path.join(root, 'tools/home'), [home.dir], {
      env: { ...process.env, TIPLINE_BUILD: build, TIPLINE_INTAKE_PORT: String(home.port), TIPLINE_DESK_PORT: String(home.deskPort) },
    });
    if (edit) fs.writeFileSync(home.conf, edit(fs.readFileSync(home.conf, 'utf8')));
    try {
      for (const name of processes) await home.run(name);
      if (processes.includes('intake')) await home.ready();
    } catch (error) {
      await home.stop();
      throw error;
    }
    return home;
  }

  command(name) {
    if (name === 'redis') return ['redis-server', [path.join(this.dir, 'redis/redis.conf')]];
    if (name === 'desk2') return [path.join(build, 'tipline-desk'), ['-c', this.conf2]];
    return [path.join(build, `tipline-${name}`), ['-c', this.conf]];
  }

  /** Start one of redis, spool, relay, intake, desk. */
  async run(name) {
    const [file, args] = this.command(name);
    // a call that the sandbox refuses is named, and stop() fails by it
    const env = { TIPLINE_SANDBOX: 'name', ...process.env };
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const log = this.logs[name] ??= [];
    child.stdout.on('data', (data) => log.push(data));
    child.stderr.on('data', (data) => log.push(data));
    this.procs[name] = child;
    child.gone = once(child, 'exit');
    if (name === 'redis') await until('redis answers', () => this.redis('PING').then(() => true, () => false));
    return child;
  }

  log(name) {
    return Buffer.concat(this.logs[name] ?? []).toString();
  }

  async kill(name, signal = 'SIGKILL') {
    const child = this.procs[name];
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const orphans = below(child.pid);
    child.kill(signal);
    await child.gone;
    // they die with it, a moment later, and hold its port and its ledger until then
    await until(`the children of ${name} are gone`, () => !orphans.some(runs));
  }

  /** Children of a process, by /proc. */
  childrenOf(name) {
    const { pid } = this.procs[name];
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ').filter(Boolean).map(Number);
  }

  /** Those of the intake's children that take connections: they have the
   * parent's doors. */
  workers() {
    const doors = new Set(socketsOf(this.procs.intake.pid));
    return this.childrenOf('intake').filter((pid) => socketsOf(pid).some((socket) => doors.has(socket)));
  }

  async ready() {
    await until('the intake is well', async () => {
      if (this.procs.intake.exitCode !== null) throw new Error(`intake ended: ${this.log('intake')}`);
      const answer = await this.admin('/healthz').catch(() => null);
      return answer?.status === 200;
    });
  }

  admin(pathname) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(path.join(this.dir, 'sock/intake-admin'));
      const chunks = [];
      socket.on('error', reject);
      socket.on('data', (data) => chunks.push(data));
      socket.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) });
      });
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
  }

  /** A number out of /metrics. */
  async metric(name) {
    const { body } = await this.admin('/metrics');
    const line = body.split('\n').find((l) => l.startsWith(`tipline_${name} `));
    return Number(line?.split(' ')[1]);
  }

  secret(name) {
    return fs.readFileSync(path.join(this.dir, 'secrets', name), 'utf8').trim();
  }

  async redis(...args) {
    const pass = fs.readFileSync(path.join(this.dir, 'redis/admin.pass'), 'utf8').trim();
    const { stdout } = await run('redis-cli', ['-s', path.join(this.dir, 'redis/redis.sock'),
      '--user', 'admin', '--pass', pass, '--no-auth-warning', ...args]);
    if (/^(NOAUTH|NOPERM|WRONGPASS|Could not|ERR|LOADING)/.test(stdout)) throw new Error(stdout);
    return stdout.trim();
  }

  /** A connection as one of Redis' users. */
  redisAs(user, password = fs.readFileSync(path.join(this.dir, `redis/${user}.pass`), 'utf8').trim()) {
    return Client.open(path.join(this.dir, 'redis/redis.sock'), user, password);
  }

  /** Other rights from now on; who is connected may have to come again. */
  async redisUsers(edit) {
    const file = path.join(this.dir, 'redis/users.acl');
    fs.writeFileSync(file, edit(fs.readFileSync(file, 'utf8')));
    await this.redis('ACL', 'LOAD');
  }

  /** Somebody with all rights, who is not in the shipped file. */
  async redisRoot() {
    await this.redisUsers((text) => (/^user root /m.test(text) ? text : `${text}user root on nopass ~* &* +@all\n`));
    return this.redisAs('root', 'x');
  }

  tipline(...args) {
    return run(path.join(build, 'tipline'), ['-c', this.conf, ...args], {
      env: { ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(this.dir, 'officer.pass') },
      maxBuffer: 1 << 28,
    });
  }

  /** What waits in the spool, by its own word. */
  async spooled() {
    return JSON.parse((await this.tipline('spool', '--json')).stdout);
  }

  /** Everything the desk has, as objects. */
  async inbox(...args) {
    const { stdout } = await this.tipline('inbox', '--json', ...args);
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** Fetch until the desk has n tips. */
  async inboxOf(n, limit_ms = 120000) {
    let tips = [];
    await until(`${n} tips at the desk`, async () => {
      tips = await this.inbox().catch(() => tips);
      return tips.length >= n;
    }, limit_ms).catch((error) => {
      throw new Error(`${error.message}; there are ${tips.length}\n${this.log('relay')}${this.log('spool')}`);
    });
    return tips;
  }

  /** Start the desk; resolves to its address. desk2: another host's desk on
   * the same Redis, with a ledger of its own. */
  async desk(name = 'desk') {
    let port = this.deskPort;
    if (name === 'desk2') {
      port = this.deskPort2 ??= await freePort();
      this.conf2 = path.join(this.dir, 'desk2.conf');
      fs.writeFileSync(this.conf2, fs.readFileSync(this.conf, 'utf8')
        .replace('\n[redis]\n', '\n[redis]\ndesk_group = officers2\n')
        .replace('\n[desk]\n', '\n[desk]\nname = desk2\n')
        .replace('ledger = ledger\n', 'ledger = ledger2\n')
        .replace(`listen = 127.0.0.1:${this.deskPort}`, `listen = 127.0.0.1:${port}`));
    }
    await this.run(name);
    const url = `https://127.0.0.1:${port}`;
    await until('the desk answers', async () => {
      if (this.procs[name].exitCode !== null) throw new Error(`desk ended: ${this.log(name)}`);
      return request(`${url}/`).then(() => true, () => false);
    }, 60000);
    return url;
  }

  /** Send the form as a browser does. */
  form(fields, { lang = 'km', agent } = {}) {
    return request(`${this.url}/${lang}/a`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
      agent,
    });
  }

  async stop() {
    for (const name of ['desk', 'desk2', 'intake', 'relay', 'spool', 'redis']) {
      if (!this.procs[name]) continue;
      // nobody waits for the second when the first was enough
      await Promise.race([this.kill(name, 'SIGTERM'), sleep(8000, undefined, { ref: false }).then(() => this.kill(name))]);
    }
    fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
    for (const name of Object.keys(this.logs)) {
      const refused = /sandbox: refused: .*|E12[03] .*/.exec(this.log(name));
      if (refused) throw new Error(`${name}: ${refused[0]}`);
    }
  }
}
