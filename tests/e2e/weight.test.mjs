// SPDX-License-Identifier: AGPL-3.0-or-later
// What the reporter's pages weigh on the wire, in every language: bytes are
// counted on the socket itself, with all that TLS adds, and without TLS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Home, receiptOf } from './lib/home.mjs';

const FIRST_MAX = 14000;
const FURTHER_MAX = 8 * 1024;
const LANGUAGES = ['km', 'th', 'vi', 'zh-Hans', 'my', 'lo', 'ms', 'id', 'fil', 'bn', 'ne', 'en'];
// 2G: bits in a second, and seconds there and back. Before the page there are
// TCP, TLS 1.3 and the request; an issuer's certificate is longer than ours.
const BITS_PER_S = 50000;
const ROUND_TRIP_S = 0.8;
const ROUND_TRIPS = 3;
const CHAIN_BYTES = 3000;
const READABLE_S = 5;
const SENT_S = 10;

let home;
before(async () => { home = await Home.start({ processes: ['spool', 'intake'] }); });
after(() => home?.stop());

/** One request on a connection of its own: what it said and what it weighed. */
async function ask(door, target, { fields, gzip = true } = {}) {
  const wire = door === 'onion' ? net.connect(path.join(home.dir, 'sock/onion')) : net.connect(home.port, '127.0.0.1');
  const stream = door === 'onion' ? wire : tls.connect({ socket: wire, rejectUnauthorized: false });
  const body = fields ? new URLSearchParams(fields).toString() : '';
  const chunks = [];
  stream.on('data', (data) => chunks.push(data));
  const ended = once(stream, 'close');
  stream.write(`${fields ? 'POST' : 'GET'} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\nConnection: close\r\n`
    + (gzip ? 'Accept-Encoding: gzip, deflate\r\n' : '')
    + (fields ? `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` : '')
    + `\r\n${body}`);
  await ended;
  const answer = Buffer.concat(chunks);
  const head = answer.subarray(0, answer.indexOf('\r\n\r\n') + 4).toString();
  const packed = /^content-encoding: gzip/im.test(head);
  const rest = answer.subarray(head.length);
  return {
    status: Number(head.slice(9, 12)), packed,
    http_bytes: answer.length, wire_bytes: wire.bytesRead, sent_bytes: wire.bytesWritten,
    page: (packed ? gunzipSync(rest) : rest).toString(),
  };
}

/** A page needs no other request: nothing in it is fetched by itself. */
function assertOneRequest(page, what) {
  const fetched = page.match(/<(img|iframe|object|embed|video|audio|source|track|script[^>]+src)|@import|url\(|<link(?![^>]*href="data:,")/i);
  assert.equal(fetched, null, `${what} asks for ${fetched?.[0]}`);
}

for (const lang of LANGUAGES) {
  test(`the first page in ${lang} is one request of ${FIRST_MAX} bytes at most, and there in 5 s on 2G`, async (t) => {
    const told = [];
    for (const door of ['tls', 'onion']) {
      for (const gzip of [true, false]) {
        const answer = await ask(door, `/${lang}/`, { gzip });
        const what = `${door}${gzip ? '' : ', not compressed'}`;
        assert.equal(answer.status, 200);
        assert.equal(answer.packed, gzip);
        assertOneRequest(answer.page, what);
        // for old phones that cannot read gzip, too
        assert.ok(answer.http_bytes <= FIRST_MAX, `${what}: ${answer.http_bytes} bytes`);
        told.push(`${what} ${answer.http_bytes}/${answer.wire_bytes}`);
        if (!gzip) continue;
        assert.ok(answer.wire_bytes <= FIRST_MAX, `${what}: ${answer.wire_bytes} bytes on the wire`);
        const seconds = ROUND_TRIPS * ROUND_TRIP_S + (answer.wire_bytes + CHAIN_BYTES) * 8 / BITS_PER_S;
        assert.ok(seconds < READABLE_S, `${what}: ${seconds} s`);
        told.push(`${seconds.toFixed(1)} s`);
      }
    }
    t.diagnostic(`${lang}: ${told.join('; ')}`);
  });

  test(`each further page in ${lang} is one request of ${FURTHER_MAX} bytes at most`, async (t) => {
    const state = (answer) => /name="s" value="([^"]+)"/.exec(answer.page)?.[1];
    const heaviest = [0, ''];
    const weigh = async (what, ...request) => {
      const answer = await ask(...request);
      assert.ok(answer.packed || what === 'missing', what);
      assertOneRequest(answer.page, what);
      assert.ok(answer.http_bytes <= FURTHER_MAX, `${what}: ${answer.http_bytes} bytes`);
      assert.ok(answer.wire_bytes <= FURTHER_MAX, `${what}: ${answer.wire_bytes} bytes on the wire`);
      if (answer.wire_bytes > heaviest[0]) heaviest.splice(0, 2, answer.wire_bytes, what);
      return answer;
    };
    for (const door of ['tls', 'onion']) {
      const receipt = await weigh('receipt', door, `/${lang}/a`, { fields: { story: `weight ${lang} ${door}`, k: 'ab'.repeat(16) } });
      const s = state(receipt);
      assert.match(receiptOf(receipt.page), /^[0-9]{20,25}$/);
      for (const me of ['1', '2']) {
        const answers = [{ g: '0' }, { g: '1', who: me }, { g: '2' }, { g: '3' }];
        let next = s;
        for (const fields of answers) {
          const page = await weigh(`after group ${fields.g}`, door, `/${lang}/b`, { fields: { s: next, go: 'next', ...fields } });
          assert.equal(page.status, 200);
          next = state(page) ?? next;
        }
      }
      await weigh('files', door, `/${lang}/f`, { fields: { s } });
      for (const [what, target] of [['return', 'c'], ['safety', 's'], ['facts', 'i'], ['neutral', 'a'], ['missing', 'zz']]) {
        await weigh(what, door, `/${lang}/${target}`);
      }
      const slip = await weigh('a code with a slip', door, `/${lang}/c`, { fields: { code: '1' } });
      assert.match(slip.page, /role="alert"/);
    }
    t.diagnostic(`${lang}: heaviest ${heaviest[0]} bytes, ${heaviest[1]}`);
  });
}

test('a tip of a thousand letters is sent in 10 s on 2G, on a connection of its own', async (t) => {
  for (const lang of ['km', 'my']) {
    const answer = await ask('tls', `/${lang}/a`, { fields: { story: 'ក'.repeat(1000), now: '1' } });
    assert.match(answer.page, /id="receipt"/);
    const bytes = answer.sent_bytes + answer.wire_bytes + CHAIN_BYTES;
    const seconds = ROUND_TRIPS * ROUND_TRIP_S + bytes * 8 / BITS_PER_S;
    t.diagnostic(`${lang}: ${answer.sent_bytes} sent, ${answer.wire_bytes} received, ${seconds.toFixed(1)} s`);
    assert.ok(seconds < SENT_S, `${lang}: ${seconds} s`);
  }
});

test('what lies under a code is as light', async () => {
  for (const lang of ['my', 'km']) {
    const { page } = await ask('tls', `/${lang}/a`, { fields: { story: `box ${lang}` } });
    const box = await ask('tls', `/${lang}/c`, { fields: { code: receiptOf(page) } });
    assert.equal(box.status, 200);
    assert.ok(box.page.includes('name="story"'), 'it is the page for more');
    assert.ok(box.http_bytes <= FURTHER_MAX && box.wire_bytes <= FURTHER_MAX, `${lang}: ${box.wire_bytes}`);
  }
});
