// SPDX-License-Identifier: AGPL-3.0-or-later
// A genuine request of some MiB that cannot be read is kept in pieces, and is
// in nobody's way: neither at the console nor in the inbox.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Home, insist, request, until } from './lib/home.mjs';
import { genericRequest } from './lib/sign.mjs';

let home;
before(async () => {
  home = await Home.start();
  await home.desk();
});
after(() => home?.stop());

async function send(message) {
  const signed = genericRequest(`${home.url}/sms/generic`, home.secret('generic'), message);
  assert.equal((await insist(() => request(signed.url, signed))).status, 200);
  return Buffer.from(signed.body);
}

test('an SMS behind an unreadable request of 3 MiB is a case, and both are shown', async () => {
  const desk = await Desk.login(home);
  // a number where a text belongs, beside a recording
  const whole = await send({ message_id: 'call', to: '1', from: 85512345678, text: 'they lock the gate',
    attachments: [{ name: 'call.ogg', data: randomBytes(2_400_000).toString('base64') }] });
  assert.ok(whole.length > 3 << 20);
  await send({ message_id: 'short', to: '1', from: '+85512777888', text: 'come quickly' });
  const { id } = await desk.row((row) => row.state === 'NEW', 'view=open&q=come+quickly');
  let tips;
  await until('all pieces are in the inbox', async () => {
    tips = await home.inbox();
    return tips.find(({ kind }) => kind === 'undecodable')?.parts?.state === 'complete';
  });
  assert.equal(tips.length, 2);
  const call = tips.find(({ kind }) => kind === 'undecodable');
  assert.equal(tips.find((tip) => tip !== call).id, id);
  assert.equal(call.parts.ids.length, Math.ceil(whole.length / (256 << 10)));
  assert.ok(Buffer.from(call.data_hex, 'hex').equals(whole));
  assert.ok(call.text.includes('they lock the gate'));
  assert.match((await home.tipline('inbox')).stdout, /come quickly/);
  // it is one case, whose words an officer reads
  await desk.row((row) => row.id === call.id && row.state === 'NEW');
  await desk.take(call.id);
  await until('the whole is there', async () => {
    const { body } = await desk.get(`/api/tips/${call.id}`);
    return body.parts?.missing.length === 0 && body.text === call.text;
  });
  assert.equal((await desk.opened()).rows.length, 2);
});
