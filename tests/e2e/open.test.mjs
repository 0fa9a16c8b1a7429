// SPDX-License-Identifier: AGPL-3.0-or-later
// A partner makes a key, opens a referral that was sealed to its line, saves
// the file that came with it, and answers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sodium from 'libsodium-wrappers-sumo';
import { build } from './lib/home.mjs';
import { seal } from './lib/forge.mjs';

await sodium.ready;
let dir, line, desk, other;
const at = (name) => path.join(dir, name);
const write = (name, bytes) => { fs.writeFileSync(at(name), bytes, { mode: 0o600 }); return at(name); };

/** {status, out, err} of `tipline open`. */
const open = (...words) => new Promise((done) => {
  const env = { ...process.env, TIPLINE_PASSPHRASE_FILE: at('pass'), TIPLINE_NEW_PASSPHRASE_FILE: at('pass') };
  execFile(path.join(build, 'tipline'), ['open', ...words], { cwd: dir, env, encoding: 'utf8' },
    (error, out, err) => done({ status: error ? error.code : 0, out, err }));
});

/** The desk's public key as a key file. */
function deskFile(name, pair) {
  const text = `tipline key 1 intake-verify\n${Buffer.from(pair.publicKey).toString('base64')}\n`;
  const hash = Buffer.from(sodium.crypto_generichash(32, text)).subarray(0, 8).toString('hex');
  return { text, hash, path: write(name, text) };
}

const referral = (more = {}) => ({ x_profile: 'tipline-referral/1', x_ref: 'R-00c0ffee', x_priority: 'P1',
  x_safe_contact: 'NO CONTACT', x_summary: 'មនុស្ស ១១ នាក់\nthird floor \u202eevil', x_new: 'kept', ...more });

before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-'));
  write('pass', 'a long passphrase\n');
  desk = sodium.crypto_sign_keypair();
  other = sodium.crypto_sign_keypair();
  const made = await open('key', 'partner.key', '--cheap');
  assert.equal(made.status, 0, made.err);
  line = made.out.split('\n')[0];
});
after(() => fs.rmSync(dir, { recursive: true }));

const sealed = (report, raw, pair = desk) => seal(Buffer.from(line, 'base64').subarray(0, 32), pair, report, raw);

test('the line and the words can be printed again, and the key is not made twice', async () => {
  assert.equal(Buffer.from(line, 'base64').length, 64);
  const again = await open('line');
  assert.equal(again.out.split('\n')[0], line);
  assert.match(again.out, /words {3}\w{5}( \w{5}){7}\n/);
  assert.equal((await open('words', line)).out, again.out, 'as the team sees it, without the key');
  const swapped = Buffer.from(line, 'base64');
  swapped[63] ^= 1;
  assert.notEqual((await open('words', swapped.toString('base64'))).out.split('\n')[2], again.out.split('\n')[2]);
  assert.equal((await open('words', line.slice(1))).status, 1);
  const twice = await open('key', 'partner.key', '--cheap');
  assert.equal(twice.status, 1);
  assert.equal((await open('line')).out, again.out);
});

test('a referral is shown, and nothing in it acts on the terminal', async () => {
  const shown = await open('show', write('r.tip', sealed(referral())));
  assert.equal(shown.status, 0, shown.err);
  assert.match(shown.out, /^NO CONTACT .* Do not call, do not write/);
  assert.match(shown.out, /^WHO SENT THIS WAS NOT CHECKED/m);
  assert.match(shown.out, /^Reference: R-00c0ffee\n/m);
  assert.match(shown.out, /What is known:\n {2}\| មនុស្ស ១១ នាក់\n {2}\| third floor <U\+202E>evil\n/);
  assert.match(shown.out, /x_new:\n {2}\| kept\n/);
  assert.match(shown.err, /who sealed it was not checked/);
  const json = await open('show', at('r.tip'), '--json');
  assert.deepEqual(JSON.parse(json.out), referral());
});

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const PART = 1000000;
/** What a referral lists of a file. */
const listed = (bytes, n, more = {}) => ({ name: `R-00c0ffee-20261121T222640Z-${n}`, sha256: sha256(bytes), bytes: bytes.length, kind: 'image/jpeg', cleaned: true, ...more });
/** The parts that a file goes in, each sealed; change(head, part) may forge one. */
const parts = (bytes, item, { change = (head) => head, pair, raw = bytes } = {}) => Array.from({ length: Math.ceil(bytes.length / PART) }, (_, i) => sealed(
  change({ x_profile: 'tipline-enclosure/1', x_ref: 'R-00c0ffee', ...item, part: i + 1, parts: Math.ceil(bytes.length / PART) }), raw.subarray(i * PART, (i + 1) * PART), pair));
const photo = Buffer.from([0xff, 0xd8, 0xff, 1, 2, 3]);
const voice = Buffer.alloc(2 * PART + 5, 'ខ្មែរ');
const items = [listed(photo, 1), listed(voice, 2, { kind: 'application/x-evil', cleaned: false })];
const withFiles = () => sealed(referral({ x_evidence: items, x_evidence_until: '2026-12-21T22:26:40Z' }));

test('files that came with it are saved on request alone, whole, under names of ours', async () => {
  write('r.tip', withFiles());
  write('1.tip', Buffer.concat(parts(photo, items[0])));
  write('2.tip', Buffer.concat(parts(voice, items[1])));
  const listedOnly = await open('show', 'r.tip');
  assert.equal(listedOnly.status, 0, listedOnly.err);
  assert.match(listedOnly.out, /^Files that belong to it:\n/m);
  assert.match(listedOnly.err, /^2 files belong to it that are not here/m);
  const before = fs.readdirSync(dir).length;
  const shown = await open('show', 'r.tip', '2.tip', '1.tip');
  assert.equal(shown.status, 0, shown.err);
  assert.match(shown.err, /2 files came with it/);
  assert.doesNotMatch(shown.err, /not here/);
  assert.equal(shown.err.match(/who sealed it was not checked/g).length, 1);
  assert.equal(fs.readdirSync(dir).length, before);
  fs.mkdirSync(at('saved'));
  assert.equal((await open('show', 'r.tip', '2.tip', '1.tip', '--save', 'saved')).status, 0);
  assert.deepEqual(fs.readdirSync(at('saved')).sort(), ['R-00c0ffee-20261121T222640Z-1.jpg', 'R-00c0ffee-20261121T222640Z-2.bin']);
  assert.deepEqual(fs.readFileSync(at('saved/R-00c0ffee-20261121T222640Z-1.jpg')), photo);
  assert.ok(fs.readFileSync(at('saved/R-00c0ffee-20261121T222640Z-2.bin')).equals(voice));
  assert.equal(fs.statSync(at('saved/R-00c0ffee-20261121T222640Z-2.bin')).mode & 0o777, 0o600);
  const again = await open('show', 'r.tip', '1.tip', '--save', 'saved');
  assert.equal(again.status, 1);
  assert.match(again.err, /is there one already/);
  // in one file with it, as a partner may keep them
  write('all.tip', Buffer.concat([withFiles(), ...parts(photo, items[0]), ...parts(voice, items[1])]));
  const json = await open('show', 'all.tip', '--json');
  assert.equal(json.status, 0, json.err);
  assert.deepEqual(JSON.parse(json.out).x_evidence, items);
});

test('a file that is not the one of the list is refused, and nothing of it is saved', async () => {
  const [one, two] = [parts(photo, items[0]), parts(voice, items[1])];
  const changed = Buffer.from(one[0]);
  changed[changed.length - 200] ^= 1;
  const other2 = Buffer.from(voice);
  other2[PART + 7] ^= 1;
  const evil = (more) => ({ change: (head) => ({ ...head, ...more }) });
  fs.mkdirSync(at('none'));
  for (const [why, ...files] of [
    [/changed/, changed],
    [/cut/, one[0].subarray(0, -1)],
    [/a file with it was cut/, two[0], two[1]],
    [/missing, or not in its place/, two[0], two[2]],
    [/missing, or not in its place/, two[1], two[0], two[2]],
    [/missing, or not in its place/, two[0], one[0], two[1], two[2]],
    [/its hash is another/, ...parts(voice, items[1], { raw: other2 })],
    [/its hash is another/, ...parts(photo, items[0], { raw: Buffer.concat([photo, photo]) })],
    [/not in its list/, ...parts(voice, listed(voice, 3))],
    [/not in its list/, ...parts(photo, items[0], evil({ sha256: sha256(voice) }))],
    [/not in its list/, ...parts(photo, items[0], evil({ x_ref: 'R-00000000' }))],
    [/not as the format has it/, ...parts(photo, items[0], evil({ name: '../../evil.jpg' }))],
    [/not as the format has it/, ...parts(photo, items[0], evil({ parts: 2 }))],
    [/not as the format has it/, ...parts(photo, items[0], evil({ bytes: 17 * 1024 * 1024 }))],
    [/came twice/, ...one, ...one],
  ]) {
    write('odd.tip', Buffer.concat(files));
    const shown = await open('show', 'r.tip', 'odd.tip', '--save', 'none');
    assert.equal(shown.status, 1, String(why));
    assert.match(shown.err, why);
    const saved = fs.readdirSync(at('none'));
    assert.deepEqual(saved, /came twice/.test(String(why)) ? ['R-00c0ffee-20261121T222640Z-1.jpg'] : [], String(why));
  }
  const alone = await open('show', '1.tip');
  assert.match(alone.err, /name that one first/);
  assert.equal(alone.status, 1);
  const two2 = await open('show', 'r.tip', 'r.tip');
  assert.match(two2.err, /two referrals/);
  assert.equal(two2.status, 1);
  for (const odd of [[{ name: 'x' }], Array(9).fill(items[0]), [{ ...items[0], name: '../x' }]]) {
    const shown = await open('show', write('list.tip', sealed(referral({ x_evidence: odd }))));
    assert.equal(shown.status, 1);
    assert.match(shown.err, /its list of files/);
  }
  write('r.tip', sealed(referral()));
});

test('how the reporter is reached is in front, and what is not allowed', async () => {
  const show = async (contact, more = {}) => (await open('show', write('c.tip', sealed(referral({ x_safe_contact: contact, prs_MobilePhone: '+85512345678', ...more }))))).out;
  const call = await show({ method: 'call', value: '012 345 678', when: 'Sundays' }, { x_reporter_relation: 'parent' });
  assert.match(call, /^SAFE CONTACT ONLY\. By call, and in no other way: “012 345 678”\n.*not the person who needs help\.\nLeave no message\.\nDo not say who you are\.\nWhen it is safe: “Sundays”\n/);
  for (const odd of [undefined, '', 'call', { method: 'visit', value: '012 345 678' }]) {
    const out = await show(odd);
    assert.match(out, /^NO CONTACT /, JSON.stringify(odd));
    assert.doesNotMatch(out.split('\n')[0], /012/);
  }
});

test('a referral of another profile is not shown as if it were understood', async () => {
  const shown = await open('show', write('new.tip', sealed(referral({ x_profile: 'tipline-referral/2' }))));
  assert.deepEqual([shown.status, shown.out], [1, '']);
  assert.match(shown.err, /profile that this program does not know: --json/);
  assert.equal(JSON.parse((await open('show', at('new.tip'), '--json')).out).x_profile, 'tipline-referral/2');
});

test('what is cut, changed, empty or sealed to others is refused', async () => {
  const whole = sealed(referral());
  const changed = Buffer.from(whole);
  changed[whole.length - 200] ^= 1;
  const stranger = seal(Buffer.from(sodium.crypto_box_keypair().publicKey), desk, referral());
  for (const [bytes, why] of [[whole.subarray(0, -1), /cut/], [Buffer.concat([whole, Buffer.from('x')]), /cut/],
    [Buffer.alloc(0), /empty/], [Buffer.from('{}'), /no referral/], [changed, /changed/], [stranger, /sealed to other keys/]]) {
    const shown = await open('show', write('odd.tip', bytes));
    assert.equal(shown.status, 1, String(why));
    assert.match(shown.err, why);
  }
});

test('a wrong passphrase opens nothing', async () => {
  write('pass', 'another passphrase\n');
  const shown = await open('show', at('r.tip'));
  write('pass', 'a long passphrase\n');
  assert.equal(shown.status, 1);
  assert.equal(shown.out, '');
  assert.match(shown.err, /the passphrase is wrong/);
});

test('an answer is one line, signed by the partner for this use alone', async () => {
  const said = await open('answer', 'R-00c0ffee', '--word', 'rejected', '--reason', 'no room បន្ទប់ពេញ');
  assert.equal(said.status, 0, said.err);
  const [, json, sig] = /^tipline answer 1 (\S+) (\S+)\n$/.exec(said.out);
  const text = Buffer.from(json, 'base64');
  const answer = JSON.parse(text);
  assert.deepEqual([answer.ref, answer.status, answer.reason], ['R-00c0ffee', 'rejected', 'no room បន្ទប់ពេញ']);
  assert.ok(Math.abs(answer.at - Date.now() / 1000) < 600);
  const key = Buffer.from(line, 'base64').subarray(32);
  const bound = Buffer.concat([Buffer.from('tipline partner answer v1\0'), text]);
  assert.ok(sodium.crypto_sign_verify_detached(Buffer.from(sig, 'base64'), bound, key));
  assert.ok(!sodium.crypto_sign_verify_detached(Buffer.from(sig, 'base64'), text, key));
  assert.equal((await open('answer', 'R-1', '--word', 'maybe')).status, 1);
  assert.equal((await open('answer')).status, 2);
});

test('with the key of the desk it is said whether the desk has signed', async () => {
  const wrong = deskFile('desk.pub', desk);
  assert.equal((await open('show', at('r.tip'), '--desk', wrong.path)).status, 1, 'a key file without its check line');
  const keys = { mine: desk, other };
  for (const [name, pair] of Object.entries(keys)) {
    const { text, hash } = deskFile('x.pub', pair);
    write(`${name}.pub`, `${text}check ${hash}\n`);
  }
  const right = await open('show', at('r.tip'), '--desk', 'mine.pub');
  assert.equal(right.status, 0, right.err);
  assert.equal(right.err, '');
  const forged = await open('show', at('r.tip'), '--desk', 'other.pub');
  assert.equal(forged.status, 1);
  assert.match(forged.err, /NOT SIGNED BY THE DESK/);
  // a file of somebody else's making, behind the desk's own referral
  write('mine.tip', withFiles());
  write('theirs.tip', Buffer.concat(parts(photo, items[0], { pair: other })));
  fs.mkdirSync(at('theirs'));
  const theirs = await open('show', 'mine.tip', 'theirs.tip', '--desk', 'mine.pub', '--save', 'theirs');
  assert.equal(theirs.status, 1);
  assert.match(theirs.err, /NOT SIGNED BY THE DESK/);
  assert.deepEqual(fs.readdirSync(at('theirs')), []);
});
