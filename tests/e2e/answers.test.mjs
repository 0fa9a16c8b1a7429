// SPDX-License-Identifier: AGPL-3.0-or-later
// What goes back over the wire. On a gateway's route nothing but its profile
// may be said, whatever happened: a body can become a text on a watched phone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { Home, insist, request, until } from './lib/home.mjs';
import { genericRequest, kannelRequest, twilioRequest } from './lib/sign.mjs';

const XML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';
let home;
before(async () => {
  home = await Home.start({ edit: (conf) => `${conf}\n[gateway aggregator]\ntype = custom\nsecret_file = secrets/aggregator
region = KH\ncustom_answer = status=202 failure=close\n`, processes: [] });
  fs.writeFileSync(path.join(home.dir, 'secrets/aggregator'), 'aggregator:password\n', { mode: 0o600 });
  for (const name of ['spool', 'intake']) await home.run(name);
  await home.ready();
});
after(() => home?.stop());

/** Send raw bytes over TLS, or the onion socket; what came back until the end. */
function raw(bytes, { onion = false } = {}) {
  return new Promise((resolve) => {
    const socket = onion
      ? net.connect(path.join(home.dir, 'sock/onion'))
      : tls.connect({ port: home.port, host: '127.0.0.1', rejectUnauthorized: false });
    const chunks = [];
    const done = () => resolve(Buffer.concat(chunks).toString('latin1'));
    socket.on('data', (data) => chunks.push(data));
    socket.on('error', done);
    socket.on('close', done);
    socket.setTimeout(60000, () => socket.destroy());
    socket.write(bytes);
  });
}

const signed = {
  twilio: (fields) => twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { Body: 'x', ...fields }),
  somleng: (fields) => twilioRequest(`${home.url}/sms/somleng`, home.secret('somleng'), {
    MessageSid: crypto.randomUUID(), AccountSid: crypto.randomUUID(), Body: 'x', ...fields,
  }),
  kannel: () => kannelRequest(`${home.url}/sms/kannel`, home.secret('kannel'), 'x'),
  generic: () => genericRequest(`${home.url}/sms/generic`, home.secret('generic'),
    { message_id: crypto.randomUUID(), to: '1', text: 'x' }),
  aggregator: () => ({
    url: `${home.url}/sms/aggregator`, method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: `Basic ${btoa(home.secret('aggregator'))}` },
    body: new URLSearchParams({ id: crypto.randomUUID(), from: '012345678', to: '1', text: 'x' }).toString(),
  }),
};
const profile = {
  twilio: { kept: [200, 'text/xml', XML], lost: [503], no_proof: [403] },
  somleng: { kept: [200, 'text/xml', XML], lost: null, no_proof: null },
  kannel: { kept: [200, undefined, ''], lost: [503], no_proof: [401] },
  generic: { kept: [200, undefined, ''], lost: [503], no_proof: [401] },
  // failure=close: it takes any status for delivered
  aggregator: { kept: [202, undefined, ''], lost: null, no_proof: null },
};

/** Where 503 is not meant, whoever gets it asks again; so does who is dropped. */
const take = (r) => insist(() => request(r.url, r).catch((error) => {
  if (error.code !== 'ECONNRESET') throw error;
  return { status: 503 };
}));

async function expectAnswer(r, [status, type, body = '']) {
  const answer = await (status < 300 ? take(r) : request(r.url, r));
  assert.equal(answer.status, status);
  assert.equal(answer.headers['content-type'], type);
  assert.equal(answer.body.toString(), body);
  assert.equal(answer.headers['content-length'], String(body.length));
  assert.equal(answer.headers.server, undefined);
}
const expectDropped = (r) => assert.rejects(request(r.url, r), { code: 'ECONNRESET' });

for (const name of Object.keys(profile)) {
  test(`${name}: kept, a repeat, and without proof`, async () => {
    const r = signed[name]();
    await expectAnswer(r, profile[name].kept);
    await expectAnswer(r, profile[name].kept);
    const forged = signed[name]();
    if (['kannel', 'aggregator'].includes(name)) forged.headers.Authorization = `Basic ${btoa(`${name}:wrong`)}`;
    else if (name === 'generic') forged.headers['webhook-signature'] = `v1,${btoa('x'.repeat(32))}`;
    else forged.headers['X-Twilio-Signature'] = btoa('x'.repeat(20));
    if (profile[name].no_proof) await expectAnswer(forged, profile[name].no_proof);
    else await expectDropped(forged);
  });

  test(`${name}: while nothing can be stored`, async () => {
    await home.kill('spool');
    try {
      if (profile[name].lost) await expectAnswer(signed[name](), profile[name].lost);
      else await expectDropped(signed[name]());
    } finally {
      await home.run('spool');
      await home.ready();
    }
  });

  test(`${name}: whatever the parser refuses has an empty body or none`, async () => {
    const requests = [
      `PUT /sms/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
      `POST /sms/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n`,
      `POST /sms/${name} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `POST /sms/${name} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n`,
      `POST /sms/${name} HTTP/1.1\r\nHost : x\r\n\r\n`,
      `POST /sms/${name} HTTP/9.9\r\nHost: x\r\n\r\n`,
      `POST /sms/${name} HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(40000)}\r\n\r\n`,
      `BREW /sms/${name} HTTP/1.1\r\n\r\n`,
      '\x16\x03\x01garbage\r\n\r\n',
    ];
    for (const bytes of requests) {
      const answer = await raw(bytes);
      const at = answer.indexOf('\r\n\r\n');
      if (answer === '') continue;
      assert.match(answer, /^HTTP\/1\.1 [45]/, bytes);
      assert.equal(answer.slice(at + 4), '', bytes);
      assert.match(answer, /Content-Length: 0\r\n/, bytes);
      assert.doesNotMatch(answer, /Content-Type/, bytes);
    }
  });
}

test('a gateway that nobody configured says nothing', async () => {
  await expectAnswer({ url: `${home.url}/sms/nobody`, method: 'POST', body: 'x' }, [404]);
});

test('an address that was entered wrong gets no page: it could become a text', async () => {
  const paths = ['//sms/twilio', '/SMS/twilio', '/Sms/twilio', '/sms', '/sms/', '/sms/twilio/', '/sms//twilio', '/sms-twilio',
    '/smstwilio', '/SMS', '/api', '/API/v1', '/%73ms/twilio', '/km/sms/twilio', '/tips/SMS/twilio', '/./sms/twilio'];
  for (const target of paths) {
    for (const rest of ['GET|\r\n', 'POST|Content-Length: 1\r\n\r\nx', `GET|A: ${'b'.repeat(40000)}\r\n\r\n`]) {
      const [method, more] = rest.split('|');
      const answer = await raw(`${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}`);
      assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), '', `${method} ${target}`);
      assert.doesNotMatch(answer, /^Content-Type/m, target);
    }
  }
  for (const broken of ['/km/sms/tw\x01', '/km/sms/x HTTP/9', '/km/SMS/x HTTP/1.1\r\nHost : x']) {
    const answer = await raw(`POST ${broken}\r\n\r\n`);
    assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), '', broken);
  }
  assert.match(await raw(`POST /km/a HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(40000)}\r\n\r\n`), /<html/, 'a form is a person\'s');
  for (const target of ['/', '/twilio', '/km', '/nobody/a']) {
    const answer = await raw(`POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`);
    assert.match(answer, /^HTTP\/1\.1 4[0-9]{2} [\s\S]*\r\n\r\n$/, target);
  }
  assert.match(await raw('GET /kn/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /<html/, 'people get a page');
});

test('a stale signature is refused and nothing is stored', async () => {
  const r = genericRequest(`${home.url}/sms/generic`, home.secret('generic'),
    { message_id: 'old', to: '1', text: 'x' }, { now: new Date(Date.now() - 302_000) });
  await expectAnswer(r, [401]);
});

test('genuine and odd is a tip: unknown fields, no text, a sender that is none', async () => {
  await expectAnswer(signed.twilio({ From: 'PROMO?', Body: '', Strange: 'yes', MessageSid: 'not-a-sid' }), profile.twilio.kept);
  const body = '{"message_id":"odd","to":"1","text":"\\ud83d","x":[1]}';
  const { Webhook } = await import('standardwebhooks');
  const now = new Date();
  await expectAnswer({
    url: `${home.url}/sms/generic`, method: 'POST', body,
    headers: {
      'Content-Type': 'application/json', 'webhook-id': 'odd-1',
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': new Webhook(home.secret('generic')).sign('odd-1', now, body),
    },
  }, profile.generic.kept);
});

test('a reporter\'s page carries its headers and no word about the server', async () => {
  const { status, headers } = await request(`${home.url}/km/`);
  assert.equal(status, 200);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['content-security-policy'], /default-src 'none'/);
  assert.match(headers['content-security-policy'], /form-action 'self'/);
  assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
  assert.match(headers['strict-transport-security'], /max-age=63072000/);
  assert.equal(headers.server, undefined);
  assert.equal(headers['set-cookie'], undefined);
});

test('the onion socket gives neither the time nor the clearnet away', async () => {
  const answer = await raw('GET /km/ HTTP/1.1\r\nHost: abc.onion\r\nConnection: close\r\n\r\n', { onion: true });
  assert.match(answer, /^HTTP\/1\.1 200/);
  assert.doesNotMatch(answer, /^Date:|Strict-Transport|127\.0\.0\.1/mi);
});

test('the entry picks the language, the exit leaves nothing behind', async () => {
  const go = async (target, headers = {}) => (await request(`${home.url}${target}`, { headers }));
  assert.equal((await go('/', { 'Accept-Language': 'en-GB,en;q=0.9' })).headers.location, '/en/');
  assert.equal((await go('/', { 'Accept-Language': 'de' })).headers.location, '/km/');
  assert.equal((await go('/en')).headers.location, '/en/');
  const exit = await go('/x?l=km');
  assert.equal(exit.status, 303);
  assert.match(exit.headers.location, /^https:\/\//);
  // with "cache" a browser stays on the page until it has looked through all that it keeps
  assert.equal(exit.headers['clear-site-data'], '"cookies", "storage"');
  assert.equal(exit.headers['cache-control'], 'no-store');
});

test('bad forms: a clear page, nothing stored', async () => {
  const post = (type, body) => request(`${home.url}/km/a`, { method: 'POST', headers: { 'Content-Type': type }, body });
  const empty = await home.form({ story: ' \r\n', where_near: 'kept <near>' });
  assert.equal(empty.status, 422);
  assert.match(empty.body.toString(), /kept &lt;near&gt;/);
  const long = 'ក'.repeat(10001);
  const tooLong = await home.form({ story: long });
  assert.equal(tooLong.status, 422);
  assert.ok(tooLong.body.toString().includes(long), 'the text is still in the field');
  assert.equal((await home.form({ story: 'ក'.repeat(10000) })).status, 200);
  assert.equal((await post('text/plain', 'story=x')).status, 415);
  assert.equal((await post('application/x-www-form-urlencoded', 'story=%zz')).status, 400);
  assert.equal((await post('application/x-www-form-urlencoded', 'story=a&story=b')).status, 400);
  assert.equal((await post('multipart/form-data; boundary=b', '--b\r\nbroken')).status, 400);
  assert.equal((await post('application/x-www-form-urlencoded', `story=${'x'.repeat(300000)}`)).status, 413);
  assert.equal((await request(`${home.url}/km/a`)).status, 200, 'Back in a browser shows a neutral page');
  assert.equal((await request(`${home.url}/nothing`)).status, 404);
});

test('everything refused was counted', async () => {
  // each worker says so once a second
  await until('all are counted', async () => await home.metric('web_broken_total') >= 4
    && await home.metric('web_content_total') >= 2);
  for (const name of Object.keys(profile)) {
    await until(`${name} is counted`, async () => await home.metric(`gateway_no_proof_total{gateway="${name}"}`) >= 1);
  }
});
