// SPDX-License-Identifier: AGPL-3.0-or-later
// The vectors through a running tipline: proved anew, stored, sealed, carried,
// opened, and as the vector says, byte for byte.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Home, insist, request, root, until } from './lib/home.mjs';
import { resign } from './lib/resign.mjs';

const read = (name) => JSON.parse(fs.readFileSync(path.join(root, 'tests/vectors', name)));
const khmer = 'ជួយខ្ញុំផង 1+1=2 & a=b 🆘\r\n';
const json = (provider, body, message) => ({
  id: `${provider}-own`, provider, method: 'POST', url: 'https://x/', headers: { 'Content-Type': 'application/json' },
  body_b64: Buffer.from(JSON.stringify(body)).toString('base64'), expect: 'accept', message: { text: khmer, ...message },
});
const form = (provider, fields, message) => ({
  id: `${provider}-own`, provider, method: 'POST', url: 'https://x/', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body_b64: Buffer.from(new URLSearchParams(fields).toString()).toString('base64'), expect: 'accept', message: { text: khmer, ...message },
});
// types that have no vectors, or none that is plain
const own = [
  form('somleng', { MessageSid: '4f4b1e1c-2c53-4f0e-9a7e-0d6b5c0a1f11', AccountSid: '2f1d3c9a-6f5c-4c3b-8b0d-7d1a6f0e5c22',
    From: '+85512345678', To: '1294', Body: khmer }, { external_id: '4f4b1e1c-2c53-4f0e-9a7e-0d6b5c0a1f11', from_raw: '+85512345678', to: '1294' }),
  json('8x8', { namespace: 'SMS', eventType: 'inbound_message_received',
    payload: { umid: 'u-1', source: '85512345678', destination: '1294', body: khmer } }, { external_id: 'u-1', from_raw: '85512345678', to: '1294' }),
  form('macrokiosk', { msgId: 'k-1', from: '60123456789', shortcode: '32321', text: khmer, time: '2026-11-2206:26:40' },
    { external_id: 'k-1', from_raw: '60123456789', to: '32321' }),
  form('nuntium', { guid: 'n-1', from: 'sms://85512345678', to: 'sms://1294', body: khmer }, { external_id: 'n-1' }),
  json('httpsms', { type: 'message.phone.received', data: { message_id: 'h-1', contact: '+85512345678', owner: '+14155550109', content: khmer } },
    { external_id: 'h-1', from_raw: '+85512345678', to: '+14155550109' }),
  json('sinch', { type: 'mo_text', id: 's-1', from: '85512345678', to: '1294', body: khmer }, { external_id: 's-1', from_raw: '85512345678', to: '1294' }),
  json('generic', { message_id: 'g-1', from: '012345678', to: '8888', text: khmer }, { external_id: 'g-1', from_raw: '012345678', to: '8888' }),
];

// Not a message that comes out by itself: batches, parts, repeats; and what
// another configuration than a home's would read.
const isPlain = ({ expect, message, provider, custom, concat_group, id }) => expect === 'accept' && provider !== 'smpp'
  && message && !('count' in message) && !message.concat && !message.duplicate_of && !concat_group && !custom && id !== 'plivo-v2-km';
const vectors = [...read('sms.json'), ...read('gateways.json')].filter(isPlain).concat(own);
const types = fs.readFileSync(path.join(root, 'config/options_gateway.c'), 'utf8')
  .match(/config_gateway_types\[\] = \{([^}]*)NULL/)[1].match(/"[^"]+"/g).map((word) => word.slice(1, -1));

let home;
let tips;
const found = (vector) => tips.filter((tip) => tip.gateway === vector.provider
  && tip.external_id === (vector.message.external_id ?? tip.external_id) && tip.text === (vector.message.text ?? '')
  && (tip.data_hex ?? '') === (vector.message.data_hex ?? '') && tip.to === (vector.message.to ?? tip.to));

before(async () => {
  home = await Home.start();
  for (const vector of vectors) {
    const r = resign(home, vector);
    const { status } = await insist(() => request(r.url, r));
    assert.equal(status, 200, vector.id);
  }
  await until('all are at the desk', async () => {
    tips = await home.inbox();
    return vectors.every((vector) => found(vector).length > 0);
  }).catch((error) => {
    throw new Error(`${error.message}: ${vectors.filter((v) => found(v).length === 0).map((v) => v.id)}`);
  });
});
after(() => home?.stop());

test('every type of gateway is among them', () => {
  assert.deepEqual(types.filter((type) => !vectors.some(({ provider }) => provider === type)), []);
});

for (const vector of vectors) {
  test(`${vector.id} comes out of the inbox as it says`, () => {
    const { message } = vector;
    const [tip] = found(vector);
    assert.equal(tip.text, message.text ?? '');
    assert.equal(tip.kind ?? '', message.kind ?? '');
    assert.equal(tip.data_hex ?? '', message.data_hex ?? '');
    assert.equal(tip.udh_hex ?? '', message.udh_hex ?? '');
    for (const key of ['external_id', 'to', 'channel']) if (message[key]) assert.equal(tip[key], message[key]);
    if (message.from_raw) assert.equal(tip.sender.raw, message.from_raw);
    // a plus is sure whatever the gateway's settings are
    if (message.from && /^(whatsapp:)?\+/.test(message.from_raw ?? '')) assert.equal(tip.sender.e164, message.from);
    assert.ok(tip.signed_by_us);
    assert.ok(['signed', 'basic', 'secret-path', 'signed-address'].includes(tip.trust));
  });
}
