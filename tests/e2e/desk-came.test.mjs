// SPDX-License-Identifier: AGPL-3.0-or-later
// What gateways bring beside plain words reaches the officer: a text in base64
// as what it says, a place, a contact, a file that lies at the provider.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, insist, request, until } from './lib/home.mjs';
import { twilioRequest } from './lib/sign.mjs';

const WORDS = 'ជួយខ្ញុំផង គេចាក់សោទ្វារ ហើយវាយខ្ញុំរាល់ថ្ងៃ។ ខ្ញុំនៅជាន់ទី៥';
const ENCODED = Buffer.from(WORDS).toString('base64');
let home, officer;

before(async () => {
  home = await Home.start();
  await home.desk();
  officer = await Desk.login(home);
});
after(() => home?.stop());

let update = 0;
function telegram(from, message) {
  update += 1; // once: who insists sends the same
  const body = JSON.stringify({ update_id: update, message: { message_id: update, from: { id: from, is_bot: false, first_name: 'S' },
    chat: { id: from, first_name: 'S', type: 'private' }, date: Math.floor(Date.now() / 1000), ...message } });
  return insist(() => request(`${home.url}/sms/telegram`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Telegram-Bot-Api-Secret-Token': home.secret('telegram') }, body,
  }));
}

test('a text that came in base64 is read, marked and found as what it says', async () => {
  const sent = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { Body: ENCODED });
  assert.equal((await insist(() => request(sent.url, sent))).status, 200);
  const { id, priority } = await officer.row((row) => row.state === 'NEW' && row.channel === 'sms');
  assert.equal(priority, 1);
  await officer.take(id);
  const { body: tip } = await officer.get(`/api/tips/${id}`);
  assert.equal(tip.text, WORDS);
  assert.equal(tip.as_came, ENCODED);
  assert.ok(tip.marks.length > 1);
  for (const mark of tip.marks) {
    assert.ok(!mark.in);
    const word = Buffer.from(WORDS).subarray(mark.at, mark.at + mark.len).toString();
    assert.ok(WORDS.includes(word) && !word.includes('\ufffd'), word);
  }
  const { body: found } = await officer.get(`/api/queue?view=open&q=${encodeURIComponent('ចាក់សោ')}`);
  assert.deepEqual(found.rows.map((row) => row.id), [id]);
});

test('a place of WhatsApp reaches the officer with what it is called', async () => {
  const sent = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), {
    From: 'whatsapp:+85515000111', To: 'whatsapp:+14155550100', MessageType: 'location', NumMedia: '0', Body: '',
    Latitude: '11.5564', Longitude: '104.9282', Label: 'Blue gate', Address: 'St. 5' });
  assert.equal((await insist(() => request(sent.url, sent))).status, 200);
  const { id } = await officer.row((row) => row.state === 'NEW' && row.channel === 'whatsapp');
  await officer.take(id);
  const { body: tip } = await officer.get(`/api/tips/${id}`);
  assert.deepEqual(tip.media.map(({ url }) => url), ['geo:11.5564,104.9282']);
  assert.equal(tip.text, 'Blue gate\nSt. 5');
  assert.ok(!JSON.stringify(tip).includes('place missing'));
});

test('what no field knows is read without the number of who sent it, until a reason is given', async () => {
  const sent = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), {
    From: 'whatsapp:+85515000222', To: 'whatsapp:+14155550100', MessageType: 'contacts', NumMedia: '0', Body: '',
    WaId: '85515000222', ProfileName: 'Sok Dara', Cards: 'Sokha 015 000 222' });
  assert.equal((await insist(() => request(sent.url, sent))).status, 200);
  const { id } = await officer.row((row) => row.state === 'NEW' && row.channel === 'whatsapp', 'view=open&q=ProfileName');
  await officer.take(id);
  const { body: tip } = await officer.get(`/api/tips/${id}`);
  assert.match(tip.text, /From=whatsapp:\*{12}&.*WaId=\*{11}&ProfileName=Sok Dara/);
  assert.ok(tip.sender_masked.endsWith('22'));
  const digits = JSON.stringify(tip).replace(/[^0-9a-z]/gi, '');
  assert.ok(!digits.includes('15000222'), 'it is nowhere in what the console has');
  const { body: found } = await officer.get('/api/queue?view=open&q=85515000222');
  assert.deepEqual(found.rows, []);
  assert.equal((await officer.post(`/api/tips/${id}/reveal`, { reason: 'to call back' })).body.sender, '+85515000222');
});

test('a place that cannot be read as one leaves a mark beside its name', async () => {
  const sent = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), {
    From: 'whatsapp:+85515000333', To: 'whatsapp:+14155550100', MessageType: 'location', NumMedia: '0', Body: '',
    Latitude: '1.0E-4', Longitude: '104.9282', Label: 'Casino B', Address: 'St 5' });
  assert.equal((await insist(() => request(sent.url, sent))).status, 200);
  const { id, flags } = await officer.row((row) => row.state === 'NEW' && row.channel === 'whatsapp', 'view=open&q=Casino+B');
  assert.ok(flags.includes('lossy'));
  await officer.take(id);
  assert.equal((await officer.get(`/api/tips/${id}`)).body.text, 'Casino B\nSt 5');
});

test('a place, a contact and a recording of a messenger are told, first and later ones', async () => {
  assert.equal((await telegram(1111111111, { location: { latitude: 11.5564, longitude: 104.9282 } })).status, 200);
  const { id } = await officer.row((row) => row.state === 'NEW' && row.channel === 'telegram');
  await officer.take(id);
  const read = async () => (await officer.get(`/api/tips/${id}`)).body;
  assert.deepEqual((await read()).media.map(({ url }) => url), ['geo:11.556400,104.928200']);
  assert.equal((await telegram(1111111111, { voice: { file_id: 'AwACAgUAAx', duration: 3, mime_type: 'audio/ogg' } })).status, 200);
  assert.equal((await telegram(1111111111, { contact: { phone_number: '+85512345678', first_name: 'S' } })).status, 200);
  const later = await until('both are in the timeline', async () => {
    const media = (await read()).timeline.flatMap((item) => item.media ?? []);
    return media.length === 2 && media;
  });
  assert.deepEqual(later.map(({ type }) => type).sort(), ['audio/ogg', 'contact']);
});
