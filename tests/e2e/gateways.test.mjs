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
// types that have no vector that is plain
const own = [
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

test('what a gateway says of others than this message is counted', async () => {
  await until('both are counted', async () => await home.metric('gateway_tried_before_total{gateway="telnyx"}') >= 1
    && await home.metric('gateway_more_waits_total{gateway="infobip"}') >= 1);
  assert.equal(await home.metric('gateway_tried_before_total{gateway="infobip"}'), 0);
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
    const flags = tip.flags ?? [];
    for (const flag of vector.flags ?? []) assert.ok(flags.includes(flag), flag);
    assert.equal(flags.includes('maybe cut'), (vector.flags ?? []).includes('maybe cut'));
    assert.ok(tip.signed_by_us);
    assert.ok(['signed', 'basic', 'secret-path', 'signed-address'].includes(tip.trust));
  });
}
