// SPDX-License-Identifier: AGPL-3.0-or-later
// Texts that the machine sends by itself: none unless the operator wants them,
// then one; and whatever speaks against it, none. That nothing went is known by
// what came later and was answered: messages are judged in their order.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { inject, intakeOf } from './lib/forge.mjs';
import { Home, freePort, insist, request, until } from './lib/home.mjs';
import { twilioRequest } from './lib/sign.mjs';

const LIMIT_MS = 120000;
const CALM_S = 20; // since its last message a number is no longer waited for
const OURS = '+85510000000';
const REPLY = 'សារបានមកដល់ហើយ។ អរគុណ។';
const texts = []; // what the provider was asked for, in its order
let home, officer, provider, port, answer;
const at = (name) => path.join(home.dir, name);
let underway = 0;
let most = 0; // at one time
let numbers = 12700000;
const fresh = () => `+855${numbers++}`;

/** A slow provider: whoever does not wait for it is seen. */
function taken(res) {
  underway += 1;
  most = Math.max(most, underway);
  setTimeout(() => {
    underway -= 1;
    res.writeHead(201).end(JSON.stringify({ sid: `SM${texts.length}` }));
  }, 1500);
}
const to = (number) => texts.filter((text) => text.get('To') === number).length;

/** A time of day in Cambodia, so many minutes from now. */
function clock(minutes) {
  const there = new Date(Date.now() + (420 + minutes) * 60000);
  return there.toISOString().slice(11, 16);
}

/** Gateways by what they are for; all sign as twilio does. */
const gateways = {
  silent: '', // as it is if nothing is set
  once: 'auto_reply = neutral-once\nauto_reply_lang = km\n',
  asked: 'auto_reply = on-request\nauto_reply_lang = km\n',
  hushed: 'auto_reply = neutral-once\nauto_reply_lang = km\n',
};
const secrets = { silent: 'twilio', once: 'somleng', asked: 'plivo', hushed: 'sinch' };

function section(name) {
  // away from now on both sides, or around it
  const quiet = name === 'hushed' ? `${clock(-60)}-${clock(720)}` : `${clock(480)}-${clock(481)}`;
  return `\n[gateway ${name}]\ntype = twilio\nsecret_file = secrets/${secrets[name]}\nregion = KH\nsend = yes
api_url = https://127.0.0.1:${port}\napi_secret_file = secrets/api\nnumber = ${OURS}\naccount = AC${'b'.repeat(32)}
${gateways[name]}${gateways[name] && `auto_reply_quiet = ${quiet}\n`}`;
}

const without = (text, name) => text.replace(new RegExp(`\n\\[gateway ${name}\\]\n(?:[^[].*\n)*`), '\n');
const edit = (text) => Object.values(secrets).reduce(without, text)
  .replace(/^\[desk\]$/m, '[desk]\nca_file = provider.pem\nsms_hours = 00:00-24:00')
  + Object.keys(gateways).map(section).join('');

before(async () => {
  port = await freePort();
  home = await Home.start({ edit });
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=provider', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', at('provider.key'), '-out', at('provider.pem')], { stdio: 'ignore' });
  fs.writeFileSync(at('secrets/api'), 'the password\n', { mode: 0o600 });
  provider = https.createServer({ key: fs.readFileSync(at('provider.key')), cert: fs.readFileSync(at('provider.pem')) }, (req, res) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      texts.push(new URLSearchParams(Buffer.concat(chunks).toString()));
      answer(res);
    });
  });
  await new Promise((done) => { provider.listen(port, '127.0.0.1', done); });
  answer = taken;
  await Desk.add(home, 'dara');
  await home.desk();
  officer = await Desk.login(home);
});
after(async () => {
  provider?.closeAllConnections();
  provider?.close();
  await home?.stop();
});

/** A text to one of our numbers; what its webhook is answered says nothing. */
async function text(gateway, From, Body, more = {}) {
  const call = twilioRequest(`${home.url}/sms/${gateway}`, home.secret(secrets[gateway]), { From, Body, To: OURS, ...more });
  const { status, body } = await insist(() => request(call.url, call));
  assert.equal(status, 200);
  assert.doesNotMatch(body.toString(), /<(Message|Redirect)/);
}

/** What an intake of ours would have sealed at another time, or of another sender. */
function sealed(gateway, number, words, { ago_s = 0, forged = false, ...more } = {}) {
  const now = (s) => new Date(Date.now() - s * 1000).toISOString().replace(/\.\d+/, '');
  const thread = createHash('sha256').update(number).digest('hex').slice(0, 32);
  return inject(home, {
    v: 1, id: randomBytes(16).toString('hex'), received: now(ago_s), channel: 'sms', gateway, text: words, answers: {},
    sender: { raw: number, e164: number }, thread, thread_before: thread, to: OURS, trust: 'signed', priority: 3, rules: [], flags: [], ...more,
  }, undefined, forged ? undefined : intakeOf(home));
}

/** All that came before is judged: this one came later, and is answered. */
async function judged(send = text) {
  const number = fresh();
  await send('once', number, 'all that was before');
  await until('the last one is answered', () => to(number) > 0, LIMIT_MS);
  assert.equal(to(number), 1);
  return number;
}

const rowOf = (words) => officer.row((row) => row.channel === 'sms', `view=open&q=${encodeURIComponent(words)}`, LIMIT_MS);

test('tipline check says what it means, and refuses what would be unsafe', async () => {
  const check = async (change) => {
    const file = at('other.conf');
    fs.writeFileSync(file, change(fs.readFileSync(home.conf, 'utf8')));
    const { conf } = home;
    home.conf = file;
    const { stderr, code } = await home.tipline('check', 'desk').catch((error) => error);
    home.conf = conf;
    return { said: stderr, ended: code ?? 0 };
  };
  const fine = await check((conf) => conf);
  assert.equal(fine.ended, 0, fine.said);
  assert.equal(fine.said.match(/warning: \[gateway (once|asked|hushed)\] auto_reply = /g).length, 3);
  assert.match(fine.said, /whoever holds the telephone reads it/);
  assert.doesNotMatch(fine.said, /gateway silent/);
  for (const [change, why] of [
    [(conf) => conf.replace(/(gateway once\]\n)type = twilio/, '$1type = kannel'), /signs nothing/],
    [(conf) => conf.replace(/(gateway once\]\n)type = twilio/, '$1type = telnyx'), /no text can be sent by/],
    [(conf) => conf.replace(/(gateway once\](?:\n.+)*?\n)send = yes/, '$1send = no'), /needs send = yes/],
    [(conf) => conf.replace(/(gateway once\](?:\n.+)*?\n)api_secret_file = .*/, '$1'), /api_secret_file must/],
    [(conf) => conf.replace(/(gateway once\](?:\n.+)*?\n)auto_reply_lang = km/, '$1auto_reply_lang = xx'), /no such language/],
    [(conf) => conf.replace(/(gateway once\](?:\n.+)*?\n)auto_reply_quiet = .*/, '$1auto_reply_quiet = 07:00-07:00'), /HH:MM-HH:MM, and not empty/],
    [(conf) => conf.replace(/^title = .*/m, '').replace(/^\[site\]$/m, `[site]\ntitle = ${REPLY.slice(0, 12)}`), /site\.title/],
  ]) {
    const { ended, said } = await check(change);
    assert.equal(ended, 1, `${why}`);
    assert.match(said, why);
  }
});

const [plain, first, second, back, long] = Array.from({ length: 5 }, fresh);
const expected = []; // who has been answered

/** All that came is judged, and these were answered, each once. Texts leave one by
 * one: one that should not have gone is seen here, or by the next call. */
async function answered(more, send = text) {
  expected.push(...more, await judged(send));
  await until('all are answered', () => expected.every((number) => to(number) > 0), LIMIT_MS);
  assert.deepEqual(texts.map((one) => one.get('To')).sort(), [...expected].sort());
}

test('nothing goes by default, without being asked, against a 0 or a STOP, at night, or to what is surely no person', async () => {
  const [zero, asked, stopped, over, elsewhere, form] = Array.from({ length: 6 }, fresh);
  await text('silent', plain, 'they lock the door');
  await text('silent', plain, '1');
  await text('once', first, 'marker-once they lock the door');
  await text('asked', second, 'marker-asked they lock the door');
  await text('asked', fresh(), '1 girl is locked in');
  const forged = twilioRequest(`${home.url}/sms/once`, 'not the secret', { From: fresh(), Body: 'they took my passport', To: OURS });
  assert.equal((await request(forged.url, forged)).status, 403);
  // whichever of the two comes first
  await Promise.all([text('once', zero, 'come and take me'), text('once', zero, '0')]);
  await Promise.all([text('asked', asked, '1'), text('asked', asked, '0')]);
  await Promise.all([text('asked', stopped, '1'), text('asked', stopped, 'ឈប់')]);
  await text('asked', over, '0');
  await text('asked', over, '1');
  await text('silent', elsewhere, 'STOP'); // of the number, and not of the gateway
  await text('once', elsewhere, 'they took my passport');
  await text('hushed', fresh(), 'they took my passport');
  await text('once', fresh(), 'they took my passport', { To: '+85510000001' });
  for (const sender of ['8888', '117', 'PROMO2024', '85512700999', '012700999', '0066812345678', '+6685512700999', '+4915112345678', 'x'.repeat(40)]) {
    await text('once', sender, 'they took my passport');
  }
  // who says in a form how they can be reached has said more than a 1 does
  await home.form({ story: 'marker-form', contact: '3', contact_number: form, contact_hours: '1' }, { lang: 'en' });
  await officer.row((row) => row.channel === 'web', 'view=open&q=marker-form', LIMIT_MS);
  await text('asked', form, '1');
  await answered([first]);
  for (const sent of texts) {
    assert.deepEqual([...sent.keys()].sort(), ['Body', 'From', 'To', 'ValidityPeriod'], 'no report of delivery is asked for');
    assert.deepEqual([sent.get('Body'), sent.get('From')], [REPLY, OURS]);
  }
});

test('nothing goes late, nor to what an intake only passed on, nor twice; a 1 is answered once', async () => {
  const [watched, again] = [fresh(), fresh()];
  await sealed('once', fresh(), 'late', { ago_s: 301 });
  await sealed('once', fresh(), 'ahead', { ago_s: -3600 });
  await sealed('once', fresh(), 'held by the network', { sent: new Date(Date.now() - 3600e3).toISOString() });
  await sealed('once', fresh(), 'unsigned', { trust: 'basic' });
  await sealed('once', fresh(), 'from a log', { trust: 'log', flags: ['recovered from the gateway\'s log'] });
  await sealed('once', fresh(), 'acted on', { flags: ['gateway acted on STOP'] });
  await sealed('once', fresh(), '', { flags: ['missed call'] });
  await sealed('once', fresh(), 'by another way', { channel: 'whatsapp' });
  await sealed('once', fresh(), 'bytes', { kind: 'binary' });
  await sealed('once', fresh(), 'made up by who can write to Redis', { forged: true });
  // a 0 and a STOP silence, whoever made them up, if they did
  for (const flags of [['no contact'], ['stop']]) {
    const silenced = fresh();
    await sealed('silent', silenced, 'no', { ago_s: 7 * 86400, forged: true, flags });
    await sealed('once', silenced, 'they took my passport', { ago_s: CALM_S });
  }
  // two conversations that are both still going on: an answer may be on its way
  await sealed('silent', again, 'in one', { ago_s: 600 });
  await sealed('once', again, 'in another');
  // a request that was caught, and sent again to an intake that has not seen it
  for (const [gateway, words, more] of [['once', 'they took my passport', { external_id: 'SM1' }], ['asked', '1', { external_id: 'SM2', flags: ['may reply'] }],
    ['once', 'from a provider that gives no id', {}]]) {
    const caught = fresh();
    await sealed(gateway, caught, words, { ago_s: 2 * 86400, ...more });
    await sealed(gateway, caught, words, { ago_s: CALM_S, ...more });
  }
  // the last part of a long message is no 1
  await sealed('asked', long, 'marker-long they lock me in, room ', { ago_s: CALM_S, concat: { ref: 7, total: 2, seq: 1, wide: false } });
  await sealed('asked', long, '1', { ago_s: CALM_S, concat: { ref: 7, total: 2, seq: 2, wide: false }, flags: ['may reply'] });
  await sealed('asked', fresh(), '1', { ago_s: CALM_S, flags: ['may reply', 'part numbers ignored'] });
  // a 0 of last week: words are no leave, a 1 and nothing else is
  await sealed('once', watched, '0', { ago_s: 7 * 86400, flags: ['no contact'] });
  await sealed('once', watched, 'words are no leave');
  await sealed('asked', back, '0', { ago_s: 7 * 86400, flags: ['no contact'] });
  await sealed('asked', back, '1', { flags: ['may reply'] });
  await text('asked', second, '1');
  await text('once', first, 'are you there');
  await text('once', first, '1');
  await answered([second, back]);
  assert.equal(most, 1, 'the next one waits for the provider');
});

test('what was sent is on the case, by nobody, with its template and without the number', async () => {
  const { id } = await rowOf('marker-once');
  await officer.take(id);
  const { entries } = (await officer.get(`/api/tips/${id}`)).body;
  const orders = entries.filter((entry) => entry.kind === 'sms');
  assert.deepEqual(orders.map(({ who, text: words, template, auto, lang, gateway, outcome }) => [who, words, template, auto, lang, gateway, outcome]),
    [['', REPLY, 'thanks', 'neutral-once', 'km', 'once', 'taken']]);
  assert.ok(!JSON.stringify(entries).includes(first.slice(4)));
  assert.ok(!home.log('desk').includes(first.slice(4)));
});

test('an officer needs a reason too where the last part of a long message is just 1', async () => {
  const send = async (id) => (await officer.text(id,
    { text: 'Hello. Is now a good time? 1 yes, 0 no.', lang: 'en', once: randomBytes(16).toString('hex'), read_rule: true })).body.error;
  const { id } = await rowOf('marker-long');
  await officer.take(id);
  assert.equal(await send(id), 'no-safe-contact');
});

test('nothing goes to whom an officer has, and a desk that is killed with a text on its way sends it no second time', async () => {
  const [held, number, away, unread] = Array.from({ length: 4 }, fresh);
  await text('asked', held, 'marker-held they lock the door');
  await officer.take((await rowOf('marker-held')).id);
  await text('asked', held, '1');
  await text('asked', second, '1'); // once more in its conversation
  answer = () => {}; // it has the text, and says nothing
  await sealed('once', number, 'marker-killed');
  await until('the provider has it', () => to(number) > 0, LIMIT_MS);
  await home.kill('desk');
  answer = taken;
  await sealed('once', away, 'it is late when somebody comes', { ago_s: 300 });
  // what is urgent is opened before the 0 that came behind it
  await sealed('once', unread, 'come and take me', { ago_s: CALM_S, priority: 1 });
  for (let i = 0; i < 30; i += 1) await sealed('silent', fresh(), `something else ${i}`, { ago_s: CALM_S, priority: 2 });
  await sealed('once', unread, '0', { ago_s: CALM_S, flags: ['no contact'] });
  await home.desk();
  officer = await Desk.login(home);
  await sealed('once', number, 'and more');
  await answered([number]);
  const { id } = await rowOf('marker-killed');
  await officer.take(id);
  const { entries } = (await officer.get(`/api/tips/${id}`)).body;
  assert.deepEqual(entries.filter((entry) => entry.kind === 'sms').map((entry) => entry.outcome), ['unknown']);
});

test('of two desks one answers', async () => {
  const other = await Desk.login(home, { url: await home.desk('desk2'), name: 'dara' });
  await other.row((row) => row.channel === 'sms', 'view=open', LIMIT_MS);
  const many = Array.from({ length: 8 }, fresh);
  for (const number of many) await sealed('once', number, 'they took my passport'); // all are there before the first is calm
  await answered(many, sealed);
  await answered([], sealed);
});
