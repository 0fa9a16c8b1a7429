// SPDX-License-Identifier: AGPL-3.0-or-later
// The shipped stunnel files on loopback: a tip goes through the tunnel, nobody
// without the right certificate does, and a tunnel that breaks loses nothing.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { freePort, Home, root, until } from './lib/home.mjs';

const run = promisify(execFile);
const ends = {};
let home;
let port;

/** As the operator's manual says. */
async function certificate(name) {
  const file = (end) => path.join(home.dir, `${name}.${end}`);
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-days', '825', '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('pem')]);
  fs.chmodSync(file('key'), 0o600);
}

/** The shipped file with this test's places, as this user. */
function configure(name, other, edit) {
  const text = fs.readFileSync(path.join(root, `stunnel/tipline-${name}.conf`), 'utf8')
    .replace(/^set[ug]id = .*\n/gm, '')
    .replace('/etc/stunnel/tipline.pem', path.join(home.dir, `${name}.pem`))
    .replace('/etc/stunnel/tipline.key', path.join(home.dir, `${name}.key`))
    .replace('/etc/stunnel/other.pem', path.join(home.dir, `${other}.pem`));
  fs.writeFileSync(path.join(home.dir, `${name}.conf`), edit(text));
}

async function open(name) {
  const child = spawn('stunnel4', [path.join(home.dir, `${name}.conf`)], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { child.log += data; });
  child.gone = once(child, 'exit');
  ends[name] = child;
}

async function close(name) {
  ends[name]?.kill('SIGKILL');
  await ends[name]?.gone;
}

before(async () => {
  home = await Home.start({
    processes: ['redis', 'spool', 'intake'],
    edit: (conf) => conf.replace('socket = redis/redis.sock', 'socket = tunnel.sock'),
  });
  port = await freePort();
  for (const name of ['client', 'server', 'stranger']) await certificate(name);
  configure('server', 'client', (text) => text.replace('accept = 6400', `accept = 127.0.0.1:${port}`)
    .replaceAll('/run/tipline-redis/redis.sock', path.join(home.dir, 'redis/redis.sock')));
  configure('client', 'server', (text) => text.replaceAll('REDIS-1:6400', `127.0.0.1:${port}`)
    .replaceAll('/run/tipline-tunnel/redis-1.sock', path.join(home.dir, 'tunnel.sock')));
  for (const name of ['server', 'client']) await open(name);
  await until('the tunnel stands', () => fs.existsSync(path.join(home.dir, 'tunnel.sock'))).catch((error) => {
    throw new Error(`${error.message}\n${ends.client.log}${ends.server.log}`);
  });
  await home.run('relay');
});
after(async () => {
  for (const name of Object.keys(ends)) await close(name);
  await home?.stop();
});

test('a tip and its receipt go through the tunnel', async () => {
  assert.equal((await home.form({ story: 'through the tunnel', now: '1' })).status, 200);
  const tips = await home.inboxOf(1);
  assert.equal(tips[0].text, 'through the tunnel');
  await until('the spool has the receipt', async () =>
    (await home.spooled()).records === 0);
});

/** PING through TLS with that certificate: what comes back. */
async function ping(name, options = {}) {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options,
    ...(name ? { cert: fs.readFileSync(path.join(home.dir, `${name}.pem`)), key: fs.readFileSync(path.join(home.dir, `${name}.key`)) } : {}) });
  let text = '';
  socket.on('data', (data) => { text += data; if (text.includes('\r\n')) socket.destroy(); }).on('error', () => {});
  socket.write('PING\r\n');
  const timer = setTimeout(() => socket.destroy(), 5000);
  await new Promise((resolve) => { socket.on('close', resolve); });
  clearTimeout(timer);
  return text;
}

test('only the certificate that was copied by hand comes through, and only TLS 1.3', async () => {
  await until('the right one comes through', async () => /^-NOAUTH/.test(await ping('client')));
  assert.equal(await ping('stranger'), '');
  assert.equal(await ping(null), '');
  assert.equal(await ping('client', { maxVersion: 'TLSv1.2' }), '');
  const plain = net.connect(port, '127.0.0.1');
  let text = '';
  plain.on('data', (data) => { text += data; }).on('error', () => {});
  plain.write('PING\r\n');
  await new Promise((resolve) => { plain.on('close', resolve); });
  assert.doesNotMatch(text, /NOAUTH|PONG/);
});

test('a client does not speak to a server with another certificate', async () => {
  await close('server');
  const real = fs.readFileSync(path.join(home.dir, 'server.conf'), 'utf8');
  fs.writeFileSync(path.join(home.dir, 'server.conf'), real.replaceAll('server.pem', 'stranger.pem').replaceAll('server.key', 'stranger.key'));
  await open('server');
  assert.equal((await home.form({ story: 'for nobody else', now: '1' })).status, 200);
  await until('the client refuses', () => /certificate verify failed|CERT/.test(ends.client.log));
  assert.equal((await home.spooled()).records, 1);
  await close('server');
  fs.writeFileSync(path.join(home.dir, 'server.conf'), real);
  await open('server');
  await home.inboxOf(2);
});

test('a tunnel that breaks under load loses nothing', async () => {
  for (let i = 0; i < 30; i++) {
    if (i % 10 === 5) {
      await close('client');
      await close('server');
      fs.rmSync(path.join(home.dir, 'tunnel.sock'), { force: true }); // as the unit does: it leaves it, if it had come to make it
      await open('server');
      await open('client');
    }
    assert.equal((await home.form({ story: `load ${i}`, now: '1' })).status, 200);
  }
  const tips = await home.inboxOf(32);
  assert.equal(new Set(tips.map((tip) => tip.text)).size, 32);
  assert.equal(tips.length, 32);
});
