// SPDX-License-Identifier: AGPL-3.0-or-later
// The rest of a reporter's way in a real browser through a running tipline:
// from the receipt through the three groups to the end, back with the code,
// and away, with and without scripts, over a slow line.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { freePort, Home, request, until } from '../e2e/lib/home.mjs';
import { press } from './lib/keys.mjs';

let home, browser, elsewhere, away;
const launch = {
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
    '--disable-component-update', '--no-first-run', '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
};

before(async () => {
  away = `https://127.0.0.1:${await freePort()}/weather`;
  home = await Home.start({
    edit: (conf) => conf.replace('[site]', `[site]\nexit_urls = default=${away}`),
  });
  elsewhere = https.createServer({
    key: fs.readFileSync(path.join(home.dir, 'tls/ecdsa.key')),
    cert: fs.readFileSync(path.join(home.dir, 'tls/ecdsa.crt')),
  }, (request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<title>weather</title><link rel=icon href=data:,>');
  }).listen(new URL(away).port, '127.0.0.1');
  browser = await chromium.launch(launch);
});
after(async () => {
  await browser?.close();
  elsewhere?.close();
  await home?.stop();
});

async function open(options = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: false, ignoreHTTPSErrors: true, viewport: { width: 360, height: 640 }, ...options,
  });
  return { context, page: await context.newPage() };
}

const mores = async (n) => {
  let found = [];
  await until(`${n} records that belong to a tip`, async () => {
    found = (await home.inbox()).filter((tip) => tip.kind === 'more');
    return found.length >= n;
  });
  return found;
};

/** Come back with the code, again while the page says that it takes too long just now. */
const enter = (page, typed) => until('the code is looked up', async () => {
  await page.goto(`${home.url}/en/c`);
  await page.locator('#code').fill(typed);
  const [answer] = await Promise.all([page.waitForResponse((one) => one.request().method() === 'POST'), press(page.locator('#send'))]);
  return answer.status() !== 503;
}, 240000);

let code;

test('without scripts the way leads through all groups to the end', async () => {
  const { context, page } = await open({ locale: 'km' });
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  try {
    await page.goto(`${home.url}/km/`);
    await page.locator('#story').fill('ជួយផង');
    await press(page.locator('#send'));
    code = await page.locator('#receipt').textContent();
    await press(page.locator('[name=go][value=next]'));
    await page.locator('[name=who][value="1"]').check();
    await page.locator('[name=minor][value="1"]').check();
    await press(page.locator('#send'));
    // now the page speaks to who writes
    assert.equal(await page.locator('[name=ind]').count(), 16);
    await page.locator('[name=ind][value="1"]').check();
    await page.locator('[name=ind][value="16"]').check();
    await page.locator('#perp').fill('ផ្ទះពណ៌ក្រហម <b>');
    await press(page.locator('#send'));
    // back by its button, and on: nothing is lost, nothing is sent twice
    await press(page.locator('[value=back]'));
    assert.equal(await page.locator('[name=ind]:checked').count(), 0, 'what was sent is not shown again');
    await press(page.locator('#send'));
    await page.locator('[name=contact][value="1"]').check();
    await page.locator('#number').fill('012345678');
    await page.locator('[name=official][value="1"]').check();
    await page.locator('#lang').selectOption('th');
    assert.equal(await page.locator('[name=share_knows]').count(), 0);
    await press(page.locator('#send'));
    assert.ok(await page.locator('a[href="/km/c"]').isVisible());
    assert.ok(!(await page.content()).includes('ក្រហម'));
    const records = await mores(3);
    const tip = (await home.inbox()).find((each) => each.text === 'ជួយផង');
    for (const record of records) assert.equal(record.form, tip.form);
    assert.deepEqual(records.map((record) => record.answers).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)), [
      { contact: '1', lang: 'th', official: '1' },
      { ind: ['1', '16'], perp: 'ផ្ទះពណ៌ក្រហម <b>' },
      { who: '1', minor: '1' },
    ]);
    for (const url of asked) assert.match(url, new RegExp(`^${home.url}/km/[abcf]?$`), 'nothing in an address');
    assert.deepEqual(await context.cookies(), []);
  } finally {
    await context.close();
  }
});

test('Back shows no word, and what the browser then sends again is the page before', async () => {
  const { context, page } = await open();
  const was = (await mores(3)).length;
  const sent = [];
  page.on('request', (request) => { if (request.method() === 'POST') sent.push(request); });
  try {
    await page.goto(`${home.url}/en/`);
    await page.locator('#story').fill('back and forth');
    await press(page.locator('#send'));
    await press(page.locator('[name=go][value=next]'));
    await page.locator('[name=who][value="4"]').check();
    await press(page.locator('#send'));
    assert.equal(await page.locator('h1').textContent(), 'What happens');
    const before = (await mores(was + 1)).length;
    // nothing is cached: the browser asks before it sends what led there
    await page.goBack().catch(() => {});
    assert.ok(!(await page.content().catch(() => '')).includes('back and forth'));
    for (const [what, heading] of [[sent[1], 'The people'], [sent[2], 'What happens']]) {
      const again = await request(what.url(), {
        method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: what.postData(),
      });
      assert.equal(again.status, 200);
      assert.ok(again.body.toString().includes(`<h1>${heading}</h1>`));
    }
    // what was sent after them has come, and so would they
    await home.form({ story: 'after back and forth' }, { lang: 'en' });
    await until('the last tip is there', async () => (await home.inbox()).some((tip) => tip.text === 'after back and forth'));
    assert.equal((await mores(1)).length, before, 'the same answers are the same record');
  } finally {
    await context.close();
  }
});

test('a state that was changed, or is none, leads to a page that says nothing', async () => {
  const send = (body) => request(`${home.url}/en/b`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body,
  });
  const { body } = await home.form({ story: 'state' }, { lang: 'en' });
  const [, state] = /name="s" value="([^"]+)"/.exec(body.toString());
  const bad = [state.slice(0, -1), state.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')), '', 'x', 'A'.repeat(5000)];
  const pages = [];
  for (const s of bad) {
    const answer = await send(`s=${s}&g=1&who=1&perp=secret`);
    assert.equal(answer.status, 200);
    pages.push(answer.body.toString());
  }
  assert.equal(new Set(pages).size, 1);
  assert.match(pages[0], /This page is closed/);
  assert.ok(!pages[0].includes('secret'));
  assert.match((await send(`s=${state}&g=1&who=1`)).body.toString(), /What happens/);
});

test('a field of any length is told, and never a 503 for ever', async () => {
  for (const field of ['now', 'where_country', 'where_province', 'where_near', 'perp', 'who', 'website', 'k', 'other']) {
    const { status } = await home.form({ story: 'long', [field]: 'x'.repeat(200000) }, { lang: 'en' });
    assert.equal(status, ['website', 'k', 'other'].includes(field) ? 200 : 422, field);
  }
  const back = await home.form({ story: 'ខ'.repeat(10001) });
  assert.equal(back.status, 422);
  assert.ok(back.body.toString().includes('ខ'.repeat(10001)), 'a person gets it back');
});

test('who comes back with the code can write more, delete, stop and take back', async () => {
  const { context, page } = await open();
  try {
    await page.goto(`${home.url}/en/c`);
    await page.locator('#code').fill(code.replace(/^./, (digit) => String((Number(digit) + 1) % 10)));
    await press(page.locator('#send'));
    assert.ok(await page.locator('[role=alert]').isVisible(), 'a slip is told at once');
    // Khmer digits, hyphens, and what keyboards put between
    const typed = [...code].map((d, i) => String.fromCodePoint(0x17e0 + Number(d)) + (i % 4 === 3 ? '-\u200b ' : '')).join('');
    await enter(page, typed);
    assert.match(await page.locator('h1').textContent(), /Nothing can be shown/);
    const shown = (await page.locator('body').innerText()).toLowerCase();
    for (const word of ['police', 'rescue', 'traffick', 'ជួយ']) assert.ok(!shown.includes(word), word);
    assert.equal(page.url(), `${home.url}/en/c`, 'no code in the address');
    await press(page.locator('#send'));
    assert.ok(await page.locator('[role=alert]').isVisible(), 'nothing was written');
    await page.locator('#story').fill('they moved us');
    await press(page.locator('#send'));
    assert.equal(await page.locator('h1').textContent(), 'It has arrived.');
    for (const wish of ['delete', 'stop', 'withdraw']) {
      await enter(page, typed);
      await press(page.locator(`[name=do][value=${wish}]`));
      assert.equal(await page.locator('[role=alert]').count(), 0, wish);
    }
    const mine = await until('all four are there', async () => {
      const found = (await home.inbox()).filter((tip) => tip.kind === 'more' && tip.mailbox);
      return found.length >= 4 && found;
    });
    assert.equal(mine.length, 4);
    assert.deepEqual(mine.map((record) => record.wish?.[0] ?? record.text).sort(),
      ['delete-messages', 'no-contact', 'they moved us', 'withdraw']);
    const tip = (await home.inbox()).find((each) => each.text === 'ជួយផង');
    for (const record of mine) assert.ok(tip.mailboxes.includes(record.mailbox));
  } finally {
    await context.close();
  }
});

test('with scripts Close leaves no way back, and leaving empties the fields', async () => {
  const { context, page } = await open({ javaScriptEnabled: true });
  try {
    await page.goto(`${home.url}/en/`);
    await page.locator('#story').fill('nobody may read this');
    await page.locator('header a.x').click();
    await page.waitForURL(away);
    await page.goBack().catch(() => {});
    assert.ok(!page.url().includes('/en/'), 'its entry is gone from the history');
    await page.goto(`${home.url}/en/`);
    assert.equal(await page.locator('#story').inputValue(), '');
  } finally {
    await context.close();
  }
});

test('without scripts Close leads away, and Back shows no word that was typed', async () => {
  const { context, page } = await open();
  try {
    for (const sent of [false, true]) {
      await page.goto(`${home.url}/en/`);
      await page.locator('#story').fill('nobody may read that');
      if (sent) {
        await press(page.locator('#send'));
        await page.locator('#receipt').waitFor();
      }
      const code = sent ? await page.locator('#receipt').textContent() : 'no code';
      await page.locator('header a.x').click();
      await page.waitForURL(away);
      // from a page that was sent: the browser's own, which asks before it sends again
      await page.goBack().catch(() => {});
      const shown = await page.content().catch(() => '');
      assert.ok(!shown.includes('nobody may read') && !shown.includes(code), `sent: ${sent}`);
      if (!sent) assert.equal(await page.locator('#story').inputValue(), '');
    }
  } finally {
    await context.close();
  }
});

// What drives browsers in tests switches this memory off; telephones have it,
// and no-store does not keep a page out of it. Without scripts nothing does:
// docs/PAGES.md.
test('with scripts a page that the browser keeps in memory comes back without a word', async () => {
  const keeper = await chromium.launch({ ...launch, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  try {
    const page = await keeper.newPage({ ignoreHTTPSErrors: true });
    await page.goto(`${home.url}/en/`);
    await page.locator('#story').fill('nobody may read this');
    await page.locator('#near').fill('nor this');
    await page.evaluate(() => { document.isKept = true; });
    await page.goto(away);
    await page.evaluate(() => history.back());
    await page.waitForURL(`${home.url}/en/`, { waitUntil: 'commit' }); // nothing is loaded
    assert.ok(await page.evaluate(() => document.isKept), 'it is the same page');
    assert.equal(await page.locator('#story').inputValue(), '');
    assert.equal(await page.locator('#near').inputValue(), '');
    // from Close there is no way back, and one to a page with a code asks first
    await page.locator('#story').fill('sent now');
    await press(page.locator('#send'));
    const code = await page.locator('#receipt').textContent();
    await page.locator('footer a').click();
    await page.waitForURL(`${home.url}/en/s`);
    await assert.rejects(page.goBack(), /ERR_CACHE_MISS/);
    // the browser's own page of that error may still be coming
    const shown = await until('something is shown', () => page.content().catch(() => ''));
    assert.ok(!shown.includes(code));
  } finally {
    await keeper.close();
  }
});

test('the three presses of Shift may be 5 seconds apart each, and then it is over', async () => {
  const { context, page } = await open({ javaScriptEnabled: true, viewport: { width: 1280, height: 800 } });
  const said = () => page.locator('#t').textContent();
  try {
    await page.clock.install({ time: 0 });
    await page.goto(`${home.url}/en/`);
    await page.clock.pauseAt(3600000); // from here on time goes on by runFor() alone
    await page.keyboard.press('Shift');
    await page.clock.runFor(4900);
    await page.keyboard.press('Shift');
    assert.match(await said(), /^•• /);
    await page.clock.runFor(5100);
    assert.match(await said(), /expired/);
    await page.clock.runFor(5100);
    assert.equal(await said(), '');
    await page.keyboard.press('Shift');
    assert.match(await said(), /^• .*2 more times/, 'counted from the start');
    await page.clock.runFor(4900);
    await page.keyboard.press('Shift');
    await page.clock.runFor(4900);
    assert.equal(page.url(), `${home.url}/en/`);
    const left = page.waitForRequest(/\/x\?l=en$/);
    await page.keyboard.press('Shift');
    await left;
  } finally {
    await context.close();
  }
});

test('in Opera Mini, which saves data on 240 pixels, the way is one of plain pages and one more sentence', async () => {
  const { context, page } = await open({
    viewport: { width: 240, height: 320 },
    userAgent: 'Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/37.6334; U; km) Presto/2.12.423 Version/12.16',
    extraHTTPHeaders: { 'Save-Data': 'on' },
  });
  const asked = [];
  context.on('request', (each) => asked.push(each.method()));
  const fits = async () => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  try {
    await page.goto(`${home.url}/en/`);
    assert.match(await page.locator('main').innerText(), /sends your words through another company/);
    await fits();
    await page.locator('#story').fill('from a small phone');
    await press(page.locator('#send'));
    await page.locator('#receipt').waitFor();
    await fits();
    for (const heading of ['The people', 'What happens', 'You']) {
      await press(page.locator('[name=go][value=next]').last());
      assert.equal(await page.locator('h1').textContent(), heading);
      await fits();
    }
    await press(page.locator('[name=go][value=end]'));
    await fits();
    assert.deepEqual(asked, ['GET', 'POST', 'POST', 'POST', 'POST', 'POST'], 'one request for each page');
  } finally {
    await context.close();
  }
});

// But for the list of open tabs: Chromium writes into it what a form sent, so
// that it can ask to send it again, and no page can forbid that (docs/PAGES.md).
test('after the whole way no file of the browser has a word of it, but for its list of tabs', async () => {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'tl-profile-'));
  const words = ['xqstoryxq', 'xqnearxq', 'xqperpxq', 'xqmorexq'];
  const context = await chromium.launchPersistentContext(profile, {
    ...launch, javaScriptEnabled: false, ignoreHTTPSErrors: true, viewport: { width: 360, height: 640 },
  });
  let key;
  try {
    const page = await context.newPage();
    await page.goto(`${home.url}/en/`);
    await page.locator('#story').fill(words[0]);
    await page.locator('#near').fill(words[1]);
    await press(page.locator('#send'));
    key = await page.locator('#receipt').textContent();
    await press(page.locator('[name=go][value=next]'));
    await press(page.locator('#send'));
    await page.locator('#perp').fill(words[2]);
    await press(page.locator('#send'));
    await press(page.locator('[name=go][value=end]'));
    await enter(page, key);
    await page.locator('#story').fill(words[3]);
    await press(page.locator('#send'));
    assert.equal(await page.locator('h1').textContent(), 'It has arrived.');
    await page.locator('header a.x').click();
    await page.waitForURL(away);
    assert.deepEqual(await context.cookies(), []);
  } finally {
    await context.close();
  }
  const marks = [...words, key].flatMap((word) => [Buffer.from(word), Buffer.from(word, 'utf16le')]);
  let files = 0;
  let history = false;
  for (const name of fs.readdirSync(profile, { recursive: true })) {
    const file = path.join(profile, name);
    if (!fs.lstatSync(file).isFile()) continue;
    const bytes = fs.readFileSync(file);
    files += 1;
    history ||= bytes.includes(`${home.url}/en/`);
    if (/^Default\/Sessions\//.test(name)) continue;
    for (const mark of marks) assert.ok(!bytes.includes(mark), `${name} has ${mark}`);
  }
  fs.rmSync(profile, { recursive: true, force: true });
  assert.ok(files > 10 && history, 'this is where the browser keeps what it keeps: the address is there');
});

test('Shift three times closes where there is a keyboard, and only so', async () => {
  const { context, page } = await open({ javaScriptEnabled: true, viewport: { width: 1280, height: 800 } });
  try {
    await page.goto(`${home.url}/en/`);
    assert.ok(await page.evaluate(() => matchMedia('(hover:hover)').matches), 'a desktop');
    await page.locator('#story').focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+A');
    assert.equal(await page.locator('#story').inputValue(), 'AAA');
    await page.keyboard.press('Shift');
    await page.keyboard.press('Shift');
    assert.match(await page.locator('#t').textContent(), /^•• .*1 more time/);
    await page.keyboard.press('b');
    assert.equal(await page.locator('#t').textContent(), '');
    await page.keyboard.press('Shift');
    await page.keyboard.press('Shift');
    assert.equal(page.url(), `${home.url}/en/`);
    await page.keyboard.press('Shift');
    await page.waitForURL(away);
  } finally {
    await context.close();
  }
});

test('a phone\'s keyboard does not close by Shift', async () => {
  const { context, page } = await open({ javaScriptEnabled: true, isMobile: true, hasTouch: true });
  try {
    await page.goto(`${home.url}/km/`);
    for (let i = 0; i < 4; i++) await page.keyboard.press('Shift');
    assert.equal(page.url(), `${home.url}/km/`);
    assert.equal(await page.locator('#k').isVisible(), false, 'and nobody says that it does');
  } finally {
    await context.close();
  }
});

test('who cannot write speaks: a recording alone is a tip, and no sound is told', async () => {
  const { context, page } = await open();
  const amr = Buffer.concat([Buffer.from('#!AMR\n'), Buffer.alloc(100000, 0x3c)]);
  const send = async (file, story) => {
    await page.goto(`${home.url}/my/`);
    if (story) await page.locator('#story').fill(story);
    await page.locator('#voice').setInputFiles(file);
    await press(page.locator('#send'));
    await page.locator('#receipt').waitFor();
  };
  try {
    await send({ name: 'rec.amr', mimeType: 'audio/amr', buffer: amr });
    assert.equal(await page.locator('.e').count(), 0);
    await send({ name: 'a.txt', mimeType: 'audio/amr', buffer: Buffer.from('words') }, 'with a text');
    assert.equal(await page.locator('.e').count(), 1, 'the receipt says that it is no sound');
    const tips = await until('both are there', async () => {
      const found = (await home.inbox()).filter((tip) => tip.lang === 'my' && tip.attachments);
      return found.length === 2 && found;
    });
    assert.deepEqual(tips.map((tip) => tip.attachments[0].state).sort(), ['complete', 'wrong-kind']);
    assert.ok(tips.some((tip) => tip.text === 'with a text'));
  } finally {
    await context.close();
  }
});

test('photos come behind their warning, without scripts, from the receipt, the end and the code', async () => {
  const { context, page } = await open();
  const paper = (name) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4 ${name}`) });
  const add = async (...names) => {
    await press(page.locator('form[action="/en/f"] button'));
    const warned = await page.locator('.n ul').evaluate((e) => e.compareDocumentPosition(document.querySelector('#file')));
    assert.equal(warned, 4, 'the warning stands before the files');
    await page.locator('#file').setInputFiles(names.map(paper));
    await press(page.locator('#send'));
    assert.equal(await page.locator('h1').textContent(), 'It has arrived.');
    assert.equal(await page.locator('[role=alert]').count(), 0);
    assert.equal(page.url(), `${home.url}/en/f`);
  };
  try {
    const report = async (story) => {
      await page.goto(`${home.url}/en/`);
      await page.locator('#story').fill(story);
      await press(page.locator('#send'));
      return page.locator('#receipt').textContent();
    };
    await report('photos, one');
    await add('one.pdf', 'two.pdf');
    const key = await report('photos, two');
    await press(page.locator('[name=go][value=end]'));
    await add('four.pdf');
    await enter(page, key);
    await add('five.pdf');
    await page.locator('#file').setInputFiles(paper('six.pdf'));
    await press(page.locator('#send'));
    const records = await until('all are there', async () => {
      const found = (await home.inbox()).filter((tip) => tip.kind === 'more' && tip.attachments);
      return found.length >= 4 && found;
    });
    const tips = await home.inbox();
    const belongs = (name) => {
      const more = records.find((tip) => tip.attachments.some((file) => file.name === name));
      return tips.find((tip) => !tip.kind && (tip.form === more.form || tip.mailboxes?.includes(more.mailbox))).text;
    };
    assert.deepEqual(['two.pdf', 'four.pdf', 'five.pdf', 'six.pdf'].map(belongs),
      ['photos, one', 'photos, two', 'photos, two', 'photos, two']);
  } finally {
    await context.close();
  }
});

// How long it takes is counted from bytes in tests/e2e/weight.test.mjs; here it
// is told, since it says as much of the machine.
test('at 50 kbit/s and 800 ms the form comes and is sent', async (t) => {
  const { context, page } = await open();
  try {
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false, latency: 800, downloadThroughput: 50000 / 8, uploadThroughput: 50000 / 8,
    });
    let begin = Date.now();
    await page.goto(`${home.url}/my/`);
    t.diagnostic(`there after ${Date.now() - begin} ms`);
    await page.locator('#story').fill('slow');
    begin = Date.now();
    await press(page.locator('#send'));
    await page.locator('#receipt').waitFor();
    t.diagnostic(`sent after ${Date.now() - begin} ms`);
  } finally {
    await context.close();
  }
});
