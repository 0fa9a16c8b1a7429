// SPDX-License-Identifier: AGPL-3.0-or-later
// What leaves a desk: texts to telephones by a provider that answers as it
// likes, and alarms. Whatever happens, nothing goes twice by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, freePort, insist, request, until } from './lib/home.mjs';
import { twilioRequest } from './lib/sign.mjs';

let home, officer, provider, port, tip;
const texts = []; // what the provider was asked for
const alarms = [];
let answer; // of the provider, to a text
let alarmStatus = 204;
const at = (name) => path.join(home.dir, name);
const NUMBER = '+85512777888';
const HELLO = 'Hello. Is now a good time? 1 yes, 0 no.';
const once = () => randomBytes(16).toString('hex');

const taken = (res) => res.writeHead(201).end(JSON.stringify({ sid: `SM${texts.length}` }));

function heard(req, res) {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    if (req.url === '/alarm') {
      alarms.push({ ...JSON.parse(body), authorization: req.headers.authorization });
      res.writeHead(alarmStatus).end();
      return;
    }
    texts.push({ url: req.url, authorization: req.headers.authorization, form: new URLSearchParams(body) });
    answer(res);
  });
}

const edit = (text) => text
  .replace(/^\[desk\]$/m, `[desk]
ca_file = provider.pem
sms_hours = 00:00-24:00
alarm_url = https://localhost:${port}/alarm
alarm_secret_file = secrets/alarm
alarm_command = ./wake
alarm_says = ids
alarm_unopened = 1s`)
  .replace(/^\[gateway twilio\]$/m, `[gateway twilio]
send = yes
api_url = https://127.0.0.1:${port}
api_secret_file = secrets/twilio-api
number = +85510000000
account = AC${'b'.repeat(32)}
silence = 1h`);

before(async () => {
  port = await freePort();
  home = await Home.start({ edit });
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=provider', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', at('provider.key'), '-out', at('provider.pem')], { stdio: 'ignore' });
  fs.writeFileSync(at('secrets/twilio-api'), 'the password\n', { mode: 0o600 });
  fs.writeFileSync(at('secrets/alarm'), 'bearer\n', { mode: 0o600 });
  fs.writeFileSync(at('wake'), `#!/bin/bash\nfor fd in /proc/self/fd/*; do fd=\${fd##*/}; [ $fd -le 2 ] || eval "exec $fd>&-"; done\nsleep 0.3\necho "$# $*" >>${at('woken')}\n`, { mode: 0o755 });
  provider = https.createServer({ key: fs.readFileSync(at('provider.key')), cert: fs.readFileSync(at('provider.pem')) }, heard);
  await new Promise((done) => { provider.listen(port, '127.0.0.1', done); });
  answer = taken;
  await home.desk();
  officer = await Desk.login(home);
});
after(async () => {
  provider?.closeAllConnections();
  provider?.close();
  await home?.stop();
});

const hook = async (Body, From = NUMBER) => {
  const call = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { From, Body });
  assert.equal((await insist(() => request(call.url, call))).status, 200);
};
const send = (more = {}) => officer.text(tip, { text: HELLO, lang: 'en', once: once(), read_rule: true, ...more });
const entries = async () => (await officer.get(`/api/tips/${tip}`)).body.entries ?? []; // none while it is being opened
const outcome = async (id) => (await entries()).find((entry) => entry.kind === 'sms' && entry.once === id)?.outcome;
/** The order's outcome, when it has one. */
const settled = async (id) => {
  let now;
  await until('the text has an outcome', async () => { now = await outcome(id); return now && now !== 'sending'; }, 90000);
  return now;
};

test('nothing goes without the lease, a safe way, the rule read, and neutral words', async () => {
  await hook('they lock the door please call');
  tip = (await officer.row((row) => row.channel === 'sms')).id;
  const refused = async (more) => {
    const { status, body } = await send(more);
    return [status, body.error, body.may_override];
  };
  assert.deepEqual(await refused(), [403, 'claim-first', undefined]);
  await officer.take(tip);
  assert.deepEqual(await refused({ once: 'x' }), [400, 'body', undefined]);
  assert.deepEqual(await refused({ text: '' }), [400, 'body', undefined]);
  assert.deepEqual(await refused(), [409, 'no-safe-contact', true]);
  await hook('1'); // it is safe to reply
  await until('1 is heard', async () => (await refused({ read_rule: false }))[1] === 'rule');
  assert.deepEqual(await refused({ read_rule: false, override_reason: 'x' }), [409, 'rule', false]);
  assert.deepEqual(await refused({ text: 'Hello, come to the office' }), [409, 'own-words', false]);
  assert.equal(texts.length, 0);
});

let slow; // an order that is never answered
test('an officer\'s text is sent once, by the provider\'s rules, and its outcome is on the case', async () => {
  const id = once();
  const sent = await send({ once: id });
  assert.equal(sent.status, 202, JSON.stringify(sent.body));
  assert.deepEqual([sent.body.outcome, sent.body.parts], ['sending', 1]);
  assert.equal(await settled(id), 'taken');
  const again = await Promise.all([send({ once: id }), send({ once: id })]);
  assert.deepEqual(again.map(({ status, body }) => [status, body.again, body.outcome]), [[200, true, 'taken'], [200, true, 'taken']]);
  assert.equal(texts.length, 1);
  assert.equal(texts[0].form.get('To'), NUMBER);
  assert.equal(texts[0].form.get('From'), '+85510000000');
  assert.equal(texts[0].form.get('Body'), HELLO);
  assert.match(Buffer.from(texts[0].authorization.slice(6), 'base64').toString(), /:the password$/);
  const all = await entries();
  const order = all.find((entry) => entry.kind === 'sms');
  assert.deepEqual([order.who, order.text, order.to_ends, order.gateway], ['officer', HELLO, '88', 'twilio']);
  assert.deepEqual(all.filter((entry) => entry.kind === 'sms-outcome').map((entry) => [entry.outcome, entry.provider_id, entry.status]), [['taken', 'SM1', 201]]);
  assert.ok(!JSON.stringify(all).includes('12777888'), 'the number is nowhere');
  slow = once();
  answer = () => {}; // it has the text, and says nothing
  assert.equal((await send({ once: slow })).status, 202);
  await until('the provider has it', () => texts.length === 2);
});

test('two calls at once for one text are one text', async () => {
  const id = once();
  answer = taken;
  const both = await Promise.all([send({ once: id }), send({ once: id }), send({ once: id })]);
  assert.deepEqual(both.map((one) => one.status).sort(), [200, 200, 202], JSON.stringify(both.map((one) => one.body)));
  assert.equal(await settled(id), 'taken');
  assert.equal(texts.length, 3);
});

test('what a provider says is believed as far as it goes, and no further', async () => {
  for (const [said, word] of [
    [(res) => res.writeHead(500).end('{}'), 'unknown'],
    [(res) => res.writeHead(400).end('{"code":21610}'), 'never'],
    [(res) => res.writeHead(401).end('{"code":20003}'), 'refused'],
    [(res) => res.writeHead(429).end('{"code":20429}'), 'later'],
    [(res) => res.writeHead(302, { Location: `https://127.0.0.1:${port}/elsewhere` }).end(), 'unknown'],
    [(res) => res.writeHead(201).end('x'.repeat(200000)), 'unknown'],
    [(res) => res.destroy(), 'unknown'],
  ]) {
    const id = once();
    const before = texts.length;
    answer = said;
    assert.equal((await send({ once: id })).status, 202);
    assert.equal(await settled(id), word);
    assert.equal(texts.length, before + 1, word);
  }
  assert.ok(texts.every((one) => one.url !== '/elsewhere'));
  answer = taken;
});

test('a P1 is told of when it comes, without a word of it, by webhook and by command', async () => {
  await home.form({ story: 'They beat us now, marker-story', now: '1' }, { lang: 'en' });
  const { id } = await officer.row((row) => row.channel === 'web' && row.priority === 1);
  let told;
  await until('it is told', () => { told = alarms.find((one) => one.priority === 1); return told; }, 90000);
  assert.ok(['arrived', 'late'].includes(told.alarm), told.alarm); // by how busy this machine is
  assert.deepEqual([told.desk, told.authorization], ['desk1', 'Bearer bearer']);
  assert.match(told.id, /^[0-9a-f]{32}$/);
  assert.deepEqual(Object.keys(told).sort(), ['alarm', 'authorization', 'count', 'desk', 'id', 'late_s', 'level', 'priority']);
  const woken = () => (fs.existsSync(at('woken')) ? fs.readFileSync(at('woken'), 'utf8').split('\n').slice(0, -1) : []);
  await until('the command has run', () => woken().some((one) => /^6 (arrived 1 notice|late 1 [a-z-]+) \d+ \d+ [0-9a-f]{32}$/.test(one)));
  // and of a gateway that nobody had texted to yet, if that took long
  for (const one of woken()) assert.match(one, /^6 (arrived 1 notice|late 1 [a-z-]+|silent 0 shift) \d+ \d+ ([0-9a-f]{32}|-)$/);
  await officer.take(id);
});

test('alarms are tried, and the header says if they do not get through', async () => {
  alarmStatus = 500;
  assert.deepEqual([(await officer.post('/api/alarm/test', {})).status], [202]);
  await until('the alarm of a test', () => alarms.some((one) => one.alarm === 'test'), 90000);
  await until('it is seen that they fail', async () => (await officer.queue()).header.alarms.failing, 60000);
  alarmStatus = 204;
  await officer.post('/api/alarm/test', {});
  await until('they get through again', async () => !(await officer.queue()).header.alarms.failing, 120000); // the next try is half a minute later
  const { header } = await officer.queue();
  assert.equal(header.alarms.set, true);
  assert.ok(header.alarms.given_ms > 0);
  const channel = (name) => header.channels.find((one) => one.name === name);
  assert.ok(channel('web').last_ms > 0 && channel('twilio').last_ms > 0);
  assert.equal(channel('twilio').silence_ms, 3600e3);
  assert.equal(channel('twilio').silent, false);
  assert.deepEqual(channel('kannel'), { name: 'kannel', last_ms: 0, silent: false, silence_ms: 0 });
});

test('what an officer heard of the safe way counts, and a stop is never taken back', async () => {
  const story = { story: 'They hit us, marker-way', contact: '2', contact_number: '012 777 555', contact_watched: 'mango' };
  await home.form({ ...story }, { lang: 'en' });
  const row = await officer.row((one) => one.channel === 'web' && one.state === 'NEW');
  const first = tip;
  tip = row.id;
  await officer.take(tip);
  const id = once();
  const sent = await send({ once: id });
  assert.equal(sent.status, 202, JSON.stringify(sent.body));
  assert.equal(await settled(id), 'taken');
  assert.equal(texts.at(-1).form.get('To'), '+85512777555');
  const heardNow = (safe) => officer.post(`/api/tips/${tip}/entries`, { kind: 'contact', safe });
  const refused = async () => (await send({ override_reason: 'x' })).body.error;
  await heardNow({ wish: '1' });
  assert.equal(await refused(), 'no-contact');
  assert.equal((await officer.get(`/api/tips/${tip}`)).body.contact.no_contact, false); // behind the code they can be written to
  await heardNow({ wish: '2', watched_word: 'papaya' });
  const another = once();
  assert.equal((await send({ once: another, asks: true })).status, 202);
  assert.equal(await settled(another), 'taken');
  await until('the case waits', async () => (await officer.get(`/api/tips/${tip}`)).body.row.state === 'WAIT_REPORTER');
  await heardNow({ wish: '2', no_contact: true });
  await heardNow({ wish: '2', no_contact: false });
  assert.equal(await refused(), 'no-contact');
  assert.equal((await officer.get(`/api/tips/${tip}`)).body.contact.no_contact, true);
  // of the person, and not of the one case: whoever names this number
  await home.form({ ...story, story: 'They hit us, another day', contact_watched: '' }, { lang: 'en' });
  tip = (await officer.row((one) => one.channel === 'web' && one.state === 'NEW')).id;
  await officer.take(tip);
  assert.equal(await refused(), 'no-contact');
  tip = first;
});

test('who says STOP gets nothing, whatever the reason', async () => {
  const before = texts.length;
  await hook('STOP');
  await until('it is heard', async () => (await send({ override_reason: 'they want it', read_rule: false })).body.error === 'stop');
  const { status, body } = await send({ override_reason: 'they want it' });
  assert.deepEqual([status, body.error, body.may_override], [409, 'stop', false]);
  assert.equal((await officer.get(`/api/tips/${tip}`)).body.contact.stop, true);
  assert.equal(texts.length, before);
});

test('a provider that does not answer leaves it unknown', async () => {
  assert.equal(await settled(slow), 'unknown');
  assert.equal(texts.filter((one) => one.form.get('Body') === HELLO).length, texts.length);
});

test('a desk that is killed while a text is on its way sends nothing again, and says that it does not know', async () => {
  await hook('help us', '+85512777999');
  await hook('1', '+85512777999');
  const row = await officer.row((one) => one.channel === 'sms' && one.id !== tip && one.priority < 3);
  tip = row.id;
  await officer.take(tip);
  const before = texts.length;
  const id = once();
  answer = () => {};
  let ordered;
  await until('it is ordered', async () => { ordered = await send({ once: id }); return ordered.status === 202; }).catch((error) => { throw new Error(error.message + JSON.stringify(ordered.body)); });
  await until('the provider has it', () => texts.length === before + 1);
  await home.kill('desk');
  const seen = alarms.length;
  await home.desk();
  // nobody is logged in, and something comes
  await home.form({ story: 'Anything', now: '3' }, { lang: 'en' });
  await until('there is an alarm', () => alarms.slice(seen).some((one) => one.alarm === 'unopened' && one.priority === 0), 90000);
  officer = await Desk.login(home);
  await officer.row((one) => one.id === tip);
  await until('it is open', async () => (await officer.get(`/api/tips/${tip}`)).status !== 503);
  await officer.do(tip, { event: 'CLAIM' });
  await until('the case is shown', async () => (await outcome(id)) !== undefined);
  assert.equal(await outcome(id), 'unknown');
  answer = taken;
  const again = await send({ once: id });
  assert.deepEqual([again.status, again.body.again, again.body.outcome], [200, true, 'unknown'], JSON.stringify(again.body));
  assert.equal(texts.length, before + 1);
  const other = once(); // the officer decides
  assert.equal((await send({ once: other })).status, 202);
  assert.equal(await settled(other), 'taken');
  assert.equal(texts.length, before + 2);
});
