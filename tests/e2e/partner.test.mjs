// SPDX-License-Identifier: AGPL-3.0-or-later
// Voice lines, apps and partner sites at /api/v1/reports: docs/openapi.yaml is
// right, its examples arrive, and nothing that was tampered with does.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Home, insist, request, root, sanitized, until } from './lib/home.mjs';
import { genericRequest, sid } from './lib/sign.mjs';

const openapi = path.join(root, 'docs/openapi.yaml');
const ownWhsec = () => `whsec_${crypto.randomBytes(32).toString('base64')}`;
const hotline = ownWhsec();
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

let home;
let late = 0; // answers that a slow disk was too late for: what was kept all the same is a repeat then
let api;
before(async () => {
  home = await Home.start({ edit: (conf) => `${conf}\n[gateway hotline]\ntype = generic\nsecret_file = secrets/hotline\nregion = KH\n
[gateway aggregator]\ntype = custom\nsecret_file = secrets/aggregator\nregion = KH
custom_reading = body=multipart time=%d/%m/%Y%t%H:%M:%S zone=+07:00\n`,
    processes: [] });
  fs.writeFileSync(path.join(home.dir, 'secrets/hotline'), `${hotline}\n`, { mode: 0o600 });
  fs.writeFileSync(path.join(home.dir, 'secrets/aggregator'), 'aggregator:password\n', { mode: 0o600 });
  for (const name of ['redis', 'spool', 'relay', 'intake']) await home.run(name);
  await home.ready();
  api = `${home.url}/api/v1/reports`;
});
after(() => home?.stop());

const post = async (message, options) => {
  const answer = await insist(() => postOnce(message, options));
  late += answer.times - 1;
  return answer;
};
const postOnce = (message, { secret = home.secret('generic'), url = api, ...more } = {}) => {
  const r = genericRequest(url, secret, message, more);
  return request(r.url, r);
};
const isBare = ({ status, body, headers }, expected, what) => {
  assert.equal(status, expected, what);
  assert.equal(body.length, 0, what);
  assert.equal(headers['content-length'], '0', what);
};
const find = async (id) => (await home.inbox()).filter((tip) => tip.external_id === id);
const arrived = async (id) => {
  let tips;
  await until(`${id} is at the desk`, async () => {
    tips = await find(id);
    return tips[0] && (tips[0].attachments ?? []).every((file) => file.state === 'complete');
  });
  assert.equal(tips.length, 1, id);
  return tips[0];
};

test('the OpenAPI document is valid, and says what the form asks', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(openapi);
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
  const { components } = validator.specification;
  // every answer that a form has, and no other
  const rows = fs.readFileSync(path.join(root, 'server/intake/tip_form.h'), 'utf8')
    .matchAll(/X\(\w+,\s+"(\w+)",\s+(ANSWER|MANY|DETAIL),/g);
  assert.deepEqual(components.schemas.Question.examples.slice().sort(), [...rows].map(([, name]) => name).sort());
});

test('each example of the document fits its schema and comes out as it says', async () => {
  const validator = new Validator();
  await validator.validate(openapi);
  const spec = validator.resolveRefs();
  const { schema, examples } = spec.paths['/api/v1/reports'].post.requestBody.content['application/json'];
  const require = createRequire(createRequire(import.meta.url).resolve('@seriousme/openapi-schema-validator'));
  const ajv = new (require('ajv/dist/2020').default)({ strict: false });
  require('ajv-formats').default(ajv);
  const fits = ajv.compile(schema);
  for (const [name, { value }] of Object.entries(examples)) {
    assert.ok(fits(value), `${name}: ${JSON.stringify(fits.errors)}`);
    isBare(await post(value), 200, name);
    const tip = await arrived(value.provider_id ?? value.message_id);
    assert.equal(tip.channel, value.channel ?? 'voice');
    assert.equal(tip.lang, value.lang ?? '');
    assert.equal(tip.text, value.text ?? '');
    assert.equal(tip.gateway, 'generic');
    assert.equal(tip.trust, 'signed');
    assert.equal(tip.sender.raw, value.caller ?? value.from ?? '');
    const answers = {};
    for (const [question, answer] of value.digits ?? []) {
      answers[question] = question in answers ? [answers[question], answer].flat() : answer;
    }
    assert.deepEqual(tip.answers, answers);
    assert.equal((tip.flags ?? []).includes('caller hung up'), value.dropped === true);
  }
  assert.equal(fits({ digits: [{ now: '1' }] }), false);
});

test('a recording comes out byte for byte, once, by both addresses', async () => {
  const recording = crypto.randomBytes(2_900_000);
  const call = { provider_id: 'long-call', caller: '+85512345678', called: '1294', lang: 'km',
    digits: [['now', '2']], recording: recording.toString('base64'), recording_name: 'call.ogg' };
  const id = sid();
  isBare(await post(call, { id }), 200, 'first');
  isBare(await post(call, { id, now: new Date(Date.now() - 60_000) }), 200, 'again, signed anew');
  isBare(await post(call, { url: `${home.url}/sms/generic` }), 200, 'by its own address');
  const tip = await arrived('long-call');
  assert.deepEqual(tip.attachments.map(({ name, bytes, sha256: hash }) => [name, bytes, hash]), [['call.ogg', recording.length, sha256(recording)]]);
  const out = path.join(home.dir, 'out');
  await home.inbox('--save', out);
  assert.ok(fs.readdirSync(out).some((name) => fs.readFileSync(path.join(out, name)).equals(recording)), 'saved as it was');
  const count = (what) => home.metric(`gateway_${what}_total{gateway="generic"}`);
  // each worker tells what it has counted when its second is over
  await until('all is counted', async () => await count('stored') + await count('repeated') >= 6);
  if (late === 0) assert.deepEqual([await count('stored'), await count('repeated')], [4, 2]);
});

test('what is pressed runs the rules of the form', async () => {
  const pressed = [['now', '1'], ['who', '1'], ['ind', '3'], ['ind', '5']];
  isBare(await post({ provider_id: 'pressed', digits: pressed }), 200);
  const body = new URLSearchParams([...pressed, ['story', '.']]).toString();
  assert.equal((await request(`${home.url}/en/a`, { method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).status, 200);
  const call = await arrived('pressed');
  let web;
  await until('the form is there', async () => {
    web = (await home.inbox()).find((tip) => tip.channel === 'web' && tip.text === '.');
    return web;
  });
  assert.equal(call.priority, 'P1');
  assert.equal(call.priority, web.priority);
  // a form has asked for the place
  assert.deepEqual(call.rules.filter(({ rule }) => rule !== 'R11'), web.rules);
  // keys outside of a question are those of a text message
  isBare(await post({ provider_id: 'nine', text: '9' }), 200);
  assert.equal((await arrived('nine')).priority, 'P2');
  isBare(await post({ provider_id: 'zero', text: '0', recording: 'aGk=' }), 200);
  assert.ok((await arrived('zero')).flags.includes('no contact'));
  isBare(await post({ provider_id: 'silent', caller: '012345678', dropped: true }), 200);
  assert.deepEqual((await arrived('silent')).flags, ['caller hung up', 'missed call', 'place missing']);
});

test('the signature says which partner it is, and one cannot speak for another', async () => {
  isBare(await post({ message_id: 'same', text: 'one' }), 200);
  isBare(await post({ message_id: 'same', text: 'one' }, { secret: hotline }), 200);
  let tips;
  await until('both are there', async () => { tips = await find('same'); return tips.length === 2; });
  assert.deepEqual(tips.map(({ gateway }) => gateway).sort(), ['generic', 'hotline']);
  isBare(await post({ message_id: 'other' }, { secret: hotline, url: `${home.url}/sms/generic` }), 401);
  isBare(await post({ message_id: 'other' }, { secret: ownWhsec() }), 401);
  // a gateway that signs otherwise is nobody here
  isBare(await request(api, { method: 'POST', body: '{}', headers: { Authorization: `Basic ${btoa(home.secret('kannel'))}` } }), 401);
});

test('every tampered variant is refused and leaves nothing', async () => {
  const r = genericRequest(api, home.secret('generic'), { message_id: 'tampered', text: 'help', digits: [['now', '1']] });
  const { 'webhook-signature': signature, 'webhook-timestamp': time, 'webhook-id': id } = r.headers;
  const variants = {};
  for (let i = 0; i < r.body.length; i++) {
    const bytes = Buffer.from(r.body);
    bytes[i] ^= 1;
    variants[`body, byte ${i}`] = { body: bytes };
  }
  variants['body, one less'] = { body: r.body.slice(0, -1) };
  variants['body, one more'] = { body: `${r.body} ` };
  variants['no body'] = { body: '' };
  const header = (name, value) => {
    const headers = { ...r.headers, [name]: value };
    if (value === undefined) delete headers[name];
    return { headers };
  };
  for (const [what, name, value] of [
    ['other id', 'webhook-id', `${id}x`], ['other time', 'webhook-timestamp', String(Number(time) + 1)],
    ['empty id', 'webhook-id', ''], ['no id', 'webhook-id'], ['no time', 'webhook-timestamp'], ['no signature', 'webhook-signature'],
    ['other version', 'webhook-signature', signature.replace('v1,', 'v1a,')], ['signature cut', 'webhook-signature', signature.slice(0, -2)],
    ['dot moved', 'webhook-id', `${id}.${time}`],
  ]) variants[what] = header(name, value);
  for (const [what, away] of [['old', -301_000], ['early', 3_600_000]]) {
    variants[what] = genericRequest(api, home.secret('generic'), { message_id: 'tampered' }, { now: new Date(Date.now() + away) });
  }
  for (const [what, variant] of Object.entries(variants)) {
    const answer = await request(api, { ...r, ...variant });
    assert.ok([400, 401].includes(answer.status), `${what}: ${answer.status}`);
    isBare(answer, answer.status, what);
  }
  // no HTTP at all: as there is a Kannel in this home, not a byte goes back
  await assert.rejects(request(api, { ...r, ...header('webhook-id', [id, id]) }), /ECONNRESET|hang up/);
  isBare(await post({ message_id: 'behind' }), 200);
  await arrived('behind');
  assert.deepEqual(await find('tampered'), []);
});

test('what is near the address, or not a POST, or too large, has an empty answer', async () => {
  const r = genericRequest(api, home.secret('generic'), { message_id: 'near', text: 'x' });
  for (const near of ['/api', '/api/', '/api/v1', '/api/v1/report', '/api/v1/reports/', '/api/v1/reports/generic', '/API/v1/reports',
    '/api/v1/Reports', '/api/v2/reports', '/apis', '/sms/reports']) {
    isBare(await request(home.url + near, r), 404, near);
  }
  await assert.rejects(request(`${home.url}/api//v1/reports`, r), /ECONNRESET|hang up/);
  for (const method of ['GET', 'HEAD']) {
    const { status, body } = await request(api, { method });
    assert.ok([405, 501].includes(status), `${method}: ${status}`);
    assert.equal(body.length, 0);
  }
  isBare(await insist(() => request(`${api}?x=1`, r)), 200, 'a query is no part of it');
  // the length is enough: it is refused before a byte of the body
  const large = await new Promise((resolve, reject) => {
    const length = { 'Content-Length': String(4 * 1024 * 1024 + 1) };
    const req = https.request(api, { method: 'POST', headers: { ...r.headers, ...length }, agent: false, rejectUnauthorized: false }, (res) => {
      resolve({ status: res.statusCode, headers: res.headers });
      req.destroy();
    });
    req.on('error', reject);
    req.flushHeaders();
  });
  assert.equal(large.status, 413);
  assert.equal(large.headers['content-length'], '0');
});

test('what is too large is not gathered, and the largest that may come is held once', async () => {
  const workers = () => home.workers();
  const mostOf = (pid) => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  const growth = async (act) => {
    const pids = workers();
    for (const pid of pids) fs.writeFileSync(`/proc/${pid}/clear_refs`, '5'); // VmHWM from now on
    const before = pids.map(mostOf);
    await act();
    return Math.max(...pids.map((pid, i) => mostOf(pid) - before[i]));
  };
  // 32 MiB without a length: what says so at the end comes too late to matter
  const kib = await growth(() => new Promise((resolve) => {
    const r = genericRequest(api, home.secret('generic'), { message_id: 'endless' });
    const req = https.request(api, { method: 'POST', headers: { ...r.headers, 'Transfer-Encoding': 'chunked' }, agent: false, rejectUnauthorized: false },
      (res) => { assert.equal(res.statusCode, 413); req.destroy(); resolve(); });
    req.on('error', resolve);
    for (let i = 0; i < 32; i++) req.write(Buffer.alloc(1 << 20, 'x'));
  }));
  assert.ok(sanitized || kib < 9 * 1024, `the worker grew by ${kib} KiB`);
  const message = { provider_id: 'largest', recording: Buffer.alloc(3_000_000, 7).toString('base64') };
  const largest = await growth(async () => isBare(await post(message), 200));
  assert.ok(sanitized || largest < 32 * 1024, `the worker grew by ${largest} KiB`);
  console.log(`# grew by ${kib} KiB for what is refused, by ${largest} KiB for the largest that is kept`);
});

test('while the spool is away the answer is 503, and the repeat is one tip', async () => {
  await home.kill('spool', 'SIGTERM');
  const message = { provider_id: 'later', recording: Buffer.alloc(100_000, 7).toString('base64') };
  const id = sid();
  isBare(await postOnce(message, { id }), 503);
  await home.run('spool');
  await until('it is kept', async () => (await post(message, { id })).status === 200);
  isBare(await post(message, { id }), 200);
  assert.equal((await arrived('later')).attachments[0].bytes, 100_000);
});

test("a custom gateway's multipart form comes out with its file and its time", async () => {
  const id = crypto.randomUUID();
  const picture = crypto.randomBytes(70_000);
  const form = new FormData();
  for (const [name, value] of Object.entries({ id, from: '+85512345678', to: '1294', time: '22/11/2026 05:26:40', text: 'ជួយ\r\n--🆘' })) form.set(name, value);
  form.set('photo', new Blob([picture], { type: 'application/x-unknown' }), 'door.bin');
  const encoded = new Response(form);
  const headers = { 'Content-Type': encoded.headers.get('content-type'), Authorization: `Basic ${btoa('aggregator:password')}` };
  const body = Buffer.from(await encoded.arrayBuffer());
  const send = () => insist(() => request(`${home.url}/sms/aggregator`, { method: 'POST', headers, body }));
  isBare(await send(), 200, 'stored');
  isBare(await send(), 200, 'a repeat');
  const tip = await arrived(id);
  assert.equal(tip.text, 'ជួយ\r\n--🆘');
  assert.equal(tip.sender.e164, '+85512345678');
  assert.equal(tip.sent, '2026-11-21T22:26:40Z');
  assert.deepEqual(tip.attachments.map(({ name, bytes, sha256: hash }) => [name, bytes, hash]), [['door.bin', picture.length, sha256(picture)]]);
  // what no browser writes is kept as it is, and a cry for help in it is heard
  const odd = Buffer.from(body.toString('latin1').replace('name="text"\r\n\r\n', 'name=text\r\n\r\nhelp me they have a knife '), 'latin1');
  isBare(await insist(() => request(`${home.url}/sms/aggregator`, { method: 'POST', headers, body: odd })), 200, 'kept whole');
  const whole = await until('it is there whole', async () => (await home.inbox()).find((tip) => tip.gateway === 'aggregator'
    && tip.kind === 'undecodable' && tip.data_hex === odd.toString('hex')));
  assert.match(whole.text, /^help me they have a knife ជួយ/m);
  assert.notEqual(whole.priority, 'P3');
});
