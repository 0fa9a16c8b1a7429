// SPDX-License-Identifier: AGPL-3.0-or-later
// The operator's own sentences: on the pages after a reload; with a mistake in
// them the pages stay as they were, and the log says file, line and key.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Home, request, until } from './lib/home.mjs';

let home;
const sound = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(40000, 'sound ')]);
const write = (name, text) => fs.writeFileSync(path.join(home.dir, 'words', name), text, { mode: 0o644 });
const page = async (lang) => (await request(`${home.url}/${lang}/`)).body.toString();
/** Reload until it shows: a signal during a reload is none. */
const reloaded = (what, check) => until(what, async () => {
  home.procs.intake.kill('SIGHUP');
  return until(what, check, 3000).catch(() => false);
}, 120000);

before(async () => {
  home = await Home.start({ processes: ['spool'], edit: (conf) => conf.replace('[site]', '[site]\nwords = words\nurgent_calls = TH=1300 "MM=+95 1 2"\nquestions = who official\nrecordings = spoken')
    .replace(/^languages = .*$/m, 'languages = km en') });
  fs.mkdirSync(path.join(home.dir, 'words'), { mode: 0o755 });
  write('en.txt', 'notice.read = People of Haven read this.\nurgent.call = +1 555 0100\nurgent.free = yes\n');
  write('km.txt', 'notice.read = មនុស្ស\u200bនឹង\u200bអាន\u200bវា។\n');
  fs.mkdirSync(path.join(home.dir, 'spoken'), { mode: 0o755 });
  fs.writeFileSync(path.join(home.dir, 'spoken/en.story.mp3'), sound);
  await home.run('intake');
  await home.ready();
});
after(() => home?.stop());

test('each language says its own, and that a call is free only where it is', async () => {
  const [en, km] = [await page('en'), await page('km')];
  assert.ok(en.includes('People of Haven read this.'));
  assert.match(en, /tel:\+15550100"[^]*It is free\./);
  assert.match(km, /tel:1288"/);
  assert.ok(!km.includes('មិន\u200bអស់\u200bប្រាក់'), 'nobody has said that 1288 is free');
});

test('numbers of other countries stand beneath, and only the questions of the operator are asked', async () => {
  assert.match(await page('en'), /tel:\+15550100"[^]*In another country[^]*tel:1300">Thailand: 1300<[^]*tel:\+9512">Myanmar: \+95 1 2</);
  const state = (text) => /name="s" value="([^"]+)"/.exec(text)[1];
  const go = async (fields) => (await request(`${home.url}/en/b`, { method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString() })).body.toString();
  const first = await go({ s: state((await home.form({ story: 'few questions' }, { lang: 'en' })).body.toString()), g: '0', go: 'next' });
  const names = (text) => [...new Set([...text.matchAll(/ name="(\w+)"/g)].map(([, name]) => name).filter((name) => !/^(s|g|go|viewport|robots)$/.test(name)))];
  assert.deepEqual(names(first), ['who']);
  const last = await go({ s: state(first), g: '1', who: '2', go: 'next' });
  assert.deepEqual(names(last), ['official', 'official_note']);
  assert.deepEqual(names(await go({ s: state(last), g: '3', go: 'back' })), ['who']);
  assert.match(await go({ s: state(last), g: '3', go: 'next' }), /What happens next/);
});

test('a question that was read aloud is heard behind its link, and no other', async () => {
  assert.match(await page('en'), /href="\/en\/v\/2">Listen, 40 KB</);
  assert.doesNotMatch(await page('km'), /\/v\//);
  const { status, headers, body } = await request(`${home.url}/en/v/2`);
  assert.deepEqual([status, headers['content-type'], headers['cache-control'], body.equals(sound)], [200, 'audio/mpeg', 'no-store', true]);
  assert.match(headers['content-security-policy'], /default-src 'none'; media-src 'self'/);
  for (const other of ['en/v/1', 'en/v/3', 'en/v/0', 'en/v/02', 'en/v/15', 'en/v/222', 'en/v/', 'en/v/x', 'km/v/2', 'en/v/2/2', 'en/v/a/2']) {
    assert.equal((await request(`${home.url}/${other}`)).status, 404, other);
  }
  assert.match(home.log('intake'), /E118 .*1 recorded/);
});

test('a mistake leaves the pages as they are and is named; mended, it is in force', async () => {
  write('en.txt', '\nnotice.read = No exclamation!\n');
  await reloaded('the mistake is named', () => /words\/en\.txt:2: notice\.read: .+/.test(home.log('intake')));
  write('en.txt', 'notice.act = We act.\n');
  await reloaded('what lacks is named', () => /words\/km\.txt: notice\.act: .+/.test(home.log('intake')));
  assert.ok((await page('en')).includes('People of Haven read this.'));
  write('en.txt', 'notice.read = We of Haven read this.\n');
  fs.writeFileSync(path.join(home.dir, 'spoken/km.now.mp3'), 'OggS, which is none');
  await reloaded('the wrong recording is named', () => /km\.now\.mp3: this is no MP3 file/.test(home.log('intake')));
  fs.rmSync(path.join(home.dir, 'spoken/km.now.mp3'));
  await reloaded('the mended one is shown', async () => (await page('en')).includes('We of Haven read this.'));
});
