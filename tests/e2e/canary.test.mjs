// SPDX-License-Identifier: AGPL-3.0-or-later
// Test texts through every front door: the form, the onion service's form, the
// partners' API. They go the whole way, are known when they are opened, and are
// no tips; one that does not come is told; what only looks like one is a tip.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sodium from 'libsodium-wrappers-sumo';
import { sweepClocks } from '../lib/clocks.mjs';
import { Desk } from './lib/desk.mjs';
import { inject } from './lib/forge.mjs';
import { build, Home, insist, receiptOf, until } from './lib/home.mjs';

await sodium.ready;

const onion = `${'a'.repeat(56)}.onion`;
let home, tor, officer;
let tips = 0; // that there have to be
let tests; // as Redis has them

/** As much of Tor as a client of it sees: SOCKS 5 by name, one service. */
function startTor(place, service) {
  const server = net.createServer((socket) => {
    let bytes = Buffer.alloc(0);
    let greeted = false;
    let to;
    socket.on('error', () => {});
    socket.on('close', () => to?.destroy());
    socket.on('data', (data) => {
      if (to) return to.write(data);
      bytes = Buffer.concat([bytes, data]);
      if (!greeted) {
        if (bytes.length < 2 || bytes.length < 2 + bytes[1]) return undefined;
        bytes = bytes.subarray(2 + bytes[1]);
        greeted = true;
        socket.write(Buffer.from([5, 0]));
      }
      if (bytes.length < 5 || bytes.length < 7 + bytes[4]) return undefined;
      server.asked.push(`${bytes.subarray(5, 5 + bytes[4])}:${bytes.readUInt16BE(5 + bytes[4])}`);
      to = net.connect(service);
      to.on('error', () => socket.destroy());
      to.pipe(socket);
      return socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    });
  });
  server.asked = [];
  return new Promise((resolve) => { server.listen(place, () => resolve(server)); });
}

/** The command, as if it were so much later. */
function tipline(args, later_s = 0) {
  const command = [path.join(build, 'tipline'), '-c', home.conf, ...args];
  sweepClocks();
  return new Promise((resolve) => {
    execFile('faketime', ['-f', `+${later_s}s`, ...command], {
      env: {
        ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass'),
        ASAN_OPTIONS: 'verify_asan_link_order=0', no_proxy: '*', // Tor is asked all the same
      },
    }, (error, stdout, stderr) => resolve({ status: error ? error.code : 0, stdout, stderr }));
  });
}

/** The text of this hour for a door, as FORMAT.md has it. */
function textOf(door) {
  const hour = Buffer.alloc(8);
  hour.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 3600e3)));
  const key = sodium.crypto_generichash(32, home.secret('canary'));
  const hash = sodium.crypto_generichash(32, Buffer.concat([Buffer.from('tipline canary v1\0'), hour, Buffer.from(door)]), key);
  const digits = Array.from({ length: 16 }, (_, i) => (hash[2 * i] * 256 + hash[2 * i + 1]) % 10).join('');
  return digits.replace(/(\d{4})(?=\d)/g, '$1 ');
}

/** What can be seen of each tip in Redis: names of fields, and lengths. */
async function seenInRedis() {
  const said = await home.redis('--no-raw', 'XINFO', 'STREAM', 'tips', 'FULL', 'COUNT', '0');
  const words = [...said.slice(said.indexOf('"entries"') + 9, said.indexOf('"groups"')).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word.replace(/\\x[0-9a-f]{2}|\\./g, '.'));
  const entries = [];
  for (const word of words) {
    if (/^\d{13}-\d+$/.test(word)) entries.push([]);
    else entries.at(-1).push(entries.at(-1).length % 2 === 0 ? word : word.length);
  }
  return entries.map((entry) => JSON.stringify(entry));
}

const form = async (fields) => {
  const answer = await insist(() => home.form(fields));
  assert.equal(answer.status, 200);
  assert.match(receiptOf(answer.body), /^\d{20,25}$/);
};
const channels = async () => Object.fromEntries((await officer.queue()).header.channels.map((each) => [each.name, each]));
const woken = () => {
  try {
    return fs.readFileSync(path.join(home.dir, 'woken'), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

before(async () => {
  home = await Home.start({
    processes: [],
    edit: (conf) => conf
      .replace(/\n\[desk\]\n/, (found) => `${found}canary_web = https://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(conf)[1]}
canary_onion = ${onion}
canary_tor = sock/tor
ca_file = tls/both.crt
alarm_command = ./wake
`).replace(/\n\[gateway generic\]\n/, (found) => `${found}canary_secret_file = secrets/generic\nsilence = 2h\n`),
  });
  const at = (name) => path.join(home.dir, name);
  fs.writeFileSync(at('tls/both.crt'), fs.readFileSync(at('tls/ecdsa.crt'), 'utf8') + fs.readFileSync(at('tls/rsa.crt'), 'utf8'));
  fs.writeFileSync(at('wake'), `#!/bin/sh\necho "$*" >> ${at('woken')}\n`, { mode: 0o755 });
  for (const name of ['redis', 'spool', 'relay', 'intake']) await home.run(name);
  await home.ready();
  tor = await startTor(at('sock/tor'), at('sock/onion'));
  await home.desk();
  officer = await Desk.login(home);
});
after(async () => {
  tor?.close();
  await home?.stop();
});

test('a door that no test text has come through is told, and somebody is woken', async () => {
  await until('the header says so', async () => (await channels())['web test']?.silent);
  const all = await channels();
  for (const name of ['web test', 'onion test', 'generic']) {
    assert.deepEqual([name, all[name].silent, all[name].last_ms], [name, true, 0]);
  }
  assert.equal(all.web.silent, false, 'that nobody has written is no fault');
  await until('somebody is woken', () => woken().some((line) => /^silent 0 shift 3 /.test(line)), 120000);
});

test('a test text goes through each door the whole way, and is no tip', async () => {
  const { status, stdout, stderr } = await until('no door is busy', async () => {
    const said = await tipline(['canary']);
    return !/status 503/.test(said.stderr) && said;
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '3 of 3 doors took the test text\n');
  assert.ok(tor.asked.length > 0 && tor.asked.every((host) => host === `${onion}:80`), 'the name is Tor\'s to find');
  await until('all have come', async () => {
    const all = await channels();
    return ['web test', 'onion test', 'generic'].every((name) => all[name].last_ms > 0);
  });
  const all = await channels();
  for (const name of ['web test', 'onion test', 'generic']) assert.equal(all[name].silent, false, name);
  assert.equal(all.web.last_ms, 0, 'no reporter has written');
  await until('nothing is on its way', async () => (await home.spooled()).records === 0);
  tests = await seenInRedis();
  assert.ok(tests.length >= 3, 'more if a receipt was late');
  const { total, header } = await officer.opened();
  assert.deepEqual([total, header.received_today, header.never_opened], [0, 0, 0]);
  assert.deepEqual(await home.inbox(), []);
  const told = await tipline(['gateway', 'status']);
  assert.match(told.stdout, /generic: 0 messages, .*\n {4}last 20.*, last test text 20/);
  assert.match(told.stdout, /^web test: last 20.* UTC$/m);
  assert.match(told.stdout, /^onion test: last 20.* UTC$/m);
});

test('one that has not come for longer than it may is an alarm', async () => {
  const { status, stdout } = await tipline(['gateway', 'status'], 3 * 3600);
  assert.equal(status, 1);
  assert.match(stdout, /^web test: .*: SILENT$/m);
  assert.match(stdout, /^onion test: .*: SILENT$/m);
});

test('what only looks like one is a tip', async () => {
  const right = textOf('web test');
  await form({ story: right }); // who has the secret can send it by hand
  const wrong = [
    { story: `${right} help` },
    { story: right.slice(0, -1) + String((Number(right.at(-1)) + 1) % 10) },
    { story: right.replaceAll(' ', '') },
    { story: right, where_province: '12' },
    { story: right, now: '1' },
    { story: textOf('generic') },
    { story: textOf('web') },
  ];
  for (const fields of wrong) await form(fields);
  await inject(home, { v: 1, id: 'c4'.repeat(16), received: new Date().toISOString().replace(/\.\d+Z/, 'Z'),
    channel: 'web', lang: 'km', text: right, answers: {}, priority: 3, rules: [], sender: {} });
  tips = wrong.length + 1;
  await until('all are tips', async () => {
    const { total } = await officer.opened();
    assert.ok(total <= tips, `${total} of ${tips}`);
    return total === tips;
  });
  const shown = await home.inboxOf(tips);
  assert.equal(shown.length, tips);
  const others = (await seenInRedis()).slice(tests.length + 1);
  for (const one of tests) assert.ok(others.includes(one), `in Redis ${one} is like no tip: ${others}`);
  assert.deepEqual(shown.map(({ text }) => text).sort(), [...wrong.map(({ story }) => story), right].sort());
});

test('what a door does not take is said', async () => {
  await home.kill('intake', 'SIGTERM');
  const { status, stdout, stderr } = await tipline(['canary']);
  assert.equal(status, 1);
  assert.equal(stdout, '0 of 3 doors took the test text\n');
  for (const name of ['web test', 'onion test', 'generic']) assert.match(stderr, new RegExp(`${name}: no answer: `));
  const bare = path.join(home.dir, 'bare.conf');
  fs.writeFileSync(bare, fs.readFileSync(home.conf, 'utf8').replace(/^canary_(web|onion|secret_file) = .*\n/gm, ''));
  const none = await tipline(['-c', bare, 'canary']);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /no door is named/);
});
