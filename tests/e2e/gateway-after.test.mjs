// SPDX-License-Identifier: AGPL-3.0-or-later
// What the team's host does about gateways after the seal, against a provider
// that is only simulated: finding what its webhook lost, erasing its copies,
// fetching pictures, test texts and silence.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sweepClocks } from '../lib/clocks.mjs';
import { build, Home, insist, request, until } from './lib/home.mjs';

const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
const OURS = '+85512345678';
const sid = (n) => `SM${n.toString(16).padStart(32, '0')}`;
const khmer = 'ជួយខ្ញុំផង គេចាក់សោ';

/** Twilio's API as far as it concerns us. */
class Provider {
  async start() {
    this.messages = new Map();
    this.calls = [];
    this.password = 'api-password';
    this.early = new Set();
    this.server = http.createServer((req, res) => this.answer(req, res));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  add(n, body, change = {}) {
    const created = new Date(Date.now() - 20 * 60e3).toUTCString().replace('GMT', '+0000');
    this.messages.set(sid(n), {
      sid: sid(n), account_sid: ACCOUNT, direction: 'inbound', status: 'received', from: '+85512000111', to: OURS, body,
      date_created: created, num_media: '0', num_segments: '1', ...change,
    });
  }

  list(query) {
    const all = [...this.messages.values()].filter((m) => !query.get('To') || m.to === query.get('To'));
    const page = Number(query.get('Page') ?? 0);
    query.set('Page', page + 1);
    return {
      messages: all.slice(page * 2, page * 2 + 2), page,
      next_page_uri: all.length > page * 2 + 2 ? `/2010-04-01/Accounts/${ACCOUNT}/Messages.json?${query}` : null,
    };
  }

  async answer(req, res) {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const { pathname, searchParams } = new URL(req.url, this.url);
    const body = Buffer.concat(chunks).toString();
    const say = (status, json) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(json && JSON.stringify(json));
    this.calls.push({ method: req.method, path: pathname, query: searchParams.toString(), body, auth: req.headers.authorization });
    if (pathname === '/moved') return res.writeHead(302, { Location: searchParams.get('to') }).end();
    if (pathname === '/picture') return res.end('JPEG bytes');
    const basic = `Basic ${Buffer.from(`${ACCOUNT}:${this.password}`).toString('base64')}`;
    if (req.headers.authorization !== basic) return say(401, { code: 20003 });
    const front = `/2010-04-01/Accounts/${ACCOUNT}/Messages`;
    if (pathname === `${front}.json`) return say(200, this.list(searchParams));
    const message = this.messages.get(pathname.slice(front.length + 1).replace('.json', ''));
    if (!message) return say(404, { code: 20404 });
    if (this.early.delete(message.sid)) return say(400, { code: 20009 });
    if (req.method === 'DELETE') {
      this.messages.delete(message.sid);
      return say(204);
    }
    assert.equal(body, 'Body=');
    message.body = '';
    return say(200, message);
  }
}

const provider = new Provider();
let home;
let came_ms; // when the first tip was at the desk

/** Twilio calls our front door. */
function webhook(n, body, more = {}) {
  const fields = {
    AccountSid: ACCOUNT, Body: body, From: '+85512000111', MessageSid: sid(n), NumMedia: '0', NumSegments: '1', To: OURS, ...more,
  };
  const url = `${home.url}/sms/twilio`;
  const text = Object.keys(fields).sort().reduce((all, key) => all + key + fields[key], url);
  return insist(() => request(url, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Twilio-Signature': crypto.createHmac('sha1', home.secret('twilio')).update(text).digest('base64'),
    },
  }));
}

/** The tip of message n, once it is at the desk. */
const tipOf = (n) => until(`message ${n} is at the desk`, async () =>
  (await home.inbox()).find((tip) => tip.external_id === sid(n)));

/** tipline gateway ..., so many seconds from now. */
function gateway(args, later_s = 0) {
  const command = [path.join(build, 'tipline'), '-c', home.conf, 'gateway', ...args];
  sweepClocks();
  return new Promise((resolve) => {
    execFile('faketime', ['-f', `${later_s < 0 ? '' : '+'}${later_s}s`, ...command], {
      env: {
        ...process.env, TIPLINE_PASSPHRASE_FILE: path.join(home.dir, 'officer.pass'),
        ASAN_OPTIONS: 'verify_asan_link_order=0',
      },
    }, (error, stdout, stderr) => resolve({ status: error ? error.code : 0, stdout, stderr }));
  });
}

before(async () => {
  await provider.start();
  home = await Home.start({
    edit: (text) => text.replace('[gateway twilio]\n', `[gateway twilio]
account = ${ACCOUNT}
number = ${OURS}
api_url = ${provider.url}
api_secret_file = secrets/twilio-api
silence = 2h
`),
  });
  fs.writeFileSync(path.join(home.dir, 'secrets/twilio-api'), `${provider.password}\n`, { mode: 0o600 });
});
after(async () => {
  await home?.stop();
  provider.server?.close();
});

test('what the webhook lost is found in the log, once', async () => {
  provider.add(1, khmer);
  assert.equal((await webhook(1, khmer)).status, 200);
  await home.inboxOf(1);
  came_ms = Date.now();
  provider.add(2, `${khmer} 2`, { num_media: '1' });
  provider.add(3, 'sent by us', { direction: 'outbound-api' });
  provider.add(4, 'still under way', { date_created: new Date().toUTCString().replace('GMT', '+0000') });
  provider.add(5, 'to another line', { to: '+85599999999' });
  const shown = await gateway(['reconcile', '--show']);
  assert.deepEqual([shown.status, shown.stdout], [1, '1 providers asked, 2 texts in their logs, 1 of them missing here\n']);
  assert.equal((await home.inbox()).length, 1, '--show takes nothing in');
  const taken = await gateway(['reconcile']);
  assert.equal(taken.status, 1, 'a front door that failed is an alarm');
  assert.match(taken.stdout, /1 of them missing here, now in the queue/);
  const tips = await home.inboxOf(2);
  const again = await gateway(['reconcile']);
  assert.deepEqual([again.status, again.stdout], [0, '1 providers asked, 2 texts in their logs, 0 of them missing here\n']);
  assert.equal(tips.length, 2);
  const tip = tips.find((t) => t.external_id === sid(2));
  assert.equal(tip.text, `${khmer} 2`);
  assert.equal(tip.signed_by_us, true);
  assert.equal(tip.trust, 'log');
  assert.ok(tip.flags.includes("recovered from the gateway's log"));
  assert.equal(tip.sender.e164, '+85512000111');
  assert.ok(['P1', 'P2'].includes(tip.priority), 'the rules have run');
});

test('the log is asked page by page, for our number, with the password', () => {
  const lists = provider.calls.filter((call) => call.path.endsWith('/Messages.json'));
  assert.match(lists[0].query, /DateSent%3E=\d{4}-\d\d-\d\d&To=%2B85512345678/);
  assert.match(lists[1].query, /Page=1/);
  assert.ok(lists.every((call) => call.auth?.startsWith('Basic ')));
});

test('copies are emptied a minute after the tip is here, and once', async () => {
  const young = await gateway(['purge'], Math.ceil((came_ms - Date.now()) / 1000)); // however long it took to come here
  assert.deepEqual([young.status, young.stdout],
    [0, '0 erased, 1 waiting, 1 with pictures that were not fetched, 0 given up\n']);
  // a try just before a full hour, and another just after it
  const hour_s = (Math.floor(Date.now() / 3600e3) + 2) * 3600;
  const at = (s) => Math.round(hour_s + s - Date.now() / 1000);
  const tries = () => provider.calls.filter((call) => call.method === 'POST').length;
  provider.early.add(sid(1));
  assert.match((await gateway(['purge'], at(-60))).stdout, /^0 erased, 1 waiting/);
  assert.notEqual(provider.messages.get(sid(1)).body, '');
  assert.equal(tries(), 1);
  assert.match((await gateway(['purge'], at(60))).stdout, /^0 erased, 1 waiting/, 'not again within the hour');
  assert.equal(tries(), 1);
  assert.equal((await gateway(['purge', '--show'], at(7200))).stdout,
    '0 erased, 1 waiting, 1 with pictures that were not fetched, 0 given up\n');
  assert.match((await gateway(['purge'], at(7200))).stdout, /^1 erased, 0 waiting/);
  assert.equal(provider.messages.get(sid(1)).body, '');
  const calls = provider.calls.length;
  assert.match((await gateway(['purge'], at(9000))).stdout, /^0 erased, 0 waiting/);
  assert.equal(provider.calls.length, calls);
  assert.equal((await home.inbox()).find((t) => t.external_id === sid(1)).text, khmer, 'ours stays');
  const book = fs.readFileSync(path.join(home.dir, 'ledger/gateways'), 'utf8');
  assert.ok(!book.includes(sid(1).slice(-12)) && /^[0-9a-f]{32} e 2 \d+$/m.test(book), book);
});

test('a webhook that comes after all makes no second tip, with other words it does', async () => {
  provider.add(20, 'late');
  const before = (await home.inbox()).length;
  assert.equal((await gateway(['reconcile'])).status, 1);
  // once more before a desk has looked: officers see it once all the same
  assert.equal((await gateway(['reconcile'])).status, 1);
  const n = (await home.inboxOf(before + 1)).length;
  assert.equal((await webhook(20, 'late')).status, 200);
  await webhook(21, 'in the meantime');
  // whichever of the two comes first
  await until('the webhook\'s own is here', async () => (await home.inbox()).some((t) => t.external_id === sid(20) && t.trust === 'signed'));
  const tips = await home.inboxOf(n + 1);
  assert.equal(tips.length, n + 1);
  assert.deepEqual(tips.filter((t) => t.external_id === sid(20)).map((t) => t.trust), ['signed']);
  await webhook(20, 'late, in other words');
  assert.equal((await home.inboxOf(n + 2)).filter((t) => t.external_id === sid(20)).length, 2);
  await gateway(['purge'], 120);
});

test('what is erased at the provider is not missing here', async () => {
  const { status, stderr } = await gateway(['reconcile']);
  assert.equal(status, 0, stderr);
});

test('a refused password and a provider that is away are said', async () => {
  provider.add(6, 'x');
  await webhook(6, 'x');
  await tipOf(6);
  provider.password = 'changed';
  const refused = await gateway(['purge'], 300);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /refuses api_user or the password/);
  const unread = await gateway(['reconcile'], 300);
  assert.equal(unread.status, 1);
  assert.match(unread.stderr, /log cannot be read \(status 401\)/);
  provider.password = 'api-password';
  assert.equal((await gateway(['reconcile'])).status, 0);
});

test('after a week of trying a person is told', async () => {
  const late = await gateway(['purge'], 8 * 86400);
  assert.equal(late.status, 1);
  assert.match(late.stdout, /1 given up/);
  assert.match(late.stderr, /could not be erased within a week/);
});

test('pictures are fetched when an officer says so; the password stays with the API', async () => {
  const outside = `http://localhost:${provider.server.address().port}/picture`;
  await webhook(7, 'see', { NumMedia: '2', MediaUrl0: `${provider.url}/picture`, MediaContentType0: 'image/jpeg', MediaUrl1: outside, MediaContentType1: 'image/jpeg' });
  const tip = await tipOf(7);
  const folder = path.join(home.dir, 'pictures');
  provider.calls.length = 0;
  const { status, stdout, stderr } = await gateway(['media', tip.id, folder]);
  assert.match(stdout, /^1 of 2 fetched/, 'no plain http to anywhere but the API');
  assert.equal(status, 1);
  assert.match(stderr, /number 2/);
  assert.equal(fs.readFileSync(path.join(folder, '1'), 'utf8'), 'JPEG bytes');
  assert.equal(fs.statSync(path.join(folder, '1')).mode & 0o777, 0o600);
  assert.deepEqual(provider.calls.map((call) => call.path), ['/picture']);
});

test('what a gateway names as a picture leads to no door of our own house', async () => {
  const knocks = [];
  const house = net.createServer((socket) => { knocks.push(socket.localAddress); socket.destroy(); });
  house.listen(0, '::');
  await once(house, 'listening');
  const { port } = house.address();
  const folder = path.join(home.dir, 'own');
  await webhook(31, 'look', {
    NumMedia: '3',
    MediaUrl0: `https://127.0.0.1:${port}/erase-all`, MediaContentType0: 'image/jpeg',
    MediaUrl1: `https://localhost:${port}/erase-all`, MediaContentType1: 'image/jpeg',
    MediaUrl2: `https://[::ffff:127.0.0.1]:${port}/erase-all`, MediaContentType2: 'image/jpeg',
  });
  try {
    const { status, stderr } = await gateway(['media', (await tipOf(31)).id, folder]);
    assert.equal(status, 1);
    assert.equal(stderr.match(/number \d: its address is one of this host or of a network of your own/g)?.length, 3, stderr);
    assert.deepEqual(knocks, []);
  } finally {
    house.close();
  }
});

test('nor does the API lead there by a redirect, which it may to a door of its own', async () => {
  const knocks = [];
  const house = http.createServer((req, res) => { knocks.push(req.url); res.end('a secret of ours'); });
  house.listen(0, '127.0.0.1');
  await once(house, 'listening');
  const moved = (to) => `${provider.url}/moved?to=${encodeURIComponent(to)}`;
  const api = provider.url.slice('http://'.length);
  const { port } = house.address();
  await webhook(32, 'look there', {
    NumMedia: '4',
    MediaUrl0: moved(`http://127.0.0.1:${port}/erase-all`), MediaContentType0: 'image/jpeg',
    MediaUrl1: moved('/picture'), MediaContentType1: 'image/jpeg',
    MediaUrl2: moved(`http://${api}@127.0.0.1:${port}/erase-all`), MediaContentType2: 'image/jpeg',
    MediaUrl3: moved(moved(`http://localhost:${port}/erase-all`)), MediaContentType3: 'image/jpeg',
  });
  const folder = path.join(home.dir, 'led');
  try {
    const { status, stdout, stderr } = await gateway(['media', (await tipOf(32)).id, folder]);
    assert.deepEqual(knocks, []);
    assert.equal(status, 1);
    assert.match(stdout, /^1 of 4 fetched/, stderr);
    assert.equal(stderr.match(/number [134]: its address is one of this host or of a network of your own/g)?.length, 3, stderr);
    assert.equal(fs.readFileSync(path.join(folder, '2'), 'utf8'), 'JPEG bytes');
  } finally {
    house.close();
  }
});

test('what has pictures is erased once these are here', async () => {
  provider.add(10, 'one', { num_media: '1' });
  await webhook(10, 'one', { NumMedia: '1', MediaUrl0: `${provider.url}/picture`, MediaContentType0: 'image/jpeg' });
  const tip = await tipOf(10);
  await gateway(['purge'], 120);
  assert.equal(provider.messages.get(sid(10)).body, 'one', 'not before');
  assert.equal((await gateway(['media', tip.id, path.join(home.dir, 'one')])).stdout, `1 of 1 fetched into ${home.dir}/one\n`);
  await gateway(['purge'], 120);
  assert.equal(provider.messages.get(sid(10)).body, '');
});

test('a test text comes the whole way and is no tip', async () => {
  const before_n = (await home.inbox()).length;
  const { stdout } = await gateway(['canary', 'twilio']);
  assert.match(stdout, /^(\d{4} ){3}\d{4}\n$/);
  assert.equal((await webhook(8, stdout.trim())).status, 200);
  await webhook(9, `${stdout.trim()} help`);
  const tips = await home.inboxOf(before_n + 1);
  assert.equal(tips.length, before_n + 1, 'a text that only contains one is a tip');
  // whichever of the two comes first
  const { status, stdout: told } = await until('the test text is here', async () => {
    await home.inbox();
    const said = await gateway(['status']);
    return /last test text 20/.test(said.stdout) && said;
  });
  assert.equal(status, 0, told);
  assert.match(told, /twilio: \d+ messages, \d+ of the last day, 3 found in its log\n {4}last 20.*, last test text 20/);
  assert.match(told, /kannel: 0 messages.*\n {4}last never, last test text never\n/);
});

test('a gateway that is silent for longer than it may is an alarm', async () => {
  const { status, stdout, stderr } = await gateway(['status'], 3 * 3600);
  assert.equal(status, 1);
  assert.match(stdout, /SILENT/);
  assert.match(stderr, /1 gateways are silent/);
});

test('a desk that runs takes what was found, and goes on', async () => {
  await home.desk();
  provider.add(30, 'found beside a desk');
  const { status, stdout, stderr } = await gateway(['reconcile']);
  assert.equal(status, 1, stderr);
  assert.match(stdout, /1 of them missing here, now in the queue/);
  const found = await until('the desk has it', async () => (await home.inbox()).find((t) => t.external_id === sid(30)));
  assert.equal(found.trust, 'log');
  assert.ok(found.signed_by_us);
  assert.equal((await gateway(['reconcile'])).status, 0);
  await home.kill('desk', 'SIGTERM');
});

test('a flood that was missed is put into the queue 200 at once', async () => {
  for (let n = 1000; n < 1210; n++) provider.add(n, `one of many, ${n}`);
  const first = await gateway(['reconcile']);
  assert.match(first.stdout, /210 of them missing here, the first 200 now in the queue/, first.stderr);
  await home.inbox();
  const second = await gateway(['reconcile']);
  assert.match(second.stdout, /10 of them missing here, now in the queue/, second.stderr);
  await home.inbox();
  assert.equal((await gateway(['reconcile'])).status, 0);
});

test('a desk that would not take it back puts nothing into the queue', async () => {
  const kept = fs.readFileSync(home.conf, 'utf8');
  fs.writeFileSync(home.conf, kept.replace(/^intake_keys = .*$/m, 'intake_keys = keys/intake.pub'));
  try {
    const { status, stderr } = await gateway(['reconcile']);
    assert.equal(status, 1);
    assert.match(stderr, /does not name the public half/);
    // to count needs no key, but what is wrong is said
    const shown = await gateway(['reconcile', '--show']);
    assert.equal(shown.status, 1);
    assert.match(shown.stderr, /does not name the public half/);
    assert.match(shown.stdout, /^1 providers asked, \d+ texts in their logs, \d+ of them missing here\n$/);
  } finally {
    fs.writeFileSync(home.conf, kept);
  }
});

test('a shell that holds the passphrase runs it again and again, without a file', async () => {
  const env = { ...process.env };
  delete env.TIPLINE_PASSPHRASE_FILE;
  const loop = `read -rs pass; for n in 1 2; do printf '%s\\n' "$pass" | "$0" -c "$1" gateway reconcile; done`;
  const shell = execFile('bash', ['-c', loop, path.join(build, 'tipline'), home.conf], { env });
  let said = '';
  shell.stdout.on('data', (data) => { said += data; });
  shell.stdin.end(fs.readFileSync(path.join(home.dir, 'officer.pass')));
  await once(shell, 'close');
  assert.match(said, /^(1 providers asked, \d+ texts in their logs, \d+ of them missing here[^\n]*\n){2}$/);
});

test('mistakes in the command line are said', async () => {
  assert.equal((await gateway(['canary', 'nobody'])).status, 1);
  assert.equal((await gateway(['media', 'xx', '/tmp/x'])).status, 2);
  assert.equal((await gateway(['reconcile', '--hours', '0'])).status, 2);
  assert.equal((await gateway(['nothing'])).status, 2);
});
