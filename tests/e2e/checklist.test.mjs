// SPDX-License-Identifier: AGPL-3.0-or-later
// Rows of the pages' checklist (docs/PAGES.md) that need no browser: a form
// sent again, what is a recording, texts that are too long, digits of every
// script, and words that may not stand where others see them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { Home, receiptOf, request, until } from './lib/home.mjs';

const LANGUAGES = ['km', 'th', 'vi', 'zh-Hans', 'my', 'lo', 'ms', 'id', 'fil', 'bn', 'ne', 'en'];
const STORY_CHARS_MAX = 10000;
const FILE_MAX = 3 * 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';

let home;
before(async () => { home = await Home.start(); });
after(() => home?.stop());

const key = () => randomBytes(16).toString('hex');

const BOUNDARY = 'xxBOUNDARYxx';
const field = (name, value) => Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
const spoken = (story, bytes) => Buffer.concat([field('k', key()), field('story', story), Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="voice"; filename="a"\r\n`
  + 'Content-Type: application/octet-stream\r\n\r\n'), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
const head = (length) => `POST /en/a HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\n`
  + `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${length}\r\n`;
const send = (body) => request(`${home.url}/en/a`, {
  method: 'POST', body,
  headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`, 'Content-Length': body.length },
});

/** Tips with this text, once there is one. */
const tipsOf = (words) => until(`the tip "${words}"`, async () => {
  const found = (await home.inbox()).filter((tip) => tip.text === words && !tip.kind);
  return found.length > 0 && found;
}, 60000);

/** Say these bytes over TLS and leave without having read an answer. */
async function sayAndLeave(bytes) {
  const socket = tls.connect({ port: home.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  await new Promise((resolve) => socket.write(bytes, resolve));
  socket.destroy();
}

test('who lost the connection before the answer and sends again has one tip and a code that works', async () => {
  const body = new URLSearchParams({ k: key(), story: 'the answer was lost' }).toString();
  await sayAndLeave(`POST /en/a HTTP/1.1\r\nHost: 127.0.0.1:${home.port}\r\nContent-Type: ${FORM}\r\n`
    + `Content-Length: ${body.length}\r\n\r\n${body}`);
  const again = () => request(`${home.url}/en/a`, { method: 'POST', headers: { 'Content-Type': FORM }, body });
  const one = await again();
  const two = await again();
  const code = receiptOf(one.body);
  assert.match(code, /^([0-9]{20}|[0-9]{25})$/);
  assert.equal(receiptOf(two.body), code);
  const box = await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': FORM }, body: `code=${code}`,
  });
  assert.equal(box.status, 200);
  const [, state] = /name="s" value="([^"]+)"/.exec(box.body.toString());
  const more = await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': FORM }, body: new URLSearchParams({ s: state, do: 'more', story: 'it works' }).toString(),
  });
  assert.match(more.body.toString(), /It has arrived\./);
  const tips = await tipsOf('the answer was lost');
  assert.equal(tips.length, 1);
  const words = await until('the words behind the code', async () => (await home.inbox()).find((tip) => tip.text === 'it works'));
  assert.ok(tips[0].mailboxes.includes(words.mailbox));
});

const mp4 = (brand) => Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}`)]);
const kinds = {
  AMR: Buffer.from('#!AMR\n'),
  'wide AMR': Buffer.from('#!AMR-WB\n'),
  '3GP': mp4('3gp5'),
  M4A: mp4('M4A '),
  MP4: mp4('mp42'),
  'a base medium': mp4('isom'),
  OGG: Buffer.from('OggS'),
  'MP3 with tags': Buffer.from('ID3'),
  'MP3 without': Buffer.from([0xff, 0xfb]),
  WAV: Buffer.from('RIFF\x24\x00\x00\x00WAVE', 'latin1'),
};
for (const [what, first] of Object.entries(kinds)) {
  test(`${what} is a recording, whatever it is called`, async () => {
    const answer = await send(spoken(`spoken as ${what}`, Buffer.concat([first, Buffer.alloc(5000, 0x3c)])));
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.body.toString(), /class="e"/);
    const [tip] = await tipsOf(`spoken as ${what}`);
    assert.equal(tip.attachments[0].state, 'complete');
    assert.match(tip.attachments[0].type, /^(audio|video)\//);
  });
}

test('what is no recording, is too long, or ends too early costs no word', async () => {
  const wrong = await send(spoken('no sound', Buffer.from('%PDF-1.4 words')));
  assert.match(wrong.body.toString(), /This is not a sound file/);
  const fits = await send(spoken('just fits', Buffer.concat([kinds.AMR, Buffer.alloc(FILE_MAX - 6, 1)])));
  assert.doesNotMatch(fits.body.toString(), /class="e"/);
  const long = await send(spoken('one byte more', Buffer.concat([kinds.AMR, Buffer.alloc(FILE_MAX - 5, 1)])));
  assert.match(long.body.toString(), /This file is too big/);
  assert.match(receiptOf(long.body), /^[0-9]{20,25}$/);
  const body = spoken('said to be longer', Buffer.concat([kinds.AMR, Buffer.alloc(5000, 1)]));
  await sayAndLeave(Buffer.concat([Buffer.from(`${head(body.length + 100000)}\r\n`), body.subarray(0, body.length - 40)]));
  const states = [];
  for (const words of ['no sound', 'just fits', 'one byte more', 'said to be longer']) {
    const [tip] = await tipsOf(words);
    states.push(tip.attachments[0].state);
  }
  assert.deepEqual(states, ['wrong-kind', 'complete', 'too-large', 'incomplete']);
});

test('in every language a letter too many is told, with all letters still there', async () => {
  for (const lang of LANGUAGES) {
    const [letter] = [...new Intl.DisplayNames([lang], { type: 'language' }).of(lang)];
    const story = letter.repeat(STORY_CHARS_MAX + 1);
    const back = await home.form({ story }, { lang });
    assert.equal(back.status, 422, lang);
    const page = back.body.toString();
    assert.match(page, /role="alert"/, lang);
    assert.ok(page.includes(`>\n${story}</textarea>`), lang);
    assert.equal((await home.form({ story: story.slice(letter.length) }, { lang })).status, 200, lang);
  }
});

test('a code is read in the digits of every script, with what keyboards put between', async () => {
  const zeros = [0x17e0, 0x0e50, 0x0ed0, 0x1040, 0x1090, 0x09e6, 0x0966, 0xff10];
  const code = receiptOf((await home.form({ story: 'digits' }, { lang: 'en' })).body);
  // a slip in any script is told as one, and none is asked of the kdf
  const slip = code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
  const typed = (digits, zero) => [...digits].map((d, i) => String.fromCodePoint(zero + Number(d))
    + ['', '-', ' ', '\u200b', '\u00a0'][i % 5]).join('');
  const enter = async (text) => (await request(`${home.url}/en/c`, {
    method: 'POST', headers: { 'Content-Type': FORM }, body: new URLSearchParams({ code: text }).toString(),
  })).body.toString();
  for (const zero of zeros) {
    assert.match(await enter(typed(slip, zero)), /Please check the code/, zero.toString(16));
    assert.match(await enter(typed(code, zero)), /name="do" value="withdraw"/, zero.toString(16));
  }
  // the Burmese letter wa looks like their zero
  assert.match(await enter(typed(code, 0x1040).replaceAll('\u1040', '\u101d')), /name="do" value="withdraw"/);
});

// Police, rescue, trafficking, as each language has them.
const banned = {
  km: ['ប៉ូលិស', 'នគរបាល', 'សង្គ្រោះ', 'ជួញដូរ'],
  th: ['ตำรวจ', 'กู้ภัย', 'ค้ามนุษย์'],
  vi: ['công an', 'cảnh sát', 'giải cứu', 'buôn người'],
  'zh-Hans': ['警察', '公安', '解救', '贩卖', '拐卖'],
  my: ['ရဲတပ်ဖွဲ့', 'ကယ်တင်', 'လူကုန်ကူး'],
  lo: ['ຕຳຫຼວດ', 'ກູ້ໄພ', 'ຄ້າມະນຸດ'],
  ms: ['polis', 'menyelamat', 'pemerdagangan'],
  id: ['polisi', 'penyelamatan', 'perdagangan orang'],
  fil: ['pulis', 'sagip', 'trafficking'],
  bn: ['পুলিশ', 'উদ্ধার', 'পাচার'],
  ne: ['प्रहरी', 'उद्धार', 'बेचबिखन'],
  en: ['police', 'rescue', 'traffick'],
};
test('no title, no address and no page behind a code has a word that gives its reader away', async () => {
  const plain = (html) => html.replace(/<(style|script)>[^]*?<\/\1>/g, '').replaceAll('\u200b', '').toLowerCase();
  for (const lang of LANGUAGES) {
    const receipt = await home.form({ story: `words ${lang}` }, { lang });
    const box = await request(`${home.url}/${lang}/c`, {
      method: 'POST', headers: { 'Content-Type': FORM }, body: `code=${receiptOf(receipt.body)}`,
    });
    const page = (end) => request(`${home.url}/${lang}/${end}`).then(({ body }) => body.toString());
    const others = [await page(''), await page('c'), await page('s'), await page('i'), receipt.body.toString()];
    const seen = [plain(box.body.toString()), plain(await page('c')),
      ...others.map((html) => plain(/<title>([^<]*)<\/title>/.exec(html)[1])),
      ...others.flatMap((html) => [...html.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, at]) => at))];
    for (const word of [...banned[lang], ...banned.en, 'tipline']) {
      for (const text of seen) assert.ok(!text.includes(word), `${lang}: ${word} in ${text.slice(0, 200)}`);
    }
    for (const html of others) {
      for (const [, at] of html.matchAll(/(?:href|action)="(\/[^"]*)"/g)) {
        assert.match(at, /^\/(x\?l=)?[a-zA-Z-]+(\/[a-z]?)?$/, 'letters that say nothing');
      }
    }
  }
});
