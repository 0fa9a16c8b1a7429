// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk writes to a reporter: readable with the receipt code and with
// nothing else, also while Redis is away; gone when it shall be, from spool,
// stream and every repeat of it. The reader here is written from
// docs/FORMAT.md and speaks to the spool as a worker does.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sodium from 'libsodium-wrappers-sumo';
import { Home, receiptOf, request, until } from './lib/home.mjs';

await sodium.ready;

const ascii = (text) => Buffer.from(text, 'latin1');
const H = (n, message, key) => Buffer.from(sodium.crypto_generichash(n, message, key));
const MAIL = 2200;

const DAMM = ['0317598642', '7092154863', '4206871359', '1750983426', '6123045978',
  '3674209581', '5869720134', '8945362017', '9438617205', '2581436790'];
const damm = (digits) => [...digits].reduce((interim, digit) => DAMM[interim][digit], '0');

const wrongCode = '3141592653589793238' + damm('3141592653589793238');

let home;
let pepper;
let code; // of the first tip
let tip;

const words = (text) => {
  const file = path.join(home.dir, 'words.txt');
  fs.writeFileSync(file, `${text}\n`);
  return file;
};

/** Mailbox and reply key of a code of 20 digits. */
const opened = new Map();
function openCode(digits) {
  if (!opened.has(digits)) opened.set(digits, derive(digits));
  return opened.get(digits);
}

function derive(digits) {
  const S = H(48, ascii(`tipline slow v1\0${digits}`), pepper);
  const A = Buffer.from(sodium.crypto_pwhash(32, S.subarray(0, 32), S.subarray(32), 2, 65536 * 1024,
    sodium.crypto_pwhash_ALG_ARGON2ID13));
  return {
    mailbox: H(16, Buffer.concat([ascii('tipline slow mailbox v1\0'), A]), pepper),
    key: H(32, Buffer.concat([ascii('tipline slow reply v1\0'), A]), pepper),
  };
}

/** One question to the spool, as a worker: the answer's frame. */
function askSpool(type, mailbox) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path.join(home.dir, 'sock/spool-intake'));
    let got = Buffer.alloc(0);
    const frame = Buffer.alloc(28);
    frame.writeUInt32BE(20, 0);
    frame.writeUInt16BE(type, 4);
    frame.writeUInt32BE(7, 8);
    mailbox.copy(frame, 12);
    socket.on('error', reject);
    socket.on('data', (data) => {
      got = Buffer.concat([got, data]);
      while (got.length >= 8 && got.length >= 8 + got.readUInt32BE(0)) {
        const answer = { type: got.readUInt16BE(4), body: got.subarray(8, 8 + got.readUInt32BE(0)) };
        got = got.subarray(8 + answer.body.length);
        if (answer.type !== 4) { // ROOM
          socket.destroy();
          resolve(answer);
        }
      }
    });
    socket.write(frame);
  });
}

async function rawMailbox(mailbox) {
  const { type, body } = await askSpool(42, mailbox);
  assert.equal(type, 43);
  assert.equal(body.length, 5 + 16 * MAIL);
  return Array.from({ length: body[4] }, (_, i) => body.subarray(5 + i * MAIL, 5 + (i + 1) * MAIL));
}

function openMail(mail, key) {
  const content = Buffer.from(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null,
    mail.subarray(72, 2136), mail.subarray(0, 72), mail.subarray(48, 72), key));
  return { status: content[0], text: content.subarray(12, 12 + content.readUInt16BE(2)).toString() };
}

async function read(digits) {
  const { mailbox, key } = openCode(digits);
  return (await rawMailbox(mailbox)).map((mail) => openMail(mail, key));
}

const reply = (...args) => home.tipline('reply', ...args);
const refused = (...args) => reply(...args).then(() => assert.fail('it was done'), (error) => error.stderr);

/** The return page, as a browser sends it. */
const returnPage = (fields, headers = {}) => request(`${home.url}/en/c`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(fields).toString(),
});
/** What somebody on the way sees of an answer: all but its bytes' meaning. */
const seen = ({ status, rawHeaders, body }) => ({ status, bytes: body.length,
  head: rawHeaders.map((text, i) => (rawHeaders[i - 1] === 'Date' ? text.length : text)) });
const stateOf = (page) => /name="s" value="([^"]+)"/.exec(page.toString())[1];

async function sendTip(story) {
  const answer = await home.form({ story, now: '1' });
  assert.equal(answer.status, 200);
  const digits = receiptOf(answer.body);
  let found;
  await until('the tip is at the desk', async () => {
    found = (await home.inbox()).find(({ text }) => text === story);
    return found;
  });
  return { digits, found };
}

before(async () => {
  home = await Home.start();
  pepper = Buffer.from(fs.readFileSync(path.join(home.dir, 'keys/pepper.key'), 'utf8').split('\n')[1], 'base64');
  await until('a code of 20 digits', async () => {
    const { digits, found } = await sendTip(`they lock the door ${Math.random()}`);
    code = digits;
    tip = found;
    return digits.length === 20;
  });
});
after(() => home?.stop());

const canary = 'ប្រាប់យើងពីទីកន្លែង zebra-canary-7';

test('a reply can be read with the code', async () => {
  assert.deepEqual(await read(code), []);
  await reply(tip.id, '--status', 'question', '--text', words(canary));
  fs.rmSync(path.join(home.dir, 'words.txt'));
  await until('the spool has it', async () => (await read(code)).length === 1);
  assert.deepEqual(await read(code), [{ status: 3, text: canary }]);
  assert.equal((await home.inbox()).length >= 1, true);
});

test('and with nothing else: not with another key, nor the pepper, nor any file', async () => {
  const { mailbox } = openCode(code);
  const [mail] = await rawMailbox(mailbox);
  assert.throws(() => openMail(mail, openCode('27041395806172440000').key));
  assert.throws(() => openMail(mail, pepper));
  const keys = fs.readdirSync(path.join(home.dir, 'keys'));
  assert.ok(keys.length > 5);
  for (const name of keys) {
    const line = Buffer.from(fs.readFileSync(path.join(home.dir, 'keys', name), 'utf8').split('\n')[1] ?? '', 'base64');
    for (let at = 0; at + 32 <= line.length; at++) {
      assert.throws(() => openMail(mail, line.subarray(at, at + 32)), name);
    }
  }
});

/** The files that have these words; one that goes meanwhile has none. */
const filesWith = (what) => spawnSync('grep', ['-rlasF', '-D', 'skip', what, home.dir], { encoding: 'utf8' }).stdout;

test('its words are nowhere on disk, nor in the code\'s own digits', () => {
  for (const what of [canary, 'zebra-canary-7', code]) {
    assert.equal(filesWith(what), '', what);
  }
  fs.writeFileSync(path.join(home.dir, 'words.txt'), `and here is ${canary}\n`);
  assert.notEqual(filesWith(canary), '', 'it is found where it is');
  fs.rmSync(path.join(home.dir, 'words.txt'));
  assert.equal(/zebra/.test(['spool', 'relay', 'intake', 'redis'].map((name) => home.log(name)).join('')), false);
});

test('a wrong code and an empty mailbox look alike', async () => {
  const { digits } = await sendTip(`an empty mailbox ${Math.random()}`);
  const wrong = await askSpool(42, openCode('31415926535897932384').mailbox);
  const empty = await askSpool(42, openCode(digits.slice(0, 20)).mailbox);
  assert.deepEqual(wrong, empty);
  assert.equal(wrong.body.subarray(4).every((byte) => byte === 0), true);
});

test('replies are shown while Redis is away', async () => {
  await home.kill('redis');
  assert.deepEqual(await read(code), [{ status: 3, text: canary }]);
  await home.kill('spool');
  await home.run('spool');
  await until('the spool is back', () => read(code).then((mail) => mail.length === 1, () => false));
});

test('what is written while Redis is away goes out later', async () => {
  const why = await refused(tip.id, '--status', 'helpers');
  assert.match(why, /queue cannot be written/);
  await home.run('redis');
  const { stdout } = await reply('--again');
  assert.match(stdout, /^2 in the queue/);
  await until('both are there', async () => (await read(code)).length === 2);
  await reply('--again');
  assert.ok((await read(code)).length > 0);
});

test('what the reporter deletes is gone, and no repeat brings it back', async () => {
  const { mailbox } = openCode(code);
  const answer = await askSpool(44, mailbox);
  assert.equal(answer.type, 45);
  assert.deepEqual(await read(code), []);
  await home.kill('relay');
  await home.run('relay'); // reads the stream from its beginning
  await reply('--again');
  await reply(tip.id, '--status', 'finished');
  await until('the new one is there', async () => (await read(code)).length === 1);
  assert.deepEqual(await read(code), [{ status: 5, text: '' }]);
});

test('the desk takes back what it wrote: from the stream, and from every spool', async () => {
  assert.ok(Number(await home.redis('XLEN', 'mail')) >= 3);
  await reply(tip.id, '--delete');
  await until('the spool has none', async () => (await read(code)).length === 0);
  await reply(tip.id, '--status', 'read');
  await until('the new one is there', async () => (await read(code)).length === 1);
  // what --again added before the entries were remembered stays until trimmed
  await home.kill('relay');
  await home.run('relay');
  await reply('--again');
  await reply(tip.id, '--status', 'received');
  await until('two', async () => (await read(code)).length === 2);
  assert.deepEqual((await read(code)).map(({ status }) => status).sort(), [1, 2]);
});

test('a wiped Redis takes back nothing, and gets what it lost', async () => {
  await home.kill('redis');
  fs.rmSync(path.join(home.dir, 'redis/appendonlydir'), { recursive: true, force: true });
  await home.run('redis');
  assert.equal((await read(code)).length, 2);
  await home.inbox();
  await reply('--again');
  assert.ok((await read(code)).length > 0);
  assert.ok(Number(await home.redis('XLEN', 'mail')) > 0);
});

test('the page shows it to who enters the code, and to nobody else', async () => {
  await reply(tip.id, '--text', words(canary));
  fs.rmSync(path.join(home.dir, 'words.txt'));
  await until('the page shows it', async () => (await returnPage({ code })).body.toString().includes(canary));
  const wrong = await returnPage({ code: wrongCode });
  assert.equal(wrong.status, 200);
  assert.equal(wrong.body.toString().includes('zebra'), false);
});

test('a code with mail, one without, one whose mail is over and a wrong one are one answer on the wire', async () => {
  const nothing = await sendTip(`nothing yet ${Math.random()}`);
  const over = await sendTip(`it is over ${Math.random()}`);
  await reply(over.found.id, '--status', 'read');
  await until('the page says so', async () => (await returnPage({ code: over.digits })).body.toString().includes('has read it'));
  await reply(over.found.id, '--delete');
  await until('it is gone', async () => !(await returnPage({ code: over.digits })).body.toString().includes('has read it'));
  for (const coding of ['identity', 'gzip']) {
    const ask = async (digits) => seen(await returnPage({ code: digits }, { 'Accept-Encoding': coding }));
    const wrong = await ask(wrongCode);
    assert.equal(wrong.status, 200);
    assert.deepEqual(await ask(code), wrong, 'mail lies there');
    assert.deepEqual(await ask(nothing.digits), wrong, 'none has come');
    assert.deepEqual(await ask(over.digits), wrong, 'it was there');
    // typed wrongly, it is not looked up: as many bytes all the same
    assert.equal((await ask(`${wrongCode.slice(0, 19)}${(Number(wrongCode[19]) + 1) % 10}`)).bytes, wrong.bytes);
  }
});

test('who deletes on the page deletes everywhere', async () => {
  const { mailbox } = openCode(code);
  const page = await returnPage({ code });
  const before_ = Number(await home.redis('XLEN', 'mail'));
  const answer = await returnPage({ s: stateOf(page.body), do: 'delete' });
  assert.equal(answer.status, 200);
  assert.deepEqual(await rawMailbox(mailbox), []);
  await until('the desk has passed it on', async () => {
    await home.inbox();
    return Number(await home.redis('XLEN', 'mail')) < before_;
  });
  const { stdout } = await home.tipline('ledger', 'verify');
  await home.inbox();
  assert.equal((await home.tipline('ledger', 'verify')).stdout, stdout); // once
  await home.kill('relay');
  await home.run('relay');
  await reply('--again');
  await reply(tip.id, '--status', 'read');
  await until('the new one is there', async () => (await read(code)).length === 1);
  assert.equal((await read(code))[0].status, 2);
});

test('who wants no contact is written to for a reason alone', async () => {
  const page = await returnPage({ code });
  assert.equal((await returnPage({ s: stateOf(page.body), do: 'stop' })).status, 200);
  await until('the desk knows', async () => {
    await home.inbox();
    return reply(tip.id, '--status', 'helpers').then(() => false, (error) => /NO CONTACT/.test(error.stderr));
  });
  assert.match(await refused(tip.id, '--status', 'helpers', '--force', ''), /wants a reason/);
  const tips = await home.inbox();
  assert.deepEqual(tips.find(({ id }) => id === tip.id).wish, ['no-contact']);
  const more = tips.filter(({ kind }) => kind === 'more');
  assert.ok(more.length >= 2 && more.every((record) => record.tip === tip.id));
  assert.equal(tips.some((other) => other.id !== tip.id && other.kind !== 'more' && other.wish), false);
  const { stdout } = await reply(tip.id, '--status', 'helpers', '--force', 'okapi: life in danger');
  assert.match(stdout, /^1 in the queue/);
  assert.equal(filesWith('okapi'), '');
  await until('it is there', async () => (await read(code)).some(({ status }) => status === 4));
  assert.equal((await rawMailbox(Buffer.alloc(16))).length, 0);
});

test('tips that cannot be answered are refused with a reason', async () => {
  assert.match(await refused('00112233445566778899aabbccddeeff', '--status', 'read'), /no tip of this id/);
  assert.match(await refused('0011', '--status', 'read'), /no id of a tip/);
  assert.match(await refused(tip.id, '--status', 'rescued'), /no status "rescued"/);
  assert.match(await refused(tip.id), /Usage/);
  assert.match(await refused(tip.id, '--text', words('x'.repeat(2037))), /too long/);
  assert.match(await refused(tip.id, '--text', words('a\u0007b')), /no UTF-8 text/);
  assert.match(await refused(tip.id, '--status', 'read', '--days', '366'), /1 to 365/);
});

test('forged mail in the stream is refused and said', async () => {
  const mail = Buffer.alloc(112);
  mail.write('tipmail');
  mail[7] = 1;
  mail[8] = 2;
  openCode(code).mailbox.copy(mail, 12);
  mail.writeUInt32BE(Math.floor(Date.now() / 86400000) + 9, 44);
  const pass = fs.readFileSync(path.join(home.dir, 'redis/desk.pass'), 'utf8').trim();
  execFileSync('redis-cli', ['-s', path.join(home.dir, 'redis/redis.sock'), '--user', 'desk', '--pass', pass,
    '--no-auth-warning', '-x', 'XADD', 'mail', '*', 'm'], { input: mail });
  await until('the spool says so', () => /E508/.test(home.log('spool')));
  assert.ok((await read(code)).length > 0);
});
