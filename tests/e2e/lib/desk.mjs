// SPDX-License-Identifier: AGPL-3.0-or-later
// An officer's console, as far as it speaks HTTP.
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build, request, until } from './home.mjs';

const run = promisify(execFile);

const STEP_MS = 30000;

/** The code of a step (RFC 6238), for a secret in base32. */
export function totp(secret, step) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

const used = new Map(); // by secret: the step of the last code

/** A code that was not used yet. keyd takes one from a step ahead, and none
 * from before its start, but for who was added since (late): two at once. */
export async function freshCode(secret, late = false) {
  const now = () => Math.floor(Date.now() / STEP_MS);
  const step = Math.max((used.get(secret) ?? 0) + 1, now() + (late ? 0 : 1));
  used.set(secret, step);
  while (now() < step - 1) await sleep(200);
  return totp(secret, step);
}

/** The secret of an officer's second factor, in base32. */
export function secretOf(home, name) {
  return /secret=([A-Z2-7]*)/.exec(fs.readFileSync(path.join(home.dir, `${name}.totp`), 'utf8'))[1];
}

export class Desk {
  /** A code of this officer's that is good now, and was not given before. */
  static code(home, name = 'officer', late = false) {
    return freshCode(secretOf(home, name), late);
  }

  /** Log in at home's desk; another one is named by its address. */
  static async login(home, { url = `https://127.0.0.1:${home.deskPort}`, name = 'officer', since, late } = {}) {
    const desk = new this();
    const file = path.join(home.dir, name);
    desk.url = url;
    desk.name = name;
    const code = await this.code(home, name, late);
    since?.(); // waiting for a code is not the desk's time
    const answer = await request(`${url}/api/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        name, code, passphrase: fs.readFileSync(`${file}.pass`, 'utf8').trim(),
      }),
    });
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.body}`);
    const { token } = JSON.parse(answer.body);
    const [cookie, known] = answer.headers['set-cookie'].map((text) => text.split(';')[0]);
    desk.headers = { 'X-Desk-Token': token, Cookie: cookie };
    desk.known = known; // of the browser, for its next log-in
    return desk;
  }

  /** Another officer of the ring; a keyd that runs knows them a second later. */
  static async add(home, name, role = 'officer') {
    const file = path.join(home.dir, name);
    fs.writeFileSync(`${file}.pass`, `passphrase of ${name}`, { mode: 0o600 });
    const { stdout } = await run(path.join(build, 'tipline'),
      ['-c', home.conf, 'officer', 'add', '--plain', '--cheap', '--role', role, name], {
        env: { ...process.env, TIPLINE_OFFICER: 'officer', TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass'),
          TIPLINE_NEW_PASSPHRASE_FILE: `${file}.pass` },
      });
    fs.writeFileSync(`${file}.totp`, stdout);
  }

  async ask(method, pathname, body) {
    const headers = { ...this.headers };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await request(`${this.url}${pathname}`, {
      method, headers, agent: this.agent, body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = answer.body.toString();
    return { status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  get(pathname) { return this.ask('GET', pathname); }

  post(pathname, body) { return this.ask('POST', pathname, body); }

  do(id, change) { return this.post(`/api/tips/${id}/do`, change); }

  async queue(query = 'view=open') {
    const answer = await this.get(`/api/queue?${query}`);
    if (answer.status !== 200) throw new Error(`queue: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** The same once this desk has opened all that it knows of: what it has not
   * is a row, whatever it turns out to be. */
  opened(query) {
    return until('all that came is opened', async () => {
      const answer = await this.queue(query);
      return answer.opening === 0 && answer;
    });
  }

  /** Wait for a row of which test says true. */
  async row(test, query, limit_ms = 60000) {
    let found;
    await until('the row is in the queue', async () => {
      found = (await this.queue(query)).rows.find(test);
      return found;
    }, limit_ms);
    return found;
  }

  /** Claim and open it, when it is a case: it is in the list before; resolves
   * to what that is then. Where Redis was away for a moment, that is no answer. */
  async take(id) {
    let claimed;
    await until('the tip can be claimed', async () => {
      claimed = await this.do(id, { event: 'CLAIM' });
      if (claimed.status === 503) return false;
      return claimed.status !== 409 || (claimed.body.error !== 'none' && claimed.body.now?.state !== 'RECEIVED');
    });
    if (claimed.status !== 200 && claimed.body.owner !== this.name) throw new Error(`claim: ${claimed.status} ${JSON.stringify(claimed.body)}`);
    const opened = await until('it can be opened', async () => {
      const answer = await this.do(id, { event: 'OPEN' });
      return answer.status !== 503 && answer;
    });
    return opened.body.now;
  }

  /** Order a text, when the desk can tell: before all that came is opened it
   * cannot, since a STOP may be among it, and nothing is done. */
  text(id, order) {
    return until('the desk can tell', async () => {
      const answer = await this.post(`/api/tips/${id}/sms`, order);
      return (answer.status !== 503 || answer.body.error !== 'opening') && answer;
    });
  }

  /** Look at a referral and order it: anew where not all is opened yet, or the
   * case has changed in between, as by what its reporter wrote, of which the
   * machine tells it when it comes to that. */
  refer(id, ask) {
    return until('the case stands still', async () => {
      const { body: { ref, created_s, hash } } = await this.post(`/api/tips/${id}/referrals/preview`, ask);
      const answer = await this.post(`/api/tips/${id}/referrals`, { ...ask, ref, created_s, hash });
      return !['changed', 'opening'].includes(answer.body.error) && answer;
    });
  }

  /** Listen: {text, next(event), ended, close()}. */
  events() {
    return new Promise((resolve, reject) => {
      const req = https.request(`${this.url}/api/events`, { headers: this.headers, rejectUnauthorized: false }, (res) => {
        const heard = { text: '', at: 0 };
        heard.ended = new Promise((done) => { res.on('end', done); res.on('close', done); });
        res.on('data', (data) => { heard.text += data; });
        heard.close = () => req.destroy();
        heard.next = async (event) => {
          let data;
          await until(`the event ${event}`, () => {
            const found = new RegExp(`event: ${event}\ndata: (.*)\n\n`).exec(heard.text.slice(heard.at));
            if (!found) return false;
            heard.at += found.index + found[0].length;
            data = JSON.parse(found[1]);
            return true;
          }, 60000);
          return data;
        };
        if (res.statusCode === 200) resolve(heard);
        else reject(new Error(`events: ${res.statusCode}`));
      });
      req.on('error', (error) => { if (!req.destroyed) reject(error); });
      req.end();
    });
  }

  logout() { return this.post('/api/logout', {}); }
}
