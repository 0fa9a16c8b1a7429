// SPDX-License-Identifier: AGPL-3.0-or-later
// Receipt codes: a form gets one of 20 digits, the same one when it is sent
// again, and one that works whatever has died in between. What "works" means
// is taken from docs/FORMAT.md: the mailbox of the code is one of the tip's.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sodium from 'libsodium-wrappers-sumo';
import { Home, receiptOf, sanitized, socketsOf, until } from './lib/home.mjs';

await sodium.ready;

const SCHED_IDLE = 5;
const POOL = 3;
const POOL_MS = 300000;
let home;
let pepper;

const ascii = (text) => Buffer.from(text, 'latin1');
const H = (n, message, key) => Buffer.from(sodium.crypto_generichash(n, message, key));
const newKey = () => randomBytes(16).toString('hex');

function mailboxOf(digits) {
  if (digits.length === 25) return H(16, ascii(`tipline mailbox v1\0${digits}`), pepper).toString('hex');
  const S = H(48, ascii(`tipline slow v1\0${digits}`), pepper);
  const A = sodium.crypto_pwhash(32, S.subarray(0, 32), S.subarray(32), 2, 65536 * 1024, sodium.crypto_pwhash_ALG_ARGON2ID13);
  return H(16, Buffer.concat([ascii('tipline slow mailbox v1\0'), A]), pepper).toString('hex');
}

/** Field n of /proc/PID/stat, counted as in proc(5). */
const statOf = (pid, n) => {
  const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[n - 3]);
};
/** A child may end while it is looked at: then it is not the one. */
const findChild = (is) => home.childrenOf('intake').find((pid) => {
  try {
    return is(pid);
  } catch {
    return false;
  }
});
const fillerPid = () => findChild((pid) => statOf(pid, 41) === SCHED_IDLE);
const ticksOf = (pid) => statOf(pid, 14) + statOf(pid, 15);

/** Only the kdf has no listening socket and many others: of parent, worker and derivers. */
const kdfPid = () => findChild((pid) => {
  const sockets = socketsOf(pid);
  return sockets.length > 2 && !sockets.some((name) => home.doors.has(name));
});

async function send(fields) {
  const answer = await home.form(fields);
  assert.equal(answer.status, 200);
  const code = receiptOf(answer.body);
  assert.match(code, /^([0-9]{20}|[0-9]{25})$/);
  return code;
}

/** A fresh form that gets a code of 20 digits; others with the same words may
 * have had one of 25 before. Who fills the pool takes what time nobody else
 * wants: beside a busy neighbour that is next to nothing. */
async function sendShort(story) {
  let fields;
  let code;
  await until('a code of 20 digits', async () => {
    fields = { k: newKey(), story };
    code = await send(fields);
    return code.length === 20;
  }, POOL_MS);
  return { fields, code };
}

/** A fresh form that gets a code of 25 digits: more come at once than are ready. */
async function sendLong(words) {
  let found;
  await until('a code of 25 digits', async () => {
    const forms = Array.from({ length: 3 * POOL }, () => ({ k: newKey(), story: `${words} ${newKey()}` }));
    const codes = await Promise.all(forms.map(send));
    const n = codes.findIndex((code) => code.length === 25);
    found = { fields: forms[n], code: codes[n] };
    return n >= 0;
  });
  return found;
}

const mailboxesOf = async (story, code) => {
  let found;
  await until(`the tip of ${code}`, async () => {
    const tips = (await home.inbox()).filter((tip) => tip.text === story);
    found = tips.find((tip) => tip.mailboxes.includes(mailboxOf(code)));
    return found;
  });
  return found.mailboxes;
};

async function killKdf() {
  const pid = await until('a kdf', kdfPid);
  process.kill(pid, 'SIGKILL');
  await until('another kdf', () => kdfPid() !== undefined && kdfPid() !== pid);
  await home.ready();
}

before(async () => {
  home = await Home.start({ edit: (conf) => conf.replace('[intake]', `[intake]\nworkers = 1\ncode_pool = ${POOL}`) });
  pepper = Buffer.from(fs.readFileSync(path.join(home.dir, 'keys/pepper.key'), 'utf8').split('\n')[1], 'base64');
  home.doors = new Set(socketsOf(home.procs.intake.pid));
});
after(() => home?.stop());

test('a form gets 20 digits, and their reply key is in its tip', async () => {
  const { code } = await sendShort('the first');
  assert.deepEqual(await mailboxesOf('the first', code), [mailboxOf(code)]);
});

test('a form sent again shows the same code, and makes no second tip and no further key', async () => {
  const { fields, code } = await sendShort('sent three times');
  assert.equal(await send(fields), code);
  assert.equal(await send(fields), code);
  assert.deepEqual(await mailboxesOf('sent three times', code), [mailboxOf(code)]);
  assert.equal((await home.inbox()).filter((tip) => tip.mailboxes?.includes(mailboxOf(code))).length, 1);
});

test('forms sent at the same moment show one code', async () => {
  const fields = { k: newKey(), story: 'pressed twice' };
  const codes = await Promise.all([send(fields), send(fields), send(fields)]);
  assert.equal(new Set(codes).size, 1);
  assert.deepEqual(await mailboxesOf('pressed twice', codes[0]), [mailboxOf(codes[0])]);
});

test('a flood empties the pool, gets 25 digits that work, and the pool fills again', async () => {
  const { fields, code } = await sendLong('flood');
  await until('it is counted', async () => await home.metric('web_long_codes_total') > 0);
  assert.deepEqual(await mailboxesOf(fields.story, code), [mailboxOf(code)]);
  await sendShort('after the flood');
});

test('a full pool is at rest', async () => {
  let before = -1;
  await until('the filler rests', async () => {
    const pid = fillerPid();
    const now = pid ? ticksOf(pid) : -1;
    const rests = pid && now === before;
    before = now;
    await sleep(1000);
    return rests && fillerPid() === pid && ticksOf(pid) === now;
  }, POOL_MS);
});

test('after the end of the kdf a form sent again shows a code that works, beside the first', async () => {
  await sleep(1200); // counts come once a second
  const counted = await home.metric('web_further_keys_total');
  for (const kind of ['20 digits', 'whatever is there']) {
    const story = `sent again after the end of the kdf: ${kind}`;
    const { fields, code } = await sendShort(story);
    await killKdf();
    if (kind === '20 digits') await sendShort('the pool of the next kdf is there');
    const second = await send(fields);
    assert.notEqual(second, code);
    assert.equal(await send(fields), second);
    const boxes = await mailboxesOf(story, second);
    assert.deepEqual(boxes, [mailboxOf(code), mailboxOf(second)]);
    assert.equal((await home.inbox()).filter((tip) => tip.mailboxes?.some((box) => boxes.includes(box))).length, 1);
  }
  await until('both are counted', async () => await home.metric('web_further_keys_total') === counted + 2);
});

test('a code of 25 digits survives the kdf, or has a further key', async () => {
  const { fields, code } = await sendLong('long');
  await killKdf();
  const second = await send(fields);
  const boxes = await mailboxesOf(fields.story, second);
  assert.ok(boxes.includes(mailboxOf(code)));
  assert.equal(boxes.length, second === code ? 1 : 2);
});

test('no further reply key is shown as a tip, or shows a reply key', async () => {
  const { stdout } = await home.tipline('inbox', '--json');
  for (const line of stdout.split('\n').filter(Boolean)) {
    const tip = JSON.parse(line);
    assert.ok(tip.text.length > 0);
    assert.equal(tip.kind, undefined);
    assert.equal(tip.reply, undefined);
  }
  const plain = await home.tipline('inbox');
  assert.doesNotMatch(plain.stdout, /reply-key/);
  if (!sanitized) assert.equal(plain.stderr, '');
});

test('the filler that is killed is replaced, and forms are taken meanwhile', async () => {
  const pid = await until('a filler', fillerPid);
  process.kill(pid, 'SIGKILL');
  assert.ok(await send({ k: newKey(), story: 'without a filler' }));
  await until('another filler', () => fillerPid() !== undefined && fillerPid() !== pid);
  for (let i = 0; i < 6; i++) await sendShort(`by the next filler ${i}`);
});

/** All that this Redis has, key by key: names, and values of whatever type. */
async function everything(redis) {
  const read = {
    string: (key) => redis.do('GET', key),
    hash: (key) => redis.do('HGETALL', key),
    list: (key) => redis.do('LRANGE', key, '0', '-1'),
    set: (key) => redis.do('SMEMBERS', key),
    zset: (key) => redis.do('ZRANGE', key, '0', '-1', 'WITHSCORES'),
    stream: (key) => redis.do('XRANGE', key, '-', '+'),
  };
  const found = [];
  for (const key of await redis.do('KEYS', '*')) {
    found.push([`${key}`, Buffer.concat([key, await read[await redis.do('TYPE', key)](key)].flat(Infinity).map((part) => Buffer.from(part ?? '')))]);
  }
  return found;
}

test('no code stands in the spool or in what Redis has', async () => {
  const redis = await home.redisRoot();
  const had = await redis.do('XLEN', 'tips');
  const { code } = await sendShort('looked for');
  const { stdout } = await home.tipline('spool');
  assert.doesNotMatch(stdout, new RegExp(code));
  for (const name of fs.readdirSync(path.join(home.dir, 'spool'), { recursive: true })) {
    const file = path.join(home.dir, 'spool', name);
    if (fs.statSync(file).isFile()) assert.equal(fs.readFileSync(file).includes(code), false);
  }
  await until('the tip is in Redis', async () => await redis.do('XLEN', 'tips') > had);
  await home.tipline('inbox'); // and its receipt
  const all = await everything(redis);
  for (const key of ['tips', 'receipts']) assert.ok(all.some(([name]) => name === key), key);
  for (const [name, bytes] of all) assert.equal(bytes.includes(code), false, name);
  // what is there would be found, as text in a value of any type or as a name
  const planted = ['string', 'hash', 'list', 'set', 'zset', 'stream'];
  await redis.do('SET', 'string', `at ${code}`);
  await redis.do('HSET', 'hash', 'r', Buffer.from(`\0${code}\xff`, 'latin1'));
  await redis.do('RPUSH', 'list', code);
  await redis.do('SADD', 'set', code);
  await redis.do('ZADD', 'zset', '1', code);
  await redis.do('XADD', 'stream', '*', 'r', code);
  await redis.do('SET', `desk:mail:${code}`, '1');
  assert.deepEqual((await everything(redis)).filter(([, bytes]) => bytes.includes(code)).map(([name]) => name).sort(),
    [...planted, `desk:mail:${code}`].sort());
  await redis.do('DEL', ...planted, `desk:mail:${code}`);
  redis.close();
});
