// SPDX-License-Identifier: AGPL-3.0-or-later
// Who speaks instead of writing: what of it has not arrived is told, and never
// that there was nothing.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Home, receiptOf, request } from './lib/home.mjs';

const BOUNDARY = 'xxBOUNDARYxx';
const PIECE = 65000;
const FILES_KEPT = 10;
let home;

before(async () => {
  // room for ten pieces of files, and a relay that takes nothing away
  home = await Home.start({
    processes: ['redis', 'spool', 'intake'],
    edit: (conf) => conf.replace(/^\[spool\]$/m, '[spool]\nmax_records = 1000\nfiles_share = 1'),
  });
});

after(() => home?.stop());

const text = (name, value) => Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
const voice = (filename, bytes) => Buffer.concat([Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="voice"; filename="${filename}"\r\n`
  + 'Content-Type: application/octet-stream\r\n\r\n'), bytes, Buffer.from('\r\n')]);
const sound = (bytes) => Buffer.concat([Buffer.from('#!AMR\n'), randomBytes(bytes - 6)]);

const send = (place, ...parts) => {
  const body = Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
  return request(`${home.url}/en/${place}`, {
    method: 'POST', body,
    headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length },
  });
};
const sends = (story, ...parts) => send('a', text('k', randomBytes(16).toString('hex')), text('story', story), ...parts);

const NO_SOUND = /This is not a sound file/;
const NOT_ALL = /Not all of the recording has arrived/;
const NOT_SENT = /Not sent yet/;
const NOTHING = /Write or speak your message|Write something first/;

/** The page that a code leads to, and a way to send from there. */
async function comeBack(code) {
  const box = await request(`${home.url}/en/c`, { method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `code=${code}` });
  const state = /name="s" value="([^"]+)"/.exec(box.body.toString())[1];
  return (story, ...parts) => send('c', text('s', state), text('story', story), ...parts, text('do', 'more'));
}

test('who sends what is no sound, and no word, is told so', async () => {
  const answer = await sends('', voice('a.webm', Buffer.from('\x1aE\xdf\xa3 what is this')));
  assert.equal(answer.status, 422);
  assert.match(answer.body.toString(), NO_SOUND);
  assert.doesNotMatch(answer.body.toString(), NOTHING);
  const none = await sends('', voice('', Buffer.alloc(0)));
  assert.equal(none.status, 422);
  assert.match(none.body.toString(), NOTHING);
  assert.doesNotMatch(none.body.toString(), NO_SOUND);
});

test('a body that is wrong behind the words costs none of them', async () => {
  const head = Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="voice"; filename="a.amr"\r\n`
    + 'Content-Type: audio/amr\r\nContent-Transfer-Encoding: binary\r\n\r\n');
  const odd = await sends('by an odd browser', head, sound(5000), Buffer.from('\r\n'));
  assert.equal(odd.status, 200);
  assert.match(receiptOf(odd.body), /^[\d ]+$/);
  assert.match(odd.body.toString(), NOT_ALL);
  const line = await sends('and a line more', Buffer.from(`--${BOUNDARY}--\r\n\r\n`));
  assert.equal(line.status, 200);
  assert.doesNotMatch(line.body.toString(), NOT_ALL);
  assert.equal((await sends('', head, sound(5000), Buffer.from('\r\n'))).status, 400);
});

test('a recording of which not all could be kept is not said to have arrived', async () => {
  const fits = await sends('all of it', voice('a.amr', sound(2 * PIECE)));
  assert.doesNotMatch(fits.body.toString(), NOT_ALL);
  const answer = await sends('with words', voice('a.amr', sound((FILES_KEPT + 3) * PIECE)));
  assert.equal(answer.status, 200);
  assert.match(receiptOf(answer.body), /^[\d ]+$/);
  assert.match(answer.body.toString(), NOT_ALL);
  // now there is room for none
  const alone = await sends(' ', voice('b.amr', sound(PIECE)));
  assert.equal(alone.status, 503);
  assert.match(alone.body.toString(), NOT_SENT);
  assert.doesNotMatch(alone.body.toString(), NOTHING);
  assert.equal(receiptOf(alone.body), undefined);
  // words are taken without it
  const words = await sends('words alone', voice('b.amr', sound(PIECE)));
  assert.equal(words.status, 200);
  assert.match(words.body.toString(), NOT_ALL);
});

test('so is one of who comes back with the code', async () => {
  const says = await comeBack(receiptOf((await sends('and I will speak')).body));
  const words = await says('some words', voice('c.amr', sound(PIECE)));
  assert.equal(words.status, 200);
  assert.match(words.body.toString(), NOT_ALL);
  const alone = await says('', voice('c.amr', sound(PIECE)));
  assert.equal(alone.status, 503);
  assert.match(alone.body.toString(), NOT_SENT);
  const wrong = await says('', voice('c.exe', Buffer.from('MZ what is this')));
  assert.equal(wrong.status, 422);
  assert.match(wrong.body.toString(), NO_SOUND);
});
