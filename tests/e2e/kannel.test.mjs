// SPDX-License-Identifier: AGPL-3.0-or-later
// Debian's Kannel forwards what phones send, over TLS, as our manual tells
// its operator to set it up. Kannel texts to the sender whatever it makes of
// an answer: the fake SMSC counts that, and it must be nothing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Home, until } from './lib/home.mjs';
import { Kannel } from './lib/kannel.mjs';

const WAYS = ['post-url', 'get-url'];
const khmer = 'ជួយខ្ញុំផង ខ្ញុំត្រូវបានគេបង្ខំឱ្យធ្វើការ\r\n+1&=%';
// its first byte pairs look like white space to a careless forwarder
const thai = 'ช่วยด้วย ชช\u0a20\u200b';

const percent = (bytes) => [...bytes].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');
const ucs2 = (text) => percent(Buffer.from(text, 'utf16le').swap16());

let home;
const count = (what) => home.metric(`gateway_${what}_total{gateway="kannel"}`);
const kannelFor = (way, options) => Kannel.forwarding(home, way, options);

before(async () => { home = await Home.start(); });
after(() => home?.stop());

/** Tips that were not there before, once there are n. */
async function newTips(seen, n) {
  const all = await home.inboxOf(seen.size + n);
  // a second copy would be there by now
  await sleep(500);
  const fresh = (await home.inbox()).filter((tip) => !seen.has(tip.id));
  assert.equal(fresh.length, all.length - seen.size);
  return fresh;
}

const seenNow = async () => new Set((await home.inbox()).map((tip) => tip.id));

for (const way of WAYS) {
  describe(`by ${way}`, () => {
    let kannel;
    before(async () => { kannel = await kannelFor(way); });
    after(() => kannel?.stop());

    const cases = [
      ['Khmer', 'ucs2', ucs2(khmer), khmer],
      ['Thai, whose bytes look like white space', 'ucs2', ucs2(thai), thai],
      ['emoji', 'ucs2', ucs2('😀 ជួយ 🆘'), '😀 ជួយ 🆘'],
      ['GSM text with @, euro and brackets', 'text', 'help @ 5€ [x] {y} _ ~ \\ ^ |', 'help @ 5€ [x] {y} _ ~ \\ ^ |'],
      ['an empty message', 'text', '', ''],
    ];
    for (const [name, kind, data, text] of cases) {
      test(`${name} comes to the desk byte for byte, once, and nothing goes back`, async () => {
        const seen = await seenNow();
        const phone = await kannel.send(kind, data);
        const [tip, ...more] = await newTips(seen, 1);
        await phone.off();
        assert.equal(more.length, 0);
        assert.equal(tip.text, text);
        assert.equal(tip.gateway, 'kannel');
        assert.equal(tip.trust, 'basic');
        assert.equal(tip.to, '8888');
        assert.deepEqual(tip.sender, { raw: '+85512345678', e164: '+85512345678' });
        assert.match(tip.external_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.deepEqual(phone.texts(), []);
      });
    }

    test('8-bit data keeps its bytes', async () => {
      const seen = await seenNow();
      const phone = await kannel.send('data', '%00%ff%41%80%0a');
      const [tip] = await newTips(seen, 1);
      await phone.off();
      assert.equal(tip.kind, 'binary');
      assert.equal(tip.data_hex, '00ff41800a');
      assert.deepEqual(phone.texts(), []);
    });

    test('while nothing can be stored Kannel asks again: nothing lost, nothing twice', async () => {
      const seen = await seenNow();
      const lost = await count('not_stored');
      await home.kill('spool');
      const texts = ['one', 'two', 'three'];
      const phones = [];
      try {
        for (const text of texts) {
          const phone = await kannel.send('text', `outage ${text}`);
          phones.push(phone);
          await phone.off();
        }
        await until('each was refused at least once', async () => await count('not_stored') >= lost + texts.length);
      } finally {
        await home.run('spool');
      }
      const listener = await kannel.send('text', 'outage over');
      const tips = await newTips(seen, texts.length + 1);
      await listener.off();
      assert.deepEqual(tips.map((tip) => tip.text).sort(),
        [...texts, 'over'].map((text) => `outage ${text}`).sort());
      for (const phone of [...phones, listener]) assert.deepEqual(phone.texts(), []);
    });
  });
}

// One retry, so that Kannel comes to the end of its patience.
test('a wrong password: nothing is stored and nothing goes to the sender', async () => {
  const kannel = await kannelFor('post-url', { credentials: 'kannel:wrong', retries: 1 });
  try {
    const seen = await seenNow();
    const refused = await count('no_proof');
    const phone = await kannel.send('text', 'help');
    await until('it was refused', async () => await count('no_proof') > refused);
    await sleep(3000);
    await phone.off();
    assert.deepEqual(phone.texts(), []);
    assert.equal((await seenNow()).size, seen.size);
  } finally {
    await kannel.stop();
  }
});

test('when Kannel gives up after 503, nothing goes to the sender', async () => {
  const kannel = await kannelFor('post-url', { retries: 1 });
  const lost = await count('not_stored');
  await home.kill('spool');
  try {
    const phone = await kannel.send('text', 'given up');
    await until('it was refused twice', async () => await count('not_stored') >= lost + 2);
    await sleep(2500);
    await phone.off();
    assert.deepEqual(phone.texts(), []);
    assert.equal(await count('not_stored'), lost + 2);
  } finally {
    await home.run('spool');
    await kannel.stop();
  }
});

test('the counter of texts counts: with other settings Kannel does text', async () => {
  const kannel = await kannelFor('post-url', { quiet: 'send-sender = true' });
  try {
    const phone = await kannel.send('text', 'help');
    const texts = await until('a text', () => phone.texts().length > 0 && phone.texts());
    await phone.off();
    assert.match(texts[0], /Empty reply/);
  } finally {
    await kannel.stop();
  }
});
