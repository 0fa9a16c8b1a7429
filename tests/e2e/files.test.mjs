// SPDX-License-Identifier: AGPL-3.0-or-later
// Files that come with the form: sealed piece by piece, put together again at
// the desk, and never at the cost of the text.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { Home, receiptOf, request, sanitized, until } from './lib/home.mjs';

const MIB = 1024 * 1024;
const BOUNDARY = 'xxBOUNDARYxx';
const GROWS_MAX_KIB = 256;
let home;
let folder;

before(async () => {
  home = await Home.start({
    edit: (conf) => conf.replace(/^\[intake\]$/m, '[intake]\nworkers = 1\nfile_max = 6MiB'),
  });
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-files-'));
});

after(async () => {
  await home?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const text = (name, value) => Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
const file = (name, filename, bytes) => Buffer.concat([Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n`
  + 'Content-Type: application/octet-stream\r\n\r\n'), bytes, Buffer.from('\r\n')]);
const end = Buffer.from(`--${BOUNDARY}--\r\n`);
const form = (...parts) => Buffer.concat([...parts, end]);
const key = () => randomBytes(16).toString('hex');

const send = (body) => request(`${home.url}/en/a`, {
  method: 'POST',
  headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length },
  body,
});

const sound = (bytes) => Buffer.concat([Buffer.from('#!AMR\n'), randomBytes(bytes - 6)]);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The tip with this text, once the desk has it and all that came before. */
async function tipOf(words) {
  let tip;
  await until(`the tip "${words}"`, async () => {
    const { stdout } = await home.tipline('inbox', '--json', '--save', folder).catch((error) => error);
    tip = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).find((t) => t.text === words && !t.kind);
    return tip && (tip.attachments ?? []).every((a) => a.pieces === 0 || fs.existsSync(saved(tip, a)));
  }, 120000);
  return tip;
}

const saved = (tip, attachment) => fs.readdirSync(folder)
  .filter((name) => name.startsWith(`${tip.id}-${attachment.file}.`))
  .map((name) => path.join(folder, name))[0] ?? '/nowhere';

const kept = async () => (await home.spooled()).records;

/** What came before is the desk's: from now on the spool counts what comes. */
const emptied = () => until('all before has a receipt', async () => {
  await home.inbox();
  return await kept() === 0;
});

/** Say the first MiB of a form and leave when more than half of it is kept. */
async function sayHalf(place, whole) {
  await emptied();
  const socket = tls.connect({ port: home.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.write(`POST /en/${place} HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\n`
    + `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${whole.length}\r\n\r\n`);
  socket.write(whole.subarray(0, MIB));
  await until('more than half of it is kept', async () => await kept() * 65000 > MIB / 2);
  socket.destroy();
}

/** A number of /proc, in KiB. */
const memoryOf = (pid, what) => Number(
  new RegExp(`${what}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

test('a voice recording of 5 MiB comes whole, and the worker does not grow', async () => {
  const [worker, ...others] = home.workers();
  assert.equal(others.length, 0);
  const mostFor = async (words, voice) => {
    fs.writeFileSync(`/proc/${worker}/clear_refs`, '5'); // VmHWM from now on
    const answer = await send(form(text('k', key()), text('story', words), file('voice', 'my voice.amr', voice)));
    return { answer, most: memoryOf(worker, 'VmHWM') };
  };
  // a few pieces at the least, by code that runs for the first time
  await mostFor('with a cold start', sound(MIB / 4));
  const small = await mostFor('with a few words', sound(MIB / 4));
  const voice = sound(5 * MIB);
  const { answer, most } = await mostFor('with a voice', voice);
  const grown = most - small.most;
  assert.equal(answer.status, 200);
  assert.match(receiptOf(answer.body), /^[\d ]+$/);
  console.log(`# the worker grew by ${grown} KiB at most`);
  assert.ok(sanitized || grown < GROWS_MAX_KIB, `grew by ${grown} KiB`);
  const tip = await tipOf('with a voice');
  const [attachment] = tip.attachments;
  assert.equal(attachment.state, 'complete');
  assert.equal(attachment.type, 'audio/amr');
  assert.equal(attachment.name, 'my voice.amr');
  assert.equal(attachment.bytes, voice.length);
  assert.equal(attachment.ids.length, attachment.pieces);
  assert.equal(attachment.pieces, Math.ceil(voice.length / 65000));
  assert.equal(attachment.sha256, sha256(voice));
  assert.ok(fs.readFileSync(saved(tip, attachment)).equals(voice));
  assert.equal(fs.statSync(saved(tip, attachment)).mode & 0o777, 0o600);
});

test('a connection that is lost costs the rest of the file and not the tip', async () => {
  const voice = sound(2 * MIB);
  const whole = form(text('k', key()), text('story', 'the line went dead'), file('voice', 'a.amr', voice));
  await sayHalf('a', whole);
  const tip = await tipOf('the line went dead');
  const [attachment] = tip.attachments;
  assert.equal(attachment.state, 'incomplete');
  assert.ok(attachment.bytes > MIB / 2 && attachment.bytes <= MIB);
  assert.ok(fs.readFileSync(saved(tip, attachment)).equals(voice.subarray(0, attachment.bytes)));
  // sent again from the start: the same tip, and now the whole file
  const again = await send(whole);
  assert.equal(again.status, 200);
  const complete = await until('the whole file', async () => (await home.inbox())
    .find((t) => t.kind === 'more' && t.form === tip.form));
  assert.equal(complete.attachments[0].state, 'complete');
  assert.equal(complete.attachments[0].sha256, sha256(voice));
  assert.equal((await home.inbox()).filter((t) => t.text === 'the line went dead').length, 1);
  // what had come the first time was not stored a second time
  const first = new Set(attachment.ids);
  assert.ok(complete.attachments[0].ids.filter((id) => first.has(id)).length >= attachment.pieces - 1);
});

test('words do not wait for a recording that is slow to come', async () => {
  const voice = sound(300000);
  const whole = form(text('k', key()), text('story', 'help, and there is more'), file('voice', 'slow.amr', voice));
  const socket = tls.connect({ port: home.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.write(`POST /en/a HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\nConnection: close\r\n`
    + `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${whole.length}\r\n\r\n`);
  let said = 100000;
  socket.write(whole.subarray(0, said));
  const tip = await until('its words are a tip', async () => {
    socket.write(whole.subarray(said, said + 100));
    said += 100;
    return (await home.inbox()).find((t) => t.text === 'help, and there is more');
  });
  assert.ok(said < whole.length, 'before all of it was said');
  assert.deepEqual(tip.attachments ?? [], []);
  socket.write(whole.subarray(said));
  const answer = [];
  for await (const bytes of socket) answer.push(bytes);
  const page = Buffer.concat(answer).toString();
  assert.match(receiptOf(page), /^[\d ]+$/);
  assert.match(page, /It has arrived/);
  assert.doesNotMatch(page, /class="e"/);
  const more = await until('the recording belongs to it', async () => (await home.inbox())
    .find((t) => t.kind === 'more' && t.form === tip.form));
  assert.deepEqual([more.attachments[0].state, more.attachments[0].sha256], ['complete', sha256(voice)]);
  assert.equal((await home.inbox()).filter((t) => t.text === 'help, and there is more').length, 1);
});

test('who comes back with the code may speak, too', async () => {
  const receipt = await send(form(text('k', key()), text('story', 'speaks later')));
  const code = receiptOf(receipt.body);
  const back = (body) => request(`${home.url}/en/c`, { method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length }, body });
  const box = await request(`${home.url}/en/c`, { method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `code=${code}` });
  const s = /name="s" value="([^"]+)"/.exec(box.body.toString())[1];
  const voice = sound(MIB + 1);
  const said = await back(form(text('s', s), text('story', ''), file('voice', 'later.amr', voice), text('do', 'more')));
  assert.equal(said.status, 200);
  assert.match(said.body.toString(), /It has arrived/);
  const tip = await tipOf('speaks later');
  const of = (check) => until('it is at the desk', async () => (await home.inbox())
    .find((more) => more.kind === 'more' && more.tip === tip.id && check(more)));
  const more = await of(({ attachments }) => attachments?.[0].name === 'later.amr');
  assert.equal(more.text, '');
  assert.deepEqual([more.attachments[0].state, more.attachments[0].sha256], ['complete', sha256(voice)]);
  // words come with what is no sound, and that is told; neither is an error
  const words = await back(form(text('s', s), text('story', 'and these words'), file('voice', 'a.exe', Buffer.from('MZ what is this')), text('do', 'more')));
  assert.equal(words.status, 200);
  assert.match(words.body.toString(), /It has arrived[^]*This is not a sound file/);
  await of((m) => m.text === 'and these words');
  const large = await back(form(text('s', s), text('story', 'and more'), file('voice', 'b.amr', sound(6 * MIB + 1)), text('do', 'more')));
  assert.match(large.body.toString(), /It has arrived[^]*This file is too big/);
  assert.equal((await back(form(text('s', s), text('story', ' '), file('voice', '', Buffer.alloc(0)), text('do', 'more')))).status, 422);
});

test('a form that is sent twice makes one tip and one file', async () => {
  const body = form(text('k', key()), text('story', 'twice'), file('voice', 'a.amr', sound(100000)));
  const one = await send(body);
  const two = await send(body);
  assert.equal(receiptOf(one.body), receiptOf(two.body));
  const tip = await tipOf('twice');
  const tips = await until('what came with the second', async () => {
    const all = await home.inbox();
    return all.some((t) => t.kind === 'more' && t.form === tip.form) && all;
  });
  assert.equal(tips.filter((t) => t.text === 'twice').length, 1);
  const more = tips.filter((t) => t.kind === 'more' && t.form === tip.form);
  assert.equal(more.length, 1);
  assert.deepEqual(more[0].attachments, tip.attachments);
});

test('what is too large is cut, and what is no sound is refused; the text stays', async () => {
  const large = await send(form(text('k', key()), text('story', 'too large'),
    file('voice', 'a.amr', sound(7 * MIB)), file('voice', 'b.exe', Buffer.from('MZ and a program'))));
  assert.equal(large.status, 200);
  const tip = await tipOf('too large');
  assert.deepEqual(tip.attachments.map(({ state, bytes }) => ({ state, bytes })),
    [{ state: 'too-large', bytes: 6 * MIB }, { state: 'wrong-kind', bytes: 0 }]);
});

test('a body beyond every limit is answered all the same', async () => {
  const whole = form(text('k', key()), text('story', 'beyond'), file('voice', 'a.amr', sound(40 * MIB)));
  // as browsers do it, who look for an answer when they have said all
  const socket = tls.connect({ port: home.port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.pause();
  await once(socket, 'secureConnect');
  socket.write(`POST /en/a HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\n`
    + `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${whole.length}\r\n\r\n`);
  await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.write(whole, resolve);
  });
  const answer = [];
  for await (const bytes of socket) answer.push(bytes);
  const page = Buffer.concat(answer).toString();
  assert.match(page, /^HTTP\/1.1 200 /);
  assert.match(receiptOf(page), /^[\d ]+$/);
  assert.match(page, /This file is too big/);
  const tip = await tipOf('beyond');
  assert.equal(tip.attachments[0].state, 'too-large');
});

test('a page that takes no files takes no body of their length', async () => {
  for (const [page, status] of [['a', 100], ['b', 413], ['c', 100]]) {
    const socket = tls.connect({ port: home.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.write(`POST /en/${page} HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\nExpect: 100-continue\r\n`
      + `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${MIB}\r\n\r\n`);
    const [said] = await once(socket, 'data');
    assert.match(said.toString(), new RegExp(`^HTTP/1.1 ${status} `), page);
    socket.destroy();
  }
});

test('a voice without words is a tip', async () => {
  const answer = await send(form(text('k', key()), text('story', ''), file('voice', 'a.amr', sound(5000))));
  assert.equal(answer.status, 200);
  assert.equal((await tipOf('')).attachments[0].bytes, 5000);
  const nothing = await send(form(text('k', key()), text('story', ''), file('voice', '', Buffer.alloc(0))));
  assert.equal(nothing.status, 422);
});

test('where a picture was taken is gone, and its pixels are as they were', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-pictures-'));
  const sh = (command) => execFileSync('/bin/sh', ['-c', command], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] });
  sh('pgmnoise 320 240 > n.pgm; pnmtojpeg n.pgm > a.jpg; pnmtojpeg -progressive n.pgm > b.jpg; pnmtopng n.pgm > c.png');
  fs.writeFileSync(path.join(dir, 'd.webp'), Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64'));
  sh('exiftool -q -overwrite_original -GPSLatitude=11.55 -GPSLatitudeRef=N -GPSLongitude=104.9 -GPSLongitudeRef=E'
    + ' -Artist=me -Comment=secret -XMP:Creator=me a.jpg b.jpg c.png d.webp');
  const tagsOf = (name) => sh(`exiftool -a -G1 -s '${name}'`).toString();
  /** The chunk of a WebP that its pixels are in, from its name on. */
  const chunkOf = (bytes) => bytes.subarray(bytes.indexOf('VP8L'), bytes.indexOf('VP8L') + 8 + bytes.readUInt32LE(bytes.indexOf('VP8L') + 4));
  const pixelsOf = (name) => sha256(name.endsWith('webp') ? chunkOf(fs.readFileSync(path.resolve(dir, name))) : sh(name.endsWith('png') ? `pngtopnm '${name}'` : `jpegtopnm '${name}'`));
  const names = ['a.jpg', 'b.jpg', 'c.png', 'd.webp'];
  const pictures = names.map((name) => fs.readFileSync(path.join(dir, name)));
  names.forEach((name) => assert.match(tagsOf(name), /GPSLatitude/));
  const parts = names.map((name, i) => file('photo', name, pictures[i]));
  assert.equal((await send(form(text('k', key()), text('story', 'pictures'), ...parts))).status, 200);
  assert.equal((await send(form(text('k', key()), text('story', 'as they are'), text('as_is', '1'), ...parts))).status, 200);
  const cleaned = await tipOf('pictures');
  const kept = await tipOf('as they are');
  names.forEach((name, i) => {
    assert.equal(cleaned.attachments[i].cleaned, true);
    const there = saved(cleaned, cleaned.attachments[i]);
    assert.doesNotMatch(tagsOf(there), /GPS|Artist|Comment|Creator|XMP|IFD0|secret/);
    assert.equal(pixelsOf(there), pixelsOf(name));
    assert.equal(kept.attachments[i].cleaned, undefined);
    assert.ok(fs.readFileSync(saved(kept, kept.attachments[i])).equals(pictures[i]));
  });
  fs.rmSync(dir, { recursive: true });
});

const stateOf = (answer) => /name="s" value="([^"]+)"/.exec(answer.body.toString())[1];
const sendFiles = (body) => request(`${home.url}/en/f`, {
  method: 'POST',
  headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length },
  body,
});

test('photos that come later belong to the tip, from the receipt and with the code', async () => {
  const first = await home.form({ story: 'photos later' }, { lang: 'en' });
  const back = await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: `code=${receiptOf(first.body).replace(/ /g, '')}`,
  });
  const paper = Buffer.concat([Buffer.from('%PDF-1.4\n'), randomBytes(200000)]);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), randomBytes(3000)]);
  const all = (state, ...parts) => form(text('s', state), text('k', key()), ...parts);
  const one = all(stateOf(first), file('file', 'a.pdf', paper), file('file', 'b.heic', heic));
  const answer = await sendFiles(one);
  assert.equal(answer.status, 200);
  assert.match(answer.body.toString(), /It has arrived\.[\s\S]*We cannot take this kind of file/);
  assert.match((await sendFiles(one)).body.toString(), /It has arrived\./); // the same record
  const two = await sendFiles(all(stateOf(back), text('as_is', '1'), file('file', 'b.heic', heic)));
  assert.doesNotMatch(two.body.toString(), /role="alert"/);
  const big = await sendFiles(all(stateOf(back), file('file', 'c.pdf', Buffer.concat([paper, randomBytes(7 * MIB)]))));
  assert.match(big.body.toString(), /This file is too big/);
  const nine = Array.from({ length: 9 }, (_, i) => file('file', `${i}.pdf`, Buffer.from(`%PDF-1.4 number ${i}`)));
  assert.match((await sendFiles(all(stateOf(back), ...nine))).body.toString(), /Not sent yet/);

  const tip = await tipOf('photos later');
  const more = await until('four records of it', async () => {
    const { stdout } = await home.tipline('inbox', '--json', '--save', folder).catch((error) => error);
    const found = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line))
      .filter((t) => t.kind === 'more' && (t.form === tip.form || tip.mailboxes.includes(t.mailbox)));
    return found.length >= 4 && found.every((t) => t.attachments.every((a) => a.pieces === 0 || fs.existsSync(saved(t, a)))) && found;
  });
  assert.equal(more.length, 4, 'what is sent twice is one record');
  const told = more.map((t) => t.attachments.map(({ name, state }) => `${name} ${state}`).join(', ')).sort();
  assert.deepEqual(told.slice(1), ['a.pdf complete, b.heic wrong-kind', 'b.heic complete', 'c.pdf too-large']);
  assert.equal(told[0].split(', ').length, 8);
  const papers = more.find((t) => t.attachments[0].name === 'a.pdf');
  assert.ok(fs.readFileSync(saved(papers, papers.attachments[0])).equals(paper));
});

test('photos that are lost on the way belong to the tip as far as they came', async () => {
  const first = await home.form({ story: 'photos cut' }, { lang: 'en' });
  const paper = Buffer.concat([Buffer.from('%PDF-1.4\n'), randomBytes(2 * MIB)]);
  const whole = form(text('s', stateOf(first)), text('k', key()), file('file', 'a.pdf', paper));
  await sayHalf('f', whole);
  const tip = await tipOf('photos cut');
  const part = await until('its part', async () => (await home.inbox())
    .find((t) => t.kind === 'more' && t.form === tip.form));
  assert.equal(part.attachments[0].state, 'incomplete');
  assert.ok(part.attachments[0].bytes > MIB / 2);
  assert.equal((await sendFiles(form(text('s', 'none'), file('file', 'a.pdf', paper)))).status, 200); // says nothing
});

test('people are told what came with a tip', async () => {
  const { stdout } = await home.tipline('inbox');
  assert.match(stdout, /file 1: audio\/amr, 5242880 bytes, complete\n/);
  assert.doesNotMatch(stdout, /have not come/);
});
