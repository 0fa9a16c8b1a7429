// SPDX-License-Identifier: AGPL-3.0-or-later
// A partner is told the safe way to the reporter as it is now, as an officer
// heard it last; and NO CONTACT where that was said, whatever is ticked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, build, insist, receiptOf, request, until } from './lib/home.mjs';
import { twilioRequest } from './lib/sign.mjs';

let home, officer, other, held;
const at = (name) => path.join(home.dir, name);

before(async () => {
  home = await Home.start({ edit: (conf) => conf.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json') });
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  const env = { ...process.env, TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') };
  const [key] = execFileSync(path.join(build, 'tipline'), ['open', 'key', 'partner.key', '--cheap'], { cwd: home.dir, env, encoding: 'utf8' }).split('\n');
  const verified_on = new Date(Date.now() - 86400e3).toISOString().slice(0, 10);
  fs.writeFileSync(at('partners.json'), JSON.stringify({ partners: [{ id: 'unit', name: 'The unit', kind: 'police', key, verified_on }] }));
  await Desk.add(home, 'dara');
  await home.desk();
  officer = await Desk.login(home);
  other = await Desk.login(home, { name: 'dara' });
});
after(() => home?.stop());

const ask = { partner: 'unit', summary: 'Three people are held.', include: ['contact'], redact: [] };
const answers = { who: '1', share: '1', contact: '3', contact_number: '+855 12 345 678', contact_when: 'after 22:00', contact_message: '1', contact_say: '1', contact_safeword: 'mango' };

/** Before all that came is opened the desk cannot tell: a STOP may be among it. */
const told = (act) => until('the desk can tell', async () => {
  const answer = await act();
  return !/Not all that came is opened/.test(answer.body.text) && answer;
});

/** A tip that the officer has, of a reporter who answered so. */
async function taken(story, more) {
  const { body } = await home.form({ ...answers, ...more, story }, { lang: 'en' });
  const { id } = await officer.row((row) => row.state === 'NEW' && row.version >= 2, `view=open&q=${encodeURIComponent(story.split('\0')[0])}`);
  await officer.take(id);
  if (held) await officer.do(held, { event: 'RELEASE' }); // nobody has more than five
  held = id;
  const heard = async (safe) => assert.equal((await officer.post(`/api/tips/${id}/entries`, { kind: 'contact', safe })).status, 200);
  const previewed = async (include = ask.include) => {
    const { status, body } = await told(() => officer.post(`/api/tips/${id}/referrals/preview`, { ...ask, include }));
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  return { id, code: receiptOf(body.toString()), heard, previewed, contact: async () => (await previewed()).preview.x_safe_contact };
}

test('what an officer heard last counts, rule by rule, instead of what was answered', async () => {
  const tip = await taken('first story');
  const answered = { method: 'call', value: '+855 12 345 678', when: 'after 22:00', message: 'yes', say: 'yes', safe_word: 'mango' };
  const { preview } = await tip.previewed();
  assert.deepEqual(preview.x_safe_contact, answered);
  assert.equal(preview.prs_MobilePhone, '+85512345678');
  await tip.heard({ wish: '2', hours: 'never on Sunday', message_ok: false, who_to_say: '2', cover: 'the pharmacy', safe_word: '', watched_word: 'rain' });
  assert.deepEqual(await tip.contact(), { method: 'text', value: '+855 12 345 678', when: 'never on Sunday', message: 'no', say: 'no', cover: 'the pharmacy', safe_word: 'mango', watched_word: 'rain' });
  await tip.heard({ hours: 'at noon' }); // the newest entry, and for the rest the answers
  assert.deepEqual(await tip.contact(), { ...answered, when: 'at noon' });
  await tip.heard({ wish: '1' });
  assert.equal(await tip.contact(), 'NO CONTACT');
});

test('NO CONTACT that an officer wrote is told, and no number, and stays', async () => {
  const tip = await taken('second story');
  await tip.heard({ no_contact: true });
  await tip.heard({ wish: '3', no_contact: false });
  const { preview } = await tip.previewed();
  assert.equal(preview.x_safe_contact, 'NO CONTACT');
  assert.ok(!JSON.stringify(preview).replace(/\D/g, '').includes('12345678'));
});

test('the wish for no contact that comes with the receipt code is told', async () => {
  const tip = await taken('third story');
  const page = async (fields) => (await request(`${home.url}/en/c`, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString() })).body.toString();
  const [, s] = /name="s" value="([^"]*)"/.exec(await page({ code: tip.code }));
  await page({ s, do: 'stop' });
  await until('it is told', async () => await tip.contact() === 'NO CONTACT', 90000);
});

test('what came by SMS from the number that is to be called is told', async () => {
  for (const [story, number, body] of [['fifth story', '012 345 001', 'STOP'], ['sixth story', '+855 12 345 002', '0'], ['seventh story', '012345003', 'is it rain?']]) {
    const tip = await taken(story, { contact_number: number, contact_message: '2', contact_watched: 'rain' });
    assert.equal((await tip.contact()).value, number);
    const call = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { From: `+855${number.replace(/^\+855|^0|\D/g, '')}`, Body: body });
    assert.equal((await insist(() => request(call.url, call))).status, 200);
    await until(`${body} is told`, async () => await tip.contact() === 'NO CONTACT', 90000);
  }
});

test('a second officer cannot agree to a way that is another one by now', async () => {
  const tip = await taken('fourth story', { contact_number: '+855 12 345 004' });
  const seen = await tip.previewed();
  const order = { ...ask, ref: seen.ref, created_s: seen.created_s, hash: seen.hash };
  const sent = await told(() => officer.post(`/api/tips/${tip.id}/referrals`, order));
  assert.equal(sent.status, 202, JSON.stringify(sent.body));
  await tip.heard({ no_contact: true });
  const agree = (hash) => told(() => other.post(`/api/tips/${tip.id}/referrals/approve`, { hash }));
  const refused = await agree(seen.hash);
  assert.equal(refused.status, 409);
  assert.match(JSON.stringify(refused.body), /safe contact is another one by now/);
  assert.equal((await other.do(tip.id, { event: 'REFUSE', reason: 'the contact' })).status, 200);
  const again = await tip.previewed();
  assert.equal(again.preview.x_safe_contact, 'NO CONTACT');
  const anew = { ...ask, ref: again.ref, created_s: again.created_s, hash: again.hash };
  assert.equal((await told(() => officer.post(`/api/tips/${tip.id}/referrals`, anew))).status, 202);
  assert.equal((await agree(again.hash)).status, 200);
});

test('NO CONTACT on another case of the same number is told', async () => {
  const number = { contact_number: '+855 12 345 010' };
  const one = await taken('eighth story', number);
  await one.heard({ no_contact: true });
  for (const more of [{}, { contact_message: '2' }]) { // also where no text may be sent there
    const two = await taken(`another story ${Object.keys(more).length}`, { ...number, ...more });
    assert.equal(await two.contact(), 'NO CONTACT');
    assert.equal((await officer.get(`/api/tips/${two.id}`)).body.contact.no_contact, true); // nor does an officer call
    const reply = await officer.post(`/api/tips/${two.id}/reply`, { text: 'Are you well?', lang: 'en' });
    assert.equal(reply.status, 409, JSON.stringify(reply.body));
    assert.equal(reply.body.error, 'no-contact', JSON.stringify(reply.body));
  }
});

test('what an officer took out is not told again', async () => {
  const tip = await taken('ninth story', { contact_number: '+855 12 345 011', contact_cover: 'the bank' });
  assert.equal((await tip.contact()).cover, 'the bank');
  await tip.heard({ wish: '3', hours: '', message_ok: '', who_to_say: '', cover: '', safe_word: '', no_contact: false });
  assert.deepEqual(await tip.contact(), { method: 'call', value: '+855 12 345 011', safe_word: 'mango' });
});

test('no file tells a way that is over by now', async () => {
  const tip = await taken('tenth story', { contact_number: '+855 12 345 012' });
  const seen = await tip.previewed();
  const order = { ...ask, ref: seen.ref, created_s: seen.created_s, hash: seen.hash };
  assert.equal((await told(() => officer.post(`/api/tips/${tip.id}/referrals`, order))).status, 202);
  assert.equal((await told(() => other.post(`/api/tips/${tip.id}/referrals/approve`, { hash: seen.hash }))).status, 200);
  const file = () => insist(() => request(`${officer.url}/api/tips/${tip.id}/referrals/file`, { headers: officer.headers }));
  assert.equal((await file()).status, 200);
  await tip.heard({ no_contact: true });
  const refused = await file();
  assert.equal(refused.status, 409, refused.body.toString());
  assert.match(refused.body.toString(), /not to be used any more/);
});

test('a story with a zero byte can be referred whole', async () => {
  const tip = await taken('eleventh\0story', { contact_number: '+855 12 345 013' });
  const { preview } = await tip.previewed(['contact', 'original']);
  assert.ok(JSON.stringify(preview).includes('eleventh\\u0000story'), JSON.stringify(preview));
});

test('the number that wrote does not stand beside NO CONTACT', async () => {
  const call = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { From: '+85512345014', Body: 'they hold us here' });
  assert.equal((await insist(() => request(call.url, call))).status, 200);
  const { id } = await officer.row((row) => row.state === 'NEW' && row.version >= 2, `view=open&q=${encodeURIComponent('they hold us here')}`);
  await officer.take(id);
  const seen = async () => (await told(() => officer.post(`/api/tips/${id}/referrals/preview`, { ...ask, include: ['contact', 'sender'] }))).body.preview;
  assert.equal((await seen()).x_sender, '+85512345014');
  assert.equal((await officer.post(`/api/tips/${id}/entries`, { kind: 'contact', safe: { no_contact: true } })).status, 200);
  const now = await seen();
  assert.equal(now.x_safe_contact, 'NO CONTACT');
  assert.equal(now.x_sender, undefined);
});
