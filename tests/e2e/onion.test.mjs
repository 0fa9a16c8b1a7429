// SPDX-License-Identifier: AGPL-3.0-or-later
// The onion service: Debian's Tor takes the configuration that is shipped, and
// pages tell of the address where they should and nowhere else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, Home, request, root } from './lib/home.mjs';

const onion = `${'a'.repeat(56)}.onion`;
const torrc = fs.readFileSync(path.join(root, 'tor/tipline.torrc'), 'utf8');
let home, folder;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-tor-'));
  home = await Home.start({
    processes: ['spool', 'intake'],
    edit: (conf) => conf.replace('[site]', `[site]\nonion = ${onion}\ninterruption = page`),
  });
});
after(async () => {
  await home?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

function verify(text) {
  const file = path.join(folder, 'torrc');
  fs.writeFileSync(file, text.replace('/var/lib/tor/tipline/', `${folder}/service/`));
  return spawnSync('tor', ['--verify-config', '--defaults-torrc', '/dev/null', '-f', file,
    '--DataDirectory', path.join(folder, 'data'), '--SocksPort', '0'], { encoding: 'utf8', timeout: 120000 });
}

test('Tor takes the shipped configuration, with its defences', () => {
  const { status, stdout, stderr } = verify(torrc);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /Configuration was valid/);
  assert.doesNotMatch(stdout, /\[(warn|err)\].*(HiddenService|PoW|Unrecognized|deprecated)/i);
  for (const line of ['HiddenServicePoWDefensesEnabled 1', 'HiddenServiceEnableIntroDoSDefense 1', 'SafeLogging 1']) {
    assert.ok(torrc.includes(`\n${line}\n`), line);
  }
});

test('Tor would have refused a line that it does not know', () => {
  assert.notEqual(verify(`${torrc}\nHiddenServicePowDefencesEnabled 1\n`).status, 0);
});

test('the clearnet form names the onion address; the onion names no other', async () => {
  const clear = await request(`${home.url}/km/`);
  assert.equal(clear.headers['onion-location'], `http://${onion}/km/`);
  assert.equal((await request(`${home.url}/km/c`)).headers['onion-location'], undefined);
  const answer = await new Promise((resolve, reject) => {
    const socket = net.connect(path.join(home.dir, 'sock/onion'));
    const chunks = [];
    socket.on('error', reject);
    socket.on('data', (data) => chunks.push(data));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
    socket.write(`GET /km/ HTTP/1.1\r\nHost: ${onion}\r\nConnection: close\r\n\r\n`);
  });
  assert.match(answer, /^HTTP\/1\.1 200/);
  assert.doesNotMatch(answer, /onion-location|https:|127\.0\.0\.1/i);
});

test('where the operator wants it, the way in leads over how to leave', async () => {
  const entry = await request(`${home.url}/`, { headers: { 'Accept-Language': 'th' } });
  assert.equal(entry.headers.location, '/th/i');
  const facts = (await request(`${home.url}/th/i`)).body.toString();
  assert.match(facts, /href="\/th\/"/);
});

test('an onion address that is none is told by tipline check', () => {
  const conf = path.join(folder, 'tipline.conf');
  for (const [bad, good] of [[`${'A'.repeat(56)}.onion`, false], ['abc.onion', false], [`http://${onion}`, false], [onion, true]]) {
    fs.writeFileSync(conf, `[site]\nonion = ${bad}\n`);
    const { stdout, stderr } = spawnSync(path.join(build, 'tipline'), ['-c', conf, 'check'], { encoding: 'utf8' });
    assert.equal(/site\.onion/.test(stdout + stderr), !good, stdout + stderr);
  }
});
