// SPDX-License-Identifier: AGPL-3.0-or-later
// What officers do with a tip: write on it, answer the reporter, hand it to a
// partner with a second officer's word, and take the partner's answer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { Client } from '../lib/redis.mjs';
import { Home, build, insist, receiptOf, request, until } from './lib/home.mjs';
import { twilioRequest } from './lib/sign.mjs';

let home, officer, other, line, tip, code;
const at = (name) => path.join(home.dir, name);

const open = (...words) => new Promise((done) => {
  const env = { ...process.env, TIPLINE_PASSPHRASE_FILE: at('partner.pass'), TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') };
  execFile(path.join(build, 'tipline'), ['open', ...words], { cwd: home.dir, env, encoding: 'utf8' },
    (error, out, err) => done({ status: error ? error.code : 0, out, err }));
});
const day = (ago = 0) => new Date(Date.now() - ago * 86400e3).toISOString().slice(0, 10);

before(async () => {
  home = await Home.start({ edit: (text) => text.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json') });
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  line = (await open('key', 'partner.key', '--cheap')).out.split('\n')[0];
  const partner = (id, kind, more) => ({ id, name: `Partner ${id}`, kind, key: line, verified_on: day(1), ...more });
  fs.writeFileSync(at('partners.json'), JSON.stringify({ partners: [partner('helpers', 'ngo'), partner('twin', 'ngo'),
    partner('unit', 'police', { provinces: ['18'] }), partner('old', 'ngo', { verified_on: day(100) }), partner('named', 'ngo', { persons: [{ name: 'Nobody Here' }, { name: 'SOK Dara' }] }),
    partner('unnamed', 'ngo', { persons: [{ name: 'Sok Darany' }] })] }), { mode: 0o644 });
  await Desk.add(home, 'dara');
  await home.desk();
  officer = await Desk.login(home);
  other = await Desk.login(home, { name: 'dara' });
  const sent = await home.form({ story: 'Eleven of us. Call Mr Sok Dara 012345678 at once.', now: '1', share: '1', where_province: '12' },
    { lang: 'en' });
  code = receiptOf(sent.body.toString());
  tip = (await officer.row((row) => row.state === 'NEW')).id;
  await officer.take(tip);
});
after(() => home?.stop());

const url = (rest) => `/api/tips/${tip}${rest}`;
const entries = async (desk = officer) => (await desk.get(url(''))).body.entries.filter((entry) => entry.kind !== 'change');

test('what is written stays, in order, with who and when; private notes are for their writer', async () => {
  assert.equal((await officer.post(url('/entries'), { kind: 'note', text: 'ទូរស័ព្ទ <b>' })).status, 200);
  assert.equal((await officer.post(url('/entries'), { kind: 'note', for: 'private', text: 'mine' })).status, 200);
  assert.equal((await officer.post(url('/entries'), { kind: 'plan', text: 'call back', due_ms: Date.now() + 3600e3 })).status, 200);
  const written = await entries();
  assert.deepEqual(written.slice(-3).map((entry) => [entry.kind, entry.text, entry.who]),
    [['note', 'ទូរស័ព្ទ <b>', 'officer'], ['note', 'mine', 'officer'], ['plan', 'call back', 'officer']]);
  assert.ok(written.slice(-3).every((entry) => Math.abs(entry.at - Date.now() / 1000) < 3600));
  for (const body of [{ kind: 'note' }, { kind: 'reply', text: 'x' }, { kind: 'plan', text: 'x' }, { kind: 'note', text: 'x', for: 'all' },
    { kind: 'consent', text: 'x', agreed: true, for: 'private' }, { kind: 'plan', text: 'x', due_ms: 1, for: 'supervisor' },
    { kind: 'note', text: 'x'.repeat(16001) }]) {
    assert.equal((await officer.post(url('/entries'), body)).status, 400, JSON.stringify(body).slice(0, 60));
  }
  assert.equal((await other.post(url('/entries'), { kind: 'note', text: 'x' })).status, 403);
});

test('the reporter reads a reply with the code, once however often it is asked for', async () => {
  const once = '00112233445566778899aabbccddeeff';
  for (let i = 0; i < 2; i++) {
    const sent = await officer.post(url('/reply'), { text: 'Where are you now? marker-reply', lang: 'en', once });
    assert.equal(sent.status, 200, JSON.stringify(sent.body));
  }
  assert.equal((await entries()).filter((entry) => entry.kind === 'reply').length, 2);
  const page = () => request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ code }).toString(),
  }).then((answer) => answer.body.toString());
  let shown;
  await until('the reply is there', async () => { shown = await page(); return shown.includes('marker-reply'); }, 90000);
  assert.equal(shown.split('marker-reply').length, 2);
  // what asks has the case wait for the reporter, until they write
  assert.equal((await officer.get(url(''))).body.row.state, 'TRIAGE');
  const asks = await officer.post(url('/reply'), { text: 'How many are you?', lang: 'en', asks: true });
  assert.equal(asks.body.now.state, 'WAIT_REPORTER', JSON.stringify(asks.body));
  assert.equal((await officer.post(url('/reply'), { text: 'And where?', lang: 'en', asks: true })).body.now.state, 'WAIT_REPORTER');
  assert.equal((await entries()).filter((entry) => entry.kind === 'reply' && entry.asks).length, 2);
  const [, state] = /name="s" value="([^"]*)"/.exec(shown);
  const more = await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ s: state, do: 'more', story: 'eleven, in the blue house' }).toString(),
  });
  assert.equal(more.status, 200);
  await until('it is heard', async () => (await officer.get(url(''))).body.row.state === 'TRIAGE', 60000);
  for (const body of [{}, { text: 'a\u0007' }, { text: 'x'.repeat(2100) }, { status: 9 }]) {
    assert.equal((await officer.post(url('/reply'), body)).status, 400);
  }
});

test('what the reporter deletes is passed on to all intakes, once, and shown on the tip', async () => {
  const sent = async () => Number(/records +(\d+) written to reporters/.exec((await home.tipline('ledger', 'verify')).stdout)[1]);
  const page = (fields) => request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(),
  }).then((answer) => answer.body.toString());
  // no status is on its way
  await until('the page says that it was read', async () => { const { shown } = (await officer.get(url(''))).body; return shown.sent && shown.status === 2; });
  const before = await sent();
  const [, s] = /name="s" value="([^"]*)"/.exec(await page({ code }));
  await page({ s, do: 'delete' });
  await officer.row((row) => row.id === tip && row.flags.includes('delete'));
  await until('it was passed on', async () => await sent() > before, 60000);
  await until('the deletion is there alone', async () => await home.redis('XLEN', 'mail') === '1', 60000);
  assert.equal(await sent(), before + 1);
});

test('the phrase book has every sentence in twelve languages', async () => {
  const { draft, phrases } = (await officer.get('/api/phrases')).body;
  assert.equal(draft, true);
  assert.equal(new Set(phrases.map((phrase) => phrase.lang)).size, 12);
  assert.equal(phrases.length % 12, 0);
});

const ask = { partner: 'unit', summary: 'Eleven people are held.', include: ['original'], redact: [] };

test('a preview shows what would leave, what should be thought about, and what is in the way', async () => {
  const seen = (await officer.post(url('/referrals/preview'), ask)).body;
  assert.equal(seen.preview.x_original, 'Eleven of us. Call Mr Sok Dara 012345678 at once.');
  assert.deepEqual(seen.suggestions.map((span) => span.why), ['name', 'number']);
  assert.equal(seen.gate.all, 'later'); // P1: it may go, a second officer agrees within the hour
  const black = (await officer.post(url('/referrals/preview'), { ...ask, redact: seen.suggestions.map(({ at: from, len }) => ({ at: from, len })) })).body;
  assert.equal(black.preview.x_original, 'Eleven of us. Call Mr █████ █████ at once.');
  const old = (await officer.post(url('/referrals/preview'), { ...ask, partner: 'old' })).body;
  assert.equal(old.gate.checks.find((check) => check.check === 'fresh').word, 'blocked');
  const conflict = async (partner) => (await officer.post(url('/referrals/preview'), { ...ask, partner })).body.gate.checks.find(({ check }) => check === 'conflict').text;
  assert.equal(await conflict('named'), 'a supervisor has agreed', 'who is with them is named in the story');
  assert.equal(await conflict('unnamed'), 'none is known');
  assert.equal((await officer.post(url('/referrals/preview'), { ...ask, partner: 'nobody' })).status, 400);
  assert.equal((await officer.post(url('/referrals/preview'), { ...ask, include: ['all'] })).status, 400);
  assert.equal((await officer.post(url('/referrals/preview'), { ...ask, redact: [{ at: 999, len: 5 }] })).status, 400);
});

test('a preview has the fields of HTCDS, by the answers and what an officer coded over them', async () => {
  const seen = (await officer.post(url('/referrals/preview'), ask)).body.preview;
  assert.deepEqual(seen.hte, [{ hte_Country: 'KH', hte_State: 'KH-12', hte_Type: 'Exploitation' }]);
  assert.equal(seen.cas_IncomingReferralDate, seen.x_created.slice(0, 10));
  assert.equal(seen.cas_IncomingReferralDetails, ask.summary);
  assert.deepEqual([seen.vic_MethodsOfControl, seen.x_ilo], [undefined, []]);
  assert.equal((await officer.post(url('/entries'), { kind: 'coding', codes: { ilo: { 9: 'seen', 3: 'not' }, purpose: { labour: 'seen' } } })).status, 200);
  const coded = (await officer.post(url('/referrals/preview'), ask)).body.preview;
  assert.deepEqual([coded.vic_MethodsOfControl, coded.vic_TypeOfExploitation, coded.x_ilo], [['DebtBondage'], ['ForcedLabour'], [9]]);
});

test('only what was previewed is sent; the partner opens it and answers', async () => {
  const wanted = { ...ask, partner: 'helpers' };
  const seen = (await officer.post(url('/referrals/preview'), wanted)).body;
  const order = { ...wanted, ref: seen.ref, created_s: seen.created_s, hash: seen.hash };
  assert.equal((await officer.post(url('/referrals'), { ...order, summary: 'other words' })).status, 409);
  assert.equal((await officer.post(url('/referrals'), { ...wanted, hash: seen.hash })).status, 409);
  // neither another partner nor another reference has this hash
  assert.equal((await officer.post(url('/referrals'), { ...order, partner: 'twin' })).status, 409);
  assert.equal((await officer.post(url('/referrals'), { ...order, ref: 'R-00000000' })).status, 409);
  const sent = await officer.post(url('/referrals'), order);
  assert.equal(sent.status, 200, JSON.stringify(sent.body));
  assert.equal(sent.body.now.state, 'REFERRED');
  const file = await officer.get(url('/referrals/file'));
  assert.equal(file.status, 200);
  assert.match(file.headers['content-disposition'], /^attachment/);
  const { body: shownAs } = await officer.get(url(''));
  assert.equal(shownAs.entries.find((entry) => entry.kind === 'referral').partner_key, line);
  const raw = await request(`${officer.url}${url('/referrals/file')}`, { headers: officer.headers });
  fs.writeFileSync(at('got.tip'), raw.body);
  const shown = await open('show', 'got.tip', '--json', '--desk', 'keys/desk.pub');
  assert.equal(shown.status, 0, shown.err);
  const got = JSON.parse(shown.out);
  assert.deepEqual(got, seen.preview);
  const answer = (await open('answer', got.x_ref, '--word', 'accepted', '--reason', 'a room is free')).out.trim();
  const forged = answer.replace(/.{4}$/, 'AAA=');
  assert.equal((await officer.post(url('/referrals/ack'), { line: forged })).status, 409);
  const taken = await officer.post(url('/referrals/ack'), { line: answer });
  assert.equal(taken.status, 200, JSON.stringify(taken.body));
  assert.equal(taken.body.now.state, 'ACCEPTED');
  const last = (await entries()).pop();
  assert.deepEqual([last.kind, last.word, last.reason, last.signed], ['referral-answer', 'accepted', 'a room is free', true]);
});

test('what goes to police waits for another officer', async () => {
  await home.form({ story: 'They took our passports', minor: '1', share: '1', where_province: '12' }, { lang: 'en' });
  tip = (await officer.row((row) => row.state === 'NEW' && row.priority > 1)).id;
  await officer.take(tip);
  const seen = (await officer.post(url('/referrals/preview'), ask)).body;
  assert.equal(seen.gate.needs_second, true);
  const sent = await officer.post(url('/referrals'), { ...ask, ref: seen.ref, created_s: seen.created_s, hash: seen.hash });
  assert.equal(sent.status, 202, JSON.stringify(sent.body));
  assert.equal((await officer.get(url('/referrals/file'))).status, 409);
  const { asked } = await other.row((row) => row.id === tip && row.asked, 'view=second');
  assert.deepEqual([asked.n, asked.who, asked.what], [1, 'officer', 'APPROVE']);
  assert.equal((await other.get(url(''))).status, 403); // the tip is another's; what leaves is to be read
  const { entry } = (await other.get(url('/referrals'))).body;
  assert.deepEqual(JSON.parse(entry.text), seen.preview);
  assert.equal((await officer.post(url('/referrals/approve'), { hash: entry.hash })).status, 409); // the same officer
  assert.equal((await other.post(url('/referrals/approve'), {})).status, 409); // unread
  const agreed = await other.post(url('/referrals/approve'), { hash: entry.hash });
  assert.equal(agreed.status, 200, JSON.stringify(agreed.body));
  assert.equal(agreed.body.now.state, 'REFERRED');
});

test('what the reporter kept for helpers does not reach police', async () => {
  await home.form({ story: 'They hit my sister', now: '2', share: '2' }, { lang: 'en' });
  tip = (await officer.row((row) => row.state === 'NEW')).id;
  await officer.take(tip);
  const seen = (await officer.post(url('/referrals/preview'), ask)).body;
  assert.equal(seen.gate.needs_exception, true);
  const order = { ...ask, ref: seen.ref, created_s: seen.created_s, hash: seen.hash };
  const refused = await officer.post(url('/referrals'), order);
  assert.equal(refused.status, 409);
  assert.equal(refused.body.error, 'gate');
  assert.equal((await officer.get(url(''))).body.row.state, 'TRIAGE');
});

test('statistics hide small cells, and tell how long until somebody had it', async () => {
  const few = (await officer.get('/api/stats')).body;
  assert.equal(few.total, null); // three tips
  assert.ok(Object.values(few.by).every((cells) => Object.values(cells).every((n) => n === null)));
  for (let i = 0; i < 6; i++) await home.form({ story: `They keep us, number ${i}`, now: '3', where_province: '18' }, { lang: 'en' });
  let stats;
  await until('all are counted', async () => {
    stats = (await officer.get('/api/stats')).body;
    return stats.total === 9;
  }, 60000);
  assert.equal(stats.by.channel.web, 9);
  // six of one province: seen, they would tell that three are of the others
  assert.ok(Object.values(stats.by.province).every((n) => n === null));
  assert.ok(Object.values(stats.first_touch).every((each) => each.median_ms === null)); // of fewer than five
  assert.equal((await officer.get('/api/stats?from=0&to=1')).body.total, 0);
});

test('a shift is handed over with what is open, planned and promised, and not with a bare P1', async () => {
  await home.form({ story: 'They come to kill me now', now: '1' }, { lang: 'en' });
  const bare = (await officer.row((row) => row.state === 'NEW' && row.priority === 1)).id;
  const refused = await officer.post('/api/handover', { to: 'dara', plan: 'x' });
  assert.equal(refused.status, 409);
  assert.equal(refused.body.error, 'p1');
  await officer.take(bare);
  await officer.post(`/api/tips/${bare}/entries`, { kind: 'plan', text: 'call the line at six', due_ms: 1795300000000 });
  await officer.post(`/api/tips/${bare}/entries`, { kind: 'promise', text: 'an answer by noon', due_ms: 1795310000000 });
  const page = (await officer.get('/api/handover')).body;
  const row = page.open.find((each) => each.id === bare);
  assert.deepEqual(row.plan, { text: 'call the line at six', by_ms: 1795300000000 });
  assert.equal(row.owner, 'officer');
  assert.ok(page.promises.some((promise) => promise.text === 'an answer by noon'));
  assert.match(page.head, /^[0-9a-f]{64}$/);
  assert.ok(page.open.every((each) => each.priority <= 2));
  assert.equal((await officer.post('/api/handover', { to: 'officer' })).status, 400);
  assert.equal((await officer.post('/api/handover', { to: 'dara', plan: 'all is quiet' })).status, 200);
  const { waiting } = (await other.get('/api/handover')).body;
  assert.deepEqual([waiting.from, waiting.to, waiting.plan], ['officer', 'dara', 'all is quiet']);
  assert.equal((await officer.post('/api/handover', { accept: waiting.id })).status, 409);
  assert.equal((await other.post('/api/handover', { accept: waiting.id })).status, 200);
  assert.equal((await other.get('/api/handover')).body.waiting, undefined);
  let kinds;
  await until('it is written on the tip', async () => {
    kinds = (await officer.get(`/api/tips/${bare}`)).body.entries.map((entry) => entry.kind);
    return kinds.includes('handover') && kinds.includes('handover-accepted');
  }, 60000);
});

test('a hand-over says which partners owe an answer, for tips of any priority', async () => {
  const of = async (desk) => (await desk.get('/api/handover')).body.partners.filter((each) => each.id === tip);
  const known = new Set((await officer.queue()).rows.map((row) => row.id));
  await home.form({ story: 'An offer that is too good', share: '1' }, { lang: 'en' });
  const row = await officer.row((each) => each.state === 'NEW' && each.priority === 3 && !known.has(each.id));
  tip = row.id;
  await officer.take(tip);
  assert.deepEqual(await of(officer), []);
  const wanted = { ...ask, partner: 'helpers' };
  const seen = (await officer.post(url('/referrals/preview'), wanted)).body;
  const sent = await officer.post(url('/referrals'), { ...wanted, ref: seen.ref, created_s: seen.created_s, hash: seen.hash });
  assert.equal(sent.body.now.state, 'REFERRED', JSON.stringify(sent.body));
  for (const desk of [officer, other]) {
    const [{ since_ms: since, ...owes }, ...rest] = await of(desk);
    assert.deepEqual(owes, { id: tip, seq: row.seq, name: 'Partner helpers', overdue: false });
    assert.ok(Math.abs(since - Date.now()) < 3600e3);
    assert.deepEqual(rest, []);
  }
  assert.ok((await officer.get('/api/handover')).body.open.every((each) => each.id !== tip), 'it is no P1 or P2');
  assert.equal((await officer.post(url('/referrals/ack'), { word: 'rejected', reason: 'no room' })).status, 200);
  assert.deepEqual(await of(officer), []);
});

test('a number is masked until it is asked for with a reason, which is kept', async () => {
  const hook = twilioRequest(`${home.url}/sms/twilio`, home.secret('twilio'), { From: '+85512777888', Body: 'please call me they lock the door' });
  assert.equal((await insist(() => request(hook.url, hook))).status, 200);
  const { id } = await officer.row((row) => row.channel === 'sms');
  assert.equal((await other.post(`/api/tips/${id}/reveal`, { reason: 'to call back' })).status, 403);
  await officer.take(id);
  const shown = (await officer.get(`/api/tips/${id}`)).body;
  assert.ok(!JSON.stringify(shown).includes('12777888'), 'the number is nowhere');
  assert.equal((await officer.post(`/api/tips/${id}/reveal`, {})).status, 400);
  assert.equal((await officer.post(`/api/tips/${id}/reveal`, { reason: 'to call back' })).body.sender, '+85512777888');
  const { entries: all } = (await officer.get(`/api/tips/${id}`)).body;
  assert.deepEqual(all.filter((entry) => entry.kind === 'reveal').map((entry) => [entry.text, entry.who]), [['to call back', 'officer']]);
  const trail = (await officer.get('/api/audit')).body.entries;
  assert.ok(trail.some((one) => one.what === 'reveal'), 'it is in the trail');
  assert.ok(trail.some((one) => one.what === 'view' && one.note === 'handover'), 'so are the plans of all');
  const done = trail.filter((one) => one.tip === id && one.what === 'change').map(({ note }) => note);
  assert.deepEqual(done.reverse(), ['CLAIM', 'OPEN'], 'so is what was changed');
  assert.ok(trail.some((one) => one.tip === id && one.what === 'entry'), 'and what was written');
});

test('so is the number that a form gives', async () => {
  const given = { contact: '2', contact_number: '012 888 999', contact_safeword: 'mango' };
  assert.equal((await home.form({ story: 'write to my sister', ...given }, { lang: 'en' })).status, 200);
  const { id } = await officer.row((row) => row.state === 'NEW' && row.version >= 2, 'view=open&q=write+to+my+sister');
  assert.equal((await other.post(`/api/tips/${id}/reveal`, { reason: 'to call back' })).status, 403);
  await officer.take(id);
  const shown = (await officer.get(`/api/tips/${id}`)).body;
  assert.doesNotMatch(JSON.stringify(shown), /888[ ]?999/, 'the number is nowhere');
  assert.equal(shown.answers.find(({ name }) => name === 'contact_number').value, '•••99');
  assert.deepEqual((await officer.post(`/api/tips/${id}/reveal`, { reason: 'to call back' })).body, { contact_number: '012 888 999' });
  assert.deepEqual(await officer.get(`/api/tips/${id}`).then(({ body }) => body.entries.filter((entry) => entry.kind === 'reveal').map((entry) => entry.text)), ['to call back']);
  await officer.do(id, { event: 'RELEASE' }); // nobody has more than five
});

test('two tips are linked by an officer, shown on both, and unlinked', async () => {
  const words = 'the white van stands behind the market every night';
  for (const end of ['', ' again']) await home.form({ story: words + end, now: '3' }, { lang: 'en' });
  const query = 'view=open&q=white+van';
  await until('both are cases', async () => (await officer.queue(query)).rows.filter((row) => row.state === 'NEW').length === 2);
  const { rows: [a, b] } = await officer.queue(query);
  assert.deepEqual([a.alike, a.links], [1, 0]);
  await officer.take(a.id);
  const read = async () => (await officer.get(`/api/tips/${a.id}`)).body;
  const [like] = (await read()).alike;
  assert.equal(like.id, b.id);
  assert.ok(like.percent >= 70);
  const path = `/api/tips/${a.id}/links`;
  for (const [body, status] of [[{ target: b.id, kind: 'friends' }, 400], [{ target: a.id, kind: 'update' }, 400],
    [{ target: 'ff'.repeat(16), kind: 'update' }, 400], [{ target: b.id, kind: 'same event' }, 200]]) {
    assert.equal((await officer.post(path, body)).status, status, JSON.stringify(body));
  }
  assert.equal((await other.post(path, { target: b.id, kind: 'update' })).status, 403);
  assert.deepEqual((await read()).links.map(({ id, seq, kind, who }) => [id, seq, kind, who]), [[b.id, b.seq, 'same event', 'officer']]);
  // the other one's row says so too, though nobody has read it
  await other.row((row) => row.id === b.id && row.links === 1, query);
  assert.equal((await officer.ask('DELETE', `${path}/${b.id}`)).status, 200);
  assert.deepEqual((await read()).links, []);
  await other.row((row) => row.id === b.id && row.links === 0, query);
});

test('lowering a P1 and closing it wait for another officer, who agrees without the lease', async () => {
  await home.form({ story: 'They beat us right now', now: '1' }, { lang: 'en' });
  const { id } = await officer.row((row) => row.state === 'NEW' && row.priority === 1);
  const path = `/api/tips/${id}`;
  await officer.take(id);
  const wanted = await officer.do(id, { event: 'PRIORITY', priority: 3, reason: 'read again' });
  assert.equal(wanted.status, 202, JSON.stringify(wanted.body));
  assert.equal((await officer.get(path)).body.row.priority, 1);
  assert.equal((await officer.post(`${path}/agree`, { entry: wanted.body.pending })).status, 409); // the same officer
  const { asked } = (await other.get(`${path}/asked`)).body;
  assert.deepEqual(asked.map((one) => [one.id, one.asks, one.who, one.to, one.reason]),
    [[wanted.body.pending, 'PRIORITY', 'officer', 3, 'read again']]);
  const waiting = await other.row((row) => row.id === id && row.asked, 'view=second');
  assert.deepEqual([waiting.asked.n, waiting.asked.who, waiting.asked.what], [1, 'officer', 'PRIORITY']);
  assert.ok(waiting.asked.at_ms > 0);
  await until('all are counted', async () => (await other.queue()).header.seconds >= 1);
  assert.equal((await other.post(`${path}/agree`, { entry: asked[0].id + 1 })).status, 409);
  const agreed = await other.post(`${path}/agree`, { entry: asked[0].id });
  assert.equal(agreed.status, 200, JSON.stringify(agreed.body));
  assert.equal(agreed.body.now.priority, 3);
  assert.equal((await other.post(`${path}/agree`, { entry: asked[0].id })).status, 409); // once
  assert.deepEqual((await other.get(`${path}/asked`)).body.asked, []);
  await until('it waits no more', async () => !(await other.queue('view=second')).rows.some((row) => row.id === id));
  await other.row((row) => row.id === id && !row.asked);
  const last = (await officer.get(path)).body.entries.pop();
  assert.deepEqual([last.event, last.who, last.second, last.reason], ['PRIORITY', 'officer', 'dara', 'read again']);

  await home.form({ story: 'They beat us right now, two', now: '1' }, { lang: 'en' });
  const urgent = (await officer.row((row) => row.state === 'NEW' && row.priority === 1)).id;
  assert.equal((await other.do(urgent, { event: 'SUSPECT', reason: 'spam' })).status, 202); // hidden by nobody alone
  assert.equal((await other.do(urgent, { event: 'LINK', target: id })).status, 409); // nor by who has not claimed it
  assert.equal((await officer.do(urgent, { event: 'CLAIM', priority: 2 })).status, 409);
  await officer.take(urgent);
  const early = await officer.do(urgent, { event: 'CLOSE', disposition: 'SAFETY_PLAN_ONLY', reason: 'done' });
  assert.equal((await officer.do(urgent, { event: 'CHECK' })).status, 200);
  assert.equal((await officer.do(urgent, { event: 'CHECKED' })).status, 200);
  assert.deepEqual((await other.get(`/api/tips/${urgent}/asked`)).body.asked, []); // it is not what it was
  assert.equal((await other.post(`/api/tips/${urgent}/agree`, { entry: early.body.pending })).status, 409);
  const close = await officer.do(urgent, { event: 'CLOSE', disposition: 'SAFETY_PLAN_ONLY', reason: 'done' });
  assert.equal(close.status, 202, JSON.stringify(close.body));
  assert.equal((await other.post(`/api/tips/${urgent}/agree`, { entry: close.body.pending })).body.now.state, 'CLOSED');
});

// An event of a case as QUEUE.md has it: what it says in clear, what is sealed, and a signature.
const hashed = (event) => 110 + event[109];
const remade = (clear, sealed, sign = () => crypto.randomBytes(64)) => {
  const said = Buffer.concat([clear.subarray(0, hashed(clear)), sealed.subarray(hashed(sealed), hashed(sealed) + 32)]);
  crypto.randomBytes(16).copy(said, 1);
  said.writeBigUInt64BE(said.readBigUInt64BE(42) + 1n, 42);
  return Buffer.concat([said, sign(said), sealed.subarray(hashed(sealed) + 96)]);
};

test('who can write to Redis can neither repeat an officer\'s words nor put them on another tip', async () => {
  const [here, there] = [tip, (await officer.row((row) => row.owner === 'officer' && row.id !== tip)).id];
  await officer.take(here);
  for (const id of [there, here]) {
    assert.equal((await officer.post(`/api/tips/${id}/entries`, { kind: 'consent', agreed: true, text: `on ${id}` })).status, 200);
  }
  const redis = await Client.open(at('redis/redis.sock'), 'desk', fs.readFileSync(at('redis/desk.pass'), 'utf8').trim());
  const [[, rows]] = await redis.do('XREAD', 'STREAMS', 'events', '0');
  const events = rows.map(([, fields]) => fields[1]);
  const last = (id) => events.filter((event) => event.subarray(17, 33).toString('hex') === id).pop();
  const add = async (...args) => {
    await redis.do('XADD', 'events', '*', 'r', remade(last(there), last(here), ...args));
    await redis.do('XADD', 'events', '*', 'r', remade(last(here), last(here), ...args));
  };
  const entriesOf = async (id) => (await officer.get(`/api/tips/${id}`)).body.entries;
  const before = await Promise.all([there, here].map(entriesOf));
  await add();
  await until('the desk tells of it', () => /E630/.test(home.log('desk')), 60000);
  assert.deepEqual(await Promise.all([there, here].map(entriesOf)), before);
  // not even with a desk's signature, which somebody has stolen
  const seed = Buffer.from(fs.readFileSync(at('keys/desk.key'), 'utf8').split('\n')[1], 'base64').subarray(0, 32);
  const key = crypto.createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
  await add((said) => crypto.sign(null, Buffer.concat([Buffer.from('tipline case v1\0'), said]), key));
  redis.close();
  for (const id of [there, here]) {
    let all;
    await until('the forged event is there', async () => {
      all = await entriesOf(id);
      return all.some((entry) => entry.forged);
    });
    assert.deepEqual(all.filter((entry) => entry.kind === 'consent').map((entry) => entry.text), [`on ${id}`]);
    assert.deepEqual(all.filter((entry) => entry.forged).map((entry) => [entry.event, entry.kind, entry.text]), [['NOTE', undefined, undefined]]);
  }
});

test('a P1 goes to police at once, and another officer looks at it afterwards', async () => {
  await home.form({ story: 'They are about to sell her', now: '1', share: '1', where_province: '12' }, { lang: 'en' });
  tip = (await officer.row((row) => row.state === 'NEW' && row.priority === 1)).id;
  await officer.take(tip);
  const seen = (await officer.post(url('/referrals/preview'), ask)).body;
  const sent = await officer.post(url('/referrals'), { ...ask, ref: seen.ref, created_s: seen.created_s, hash: seen.hash });
  assert.equal(sent.status, 200, JSON.stringify(sent.body));
  assert.equal(sent.body.now.state, 'REFERRED');
  assert.equal(sent.body.second_later, true);
  const asked = async () => (await other.get(url('/asked'))).body.asked;
  const [one, ...rest] = await asked();
  assert.deepEqual([one.asks, one.ref, one.who, rest.length], ['post-approve', seen.ref, 'officer', 0]);
  const marked = async () => (await officer.get(url(''))).body.row.flags.includes('second officer');
  await until('the row says so', marked, 60000);
  assert.equal((await officer.post(url('/agree'), { entry: one.id })).status, 409); // the same officer
  assert.equal((await other.post(url('/agree'), { entry: one.id })).status, 200);
  assert.deepEqual(await asked(), []);
  assert.equal((await other.post(url('/agree'), { entry: one.id })).status, 409);
  const last = (await entries()).pop();
  assert.deepEqual([last.kind, last.who, last.ref], ['post-approval', 'dara', seen.ref]);
  await until('the row says no more of it', async () => !(await marked()), 60000);
});

test('what the reporter takes back says so before all else', async () => {
  const page = (fields) => request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(),
  }).then((answer) => answer.body.toString());
  const own = receiptOf((await home.form({ story: 'nobody pays us here, marker-back' }, { lang: 'en' })).body.toString());
  for (const wish of ['stop', 'withdraw']) {
    const [, s] = /name="s" value="([^"]*)"/.exec(await page({ code: own }));
    await page({ s, do: wish });
  }
  const { flags } = await officer.row((row) => row.flags.includes('withdraw') && row.flags.includes('no contact'), 'view=open&q=marker+back');
  assert.equal(flags[0], 'withdraw');
});
