// SPDX-License-Identifier: AGPL-3.0-or-later
// Debian's Kannel for one test: bearerbox and smsbox on free ports of the
// loopback, in a temporary folder, and phones by its own fake SMSC. Whatever
// Kannel would text to a sender arrives at that phone and is counted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, until } from './home.mjs';

/** What keeps Kannel from texting to the sender. */
const QUIET = 'max-messages = 0\nomit-empty = true\nsend-sender = true';
const QUERY = 'id=%I&charset=%C&coding=%c&ts=%T&udh=%u&smsc=%i';
const QUERIES = {
  'post-url': QUERY,
  'get-url': `${QUERY}&from=%p&to=%P&textb=%b`,
};

const FAKESMSC = '/usr/lib/kannel/test/fakesmsc';

async function answers(port) {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await Promise.race([child.gone, sleep(5000, undefined, { ref: false })]);
  child.kill('SIGKILL');
  await child.gone;
}

export class Kannel {
  /**
   * service: the lines of group sms-service; ca: what smsbox trusts; retries:
   * how often it asks again, a second apart; smpp: the port of an SMSC to bind
   * to instead of the fake one; joins: whether Kannel joins long messages.
   */
  static async start({ service, ca, retries = 60, smpp = 0, joins = true }) {
    const kannel = new Kannel();
    kannel.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'kannel-'));
    fs.mkdirSync(path.join(kannel.dir, 'store'));
    kannel.procs = [];
    for (const port of ['admin', 'smsbox', 'smsc', 'sendsms']) kannel[port] = await freePort();
    kannel.conf = path.join(kannel.dir, 'kannel.conf');
    kannel.smpp = smpp;
    kannel.joins = joins;
    fs.writeFileSync(kannel.conf, kannel.configuration(service, ca, retries));
    kannel.run('/usr/sbin/bearerbox', ['-v', '2', kannel.conf]);
    await until('bearerbox listens', () => answers(kannel.smsbox));
    const smsbox = kannel.run('/usr/sbin/smsbox', ['-v', '2', kannel.conf]);
    await until('smsbox listens', () => {
      if (smsbox.exitCode !== null) throw new Error(smsbox.said());
      return answers(kannel.sendsms);
    });
    return kannel;
  }

  /**
   * One that forwards to the tipline of home as our manual says; way: post-url
   * or get-url; credentials: user:password; quiet: what keeps it from texting.
   */
  static forwarding(home, way, { credentials = home.secret('kannel'), quiet = QUIET, ...more } = {}) {
    return Kannel.start({
      ca: path.join(home.dir, 'tls/ecdsa.crt'),
      ...more,
      service: `${quiet}\n${way} = "https://${credentials}@127.0.0.1:${home.port}/sms/kannel?${QUERIES[way]}"`,
    });
  }

  configuration(service, ca, retries) {
    return `group = core
ssl-trusted-ca-file = "${ca}"
admin-port = ${this.admin}
admin-interface = 127.0.0.1
smsbox-interface = 127.0.0.1
smsbox-port = ${this.smsbox}
admin-password = admin
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-level = 2
store-type = spool
store-location = "${this.dir}/store"
sms-combine-concatenated-mo = ${this.joins}
sms-combine-concatenated-mo-timeout = 600
dlr-storage = internal

group = smsc
${this.smpp ? `smsc = smpp
smsc-id = OPERATOR
interface-version = 34
host = 127.0.0.1
port = ${this.smpp}
transceiver-mode = true
smsc-username = tipline
smsc-password = secret
system-type = ""` : `smsc = fake
smsc-id = FAKE
host = 127.0.0.1
port = ${this.smsc}
connect-allow-ip = 127.0.0.1`}

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = ${this.smsbox}
sendsms-port = ${this.sendsms}
sendsms-interface = 127.0.0.1
log-level = 2
http-request-retry = ${retries}
http-queue-delay = 1
mo-recode = false

group = sendsms-user
username = tester
password = tester
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
${service}
`;
  }

  run(file, args) {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.dir });
    const said = [];
    child.stdout.on('data', (data) => said.push(data));
    child.stderr.on('data', (data) => said.push(data));
    child.said = () => Buffer.concat(said).toString();
    child.gone = once(child, 'exit');
    this.procs.push(child);
    return child;
  }

  /**
   * A phone sends one message; it stays on to hear what comes back. One at a
   * time: the fake SMSC's door takes one.
   */
  async send(kind, data, { from = '+85512345678', to = '8888' } = {}) {
    const phone = this.run(FAKESMSC, ['-H', '127.0.0.1', '-r', String(this.smsc), '-m', '1',
      `${from} ${to} ${kind} ${data}`]);
    await until('the phone has sent', () => /sent message 1/.test(phone.said()));
    return {
      /** What was texted to the sender so far. */
      texts: () => phone.said().split('\n').filter((line) => /Got message/.test(line)),
      off: () => end(phone),
      said: phone.said,
    };
  }

  /** What its programs said so far. */
  said() {
    return this.procs.map((child) => child.said()).join('\n');
  }

  async stop() {
    for (const child of this.procs.reverse()) await end(child);
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}
