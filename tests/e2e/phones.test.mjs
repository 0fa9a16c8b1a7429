// SPDX-License-Identifier: AGPL-3.0-or-later
// Which phones and browsers can connect: the first words of each client that
// testssl.sh knows by their bytes are said to the intake, and its answer is
// read. What testssl.sh itself thinks of the intake: make test-tls.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Home } from './lib/home.mjs';

const TOO_OLD = /^(ie_6_xp|ie_8_win7|ie_8_xp|java_7u25)$/;
const SUITES = {
  '1301': 'TLS_AES_128_GCM_SHA256',
  '1302': 'TLS_AES_256_GCM_SHA384',
  '1303': 'TLS_CHACHA20_POLY1305_SHA256',
  'c02b': 'ECDHE-ECDSA-AES128-GCM-SHA256',
  'c02c': 'ECDHE-ECDSA-AES256-GCM-SHA384',
  'cca9': 'ECDHE-ECDSA-CHACHA20-POLY1305',
};
const ALERT = 21;
const HANDSHAKE = 22;

let home;
before(async () => { home = await Home.start({ processes: ['spool', 'intake'] }); });
after(() => home?.stop());

/** Clients that are in use, as {name, hello}. */
function clients() {
  const list = fs.readFileSync('/etc/testssl/client-simulation.txt', 'utf8');
  const each = list.split(/^ *names\+=/m).slice(1).map((text) => ({
    name: /short\+=\("([^"]+)"\)/.exec(text)[1],
    hello: Buffer.from(/handshakebytes\+=\("([^"]*)"\)/.exec(text)[1], 'hex'),
    current: /current\+=\(true\)/.test(text),
    web: /service\+=\("[^"]*(HTTP|ANY)/.test(text),
  }));
  return each.filter(({ current, web, hello }) => current && web && hello.length > 0);
}

/** What the intake says first to these bytes. */
async function answerTo(hello) {
  const socket = net.connect(home.port, '127.0.0.1');
  let said = Buffer.alloc(0);
  socket.on('data', (data) => {
    said = Buffer.concat([said, data]);
    if (said.length >= 7 && said.length >= 5 + said.readUInt16BE(3)) socket.destroy();
  });
  socket.on('error', () => {});
  socket.setTimeout(60000, () => socket.destroy());
  socket.write(hello);
  await once(socket, 'close');
  if (said[0] !== HANDSHAKE) return { refused: said[0] === ALERT || said.length === 0 };
  const message = said.subarray(5);
  assert.equal(message[0], 2, 'a ServerHello');
  const suite = message.subarray(39 + message[38], 41 + message[38]).toString('hex');
  return { suite, version: suite.startsWith('13') ? '1.3' : `1.${message.readUInt16BE(4) - 0x301}` };
}

test('every phone since Android 6 and every browser in use connects, and with forward secrecy', async (t) => {
  const found = clients();
  assert.ok(found.length > 20, 'the list was read');
  assert.ok(found.some(({ name }) => name === 'android_60'), 'Android 6 is in it');
  for (const { name, hello } of found) {
    const { suite, version, refused } = await answerTo(hello);
    t.diagnostic(`${name}: ${refused ? 'refused' : `TLS ${version}, ${SUITES[suite]}`}`);
    if (TOO_OLD.test(name)) {
      assert.ok(refused, `${name} is not served with what is broken`);
    } else {
      assert.ok(suite in SUITES, `${name}: ${suite}`);
      assert.match(version, /^1\.[23]$/, name);
    }
  }
});
