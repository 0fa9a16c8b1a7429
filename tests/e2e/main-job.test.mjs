// SPDX-License-Identifier: AGPL-3.0-or-later
// The main job: a tip typed in a browser and one forwarded by each gateway are
// sealed, kept, moved, and opened by an officer, byte for byte.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { build, Home, insist, receiptOf, request, until } from './lib/home.mjs';
import { genericRequest, kannelRequest, sid, twilioRequest } from './lib/sign.mjs';

const khmer = 'ជួយខ្ញុំផង ខ្ញុំត្រូវបានគេបង្ខំឱ្យធ្វើការ\r\n1+1=2 & <b>"\'\u200b\ufffd 😀';
let home;

before(async () => { home = await Home.start(); });
after(() => home?.stop());

const send = (r) => insist(() => request(r.url, r));
const find = (tips, text) => tips.filter((tip) => tip.text === text);

test('a form in Khmer comes out at the desk byte for byte, with its answers', async () => {
  const answer = await home.form({
    story: khmer, now: '1', where_country: '1', where_province: '12', where_near: 'ផ្សារ <&>',
  });
  assert.equal(answer.status, 200);
  assert.match(receiptOf(answer.body), /^([0-9]{20}|[0-9]{25})$/);
  const [tip, ...more] = find(await home.inboxOf(1), khmer);
  assert.equal(more.length, 0);
  assert.equal(tip.channel, 'web');
  assert.equal(tip.lang, 'km');
  assert.equal(tip.priority, 'P1');
  assert.deepEqual(tip.answers, {
    now: '1', where_country: '1', where_province: '12', where_near: 'ផ្សារ <&>',
  });
  assert.match(tip.id, /^[0-9a-f]{32}$/);
});

test('a multipart form gives the same tip as an urlencoded one', async () => {
  const b = 'xYzZY';
  const part = (name, value) => `--${b}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const answer = await request(`${home.url}/en/a`, {
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${b}` },
    body: `${part('story', 'multi\r\npart ខ្មែរ')}${part('now', '3')}--${b}--\r\n`,
  });
  assert.equal(answer.status, 200);
  await until('it is there', async () => find(await home.inbox(), 'multi\r\npart ខ្មែរ').length === 1);
});

test('a message signed by Twilio\'s own package comes out byte for byte', async () => {
  const r = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { Body: khmer });
  const answer = await send(r);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/xml');
  assert.equal(answer.body.toString(), '<?xml version="1.0" encoding="UTF-8"?><Response/>');
  const tip = await until('it is there', async () =>
    (await home.inbox()).find((t) => t.external_id === r.fields.MessageSid));
  assert.equal(tip.text, khmer);
  assert.equal(tip.channel, 'sms');
  assert.equal(tip.gateway, 'twilio');
  assert.equal(tip.sender.e164, '+85512345678');
});

test('the same message delivered again is answered alike and is one tip', async () => {
  const r = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { Body: 'twice' });
  const first = await send(r);
  const second = await send(r);
  assert.deepEqual([first.status, first.body.toString()], [second.status, second.body.toString()]);
  const id = sid();
  const k = kannelRequest(`${home.url}/sms/kannel`, home.secret('kannel'), 'ខ្ញុំ 😀', { id });
  assert.deepEqual((await send(k)).status, 200);
  assert.deepEqual((await send(k)).status, 200);
  await until('both are there', async () => {
    const tips = await home.inbox();
    return tips.some((t) => t.external_id === id) && find(tips, 'twice').length > 0;
  });
  const tips = await home.inbox();
  assert.equal(find(tips, 'twice').length, 1);
  assert.equal(find(tips, 'ខ្ញុំ 😀').length, 1);
});

test('the same message id with another text loses neither', async () => {
  const MessageSid = sid();
  for (const Body of ['first words', 'other words']) {
    const r = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { MessageSid, Body });
    assert.equal((await send(r)).status, 200);
  }
  await until('both', async () => (await home.inbox()).filter((t) => t.external_id === MessageSid).length === 2);
});

test('a partner signs with the Standard Webhooks package', async () => {
  const r = genericRequest(`${home.url}/sms/generic`, home.secret('generic'),
    { message_id: 'm-1', from: '012345678', to: '8888', text: khmer, channel: 'sms' });
  const answer = await send(r);
  assert.equal(answer.status, 200);
  assert.equal(answer.body.length, 0);
  assert.equal(answer.headers['content-length'], '0');
  assert.equal(answer.headers['content-type'], undefined);
  const tip = await until('it is there', async () =>
    (await home.inbox()).find((t) => t.external_id === 'm-1'));
  assert.equal(tip.text, khmer);
  assert.equal(tip.sender.raw, '012345678');
  assert.equal(tip.sender.e164, '+85512345678');
});

test('a form sent twice with its hidden key is one tip and shows one code', async () => {
  const page = await request(`${home.url}/km/`);
  const k = /name="k"[^>]*value="([0-9a-f]{32})"/.exec(page.body.toString())?.[1];
  assert.ok(k, 'the form has its key');
  const fields = { story: 'sent twice', k };
  const codes = [];
  for (let i = 0; i < 2; i++) codes.push(receiptOf((await home.form(fields)).body));
  assert.match(codes[0], /^([0-9]{20}|[0-9]{25})$/);
  assert.equal(codes[0], codes[1]);
  const other = await home.form({ story: 'another story under the same key', k });
  assert.notEqual(receiptOf(other.body), codes[0]);
  await until('both are there', async () => {
    const tips = await home.inbox();
    return ['sent twice', 'another story under the same key'].every((text) => find(tips, text).length > 0);
  });
  assert.equal(find(await home.inbox(), 'another story under the same key').length, 1);
  assert.equal(find(await home.inbox(), 'sent twice').length, 1);
});

test('a form without the key is a new tip each time', async () => {
  const a = receiptOf((await home.form({ story: 'no key' })).body);
  const b = receiptOf((await home.form({ story: 'no key' })).body);
  assert.notEqual(a, b);
  await until('two', async () => find(await home.inbox(), 'no key').length === 2);
});

test('the spool forgets what the desk has receipted', async () => {
  await until('nothing waits', async () => {
    await home.inbox();
    return (await home.spooled()).records === 0;
  });
});

test('what is shown as new is shown once', async () => {
  await home.inbox();
  assert.deepEqual(await home.inbox('--new'), []);
  await home.form({ story: 'news' });
  const fresh = await home.inbox('--new', '--wait', '120');
  assert.deepEqual(fresh.map((t) => t.text), ['news']);
  assert.deepEqual(await home.inbox('--new'), []);
});

test('new words to an older tip name it, and what nobody saw is told', async () => {
  const answer = await home.form({ story: 'continued later', now: '2', where_province: '12' });
  const [tip] = await until('the tip', async () => {
    const found = find(await home.inbox(), 'continued later');
    return found.length === 1 && found;
  });
  const s = /name="s" value="([^"]+)"/.exec(answer.body)[1];
  await request(`${home.url}/en/b`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ s, g: '1', go: 'end', who: '1', minor: '2' }).toString(),
  });
  const [more] = await home.inbox('--new', '--wait', '120');
  assert.equal(more.tip, tip.id);
  const { stdout } = await home.tipline('inbox');
  assert.match(stdout, new RegExp(`WRITTEN LATER to tip ${tip.id}\n`));
  assert.match(stdout, /\n {2}minor: 2 = maybe\n/);
  assert.match(stdout, /\n {2}where_province: 12 = Phnom Penh\n/);
  assert.match((await home.tipline('inbox', '--new')).stderr, /nothing has come that was not shown/);
  const file = `${home.dir}/wrong.pass`;
  writeFileSync(file, 'not the right words\n', { mode: 0o600 });
  await home.form({ story: 'nobody saw this' });
  const failed = spawnSync(`${build}/tipline`, ['-c', home.conf, 'inbox', '--new', '--wait', '120'],
    { env: { ...process.env, TIPLINE_PASSPHRASE_FILE: file } });
  assert.equal(failed.status, 1);
  assert.match(failed.stderr.toString(), /[12] new records are in the ledger .* also with --new/);
  assert.deepEqual((await home.inbox('--new')).map((one) => one.text), ['nobody saw this']);
  assert.deepEqual(await home.inbox('--new'), []);
});

test('the most urgent stands first, whenever it came', async () => {
  for (const now of ['3', '2', '1', '9', '1']) await home.form({ story: `order ${now}`, now });
  const tips = await until('all five', async () => {
    const all = (await home.inbox()).filter((t) => t.text.startsWith('order '));
    return all.length === 5 && all;
  });
  assert.deepEqual(tips.map((t) => t.priority), ['P1', 'P1', 'P2', 'P3', 'P3']);
  // the manual's example for jq finds these
  const manual = readFileSync(new URL('../../docs/man/tipline.1', import.meta.url), 'utf8');
  const [, key, value] = /^tipline inbox .*select\(\.(\w+) == (\S+)\)/m.exec(manual);
  assert.equal(tips.filter((t) => t[key] === JSON.parse(value)).length, 2);
});
