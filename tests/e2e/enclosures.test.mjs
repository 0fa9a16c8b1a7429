// SPDX-License-Identifier: AGPL-3.0-or-later
// Files of a tip go with a referral: those that an officer chose and a second
// one agreed to, sealed to the partner, who gets what the reporter's picture is
// without its metadata; and nothing else.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from './lib/desk.mjs';
import { inject, intakeOf } from './lib/forge.mjs';
import { Home, build, receiptOf, request, until } from './lib/home.mjs';

const BOUNDARY = 'xxBOUNDARYxx';
let home, officer, other, chief, line, tip, photo, voice;
const at = (name) => path.join(home.dir, name);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const day = (ago) => new Date(Date.now() - ago * 86400e3).toISOString().slice(0, 10);

const open = (...words) => new Promise((done) => {
  const env = { ...process.env, TIPLINE_PASSPHRASE_FILE: at('partner.pass'), TIPLINE_NEW_PASSPHRASE_FILE: at('partner.pass') };
  execFile(path.join(build, 'tipline'), ['open', ...words], { cwd: home.dir, env, encoding: 'utf8' },
    (error, out, err) => done({ status: error ? error.code : 0, out, err }));
});

const text = (name, value) => Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
const file = (name, filename, bytes) => Buffer.concat([Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`), bytes, Buffer.from('\r\n')]);
const send = async (...parts) => {
  const body = Buffer.concat([text('k', randomBytes(16).toString('hex')), ...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
  const answer = await request(`${home.url}/en/a`, { method: 'POST', headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length }, body });
  assert.equal(answer.status, 200);
  return receiptOf(answer.body.toString());
};

before(async () => {
  home = await Home.start({ edit: (conf) => conf.replace(/^\[desk\]$/m, '[desk]\npartners = partners.json').replace(/^\[intake\]$/m, '[intake]\nfile_max = 6MiB') });
  fs.writeFileSync(at('partner.pass'), 'a long passphrase\n', { mode: 0o600 });
  line = (await open('key', 'partner.key', '--cheap')).out.split('\n')[0];
  const partner = (id, kind) => ({ id, name: `Partner ${id}`, kind, key: line, verified_on: day(1) });
  fs.writeFileSync(at('partners.json'), JSON.stringify({ partners: [partner('helpers', 'ngo'), partner('unit', 'police')] }), { mode: 0o644 });
  await Desk.add(home, 'dara');
  await Desk.add(home, 'vanna', 'supervisor');
  await home.desk();
  officer = await Desk.login(home);
  other = await Desk.login(home, { name: 'dara' });
  chief = await Desk.login(home, { name: 'vanna' });
  const sh = (command) => execFileSync('/bin/sh', ['-c', command], { cwd: home.dir, stdio: ['ignore', 'pipe', 'ignore'] });
  sh('pgmnoise 64 48 > n.pgm; pnmtojpeg n.pgm > a.jpg');
  sh('exiftool -q -overwrite_original -GPSLatitude=11.55 -GPSLatitudeRef=N -GPSLongitude=104.9 -GPSLongitudeRef=E -Artist=me a.jpg');
  photo = fs.readFileSync(at('a.jpg'));
  voice = Buffer.concat([Buffer.from('#!AMR\n'), randomBytes(2300000)]);
  await send(text('story', 'They took our passports'), text('minor', '1'), text('share', '1'), text('where_province', '12'),
    file('photo', 'Sok-Dara-house.jpg', photo), file('voice', 'my voice.amr', voice));
  tip = (await officer.row((row) => row.state === 'NEW')).id;
  await officer.take(tip);
});
after(() => home?.stop());

const url = (rest) => `/api/tips/${tip}${rest}`;
const raw = (desk, rest) => request(`${desk.url}${url(rest)}`, { headers: desk.headers });
const ask = { partner: 'unit', summary: 'Eleven people are held.', include: [], redact: [] };
const attachments = async () => (await officer.get(url(''))).body.attachments;
const order = (seen, wanted) => ({ ...wanted, ref: seen.ref, created_s: seen.created_s, hash: seen.hash });
const state = async () => (await other.row((row) => row.id === tip, 'view=open')).state;

test('no file leaves that was not chosen; what is chosen is in the preview, under a neutral name', async () => {
  const files = await until('all pieces are here', async () => {
    const all = await attachments();
    const seen = await officer.post(url('/referrals/preview'), { ...ask, files: all.map((each) => each.sha256) });
    return seen.status === 200 && all;
  }, 60000);
  assert.deepEqual(files.map((each) => [each.type, each.bytes, each.cleaned, each.state]).sort(),
    [['audio/amr', voice.length, false, 'complete'], ['image/jpeg', files.find((each) => each.cleaned).bytes, true, 'complete']]);
  assert.ok(files.find((each) => each.cleaned).bytes < photo.length);
  const none = (await officer.post(url('/referrals/preview'), ask)).body;
  assert.equal(none.preview.x_evidence, undefined);
  assert.equal(none.preview.x_evidence_until, undefined);
  const [picture] = files.filter((each) => each.cleaned);
  const seen = (await officer.post(url('/referrals/preview'), { ...ask, files: [picture.sha256] })).body;
  const [{ name, ...rest }, ...more] = seen.preview.x_evidence;
  assert.deepEqual([rest, more], [{ sha256: picture.sha256, bytes: picture.bytes, kind: 'image/jpeg', cleaned: true }, []]);
  assert.match(name, new RegExp(`^${seen.ref}-\\d{8}T\\d{6}Z-1$`));
  assert.equal(Date.parse(seen.preview.x_evidence_until) - Date.parse(seen.preview.x_created), 30 * 86400e3);
  assert.ok(!JSON.stringify(seen.preview).includes('Sok'));
  for (const odd of ['all', [1], ['00'], ['00'.repeat(32)], [picture.sha256, picture.sha256], Array(9).fill(picture.sha256), { 0: picture.sha256 }]) {
    assert.equal((await officer.post(url('/referrals/preview'), { ...ask, files: odd })).status, 400, JSON.stringify(odd));
  }
});

test('a second officer agrees to exactly these files, which can be looked at and do not leave before', async () => {
  const all = await attachments();
  const picture = all.find((each) => each.cleaned);
  const one = { ...ask, files: [picture.sha256] };
  const seen = (await officer.post(url('/referrals/preview'), one)).body;
  const both = { ...ask, files: [picture, all.find((each) => !each.cleaned)].map((each) => each.sha256) };
  assert.equal((await officer.post(url('/referrals'), order(seen, both))).status, 409);
  assert.equal((await officer.post(url('/referrals'), order(seen, ask))).status, 409);
  assert.equal((await officer.post(url('/referrals'), order(seen, one))).status, 202);
  assert.equal((await officer.get(url('/referrals/files/1'))).status, 409);
  const { entry } = (await other.get(url('/referrals'))).body;
  assert.deepEqual(JSON.parse(entry.text), seen.preview);
  const looked = await raw(other, '/referrals/look/1');
  assert.equal(looked.status, 200);
  assert.equal(sha256(looked.body), picture.sha256);
  for (const n of ['0', '2', 'x']) assert.equal((await other.get(url(`/referrals/look/${n}`))).status, 404);
  // it is refused, and comes again with a file more: nothing of the first word counts
  assert.equal((await other.do(tip, { event: 'REFUSE', reason: 'the recording too' })).status, 200);
  const again = (await officer.post(url('/referrals/preview'), both)).body;
  const sent = await officer.post(url('/referrals'), order(again, both));
  assert.equal(sent.status, 202, JSON.stringify(sent.body));
  assert.equal((await other.post(url('/referrals/approve'), { hash: seen.hash })).status, 409);
  assert.equal((await officer.get(url('/referrals/files/2'))).status, 409);
  assert.equal((await other.get(url(''))).status, 403);
  const agreed = await other.post(url('/referrals/approve'), { hash: again.hash });
  assert.equal(agreed.status, 200, JSON.stringify(agreed.body));
  assert.equal(agreed.body.now.state, 'REFERRED');
  assert.equal((await other.get(url('/referrals/look/1'))).status, 404);
});

test('the partner gets them sealed, byte for byte as they are listed, and nothing that was changed', async () => {
  const referral = await raw(officer, '/referrals/file');
  fs.writeFileSync(at('r.tip'), referral.body);
  for (const n of [1, 2]) {
    const sealed = await raw(officer, `/referrals/files/${n}`);
    assert.equal(sealed.status, 200);
    assert.match(sealed.headers['content-disposition'], new RegExp(`^attachment; filename=R-[0-9a-f]{8}-\\d{8}T\\d{6}Z-${n}\\.tip$`));
    assert.ok(!sealed.body.includes(photo.subarray(-40)) && !sealed.body.includes(voice.subarray(70000, 70040)));
    fs.writeFileSync(at(`${n}.tip`), sealed.body);
  }
  assert.equal((await officer.get(url('/referrals/files/3'))).status, 404);
  fs.mkdirSync(at('got'));
  const shown = await open('show', 'r.tip', '1.tip', '2.tip', '--desk', 'keys/desk.pub', '--save', 'got');
  assert.equal(shown.status, 0, shown.err);
  assert.equal(shown.err, '');
  const { x_evidence: listed } = JSON.parse((await open('show', 'r.tip', '--json')).out);
  assert.deepEqual(fs.readdirSync(at('got')).sort(), [`${listed[0].name}.jpg`, `${listed[1].name}.amr`]);
  const [got, heard] = fs.readdirSync(at('got')).sort().map((name) => fs.readFileSync(at(`got/${name}`)));
  assert.deepEqual([sha256(got), sha256(heard)], listed.map((each) => each.sha256));
  assert.ok(heard.equals(voice));
  assert.ok(photo.includes('Exif') && !got.includes('Exif'));
  assert.ok(got.includes(photo.subarray(-400)), 'its pixels are as they were');
  const changed = fs.readFileSync(at('2.tip'));
  changed[changed.length - 500] ^= 1;
  fs.writeFileSync(at('changed.tip'), changed);
  fs.mkdirSync(at('none'));
  const refused = await open('show', 'r.tip', 'changed.tip', '--desk', 'keys/desk.pub', '--save', 'none');
  assert.equal(refused.status, 1);
  assert.match(refused.err, /changed since it was sealed/);
  assert.deepEqual(fs.readdirSync(at('none')), []);
});

test('without Redis, where it would be written that a file leaves, none does', async () => {
  const before = (await officer.get(url(''))).body.entries.filter((entry) => entry.kind === 'referral-file').length;
  await home.kill('redis');
  const away = await raw(officer, '/referrals/files/1');
  assert.equal(away.status, 503);
  assert.equal(JSON.parse(away.body).error, 'redis');
  await home.run('redis');
  await until('it is there again', async () => (await raw(officer, '/referrals/files/1')).status === 200, 60000);
  const after = (await officer.get(url(''))).body.entries.filter((entry) => entry.kind === 'referral-file').length;
  assert.equal(after, before + 1);
});

test('what left stays listed, for each file, and who recalls the referral reads it', async () => {
  const { entries } = (await officer.get(url(''))).body;
  const left = entries.filter((entry) => entry.kind === 'referral-file');
  assert.deepEqual(left.map((entry) => [entry.who, entry.file.kind]), [['officer', 'image/jpeg'], ['officer', 'audio/amr'], ['officer', 'image/jpeg']]);
  const trail = (await chief.get('/api/audit?who=all')).body.entries.filter((one) => one.what === 'export' && one.tip === tip);
  for (const { file: { name, sha256: hash } } of left) assert.ok(trail.some((one) => one.note === `referral ${name} ${hash}`), name);
  const recalled = await chief.do(tip, { event: 'RECALL', reason: 'the wrong unit' });
  assert.equal(recalled.status, 200, JSON.stringify(recalled.body));
  const last = (await chief.get(url(''))).body.entries.filter((entry) => entry.event === 'RECALL').pop();
  assert.equal(last.left.partner, 'unit');
  assert.deepEqual(last.left.files.map((each) => [each.kind, each.who, each.times]), [['image/jpeg', 'officer', 2], ['audio/amr', 'officer', 1]]);
  assert.equal((await officer.get(url('/referrals/files/1'))).status, 409);
  // one that is on its way then has gone before, or does not go
  const all = { ...ask, files: last.left.files.map((each) => each.sha256) };
  const seen = (await officer.post(url('/referrals/preview'), all)).body;
  assert.equal((await officer.post(url('/referrals'), order(seen, all))).status, 202);
  assert.equal((await other.post(url('/referrals/approve'), { hash: seen.hash })).status, 200);
  const [went, again] = await Promise.all([raw(officer, '/referrals/files/2'), chief.do(tip, { event: 'RECALL', reason: 'once more' })]);
  assert.equal(again.status, 200, JSON.stringify(again.body));
  if (went.status === 200) {
    const written = (await chief.get(url(''))).body.entries;
    assert.ok(written.findLast((entry) => entry.kind === 'referral-file').id < written.findLast((entry) => entry.event === 'RECALL').id);
  } else {
    assert.equal(went.status, 409);
  }
});

test('where the reporter did not agree to police, their files do not go there either', async () => {
  await send(text('story', 'They hit my sister'), text('now', '2'), text('share', '2'), file('photo', 'b.jpg', photo));
  tip = (await officer.row((row) => row.state === 'NEW')).id;
  await officer.take(tip);
  const [picture] = await attachments();
  const wanted = { ...ask, files: [picture.sha256] };
  const seen = await until('it is here', async () => {
    const answer = await officer.post(url('/referrals/preview'), wanted);
    return answer.status === 200 && answer.body;
  });
  assert.equal(seen.gate.needs_exception, true);
  const refused = await officer.post(url('/referrals'), order(seen, wanted));
  assert.deepEqual([refused.status, refused.body.error], [409, 'gate']);
  assert.equal((await officer.get(url('/referrals/files/1'))).status, 409);
  assert.equal(await state(), 'TRIAGE');
});

test('who was asked and has refused is not told of, whatever the form says', async () => {
  const [picture] = await attachments();
  const wanted = { ...ask, partner: 'helpers', files: [picture.sha256] };
  const said = async (agreed) => assert.equal((await officer.post(url('/entries'), { kind: 'consent', agreed, text: 'by telephone' })).status, 200);
  const preview = async () => (await officer.post(url('/referrals/preview'), wanted)).body;
  assert.equal((await preview()).gate.all, 'passed'); // helpers, as the form says
  await said(false);
  const seen = await preview();
  assert.deepEqual([seen.gate.all, seen.gate.needs_exception], ['blocked', true]);
  assert.match(seen.gate.checks.find(({ check }) => check === 'consent').text, /has refused/);
  const refused = await officer.post(url('/referrals'), order(seen, wanted));
  assert.deepEqual([refused.status, refused.body.error], [409, 'gate']);
  await said(true);
  assert.equal((await officer.post(url('/referrals'), order(await preview(), wanted))).status, 200);
  const taken = () => Promise.all(['/referrals/file', '/referrals/files/1'].map(async (what) => (await raw(officer, what)).status));
  assert.deepEqual(await taken(), [200, 200]);
  await said(false); // since it was sent
  assert.deepEqual(await taken(), [409, 409]);
  assert.equal(JSON.parse((await raw(officer, '/referrals/files/1')).body).error, 'agreed');
  await said(true);
  assert.deepEqual(await taken(), [200, 200]);
  assert.equal((await officer.do(tip, { event: 'RELEASE' })).status, 200);
});

test('of what is taken back nothing more is handed out, but of a child or for a life', async () => {
  const code = await send(text('story', 'They keep our papers'), text('now', '2'), text('share', '1'), file('photo', 'd.jpg', photo));
  tip = (await officer.row((row) => row.state === 'NEW')).id;
  await officer.take(tip);
  const [picture] = await attachments();
  const sent = async (more) => {
    const wanted = { ...ask, partner: 'helpers', files: [picture.sha256], ...more };
    const seen = (await officer.post(url('/referrals/preview'), wanted)).body;
    const { status, body } = await officer.post(url('/referrals'), order(seen, wanted));
    if (status === 202) assert.equal((await other.post(url('/referrals/approve'), { hash: seen.hash })).status, 200);
    else assert.equal(status, 200, JSON.stringify(body));
  };
  const taken = () => Promise.all(['/referrals/file', '/referrals/files/1'].map(async (what) => (await raw(officer, what)).status));
  await sent();
  assert.deepEqual(await taken(), [200, 200]);
  const page = (fields) => request(`${home.url}/en/c`, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString() }).then((answer) => answer.body.toString());
  const [, s] = /name="s" value="([^"]*)"/.exec(await page({ code }));
  await page({ s, do: 'withdraw' });
  await officer.row((row) => row.id === tip && row.flags.includes('withdraw'));
  assert.deepEqual(await taken(), [409, 409]);
  assert.equal(JSON.parse((await raw(officer, '/referrals/file')).body).error, 'agreed');
  for (const exception of ['UNDER_18', 'IMMINENT_DANGER']) {
    assert.equal((await officer.do(tip, { event: 'RECALL', reason: 'they want it back' })).status, 200);
    await sent({ exception, exception_reason: 'she is fifteen' });
    assert.deepEqual(await taken(), [200, 200]);
  }
  assert.equal((await officer.do(tip, { event: 'RELEASE' })).status, 200);
});

test('of a P1 that went at once the second officer sees afterwards what has gone, its files too', async () => {
  await send(text('story', 'They are about to sell her'), text('now', '1'), text('share', '1'), file('photo', 'c.jpg', photo));
  tip = (await officer.row((row) => row.state === 'NEW' && row.priority === 1)).id;
  await officer.take(tip);
  const [picture] = await attachments();
  const wanted = { ...ask, files: [picture.sha256] };
  const seen = await until('it is here', async () => {
    const answer = await officer.post(url('/referrals/preview'), wanted);
    return answer.status === 200 && answer.body;
  });
  const sent = await officer.post(url('/referrals'), order(seen, wanted));
  assert.deepEqual([sent.status, sent.body.sent, sent.body.second_later], [200, true, true], JSON.stringify(sent.body));
  const { entry } = (await other.get(url('/referrals'))).body;
  assert.deepEqual(JSON.parse(entry.text), seen.preview);
  assert.equal(sha256((await raw(other, '/referrals/look/1')).body), picture.sha256);
  // another one goes after it, under a reference of its own: each of them is read and agreed to
  assert.equal((await officer.post(url('/referrals/ack'), { word: 'rejected', reason: 'not ours' })).status, 200);
  for (const rest of ['files/1', 'file']) assert.equal((await officer.get(url(`/referrals/${rest}`))).status, 409, 'not to who has rejected it');
  assert.equal((await officer.do(tip, { event: 'AGAIN' })).status, 200);
  assert.match((await officer.post(url('/referrals'), order(seen, wanted))).body.text, /sent already/);
  const next = (await officer.post(url('/referrals/preview'), ask)).body;
  assert.notEqual(next.ref, seen.ref);
  assert.equal((await officer.post(url('/referrals'), order(next, ask))).body.sent, true);
  const { asked } = (await other.get(url('/asked'))).body;
  assert.deepEqual(asked.map((each) => [each.asks, each.ref]), [['post-approve', entry.ref], ['post-approve', next.ref]]);
  const texts = await Promise.all(asked.map(async (each) => JSON.parse((await other.get(url(`/referrals?ref=${each.ref}`))).body.entry.text)));
  assert.deepEqual(texts, [seen.preview, next.preview]);
  assert.equal(sha256((await raw(other, `/referrals/look/1?ref=${seen.ref}`)).body), picture.sha256);
  for (const none of [`/look/1?ref=${next.ref}`, '?ref=R-00000000', `?ref=${seen.ref}0`]) assert.equal((await other.get(url(`/referrals${none}`))).status, 404, none);
  for (const { id, ref } of asked) {
    assert.equal((await other.post(url('/agree'), { entry: id })).status, 200);
    assert.equal((await other.get(url(`/referrals?ref=${ref}`))).status, 404);
  }
  assert.equal((await other.get(url('/referrals'))).status, 404);
  assert.equal((await other.get(url('/referrals/look/1'))).status, 404);
});

test('a file of which a part has not come, or that is not the one that was sent, stops the whole referral', async () => {
  const id = () => randomBytes(16).toString('hex');
  const piece = id();
  const report = (more) => ({ v: 1, received: new Date().toISOString().replace(/\.\d+Z/, 'Z'), channel: 'web', trust: 'web', priority: 2, answers: { share: '1' }, ...more });
  const of = (n, ids, hash, more = {}) => ({ file: n, field: 'photo', type: 'image/jpeg', bytes: 9, pieces: ids.length, sha256: hash, state: 'complete', ids, ...more });
  tip = id();
  const whole = sha256(Buffer.from('not this!'));
  const late = sha256(Buffer.from('late'));
  const cut = sha256(Buffer.from('cut'));
  const long = sha256(Buffer.from('long'));
  await inject(home, report({ id: piece, kind: 'piece', tip, file: 1, piece: 1 }), Buffer.from('some else'), intakeOf(home));
  await inject(home, report({ id: tip, text: 'made of pieces', attachments: [of(1, [piece], whole), of(2, [id()], late), of(3, [piece], cut, { state: 'incomplete' }),
    of(4, [piece], long, { bytes: 16 * 1024 * 1024 + 1 })] }), undefined, intakeOf(home));
  await officer.row((row) => row.id === tip && row.state === 'NEW');
  await officer.take(tip);
  const helpers = (...files) => ({ ...ask, partner: 'helpers', files });
  for (const [hash, why] of [[late, /Not all parts/], [cut, /not whole/], [long, /16 MiB/]]) {
    const answer = await officer.post(url('/referrals/preview'), helpers(hash));
    assert.equal(answer.status, 400);
    assert.match(answer.body.text, why);
  }
  const seen = await until('the piece is here', async () => {
    const answer = await officer.post(url('/referrals/preview'), helpers(whole));
    return answer.status === 200 && answer.body;
  });
  const refused = await officer.post(url('/referrals'), order(seen, helpers(whole)));
  assert.deepEqual([refused.status, refused.body.error], [409, 'damaged']);
  assert.equal(await state(), 'TRIAGE');
  assert.equal((await officer.get(url('/referrals/file'))).status, 409);
  const without = (await officer.post(url('/referrals/preview'), helpers())).body;
  assert.equal((await officer.post(url('/referrals'), order(without, helpers()))).body.now.state, 'REFERRED');
});
