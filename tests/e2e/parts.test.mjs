// SPDX-License-Identifier: AGPL-3.0-or-later
// Long messages whose parts come one by one (Vonage does not join them): each
// is kept and answered by itself, and the desk shows them as one.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { inject, intakeOf } from './lib/forge.mjs';
import { Home, insist, request, until } from './lib/home.mjs';
import { genericRequest } from './lib/sign.mjs';

const require = createRequire(import.meta.url);
const HashGenerator = require('@vonage/server-sdk/lib/HashGenerator');

let home;
before(async () => { home = await Home.start(); });
after(() => home?.stop());

/** One part, signed as Vonage does; answers 200 once it is durable. */
async function part(text, ref, seq, total, more = {}) {
  const all = {
    msisdn: '85512345678', to: '1294', messageId: crypto.randomUUID(), text, type: 'unicode',
    concat: 'true', 'concat-ref': String(ref), 'concat-total': String(total), 'concat-part': String(seq),
    'message-timestamp': '2026-11-21 22:26:37', timestamp: String(Math.floor(Date.now() / 1000)), nonce: 'n', ...more,
  };
  const sig = new HashGenerator().generate('sha256', home.secret('vonage-sms'), all);
  const body = new URLSearchParams({ ...all, sig }).toString();
  const { status } = await insist(() => request(`${home.url}/sms/vonage-sms`, {
    method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }));
  assert.equal(status, 200);
}

const khmer = Array.from('ជួយខ្ញុំផង ខ្ញុំត្រូវបានគេបង្ខំឱ្យធ្វើការ\u200b\r\n'.repeat(15));
const tenParts = Array.from({ length: 10 }, (_, i) => khmer.slice(i * 65, i * 65 + 65).join(''));
const whole = tenParts.join('');
const shown = async (n) => {
  await home.inboxOf(n);
  return (await home.inbox()).sort((a, b) => a.received.localeCompare(b.received));
};

test('ten Khmer parts out of order, one doubled, one missing, then late', async () => {
  const order = [9, 2, 10, 1, 4, 3, 8, 6, 5];
  const began = Date.now();
  for (const seq of order) await part(tenParts[seq - 1], 7, seq, 10);
  await part(tenParts[3], 7, 4, 10);
  // one whose answer a slow disk was too late for was kept all the same, and is a repeat then
  const count = (what) => home.metric(`gateway_${what}_total{gateway="vonage-sms"}`);
  await until('all are durable', async () => await count('stored') + await count('repeated') >= 10);
  let tip;
  await until('all are at the desk', async () => {
    [tip] = await home.inbox();
    return tip?.parts?.ids.length === 10;
  });
  // a minute after the first part it is waited for no longer
  assert.ok(tip.parts.state === 'expected' || (tip.parts.state === 'incomplete' && Date.now() - began > 59_000), tip.parts.state);
  assert.equal((await home.inbox()).length, 1);
  assert.deepEqual(tip.parts.missing, [7]);
  assert.equal(tip.parts.doubles, 1);
  assert.equal(tip.text, [...tenParts.slice(0, 6), ' [7/10?] ', ...tenParts.slice(7)].join(''));
  assert.equal(new Set(tip.parts.external_ids).size, 10);
  const [plain] = (await home.tipline('inbox')).stdout.match(/parts: .*/);
  assert.match(plain, /"missing":\[7\]/);
  await part(tenParts[6], 7, 7, 10);
  await until('it is complete', async () => {
    [tip] = await home.inbox('--new');
    return tip?.parts.state === 'complete';
  });
  // what is new brings the older parts along, in one line
  assert.equal(tip.text, whole);
  assert.equal(tip.parts.ids.length, 11);
  const all = await home.inbox();
  assert.equal(all.length, 1);
  assert.equal(all[0].text, whole);
  assert.deepEqual(all[0].parts.missing, []);
});

test('two people with one reference are two messages', async () => {
  await part('A one ', 9, 1, 2);
  await part('B one ', 9, 1, 2, { msisdn: '85587654321' });
  await part('B two', 9, 2, 2, { msisdn: '85587654321' });
  await part('A two', 9, 2, 2);
  const tips = await shown(3);
  await until('both are whole', async () => (await home.inbox()).filter((tip) => tip.parts.state === 'complete').length === 3);
  assert.deepEqual((await home.inbox()).map((tip) => tip.text).filter((text) => text !== whole).sort(), ['A one A two', 'B one B two']);
  assert.ok(tips.every((tip) => !('concat' in tip)));
});

test('a word that is cut between two parts is found, and the whole is as urgent as it says', async () => {
  await part('they have a gun and will ki', 11, 1, 2);
  await part('ll me', 11, 2, 2);
  let tip;
  await until('it is whole', async () => {
    tip = (await home.inbox()).find(({ text }) => text === 'they have a gun and will kill me');
    return tip;
  });
  assert.equal(tip.priority, 'P1');
});

test('what one number writes has one thread, another number has another', async () => {
  const single = { concat: 'false' };
  await part('first', 0, 0, 0, single);
  await part('second', 0, 0, 0, single);
  await part('other', 0, 0, 0, { ...single, msisdn: '85587654321' });
  const find = async (text) => (await home.inbox()).find((tip) => tip.text === text);
  await until('all are there', async () => await find('first') && await find('second') && await find('other'));
  const [first, second, other] = [await find('first'), await find('second'), await find('other')];
  assert.match(first.thread, /^[0-9a-f]{32}$/);
  assert.equal(second.thread, first.thread);
  assert.equal(second.thread_before, first.thread_before);
  assert.notEqual(other.thread, first.thread);
});

test('files inside a message are kept in pieces, once, and come out as they were', async () => {
  const files = { 'voice.ogg': crypto.randomBytes(150_000), 'empty.txt': Buffer.alloc(0), 'កំណត់.txt': Buffer.from('សួស្ដី') };
  const message = { message_id: 'with-files', to: '1', from: '+85512345678', text: 'with files', channel: 'voice',
    attachments: Object.entries(files).map(([name, data]) => ({ name, data: data.toString('base64') })) };
  const send = (what) => {
    const signed = genericRequest(`${home.url}/sms/generic`, home.secret('generic'), what);
    return insist(() => request(signed.url, signed)).then((answer) => ({ ...answer, sent: signed.body }));
  };
  assert.equal((await send(message)).status, 200);
  assert.equal((await send(message)).status, 200);
  const find = async () => (await home.inbox()).filter((tip) => tip.text === 'with files');
  await until('it is there', async () => (await find())[0]?.attachments?.every((file) => file.state === 'complete'));
  const tips = await find();
  assert.equal(tips.length, 1);
  assert.deepEqual(tips[0].attachments.map(({ name, bytes, sha256 }) => [name, bytes, sha256]),
    Object.entries(files).map(([name, data]) => [name, data.length, crypto.createHash('sha256').update(data).digest('hex')]));
  const out = path.join(home.dir, 'out');
  await home.inbox('--save', out);
  const saved = fs.readdirSync(out).map((name) => fs.readFileSync(path.join(out, name)));
  assert.ok(saved.some((bytes) => bytes.equals(files['voice.ogg'])), 'the recording is as it was');
  // what is no base64 is kept whole
  const answer = await send({ message_id: 'odd', to: '1', text: 'x', attachments: [{ name: 'a', data: '!' }] });
  assert.equal(answer.status, 200);
  await until('it is kept', async () => (await home.inbox()).some((tip) => tip.kind === 'undecodable' && tip.data_hex === Buffer.from(answer.sent).toString('hex')));
});

test('the last of ten Khmer parts comes after an hour and completes it', async () => {
  // the others as the intake would have sealed them then
  const then_s = Math.floor(Date.now() / 1000) - 3600;
  const number = '85577001122';
  const old = (seq, i) => ({
    v: 1, id: crypto.randomBytes(16).toString('hex'), received: new Date((then_s + i) * 1000).toISOString().replace('.000Z', 'Z'),
    channel: 'sms', gateway: 'vonage-sms', text: tenParts[seq - 1], answers: {}, sender: { raw: number }, to: '1294',
    external_id: crypto.randomUUID(), trust: 'signed', concat: { ref: 21, total: 10, seq }, priority: 3,
  });
  for (const [i, seq] of [9, 2, 10, 1, 4, 4, 3, 8, 6, 5].entries()) {
    await inject(home, old(seq, i), undefined, intakeOf(home));
  }
  const find = async () => (await home.inbox()).filter(({ sender }) => sender.raw === number);
  await until('all are at the desk', async () => (await find())[0]?.parts?.ids.length === 10);
  const [early, ...none] = await find();
  assert.equal(none.length, 0);
  assert.deepEqual([early.parts.state, early.parts.missing, early.parts.doubles], ['incomplete', [7], 1]);
  assert.ok(early.signed_by_us);
  await part(tenParts[6], 21, 7, 10, { msisdn: number });
  await until('it is complete', async () => (await find())[0].parts.state === 'complete');
  const [tip, ...more] = await find();
  assert.equal(more.length, 0);
  assert.equal(tip.text, whole);
  assert.deepEqual([tip.parts.missing, tip.parts.doubles, tip.parts.late], [[], 1, true]);
});

test('officers see one message, and what the number writes then, as one tip', async () => {
  process.env.TIPLINE_OFFICER = 'officer'; // there are two, whose codes need not wait for each other
  await Desk.add(home, 'dara');
  await home.desk();
  const desk = await Desk.login(home);
  const from = { msisdn: '85599000111' };
  const row = (test) => desk.row((r) => r.state !== 'RECEIVED' && test(r), 'view=open&q=quietly');
  await part('quietly one ', 31, 1, 3, from);
  await part('quietly three', 31, 3, 3, from);
  const { id, priority } = await row((r) => r.flags.includes('parts missing'));
  await desk.take(id);
  const read = async () => (await desk.get(`/api/tips/${id}`)).body;
  await until('both parts are in it', async () => (await read()).text === 'quietly one  [2/3?] quietly three');
  assert.deepEqual((await read()).parts.missing, [2]);
  await part('quietly two ', 31, 2, 3, from);
  await row((r) => r.id === id && !r.flags.includes('parts missing'));
  const whole = await read();
  assert.equal(whole.text, 'quietly one quietly two quietly three');
  assert.equal(whole.parts.state, 'complete');
  assert.deepEqual(whole.timeline, []);
  // urgent words in the same conversation raise it, and say why
  const single = { ...from, concat: 'false' };
  await part('they have a gun and will kill me', 0, 0, 0, single);
  const raised = await row((r) => r.id === id && r.priority < priority);
  assert.equal(raised.priority, 1);
  assert.ok(raised.reasons.some((reason) => reason.rule === 'K-DIE'), JSON.stringify(raised.reasons));
  await part('STOP', 0, 0, 0, single);
  await row((r) => r.id === id && r.flags.includes('stop'));
  const later = await read();
  assert.deepEqual(later.timeline.map((one) => [one.kind, one.text]),
    [['message', 'they have a gun and will kill me'], ['message', 'STOP']]);
  assert.equal(later.contact.stop, true);
  assert.equal((await desk.queue('view=open&q=quietly')).total, 1);
  assert.equal((await desk.queue('view=open&q=will+kill+me')).rows.filter((r) => r.id === id).length, 1);
  // after everything was forgotten and opened again it is so again, and no
  // record was told twice
  const raises = async () => (await read()).entries.filter((entry) => entry.event === 'RAISE').length;
  await until('all was told', async () => await raises() >= 3);
  await desk.logout();
  const again = await Desk.login(home, { name: 'dara' });
  desk.headers = again.headers;
  await until('all is opened', async () => (await again.queue()).opening === 0);
  const now = await row((r) => r.id === id && r.flags.includes('stop'));
  assert.equal(now.priority, 1);
  // what the desk tells anew may change the case just then
  await until('it is taken over', async () => (await desk.do(id, { event: 'TAKE_OVER', reason: 'the shift ends' })).status === 200
    || (await desk.get(`/api/tips/${id}`)).status === 200);
  assert.ok(await raises() <= 4, 'two parts and two messages');
});

test('a part that comes behind a later one is heard', async () => {
  // two intakes, of which one has no way to Redis for a while: what was sealed
  // there comes last, whenever it was received
  const desk = await Desk.login(home);
  const then_s = Math.floor(Date.now() / 1000) - 60;
  const sealed = (seq, text, priority) => ({
    v: 1, id: crypto.randomBytes(16).toString('hex'), received: new Date((then_s + seq) * 1000).toISOString().replace('.000Z', 'Z'),
    channel: 'sms', gateway: 'vonage-sms', text, answers: {}, sender: { raw: '85512121212' }, to: '1294',
    external_id: crypto.randomUUID(), trust: 'signed', concat: { ref: 41, total: 3, seq }, priority,
  });
  const row = (test) => desk.row((r) => r.state !== 'RECEIVED' && test(r), 'view=open&q=belated');
  await inject(home, sealed(1, 'belated one ', 3), undefined, intakeOf(home));
  const { id } = await row(() => true);
  await inject(home, sealed(3, 'three', 3), undefined, intakeOf(home));
  await desk.take(id);
  const read = async () => (await desk.get(`/api/tips/${id}`)).body;
  await until('the last part was told', async () => (await read()).entries.some((entry) => entry.event === 'RAISE'));
  await inject(home, sealed(2, 'they have a gun and will kill me ', 1), undefined, intakeOf(home));
  await row((r) => r.id === id && r.priority === 1);
  assert.equal((await read()).text, 'belated one they have a gun and will kill me three');
});

test('the second part of a message in a conversation is heard', async () => {
  const desk = await Desk.login(home, { name: 'dara' });
  const from = { msisdn: '85512343434' };
  const row = (test) => desk.row((r) => r.state !== 'RECEIVED' && test(r), 'view=open&q=hello');
  await part('hello, is somebody there?', 0, 0, 0, { ...from, concat: 'false' });
  const { id, priority } = await row(() => true);
  assert.ok(priority > 1);
  await desk.take(id);
  const read = async () => (await desk.get(`/api/tips/${id}`)).body;
  const raises = async () => (await read()).entries.filter((entry) => entry.event === 'RAISE').length;
  await part('we are nine in a house, and they ', 51, 1, 2, from);
  await until('the first part was told', async () => await raises() >= 1);
  await part('have a gun and will kill me', 51, 2, 2, from);
  await row((r) => r.id === id && r.priority === 1);
});
