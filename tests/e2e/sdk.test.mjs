// SPDX-License-Identifier: AGPL-3.0-or-later
// The providers' own packages against a running intake: what they sign, or
// what they say is signed, is taken; each tampered variant of it is refused.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, Home, insist, request, until } from './lib/home.mjs';

const require = createRequire(import.meta.url);
const jwt = require('jsonwebtoken');
const plivo = require('plivo');
const messagebird = require('messagebird/lib/webhook-signature-jwt');
const { TelnyxWebhook } = require('telnyx/lib/webhooks');
const HashGenerator = require('@vonage/server-sdk/lib/HashGenerator');
const { verifySignature } = require('@vonage/jwt');
const twilio = require('twilio');
const { Webhook } = require('standardwebhooks');

let home;
before(async () => { home = await Home.start({ processes: ['spool', 'intake'] }); });
after(() => home?.stop());

const FORM = 'application/x-www-form-urlencoded';
const khmer = 'ជួយ & 1+1=2 🆘';
const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');
const now_s = () => Math.floor(Date.now() / 1000);
const url = (name) => `${home.url}/sms/${name}`;
const post = (name, type, body, headers) => request(url(name), {
  method: 'POST', body, headers: { 'Content-Type': type, ...headers },
});
const flipped = (text) => text.replace(/.(?=.{3}$)/, (c) => (c === 'A' ? 'B' : 'A'));

/** good is taken, once more as well; each of bad is refused with status. */
async function expect(good, bad, refused) {
  assert.equal((await insist(good)).status, 200);
  assert.equal((await insist(good)).status, 200, 'a repeat');
  for (const [what, send] of Object.entries(bad)) {
    assert.equal((await send()).status, refused, what);
  }
}

test('twilio: signed by its package, and each tampered variant refused', async () => {
  const fields = {
    MessageSid: `SM${crypto.randomBytes(16).toString('hex')}`, AccountSid: `AC${'b'.repeat(32)}`,
    From: '+85512345678', To: '+14155550100', Body: khmer, NumMedia: '0',
  };
  const sign = (all, address = url('twilio'), token = home.secret('twilio')) =>
    twilio.getExpectedTwilioSignature(token, address, all);
  const send = (all, signature = sign(fields), query = '') => request(url('twilio') + query, {
    method: 'POST', body: new URLSearchParams(all).toString(), headers: { 'Content-Type': FORM, 'X-Twilio-Signature': signature },
  });
  assert.ok(twilio.validateRequest(home.secret('twilio'), sign(fields), url('twilio'), fields));
  await expect(() => send(fields), {
    text: () => send({ ...fields, Body: 'x' }),
    sender: () => send({ ...fields, From: '+85512345679' }),
    'one more': () => send({ ...fields, More: '1' }),
    'one less': () => send({ ...fields, NumMedia: undefined }),
    query: () => send(fields, sign(fields), '?a=1'),
    address: () => send(fields, sign(fields, 'https://example.org/sms/twilio')),
    token: () => send(fields, sign(fields, url('twilio'), 'another')),
    signature: () => send(fields, flipped(sign(fields))),
    'no signature': () => send(fields, ''),
  }, 403);
});

test('generic: signed by standardwebhooks, and each tampered variant refused', async () => {
  const body = JSON.stringify({ message_id: crypto.randomUUID(), to: '1', text: khmer });
  const id = crypto.randomUUID();
  const headers = (change = {}, at = new Date(), secret = home.secret('generic')) => ({
    'webhook-id': id, 'webhook-timestamp': String(Math.floor(at / 1000)), 'webhook-signature': new Webhook(secret).sign(id, at, body), ...change,
  });
  const send = (given = headers(), text = body) => post('generic', 'application/json', text, given);
  assert.ok(new Webhook(home.secret('generic')).verify(body, headers()));
  await expect(() => send(), {
    body: () => send(headers(), body.replace('"1"', '"2"')),
    id: () => send(headers({ 'webhook-id': crypto.randomUUID() })),
    time: () => { const at = new Date(); return send(headers({ 'webhook-timestamp': String(Math.floor(at / 1000) + 1) }, at)); },
    old: () => send(headers({}, new Date(Date.now() - 302_000))),
    // it comes nearer while it is on its way
    early: () => send(headers({}, new Date(Date.now() + 360_000))),
    secret: () => send(headers({}, new Date(), `whsec_${btoa('x'.repeat(32))}`)),
    version: () => send(headers({ 'webhook-signature': headers()['webhook-signature'].replace('v1,', 'v2,') })),
    'no id': () => { const { 'webhook-id': _, ...rest } = headers(); return send(rest); },
    'no signature': () => send(headers({ 'webhook-signature': '' })),
  }, 401);
});

test('telegram: the secret token, and nothing near it', async () => {
  const body = JSON.stringify({ update_id: 1, message: { message_id: 1, from: { id: 5 }, chat: { id: 5, type: 'private' }, date: now_s(), text: khmer } });
  const send = (token) => post('telegram', 'application/json', body, token === undefined ? {} : { 'X-Telegram-Bot-Api-Secret-Token': token });
  await expect(() => send(home.secret('telegram')), {
    token: () => send(flipped(home.secret('telegram'))),
    longer: () => send(`${home.secret('telegram')}x`),
    none: () => send(),
  }, 403);
});

test('vonage-sms: signed by @vonage/server-sdk', async () => {
  const params = {
    msisdn: '85512345678', to: '1294', messageId: crypto.randomUUID(), text: khmer, type: 'unicode',
    'message-timestamp': '2026-11-21 22:26:37', timestamp: String(now_s()), nonce: 'n-1',
  };
  const sign = (all, method = 'sha256', secret = home.secret('vonage-sms')) => ({
    ...all, sig: new HashGenerator().generate(method, secret, all),
  });
  const send = (all) => post('vonage-sms', FORM, new URLSearchParams(all).toString());
  await expect(() => send(sign(params)), {
    text: () => send({ ...sign(params), text: 'x' }),
    'one more': () => send({ ...sign(params), more: 'x' }),
    secret: () => send(sign(params, 'sha256', 'another')),
    'weaker scheme': () => send(sign(params, 'md5hash')),
    'too old': () => send(sign({ ...params, timestamp: String(now_s() - 26 * 3600) })),
  }, 503);
  const get = await insist(() => request(`${url('vonage-sms')}?${new URLSearchParams(sign(params))}`));
  assert.equal(get.status, 200);
  const json = await insist(() => post('vonage-sms', 'application/json', JSON.stringify(sign(params))));
  assert.equal(json.status, 200);
});

test('vonage-messages: a token that @vonage/jwt takes', async () => {
  const body = JSON.stringify({
    channel: 'sms', message_uuid: crypto.randomUUID(), from: '85512345678', to: '1294', message_type: 'text', text: khmer,
  });
  const claims = { jti: crypto.randomUUID(), iss: 'Vonage', payload_hash: sha256(body), api_key: 'a1b2c3d' };
  const sign = (change = {}, options = {}, secret = home.secret('vonage-messages')) =>
    jwt.sign({ ...claims, ...change }, secret, options);
  assert.ok(verifySignature(sign(), home.secret('vonage-messages')));
  assert.ok(!verifySignature(sign({}, {}, 'another'), home.secret('vonage-messages')));
  const send = (token, text = body) => post('vonage-messages', 'application/json', text, { Authorization: `Bearer ${token}` });
  await expect(() => send(sign()), {
    body: () => send(sign(), body.replace('1294', '1295')),
    secret: () => send(sign({}, {}, 'another')),
    algorithm: () => send(sign({}, { algorithm: 'HS512' })),
    none: () => send(jwt.sign(claims, '', { algorithm: 'none' })),
    issuer: () => send(sign({ iss: 'Somebody' })),
    'no hash': () => send(sign({ payload_hash: undefined })),
    old: () => send(sign({ iat: now_s() - 302 })),
    expired: () => send(sign({ exp: now_s() - 1 })),
    'no token': () => post('vonage-messages', 'application/json', body),
  }, 503);
});

test('plivo: what its package says is valid is taken, and nothing else', async () => {
  const fields = { From: '85512345678', To: '1294', Text: khmer, Type: 'sms', MessageUUID: crypto.randomUUID() };
  const joined = Object.keys(fields).sort().map((key) => key + fields[key]).join('');
  const nonce = crypto.randomUUID();
  const mac = crypto.createHmac('sha256', home.secret('plivo')).update(`${url('plivo')}?${joined}.${nonce}`).digest('base64');
  const valid = (all, signature = mac, once = nonce) => plivo.validateV3Signature(
    'POST', url('plivo'), once, home.secret('plivo'), signature, all);
  const send = (all, signature = mac, once = nonce) => post('plivo', FORM, new URLSearchParams(all).toString(), {
    'X-Plivo-Signature-V3': signature, 'X-Plivo-Signature-V3-Nonce': once,
  });
  assert.ok(valid(fields));
  assert.ok(!valid({ ...fields, Text: 'x' }));
  const old = crypto.createHmac('sha256', home.secret('plivo')).update(url('plivo') + nonce).digest('base64');
  await expect(() => send(fields), {
    text: () => send({ ...fields, Text: 'x' }),
    signature: () => send(fields, flipped(mac)),
    nonce: () => send(fields, mac, 'another'),
    'V2 only': () => post('plivo', FORM, new URLSearchParams(fields).toString(), {
      'X-Plivo-Signature-V2': old, 'X-Plivo-Signature-V2-Nonce': nonce,
    }),
  }, 403);
});

test('telnyx: what its package says is valid is taken, and nothing else', async () => {
  const key = crypto.createPrivateKey(fs.readFileSync(path.join(home.dir, 'secrets/telnyx.key')));
  const body = JSON.stringify({ data: { event_type: 'message.received', payload: {
    id: crypto.randomUUID(), from: { phone_number: '+85512345678' }, to: [{ phone_number: '+14155550104' }], text: khmer,
  } } });
  const sign = (text = body, at_s = now_s()) => ({
    'telnyx-timestamp': String(at_s),
    'telnyx-signature-ed25519': crypto.sign(null, Buffer.from(`${at_s}|${text}`), key).toString('base64'),
  });
  const theirs = new TelnyxWebhook(home.secret('telnyx'));
  await theirs.verify(body, sign());
  await assert.rejects(async () => theirs.verify(`${body} `, sign()));
  const send = (headers, text = body) => post('telnyx', 'application/json', text, headers);
  await expect(() => send(sign()), {
    body: () => send(sign(), `${body} `),
    time: () => send({ ...sign(), 'telnyx-timestamp': String(now_s() + 1) }),
    old: () => send(sign(body, now_s() - 302)),
    'no signature': () => send({}),
  }, 503);
  // of all of them one is only old
  await until('it was counted', async () => await home.metric('gateway_no_proof_total{gateway="telnyx"}') >= 4);
  assert.equal(await home.metric('gateway_stale_total{gateway="telnyx"}'), 1);
});

test('messagebird: what its package says is valid is taken, and nothing else', async () => {
  const body = new URLSearchParams({ id: crypto.randomUUID(), recipient: '1294', originator: '85512345678', body: khmer }).toString();
  const claims = () => ({
    iss: 'MessageBird', nbf: now_s(), exp: now_s() + 60, jti: crypto.randomUUID(),
    url_hash: sha256(url('messagebird')), payload_hash: sha256(body),
  });
  const sign = (change = {}, options = {}, secret = home.secret('messagebird')) =>
    jwt.sign({ ...claims(), ...change }, secret, { noTimestamp: true, ...options });
  const key = crypto.createSecretKey(Buffer.from(home.secret('messagebird')));
  const options = new messagebird.VerifyOptions();
  await messagebird.verify(url('messagebird'), Buffer.from(body), sign(), key, options);
  await assert.rejects(messagebird.verify(url('messagebird'), Buffer.from('x'), sign(), key, options));
  const send = (token, text = body) => post('messagebird', FORM, text, { 'MessageBird-Signature-JWT': token });
  await expect(() => send(sign()), {
    body: () => send(sign(), `${body}x`),
    'no body': () => send(sign(), ''),
    address: () => send(sign({ url_hash: sha256('https://example.org/') })),
    secret: () => send(sign({}, {}, 'another')),
    algorithm: () => send(sign({}, { algorithm: 'HS512' })),
    'too late': () => send(sign({ nbf: now_s() - 70, exp: now_s() - 10 })),
  }, 503);
});

test('sinch: a nonce is for one body', async () => {
  const nonce = crypto.randomUUID();
  const send = (text) => {
    const body = JSON.stringify({ type: 'mo_text', id: crypto.randomUUID(), from: '85512345678', to: '1294', body: text });
    const at = String(now_s());
    const headers = {
      'x-sinch-webhook-signature': crypto.createHmac('sha256', home.secret('sinch')).update(`${body}.${nonce}.${at}`).digest('base64'),
      'x-sinch-webhook-signature-nonce': nonce,
      'x-sinch-webhook-signature-timestamp': at,
    };
    return () => post('sinch', 'application/json', body, headers);
  };
  const one = send('one');
  // 503 is also who is too late: a worker whose spool is not there yet
  let times = 0;
  const refused = async (text) => {
    const most = times; // so many were counted before, or fewer
    await until(`${text} was counted`, async () => {
      times++;
      assert.equal((await send(text)()).status, 503, text);
      return await home.metric('gateway_replayed_total{gateway="sinch"}') > most;
    });
  };
  assert.equal((await insist(one)).status, 200);
  assert.equal((await insist(one)).status, 200, 'a repeat');
  await refused('another body');
  await home.kill('spool');
  await home.run('spool');
  await home.ready();
  await refused('after a restart');
});

test('sinch: what it signed yesterday is taken, once', async () => {
  const message = { type: 'mo_text', id: crypto.randomUUID(), from: '85512345678', to: '1294', body: khmer };
  const nonce = crypto.randomUUID();
  const send = (age_s, more = {}) => {
    const body = JSON.stringify({ ...message, ...more });
    const at = String(now_s() - age_s);
    return post('sinch', 'application/json', body, {
      'x-sinch-webhook-signature': crypto.createHmac('sha256', home.secret('sinch')).update(`${body}.${nonce}.${at}`).digest('base64'),
      'x-sinch-webhook-signature-nonce': nonce,
      'x-sinch-webhook-signature-timestamp': at,
    });
  };
  await expect(() => send(45 * 3600), {
    'two days later': () => send(48 * 3600),
    'another text with its nonce': () => send(45 * 3600, { body: 'x' }),
  }, 503);
});

test('infobip: a batch of any size is kept, and its repeat makes no doubles', async () => {
  const Authorization = `Basic ${btoa(home.secret('infobip'))}`;
  const results = (n, more = {}) => Array.from({ length: n }, (_, i) => ({
    messageId: crypto.randomUUID(), from: '85512345678', to: '1294', text: `${khmer} ${i}`, ...more,
  }));
  let late = 0; // answers that a slow disk was too late for: what was kept all the same is a repeat then
  const send = async (list) => {
    const body = JSON.stringify({ results: list });
    const answer = await insist(() => post('infobip', 'application/json', body, { Authorization }));
    late += answer.times - 1;
    return answer;
  };
  const count = (what) => home.metric(`gateway_${what}_total{gateway="infobip"}`);
  const becomes = (what, n) => until(`${n} are ${what}`, async () => (late === 0 ? await count(what) === n : await count(what) >= n));
  const records = async () => (await home.spooled()).records;
  const before = await records();
  const stored = async (n) => {
    if (late === 0) await becomes('stored', n);
    assert.equal(await records(), before + n);
  };
  const batch = results(300);
  assert.equal((await send(batch)).status, 200);
  await stored(300);
  assert.equal((await send(batch)).status, 200);
  await becomes('repeated', 300);
  // more than one frame of 2 MiB
  assert.equal((await send(results(60, { text: 'ក'.repeat(5000) }))).status, 200);
  await stored(360);
  assert.equal((await send([])).status, 200);
  // what cannot be taken apart is kept as it is: too many, and too long
  assert.equal((await send(results(1100))).status, 200);
  await becomes('undecodable', 1);
  await stored(361);
  const long = results(1, { text: 'x'.repeat(900_000) });
  assert.equal((await send(long)).status, 200);
  await stored(365);
  assert.equal((await send(long)).status, 200);
  await becomes('repeated', 304);
  if (late === 0) assert.equal(await count('not_stored'), 0);
});

test('8x8: the segment of the path is the proof', async () => {
  const body = JSON.stringify({ namespace: 'SMS', eventType: 'inbound_message_received',
    payload: { umid: crypto.randomUUID(), source: '85512345678', destination: '1294', body: khmer } });
  const send = (segment) => post(`8x8/${segment}`, 'application/json', body);
  assert.equal((await insist(() => send(home.secret('8x8')))).status, 200);
  assert.equal((await send(flipped(home.secret('8x8')))).status, 503);
  assert.equal((await send('')).status, 503);
});

/** What `tipline webhook` makes of a raw request. */
function webhook(args, raw) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(build, 'tipline'), ['webhook', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data) => { out += data; });
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve(JSON.parse(out)) : reject(new Error(`status ${status}`))));
    child.stdin.end(raw);
  });
}

test('the command refuses what the server refuses, and takes what it takes', async () => {
  const seg = home.secret('8x8');
  const secret = path.join(home.dir, 'secret-8x8');
  fs.writeFileSync(secret, `${seg}\n`);
  const verdicts = [];
  const message = () => JSON.stringify({ namespace: 'SMS', payload: { umid: crypto.randomUUID(), source: '85512345678', body: 'hi' } });
  const compare = async (type, method, where, body = '') => {
    const send = () => request(url(where), { method, body: body || undefined, headers: { 'Content-Type': 'application/json' } });
    // 503 of the good one means: busy; of the others: no proof
    const { status } = await (where === `8x8/${seg}` && method === 'POST' ? insist(send) : send().catch(() => ({ status: null })));
    const head = `${method} /sms/${where} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const verdict = await webhook([type, '--url', url(type), '--secret-file', secret], head + body);
    assert.equal(verdict.status, status, `${method} ${where}: ${verdict.why}`);
    return verdict.result;
  };
  for (const where of [`8x8/${seg}`, `8x8/x/${seg}`, `8x8/${seg}/`, `8x8/${seg}/x`, '8x8', '8x8/', `8x88/${seg}`, `x/${seg}`, seg]) {
    verdicts.push(await compare('8x8', 'POST', where, message()));
  }
  assert.deepEqual(verdicts, ['accept', ...Array(8).fill('reject')]);
  for (const method of ['GET', 'HEAD', 'PUT']) await compare('8x8', method, `8x8/${seg}`);
  for (const method of ['POST', 'GET', 'HEAD', 'PUT']) await compare('somleng', method, 'somleng');
  await compare('somleng', 'POST', 'somleng/');
});

test('messagebird: all 44 reference tokens of its package', async () => {
  const rows = require('messagebird/lib/testdata/webhook-signature-jwt-reference.json');
  assert.equal(rows.length, 44);
  for (const [i, row] of rows.entries()) {
    const { alg } = JSON.parse(Buffer.from(row.token.split('.')[0], 'base64url'));
    const { pathname, search } = new URL(row.url);
    const secret = path.join(home.dir, `secret-${i}`);
    fs.writeFileSync(secret, `${row.secret ?? 'x'}\n`);
    const body = Buffer.from(row.payload ?? '');
    // the token does not name the method; a GET with a body comes as a POST
    const head = `${row.method === 'GET' && body.length === 0 ? 'GET' : 'POST'} ${pathname}${search} HTTP/1.1\r\nHost: x\r\n`
      + `Content-Type: ${FORM}\r\nContent-Length: ${body.length}\r\nMessageBird-Signature-JWT: ${row.token}\r\n\r\n`;
    const verdict = await webhook(['messagebird', '--url', row.url.split('?')[0], '--secret-file', secret,
      '--now', String(Date.parse(row.timestamp) / 1000), '--sig-method', alg === 'none' ? 'hs256' : alg.toLowerCase()],
    Buffer.concat([Buffer.from(head), body]));
    assert.equal(verdict.result, row.valid ? 'accept' : 'reject', `${row.name}: ${verdict.why}`);
  }
});
